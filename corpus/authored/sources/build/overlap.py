"""Where the relation of two blocks and the words that they share say different things, for a reader; it decides nothing."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from document import AuthoredDocument
from marked import Marked
from tree import Words, one_spelling, relate, words_in, words_of
from wirecopy.derive import versions

# Shares of the words of a sentence that stand in the other block, in the same order.
_ALIGNED_LEAST, _UNALIGNED_MOST = 0.6, 0.75
_EDITED_LEAST, _PARTIAL_MOST = 0.34, 0.72
_FEWEST_WORDS, _FEWEST_ALONE = 5, 3
_SENTENCE_END = re.compile(r"(?<=[.!?])[\"'”’»)]*\s+(?=[\"'“‘«(A-Z0-9])")


def show_overlap(documents: Sequence[AuthoredDocument]) -> Iterator[str]:
    """A paragraph for every two blocks of one story's versions whose words contradict their relation; copies once."""
    related = relate(documents)
    relations = {(pair.a_doc, pair.a_block, pair.b_doc, pair.b_block): pair.relation for pair in related.blocks}
    held = versions({document.doc_id: document.segments for document in documents})
    sentences = {document.doc_id: [_sentences(block.text) for block in document.blocks] for document in documents}
    words = {document.doc_id: [words_of(block.text)[0] for block in document.blocks] for document in documents}
    seen: set[tuple[Words, Words, str | None]] = set()
    for relation in related.relations:
        a, b = relation.a, relation.b
        for left in held[relation.pair.a].blocks:
            for right in held[relation.pair.b].blocks:
                one, other = a.blocks[left], b.blocks[right]
                drawn = relations.get((a.doc_id, left, b.doc_id, right))
                key = (words[a.doc_id][left], words[b.doc_id][right], drawn)
                if a.folded[left] == b.folded[right] or "boilerplate" in (one.role, other.role) or key in seen:
                    continue
                seen.add(key)
                doubt = _doubt(drawn, key[:2], (sentences[a.doc_id][left], sentences[b.doc_id][right]))
                if doubt:
                    yield (
                        f"{a.name} {one.piece.shown} and {b.name} {other.piece.shown}: {drawn or 'not aligned'}, {doubt}\n"
                        f"    {a.folded[left]}\n    {b.folded[right]}"
                    )


def _sentences(text: Marked) -> list[Words]:
    return [words_in(sentence) for sentence in _SENTENCE_END.split(one_spelling(text).text)]


def _doubt(relation: str | None, words: tuple[Words, Words], sentences: tuple[list[Words], list[Words]]) -> str | None:
    """What speaks against the relation of two blocks."""
    shares = [(len(sentence), _share(sentence, words[1 - side])) for side in (0, 1) for sentence in sentences[side]]
    best = max((share for length, share in shares if length >= _FEWEST_WORDS), default=0.0)
    if relation is None:
        return f"yet {best:.0%} of a sentence stand in the other" if best >= _UNALIGNED_MOST else None
    least = min((share for length, share in shares if length >= _FEWEST_ALONE), default=1.0)
    if relation == "edited" and least < _EDITED_LEAST:
        return f"yet of one sentence only {least:.0%} stand in the other: partial?"
    if relation == "partial" and least >= _PARTIAL_MOST:
        return f"yet {least:.0%} or more of every sentence stand in the other: edited?"
    return f"yet no more than {best:.0%} of any sentence stand in the other" if best < _ALIGNED_LEAST else None


def _share(sentence: Words, text: Words) -> float:
    """The share of a sentence's words that stand in a text in the same order (longest common subsequence)."""
    if not sentence or (Counter(sentence) & Counter(text)).total() / len(sentence) < _EDITED_LEAST:
        return 0.0
    before = [0] * (len(text) + 1)
    for word in sentence:
        row = [0]
        for place, there in enumerate(text):
            row.append(before[place] + 1 if word == there else max(before[place + 1], row[-1]))
        before = row
    return before[-1] / len(sentence)
