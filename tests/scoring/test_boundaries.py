"""Measures of borders against nltk and segeval, and their known faults."""

from itertools import pairwise

import numpy as np
import pytest
import segeval
from hypothesis import given
from hypothesis import strategies as st
from nltk.metrics.segmentation import pk as nltk_pk
from nltk.metrics.segmentation import windowdiff as nltk_window_diff
from scipy.optimize import linear_sum_assignment
from scoring.build import keys_of, random_masses
from wirecopy.derive import runs
from wirecopy.scoring.boundaries import Segmentations, Units
from wirecopy.scoring.columns import codes

# The released segeval compares integers with `is`.
pytestmark = pytest.mark.filterwarnings("ignore::SyntaxWarning")


def segmentations(reference: list[list[str | None]], predicted: list[list[str | None]]) -> Segmentations:
    """Segmentations of units, from the key of every block."""
    unit = np.repeat(np.arange(len(reference)), [len(keys) for keys in reference])
    _, (held, found) = codes(*([key for keys in side for key in keys] for side in (reference, predicted)))
    return Segmentations(Units(unit), held, found)


def of_masses(reference: list[int], predicted: list[int]) -> Segmentations:
    return segmentations([list(keys_of(reference))], [list(keys_of(predicted))])


def as_string(masses: list[int]) -> str:
    """A border string for nltk: one character a gap."""
    keys = keys_of(masses)
    return "".join("1" if a != b else "0" for a, b in pairwise(keys))


@pytest.mark.parametrize("seed", range(40))
def test_nltk_and_segeval_agree_on_random_segmentations(seed: int) -> None:
    generator = np.random.default_rng(seed)
    blocks = int(generator.integers(8, 60))
    reference, predicted = (random_masses(generator, blocks) for _ in range(2))
    if len(reference) == len(predicted) == 1:
        return
    both = of_masses(reference, predicted)
    pk, window_diff = both.window_errors()
    window = min(max(2, round(blocks / len(reference) / 2)), blocks - 1)
    assert pk[0] == pytest.approx(nltk_pk(as_string(reference), as_string(predicted), window))
    assert window_diff[0] == pytest.approx(nltk_window_diff(as_string(reference), as_string(predicted), window))
    assert both.similarity()[0] == pytest.approx(float(segeval.boundary_similarity(tuple(predicted), tuple(reference), n_t=2)))


def test_window_errors_by_hand() -> None:
    # Blocks aaa|bbb against aa|bbbb: gaps 00100 and 01000. Mean segment 3, half 1.5 rounds to 2. Windows of two gaps:
    # 00/01, 01/10, 10/00, 00/00 -> counts 0/1, 1/1, 1/0, 0/0: 2 of 4 wrong for both measures.
    pk, window_diff = of_masses([3, 3], [2, 4]).window_errors()
    assert (pk[0], window_diff[0]) == (0.5, 0.5)
    # aaa|bbb against aa|b|bbb with the borders 01100: counts 0/1, 1/2, 1/1, 0/0. Pk sees the first alone, WindowDiff two.
    pk, window_diff = of_masses([3, 3], [2, 1, 3]).window_errors()
    assert (pk[0], window_diff[0]) == (0.25, 0.5)


def test_half_a_window_rounds_to_even() -> None:
    # 10 blocks, 2 segments: 2.5 rounds to 2. Gaps 000010000 and 000000000: windows of 2 hold the border in 2 of 8.
    pk, _ = of_masses([5, 5], [10]).window_errors()
    assert pk[0] == 0.25


def test_boundary_similarity_by_hand() -> None:
    # Borders at 3 and 6 against 4 and 6: one pair side by side (1/2), one match: 1 - (1/2) / 2.
    assert of_masses([3, 3, 3], [4, 2, 3]).similarity()[0] == 0.75
    # A border at 3 against one at 5: two additions and nothing in common.
    assert of_masses([3, 6], [5, 4]).similarity()[0] == 0.0
    # Borders at 3 and 5 against 4: one pair (1/2), one addition (1): 1 - 1.5 / 2.
    assert of_masses([3, 2, 4], [4, 5]).similarity()[0] == 0.25


def test_segeval_fails_without_borders_and_this_scorer_gives_one() -> None:
    # Both agree that there is no border.
    assert of_masses([5], [5]).similarity()[0] == 1.0
    with pytest.raises(ValueError, match="empty"):
        segeval.boundary_similarity((5,), (5,))


def test_segeval_finds_no_error_in_two_blocks_where_this_scorer_does() -> None:
    assert segeval.pk((1, 1), (2,)) == 0
    pk, _ = of_masses([2], [1, 1]).window_errors()
    assert pk[0] == 1.0


def test_the_window_of_nltk_is_half_the_gaps_over_the_borders_not_half_a_segment() -> None:
    # Ten blocks, one border: 9 / 1 / 2 rounds to 4, and 4 of its 6 windows hold the border; half a segment is 2.
    assert nltk_pk(as_string([5, 5]), as_string([10])) == pytest.approx(4 / 6)
    assert of_masses([5, 5], [10]).window_errors()[0][0] == 0.25


def test_nltk_finds_no_error_in_lists_of_integers() -> None:
    assert nltk_window_diff([0, 1, 0, 0], [1, 0, 0, 0], 2) == 0
    assert nltk_window_diff("0100", "1000", 2) > 0


def test_a_unit_of_one_block_has_no_error() -> None:
    both = of_masses([1], [1])
    pk, window_diff = both.window_errors()
    assert (pk[0], window_diff[0], both.similarity()[0]) == (0.0, 0.0, 1.0)
    assert both.gapless.tolist() == [True]


def test_a_unit_without_any_label_is_wrong_against_one_with_labels_and_right_against_none() -> None:
    both = segmentations([["a", "a", "a"], [None, None]], [[None, None, None], [None, None]])
    pk, window_diff = both.window_errors()
    assert pk.tolist() == window_diff.tolist() == [1.0, 0.0]
    assert both.similarity().tolist() == [0.0, 1.0]
    assert both.right().tolist() == [False, True]


def test_a_null_block_joins_the_segment_before_it_and_at_the_start_the_one_after() -> None:
    both = segmentations([[None, "a", None, "b", None]], [["a", "a", "b", "b", "b"]])
    assert both.borders[0].tolist() == [False, False, False, True, False]
    assert both.matched_exactly().tolist() == [0.0]
    assert both.matched_within_one().tolist() == [1.0]


keys = st.lists(st.sampled_from(["a", "b", "c", None]), min_size=1, max_size=12)


@given(st.lists(keys, min_size=1, max_size=4))
def test_borders_are_those_of_the_derived_segments(units: list[list[str | None]]) -> None:
    both = segmentations(units, units)
    expected = [block in {run.start for run in runs(own)} - {0} for own in units for block in range(len(own))]
    assert both.borders[0].tolist() == expected


@given(
    st.integers(2, 25).flatmap(lambda size: st.tuples(*(st.lists(st.booleans(), min_size=size, max_size=size) for _ in (0, 1))))
)
def test_borders_within_one_block_pair_off_as_often_as_possible(gaps: tuple[list[bool], list[bool]]) -> None:
    reference, predicted = ([list(np.cumsum([0, *side]).astype(str))] for side in gaps)
    both = segmentations(reference, predicted)
    held, found = (np.flatnonzero(side) for side in gaps)
    near = (np.abs(held[:, None] - found[None, :]) <= 1).astype(int)
    best = near[linear_sum_assignment(near, maximize=True)].sum()
    assert both.matched_within_one()[0] == best


def test_borders_of_one_unit_never_pair_with_those_of_the_next() -> None:
    both = segmentations([["a", "a", "b"], ["c", "c", "c"]], [["a", "a", "a"], ["c", "d", "d"]])
    assert both.matched_within_one().tolist() == [0.0, 0.0]
