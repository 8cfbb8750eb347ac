"""What follows from labels and text alone: segments, story versions, clusters, computed alignments. Nothing here is drawn."""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from wirecopy.corpus import Corpus, fold
from wirecopy.labels import DOCUMENT_LAYERS, BlockLabel, BlockPair, LabelTree, VersionPair

K = TypeVar("K", bound=Hashable)

SAME_COPY = ("identical", "near_duplicate")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Version:
    """One story in one document: the numbers of all its blocks and of its body blocks, in order."""

    version: str
    doc_id: str
    story: str
    blocks: tuple[int, ...]
    body: tuple[int, ...]


def runs(keys: Sequence[Hashable | None]) -> list[range]:
    """Maximal runs of one key, as ranges of positions.

    A None joins the run before it (at the start, the one after it) and never makes a border.
    """
    starts: list[int] = []
    current: Hashable | None = None
    for position, key in enumerate(keys):
        if key is not None and key != current:
            starts.append(position if starts else 0)
            current = key
    if not starts:
        return [range(len(keys))] if keys else []
    return [range(start, end) for start, end in zip(starts, [*starts[1:], len(keys)], strict=True)]


def _keys(labels: Iterable[BlockLabel], blocks: int, key: Callable[[BlockLabel], Hashable | None]) -> list[Hashable | None]:
    keys: list[Hashable | None] = [None] * blocks
    for label in labels:
        keys[label.block] = key(label)
    return keys


def story_runs(labels: Iterable[BlockLabel], blocks: int) -> list[range]:
    """The story segments of a document of ``blocks`` blocks, as ranges of block numbers."""
    return runs(_keys(labels, blocks, lambda label: label.story))


def topic_runs(labels: Iterable[BlockLabel], story: range, blocks: int) -> list[range]:
    """The topic segments inside one story segment, as ranges of block numbers."""
    keys = _keys(labels, blocks, lambda label: label.topic)
    inside = runs([keys[block] for block in story])
    return [range(story.start + run.start, story.start + run.stop) for run in inside]


def versions(segments: Mapping[str, Sequence[BlockLabel]]) -> dict[str, Version]:
    """The story versions of a tree by their ids ``<doc_id>#<story>``, sorted."""
    found = {}
    for doc_id, labels in segments.items():
        for story in {label.story for label in labels if label.story is not None}:
            own = sorted((label for label in labels if label.story == story), key=lambda label: label.block)
            name = f"{doc_id}#{story}"
            body = tuple(label.block for label in own if label.role == "body")
            found[name] = Version(name, doc_id, story, tuple(label.block for label in own), body)
    return dict(sorted(found.items()))


def labelled(corpus: Corpus, tree: LabelTree) -> Corpus:
    """The documents that a tree labels in each of its layers of documents; a new raw file waits until all are there."""
    layers = [held for layer in DOCUMENT_LAYERS if (held := getattr(tree, layer)) is not None]
    return Corpus({doc_id: corpus[doc_id] for doc_id in corpus if all(doc_id in layer for layer in layers)})


def version_text(version: Version, corpus: Corpus) -> str:
    r"""The blocks of a version, joined by ``\n``."""
    document = corpus[version.doc_id]
    return "\n".join(document.block_text(block) for block in version.blocks)


def clusters(names: Iterable[str], pairs: Iterable[VersionPair]) -> dict[str, str]:
    """For every version the first id of its cluster: *identical* and *near_duplicate*, closed transitively."""
    parent = {name: name for name in names}

    def root(name: str) -> str:
        while parent[name] != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for pair in pairs:
        if pair.relation in SAME_COPY:
            a, b = sorted((root(pair.a), root(pair.b)))
            parent[b] = a
    return {name: root(name) for name in parent}


def components(segments: Mapping[str, Sequence[BlockLabel]], doc_ids: Iterable[str]) -> dict[str, str]:
    """For every document the first id of its component: documents tied by a shared story, closed transitively."""
    ids = sorted(doc_ids)
    first: dict[str, str] = {}
    links = []
    for doc_id in ids:
        for story in sorted({label.story for label in segments.get(doc_id, ()) if label.story is not None}):
            links.append(VersionPair(a=first.setdefault(story, doc_id), b=doc_id, relation="identical"))
    return clusters(ids, links)


def identical_blocks(a: Version, b: Version, corpus: Corpus) -> Iterator[BlockPair]:
    """Pairs of blocks of two versions that are equal after white space is collapsed."""
    places: dict[str, list[int]] = {}
    for block in b.blocks:
        places.setdefault(fold(corpus[b.doc_id].block_text(block)), []).append(block)
    for block in a.blocks:
        for other in places.get(fold(corpus[a.doc_id].block_text(block)), ()):
            yield BlockPair(a_doc=a.doc_id, a_block=block, b_doc=b.doc_id, b_block=other, relation="identical")


def word_ngrams(text: str, n: int = 5) -> frozenset[tuple[str, ...]]:
    """The set of word n-grams of a text: lower-cased runs of word characters."""
    words = _WORD.findall(text.lower())
    return frozenset(zip(*(words[start:] for start in range(n)), strict=False))


def jaccard(a: frozenset[K], b: frozenset[K]) -> float:
    """Size of the intersection over size of the union; two empty sets are 1.0."""
    return len(a & b) / len(a | b) if a or b else 1.0


def related_pairs(tree: LabelTree) -> list[VersionPair]:
    """The listed pairs that are not unrelated, sorted."""
    pairs = [pair for pair in tree.versions or () if pair.relation != "unrelated"]
    return sorted(pairs, key=lambda pair: (pair.a, pair.b))
