"""Label trees as columns of numbers, built once a tree, and the checks that keep a wrong tree from becoming a number.

Conventions: all texts are laid end to end, one code point apart, in the order of their documents' ids, so that one number
gives a place in the corpus. Names become codes in the order of their spelling, -1 for null. Spans are sorted by start, end
and the rest: nothing depends on the order of records.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Self, TypeVar

import numpy as np

from wirecopy.corpus import Corpus
from wirecopy.findings import Finding, FindingsError, nearest, quoted
from wirecopy.labels import (
    BLOCK_RELATIONS,
    DOCUMENT_LAYERS,
    ENTITY_TYPES,
    QUOTE_TYPES,
    ROLES,
    VERSION_RELATIONS,
    BlockPair,
    LabelTree,
    Mention,
    Quotation,
    Span,
    VersionPair,
    to_dict,
)
from wirecopy.scoring.measures import Ints


@dataclass(frozen=True, slots=True)
class _Spans:
    """What mentions and quotations share: document, place in the corpus, code of the type."""

    document: Ints
    start: Ints
    end: Ints
    type: Ints

    def take(self, rows: Ints) -> Self:
        """Some of the rows."""
        return type(self)(*(getattr(self, column.name)[rows] for column in fields(self)))


@dataclass(frozen=True, slots=True)
class Mentions(_Spans):
    """The mentions of a tree, with the code of the entity."""

    entity: Ints


@dataclass(frozen=True, slots=True)
class Quotations(_Spans):
    """The quotations of a tree; cue and source are -1 where there is none."""

    speaker: Ints
    utterance: Ints
    cue_start: Ints
    cue_end: Ints
    source_start: Ints
    source_end: Ints


def places(corpus: Corpus) -> Ints:
    """Where each document begins in the corpus, and where the last one ends."""
    lengths = [len(document.text) + 1 for document in corpus.values()]
    return np.cumsum([0, *lengths], dtype=np.int64)


def codes(*sides: Sequence[str | None]) -> tuple[list[str], list[Ints]]:
    """The names on any side, sorted, and the code of every name (-1 for null)."""
    held: set[str | None] = set()
    for side in sides:
        held.update(side)
    names = sorted(name for name in held if name is not None)
    table: dict[str | None, int] = {name: code for code, name in enumerate(names)}
    table[None] = -1
    return names, [np.fromiter(map(table.__getitem__, side), np.int64, len(side)) for side in sides]


Side = TypeVar("Side", Mentions, Quotations)


def _in_order(side: Side) -> Side:
    """The rows sorted by start, end and the rest; most trees are in order already, with no two spans on one start."""
    if bool((side.start[1:] > side.start[:-1]).all()):
        return side
    keys = [getattr(side, column.name) for column in fields(side)[1:]]
    return side.take(np.lexsort(keys[::-1]))


@dataclass(frozen=True, slots=True)
class _Layer:
    """The records of one side's layer over the documents of a corpus, laid end to end, with the document of each."""

    name: str
    records: list[Any]
    document: Ints


def _layer(tree: LabelTree, side: str, layer: str, corpus: Corpus) -> _Layer:
    rows = getattr(tree, layer) or {}
    records: list[Any] = []
    counts = []
    for doc_id in corpus:
        own = rows.get(doc_id, ())
        records.extend(own)
        counts.append(len(own))
    return _Layer(f"{side}/{layer}", records, np.repeat(np.arange(len(counts)), counts))


def _column(layer: _Layer, field: str) -> list[Any]:
    return list(map(attrgetter(field), layer.records))


def _offsets(layer: _Layer, spans: list[Span | Mention | Quotation], rows: Ints, corpus: Corpus) -> tuple[Ints, Ints]:
    """The ends of spans as places in the corpus; ``rows`` are those of the records that hold the spans.

    Raises:
        FindingsError: a span is empty or outside its document's text.
    """
    start, end = (np.fromiter(map(attrgetter(name), spans), np.int64, len(spans)) for name in ("start", "end"))
    base = places(corpus)
    owner = layer.document[rows]
    size = np.diff(base)[owner] - 1
    wrong = np.flatnonzero((start < 0) | (start >= end) | (end > size))
    if len(wrong):
        raise FindingsError([_bad_span(layer, layer.records[rows[at]], spans[at], int(owner[at]), corpus) for at in wrong])
    return start + base[owner], end + base[owner]


def _own_offsets(layer: _Layer, corpus: Corpus) -> tuple[Ints, Ints]:
    offsets = _offsets(layer, layer.records, np.arange(len(layer.records)), corpus)
    _check_texts(layer, corpus)
    return offsets


def _check_texts(layer: _Layer, corpus: Corpus) -> None:
    """Raise where a record's surface string is not what its offsets hold; a record without one is taken as it is."""
    if not any(map(attrgetter("text"), layer.records)):
        return
    texts = [document.text for document in corpus.values()]
    rows = zip(layer.records, _column(layer, "text"), layer.document.tolist(), strict=True)
    findings = []
    for record, surface, row in rows:
        if surface is not None and texts[row][record.start : record.end] != surface:
            held = texts[row][record.start : record.end]
            message = f"text is {quoted(surface)}, but the span {record.start}:{record.end} holds {quoted(held)}"
            remedy = "correct the offsets or the text"
            file = _file(layer.name, row, corpus)
            findings.append(Finding("span-text-differs", "offsets", file, message, remedy, record=quoted(to_dict(record))))
    if findings:
        raise FindingsError(findings)


def check_labels(names: Iterable[str], known: Sequence[str], where: str) -> None:
    """Raise where a label is none of the known ones: as a class of its own it would change every mean over classes."""
    findings = [_unknown_label(name, known, where) for name in names if name not in known]
    if findings:
        raise FindingsError(findings)


def _unknown_label(name: str, known: Sequence[str], file: str) -> Finding:
    message = f"label {quoted(name)} is unknown; {nearest(name, known)}"
    return Finding("unknown-label", "offsets", file, message, "take a known label")


def _inner_offsets(layer: _Layer, field: str, corpus: Corpus) -> tuple[Ints, Ints]:
    spans = _column(layer, field)
    rows = np.array([row for row, span in enumerate(spans) if span is not None], dtype=np.int64)
    result = np.full((2, len(spans)), -1, dtype=np.int64)
    result[:, rows] = _offsets(layer, [span for span in spans if span is not None], rows, corpus)
    return result[0], result[1]


def mentions(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> tuple[Mentions, Mentions, list[str], list[str]]:
    """The mentions of two trees, and the names of the types and of the entities on either side.

    Raises:
        FindingsError: a span is empty or outside its document's text.
    """
    sides = [_layer(tree, side, "entities", corpus) for tree, side in ((reference, "reference"), (predicted, "predicted"))]
    types, type_codes = codes(*(_column(side, "type") for side in sides))
    check_labels(types, ENTITY_TYPES, "entities")
    entities, entity_codes = codes(*(_column(side, "entity") for side in sides))
    columns = []
    for side, kind, entity in zip(sides, type_codes, entity_codes, strict=True):
        start, end = _own_offsets(side, corpus)
        columns.append(_in_order(Mentions(side.document, start, end, kind, entity)))
    return columns[0], columns[1], types, entities


def quotations(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> tuple[Quotations, Quotations, list[str]]:
    """The quotations of two trees, and the names of the types on either side.

    Raises:
        FindingsError: a span is empty or outside its document's text.
    """
    sides = [_layer(tree, side, "quotes", corpus) for tree, side in ((reference, "reference"), (predicted, "predicted"))]
    types, type_codes = codes(*(_column(side, "type") for side in sides))
    check_labels(types, QUOTE_TYPES, "quotes")
    _, speakers = codes(*(_column(side, "speaker") for side in sides))
    _, utterances = codes(*(_column(side, "utterance") for side in sides))
    columns = []
    for side, kind, speaker, utterance in zip(sides, type_codes, speakers, utterances, strict=True):
        content, cue, source = (
            _own_offsets(side, corpus),
            _inner_offsets(side, "cue", corpus),
            _inner_offsets(side, "source", corpus),
        )
        columns.append(_in_order(Quotations(side.document, *content, kind, speaker, utterance, *cue, *source)))
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
    """The labels of two trees on every block, and the names of the roles on either side.

    Raises:
        FindingsError: a label names a block that its document lacks, or a block is labelled twice.
    """
    counts = _block_counts(corpus)
    size = int(counts.sum())
    lengths = [block.end - block.start for document in corpus.values() for block in document.blocks]
    document = np.repeat(np.arange(len(counts)), counts)
    sides = [_layer(tree, side, "segments", corpus) for tree, side in ((reference, "reference"), (predicted, "predicted"))]
    rows = [_block_rows(side, counts, corpus) for side in sides]
    filled: dict[str, list[Ints]] = {}
    names: dict[str, list[str]] = {}
    for name in ("role", "story", "topic"):
        names[name], coded = codes(*(_column(side, name) for side in sides))
        filled[name] = [np.full(size, -1, dtype=np.int64) for _ in sides]
        for column, row, code in zip(filled[name], rows, coded, strict=True):
            column[row] = code
    check_labels(names["role"], ROLES, "segments")
    length = np.array(lengths, dtype=np.int64)
    held, given = (
        Blocks(document, length, filled["role"][side], filled["story"][side], filled["topic"][side]) for side in (0, 1)
    )
    return held, given, names["role"]


def _block_rows(layer: _Layer, counts: Ints, corpus: Corpus) -> Ints:
    """The place of each label's block among all blocks."""
    findings = _block_findings(layer, counts, corpus)
    if findings:
        raise FindingsError(findings)
    block = np.fromiter(map(attrgetter("block"), layer.records), np.int64, len(layer.records))
    return (np.cumsum(counts) - counts)[layer.document] + block


def _block_findings(layer: _Layer, counts: Ints, corpus: Corpus) -> list[Finding]:
    block = np.fromiter(map(attrgetter("block"), layer.records), np.int64, len(layer.records))
    owner = layer.document
    outside = (block < 0) | (block >= counts[owner])
    again = np.ones(len(block), dtype=np.bool_)
    # Blocks outside the document are told apart by their place in the list: they are findings of their own.
    row = np.where(outside, -1 - np.arange(len(block)), (np.cumsum(counts) - counts)[owner] + block)
    again[np.unique(row, return_index=True)[1]] = False
    findings = []
    for at in np.flatnonzero(outside | again).tolist():
        file, record = _file(layer.name, int(owner[at]), corpus), layer.records[at]
        if outside[at]:
            findings.append(_unknown_block(file, record, record.block, int(counts[owner[at]])))
        else:
            message = f"block {record.block} is labelled twice"
            findings.append(
                Finding("duplicate-record", "schema", file, message, "keep one label", record=quoted(to_dict(record)))
            )
    return findings


def _block_counts(corpus: Corpus) -> Ints:
    return np.array([len(document.blocks) for document in corpus.values()], dtype=np.int64)


def _file(layer: str, document: int, corpus: Corpus) -> str:
    return f"{layer}/{list(corpus)[document]}.jsonl"


def check(tree: LabelTree, corpus: Corpus, side: str) -> list[Finding]:
    """A finding for every document, block or relation that is unknown, and for blocks and pairs that are labelled twice.

    Args:
        tree: the tree to check.
        corpus: all documents that are known, of any split.
        side: how the tree is called in a finding.
    """
    findings = [
        _unknown_document(f"{side}/{layer}/{doc_id}.jsonl", doc_id, corpus)
        for layer in DOCUMENT_LAYERS
        for doc_id in getattr(tree, layer) or {}
        if doc_id not in corpus
    ]
    findings.extend(_block_findings(_layer(tree, side, "segments", corpus), _block_counts(corpus), corpus))
    findings.extend(_check_block_pairs(tree.blocks or (), corpus, f"{side}/duplicates/blocks.jsonl"))
    versions = [((pair.a, pair.b), pair) for pair in tree.versions or ()]
    findings.extend(_check_conflicts(versions, f"{side}/duplicates/versions.jsonl"))
    for name, known in (("versions", VERSION_RELATIONS), ("blocks", BLOCK_RELATIONS)):
        relations = sorted({pair.relation for pair in getattr(tree, name) or ()}.difference(known))
        findings.extend(_unknown_label(relation, known, f"{side}/duplicates/{name}.jsonl") for relation in relations)
    return findings


def check_versions(tree: LabelTree, known: Collection[str], corpus: Corpus, name: str) -> list[Finding]:
    """A finding for every version in the pairs of a tree that is not among the ``known`` ones."""
    file = f"{name}/duplicates/versions.jsonl"
    findings = []
    for version in sorted({end for pair in tree.versions or () for end in (pair.a, pair.b)}.difference(known)):
        doc_id = version.rpartition("#")[0]
        if doc_id in corpus:
            message = f"version {quoted(version)} is in no segments; {nearest(version, known)}"
            remedy = "name a version as <doc_id>#<story>; stories that a system names itself are scored by the task pipeline"
            findings.append(Finding("unknown-version", "references", file, message, remedy))
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


def _bad_span(layer: _Layer, record: Any, span: Any, document: int, corpus: Corpus) -> Finding:
    file = _file(layer.name, document, corpus)
    size = int(np.diff(places(corpus))[document]) - 1
    shown = quoted(to_dict(record))
    if 0 <= span.start <= size and 0 <= span.end <= size:
        message = f"the span {span.start}:{span.end} is empty, expected start < end"
        return Finding("span-empty", "offsets", file, message, "give a span with a length", record=shown)
    message = f"the span {span.start}:{span.end} is outside the text, which is 0:{size}"
    return Finding("span-out-of-range", "offsets", file, message, "count code points of the raw file", record=shown)
