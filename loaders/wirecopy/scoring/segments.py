"""Scores of story segments, topic segments and block roles.

Conventions: segments are derived from block labels, a null block joining its neighbour (`wirecopy.scoring.boundaries`).
What a story or a topic is called does not matter, only where it begins and ends. A document without any story label holds
no segments.

Measures of stories: ``panoptic`` (segments as sets of code points inside blocks, matched where IoU is above 1/2; pq = sq *
rq), ``boundaries_exact``, ``boundaries_within_one`` (at most one block away, one to one), ``documents_right``, ``pk``,
``window_diff``, ``boundary_similarity`` (means over documents). Measures of topics: the same of borders, inside each story
segment of the reference. Measures of roles: ``macro`` (mean F1 of roles over blocks), ``accuracy``.

References: Kirillov et al. 2019 (Panoptic Quality), and those of `wirecopy.scoring.boundaries`.
"""

import numpy as np

from wirecopy.corpus import Corpus
from wirecopy.labels import LabelTree
from wirecopy.scoring import columns
from wirecopy.scoring.boundaries import Segmentations, Units
from wirecopy.scoring.measures import (
    Floats,
    Ints,
    Measure,
    Sums,
    Values,
    count_by,
    count_of,
    from_counts,
    macro,
    ratio,
    share,
    total,
)


def score_stories(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """All measures of story segments over the documents of ``corpus``."""
    held, given, _ = columns.blocks(reference, predicted, corpus)
    size = len(corpus)
    both = Segmentations(Units(_numbered(held.document)), held.story, given.story)
    documents = held.document[both.units.starts]
    borders = [count_of(documents, size, both.units.count(side)) for side in both.borders]
    return [
        _panoptic(both, held.length, documents, size),
        from_counts("boundaries_exact", count_of(documents, size, both.matched_exactly()), *borders),
        _within_one(both, documents, size, borders),
        share("documents_right", *_per_document(both.right().astype(np.float64), documents, size), empty=1.0),
        *_means(both, documents, size),
    ]


def score_topics(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """All measures of topic segments inside the story segments of the reference."""
    held, given, _ = columns.blocks(reference, predicted, corpus)
    size = len(corpus)
    stories = Units(_numbered(held.document))
    begins = stories.first | stories.borders(stories.fill(held.story))
    both = Segmentations(Units(np.cumsum(begins) - 1), held.topic, given.topic)
    documents = held.document[both.units.starts]
    borders = [count_of(documents, size, both.units.count(side)) for side in both.borders]
    return [_within_one(both, documents, size, borders), *_means(both, documents, size)]


def score_roles(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """All measures of block roles; a block without a label on one side counts against that side."""
    held, given, roles = columns.blocks(reference, predicted, corpus)
    size, kinds = len(corpus), len(roles) or 1
    right = (held.role == given.role) & (held.role >= 0)
    tables = [
        count_by(blocks.document[rows], blocks.role[rows], size, kinds)
        for blocks, rows in ((held, right), (held, held.role >= 0), (given, given.role >= 0))
    ]
    labelled = held.document[(held.role >= 0) | (given.role >= 0)]
    return [
        macro("macro", roles or [""], *tables),
        share("accuracy", tables[0].sum(axis=1), count_of(labelled, size), empty=1.0),
    ]


def _numbered(document: Ints) -> Ints:
    """The documents that hold blocks, numbered from 0 without gaps."""
    return np.unique(document, return_inverse=True)[1]


def _per_document(values: Floats, documents: Ints, size: int) -> tuple[Floats, Floats]:
    """The sum of the values of each document's units, and how many units it has."""
    return count_of(documents, size, values), count_of(documents, size)


def _within_one(both: Segmentations, documents: Ints, size: int, borders: list[Floats]) -> Measure:
    matched = count_of(documents, size, both.matched_within_one())
    return from_counts("boundaries_within_one", matched, *borders)


def _means(both: Segmentations, documents: Ints, size: int) -> list[Measure]:
    pk, window_diff = both.window_errors()
    reference, predicted = (both.units.count(side) for side in both.borders)
    borderless = int(np.count_nonzero((reference == 0) & (predicted == 0)))
    gapless = int(np.count_nonzero(both.gapless))
    return [
        _mean("pk", pk, documents, size, gapless, empty=0.0),
        _mean("window_diff", window_diff, documents, size, gapless, empty=0.0),
        _mean("boundary_similarity", both.similarity(), documents, size, borderless, empty=1.0),
    ]


def _mean(name: str, values: Floats, documents: Ints, size: int, vacant: int, *, empty: float) -> Measure:
    column, units = _per_document(values, documents, size)

    def mean(sums: Floats) -> Values:
        return {"value": ratio(sums[..., 0], sums[..., 1], empty)}

    sums = Sums(np.stack([column, units], axis=1), mean)
    return Measure(name=name, outputs=total(sums), support={"reference": len(values)}, empty=vacant, resample=sums)


def _panoptic(both: Segmentations, length: Ints, documents: Ints, size: int) -> Measure:
    units = both.units
    weights = length.astype(np.float64)
    numbers = [np.cumsum(units.first | borders) - 1 for borders in both.borders]
    areas = [np.bincount(number, weights) for number in numbers]
    # Blocks of a unit that one side leaves unlabelled are in no segment of that side.
    reference, predicted = (held[units.unit] for held in both.labelled)
    shared = reference & predicted
    width = int(numbers[1].max(initial=0)) + 1
    cells, cell = np.unique(numbers[0][shared] * width + numbers[1][shared], return_inverse=True)
    common = np.bincount(cell, weights[shared])
    a, b = np.divmod(cells, width)
    overlap = common / (areas[0][a] + areas[1][b] - common)
    # Above one half a segment has at most one partner, so no choice is left to make.
    matched = overlap > 0.5
    document_of = documents[units.unit[np.flatnonzero(units.first | both.borders[0])]][a[matched]]
    counts = [
        count_of(documents[units.unit[(units.first | borders) & labelled]], size)
        for borders, labelled in zip(both.borders, (reference, predicted), strict=True)
    ]
    columns_of = [count_of(document_of, size, overlap[matched]), count_of(document_of, size), *counts]
    sums = Sums(np.stack(columns_of, axis=1), _panoptic_values)
    found, held, given = (round(float(column.sum())) for column in columns_of[1:])
    empty = int(np.count_nonzero((counts[0] == 0) & (counts[1] == 0)))
    support = {"reference": held, "predicted": given, "matched": found}
    return Measure(name="panoptic", outputs=total(sums), support=support, empty=empty, resample=sums)


def _panoptic_values(sums: Floats) -> Values:
    overlap, matched, reference, predicted = (sums[..., column] for column in range(4))
    halves = (reference + predicted) / 2
    vacant = np.where(halves > 0, 0.0, 1.0)
    return {"pq": ratio(overlap, halves, 1.0), "sq": ratio(overlap, matched, vacant), "rq": ratio(matched, halves, 1.0)}
