"""Story versions and blocks that were copied, by equal text and by overlap.

``hash`` (floor): two versions are identical when their body blocks are, after white space is collapsed; no block is aligned.
``overlap``: blocks that share three words in a row are compared by what they share, and logistic regression classes them as
none, partial or edited; another one classes versions by the share of aligned body blocks, by word 5-grams and by the cosine of
their words. *identical* is computed, and blocks of unrelated versions are aligned with nothing.

What it cannot do: a block that was rewritten in other words shares no three of them in a row and is no candidate; reports of
one event are told from reports of a similar one by their words alone.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations
from typing import Any

import common
import wirecopy
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

TASK = "duplicates"
NONE = "none"
UNRELATED = "unrelated"
# What is tried: how likely two blocks must be aligned.
LIKELY = (0.2, 0.3, 0.5)
Grams = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Passage:
    """A block of a version."""

    number: int
    text: str
    words: tuple[str, ...]
    trigrams: Grams


@dataclass(frozen=True)
class Copy:
    """A version with its blocks; ``body`` holds the numbers of its body blocks, ``grams`` its word 5-grams."""

    name: str
    doc_id: str
    passages: tuple[Passage, ...]
    body: tuple[int, ...]
    grams: Grams

    @property
    def body_texts(self) -> tuple[str, ...]:
        """The body blocks, white space collapsed."""
        return tuple(passage.text for passage in self.passages if passage.number in self.body)


@dataclass(frozen=True)
class Model:
    """Classifiers of block pairs and of version pairs, and how likely two blocks must be aligned."""

    blocks: Pipeline
    versions: Pipeline
    likely: float = LIKELY[0]


def ngrams(words: Sequence[str], size: int) -> Grams:
    """The runs of ``size`` words."""
    return frozenset(zip(*(words[start:] for start in range(size)), strict=False))


def copies(segments: Mapping[str, Iterable[wirecopy.BlockLabel]]) -> list[Copy]:
    """The versions of block labels, with their text."""
    corpus = common.corpus()
    found = []
    for version in wirecopy.versions({doc_id: list(labels) for doc_id, labels in segments.items()}).values():
        texts = {block: wirecopy.fold(corpus[version.doc_id].block_text(block)) for block in version.blocks}
        passages = []
        for block, text in texts.items():
            words = common.words(text)
            passages.append(Passage(block, text, words, ngrams(words, 3)))
        grams = ngrams(common.words("\n".join(texts.values())), 5)
        found.append(Copy(version.version, version.doc_id, tuple(passages), version.body, grams))
    return found


def contained(a: Grams, b: Grams) -> tuple[float, float]:
    """The shared n-grams as a share of the smaller and of the larger set."""
    sizes = sorted((len(a), len(b)))
    shared = len(a & b)
    return (shared / sizes[0] if sizes[0] else 0.0, shared / sizes[1] if sizes[1] else 0.0)


def block_features(a: Passage, b: Passage) -> list[float]:
    """What two blocks share, as shares of the shorter and of the longer one: word trigrams, then words."""
    words = contained(frozenset((word,) for word in a.words), frozenset((word,) for word in b.words))
    return [*contained(a.trigrams, b.trigrams), *words]


def candidates(a: Copy, b: Copy) -> list[tuple[Passage, Passage]]:
    """Pairs of blocks that share three words in a row and are not identical."""
    pairs = [(one, other) for one in a.passages for other in b.passages if one.trigrams & other.trigrams]
    return [(one, other) for one, other in pairs if one.text != other.text]


def block_relations(model: Model, a: Copy, b: Copy) -> dict[tuple[int, int], str]:
    """The aligned blocks of two versions by their numbers, *identical* left out."""
    found = {}
    compared = candidates(a, b)
    if compared:
        names = [str(name) for name in model.blocks[-1].classes_]
        scores = model.blocks.predict_proba([block_features(one, other) for one, other in compared])
        for (one, other), row in zip(compared, scores, strict=True):
            likely = dict(zip(names, row, strict=True))
            if 1 - likely.pop(NONE) >= model.likely:
                found[one.number, other.number] = max(likely, key=lambda name: likely[name])
    return found


def aligned_share(a: Copy, b: Copy, aligned: Iterable[tuple[int, int]]) -> float:
    """The share of the shorter version's body blocks that stand in the other one, identical or aligned."""
    pairs = set(aligned)
    pairs |= {(one.number, other.number) for one in a.passages for other in b.passages if one.text == other.text}
    sides = ((a.body, {one for one, _ in pairs}), (b.body, {other for _, other in pairs}))
    body, found = min(sides, key=lambda side: len(side[0]))
    return sum(block in found for block in body) / len(body) if body else 0.0


def cosine(a: Copy, b: Copy) -> float:
    """The cosine of the words of two versions, English stop words left out."""
    one, other = (Counter(w for p in copy.passages for w in p.words if w not in ENGLISH_STOP_WORDS) for copy in (a, b))
    norms = math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))
    return sum(count * other[word] for word, count in one.items()) / norms if norms else 0.0


def version_features(a: Copy, b: Copy, aligned: Iterable[tuple[int, int]]) -> list[float]:
    """The share of aligned body blocks, of word 5-grams (of the smaller and the larger set), and the cosine of words."""
    return [aligned_share(a, b, aligned), *contained(a.grams, b.grams), cosine(a, b)]


def version_relations(
    model: Model, compared: Sequence[tuple[Copy, Copy]], aligned: Sequence[Iterable[tuple[int, int]]]
) -> list[str]:
    """The relations of pairs of versions, given their aligned blocks."""
    features = [version_features(a, b, blocks) for (a, b), blocks in zip(compared, aligned, strict=True)]
    classes = model.versions.predict(features) if features else []
    return ["identical" if is_identical(a, b) else str(name) for (a, b), name in zip(compared, classes, strict=True)]


def is_identical(a: Copy, b: Copy) -> bool:
    """Whether two versions have the same body, and have one."""
    return bool(a.body) and a.body_texts == b.body_texts


def pairs(found: Sequence[Copy]) -> Iterator[tuple[Copy, Copy]]:
    """The unordered pairs of versions of different documents, the first in the order of ids before the second."""
    for a, b in combinations(sorted(found, key=lambda copy: copy.name), 2):
        if a.doc_id != b.doc_id:
            yield a, b


def fit(rows: Sequence[common.Row], gold: wirecopy.LabelTree) -> Model:
    """Classifiers from the versions that stand in the training rows and the gold relations between them."""
    related = {(pair.a, pair.b): pair.relation for pair in gold.versions or ()}
    drawn = {(p.a_doc, p.a_block, p.b_doc, p.b_block): p.relation for p in gold.blocks or ()}
    segments: dict[str, list[wirecopy.BlockLabel]] = {}
    for row in rows:
        segments.setdefault(row.doc_id, []).extend(row.segments)
    block_rows, block_classes, version_rows, version_classes = [], [], [], []
    for a, b in pairs(copies(segments)):
        aligned = []
        for one, other in candidates(a, b):
            relation = drawn.get((a.doc_id, one.number, b.doc_id, other.number), NONE)
            block_rows.append(block_features(one, other))
            block_classes.append(relation)
            if relation != NONE:
                aligned.append((one.number, other.number))
        relation = related.get((a.name, b.name), UNRELATED)
        if relation != "identical":
            version_rows.append(version_features(a, b, aligned))
            version_classes.append(relation)
    return Model(_classifier(block_rows, block_classes), _classifier(version_rows, version_classes))


def _classifier(features: list[list[float]], classes: list[str]) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(features, classes)


@cache
def tuned() -> tuple[Model, common.Choice]:
    """The classifiers, with the likelihood of an alignment that does best."""
    model = fit(common.training(), common.gold())
    segments = gold_segments(common.VALIDATION)
    options = {str(likely): replace(model, likely=likely) for likely in LIKELY}
    return common.choose("likelihood of an alignment", options, lambda option: compare(option, segments), "duplicates/blocks")


def compare(model: Model, segments: Mapping[str, Iterable[wirecopy.BlockLabel]]) -> wirecopy.LabelTree:
    """The relations of all versions that block labels make, and of their blocks."""
    compared = list(pairs(copies(segments)))
    aligned = [block_relations(model, a, b) for a, b in compared]
    relations: dict[tuple[str, str], str] = {}
    blocks: list[wirecopy.BlockPair] = []
    for (a, b), name, found in zip(compared, version_relations(model, compared, aligned), aligned, strict=True):
        if name != UNRELATED:
            relations[a.name, b.name] = name
            blocks += [
                wirecopy.BlockPair(a_doc=a.doc_id, a_block=one, b_doc=b.doc_id, b_block=other, relation=relation)
                for (one, other), relation in found.items()
            ]
    return _tree(relations, blocks)


def _tree(relations: Mapping[tuple[str, str], str], blocks: Sequence[wirecopy.BlockPair]) -> wirecopy.LabelTree:
    versions = [wirecopy.VersionPair(a=a, b=b, relation=name) for (a, b), name in relations.items()]
    return wirecopy.LabelTree(versions=versions, blocks=blocks)


def gold_segments(split: str) -> dict[str, Sequence[wirecopy.BlockLabel]]:
    """The versions to compare are part of the task: they follow from the gold segments."""
    return {doc_id: (common.gold().segments or {})[doc_id] for doc_id in common.documents(split)}


def exact() -> common.Fitted:
    """The floor."""

    def label(split: str) -> wirecopy.LabelTree:
        found = pairs(copies(gold_segments(split)))
        return _tree({(a.name, b.name): "identical" for a, b in found if is_identical(a, b)}, [])

    return common.Fitted(label)


def overlap() -> common.Fitted:
    """The classifiers of overlap."""
    model, choice = tuned()
    return common.Fitted(lambda split: compare(model, gold_segments(split)), (choice,))


SYSTEMS: dict[str, common.System] = {"hash": exact, "overlap": overlap}


def run(**options: Any) -> list[common.Result]:
    """Run both systems; options are those of `common.run`."""
    return common.run(TASK, SYSTEMS, **options)


if __name__ == "__main__":
    common.main(run)
