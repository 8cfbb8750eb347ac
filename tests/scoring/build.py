"""Small corpora and trees for the tests of the scorer."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from wirecopy.corpus import Corpus, Document, ManifestEntry
from wirecopy.labels import BlockLabel, LabelTree, Mention, Quotation
from wirecopy.scoring.measures import Measure


def entry(doc_id: str, text: str, *, split: str = "test", dirt: tuple[str, ...] = ()) -> ManifestEntry:
    size = len(text)
    return ManifestEntry(doc_id, f"authored/{doc_id}.txt", "0" * 64, size, size, "authored", split, None, None, "en", "", dirt)


def corpus(
    texts: Mapping[str, str], *, splits: Mapping[str, str] | None = None, dirt: Mapping[str, Sequence[str]] | None = None
) -> Corpus:
    return Corpus(
        {
            name: Document(
                name, text, entry(name, text, split=(splits or {}).get(name, "test"), dirt=tuple((dirt or {}).get(name, ())))
            )
            for name, text in texts.items()
        }
    )


def lines(blocks: int, width: int = 4) -> str:
    """A text of so many blocks of so many code points."""
    return "\n".join(["x" * width] * blocks)


def plain(documents: int = 1, length: int = 200) -> Corpus:
    return corpus({f"d{number}": "x" * length for number in range(documents)})


def mention(start: int, end: int, kind: str = "PERSON", entity: str | None = None) -> Mention:
    return Mention(start=start, end=end, type=kind, entity=entity)


def quotation(start: int, end: int, kind: str = "direct", **rest: Any) -> Quotation:
    return Quotation(start=start, end=end, type=kind, **rest)


def stories(keys: Sequence[str | None], *, role: str = "body", topics: Sequence[str | None] | None = None) -> list[BlockLabel]:
    given = topics or [None] * len(keys)
    return [
        BlockLabel(block=block, role=role, story=key, topic=topic)
        for block, (key, topic) in enumerate(zip(keys, given, strict=True))
    ]


def named(measures: Sequence[Measure]) -> dict[str, Measure]:
    return {measure.name: measure for measure in measures}


def entities_of(*rows: Mention) -> LabelTree:
    return LabelTree(entities={"d0": list(rows)})


def quotes_of(*rows: Quotation) -> LabelTree:
    return LabelTree(quotes={"d0": list(rows)})


def random_masses(generator: np.random.Generator, blocks: int) -> list[int]:
    """Segment lengths of a random segmentation."""
    cuts = np.flatnonzero(generator.random(blocks - 1) < 0.3) + 1
    edges = [0, *cuts.tolist(), blocks]
    return [end - start for start, end in pairwise(edges)]


def keys_of(masses: Sequence[int]) -> list[str]:
    """A story name for every block, from the lengths of segments."""
    return [f"s{number}" for number, mass in enumerate(masses) for _ in range(mass)]
