"""Label trees as columns of numbers, built once a tree, and the checks that keep a wrong tree from becoming a number.

Conventions: all texts are laid end to end, one code point apart, in the order of their documents' ids, so that one number gives a
place in the corpus. Names become codes in the order of their spelling, -1 for null. Spans are sorted by start, end and the
rest: nothing depends on the order of records.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np

from wirecopy.corpus import Corpus
from wirecopy.findings import Finding, nearest, quoted
from wirecopy.labels import BlockLabel, BlockPair, LabelTree, Mention, Quotation, Span, VersionPair, to_dict
from wirecopy.scoring.measures import Ints


@dataclass(frozen=True, slots=True)
class Mentions:
    """The mentions of a tree: document, place in the corpus, codes of type and entity."""

    document: Ints
    start: Ints
    end: Ints
    type: Ints
    entity: Ints

    def take(self, rows: Ints) -> Self:
        """Some of the rows."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(frozen=True, slots=True)
class Quotations:
    """The quotations of a tree; cue and source are -1 where there is none."""

    document: Ints
    start: Ints
    end: Ints
    type: Ints
    speaker: Ints
    utterance: Ints
    cue_start: Ints
    cue_end: Ints
    source_start: Ints
    source_end: Ints

    def take(self, rows: Ints) -> Self:
        """Some of the rows."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


def places(corpus: Corpus) -> Ints:
    """Where each document begins in the corpus."""
    lengths = np.array([len(document.text) + 1 for document in corpus.values()], dtype=np.int64)
    return np.concatenate([[0], np.cumsum(lengths)])[: len(lengths)]


def codes(*sides: Sequence[str | None]) -> tuple[list[str], list[Ints]]:
    """The names on any side, sorted, and the code of every name (-1 for null)."""
    held: set[str | None] = set()
    for side in sides:
        held.update(side)
    names = sorted(name for name in held if name is not None)
    table: dict[str | None, int] = {name: code for code, name in enumerate(names)}
    table[None] = -1
    return names, [np.fromiter(map(table.__getitem__, side), np.int64, len(side)) for side in sides]


def _numbers(values: Iterable[int], size: int) -> Ints:
    return np.fromiter(values, np.int64, size)


def _flat(layer: Mapping[str, Sequence[Any]] | None, corpus: Corpus) -> tuple[list[Any], Ints]:
    rows = layer or {}
    records: list[Any] = []
    counts = []
    for doc_id in corpus:
        own = rows.get(doc_id, ())
        records.extend(own)
        counts.append(len(own))
    return records, np.repeat(np.arange(len(counts)), counts)


def mentions(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> tuple[Mentions, Mentions, list[str], list[str]]:
    """The mentions of two trees, and the names of the types and of the entities on either side."""
    start_of = places(corpus)
    sides = [_flat(tree.entities, corpus) for tree in (reference, predicted)]
    types, type_codes = codes(*([record.type for record in records] for records, _ in sides))
    entities, entity_codes = codes(*([record.entity for record in records] for records, _ in sides))
    columns = []
    for (records, document), kind, entity in zip(sides, type_codes, entity_codes, strict=True):
        start = _numbers((record.start for record in records), len(records)) + start_of[document]
        end = _numbers((record.end for record in records), len(records)) + start_of[document]
        columns.append(Mentions(document, start, end, kind, entity).take(np.lexsort((entity, kind, end, start))))
    return columns[0], columns[1], types, entities


def quotations(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> tuple[Quotations, Quotations, list[str]]:
    """The quotations of two trees, and the names of the types on either side."""
    start_of = places(corpus)
    sides = [_flat(tree.quotes, corpus) for tree in (reference, predicted)]
    types, type_codes = codes(*([record.type for record in records] for records, _ in sides))
    _, speakers = codes(*([record.speaker for record in records] for records, _ in sides))
    _, utterances = codes(*([record.utterance for record in records] for records, _ in sides))
    columns = []
    for side, (records, document) in enumerate(sides):
        base = start_of[document]

        def ends(pick: Callable[[Any], Span | None], records: list[Any] = records, base: Ints = base) -> tuple[Ints, Ints]:
            spans = [pick(record) for record in records]
            held = np.array([span is not None for span in spans], dtype=np.bool_)
            start = _numbers((-1 if span is None else span.start for span in spans), len(spans))
            end = _numbers((-1 if span is None else span.end for span in spans), len(spans))
            return np.where(held, start + base, -1), np.where(held, end + base, -1)

        content = ends(lambda record: record)
        cue = ends(lambda record: record.cue)
        source = ends(lambda record: record.source)
        row = Quotations(document, *content, type_codes[side], speakers[side], utterances[side], *cue, *source)
        keys = [getattr(row, column.name) for column in fields(row)[1:]]
        columns.append(row.take(np.lexsort(keys[::-1])))
    return columns[0], columns[1], types


@dataclass(frozen=True, slots=True)
class Blocks:
    """All blocks of a corpus in order: document, length in code points, and the codes of role, story and topic of one tree."""

    document: Ints
    length: Ints
    role: Ints
    story: Ints
    topic: Ints


def blocks(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> tuple[Blocks, Blocks, list[str]]:
    """The labels of two trees on every block, and the names of the roles on either side."""
    counts = np.array([len(document.blocks) for document in corpus.values()], dtype=np.int64)
    size = int(counts.sum())
    length = _numbers((block.end - block.start for document in corpus.values() for block in document.blocks), size)
    first = np.cumsum(counts) - counts
    document = np.repeat(np.arange(len(counts)), counts)
    sides = [_flat(tree.segments, corpus) for tree in (reference, predicted)]
    places_of = [_numbers((label.block for label in labels), len(labels)) + first[owner] for labels, owner in sides]
    filled: dict[str, list[Ints]] = {}
    names: dict[str, list[str]] = {}
    for name in ("role", "story", "topic"):
        names[name], coded = codes(*([getattr(label, name) for label in labels] for labels, _ in sides))
        filled[name] = [np.full(size, -1, dtype=np.int64) for _ in sides]
        for column, place, code in zip(filled[name], places_of, coded, strict=True):
            column[place] = code
    held, given = (
        Blocks(document, length, filled["role"][side], filled["story"][side], filled["topic"][side]) for side in (0, 1)
    )
    return held, given, names["role"]


def check(tree: LabelTree, corpus: Corpus, name: str) -> list[Finding]:
    """What in a tree would make numbers wrong: unknown documents and blocks, spans out of the text, a block labelled twice.

    Args:
        tree: the tree to check.
        corpus: all documents that are known, of any split.
        name: how the tree is called in a finding.
    """
    findings: list[Finding] = []
    for layer in ("segments", "quotes", "entities"):
        for doc_id, records in (getattr(tree, layer) or {}).items():
            file = f"{name}/{layer}/{doc_id}.jsonl"
            if doc_id not in corpus:
                findings.append(_unknown_document(file, doc_id, corpus))
            elif layer == "segments":
                findings.extend(_check_blocks(records, len(corpus[doc_id].blocks), file))
            else:
                findings.extend(_check_spans(records, len(corpus[doc_id].text), file))
    findings.extend(_check_block_pairs(tree.blocks or (), corpus, f"{name}/duplicates/blocks.jsonl"))
    versions = [((pair.a, pair.b), pair) for pair in tree.versions or ()]
    findings.extend(_check_conflicts(versions, f"{name}/duplicates/versions.jsonl"))
    return findings


def check_versions(tree: LabelTree, known: Collection[str], corpus: Corpus, name: str) -> list[Finding]:
    """A finding for every version in the pairs of a tree that is not among the ``known`` ones."""
    file = f"{name}/duplicates/versions.jsonl"
    findings = []
    for version in sorted({end for pair in tree.versions or () for end in (pair.a, pair.b)}.difference(known)):
        doc_id = version.rpartition("#")[0]
        if doc_id in corpus:
            message = f"version {quoted(version)} is in no segments; {nearest(version, known)}"
            findings.append(Finding("unknown-version", "references", file, message, "name a version as <doc_id>#<story>"))
        else:
            findings.append(_unknown_document(file, doc_id or version, corpus))
    return findings


def _check_block_pairs(pairs: Sequence[BlockPair], corpus: Corpus, file: str) -> Iterable[Finding]:
    for pair in pairs:
        for doc_id, block in ((pair.a_doc, pair.a_block), (pair.b_doc, pair.b_block)):
            if doc_id not in corpus:
                yield _unknown_document(file, doc_id, corpus)
            elif not 0 <= block < len(corpus[doc_id].blocks):
                yield _unknown_block(file, pair, block, len(corpus[doc_id].blocks))
    yield from _check_conflicts([(((pair.a_doc, pair.a_block), (pair.b_doc, pair.b_block)), pair) for pair in pairs], file)


def _check_conflicts(pairs: Iterable[tuple[tuple[Any, Any], VersionPair | BlockPair]], file: str) -> Iterable[Finding]:
    relations: dict[frozenset[Any], str] = {}
    for ends, pair in pairs:
        other = relations.setdefault(frozenset(ends), pair.relation)
        if len(set(ends)) == 1:
            yield Finding(
                "pair-order", "references", file, "a pair of one thing with itself", "drop it", record=quoted(to_dict(pair))
            )
        elif other != pair.relation:
            message = f"the pair stands twice, as {quoted(other)} and as {quoted(pair.relation)}"
            yield Finding("duplicate-record", "schema", file, message, "keep one relation", record=quoted(to_dict(pair)))


def _unknown_document(file: str, doc_id: str, corpus: Corpus) -> Finding:
    message = f"document {quoted(doc_id)} is not in the corpus; {nearest(doc_id, corpus)}"
    return Finding("unknown-document", "references", file, message, "name a document of the corpus")


def _unknown_block(file: str, record: Any, block: int, size: int) -> Finding:
    message = f"block {block} is not in the document, which has the blocks 0 to {size - 1}"
    return Finding(
        "unknown-block", "references", file, message, "count blocks as the corpus does", record=quoted(to_dict(record))
    )


def _check_blocks(labels: Sequence[BlockLabel], size: int, file: str) -> Iterable[Finding]:
    seen = set()
    for label in labels:
        if not 0 <= label.block < size:
            yield _unknown_block(file, label, label.block, size)
        elif label.block in seen:
            message = f"block {label.block} is labelled twice"
            yield Finding("duplicate-record", "schema", file, message, "keep one label", record=quoted(to_dict(label)))
        seen.add(label.block)


def _check_spans(records: Sequence[Mention | Quotation], size: int, file: str) -> Iterable[Finding]:
    for record in records:
        if not 0 <= record.start < record.end <= size:
            yield _bad_span(record, record, size, file)
        if type(record) is Quotation:
            for span in (record.cue, record.source):
                if span is not None and not 0 <= span.start < span.end <= size:
                    yield _bad_span(span, record, size, file)


def _bad_span(span: Any, record: Any, size: int, file: str) -> Finding:
    shown = quoted(to_dict(record))
    if 0 <= span.start <= size and 0 <= span.end <= size:
        message = f"the span {span.start}:{span.end} is empty, expected start < end"
        return Finding("span-empty", "offsets", file, message, "give a span with a length", record=shown)
    message = f"the span {span.start}:{span.end} is outside the text, which is 0:{size}"
    return Finding("span-out-of-range", "offsets", file, message, "count code points of the raw file", record=shown)
