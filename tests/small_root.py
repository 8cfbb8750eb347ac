"""Data roots for tests that write into the gold labels or the corpus: a small one, and one with the real files."""

import json
import shutil
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest
from small_tree import Files, lines, two_documents, write
from wirecopy.corpus import data_root
from wirecopy.counts import statistics
from wirecopy.labels import DOCUMENT_LAYERS, read_tree

CHANGES = """# Changes

## Data

### 1.0.0

- Two documents on a strike.

## Code

### 1.0.1

- The scorer is faster.
"""


def use(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder the data root: the package looks for it from the place of its own file."""
    # In the package that name is a function's.
    module = sys.modules["wirecopy.corpus"]
    monkeypatch.setattr(module, "__file__", str(root / "loaders" / "wirecopy" / "corpus.py"))
    assert data_root() == root.resolve()
    return root.resolve()


def small_root(folder: Path, monkeypatch: pytest.MonkeyPatch, files: Files | None = None) -> Path:
    """A data root with the gold labels of a few documents; those of the small tree where none are given."""
    given = two_documents() if files is None else files
    placed = {name if name.startswith("corpus/") else f"annotations/{name}": content for name, content in given.items()}
    root = write({**placed, "CHANGELOG.md": CHANGES}, folder / "root")
    (root / "corpus" / "wild").mkdir(parents=True)
    _write_json(root / "annotations" / "known_issues.json", [])
    use(root, monkeypatch)
    _write_json(root / "annotations" / "statistics.json", statistics())
    return root


def real_root(folder: Path) -> Path:
    """A data root with the five real files and their labels, and what of the registries they use; no authored document."""
    here, root = data_root(), folder / "root"
    found = sorted((here / "corpus" / "wild").glob("*.txt"))
    doc_ids = {path.stem for path in found}
    annotations = root / "annotations"
    (root / "corpus" / "wild").mkdir(parents=True)
    for path in found:
        shutil.copyfile(path, root / "corpus" / "wild" / path.name)
        for layer in DOCUMENT_LAYERS:
            (annotations / layer).mkdir(parents=True, exist_ok=True)
            name = f"{layer}/{path.stem}.jsonl"
            shutil.copyfile(here / "annotations" / name, annotations / name)
    _copy_lines("corpus/manifest.jsonl", root, lambda entry: entry["doc_id"] in doc_ids)
    _copy_lines("annotations/duplicates/versions.jsonl", root, lambda pair: _owner(pair["a"]) in doc_ids)
    _copy_lines("annotations/duplicates/blocks.jsonl", root, lambda pair: pair["a_doc"] in doc_ids)
    shutil.copyfile(here / "CHANGELOG.md", root / "CHANGELOG.md")
    shutil.copyfile(here / "annotations" / "version.json", annotations / "version.json")
    tree = read_tree(annotations)
    stories = {label.story for labels in (tree.segments or {}).values() for label in labels}
    entities = {mention.entity for mentions in (tree.entities or {}).values() for mention in mentions}
    entities |= {quotation.speaker for quotations in (tree.quotes or {}).values() for quotation in quotations}
    _copy_json("stories.json", root, stories)
    _copy_json("entities.json", root, entities)
    _write_json(annotations / "splits.json", {"train": [], "validation": [], "test": [], "wild": sorted(doc_ids)})
    _write_json(annotations / "known_issues.json", [])
    return root


def _owner(version: str) -> str:
    return version.partition("#")[0]


def _copy_lines(name: str, root: Path, keep: Callable[[dict[str, Any]], bool]) -> None:
    rows = (data_root() / name).read_text("utf-8").splitlines()
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(lines(*(record for row in rows if keep(record := json.loads(row)))), "utf-8")


def _copy_json(name: str, root: Path, keep: Collection[str | None]) -> None:
    held = json.loads((data_root() / "annotations" / name).read_text("utf-8"))
    _write_json(root / "annotations" / name, {key: value for key, value in held.items() if key in keep})


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", "utf-8")


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name below it."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def read_json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))
