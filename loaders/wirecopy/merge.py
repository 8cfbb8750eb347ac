"""Merges a label tree into the gold labels: shows what would change, checks before and after, writes all or nothing.

Conventions: the tree's documents replace the gold ones layer by layer; documents and layers that it does not hold stay.
Pairs of versions and blocks are replaced where both documents are in the tree. The labels that are replaced are kept as a
pass ``gold-<data version>``.
"""

import json
import os
import re
import shutil
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from wirecopy.corpus import Corpus, data_root, load_corpus
from wirecopy.counts import statistics
from wirecopy.differences import Difference, covered_documents, is_inside, tree_differences
from wirecopy.findings import Finding, FindingsError
from wirecopy.labels import (
    DOCUMENT_LAYERS,
    LAYERS,
    PAIR_FILES,
    LabelTree,
    Mention,
    read_registry,
    read_tree,
    replace_file,
    replace_folder,
    to_lines,
    write_file,
)
from wirecopy.validation import validate

CHANGELOG = "CHANGELOG.md"
_DATA_HEADING = "## Data\n"
# What the labels of a document that is not labelled yet live with, until a merge brings them.
_UNLABELLED = "label-file-missing"
_MERGED = re.compile(r"^- \d{4}-\d{2}-\d{2}: labels merged: .*\n?", flags=re.MULTILINE)


@dataclass(frozen=True)
class Plan:
    """A merge that has been worked out: what changes, and the gold labels after it."""

    corpus: Corpus
    differences: Sequence[Difference]
    gold: LabelTree
    merged: LabelTree
    files: Mapping[str, bytes]
    new_entities: Mapping[str, Mapping[str, str]]
    version: str
    unused: frozenset[tuple[str, str | None]]


def plan_merge(tree: str | Path, *, only: Sequence[str] | None = None, corpus: str | Path | None = None) -> Plan:
    """What merging a tree into the gold labels would change.

    Args:
        tree: the label tree.
        only: the layers to merge; every layer of the tree when left out.
        corpus: a folder with the raw files, where the package came without them.

    Raises:
        FindingsError: the gold labels or the tree have findings. An id of an entity that is new is none, and an entry of a
            registry that nothing uses yet is none either.
        ValueError: a layer is unknown or not in the tree.
    """
    annotations = data_root() / "annotations"
    findings, unused = _findings(annotations, corpus)
    if findings:
        raise FindingsError(findings)
    new, gold = read_tree(tree), read_tree(annotations)
    layers = _layers(new, only)
    new_entities = _new_entities(new if "entities" in layers else LabelTree(), read_registry("entities"))
    wrong = [
        finding
        for finding in validate(tree, corpus=corpus)
        if finding.file.split("/")[0] in layers and not (finding.code == "unknown-entity" and _named(finding) in new_entities)
    ]
    if wrong:
        raise FindingsError(wrong)
    merged = _merge(gold, new, layers)
    documents = load_corpus(corpus)
    return Plan(
        corpus=documents,
        differences=tree_differences(_with_empty(gold, new), new, layers=layers),
        gold=gold,
        merged=merged,
        files=_changed_files(merged, annotations),
        new_entities=new_entities,
        version=_next_version(str(read_registry("version")["version"])),
        unused=frozenset(unused),
    )


def _findings(annotations: Path, corpus: str | Path | None) -> tuple[list[Finding], list[tuple[str, str | None]]]:
    """The findings of gold labels, and apart from them the entries of registries that wait for labels to use them."""
    found = validate(annotations, corpus=corpus)
    waiting = [(finding.code, finding.record) for finding in found if finding.code.endswith("-unused")]
    return [finding for finding in found if not finding.code.endswith("-unused")], waiting


def _layers(tree: LabelTree, only: Sequence[str] | None) -> list[str]:
    for layer in only or ():
        if layer not in LAYERS:
            raise ValueError(f"unknown layer {layer!r}; expected one of {', '.join(LAYERS)}")
        if layer not in tree.layers:
            raise ValueError(f"the tree holds no {layer}; it has {', '.join(tree.layers)}")
    return [layer for layer in tree.layers if only is None or layer in only]


def _named(finding: Finding) -> object:
    """The id that a finding of an unknown entity is about."""
    record: dict[str, Any] = json.loads(finding.record or "{}")
    return record.get("entity" if finding.message.startswith("entity ") else "speaker")


def _new_entities(tree: LabelTree, registry: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Entries for ids that no registry has yet: the type of their mentions, and the longest surface as their name.

    An id whose mentions have two types gets none, and stays a finding.
    """
    mentions: dict[str, list[Mention]] = {}
    for records in (tree.entities or {}).values():
        for mention in records:
            if mention.entity is not None and mention.entity not in registry:
                mentions.setdefault(mention.entity, []).append(mention)
    made = {}
    for name, own in sorted(mentions.items()):
        kinds = {mention.type for mention in own}
        if len(kinds) == 1:
            longest = max((mention.text or "" for mention in own), key=lambda text: (len(text), text))
            made[name] = {"name": longest or name, "type": kinds.pop()}
    return made


def _merge(gold: LabelTree, new: LabelTree, layers: Collection[str]) -> LabelTree:
    held: dict[str, Any] = {
        layer: {**(getattr(gold, layer) or {}), **getattr(new, layer)} for layer in DOCUMENT_LAYERS if layer in layers
    }
    if "duplicates" in layers:
        both = covered_documents(new)
        for name in PAIR_FILES:
            pairs = getattr(new, name)
            if pairs is not None:
                kept = [pair for pair in getattr(gold, name) or () if not is_inside(pair, both)]
                held[name] = [*kept, *(pair for pair in pairs if pair.relation != "unrelated")]
    return replace(gold, **held)


def _with_empty(gold: LabelTree, new: LabelTree) -> LabelTree:
    """The gold labels with an empty list for what only the new tree labels, so that all of it counts as added."""
    held: dict[str, Any] = {
        layer: {**dict.fromkeys(getattr(new, layer) or (), ()), **(getattr(gold, layer) or {})} for layer in DOCUMENT_LAYERS
    }
    return replace(gold, **held)


def _changed_files(merged: LabelTree, annotations: Path) -> dict[str, bytes]:
    """The label files that a merge writes anew, by their names below ``annotations/``."""
    files = {
        f"{layer}/{doc_id}.jsonl": to_lines(records)
        for layer in DOCUMENT_LAYERS
        for doc_id, records in (getattr(merged, layer) or {}).items()
    }
    files |= {f"duplicates/{name}.jsonl": to_lines(getattr(merged, name) or ()) for name in PAIR_FILES}
    return {name: content for name, content in files.items() if _bytes(annotations / name) != content}


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _next_version(version: str) -> str:
    parts = version.split(".")
    return ".".join([*parts[:-1], str(int(parts[-1]) + 1)])


def summary(plan: Plan) -> str:
    """What a merge changes, in one line: records by layer, and new ids."""
    counts = Counter((difference.layer, difference.kind) for difference in plan.differences)
    parts = []
    empty = _empty(plan)
    for layer in LAYERS:
        said = [f"{counts[layer, kind]} {kind}" for kind in ("added", "changed", "removed") if counts[layer, kind]]
        said += [f"none in {_count(len(empty[layer]), 'new document', 'new documents')}"] if layer in empty else []
        if said:
            parts.append(f"{layer} {', '.join(said)}")
    if plan.new_entities:
        parts.append(_count(len(plan.new_entities), "new entity", "new entities"))
    return "; ".join(parts)


def _count(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


def apply_merge(plan: Plan, *, corpus: str | Path | None = None) -> None:
    """Write a merge: labels, registries, statistics and version in one step, the line in CHANGELOG.md just before.

    A process that is killed in between leaves the old labels and at most the line; merging again completes it.

    Raises:
        FindingsError: the merged labels would have findings; nothing is written.
    """
    annotations = data_root() / "annotations"
    with replace_folder(annotations, is_ours=lambda _: True) as new:
        shutil.copytree(annotations, new, dirs_exist_ok=True)
        old = read_registry("version")
        for name, content in plan.files.items():
            before = _bytes(annotations / name)
            if before is not None:
                write_file(new / "passes" / f"gold-{old['version']}" / name, before)
            write_file(new / name, content)
        _write_registry(new / "entities.json", _entities(plan))
        _write_registry(new / "version.json", {**old, "version": plan.version})
        _drop_met_issues(new, plan)
        findings, unused = _findings(new, corpus)
        findings += [
            Finding(code, "cross-file", "stories.json or entities.json", f"nothing uses {record} any more", "drop it")
            for code, record in unused
            if (code, record) not in plan.unused
        ]
        if findings:
            raise FindingsError(findings)
        _write_registry(new / "statistics.json", statistics(plan.merged, corpus=plan.corpus))
        _flush(new)
        _write_changelog(plan)


def _entities(plan: Plan) -> dict[str, Any]:
    """The registry with the new ids, and without those that were used and no longer are."""
    registry = {**read_registry("entities"), **plan.new_entities}
    gone = _used(plan.gold) - _used(plan.merged)
    return {name: registry[name] for name in sorted(registry) if name not in gone}


def _used(tree: LabelTree) -> set[str | None]:
    used = {mention.entity for records in (tree.entities or {}).values() for mention in records}
    return used | {quotation.speaker for records in (tree.quotes or {}).values() for quotation in records}


def _drop_met_issues(folder: Path, plan: Plan) -> None:
    """Take the notes on missing label files out that the merge supplies."""
    path = folder / "known_issues.json"
    if not path.is_file():
        return
    issues = json.loads(path.read_text("utf-8"))
    kept = [issue for issue in issues if not (issue["code"] == _UNLABELLED and issue["file"] in plan.files)]
    if kept != issues:
        _write_registry(path, kept)


def _write_registry(path: Path, value: Any) -> None:
    write_file(path, (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode())


def _flush(folder: Path) -> None:
    """Flush what was copied: a tree that takes the place of another must be on disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _write_changelog(plan: Plan) -> None:
    """Put the version's line on top of the data's changes, in place of one that an interrupted merge left."""
    path = data_root() / CHANGELOG
    if not path.is_file():
        return
    text = path.read_text("utf-8")
    if _DATA_HEADING not in text:
        raise ValueError(f"{path}: no heading {_DATA_HEADING.strip()!r}; restore it, and merge again")
    head, below = text.split(_DATA_HEADING, 1)
    # What comes after has versions of its own, which may have the same numbers.
    data, border, rest = below.partition("\n## ")
    heading = f"### {plan.version}\n"
    start, *sections = re.split(r"^(?=### )", data, flags=re.MULTILINE)
    own = [_MERGED.sub("", section.removeprefix(heading)) for section in sections if section.startswith(heading)]
    where = _count(len(_documents(plan)), "document", "documents")
    line = f"- {date.today().isoformat()}: labels merged: {summary(plan)}, in {where}.\n"
    new = f"{heading}\n{line}{''.join(own).strip()}"
    parts = [start, new, *(section for section in sections if not section.startswith(heading))]
    whole = "\n\n".join(part.strip() for part in parts if part.strip())
    replace_file(path, f"{head}{_DATA_HEADING}\n{whole}\n{border}{rest}".encode())


def _documents(plan: Plan) -> set[str]:
    """The documents of which a merge changes or adds labels."""
    named = {doc_id for difference in plan.differences for doc_id in _doc_ids(difference)}
    return named | {doc_id for doc_ids in _empty(plan).values() for doc_id in doc_ids}


def _empty(plan: Plan) -> dict[str, list[str]]:
    """By layer the documents that become labelled with nothing in them to label."""
    files = [name.removesuffix(".jsonl").split("/") for name, content in plan.files.items() if not content]
    found: dict[str, list[str]] = {}
    for layer, doc_id in files:
        if layer in DOCUMENT_LAYERS and doc_id not in (getattr(plan.gold, layer) or {}):
            found.setdefault(layer, []).append(doc_id)
    return found


def _doc_ids(difference: Difference) -> list[str]:
    return [part.partition("#")[0] for part in difference.key]
