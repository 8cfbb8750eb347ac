"""Texts that are hard to count and valid records on them, for properties of the exchange."""

from collections.abc import Sequence

from hypothesis import strategies as st
from labelstudio.small import STORY, document
from wirecopy.corpus import Corpus, Document
from wirecopy.labels import ENTITY_TYPES, QUOTE_TYPES, ROLES, BlockLabel, Mention, Quotation, Span

# Joiners, combining marks, no-break and double spaces, tabs, what looks like HTML or an escape, letters from right to left.
_WORDS = (
    "Ana",
    "🚢",
    "👩‍👩‍👧",
    "Jose\u0301",
    "Mr\u00a0Ng",
    "<b>Roy</b>",
    "&amp;",
    "“No,”",
    "\\n",
    "محمود",
    "two  blanks",
    "a\tb",
    "line\u2028break",
    "tail\r",
)
SLUGS = st.sampled_from(["ada-finch", "harbour-board", "x", "a1-b2"])
LINES = st.lists(st.sampled_from(_WORDS), min_size=1, max_size=5).map(" ".join)
TEXTS = st.tuples(
    st.sampled_from(["", "\n", " \t\n"]), st.lists(LINES, min_size=1, max_size=5), st.sampled_from(["\n", "\n\n"])
).map(lambda parts: parts[0] + parts[2].join(parts[1]))
DOCUMENTS = TEXTS.map(lambda text: document("one", text))


@st.composite
def spans(draw: st.DrawFn, made: Document) -> Span:
    """A clean slice of one block."""
    block = draw(st.sampled_from(made.blocks))
    start = draw(st.integers(block.start, block.end - 1))
    end = draw(st.integers(start + 1, block.end))
    words = made.text[start:end].strip() or made.text[block.start : block.end]
    start = made.text.index(words, start if made.text[start:end].strip() else block.start)
    return Span(start=start, end=start + len(words), text=words)


def _apart(one: Span, other: Span) -> bool:
    return one.end <= other.start or other.end <= one.start


@st.composite
def mentions(draw: st.DrawFn, made: Document) -> list[Mention]:
    """Mentions that do not overlap, in order."""
    chosen: list[Span] = []
    for candidate in draw(st.lists(spans(made), max_size=8)):
        if all(_apart(candidate, other) for other in chosen):
            chosen.append(candidate)
    kinds, ids = st.sampled_from(ENTITY_TYPES), st.none() | SLUGS
    return [
        Mention(start=own.start, end=own.end, text=own.text, type=draw(kinds), entity=draw(ids))
        for own in sorted(chosen, key=lambda own: own.start)
    ]


def _may_stand(one: Quotation, other: Quotation) -> bool:
    """Whether two quotations may stand in one document: apart, or one strictly inside another whose type lets it."""
    inside = [(a, b) for a, b in ((one, other), (other, one)) if a.start <= b.start and b.end <= a.end]
    if len(inside) == 1:
        outer, inner = inside[0]
        return outer.type in ("direct", "block") or (outer.type == "indirect" and inner.type in ("fragment", "scare"))
    return not inside and (one.end <= other.start or other.end <= one.start)


@st.composite
def quotations(draw: st.DrawFn, made: Document) -> list[Quotation]:
    """Quotations in order; some share a cue or a source."""
    parts = draw(st.lists(spans(made), min_size=1, max_size=3))
    part, ids = st.none() | st.sampled_from(parts), st.none() | SLUGS
    chosen: list[Quotation] = []
    for own in draw(st.lists(spans(made), max_size=6)):
        made_now = Quotation(
            start=own.start,
            end=own.end,
            text=own.text,
            type=draw(st.sampled_from(QUOTE_TYPES)),
            cue=draw(part),
            source=draw(part),
            speaker=draw(ids),
            utterance=draw(ids),
        )
        if all(_may_stand(made_now, other) for other in chosen):
            chosen.append(made_now)
    return sorted(chosen, key=lambda quotation: (quotation.start, quotation.end, quotation.type))


@st.composite
def block_labels(draw: st.DrawFn, made: Document) -> list[BlockLabel]:
    """A label for every block."""
    names = st.none() | st.sampled_from([STORY, "x", "a1-b2"])
    return [
        BlockLabel(block=block, role=draw(st.sampled_from(ROLES)), story=draw(names), topic=draw(names))
        for block in range(len(made.blocks))
    ]


def corpus_with(*documents: Document) -> Corpus:
    return Corpus({made.doc_id: made for made in documents})


def slugs_among(names: Sequence[str | None]) -> list[str]:
    """Every other name, so that some are offered as choices and some are not."""
    return sorted({name for name in names if name is not None})[::2]
