import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelstudio import parity
from labelstudio.small import (
    STORY,
    TREE,
    Json,
    annotation,
    codes,
    corpus_of,
    exported,
    label_item,
    pair_view,
    pulled,
    pulled_tree,
    said_item,
    segment,
    tasks,
    whole_export,
)
from labelstudio.strategies import LINES
from wirecopy.corpus import Block, fold
from wirecopy.derive import identical_blocks
from wirecopy.labels import DRAWN_RELATIONS, VERSION_RELATIONS, BlockPair, LabelTree, VersionPair
from wirecopy.labelstudio import duplicates
from wirecopy.labelstudio.regions import choice_item, read_result

PAIR = VersionPair(a=f"post#{STORY}", b=f"times#{STORY}", relation="near_duplicate")


def aligned(a_block: int, b_block: int, relation: str = "edited") -> BlockPair:
    return BlockPair(a_doc="post", a_block=a_block, b_doc="times", b_block=b_block, relation=relation)


def line(region: str, block: int, label: str, *chosen: str) -> list[Json]:
    """A line of the right side, drawn, and the lines of the left that were chosen for it."""
    view = pair_view()
    place = view.b_spans[block]
    text = view.b_text[place.start : place.end]
    items = [label_item(region, place.start, place.end, text, label, name="alignment", to="b_text")]
    return items + ([said_item(region, place.start, place.end, "a_blocks", *chosen, to="b_text")] if chosen else [])


def drawn(relation: str | None, *regions: list[Json]) -> Json:
    """The export of the one small pair, labelled by hand."""
    said = [] if relation is None else [choice_item("relation", "b_text", relation)]
    return exported(tasks("duplicates", tree=None)[0], annotation([*said, *(item for items in regions for item in items)]))


TITLE, SAIL, BOARD, TALKS = (pair_view().choices[number] for number in range(4))


def test_the_left_side_has_numbers_and_marks_what_is_the_same_and_the_right_side_has_lines() -> None:
    view = pair_view()
    assert view.a_text == (
        "[0] Ferry crews walk out in Marlow Bay 🚢\n\n"
        "[1] “We will not sail,” Ada Finch told the Harbour Board.\n\n"
        "[2] The board said the strike was unlawful.\n\n"
        "[3 =] Talks  go on."
    )
    assert view.b_text == "Crews stop ferry\n\n“We will not sail,” Ada Finch told the board.\n\nTalks go on."
    assert view.b_spans == {0: Block(0, 16), 1: Block(18, 63), 2: Block(65, 77)}
    assert view.choices == {
        0: "0 · Ferry crews walk out in Marlow Bay 🚢",
        1: "1 · “We will not sail,” Ada Finch told the",
        2: "2 · The board said the strike was unlawful.",
        3: "3 · Talks go on.",
    }


def test_a_pair_is_a_choice_and_a_region_for_each_drawn_line() -> None:
    assert duplicates.to_items("near_duplicate", [aligned(1, 1), aligned(0, 1)], pair_view()) == [
        {
            "id": "relation",
            "from_name": "relation",
            "to_name": "b_text",
            "type": "choices",
            "value": {"choices": ["near_duplicate"]},
        },
        {
            "id": "block-1-edited",
            "from_name": "alignment",
            "to_name": "b_text",
            "type": "labels",
            "value": {"start": 18, "end": 63, "text": "“We will not sail,” Ada Finch told the board.", "labels": ["edited"]},
        },
        {
            "id": "block-1-edited",
            "from_name": "a_blocks",
            "to_name": "b_text",
            "type": "choices",
            "value": {
                "start": 18,
                "end": 63,
                "text": "“We will not sail,” Ada Finch told the board.",
                "choices": ["0 · Ferry crews walk out in Marlow Bay 🚢", "1 · “We will not sail,” Ada Finch told the"],
            },
        },
    ]


def test_alignments_of_blocks_that_are_in_neither_version_are_left_out() -> None:
    items = duplicates.to_items("near_duplicate", [aligned(4, 1), aligned(1, 3)], pair_view())
    assert [item["from_name"] for item in items] == ["relation"]


def test_what_is_drawn_in_the_browser_becomes_a_pair_and_its_alignments() -> None:
    task = drawn("near_duplicate", line("x", 1, "edited", SAIL), line("y", 0, "partial", TITLE, BOARD))
    assert pulled_tree([task]) == LabelTree(
        versions=[PAIR], blocks=[aligned(0, 0, "partial"), aligned(2, 0, "partial"), aligned(1, 1)]
    )


def test_a_line_may_be_edited_from_one_and_partly_from_another() -> None:
    task = drawn("near_duplicate", line("x", 1, "edited", SAIL), line("y", 1, "partial", BOARD))
    assert pulled_tree([task]).blocks == [aligned(1, 1), aligned(2, 1, "partial")]


def test_an_unrelated_pair_is_not_listed() -> None:
    assert pulled_tree([drawn("unrelated")]) == LabelTree(versions=[], blocks=[])


@pytest.mark.parametrize(
    ("relation", "regions", "code", "said", "region"),
    [
        (None, [line("x", 1, "edited", SAIL)], "pair-without-relation", "the relation is none", None),
        ("alike", [], "pair-without-relation", 'the relation is "alike"', None),
        ("unrelated", [line("x", 1, "edited", SAIL)], "alignment-of-unrelated", "lines are drawn", "x"),
        ("identical", [line("x", 1, "same", SAIL)], "region-unknown-label", 'has the label "same"', "x"),
        ("identical", [line("x", 1, "edited")], "alignment-without-block", "chosen on the left is nothing", "x"),
        ("identical", [line("x", 1, "edited", "9 · Nothing")], "alignment-without-block", '"9 \\u00b7 Nothing"', "x"),
        ("identical", [line("x", 1, "edited", SAIL, "none of them")], "alignment-without-block", "none of them", "x"),
        ("identical", [line("x", 2, "edited", TALKS)], "identical-drawn", "block 3 on the left and block 2 on the right", "x"),
        (
            "identical",
            [line("x", 1, "edited", SAIL), line("y", 1, "partial", SAIL)],
            "aligned-twice",
            "block 1 on the left and block 1 on the right are aligned twice",
            "y",
        ),
    ],
)
def test_what_cannot_be_right_of_a_pair_is_named(
    relation: str | None, regions: list[list[Json]], code: str, said: str, region: str | None
) -> None:
    (finding,) = pulled([drawn(relation, *regions)]).findings
    assert (finding.code, finding.record) == (code, region)
    assert said in finding.message
    assert finding.file.startswith(f"export1.json, task 7 (post#{STORY} and times#{STORY})")
    assert region is None or finding.file.endswith(f', region "{region}"')


@pytest.mark.parametrize(("start", "end"), [(18, 62), (19, 63), (0, 63), (16, 18), (18, 18), (63, 18), (-1, 16), (65, 99)])
def test_only_one_whole_line_is_aligned(start: int, end: int) -> None:
    items = [
        label_item("x", start, end, None, "edited", name="alignment", to="b_text"),
        said_item("x", start, end, "a_blocks", SAIL, to="b_text"),
    ]
    assert codes(pulled([drawn("near_duplicate", items)])) == ["blocks-cut"]


def test_white_space_around_a_line_does_not_matter() -> None:
    items = [
        label_item("x", 16, 65, None, "edited", name="alignment", to="b_text"),
        said_item("x", 16, 65, "a_blocks", SAIL, to="b_text"),
    ]
    assert pulled_tree([drawn("near_duplicate", items)]).blocks == [aligned(1, 1)]


def test_a_region_whose_text_is_that_of_another_line_is_named() -> None:
    items = [
        label_item("x", 18, 63, "Crews stop ferry", "edited", name="alignment", to="b_text"),
        said_item("x", 18, 63, "a_blocks", SAIL, to="b_text"),
    ]
    assert codes(pulled([drawn("near_duplicate", items)])) == ["span-text-differs"]


def test_every_relation_has_a_choice_and_every_drawn_one_a_label() -> None:
    own = parity.interface("duplicates")
    assert list(own.get_control("relation").labels) == list(VERSION_RELATIONS)
    assert list(own.get_control("alignment").labels) == list(DRAWN_RELATIONS)


def test_label_studio_takes_the_configuration_and_the_gold_labels_as_predictions() -> None:
    parity.agree_on_gold("duplicates")


def test_the_labels_of_the_small_tree_come_back() -> None:
    assert pulled_tree(whole_export("duplicates")) == LabelTree(versions=TREE.versions, blocks=TREE.blocks)


@given(st.lists(LINES, min_size=1, max_size=4), st.lists(LINES, min_size=1, max_size=4), st.data())
def test_any_pair_and_its_alignments_come_back(left: list[str], right: list[str], data: st.DataObject) -> None:
    corpus = corpus_of(post="\n\n".join(left), times="\n".join(right))
    segmented = LabelTree(
        segments={name: [segment(block, "body", STORY) for block in range(len(made.blocks))] for name, made in corpus.items()}
    )
    view = pair_view(corpus, segmented)
    relation = data.draw(st.sampled_from(VERSION_RELATIONS))
    cells = [
        (a, b)
        for a in view.a.blocks
        for b in view.b.blocks
        if fold(corpus["post"].block_text(a)) != fold(corpus["times"].block_text(b))
    ]
    drawn_cells = data.draw(st.lists(st.sampled_from(cells), unique=True)) if cells and relation != "unrelated" else []
    blocks = [aligned(a, b, data.draw(st.sampled_from(DRAWN_RELATIONS))) for a, b in sorted(drawn_cells)]
    pair = None if relation == "unrelated" else VersionPair(a=view.a.version, b=view.b.version, relation=relation)
    result, problems = read_result(duplicates.to_items(relation, blocks, view), duplicates.CONTROLS)
    read_pair, read_blocks, more = duplicates.from_result(result, view)
    read = sorted((record for record, _ in read_blocks), key=lambda record: (record.a_block, record.b_block))
    assert (read_pair, read, [*problems, *more]) == (pair, blocks, [])
    tree = LabelTree(versions=[pair] if pair else [], blocks=blocks)
    pulled_again = pulled_tree(whole_export("duplicates", tree=tree, corpus=corpus, segmented=segmented), corpus=corpus)
    assert pulled_again.versions == tree.versions
    assert sorted(pulled_again.blocks or (), key=lambda record: (record.a_block, record.b_block)) == blocks
    same = {(found.a_block, found.b_block) for found in identical_blocks(view.a, view.b, corpus)}
    assert view.same == {a for a, _ in same}
