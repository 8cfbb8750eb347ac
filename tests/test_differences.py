"""What differs between two trees, on two short texts by hand; and what `wirecopy compare` makes of it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scoring.build import corpus
from small_root import small_root
from small_tree import POST, TIMES, Files, block, lines, two_documents, write
from small_tree import corpus as written
from small_tree import mention as named
from small_tree import quotation as quoted
from wirecopy.cli import main
from wirecopy.differences import Difference, covered_documents, tree_differences, with_utterances_of
from wirecopy.labels import BlockLabel, BlockPair, LabelTree, Mention, Quotation, Span, VersionPair

CORPUS = corpus({"post": POST, "times": TIMES})


def mention(surface: str, kind: str, entity: str | None = None, nth: int = 0) -> Mention:
    """A mention in the post."""
    return Mention(**named(POST, surface, kind, entity, nth))


def quotation(content: str, kind: str = "direct", **more: Any) -> Quotation:
    """A quotation in the post."""
    record = quoted(POST, content, kind, **more)
    parts = {name: record[name] and Span(**record[name]) for name in ("cue", "source")}
    return Quotation(**{**record, **parts})


def entities(*mentions: Mention) -> LabelTree:
    return LabelTree(entities={"post": mentions})


def quotes(*quotations: Quotation) -> LabelTree:
    return LabelTree(quotes={"post": quotations})


def segments(*labels: BlockLabel) -> LabelTree:
    return LabelTree(segments={"post": labels})


def shown(found: Sequence[Difference]) -> list[tuple[str, str, tuple[str, str]]]:
    """Kind and place of each difference, and what both sides say."""
    return [(difference.kind, difference.place(CORPUS), difference.said(CORPUS)) for difference in found]


BAY = mention("Marlow Bay", "LOC", "marlow-bay")
ADA = mention("Ada Finch", "PERSON", "ada-finch")
BOARD = mention("Harbour Board", "ORG", "harbour-board")


def test_equal_trees_have_no_differences() -> None:
    whole = LabelTree(
        segments={"post": [BlockLabel(block=0, role="headline", story="strike")]},
        quotes={"post": [quotation('"We will not sail on Monday,"', cue="said")]},
        entities={"post": [BAY, ADA]},
        versions=[VersionPair(a="post#strike", b="times#strike", relation="same_event")],
        blocks=[BlockPair(a_doc="post", a_block=1, b_doc="times", b_block=1, relation="edited")],
    )
    assert tree_differences(whole, whole) == []


# Each layer: what was added, removed and changed


def test_mentions_are_added_removed_and_changed() -> None:
    found = tree_differences(entities(BAY, ADA), entities(replace(BAY, type="GPE", entity="marlow"), BOARD))
    assert shown(found) == [
        (
            "changed",
            'Ferry crews walk out in [Marlow Bay] "We will not sail on Monday," Ada Finch…',
            ("type LOC, entity marlow-bay", "type GPE, entity marlow"),
        ),
        (
            "removed",
            '…arlow Bay "We will not sail on Monday," [Ada Finch] said. The Harbour Board said the strike…',
            ("span “Ada Finch”, type PERSON, entity ada-finch", "—"),
        ),
        (
            "added",
            '…ot sail on Monday," Ada Finch said. The [Harbour Board] said the strike was unlawful. Sign up f…',
            ("—", "span “Harbour Board”, type ORG, entity harbour-board"),
        ),
    ]
    assert [difference.key for difference in found] == [("post",)] * 3


def test_quotations_differ_in_type_cue_source_and_speaker() -> None:
    before = quotation('"We will not sail on Monday,"', cue="said", source="Ada Finch", speaker="ada-finch")
    after = quotation('"We will not sail on Monday,"', "fragment", source="Finch", speaker="ada-finch")
    (difference,) = tree_differences(quotes(before), quotes(after))
    assert difference.kind == "changed"
    assert difference.said(CORPUS) == (
        "type direct, cue “said”, source “Ada Finch”",
        "type fragment, cue none, source “Finch”",
    )
    (gone,) = tree_differences(quotes(before), quotes())
    assert (gone.kind, gone.said(CORPUS)[1]) == ("removed", "—")
    (new,) = tree_differences(quotes(), quotes(after))
    assert (new.kind, new.said(CORPUS)[0]) == ("added", "—")


def test_blocks_are_the_same_record_when_their_number_is() -> None:
    before = [BlockLabel(block=0, role="headline", story="strike"), BlockLabel(block=1, role="body", story="strike")]
    after = [BlockLabel(block=0, role="caption", story="strike"), BlockLabel(block=3, role="boilerplate")]
    assert shown(tree_differences(segments(*before), segments(*after))) == [
        ("changed", "block 0: Ferry crews walk out in Marlow Bay", ("role headline", "role caption")),
        (
            "removed",
            'block 1: "We will not sail on Monday," Ada Finch said.',
            ("role body, story strike, topic none", "—"),
        ),
        ("added", "block 3: Sign up for our letters", ("—", "role boilerplate, story none, topic none")),
    ]


def pair(a: str, b: str, relation: str) -> VersionPair:
    return VersionPair(a=a, b=b, relation=relation)


def test_versions_are_compared_pair_by_pair() -> None:
    covered = {"post": (), "times": ()}
    first = [pair("post#a", "times#a", "same_event"), pair("post#a", "times#b", "identical")]
    second = [pair("post#a", "times#a", "near_duplicate"), pair("post#b", "times#b", "same_event")]
    found = tree_differences(*(LabelTree(entities=covered, versions=pairs) for pairs in (first, second)))
    assert shown(found) == [
        ("changed", "post#a / times#a", ("relation same_event", "relation near_duplicate")),
        ("removed", "post#a / times#b", ("relation identical", "—")),
        ("added", "post#b / times#b", ("—", "relation same_event")),
    ]
    assert [difference.key for difference in found] == [("post#a", "times#a"), ("post#a", "times#b"), ("post#b", "times#b")]


def test_a_pair_that_is_listed_as_unrelated_is_one_that_is_not_listed() -> None:
    covered = {"post": (), "times": ()}
    listed = LabelTree(entities=covered, versions=[pair("post#a", "times#a", "unrelated")])
    assert tree_differences(listed, LabelTree(entities=covered, versions=[])) == []
    (found,) = tree_differences(listed, LabelTree(entities=covered, versions=[pair("post#a", "times#a", "same_event")]))
    assert found.kind == "added"


def aligned(a_block: int, b_block: int, relation: str) -> BlockPair:
    return BlockPair(a_doc="post", a_block=a_block, b_doc="times", b_block=b_block, relation=relation)


def test_aligned_blocks_are_compared_pair_by_pair() -> None:
    covered = {"post": (), "times": ()}
    first = LabelTree(entities=covered, blocks=[aligned(0, 0, "partial"), aligned(1, 1, "edited")])
    second = LabelTree(entities=covered, blocks=[aligned(1, 1, "partial"), aligned(2, 2, "partial")])
    headlines = "post:0 Ferry crews walk out in Marlow Bay / times:0 Crews stop the Marlow Bay ferry"
    said = (
        'post:1 "We will not sail on Monday," Ada Finch said. / times:1 "We will not sail on Monday," Ada Finch told reporters.'
    )
    unlawful = "post:2 The Harbour Board said the strike was unlawful. / times:2 Talks broke down on Friday."
    assert shown(tree_differences(first, second)) == [
        ("removed", headlines, ("relation partial", "—")),
        ("changed", said, ("relation edited", "relation partial")),
        ("added", unlawful, ("—", "relation partial")),
    ]


def test_pairs_are_compared_where_both_documents_are_in_both_trees() -> None:
    related = [pair("post#a", "times#a", "same_event")]
    first = LabelTree(entities={"post": (), "times": ()}, versions=related)
    assert tree_differences(first, LabelTree(entities={"post": ()}, versions=[])) == []
    assert len(tree_differences(first, LabelTree(entities={"post": (), "times": ()}, versions=[]))) == 1
    # A pair alone says of its documents that they were looked at.
    assert covered_documents(LabelTree(versions=related)) == {"post", "times"}
    assert covered_documents(LabelTree(blocks=[aligned(0, 0, "edited")])) == {"post", "times"}


def test_a_long_block_is_cut() -> None:
    long = corpus({"post": "a" * 80, "times": "b" * 81})
    places = [
        Difference("segments", (doc_id,), None, BlockLabel(block=0, role="body")).place(long) for doc_id in ("post", "times")
    ]
    assert places == ["block 0: " + "a" * 80, "block 0: " + "b" * 80 + "…"]


# Spans pair up one to one


def test_a_moved_boundary_is_one_change_that_shows_the_words_of_both() -> None:
    wider = mention("The Harbour Board", "ORG", "harbour-board")
    (difference,) = tree_differences(entities(BOARD), entities(wider))
    assert (difference.before, difference.after) == (BOARD, wider)
    assert difference.place(CORPUS).count("[The Harbour Board]") == 1
    assert difference.said(CORPUS) == ("span “Harbour Board”", "span “The Harbour Board”")


def test_spans_that_overlap_several_pair_up_one_to_one() -> None:
    # "Ada" and "Finch" against "Ada Finch": 3 of 9 code points are shared with the one, 5 of 9 with the other.
    ada, finch = mention("Ada", "PERSON"), mention("Finch", "PERSON")
    found = tree_differences(entities(ada, finch), entities(ADA))
    assert [(difference.before, difference.after) for difference in found] == [(ada, None), (finch, ADA)]


def test_as_much_as_possible_pairs_up_not_the_nearest_first() -> None:
    # Nearest first would take "crews walk" and "crews walk out" (10 of 14), and what is left of both (4 of 20): in all .91.
    # The other way round it is 10 of 16 and 8 of 14: in all 1.20.
    walk, walk_out = mention("crews walk", "ORG"), mention("walk out", "ORG")
    crews, out = mention("Ferry crews walk", "ORG"), mention("crews walk out", "ORG")
    found = tree_differences(entities(walk, walk_out), entities(crews, out))
    assert [(difference.before, difference.after) for difference in found] == [(walk, crews), (walk_out, out)]


@pytest.mark.parametrize(("kind", "other"), [("ORG", "PERSON"), ("PERSON", "ORG")])
def test_the_type_decides_between_spans_that_are_as_near(kind: str, other: str) -> None:
    whole, same, different = mention("Ada Finch", kind), mention("Finch", kind), mention("Finch", other)
    found = tree_differences(entities(whole), entities(same, different))
    assert {(difference.before, difference.after) for difference in found} == {(whole, same), (None, different)}


def test_spans_that_only_touch_are_not_the_same_record() -> None:
    found = tree_differences(entities(mention("Ada", "PERSON")), entities(mention(" Finch", "PERSON")))
    assert [difference.kind for difference in found] == ["removed", "added"]


def test_what_repeats_the_text_is_no_difference() -> None:
    """A prediction may leave out the strings of its spans."""
    whole = quotation('"We will not sail on Monday,"', cue="said", source="Ada Finch")
    assert whole.cue and whole.source
    bare = replace(whole, text=None, cue=replace(whole.cue, text=None), source=replace(whole.source, text=None))
    assert tree_differences(quotes(whole), quotes(bare)) == []
    assert tree_differences(entities(BAY), entities(replace(BAY, text=None))) == []


# Documents and layers


def test_differences_are_those_of_the_layers_and_documents_that_both_hold() -> None:
    first = LabelTree(entities={"post": [BAY], "times": []}, quotes={"post": []})
    second = LabelTree(entities={"post": [ADA], "letter": [ADA]}, segments={"post": []})
    assert [(d.layer, d.key, d.kind) for d in tree_differences(first, second)] == [
        ("entities", ("post",), "removed"),
        ("entities", ("post",), "added"),
    ]
    assert tree_differences(first, second, layers=["quotes"]) == []


def test_utterances_disagree_where_they_group_quotations_otherwise_whatever_they_are_called() -> None:
    contents = ("We will not sail", "the strike was unlawful", "Sign up", "walk out")

    def called(*names: str | None) -> LabelTree:
        return quotes(*(quotation(one, "indirect", utterance=name) for one, name in zip(contents, names, strict=True)))

    first = called("sail", "sail", "sail", "walk")
    for same in (called("x", "x", "x", "y"), called("walk", "walk", "walk", "sail"), first):
        assert tree_differences(first, with_utterances_of(first, same)) == []
    # However many names are the same, they weigh less than one quotation.
    crossed = [
        quotes(*(Quotation(start=n, end=n + 1, type="direct", utterance=name) for n, name in enumerate(names)))
        for names in ("abcaabc", "abcbbca")
    ]
    assert [one.utterance for one in (with_utterances_of(*crossed).quotes or {})["post"]] == list("cabaabc")
    # Two of three are put together as in the first tree; "sail" is then taken, so that the other one is another.
    parted = with_utterances_of(first, called("x", "sail", "x", "y"))
    assert [found.said(CORPUS) for found in tree_differences(first, parted)] == [("utterance sail", "utterance another sail")]
    missing = with_utterances_of(first, called("x", None, "x", "y"))
    assert [found.said(CORPUS) for found in tree_differences(first, missing)] == [("utterance sail", "utterance none")]
    assert with_utterances_of(first, LabelTree(entities={})) == LabelTree(entities={})


def test_differences_stand_by_document_then_layer_then_place() -> None:
    first = LabelTree(
        segments={"post": [], "times": []}, quotes={"post": []}, entities={"post": [], "times": []}, versions=[], blocks=[]
    )
    second = LabelTree(
        segments={"post": [BlockLabel(block=2, role="body")], "times": [BlockLabel(block=0, role="headline")]},
        quotes={"post": [quotation("the strike was unlawful", "indirect")]},
        entities={"post": [BOARD, BAY], "times": []},
        versions=[pair("post#a", "times#a", "same_event")],
        blocks=[aligned(1, 1, "edited")],
    )
    assert [(d.layer, d.key) for d in tree_differences(first, second)] == [
        ("segments", ("post",)),
        ("quotes", ("post",)),
        ("entities", ("post",)),
        ("entities", ("post",)),
        ("duplicates", ("post", "times")),
        ("duplicates", ("post#a", "times#a")),
        ("segments", ("times",)),
    ]
    assert [d.record for d in tree_differences(first, second, layers=["entities"])] == [BAY, BOARD]


# Properties

spans = st.tuples(st.integers(0, 24), st.integers(1, 8))
mentions = st.builds(
    lambda place, kind, entity: Mention(start=place[0], end=sum(place), type=kind, entity=entity),
    spans,
    st.sampled_from(["PERSON", "ORG"]),
    st.sampled_from(["a", "b", None]),
)
quotations = st.builds(
    lambda place, kind, cue: Quotation(start=place[0], end=sum(place), type=kind, cue=cue and Span(start=cue[0], end=sum(cue))),
    spans,
    st.sampled_from(["direct", "scare"]),
    st.none() | spans,
)
labels = st.builds(
    BlockLabel, block=st.integers(0, 3), role=st.sampled_from(["body", "caption"]), story=st.sampled_from(["a", "b", None])
)
version_pairs = st.builds(
    VersionPair,
    a=st.sampled_from(["post#a", "post#b"]),
    b=st.sampled_from(["times#a", "times#b"]),
    relation=st.sampled_from(["unrelated", "same_event", "identical"]),
)
block_pairs = st.builds(aligned, st.integers(0, 2), st.integers(0, 2), st.sampled_from(["edited", "partial"]))


def by_document(records: Any, key: Any = None) -> Any:
    return st.none() | st.dictionaries(st.sampled_from(["post", "times"]), st.lists(records, max_size=6, unique_by=key))


def place(label: Any) -> Any:
    return label.block if isinstance(label, BlockLabel) else replace(label, relation="")


trees = st.builds(
    LabelTree,
    segments=by_document(labels, place),
    quotes=by_document(quotations, lambda record: record),
    entities=by_document(mentions, lambda record: record),
    versions=st.none() | st.lists(version_pairs, max_size=4, unique_by=place),
    blocks=st.none() | st.lists(block_pairs, max_size=4, unique_by=place),
)


def sides(found: Sequence[Difference]) -> Counter[Any]:
    return Counter((d.layer, d.key, d.before, d.after) for d in found)


@given(tree=trees)
def test_a_tree_does_not_differ_from_itself(tree: LabelTree) -> None:
    assert tree_differences(tree, tree) == []


@given(first=trees, second=trees)
def test_swapping_the_trees_swaps_added_and_removed(first: LabelTree, second: LabelTree) -> None:
    forth, back = tree_differences(first, second), tree_differences(second, first)
    assert sides(forth) == sides([replace(d, before=d.after, after=d.before) for d in back])


@given(first=st.lists(mentions, max_size=6, unique=True), second=st.lists(mentions, max_size=6, unique=True))
def test_every_record_that_differs_stands_in_one_difference(first: list[Mention], second: list[Mention]) -> None:
    found = tree_differences(entities(*first), entities(*second))
    assert Counter(d.before for d in found if d.before) == Counter(set(first) - set(second))
    assert Counter(d.after for d in found if d.after) == Counter(set(second) - set(first))
    pairs = [(d.before, d.after) for d in found if isinstance(d.before, Mention) and isinstance(d.after, Mention)]
    assert all(a.start < b.end and b.start < a.end for a, b in pairs)
    assert tree_differences(entities(*first[::-1]), entities(*second[::-1])) == found


# wirecopy compare


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main([str(argument) for argument in arguments]) == 0
    return capsys.readouterr().out


@pytest.fixture
def passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two passes over the small root: the second has no board, and Marlow Bay is a GPE there."""
    root = small_root(tmp_path, monkeypatch)
    first, second = ({k: v for k, v in two_documents().items() if k.startswith("entities/")} for _ in range(2))
    bay, ada, _ = second["entities/post.jsonl"]
    second["entities/post.jsonl"] = [{**bay, "type": "GPE"}, ada]
    return write(first, root.parent / "a1"), write(second, root.parent / "a2")


def test_compare_lists_the_disagreements_with_the_words_around(
    passes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    out = run(capsys, "compare", *passes)
    assert out[out.index("post: entities") : out.index("signature")] == (
        "post: entities\n"
        '  Ferry crews walk out in [Marlow Bay] "We will not sail on Monday," Ada Finch…\n'
        "    A a1: type LOC\n"
        "    B a2: type GPE\n"
        '  …ot sail on Monday," Ada Finch said. The [Harbour Board] said the strike was unlawful. Sign up f…\n'
        "    A a1: span “Harbour Board”, type ORG, entity harbour-board\n"
        "    B a2: —\n"
        "2 disagreements\n"
    )
    assert "1 disagreement\n" in run(capsys, "compare", passes[1], _without_bay(passes[0]))
    assert "\nno disagreements\n" in run(capsys, "compare", passes[0], passes[0])


def test_compare_passes_over_what_utterances_are_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = small_root(tmp_path, monkeypatch)
    first = {name: records for name, records in two_documents().items() if name.startswith("quotes/")}
    second = {
        name: [{**one, "utterance": one["utterance"] and f"my-{one['utterance']}"} for one in records]
        for name, records in first.items()
    }
    assert first != second
    assert "\nno disagreements\n" in run(capsys, "compare", write(first, root.parent / "a1"), write(second, root.parent / "a2"))


def _without_bay(tree: Path) -> Path:
    """A tree that differs from the second pass in the type of the bay alone."""
    path = tree / "entities" / "post.jsonl"
    path.write_text("".join(path.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    return tree


def test_compare_gives_the_disagreements_as_json(passes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    result = json.loads(run(capsys, "compare", *passes, "--json"))
    bay, _, board = two_documents()["entities/post.jsonl"]
    assert result["disagreements"] == [
        {
            "layer": "entities",
            "key": ["post"],
            "place": 'Ferry crews walk out in [Marlow Bay] "We will not sail on Monday," Ada Finch…',
            "a": bay,
            "b": {**bay, "type": "GPE"},
        },
        {
            "layer": "entities",
            "key": ["post"],
            "place": '…ot sail on Monday," Ada Finch said. The [Harbour Board] said the strike was unlawful. Sign up f…',
            "a": board,
            "b": None,
        },
    ]
    # Of five mentions in the first pass, three are in the second: 3 of 5 found, 3 of 4 right.
    strict = result["scores"]["entities"]["strict"]
    assert (strict["recall"], strict["precision"]) == (3 / 5, 3 / 4)


def test_compare_keeps_to_a_split(passes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert "2 disagreements\n" in run(capsys, "compare", *passes, "--split", "train")
    assert main(["compare", *map(str, passes), "--split", "test"]) == 2


@pytest.mark.parametrize(
    "record",
    [
        {"start": 0, "end": 9999, "type": "LOC"},
        {"start": 7, "end": 3, "type": "LOC"},
        {"start": -3, "end": 3, "type": "LOC"},
    ],
)
def test_spans_outside_the_text_are_findings_when_trees_are_compared(
    record: dict[str, Any], passes: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    (passes[1] / "entities" / "post.jsonl").write_text(lines(record))
    assert main(["compare", *map(str, passes)]) == 1
    assert "[span-" in capsys.readouterr().err


def six_documents() -> Files:
    """Six documents of a story each, with a person and a place in each."""
    text = "Ada Finch left Marlow Bay\n"
    names = [f"d{number}" for number in range(6)]
    return {
        **written(**dict.fromkeys(names, text)),
        "stories.json": {name: {"title": "A departure", "topics": {}} for name in names},
        "entities.json": {},
        "splits.json": {"train": names, "validation": [], "test": [], "wild": []},
        "version.json": {"version": "1.0.0", "canary": "none"},
        **{f"segments/{name}.jsonl": [block(0, "body", name)] for name in names},
        **{f"quotes/{name}.jsonl": [] for name in names},
        **{
            f"entities/{name}.jsonl": [named(text, "Ada Finch", "PERSON", None), named(text, "Marlow Bay", "LOC", None)]
            for name in names
        },
    }


def test_layers_and_labels_have_intervals_from_five_components(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = six_documents()
    root = small_root(tmp_path, monkeypatch, files)
    # Of six places the second pass takes three for states.
    other = {name: rows for name, rows in files.items() if name.startswith(("segments/", "entities/"))}
    for number in (1, 3, 5):
        ada, bay = other[f"entities/d{number}.jsonl"]
        other[f"entities/d{number}.jsonl"] = [ada, {**bay, "type": "GPE"}]
    trees = (root / "annotations", write(other, tmp_path / "a2"))
    strict = json.loads(run(capsys, "compare", *trees, "--json"))["scores"]["entities"]["strict"]
    assert set(strict["interval"]) == {"precision", "recall", "f1"}
    assert strict["labels"]["PERSON"]["interval"]["f1"] == [1.0, 1.0]
    place = strict["labels"]["LOC"]
    low, high = place["interval"]["f1"]
    # 3 of 6 found, 3 of 3 right.
    assert low < place["f1"] == 2 / 3 < high
    monkeypatch.setenv("COLUMNS", "120")
    out = run(capsys, "compare", *trees)
    (row,) = [line for line in out.splitlines() if "strict: LOC" in line]
    assert f"{low:.3f} to {high:.3f}" in row
    assert out.count("[Marlow Bay]") == 3


def test_agreement_over_fewer_than_five_components_has_no_intervals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gold = small_root(tmp_path, monkeypatch) / "annotations"
    strict = json.loads(run(capsys, "compare", gold, gold, "--json"))["scores"]["entities"]["strict"]
    assert strict["interval"] is None
    assert "interval" not in strict["labels"]["PERSON"]
    assert "95 %" not in run(capsys, "compare", gold, gold)
