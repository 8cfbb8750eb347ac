"""Named entities: every named mention, its type, and the id of the thing it names.

Conventions: offsets are Unicode code points into the document's text, ``end`` exclusive. ``entities`` has a row for a document,
``tokens`` one for a block; tokens carry their offsets in the document, so BIO tags decode to exact spans.

Measures: `wirecopy.scoring.entities`.

References: Weischedel et al. 2013 (OntoNotes 5 named types), Tjong Kim Sang and De Meulder 2003 (BIO columns).
"""

import re
from collections.abc import Iterator

from datasets import ClassLabel, Features, List, Value

from wirecopy.labels import ENTITY_TYPES, Mention, sort_key, to_dict
from wirecopy.tasks import Config, Row, Source

TAGS = ("O", *(f"{prefix}-{kind}" for kind in ENTITY_TYPES for prefix in "BI"))

MENTION = {
    "start": Value("int32"),
    "end": Value("int32"),
    "text": Value("string"),
    "type": Value("string"),
    "entity": Value("string"),
}

# Scraped pages glue words together (*trainOpens*): a change from lower to upper case ends a token.
_TOKEN = re.compile(r"\w+|[^\w\s]")


def tokenize(text: str) -> list[tuple[int, int]]:
    """The tokens of a text as ``(start, end)`` in code points.

    A token is a run of word characters, cut where a lower-case letter is followed by an upper-case one, or any other single
    character that is no white space.
    """
    tokens = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        for position in range(start + 1, end):
            if text[position - 1].islower() and text[position].isupper():
                tokens.append((start, position))
                start = position
        tokens.append((start, end))
    return tokens


def features() -> Features:
    """The columns of ``entities``."""
    return Features({"doc_id": Value("string"), "text": Value("string"), "entities": List(MENTION)})


def mentions(source: Source, doc_id: str) -> list[Row]:
    """The mentions of a document, by offset."""
    return [to_dict(mention) for mention in sorted((source.tree.entities or {})[doc_id], key=sort_key)]


def rows(source: Source) -> Iterator[Row]:
    """A row for every document."""
    for doc_id, document in source.corpus.items():
        yield {"doc_id": doc_id, "text": document.text, "entities": mentions(source, doc_id)}


def token_features() -> Features:
    """The columns of ``tokens``."""
    return Features(
        {
            "doc_id": Value("string"),
            "block": Value("int32"),
            "tokens": List(Value("string")),
            "starts": List(Value("int32")),
            "ends": List(Value("int32")),
            "ner_tags": List(ClassLabel(names=list(TAGS))),
        }
    )


def token_rows(source: Source) -> Iterator[Row]:
    """A row for every block of every document."""
    for doc_id, document in source.corpus.items():
        by_block: dict[int | None, list[Mention]] = {}
        for mention in (source.tree.entities or {})[doc_id]:
            by_block.setdefault(document.block_at(mention.start, mention.end), []).append(mention)
        for number, block in enumerate(document.blocks):
            spans = [(block.start + start, block.start + end) for start, end in tokenize(document.block_text(number))]
            yield {
                "doc_id": doc_id,
                "block": number,
                "tokens": [document.text[start:end] for start, end in spans],
                "starts": [start for start, _ in spans],
                "ends": [end for _, end in spans],
                "ner_tags": [TAGS.index(tag) for tag in bio_tags(spans, by_block.get(number, []))],
            }


def bio_tags(tokens: list[tuple[int, int]], mentions: list[Mention]) -> list[str]:
    """The BIO tag of every token; mentions must not overlap."""
    tags = ["O"] * len(tokens)
    for mention in mentions:
        prefix = "B"
        for position, (start, end) in enumerate(tokens):
            if mention.start <= start and end <= mention.end:
                tags[position] = f"{prefix}-{mention.type}"
                prefix = "I"
    return tags


CONFIGS = (
    Config("entities", features, rows),
    Config("tokens", token_features, token_rows),
)
