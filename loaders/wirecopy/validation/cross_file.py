"""What must agree across files: ids and their registries, repeated text and its labels, copies and their relations.

Measures: containment of word 5-grams, after Broder 1997.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from wirecopy.corpus import Document, fold
from wirecopy.derive import version_text, versions, word_ngrams
from wirecopy.findings import Finding, quoted
from wirecopy.labels import LabelFile, Line, VersionPair
from wirecopy.validation.codes import note
from wirecopy.validation.context import Context, segments_of
from wirecopy.validation.marks import DOUBLE, SINGLE

# In the real files, versions from one copy share two thirds of the shorter one's 5-grams, versions of one event in words of
# their own less than a tenth, unrelated ones almost none. Between the two lie a copy and a mistake.
COPIED_CONTAINMENT = 0.3
# Shorter versions hold too few 5-grams for a share of them to mean anything.
FEWEST_NGRAMS = 20
# A 5-gram in more versions than this is a phrase of the trade; leaving it out keeps the scan from growing with its square.
COMMON_NGRAM = 50
LONG_QUOTATION = 5


def check_cross_file(files: Sequence[LabelFile], context: Context, *, whole: bool) -> list[Finding]:
    """Disagreements between files that have no finding so far; ``whole`` says that these are all files of the tree."""
    findings = [*_check_entity_types(files, context), *_check_utterances(files)]
    if whole:
        findings += _check_unused(files, context)
    wrong = {finding.file for finding in findings}
    findings += _check_identical_blocks([file for file in files if file.name not in wrong], context)
    listed = next((file for file in files if file.name == "duplicates/versions.jsonl"), None)
    if listed is not None:
        findings += _check_copies(listed, files, context)
    return findings


def _lines(files: Sequence[LabelFile], layer: str) -> Iterator[tuple[LabelFile, Line]]:
    for file in files:
        if file.layer == layer:
            for line in file.lines:
                yield file, line


def _check_entity_types(files: Sequence[LabelFile], context: Context) -> Iterator[Finding]:
    types = context.entity_types or {}
    for file, line in _lines(files, "entities"):
        mention = line.record
        expected = types.get(mention.entity, mention.type)
        if mention.type != expected:
            message = f"{quoted(mention.entity)} is {mention.type} here, expected {expected} as in entities.json"
            yield note("entity-type-disagrees", file.name, message, "correct the type or the id", line=line)


def _check_unused(files: Sequence[LabelFile], context: Context) -> Iterator[Finding]:
    entities = {line.record.entity for _, line in _lines(files, "entities")}
    entities |= {line.record.speaker for _, line in _lines(files, "quotes")}
    for name in sorted(set(context.entity_types or {}) - entities):
        message = f"nothing has the entity {quoted(name)}, expected a mention or a speaker"
        yield note("entity-unused", "entities.json", message, "drop the entry", record=json.dumps(name))
    labels = [line.record for _, line in _lines(files, "segments")]
    stories = {label.story for label in labels}
    used_topics = {(label.story, label.topic) for label in labels}
    for story, topics in sorted((context.topics or {}).items()):
        if story not in stories:
            message = f"nothing has the story {quoted(story)}, expected a block"
            yield note("story-unused", "stories.json", message, "drop the entry", record=json.dumps(story))
            continue
        for topic in topics:
            if (story, topic) not in used_topics:
                message = f"nothing has the topic {quoted(topic)} of story {quoted(story)}, expected a block"
                record = json.dumps([story, topic])
                yield note("topic-unused", "stories.json", message, "drop it from the list", record=record)


def _check_utterances(files: Sequence[LabelFile]) -> Iterator[Finding]:
    """Direct quotations of five words or more that are one string, marks and edge punctuation apart, in two utterances."""
    first: dict[str, tuple[LabelFile, Line]] = {}
    for file, line in _lines(files, "quotes"):
        quotation = line.record
        content = fold(quotation.text or "").strip(DOUBLE + SINGLE + ".,;:!?… ")
        if quotation.type != "direct" or len(content.split()) < LONG_QUOTATION:
            continue
        there, other = first.setdefault(content, (file, line))
        if other.record.utterance != quotation.utterance:
            message = (
                f"{quoted(content)} is utterance {quoted(quotation.utterance)} here, "
                f"expected {quoted(other.record.utterance)} as in {there.name}:{other.number}"
            )
            yield note("utterance-split", file.name, message, "give both one utterance", line=line)


def _check_identical_blocks(files: Sequence[LabelFile], context: Context) -> Iterator[Finding]:
    """Blocks of one story that are the same text in two documents and are labelled differently."""
    by_name = {file.name: file for file in files}
    for layer, what in (("entities", "named entities"), ("quotes", "quotations")):
        first: dict[tuple[str, str], tuple[str, int, list[Any]]] = {}
        for doc_id, labels in segments_of(files).items():
            file = by_name.get(f"{layer}/{doc_id}.jsonl")
            if file is None:
                continue
            by_block = _by_block(file, context.corpus[doc_id])
            for label in labels:
                if label.story is None:
                    continue
                found = by_block.get(label.block, [])
                text = context.folded[doc_id][label.block]
                other_doc, other_block, expected = first.setdefault((label.story, text), (doc_id, label.block, found))
                if found != expected:
                    message = (
                        f"block {label.block} ({quoted(text)}) has the {what} {quoted(_only(found, expected))}, expected "
                        f"{quoted(_only(expected, found))} as in block {other_block} of {other_doc}, which is the same text"
                    )
                    remedy = "label both alike"
                    record = json.dumps({"block": label.block})
                    yield note("identical-blocks-differ", file.name, message, remedy, record=record)


def _by_block(file: LabelFile, document: Document) -> dict[int, list[Any]]:
    """The labels of a file by block, as what two blocks of the same text must share: surfaces, types and ids."""
    blocks: dict[int, list[Any]] = {}
    for line in file.lines:
        record = line.record
        block = document.block_at(record.start, record.end)
        if block is None:
            continue
        seen: list[Any] = [fold(document.text[record.start : record.end]), record.type]
        if file.layer == "entities":
            seen.append(record.entity)
        else:
            parts = () if record.type == "block" else (record.cue, record.source)
            seen += [span and fold(document.text[span.start : span.end]) for span in parts]
            seen += [record.speaker, record.utterance]
        blocks.setdefault(block, []).append(seen)
    return blocks


def _only(found: list[Any], other: list[Any]) -> list[Any]:
    """What one list of labels holds and the other does not, or not as often."""
    rest = list(other)
    only = []
    for label in found:
        if label in rest:
            rest.remove(label)
        else:
            only.append(label)
    return only


def _check_copies(listed: LabelFile, files: Sequence[LabelFile], context: Context) -> Iterator[Finding]:
    """Pairs of versions that are unrelated, listed or not, and share so many 5-grams that one is copied from the other."""
    relations: Mapping[tuple[str, str], Line] = {(line.record.a, line.record.b): line for line in listed.lines}
    held = versions(segments_of(files))
    ngrams = {name: word_ngrams(version_text(version, context.corpus)) for name, version in held.items()}
    places: dict[tuple[str, ...], list[str]] = {}
    for name, own in ngrams.items():
        for ngram in own:
            places.setdefault(ngram, []).append(name)
    shared = Counter(pair for names in places.values() if len(names) <= COMMON_NGRAM for pair in combinations(names, 2))
    for (a, b), count in sorted(shared.items()):
        line = relations.get((a, b))
        pair: VersionPair | None = line.record if line else None
        if pair is not None and pair.relation != "unrelated":
            continue
        shorter = min(len(ngrams[a]), len(ngrams[b]))
        containment = count / shorter
        if shorter >= FEWEST_NGRAMS and containment >= COPIED_CONTAINMENT:
            message = (
                f"{quoted(a)} and {quoted(b)} are unrelated, but share {containment:.0%} of the shorter one's word 5-grams, "
                f"expected less than {COPIED_CONTAINMENT:.0%}"
            )
            record = json.dumps({"a": a, "b": b})
            remedy = "label the pair and give both one story"
            yield note("unlabelled-near-duplicate", listed.name, message, remedy, line=line, record=record)
