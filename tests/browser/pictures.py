"""Takes the pictures of CONTRIBUTING.md: one page of each task, with labels drawn on authored text, as an annotator sees it.

Run as ``make pictures``; look at what it made before it is committed.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from browser.page import Labelling, labelling
from browser.serving import start, stop
from wirecopy.corpus import load_corpus
from wirecopy.derive import related_pairs
from wirecopy.labels import gold_tree
from wirecopy.labelstudio.client import connect
from wirecopy.labelstudio.projects import push

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "annotations" / "pictures"
SIZE = {"width": 1280, "height": 720}


def documents() -> list[str]:
    """Two documents of the validation split that print one story in different words: those with the least dirt."""
    split = load_corpus().split("validation")
    pairs = [pair for pair in related_pairs(gold_tree()) if pair.relation == "near_duplicate"]
    both = [[name.partition("#")[0] for name in (pair.a, pair.b)] for pair in pairs]
    held = [ids for ids in both if all(doc_id in split for doc_id in ids)]
    return min(held, key=lambda ids: sum(len(split[doc_id].entry.dirt) for doc_id in ids))


def take(page: Labelling, task: str, select: Callable[[Labelling], None]) -> None:
    """Open the first task of a project with the gold labels drawn, select a region, and keep the picture."""
    pushed = push(task, corpus=load_corpus(), documents=documents(), annotator="picture", prelabel="gold")
    first = connect().export(str(pushed.project)).tasks[0]["id"]
    page.open(pushed.project, first)
    select(page)
    page.page.mouse.move(5, 5)
    page.page.wait_for_timeout(800)
    page.screenshot(FOLDER / f"{task}.png")


def region(number: int) -> Callable[[Labelling], None]:
    """Click the region of that number in the order of the text."""

    def click(page: Labelling) -> None:
        page.page.locator(".htx-highlight").nth(number).click()

    return click


def main() -> int:
    """Start a server, take every picture, stop it."""
    os.environ.setdefault("WIRECOPY_LABEL_HOME", str(ROOT / "build" / "label-home"))
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        server = start(Path(folder) / "data")
        try:
            with labelling(server.url) as page:
                page.page.set_viewport_size({"width": SIZE["width"], "height": SIZE["height"]})
                page.log_in(server.email, server.password)
                for task, number in (("entities", 2), ("quotes", 2), ("segments", 2), ("duplicates", 1)):
                    take(page, task, region(number))
        finally:
            stop(server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
