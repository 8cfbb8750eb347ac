import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelstudio import parity
from labelstudio.small import (
    CORPUS,
    POST,
    POST_DOCUMENT,
    TREE,
    Json,
    annotation,
    codes,
    exported,
    label_item,
    mention,
    nothing_item,
    place,
    pulled,
    pulled_tree,
    said_item,
    tasks,
    whole_export,
)
from labelstudio.strategies import DOCUMENTS, corpus_with, mentions, slugs_among
from wirecopy.labels import ENTITY_TYPES, LabelTree
from wirecopy.labelstudio import entities
from wirecopy.labelstudio.regions import read_result
from wirecopy.labelstudio.tasks import Registries


def drawn(*items: Json) -> Json:
    """The export of the small text, labelled by hand."""
    return exported(tasks("entities", tree=None)[0], annotation(list(items)))


def test_a_mention_is_a_region_with_its_type_and_its_id_as_a_choice_where_it_is_offered() -> None:
    finch, bay = mention(POST, "Ada Finch", "PERSON", "ada-finch"), mention(POST, "Marlow Bay", "LOC", "marlow-bay")
    # 24 code points stand before the bay; 58 before Ada Finch: the ship before her is one of them, and two units of UTF-16.
    assert (bay.start, bay.end, finch.start, finch.end) == (24, 34, 58, 67)
    assert entities.to_items([bay, finch], POST_DOCUMENT, offered=["ada-finch"]) == [
        {
            "id": "24-34-LOC",
            "from_name": "type",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 24, "end": 34, "text": "Marlow Bay", "labels": ["LOC"]},
        },
        {
            "id": "24-34-LOC",
            "from_name": "new_entity",
            "to_name": "text",
            "type": "textarea",
            "value": {"start": 24, "end": 34, "text": ["marlow-bay"]},
        },
        {
            "id": "58-67-PERSON",
            "from_name": "type",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 58, "end": 67, "text": "Ada Finch", "labels": ["PERSON"]},
        },
        {
            "id": "58-67-PERSON",
            "from_name": "entity",
            "to_name": "text",
            "type": "choices",
            "value": {"start": 58, "end": 67, "text": "Ada Finch", "choices": ["ada-finch"]},
        },
    ]


def test_what_is_drawn_in_the_browser_becomes_mentions_in_the_order_of_the_text() -> None:
    task = drawn(
        label_item("Xy1", 58, 67, "Ada Finch", "PERSON"),
        said_item("Xy1", 58, 67, "entity", "ada-finch"),
        label_item("Ab2", 24, 34, "Marlow Bay", "LOC"),
    )
    assert pulled_tree([task]) == LabelTree(
        entities={"post": [mention(POST, "Marlow Bay", "LOC"), mention(POST, "Ada Finch", "PERSON", "ada-finch")]}
    )


def test_an_id_that_is_written_is_as_good_as_one_that_is_chosen() -> None:
    task = drawn(label_item("Ab2", 24, 34, "Marlow Bay", "LOC"), said_item("Ab2", 24, 34, "new_entity", " marlow-bay "))
    assert pulled_tree([task]).entities == {"post": [mention(POST, "Marlow Bay", "LOC", "marlow-bay")]}


def test_nothing_to_label_is_a_document_without_mentions() -> None:
    assert pulled_tree([drawn(nothing_item())]) == LabelTree(entities={"post": []})


def test_the_browser_may_fold_white_space_in_the_text_of_a_region() -> None:
    start, end = place(POST, "Talks  go")
    task = drawn(label_item("Ab2", start, end, "Talks go", "EVENT"))
    assert pulled_tree([task]).entities == {"post": [mention(POST, "Talks  go", "EVENT")]}


@pytest.mark.parametrize("text", [None, "Marlow Bay"])
def test_the_record_has_the_text_of_the_document_whether_the_region_gives_it_or_not(text: str | None) -> None:
    task = drawn(label_item("Ab2", 24, 34, text, "LOC"))
    assert pulled_tree([task]).entities == {"post": [mention(POST, "Marlow Bay", "LOC")]}


@pytest.mark.parametrize(
    ("start", "end", "text", "label", "code", "said"),
    [
        (24, 34, "Marlow Bar", "LOC", "span-text-differs", 'text is "Marlow Bar", but the span post[24:34] is "Marlow Bay"'),
        (
            25,
            35,
            "Marlow Bay",
            "LOC",
            "span-text-differs",
            "the string stands at 24:34, at “Ferry crews walk out in M [arlow Bay]",
        ),
        (24, 35, None, "LOC", "span-white-space", 'expected "Marlow Bay" at 24:34'),
        (24, 24, "", "LOC", "span-empty", "at “Ferry crews walk out in [] Marlow Bay"),
        (34, 24, None, "LOC", "span-empty", "is empty, expected an end after the start"),
        (24, 999, None, "LOC", "span-out-of-range", f"expected offsets from 0 to {len(POST)}"),
        (-4, 34, None, "LOC", "span-out-of-range", "is out of range"),
        (24, 41, None, "LOC", "span-crosses-block", "crosses a block border"),
        (24, 34, "Marlow Bay", "PLACE", "unknown-label", 'type is "PLACE", expected one of 10'),
    ],
)
def test_a_region_that_cannot_be_right_is_named_with_the_words_around_it(
    start: int, end: int, text: str | None, label: str, code: str, said: str
) -> None:
    result = pulled([drawn(label_item("Ab2", start, end, text, label))])
    (finding,) = result.findings
    assert (finding.code, finding.file, finding.record) == (code, 'export1.json, task 7 (post), region "Ab2"', "Ab2")
    assert said in finding.message


def test_overlapping_mentions_are_named() -> None:
    result = pulled([drawn(label_item("a", 24, 34, "Marlow Bay", "LOC"), label_item("b", 24, 30, "Marlow", "PERSON"))])
    assert codes(result) == ["span-overlaps"]
    assert 'PERSON 24:30 overlaps LOC 24:34 in region "a", expected spans apart' in result.findings[0].message
    assert "Ferry crews walk out in [Marlow] Bay" in result.findings[0].message


def test_an_id_that_is_no_slug_is_named() -> None:
    task = drawn(label_item("a", 24, 34, "Marlow Bay", "LOC"), said_item("a", 24, 34, "new_entity", "Marlow Bay"))
    (finding,) = pulled([task]).findings
    assert finding.code == "name-no-slug"
    assert 'the id is "Marlow Bay", expected lower-case words joined by hyphens' in finding.message


def test_every_type_of_the_layer_has_a_label_and_a_key_of_its_own() -> None:
    tag = parity.interface("entities").get_control("type")
    assert list(tag.labels) == list(ENTITY_TYPES)
    keys = [label.attr["hotkey"] for label in tag.labels_attrs.values()]
    assert len(set(keys)) == len(ENTITY_TYPES)


def test_label_studio_takes_the_configuration_and_the_gold_labels_as_predictions() -> None:
    parity.agree_on_gold("entities")


def test_the_labels_of_the_small_tree_come_back() -> None:
    assert pulled_tree(whole_export("entities")) == LabelTree(entities=TREE.entities)
    assert set(CORPUS) == set(TREE.entities or ())


@given(st.data())
def test_any_mentions_come_back(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    records = data.draw(mentions(document))
    offered = slugs_among([record.entity for record in records])
    items = entities.to_items(records, document, offered=offered)
    result, problems = read_result(items, entities.CONTROLS)
    read, more = entities.from_result(result, document)
    assert ([record for record, _ in read], [*problems, *more]) == (records, [])
    tree = LabelTree(entities={"one": records})
    corpus = corpus_with(document)
    named = Registries(entities=dict.fromkeys(offered, ""), stories={})
    assert pulled_tree(whole_export("entities", tree=tree, corpus=corpus, registries=named), corpus=corpus) == tree
