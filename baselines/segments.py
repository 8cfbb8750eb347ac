"""Stories, roles and topics of a page: one story and all body, or classifiers of borders and of roles, and cohesion.

``one-story`` (floor): no border, every block is body. ``cohesion``: logistic regression says how likely a story begins at a
block, from the words and names that the running text before and after it has in common and from what reads as a headline, and
the likeliest blocks are taken; roles come from logistic regression over the form of a block (length, place, repetition,
punctuation, capitals, dates); topics begin where neighbouring blocks share few words.

What it cannot do: a story that is interrupted by another one is cut in two; topics have made-up names, since a topic of an
unseen story has none to learn; roles are told by form, so that a link and a headline of the same form are one to it.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import common
import numpy as np
import wirecopy
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

TASK = "segments"
# A running text's block has at least this many words.
LONG = 15
# A headline is printed again within so many blocks.
NEAR = 10
# A story has at least so many long blocks.
SHORTEST_STORY = 2
# So many long blocks stand for the text beside a gap.
BESIDE = 4
# What is tried: how likely a block must begin a story; how many blocks are compared, and how many standard deviations deeper
# than on average cohesion must dip, where a topic begins; how weakly the classifier of roles is held to small weights.
LIKELY = (0.1, 0.2, 0.3, 0.5)
WINDOWS = (1, 2, 3)
DEPTHS = (-1.0, -0.5, 0.0, 0.5)
STRENGTHS = (0.1, 1.0, 10.0)
STORYLESS = ("related", "boilerplate")
TOPICAL = ("body", "subheading")
_DATE = re.compile(r"\b(?:19|20)\d\d\b|\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|\d\d:\d\d", re.IGNORECASE)
_CREDIT = re.compile(r"\b(?:via|photo|file|picture|AP|AFP|Reuters|dpa|EPA)\b[^()]*\)\s*$")
_PROMPT = re.compile(r"\b(?:sign up|subscribe|newsletter|comments?|privacy|rights|read more|share|back to)\b|©", re.IGNORECASE)
_BULLET = re.compile(r"^\[|\]$|\|")


def size(text: str) -> int:
    """The number of words."""
    return len(text.split())


def counts(texts: Sequence[str]) -> NDArray[np.float64]:
    """The words of four letters or more of every text, counted; one row a text."""
    words = [[word for word in common.words(text) if len(word) >= 4] for text in texts]
    columns = {word: column for column, word in enumerate(sorted({word for row in words for word in row}))}
    matrix = np.zeros((len(texts), len(columns)))
    for place, row in enumerate(words):
        for word in row:
            matrix[place, columns[word]] += 1
    return matrix


def cosine(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The cosine of two vectors; 0.0 where one is empty."""
    norms = float(np.linalg.norm(a) * np.linalg.norm(b))
    return float(a @ b) / norms if norms else 0.0


def border_features(texts: Sequence[str]) -> list[list[float]]:
    """What the border classifier sees of every block but the first: what stands before it, in it and after it."""
    folded = [wirecopy.fold(text) for text in texts]
    vectors = counts(texts)
    terms = [{word for word in common.words(text) if len(word) >= 4} for text in texts]
    called = [{word for start, end in common.names(text) for word in common.words(text[start:end])} for text in texts]
    is_long = [size(text) >= LONG for text in texts]
    features = []
    for block in range(1, len(texts)):
        before = [other for other in range(block) if is_long[other]]
        after = [other for other in range(block, len(texts)) if is_long[other]]
        near_before, near_after = before[-BESIDE:], after[:BESIDE]
        again = folded[block] in folded[block + 1 : block + 1 + NEAR] and folded[block] not in folded[:block]
        told_before = _share(terms[block], (terms[other] for other in before))
        told_after = _share(terms[block], (terms[other] for other in near_after))
        features.append(
            [
                cosine(vectors[before].sum(axis=0), vectors[after].sum(axis=0)),
                cosine(vectors[near_before].sum(axis=0), vectors[near_after].sum(axis=0)),
                _share(set().union(*(called[other] for other in near_after)), (called[other] for other in before)),
                told_before,
                told_after,
                told_after - told_before,
                float(is_headline(texts[block])),
                float(again and is_headline(texts[block])),
                float(len(near_before)),
                float(len(near_after)),
                float(is_long[block]),
                float(is_long[block - 1]),
                float(min(after[0] - block, BESIDE) if after else BESIDE),
                float(bool(_PROMPT.search(texts[block - 1]))),
            ]
        )
    return features


def _share(words: set[str], others: Iterable[set[str]]) -> float:
    """The share of some words that stand in others."""
    return len(words & set().union(*others)) / len(words) if words else 0.0


def story_starts(model: Pipeline, likely: float, texts: Sequence[str]) -> list[int]:
    """The blocks that begin a story, the first block included.

    The likeliest blocks begin one, as long as they are as likely as asked for and running text stands on both sides.
    """
    features = border_features(texts)
    if not features:
        return [0]
    scores = model.predict_proba(features)[:, 1]
    is_long = np.array([size(text) >= LONG for text in texts])
    starts = [0]
    for place in np.argsort(-scores, kind="stable"):
        block = int(place) + 1
        if scores[place] < likely:
            break
        begin = max(start for start in starts if start < block)
        end = min([start for start in starts if start > block], default=len(texts))
        if min(is_long[begin:block].sum(), is_long[block:end].sum()) >= SHORTEST_STORY:
            starts.append(block)
    return sorted(starts)


def is_headline(text: str) -> bool:
    """Whether a line reads as a headline: four to twenty words, no full stop at its end."""
    return 4 <= size(text) <= 20 and text[-1].isalnum()


def topic_starts(window: int, depth: float, texts: Sequence[str]) -> list[int]:
    """The texts that begin a topic: where cohesion dips so many standard deviations deeper than on average (TextTiling)."""
    vectors = counts(texts)
    gaps = range(1, len(texts))
    cohesion = [
        cosine(vectors[max(0, gap - window) : gap].sum(axis=0), vectors[gap : gap + window].sum(axis=0)) for gap in gaps
    ]
    depths = []
    for place, value in enumerate(cohesion):
        left = _climb(cohesion[place::-1])
        right = _climb(cohesion[place:])
        depths.append(left + right - 2 * value)
    if not depths:
        return [0] if texts else []
    limit = float(np.mean(depths) + depth * np.std(depths))
    return [0, *(gap for gap, dip in zip(gaps, depths, strict=True) if dip > limit)]


def _climb(values: Sequence[float]) -> float:
    """The height that is reached going up from the first value before it goes down again."""
    top = values[0]
    for value in values:
        if value < top:
            break
        top = value
    return top


def role_features(texts: Sequence[str]) -> list[list[float]]:
    """What the role classifier sees of every block of a story segment: its form, never its words."""
    folded = [wirecopy.fold(text) for text in texts]
    repeats = Counter(folded)
    first_long = next((place for place, text in enumerate(texts) if size(text) >= LONG), len(texts))
    seen: Counter[str] = Counter()
    features = []
    for place, text in enumerate(texts):
        letters = [character for character in text if character.isalpha()]
        parts = text.split()
        neighbours = [texts[other] for other in (place - 1, place + 1) if 0 <= other < len(texts)]
        features.append(
            [
                float(np.log1p(len(parts))),
                float(len(parts) >= LONG),
                float(len(parts) <= 3),
                place / len(texts),
                float(place == 0),
                float(place > first_long),
                float(repeats[folded[place]] > 1),
                float(seen[folded[place]]),
                float(text[-1] in '.!?"”»'),
                float(text[-1].isalnum()),
                float(text[0] in "'\"‘“«" and text[-1] in "'\"’”»"),
                sum(character.isupper() for character in letters) / max(len(letters), 1),
                sum(part[0].isupper() for part in parts) / len(parts),
                sum(character.isdigit() for character in text) / len(text),
                float(bool(_DATE.search(text))),
                float(bool(_CREDIT.search(text))),
                float(bool(_PROMPT.search(text))),
                float(bool(_BULLET.search(text))),
                float(np.mean([size(neighbour) >= LONG for neighbour in neighbours]) if neighbours else 0.0),
            ]
        )
        seen[folded[place]] += 1
    return features


@dataclass(frozen=True)
class Model:
    """The classifiers of borders and roles, and the settings of borders and topics."""

    borders: Pipeline
    roles: Pipeline
    likely: float
    window: int
    depth: float


def fit_roles(rows: Sequence[common.Row], strength: float) -> Pipeline:
    """A classifier of roles, from the blocks of the training rows."""
    features = [row_features for row in rows for row_features in role_features([line.text for line in row.lines])]
    roles = [label.role for row in rows for label in row.segments]
    return _classifier(strength).fit(features, roles)


def fit_borders(rows: Sequence[common.Row]) -> Pipeline:
    """A classifier of the blocks that begin a story, from the documents of the training rows."""
    features, begins = [], []
    for own in by_document(rows).values():
        starts = {row.lines[0].number for row in own}
        lines = [line for row in own for line in row.lines]
        features += border_features([line.text for line in lines])
        begins += [line.number in starts for line in lines[1:]]
    return _classifier(1.0).fit(features, begins)


def _classifier(strength: float) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=strength, max_iter=1000))


def by_document(rows: Iterable[common.Row]) -> dict[str, list[common.Row]]:
    """The rows of every document."""
    found: dict[str, list[common.Row]] = {}
    for row in rows:
        found.setdefault(row.doc_id, []).append(row)
    return found


def predict(model: Model, document: wirecopy.Document) -> list[wirecopy.BlockLabel]:
    """The labels of all blocks of a document."""
    texts = [document.block_text(block) for block in range(len(document.blocks))]
    starts = story_starts(model.borders, model.likely, texts)
    labels = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(texts)], strict=True), 1):
        roles = [str(role) for role in model.roles.predict(role_features(texts[start:end]))]
        topical = [start + place for place, role in enumerate(roles) if role in TOPICAL]
        begins = {topical[place] for place in topic_starts(model.window, model.depth, [texts[block] for block in topical])}
        topic = 0
        for block, role in enumerate(roles, start):
            topic += block in begins
            labels.append(
                wirecopy.BlockLabel(
                    block=block,
                    role=role,
                    story=None if role in STORYLESS else f"story-{number}",
                    topic=f"topic-{topic}" if role in TOPICAL else None,
                )
            )
    return labels


def find(model: Model, split: str) -> dict[str, list[wirecopy.BlockLabel]]:
    """The labels by classifiers and cohesion of every document."""
    return {doc_id: predict(model, document) for doc_id, document in common.documents(split).items()}


@cache
def tuned() -> tuple[Model, tuple[common.Choice, ...]]:
    """The classifiers, with the settings that do best: of roles, then of borders, then of topics."""
    rows = common.training()

    def label(model: Model) -> wirecopy.LabelTree:
        return wirecopy.LabelTree(segments=find(model, common.VALIDATION))

    model = Model(fit_borders(rows), fit_roles(rows, STRENGTHS[0]), LIKELY[0], WINDOWS[0], DEPTHS[0])
    by_strength = {str(strength): replace(model, roles=fit_roles(rows, strength)) for strength in STRENGTHS}
    model, roles = common.choose("C of roles", by_strength, label, "segments/roles")
    by_likely = {str(likely): replace(model, likely=likely) for likely in LIKELY}
    model, borders = common.choose("likelihood of a border", by_likely, label, "segments/stories")
    by_dip = {f"{window} blocks, {depth}": replace(model, window=window, depth=depth) for window in WINDOWS for depth in DEPTHS}
    model, topics = common.choose("window and depth of topics", by_dip, label, "segments/topics")
    return model, (roles, borders, topics)


def one_story() -> common.Fitted:
    """The floor."""

    def label(split: str) -> wirecopy.LabelTree:
        return wirecopy.LabelTree(
            segments={
                doc_id: [
                    wirecopy.BlockLabel(block=block, role="body", story="story-1", topic="topic-1")
                    for block in range(len(document.blocks))
                ]
                for doc_id, document in common.documents(split).items()
            }
        )

    return common.Fitted(label)


def cohesion() -> common.Fitted:
    """The classifiers and cohesion."""
    model, choices = tuned()
    return common.Fitted(lambda split: wirecopy.LabelTree(segments=find(model, split)), choices)


SYSTEMS: dict[str, common.System] = {"one-story": one_story, "cohesion": cohesion}


def run(**options: Any) -> list[common.Result]:
    """Run both systems; options are those of `common.run`."""
    return common.run(TASK, SYSTEMS, **options)


if __name__ == "__main__":
    common.main(run)
