"""Named entities: runs of capitalised words with a gazetteer, and a token classifier with BIO decoding.

`gazetteer` knows the surfaces of training and takes them wherever they stand; any other run of capitalised words inside a
sentence is a PERSON. `tokens` is logistic regression over the word, its shape and its neighbours, decoded so that I- never stands after
O or after another type. Both give every mention the slug of its surface as id, so that *Kim* and *Kim Jong Un* are two things.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
import wirecopy
from common import Block, Fold, System, main
from numpy.typing import NDArray
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

Spans = list[tuple[int, int]]


def slug(surface: str) -> str:
    """An id made from a surface alone."""
    return re.sub(r"\W+", "-", surface.casefold()).strip("-")


def mention(block: Block, start: int, end: int, kind: str) -> wirecopy.Mention:
    """A mention from a span inside a block."""
    text = block.text[start:end]
    return wirecopy.Mention(start=block.start + start, end=block.start + end, text=text, type=kind, entity=slug(text))


def gazetteer(fold: Fold) -> wirecopy.LabelTree:
    """The longest known surface wins; unknown capitalised runs are PERSON, except a single word that opens a sentence."""
    counts: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for part in fold.train:
        for block in part.blocks:
            for known in block.mentions:
                counts[words(known["text"])][known["type"]] += 1
    types = {surface: min(kinds, key=lambda kind: (-kinds[kind], kind)) for surface, kinds in counts.items()}
    longest = max(map(len, types), default=0)
    entities: dict[str, list[wirecopy.Mention]] = {part.doc_id: [] for part in fold.held_out}
    for part in fold.held_out:
        for block in part.blocks:
            entities[part.doc_id].extend(mention(block, *found) for found in _runs(block.text, types, longest))
    return wirecopy.LabelTree(entities=entities)


def words(text: str) -> tuple[str, ...]:
    """The tokens of a text as strings."""
    return tuple(text[start:end] for start, end in wirecopy.tokenize(text))


def _runs(text: str, types: dict[tuple[str, ...], str], longest: int) -> Iterator[tuple[int, int, str]]:
    tokens = wirecopy.tokenize(text)
    surfaces = [text[start:end] for start, end in tokens]
    position = 0
    while position < len(tokens):
        for length in range(min(longest, len(tokens) - position), 0, -1):
            kind = types.get(tuple(surfaces[position : position + length]))
            if kind is not None:
                break
        else:
            length = 0
            while position + length < len(tokens) and surfaces[position + length][0].isupper():
                length += 1
            opens = position == 0 or surfaces[position - 1] in '.!?"“:'
            kind = "PERSON" if length > 1 or (length == 1 and not opens) else None
        if kind is not None:
            yield tokens[position][0], tokens[position + length - 1][1], kind
        position += max(length, 1)


def features(surfaces: Sequence[str], i: int) -> dict[str, str | bool]:
    """What the classifier sees of a token: itself, its shape and two neighbours on either side."""
    word = surfaces[i]
    seen: dict[str, str | bool] = {
        "word": word.lower(),
        "shape": shape(word),
        "suffix": word[-3:].lower(),
        "prefix": word[:2].lower(),
        "opens": i == 0 or surfaces[i - 1] in '.!?"“:',
    }
    for offset in (-2, -1, 1, 2):
        near = surfaces[i + offset] if 0 <= i + offset < len(surfaces) else "#"
        seen[f"word{offset}"] = near.lower()
        seen[f"shape{offset}"] = shape(near)
    return seen


def shape(word: str) -> str:
    """The word with runs of capitals, small letters and digits as X, x and 9."""
    return re.sub(r"\d+", "9", re.sub(r"[^\W\dX]+", "x", re.sub(r"[A-ZÀ-Þ]+", "X", word)))


def tokens(fold: Fold) -> wirecopy.LabelTree:
    """Fit on the tokens of training, decode the best legal sequence of tags of every block."""
    rows: list[dict[str, str | bool]] = []
    tags: list[str] = []
    for part in fold.train:
        for block in part.blocks:
            spans = wirecopy.tokenize(block.text)
            surfaces = [block.text[start:end] for start, end in spans]
            rows.extend(features(surfaces, i) for i in range(len(spans)))
            tags.extend(_tags(block, spans))
    vectorizer = DictVectorizer()
    model = LogisticRegression(C=10.0, max_iter=400).fit(vectorizer.fit_transform(rows), tags)
    names = [str(name) for name in model.classes_]
    entities: dict[str, list[wirecopy.Mention]] = {part.doc_id: [] for part in fold.held_out}
    for part in fold.held_out:
        for block in part.blocks:
            spans = wirecopy.tokenize(block.text)
            surfaces = [block.text[start:end] for start, end in spans]
            given = [features(surfaces, i) for i in range(len(spans))]
            if not given:
                continue
            best = decode(model.predict_log_proba(vectorizer.transform(given)), names)
            entities[part.doc_id].extend(mention(block, *found) for found in chunks(best, spans))
    return wirecopy.LabelTree(entities=entities)


def _tags(block: Block, spans: Spans) -> list[str]:
    tags = ["O"] * len(spans)
    for known in block.mentions:
        prefix = "B"
        for i, (start, end) in enumerate(spans):
            if known["start"] <= block.start + start and block.start + end <= known["end"]:
                tags[i] = f"{prefix}-{known['type']}"
                prefix = "I"
    return tags


def follows(before: str, after: str) -> bool:
    """Whether a tag may stand after another: I- only after B- or I- of its type."""
    return not after.startswith("I-") or before[1:] == after[1:]


def decode(scores: NDArray[np.float64], names: Sequence[str]) -> list[str]:
    """The legal sequence of tags with the highest total; ``scores`` has the shape (tokens, tags)."""
    legal = np.array([[0.0 if follows(a, b) else -np.inf for b in names] for a in names])
    first = np.array([-np.inf if name.startswith("I-") else 0.0 for name in names])
    total = scores[0] + first
    back = []
    for row in scores[1:]:
        paths = total[:, None] + legal
        back.append(paths.argmax(axis=0))
        total = paths.max(axis=0) + row
    tag = int(total.argmax())
    best = [tag]
    for step in reversed(back):
        tag = int(step[tag])
        best.append(tag)
    return [names[tag] for tag in reversed(best)]


def chunks(tags: Sequence[str], spans: Spans) -> Iterator[tuple[int, int, str]]:
    """The mentions that legal BIO tags stand for: start, end and type."""
    current: tuple[int, int, str] | None = None
    for tag, (start, end) in zip(tags, spans, strict=True):
        if tag.startswith("I-") and current is not None:
            current = (current[0], end, current[2])
            continue
        if current is not None:
            yield current
        current = (start, end, tag[2:]) if tag.startswith("B-") else None
    if current is not None:
        yield current


SYSTEMS = (System("entities", "gazetteer", gazetteer), System("entities", "tokens", tokens))

if __name__ == "__main__":
    main(SYSTEMS)
