"""No system is fitted on text of a split that it predicts, and none sees labels of what it predicts."""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import common
import duplicates
import entities
import pytest
import quotes
import segments
import wirecopy

FITS: list[tuple[ModuleType, str]] = [
    (duplicates, "fit"),
    (segments, "fit_roles"),
    (segments, "fit_borders"),
    (quotes, "fit"),
    (entities, "fit"),
    (entities, "fit_gazetteer"),
]
PREDICTED = (common.VALIDATION, *common.SPLITS)


def texts(doc_ids: Sequence[str]) -> set[str]:
    """Every block text of some documents, white space folded, read off the raw files."""
    corpus = wirecopy.corpus()
    return {wirecopy.fold(corpus[d].block_text(block)) for d in doc_ids for block in range(len(corpus[d].blocks))}


def test_no_line_is_fitted_on_whose_text_stands_in_a_predicted_split() -> None:
    corpus = wirecopy.corpus()
    predicted = texts([doc_id for split in PREDICTED for doc_id in corpus.split(split)])
    fitted_on = {wirecopy.fold(line.text) for row in common.training() for line in row.lines}
    assert fitted_on
    assert fitted_on & predicted == set()


def test_what_is_fitted_on_is_labelled_and_stands_in_train() -> None:
    train = set(wirecopy.corpus().split("train"))
    assert {row.doc_id for row in common.training()} == train
    assert all(len(row.segments) == len(row.lines) for row in common.training())


@pytest.mark.parametrize("split", PREDICTED)
def test_rows_that_are_predicted_hold_every_block_and_no_label(split: str) -> None:
    rows = common.unlabelled(split)
    assert all(not row.segments and not row.quotes and not row.entities for row in rows)
    corpus = wirecopy.corpus().split(split)
    assert sorted((row.doc_id, line.number) for row in rows for line in row.lines) == [
        (doc_id, block) for doc_id, document in corpus.items() for block in range(len(document.blocks))
    ]


@pytest.mark.parametrize(("script", "name"), FITS, ids=[f"{script.TASK}-{name}" for script, name in FITS])
def test_every_fit_gets_training_rows_alone(monkeypatch: pytest.MonkeyPatch, script: ModuleType, name: str) -> None:
    asked: list[Sequence[common.Row]] = []

    class Stopped(Exception):
        """Ends the system once it has asked for a fit."""

    def stop(rows: Sequence[common.Row], *rest: Any) -> Any:
        del rest
        asked.append(rows)
        raise Stopped

    monkeypatch.setattr(script, name, stop)
    for held in vars(script).values():
        clear: Callable[[], None] | None = getattr(held, "cache_clear", None)
        if clear is not None:
            clear()
    for system in script.SYSTEMS.values():
        try:
            system()
        except Stopped:
            continue
    allowed = {(row.doc_id, row.story) for row in common.training()}
    fitted_on = {wirecopy.fold(line.text) for rows in asked for row in rows for line in row.lines}
    assert asked
    assert {(row.doc_id, row.story) for rows in asked for row in rows} <= allowed
    assert fitted_on <= {wirecopy.fold(line.text) for row in common.training() for line in row.lines}


def test_the_choice_is_the_first_of_the_best_on_validation() -> None:
    gold = wirecopy.gold_tree()
    validation = wirecopy.corpus().split("validation")
    right = wirecopy.LabelTree(entities={doc_id: (gold.entities or {})[doc_id] for doc_id in validation})
    nothing = wirecopy.LabelTree(entities={doc_id: [] for doc_id in validation})
    trees = {"nothing": nothing, "right": right, "as right": right}
    taken, choice = common.choose("tree", trees, lambda tree: tree, "entities")
    assert taken is right
    assert choice == common.Choice("tree", "entities", {"nothing": 0.0, "right": 1.0, "as right": 1.0}, "right")


def test_an_unknown_split_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"split 'tset' holds no document; expected one of .*wild"):
        common.documents("tset")
