"""Fills the figures into README.md and DATASHEET.md and writes ``annotations/statistics.json``, all from the data.

Run as ``make documents``. A region between ``<!-- begin: NAME -->`` and ``<!-- end: NAME -->`` is generated; all else is
written by hand. `test_documents.py` holds the files to what this module makes.
"""

import io
import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import wirecopy

ROOT = Path(__file__).resolve().parents[2]
# The measures that agreement is reported by: task, measure, output.
AGREEMENT = [
    ("duplicates/versions", "relations", "f1"),
    ("duplicates/blocks", "pairs", "f1"),
    ("segments/stories", "panoptic", "pq"),
    ("segments/topics", "boundaries_within_one", "f1"),
    ("segments/roles", "macro", "f1"),
    ("quotes", "exact", "f1"),
    ("quotes", "end_to_end", "f1"),
    ("quotes", "source", "f1"),
    ("quotes", "utterances", "f1"),
    ("entities", "strict", "f1"),
    ("entities", "ids_b_cubed", "f1"),
]
PASSES = ROOT / "annotations" / "passes"
REGION = re.compile(r"(<!-- begin: (\w+) -->\n).*?(<!-- end: \2 -->)", re.DOTALL)


def table(header: list[str], rows: list[list[Any]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


@cache
def figures() -> dict[str, Any]:
    return wirecopy.statistics()


@cache
def agreement() -> dict[str, Any]:
    return wirecopy.agreement(wirecopy.read_tree(PASSES / "a1"), wirecopy.read_tree(PASSES / "a2"))


def numbers() -> str:
    counts = figures()["all"]
    quotes, entities, duplicates = counts["quotes"], counts["entities"], counts["duplicates"]
    rows = [
        ["documents", f"{counts['documents']} ({counts['words']:,} words, {counts['chars']:,} code points)"],
        ["stories, story versions", f"{counts['stories']}, {counts['versions']}"],
        ["blocks with role, story, topic", f"{counts['segments']['blocks']:,}"],
        ["quotations", f"{quotes['quotations']:,} ({quotes['utterances']} utterances, {quotes['speakers']} speakers)"],
        ["named mentions", f"{entities['mentions']:,} ({entities['ids']} entities)"],
        ["pairs of versions", ", ".join(f"{n} {name}" for name, n in duplicates["versions"].items())],
        ["aligned blocks", ", ".join(f"{n} {name}" for name, n in duplicates["blocks"].items())],
    ]
    return table(["what", "how many"], rows)


def labels() -> str:
    counts = figures()["all"]
    kinds = {
        "roles of blocks": counts["segments"]["roles"],
        "types of quotations": counts["quotes"]["types"],
        "types of mentions": counts["entities"]["types"],
        "relations of versions": counts["duplicates"]["versions"],
        "relations of aligned blocks": counts["duplicates"]["blocks"],
    }
    return table(["layer", "labels"], [[name, ", ".join(f"{k} {v}" for k, v in kind.items())] for name, kind in kinds.items()])


def files() -> str:
    rows = []
    for doc_id, document in wirecopy.corpus().items():
        entry = document.entry
        named = entry.outlet or "not named", entry.published or "not named"
        rows.append([f"`{doc_id}`", f"{entry.bytes:,}", f"{entry.chars:,}", *named, ", ".join(entry.dirt).replace("_", " ")])
    return table(["document", "bytes", "code points", "outlet", "published", "kinds of dirt"], rows)


def named(measure: str, output: str) -> str:
    """A measure as a reader knows it; sources count as agreed where they overlap."""
    return f"{measure} {'overlap ' if measure == 'source' else ''}{output}".replace("_", " ")


def agreement_figures() -> str:
    result = agreement()
    rows = [["segments", f"Cohen's kappa, {name}", f"{v['value']:.3f}"] for name, v in result["kappa"].items()]
    rows += [[name, "Krippendorff's alpha over tokens", f"{v['value']:.3f}"] for name, v in result["alpha"].items()]
    scores = result["scores"]
    for task, measure, output in AGREEMENT:
        rows.append([task, named(measure, output), f"{scores[task][measure][output]:.3f}"])
    for label, values in scores["duplicates/blocks"]["pairs"]["labels"].items():
        rows.append(["duplicates/blocks", f"pairs {label} f1", f"{values['f1']:.3f}"])
    return table(["layer", "measure", "agreement"], rows)


def gold_against_passes() -> str:
    names = ("a1", "a2", "a3")
    scores = [wirecopy.score(wirecopy.read_tree(PASSES / name)).scores for name in names]
    rows = [
        [task, named(measure, output), *(f"{found[task][measure][output]:.3f}" for found in scores)]
        for task, measure, output in AGREEMENT
    ]
    return table(["layer", "measure", *(f"`{name}`" for name in names)], rows)


def scores() -> str:
    results = (ROOT / "RESULTS.md").read_text("utf-8")
    return next(part for part in results.split("\n\n") if part.startswith("|")).rstrip("\n") + "\n"


def canary() -> str:
    return f"`{wirecopy.read_registry('version')['canary']}`\n"


REGIONS = {
    "numbers": numbers,
    "labels": labels,
    "files": files,
    "agreement": agreement_figures,
    "passes": gold_against_passes,
    "scores": scores,
    "canary": canary,
}


def filled(name: str) -> str:
    """The document with every region made anew."""
    content = (ROOT / name).read_text("utf-8")
    return REGION.sub(lambda match: match[1] + REGIONS[match[2]]() + match[3], content)


def statistics_json() -> str:
    """What ``wirecopy stats --json`` prints."""
    return json.dumps(figures(), ensure_ascii=False, indent=2) + "\n"


def picture() -> str:
    """Some blocks of a document as ``wirecopy show`` prints them, as SVG without fonts from elsewhere."""
    from rich.console import Console
    from rich.terminal_theme import SVG_EXPORT_THEME
    from wirecopy.show import render

    console = Console(record=True, width=100, file=io.StringIO(), highlight=False)
    document = wirecopy.corpus()["002_40859690548f3ca6"]
    console.print(render(document, wirecopy.gold_tree(), blocks=range(11, 17)))
    svg = console.export_svg(title="wirecopy show 002", theme=SVG_EXPORT_THEME, unique_id="wirecopy")
    svg = re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)
    return svg.replace("Fira Code, monospace", "monospace")


def main() -> None:
    (ROOT / "annotations" / "statistics.json").write_text(statistics_json(), "utf-8")
    (ROOT / "annotations" / "labelled.svg").write_text(picture(), "utf-8")
    for name in ("README.md", "DATASHEET.md"):
        (ROOT / name).write_text(filled(name), "utf-8")


if __name__ == "__main__":
    main()
