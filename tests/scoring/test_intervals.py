"""Intervals: known cases, determinism, pairing, and the notes where there are few components."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scoring.build import named
from wirecopy.scoring.clusters import Items, b_cubed, ceaf_m
from wirecopy.scoring.intervals import Components, add, differences
from wirecopy.scoring.measures import Measure, from_counts, share


def components(count: int) -> Components:
    return Components(np.arange(count, dtype=np.int64))


def coin(right: NDArray[Any]) -> Measure:
    return share("coin", right.astype(np.float64), np.ones(len(right)), empty=1.0)


def test_an_interval_of_a_share_is_that_of_the_normal_approximation() -> None:
    # 400 documents, 3 of 4 right: .75 +- 1.96 * sqrt(.75 * .25 / 400) = .75 +- .0424.
    measure = add([coin(np.arange(400) % 4 > 0)], components(400))[0]
    assert measure.interval is not None
    assert measure.interval["value"] == pytest.approx((0.7076, 0.7924), abs=0.004)
    assert measure.note is None


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    generator = np.random.default_rng(1)
    covered = 0
    for _ in range(200):
        interval = add([coin(generator.random(60) < 0.7)], components(60), resamples=400)[0].interval
        assert interval is not None
        low, high = interval["value"]
        covered += low <= 0.7 <= high
    # 95 % of 200 is 190; a binomial of 200 draws stays above 178 in all but one run in a thousand.
    assert 178 <= covered <= 200


def test_documents_of_one_component_are_drawn_together() -> None:
    # 40 components of 10 equal documents carry as much as 40 documents, not 400.
    right = np.repeat(np.arange(40) % 2 == 0, 10)
    alone = add([coin(right)], components(400))[0].interval
    tied = add([coin(right)], Components(np.repeat(np.arange(40), 10)))[0].interval
    assert alone is not None and tied is not None
    # The standard error grows by the square root of 10.
    assert (tied["value"][1] - tied["value"][0]) / (alone["value"][1] - alone["value"][0]) == pytest.approx(10**0.5, rel=0.1)


def test_the_same_seed_gives_the_same_interval_and_more_resamples_leave_the_value() -> None:
    measure = coin(np.arange(50) % 3 > 0)
    once, again, more = (add([measure], components(50), resamples=size)[0] for size in (200, 200, 3000))
    assert once.interval == again.interval
    assert once.outputs == more.outputs == measure.outputs


@pytest.mark.parametrize(
    ("count", "note"),
    [
        (1, "1 component of documents that share a story: no interval"),
        (4, "4 components of documents that share a story: no interval"),
        (5, "5 components, fewer than 30"),
        (29, "29 components, fewer than 30"),
        (30, None),
    ],
)
def test_few_components_are_said_so(count: int, note: str | None) -> None:
    measure = add([coin(np.ones(count))], components(count))[0]
    assert measure.note == note
    assert (measure.interval is None) == (count < 5)


def test_clusters_have_jackknife_intervals_and_ceaf_none_with_a_note() -> None:
    generator = np.random.default_rng(3)
    reference = generator.integers(0, 60, 200)
    items = Items(reference, np.where(generator.random(200) < 0.8, reference, 0), np.arange(200) % 40)
    found = named(add([b_cubed("b", items), ceaf_m("c", items)], components(40)))
    assert found["b"].interval is not None
    low, high = found["b"].interval["f1"]
    value = found["b"].outputs["f1"]
    assert value is not None and low < value < high <= 1.0
    assert found["c"].interval is None
    assert found["c"].note == "the alignment of clusters is global: no interval"


def test_the_jackknife_of_a_mean_is_its_standard_error() -> None:
    # Items alone in the reference and in pairs or alone in the prediction: a mean of independent components.
    # Component k predicts a pair where k is even: precision 1/2 there and 1 elsewhere.
    items = Items(
        np.arange(80),
        np.repeat(np.arange(40), 2) * 2 + np.tile([0, 1], 40) * np.repeat(np.arange(40) % 2, 2),
        np.repeat(np.arange(40), 2),
    )
    found = add([b_cubed("b", items)], components(40))[0]
    assert found.outputs["precision"] == 0.75
    assert found.interval is not None
    # Deviation of the 40 means: sqrt(40/39) * .25; error / sqrt(40); Student's t with 39 degrees at 97.5 %: 2.0227.
    reach = 2.0227 * (40 / 39) ** 0.5 * 0.25 / 40**0.5
    assert found.interval["precision"] == pytest.approx((0.75 - reach, 0.75 + reach), abs=1e-4)


def test_a_system_less_itself_is_exactly_nothing() -> None:
    generator = np.random.default_rng(5)
    counts = [generator.integers(0, 9, 50).astype(np.float64) for _ in range(2)]
    measure = from_counts("m", np.minimum(*counts), *counts)
    reference = generator.integers(0, 9, 100)
    clusters = b_cubed("b", Items(reference, generator.integers(0, 9, 100), np.arange(100) % 50))
    found = differences([measure, clusters], [measure, clusters], components(50))
    for outputs in found.values():
        for difference in outputs.values():
            assert difference.difference == 0.0
            assert difference.interval == (0.0, 0.0)


def test_paired_intervals_are_narrower_than_the_two_alone_would_make_them() -> None:
    generator = np.random.default_rng(6)
    hard = generator.random(100)
    first, second = coin(hard < 0.7), coin(hard < 0.65)
    difference = differences([first], [second], components(100))["coin"]["value"]
    assert difference.interval is not None
    single = add([first], components(100))[0].interval
    assert single is not None
    assert difference.interval[1] - difference.interval[0] < single["value"][1] - single["value"][0]
