"""Measures of clusters against plain transcriptions of their definitions, and against scikit-learn."""

from collections import defaultdict
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from sklearn.metrics import adjusted_rand_score, pair_confusion_matrix
from wirecopy.scoring.clusters import Items, b_cubed, ceaf_m, lea, pairs_and_ari
from wirecopy.scoring.measures import Ints, Measure

Clusters = list[set[int]]


def random_items(seed: int, size: int = 40, clusters: int = 8, missing: float = 0.2) -> Items:
    generator = np.random.default_rng(seed)
    reference = generator.integers(0, clusters, size)
    predicted = np.where(generator.random(size) < 0.7, reference, generator.integers(0, clusters, size))
    lost = generator.random(size)
    reference = np.where(lost < missing / 2, -1, reference)
    predicted = np.where((lost >= missing / 2) & (lost < missing), -1, predicted)
    return Items(reference, predicted, generator.integers(0, 10, size))


def sets(clusters: Ints) -> Clusters:
    held = defaultdict(set)
    for item, cluster in enumerate(clusters.tolist()):
        if cluster >= 0:
            held[cluster].add(item)
    return list(held.values())


def b_cubed_by_definition(own: Clusters, other: Clusters) -> float:
    """The mean over items of |own cluster & other cluster| / |own cluster|, 0 for an item that the other side lacks."""
    values = []
    for cluster in own:
        for item in cluster:
            partner = next((one for one in other if item in one), set())
            values.append(len(cluster & partner) / len(cluster))
    return float(np.mean(values))


def lea_by_definition(own: Clusters, other: Clusters) -> float:
    credit = 0.0
    for cluster in own:
        if len(cluster) == 1:
            resolved = float(cluster in other)
        else:
            links = list(combinations(sorted(cluster), 2))
            resolved = sum(any(a in one and b in one for one in other) for a, b in links) / len(links)
        credit += len(cluster) * resolved
    return credit / sum(map(len, own))


def ceaf_m_by_definition(reference: Clusters, predicted: Clusters) -> float:
    common = np.array([[len(a & b) for b in predicted] for a in reference])
    return float(common[linear_sum_assignment(common, maximize=True)].sum())


@pytest.mark.parametrize("seed", range(20))
def test_every_measure_equals_its_definition(seed: int) -> None:
    items = random_items(seed, clusters=8 if seed % 2 else 25)
    reference, predicted = sets(items.reference), sets(items.predicted)
    found = b_cubed("b", items).outputs
    assert found["recall"] == pytest.approx(b_cubed_by_definition(reference, predicted))
    assert found["precision"] == pytest.approx(b_cubed_by_definition(predicted, reference))
    found = lea("l", items).outputs
    assert found["recall"] == pytest.approx(lea_by_definition(reference, predicted))
    assert found["precision"] == pytest.approx(lea_by_definition(predicted, reference))
    common = ceaf_m_by_definition(reference, predicted)
    found = ceaf_m("c", items).outputs
    assert found["recall"] == pytest.approx(common / sum(map(len, reference)))
    assert found["precision"] == pytest.approx(common / sum(map(len, predicted)))


@pytest.mark.parametrize("seed", range(10))
def test_pairs_and_ari_equal_those_of_scikit_learn(seed: int) -> None:
    items = random_items(seed, missing=0.0)
    pairs, ari = pairs_and_ari(items)
    # The matrix counts ordered pairs: [[neither, predicted alone], [reference alone, both]].
    (_, alone), (lost, both) = pair_confusion_matrix(items.reference, items.predicted)
    assert pairs.outputs["precision"] == pytest.approx(both / (both + alone))
    assert pairs.outputs["recall"] == pytest.approx(both / (both + lost))
    assert ari.outputs["value"] == pytest.approx(adjusted_rand_score(items.reference, items.predicted))


@pytest.mark.parametrize("clusters", [[0, 1, 2, 3], [0, 0, 0, 0]])
def test_ari_of_equal_trivial_clusterings_is_one(clusters: list[int]) -> None:
    same = np.array(clusters)
    pairs, ari = pairs_and_ari(Items(same, same, np.zeros(4, dtype=np.int64)))
    assert ari.outputs["value"] == adjusted_rand_score(same, same) == 1.0
    assert pairs.outputs["f1"] == 1.0


def test_ari_of_all_alone_against_all_together_is_zero() -> None:
    items = Items(np.arange(4), np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64))
    pairs, ari = pairs_and_ari(items)
    # No pair in common, none expected beyond 0 * 6 / 6: (0 - 0) / (3 - 0).
    assert ari.outputs["value"] == 0.0
    assert pairs.outputs["f1"] == 0.0


def measures(items: Items, *, whole: bool) -> list[Measure]:
    return [b_cubed("b", items), lea("l", items), *(pairs_and_ari(items) if whole else ())]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("whole", [True, False])
def test_leaving_a_component_out_equals_scoring_without_it(seed: int, whole: bool) -> None:
    items = random_items(seed, clusters=20, missing=0.0 if whole else 0.3)
    component_of = np.random.default_rng(seed).permutation(10) % 6
    fast = [measure.resample(component_of, 6) for measure in measures(items, whole=whole) if callable(measure.resample)]
    assert len(fast) == (4 if whole else 2)
    for component in range(6):
        kept = component_of[items.document] != component
        rest = Items(*(column[kept] for column in (items.reference, items.predicted, items.document)))
        for left_out, slow in zip(fast, measures(_renumbered(rest), whole=whole), strict=True):
            for output, value in slow.outputs.items():
                assert left_out[output][component] == pytest.approx(value), (slow.name, output)


def _renumbered(items: Items) -> Items:
    def compact(clusters: Ints) -> Ints:
        result = clusters.copy()
        held = clusters >= 0
        result[held] = np.unique(clusters[held], return_inverse=True)[1]
        return result

    return Items(compact(items.reference), compact(items.predicted), items.document)
