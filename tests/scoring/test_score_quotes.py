"""Scores of quotations: goldens by hand."""

import pytest
from scoring.build import corpus, named, plain, quotation, quotes_of
from wirecopy.corpus import Corpus
from wirecopy.labels import LabelTree, Span
from wirecopy.scoring import quotes
from wirecopy.scoring.measures import Measure


def score(reference: LabelTree, predicted: LabelTree, over: Corpus | None = None) -> dict[str, Measure]:
    return named(quotes.score(reference=reference, predicted=predicted, corpus=over or plain()))


def test_end_to_end_asks_for_half_the_content_the_type_and_the_speaker() -> None:
    reference = quotes_of(*(quotation(at, at + 10, speaker="ana") for at in (0, 20, 40, 60)))
    predicted = quotes_of(
        quotation(0, 5, speaker="ana"),  # 5 of 10: IoU 1/2, right
        quotation(20, 24, speaker="ana"),  # 4 of 10: too little
        quotation(40, 50, "indirect", speaker="ana"),  # another type
        quotation(60, 70),  # no speaker
    )
    found = score(reference, predicted)["end_to_end"]
    assert found.outputs == {"precision": 0.25, "recall": 0.25, "f1": 0.25}
    assert found.support == {"reference": 4, "predicted": 4, "matched": 1}


def test_no_speaker_equals_no_speaker() -> None:
    same = quotes_of(quotation(0, 10, "indirect"))
    assert score(same, same)["end_to_end"].outputs["f1"] == 1.0


def test_exact_leaves_marks_and_edge_punctuation_aside_and_per_type_asks_for_the_type() -> None:
    over = corpus({"d0": "He said “We will go,” and “never”."})
    text = over["d0"].text
    first, second = text.index("“We"), text.index("“never")
    reference = quotes_of(quotation(first, first + 13), quotation(second, second + 7, "fragment"))
    predicted = quotes_of(quotation(first + 1, first + 11), quotation(second + 1, second + 8, "scare"))
    found = score(reference, predicted, over)
    assert found["exact"].outputs["f1"] == 1.0
    assert found["per_type"].outputs["f1"] == 0.5
    assert {label: values["f1"] for label, values in found["per_type"].labels.items()} == {
        "direct": 1.0,
        "fragment": 0.0,
        "scare": 0.0,
    }
    moved = quotes_of(quotation(first + 4, first + 13), quotation(second, second + 7, "fragment"))
    assert score(reference, moved, over)["exact"].outputs["f1"] == 0.5


def test_a_content_of_marks_alone_is_compared_as_it_stands() -> None:
    over = corpus({"d0": "a “…” b ?!"})
    same = quotes_of(quotation(2, 5))
    assert score(same, same, over)["exact"].outputs["f1"] == 1.0
    assert score(same, quotes_of(quotation(8, 10)), over)["exact"].outputs["f1"] == 0.0


def test_characters_count_each_code_point_once() -> None:
    # Reference 0-20 with 5-10 inside: 20 code points. Predicted 10-30: 20. Shared 10.
    found = score(quotes_of(quotation(0, 20, "indirect"), quotation(5, 10, "fragment")), quotes_of(quotation(10, 30)))
    assert found["characters"].outputs["f1"] == 0.5
    assert found["characters"].support == {"reference": 20, "predicted": 20, "matched": 10}


def test_cue_and_source_are_compared_on_aligned_quotations() -> None:
    cue, apart = Span(start=100, end=104), Span(start=110, end=114)
    reference = quotes_of(
        quotation(0, 10, cue=cue, source=apart), quotation(20, 30, cue=cue), quotation(40, 50), quotation(60, 70, cue=cue)
    )
    predicted = quotes_of(
        quotation(0, 10, cue=Span(start=103, end=109), source=cue), quotation(20, 30), quotation(40, 50, cue=cue)
    )
    found = score(reference, predicted)
    # The last quotation has no partner. Cues: 1 overlaps, 2 in the reference, 2 predicted. Sources: none of 1 and 1.
    assert found["cue"].outputs == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert found["source"].outputs["f1"] == 0.0
    assert found["source"].support == {"reference": 1, "predicted": 1, "matched": 0}


def test_scare_as_speech_is_the_share_of_scare_quotations_taken_for_another_type() -> None:
    reference = quotes_of(quotation(0, 4, "scare"), quotation(10, 14, "scare"), quotation(20, 24, "scare"))
    predicted = quotes_of(quotation(0, 4, "fragment"), quotation(10, 14, "scare"))
    found = score(reference, predicted)["scare_as_speech"]
    assert found.outputs["value"] == pytest.approx(1 / 3)
    assert score(reference, reference)["scare_as_speech"].outputs["value"] == 0.0


def test_utterances_by_hand() -> None:
    # Reference u = {1, 2}, v = {3}; predicted x = {1, 3} and 2 without an id.
    reference = quotes_of(quotation(0, 10, utterance="u"), quotation(20, 30, utterance="u"), quotation(40, 50, utterance="v"))
    predicted = quotes_of(quotation(0, 9, utterance="x"), quotation(20, 30), quotation(40, 50, utterance="x"))
    # Precision: 1 and 3 share half of x each: 1/2. Recall: 1: 1/2, 2: no twin, 3: 1 -> 1.5 / 3.
    assert score(reference, predicted)["utterances"].outputs == {"precision": 0.5, "recall": 0.5, "f1": 0.5}


def test_alignment_takes_the_largest_total_whatever_the_types() -> None:
    # 0-10 with 0-10 and 0-8 with 0-8 make 2; 0-10 with 0-8 and 0-8 with 0-10 make 1.6, though their types agree more often.
    reference = quotes_of(quotation(0, 10, "indirect"), quotation(0, 8, "scare"))
    predicted = quotes_of(quotation(0, 8, "direct"), quotation(0, 10, "scare"))
    assert score(reference, predicted)["scare_as_speech"].outputs["value"] == 1.0


def test_between_equal_totals_types_decide() -> None:
    reference = quotes_of(quotation(0, 10, "direct"), quotation(0, 10, "scare"))
    predicted = quotes_of(quotation(0, 10, "scare"), quotation(0, 10, "direct"))
    assert score(reference, predicted)["scare_as_speech"].outputs["value"] == 0.0
