"""One-to-one matching: which items pair up, so that as much as possible pairs up and nothing depends on the order of
records.
"""

import numpy as np

from wirecopy.scoring.measures import Flags, Floats, Ints


def ranges(low: Ints, high: Ints) -> tuple[Ints, Ints]:
    """For each row the integers from ``low`` to ``high``: the row's number and the integer, flat."""
    counts = high - low
    rows = np.repeat(np.arange(len(low)), counts)
    offsets = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, offsets + np.repeat(low, counts)


def overlapping(a_start: Ints, a_end: Ints, b_start: Ints, b_end: Ints) -> tuple[Ints, Ints]:
    """All pairs of spans that share a code point, as positions in ``a`` and in ``b``.

    Both sides are sorted by start, and no span is empty. Spans may overlap others of their own side.
    """
    # Two spans overlap when one of them starts inside the other; equal starts are counted in the first search alone.
    in_a = ranges(np.searchsorted(b_start, a_start, "left"), np.searchsorted(b_start, a_end, "left"))
    in_b = ranges(np.searchsorted(a_start, b_start, "right"), np.searchsorted(a_start, b_end, "left"))
    return np.concatenate([in_a[0], in_b[1]]), np.concatenate([in_a[1], in_b[0]])


def twins(a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """Positions of equal keys, one to one: a key that stands m times in ``a`` and n times in ``b`` gives min(m, n) pairs."""
    a_order, b_order = np.argsort(a, kind="stable"), np.argsort(b, kind="stable")
    a_sorted, b_sorted = a[a_order], b[b_order]
    rank = np.arange(len(a)) - np.searchsorted(a_sorted, a_sorted, "left")
    place = np.searchsorted(b_sorted, a_sorted, "left") + rank
    found = place < np.searchsorted(b_sorted, a_sorted, "right")
    return a_order[found], b_order[place[found]]


def maximum_matching(a: Ints, b: Ints, weight: Floats) -> Ints:
    """The edges of a one-to-one matching of maximal total weight, as sorted positions in the lists of edges.

    An edge that weighs at least as much as the best other edges of its two ends together is in some optimal matching: whatever
    its ends were matched with instead weighs no more. Such edges are taken, and their neighbours dropped, while that settles a
    good part of what is left; the sparse Jonker-Volgenant algorithm solves the rest exactly.

    Args:
        a: the one end of each edge, an integer from 0.
        b: its other end, an integer from 0.
        weight: what it is worth, more than 0. With equal weights the matching has as many edges as possible.
    """
    if not len(a):
        return np.empty(0, dtype=np.int64)
    alone = (np.bincount(a)[a] == 1) & (np.bincount(b)[b] == 1)
    taken = [np.flatnonzero(alone)]
    left = np.flatnonzero(~alone)
    left = left[np.lexsort((b[left], a[left]))]
    while len(left):
        safe = weight[left] >= _best_other(a[left], weight[left]) + _best_other(b[left], weight[left])
        chosen = left[safe]
        chosen = chosen[np.unique(a[chosen], return_index=True)[1]]
        chosen = chosen[np.unique(b[chosen], return_index=True)[1]]
        taken.append(chosen)
        rest = left[~(_among(a[left], a[chosen]) | _among(b[left], b[chosen]))]
        stalled = len(rest) > 0.9 * len(left)
        left = rest
        if stalled:
            taken.append(_assign(a, b, weight, left))
            break
    return np.sort(np.concatenate(taken))


def _among(values: Ints, chosen: Ints) -> Flags:
    held = np.zeros(int(values.max()) + 1, dtype=np.bool_)
    held[chosen] = True
    return held[values]


def _best_other(node: Ints, weight: Floats) -> Floats:
    """For each edge the weight of the best other edge at the same node, 0 where it has none."""
    order = np.lexsort((-weight, node))
    nodes, weights = node[order], weight[order]
    first = np.concatenate([[True], nodes[1:] != nodes[:-1]])
    start = np.flatnonzero(first)
    size = np.diff(np.append(start, len(nodes)))
    second = np.where(size > 1, weights[np.minimum(start + 1, len(nodes) - 1)], 0.0)
    group = np.cumsum(first) - 1
    result = np.empty(len(node))
    result[order] = np.where(first, second[group], weights[start][group])
    return result


def _assign(a: Ints, b: Ints, weight: Floats, edges: Ints) -> Ints:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    rows, row = np.unique(a[edges], return_inverse=True)
    columns, column = np.unique(b[edges], return_inverse=True)
    # The solver matches every row: a column of its own, at the price of no edge, stands for leaving the row alone.
    price = 1.0 + weight[edges].max()
    idle = np.arange(len(rows))
    costs = coo_array(
        (
            np.concatenate([price - weight[edges], np.full(len(rows), price)]),
            (np.concatenate([row, idle]), np.concatenate([column, idle + len(columns)])),
        ),
        shape=(len(rows), len(columns) + len(rows)),
    )
    matched_row, matched_column = min_weight_full_bipartite_matching(costs.tocsr())
    real = matched_column < len(columns)
    key = row * len(columns) + column
    order = np.argsort(key)
    wanted = matched_row[real].astype(np.int64) * len(columns) + matched_column[real]
    chosen: Ints = edges[order[np.searchsorted(key[order], wanted)]]
    return chosen


def union_length(document: Ints, start: Ints, end: Ints, size: int) -> Floats:
    """How many code points of each document its spans cover together; spans are sorted by start."""
    if not len(start):
        return np.zeros(size)
    reach = np.maximum.accumulate(end)
    fresh = np.concatenate([[0], reach[:-1]])
    covered = np.maximum(end - np.maximum(start, fresh), 0).astype(np.float64)
    return np.bincount(document, covered, minlength=size).astype(np.float64)
