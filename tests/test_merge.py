"""Merging a tree into gold labels: what is shown, asked, written and refused; nothing is ever written by halves."""

import errno
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from small_root import CHANGES, content, read_json, real_root, small_root, use
from small_tree import POST, TIMES, Files, block, mention, quotation, span, two_documents, write
from wirecopy.cli import main
from wirecopy.corpus import data_root, load_corpus
from wirecopy.validation import validate

BAY, ADA, BOARD = two_documents()["entities/post.jsonl"]
WIDER = {**span(POST, "The Harbour Board"), "type": "ORG", "entity": "harbour-board"}
LETTERS = mention(POST, "our letters", "WORK_OF_ART", "harbour-letters")
# The person is taken out, the board widened, the letters are new.
TREE: Files = {"entities/post.jsonl": [BAY, WIDER, LETTERS]}
TODAY = date.today().isoformat()


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return small_root(tmp_path, monkeypatch)


Merge = Callable[..., tuple[int, str, str]]


@pytest.fixture
def merge(root: Path, capsys: pytest.CaptureFixture[str]) -> Merge:
    """Write a tree beside the root and merge it; the exit code, and what was said on either stream."""

    def run(tree: Files | Path, *options: str) -> tuple[int, str, str]:
        folder = tree
        if isinstance(tree, dict):
            folder = root.parent / "tree"
            shutil.rmtree(folder, ignore_errors=True)
            write(tree, folder)
        capsys.readouterr()
        code = main(["label", "merge", str(folder), *options])
        return code, *capsys.readouterr()

    return run


def changed(before: dict[str, bytes], root: Path) -> set[str]:
    """The names of the files that are new, gone or other than they were."""
    after = content(root)
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def refused(merge: Merge, root: Path, tree: Files, *options: str, code: int = 1) -> str:
    """Merge a tree that cannot be: nothing is written, and nothing left over; what was said."""
    before = content(root)
    answer, _, said = merge(tree, "--yes", *options)
    assert answer == code, said
    assert content(root) == before
    return said


# What is shown, and what is written


def test_a_merge_shows_by_document_what_is_added_changed_and_removed(merge: Merge) -> None:
    code, out, _ = merge(TREE, "--yes")
    assert code == 0
    assert out == (
        "post: entities\n"
        '  …arlow Bay "We will not sail on Monday," [Ada Finch] said. The Harbour Board said the strike…\n'
        "    -: span “Ada Finch”, type PERSON, entity ada-finch\n"
        "    +: —\n"
        '  …ll not sail on Monday," Ada Finch said. [The Harbour Board] said the strike was unlawful. Sign up f…\n'
        "    -: span “Harbour Board”\n"
        "    +: span “The Harbour Board”\n"
        "  …id the strike was unlawful. Sign up for [our letters]\n"
        "    -: —\n"
        "    +: span “our letters”, type WORK_OF_ART, entity harbour-letters\n"
        "new entity harbour-letters: our letters, WORK_OF_ART\n"
        "entities 1 added, 1 changed, 1 removed; 1 new entity; data version 1.0.1\n"
        "merged; now run `make baselines` and `make documents`, which renew the figures\n"
    )


def test_a_merge_writes_the_tree_s_files_and_what_follows_from_them(merge: Merge, root: Path) -> None:
    before = content(root)
    assert merge(TREE, "--yes")[0] == 0
    assert changed(before, root) == {
        "CHANGELOG.md",
        "annotations/entities.json",
        "annotations/entities/post.jsonl",
        "annotations/passes/gold-1.0.0/entities/post.jsonl",
        "annotations/statistics.json",
        "annotations/version.json",
    }
    after = content(root)
    assert after["annotations/entities/post.jsonl"] == (root.parent / "tree" / "entities" / "post.jsonl").read_bytes()
    assert after["annotations/passes/gold-1.0.0/entities/post.jsonl"] == before["annotations/entities/post.jsonl"]
    assert read_json(root / "annotations" / "version.json") == {"version": "1.0.1", "canary": "none"}
    assert validate() == []


def test_documents_and_layers_that_the_tree_does_not_hold_stay(merge: Merge, root: Path) -> None:
    before = content(root / "annotations")
    assert merge(TREE, "--yes")[0] == 0
    after = content(root / "annotations")
    for name in ("entities/times.jsonl", "quotes/post.jsonl", "segments/post.jsonl", "duplicates/versions.jsonl"):
        assert after[name] == before[name]


def test_only_the_layers_that_are_named_are_merged(merge: Merge, root: Path) -> None:
    unlawful = two_documents()["quotes/post.jsonl"][1]
    said = quotation(POST, '"We will not sail on Monday,"', "direct", speaker="ada-finch", utterance="finch-monday")
    tree = {**TREE, "quotes/post.jsonl": [said, unlawful]}
    before = content(root)
    code, out, _ = merge(tree, "--yes", "--only", "quotes")
    assert code == 0
    assert "quotes 1 changed; data version 1.0.1\n" in out
    assert "entities" not in out
    assert {name for name in changed(before, root) if name.endswith("post.jsonl")} == {
        "annotations/quotes/post.jsonl",
        "annotations/passes/gold-1.0.0/quotes/post.jsonl",
    }
    code, out, _ = merge(tree, "--yes", "--only", "quotes", "--only", "entities")
    assert code == 0
    assert "entities 1 added, 1 changed, 1 removed; 1 new entity; data version 1.0.2\n" in out


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        ("entitys", "unknown layer 'entitys'; expected one of segments, quotes, entities, duplicates"),
        ("quotes", "the tree holds no quotes; it has entities"),
    ],
)
def test_a_layer_that_cannot_be_merged_is_wrong_use(layer: str, said: str, merge: Merge, root: Path) -> None:
    assert said in refused(merge, root, TREE, "--only", layer, code=2)


# Asking


class Terminal(io.StringIO):
    """A person at a keyboard."""

    def isatty(self) -> bool:
        return True


def test_with_nobody_to_ask_nothing_is_merged(merge: Merge, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = content(root)
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    code, out, said = merge(TREE)
    assert (code, said) == (2, "wirecopy: not merged: nobody to ask; say --yes\n")
    assert "data version 1.0.1" in out
    assert content(root) == before


@pytest.mark.parametrize("answer", ["n\n", "\n", "yes please\n", "no\n", ""])
def test_an_answer_that_is_not_yes_leaves_all_as_it_is(
    answer: str, merge: Merge, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line at all is Ctrl-D."""
    before = content(root)
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    code, out, said = merge(TREE)
    assert (code, said) == (0, "")
    assert out.endswith("not merged\n")
    assert content(root) == before


@pytest.mark.parametrize("answer", ["y\n", "Yes\n", " YES \n"])
def test_yes_merges(answer: str, merge: Merge, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(answer))
    code, out, _ = merge(TREE)
    assert code == 0
    assert "merge? [y/N] merged; " in out
    assert read_json(root / "annotations" / "version.json")["version"] == "1.0.1"


def test_the_command_acts_on_the_root_that_it_was_installed_in(root: Path) -> None:
    """The same in a process of its own, with the package's files in the root."""
    shutil.copytree(Path(__file__).parents[1] / "loaders", root / "loaders", ignore=shutil.ignore_patterns("__pycache__"))
    tree = write(TREE, root.parent / "tree")
    before = content(root / "annotations")

    def run(*options: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "wirecopy.cli", "label", "merge", str(tree), *options]
        environment = {**os.environ, "PYTHONPATH": str(root / "loaders"), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            command, env=environment, cwd=root.parent, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stderr

    assert run() == (2, "wirecopy: not merged: nobody to ask; say --yes\n")
    assert content(root / "annotations") == before
    assert run("--yes") == (0, "")
    assert content(root / "annotations")["entities/post.jsonl"] == (tree / "entities" / "post.jsonl").read_bytes()
    assert {path.name for path in root.iterdir()} == {"CHANGELOG.md", "annotations", "corpus", "loaders"}


# Twice


def test_merging_twice_changes_nothing(merge: Merge, root: Path) -> None:
    assert merge(TREE, "--yes")[0] == 0
    before = content(root)
    assert merge(TREE, "--yes") == (0, "nothing to merge: the gold labels say the same\n", "")
    assert content(root) == before


def test_merging_a_tree_that_is_the_gold_labels_changes_nothing(merge: Merge, root: Path) -> None:
    before = content(root)
    gold = {name: rows for name, rows in two_documents().items() if name.endswith(".jsonl") and not name.startswith("corpus")}
    assert merge(gold) == (0, "nothing to merge: the gold labels say the same\n", "")
    # So is a tree that brings registries, or the gold folder itself.
    assert merge(root / "annotations") == (0, "nothing to merge: the gold labels say the same\n", "")
    assert content(root) == before


def test_the_order_of_records_and_the_form_of_their_lines_is_no_change(merge: Merge) -> None:
    loose = "".join(json.dumps(dict(reversed(record.items())), indent=None) + "\n" for record in (BOARD, ADA, BAY))
    assert merge({"entities/post.jsonl": loose})[1] == "nothing to merge: the gold labels say the same\n"


def test_merging_the_pass_that_was_kept_brings_the_old_labels_back(merge: Merge, root: Path) -> None:
    before = content(root / "annotations")
    assert merge(TREE, "--yes")[0] == 0
    code, out, _ = merge(root / "annotations" / "passes" / "gold-1.0.0", "--yes")
    assert code == 0
    assert "entities 1 added, 1 changed, 1 removed; data version 1.0.2\n" in out
    after = content(root / "annotations")
    assert {name for name in before if before[name] != after[name]} == {"version.json", "entities.json"}
    assert read_json(root / "annotations" / "entities.json") == two_documents()["entities.json"]
    assert after["passes/gold-1.0.1/entities/post.jsonl"] == (root.parent / "tree" / "entities" / "post.jsonl").read_bytes()


# Registries and figures


def test_a_new_id_gets_an_entry_with_the_longest_surface_and_the_type(merge: Merge, root: Path) -> None:
    short = mention(POST, "letters", "WORK_OF_ART", "harbour-letters")
    long = mention(TIMES, "Marlow Bay ferry", "WORK_OF_ART", "harbour-letters")
    ada = two_documents()["entities/times.jsonl"][1]
    tree = {"entities/post.jsonl": [BAY, ADA, BOARD, short], "entities/times.jsonl": [long, ada]}
    assert merge(tree, "--yes")[0] == 0
    registry = read_json(root / "annotations" / "entities.json")
    assert registry["harbour-letters"] == {"name": "Marlow Bay ferry", "type": "WORK_OF_ART"}
    assert list(registry) == sorted(registry)


def test_an_id_that_nothing_uses_any_more_leaves_the_registry(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = two_documents()
    files["entities.json"]["ada-finch"]["wikidata"] = "Q1"
    root = small_root(tmp_path, monkeypatch, files)
    tree = write({"entities/post.jsonl": [], "entities/times.jsonl": []}, tmp_path / "tree")
    assert main(["label", "merge", str(tree), "--yes"]) == 0
    assert "entities 5 removed; data version" in capsys.readouterr().out
    # The bay was only mentioned; the person and the board are speakers too.
    assert read_json(root / "annotations" / "entities.json") == {
        "ada-finch": {"name": "Ada Finch", "type": "PERSON", "wikidata": "Q1"},
        "harbour-board": {"name": "Harbour Board", "type": "ORG"},
    }
    assert validate() == []


def test_an_entry_that_waits_for_its_labels_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = two_documents()
    files["entities.json"]["sail-line"] = {"name": "Sail Line", "type": "ORG"}
    root = small_root(tmp_path, monkeypatch, files)
    assert main(["label", "merge", str(write(TREE, tmp_path / "tree")), "--yes"]) == 0
    assert "sail-line" in read_json(root / "annotations" / "entities.json")
    capsys.readouterr()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        # An id of two types has none that could be written down, and one of another type than its entry is a mistake.
        ([{**BAY, "entity": "x"}, {**ADA, "entity": "x"}, BOARD], "unknown-entity"),
        ([{**BAY, "type": "GPE"}, ADA, BOARD], "entity-type-disagrees"),
        ([{**BAY, "entity": "Marlow Bay"}, ADA, BOARD], "registry-invalid"),
        ([{**BAY, "entity": None}, ADA, BOARD], "missing-entity-id"),
    ],
)
def test_an_id_that_cannot_stand_in_the_registry_is_refused(wrong: list[Any], code: str, merge: Merge, root: Path) -> None:
    assert f"[{code}]" in refused(merge, root, {"entities/post.jsonl": wrong})


def test_a_speaker_that_no_registry_knows_is_refused(merge: Merge, root: Path) -> None:
    said, unlawful = two_documents()["quotes/post.jsonl"]
    tree = {"quotes/post.jsonl": [{**said, "speaker": "ada-lynch"}, unlawful]}
    answer = refused(merge, root, tree)
    assert 'quotes/post.jsonl:1: speaker is "ada-lynch", expected an id of entities.json' in answer
    assert "the nearest known: ada-finch" in answer


def test_a_speaker_that_the_tree_s_own_mentions_name_is_new(merge: Merge, root: Path) -> None:
    said, unlawful = two_documents()["quotes/post.jsonl"]
    tree = {
        "quotes/post.jsonl": [said, {**unlawful, "speaker": "harbour-letters"}],
        "entities/post.jsonl": [BAY, ADA, BOARD, LETTERS],
    }
    assert "[unknown-entity]" in refused(merge, root, tree, "--only", "quotes")
    assert merge(tree, "--yes")[0] == 0
    assert "harbour-letters" in read_json(root / "annotations" / "entities.json")


def test_a_new_story_must_stand_in_its_registry_first(merge: Merge, root: Path) -> None:
    head, said, _ = two_documents()["segments/times.jsonl"]
    tree = {"segments/times.jsonl": [head, said, block(2, "body", "board-talks", "talks")]}
    answer = refused(merge, root, tree)
    assert 'no story "board-talks" in stories.json' in answer
    path = root / "annotations" / "stories.json"
    stories = {**read_json(path), "board-talks": {"title": "Talks with the board", "topics": {"talks": "how they went"}}}
    path.write_text(json.dumps(stories))
    code, out, _ = merge(tree, "--yes")
    assert code == 0
    assert "    -: story ferry-strike, topic strike\n    +: story board-talks, topic talks\n" in out
    assert validate() == []


def test_a_story_that_nothing_has_any_more_is_refused(merge: Merge, root: Path) -> None:
    stories = {**two_documents()["stories.json"], "other": {"title": "Another", "topics": {}}}
    (root / "annotations" / "stories.json").write_text(json.dumps(stories))
    head, *rest = two_documents()["segments/times.jsonl"]
    assert merge({"segments/times.jsonl": [{**head, "story": "other"}, *rest]}, "--yes")[0] == 0
    assert 'nothing uses "other" any more' in refused(merge, root, {"segments/times.jsonl": [head, *rest]})


def test_the_statistics_are_those_that_stats_prints(merge: Merge, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = read_json(root / "annotations" / "statistics.json")
    assert merge({"entities/post.jsonl": [BAY]}, "--yes")[0] == 0
    new = read_json(root / "annotations" / "statistics.json")
    assert (old["all"]["entities"]["mentions"], new["all"]["entities"]["mentions"]) == (5, 3)
    assert main(["stats", "--json"]) == 0
    assert capsys.readouterr().out == (root / "annotations" / "statistics.json").read_text("utf-8")


# Pairs


def listed(root: Path) -> tuple[bytes, bytes]:
    folder = root / "annotations" / "duplicates"
    return (folder / "versions.jsonl").read_bytes(), (folder / "blocks.jsonl").read_bytes()


def test_pairs_stay_where_one_of_their_documents_is_not_in_the_tree(merge: Merge, root: Path) -> None:
    before = listed(root)
    tree = {**TREE, "duplicates/versions.jsonl": [], "duplicates/blocks.jsonl": []}
    code, out, _ = merge(tree, "--yes")
    assert code == 0
    assert "duplicates" not in out
    assert listed(root) == before


def test_pairs_are_replaced_where_both_documents_are_in_the_tree(merge: Merge, root: Path) -> None:
    tree: Files = {
        "entities/post.jsonl": [BAY, ADA, BOARD],
        "entities/times.jsonl": two_documents()["entities/times.jsonl"],
        "duplicates/versions.jsonl": [{"a": "post#ferry-strike", "b": "times#ferry-strike", "relation": "same_event"}],
        "duplicates/blocks.jsonl": [],
    }
    code, out, _ = merge(tree, "--yes")
    assert code == 0
    assert "post#ferry-strike and times#ferry-strike: duplicates\n" in out
    assert "    -: relation near_duplicate\n    +: relation same_event\n" in out
    assert "duplicates 1 changed, 1 removed; data version 1.0.1\n" in out
    assert listed(root) == ((root.parent / "tree" / "duplicates" / "versions.jsonl").read_bytes(), b"")


def test_a_pair_that_becomes_unrelated_is_not_listed(merge: Merge, root: Path) -> None:
    talks = {**two_documents()["stories.json"], "ferry-talks": {"title": "Talks", "topics": {"talks": "how they went"}}}
    (root / "annotations" / "stories.json").write_text(json.dumps(talks))
    tree: Files = {
        "segments/post.jsonl": two_documents()["segments/post.jsonl"],
        "segments/times.jsonl": [
            block(0, "headline", "ferry-talks"),
            block(1, "body", "ferry-talks", "talks"),
            block(2, "body", "ferry-talks", "talks"),
        ],
        "duplicates/versions.jsonl": [{"a": "post#ferry-strike", "b": "times#ferry-talks", "relation": "unrelated"}],
        "duplicates/blocks.jsonl": [],
    }
    code, out, said = merge(tree, "--yes")
    assert code == 0, said
    assert "segments 3 changed; duplicates 2 removed; data version 1.0.1\n" in out
    assert listed(root) == (b"", b"")
    assert validate() == []
    assert merge(tree)[1] == "nothing to merge: the gold labels say the same\n"


# Refused


def test_gold_labels_with_a_finding_are_mended_first(merge: Merge, root: Path) -> None:
    """Even where the tree holds what is missing."""
    write({"quotes/post.jsonl": []}, root / "annotations")
    right = {"quotes/post.jsonl": two_documents()["quotes/post.jsonl"]}
    for tree in (TREE, right):
        answer = refused(merge, root, tree)
        assert "quotes/post.jsonl" in answer
        assert "[quotation-marks-unlabelled]" in answer


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({"entities/post.jsonl": [{**BAY, "text": "Marlow"}]}, "span-text-differs"),
        ({"entities/post.jsonl": ['{"start": 1']}, "not-json"),
        ({"entities/poste.jsonl": [BAY]}, "unknown-document"),
        ({"entities/notes.txt": "none"}, "label-file-stranger"),
        ({"segments/post.jsonl": [block(9, "body", "ferry-strike")]}, "unknown-block"),
    ],
)
def test_a_tree_with_a_finding_is_refused(tree: Files, code: str, merge: Merge, root: Path) -> None:
    if code == "not-json":
        tree = {name: "".join(rows) + "\n" for name, rows in tree.items()}
    assert f"[{code}]" in refused(merge, root, tree)


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({"quotes/post.jsonl": []}, "quotation-marks-unlabelled"),
        ({"segments/post.jsonl": two_documents()["segments/post.jsonl"][:3]}, "block-unlabelled"),
        ({"entities/post.jsonl": [mention(POST, "Mon", "ORG", "harbour-board")]}, "entity-inside-token"),
        ({"segments/times.jsonl": [block(number, "boilerplate") for number in range(3)]}, "unknown-version"),
    ],
)
def test_a_merge_that_would_break_a_rule_of_the_guidelines_is_refused(tree: Files, code: str, merge: Merge, root: Path) -> None:
    assert f"[{code}]" in refused(merge, root, tree)


def test_what_is_wrong_in_a_layer_that_is_not_merged_does_not_matter(merge: Merge, root: Path) -> None:
    tree = {**TREE, "quotes/post.jsonl": [{"start": 5, "end": 2, "type": "direct"}]}
    assert "[span-empty]" in refused(merge, root, tree)
    assert merge(tree, "--yes", "--only", "entities")[0] == 0


def test_a_tree_that_is_not_there_is_wrong_use(merge: Merge, root: Path) -> None:
    assert merge(root.parent / "nowhere", "--yes")[0] == 2


@pytest.mark.parametrize(
    "name", ["entities/post.jsonl", "version.json", "statistics.json", "passes/gold-1.0.0/entities/post.jsonl"]
)
def test_a_full_disk_leaves_all_as_it_was(name: str, merge: Merge, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever file is the one that no longer fits."""
    from wirecopy.labels import write_file

    def fail(path: Path, content: bytes) -> None:
        if path.as_posix().endswith(f"/{name}") and ("passes" in path.parts) == name.startswith("passes"):
            raise OSError(errno.ENOSPC, "No space left on device")
        write_file(path, content)

    monkeypatch.setattr("wirecopy.merge.write_file", fail)
    assert refused(merge, root, TREE, code=2) == "wirecopy: [Errno 28] No space left on device\n"


def test_a_copy_of_the_raw_files_will_do(merge: Merge, root: Path) -> None:
    (root / "corpus" / "authored").rename(root.parent / "mine")
    assert "[file-missing]" in refused(merge, root, TREE)
    assert merge(TREE, "--yes", "--corpus", str(root.parent / "mine"))[0] == 0


# CHANGELOG


def test_the_changes_get_a_line_on_top_of_those_of_the_data(merge: Merge, root: Path) -> None:
    assert merge(TREE, "--yes")[0] == 0
    line = f"- {TODAY}: labels merged: entities 1 added, 1 changed, 1 removed; 1 new entity, in 1 document."
    assert (root / "CHANGELOG.md").read_text() == CHANGES.replace("### 1.0.0\n", f"### 1.0.1\n\n{line}\n\n### 1.0.0\n")
    assert merge({"entities/post.jsonl": [BAY]}, "--yes")[0] == 0
    line_2 = f"- {TODAY}: labels merged: entities 2 removed, in 1 document."
    assert (root / "CHANGELOG.md").read_text() == CHANGES.replace(
        "### 1.0.0\n", f"### 1.0.2\n\n{line_2}\n\n### 1.0.1\n\n{line}\n\n### 1.0.0\n"
    )


def test_a_version_of_the_code_with_the_same_number_is_left_alone(merge: Merge, root: Path) -> None:
    assert merge(TREE, "--yes")[0] == 0
    assert (root / "CHANGELOG.md").read_text().endswith("## Code\n\n### 1.0.1\n\n- The scorer is faster.\n")


def test_the_line_of_a_merge_that_was_cut_off_is_replaced_and_what_else_was_written_kept(merge: Merge, root: Path) -> None:
    path = root / "CHANGELOG.md"
    cut_off = "### 1.0.1\n\n- 2023-11-09: labels merged: quotes 2 added, in 1 document.\n\n"
    path.write_text(CHANGES.replace("### 1.0.0\n", f"{cut_off}### 1.0.0\n"))
    assert merge({"entities/post.jsonl": [BAY, ADA]}, "--yes")[0] == 0
    line = f"- {TODAY}: labels merged: entities 1 removed, in 1 document."
    assert path.read_text() == CHANGES.replace("### 1.0.0\n", f"### 1.0.1\n\n{line}\n\n### 1.0.0\n")
    note = "### 1.0.2\n\n- The bay is a place.\n\n"
    path.write_text(CHANGES.replace("### 1.0.0\n", f"{note}### 1.0.0\n"))
    assert merge({"entities/post.jsonl": [BAY]}, "--yes")[0] == 0
    assert path.read_text() == CHANGES.replace("### 1.0.0\n", f"### 1.0.2\n\n{line}\n- The bay is a place.\n\n### 1.0.0\n")


def test_changes_without_a_heading_for_data_are_restored_first(merge: Merge, root: Path) -> None:
    (root / "CHANGELOG.md").write_text("# Changes\n")
    assert "no heading '## Data'; restore it, and merge again" in refused(merge, root, TREE, code=2)


def test_a_package_without_a_list_of_changes_merges_too(merge: Merge, root: Path) -> None:
    (root / "CHANGELOG.md").unlink()
    assert merge(TREE, "--yes")[0] == 0
    assert not (root / "CHANGELOG.md").exists()


# The real files


def test_a_real_pass_is_merged_and_the_old_labels_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = data_root() / "annotations" / "passes" / "a1" / "quotes"
    root = use(real_root(tmp_path), monkeypatch)
    tree = write(
        {f"quotes/{doc_id}.jsonl": (one / f"{doc_id}.jsonl").read_bytes() for doc_id in load_corpus()}, tmp_path / "a1"
    )
    assert validate() == []
    before = content(root / "annotations")
    version = read_json(root / "annotations" / "version.json")["version"]
    assert main(["label", "merge", str(tree), "--yes"]) == 0
    assert validate() == []
    capsys.readouterr()
    assert main(["stats", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == read_json(root / "annotations" / "statistics.json")
    kept = root / "annotations" / "passes" / f"gold-{version}"
    assert set(content(kept)) <= set(before)
    assert main(["label", "merge", str(kept), "--yes"]) == 0
    after = content(root / "annotations")
    assert {name for name in before if before[name] != after[name]} == {"version.json"}
