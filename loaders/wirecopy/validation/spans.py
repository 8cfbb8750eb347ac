"""Offsets and vocabulary: every span is a clean slice of one block, every label one of the known ones."""

from collections.abc import Iterator, Sequence

from wirecopy.corpus import Document
from wirecopy.findings import Finding, nearest, quoted
from wirecopy.labels import (
    DRAWN_RELATIONS,
    ENTITY_TYPES,
    QUOTE_TYPES,
    ROLES,
    VERSION_RELATIONS,
    BlockLabel,
    BlockPair,
    LabelFile,
    Line,
    Mention,
    Quotation,
    Record,
    Span,
    VersionPair,
    sort_key,
)
from wirecopy.validation.codes import note
from wirecopy.validation.context import Context

UNNESTABLE = ("direct", "block")
_INSIDE_INDIRECT = ("fragment", "scare")
_VOCABULARY: dict[type[Record], tuple[str, tuple[str, ...]]] = {
    BlockLabel: ("role", ROLES),
    Quotation: ("type", QUOTE_TYPES),
    Mention: ("type", ENTITY_TYPES),
    VersionPair: ("relation", VERSION_RELATIONS),
    BlockPair: ("relation", DRAWN_RELATIONS),
}


def check_spans(files: Sequence[LabelFile], context: Context) -> list[Finding]:
    """What is wrong with the offsets and the labels of a tree; files of documents that cannot be read are passed over."""
    findings = []
    for file in files:
        if file.doc_id is not None and file.doc_id not in context.corpus:
            continue
        document = None if file.doc_id is None else context.corpus[file.doc_id]
        right = []
        for line in file.lines:
            wrong = list(_check_line(file.name, line, document, gold=context.gold))
            findings.extend(wrong)
            if not wrong:
                right.append(line)
        if file.layer in ("quotes", "entities"):
            findings.extend(_check_overlaps(file.name, right))
    return findings


def _check_line(name: str, line: Line, document: Document | None, *, gold: bool) -> Iterator[Finding]:
    record = line.record
    key, known = _VOCABULARY[type(record)]
    label = getattr(record, key)
    if label not in known:
        message = f"{key} is {quoted(label)}, expected one of {len(known)} ({nearest(label, known)})"
        yield note("unknown-label", name, message, "take a known one", line=line)
    if document is None or not isinstance(record, Quotation | Mention):
        return
    yield from _check_span(name, line, document, record, "the span", gold=gold)
    if isinstance(record, Quotation):
        for part in ("cue", "source"):
            span = getattr(record, part)
            if span is not None:
                yield from _check_span(name, line, document, span, f"the {part}", gold=gold)


def _check_span(
    name: str, line: Line, document: Document, span: Span | Quotation | Mention, what: str, *, gold: bool
) -> Iterator[Finding]:
    """The first thing that is wrong with one span, since each check builds on the ones before it; gold labels give its text."""
    text, start, end = document.text, span.start, span.end
    where = f"{what} {document.doc_id}[{start}:{end}]"
    if not (0 <= start <= len(text) and 0 <= end <= len(text)):
        message = f"{where} is out of range, expected offsets from 0 to {len(text)}"
        yield note("span-out-of-range", name, message, "count code points of the raw file", line=line)
        return
    if end <= start:
        message = f"{where} is empty, expected an end after the start"
        yield note("span-empty", name, message, "set the end after the last character, or drop the record", line=line)
        return
    slice_ = text[start:end]
    if span.text != slice_ and (span.text is not None or gold):
        message = f"text is {quoted(span.text)}, but {where} is {quoted(slice_)}{_whereabouts(text, span.text or '', start)}"
        yield note("span-text-differs", name, message, "correct the offsets or the text", line=line)
        return
    stripped = slice_.strip()
    if slice_ != stripped:
        begin = start + slice_.index(stripped) if stripped else start
        expected = f"{quoted(stripped)} at {begin}:{begin + len(stripped)}" if stripped else "a span that holds more"
        message = f"{where} is {quoted(slice_)}, with white space at an edge, expected {expected}"
        yield note("span-white-space", name, message, "leave the white space out", line=line)
        return
    if document.block_at(start, end) is None:
        block = next(block for block in document.blocks if block.end > start)
        message = f"{where} crosses a block border, expected it to end by {block.end}, where its block ends"
        yield note("span-crosses-block", name, message, "end it in its block, and label the rest on its own", line=line)


def _whereabouts(text: str, found: str, start: int) -> str:
    """Where the recorded string stands nearest to its offset, as an end of a message."""
    if not found:
        return ""
    places = [place for place in (text.rfind(found, 0, start + len(found)), text.find(found, max(start, 0))) if place >= 0]
    if not places:
        return ", and the string stands nowhere in the text"
    place = min(places, key=lambda place: abs(place - start))
    return f"; the string stands at {place}:{place + len(found)}"


def _check_overlaps(name: str, lines: Sequence[Line]) -> Iterator[Finding]:
    open_lines: list[Line] = []
    for line in sorted(lines, key=lambda line: (line.record.start, -line.record.end, sort_key(line.record))):
        open_lines = [earlier for earlier in open_lines if earlier.record.end > line.record.start]
        clash = next((earlier for earlier in open_lines if not _may_overlap(earlier.record, line.record)), None)
        if clash is not None:
            one, other = clash.record, line.record
            message = (
                f"{other.type} {other.start}:{other.end} overlaps {one.type} {one.start}:{one.end} in line {clash.number}, "
                f"expected spans apart from each other"
            )
            yield note("span-overlaps", name, message, "keep one of them, or part them", line=line)
        open_lines.append(line)


def _may_overlap(outer: Mention | Quotation, inner: Mention | Quotation) -> bool:
    """Whether the layer's form lets the second span stand where the first does: *fragment* and *scare* inside *indirect*.

    What stands inside a *direct* or *block* quotation is a matter of the rules.
    """
    inside = (outer.start, outer.end) != (inner.start, inner.end) and inner.end <= outer.end
    if outer.type == "indirect":
        return inside and inner.type in _INSIDE_INDIRECT
    return inside and outer.type in UNNESTABLE
