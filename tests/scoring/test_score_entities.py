"""Scores of mentions and ids: goldens by hand, outside tools, their known faults."""

from typing import Any

import numpy as np
import pytest
from nervaluate import Evaluator
from scoring.build import corpus, entities_of, mention, named, plain
from seqeval.metrics import f1_score
from seqeval.scheme import IOB2
from wirecopy.corpus import Corpus
from wirecopy.labels import ENTITY_TYPES, LabelTree, Mention
from wirecopy.scoring import entities
from wirecopy.scoring.measures import Measure


def score(reference: LabelTree, predicted: LabelTree, over: Corpus | None = None, seen: Any = None) -> dict[str, Measure]:
    return named(entities.score(reference=reference, predicted=predicted, corpus=over or plain(), seen=seen))


def test_four_ways_to_be_wrong_are_told_apart() -> None:
    reference = entities_of(mention(0, 5), mention(10, 15, "ORG"), mention(20, 25, "GPE"), mention(30, 35))
    predicted = entities_of(mention(0, 5), mention(10, 15, "GPE"), mention(21, 26, "GPE"), mention(40, 45))
    found = score(reference, predicted)
    # 4 and 4 mentions. Strict: 0-5 alone, 1/4. Boundary: 0-5 and 10-15, 2/4. Overlap and type: 0-5 and 20-25, 2/4.
    # Partial: 1 + 1 + .5 = 2.5 of 4.
    assert found["strict"].outputs == {"precision": 0.25, "recall": 0.25, "f1": 0.25}
    assert found["exact_boundary"].outputs["f1"] == 0.5
    assert found["overlap_and_type"].outputs["f1"] == 0.5
    assert found["partial"].outputs["f1"] == 0.625
    # PERSON: 1 of 2 and 2; ORG: none of 1 and 0; GPE: none of 1 and 2.
    assert {label: values["f1"] for label, values in found["strict"].labels.items()} == {"GPE": 0.0, "ORG": 0.0, "PERSON": 0.5}


def test_precision_and_recall_have_denominators_of_their_own() -> None:
    found = score(entities_of(mention(0, 5), mention(10, 15), mention(20, 25)), entities_of(mention(0, 5)))
    # 1 of 1 predicted, 1 of 3 in the reference; F1 = 2 * 1 / (1 + 3).
    assert found["strict"].outputs == pytest.approx({"precision": 1.0, "recall": 1 / 3, "f1": 0.5})
    assert found["strict"].support == {"reference": 3, "predicted": 1, "matched": 1}


def test_one_prediction_over_two_mentions_is_credited_once() -> None:
    found = score(entities_of(mention(0, 5), mention(6, 10)), entities_of(mention(0, 10)))
    # One pair of overlap at most: half a credit; precision .5/1, recall .5/2.
    assert found["partial"].outputs["precision"] == 0.5
    assert found["partial"].outputs["recall"] == 0.25


def test_the_best_matching_is_taken_where_the_first_overlap_would_waste_it() -> None:
    # 0-10 overlaps both predictions, 8-12 only the second. First come, first served would leave 8-12 alone.
    found = score(entities_of(mention(0, 10), mention(11, 14)), entities_of(mention(8, 12), mention(5, 7)))
    assert found["overlap_and_type"].outputs["f1"] == 1.0


def test_a_mention_given_twice_is_right_once() -> None:
    found = score(entities_of(mention(0, 5, entity="a")), entities_of(mention(0, 5, entity="a"), mention(0, 5, entity="b")))
    assert found["strict"].outputs["precision"] == 0.5
    assert found["ids_b_cubed"].outputs["precision"] == 0.5


def test_both_empty_is_right_and_counted_apart_and_one_empty_is_wrong() -> None:
    nothing = entities_of()
    both = score(nothing, nothing)
    assert all(both[name].outputs["f1"] == 1.0 for name in ("strict", "partial", "ids_b_cubed", "ids_ceaf_m", "ids_lea"))
    assert both["strict"].empty == 1
    one = score(nothing, entities_of(mention(0, 5)))
    assert one["strict"].outputs == {"precision": 0.0, "recall": 0.0, "f1": 0.0}


def test_macro_is_the_mean_over_types_with_thirty_mentions() -> None:
    many = [mention(3 * at, 3 * at + 2, "GPE") for at in range(30)]
    rare = [mention(100, 102, "LAW")]
    wide = plain()
    # GPE: 15 of 30 and 15, F1 = 30/45; LAW has one mention and is left out.
    found = score(entities_of(*many, *rare), entities_of(*many[:15]), wide)["macro"]
    assert found.outputs["f1"] == pytest.approx(2 / 3)
    assert list(found.labels) == ["GPE"]
    none = score(entities_of(*rare), entities_of(*rare), wide)["macro"]
    assert none.outputs == {"f1": None}
    assert none.note is not None and "30" in none.note


def test_unseen_leaves_out_surfaces_that_training_saw_in_any_case() -> None:
    over = corpus({"d0": "Lima Oslo Rome"})
    reference = entities_of(mention(0, 4), mention(5, 9), mention(10, 14))
    predicted = entities_of(mention(0, 4), mention(5, 9))
    # Without Lima: 1 found of Oslo and Rome, 1 predicted.
    found = score(reference, predicted, over, {"d0": {"lima"}})["unseen"]
    assert found.outputs == pytest.approx({"precision": 1.0, "recall": 0.5, "f1": 2 / 3})


def test_ids_by_hand() -> None:
    # Reference: a = {1, 2, 3}, b = {4, 5}. Predicted: x = {1, 2}, y = {3, 4, 5}.
    spans = [(0, 2), (10, 12), (20, 22), (30, 32), (40, 42)]
    reference = entities_of(*(mention(*span, entity=e) for span, e in zip(spans, "aaabb", strict=True)))
    predicted = entities_of(*(mention(*span, entity=e) for span, e in zip(spans, "xxyyy", strict=True)))
    found = score(reference, predicted)
    # B-cubed precision: 1, 2: 2/2; 3: 1/3; 4, 5: 2/3 -> (2 + 1/3 + 4/3) / 5 = 11/15.
    # Recall: 1, 2: 2/3; 3: 1/3; 4, 5: 2/2 -> (4/3 + 1/3 + 2) / 5 = 11/15.
    assert found["ids_b_cubed"].outputs == pytest.approx({"precision": 11 / 15, "recall": 11 / 15, "f1": 11 / 15})
    # CEAF-m: a-x share 2, b-y share 2 (a-y 1): 4 of 5.
    assert found["ids_ceaf_m"].outputs["f1"] == pytest.approx(0.8)
    # LEA recall: a has 3 links, x holds 1 (1-2): 3 * 1/3 = 1; b: its 1 link: 2 -> 3/5. Precision: x 2, y 3 * 1/3 -> 3/5.
    assert found["ids_lea"].outputs == pytest.approx({"precision": 0.6, "recall": 0.6, "f1": 0.6})


def test_mentions_without_a_twin_count_against_their_side() -> None:
    # Reference a = {1, 2}; predicted x = {1, 3}. B-cubed: mention 1 has 1/2 on either side, the others nothing: 1/4.
    found = score(
        entities_of(mention(0, 2, entity="a"), mention(10, 12, entity="a")),
        entities_of(mention(0, 2, entity="x"), mention(20, 22, entity="x")),
    )
    assert found["ids_b_cubed"].outputs["f1"] == pytest.approx(0.25)
    assert found["ids_ceaf_m"].outputs["f1"] == pytest.approx(0.5)
    assert found["ids_lea"].outputs["f1"] == 0.0
    # On the reference's mentions: 1 and 2 apart. Precision 1; recall 1/2.
    assert found["ids_on_gold_mentions_b_cubed"].outputs == pytest.approx({"precision": 1.0, "recall": 0.5, "f1": 2 / 3})


def test_mentions_without_an_id_stand_alone() -> None:
    reference = entities_of(mention(0, 2), mention(10, 12))
    together = score(reference, entities_of(mention(0, 2, entity="x"), mention(10, 12, entity="x")))
    # Two singletons against a pair: precision 1/2, recall 1; LEA finds no link of its own.
    assert together["ids_b_cubed"].outputs["precision"] == 0.5
    assert together["ids_lea"].outputs["f1"] == 0.0
    assert score(reference, reference)["ids_lea"].outputs["f1"] == 1.0


def random_side(generator: np.random.Generator, over: Corpus, kinds: tuple[str, ...]) -> LabelTree:
    """Mentions of 2 to 6 code points that never overlap or touch."""
    held: dict[str, list[Mention]] = {}
    for doc_id, document in over.items():
        rows = []
        at = 0
        while (at := at + int(generator.integers(2, 9))) + 6 < len(document.text):
            end = at + int(generator.integers(2, 6))
            kind, entity = kinds[int(generator.integers(len(kinds)))], f"e{generator.integers(12)}"
            rows.append(mention(at, end, kind, entity if generator.random() < 0.9 else None))
            at = end + 1
        held[doc_id] = rows
    return LabelTree(entities=held)


def noisy(generator: np.random.Generator, tree: LabelTree) -> LabelTree:
    """A tree with some of its mentions dropped, moved, retyped or renamed."""
    held = {}
    for doc_id, rows in (tree.entities or {}).items():
        kept = []
        for row, luck in zip(rows, generator.random(len(rows)), strict=True):
            if luck > 0.1:
                end = row.end + int(luck < 0.3)
                kind = "LAW" if 0.3 <= luck < 0.4 else row.type
                kept.append(mention(row.start, end, kind, "other" if luck > 0.8 else row.entity))
        held[doc_id] = kept
    return LabelTree(entities=held)


def as_dicts(tree: LabelTree) -> list[list[dict[str, Any]]]:
    # The tool's ends are inclusive.
    rows = (tree.entities or {}).values()
    return [[{"label": m.type, "start": m.start, "end": m.end - 1} for m in own] for own in rows]


@pytest.mark.parametrize("seed", range(5))
def test_nervaluate_agrees_where_its_first_come_matching_is_the_best(seed: int) -> None:
    generator = np.random.default_rng(seed)
    over = plain(20)
    reference = random_side(generator, over, ("PERSON", "ORG", "LAW"))
    predicted = noisy(generator, reference)
    theirs = Evaluator(as_dicts(reference), as_dicts(predicted), tags=list(ENTITY_TYPES), loader="dict").evaluate()["overall"]
    found = score(reference, predicted, over)
    pairs = {"strict": "strict", "exact_boundary": "exact", "partial": "partial", "overlap_and_type": "ent_type"}
    for ours, name in pairs.items():
        assert found[ours].outputs["precision"] == pytest.approx(theirs[name].precision)
        assert found[ours].outputs["recall"] == pytest.approx(theirs[name].recall)


def test_nervaluate_depends_on_the_order_of_predictions_and_this_scorer_does_not() -> None:
    reference = entities_of(mention(0, 5), mention(6, 10))
    wide, exact = mention(3, 8), mention(0, 5)
    results, ours = [], []
    for rows in ([wide, exact], [exact, wide]):
        predicted = entities_of(*rows)
        evaluator = Evaluator(as_dicts(reference), as_dicts(predicted), tags=["PERSON"], loader="dict")
        results.append(evaluator.evaluate()["overall"]["strict"].correct)
        ours.append(score(reference, predicted)["strict"].support["matched"])
    assert results == [0, 1]
    assert ours == [1, 1]


def test_nervaluate_takes_touching_half_open_spans_for_overlapping_and_this_scorer_does_not() -> None:
    reference, predicted = entities_of(mention(0, 5)), entities_of(mention(5, 9))
    half_open = [
        [[{"label": m.type, "start": m.start, "end": m.end} for m in (tree.entities or {})["d0"]]]
        for tree in (reference, predicted)
    ]
    result = Evaluator(*half_open, tags=["PERSON"], loader="dict").evaluate()["overall"]["partial"]
    assert result.partial == 1
    assert score(reference, predicted)["partial"].outputs["f1"] == 0.0


def test_nervaluate_forgives_types_that_it_was_not_told_of_and_this_scorer_does_not() -> None:
    reference, predicted = entities_of(mention(0, 5)), entities_of(mention(0, 5), mention(10, 15, "LAW"))
    result = Evaluator(as_dicts(reference), as_dicts(predicted), tags=["PERSON"], loader="dict").evaluate()["overall"]["strict"]
    assert result.precision == 1.0
    assert score(reference, predicted)["strict"].outputs["precision"] == 0.5


def bio(tree: LabelTree, over: Corpus) -> list[list[str]]:
    rows = []
    for doc_id, document in over.items():
        tags = ["O"] * len(document.text)
        for m in (tree.entities or {})[doc_id]:
            tags[m.start : m.end] = [f"B-{m.type}"] + [f"I-{m.type}"] * (m.end - m.start - 1)
        rows.append(tags)
    return rows


@pytest.mark.parametrize("seed", range(3))
def test_seqeval_in_strict_mode_agrees_with_strict(seed: int) -> None:
    generator = np.random.default_rng(seed)
    over = plain(10)
    reference = random_side(generator, over, ("PERSON", "ORG"))
    predicted = noisy(generator, reference)
    theirs = f1_score(bio(reference, over), bio(predicted, over), mode="strict", scheme=IOB2)
    assert score(reference, predicted, over)["strict"].outputs["f1"] == pytest.approx(theirs)


def test_seqeval_takes_a_leading_inside_tag_for_a_mention_unless_strict() -> None:
    held, given = [["B-ORG", "I-ORG", "O"]], [["I-ORG", "I-ORG", "O"]]
    assert f1_score(held, given) == 1.0
    assert f1_score(held, given, mode="strict", scheme=IOB2) == 0.0
