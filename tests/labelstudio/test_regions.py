"""The result of an annotation is read item by item; what cannot be right is left out and named."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from labelstudio.small import Json, arrow, label_item, said_item
from wirecopy.labelstudio.regions import (
    Controls,
    Region,
    Result,
    choice_item,
    choose,
    chosen,
    read_result,
    region_items,
    relation_item,
)

CONTROLS = Controls(text="text", labels="type", region=("entity", "new_entity"), task=("nothing",))


def read(*items: Any) -> tuple[Result, list[str]]:
    result, problems = read_result(list(items), CONTROLS)
    return result, [problem.code for problem in problems]


def test_a_region_is_an_item_for_its_label_and_one_for_each_thing_said_of_it() -> None:
    items = region_items(
        CONTROLS, region="r1", start=3, end=7, text="Lima", label="GPE", values={"entity": ["lima"], "new_entity": ["lima-pe"]}
    )
    assert items == [
        {
            "id": "r1",
            "from_name": "type",
            "to_name": "text",
            "type": "labels",
            "value": {"start": 3, "end": 7, "text": "Lima", "labels": ["GPE"]},
        },
        {
            "id": "r1",
            "from_name": "entity",
            "to_name": "text",
            "type": "choices",
            "value": {"start": 3, "end": 7, "text": "Lima", "choices": ["lima"]},
        },
        {
            "id": "r1",
            "from_name": "new_entity",
            "to_name": "text",
            "type": "textarea",
            "value": {"start": 3, "end": 7, "text": ["lima-pe"]},
        },
    ]


def test_nothing_said_of_a_region_is_no_item() -> None:
    items = region_items(CONTROLS, region="r1", start=3, end=7, text="Lima", label="GPE", values={"entity": []})
    assert [item["from_name"] for item in items] == ["type"]


def test_a_result_is_read_in_the_order_of_the_text() -> None:
    later = label_item("b", 9, 12, "Roy", "PERSON")
    result, problems = read(
        later,
        said_item("b", 9, 12, "entity", "roy"),
        label_item("a", 0, 4, "Lima", "GPE"),
        arrow("b", "a"),
        choice_item("nothing", "text", "nothing to label"),
    )
    assert problems == []
    assert result == Result(
        regions=(Region("a", 0, 4, "Lima", "GPE"), Region("b", 9, 12, "Roy", "PERSON", {"entity": ("roy",)})),
        values={"nothing": ("nothing to label",)},
        relations=(("b", "a"),),
    )


def test_what_is_said_may_stand_before_its_label_and_in_several_items() -> None:
    said = said_item("a", 0, 4, "new_entity", " lima ", "", "\t")
    result, problems = read(said, label_item("a", 0, 4, "Lima", "GPE"), said_item("a", 0, 4, "new_entity", "callao"))
    assert problems == []
    assert result.regions[0].values == {"new_entity": ("lima", "callao")}


def test_a_region_keeps_offsets_that_the_text_does_not_have_for_the_check_of_offsets() -> None:
    result, problems = read(label_item("a", -3, 10**30, None, "GPE"))
    assert problems == []
    assert (result.regions[0].start, result.regions[0].end, result.regions[0].text) == (-3, 10**30, None)


def test_the_same_label_twice_is_one_label() -> None:
    result, problems = read(label_item("a", 0, 4, "Lima", ["GPE", "GPE"]))
    assert (problems, [region.label for region in result.regions]) == ([], ["GPE"])


def changed(**changes: Any) -> Json:
    return {**label_item("a", 0, 4, "Lima", "GPE"), **changes}


def without(name: str) -> Json:
    return {key: value for key, value in changed().items() if key != name}


def valued(**changes: Any) -> Json:
    item = changed()
    return {**item, "value": {**item["value"], **changes}}


WRONG: list[tuple[Any, str]] = [
    (None, "an item of the result is null, expected an object"),
    (["a"], 'an item of the result is ["a"], expected an object'),
    ({}, "an item has the id null, expected a string"),
    (changed(id=7), "an item has the id 7, expected a string"),
    (changed(id=""), 'an item has the id "", expected a string'),
    (without("id"), "an item has the id null"),
    (changed(from_name="typ"), 'an item is of the control "typ", expected one of the project\'s (the nearest known: type'),
    (changed(from_name=["type"]), 'an item is of the control ["type"]'),
    (without("from_name"), "an item is of the control null"),
    (changed(type="choices"), "expected labels with a value"),
    (changed(type=["labels"]), "expected labels with a value"),
    (changed(value=["Lima"]), "expected labels with a value"),
    (without("value"), "expected labels with a value"),
    (valued(labels="GPE"), 'type holds "GPE", expected a list of strings'),
    (valued(labels=["GPE", 1]), 'type holds ["GPE", 1], expected a list of strings'),
    (valued(labels=None), "type holds null, expected a list of strings"),
    (valued(start="0"), 'a region has the offsets "0" and 4, expected two integers'),
    (valued(start=0.0), "a region has the offsets 0.0 and 4, expected two integers"),
    (valued(end=True), "a region has the offsets 0 and true, expected two integers"),
    (valued(end=None), "a region has the offsets 0 and null, expected two integers"),
    (valued(text=["Lima"]), 'a region has the text ["Lima"], expected a string'),
    (valued(text=4), "a region has the text 4, expected a string"),
    ({**arrow("a", "b"), "to_id": 4}, 'a relation goes from "a" to 4, expected the ids of two regions'),
    ({"type": "relation"}, "a relation goes from null to null"),
    (said_item("a", 0, 4, "entity", "lima"), "entity is said of a region without a label or offsets"),
]


@pytest.mark.parametrize(("item", "said"), WRONG, ids=[said for _, said in WRONG])
def test_an_item_that_has_not_the_form_of_one_is_named_and_left_out(item: Any, said: str) -> None:
    right = label_item("right", 5, 8, "Roy", "PERSON")
    result, problems = read_result([item, right], CONTROLS)
    assert [problem.code for problem in problems] == ["region-malformed"]
    assert said in problems[0].message
    assert [region.id for region in result.regions] == ["right"]


@pytest.mark.parametrize("items", [None, {}, "[]", 0])
def test_a_result_that_is_no_list_is_named(items: Any) -> None:
    result, problems = read_result(items, CONTROLS)
    assert [problem.code for problem in problems] == ["region-malformed"]
    assert "expected a list of items" in problems[0].message
    assert result == Result((), {}, ())


@pytest.mark.parametrize(("labels", "said"), [(["GPE", "LOC"], '"GPE", "LOC"'), ([], "none")])
def test_a_region_with_two_labels_or_none_is_named_and_left_out(labels: list[str], said: str) -> None:
    result, problems = read_result([label_item("a", 0, 4, "Lima", labels)], CONTROLS)
    (problem,) = problems
    assert (problem.code, problem.region, problem.start, problem.end) == ("region-two-labels", "a", 0, 4)
    assert f"has the labels {said}, expected one" in problem.message
    assert result.regions == ()


def test_two_regions_with_one_id_are_both_left_out() -> None:
    result, problems = read(label_item("a", 0, 4, "Lima", "GPE"), label_item("a", 5, 8, "Roy", "PERSON"))
    assert problems == ["region-malformed"]
    assert result.regions == ()


def test_what_is_said_of_a_region_that_is_wrong_makes_no_finding_of_its_own() -> None:
    _, problems = read(label_item("a", "0", 4, "Lima", "GPE"), said_item("a", 0, 4, "entity", "lima"))
    assert problems == ["region-malformed"]


def test_a_choice_and_a_text_that_say_the_same_are_one_value() -> None:
    region = Region("a", 0, 4, "Lima", "GPE", {"entity": ("lima",), "new_entity": ("lima",)})
    assert chosen(region, "entity") == ("lima", None)


def test_a_choice_and_a_text_that_differ_are_named() -> None:
    value, problem = chosen(Region("a", 0, 4, "Lima", "GPE", {"entity": ("lima",), "new_entity": ("callao",)}), "entity")
    assert value is None
    assert problem is not None
    assert (problem.code, problem.region) == ("region-two-values", "a")
    assert 'entity is given as "callao" and "lima", expected one value' in problem.message


def test_a_value_is_a_choice_where_it_is_offered_and_text_where_it_is_not() -> None:
    assert choose("entity", "lima", ["lima"]) == {"entity": ["lima"]}
    assert choose("entity", "lima", ["callao"]) == {"new_entity": ["lima"]}
    assert choose("entity", None, ["lima"]) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KEYS = {"id": ["a", "b"], "from_name": ["type", "entity", "nothing"], "type": ["labels", "choices", "relation"]}
ITEMS = st.fixed_dictionaries(
    {},
    optional={
        **{key: st.sampled_from(known) | JSON for key, known in KEYS.items()},
        "value": st.fixed_dictionaries({}, optional={"start": JSON, "end": JSON, "text": JSON, "labels": JSON}) | JSON,
        "from_id": JSON,
        "to_id": JSON,
    },
)


@given(st.lists(ITEMS | JSON, max_size=5) | JSON)
def test_whatever_a_result_holds_is_read_or_named(items: Any) -> None:
    result, problems = read_result(items, CONTROLS)
    assert all(type(region.start) is int and type(region.end) is int for region in result.regions)
    assert all(problem.message and problem.remedy for problem in problems)
    if isinstance(items, list):
        objects = [item for item in items if isinstance(item, dict) and item.get("type") != "relation"]
        labelled = [item for item in objects if item.get("from_name") == "type"]
        assert len(result.regions) <= len(labelled)
        assert problems or len({region.id for region in result.regions}) == len(labelled)


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9),
            st.integers(1, 9),
            st.sampled_from(["GPE", "ORG"]),
            st.lists(st.sampled_from(["x", "y z"]), max_size=2),
        ),
        max_size=5,
    )
)
def test_regions_that_are_written_are_read_back(drawn: list[tuple[int, int, str, list[str]]]) -> None:
    regions = [
        Region(f"r{number}", start, start + length, "x" * length, label, {"entity": tuple(values)} if values else {})
        for number, (start, length, label, values) in enumerate(drawn)
    ]
    items = [
        item
        for own in regions
        for item in region_items(
            CONTROLS, region=own.id, start=own.start, end=own.end, text=own.text or "", label=own.label, values={**own.values}
        )
    ]
    result, problems = read_result([*items, relation_item("r0", "r1")], CONTROLS)
    assert problems == []
    assert result.regions == tuple(sorted(regions, key=lambda own: (own.start, own.end, own.label, own.id)))
    assert result.relations == (("r0", "r1"),)
