import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelstudio import parity
from labelstudio.small import (
    POST,
    POST_DOCUMENT,
    TREE,
    Json,
    annotation,
    arrow,
    codes,
    exported,
    label_item,
    nothing_item,
    place,
    pulled,
    pulled_tree,
    quotation,
    said_item,
    span,
    tasks,
    whole_export,
)
from labelstudio.strategies import DOCUMENTS, corpus_with, quotations, slugs_among
from wirecopy.labels import QUOTE_TYPES, LabelTree
from wirecopy.labelstudio import quotes
from wirecopy.labelstudio.regions import read_result
from wirecopy.labelstudio.tasks import Registries

SAIL = "“We will not sail,”"


def part(region: str, words: str, label: str) -> Json:
    return label_item(region, *place(POST, words), words, label, name="part")


def drawn(*items: Json) -> Json:
    """The export of the small text, labelled by hand."""
    return exported(tasks("quotes", tree=None)[0], annotation(list(items)))


def test_a_quotation_is_a_region_tied_to_those_of_its_cue_and_its_source() -> None:
    record = quotation(
        POST,
        SAIL,
        "direct",
        cue=span(POST, "told"),
        source=span(POST, "Ada Finch"),
        speaker="ada-finch",
        utterance="finch-sail",
    )
    assert quotes.to_items([record], POST_DOCUMENT, offered=["ada-finch"]) == [
        {
            "id": "38-57-direct",
            "from_name": "part",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 38, "end": 57, "text": SAIL, "labels": ["direct"]},
        },
        {
            "id": "38-57-direct",
            "from_name": "speaker",
            "to_name": "text",
            "type": "choices",
            "value": {"start": 38, "end": 57, "text": SAIL, "choices": ["ada-finch"]},
        },
        {
            "id": "38-57-direct",
            "from_name": "new_utterance",
            "to_name": "text",
            "type": "textarea",
            "value": {"start": 38, "end": 57, "text": ["finch-sail"]},
        },
        {
            "id": "68-72-cue",
            "from_name": "part",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 68, "end": 72, "text": "told", "labels": ["cue"]},
        },
        {
            "id": "58-67-source",
            "from_name": "part",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 58, "end": 67, "text": "Ada Finch", "labels": ["source"]},
        },
        {"type": "relation", "from_id": "38-57-direct", "to_id": "68-72-cue", "direction": "right"},
        {"type": "relation", "from_id": "38-57-direct", "to_id": "58-67-source", "direction": "right"},
    ]


def test_a_cue_that_serves_two_quotations_is_one_region_with_two_arrows() -> None:
    told = span(POST, "told")
    records = [quotation(POST, SAIL, "direct", cue=told), quotation(POST, "the Harbour Board", "indirect", cue=told)]
    items = quotes.to_items(records, POST_DOCUMENT, offered=[])
    assert [item["id"] for item in items if item["type"] == "labels"] == ["38-57-direct", "68-72-cue", "73-90-indirect"]
    assert [(item["from_id"], item["to_id"]) for item in items if item["type"] == "relation"] == [
        ("38-57-direct", "68-72-cue"),
        ("73-90-indirect", "68-72-cue"),
    ]


@pytest.mark.parametrize("back", [False, True])
def test_an_arrow_may_be_drawn_either_way(back: bool) -> None:
    arrows = [("q", "c"), ("q", "s")]
    task = drawn(
        part("s", "Ada Finch", "source"),
        part("q", SAIL, "direct"),
        part("c", "told", "cue"),
        *(arrow(b, a) if back else arrow(a, b) for a, b in arrows),
    )
    assert pulled_tree([task]) == LabelTree(
        quotes={"post": [quotation(POST, SAIL, "direct", cue=span(POST, "told"), source=span(POST, "Ada Finch"))]}
    )


def test_speaker_and_utterance_are_read_from_choice_and_text() -> None:
    start, end = place(POST, SAIL)
    task = drawn(
        part("q", SAIL, "direct"),
        said_item("q", start, end, "new_speaker", "ada-finch"),
        said_item("q", start, end, "new_utterance", "finch-sail"),
    )
    assert pulled_tree([task]).quotes == {
        "post": [quotation(POST, SAIL, "direct", speaker="ada-finch", utterance="finch-sail")]
    }


def test_the_same_arrow_twice_is_one_arrow() -> None:
    task = drawn(part("q", SAIL, "direct"), part("c", "told", "cue"), arrow("q", "c"), arrow("c", "q"))
    assert pulled_tree([task]).quotes == {"post": [quotation(POST, SAIL, "direct", cue=span(POST, "told"))]}


def test_nothing_to_label_is_a_document_without_quotations() -> None:
    assert pulled_tree([drawn(nothing_item())]) == LabelTree(quotes={"post": []})


CONTENT, CUE, SOURCE = part("q", SAIL, "direct"), part("c", "told", "cue"), part("s", "Ada Finch", "source")


@pytest.mark.parametrize(
    ("items", "code", "said", "region"),
    [
        ([CONTENT, arrow("q", "gone")], "relation-dangling", 'an arrow leads to the region "gone", which is not there', "q"),
        ([CONTENT, arrow("gone", "lost")], "relation-dangling", 'the region "gone"', None),
        ([CONTENT, CUE], "part-untied", "this cue belongs to no quotation, expected an arrow to one, at “", "c"),
        ([CONTENT, CUE, SOURCE, arrow("q", "c"), arrow("c", "s")], "relation-unclear", "an arrow ties", "c"),
        ([CONTENT, arrow("q", "q")], "relation-unclear", "an arrow ties", "q"),
        (
            [CONTENT, CUE, part("d", "Ada", "cue"), arrow("q", "c"), arrow("q", "d")],
            "relation-unclear",
            'a quotation has two arrows to a "cue", expected one',
            "q",
        ),
    ],
)
def test_an_arrow_that_cannot_be_right_is_named(items: list[Json], code: str, said: str, region: str | None) -> None:
    result = pulled([drawn(*items)])
    assert set(codes(result)) <= {code, "part-untied"}
    finding = next(found for found in result.findings if found.code == code)
    assert said in finding.message
    assert finding.record == region


def test_offsets_of_a_cue_are_checked_as_those_of_its_quotation_are() -> None:
    task = drawn(CONTENT, label_item("c", 68, 73, None, "cue", name="part"), arrow("q", "c"))
    (finding,) = pulled([task]).findings
    assert finding.code == "span-white-space"
    assert 'the cue post[68:73] is "told "' in finding.message


def test_two_values_for_one_quotation_are_named() -> None:
    start, end = place(POST, SAIL)
    task = drawn(CONTENT, said_item("q", start, end, "speaker", "ada-finch"), said_item("q", start, end, "new_speaker", "ada"))
    assert codes(pulled([task])) == ["region-two-values"]
    task = drawn(CONTENT, said_item("q", start, end, "new_utterance", "one", "two"))
    assert codes(pulled([task])) == ["region-two-values"]


@pytest.mark.parametrize("name", ["new_speaker", "new_utterance"])
def test_a_name_that_is_no_slug_is_named(name: str) -> None:
    task = drawn(CONTENT, said_item("q", *place(POST, SAIL), name, "Ada Finch"))
    assert codes(pulled([task])) == ["name-no-slug"]


def test_a_quotation_may_stand_in_another_only_where_its_type_lets_it() -> None:
    whole, inner = "The board said the strike was unlawful.", "the strike"
    task = drawn(part("a", whole, "indirect"), part("b", inner, "scare"))
    assert [record.type for record in (pulled_tree([task]).quotes or {})["post"]] == ["indirect", "scare"]
    task = drawn(part("a", whole, "indirect"), part("b", inner, "direct"))
    assert codes(pulled([task])) == ["span-overlaps"]


def test_every_type_of_the_layer_and_its_parts_have_a_label() -> None:
    assert list(parity.interface("quotes").get_control("part").labels) == [*QUOTE_TYPES, *quotes.PARTS]


def test_label_studio_takes_the_configuration_and_the_gold_labels_as_predictions() -> None:
    parity.agree_on_gold("quotes")


def test_the_labels_of_the_small_tree_come_back() -> None:
    assert pulled_tree(whole_export("quotes")) == LabelTree(quotes=TREE.quotes)


@given(st.data())
def test_any_quotations_come_back(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    records = data.draw(quotations(document))
    offered = slugs_among([record.speaker for record in records])
    items = quotes.to_items(records, document, offered=offered)
    result, problems = read_result(items, quotes.CONTROLS)
    read, more = quotes.from_result(result, document)
    assert ([record for record, _ in read], [*problems, *more]) == (records, [])
    tree = LabelTree(quotes={"one": records})
    corpus = corpus_with(document)
    named = Registries(entities=dict.fromkeys(offered, ""), stories={})
    assert pulled_tree(whole_export("quotes", tree=tree, corpus=corpus, registries=named), corpus=corpus) == tree
