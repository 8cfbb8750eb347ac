"""Matching is maximal, one to one, and independent of order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from wirecopy.scoring.matching import maximum_matching, overlapping, twins, union_length
from wirecopy.scoring.measures import Ints

edges = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(1, 4)), unique_by=lambda edge: edge[:2], max_size=40
)


@given(edges)
def test_the_matching_weighs_as_much_as_a_dense_assignment(drawn: list[tuple[int, int, int]]) -> None:
    a, b, weight = np.array(drawn, dtype=np.int64).reshape(-1, 3).T
    dense = np.zeros((8, 8))
    dense[a, b] = weight
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    chosen = maximum_matching(a, b, weight.astype(np.float64))
    assert weight[chosen].sum() == best
    assert len(set(a[chosen].tolist())) == len(chosen) == len(set(b[chosen].tolist()))


def test_a_path_of_equal_edges_is_not_matched_greedily() -> None:
    # 0-0, 0-1, 1-0: taking 0-0 first leaves 1 alone; the maximum is 2.
    ends = np.array([0, 0, 1]), np.array([0, 1, 0])
    assert len(maximum_matching(*ends, np.ones(3))) == 2


def test_a_dense_tangle_is_solved_exactly() -> None:
    generator = np.random.default_rng(0)
    dense = generator.random((60, 50)) + 0.1
    a, b = np.nonzero(dense)
    chosen = maximum_matching(a, b, dense[a, b])
    best = dense[linear_sum_assignment(dense, maximize=True)].sum()
    assert dense[a[chosen], b[chosen]].sum() == pytest.approx(best, abs=1e-9)


spans = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=12).map(
    lambda rows: np.array(sorted((start, start + length) for start, length in rows), dtype=np.int64).reshape(-1, 2)
)


@given(spans, spans)
def test_overlapping_pairs_are_those_that_share_a_code_point(a: Ints, b: Ints) -> None:
    found = overlapping(a[:, 0], a[:, 1], b[:, 0], b[:, 1])
    expected = [(i, j) for i, x in enumerate(a) for j, y in enumerate(b) if set(range(*x)) & set(range(*y))]
    assert sorted(zip(*(side.tolist() for side in found), strict=True)) == expected


@given(spans)
def test_the_union_counts_each_code_point_once(a: Ints) -> None:
    held = union_length(np.zeros(len(a), dtype=np.int64), a[:, 0], a[:, 1], 1)
    assert held[0] == len({place for start, end in a for place in range(start, end)})


def test_equal_keys_pair_off_as_often_as_the_rarer_side_has_them() -> None:
    pairs = twins(np.array([5, 3, 5, 5]), np.array([5, 9, 5]))
    assert [side.tolist() for side in pairs] == [[0, 2], [0, 2]]
