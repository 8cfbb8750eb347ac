import pytest
from labelstudio import parity
from labelstudio.small import CORPUS, POST, REGISTRIES, STORY, TREE, corpus_of, label_item, segment, tasks
from wirecopy.derive import versions
from wirecopy.labels import LabelTree, VersionPair
from wirecopy.labelstudio import tasks as module
from wirecopy.labelstudio.tasks import (
    MODULES,
    TASKS,
    Prelabels,
    Registries,
    candidate_pairs,
    check_task,
    instructions,
    make_tasks,
    task_key,
)


def test_a_task_carries_what_its_labels_are_keyed_by() -> None:
    post, times = tasks("entities", tree=None)
    assert post == {
        "data": {
            "doc_id": "post",
            "sha256": CORPUS["post"].entry.sha256,
            "task": "entities",
            "annotator": "a9",
            "text": POST,
            "entities": [{"value": "ada-finch"}, {"value": "harbour-board"}],
        },
        "predictions": [],
    }
    assert times["data"]["doc_id"] == "times"


def test_a_pair_carries_both_versions_and_the_lines_to_choose() -> None:
    (pair,) = tasks("duplicates", tree=None)
    shown = {"a_text", "b_text", "a_blocks"}
    assert {name: value for name, value in pair["data"].items() if name not in shown} == {
        "a": f"post#{STORY}",
        "a_doc": "post",
        "a_sha256": CORPUS["post"].entry.sha256,
        "a_numbers": [0, 1, 2, 3],
        "b": f"times#{STORY}",
        "b_doc": "times",
        "b_sha256": CORPUS["times"].entry.sha256,
        "b_numbers": [0, 1, 2],
        "task": "duplicates",
        "annotator": "a9",
    }
    assert pair["data"]["a_blocks"][3] == {"value": "3 · Talks go on."}


def test_a_prediction_carries_the_name_of_its_tree() -> None:
    (post, _) = tasks("entities")
    (prediction,) = post["predictions"]
    assert prediction["model_version"] == "gold"
    labels = [item["value"]["labels"] for item in prediction["result"] if item["type"] == "labels"]
    assert labels == [["LOC"], ["PERSON"], ["ORG"]]


def test_two_trees_are_two_predictions_in_their_order() -> None:
    other = LabelTree(entities={"post": []})
    made = make_tasks(
        "entities",
        corpus=CORPUS,
        doc_ids=["post", "times"],
        annotator="a9",
        prelabels=[Prelabels("A-one", TREE), Prelabels("B-two", other)],
        registries=REGISTRIES,
        segmented=TREE,
    )
    assert [[held["model_version"] for held in task["predictions"]] for task in made] == [["A-one", "B-two"], ["A-one"]]


def test_a_document_that_a_tree_says_is_empty_is_nothing_to_label() -> None:
    _, times = tasks("quotes")
    (prediction,) = times["predictions"]
    assert prediction["result"] == [
        {
            "id": "nothing",
            "from_name": "nothing",
            "to_name": "text",
            "type": "choices",
            "value": {"choices": ["nothing to label"]},
        }
    ]


def test_stories_are_offered_with_their_topics() -> None:
    post, _ = tasks("segments", tree=None)
    assert post["data"]["places"] == [{"value": STORY}, {"value": f"{STORY}/strike"}, {"value": f"{STORY}/talks"}]


def test_of_a_large_registry_what_shares_a_word_with_the_document_is_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_OFFERED", 1)
    entities = {"ada-finch": "Ada Finch", "bay": "The Marlow", "board": "Port Authority of Lima", "will": "Will"}
    post, _ = tasks("entities", tree=None, registries=Registries(entities, {}))
    # "Will" has four letters and stands in “We will not sail”.
    assert [choice["value"] for choice in post["data"]["entities"]] == ["ada-finch", "bay", "will"]


def test_an_id_that_is_not_offered_is_written_as_text() -> None:
    post, _ = tasks("entities")
    said = {
        (item["from_name"], *item["value"].get("choices", item["value"].get("text")))
        for item in post["predictions"][0]["result"]
        if item["type"] != "labels"
    }
    assert said == {("new_entity", "marlow-bay"), ("entity", "ada-finch"), ("entity", "harbour-board")}


def test_documents_without_segments_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="times: no segments, so it is not known which stories are in it"):
        tasks("duplicates", segmented=LabelTree(segments={"post": (TREE.segments or {})["post"]}))


def test_two_stories_of_one_document_are_no_pair() -> None:
    segments = {
        "post": [segment(block, "body", "one" if block < 2 else "two") for block in range(5)],
        "times": [segment(block, "body", "one") for block in range(3)],
    }
    made = tasks("duplicates", tree=None, segmented=LabelTree(segments=segments))
    assert [(task["data"]["a"], task["data"]["b"]) for task in made] == [
        ("post#one", "times#one"),
        ("post#two", "times#one"),
    ]


def test_of_many_versions_the_nearest_are_paired_and_what_a_tree_relates() -> None:
    words = [f"word{number}" for number in range(40)]
    corpus = corpus_of(**{f"d{number:02}": " ".join(words[number : number + 8]) for number in range(30)})
    segments = {name: [segment(0, "body", STORY)] for name in corpus}
    related = VersionPair(a=f"d00#{STORY}", b=f"d20#{STORY}", relation="same_event")
    near = candidate_pairs(versions(segments), corpus, [])
    assert (related.a, related.b) not in near
    assert (f"d00#{STORY}", f"d01#{STORY}") in near
    assert set(candidate_pairs(versions(segments), corpus, [LabelTree(versions=[related])])) == {*near, (related.a, related.b)}


@pytest.mark.parametrize("task", TASKS)
def test_the_instructions_are_the_sections_of_the_guidelines_that_the_task_needs(task: str) -> None:
    shown = instructions(task)
    headings = [part.partition(".")[0] for part in shown.split("<h2>")[1:]]
    assert headings == list(MODULES[task].GUIDELINES)
    assert "<table>" in shown or "<p>" in shown


@pytest.mark.parametrize("task", TASKS)
def test_what_the_code_says_of_a_configuration_is_what_label_studio_reads_in_it(task: str) -> None:
    own, controls = parity.interface(task), MODULES[task].CONTROLS
    names = {controls.labels, *controls.region, *controls.task}
    assert {control.name for control in own.controls} == names
    assert controls.text in {shown.name for shown in own.objects}
    per_region = {control.name for control in own.controls if str(control.attr.get("perRegion")).lower() == "true"}
    assert per_region == set(controls.region)
    assert all(control.to_name == [controls.text] for control in own.controls)
    variables = {held.value.removeprefix("$") for held in own.objects}
    made = tasks(task)[0]
    assert variables <= set(made["data"])


def test_tasks_are_told_by_document_or_by_pair() -> None:
    assert [task_key(made["data"]) for made in tasks("quotes")] == [("post",), ("times",)]
    assert [task_key(made["data"]) for made in tasks("duplicates")] == [(f"post#{STORY}", f"times#{STORY}")]
    assert task_key({}) == ("None",)


def test_an_unknown_task_is_answered_with_the_known_ones() -> None:
    assert check_task("quotes") == "quotes"
    with pytest.raises(ValueError, match=r"unknown task 'quote'; expected one of entities, quotes, segments, duplicates"):
        check_task("quote")


def test_a_label_item_of_these_tests_is_what_the_page_is_given() -> None:
    (item, *_) = tasks("entities")[0]["predictions"][0]["result"]
    assert {**label_item("24-34-LOC", 24, 34, "Marlow Bay", "LOC")} == {**item, "origin": "manual"}
