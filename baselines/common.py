"""What the baselines share: rows to fit on and to predict, settings, names and their ids, and running and scoring a system.

Systems are fitted on ``train``, settings are chosen on ``validation``, ``test`` and ``wild`` are predicted. A row is a story
segment of a document: the blocks from one story's border to the next, with those that belong to no story.
"""

import json
import re
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import wirecopy
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from threadpoolctl import threadpool_limits

BUILD = Path(__file__).resolve().parents[1] / "build"
TRAIN = "train"
VALIDATION = "validation"
# What the results are of, the split that has intervals first.
SPLITS = ("test", "wild")
Option = TypeVar("Option")

# Words that open a sentence with a capital, or stand with one in a date, and name nothing.
_NOT_NAMES = """a about after all also although amid among an and another any are as asked at because before both but by calling
    candidate during each earlier elsewhere even following for former from had has have he her his how however i if in is it
    its last like many more most mr mrs ms no not now of on once one or other our over prior saying several she since so some
    still such that the their then there these they this those though three to today together top two under until was we were
    what when where which while who why with would you your
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december am pm gmt est edt"""
_NO_NAMES = frozenset(_NOT_NAMES.split())
_WORD = r"(?:(?:[^\W\d_]\.){2,}|[^\W\d_](?:\w|-(?=\w))*)"
_WORDS = re.compile(_WORD)
_GAP = re.compile(r"[ \u00a0]")


@dataclass(frozen=True, slots=True)
class Line:
    """A block as a system sees it: its number in the document, where it starts, its text."""

    number: int
    start: int
    text: str

    @property
    def end(self) -> int:
        """Where the block ends in the document."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Row:
    """A story segment of a document; a row that is held out has its text and no labels."""

    doc_id: str
    story: str
    lines: tuple[Line, ...]
    segments: tuple[wirecopy.BlockLabel, ...] = ()
    quotes: tuple[wirecopy.Quotation, ...] = ()
    entities: tuple[wirecopy.Mention, ...] = ()


@dataclass(frozen=True)
class Choice:
    """A setting of a system: the options that were tried, each with its score on ``validation``, and the one taken."""

    setting: str
    task: str
    scores: Mapping[str, float]
    taken: str


@dataclass(frozen=True)
class Fitted:
    """A system that is ready to label the documents of a split, and the settings that it took."""

    label: Callable[[str], wirecopy.LabelTree]
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Result:
    """What came out of one system: its scores by split, its settings, how long it took to fit and to predict all splits."""

    task: str
    system: str
    reports: Mapping[str, wirecopy.Report]
    choices: tuple[Choice, ...]
    seconds: float


System = Callable[[], Fitted]


@cache
def corpus() -> wirecopy.Corpus:
    """The documents of all splits."""
    return wirecopy.corpus()


def documents(split: str) -> wirecopy.Corpus:
    """The documents of a split.

    Raises:
        ValueError: the split holds no document.
    """
    part = corpus().split(split)
    if not len(part):
        raise ValueError(f"split {split!r} holds no document; expected one of {', '.join(corpus().split_names)}")
    return part


@cache
def gold() -> wirecopy.LabelTree:
    """The gold labels of all splits."""
    return wirecopy.gold_tree()


def rows(split: str) -> list[Row]:
    """The rows of a split with their gold labels, in the order of documents and blocks."""
    found = []
    for doc_id, document in documents(split).items():
        labels = {label.block: label for label in (gold().segments or {})[doc_id]}
        for run in wirecopy.story_runs(labels.values(), len(document.blocks)):
            lines = tuple(Line(block, document.blocks[block].start, document.block_text(block)) for block in run)
            stories = [labels[block].story for block in run]
            row = Row(
                doc_id=doc_id,
                story=next((story for story in stories if story is not None), doc_id),
                lines=lines,
                segments=tuple(labels[block] for block in run),
                quotes=tuple((gold().quotes or {})[doc_id]),
                entities=tuple((gold().entities or {})[doc_id]),
            )
            found.append(_only(row, lines))
    return found


def _only(row: Row, lines: tuple[Line, ...]) -> Row:
    """The row with some of its lines, and the labels that stand in them."""
    numbers = {line.number for line in lines}

    def inside(span: wirecopy.Quotation | wirecopy.Mention) -> bool:
        return any(line.start <= span.start and span.end <= line.end for line in lines)

    return replace(
        row,
        lines=lines,
        segments=tuple(label for label in row.segments if label.block in numbers),
        quotes=tuple(quotation for quotation in row.quotes if inside(quotation)),
        entities=tuple(mention for mention in row.entities if inside(mention)),
    )


@cache
def training() -> tuple[Row, ...]:
    """The rows to fit on: those of ``train``, without the lines whose text stands in another split too (a widget's mark)."""
    texts = {wirecopy.fold(line.text) for split in (VALIDATION, *SPLITS) for row in unlabelled(split) for line in row.lines}
    found = []
    for row in rows(TRAIN):
        lines = tuple(line for line in row.lines if wirecopy.fold(line.text) not in texts)
        if lines:
            found.append(_only(row, lines))
    return tuple(found)


def unlabelled(split: str) -> list[Row]:
    """The rows of a split as a system sees them: their text and no labels."""
    return [Row(row.doc_id, row.story, row.lines) for row in rows(split)]


def choose(
    setting: str, options: Mapping[str, Option], label: Callable[[Option], wirecopy.LabelTree], task: str
) -> tuple[Option, Choice]:
    """The option whose labels of ``validation`` score best by the primary measure of a task, the first among equals.

    Args:
        setting: what the options are of.
        options: the options by name, in the order in which they are tried.
        label: labels ``validation`` by an option.
        task: the name of a task as scores have it, such as ``segments/roles``.
    """
    measure, output = wirecopy.primary(task)
    scores = {}
    for name, option in options.items():
        report = wirecopy.score(label(option), reference=gold(), split=VALIDATION, tasks=[task])
        # Three digits: what differs by less is equal, so that the choice is the same on every machine.
        scores[name] = round(report.scores[task][measure][output], 3)
    taken = max(scores, key=lambda name: scores[name])
    return options[taken], Choice(setting, task, scores, taken)


def fitted(features: Sequence[Any], classes: Sequence[Any], strengths: Iterable[float]) -> dict[str, Pipeline]:
    """Logistic regression over features given by name, a classifier for each ``C``."""
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform(features)
    # More threads would spin for longer than they work on matrices this small, and add up in an order that varies by machine.
    with threadpool_limits(limits=1):
        return {
            str(strength): make_pipeline(vectorizer, LogisticRegression(C=strength, max_iter=1000).fit(matrix, classes))
            for strength in strengths
        }


def names(text: str) -> list[tuple[int, int]]:
    """Runs of words with a capital, as ``(start, end)`` in code points; words that open sentences or name dates are no part."""
    found: list[tuple[int, int]] = []
    joined = False
    for match in _WORDS.finditer(text):
        is_name = match[0][0].isupper() and match[0].casefold() not in _NO_NAMES
        if is_name and joined and _GAP.fullmatch(text[found[-1][1] : match.start()]):
            found[-1] = (found[-1][0], match.end())
        elif is_name:
            found.append(match.span())
        joined = is_name
    return found


def words(text: str) -> tuple[str, ...]:
    """The case-folded words of a text."""
    return tuple(re.findall(r"\w+", text.casefold()))


@dataclass(frozen=True)
class Names:
    """Known names: their words by id, and the ids by all of their words and by each of them."""

    words: Mapping[str, tuple[str, ...]]
    by_words: Mapping[tuple[str, ...], Sequence[str]]
    by_word: Mapping[str, Sequence[str]]


def known(names: Mapping[str, tuple[str, ...]]) -> Names:
    """Names to look up, given as words by id."""
    by_words: dict[tuple[str, ...], list[str]] = {}
    by_word: dict[str, list[str]] = {}
    for entity, name in names.items():
        by_words.setdefault(name, []).append(entity)
        for word in set(name):
            by_word.setdefault(word, []).append(entity)
    return Names(names, by_words, by_word)


@cache
def registry() -> Names:
    """The names of the entity registry."""
    return known({entity: words(entry["name"]) for entity, entry in wirecopy.read_registry("entities").items()})


def link(mentions: Sequence[wirecopy.Mention], text: str, registered: Names | None) -> list[wirecopy.Mention]:
    """Give mentions of one document their ids.

    A name has the id of the registry's only entry with the same words. A part of a person's name has the id of the person
    named in full last before it, else first after it, else of the only such person in the registry. Without a registry the
    words of the name make the id.

    Args:
        mentions: the mentions by offset.
        text: the text of the document.
        registered: the names of the registry; None where a system has none.
    """
    surfaces = [words(text[mention.start : mention.end]) for mention in mentions]
    own = {"-".join(s): s for m, s in zip(mentions, surfaces, strict=True) if m.type != "PERSON" or len(s) > 1}
    table = registered or known(own)
    full = [_only_one(table.by_words.get(surface, ())) for surface in surfaces]
    linked = []
    for position, (mention, surface) in enumerate(zip(mentions, surfaces, strict=True)):
        nearby = [*reversed(full[:position]), *full[position + 1 :]]
        found = full[position] or next((other for other in nearby if other and _is_part(surface, table.words[other])), None)
        if found is None and registered is None:
            found = "-".join(surface)
        elif found is None:
            alike = table.by_word.get(surface[0], ()) if surface else ()
            found = _only_one([entity for entity in alike if _is_part(surface, table.words[entity])])
        linked.append(replace(mention, entity=found or None))
    return linked


def _is_part(surface: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return 0 < len(surface) < len(name) and set(surface) <= set(name)


def _only_one(candidates: Sequence[str]) -> str | None:
    return candidates[0] if len(candidates) == 1 else None


def score(tree: wirecopy.LabelTree, split: str) -> wirecopy.Report:
    """The scores of every layer that a tree holds."""
    return wirecopy.score(tree, split=split, breakdown=breakdown(split))


def breakdown(split: str) -> Literal["dirt"] | None:
    """How the scores of a split are broken down: by the kind of dirt where there are documents enough of each."""
    return "dirt" if split == SPLITS[0] else None


def run(
    task: str,
    systems: Mapping[str, System],
    *,
    splits: Sequence[str] = SPLITS,
    build: Path = BUILD,
    scorer: Callable[[wirecopy.LabelTree, str], wirecopy.Report] = score,
) -> list[Result]:
    """Fit and run the systems of a task.

    Each one's labels of all splits are written as one label tree below ``predictions/``, its scores below ``results/``.
    """
    results = []
    for name, system in systems.items():
        started = time.perf_counter()
        fitted = system()
        trees = {split: fitted.label(split) for split in splits}
        seconds = time.perf_counter() - started
        wirecopy.write_tree(joined(trees.values()), build / "predictions" / f"{task}-{name}")
        reports = {split: scorer(tree, split) for split, tree in trees.items()}
        result = Result(task, name, reports, fitted.choices, seconds)
        path = build / "results" / f"{task}-{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "task": task,
            "system": name,
            "seconds": round(seconds, 3),
            "settings": [asdict(choice) for choice in fitted.choices],
            "splits": {split: report.to_dict() for split, report in reports.items()},
        }
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
        results.append(result)
    return results


def joined(trees: Iterable[wirecopy.LabelTree]) -> wirecopy.LabelTree:
    """One tree with the labels of trees that label different documents in the same layers."""
    whole = wirecopy.LabelTree()
    for tree in trees:
        whole = wirecopy.LabelTree(
            segments=_both(whole.segments, tree.segments),
            quotes=_both(whole.quotes, tree.quotes),
            entities=_both(whole.entities, tree.entities),
            versions=None if tree.versions is None else [*(whole.versions or ()), *tree.versions],
            blocks=None if tree.blocks is None else [*(whole.blocks or ()), *tree.blocks],
        )
    return whole


def _both(
    first: Mapping[str, Sequence[Option]] | None, second: Mapping[str, Sequence[Option]] | None
) -> Mapping[str, Sequence[Option]] | None:
    return None if second is None else {**(first or {}), **second}


def main(runner: Callable[..., list[Result]]) -> None:
    """Run one task from the command line and print its scores."""
    # The table stands on what this module defines, so it is imported when it is needed.
    from table import show

    parser = ArgumentParser(description="Fit, predict and score the baselines of one task.")
    parser.add_argument("--split", choices=SPLITS, help="score one split alone (default: all)")
    split = parser.parse_args().split
    show(runner(splits=(split,) if split else SPLITS))
