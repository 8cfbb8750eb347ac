"""Measures of clusters, and each with every component of documents left out once.

Conventions: an item is a version, mention or quotation with the code of its cluster on either side, -1 on the side that
lacks it. An item without a twin counts against the side that has it (as in Pradhan et al. 2014): it stands in the
denominators and in the size of its cluster.

References: Bagga and Baldwin 1998 (B-cubed), Luo 2005 (CEAF), Moosavi and Strube 2016 (LEA), Hubert and Arabie 1985 (ARI),
Pradhan et al. 2014 (items without twins).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wirecopy.scoring.matching import maximum_matching
from wirecopy.scoring.measures import (
    Flags,
    Floats,
    Ints,
    LeaveOut,
    Measure,
    Values,
    precision_recall,
    precision_recall_f1,
    ratio,
)

GLOBAL_NOTE = "the alignment of clusters is global: no interval"


@dataclass(frozen=True)
class Items:
    """Items with their cluster on either side (-1: not there) and the document that each stands in."""

    reference: Ints
    predicted: Ints
    document: Ints

    @cached_property
    def swapped(self) -> "Items":
        """The same items with reference and predicted exchanged."""
        return Items(self.predicted, self.reference, self.document)

    @cached_property
    def cells(self) -> tuple[list[Ints], Ints]:
        """The clusters that share items, as columns of reference and predicted clusters, and how many they share."""
        both = (self.reference >= 0) & (self.predicted >= 0)
        return _group(self.reference[both], self.predicted[both])


def join(
    reference: Ints, predicted: Ints, pairs: tuple[Ints, Ints], reference_document: Ints, predicted_document: Ints
) -> Items:
    """Items of both sides from the clusters of each side's own items and the pairs of positions that are twins."""
    twin = np.full(len(reference), -1, dtype=np.int64)
    twin[pairs[0]] = predicted[pairs[1]]
    alone = np.ones(len(predicted), dtype=np.bool_)
    alone[pairs[1]] = False
    extra = predicted[alone]
    return Items(
        np.concatenate([reference, np.full(len(extra), -1)]),
        np.concatenate([twin, extra]),
        np.concatenate([reference_document, predicted_document[alone]]),
    )


def singletons_for_missing(clusters: Ints) -> Ints:
    """The codes of clusters, with a cluster of its own for every -1."""
    missing = clusters < 0
    result = clusters.copy()
    result[missing] = clusters.max(initial=-1) + 1 + np.arange(np.count_nonzero(missing))
    return result


def _group(*columns: Ints) -> tuple[list[Ints], Ints]:
    """The distinct rows of columns of codes, and how often each stands; sorted by the first column, then the next."""
    key = columns[0]
    sizes = [int(column.max(initial=0)) + 1 for column in columns[1:]]
    for column, size in zip(columns[1:], sizes, strict=True):
        key = key * size + column
    distinct, counts = np.unique(key, return_counts=True)
    rows = []
    for size in reversed(sizes):
        distinct, column = np.divmod(distinct, size)
        rows.append(column)
    return [distinct, *reversed(rows)], counts


def _pairs(counts: Ints | Floats) -> Floats:
    return counts * (counts - 1) / 2


def _find(wanted: Sequence[Ints], rows: Sequence[Ints]) -> tuple[Ints, Flags]:
    """Where each wanted row stands among sorted rows of codes, and whether it does."""
    size = max(int(column.max(initial=0)) for column in (wanted[1], rows[1])) + 1
    key = rows[0] * size + rows[1]
    sought = wanted[0] * size + wanted[1]
    if not len(key):
        return np.zeros(len(sought), dtype=np.int64), np.zeros(len(sought), dtype=np.bool_)
    place = np.minimum(np.searchsorted(key, sought), len(key) - 1)
    return place, key[place] == sought


def _measure(name: str, items: Items, values: Values, *, left_out: LeaveOut | None, note: str | None = None) -> Measure:
    reference, predicted = items.reference >= 0, items.predicted >= 0
    support = {
        "reference": int(reference.sum()),
        "predicted": int(predicted.sum()),
        "matched": int((reference & predicted).sum()),
    }
    outputs: dict[str, float | None] = {output: float(value) for output, value in values.items()}
    empty = int(len(items.document) == 0)
    return Measure(name=name, outputs=outputs, support=support, empty=empty, resample=left_out, note=note)


class _Side:
    """One side's clusters: their sizes, and what the items shared with each cluster of the other side are worth.

    A cluster is worth ``worth(n)``, summed over the clusters of the other side that it shares n items with, divided by
    ``divisor(size)``. B-cubed and LEA are both of this form.
    """

    def __init__(self, items: Items, worth: Callable[[Ints], Ints], divisor: Callable[[Ints], Ints]) -> None:
        self._items = items
        self._worth = worth
        self._divisor = divisor
        self.sizes = np.bincount(items.reference[items.reference >= 0])
        (self._cell_own, self._cell_other), self._cell_counts = items.cells
        self._worths = _sum_at(self._cell_own, worth(self._cell_counts), len(self.sizes))
        self.credit = float(ratio(self._worths, divisor(self.sizes).astype(np.float64), 0.0).sum())
        self.count = int(self.sizes.sum())

    def left_out(self, component: Ints, components: int) -> tuple["_Change", Floats, Floats]:
        """What changes, the credit and the count without each component; ``component`` is that of every item."""
        own, other = self._items.reference, self._items.predicted
        held = own >= 0
        change = _Change(*_group(component[held], own[held]), self.sizes)
        both = held & (other >= 0)
        (owner, cluster, partner), taken = _group(component[both], own[both], other[both])
        cell = self._cell_counts[_find((cluster, partner), (self._cell_own, self._cell_other))[0]]
        lost = self._worth(cell) - self._worth(cell - taken)
        rows = change.rows
        worths = self._worths[rows[1]] - _sum_at(_find((owner, cluster), rows)[0], lost, len(rows[0]))
        before = ratio(self._worths[rows[1]], self._divisor(self.sizes[rows[1]]).astype(np.float64), 0.0)
        after = ratio(worths, self._divisor(change.sizes).astype(np.float64), 0.0)
        credit = self.credit - _sum_at(rows[0], before - after, components)
        return change, credit, self.count - _sum_at(rows[0], change.taken, components)


class _Change:
    """The clusters that each component touches: (component, cluster) in ``rows``, items taken, size left."""

    def __init__(self, rows: Sequence[Ints], taken: Ints, sizes: Ints) -> None:
        self.rows = rows
        self.taken = taken
        self.sizes = sizes[rows[1]] - taken
        self._before = sizes

    def size(self, component: Ints, cluster: Ints) -> Ints:
        """The size of clusters without a component, for pairs of the two."""
        place, touched = _find((component, cluster), self.rows)
        size: Ints = self._before[cluster] - np.where(touched, self.taken[place], 0)
        return size


def _sum_at(index: Ints, weights: Ints | Floats, size: int) -> Floats:
    return np.bincount(index, weights, minlength=size).astype(np.float64)


def _square(counts: Ints) -> Ints:
    return counts * counts


def _same(sizes: Ints) -> Ints:
    return sizes


def b_cubed(name: str, items: Items) -> Measure:
    """B-cubed: the mean over items of the share of their cluster that their cluster on the other side holds too."""
    sides = [_Side(side, _square, _same) for side in (items, items.swapped)]
    values = precision_recall(*_as_arrays(sides[1].credit, sides[1].count, sides[0].credit, sides[0].count))

    def left_out(component_of: Ints, components: int) -> Values:
        component = component_of[items.document]
        (_, found, held), (_, right, given) = (side.left_out(component, components) for side in sides)
        return precision_recall(right, given, found, held)

    return _measure(name, items, values, left_out=left_out)


def _as_arrays(*numbers: float) -> list[Floats]:
    return [np.array(number, dtype=np.float64) for number in numbers]


def _links(counts: Ints) -> Ints:
    return counts * (counts - 1)


def _others(sizes: Ints) -> Ints:
    return sizes - 1


def lea(name: str, items: Items) -> Measure:
    """LEA: the share of each cluster's links that the other side has, weighted by the cluster's size.

    A cluster of one item has one link, to itself; the other side has it where the item is alone there too.
    """
    # size * shared links / own links = sum of n * (n - 1) over (size - 1), for clusters of two or more.
    sides = [_Side(side, _links, _others) for side in (items, items.swapped)]
    both = np.flatnonzero((items.reference >= 0) & (items.predicted >= 0))
    single = np.zeros(len(items.document), dtype=np.bool_)
    single[both] = (sides[0].sizes[items.reference[both]] == 1) & (sides[1].sizes[items.predicted[both]] == 1)
    alone = int(single.sum())
    values = precision_recall(*_as_arrays(sides[1].credit + alone, sides[1].count, sides[0].credit + alone, sides[0].count))

    def left_out(component_of: Ints, components: int) -> Values:
        component = component_of[items.document]
        (first, found, held), (second, right, given) = (side.left_out(component, components) for side in sides)
        singles = alone - _sum_at(component[single], np.ones(alone), components)
        owner, item = _group(
            *(
                np.concatenate(columns)
                for columns in zip(
                    _last_items(first, items.reference, component), _last_items(second, items.predicted, component), strict=True
                )
            )
        )[0]
        shared = (items.reference[item] >= 0) & (items.predicted[item] >= 0) & ~single[item]
        owner, item = owner[shared], item[shared]
        new = (first.size(owner, items.reference[item]) == 1) & (second.size(owner, items.predicted[item]) == 1)
        singles += np.bincount(owner[new], minlength=components)
        return precision_recall(right + singles, given, found + singles, held)

    return _measure(name, items, values, left_out=left_out)


def _last_items(change: _Change, clusters: Ints, component: Ints) -> tuple[Ints, Ints]:
    """Where a component leaves one item of a cluster: the component and that item."""
    held = np.flatnonzero(clusters >= 0)
    # The one that is left is the sum of all positions less those taken; sums of positions are exact in 64 bits.
    everything = np.zeros(int(clusters.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(everything, clusters[held], held)
    away = np.zeros(len(change.taken), dtype=np.int64)
    np.add.at(away, _find((component[held], clusters[held]), change.rows)[0], held)
    last = change.sizes == 1
    return change.rows[0][last], everything[change.rows[1][last]] - away[last]


def ceaf_m(name: str, items: Items) -> Measure:
    """CEAF-m: the items that the best one-to-one alignment of clusters has in common, over the items of either side."""
    (reference, predicted), counts = items.cells
    best = maximum_matching(reference, predicted, counts.astype(np.float64))
    common = float(counts[best].sum())
    held, given = (float(np.count_nonzero(side >= 0)) for side in (items.reference, items.predicted))
    values = precision_recall_f1(*_as_arrays(common, held, given))
    return _measure(name, items, values, left_out=None, note=GLOBAL_NOTE)


def alignment(items: Items) -> tuple[Ints, Ints]:
    """The one-to-one alignment of clusters with most items in common: reference clusters and predicted clusters."""
    (reference, predicted), counts = items.cells
    best = maximum_matching(reference, predicted, counts.astype(np.float64))
    return reference[best], predicted[best]


def pairs_and_ari(items: Items) -> tuple[Measure, Measure]:
    """Pair P/R/F1 and the adjusted Rand index of clusters of the same items, measures ``pairs`` and ``ari``.

    ARI is 1.0 where both sides put every item alone, or all together.
    """
    _, cells = items.cells
    sums = _as_arrays(
        _pairs(cells).sum(),
        _pairs(np.bincount(items.reference)).sum(),
        _pairs(np.bincount(items.predicted)).sum(),
        len(items.document),
    )

    def left_out(component_of: Ints, components: int) -> list[Floats]:
        component = component_of[items.document]
        left = [
            total - _pairs_lost(component, components, clusters)
            for total, clusters in zip(sums, (_cell_codes(items), items.reference, items.predicted), strict=False)
        ]
        return [*left, sums[3] - np.bincount(component, minlength=components)]

    common, held, given = (round(float(value)) for value in sums[:3])
    pairs = Measure(
        name="pairs",
        outputs=_as_floats(precision_recall_f1(*sums[:3])),
        support={"reference": held, "predicted": given, "matched": common},
        empty=int(held == given == 0),
        resample=lambda component_of, components: precision_recall_f1(*left_out(component_of, components)[:3]),
    )
    ari = _measure(
        "ari",
        items,
        _ari(*sums),
        left_out=lambda component_of, components: _ari(*left_out(component_of, components)),
    )
    return pairs, ari


def _as_floats(values: Values) -> dict[str, float | None]:
    return {output: float(value) for output, value in values.items()}


def _cell_codes(items: Items) -> Ints:
    key = items.reference * (items.predicted.max(initial=0) + 1) + items.predicted
    codes: Ints = np.unique(key, return_inverse=True)[1]
    return codes


def _pairs_lost(component: Ints, components: int, clusters: Ints) -> Floats:
    """How many pairs of items of one cluster go with each component."""
    sizes = np.bincount(clusters)
    (owner, cluster), taken = _group(component, clusters)
    return _sum_at(owner, _pairs(sizes[cluster]) - _pairs(sizes[cluster] - taken), components)


def _ari(common: Floats, held: Floats, given: Floats, items: Floats) -> Values:
    expected = ratio(held * given, _pairs(items), 0.0)
    highest = (held + given) / 2
    # The two are equal only where both sides are trivial in the same way.
    return {"value": np.clip(ratio(common - expected, highest - expected, 1.0), -1.0, 1.0)}
