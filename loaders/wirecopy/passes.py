"""Agreement of two trees that label the same text, such as two annotators' passes.

Conventions: the first tree is the reference; precision and recall change places when the trees do, F1 does not.

Measures: the scorer's own, Cohen's kappa over blocks (role, story, topic; scikit-learn), Krippendorff's alpha over tokens (type
of mention, type of quotation; the krippendorff library, nominal).

References: Cohen 1960, Krippendorff 2011.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wirecopy.corpus import Corpus, Document, load_corpus
from wirecopy.labels import DOCUMENT_LAYERS, LabelTree, Mention, Quotation
from wirecopy.tasks.entities import tokenize

if TYPE_CHECKING:
    from wirecopy.scoring import Report

OUTSIDE = "none"


def agreement(
    a: LabelTree, b: LabelTree, *, corpus: str | Path | Corpus | None = None, split: str | None = None
) -> "dict[str, Any]":
    """How far two trees agree, layer by layer, over the documents that both label.

    Returns:
        ``documents`` (how many were compared), ``kappa`` (block labels) and ``alpha`` (token labels), each by name with the
        number of ``units``, then ``scores``, ``rows`` and ``signature`` of the report of ``b`` against ``a``.

    Raises:
        ValueError: the trees share no layer or no document.
    """
    from wirecopy.scoring import score

    whole = load_corpus(corpus)
    documents = whole if split is None else whole.split(split)
    if not len(documents):
        raise ValueError(f"split {split!r} holds no document; expected one of {', '.join(whole.split_names)}")
    layers = [layer for layer in a.layers if layer in b.layers]
    if not layers:
        raise ValueError(f"the trees share no layer: one has {', '.join(a.layers)}, the other {', '.join(b.layers)}")
    shared = _shared_documents(a, b, [layer for layer in layers if layer in DOCUMENT_LAYERS], documents)
    report: Report = score(b, reference=a, corpus=whole, split=split, tasks=layers)
    return {
        "documents": len(shared),
        "kappa": _block_kappa(a, b, documents, shared) if "segments" in layers else {},
        "alpha": _token_alpha(a, b, documents, shared, layers),
        "scores": report.to_dict()["scores"],
        "rows": report.rows(),
        "signature": report.signature,
    }


def _shared_documents(a: LabelTree, b: LabelTree, layers: Sequence[str], corpus: Corpus) -> list[str]:
    shared = [
        doc_id for doc_id in corpus if all(doc_id in getattr(a, layer) and doc_id in getattr(b, layer) for layer in layers)
    ]
    if not shared:
        raise ValueError("the trees share no document in the layers that both hold")
    return shared


def _block_kappa(a: LabelTree, b: LabelTree, corpus: Corpus, doc_ids: Sequence[str]) -> dict[str, dict[str, float]]:
    from sklearn.metrics import cohen_kappa_score

    result = {}
    for name in ("role", "story", "topic"):
        first = _block_values(a, name, corpus, doc_ids)
        second = _block_values(b, name, corpus, doc_ids)
        # Kappa is 0/0 when both give one and the same label throughout: that is full agreement.
        alike = len({*first, *second}) == 1
        result[name] = {"value": 1.0 if alike else float(cohen_kappa_score(first, second)), "units": len(first)}
    return result


def _block_values(tree: LabelTree, name: str, corpus: Corpus, doc_ids: Sequence[str]) -> list[str]:
    values: list[str] = []
    for doc_id in doc_ids:
        found = {label.block: getattr(label, name) for label in (tree.segments or {})[doc_id]}
        values.extend(found.get(block) or OUTSIDE for block in range(len(corpus[doc_id].blocks)))
    return values


def _token_alpha(
    a: LabelTree, b: LabelTree, corpus: Corpus, doc_ids: Sequence[str], layers: Sequence[str]
) -> dict[str, dict[str, float]]:
    import krippendorff

    result = {}
    for layer in ("quotes", "entities"):
        if layer not in layers:
            continue
        first, second = (_layer_types(getattr(tree, layer), corpus, doc_ids) for tree in (a, b))
        alike = len({*first, *second}) == 1
        data = [first, second]
        value = 1.0 if alike else float(krippendorff.alpha(_codes(data), level_of_measurement="nominal"))
        result[layer] = {"value": value, "units": len(first)}
    return result


def _layer_types(records: Mapping[str, Sequence[Mention | Quotation]], corpus: Corpus, doc_ids: Sequence[str]) -> list[str]:
    return [kind for doc_id in doc_ids for kind in _token_types(corpus[doc_id], records[doc_id])]


def _token_types(document: Document, records: Iterable[Mention | Quotation]) -> list[str]:
    """The type of the shortest record around every token of a document, or `OUTSIDE`."""
    tokens = tokenize(document.text)
    types = [OUTSIDE] * len(tokens)
    for record in sorted(records, key=lambda r: (r.start - r.end, r.start)):
        for position, (start, end) in enumerate(tokens):
            if record.start <= start and end <= record.end:
                types[position] = record.type
    return types


def _codes(data: Sequence[Sequence[str]]) -> list[list[int]]:
    order = {name: code for code, name in enumerate(sorted({value for row in data for value in row}))}
    return [[order[value] for value in row] for row in data]
