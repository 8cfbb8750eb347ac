"""Scores of quotations.

Conventions: the content span is what a quotation is; counts are pooled over documents. IoU is the number of code points
that two spans share over the number that they cover together. Quotations are *aligned* one to one among pairs with IoU of
at least 1/2 so that the total IoU is as high as possible, any type; between equal totals, equal types decide.

Measures: ``end_to_end`` (IoU of at least 1/2, type and speaker equal), ``exact`` (content equal with quotation marks, edge
punctuation and white space trimmed, any type), ``per_type`` (the same, type equal), ``characters`` (code points in any
content), ``cue`` and ``source`` (overlap, on aligned quotations), ``scare_as_speech`` (share of the reference's scare
quotations aligned with another type: the only one where 0 is best), ``utterances`` (B-cubed over quotations with an
utterance id).

References: Pareti 2015 (PARC), Newell et al. 2018 (PolNeAR), and those of `wirecopy.scoring.clusters`.
"""

import unicodedata
from functools import cache

import numpy as np

from wirecopy.corpus import Corpus
from wirecopy.labels import LabelTree
from wirecopy.scoring import clusters, columns
from wirecopy.scoring.columns import Quotations
from wirecopy.scoring.matching import maximum_matching, overlapping, twins, union_length
from wirecopy.scoring.measures import Floats, Ints, Measure, count_by, count_of, from_counts, share, with_labels

ENOUGH_OVERLAP = 0.5


def score(*, reference: LabelTree, predicted: LabelTree, corpus: Corpus) -> list[Measure]:
    """All measures of quotations over the documents of ``corpus``."""
    held, given, types = columns.quotations(reference, predicted, corpus)
    size = len(corpus)
    kinds = len(types) or 1
    first, second, overlap = candidates(held, given)
    # A difference in total IoU is never as small as this, so the type only decides between equal totals.
    preference = 1e-7 * (held.type[first] == given.type[second])
    aligned = maximum_matching(first, second, overlap + preference)
    pairs = first[aligned], second[aligned]
    return [
        end_to_end("end_to_end", held, given, size),
        *_exact(held, given, types, corpus),
        _characters(held, given, size),
        _part("cue", held, given, pairs, size),
        _part("source", held, given, pairs, size),
        _scare_as_speech(held, given, pairs, types.index("scare") if "scare" in types else kinds, size),
        _utterances(held, given, pairs),
    ]


def candidates(held: Quotations, given: Quotations) -> tuple[Ints, Ints, Floats]:
    """Pairs of quotations with an IoU of at least 1/2: positions on either side, and the IoU."""
    first, second = overlapping(held.start, held.end, given.start, given.end)
    common = np.minimum(held.end[first], given.end[second]) - np.maximum(held.start[first], given.start[second])
    together = held.end[first] - held.start[first] + given.end[second] - given.start[second] - common
    enough = 2 * common >= together
    return first[enough], second[enough], (common / together)[enough]


def end_to_end(name: str, held: Quotations, given: Quotations, size: int) -> Measure:
    """Precision, recall and F1 of quotations with content, type and speaker right (null equals null)."""
    first, second, _ = candidates(held, given)
    right = (held.type[first] == given.type[second]) & (held.speaker[first] == given.speaker[second])
    first, second = first[right], second[right]
    matched = first[maximum_matching(first, second, np.ones(len(first)))]
    counts = (held.document[matched], held.document, given.document)
    return from_counts(name, *(count_of(documents, size) for documents in counts))


@cache
def _edge_characters() -> frozenset[str]:
    """White space, punctuation and quotation marks: what is trimmed from both ends of a content."""
    known = (chr(code) for block in (range(0x3040), range(0xFE30, 0xFFF0)) for code in block)
    return frozenset(mark for mark in known if mark in "`´" or mark.isspace() or unicodedata.category(mark).startswith("P"))


def _trimmed(side: Quotations, corpus: Corpus) -> tuple[Ints, Ints]:
    base = columns.places(corpus)[side.document]
    texts = [document.text for document in corpus.values()]
    edges = _edge_characters()
    first, last = side.start.copy(), side.end.copy()
    offsets = zip(side.document.tolist(), (side.start - base).tolist(), (side.end - base).tolist(), strict=True)
    for at, (row, start, end) in enumerate(offsets):
        text = texts[row]
        if text[start] in edges or text[end - 1] in edges:
            low, high = start, end
            while low < high and text[low] in edges:
                low += 1
            while low < high and text[high - 1] in edges:
                high -= 1
            # A content of nothing but marks stays as it is.
            if low < high:
                first[at], last[at] = low + base[at], high + base[at]
    return first, last


def _exact(held: Quotations, given: Quotations, types: list[str], corpus: Corpus) -> list[Measure]:
    size, kinds = len(corpus), len(types) or 1
    spans = [_trimmed(side, corpus) for side in (held, given)]
    longest = max(int((end - start).max(initial=0)) for start, end in spans) + 1
    keys = [start * longest + end - start for start, end in spans]
    exact = twins(*keys)
    typed = twins(*(key * kinds + side.type for key, side in zip(keys, (held, given), strict=True)))
    counts = [count_of(side.document, size) for side in (held, given)]
    tables = [
        count_by(document, kind, size, kinds)
        for document, kind in (
            (held.document[typed[0]], held.type[typed[0]]),
            (held.document, held.type),
            (given.document, given.type),
        )
    ]
    per_type = from_counts("per_type", tables[0].sum(axis=1), *counts)
    return [
        from_counts("exact", count_of(held.document[exact[0]], size), *counts),
        with_labels(per_type, types, *tables),
    ]


def _characters(held: Quotations, given: Quotations, size: int) -> Measure:
    own = [union_length(side.document, side.start, side.end, size) for side in (held, given)]
    document, start, end = (
        np.concatenate([getattr(side, name) for side in (held, given)]) for name in ("document", "start", "end")
    )
    order = np.argsort(start, kind="stable")
    together = union_length(document[order], start[order], end[order], size)
    return from_counts("characters", own[0] + own[1] - together, *own)


def _part(part: str, held: Quotations, given: Quotations, pairs: tuple[Ints, Ints], size: int) -> Measure:
    """Precision, recall and F1 of cues or sources that overlap, over aligned quotations."""
    (a_start, a_end), (b_start, b_end) = (
        (getattr(side, f"{part}_start")[rows], getattr(side, f"{part}_end")[rows])
        for side, rows in zip((held, given), pairs, strict=True)
    )
    document = held.document[pairs[0]]
    in_held, in_given = a_start >= 0, b_start >= 0
    matched = in_held & in_given & (a_start < b_end) & (b_start < a_end)
    return from_counts(part, *(count_of(document[rows], size) for rows in (matched, in_held, in_given)))


def _scare_as_speech(held: Quotations, given: Quotations, pairs: tuple[Ints, Ints], scare: int, size: int) -> Measure:
    taken = (held.type[pairs[0]] == scare) & (given.type[pairs[1]] != scare)
    return share(
        "scare_as_speech",
        count_of(held.document[pairs[0][taken]], size),
        count_of(held.document[held.type == scare], size),
        empty=0.0,
    )


def _utterances(held: Quotations, given: Quotations, pairs: tuple[Ints, Ints]) -> Measure:
    rows = [np.flatnonzero(side.utterance >= 0) for side in (held, given)]
    both = (held.utterance[pairs[0]] >= 0) & (given.utterance[pairs[1]] >= 0)
    positions = tuple(np.searchsorted(own, pair[both]) for own, pair in zip(rows, pairs, strict=True))
    items = clusters.join(
        held.utterance[rows[0]],
        given.utterance[rows[1]],
        (positions[0], positions[1]),
        held.document[rows[0]],
        given.document[rows[1]],
    )
    return clusters.b_cubed("utterances", items)
