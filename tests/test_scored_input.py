"""Trees that must not become a number: the gold labels with one thing changed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import wirecopy
from wirecopy.corpus import data_root
from wirecopy.findings import FindingsError
from wirecopy.labels import LabelTree

DOC = "004_9a33665743d46027"
GOLD = wirecopy.gold_tree()


def changed(layer: str, **fields: Any) -> LabelTree:
    """The gold layer of all documents with the first record of one document changed."""
    rows: dict[str, Any] = {doc_id: list(records) for doc_id, records in getattr(GOLD, layer).items()}
    rows[DOC][0] = replace(rows[DOC][0], **fields)
    held: dict[str, Any] = {layer: rows}
    return LabelTree(**held)


@pytest.mark.parametrize(
    ("tree", "code", "said"),
    [
        (changed("entities", text="North Koreans"), "span-text-differs", "North Koreans"),
        (changed("quotes", text="nobody said this"), "span-text-differs", "nobody said this"),
        (changed("entities", type="PERSN"), "unknown-label", "PERSON"),
        (changed("quotes", type="directs"), "unknown-label", "direct"),
        (changed("segments", role="bodies"), "unknown-label", "body"),
        (
            LabelTree(versions=[replace((GOLD.versions or [])[0], relation="same_story")], blocks=[]),
            "unknown-label",
            "same_event",
        ),
        (LabelTree(versions=[], blocks=[replace((GOLD.blocks or [])[0], relation="edit")]), "unknown-label", "edited"),
    ],
)
def test_what_the_text_or_the_vocabulary_contradicts_is_never_scored(tree: LabelTree, code: str, said: str) -> None:
    with pytest.raises(FindingsError) as caught:
        wirecopy.score(tree)
    (finding,) = caught.value.findings
    assert finding.code == code
    assert said in finding.message


def test_a_prediction_may_leave_surface_strings_out() -> None:
    assert wirecopy.score(changed("entities", text=None)).scores["entities"]["strict"]["f1"] == 1.0


def test_a_corpus_is_taken_as_a_folder_and_as_it_was_loaded() -> None:
    folder = data_root() / "corpus" / "wild"
    loaded = wirecopy.corpus(folder)
    tree = LabelTree(entities=GOLD.entities)
    for corpus in (folder, str(folder), loaded):
        assert wirecopy.score(tree, corpus=corpus).scores["entities"]["strict"]["f1"] == 1.0
        assert wirecopy.statistics(corpus=corpus)["all"]["documents"] == len(loaded)
        assert len(wirecopy.load_dataset("entities", split="wild", corpus=corpus)) == len(loaded.split("wild"))


def test_a_registry_that_does_not_exist_is_answered_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="expected one of stories, entities, splits, version"):
        wirecopy.read_registry("../manifest")


def test_a_tree_is_never_written_over_a_file_that_is_no_label(tmp_path: Path) -> None:
    wirecopy.write_tree(LabelTree(entities=GOLD.entities), tmp_path / "tree")
    (tmp_path / "tree" / "entities" / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="tree: holds something else"):
        wirecopy.write_tree(LabelTree(quotes=GOLD.quotes), tmp_path / "tree")
    assert (tmp_path / "tree" / "entities" / "notes.txt").read_text() == "mine"
