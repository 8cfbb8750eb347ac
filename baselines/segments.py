"""Topic segments: one story and no border, and borders where a headline comes back or the vocabulary changes.

`one-story` calls every block the body of one story. `headlines` begins a new story where a line that stands twice in the file
has words that the text before it has not, begins a topic where neighbouring blocks share little vocabulary, and learns roles
from features of a block. It has no notion of what a story or a topic is about: their names are made up. The rules for borders
were written by people who knew the files: read their scores so.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
import wirecopy
from common import Fold, Part, System, fold_text, main
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

NULL_STORY_ROLES = ("related", "boilerplate")
TOPIC_ROLES = ("body", "subheading")
# Fixed, not learnt: with one story of more than one segment in all real files there is nothing to learn them from.
SHARED_WORDS = 0.5
COHESION = 0.06
# A story has more blocks than its headline and captions, printed twice.
LEAST_BLOCKS = 8

Features = dict[str, str | bool | float]


def one_story(fold: Fold) -> wirecopy.LabelTree:
    """Every block is the body of one story and of one topic."""
    segments: dict[str, list[wirecopy.BlockLabel]] = {part.doc_id: [] for part in fold.held_out}
    for part in fold.held_out:
        for block in part.blocks:
            label = wirecopy.BlockLabel(block=block.number, role="body", story=part.doc_id, topic="topic")
            segments[part.doc_id].append(label)
    return wirecopy.LabelTree(segments=segments)


def texts_of(doc_id: str) -> list[str]:
    """The texts of all blocks of a document."""
    document = wirecopy.corpus()[doc_id]
    return [document.block_text(block) for block in range(len(document.blocks))]


def features(texts: Sequence[str], i: int) -> Features:
    """What the role classifier sees of block ``i`` of a document: form, place and repetition, but no words of a story."""
    text = texts[i]
    words = text.split()
    folded = [fold_text(other) for other in texts]
    return {
        "words": str(min(len(words) // 4, 8)),
        "ends": text[-1] if not text[-1].isalnum() else "x",
        "starts": "X" if text[0].isupper() else "9" if text[0].isdigit() else text[0] if not text[0].isalnum() else "x",
        "capitals": round(sum(word[0].isupper() for word in words) / len(words), 1),
        "repeated": folded.count(folded[i]) > 1,
        "repeats before": folded[i] == folded[i - 1] if i else False,
        "repeats after": folded[i] == folded[i + 1] if i + 1 < len(texts) else False,
        "first": i == 0,
        "last": i == len(texts) - 1,
        "early": i < 8,
        "credit": bool(re.search(r"\((?:[^()]*/)?[^()]*\)$", text)),
        "year": bool(re.search(r"\b(?:19|20)\d\d\b", text)),
        "clock": bool(re.search(r"\b\d\d?:\d\d\b", text)),
        "copyright": bool(re.search(r"©|copyright|rights reserved|trademarks?", text, re.IGNORECASE)),
        "list": text.count(",") + text.count("|") > len(words) / 4,
        "sentence": bool(re.search(r"[a-z][.!?][”\"]?$", text)),
        "marked": text[0] in "'‘“\"" and text[-1] in "'’”\"" and len(words) < 8,
        "link": bool(re.search(r"Opens in new|Related|More |Sign up|newsletter|comment", text, re.IGNORECASE)),
    }


class Roles:
    """A role classifier over blocks."""

    def __init__(self, train: Sequence[Part]) -> None:
        """Fit on the blocks of training parts."""
        self._vectorizer = DictVectorizer()
        rows, roles = [], []
        for part in train:
            texts = texts_of(part.doc_id)
            rows.extend(features(texts, block.number) for block in part.blocks)
            roles.extend(block.role for block in part.blocks)
        self._model = LogisticRegression(C=3.0, max_iter=1000).fit(self._vectorizer.fit_transform(rows), roles)

    def predict(self, texts: Sequence[str]) -> list[str]:
        """The role of every block of a document."""
        rows = [features(texts, i) for i in range(len(texts))]
        return [str(role) for role in self._model.predict(self._vectorizer.transform(rows))]


def words_of(text: str) -> set[str]:
    """The words of four letters or more."""
    return set(re.findall(r"\w{4,}", text.casefold()))


def story_starts(texts: Sequence[str]) -> list[int]:
    """The blocks where a story begins: the first, and every line printed twice whose words the story before it lacks."""
    counts = Counter(fold_text(text) for text in texts)
    starts = [0]
    for i in range(1, len(texts)):
        before = set().union(*(words_of(text) for text in texts[starts[-1] : i]))
        own = words_of(texts[i])
        twice = counts[fold_text(texts[i])] > 1 and fold_text(texts[i]) not in {fold_text(text) for text in texts[:i]}
        if twice and len(own) > 2 and len(own & before) < SHARED_WORDS * len(own) and i - starts[-1] > LEAST_BLOCKS:
            starts.append(i)
    return starts


def topic_starts(texts: Sequence[str], roles: Sequence[str]) -> list[int]:
    """Positions of body blocks and subheadings before which the vocabulary changes."""
    places = [i for i, role in enumerate(roles) if role in TOPIC_ROLES]
    if len(places) < 2:
        return []
    matrix = TfidfVectorizer(token_pattern=r"\w{3,}", stop_words="english").fit_transform([texts[i] for i in places])
    cosines = np.asarray(matrix[:-1].multiply(matrix[1:]).sum(axis=1)).ravel()
    return [place for place, cosine in zip(places[1:], cosines, strict=True) if cosine < COHESION]


def headlines(fold: Fold) -> wirecopy.LabelTree:
    """Borders from the whole file, which needs no training; roles from a classifier that has not seen the story."""
    roles = Roles(fold.train)
    segments: dict[str, list[wirecopy.BlockLabel]] = {part.doc_id: [] for part in fold.held_out}
    for doc_id in segments:
        held_out = {block.number for part in fold.held_out if part.doc_id == doc_id for block in part.blocks}
        segments[doc_id] = [label for label in document_labels(doc_id, roles) if label.block in held_out]
    return wirecopy.LabelTree(segments=segments)


def document_labels(doc_id: str, roles: Roles) -> list[wirecopy.BlockLabel]:
    """The labels of all blocks of a document."""
    texts = texts_of(doc_id)
    found = roles.predict(texts)
    stories, topics = story_starts(texts), topic_starts(texts, found)
    labels = []
    for i, role in enumerate(found):
        story = f"{doc_id}-{sum(start <= i for start in stories)}"
        topic = f"topic-{sum(start <= i for start in topics)}"
        labels.append(
            wirecopy.BlockLabel(
                block=i,
                role=role,
                story=None if role in NULL_STORY_ROLES else story,
                topic=topic if role in TOPIC_ROLES else None,
            )
        )
    return labels


SYSTEMS = (System("segments", "one-story", one_story), System("segments", "headlines", headlines))

if __name__ == "__main__":
    main(SYSTEMS)
