"""Exports spoiled at random: never a traceback, and no label that the export does not hold or that cannot be right.

``WIRECOPY_MUTATIONS`` says how many (1,000 when left out). A failure names its seed; what once failed is kept in ``cases/``.
"""

import copy
import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from labelstudio.mutations import EXPORTS, Mutator, allowed
from labelstudio.small import CORPUS
from small_tree import corpus as corpus_files
from small_tree import write
from wirecopy.findings import FindingsError
from wirecopy.labels import DOCUMENT_LAYERS, PAIR_FILES, LabelTree, to_lines
from wirecopy.labelstudio.export import CODES, Pulled, pull, read_export_file, write_pulled
from wirecopy.validation import validate

CASES = sorted((Path(__file__).parent / "cases").glob("*.json"))
MUTATIONS = int(os.environ.get("WIRECOPY_MUTATIONS", "1000"))
BATCH = 100
# What an annotator may name that no registry has yet; stories and versions of the small corpus are in none.
UNKNOWN = {"unknown-entity", "unknown-story", "unknown-topic", "unknown-version"}


class Check:
    """Pulls exports from files and holds what comes of them against the rules; trees seen before are not validated again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._corpus = write(corpus_files(**{name: made.text for name, made in CORPUS.items()}), folder / "root") / "corpus"
        self._seen: set[tuple[bytes, ...]] = set()
        self.found: Counter[str] = Counter()

    def __call__(self, raw: bytes) -> None:
        path = self._folder / "export.json"
        path.write_bytes(raw)
        try:
            export = read_export_file(path)
        except FindingsError as error:
            self.found.update(finding.code for finding in error.findings)
            return
        result = pull([export], corpus=CORPUS)
        self.found.update(finding.code for finding in result.findings)
        for finding in result.findings:
            assert finding.code in CODES
            # What is printed can be printed.
            f"{finding}\n{json.dumps(finding.to_dict(), ensure_ascii=False)}".encode()
            assert "\n" not in str(finding)
        for state in result.states:
            str(state).encode()
        if result.findings:
            with pytest.raises(FindingsError):
                write_pulled(result, self._folder / "never")
            assert not (self._folder / "never").exists()
        else:
            self.found["right"] += 1
            self._right(export.tasks, result)

    def _right(self, tasks: list[dict[str, object]], result: Pulled) -> None:
        meant = allowed(tasks)
        assert {name: _bytes(tree) for name, tree in result.trees.items()} == {
            name: _bytes(tree) for name, tree in meant.items()
        }
        for tree in result.trees.values():
            key = _bytes(tree)
            if key not in self._seen:
                self._seen.add(key)
                self._validate(tree, result)

    def _validate(self, tree: LabelTree, result: Pulled) -> None:
        """The tree as it would be written, beside the small corpus."""
        folder = self._folder / f"tree{len(self._seen)}"
        write_pulled(Pulled({"one": tree}, result.states, []), folder)
        (folder / "corpus").symlink_to(self._corpus)
        wrong = [str(finding) for finding in validate(folder) if finding.code not in UNKNOWN]
        assert wrong == []


def _bytes(tree: LabelTree) -> tuple[bytes, ...]:
    """A tree as its files would be."""
    held = [
        f"{layer}/{doc_id} ".encode() + to_lines(records)
        for layer in DOCUMENT_LAYERS
        for doc_id, records in sorted((getattr(tree, layer) or {}).items())
    ]
    return (
        *held,
        *(f"{name} ".encode() + to_lines(pairs) for name in PAIR_FILES if (pairs := getattr(tree, name)) is not None),
    )


@pytest.fixture(scope="module")
def check(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Check]:
    yield Check(tmp_path_factory.mktemp("mutations"))


@pytest.mark.parametrize("case", CASES, ids=[case.stem for case in CASES])
def test_what_once_failed_does_not_fail_again(case: Path, check: Check) -> None:
    check(case.read_bytes())


@pytest.mark.parametrize("task", EXPORTS)
def test_an_export_that_is_not_spoiled_is_right(task: str, check: Check) -> None:
    before = check.found["right"]
    check(json.dumps(EXPORTS[task]).encode())
    assert check.found["right"] == before + 1


NESTED = (
    "completed_by", "was_cancelled", "id", "result", "result/0", "result/0/id", "result/0/value", "result/0/value/labels",
    "result/0/value/start", "result/0/value/text", "result/1/value/text", "parent_prediction",
)  # fmt: skip


@pytest.mark.parametrize("depth", [10, 300, 600, 700, 800, 850, 900, 950, 2000, 100_000])
@pytest.mark.parametrize("closed", [True, False])
def test_values_nested_to_any_depth_are_read_or_named(closed: bool, depth: int, check: Check) -> None:
    names = ("task", "annotator", "doc_id", "sha256", "text", "entities")
    places = [f"annotations/0/{name}" for name in NESTED] + [f"data/{name}" for name in names]
    for place in (*places, "annotations", "annotations/0", "drafts", "predictions", "meta", "id", "data"):
        held: Any = [copy.deepcopy(EXPORTS["entities"][0])]
        held[0]["drafts"] = [{"annotation": 47}] if place == "meta" else []
        inner, path = held[0], place.split("/")
        for key in path[:-1]:
            inner = inner[int(key) if key.isdecimal() else key]
        inner[int(path[-1]) if path[-1].isdecimal() else path[-1]] = "@"
        check(json.dumps(held).replace('"@"', "[" * depth + "]" * (depth if closed else 0), 1).encode())
    check(('{"tasks": ' + "[" * depth + "]" * depth + "}").encode())


@pytest.mark.parametrize("first", range(0, MUTATIONS, BATCH))
def test_a_spoiled_export_gives_findings_or_labels_that_are_right(first: int, check: Check) -> None:
    for seed in range(first, min(first + BATCH, MUTATIONS)):
        raw = Mutator(seed).bytes()
        try:
            check(raw)
        except BaseException:
            print(f"seed {seed}; keep it: Mutator({seed}).bytes()")
            raise


def test_mutations_reach_most_of_what_can_be_wrong_and_leave_some_exports_right(check: Check) -> None:
    assert check.found["right"] > 100
    assert len(set(check.found) & set(CODES)) >= (len(CODES) if MUTATIONS >= 10_000 else 25)
