"""Scores of duplicates and of whole systems: goldens by hand."""

import pytest
from scoring.build import corpus, lines, mention, named, quotation, stories
from wirecopy.labels import BlockPair, LabelTree, VersionPair
from wirecopy.scoring import duplicates, pipeline
from wirecopy.scoring.measures import Measure

TEXTS = {name: lines(3) for name in "abcde"}
SEGMENTS = {name: stories(["s"] * 3) for name in TEXTS}


def pair(a: str, b: str, relation: str = "near_duplicate") -> VersionPair:
    return VersionPair(a=f"{a}#s", b=f"{b}#s", relation=relation)


def score(reference: list[VersionPair], predicted: list[VersionPair], texts: dict[str, str] = TEXTS) -> dict[str, Measure]:
    sides = [LabelTree(segments=SEGMENTS, versions=side) for side in (reference, predicted)]
    return named(duplicates.score_versions(reference=sides[0], predicted=sides[1], corpus=corpus(texts)))


def test_clusters_by_hand() -> None:
    # Reference {a b c} {d e}, closed from a-b and b-c; predicted {a b} {c d e}.
    found = score(
        [pair("a", "b"), pair("b", "c", "identical"), pair("d", "e")], [pair("b", "a"), pair("c", "d"), pair("d", "e")]
    )
    # The same clusters as in the ids by hand: 11/15 on either side.
    assert found["clusters"].outputs == pytest.approx({"precision": 11 / 15, "recall": 11 / 15, "f1": 11 / 15})
    # Pairs: ab, ac, bc, de against ab, cd, ce, de: 2 in common of 4 and 4.
    assert found["pairs"].outputs["f1"] == 0.5
    # ARI: expected 4 * 4 / 10 = 1.6; (2 - 1.6) / (4 - 1.6) = 1/6.
    assert found["ari"].outputs["value"] == pytest.approx(1 / 6)


def test_same_event_makes_no_cluster() -> None:
    found = score([pair("a", "b", "same_event")], [])
    assert found["clusters"].outputs["f1"] == 1.0
    assert found["pairs"].empty == 1


def test_relations_count_the_pairs_that_nobody_lists() -> None:
    # Ten pairs. Reference: ab near_duplicate, ac same_event. Predicted: ab near_duplicate, ac near_duplicate, de same_event.
    found = score(
        [pair("a", "b"), pair("a", "c", "same_event")],
        [pair("a", "b"), pair("a", "c"), pair("d", "e", "same_event")],
    )["relations"]
    # near_duplicate: 1 of 1 and 2: 2/3. same_event: 0 of 1 and 1. unrelated: 7 of 8 and 7: 14/15. identical stands nowhere.
    assert {label: values["f1"] for label, values in found.labels.items()} == pytest.approx(
        {"near_duplicate": 2 / 3, "same_event": 0.0, "unrelated": 14 / 15}
    )
    assert found.outputs["f1"] == pytest.approx((2 / 3 + 14 / 15) / 3)
    assert found.labels["unrelated"]["support"] == {"matched": 7, "reference": 8, "predicted": 7}


def test_recall_by_jaccard_by_hand() -> None:
    words = [f"w{number}" for number in range(14)]
    texts = {
        "a": "\n".join([" ".join(words), "x", "x"]),
        "b": "\n".join([" ".join(words), "x", "x"]),
        "c": "\n".join([" ".join([*words[:9], "other", "words", "here", "and", "there"]), "x", "x"]),
        "d": "\n".join(["nothing in common with the rest at all", "x", "x"]),
        "e": "\n".join(["yet another story that shares no passage", "x", "x"]),
    }
    # 16 words give 12 word 5-grams. a-b: 1.0. a-c, b-c: the first 9 words share 5 of 12 + 12 - 5 = 19: .26. c-d: below.
    found = score([pair("a", "b"), pair("b", "c"), pair("c", "d")], [pair("a", "b"), pair("a", "c")], texts)[
        "recall_by_jaccard"
    ]
    # Closed: ab, ac, ad, bc, bd, cd. Found: ab, ac, bc.
    assert found.outputs["recall"] == 0.5
    assert {band: (values["recall"], values["support"]["reference"]) for band, values in found.labels.items()} == {
        ">=.8": (1.0, 1),
        ".2-.5": (1.0, 2),
        "<.2": (0.0, 3),
    }


def blocks(*rows: tuple[str, int, str, int, str]) -> LabelTree:
    return LabelTree(
        blocks=[BlockPair(a_doc=a, a_block=i, b_doc=b, b_block=j, relation=relation) for a, i, b, j, relation in rows]
    )


def test_aligned_blocks_leave_identical_ones_out_and_take_either_order() -> None:
    texts = {"a": "one  two\nthree\nfour", "b": "one two\nfive\nsix"}
    reference = blocks(("a", 1, "b", 1, "edited"), ("a", 2, "b", 2, "partial"))
    predicted = blocks(("a", 0, "b", 0, "edited"), ("b", 1, "a", 1, "partial"), ("a", 2, "b", 1, "edited"))
    found = named(duplicates.score_blocks(reference=reference, predicted=predicted, corpus=corpus(texts)))["pairs"]
    # a0-b0 is identical and left out. 1 of 2 and 2 in common, whatever the relation; by relation none.
    assert found.outputs == {"precision": 0.5, "recall": 0.5, "f1": 0.5}
    assert {label: values["f1"] for label, values in found.labels.items()} == {"edited": 0.0, "partial": 0.0}


def test_a_system_is_scored_on_its_own_segments() -> None:
    texts = {"a": lines(4), "b": lines(4), "c": lines(4)}
    reference = LabelTree(
        segments={name: stories(["s"] * 4) for name in texts},
        versions=[pair("a", "b"), pair("a", "c"), pair("b", "c")],
        quotes={},
        entities={},
    )
    predicted = LabelTree(
        segments={"a": stories(["x"] * 4), "b": stories(["x"] * 3 + ["y"]), "c": stories(["x", "x", "y", "y"])},
        versions=[VersionPair(a="a#x", b="b#x", relation="identical"), VersionPair(a="b#y", b="c#x", relation="identical")],
        quotes={},
        entities={},
    )
    found = named(pipeline.score(reference=reference, predicted=predicted, corpus=corpus(texts)))["duplicates"]
    # a#x is a#s, b#x (3 of 4 blocks) is b#s; b#y, c#x and c#y (2 of 4) are nobody's.
    # Precision: a#x and b#x 2/2 each, the other three 0: 2/5. Recall: a, b: 2/3 each, c: 0: 4/9.
    assert found.outputs == pytest.approx({"precision": 2 / 5, "recall": 4 / 9, "f1": 2 * (2 / 5) * (4 / 9) / (2 / 5 + 4 / 9)})


def test_speakers_are_translated_by_the_best_alignment_of_entities() -> None:
    texts = {"a": "x" * 100}
    reference = LabelTree(
        segments={"a": []},
        versions=[],
        entities={"a": [mention(0, 2, entity="ana"), mention(4, 6, entity="ana"), mention(8, 10, entity="ben")]},
        quotes={
            "a": [quotation(20, 30, speaker="ana"), quotation(40, 50, speaker="ben"), quotation(60, 70, speaker="the-board")]
        },
    )
    predicted = LabelTree(
        segments={"a": []},
        versions=[],
        entities={"a": [mention(0, 2, entity="ben"), mention(4, 6, entity="ben"), mention(8, 10, entity="q7")]},
        quotes={
            "a": [quotation(20, 30, speaker="ben"), quotation(40, 50, speaker="ben"), quotation(60, 70, speaker="the-board")]
        },
    )
    found = named(pipeline.score(reference=reference, predicted=predicted, corpus=corpus(texts)))["quotes_end_to_end"]
    # ben -> ana: the first is right, the second wrong; the-board has no mentions anywhere and is compared by name.
    assert found.support == {"reference": 3, "predicted": 3, "matched": 2}
