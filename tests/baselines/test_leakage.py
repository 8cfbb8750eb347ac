"""No system is fitted on the text of a story that it predicts."""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any

import common
import duplicates
import entities
import pipeline
import pytest
import quotes
import segments
import wirecopy

FITS = [
    (duplicates, "fit"),
    (segments, "fit"),
    (quotes, "fit"),
    (entities, "fit"),
    (entities, "fit_gazetteer"),
]
# Every system that is fitted at all, and how many folds it goes through: three stories, and three pairs of them.
FITTED: list[tuple[ModuleType, str, int]] = [
    (duplicates, "overlap", 6),
    (segments, "cohesion", 3),
    (quotes, "clauses", 3),
    (entities, "gazetteer", 3),
    (entities, "tokens", 3),
    (pipeline, "chain", 6 + 3 + 3 + 3),
]


def texts_of_stories(stories: set[str]) -> set[str]:
    """Every block text of the segments of some stories, read off the gold labels and the raw files."""
    corpus = wirecopy.corpus()
    found = set()
    for doc_id, labels in (wirecopy.gold_tree().segments or {}).items():
        for run in wirecopy.story_runs(labels, len(corpus[doc_id].blocks)):
            if any(label.story in stories for label in labels if label.block in run):
                found |= {" ".join(corpus[doc_id].block_text(block).split()) for block in run}
    return found


class Spy:
    """Follows the folds, and keeps what every fit has seen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held_out: tuple[common.Row, ...] = ()
        self.fits: list[tuple[set[str], set[str]]] = []
        folds = common.folds

        def followed(split: str, **options: Any) -> Iterator[common.Fold]:
            for fold in folds(split, **options):
                self.held_out = fold.held_out
                yield fold

        monkeypatch.setattr(common, "folds", followed)
        for module, name in FITS:
            self._follow(monkeypatch, module, name)

    def _follow(self, monkeypatch: pytest.MonkeyPatch, module: ModuleType, name: str) -> None:
        fit = getattr(module, name)

        def seen(rows: Sequence[common.Row], *rest: Any) -> Any:
            texts = {" ".join(line.text.split()) for row in rows for line in row.lines}
            self.fits.append((texts, texts_of_stories({row.story for row in self.held_out})))
            return fit(rows, *rest)

        monkeypatch.setattr(module, name, seen)


@pytest.mark.parametrize(("script", "system", "folds"), FITTED, ids=[f"{s.TASK}-{name}" for s, name, _ in FITTED])
def test_no_text_of_the_held_out_story_is_fitted_on(
    monkeypatch: pytest.MonkeyPatch, script: ModuleType, system: str, folds: int
) -> None:
    spy = Spy(monkeypatch)
    script.SYSTEMS[system]("wild")
    assert len(spy.fits) == folds
    for fitted_on, held_out in spy.fits:
        assert held_out
        assert fitted_on & held_out == set()


def test_each_story_is_held_out_once_and_the_others_are_fitted_on() -> None:
    folds = list(common.folds("wild"))
    stories = {row.story for row in common.rows("wild")}
    assert [{row.story for row in fold.held_out} for fold in folds] == [{story} for story in sorted(stories)]
    for fold in folds:
        assert {row.story for row in fold.train} == stories - {row.story for row in fold.held_out}


def test_every_block_is_predicted_once() -> None:
    predicted = [(row.doc_id, line.number) for fold in common.folds("wild") for row in fold.held_out for line in row.lines]
    corpus = wirecopy.corpus().split("wild")
    assert sorted(predicted) == [
        (doc_id, block) for doc_id, document in corpus.items() for block in range(len(document.blocks))
    ]


def test_a_held_out_row_has_no_labels() -> None:
    held_out = [row for fold in common.folds("wild", together=2) for row in fold.held_out]
    assert held_out
    assert all(not row.segments and not row.quotes and not row.entities for row in held_out)


def test_a_pair_of_versions_is_predicted_with_both_stories_held_out(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy(monkeypatch)
    relation = duplicates.version_relation
    compared = []

    def seen(model: Any, a: duplicates.Copy, b: duplicates.Copy, aligned: Any) -> str:
        texts = {passage.text for copy in (a, b) for passage in copy.passages}
        assert texts & spy.fits[-1][0] == set()
        compared.append((a.name, b.name))
        return relation(model, a, b, aligned)

    monkeypatch.setattr(duplicates, "version_relation", seen)
    duplicates.overlap("wild")
    versions = wirecopy.versions(wirecopy.gold_tree().segments or {})
    # Versions of one document are no pair to compare.
    expected = [(a, b) for a in versions for b in versions if a < b and a.split("#")[0] != b.split("#")[0]]
    assert sorted(compared) == expected


def test_a_text_that_stands_in_both_stories_is_not_fitted_on() -> None:
    shared = common.Line(1, 20, "Sign up")
    label = wirecopy.BlockLabel(block=1, role="boilerplate")
    one = common.Row("a", "strike", (common.Line(0, 0, "Crews walk out"), shared), (label,))
    other = common.Row("b", "storm", (common.Line(0, 0, "Roofs fly"), common.Line(1, 20, "Sign  up")), (label,))
    fold = common.hold_out([one, other], {"storm"})
    assert [row.story for row in fold.held_out] == ["storm"]
    assert [line.text for row in fold.train for line in row.lines] == ["Crews walk out"]
    assert fold.train[0].segments == ()


def test_other_splits_are_predicted_from_train_in_one_fold(monkeypatch: pytest.MonkeyPatch) -> None:
    label = wirecopy.BlockLabel(block=0, role="body")
    train = common.Row("a", "strike", (common.Line(0, 0, "Crews walk out"),), (label,))
    test = common.Row("b", "storm", (common.Line(0, 0, "Roofs fly"),), (label,))
    monkeypatch.setattr(common, "rows", {"train": [train], "test": [test]}.__getitem__)
    unlabelled = common.Row(test.doc_id, test.story, test.lines)
    assert list(common.folds("test")) == [common.Fold((train,), (unlabelled,))]
    assert list(common.folds("test", together=2)) == [common.Fold((train,), (unlabelled,))]


def test_train_is_not_scored() -> None:
    with pytest.raises(ValueError, match="score another one"):
        next(common.folds("train"))


def test_an_unknown_split_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"split 'tset' holds no document; expected one of .*wild"):
        next(common.folds("tset"))
