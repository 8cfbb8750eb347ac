"""Duplicates: which story versions come from one copy, and which of their blocks hold the same passage.

Conventions: a version is one story in one document, ``<doc_id>#<story>``; ``a`` sorts before ``b``. Every row of ``duplicates``
and ``passages`` is an unordered pair inside one split. Where all pairs would be too many, the unrelated ones are the *nearest*:
by TF-IDF cosine, ties by id. These rows are for training; the scorer counts over all pairs.

Measures: `wirecopy.scoring.duplicates`.

References: Bagga and Baldwin 1998 (B-cubed), Broder 1997 (resemblance of word n-grams).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations

from datasets import ClassLabel, Features, Value

from wirecopy.derive import clusters, identical_blocks, related_pairs, version_text
from wirecopy.labels import BLOCK_RELATIONS, VERSION_RELATIONS, VersionPair
from wirecopy.tasks import Config, Row, Source

NEAREST_VERSIONS = 10
NEAREST_BLOCKS = 3
# Cosines are compared after rounding, so that the order is the same on every machine.
_DIGITS = 6


def version_features() -> Features:
    """The columns of ``versions``."""
    return Features({name: Value("string") for name in ("version", "doc_id", "story", "text", "cluster")})


def version_rows(source: Source) -> Iterator[Row]:
    """A row for every story version; ``cluster`` is the first id of its cluster."""
    cluster = clusters(source.versions, _pairs_inside(source))
    for name, version in source.versions.items():
        yield {
            "version": name,
            "doc_id": version.doc_id,
            "story": version.story,
            "text": version_text(version, source.corpus),
            "cluster": cluster[name],
        }


def pair_features() -> Features:
    """The columns of ``duplicates``."""
    columns = {name: Value("string") for name in ("a", "b", "a_doc", "b_doc", "a_text", "b_text")}
    return Features({**columns, "relation": ClassLabel(names=list(VERSION_RELATIONS))})


def pair_rows(source: Source) -> Iterator[Row]:
    """A row for every related pair of versions, and for each version with its ten nearest unrelated ones."""
    relations = {(pair.a, pair.b): pair.relation for pair in _pairs_inside(source)}
    texts = {name: version_text(version, source.corpus) for name, version in source.versions.items()}
    pairs = nearest_pairs(texts, besides=relations)
    for a, b in sorted(pairs):
        yield {
            "a": a,
            "b": b,
            "a_doc": source.versions[a].doc_id,
            "b_doc": source.versions[b].doc_id,
            "a_text": texts[a],
            "b_text": texts[b],
            "relation": VERSION_RELATIONS.index(relations.get((a, b), "unrelated")),
        }


def nearest_pairs(texts: Mapping[str, str], *, besides: Collection[tuple[str, str]] = ()) -> set[tuple[str, str]]:
    """The pairs ``besides``, and for each text its ten nearest of those it forms no such pair with; of few texts all pairs."""
    names = list(texts)
    if len(names) <= NEAREST_VERSIONS + 1:
        return set(combinations(names, 2))
    pairs = set(besides)
    order = _Nearness(list(texts.values()), list(texts.values()))
    for position, name in enumerate(names):
        known = {other for pair in besides if name in pair for other in pair}
        others = [i for i, other in enumerate(names) if other != name and other not in known]
        for other in order.nearest(position, others, NEAREST_VERSIONS):
            pairs.add((min(name, names[other]), max(name, names[other])))
    return pairs


def passage_features() -> Features:
    """The columns of ``passages``."""
    side = {"doc": Value("string"), "block": Value("int32"), "text": Value("string")}
    columns = {f"{end}_{name}": value for end in "ab" for name, value in side.items()}
    return Features({**columns, "relation": ClassLabel(names=list(BLOCK_RELATIONS))})


def passage_rows(source: Source) -> Iterator[Row]:
    """Pairs of blocks of two related versions: the aligned ones, and for each block its three nearest unaligned ones."""
    drawn: dict[tuple[str, str], dict[tuple[int, int], str]] = {}
    for drawn_pair in source.tree.blocks or ():
        blocks = (drawn_pair.a_block, drawn_pair.b_block)
        drawn.setdefault((drawn_pair.a_doc, drawn_pair.b_doc), {})[blocks] = drawn_pair.relation
    relations: dict[tuple[str, int, str, int], str] = {}
    for pair in _pairs_inside(source):
        a, b = source.versions[pair.a], source.versions[pair.b]
        aligned = {(p.a_block, p.b_block): p.relation for p in identical_blocks(a, b, source.corpus)}
        inside_a, inside_b = set(a.blocks), set(b.blocks)
        for (a_block, b_block), relation in drawn.get((a.doc_id, b.doc_id), {}).items():
            if a_block in inside_a and b_block in inside_b:
                aligned[(a_block, b_block)] = relation
        order = _Nearness(
            [source.corpus[a.doc_id].block_text(block) for block in a.blocks],
            [source.corpus[b.doc_id].block_text(block) for block in b.blocks],
        )
        chosen = dict(aligned)
        for i, a_block in enumerate(a.blocks):
            free = [j for j, b_block in enumerate(b.blocks) if (a_block, b_block) not in aligned]
            for j in order.nearest(i, free, NEAREST_BLOCKS):
                chosen.setdefault((a_block, b.blocks[j]), "none")
        for j, b_block in enumerate(b.blocks):
            free = [i for i, a_block in enumerate(a.blocks) if (a_block, b_block) not in aligned]
            for i in order.nearest(j, free, NEAREST_BLOCKS, by_column=True):
                chosen.setdefault((a.blocks[i], b_block), "none")
        for (a_block, b_block), relation in chosen.items():
            relations[(a.doc_id, a_block, b.doc_id, b_block)] = relation
    for (a_doc, a_block, b_doc, b_block), relation in sorted(relations.items()):
        yield {
            "a_doc": a_doc,
            "a_block": a_block,
            "a_text": source.corpus[a_doc].block_text(a_block),
            "b_doc": b_doc,
            "b_block": b_block,
            "b_text": source.corpus[b_doc].block_text(b_block),
            "relation": BLOCK_RELATIONS.index(relation),
        }


def _pairs_inside(source: Source) -> list[VersionPair]:
    return [p for p in related_pairs(source.tree) if p.a in source.versions and p.b in source.versions]


class _Nearness:
    """TF-IDF cosines between two lists of texts."""

    def __init__(self, rows: Sequence[str], columns: Sequence[str]) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer

        vectorizer = TfidfVectorizer(token_pattern=r"\w+").fit([*rows, *columns])
        product = vectorizer.transform(rows) @ vectorizer.transform(columns).T
        self._cosines = product.toarray().round(_DIGITS)

    def nearest(self, position: int, candidates: Sequence[int], count: int, *, by_column: bool = False) -> list[int]:
        """The ``count`` candidates nearest to the text at ``position``, ties by their order."""
        cosines = self._cosines[:, position] if by_column else self._cosines[position]
        return sorted(candidates, key=lambda candidate: (-cosines[candidate], candidate))[:count]


CONFIGS = (
    Config("versions", version_features, version_rows),
    Config("duplicates", pair_features, pair_rows),
    Config("passages", passage_features, passage_rows),
)
