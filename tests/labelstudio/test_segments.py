import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelstudio import parity
from labelstudio.small import (
    POST,
    POST_DOCUMENT,
    REGISTRIES,
    STORY,
    TREE,
    Json,
    annotation,
    codes,
    exported,
    label_item,
    place,
    pulled,
    pulled_tree,
    said_item,
    segment,
    tasks,
    whole_export,
)
from labelstudio.strategies import DOCUMENTS, block_labels, corpus_with
from wirecopy.labels import ROLES, LabelTree
from wirecopy.labelstudio import segments
from wirecopy.labelstudio.regions import Region, read_result
from wirecopy.labelstudio.segments import covered_blocks
from wirecopy.labelstudio.tasks import Registries


def lines(region: str, first: str, last: str, role: str, *places: str) -> list[Json]:
    """Lines drawn from the beginning of one string to the end of another, as the browser gives them."""
    start, end = place(POST, first)[0], place(POST, last)[1]
    text = POST[start:end].replace("\n", "\\n")
    said = [said_item(region, start, end, "new_place", *places)] if places else []
    return [label_item(region, start, end, text, role, name="role"), *said]


HEADLINE = lines("h", "Ferry", "🚢", "headline", STORY)
BODY = lines("b", "“We", "unlawful.", "body", f"{STORY}/strike")
TALKS = lines("t", "Talks", "on.", "body", f"{STORY}/talks")
LETTERS = lines("l", "Sign", "letters", "boilerplate")


def drawn(*regions: list[Json]) -> Json:
    """The export of the small text, labelled by hand."""
    return exported(tasks("segments", tree=None)[0], annotation([item for items in regions for item in items]))


def test_a_block_is_a_region_over_its_line_with_its_role_and_the_place_it_belongs_to() -> None:
    labels = [segment(0, "headline", STORY), segment(1, "body", STORY, "strike"), segment(4, "boilerplate")]
    assert segments.to_items(labels, POST_DOCUMENT, offered=[STORY]) == [
        {
            "id": "block-0",
            "from_name": "role",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 0, "end": 36, "text": "Ferry crews walk out in Marlow Bay 🚢", "labels": ["headline"]},
        },
        {
            "id": "block-0",
            "from_name": "place",
            "to_name": "text",
            "type": "choices",
            "value": {"start": 0, "end": 36, "text": "Ferry crews walk out in Marlow Bay 🚢", "choices": ["ferry-strike"]},
        },
        {
            "id": "block-1",
            "from_name": "role",
            "to_name": "text",
            "type": "labels",
            "value": {
                "start": 38,
                "end": 91,
                "text": "“We will not sail,” Ada Finch told the Harbour Board.",
                "labels": ["body"],
            },
        },
        {
            "id": "block-1",
            "from_name": "new_place",
            "to_name": "text",
            "type": "textarea",
            "value": {"start": 38, "end": 91, "text": ["ferry-strike/strike"]},
        },
        {
            "id": "block-4",
            "from_name": "role",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 146, "end": 169, "text": "Sign up for our letters", "labels": ["boilerplate"]},
        },
    ]


def test_a_region_over_several_lines_labels_each_of_them() -> None:
    assert pulled_tree([drawn(LETTERS, TALKS, BODY, HEADLINE)]) == LabelTree(segments={"post": (TREE.segments or {})["post"]})


def test_white_space_at_the_edges_of_a_region_does_not_matter() -> None:
    start, end = place(POST, "🚢\n\n“We will")[0] + 1, place(POST, "unlawful.\n")[1]
    wide = [label_item("b", start, end, None, "body", name="role"), said_item("b", start, end, "place", f"{STORY}/strike")]
    assert pulled_tree([drawn(HEADLINE, wide, TALKS, LETTERS)]) == pulled_tree([drawn(HEADLINE, BODY, TALKS, LETTERS)])


@pytest.mark.parametrize(
    ("written", "story", "topic"), [("a-b", "a-b", None), ("a-b/c", "a-b", "c"), ("/c", None, "c"), (" a-b/c ", "a-b", "c")]
)
def test_a_place_is_a_story_and_a_topic(written: str, story: str | None, topic: str | None) -> None:
    task = drawn(HEADLINE, BODY, lines("t", "Talks", "on.", "body", written), LETTERS)
    assert (pulled_tree([task]).segments or {})["post"][3] == segment(3, "body", story, topic)


@pytest.mark.parametrize("written", ["A b", "a-b/", "a-b/c/d", "a b/c", "a-b /c", "-", "a--b", "a_b"])
def test_a_place_that_is_no_slug_is_named(written: str) -> None:
    task = drawn(HEADLINE, BODY, lines("t", "Talks", "on.", "body", written), LETTERS)
    (finding,) = pulled([task]).findings
    assert (finding.code, finding.record) == ("name-no-slug", "t")


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (0, 36, None),
        (38, 131, None),
        (0, 34, "the region [0:34] cuts a line, expected whole lines, [0:36]"),
        (1, 36, "the region [1:36] cuts a line, expected whole lines, [0:36]"),
        (0, 40, "the region [0:40] cuts a line, expected whole lines, [0:91]"),
        (36, 38, "the region holds white space alone, expected whole lines"),
        (0, 0, "the region [0:0] is out of range or empty, expected offsets from 0 to 170"),
        (-1, 36, "is out of range or empty"),
        (0, 171, "is out of range or empty"),
        (36, 0, "is out of range or empty"),
    ],
)
def test_only_whole_lines_are_covered(start: int, end: int, said: str | None) -> None:
    covered = covered_blocks(Region("r", start, end, None, "body"), POST_DOCUMENT)
    if said is None:
        assert covered == ([0] if start == 0 else [1, 2])
    else:
        assert isinstance(covered, str)
        assert said in covered


def test_a_line_in_no_region_and_a_line_in_two_are_named_with_their_words() -> None:
    (finding,) = pulled([drawn(HEADLINE, BODY, LETTERS)]).findings
    assert finding.code == "block-unlabelled"
    assert 'block 3 ("Talks  go on.") lies in no region, expected one' in finding.message
    (finding,) = pulled([drawn(HEADLINE, BODY, TALKS, LETTERS, lines("u", "Talks", "letters", "body"))]).findings[:1]
    assert (finding.code, finding.record) == ("block-labelled-twice", "u")
    assert "block 3" in finding.message


def test_a_region_that_is_wrong_makes_no_finding_for_the_lines_it_lies_on() -> None:
    start, end = place(POST, "“We will")
    cut = [label_item("c", start, end, "“We will", "body", name="role")]
    rest = lines("r", "The board", "unlawful.", "body", f"{STORY}/strike")
    assert codes(pulled([drawn(HEADLINE, cut, rest, TALKS, LETTERS)])) == ["blocks-cut"]


def test_a_region_whose_text_is_that_of_another_line_is_named() -> None:
    start, end = place(POST, "Talks  go on.")
    moved = [label_item("t", start, end, "Sign up for our letters", "body", name="role")]
    (finding,) = pulled([drawn(HEADLINE, BODY, moved, LETTERS)]).findings
    assert (finding.code, finding.level, finding.record) == ("span-text-differs", "offsets", "t")
    assert 'text is "Sign up for our letters", but the region [132:145] is "Talks  go on."' in finding.message


def test_a_role_that_is_none_is_named() -> None:
    (finding,) = pulled([drawn(HEADLINE, BODY, TALKS, lines("l", "Sign", "letters", "advert"))]).findings
    assert (finding.code, finding.record) == ("unknown-label", "l")
    assert finding.message.endswith("Talks go on. [Sign up for our letters]”")


def test_every_role_has_a_label() -> None:
    assert list(parity.interface("segments").get_control("role").labels) == list(ROLES)


def test_label_studio_takes_the_configuration_and_the_gold_labels_as_predictions() -> None:
    parity.agree_on_gold("segments")


def test_the_labels_of_the_small_tree_come_back() -> None:
    assert pulled_tree(whole_export("segments")) == LabelTree(segments=TREE.segments)


@given(st.data())
def test_any_block_labels_come_back(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    records = data.draw(block_labels(document))
    items = segments.to_items(records, document, offered=[STORY, "x/x"])
    result, problems = read_result(items, segments.CONTROLS)
    read, more = segments.from_result(result, document)
    assert ([record for record, _ in read], [*problems, *more]) == (records, [])
    tree, corpus = LabelTree(segments={"one": records}), corpus_with(document)
    assert pulled_tree(whole_export("segments", tree=tree, corpus=corpus, registries=REGISTRIES), corpus=corpus) == tree


@given(st.data())
def test_lines_that_share_their_label_may_be_drawn_as_one_region(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    role = data.draw(st.sampled_from(ROLES))
    last = len(document.blocks) - 1
    split = data.draw(st.integers(0, last))
    regions = [(0, split), (split + 1, last)] if split < last else [(0, last)]
    items = [
        label_item(f"r{first}", document.blocks[first].start, document.blocks[end].end, None, role, name="role")
        for first, end in regions
    ]
    made = tasks("segments", tree=None, corpus=corpus_with(document), registries=Registries({}, {}))[0]
    tree = pulled_tree([exported(made, annotation(items))], corpus=corpus_with(document))
    assert tree.segments == {"one": [segment(block, role) for block in range(len(document.blocks))]}
