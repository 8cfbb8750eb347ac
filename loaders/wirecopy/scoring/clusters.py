"""Measures of clusters, and each with every component of documents left out once.

Conventions: an item is a version, mention or quotation with the code of its cluster on either side, -1 on the side that lacks it.
An item without a twin counts against the side that has it (as in Pradhan et al. 2014): it stands in the denominators and in the
size of its cluster.

References: Bagga and Baldwin 1998 (B-cubed), Luo 2005 (CEAF), Moosavi and Strube 2016 (LEA), Hubert and Arabie 1985 (ARI), Pradhan
et al. 2014 (items without twins).
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from wirecopy.scoring.matching import maximum_matching
from wirecopy.scoring.measures import Floats, Ints, Measure, Values, precision_recall, precision_recall_f1

GLOBAL_NOTE = "the alignment of clusters is global: no interval"


@dataclass(frozen=True, slots=True)
class Items:
    """Items with their cluster on either side (-1: not there) and the document that each stands in."""

    reference: Ints
    predicted: Ints
    document: Ints

    def swapped(self) -> "Items":
        """The same items with reference and predicted exchanged."""
        return Items(self.predicted, self.reference, self.document)


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


def _sizes(clusters: Ints) -> Ints:
    return np.bincount(clusters[clusters >= 0])


def _cells(items: Items) -> tuple[Ints, Ints, Ints]:
    """The clusters that share items, and how many: reference cluster, predicted cluster, count."""
    both = (items.reference >= 0) & (items.predicted >= 0)
    (reference, predicted), counts = _group(items.reference[both], items.predicted[both])
    return reference, predicted, counts


def _changes(component: Ints, clusters: Ints, others: Ints) -> tuple[list[Ints], Ints, tuple[list[Ints], Ints]]:
    """What each component takes away: items of a cluster, and items that both sides hold."""
    held = clusters >= 0
    (owner, cluster), taken = _group(component[held], clusters[held])
    both = held & (others >= 0)
    return [owner, cluster], taken, _group(component[both], clusters[both], others[both])


def _pairs(counts: Ints | Floats) -> Floats:
    return counts * (counts - 1) / 2


def _at(size: int, index: Ints, weights: Ints | Floats | None = None) -> Floats:
    return np.bincount(index, weights, minlength=size).astype(np.float64)


def measure(name: str, items: Items, values: Values, **rest: "partial[Values] | str | None") -> Measure:
    """A measure of clusters: its values and the items behind them."""
    reference, predicted = items.reference >= 0, items.predicted >= 0
    support = {
        "reference": int(reference.sum()),
        "predicted": int(predicted.sum()),
        "matched": int((reference & predicted).sum()),
    }
    outputs = {output: float(value) for output, value in values.items()}
    return Measure(name=name, outputs=outputs, support=support, empty=int(not len(items.reference)), **rest)  # type: ignore[arg-type]
