"""Quotations: who said what, in which words, and which quotations give one utterance.

Conventions: a row is a document; offsets are Unicode code points into ``text``, ``end`` exclusive. The content of a *direct*,
*fragment* or *scare* quotation includes its marks; ``cue`` and ``source`` are null where the text gives none.

Measures: `wirecopy.scoring.quotes`.

References: Pareti 2012 (PARC) and Newell et al. 2018 (PolNeAR) for content, cue and source.
"""

from collections.abc import Iterator

from datasets import Features, List, Value

from wirecopy.labels import sort_key, to_dict
from wirecopy.tasks import Config, Row, Source

SPAN = {"start": Value("int32"), "end": Value("int32"), "text": Value("string")}
QUOTATION = {
    **SPAN,
    "type": Value("string"),
    "cue": SPAN,
    "source": SPAN,
    "speaker": Value("string"),
    "utterance": Value("string"),
}


def features() -> Features:
    """The columns of ``quotes``."""
    return Features({"doc_id": Value("string"), "text": Value("string"), "quotes": List(QUOTATION)})


def quotations(source: Source, doc_id: str) -> list[Row]:
    """The quotations of a document, by offset."""
    return [to_dict(quotation) for quotation in sorted((source.tree.quotes or {})[doc_id], key=sort_key)]


def rows(source: Source) -> Iterator[Row]:
    """A row for every document."""
    for doc_id, document in source.corpus.items():
        yield {"doc_id": doc_id, "text": document.text, "quotes": quotations(source, doc_id)}


CONFIGS = (Config("quotes", features, rows),)
