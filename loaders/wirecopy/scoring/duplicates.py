"""Scores of duplicates: story versions and aligned blocks.

Conventions: versions are those of the reference's segments. Clusters are *identical* and *near_duplicate*, closed
transitively; pairs that are not listed are unrelated. A pair counts one half to each of its two documents, which matters
for intervals alone.

Measures of versions: ``clusters`` (B-cubed), ``pairs`` (pairs in one cluster), ``ari``, ``relations`` (mean F1 of relations
over all pairs), ``recall_by_jaccard`` (recall of the reference's duplicate pairs, also by how many word 5-grams they
share). Measures of blocks: ``pairs`` (aligned pairs, whatever the relation; per relation, where it must agree). Pairs of
blocks that are equal after white space is collapsed are computed, never drawn, and are left out.

References: those of `wirecopy.scoring.clusters`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from wirecopy.corpus import Corpus, fold
from wirecopy.derive import Version, clusters, jaccard, version_text, versions, word_ngrams
from wirecopy.labels import BlockPair, LabelTree, VersionPair
from wirecopy.scoring import clusters as measures_of
from wirecopy.scoring.clusters import Items
from wirecopy.scoring.columns import codes
from wirecopy.scoring.measures import Floats, Ints, Measure, count_by, count_of, from_counts, macro, ratio, share, with_labels

UNRELATED = "unrelated"
BANDS = ((">=.8", 0.8), (".5-.8", 0.5), (".2-.5", 0.2), ("<.2", 0.0))


def score_versions(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """All measures of story versions over the documents of ``corpus``."""
    held = versions_of(reference, corpus)
    names = list(held)
    row = {doc_id: number for number, doc_id in enumerate(corpus)}
    document = np.array([row[version.doc_id] for version in held.values()], dtype=np.int64)
    items = Items(cluster_codes(names, reference), cluster_codes(names, predicted), document)
    pairs, ari = measures_of.pairs_and_ari(items)
    return [
        measures_of.b_cubed("clusters", items),
        pairs,
        ari,
        _relations(names, document, reference, predicted, len(corpus)),
        _recall_by_jaccard(list(held.values()), items, corpus),
    ]


def versions_of(tree: LabelTree, corpus: Corpus) -> dict[str, Version]:
    """The versions of a tree in the documents of ``corpus``, by id."""
    held = tree.segments or {}
    return versions({doc_id: held[doc_id] for doc_id in corpus if doc_id in held})


def cluster_codes(names: Sequence[str], tree: LabelTree) -> Ints:
    """The cluster of each named version; pairs with other versions are passed over."""
    known = set(names)
    pairs = [pair for pair in tree.versions or () if pair.a in known and pair.b in known]
    closed = clusters(names, pairs)
    return codes([closed[name] for name in names])[1][0]


def _halves(a: Ints, b: Ints, size: int) -> Floats:
    return (count_of(a, size) + count_of(b, size)) / 2


def _listed(pairs: Sequence[VersionPair], place: Mapping[str, int]) -> dict[tuple[int, int], str]:
    result = {}
    for pair in pairs:
        if pair.a in place and pair.b in place and pair.relation != UNRELATED:
            a, b = sorted((place[pair.a], place[pair.b]))
            result[a, b] = pair.relation
    return result


def _relations(names: list[str], document: Ints, reference: LabelTree, predicted: LabelTree, size: int) -> Measure:
    place = {name: number for number, name in enumerate(names)}
    sides = [_listed(tree.versions or (), place) for tree in (reference, predicted)]
    listed = sorted(set(sides[0]) | set(sides[1]))
    ends = np.array(listed, dtype=np.int64).reshape(-1, 2)
    owners = [document[ends[:, end]] for end in (0, 1)]
    labels, (held, given, nothing) = codes(*([side.get(pair, UNRELATED) for pair in listed] for side in sides), [UNRELATED])
    kinds, unrelated = len(labels), int(nothing[0])
    agree = held == given
    tables = [
        sum((count_by(owner[rows], kind[rows], size, kinds) for owner in owners), start=np.zeros((size, kinds))) / 2
        for kind, rows in ((held, agree), (held, np.ones_like(agree)), (given, np.ones_like(agree)))
    ]
    # The pairs that neither side lists are counted, never enumerated: unrelated on both.
    unlisted = count_of(document, size) * (len(names) - 1) / 2 - _halves(owners[0], owners[1], size)
    for table in tables:
        table[:, unrelated] += unlisted
    return macro("relations", labels, *tables)


def _recall_by_jaccard(held: Sequence[Version], items: Items, corpus: Corpus) -> Measure:
    members: dict[int, list[int]] = {}
    for version, cluster in enumerate(items.reference.tolist()):
        members.setdefault(cluster, []).append(version)
    together = [own for own in members.values() if len(own) > 1]
    grams = {version: word_ngrams(version_text(held[version], corpus)) for own in together for version in own}
    pairs = [pair for own in together for pair in combinations(own, 2)]
    ends = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    likeness = [jaccard(grams[a], grams[b]) for a, b in pairs]
    band = np.array([next(row for row, (_, low) in enumerate(BANDS) if value >= low) for value in likeness], dtype=np.int64)
    found = items.predicted[ends[:, 0]] == items.predicted[ends[:, 1]]
    size = len(corpus)
    matched, whole = (
        _halves(items.document[ends[rows, 0]], items.document[ends[rows, 1]], size)
        for rows in (found, np.ones(len(pairs), dtype=np.bool_))
    )
    in_band = np.bincount(band, minlength=len(BANDS)).astype(np.float64)
    found_in_band = np.bincount(band[found], minlength=len(BANDS)).astype(np.float64)
    recall = ratio(found_in_band, in_band, 1.0)
    labels = {
        name: {"recall": float(recall[row]), "support": {"reference": int(in_band[row]), "matched": int(found_in_band[row])}}
        for row, (name, _) in enumerate(BANDS)
        if in_band[row]
    }
    return replace(share("recall_by_jaccard", matched, whole, empty=1.0, output="recall"), empty=int(not pairs), labels=labels)


def score_blocks(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """All measures of aligned blocks over the documents of ``corpus``."""
    row = {doc_id: number for number, doc_id in enumerate(corpus)}
    sides = [_aligned(tree.blocks or (), row, corpus) for tree in (reference, predicted)]
    listed = sorted(set(sides[0]) | set(sides[1]))
    relations, (held, given) = codes(*([side.get(pair) for pair in listed] for side in sides))
    ends = np.array([(a, b) for (a, _), (b, _) in listed], dtype=np.int64).reshape(-1, 2)
    size, kinds = len(corpus), len(relations) or 1
    in_held, in_given = held >= 0, given >= 0
    both = in_held & in_given
    measure = from_counts("pairs", *(_halves(ends[rows, 0], ends[rows, 1], size) for rows in (both, in_held, in_given)))
    tables = [
        (count_by(ends[rows, 0], kind[rows], size, kinds) + count_by(ends[rows, 1], kind[rows], size, kinds)) / 2
        for kind, rows in ((held, both & (held == given)), (held, in_held), (given, in_given))
    ]
    return [with_labels(measure, relations, *tables)]


def _aligned(
    pairs: Sequence[BlockPair], row: Mapping[str, int], corpus: Corpus
) -> dict[tuple[tuple[int, int], tuple[int, int]], str]:
    """The aligned pairs of blocks by document and block of both, in order, without those that are identical."""
    result = {}
    for pair in pairs:
        if pair.a_doc in row and pair.b_doc in row:
            texts = [corpus[pair.a_doc].block_text(pair.a_block), corpus[pair.b_doc].block_text(pair.b_block)]
            if fold(texts[0]) != fold(texts[1]):
                a, b = sorted(((row[pair.a_doc], pair.a_block), (row[pair.b_doc], pair.b_block)))
                result[a, b] = pair.relation
    return result
