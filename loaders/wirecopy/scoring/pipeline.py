"""Scores of a whole system: duplicates on its own segments, quotations on its own entities.

Conventions: a predicted version is the reference version of the same document with which it shares more than half of their
code points (IoU of their blocks above 1/2); versions without such a twin count against. Predicted entity ids stand for
reference ids by the one-to-one alignment with most mentions in common, as in CEAF-m; ids without any mention on either side
are compared by name.

Measures: ``duplicates`` (B-cubed of versions), ``quotes_end_to_end`` (`wirecopy.scoring.quotes`).

References: those of `wirecopy.scoring.clusters`.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from wirecopy.corpus import Corpus
from wirecopy.derive import Version
from wirecopy.labels import LabelTree, Quotation
from wirecopy.scoring import clusters, columns, quotes
from wirecopy.scoring.duplicates import cluster_codes, versions_of
from wirecopy.scoring.matching import twins
from wirecopy.scoring.measures import Ints, Measure


def score(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """Both measures of a whole system over the documents of ``corpus``."""
    return [_duplicates(reference, predicted, corpus), _quotes(reference, predicted, corpus)]


def _duplicates(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> Measure:
    row = {doc_id: number for number, doc_id in enumerate(corpus)}
    sides = [versions_of(tree, corpus) for tree in (reference, predicted)]
    held, given = (cluster_codes(list(side), tree) for side, tree in zip(sides, (reference, predicted), strict=True))
    documents = [np.array([row[version.doc_id] for version in side.values()], dtype=np.int64) for side in sides]
    pairs = _same_versions(list(sides[0].values()), list(sides[1].values()), corpus)
    return clusters.b_cubed("duplicates", clusters.join(held, given, pairs, documents[0], documents[1]))


def _same_versions(held: Sequence[Version], given: Sequence[Version], corpus: Corpus) -> tuple[Ints, Ints]:
    """Positions of versions of one document whose blocks have an IoU above 1/2, which leaves each at most one twin."""
    candidates: dict[str, list[int]] = {}
    for position, version in enumerate(held):
        candidates.setdefault(version.doc_id, []).append(position)
    pairs = []
    for position, version in enumerate(given):
        lengths = [block.end - block.start for block in corpus[version.doc_id].blocks]
        blocks = set(version.blocks)
        for other in candidates.get(version.doc_id, ()):
            against = set(held[other].blocks)
            common = sum(lengths[block] for block in blocks & against)
            if 2 * common > sum(lengths[block] for block in blocks | against):
                pairs.append((other, position))
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _quotes(reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> Measure:
    held, given, _, ids = columns.mentions(reference, predicted, corpus)
    longest = max(int((side.end - side.start).max(initial=0)) for side in (held, given)) + 1
    pairs = twins(*(side.start * longest + side.end - side.start for side in (held, given)))
    named = [side.entity >= 0 for side in (held, given)]
    both = named[0][pairs[0]] & named[1][pairs[1]]
    nowhere = np.zeros(int(both.sum()), dtype=np.int64)
    items = clusters.Items(held.entity[pairs[0][both]], given.entity[pairs[1][both]], nowhere)
    ours = {ids[b]: ids[a] for a, b in zip(*(side.tolist() for side in clusters.alignment(items)), strict=True)}
    mentioned = {ids[code] for side, rows in zip((held, given), named, strict=True) for code in np.unique(side.entity[rows])}

    def translated(quotation: Quotation) -> Quotation:
        speaker = quotation.speaker
        if speaker is None or speaker not in mentioned:
            return quotation
        # NUL stands in no id, so an id without a partner equals none of the reference's.
        return replace(quotation, speaker=ours.get(speaker, f"\0{speaker}"))

    mine = {doc_id: [translated(row) for row in rows] for doc_id, rows in (predicted.quotes or {}).items() if doc_id in corpus}
    held_quotes, given_quotes, _ = columns.quotations(reference, replace(predicted, quotes=mine), corpus)
    return quotes.end_to_end("quotes_end_to_end", held_quotes, given_quotes, len(corpus))
