"""Merges and pulls that are killed at any moment leave the old labels or the new ones, whole.

``WIRECOPY_KILLS`` says how often each command is killed: in turn at any time of a run, while it writes beside the old labels,
and when the new ones have taken their place and the old ones are cleared away.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from small_root import content, real_root, use
from wirecopy.corpus import load_corpus
from wirecopy.labels import LAYERS, LabelTree, gold_tree, read_registry, write_tree
from wirecopy.labelstudio.tasks import Prelabels, Registries, make_tasks
from wirecopy.validation import validate

KILLS = int(os.environ.get("WIRECOPY_KILLS", "10"))
SEED = 20231109
KILLED = -signal.SIGKILL
MOMENTS = ("any", "writing", "clearing")
# At least such parts of all kills fall while a run lives, leave something beside the labels, find the new ones in place.
ALIVE, BESIDE, NEW = 0.5, 0.25, 0.2


@dataclass
class Forks:
    """The process that forks, asked over its pipes."""

    process: subprocess.Popen[str]
    log: Path

    def ask(self, request: dict[str, Any]) -> int:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def begin(self, arguments: list[str], root: Path) -> int:
        return self.ask({"run": arguments, "root": str(root), "log": str(self.log)})

    def wait(self, pid: int) -> int:
        return self.ask({"wait": pid})

    def run(self, arguments: list[str], root: Path) -> None:
        """A run that nothing disturbs."""
        code = self.wait(self.begin(arguments, root))
        assert code == 0, self.log.read_text()


@dataclass
class Killer:
    """Begins a command and kills it; while it writes ``folder`` anew, there is a hidden one beside it."""

    forks: Forks
    folder: Path
    generator: random.Random = field(default_factory=lambda: random.Random(SEED))
    whole: float = 0.0
    writing: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)

    def measure(self, arguments: list[str], root: Path, folder: Path) -> None:
        """Run a command undisturbed, and see how long that takes, and how long the writing in it."""
        begun, before = time.monotonic(), hidden(folder)
        pid = self.forks.begin(arguments, root)
        self._wait_until(lambda: not hidden(folder) <= before)
        wrote = time.monotonic()
        assert self.forks.wait(pid) == 0, self.forks.log.read_text()
        ended = time.monotonic()
        self.whole, self.writing = ended - begun, ended - wrote

    def _wait_until(self, event: Callable[[], bool]) -> None:
        latest = time.monotonic() + 3 * self.whole + 1
        while not event() and time.monotonic() < latest:
            time.sleep(0.0002)

    def kill(self, arguments: list[str], root: Path, *, moment: str) -> None:
        """Begin a command and kill it with signal 9."""
        before, old = hidden(self.folder), self.folder.stat().st_ino
        pid = self.forks.begin(arguments, root)
        if moment == "any":
            time.sleep(self.generator.uniform(0, self.whole))
        elif moment == "writing":
            self._wait_until(lambda: not hidden(self.folder) <= before)
            time.sleep(self.generator.uniform(0, self.writing))
        else:
            self._wait_until(lambda: self.folder.stat().st_ino != old)
            time.sleep(self.generator.uniform(0, self.writing / 10))
        # It is not waited for yet, so the pid is still its own, whether it lives or not.
        os.kill(pid, signal.SIGKILL)
        code = self.forks.wait(pid)
        assert code in (0, KILLED), self.forks.log.read_text()
        self.counts["alive"] += code == KILLED
        self.counts["beside"] += code == KILLED and not hidden(self.folder) <= before
        self.counts["new"] += self.folder.stat().st_ino != old

    def check(self) -> None:
        """Whether enough of the kills fell where they were meant to."""
        print(f"{KILLS} kills, {dict(self.counts)}; a run takes {self.whole:.2f} s, {self.writing:.3f} s of it writing")
        for name, least in (("alive", ALIVE), ("beside", BESIDE), ("new", NEW)):
            assert self.counts[name] >= least * KILLS, self.counts


def hidden(folder: Path) -> set[str]:
    """The folders that a run writes in before they take the place of one, or leaves behind."""
    return {entry.name for entry in os.scandir(folder.parent) if entry.name.startswith(f".{folder.name}.")}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return use(real_root(tmp_path), monkeypatch)


@pytest.fixture
def forks(root: Path) -> Iterator[Forks]:
    # One thread: a fork has no other of its parent's.
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(Path(__file__).with_name("forks.py")), str(root), str(root / "annotations")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield Forks(process, root.parent / "said")


def renamed(tree: LabelTree) -> LabelTree:
    """The labels with another id, wherever it stands, for the entity that is named most often in one document alone."""
    homes: dict[str | None, Counter[str]] = {}
    for doc_id, held in (tree.entities or {}).items():
        for mention in held:
            homes.setdefault(mention.entity, Counter())[doc_id] += 1
    old = max((name for name, home in homes.items() if len(home) == 1), key=lambda name: (homes[name].total(), str(name)))

    def other(entity: str | None) -> str | None:
        return f"{old}-renamed" if entity == old else entity

    return replace(
        tree,
        entities={d: [replace(m, entity=other(m.entity)) for m in held] for d, held in (tree.entities or {}).items()},
        quotes={d: [replace(q, speaker=other(q.speaker)) for q in held] for d, held in (tree.quotes or {}).items()},
    )


def changes_of(root: Path) -> bytes:
    return (root / "CHANGELOG.md").read_bytes()


def versions_listed(changes: bytes) -> list[str]:
    """The headings of the data's versions, newest first."""
    data = changes.decode().split("## Data\n")[1].split("\n## ")[0]
    return re.findall(r"^### (.+)$", data, flags=re.MULTILINE)


def test_a_merge_that_is_killed_leaves_the_old_gold_labels_or_the_new_ones(root: Path, forks: Forks) -> None:
    trees = [root.parent / "renamed", root.parent / "as-they-were"]
    write_tree(renamed(gold_tree()), trees[0])
    write_tree(gold_tree(), trees[1])
    commands = [["label", "merge", str(tree), "--yes"] for tree in trees]
    raw = content(root / "corpus")
    # The same merges, none of them disturbed, one ahead of those that are killed.
    twin = root.parent / "twin"
    shutil.copytree(root, twin)
    killer = Killer(forks, root / "annotations")
    done = 0

    def state(folder: Path) -> tuple[dict[str, bytes], bytes]:
        # The twin's merge may have been a day earlier.
        return content(folder / "annotations"), re.sub(
            rb"^- \d{4}-\d{2}-\d{2}", b"- today", changes_of(folder), flags=re.MULTILINE
        )

    old = state(root)
    killer.measure(commands[0], twin, twin / "annotations")
    new = state(twin)
    assert new[0] != old[0]
    for number in range(KILLS):
        if state(root)[0] == new[0]:
            done += 1
            old = new
            killer.measure(commands[done % 2], twin, twin / "annotations")
            new = state(twin)
        killer.kill(commands[done % 2], root, moment=MOMENTS[number % 3])
        labels, changes = state(root)
        assert labels in (old[0], new[0])
        # The line in the list of changes comes first.
        assert changes == new[1] if labels == new[0] else changes in (old[1], new[1])
        listed = versions_listed(changes)
        assert len(listed) == len(set(listed))
        assert validate() == []
    forks.run(commands[done % 2], root)
    assert state(root) == new
    assert content(root / "corpus") == raw
    killer.check()


def registries() -> Registries:
    return Registries(
        entities={slug: entity["name"] for slug, entity in read_registry("entities").items()},
        stories={slug: (story["title"], tuple(story["topics"])) for slug, story in read_registry("stories").items()},
    )


def export(tree: LabelTree, folder: Path) -> list[str]:
    """Exports of all four tasks, in which an annotator has drawn what a tree holds."""
    folder.mkdir()
    corpus = load_corpus()
    paths = []
    for task in LAYERS:
        tasks = make_tasks(
            task,
            corpus=corpus,
            doc_ids=list(corpus),
            annotator="a9",
            prelabels=[Prelabels("drawn", tree)],
            registries=registries(),
            segmented=gold_tree(),
        )
        for number, made in enumerate(tasks, 1):
            (prediction,) = made.pop("predictions")
            annotation = {"id": number, "completed_by": 1, "was_cancelled": False, "result": prediction["result"]}
            made |= {"id": number, "annotations": [annotation], "drafts": [], "predictions": []}
        path = folder / f"{task}.json"
        path.write_text(json.dumps(tasks))
        paths.append(str(path))
    return paths


def without_last(tree: LabelTree) -> LabelTree:
    """The labels without the last mention of every document."""
    return replace(tree, entities={doc_id: held[:-1] for doc_id, held in (tree.entities or {}).items()})


def test_a_pull_that_is_killed_leaves_the_old_tree_or_the_new_one(root: Path, forks: Forks) -> None:
    trees = [gold_tree(), without_last(gold_tree())]
    exports = [export(tree, root.parent / f"exports-{number}") for number, tree in enumerate(trees)]
    output = root.parent / "pulled" / "tree"
    output.parent.mkdir()

    def command(number: int, folder: Path) -> list[str]:
        return ["label", "pull", *exports[number], "--output", str(folder)]

    states = []
    for number in (0, 1):
        write_tree(trees[number], root.parent / f"meant-{number}")
        states.append(content(root.parent / f"meant-{number}"))
        forks.run(command(number, root.parent / f"whole-{number}"), root)
        assert content(root.parent / f"whole-{number}") == states[number]
    killer = Killer(forks, output)
    killer.measure(command(0, output), root, output)
    assert content(output) == states[0]
    there = 0
    for number in range(KILLS):
        killer.kill(command(1 - there, output), root, moment=MOMENTS[number % 3])
        found = content(output)
        assert found in states
        there = states.index(found)
        assert validate(output) == []
    forks.run(command(1 - there, output), root)
    assert content(output) == states[1 - there]
    killer.check()
