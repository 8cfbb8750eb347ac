"""Scores of named mentions and of the ids they carry.

Conventions: mentions are compared by their offsets in the raw text; counts are pooled over documents (micro). Two mentions
on the same offsets are told apart by type and id, and pair off one to one.

Measures: ``strict`` (offsets and type), ``macro`` (mean strict F1 over types with at least 30 mentions in the reference),
``exact_boundary`` (offsets, any type), ``overlap_and_type`` (a shared code point and the type), ``partial`` (equal offsets
1, overlap 1/2, any type), ``unseen`` (strict, mentions whose surface was not seen in training), ``ids_*`` (clusters of
mentions by id over all documents, a null id alone), ``ids_on_gold_mentions_*`` (the same on the reference's mentions
alone).

References: MUC-5 and SemEval-2013 task 9 (partial credit), and those of `wirecopy.scoring.clusters`.
"""

from collections.abc import Collection, Mapping

import numpy as np

from wirecopy.corpus import Corpus
from wirecopy.labels import LabelTree
from wirecopy.scoring import clusters, columns
from wirecopy.scoring.columns import Mentions
from wirecopy.scoring.matching import maximum_matching, overlapping, twins
from wirecopy.scoring.measures import (
    Flags,
    Floats,
    Ints,
    Measure,
    count_by,
    count_of,
    from_counts,
    macro,
    with_labels,
    without_value,
)

ENOUGH_MENTIONS = 30


def score(
    *, reference: LabelTree, predicted: LabelTree, corpus: Corpus, seen: Mapping[str, Collection[str]] | None
) -> list[Measure]:
    """All measures of mentions over the documents of ``corpus``.

    Args:
        reference: the tree to score against.
        predicted: the tree to score.
        corpus: the documents to score; both trees name documents of the corpus alone.
        seen: for each document the surfaces, case-folded, that training has seen; None where nothing is known.
    """
    held, given, types, _ = columns.mentions(reference, predicted, corpus)
    size = len(corpus)
    place_held, place_given = _keys(held, given)
    kinds = len(types) or 1
    strict = twins(place_held * kinds + held.type, place_given * kinds + given.type)
    by_type = [
        count_by(side.document[rows], side.type[rows], size, kinds)
        for side, rows in ((held, strict[0]), (held, np.arange(len(held.type))), (given, np.arange(len(given.type))))
    ]
    reference_counts, predicted_counts = count_of(held.document, size), count_of(given.document, size)

    def counted(name: str, matched: Floats) -> Measure:
        return from_counts(name, matched, reference_counts, predicted_counts)

    pairs = overlapping(held.start, held.end, given.start, given.end)
    same = held.type[pairs[0]] == given.type[pairs[1]]
    typed = pairs[0][same], pairs[1][same]
    typed_rows = typed[0][maximum_matching(*typed, np.ones(len(typed[0])))]
    credit = np.where(place_held[pairs[0]] == place_given[pairs[1]], 1.0, 0.5)
    best = maximum_matching(*pairs, credit)
    exact = twins(place_held, place_given)
    return [
        with_labels(counted("strict", by_type[0].sum(axis=1)), types, *by_type),
        _macro_of_frequent(types, by_type),
        counted("exact_boundary", count_of(held.document[exact[0]], size)),
        counted("overlap_and_type", count_of(held.document[typed_rows], size)),
        counted("partial", count_of(held.document[pairs[0][best]], size, credit[best])),
        _unseen(held, given, strict, corpus, seen),
        *_ids(held, given, exact),
    ]


def _keys(held: Mentions, given: Mentions) -> tuple[Ints, Ints]:
    """One number for the offsets of every mention."""
    longest = max(int((side.end - side.start).max(initial=0)) for side in (held, given)) + 1
    return held.start * longest + held.end - held.start, given.start * longest + given.end - given.start


def _macro_of_frequent(types: list[str], by_type: list[Floats]) -> Measure:
    frequent = np.flatnonzero(by_type[1].sum(axis=0) >= ENOUGH_MENTIONS)
    if not len(frequent):
        return without_value("macro", ["f1"], f"no type has {ENOUGH_MENTIONS} mentions in the reference")
    return macro("macro", [types[kind] for kind in frequent], *(table[:, frequent] for table in by_type))


def _unseen(
    held: Mentions, given: Mentions, strict: tuple[Ints, Ints], corpus: Corpus, seen: Mapping[str, Collection[str]] | None
) -> Measure:
    if seen is None:
        note = "the reference has no mentions in the split `train`: nothing is known to have been seen"
        return without_value("unseen", ["precision", "recall", "f1"], note)
    size = len(corpus)
    new_held = _are_new(held, corpus, seen)
    new_given = np.empty(len(given.document), dtype=np.bool_)
    # The same offsets hold the same surface.
    new_given[strict[1]] = new_held[strict[0]]
    alone = np.setdiff1d(np.arange(len(given.document)), strict[1], assume_unique=True)
    new_given[alone] = _are_new(given.take(alone), corpus, seen)
    return from_counts(
        "unseen",
        count_of(held.document[strict[0][new_held[strict[0]]]], size),
        count_of(held.document[new_held], size),
        count_of(given.document[new_given], size),
    )


class _NewSurfaces(dict[str, bool]):
    """Whether a surface is new to training, looked up once for every surface."""

    def __init__(self, seen: Collection[str]) -> None:
        super().__init__()
        self._seen = seen

    def __missing__(self, surface: str) -> bool:
        return self.setdefault(surface, surface.casefold() not in self._seen)


def _are_new(side: Mentions, corpus: Corpus, seen: Mapping[str, Collection[str]]) -> Flags:
    base = columns.places(corpus)[side.document]
    texts = [document.text for document in corpus.values()]
    surfaces = [seen.get(doc_id, ()) for doc_id in corpus]
    # Documents of one fold share one collection of surfaces, and so one look-up.
    shared = {id(known): _NewSurfaces(known) for known in surfaces}
    new = [shared[id(known)] for known in surfaces]
    rows = zip(side.document.tolist(), (side.start - base).tolist(), (side.end - base).tolist(), strict=True)
    return np.array([new[row][texts[row][start:end]] for row, start, end in rows], dtype=np.bool_)


def surfaces(tree: LabelTree, corpus: Corpus) -> frozenset[str]:
    """The case-folded surfaces of all mentions that a tree has in the documents of ``corpus``."""
    held = tree.entities or {}
    return frozenset(
        document.text[mention.start : mention.end].casefold()
        for doc_id, document in corpus.items()
        for mention in held.get(doc_id, ())
    )


def _ids(held: Mentions, given: Mentions, exact: tuple[Ints, Ints]) -> list[Measure]:
    reference, predicted = (clusters.singletons_for_missing(side.entity) for side in (held, given))
    everywhere = clusters.join(reference, predicted, exact, held.document, given.document)
    # On the reference's mentions, one that the system lacks is alone.
    on_gold = np.full(len(reference), -1, dtype=np.int64)
    on_gold[exact[0]] = predicted[exact[1]]
    gold_only = clusters.Items(reference, clusters.singletons_for_missing(on_gold), held.document)
    return [
        measure(f"{prefix}_{name}", items)
        for prefix, items in (("ids", everywhere), ("ids_on_gold_mentions", gold_only))
        for name, measure in (("b_cubed", clusters.b_cubed), ("ceaf_m", clusters.ceaf_m), ("lea", clusters.lea))
    ]
