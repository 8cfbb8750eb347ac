"""How far the authored text is from the real text: how well a classifier of words tells them apart.

Logistic regression over tf-idf of words tells authored from real passages: body blocks, and windows of a hundred words of the
body of a version. A text that is printed again counts once. Passages of one story are never on both sides: the authored ones
are held out by component, the real ones by story, since the real files are one component. There are few real passages, so each
fold is fitted on as many authored ones, drawn several times, and what the fits say is averaged.

Accuracy is balanced (the mean of the shares of authored and of real passages that are told right); beside it stands the share
of pairs of a real and an authored passage in the right order (the area under the ROC curve, inside folds), which does not hang
on the border of one half. 0.5 is chance for both. *Without names*: words with a capital, and numbers, are masked, so that the
subject counts less and the style more.

Run as ``make distance``; writes ``annotations/distance.json``, which DATASHEET.md shows.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import common
import numpy as np
import wirecopy
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from threadpoolctl import threadpool_limits

TARGET = Path(__file__).resolve().parents[1] / "annotations" / "distance.json"
REAL = "wild"
WINDOW = 100
HALF = 0.5
DRAWS = 20
SEED = 1
_NAME_OR_NUMBER = re.compile(r"\b(?:[^\W\d_a-z]\w*|\d[\w.,]*)")


@dataclass(frozen=True)
class Passage:
    """A piece of running text, where it is from, and what is held out with it."""

    text: str
    is_real: bool
    group: str


def bodies() -> Iterator[tuple[list[str], bool, str]]:
    """The body blocks of every version, whether they are real, and what they are held out with."""
    for split in ("train", "validation", "test", REAL):
        documents = common.documents(split)
        groups = components(split)
        for version in wirecopy.versions({doc_id: (common.gold().segments or {})[doc_id] for doc_id in documents}).values():
            blocks = [wirecopy.fold(documents[version.doc_id].block_text(block)) for block in version.body]
            yield blocks, split == REAL, version.story if split == REAL else groups[version.doc_id]


def components(split: str) -> dict[str, str]:
    """For every document of a split the first id among the documents that share a story with it, closed transitively."""
    first: dict[str, str] = {doc_id: doc_id for doc_id in common.documents(split)}
    stories: dict[str, set[str]] = {}
    for row in common.rows(split):
        stories.setdefault(row.story, set()).add(row.doc_id)
    for doc_ids in stories.values():
        tied = {first[doc_id] for doc_id in doc_ids}
        first = {doc_id: min(tied) if name in tied else name for doc_id, name in first.items()}
    return first


def blocks() -> list[Passage]:
    """Every body block, each text once."""
    found = (Passage(text, real, group) for texts, real, group in bodies() for text in texts)
    return list({(passage.text, passage.is_real): passage for passage in found}.values())


def windows() -> list[Passage]:
    """The body of every version in windows of a hundred words; what is left over at the end is dropped."""
    found = []
    for texts, real, group in bodies():
        words = " ".join(texts).split()
        starts = range(0, len(words) - WINDOW + 1, WINDOW)
        found += [Passage(" ".join(words[start : start + WINDOW]), real, group) for start in starts]
    return list({(passage.text, passage.is_real): passage for passage in found}.values())


def without_names(text: str) -> str:
    """The text with words that have a capital, and numbers, masked."""
    return _NAME_OR_NUMBER.sub(lambda match: "number" if match[0][0].isdigit() else "name", text)


def told(passages: Sequence[Passage], mask: Callable[[str], str]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """How likely every passage is real by a classifier that has seen none of its group, and the passage's fold.

    There are as many folds as real stories; the groups of the authored text are dealt out to them in turn.
    """
    real = sorted({passage.group for passage in passages if passage.is_real})
    authored = sorted({passage.group for passage in passages if not passage.is_real})
    fold_of = {group: place % len(real) for groups in (real, authored) for place, group in enumerate(groups)}
    folds = np.array([fold_of[passage.group] for passage in passages])
    is_real = np.array([passage.is_real for passage in passages])
    texts = np.array([mask(passage.text) for passage in passages], dtype=object)
    generator = np.random.default_rng(SEED)
    likely = np.zeros(len(passages))
    for fold in range(len(real)):
        inside = folds == fold
        seen_real, seen_authored = np.flatnonzero(~inside & is_real), np.flatnonzero(~inside & ~is_real)
        for _ in range(DRAWS):
            drawn = generator.choice(seen_authored, size=len(seen_real), replace=False)
            seen = np.concatenate([seen_real, drawn])
            words = TfidfVectorizer(token_pattern=r"\w+|[^\w\s]", sublinear_tf=True, min_df=2)
            with threadpool_limits(limits=1):
                model = make_pipeline(words, LogisticRegression(max_iter=1000)).fit(texts[seen], is_real[seen])
                likely[inside] += model.predict_proba(texts[inside])[:, 1] / DRAWS
    return likely, folds


def accuracy(passages: Sequence[Passage], mask: Callable[[str], str]) -> dict[str, Any]:
    """The balanced accuracy over passages, and what it is made of."""
    likely, folds = told(passages, mask)
    is_real = np.array([passage.is_real for passage in passages])
    right = {"authored": np.mean(likely[~is_real] < HALF), "real": np.mean(likely[is_real] >= HALF)}
    areas = [roc_auc_score(is_real[folds == fold], likely[folds == fold]) for fold in np.unique(folds)]
    return {
        "balanced_accuracy": round(float(sum(right.values()) / 2), 3),
        "right": {side: round(float(share), 3) for side, share in right.items()},
        "pairs_in_order": round(float(np.average(areas, weights=np.bincount(folds[is_real]))), 3),
        "passages": {"authored": int((~is_real).sum()), "real": int(is_real.sum())},
    }


def measure() -> Mapping[str, Any]:
    """All figures, with the hash of the data that they are of."""
    units = {"blocks": blocks(), f"windows of {WINDOW} words": windows()}
    masks: dict[str, Callable[[str], str]] = {"all words": lambda text: text, "without names": without_names}
    return {
        "hash": wirecopy.content_hash(),
        "figures": {unit: {name: accuracy(passages, mask) for name, mask in masks.items()} for unit, passages in units.items()},
    }


def main() -> None:
    """Measure, write, and print."""
    content = json.dumps(measure(), ensure_ascii=False, indent=2) + "\n"
    TARGET.write_text(content, "utf-8")
    print(content, end="")


if __name__ == "__main__":
    main()
