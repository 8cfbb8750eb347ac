"""Stories, roles and topics of a page: one story and all body, or repeated headlines, cohesion and a role classifier.

``one-story`` (floor): no border, every block is body. ``cohesion``: a story begins at a headline that is printed again soon
after, or at the gap with the least words in common before and after; roles come from logistic regression over the form of a
block (length, place, repetition, punctuation, capitals, dates); topics begin where neighbouring blocks share few words.

What it cannot do: the thresholds of borders are fixed by hand, not fitted; topics have made-up names, since a topic of an
unseen story has none to learn; a role that training lacks is never given (in ``wild``, with the story held out that most files
tell, training has neither links nor legal lines).
"""

import re
from collections import Counter
from collections.abc import Sequence
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
SHORTEST_STORY = 4
# Below this cosine the texts before and after a gap tell two stories.
STORY_COSINE = 0.1
TOPIC_WINDOW = 3
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


def story_starts(texts: Sequence[str]) -> list[int]:
    """The blocks that begin a story, the first block included.

    A block begins one when it is printed again within ten blocks and reads as a headline, or when the running text from it on
    shares few words with the running text before it and no other gap shares fewer; either way both sides hold running text.
    """
    folded = [wirecopy.fold(text) for text in texts]
    vectors = counts(texts)
    is_long = np.array([size(text) >= LONG for text in texts])
    starts = [0]
    for block in range(1, len(texts)):
        before, after = is_long[starts[-1] : block], is_long[block:]
        if min(before.sum(), after.sum()) < SHORTEST_STORY:
            continue
        again = folded[block] in folded[block + 1 : block + 1 + NEAR] and folded[block] not in folded[:block]
        if again and is_headline(texts[block]):
            starts.append(block)
    for start, end in reversed(list(zip(starts, [*starts[1:], len(texts)], strict=True))):
        inside = [
            gap for gap in range(start + 1, end) if min(is_long[start:gap].sum(), is_long[gap:end].sum()) >= SHORTEST_STORY
        ]
        likeness = {gap: cosine(vectors[start:gap].sum(axis=0), vectors[gap:end].sum(axis=0)) for gap in inside}
        if likeness:
            weakest = min(likeness, key=lambda gap: (likeness[gap], gap))
            if likeness[weakest] < STORY_COSINE:
                starts.append(weakest)
    return sorted(starts)


def is_headline(text: str) -> bool:
    """Whether a line reads as a headline: four to twenty words, no full stop at its end."""
    return 4 <= size(text) <= 20 and text[-1].isalnum()


def topic_starts(texts: Sequence[str]) -> list[int]:
    """The texts that begin a topic: where cohesion dips half a standard deviation deeper than on average (TextTiling)."""
    vectors = counts(texts)
    gaps = range(1, len(texts))
    cohesion = [
        cosine(vectors[max(0, gap - TOPIC_WINDOW) : gap].sum(axis=0), vectors[gap : gap + TOPIC_WINDOW].sum(axis=0))
        for gap in gaps
    ]
    depths = []
    for place, value in enumerate(cohesion):
        left = _climb(cohesion[place::-1])
        right = _climb(cohesion[place:])
        depths.append(left + right - 2 * value)
    if not depths:
        return [0] if texts else []
    limit = float(np.mean(depths) + np.std(depths) / 2)
    return [0, *(gap for gap, depth in zip(gaps, depths, strict=True) if depth > limit)]


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


def fit(rows: Sequence[common.Row]) -> Pipeline:
    """A classifier of roles, from the blocks of the training rows."""
    features = [row_features for row in rows for row_features in role_features([line.text for line in row.lines])]
    roles = [label.role for row in rows for label in row.segments]
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(features, roles)


def predict(model: Pipeline, document: wirecopy.Document) -> list[wirecopy.BlockLabel]:
    """The labels of all blocks of a document."""
    texts = [document.block_text(block) for block in range(len(document.blocks))]
    starts = story_starts(texts)
    labels = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(texts)], strict=True), 1):
        roles = [str(role) for role in model.predict(role_features(texts[start:end]))]
        topical = [start + place for place, role in enumerate(roles) if role in TOPICAL]
        begins = {topical[place] for place in topic_starts([texts[block] for block in topical])}
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


def one_story(split: str) -> wirecopy.LabelTree:
    """The floor's labels of a split."""
    return wirecopy.LabelTree(
        segments={
            doc_id: [
                wirecopy.BlockLabel(block=block, role="body", story="story-1", topic="topic-1")
                for block in range(len(document.blocks))
            ]
            for doc_id, document in common.documents(split).items()
        }
    )


def find(split: str) -> dict[str, list[wirecopy.BlockLabel]]:
    """The labels by cohesion and classifier of every document; each block by the model that was not fitted on its story."""
    corpus = common.documents(split)
    found: dict[str, list[wirecopy.BlockLabel]] = {}
    for fold in common.folds(split):
        model = fit(fold.train)
        for row in fold.held_out:
            own = {line.number for line in row.lines}
            found.setdefault(row.doc_id, []).extend(label for label in predict(model, corpus[row.doc_id]) if label.block in own)
    return {doc_id: sorted(labels, key=lambda label: label.block) for doc_id, labels in found.items()}


def cohesion(split: str) -> wirecopy.LabelTree:
    """The labels by cohesion and classifier of a split."""
    return wirecopy.LabelTree(segments=find(split))


SYSTEMS: dict[str, common.System] = {"one-story": one_story, "cohesion": cohesion}


def run(**options: Any) -> list[common.Result]:
    """Run both systems; options are those of `common.run`."""
    return common.run(TASK, SYSTEMS, **options)


if __name__ == "__main__":
    common.main(run)
