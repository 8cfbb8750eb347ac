import copy
import json
from pathlib import Path
from typing import Any

import pytest
from labelstudio import parity
from labelstudio.small import (
    CORPUS,
    EMAIL,
    POST,
    STORY,
    TREE,
    Json,
    accepted,
    annotation,
    codes,
    corpus_of,
    draft,
    exported,
    label_item,
    mention,
    nothing_item,
    pulled,
    pulled_tree,
    tasks,
    whole_export,
)
from small_root import content, use
from small_tree import corpus as corpus_files
from small_tree import write
from wirecopy.cli import main
from wirecopy.corpus import data_root, load_corpus
from wirecopy.derive import Version
from wirecopy.findings import FindingsError
from wirecopy.labels import DOCUMENT_LAYERS, LabelTree, gold_tree, read_tree, write_tree
from wirecopy.labelstudio.duplicates import PairView
from wirecopy.labelstudio.export import (
    CODES,
    NOT_TAKEN,
    STATES,
    Export,
    Pulled,
    pull,
    read_export_file,
    write_pulled,
)
from wirecopy.labelstudio.tasks import TASKS

INVALID = Path(__file__).parents[1] / "invalid_exports"
BAY = label_item("Bb2", 24, 34, "Marlow Bay", "LOC")
FINCH = label_item("Fa1", 58, 67, "Ada Finch", "PERSON")
BAY_RECORD = mention(POST, "Marlow Bay", "LOC")
FINCH_RECORD = mention(POST, "Ada Finch", "PERSON")
POST_TASK, TIMES_TASK = tasks("entities", tree=None)
PRELABELLED = tasks("entities")[0]
ADA = {"id": 2, "email": EMAIL, "first_name": "Ada", "last_name": "Writer"}
BO = {"id": 3, "email": "bo.keller@example.org", "first_name": "Bo", "last_name": "Keller"}


@pytest.fixture
def small_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small corpus in the place of the package's own; gives an empty folder."""
    use(write(corpus_files(**{name: document.text for name, document in CORPUS.items()}), tmp_path / "root"), monkeypatch)
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def save(folder: Path, tasks: Any, name: str = "export.json") -> Path:
    path = folder / name
    path.write_text(json.dumps(tasks, ensure_ascii=False), "utf-8")
    return path


# The states of a task

PREDICTION = PRELABELLED["predictions"][0]["result"]


def taken_over(origin: str) -> Json:
    """The prediction, submitted; one item has another origin."""
    task = accepted(PRELABELLED)
    task["annotations"][0]["result"][0]["origin"] = origin
    return task


STATE_CASES: list[tuple[str, str, Json, int | None]] = [
    ("drawn by hand", "labelled", exported(POST_TASK, annotation([BAY, FINCH])), 2),
    ("nothing to label", "labelled", exported(POST_TASK, annotation([nothing_item()])), 0),
    ("prediction accepted", "accepted", accepted(PRELABELLED), 3),
    ("prediction changed", "labelled", taken_over("prediction-changed"), 3),
    ("prediction and a region by hand", "labelled", taken_over("manual"), 3),
    ("skipped", "skipped", exported(POST_TASK, annotation([BAY], was_cancelled=True)), None),
    ("skipped with a prediction", "skipped", exported(PRELABELLED, annotation(PREDICTION, was_cancelled=True)), None),
    ("skipped once, then done", "labelled", exported(POST_TASK, annotation([FINCH], was_cancelled=True), annotation([BAY])), 1),
    ("draft", "draft", exported(POST_TASK, drafts=[draft([BAY])]), None),
    ("draft over a prediction", "draft", exported(PRELABELLED, drafts=[draft([BAY])]), None),
    ("draft of a skip", "skipped", exported(POST_TASK, annotation([], was_cancelled=True), drafts=[draft([BAY], of=41)]), None),
    ("changed after it was submitted", "unsaved", exported(POST_TASK, annotation([BAY]), drafts=[draft([FINCH], of=41)]), None),
    ("a draft of another annotation", "labelled", exported(POST_TASK, annotation([BAY]), drafts=[draft([FINCH], of=43)]), 1),
    ("a draft of nobody's annotation", "labelled", exported(POST_TASK, annotation([BAY]), drafts=[draft([FINCH])]), 1),
    ("submitted empty", "empty", exported(POST_TASK, annotation([])), None),
    ("submitted empty over a prediction", "empty", exported(PRELABELLED, annotation([], parent_prediction=90)), None),
    ("without a result", "empty", exported(POST_TASK, annotation(None)), None),
    ("a prediction that nobody opened", "untouched", exported(PRELABELLED), None),
    ("nobody opened it", "open", exported(POST_TASK), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "task", "records"), [case[1:] for case in STATE_CASES], ids=[case[0] for case in STATE_CASES]
)
def test_a_task_comes_to_one_state_and_gives_labels_only_where_they_were_submitted(
    state: str, task: Json, records: int | None
) -> None:
    result = pulled([task])
    assert [str(finding) for finding in result.findings] == []
    (found,) = result.states
    assert (found.source, found.task, found.key, found.state) == ("export1.json", "task 7", "post", state)
    assert (records is None) == (state in NOT_TAKEN)
    if records is None:
        assert result.trees == {}
        assert str(found) == f"export1.json, task 7 (post): {NOT_TAKEN[state]}"
    else:
        assert len((result.trees["a9"].entities or {})["post"]) == records


def test_every_state_has_a_case() -> None:
    assert {case[1] for case in STATE_CASES} == set(STATES)
    assert set(NOT_TAKEN) < set(STATES)


def test_a_task_without_number_is_told_by_its_place() -> None:
    result = pulled([exported(POST_TASK), {**exported(TIMES_TASK), "id": "x"}])
    assert [state.task for state in result.states] == ["task 7", "task 2"]


def test_the_states_are_printed_and_what_was_not_taken_is_named(small_corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = save(small_corpus, [exported(POST_TASK, annotation([BAY])), exported(TIMES_TASK, number=8)])
    assert main(["label", "pull", str(export), "--output", str(small_corpus / "tree")]) == 0
    assert capsys.readouterr().out == (
        f"1 labelled, 1 open\nnot taken: export.json, task 8 (times): not labelled\nwritten: {small_corpus / 'tree'}\n"
    )
    assert read_tree(small_corpus / "tree") == LabelTree(entities={"post": [BAY_RECORD]})


def test_where_nothing_was_labelled_nothing_is_written(small_corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = save(small_corpus, [exported(POST_TASK)])
    assert main(["label", "pull", str(export), "--output", str(small_corpus / "tree")]) == 2
    assert "nothing was labelled" in capsys.readouterr().err
    assert not (small_corpus / "tree").exists()


# Annotators


def by(person: Any, *items: Json, **changes: Any) -> Json:
    return annotation(list(items), completed_by=person, **changes)


def test_several_annotators_with_pseudonyms_are_several_trees() -> None:
    task = exported(POST_TASK, by(ADA, BAY, id=41), by(BO, FINCH, id=42))
    result = pulled([task], pseudonyms={EMAIL: "a4", "3": "a5"})
    assert codes(result) == []
    assert result.trees == {
        "a4": LabelTree(entities={"post": [BAY_RECORD]}),
        "a5": LabelTree(entities={"post": [FINCH_RECORD]}),
    }


def test_of_one_task_one_annotator_may_have_saved_and_another_not() -> None:
    task = exported(POST_TASK, by(ADA, BAY, id=41), by(BO, FINCH, id=42), drafts=[draft([], of=42)])
    result = pulled([task], pseudonyms={"2": "a4", "3": "a5"})
    assert [state.state for state in result.states] == ["labelled", "unsaved"]
    assert list(result.trees) == ["a4"]


def test_addresses_of_annotators_come_from_the_list_of_users_where_annotations_give_numbers() -> None:
    export = Export("project 3", [exported(POST_TASK, by(2, BAY))], {2: EMAIL})
    assert list(pull([export], corpus=CORPUS, pseudonyms={EMAIL: "a4"}).trees) == ["a4"]


def test_a_projects_only_annotator_carries_the_pseudonym_that_the_project_was_made_for() -> None:
    assert list(pulled([exported(POST_TASK, by(ADA, BAY))]).trees) == ["a9"]
    second = exported(tasks("quotes", tree=None, annotator="a7")[0], by(BO, nothing_item()))
    assert list(pulled([exported(POST_TASK, by(ADA, BAY))], [second]).trees) == ["a7", "a9"]


def test_of_several_annotators_each_needs_a_pseudonym() -> None:
    two = [exported(POST_TASK, by(ADA, BAY)), exported(TIMES_TASK, by(BO, nothing_item()), number=8)]
    result = pulled(two)
    assert codes(result) == ["annotator-unnamed", "annotator-unnamed"]
    assert EMAIL not in "".join(map(str, result.findings))
    assert result.trees == {}
    assert list(pulled(two, pseudonyms={"2": "a4"}).trees) == ["a4", "a9"]


def test_a_user_whom_an_export_names_is_not_named_in_a_finding() -> None:
    two = [exported(POST_TASK, by(EMAIL, BAY)), exported(TIMES_TASK, by(3, nothing_item()), number=8)]
    first, second = pulled(two).findings
    assert first.message.startswith("user (without a number) is one of several annotators")
    assert second.message.startswith("user 3 is one of several annotators")


def test_who_skipped_needs_no_pseudonym() -> None:
    two = [exported(POST_TASK, by(ADA, BAY)), exported(TIMES_TASK, by(BO, was_cancelled=True), number=8)]
    assert list(pulled(two).trees) == ["a9"]


def test_two_users_with_one_pseudonym_cannot_label_one_document() -> None:
    task = exported(POST_TASK, by(ADA, BAY, id=41), by(BO, FINCH, id=42))
    result = pulled([task], pseudonyms={"2": "a4", "3": "a4"})
    assert codes(result) == ["task-twice"]


def test_one_annotator_cannot_submit_a_task_twice() -> None:
    result = pulled([exported(POST_TASK, annotation([BAY]), annotation([FINCH], id=42))])
    assert codes(result) == ["annotations-two"]
    assert "one annotator submitted 2 annotations of post (41, 42), expected one" in result.findings[0].message
    assert result.trees == {}


def test_one_document_cannot_come_from_two_tasks() -> None:
    assert codes(pulled([exported(POST_TASK, annotation([BAY])), exported(POST_TASK, annotation([BAY]), number=8)])) == [
        "task-twice"
    ]
    assert codes(pulled([exported(POST_TASK, annotation([BAY]))], [exported(POST_TASK, annotation([BAY]))])) == ["task-twice"]
    pair = whole_export("duplicates")
    assert codes(pulled([*pair, *copy.deepcopy(pair)])) == ["task-twice"]


def test_layers_of_one_annotator_from_several_projects_are_one_tree() -> None:
    assert pulled_tree(*(whole_export(task) for task in TASKS)) == TREE


def test_no_address_or_name_of_a_person_reaches_the_tree_or_the_screen(
    small_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    task = exported(POST_TASK, by(ADA, BAY), drafts=[draft([FINCH])])
    task["annotations"][0]["created_username"] = f" {EMAIL}, 2"
    export = save(small_corpus, [task, exported(TIMES_TASK, by(BO, nothing_item(), id=43), number=8)])
    named = small_corpus / "people.json"
    named.write_text(json.dumps({EMAIL: "a4", "bo.keller@example.org": "a5"}))
    for arguments in ([], ["--annotators", str(named)], ["--annotators", str(named), "--json"]):
        main(["label", "pull", str(export), "--output", str(small_corpus / "tree"), *arguments])
        shown = "".join(capsys.readouterr())
        assert "example.org" not in shown
        assert "Writer" not in shown
    written = content(small_corpus / "tree")
    assert sorted(written) == ["a4/entities/post.jsonl", "a5/entities/times.jsonl"]
    assert not any(b"@" in held or b"Writer" in held for held in written.values())


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ("[", "expected a JSON object"),
        ('{"a": "a4", "a": "a5"}', "expected a JSON object"),
        ('["a4"]', "expected an object that gives each"),
        ('{"ada@example.org": "Ada"}', "expected an object that gives each"),
        ('{"ada@example.org": 4}', "expected an object that gives each"),
    ],
)
def test_a_file_of_pseudonyms_that_is_none_is_refused(
    held: str, said: str, small_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export, named = save(small_corpus, [exported(POST_TASK, annotation([BAY]))]), small_corpus / "people.json"
    named.write_text(held)
    output = small_corpus / "tree"
    assert main(["label", "pull", str(export), "--output", str(output), "--annotators", str(named)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "example.org" not in error
    assert not output.exists()


def test_a_file_of_pseudonyms_in_the_repository_is_refused(small_corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    export = save(small_corpus, [exported(POST_TASK, annotation([BAY]))])
    inside = str(data_root() / "annotations" / "stories.json")
    output = small_corpus / "tree"
    assert main(["label", "pull", str(export), "--output", str(output), "--annotators", inside]) == 2
    assert "lies in the repository and would be published with it" in capsys.readouterr().err


# What a task is of


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"doc_id": "posts"}, "task-unknown-document", 'doc_id is "posts", expected a document of the corpus (the nearest'),
        ({"doc_id": None}, "task-unknown-document", "doc_id is null"),
        ({"doc_id": ["post"]}, "task-unknown-document", 'doc_id is ["post"]'),
        ({"doc_id": "times"}, "task-text-changed", "times was labelled with the sha256"),
        ({"sha256": "0" * 64}, "task-text-changed", "the corpus has"),
        ({"sha256": None}, "task-text-changed", "post was labelled with the sha256 null"),
        ({"text": POST.replace("Ferry", "Fairy")}, "task-text-changed", "the task shows another text than post has"),
        ({"text": None}, "task-text-changed", "the task shows another text than post has"),
        ({"task": "sentiment"}, "task-foreign", "expected those of a project made by push"),
        ({"task": ["entities"]}, "task-foreign", "expected those of a project made by push"),
        ({"annotator": EMAIL}, "task-foreign", "expected those of a project made by push"),
        ({"annotator": None}, "task-foreign", "expected those of a project made by push"),
    ],
)  # fmt: skip
def test_labels_of_another_text_are_refused(changes: Json, code: str, said: str) -> None:
    task = exported(POST_TASK, annotation([BAY]))
    task["data"].update(changes)
    result = pulled([task])
    assert codes(result) == [code]
    assert said in result.findings[0].message
    assert (result.trees, result.states) == ({}, [])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"a_doc": "posts"}, "task-unknown-document"),
        ({"b_sha256": "0" * 64}, "task-text-changed"),
        ({"a_text": "[0] Ferry"}, "task-text-changed"),
        ({"b_text": "Crews"}, "task-text-changed"),
        ({"a_numbers": [0, 1]}, "task-text-changed"),
        ({"a_numbers": [0, 1, 2, True]}, "task-text-changed"),
        ({"b_numbers": [0, 1, 99]}, "task-text-changed"),
        ({"b_numbers": [0, 1, -1]}, "task-text-changed"),
        ({"b_numbers": [False, True, 2]}, "task-text-changed"),
        ({"b_numbers": None}, "task-text-changed"),
        ({"a": None}, "task-text-changed"),
        ({"a": f"times#{STORY}"}, "task-text-changed"),
        ({"a": "post"}, "task-text-changed"),
        ({"a": "post#Ferry Strike"}, "task-text-changed"),
    ],
)
def test_labels_of_another_pair_are_refused(changes: Json, code: str) -> None:
    (task,) = whole_export("duplicates")
    task["data"].update(changes)
    assert codes(pulled([task])) == [code]


def version(doc_id: str, story: str, *blocks: int) -> Version:
    return Version(f"{doc_id}#{story}", doc_id, story, blocks, ())


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (version("times", "one", 0, 1), version("post", "one", 0, 1)),
        (version("post", "one", 0, 1), version("post", "one", 0, 1)),
        (version("post", "one", 0, 1), version("post", "two", 2, 3)),
    ],
)
def test_a_pair_the_wrong_way_round_or_of_one_document_is_refused(a: Version, b: Version) -> None:
    (task,) = whole_export("duplicates")
    for side, held in (("a", a), ("b", b)):
        task["data"] |= {side: held.version, f"{side}_doc": held.doc_id, f"{side}_numbers": list(held.blocks)}
        task["data"][f"{side}_sha256"] = CORPUS[held.doc_id].entry.sha256
    task["data"] |= PairView(a, b, CORPUS).data()
    assert codes(pulled([task])) == ["task-text-changed"]


def test_a_text_that_changed_in_the_corpus_since_the_push_is_named() -> None:
    changed = corpus_of(post=POST.replace("Talks", "Words"), times=CORPUS["times"].text)
    result = pulled(whole_export("entities"), corpus=changed)
    assert codes(result) == ["task-text-changed"]
    assert list(result.trees["a9"].entities or {}) == ["times"]


@pytest.mark.parametrize("tasks", [None, {}, "tasks", {"tasks": []}, 7])
def test_an_export_that_is_no_list_of_tasks_is_named(tasks: Any) -> None:
    result = pulled(tasks)
    assert codes(result) == ["task-malformed"]
    assert "expected a list of tasks" in result.findings[0].message


@pytest.mark.parametrize(
    "task",
    [
        None,
        "task",
        [],
        {},
        {"data": None},
        {"data": []},
        {**exported(POST_TASK), "annotations": {}},
        {**exported(POST_TASK), "annotations": [None]},
        {**exported(POST_TASK), "annotations": [annotation([BAY]), 7]},
        {**exported(POST_TASK), "drafts": "none"},
        {**exported(POST_TASK), "predictions": 3},
        exported(POST_TASK, annotation([BAY], was_cancelled="false")),
        exported(POST_TASK, annotation([BAY], was_cancelled=0)),
    ],
)
def test_a_task_that_has_not_the_form_of_one_is_named_and_the_rest_is_read(task: Any) -> None:
    result = pulled([task, exported(TIMES_TASK, annotation([nothing_item()]), number=8)])
    assert codes(result) == ["task-malformed"]
    assert (result.trees["a9"].entities or {})["times"] == []


def test_a_result_with_neither_a_region_nor_nothing_to_label_is_named() -> None:
    other, none = copy.deepcopy(nothing_item()), copy.deepcopy(nothing_item())
    other["value"]["choices"], none["value"]["choices"] = ["something"], []
    for item in (other, none):
        result = pulled([exported(POST_TASK, annotation([item]))])
        assert codes(result) == ["region-malformed"]
        assert "no region is drawn, and 'nothing to label' is not chosen" in result.findings[0].message


@pytest.mark.parametrize(
    "raw",
    [b"", b"[{", b"[NaN]", b'[{"id": 1, "id": 2}]', b"\xff", b"[" * 100_000, b"\xef\xbb\xbf[]", b"[%s]" % (b"1" * 5000)],
    ids=["empty", "cut", "not a number", "key twice", "not UTF-8", "deep", "byte order mark", "long number"],
)  # fmt: skip
def test_a_file_that_is_no_json_is_named(raw: bytes, tmp_path: Path) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(raw)
    with pytest.raises(FindingsError) as caught:
        read_export_file(path)
    assert [(finding.code, finding.file) for finding in caught.value.findings] == [("export-not-json", "export.json")]


# Writing


def write_down(result: Pulled, folder: Path) -> list[Path]:
    return write_pulled(result, folder)


def test_a_tree_is_replaced_by_one_with_the_same_files(tmp_path: Path) -> None:
    first = pulled([exported(POST_TASK, annotation([BAY]))])
    second = pulled([exported(POST_TASK, annotation([FINCH]))])
    write_down(first, tmp_path / "tree")
    assert write_down(second, tmp_path / "tree") == [tmp_path / "tree"]
    assert read_tree(tmp_path / "tree").entities == {"post": [FINCH_RECORD]}


def test_label_files_that_were_not_pulled_are_never_dropped(tmp_path: Path) -> None:
    write_tree(TREE, tmp_path / "tree")
    before = content(tmp_path)
    with pytest.raises(FileExistsError, match=r"holds 7 label files that were not pulled now, such as duplicates/blocks.jsonl"):
        write_down(pulled(whole_export("entities", doc_ids=["post"])), tmp_path / "tree")
    assert content(tmp_path) == before


def test_trees_of_several_annotators_are_not_dropped_for_that_of_one(tmp_path: Path) -> None:
    task = exported(POST_TASK, by(ADA, BAY, id=41), by(BO, FINCH, id=42))
    both = pulled([task], pseudonyms={"2": "a4", "3": "a5"})
    assert write_down(both, tmp_path / "trees") == [tmp_path / "trees" / "a4", tmp_path / "trees" / "a5"]
    assert read_tree(tmp_path / "trees" / "a5").entities == {"post": [FINCH_RECORD]}
    before = content(tmp_path)
    with pytest.raises(FileExistsError, match="holds 2 label files that were not pulled now"):
        write_down(pulled([exported(POST_TASK, annotation([BAY]))]), tmp_path / "trees")
    assert content(tmp_path) == before
    write_down(both, tmp_path / "trees")
    assert content(tmp_path) == before


@pytest.mark.parametrize("name", ["notes.txt", "a4/notes.txt", "entities/post.jsonl.bak"])
def test_a_folder_that_holds_something_else_is_not_touched(name: str, tmp_path: Path) -> None:
    kept = tmp_path / "tree" / name
    kept.parent.mkdir(parents=True)
    kept.write_text("mine")
    with pytest.raises(FileExistsError):
        write_down(pulled([exported(POST_TASK, annotation([BAY]))]), tmp_path / "tree")
    assert content(tmp_path) == {f"tree/{name}": b"mine"}


def test_a_file_is_not_replaced_by_a_tree(tmp_path: Path) -> None:
    kept = tmp_path / "tree"
    kept.write_text("mine")
    task = exported(POST_TASK, by(ADA, BAY, id=41), by(BO, FINCH, id=42))
    for result in (pulled([exported(POST_TASK, annotation([BAY]))]), pulled([task], pseudonyms={"2": "a4", "3": "a5"})):
        with pytest.raises(FileExistsError):
            write_down(result, kept)
    assert kept.read_text() == "mine"


def test_with_a_finding_nothing_is_written(tmp_path: Path) -> None:
    result = pulled([exported(POST_TASK, annotation([BAY])), exported(POST_TASK, annotation([FINCH]), number=8)])
    assert result.trees
    with pytest.raises(FindingsError, match="task-twice"):
        write_down(result, tmp_path / "tree")
    assert content(tmp_path) == {}


# A bad export for every code

# Codes that say something of a region: the region, and its words in brackets between the words around them.
WORDS = {
    "region-two-labels": ("Bb2", "walk out in [Marlow Bay] 🚢"),
    "region-two-values": ("Bb2", "walk out in [Marlow Bay] 🚢"),
    "region-unknown-label": ("Xa1", "Crews stop ferry [“We will not sail,” Ada Finch told the board.] Talks"),
    "name-no-slug": ("Bb2", "walk out in [Marlow Bay] 🚢"),
    "relation-dangling": ("Qc3", "🚢 [“We will not sail,”] Ada Finch"),
    "relation-unclear": ("Cd4", "Ada Finch [told] the Harbour"),
    "part-untied": ("Cd4", "Ada Finch [told] the Harbour"),
    "blocks-cut": ("Tc3", "unlawful. [Talks go] on."),
    "block-labelled-twice": ("Ld4", "unlawful. [Talks go on. Sign up for our letters]"),
    "block-unlabelled": (None, "unlawful. [Talks go on.] Sign"),
    "alignment-of-unrelated": ("Xa1", "Crews stop ferry [“We will not sail,” Ada Finch told the board.] Talks"),
    "alignment-without-block": ("Xa1", "Crews stop ferry [“We will not sail,” Ada Finch told the board.] Talks"),
    "aligned-twice": ("Yb2", "Crews stop ferry [“We will not sail,” Ada Finch told the board.] Talks"),
    "identical-drawn": ("Xa1", "told the board. [Talks go on.]"),
    "unknown-label": ("Bb2", "walk out in [Marlow Bay] 🚢"),
    "span-empty": ("Bb2", "walk out in [] Marlow Bay"),
    "span-white-space": ("Bb2", "walk out in [Marlow Bay] 🚢"),
    "span-text-differs": ("Bb2", "walk out in M [arlow Bay] 🚢"),
    "span-crosses-block": ("Bb2", "walk out in [Marlow Bay 🚢 “We will n] ot sail"),
    "span-overlaps": ("Cc3", "walk out in Marlow [Bay 🚢] “We"),
}
# Those whose region has no words, since its offsets are none of the text's.
WITHOUT_WORDS = {"region-malformed": "Bb2", "span-out-of-range": "Bb2"}


def test_no_code_lacks_a_bad_export_and_no_bad_export_lacks_a_code() -> None:
    assert sorted(path.name for path in INVALID.iterdir()) == sorted(f"{code}.json" for code in CODES)
    assert set(WORDS) | set(WITHOUT_WORDS) <= set(CODES)
    package = Path(main.__code__.co_filename).parent
    sources = "".join(path.read_text("utf-8") for path in (package / "labelstudio").glob("*.py"))
    offsets = (package / "validation" / "spans.py").read_text("utf-8")
    assert [code for code in CODES if sources.count(f'"{code}"') < 2 and f'"{code}"' not in offsets] == []


@pytest.mark.parametrize("code", CODES)
def test_a_bad_export_has_its_one_code_and_nothing_is_written(
    code: str, small_corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = small_corpus / "tree"
    arguments = ["label", "pull", str(INVALID / f"{code}.json"), "--output", str(output)]
    assert main(arguments) == 1
    out, err = capsys.readouterr()
    findings = [line for line in (out + err).splitlines() if line.startswith(f"{code}.json")]
    assert findings
    assert all(line.endswith(f"[{code}]") for line in findings)
    assert not output.exists()
    assert content(small_corpus) == {}
    if code == "export-not-json":
        return
    assert all(line.startswith((f"{code}.json, task 7", f"{code}.json, task 8")) for line in findings)
    assert out.splitlines()[-1] == f"{len(findings)} findings; nothing was written"
    region, words = WORDS.get(code, (WITHOUT_WORDS.get(code), ""))
    assert words in findings[0]
    assert ("at “" in findings[0]) == bool(words)
    assert region is None or f', region "{region}": ' in findings[0]
    assert main([*arguments, "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert {finding["code"] for finding in told["findings"]} == {code}
    assert told["findings"][0]["record"] == region
    assert told["written"] == []
    assert not output.exists()


# There and back


def pushed_and_accepted(task: str) -> list[Json]:
    return [accepted(made, number=number) for number, made in enumerate(parity.gold_tasks(task), 1)]


def test_the_gold_labels_accepted_unchanged_come_back_byte_for_byte(tmp_path: Path) -> None:
    gold, corpus = gold_tree(), load_corpus()
    exports = [Export(f"{task}.json", json.loads(json.dumps(pushed_and_accepted(task)))) for task in TASKS]
    result = pull(exports, corpus=corpus)
    assert [str(finding) for finding in result.findings] == []
    assert {state.state for state in result.states} == {"accepted"}
    assert write_pulled(result, tmp_path / "tree") == [tmp_path / "tree"]
    annotations = data_root() / "annotations"
    expected = {
        path.relative_to(annotations).as_posix(): path.read_bytes()
        for layer in (*DOCUMENT_LAYERS, "duplicates")
        for path in (annotations / layer).iterdir()
    }
    assert content(tmp_path / "tree") == expected
    assert gold.layers == ("segments", "quotes", "entities", "duplicates")
