"""The public entry: reports, notes, errors, breakdowns and comparisons, and what holds for every measure."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scoring.build import corpus, mention, quotation, stories
from wirecopy.corpus import Corpus
from wirecopy.derive import versions
from wirecopy.findings import FindingsError
from wirecopy.labels import ROLES, BlockLabel, BlockPair, LabelTree, Mention, Quotation, Span, VersionPair, write_tree
from wirecopy.scoring import TASKS, Report, compare, primary, score

ERRORS = {"pk", "window_diff", "scare_as_speech"}
TYPES = ("PERSON", "ORG", "GPE")
WORDS = ("lima", "oslo", "“rome”", "paris,", "quito", "accra")


def random_corpus(generator: np.random.Generator, documents: int = 4) -> Corpus:
    texts = {f"d{number:02}": "\n".join(" ".join(generator.choice(WORDS, 8)) for _ in range(6)) for number in range(documents)}
    return corpus(texts, splits={"d00": "train"}, dirt={"d01": ["tags"], "d02": ["tags", "legal_lines"]})


def random_tree(generator: np.random.Generator, over: Corpus, names: str) -> LabelTree:
    """Labels of all layers; ``names`` are letters that story and entity ids are made of."""

    def pick(options: Any) -> Any:
        return options[int(generator.integers(len(options)))]

    def spans(text: str, count: int) -> list[tuple[int, int]]:
        drawn = {
            (start, start + int(generator.integers(1, 30))) for start in generator.integers(0, len(text) - 31, count).tolist()
        }
        return sorted(drawn)

    held: dict[str, dict[str, list[Any]]] = {"segments": {}, "quotes": {}, "entities": {}}
    for doc_id, document in over.items():
        held["segments"][doc_id] = [
            BlockLabel(block=block, role=pick(ROLES), story=pick([*names, None]), topic=pick(["t", "u", None]))
            for block in range(len(document.blocks))
            if generator.random() < 0.9
        ]
        held["entities"][doc_id] = [
            mention(start, end, pick(TYPES), pick([*names, None])) for start, end in spans(document.text, 6)
        ]
        held["quotes"][doc_id] = [
            Quotation(
                start=start,
                end=end,
                type=pick(("direct", "scare", "indirect")),
                cue=pick([None, Span(start=3, end=9)]),
                source=pick([None, Span(start=8, end=11)]),
                speaker=pick([*names, None]),
                utterance=pick([*names, None]),
            )
            for start, end in spans(document.text, 5)
        ]
    return LabelTree(**held, versions=[], blocks=random_block_pairs(generator, over))


def random_block_pairs(generator: np.random.Generator, over: Corpus) -> list[BlockPair]:
    names = list(over)
    drawn = {(a, int(i), b, int(j)) for a, b in pairwise(names) for i, j in generator.integers(0, 6, (3, 2))}
    relations = ("edited", "partial")
    return [
        BlockPair(a_doc=a, a_block=i, b_doc=b, b_block=j, relation=relations[int(generator.integers(2))])
        for a, i, b, j in sorted(drawn)
    ]


def with_pairs(generator: np.random.Generator, tree: LabelTree, known: LabelTree) -> LabelTree:
    """The tree with random relations between the versions of another."""
    names = list(versions(known.segments or {}))
    relations = ("same_event", "near_duplicate", "identical", "unrelated")
    pairs = [
        VersionPair(a=a, b=b, relation=relations[int(generator.integers(4))])
        for number, a in enumerate(names)
        for b in names[number + 1 :]
        if generator.random() < 0.4
    ]
    return replace(tree, versions=pairs)


def trees(seed: int, *, same_segments: bool = False) -> tuple[Corpus, LabelTree, LabelTree]:
    generator = np.random.default_rng(seed)
    over = random_corpus(generator)
    reference, predicted = random_tree(generator, over, "abcd"), random_tree(generator, over, "bcdxy")
    if same_segments:
        predicted = replace(predicted, segments=reference.segments)
    return over, with_pairs(generator, reference, reference), with_pairs(generator, predicted, reference)


def flat(report: Report) -> dict[tuple[str, str, str], float | None]:
    """Every output of every measure and label of a report."""
    result: dict[tuple[str, str, str], float | None] = {}

    def add(task: str, name: str, values: Mapping[str, Any]) -> None:
        for output in ("precision", "recall", "f1", "value", "pq", "sq", "rq"):
            if output in values:
                result[task, name, output] = values[output]

    for task, measures in report.scores.items():
        for name, measure in measures.items():
            add(task, name, measure)
            for label, values in measure.get("labels", {}).items():
                add(task, f"{name}: {label}", values)
    return result


seeds = st.integers(0, 10_000)
few = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])


@few
@given(seeds)
def test_a_tree_against_itself_is_right_on_every_measure(seed: int) -> None:
    over, tree, _ = trees(seed)
    for (task, name, output), value in flat(score(tree, reference=tree, corpus=over, tasks=TASKS)).items():
        assert value is None or value == pytest.approx(0.0 if name in ERRORS else 1.0, abs=1e-12), (task, name, output)


@few
@given(seeds)
def test_every_value_lies_between_nothing_and_one(seed: int) -> None:
    over, reference, predicted = trees(seed)
    for key, value in flat(score(predicted, reference=reference, corpus=over)).items():
        lowest = -1.0 if key[1] == "ari" else 0.0
        assert value is None or lowest <= value <= 1.0, key


def shuffled(generator: np.random.Generator, tree: LabelTree) -> LabelTree:
    def mixed(rows: Any) -> Any:
        return [rows[number] for number in generator.permutation(len(rows))]

    layers = {
        layer: {doc_id: mixed(getattr(tree, layer)[doc_id]) for doc_id in mixed(list(getattr(tree, layer)))}
        for layer in ("segments", "quotes", "entities")
    }
    flipped = [VersionPair(a=pair.b, b=pair.a, relation=pair.relation) for pair in mixed(tree.versions)]
    return LabelTree(**layers, versions=flipped, blocks=mixed(tree.blocks))


@few
@given(seeds)
def test_the_order_of_records_and_files_changes_nothing(seed: int) -> None:
    over, reference, predicted = trees(seed)
    generator = np.random.default_rng(seed)
    once = score(predicted, reference=reference, corpus=over)
    again = score(shuffled(generator, predicted), reference=shuffled(generator, reference), corpus=over)
    assert flat(once) == flat(again)


@few
@given(seeds)
def test_exchanging_the_trees_exchanges_precision_and_recall(seed: int) -> None:
    # Topics, Pk and WindowDiff look from the reference by definition; macro and scare_as_speech choose their labels by it.
    over, reference, predicted = trees(seed, same_segments=True)
    seen = {"d00": {"lima"}}
    one = score(predicted, reference=reference, corpus=over, seen=seen)
    other = score(reference, reference=predicted, corpus=over, seen=seen)
    back = flat(other)
    exchanged = {"precision": "recall", "recall": "precision"}
    for (task, name, output), value in flat(one).items():
        if name in ERRORS or name.startswith(("recall_by_jaccard", "ids_on_gold")):
            continue
        against = back[task, name, exchanged.get(output, output)]
        assert value is None or value == pytest.approx(against, abs=1e-9), (task, name, output)


def small() -> tuple[Corpus, LabelTree]:
    over = corpus({"d0": "Ana Paz said “no” twice.\nBen left.", "d1": "Ana Paz said so.\nRome."})
    tree = LabelTree(
        segments={"d0": stories(["s", "s"]), "d1": stories(["s", None])},
        quotes={"d0": [quotation(13, 17, "fragment", speaker="ana")], "d1": []},
        entities={"d0": [mention(0, 7, entity="ana")], "d1": [mention(0, 7, entity="ana")]},
        versions=[VersionPair(a="d0#s", b="d1#s", relation="near_duplicate")],
        blocks=[BlockPair(a_doc="d0", a_block=0, b_doc="d1", b_block=0, relation="partial")],
    )
    return over, tree


def test_a_report_names_what_it_is_of() -> None:
    over, tree = small()
    signature = score(tree, reference=tree, corpus=over, split="test", tasks=["entities"]).signature
    assert (signature["tasks"], signature["split"], signature["documents"]) == ("entities", "test", "2")
    assert (signature["reference"], signature["resamples"]) == ("given", "2000")
    assert len(signature["hash"]) == 12


def test_a_layer_that_is_not_there_is_named_and_not_scored() -> None:
    over, tree = small()
    report = score(LabelTree(entities=tree.entities), reference=tree, corpus=over)
    assert list(report.scores) == ["entities"]
    (note,) = (note for note in report.notes if note.startswith("not scored, the predicted tree does not hold it: "))
    assert note.endswith(", quotes")
    with pytest.raises(ValueError, match="task 'quotes' compares quotes; the predicted tree holds entities"):
        score(LabelTree(entities=tree.entities), reference=tree, corpus=over, tasks=["quotes"])


def test_a_document_without_a_file_scores_as_empty_and_is_named() -> None:
    over, tree = small()
    report = score(LabelTree(entities={"d0": (tree.entities or {})["d0"]}), reference=tree, corpus=over)
    assert report.scores["entities"]["strict"]["recall"] == 0.5
    assert "entities: no file, scored as empty: d1" in report.notes


def test_a_document_that_the_reference_does_not_label_is_left_out_and_named() -> None:
    over, tree = small()
    reference = LabelTree(entities={"d0": (tree.entities or {})["d0"]})
    report = score(tree, reference=reference, corpus=over, tasks=["entities"])
    assert report.scores["entities"]["strict"]["f1"] == 1.0
    assert "left out, since the reference does not label them: d1" in report.notes
    assert any(note.startswith("no intervals") for note in report.notes)


def with_layers(**layers: Any) -> LabelTree:
    return replace(small()[1], **layers)


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        (with_layers(entities={"d9": []}), "unknown-document"),
        (with_layers(entities={"../d0": []}), "unknown-document"),
        (with_layers(entities={"d0": [mention(0, 99)]}), "span-out-of-range"),
        (with_layers(entities={"d1": [mention(17, 23)]}), "span-out-of-range"),
        (with_layers(entities={"d0": [mention(-1, 4)]}), "span-out-of-range"),
        (with_layers(entities={"d0": [mention(4, 4)]}), "span-empty"),
        (with_layers(quotes={"d0": [quotation(0, 4, cue=Span(start=5, end=3))]}), "span-empty"),
        (with_layers(quotes={"d0": [quotation(0, 4, source=Span(start=5, end=99))]}), "span-out-of-range"),
        (with_layers(segments={"d0": stories(["s"] * 3), "d1": stories(["s"])}), "unknown-block"),
        (with_layers(segments={"d0": [*stories(["s"]), *stories(["t"])], "d1": stories(["s"])}), "duplicate-record"),
        (with_layers(versions=[VersionPair(a="d0#s", b="d1#t", relation="identical")]), "unknown-version"),
        (with_layers(versions=[VersionPair(a="d0#s", b="d9#s", relation="identical")]), "unknown-document"),
        (with_layers(versions=[VersionPair(a="d0#s", b="d0#s", relation="identical")]), "pair-order"),
        (
            with_layers(
                versions=[
                    VersionPair(a="d0#s", b="d1#s", relation="identical"),
                    VersionPair(a="d1#s", b="d0#s", relation="same_event"),
                ]
            ),
            "duplicate-record",
        ),
        (with_layers(blocks=[BlockPair(a_doc="d0", a_block=0, b_doc="d1", b_block=2, relation="edited")]), "unknown-block"),
        (with_layers(blocks=[BlockPair(a_doc="d0", a_block=0, b_doc="d7", b_block=0, relation="edited")]), "unknown-document"),
    ],
)
def test_a_tree_that_would_make_numbers_wrong_is_an_error(tree: LabelTree, code: str) -> None:
    over, gold = small()
    for trees_of in ((tree, gold), (gold, tree)):
        with pytest.raises(FindingsError) as caught:
            score(trees_of[0], reference=trees_of[1], corpus=over)
        assert code in {finding.code for finding in caught.value.findings}


def test_a_span_may_end_where_the_text_does() -> None:
    over, tree = small()
    last = replace(tree, entities={"d0": [], "d1": [mention(17, 22)]})
    assert len(over["d1"].text) == 22
    assert score(last, reference=last, corpus=over, tasks=["entities"]).scores["entities"]["strict"]["f1"] == 1.0


def test_versions_are_not_scored_against_a_reference_without_segments() -> None:
    over, tree = small()
    report = score(tree, reference=LabelTree(versions=tree.versions, blocks=tree.blocks), corpus=over)
    assert list(report.scores) == ["duplicates/blocks"]
    assert "duplicates/versions: not scored, the reference holds no segments and so no versions" in report.notes


def test_unknown_names_are_errors_that_list_the_known_ones() -> None:
    over, tree = small()
    with pytest.raises(ValueError, match="unknown task 'quote'; expected one of duplicates/versions"):
        score(tree, reference=tree, corpus=over, tasks=["quote"])
    with pytest.raises(ValueError, match="split 'wild' holds no document; expected one of test"):
        score(tree, reference=tree, corpus=over, split="wild")
    unknown: Any = "outlet"
    with pytest.raises(ValueError, match="unknown breakdown 'outlet'"):
        score(tree, reference=tree, corpus=over, breakdown=unknown)
    with pytest.raises(ValueError, match="unknown task 'all'"):
        primary("all")


def test_a_part_before_the_slash_names_all_of_its_tasks() -> None:
    over, tree = small()
    assert list(score(tree, reference=tree, corpus=over, tasks=["segments"]).scores) == [
        "segments/stories",
        "segments/topics",
        "segments/roles",
    ]


def test_every_task_has_a_primary_measure_that_its_report_holds() -> None:
    over, tree = small()
    report = score(tree, reference=tree, corpus=over, tasks=TASKS)
    for task in TASKS:
        measure, output = primary(task)
        assert report.scores[task][measure][output] == 1.0


def test_folders_are_read(tmp_path: Path) -> None:
    over, tree = small()
    write_tree(tree, tmp_path / "tree")
    report = score(tmp_path / "tree", reference=str(tmp_path / "tree"), corpus=over)
    assert report.scores["entities"]["strict"]["f1"] == 1.0


def test_a_breakdown_scores_the_documents_that_have_each_kind() -> None:
    over, reference, predicted = trees(1)
    report = score(predicted, reference=reference, corpus=over, tasks=["entities"], breakdown="dirt")
    assert list(report.breakdown) == ["dirt: legal_lines", "dirt: tags"]
    alone = score(
        LabelTree(entities={"d02": (predicted.entities or {})["d02"]}),
        reference=LabelTree(entities={"d02": (reference.entities or {})["d02"]}),
        corpus=over,
        seen={},
    )
    assert report.breakdown["dirt: legal_lines"]["entities"]["strict"] == alone.scores["entities"]["strict"]
    assert list(score(predicted, reference=reference, corpus=over, breakdown="origin").breakdown) == ["origin: authored"]


def test_rows_have_the_same_columns_and_the_numbers_of_the_report() -> None:
    over, reference, predicted = trees(2)
    report = score(predicted, reference=reference, corpus=over, breakdown="origin")
    rows = report.rows()
    assert len({tuple(row) for row in rows}) == 1
    strict = next(row for row in rows if row["task"] == "entities" and row["measure"] == "strict*")
    assert strict["score"] == f"{report.scores['entities']['strict']['f1']:.3f}"


def test_surfaces_of_the_train_split_are_seen_when_none_are_given() -> None:
    over = corpus({"d0": "Lima Oslo", "d1": "LIMA Rome"}, splits={"d0": "train"})
    tree = LabelTree(entities={"d0": [mention(0, 4)], "d1": [mention(0, 4), mention(5, 9)]})
    unseen = score(tree, reference=tree, corpus=over, split="test").scores["entities"]["unseen"]
    assert unseen["support"] == {"reference": 1, "predicted": 1, "matched": 1}
    alone = score(LabelTree(entities={"d1": []}), reference=tree, corpus=corpus({"d0": "Lima Oslo", "d1": "LIMA Rome"}))
    assert alone.scores["entities"]["unseen"]["f1"] is None
    assert "train" in alone.scores["entities"]["unseen"]["interval_note"]


def many(stories_of: int) -> tuple[Corpus, LabelTree, LabelTree]:
    """Forty documents in so many components, and a system that misses the mention of every third."""
    over = corpus({f"d{number:02}": "Ana Paz left.\nBen." for number in range(40)})
    reference = LabelTree(
        segments={name: stories([f"s{number % stories_of}"] * 2) for number, name in enumerate(over)},
        entities={name: [mention(0, 7, entity="ana")] for name in over},
    )
    held: dict[str, list[Mention]] = {
        name: [] if number % 3 == 0 else [mention(0, 7, entity="ana")] for number, name in enumerate(over)
    }
    return over, reference, LabelTree(entities=held)


def test_intervals_follow_the_stories_that_documents_share() -> None:
    over, reference, predicted = many(40)
    strict = score(predicted, reference=reference, corpus=over).scores["entities"]["strict"]
    low, high = strict["interval"]["recall"]
    assert low < strict["recall"] < high
    assert strict["interval_note"] is None
    over, reference, predicted = many(1)
    strict = score(predicted, reference=reference, corpus=over).scores["entities"]["strict"]
    assert strict["interval"] is None
    assert strict["interval_note"] == "1 component of documents that share a story: no interval"


def test_two_systems_are_compared_on_the_same_resamples() -> None:
    over, reference, predicted = many(40)
    same = compare(predicted, predicted, reference=reference, corpus=over)
    for outputs in same.differences["entities"].values():
        assert all(difference.difference == 0.0 for difference in outputs.values())
    better = compare(reference, predicted, reference=reference, corpus=over, tasks=["entities"])
    recall = better.differences["entities"]["strict"]["recall"]
    # The system misses 14 of 40 mentions.
    assert recall.difference == pytest.approx(14 / 40)
    assert recall.interval is not None and recall.interval[0] > 0.0
    assert better.to_dict()["differences"]["entities"]["strict"]["recall"]["first"] == 1.0
