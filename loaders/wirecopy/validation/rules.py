"""Rules of the guidelines that a program can check, one document or one pair at a time."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations

from wirecopy.corpus import Document
from wirecopy.derive import Version, versions
from wirecopy.findings import Finding, quoted
from wirecopy.labels import (
    NULL_STORY_ROLES,
    TOPIC_ROLES,
    BlockLabel,
    BlockPair,
    LabelFile,
    Line,
    Quotation,
    VersionPair,
)
from wirecopy.validation.codes import note
from wirecopy.validation.context import Context, segments_of
from wirecopy.validation.marks import closes_later, cover, mark_pairs, reopens, same_width
from wirecopy.validation.spans import UNNESTABLE

MARKED = ("direct", "fragment", "scare")
# The guidelines' *at least half of the shorter version's body blocks*.
NEAR_DUPLICATE_SHARE = 0.5


def check_coverage(files: Sequence[LabelFile], context: Context) -> Iterator[Finding]:
    """Blocks without a label in the segments files of a tree of any kind."""
    for file in files:
        if file.layer == "segments" and file.doc_id is not None:
            labelled = {line.record.block for line in file.lines}
            document = context.corpus[file.doc_id]
            for block in range(len(document.blocks)):
                if block not in labelled:
                    message = f"block {block} ({quoted(document.block_text(block))}) has no label, expected one a block"
                    record = json.dumps({"block": block})
                    yield note("block-unlabelled", file.name, message, "add its role, story and topic", record=record)


def check_rules(files: Sequence[LabelFile], context: Context) -> Iterator[Finding]:
    """Breaches of the rules for gold labels in files that have no finding so far."""
    by_layer: dict[str, Callable[[LabelFile, Document], Iterator[Finding]]] = {
        "segments": _check_segments,
        "quotes": _check_quotes,
        "entities": _check_entities,
    }
    for file in files:
        if file.doc_id is not None:
            yield from by_layer[file.layer](file, context.corpus[file.doc_id])
    segments = segments_of(files)
    pair_files = {file.name: file for file in files if file.layer == "duplicates"}
    drawn = pair_files.get("duplicates/blocks.jsonl")
    listed = pair_files.get("duplicates/versions.jsonl")
    if drawn is None:
        return
    breaches = list(_check_alignments(drawn, segments, context))
    yield from breaches
    if listed is not None and not breaches:
        yield from _check_relations(listed, [line.record for line in drawn.lines], segments, context)


def _check_segments(file: LabelFile, document: Document) -> Iterator[Finding]:
    for line in file.lines:
        label: BlockLabel = line.record
        what = f"block {label.block} ({quoted(document.block_text(label.block))})"
        storyless = label.role in NULL_STORY_ROLES
        if storyless != (label.story is None):
            expected = "null" if storyless else "a story"
            message = f"{what} is {label.role} and has the story {quoted(label.story)}, expected {expected}"
            yield note("role-story-mismatch", file.name, message, "correct the role or the story", line=line)
        if (label.role in TOPIC_ROLES) != (label.topic is not None):
            expected = "a topic" if label.role in TOPIC_ROLES else "null"
            message = f"{what} is {label.role} and has the topic {quoted(label.topic)}, expected {expected}"
            yield note("role-topic-mismatch", file.name, message, "correct the role or the topic", line=line)


def _check_quotes(file: LabelFile, document: Document) -> Iterator[Finding]:
    for line in file.lines:
        yield from _check_quotation(file.name, line, line.record, document)
    closed = [line for line in file.lines if line.record.type in UNNESTABLE]
    for line in file.lines:
        inner = line.record
        for outer in (other for other in closed if other is not line):
            if outer.record.start <= inner.start and inner.end <= outer.record.end:
                message = (
                    f"{inner.type} {inner.start}:{inner.end} stands inside the {outer.record.type} quotation "
                    f"{outer.record.start}:{outer.record.end} in line {outer.number}, expected nothing inside it"
                )
                yield note("quotation-nested", file.name, message, "drop the inner one", line=line)
    yield from _check_marks(file, document)


def _check_quotation(name: str, line: Line, quotation: Quotation, document: Document) -> Iterator[Finding]:
    kind = quotation.type
    content = document.text[quotation.start : quotation.end]
    what = f"{kind} {quotation.start}:{quotation.end}"
    own = document.block_at(quotation.start, quotation.end)
    if kind in MARKED and not _has_marks(quotation, document):
        message = f"{what} is {quoted(content)}, expected an opening mark at its start and a closing one at its end"
        yield note("quotation-without-marks", name, message, "take the marks into the span, or change the type", line=line)
    if kind == "indirect" and quotation.cue is None:
        message = f"{what} ({quoted(content)}) has no cue, expected an expression that reports saying or writing"
        yield note("indirect-without-cue", name, message, "mark the cue, or drop the quotation", line=line)
    if kind == "block" and own is not None:
        block = document.blocks[own]
        if (quotation.start, quotation.end) != (block.start, block.end):
            message = f"{what} is part of block {own}, expected the whole of it, {block.start}:{block.end}"
            yield note("block-quotation-not-whole", name, message, "mark the whole block, or change the type", line=line)
    if kind != "block":
        for part in ("cue", "source"):
            span = getattr(quotation, part)
            if span is not None and (there := document.block_at(span.start, span.end)) != own:
                message = (
                    f"{what} stands in block {own} and its {part} {span.start}:{span.end} in block {there}, expected one block"
                )
                yield note("cue-in-another-block", name, message, f"mark the {part} in the same block, or set null", line=line)
    if kind == "scare" and quotation.utterance is not None:
        message = f"{what} has the utterance {quoted(quotation.utterance)}, expected null: nobody is quoted"
        yield note("scare-with-speech", name, message, "set the utterance to null, or change the type", line=line)
    if kind != "scare" and quotation.utterance is None:
        message = f"{what} ({quoted(content)}) has no utterance, expected the id of what is said"
        yield note("utterance-missing", name, message, "give it an id, shared with what gives the same statement", line=line)


def _has_marks(quotation: Quotation, document: Document) -> bool:
    """Whether a content stands in a pair of marks; *direct* may lack the closing one where its block has none either."""
    content = document.text[quotation.start : quotation.end]
    if len(content) > 2 and same_width(content[0], content[-1]):
        return True
    number = document.block_at(quotation.start, quotation.end)
    if quotation.type != "direct" or number is None or not same_width(content[0], content[0]):
        return False
    return not closes_later(document.block_text(number), quotation.start - document.blocks[number].start)


def _check_marks(file: LabelFile, document: Document) -> Iterator[Finding]:
    """Pairs of quotation marks that are no quotation of their own and stand in no direct, fragment, scare or block one."""
    covering = [line for line in file.lines if line.record.type in (*MARKED, "block")]
    for line in covering:
        quotation = line.record
        content = document.text[quotation.start : quotation.end]
        if quotation.type in MARKED and reopens(content):
            message = f"{quotation.type} {quotation.start}:{quotation.end} ({quoted(content)}) holds the marks of two pairs"
            remedy = "make each pair a quotation, with the same source and cue"
            yield note("quotation-marks-unlabelled", file.name, f"{message}, expected one", remedy, line=line)
    covered = cover(document.text, ((line.record.start, line.record.end) for line in covering))
    for block in document.blocks:
        for start, end in mark_pairs(covered[block.start : block.end]):
            start, end = block.start + start, block.start + end
            text = document.text[start:end]
            message = f"the marks at {start}:{end} ({quoted(text)}) are no quotation, expected direct, fragment or scare"
            record = json.dumps({"start": start, "end": end, "text": text}, ensure_ascii=False)
            yield note("quotation-marks-unlabelled", file.name, message, "label the pair", record=record)


def _check_entities(file: LabelFile, document: Document) -> Iterator[Finding]:
    from wirecopy.tasks.entities import tokenize

    tokens = tokenize(document.text)
    starts, ends = {start for start, _ in tokens}, {end for _, end in tokens}
    for line in file.lines:
        mention = line.record
        if mention.start not in starts or mention.end not in ends:
            low = max((start for start in starts if start <= mention.start), default=0)
            high = min((end for end in ends if end >= mention.end), default=len(document.text))
            surface = quoted(document.text[mention.start : mention.end])
            message = (
                f"{mention.type} {mention.start}:{mention.end} ({surface}) cuts a token, "
                f"expected edges of tokens, as {low}:{high} ({quoted(document.text[low:high])})"
            )
            yield note("entity-inside-token", file.name, message, "begin and end the mention at whole tokens", line=line)


def _check_alignments(file: LabelFile, segments: Mapping[str, Sequence[BlockLabel]], context: Context) -> Iterator[Finding]:
    labels = {(doc_id, label.block): label for doc_id, own in segments.items() for label in own}
    for line in file.lines:
        pair: BlockPair = line.record
        what = f"{pair.a_doc} block {pair.a_block} and {pair.b_doc} block {pair.b_block}"
        if pair.a_doc not in context.corpus or pair.b_doc not in context.corpus:
            continue
        text = context.folded[pair.a_doc][pair.a_block]
        if text == context.folded[pair.b_doc][pair.b_block]:
            message = f"{what} are both {quoted(text)}, expected different text: identical is computed, never drawn"
            yield note("identical-drawn", file.name, message, "drop the pair", line=line)
            continue
        a, b = labels.get((pair.a_doc, pair.a_block)), labels.get((pair.b_doc, pair.b_block))
        if a is None or b is None:
            continue
        if "boilerplate" in (a.role, b.role):
            message = f"{what} are {a.role} and {b.role}, expected no boilerplate"
            yield note("alignment-of-boilerplate", file.name, message, "drop the pair, or correct the role", line=line)
        elif a.story is not None and b.story is not None and a.story != b.story:
            message = f"{what} belong to {quoted(a.story)} and {quoted(b.story)}, expected one story"
            yield note("alignment-across-stories", file.name, message, "drop the pair, or correct a story", line=line)


def _check_relations(
    file: LabelFile, drawn: Sequence[BlockPair], segments: Mapping[str, Sequence[BlockLabel]], context: Context
) -> Iterator[Finding]:
    """Relations that disagree with the text, the drawn alignments and the stories, listed pairs first."""
    held = versions(segments)
    aligned = {
        side
        for pair in drawn
        for side in ((pair.a_doc, pair.a_block, pair.b_doc, pair.b_block), (pair.b_doc, pair.b_block, pair.a_doc, pair.a_block))
    }
    listed = set()
    for line in file.lines:
        pair: VersionPair = line.record
        listed.add((pair.a, pair.b))
        if pair.a in held and pair.b in held:
            expected = _expected_relation(pair.relation, held[pair.a], held[pair.b], aligned, context)
            if expected:
                message = f"{quoted(pair.a)} and {quoted(pair.b)} are {pair.relation}, expected {expected}"
                yield note("relation-disagrees", file.name, message, "correct the relation or the alignments", line=line)
    by_story: dict[str, list[str]] = {}
    for name, version in held.items():
        by_story.setdefault(version.story, []).append(name)
    for names in by_story.values():
        for a, b in combinations(names, 2):
            if (a, b) not in listed:
                message = f"{quoted(a)} and {quoted(b)} are not listed, so unrelated, expected a relation: their story is one"
                record = json.dumps({"a": a, "b": b})
                yield note("relation-disagrees", file.name, message, "list the pair with its relation", record=record)


def _expected_relation(
    relation: str, a: Version, b: Version, aligned: set[tuple[str, int, str, int]], context: Context
) -> str | None:
    """What a pair's relation should be and why, or None where it agrees."""
    bodies = [[context.folded[version.doc_id][block] for block in version.body] for version in (a, b)]
    same = bool(bodies[0]) and bodies[0] == bodies[1]
    if same and relation != "identical":
        return "identical: the body blocks are the same"
    if not same and relation == "identical":
        return "another relation: the body blocks differ"
    if a.story == b.story and relation == "unrelated":
        return "a relation: their story is one"
    if a.story != b.story and relation != "unrelated":
        return "unrelated, or one story: theirs are two"
    if relation == "identical":
        return None
    low, high = _shared(a, b, aligned, context)
    if relation == "near_duplicate" and high < NEAR_DUPLICATE_SHARE:
        return f"same_event: {high:.0%} of the shorter one's body blocks stand in the other, fewer than half"
    if relation != "near_duplicate" and low >= NEAR_DUPLICATE_SHARE:
        return f"near_duplicate: {low:.0%} of the shorter one's body blocks stand in the other, half or more"
    return None


def _shared(a: Version, b: Version, aligned: set[tuple[str, int, str, int]], context: Context) -> tuple[float, float]:
    """The share of the shorter version's body blocks that stand in the other, lowest and highest where both are as short."""
    shares = []
    for one, other in ((a, b), (b, a)):
        if one.body and len(one.body) == min(len(a.body), len(b.body)):
            texts = {context.folded[other.doc_id][block] for block in other.blocks}
            found = [
                context.folded[one.doc_id][block] in texts
                or any((one.doc_id, block, other.doc_id, there) in aligned for there in other.blocks)
                for block in one.body
            ]
            shares.append(sum(found) / len(found))
    return (min(shares), max(shares)) if shares else (0.0, 0.0)
