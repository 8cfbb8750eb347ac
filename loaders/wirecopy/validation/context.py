"""What the labels of a tree are checked against: the corpus, the registries, and whether the rules for gold labels hold."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from wirecopy.corpus import SPLITS, Corpus, data_root, fold, read_corpus
from wirecopy.findings import Finding, FindingsError, nearest, quoted
from wirecopy.labels import ENTITY_TYPES, SLUG, BlockLabel, LabelFile, read_registry
from wirecopy.validation.codes import note

GOLD_REGISTRIES = ("stories", "entities", "splits")
_ITEM = re.compile(r"Q[1-9][0-9]*")
_UNKNOWN_MANIFEST = ("manifest-missing", "manifest-invalid")


@dataclass(frozen=True)
class Context:
    """The corpus and the registries of one run; a registry that cannot be used is None, and what needs it is passed over.

    ``known`` holds the ids of all documents, also of those whose bytes are wrong; it is None where the manifest cannot say.
    ``strangers`` are those of them that stand in the corpus but not in its manifest.
    """

    corpus: Corpus
    known: frozenset[str] | None
    strangers: frozenset[str]
    gold: bool
    topics: Mapping[str, Sequence[str]] | None
    entity_types: Mapping[str, str] | None
    splits: Mapping[str, Sequence[str]] | None

    @cached_property
    def folded(self) -> dict[str, list[str]]:
        """The blocks of every document with white space collapsed."""
        return {
            doc_id: [fold(document.block_text(block)) for block in range(len(document.blocks))]
            for doc_id, document in self.corpus.items()
        }


def segments_of(files: Sequence[LabelFile]) -> dict[str, list[BlockLabel]]:
    """The block labels of every document that has a segments file among ``files``."""
    return {file.doc_id: [line.record for line in file.lines] for file in files if file.layer == "segments" and file.doc_id}


def is_gold(folder: Path) -> bool:
    """Whether a label tree brings registries of its own, as the gold labels do."""
    return any((folder / f"{name}.json").exists() for name in GOLD_REGISTRIES)


def build_context(folder: Path, corpus: str | Path | None) -> tuple[Context, list[Finding]]:
    """What a tree is checked against, and what is wrong with that.

    Raises:
        FileNotFoundError: ``corpus`` is no folder.
    """
    documents, byte_findings = _read_documents(folder, corpus)
    gold = is_gold(folder)
    home = folder if gold else data_root() / "annotations"
    topics, story_findings = _read(home, "stories", _check_story)
    types, entity_findings = _read(home, "entities", _check_entity)
    findings = [*byte_findings, *story_findings, *entity_findings]
    splits = None
    if gold:
        splits, split_findings = _read(home, "splits", _check_split)
        _, version_findings = _read(home, "version", _check_version)
        findings += [*split_findings, *version_findings]
    strangers = frozenset(Path(finding.file).stem for finding in byte_findings if finding.code == "file-stranger")
    known: frozenset[str] | None = None
    if not any(finding.code in _UNKNOWN_MANIFEST for finding in byte_findings):
        known = frozenset(documents) | {Path(finding.file).stem for finding in byte_findings}
    return (
        Context(
            corpus=documents,
            known=known,
            strangers=strangers,
            gold=gold,
            topics=None if topics is None else {slug: tuple(story["topics"]) for slug, story in topics.items()},
            entity_types=None if types is None else {name: entity["type"] for name, entity in types.items()},
            splits=splits,
        ),
        findings,
    )


def _read_documents(folder: Path, corpus: str | Path | None) -> tuple[Corpus, list[Finding]]:
    own = data_root() / "corpus"
    if corpus is not None:
        if not Path(corpus).is_dir():
            raise FileNotFoundError(f"{corpus}: no such folder; name the one that holds the raw files")
        return read_corpus(Path(corpus), manifest=own)
    return read_corpus(folder / "corpus" if (folder / "corpus").is_dir() else own)


def _read(home: Path, name: str, check: Any) -> tuple[dict[str, Any] | None, list[Finding]]:
    """A registry, or None and what is wrong with it."""
    try:
        registry = read_registry(name, home)
    except FindingsError as error:
        return None, error.findings
    file = f"{name}.json"
    wrong = [problem for key, value in registry.items() if (problem := check(key, value))]
    if name == "splits" and not wrong and set(registry) != set(SPLITS):
        wrong.append(f"expected the splits {', '.join(SPLITS)}, found {', '.join(registry) or 'none'}")
    if name == "version" and not wrong and set(registry) != {"version", "canary"}:
        wrong.append(f"expected the keys version, canary, found {', '.join(registry) or 'none'}")
    try:
        json.dumps(registry, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        wrong.append("a string holds half of a surrogate pair, expected whole characters")
    remedy = "write the entry in the form that the other entries have"
    findings = [note("registry-invalid", file, problem, remedy) for problem in wrong]
    return (None if findings else registry), findings


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _check_story(slug: str, story: Any) -> str | None:
    if not SLUG.fullmatch(slug):
        return f"story {quoted(slug)} is no slug, expected lower-case words joined by hyphens"
    if not isinstance(story, dict) or set(story) != {"title", "topics"} or not _is_name(story["title"]):
        return f"story {quoted(slug)} holds {quoted(story)}, expected a title and topics"
    topics = story["topics"]
    if not isinstance(topics, dict) or not all(SLUG.fullmatch(topic) and _is_name(topics[topic]) for topic in topics):
        return f"story {quoted(slug)} has the topics {quoted(topics)}, expected a definition for each slug"
    return None


def _check_entity(name: str, entity: Any) -> str | None:
    if not SLUG.fullmatch(name):
        return f"entity {quoted(name)} is no slug, expected lower-case words joined by hyphens"
    if not isinstance(entity, dict) or set(entity) - {"wikidata"} != {"name", "type"} or not _is_name(entity["name"]):
        return f"entity {quoted(name)} holds {quoted(entity)}, expected name, type and, where known, wikidata"
    if entity["type"] not in ENTITY_TYPES:
        known = nearest(entity["type"], ENTITY_TYPES)
        return f"entity {quoted(name)} has the type {quoted(entity['type'])}, expected a known one ({known})"
    if "wikidata" in entity and not (isinstance(entity["wikidata"], str) and _ITEM.fullmatch(entity["wikidata"])):
        return f"entity {quoted(name)} has the item {quoted(entity['wikidata'])}, expected Q and a number"
    return None


def _check_split(name: str, ids: Any) -> str | None:
    if not isinstance(ids, list) or not all(isinstance(doc_id, str) for doc_id in ids):
        return f"split {quoted(name)} holds {quoted(ids)}, expected a list of document ids"
    return None


def _check_version(key: str, value: Any) -> str | None:
    return None if _is_name(value) else f"{quoted(key)} is {quoted(value)}, expected a string"
