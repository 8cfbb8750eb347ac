"""What the baselines share: rows held out by story, names and their ids, and running, scoring and writing a system.

A row is a story segment of a document: the blocks from one story's border to the next, with those that belong to no story.
"""

import json
import re
import time
from argparse import ArgumentParser
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import wirecopy

BUILD = Path(__file__).resolve().parents[1] / "build"
SPLIT = "wild"

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
class Fold:
    """Rows to fit on, with labels, and rows to predict, without."""

    train: tuple[Row, ...]
    held_out: tuple[Row, ...]


@dataclass(frozen=True)
class Result:
    """What came out of one system: its scores, and how long it took to fit and predict."""

    task: str
    system: str
    report: wirecopy.Report
    seconds: float


System = Callable[[str], wirecopy.LabelTree]
Scorer = Callable[[wirecopy.LabelTree, str], wirecopy.Report]


def documents(split: str) -> wirecopy.Corpus:
    """The documents of a split.

    Raises:
        ValueError: the split holds no document.
    """
    whole = wirecopy.corpus()
    part = whole.split(split)
    if not len(part):
        known = ", ".join(sorted({document.entry.split for document in whole.values()}))
        raise ValueError(f"split {split!r} holds no document; expected one of {known}")
    return part


def rows(split: str) -> list[Row]:
    """The rows of a split with their gold labels, in the order of documents and blocks."""
    gold = wirecopy.gold_tree()
    found = []
    for doc_id, document in documents(split).items():
        labels = {label.block: label for label in (gold.segments or {})[doc_id]}
        for run in wirecopy.story_runs(labels.values(), len(document.blocks)):
            lines = tuple(Line(block, document.blocks[block].start, document.block_text(block)) for block in run)
            stories = [labels[block].story for block in run]
            row = Row(
                doc_id=doc_id,
                story=next((story for story in stories if story is not None), doc_id),
                lines=lines,
                segments=tuple(labels[block] for block in run),
                quotes=tuple((gold.quotes or {})[doc_id]),
                entities=tuple((gold.entities or {})[doc_id]),
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


def hold_out(labelled: Iterable[Row], stories: Collection[str]) -> Fold:
    """A fold that predicts some stories and fits on all others.

    No line is fitted on whose text stands in a held-out row, not even where another story prints it too (a widget's mark).
    """
    labelled = list(labelled)
    held_out = tuple(Row(row.doc_id, row.story, row.lines) for row in labelled if row.story in stories)
    texts = {wirecopy.fold(line.text) for row in held_out for line in row.lines}
    train = []
    for row in labelled:
        lines = tuple(line for line in row.lines if wirecopy.fold(line.text) not in texts)
        if lines:
            train.append(_only(row, lines))
    return Fold(tuple(train), held_out)


def folds(split: str, *, together: int = 1) -> Iterator[Fold]:
    """What to fit on and what to predict, so that every row of a split is predicted.

    The split ``wild`` is for evaluation only and has few stories: there each story is held out in turn and the others are
    fitted on; with ``together`` 2 then each two stories at once, for tasks that look at pairs. Other splits are predicted
    from ``train``, in one fold.

    Raises:
        ValueError: the split holds no document, or is to be predicted from a ``train`` that holds none, or is ``train``.
    """
    if split == "train":
        raise ValueError("split 'train' is what the systems are fitted on; score another one")
    predicted = rows(split)
    stories = sorted({row.story for row in predicted})
    if split != SPLIT:
        yield hold_out([*rows("train"), *predicted], stories)
        return
    for size in range(1, together + 1):
        for held_out in combinations(stories, size):
            yield hold_out(predicted, held_out)


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


def link(mentions: Sequence[wirecopy.Mention], text: str, registry: Mapping[str, str] | None) -> list[wirecopy.Mention]:
    """Give mentions of one document their ids.

    A name has the id of the registry's only entry with the same words. A part of a person's name has the id of the person
    named in full last before it, else first after it, else of the only such person in the registry. Without a registry the
    words of the name make the id.

    Args:
        mentions: the mentions by offset.
        text: the text of the document.
        registry: names by id; None where a system has none.
    """
    surfaces = [words(text[mention.start : mention.end]) for mention in mentions]
    if registry is None:
        whole = {"-".join(s): s for m, s in zip(mentions, surfaces, strict=True) if m.type != "PERSON" or len(s) > 1}
    else:
        whole = {entity: words(name) for entity, name in registry.items()}
    by_words: dict[tuple[str, ...], list[str]] = {}
    for entity, name in whole.items():
        by_words.setdefault(name, []).append(entity)
    full = [_only_one(by_words.get(surface, ())) for surface in surfaces]
    linked = []
    for position, (mention, surface) in enumerate(zip(mentions, surfaces, strict=True)):
        nearby = [*reversed(full[:position]), *full[position + 1 :]]
        found = full[position] or next((other for other in nearby if other and _is_part(surface, whole[other])), None)
        if found is None and registry is None:
            found = "-".join(surface)
        elif found is None:
            found = _only_one([entity for entity, name in whole.items() if _is_part(surface, name)])
        linked.append(replace(mention, entity=found or None))
    return linked


def _is_part(surface: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return 0 < len(surface) < len(name) and set(surface) <= set(name)


def _only_one(candidates: Sequence[str]) -> str | None:
    return candidates[0] if len(candidates) == 1 else None


def registry() -> dict[str, str]:
    """The names of the entity registry by id."""
    return {entity: entry["name"] for entity, entry in wirecopy.read_registry("entities").items()}


def score(tree: wirecopy.LabelTree, split: str) -> wirecopy.Report:
    """The scores of every layer that a tree holds."""
    return wirecopy.score(tree, split=split)


def run(
    task: str, systems: Mapping[str, System], *, split: str = SPLIT, build: Path = BUILD, scorer: Scorer = score
) -> list[Result]:
    """Run the systems of a task: write each one's label tree below ``predictions/`` and its scores below ``results/``."""
    results = []
    for name, system in systems.items():
        started = time.perf_counter()
        tree = system(split)
        seconds = time.perf_counter() - started
        wirecopy.write_tree(tree, build / "predictions" / f"{task}-{name}")
        result = Result(task, name, scorer(tree, split), seconds)
        path = build / "results" / f"{task}-{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {"task": task, "system": name, "seconds": round(seconds, 3), **result.report.to_dict()}
        path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", "utf-8")
        results.append(result)
    return results


def main(runner: Callable[..., list[Result]]) -> None:
    """Run one task from the command line and print its scores."""
    # The table stands on what this module defines, so it is imported when it is needed.
    from table import show

    parser = ArgumentParser(description="Fit, predict and score the baselines of one task.")
    parser.add_argument("--split", default=SPLIT, help=f"the split to score (default: {SPLIT})")
    show(runner(split=parser.parse_args().split))
