"""What differs between two label trees, record by record: what a merge would change, where two annotators disagree.

Conventions: records of blocks and pairs are the same record when block or pair is; spans when they overlap, one to one, so that
as much as possible pairs up and the rest is on one side alone. Strings that repeat the text of a span are no difference: a
prediction may leave them out.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from wirecopy.corpus import Corpus, around, fold
from wirecopy.labels import (
    DOCUMENT_LAYERS,
    LAYERS,
    PAIR_FILES,
    BlockLabel,
    BlockPair,
    LabelTree,
    Mention,
    Quotation,
    Record,
    Span,
    VersionPair,
    sort_key,
    to_dict,
)

_CUT = 80
_UNSAID = ("start", "end", "text", "block", "a", "b", "a_doc", "a_block", "b_doc", "b_block")


@dataclass(frozen=True, slots=True)
class Difference:
    """A record of one tree, of the other, or the two that stand for each other and are not the same.

    ``key`` is the document's id, the two versions or the two documents of a pair.
    """

    layer: str
    key: tuple[str, ...]
    before: Record | None
    after: Record | None

    @property
    def kind(self) -> str:
        """``added`` (only in the second tree), ``removed`` (only in the first) or ``changed``."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def record(self) -> Record:
        """The record of the first tree or, where that has none, of the second."""
        return cast(Record, self.after if self.before is None else self.before)

    def place(self, corpus: Corpus) -> str:
        """The words that the records are about, between the words around them."""
        record = self.record
        if isinstance(record, BlockLabel):
            return f"block {record.block}: {_cut(corpus[self.key[0]].block_text(record.block))}"
        if isinstance(record, Mention | Quotation):
            both = [side for side in (self.before, self.after) if isinstance(side, Mention | Quotation)]
            return around(corpus[self.key[0]].text, min(side.start for side in both), max(side.end for side in both))
        if isinstance(record, BlockPair):
            sides = ((record.a_doc, record.a_block), (record.b_doc, record.b_block))
            return " / ".join(f"{doc_id}:{block} {_cut(corpus[doc_id].block_text(block))}" for doc_id, block in sides)
        return " / ".join(self.key)

    def said(self, corpus: Corpus) -> tuple[str, str]:
        """What the first tree and the second say, a dash where a tree has no such record; alike fields are left out."""
        before, after = (_fields(side, self.key, corpus) for side in (self.before, self.after))
        if before and after:
            alike = {name for name in before if before[name] == after.get(name)}
            before, after = ({name: side[name] for name in side if name not in alike} for side in (before, after))
        return _shown(before), _shown(after)


def _cut(text: str) -> str:
    return text if len(text) <= _CUT else f"{text[:_CUT]}…"


def _fields(record: Record | None, key: tuple[str, ...], corpus: Corpus) -> dict[str, str]:
    """The fields of a record that say something, as strings; of spans the words."""
    if record is None:
        return {}
    fields: dict[str, str] = {}
    if isinstance(record, Mention | Quotation):
        fields["span"] = f"“{fold(corpus[key[0]].text[record.start : record.end])}”"
    for name in to_dict(record):
        if name not in _UNSAID:
            value = getattr(record, name)
            if isinstance(value, Span):
                value = f"“{fold(corpus[key[0]].text[value.start : value.end])}”"
            fields[name] = "none" if value is None else str(value)
    return fields


def _shown(fields: dict[str, str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in fields.items()) or "—"


def tree_differences(first: LabelTree, second: LabelTree, *, layers: Collection[str] | None = None) -> list[Difference]:
    """The differences of two trees in the layers and documents that both hold.

    Pairs are compared where both of their documents are in both trees, in some pair or some layer; of versions that are not
    listed, and of versions that are listed as unrelated, nothing is said.

    Args:
        first: what was there.
        second: what is new.
        layers: only these of the layers.
    """
    found: list[Difference] = []
    for layer in DOCUMENT_LAYERS:
        a, b = getattr(first, layer), getattr(second, layer)
        if a is None or b is None or (layers is not None and layer not in layers):
            continue
        for doc_id in sorted(set(a) & set(b)):
            pairs = _by_key(a[doc_id], b[doc_id]) if layer == "segments" else _by_span(a[doc_id], b[doc_id])
            found += [Difference(layer, (doc_id,), *pair) for pair in pairs]
    if layers is None or "duplicates" in layers:
        both = covered_documents(first) & covered_documents(second)
        for name in PAIR_FILES:
            a, b = getattr(first, name), getattr(second, name)
            if a is not None and b is not None:
                sides = ([pair for pair in pairs if is_inside(pair, both)] for pairs in (a, b))
                found += [Difference("duplicates", _pair_key(x or y), x, y) for x, y in _by_key(*sides)]
    order = {layer: place for place, layer in enumerate(LAYERS)}
    return sorted(found, key=lambda d: (d.key, order[d.layer], sort_key(d.record)))


def with_utterances_of(first: LabelTree, second: LabelTree) -> LabelTree:
    """The second tree with its utterances named as in the first, one to one, so that as many quotations as possible agree.

    The name of an utterance says nothing by itself: two annotators disagree where they put quotations together differently.
    Quotations are the same when document, offsets and type are.
    """
    import numpy as np

    from wirecopy.scoring.matching import maximum_matching

    sides = [
        {
            (doc_id, one.start, one.end, one.type): one.utterance
            for doc_id, quotations in (tree.quotes or {}).items()
            for one in quotations
            if one.utterance is not None
        }
        for tree in (first, second)
    ]
    shared = Counter((sides[0][key], name) for key, name in sides[1].items() if key in sides[0])
    # Equal names first where the matching would else be free to choose; all of them together weigh less than one quotation.
    weights = {pair: count + (pair[0] == pair[1]) / (len(shared) + 1) for pair, count in sorted(shared.items())}
    numbers = [{name: n for n, name in enumerate(sorted({pair[side] for pair in weights}))} for side in (0, 1)]
    ends = np.array([(numbers[0][x], numbers[1][y]) for x, y in weights], dtype=np.int64).reshape(-1, 2)
    chosen = maximum_matching(ends[:, 0], ends[:, 1], np.array(list(weights.values()), dtype=np.float64))
    pairs = list(weights)
    names = {pairs[edge][1]: pairs[edge][0] for edge in chosen}
    taken = set(names.values())

    def named(utterance: str | None) -> str | None:
        if utterance is None or utterance in names:
            return utterance and names[utterance]
        return f"another {utterance}" if utterance in taken else utterance

    quotes = second.quotes and {
        doc_id: [replace(one, utterance=named(one.utterance)) for one in quotations]
        for doc_id, quotations in second.quotes.items()
    }
    return replace(second, quotes=quotes)


def covered_documents(tree: LabelTree) -> set[str]:
    """The documents that a tree labels in any layer."""
    covered = {doc_id for layer in DOCUMENT_LAYERS for doc_id in getattr(tree, layer) or ()}
    for version_pair in tree.versions or ():
        covered |= set(_documents(version_pair))
    for block_pair in tree.blocks or ():
        covered |= set(_documents(block_pair))
    return covered


def _documents(pair: VersionPair | BlockPair) -> tuple[str, str]:
    if isinstance(pair, VersionPair):
        return pair.a.partition("#")[0], pair.b.partition("#")[0]
    return pair.a_doc, pair.b_doc


def is_inside(pair: VersionPair | BlockPair, doc_ids: Collection[str]) -> bool:
    """Whether both documents of a pair are among some."""
    return all(doc_id in doc_ids for doc_id in _documents(pair))


def _pair_key(pair: Any) -> tuple[str, str]:
    return (pair.a, pair.b) if isinstance(pair, VersionPair) else (pair.a_doc, pair.b_doc)


def _by_key(a: Sequence[Any], b: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    sides = [
        {sort_key(record): record for record in side if getattr(record, "relation", None) != "unrelated"} for side in (a, b)
    ]
    for key in sorted(set(sides[0]) | set(sides[1])):
        before, after = (side.get(key) for side in sides)
        if before != after:
            yield before, after


def _by_span(a: Sequence[Any], b: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    left, right = _only(a, b), _only(b, a)
    # Which of two matchings that are worth the same is taken must not depend on which tree comes first.
    if [sort_key(record) for record in right] < [sort_key(record) for record in left]:
        yield from ((before, after) for after, before in _matched(right, left))
    else:
        yield from _matched(left, right)


def _only(records: Sequence[Any], others: Sequence[Any]) -> list[Any]:
    """The records that the other side does not hold, sorted."""
    known = {_without_text(record) for record in others}
    return sorted((record for record in records if _without_text(record) not in known), key=lambda r: (sort_key(r), repr(r)))


def _without_text(record: Any) -> Any:
    parts = {name: replace(span, text=None) for name in ("cue", "source") if (span := getattr(record, name, None))}
    return replace(record, text=None, **parts)


def _matched(left: Sequence[Any], right: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    import numpy as np

    from wirecopy.scoring.matching import maximum_matching

    edges = [(i, j, weight) for i, x in enumerate(left) for j, y in enumerate(right) if (weight := _likeness(x, y)) > 0]
    ends = np.array([edge[:2] for edge in edges], dtype=np.int64).reshape(-1, 2)
    chosen = maximum_matching(ends[:, 0], ends[:, 1], np.array([edge[2] for edge in edges], dtype=np.float64))
    pairs = [edges[edge][:2] for edge in chosen]
    for i, j in pairs:
        yield left[i], right[j]
    matched = [{pair[side] for pair in pairs} for side in (0, 1)]
    yield from ((record, None) for i, record in enumerate(left) if i not in matched[0])
    yield from ((None, record) for j, record in enumerate(right) if j not in matched[1])


def _likeness(x: Mention | Quotation, y: Mention | Quotation) -> float:
    """Shared code points over those of both, a little more where the types are one; 0 where nothing is shared."""
    shared = min(x.end, y.end) - max(x.start, y.start)
    if shared <= 0:
        return 0.0
    return shared / (max(x.end, y.end) - min(x.start, y.start)) + (0.1 if x.type == y.type else 0.0)
