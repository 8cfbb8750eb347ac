"""All documents as a label tree: how versions and blocks of one story agree, registries, splits, manifest; and its files."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from document import AuthoredDocument, Origin, PrintedBlock
from marked import Marked
from source import AUTHORED_SPLITS, Name, Passage, Sources
from style import month_first, respell
from wirecopy.corpus import MANIFEST, ManifestEntry, read_manifest
from wirecopy.derive import Version, versions
from wirecopy.findings import FindingsError
from wirecopy.labels import (
    DOCUMENT_LAYERS,
    BlockPair,
    LabelTree,
    VersionPair,
    read_registry,
    read_tree,
    to_lines,
    write_file,
)
from wirecopy.manifest import RIGHTS
from wirecopy.validation.rules import NEAR_DUPLICATE_SHARE

# The guidelines' *whole quotation of five words or more*.
_SHORTEST_QUOTATION = 5
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_AUTHORED_NAME = re.compile(r"a_[0-9a-f]{12}")
Words = tuple[str, ...]


@dataclass(frozen=True)
class Relation:
    """How two documents print one story, and why that cannot be, if it cannot."""

    pair: VersionPair
    a: AuthoredDocument
    b: AuthoredDocument
    wrong: str | None


@dataclass(frozen=True)
class Related:
    """The relations and the drawn block alignments of all documents."""

    relations: tuple[Relation, ...]
    blocks: tuple[BlockPair, ...]


# How documents agree


def words_of(text: Marked) -> tuple[Words, list[Words]]:
    """The words of a text and of its quotations, without regard to case, marks, punctuation, spelling and order of dates."""
    plain = one_spelling(text)
    quoted = [plain.surface(label) for label in plain.of("direct", "fragment", "block")]
    return words_in(plain.text), [words_in(quotation) for quotation in quoted]


def one_spelling(text: Marked) -> Marked:
    """The text in the one spelling and order of dates in which texts are compared."""
    return month_first(respell(text, to="american"))


def words_in(text: str) -> Words:
    """The words of a plain text, without regard to case, marks and punctuation."""
    return tuple(word.casefold().replace("’", "'") for word in _WORD.findall(text))


def relate(documents: Sequence[AuthoredDocument]) -> Related:
    """The relation of each pair of versions of one story, and the blocks of them that are *edited* or *partial*."""
    held = versions({document.doc_id: document.segments for document in documents})
    by_id = {document.doc_id: document for document in documents}
    by_story: dict[str, list[Version]] = defaultdict(list)
    for version in held.values():
        by_story[version.story].append(version)
    words = {document.doc_id: [words_of(block.text) for block in document.blocks] for document in documents}
    relations: list[Relation] = []
    drawn: list[BlockPair] = []
    for story in by_story.values():
        for a, b in combinations(story, 2):
            one, other = by_id[a.doc_id], by_id[b.doc_id]
            own = list(_align(a, b, one, other, words))
            drawn += own
            relations.append(_relate(a, b, one, other, own))
    return Related(tuple(relations), tuple(drawn))


def _align(
    a: Version,
    b: Version,
    one: AuthoredDocument,
    other: AuthoredDocument,
    words: Mapping[str, Sequence[tuple[Words, list[Words]]]],
) -> Iterator[BlockPair]:
    partials = {partial.passages for document in (one, other) for partial in document.story.partials}
    for left in a.blocks:
        for right in b.blocks:
            if one.folded[left] == other.folded[right]:
                continue
            relation = _by_origin(one.blocks[left], other.blocks[right])
            relation = relation or _by_quotation(words[one.doc_id][left], words[other.doc_id][right])
            if relation is None and _declared(one.blocks[left], other.blocks[right], partials):
                relation = "partial"
            if relation:
                yield BlockPair(a_doc=a.doc_id, a_block=left, b_doc=b.doc_id, b_block=right, relation=relation)


def _by_origin(a: PrintedBlock, b: PrintedBlock) -> str | None:
    """What the sources of two blocks that differ say of them."""
    if not a.origins & b.origins:
        return None
    return "edited" if a.origins == b.origins else "partial"


def _by_quotation(a: tuple[Words, list[Words]], b: tuple[Words, list[Words]]) -> str | None:
    """What a quotation of five words or more that stands whole in a quotation of the other block says of two blocks."""
    for (text, quotations), (other, others) in ((a, b), (b, a)):
        for quotation in quotations:
            if len(quotation) >= _SHORTEST_QUOTATION and any(_holds(one, quotation) for one in others):
                return "edited" if text == quotation == other else "partial"
    return None


def _declared(a: PrintedBlock, b: PrintedBlock, partials: Iterable[tuple[Passage, Passage]]) -> bool:
    """Whether a source says of two blocks that they share a passage."""
    return any((_prints(a, one) and _prints(b, other)) or (_prints(a, other) and _prints(b, one)) for one, other in partials)


def _prints(block: PrintedBlock, passage: Passage) -> bool:
    return any(_is_of(origin, passage) for origin in block.origins)


def _is_of(origin: Origin, passage: Passage) -> bool:
    source, key, part = origin
    return key == passage.key and passage.part in (None, part) and source.endswith(f":{passage.story}")


def _holds(words: Words, part: Words) -> bool:
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))


def _relate(a: Version, b: Version, one: AuthoredDocument, other: AuthoredDocument, drawn: Sequence[BlockPair]) -> Relation:
    low, high = _shared(a, b, one, other, drawn)
    same_copy = one.story.stem == other.story.stem
    wrong = None
    bodies = [[document.folded[block] for block in version.body] for version, document in ((a, one), (b, other))]
    if bodies[0] and bodies[0] == bodies[1]:
        relation = "identical"
    elif same_copy:
        relation = "near_duplicate"
        if high < NEAR_DUPLICATE_SHARE:
            wrong = f"share {high:.0%} of the shorter one's body blocks, expected half or more in two documents of one copy"
    else:
        relation = "same_event"
        if low >= NEAR_DUPLICATE_SHARE:
            wrong = f"share {low:.0%} of the shorter one's body blocks, expected less than half in a report and its main story"
    return Relation(VersionPair(a=a.version, b=b.version, relation=relation), one, other, wrong)


def _shared(
    a: Version, b: Version, one: AuthoredDocument, other: AuthoredDocument, drawn: Sequence[BlockPair]
) -> tuple[float, float]:
    """The share of the shorter version's body blocks that stand in the other, lowest and highest where both are as short."""
    aligned = ({pair.a_block for pair in drawn}, {pair.b_block for pair in drawn})
    shares = []
    for version, document, there, across, own in ((a, one, b, other, aligned[0]), (b, other, a, one, aligned[1])):
        if version.body and len(version.body) == min(len(a.body), len(b.body)):
            texts = {across.folded[block] for block in there.blocks}
            found = sum(document.folded[block] in texts or block in own for block in version.body)
            shares.append(found / len(version.body))
    return (min(shares), max(shares)) if shares else (0.0, 0.0)


# Files


def make_files(sources: Sources, documents: Sequence[AuthoredDocument], root: Path) -> dict[str, bytes]:
    """The content of every file that the sources make below ``root``, where real files and their labels stay as they are.

    Raises:
        FindingsError: the manifest or the labels that stand there cannot be read.
    """
    entries, findings = read_manifest(root / "corpus")
    if findings:
        raise FindingsError(findings)
    wild = [entry for entry in entries if entry.origin == "wild"]
    wild_ids = {entry.doc_id for entry in wild}
    old = read_tree(root / "annotations")
    related = relate(documents)
    pairs = [pair for pair in old.versions or () if _document(pair.a) in wild_ids and _document(pair.b) in wild_ids]
    blocks = [pair for pair in old.blocks or () if {pair.a_doc, pair.b_doc} <= wild_ids]
    files: dict[str, bytes] = {}
    made = []
    for document in documents:
        raw = document.text.encode()
        files[f"corpus/authored/{document.doc_id}.txt"] = raw
        made.append(_entry(document, raw))
        for layer, records in (("segments", document.segments), ("quotes", document.quotes), ("entities", document.entities)):
            files[f"annotations/{layer}/{document.doc_id}.jsonl"] = to_lines(records)
    lines = sorted([*wild, *made], key=lambda entry: entry.doc_id)
    files[f"corpus/{MANIFEST}"] = "".join(f"{entry.to_json()}\n" for entry in lines).encode()
    files["annotations/duplicates/versions.jsonl"] = to_lines([*pairs, *(one.pair for one in related.relations)])
    files["annotations/duplicates/blocks.jsonl"] = to_lines([*blocks, *related.blocks])
    folder = root / "annotations"
    files["annotations/stories.json"] = _json(_stories(sources, documents, _kept_stories(folder, old, wild_ids)))
    files["annotations/entities.json"] = _json(_entities(sources, documents, real_entities(folder)))
    files["annotations/splits.json"] = _json(
        {split: sorted(one.doc_id for one in documents if one.story.split == split) for split in AUTHORED_SPLITS}
        | {"wild": sorted(wild_ids)}
    )
    return files


def write_files(files: Mapping[str, bytes], root: Path) -> tuple[int, int]:
    """Write the files that differ below ``root`` and remove authored ones that are not made; how many of each."""
    changed = [name for name, content in files.items() if not (root / name).exists() or (root / name).read_bytes() != content]
    stale = [path for path in made_before(root) if path.relative_to(root).as_posix() not in files]
    for name in changed:
        write_file(root / name, files[name])
    for path in stale:
        path.unlink()
    return len(changed), len(stale)


def made_before(root: Path) -> list[Path]:
    """The raw files and label files of authored documents that stand below ``root``."""
    folders = [(root / "corpus" / "authored", ".txt"), *((root / "annotations" / layer, ".jsonl") for layer in DOCUMENT_LAYERS)]
    return sorted(
        path for folder, ending in folders for path in folder.glob(f"*{ending}") if _AUTHORED_NAME.fullmatch(path.stem)
    )


def _document(version: str) -> str:
    return version.partition("#")[0]


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _entry(document: AuthoredDocument, raw: bytes) -> ManifestEntry:
    return ManifestEntry(
        doc_id=document.doc_id,
        path=f"authored/{document.doc_id}.txt",
        sha256=hashlib.sha256(raw).hexdigest(),
        bytes=len(raw),
        chars=len(document.text),
        origin="authored",
        split=document.story.split,
        outlet=document.outlet_named,
        published=document.printing.published,
        language="en",
        rights=RIGHTS["authored"],
        dirt=document.dirt,
    )


def _kept_stories(folder: Path, old: LabelTree, wild: Iterable[str]) -> dict[str, Any]:
    used = {label.story for doc_id in wild for label in (old.segments or {}).get(doc_id, ())}
    return {slug: story for slug, story in read_registry("stories", folder).items() if slug in used}


def real_entities(annotations: Path) -> dict[str, dict[str, str]]:
    """The entries of the registry that labels of real files use.

    Raises:
        FindingsError: there is no registry that can be read.
    """
    used = set()
    for layer, key in (("entities", "entity"), ("quotes", "speaker")):
        for path in (annotations / layer).glob("*.jsonl"):
            if not _AUTHORED_NAME.fullmatch(path.stem):
                used |= {json.loads(line)[key] for line in path.read_text("utf-8").splitlines()}
    return {entity: value for entity, value in read_registry("entities", annotations).items() if entity in used}


def _stories(sources: Sources, documents: Sequence[AuthoredDocument], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The registry of stories by slug: real ones as they are, authored ones with the topics that a block has."""
    used: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        for label in document.segments:
            if label.story is not None:
                used[label.story] |= {label.topic} if label.topic else set()
    stories = dict(kept)
    for slug in used:
        story = sources.stories[slug]
        topics = {topic: definition for topic, definition in story.topics.items() if topic in used[slug]}
        stories[slug] = {"title": story.head["title"], "topics": topics}
    return dict(sorted(stories.items()))


def _entities(sources: Sources, documents: Sequence[AuthoredDocument], kept: Mapping[str, Any]) -> dict[str, Any]:
    """The registry of entities by id: real files' ones as they are, and those that authored labels use."""
    names: dict[str, Name] = {}
    for source in (*sources.stories.values(), *sources.outlets.values()):
        names |= source.names
    used = {mention.entity for document in documents for mention in document.entities}
    used |= {quotation.speaker for document in documents for quotation in document.quotes}
    made = {entity: {"name": names[entity].forms[0], "type": names[entity].type} for entity in used if entity in names}
    return dict(sorted({**made, **kept}.items()))
