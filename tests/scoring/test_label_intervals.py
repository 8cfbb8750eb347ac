"""Intervals of labels: known cases, and a naive loop that draws, counts and divides."""

from typing import Any

import numpy as np
import pytest
from scoring.build import corpus, mention, quotation, stories
from wirecopy.corpus import Corpus
from wirecopy.labels import LabelTree, Mention
from wirecopy.scoring import score
from wirecopy.scoring.intervals import RESAMPLES, SEED, Components, add
from wirecopy.scoring.measures import Measure, from_counts, with_labels


def labelled(*labels: tuple[list[int], list[int], list[int]]) -> Measure:
    """A measure of labels ``l0``, ``l1`` …, each given as what is matched, held and predicted in every document."""
    tables = [np.array([label[side] for label in labels], dtype=np.float64).T for side in range(3)]
    whole = from_counts("m", *(table.sum(axis=1) for table in tables))
    return with_labels(whole, [f"l{number}" for number in range(len(labels))], *tables)


def intervals(measure: Measure, components: int) -> dict[str, Any]:
    """The intervals of every label, each document being a component."""
    given = add([measure], Components(np.arange(components, dtype=np.int64)))[0]
    return {name: label.get("interval") for name, label in given.labels.items()}


def test_the_interval_of_a_label_is_that_of_the_normal_approximation() -> None:
    # 400 documents with one record each, 3 of 4 found and nothing else given: recall .75 +- 1.96 * sqrt(.75 * .25 / 400).
    found = [int(number % 4 > 0) for number in range(400)]
    interval = intervals(labelled((found, [1] * 400, found)), 400)["l0"]
    assert interval["recall"] == pytest.approx([0.7076, 0.7924], abs=0.004)
    assert interval["precision"] == [1.0, 1.0]
    # F1 is 2r / (1 + r) of the recall, which keeps order and so percentiles.
    assert interval["f1"] == pytest.approx([2 * r / (1 + r) for r in interval["recall"]])


def test_each_label_has_an_interval_of_its_own() -> None:
    right, never, wrong = ([1] * 6, [1] * 6, [1] * 6), ([0] * 6, [0] * 6, [0] * 6), ([0] * 6, [1] * 6, [1] * 6)
    found = intervals(labelled(right, never, wrong), 6)
    assert found == {
        "l0": {"precision": [1.0, 1.0], "recall": [1.0, 1.0], "f1": [1.0, 1.0]},
        "l2": {"precision": [0.0, 0.0], "recall": [0.0, 0.0], "f1": [0.0, 0.0]},
    }


def test_a_label_that_resamples_can_lose_is_empty_there() -> None:
    # It stands in one of five documents, and is missed: a resample holds that one in 1 - .8 ** 5 = 67 % of all cases (recall
    # 0), and else it is empty on both sides (1).
    found = intervals(labelled(([0] * 5, [1, 0, 0, 0, 0], [0] * 5), ([1] * 5, [1] * 5, [1] * 5)), 5)
    assert found["l0"]["recall"] == [0.0, 1.0]


@pytest.mark.parametrize("components", [1, 4])
def test_labels_have_no_interval_over_fewer_than_five_components(components: int) -> None:
    ones = [1] * components
    assert intervals(labelled((ones, ones, ones)), components) == {"l0": None}


# Through `score`

DOCUMENTS = 9


def two_trees() -> tuple[Corpus, LabelTree, LabelTree]:
    """Nine documents, of which the first two share a story; mentions of three types, some missed, moved or given anew."""
    generator = np.random.default_rng(4)
    names = [f"d{number}" for number in range(DOCUMENTS)]
    over = corpus(dict.fromkeys(names, "x" * 400))
    segments = {name: stories([f"s{max(number, 1)}"]) for number, name in enumerate(names)}
    held: dict[str, list[Mention]] = {}
    given: dict[str, list[Mention]] = {}
    for name in names:
        for start in range(0, 400, 20):
            kind = str(generator.choice(["PERSON", "ORG", "GPE"], p=[0.6, 0.3, 0.1]))
            chance = generator.random()
            if chance < 0.8:
                held.setdefault(name, []).append(mention(start, start + 5, kind))
            if chance < 0.5 or chance > 0.9:
                given.setdefault(name, []).append(mention(start, start + 5, kind))
            elif chance < 0.6:
                given.setdefault(name, []).append(mention(start, start + 6, kind))
    return over, LabelTree(segments=segments, entities=held), LabelTree(segments=segments, entities=given)


def naive(reference: LabelTree, predicted: LabelTree, kind: str) -> dict[str, list[float]]:
    """The ends of the intervals of a type: components drawn, mentions counted and divided one resample at a time."""
    components = [["d0", "d1"], *([f"d{number}"] for number in range(2, DOCUMENTS))]
    counts = []
    for doc_ids in components:
        held, given = (
            {(doc_id, m.start, m.end) for doc_id in doc_ids for m in (tree.entities or {})[doc_id] if m.type == kind}
            for tree in (reference, predicted)
        )
        counts.append((len(held & given), len(given), len(held)))
    draws = np.random.default_rng(SEED).integers(0, len(counts), size=(RESAMPLES, len(counts)), dtype=np.int32)
    values: dict[str, list[float]] = {"precision": [], "recall": [], "f1": []}
    for draw in draws.tolist():
        right, given_, held_ = (sum(counts[component][side] for component in draw) for side in range(3))
        precision = right / given_ if given_ else float(not held_)
        recall = right / held_ if held_ else float(not given_)
        values["precision"].append(precision)
        values["recall"].append(recall)
        values["f1"].append(2 * precision * recall / (precision + recall) if precision + recall else 0.0)
    return {name: [float(np.quantile(drawn, 0.025)), float(np.quantile(drawn, 0.975))] for name, drawn in values.items()}


@pytest.mark.parametrize("kind", ["PERSON", "ORG", "GPE"])
def test_the_intervals_of_types_are_those_of_a_naive_loop(kind: str) -> None:
    over, reference, predicted = two_trees()
    report = score(predicted, reference=reference, corpus=over, tasks=["entities"])
    label = report.scores["entities"]["strict"]["labels"][kind]
    expected = naive(reference, predicted, kind)
    assert set(label["interval"]) == set(expected)
    for name, ends in expected.items():
        assert label["interval"][name] == pytest.approx(ends, abs=1e-12)
        assert ends[0] <= label[name] <= ends[1]
    assert expected["f1"][0] < expected["f1"][1]


def test_the_intervals_of_labels_are_columns_of_the_table() -> None:
    over, reference, predicted = two_trees()
    report = score(predicted, reference=reference, corpus=over, tasks=["entities", "segments/roles"])
    rows = {(row["task"], row["measure"]): row for row in report.rows()}
    low, high = report.scores["entities"]["strict"]["labels"]["ORG"]["interval"]["f1"]
    assert rows["entities", "strict: ORG"]["95 %"] == f"{low:.3f} to {high:.3f}"
    assert rows["segments/roles", "macro: body"]["95 %"] == "1.000 to 1.000"


def test_intervals_of_labels_change_no_value_and_no_other_interval() -> None:
    over, reference, predicted = two_trees()
    quotes = {name: [quotation(0, 9), quotation(20, 30, "scare")] for name in over}
    both = [LabelTree(segments=tree.segments, entities=tree.entities, quotes=quotes) for tree in (reference, predicted)]
    alone = score(predicted, reference=reference, corpus=over, tasks=["entities"]).scores["entities"]
    beside = score(both[1], reference=both[0], corpus=over, tasks=["quotes", "entities"]).scores["entities"]
    assert alone == beside
