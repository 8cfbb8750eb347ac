"""Documents: what an outlet prints becomes blocks, blocks a raw text, and the labels of the sources records with offsets."""

import hashlib
import random
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from marked import CUE, MENTION, SOURCE, Edit, Label, Marked, edit, join
from source import Outlet, Part, Piece, Printing, Section, Source, Sources, Statement, Story
from style import MONTHS, Style, restyle
from wirecopy.corpus import fold
from wirecopy.labels import NULL_STORY_ROLES, QUOTE_TYPES, TOPIC_ROLES, BlockLabel, Mention, Quotation, Span

# A part of a source: the stem of its file, its key, and its number from 1; the wordings of one key are one source.
Origin = tuple[str, str, int]

_STORIES = {2: "two_stories", 3: "three_stories"}
_NOISE = {"blank-runs": "blank_line_runs"}
# What the keys of sections and furniture say of dirt: the first pattern that fits counts. A tidy page has the empty one too.
_METADATA = (
    ("", re.compile(r"byline|date|time|place|published|updated")),
    ("agency_credit", re.compile(r"source|credit|agency")),
    ("keywords", re.compile(r"keyword")),
    ("tags", re.compile(r"tag|topics")),
    ("section_names", re.compile(r"section|category|rubric|desk")),
    ("summary", re.compile(r"summary|standfirst|teaser|description")),
    ("publisher", re.compile(r"publisher|imprint|owner")),
)
_FURNITURE = (
    ("newsletter_prompt", re.compile(r"newsletter|alerts|optout|digest")),
    ("comment_prompt", re.compile(r"comment|guidelines|rules")),
    ("legal_lines", re.compile(r"copyright|legal|rights|trademark|imprint|privacy|council")),
    ("agency_credit", re.compile(r"agency|feed|source|credit")),
    ("related_heading", re.compile(r"more|most|related|ranking|trending")),
    ("widget_mark", re.compile(r"tt|size|tools")),
    ("widget_text", re.compile(r"")),
)
_BODY_KEY = re.compile(r"p\d")
# A word that goes on with a capital: two names run together.
_GLUED = re.compile(r"[a-z][A-Z]")
_DATE_LINE = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b")
_EMOJI = re.compile("[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\u231a\u231b]")


@dataclass(frozen=True)
class PrintedBlock:
    """One block before noise: its text in house style with its labels, and the parts of sources that it says."""

    text: Marked
    role: str
    story: str | None
    topic: str | None
    origins: frozenset[Origin]
    piece: Piece


@dataclass(frozen=True)
class AuthoredDocument:
    """One raw file with its labels."""

    doc_id: str
    story: Story
    outlet: Outlet
    printing: Printing
    blocks: tuple[PrintedBlock, ...]
    text: str
    segments: tuple[BlockLabel, ...]
    quotes: tuple[Quotation, ...]
    entities: tuple[Mention, ...]
    dirt: tuple[str, ...]

    @property
    def name(self) -> str:
        """The story file and the number of the document in it, from 1."""
        return f"{self.story.stem}:{self.printing.ordinal}"

    @cached_property
    def folded(self) -> list[str]:
        """The text of every block with white space collapsed."""
        return [fold(block.text.text) for block in self.blocks]

    @property
    def outlet_named(self) -> str | None:
        """The name of the outlet, if the file itself has it."""
        name = self.outlet.head.get("name", "")
        return name if name and name.removeprefix("The ").casefold() in fold(self.text).casefold() else None


def doc_id(stem: str, ordinal: int) -> str:
    """The id of a document: of the story file that holds it, and its number in it, from 1."""
    return "a_" + hashlib.sha256(f"{stem}:{ordinal}".encode()).hexdigest()[:12]


class Press:
    """Prints the documents of the sources; text in house style is made once."""

    def __init__(self, sources: Sources) -> None:
        """Print from these sources."""
        self.sources = sources
        self._styled: dict[tuple[str, str, str], tuple[Marked, ...]] = {}
        self._types: dict[str, str] = {}
        self._statements: dict[str, tuple[Statement, str]] = {}
        for source in (*sources.stories.values(), *sources.outlets.values()):
            self._types.update((name.entity, name.type) for name in source.names.values())
            prefix = source.slug if isinstance(source, Story) else source.stem
            for number, statement in source.statements.items():
                self._statements[f"{source.file}:{source.stem}:{number}"] = (statement, f"{prefix}-{statement.utterance}")

    def print(self, story: Story, printing: Printing) -> AuthoredDocument:
        """One document of a story file.

        Raises:
            KeyError: the sources lack what it prints; `check` says what.
        """
        outlet = self.sources.outlets[printing.outlet]
        style = _style_of(outlet)
        name = doc_id(story.stem, printing.ordinal)
        blocks = self._blocks(printing, outlet, style)
        text, placed = _lay_out(blocks, style, printing.noise, random.Random(name))
        return AuthoredDocument(
            doc_id=name,
            story=story,
            outlet=outlet,
            printing=printing,
            blocks=tuple(blocks),
            text=text,
            segments=tuple(
                BlockLabel(block=number, role=block.role, story=block.story, topic=block.topic)
                for number, block in enumerate(blocks)
            ),
            quotes=tuple(self._quotations(text, placed)),
            entities=tuple(self._mentions(text, placed)),
            dirt=tuple(sorted(set(_dirt(blocks, printing, text)))),
        )

    # Blocks

    def _blocks(self, printing: Printing, outlet: Outlet, style: Style) -> list[PrintedBlock]:
        blocks = [self._block(piece, printing, outlet, style) for piece in printing.pieces]
        # An outlet's own metadata is of the story before it, at the start of the story after it.
        slugs = [block.story for block in blocks]
        for number, block in enumerate(blocks):
            if block.story is None and block.role not in NULL_STORY_ROLES:
                near = [*reversed(slugs[:number]), *slugs[number:]]
                blocks[number] = replace(block, story=next(slug for slug in near if slug is not None))
        return blocks

    def _block(self, piece: Piece, printing: Printing, outlet: Outlet, style: Style) -> PrintedBlock:
        texts: list[Marked] = []
        origins: set[Origin] = set()
        words: Counter[str] = Counter()
        for group in piece.groups:
            merged = []
            for part in group:
                source, section = self._find(part, piece, printing)
                numbers = range((part.first or 1) - 1, part.last or len(section.parts))
                styled = self._restyled(source, section, outlet, style)
                merged += [styled[number] for number in numbers]
                origins |= set(_origins(source, section, numbers))
                if section.topic and not texts:
                    words[section.topic] += sum(len(styled[number].text.split()) for number in numbers)
            texts.append(join(merged, " "))
        part = piece.groups[0][0]
        source, section = self._find(part, piece, printing)
        role = part.role or section.role
        return PrintedBlock(
            text=join(texts, ""),
            role=role,
            story=source.slug if isinstance(source, Story) and role not in NULL_STORY_ROLES else None,
            topic=max(words, key=lambda topic: words[topic]) if role in TOPIC_ROLES else None,
            origins=frozenset(origins),
            piece=piece,
        )

    def _find(self, part: Part, piece: Piece, printing: Printing) -> tuple[Source, Section]:
        found = self.sources.find(part, piece, printing)
        if found is None:
            raise KeyError(part.shown)
        return found

    def _restyled(self, source: Source, section: Section, outlet: Outlet, style: Style) -> tuple[Marked, ...]:
        """The parts of a section as an outlet prints them; quotations are numbered for all sources together."""
        key = (outlet.stem, f"{source.file}:{source.stem}", section.name)
        if key not in self._styled:
            self._styled[key] = tuple(
                _numbered(
                    restyle(part, style, spelling=source.spelling, role=section.role, names=source.names),
                    f"{source.file}:{source.stem}",
                )
                for part in section.parts
            )
        return self._styled[key]

    # Records

    def _mentions(self, text: str, placed: Sequence[Sequence[Label]]) -> Iterator[Mention]:
        for label in (label for labels in placed for label in labels if label.kind == MENTION):
            entity, surface = label.names[0], text[label.start : label.end]
            yield Mention(start=label.start, end=label.end, text=surface, type=self._types[entity], entity=entity)

    def _quotations(self, text: str, placed: Sequence[Sequence[Label]]) -> Iterator[Quotation]:
        for number, labels in enumerate(placed):
            for label in labels:
                if label.kind not in QUOTE_TYPES:
                    continue
                # Only the words around a block quotation stand in another block, the nearest before it.
                where = placed[number::-1] if label.kind == "block" else [labels]
                cue, source = (_first(where, kind, label.names[0]) for kind in (CUE, SOURCE))
                statement, utterance = None, None
                if label.kind != "scare":
                    statement, utterance = self._statements[label.names[0]]
                yield Quotation(
                    start=label.start,
                    end=label.end,
                    text=text[label.start : label.end],
                    type=label.kind,
                    cue=_span(text, cue) if cue else None,
                    source=_span(text, source) if source else None,
                    speaker=statement.speaker if statement else None,
                    utterance=utterance,
                )


def _style_of(outlet: Outlet) -> Style:
    return Style(**{name: outlet.setting(name) for name in Style.__dataclass_fields__})


def _span(text: str, label: Label) -> Span:
    return Span(start=label.start, end=label.end, text=text[label.start : label.end])


def _first(blocks: Sequence[Sequence[Label]], kind: str, number: str) -> Label | None:
    return next((label for labels in blocks for label in labels if label.kind == kind and number in label.names), None)


def _numbered(text: Marked, source: str) -> Marked:
    return Marked(
        text.text,
        tuple(
            label if label.kind == MENTION else replace(label, names=tuple(f"{source}:{number}" for number in label.names))
            for label in text.labels
        ),
    )


def _origins(source: Source, section: Section, numbers: range) -> Iterator[Origin]:
    """The parts of sources that some parts of a section say; a wording that is not cut says all that the cut ones say."""
    if section.role == "boilerplate":
        return
    whole = source.cuts(section.key)
    for number in range(whole) if len(section.parts) == 1 else numbers:
        yield (f"{source.file}:{source.stem}", section.key, number + 1)


# Layout and noise


def _lay_out(
    blocks: Sequence[PrintedBlock], style: Style, noise: Sequence[str], rng: random.Random
) -> tuple[str, list[list[Label]]]:
    """The raw text of blocks, and the labels of each block at their offsets in it."""
    whole = join([block.text for block in blocks], "\n\n" if style.spacing == "blank" else "\n")
    if "no-final-newline" not in noise:
        whole = Marked(whole.text + "\n", whole.labels)
    whole = edit(whole, _noise(whole, noise, rng))
    if "crlf" in noise:
        whole = edit(whole, [Edit(place, place + 1, "\r\n") for place, c in enumerate(whole.text) if c == "\n"])
    labels = iter(whole.labels)
    return whole.text, [[next(labels) for _ in block.text.labels] for block in blocks]


def _noise(whole: Marked, noise: Sequence[str], rng: random.Random) -> list[Edit]:
    """The edits that put noise into a text, at places that follow from the state of ``rng`` alone; each place is taken once.

    Labels have no say in it: a label that is corrected must leave the raw file as it is.
    """
    text = whole.text
    taken: set[int] = set()
    edits: list[Edit] = []

    def take(places: Sequence[int], count: int, new: str) -> None:
        free = [place for place in places if place not in taken]
        # Only random() is promised to give the same numbers in every version of Python.
        drawn = sorted((rng.random(), place) for place in free)[:count]
        for _, place in sorted(drawn, key=lambda one: one[1]):
            taken.add(place)
            edits.append(Edit(place, place + 1, new))

    spaces = [place for place, character in enumerate(text) if character == " "]
    ends = [place for place, character in enumerate(text) if character == "\n" and place and text[place - 1] != "\n"]
    gaps = [place for place in ends if place + 1 < len(text)]
    if "no-break-space" in noise:
        take(spaces, 3 + len(spaces) // 80, "\u00a0")
    if "double-space" in noise:
        take(spaces, 2 + len(spaces) // 150, "  ")
    if "trailing-space" in noise:
        take(ends, 2 + len(ends) // 6, " \n")
    if "blank-runs" in noise:
        for count in (3, 4, 5):
            take(gaps, 1 + len(gaps) // 15, "\n" * count)
    return edits


# Dirt


def _dirt(blocks: Sequence[PrintedBlock], printing: Printing, text: str) -> Iterator[str]:
    """The kinds of dirt in a document, in the words of the manifest."""
    stories = {block.story for block in blocks} - {None}
    if len(stories) > 1:
        yield _STORIES.get(len(stories), "many_stories")
    if any(not any(block.role == "headline" and block.story == story for block in blocks) for story in stories):
        yield "headline_missing"
    for role in ("headline", "caption"):
        seen = Counter((block.story, key) for block in blocks if block.role == role for key in sorted(block.origins)[:1])
        if any(count > 1 for count in seen.values()):
            yield f"repeated_{role}"
    body = {origin for block in blocks if block.role == "body" for origin in block.origins}
    for block in blocks:
        if block.role == "metadata" and _BODY_KEY.match(block.piece.parts[0].name):
            yield "repeated_summary" if block.origins & body else "summary"
    if any(len(block.piece.groups) > 1 for block in blocks):
        yield "glued_link_text"
    for block in blocks:
        yield from _dirt_of(block)
    yield from (_NOISE.get(kind, kind.replace("-", "_")) for kind in printing.noise)
    if _EMOJI.search(text):
        yield "emoji"
    if any(unicodedata.combining(character) for character in text):
        yield "combining_characters"
    if any(unicodedata.bidirectional(character) in ("R", "AL") for character in text):
        yield "right_to_left"


def _dirt_of(block: PrintedBlock) -> Iterator[str]:
    """What one block is, where a tidy page would not have it."""
    key = block.piece.parts[0].name
    if block.role == "related":
        yield "related_links"
    elif block.role == "boilerplate":
        yield _kind(_FURNITURE, key)
    elif block.role == "metadata" and not _BODY_KEY.match(key) and not _DATE_LINE.search(block.text.text):
        kind = _kind(_METADATA, key)
        yield from filter(None, [kind])
        if kind == "section_names" and _GLUED.search(block.text.text):
            yield "glued_section_names"
    elif block.role == "subheading" and block.text.of("scare"):
        label = block.text.of("scare")[0]
        if label.end - label.start == len(block.text.text):
            yield "cross_heading_in_quotes"


def _kind(kinds: Sequence[tuple[str, re.Pattern[str]]], key: str) -> str:
    return next((kind for kind, pattern in kinds if pattern.match(key)), "page_facts")
