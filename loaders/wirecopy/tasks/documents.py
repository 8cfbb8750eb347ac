"""All layers at once: a row is a document with its blocks, quotations and mentions.

Conventions: offsets are Unicode code points into ``text``, ``end`` exclusive. ``outlet`` and ``published`` are null unless the
file itself names them.
"""

from collections.abc import Iterator

from datasets import Features, List, Value

from wirecopy.tasks import Config, Row, Source
from wirecopy.tasks.entities import MENTION, mentions
from wirecopy.tasks.quotes import QUOTATION, quotations
from wirecopy.tasks.segments import labels_by_block

BLOCK = {
    "start": Value("int32"),
    "end": Value("int32"),
    "role": Value("string"),
    "story": Value("string"),
    "topic": Value("string"),
}


def features() -> Features:
    """The columns of ``documents``."""
    return Features(
        {
            "doc_id": Value("string"),
            "origin": Value("string"),
            "outlet": Value("string"),
            "published": Value("string"),
            "text": Value("string"),
            "sha256": Value("string"),
            "blocks": List(BLOCK),
            "quotes": List(QUOTATION),
            "entities": List(MENTION),
        }
    )


def rows(source: Source) -> Iterator[Row]:
    """A row for every document."""
    for doc_id, document in source.corpus.items():
        labels = labels_by_block(source, doc_id)
        yield {
            "doc_id": doc_id,
            "origin": document.entry.origin,
            "outlet": document.entry.outlet,
            "published": document.entry.published,
            "text": document.text,
            "sha256": document.entry.sha256,
            "blocks": [
                {"start": block.start, "end": block.end, "role": label.role, "story": label.story, "topic": label.topic}
                for block, label in zip(document.blocks, labels, strict=True)
            ],
            "quotes": quotations(source, doc_id),
            "entities": mentions(source, doc_id),
        }


CONFIGS = (Config("documents", features, rows),)
