"""Reads the sources: a story with its documents, a file of outlets. Whatever is wrong becomes a problem with file and line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from marked import MENTION, Marked, cut, join, parse
from wirecopy.corpus import SPLITS
from wirecopy.findings import nearest
from wirecopy.labels import ENTITY_TYPES, ROLES, TOPIC_ROLES

KINDS = ("main", "brief", "report")
AUTHORED_SPLITS = tuple(split for split in SPLITS if split != "wild")
SPELLINGS = ("british", "american")
SETTINGS: dict[str, tuple[str, ...]] = {
    "spelling": SPELLINGS,
    "quotes": ("straight-double", "curly-double", "straight-single", "curly-single", "guillemets"),
    "punctuation": ("logical", "american"),
    "honorifics": ("yes", "no"),
    "dates": ("day-first", "month-first"),
    "dash": ("spaced-en", "em", "spaced-em", "hyphen"),
    "headlines": ("sentence", "title"),
    "spacing": ("blank", "dense"),
}
NOISE = ("no-break-space", "double-space", "trailing-space", "no-final-newline", "blank-runs", "crlf")
FURNITURE_ROLES = ("boilerplate", "metadata", "related")
_STORY_HEAD = ("story", "title", "desk", "scene", "kind", "split", "spelling")
_OUTLET_HEAD = ("outlet", "name", "split", *SETTINGS)
_DOCUMENT_FIELDS = ("outlet", "pieces", "noise", "published")
_KEYS = {
    "headline": r"h[1-9]\d*",
    "caption": r"c[1-9]\d*",
    "body": r"p[1-9]\d*",
    "subheading": r"s[1-9]\d*",
    "metadata": r"m[1-9]\d*|[a-z]{2,}(?:-[a-z0-9]+)*",
    "related": r"r[1-9]\d*",
    "boilerplate": r"b[1-9]\d*",
}
_KEY_SHAPES = {
    "headline": "h1, h2, …",
    "caption": "c1, c2, …",
    "body": "p1, p2, …",
    "subheading": "s1, s2, …",
    "metadata": "m1, m2, … or a word (tags, keywords, byline, summary)",
    "related": "r1, r2, …",
    "boilerplate": "b1, b2, …",
}
_FURNITURE_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_WORDING = re.compile(r"(.+)\.([b-z])")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_HONORIFIC = re.compile(r"[A-Z][a-z]+")
_FIELD = re.compile(r"([a-z]+):(?: (.*)|\s*)$")
_STATEMENT = re.compile(r"@(\d+)\s+(\S+)\s+(\S+)")
_PART = re.compile(
    r"(?P<furniture>~)?(?P<key>[a-z][a-z0-9-]*(?:\.[b-z])?)(?:/(?P<first>\d+)(?:-(?P<last>\d+))?)?(?:@(?P<role>\w+))?"
)
_PASSAGE = re.compile(r"(?:(?P<story>[a-z0-9-]+(?:\.[2-9])?):)?(?P<key>[a-z][a-z0-9-]*)(?:/(?P<part>[1-9]))?")
# With its time zone, as the manifest has it.
_PUBLISHED = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?)?")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """What is wrong in a source, or, as a note, what a reader should look at."""

    file: str
    line: int
    is_note: bool
    message: str

    def __str__(self) -> str:
        """The problem on one line, as an editor would jump to it."""
        return f"{self.file}:{self.line}: {'note' if self.is_note else 'error'}: {self.message}"


@dataclass(frozen=True, slots=True)
class Name:
    """A named thing or a speaker: the first form is its canonical name."""

    entity: str
    type: str
    forms: tuple[str, ...]
    honorific: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Statement:
    """Who said what a quotation gives: an entity's id or None, and the slug of the utterance."""

    speaker: str | None
    utterance: str
    line: int


@dataclass(frozen=True, slots=True)
class Section:
    """The text of one block in one wording, cut into its parts. ``name`` is the key with its wording, as ``p1.b``."""

    name: str
    key: str
    role: str
    topic: str | None
    line: int
    text_line: int
    parts: tuple[Marked, ...]

    @property
    def whole(self) -> Marked:
        """The parts as one text."""
        return join(self.parts, " ")


@dataclass(frozen=True, slots=True)
class Part:
    """What a piece takes from one section: all of it, or its parts ``first`` to ``last``, counted from 1."""

    name: str
    furniture: bool
    first: int | None
    last: int | None
    role: str | None
    shown: str


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of a document, from the story file with the stem ``story``: parts of a group are merged, groups glued."""

    story: str
    groups: tuple[tuple[Part, ...], ...]
    shown: str

    @property
    def parts(self) -> tuple[Part, ...]:
        """All parts of the block in order."""
        return tuple(part for group in self.groups for part in group)


@dataclass(frozen=True, slots=True)
class Passage:
    """A section, or one part of it counted from 1, of the story file with the stem ``story``."""

    story: str
    key: str
    part: int | None


@dataclass(frozen=True, slots=True)
class Partial:
    """Two passages that share a sentence or quotation in edited words, as a line of ``= partial`` has it."""

    passages: tuple[Passage, Passage]
    line: int


@dataclass(frozen=True, slots=True)
class Printing:
    """A ``= document`` of a story file: which outlet prints which pieces with which noise."""

    ordinal: int
    outlet: str
    pieces: tuple[Piece, ...]
    noise: tuple[str, ...]
    published: str | None
    line: int
    pieces_line: int


@dataclass(frozen=True)
class Source:
    """What story and outlet files share: names, sections, and who said what."""

    file: str
    stem: str
    line: int
    head: dict[str, str]
    names: dict[str, Name] = field(default_factory=dict)
    sections: dict[str, Section] = field(default_factory=dict)
    statements: dict[str, Statement] = field(default_factory=dict)

    @property
    def split(self) -> str:
        """The split that the file's head names."""
        return self.head.get("split", "")

    @property
    def spelling(self) -> str:
        """The spelling of the source text."""
        return self.head.get("spelling", "british")

    def wordings(self, key: str) -> list[Section]:
        """The sections of one key, in the order of the file."""
        return [section for section in self.sections.values() if section.key == key]

    def cuts(self, key: str) -> int:
        """In how many parts a key is cut at most."""
        return max((len(section.parts) for section in self.wordings(key)), default=1)


@dataclass(frozen=True)
class Story(Source):
    """One file of ``stories/``."""

    topics: dict[str, str] = field(default_factory=dict)
    topic_lines: dict[str, int] = field(default_factory=dict)
    partials: tuple[Partial, ...] = ()
    printings: tuple[Printing, ...] = ()

    @property
    def slug(self) -> str:
        """The slug of the story: a report has that of its main story."""
        return self.head.get("story", self.stem)

    @property
    def kind(self) -> str:
        """``main``, ``brief`` or ``report``."""
        return self.head.get("kind", "main")


@dataclass(frozen=True)
class Outlet(Source):
    """One house style of a file of ``outlets/``, with the outlet's own furniture."""

    def setting(self, name: str) -> str:
        """The value of a setting, the first one where the head lacks it."""
        value = self.head.get(name, "")
        return value if value in SETTINGS[name] else SETTINGS[name][0]


@dataclass(frozen=True)
class Sources:
    """All stories by the stem of their file, all outlets by slug, and what is wrong with them as they are read."""

    stories: dict[str, Story]
    outlets: dict[str, Outlet]
    problems: list[Problem]

    def find(self, part: Part, piece: Piece, printing: Printing) -> tuple[Source, Section] | None:
        """The source and the section that a part of a document's piece is printed from."""
        source: Source | None = self.outlets.get(printing.outlet) if part.furniture else self.stories.get(piece.story)
        section = source.sections.get(part.name) if source else None
        return (source, section) if source and section else None

    def topics(self, story: Story) -> dict[str, str]:
        """The topics of a story: a report has those of its main story."""
        main = self.stories.get(story.slug)
        return main.topics if story.kind == "report" and main else story.topics


def error(source: Source, line: int, message: str) -> Problem:
    """Something that is wrong in a source."""
    return Problem(source.file, line, False, message)


def note(source: Source, line: int, message: str) -> Problem:
    """Something in a source that a reader should look at."""
    return Problem(source.file, line, True, message)


def read_sources(root: Path) -> Sources:
    """Every story and outlet below the folder of the sources."""
    problems: list[Problem] = []
    stories: dict[str, Story] = {}
    outlets: dict[str, Outlet] = {}
    for path in sorted((root / "stories").glob("*.txt")):
        stories[path.stem] = _Reader(path, problems).story()
    for path in sorted((root / "outlets").glob("*.txt")):
        for outlet in _Reader(path, problems).outlets():
            other = outlets.setdefault(outlet.stem, outlet)
            if other is not outlet:
                message = f"outlet {outlet.stem!r} stands already in {other.file}:{other.line}; give one of them another slug"
                problems.append(Problem(outlet.file, outlet.line, False, message))
    return Sources(stories, outlets, problems)


def _is_time(published: str) -> bool:
    """Whether a text is a day, or a time with its zone, that exists."""
    try:
        datetime.fromisoformat(published)
    except ValueError:
        return False
    return bool(_PUBLISHED.fullmatch(published))


def shown_path(path: Path) -> str:
    """A file as messages name it: relative to where the command runs, if it stands below."""
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.as_posix()


class _Reader:
    """Reads the lines of one file; problems go to the list that all files share."""

    def __init__(self, path: Path, problems: list[Problem]) -> None:
        self.path = path
        self.file = shown_path(path)
        self.problems = problems
        self.lines = self._decode()

    def error(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.file, line, False, message))

    def _decode(self) -> list[tuple[int, str]]:
        """The lines with their numbers, white space at their ends cut off."""
        try:
            text = self.path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.error(1, f"the file cannot be read as UTF-8 ({error}); save it as UTF-8")
            return []
        if text.startswith("\ufeff"):
            self.error(1, "the file starts with a byte order mark; save it as UTF-8 without one")
            text = text[1:]
        if "\r" in text:
            self.error(1 + text[: text.index("\r")].count("\n"), "the file has carriage returns; save it with \\n line ends")
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        return [(number, line.rstrip()) for number, line in enumerate(text.split("\n"), 1)]

    # Files

    def story(self) -> Story:
        """The story of the file, as far as it can be read."""
        head_lines, sections = self._sections(self.lines)
        head = self._head(head_lines, _STORY_HEAD)
        story = Story(self.file, self.path.stem, 1, head)
        self._check_story_head(story)
        names = self._names([block for block in sections if block[1] == ["names"]])
        topics, topic_lines = self._topics([block for block in sections if block[1] == ["topics"]], story)
        alone = (["names"], ["topics"], ["partial"], ["document"])
        texts = [block for block in sections if block[1][:1] not in alone]
        for number, words, _ in sections:
            if words[:1] in alone and len(words) > 1:
                self.error(number, f"found '= {' '.join(words)}', expected '= {words[0]}' alone on its line")
        kept, statements = self._texts(texts, names, furniture=False)
        partials = self._partials([block for block in sections if block[1][:1] == ["partial"]])
        printings = self._printings([block for block in sections if block[1][:1] == ["document"]])
        return replace(
            story,
            names=names,
            sections=kept,
            statements=statements,
            topics=topics,
            topic_lines=topic_lines,
            partials=partials,
            printings=printings,
        )

    def outlets(self) -> Iterator[Outlet]:
        """The outlets of the file; each begins with its ``outlet:`` line."""
        starts = [place for place, (_, line) in enumerate(self.lines) if line.startswith("outlet:")]
        if any(line for _, line in self.lines[: starts[0] if starts else None]):
            self.error(1, "expected 'outlet: SLUG' in the first line of the file")
        for start, end in zip(starts, [*starts[1:], len(self.lines)], strict=True):
            head_lines, sections = self._sections(self.lines[start:end])
            head = self._head(head_lines, _OUTLET_HEAD)
            slug, first = head.get("outlet", ""), self.lines[start][0]
            if not _SLUG.fullmatch(slug):
                self.error(first, f"outlet is {slug!r}, expected a slug: lower-case words joined by hyphens")
            for name, known in {**SETTINGS, "split": AUTHORED_SPLITS}.items():
                if name in head and head[name] not in known:
                    self.error(first, f"{name} of {slug} is {head[name]!r}, expected one of {', '.join(known)}")
            names = self._names([block for block in sections if block[1] == ["names"]])
            texts = [block for block in sections if block[1] != ["names"]]
            kept, statements = self._texts(texts, names, furniture=True)
            yield Outlet(self.file, slug, first, head, names, kept, statements)

    # Parts of a file

    def _sections(
        self, lines: list[tuple[int, str]]
    ) -> tuple[list[tuple[int, str]], list[tuple[int, list[str], list[tuple[int, str]]]]]:
        """The lines of the head, and for each line that starts with ``=`` its number, its words and the lines below it."""
        head: list[tuple[int, str]] = []
        sections: list[tuple[int, list[str], list[tuple[int, str]]]] = []
        for number, line in lines:
            if line.startswith("="):
                words = line[1:].split()
                if not line.startswith("= ") or not words:
                    self.error(number, f"found {line!r}, expected '= ' and what the section is, as '= body p1 TOPIC'")
                sections.append((number, words or ["?"], []))
            elif line.strip():
                (sections[-1][2] if sections else head).append((number, line))
        return head, sections

    def _head(self, lines: list[tuple[int, str]], known: tuple[str, ...]) -> dict[str, str]:
        head: dict[str, str] = {}
        for number, line in lines:
            found = self._field(number, line, known)
            if found and found[0] in head:
                self.error(number, f"{found[0]} stands twice in the head; drop one")
            elif found:
                head[found[0]] = found[1]
        return head

    def _field(self, number: int, line: str, known: tuple[str, ...]) -> tuple[str, str] | None:
        found = _FIELD.match(line)
        if not found or found.group(1) not in known:
            self.error(number, f"found {line[:60]!r}, expected a field ({', '.join(known)}), written 'field: value'")
            return None
        value = (found.group(2) or "").strip()
        if not value:
            self.error(number, f"{found.group(1)} is empty, expected a value")
        return found.group(1), value

    def _check_story_head(self, story: Story) -> None:
        required = ("story", "kind", "split", "spelling") if story.kind == "report" else _STORY_HEAD
        for name in required:
            if name not in story.head:
                self.error(1, f"the head lacks '{name}:'; expected {', '.join(required)}")
        for name, known in (("kind", KINDS), ("split", AUTHORED_SPLITS), ("spelling", SPELLINGS)):
            if story.head.get(name, known[0]) not in known:
                self.error(1, f"{name} is {story.head[name]!r}, expected one of {', '.join(known)}")
        if not _SLUG.fullmatch(story.slug):
            self.error(1, f"story is {story.slug!r}, expected a slug: lower-case words joined by hyphens")
        if story.kind == "report":
            if not re.fullmatch(re.escape(story.slug) + r"\.[2-9]", story.stem):
                self.error(1, f"the file is {story.stem}.txt, expected {story.slug}.2.txt: a report on {story.slug!r}")
        elif story.stem != story.slug:
            self.error(1, f"story is {story.slug!r} but the file is {story.stem}.txt; give both one name")

    def _names(self, blocks: list[tuple[int, list[str], list[tuple[int, str]]]]) -> dict[str, Name]:
        names: dict[str, Name] = {}
        for second in blocks[1:]:
            self.error(second[0], "a second '= names'; put all names into one")
        for number, line in (row for block in blocks for row in block[2]):
            fields = [one.strip() for one in line.split("|")]
            if len(fields) not in (3, 4):
                self.error(number, f"found {line[:60]!r}, expected 'id | TYPE | Canonical name; other forms | Mr'")
                continue
            entity, kind = fields[:2]
            forms = tuple(" ".join(form.split()) for form in fields[2].split(";"))
            honorific = fields[3] if len(fields) == 4 else None
            if not _SLUG.fullmatch(entity):
                self.error(number, f"id is {entity!r}, expected a slug: lower-case words joined by hyphens")
            if kind not in ENTITY_TYPES:
                self.error(number, f"type of {entity!r} is {kind!r}, expected one of {', '.join(ENTITY_TYPES)}")
            if not all(forms):
                self.error(number, f"{entity!r} has an empty form; expected names between semicolons")
            if honorific is not None and (kind != "PERSON" or not _HONORIFIC.fullmatch(honorific)):
                self.error(
                    number, f"{entity!r} has the honorific {honorific!r}, expected one as Mr or Ms, and only for a PERSON"
                )
                honorific = None
            if entity in names:
                self.error(number, f"{entity!r} has a line already ({names[entity].line}); put its forms into one")
                continue
            names[entity] = Name(entity, kind, forms, honorific, number)
        return names

    def _topics(
        self, blocks: list[tuple[int, list[str], list[tuple[int, str]]]], story: Story
    ) -> tuple[dict[str, str], dict[str, int]]:
        topics: dict[str, str] = {}
        lines: dict[str, int] = {}
        if story.kind == "report":
            for number, *_ in blocks:
                self.error(number, f"a report uses the topics of {story.slug!r} and defines none; drop '= topics'")
            return topics, lines
        for number, line in (row for block in blocks for row in block[2]):
            slug, colon, definition = line.partition(":")
            slug, definition = slug.strip(), definition.strip()
            if not colon or not _SLUG.fullmatch(slug) or not definition:
                self.error(number, f"found {line[:60]!r}, expected a topic as 'slug: one-line definition'")
            elif slug in topics:
                self.error(number, f"topic {slug!r} has a line already ({lines[slug]}); drop one")
            else:
                topics[slug], lines[slug] = definition, number
        return topics, lines

    def _texts(
        self, blocks: list[tuple[int, list[str], list[tuple[int, str]]]], names: dict[str, Name], *, furniture: bool
    ) -> tuple[dict[str, Section], dict[str, Statement]]:
        sections: dict[str, Section] = {}
        statements: dict[str, Statement] = {}
        homes: dict[str, str] = {}
        for number, words, rows in blocks:
            header = self._header(number, words, furniture=furniture)
            texts = [row for row in rows if not re.match(r"@\s*\d", row[1])]
            if header and header[1] in sections:
                self.error(
                    number, f"{header[1]!r} has a section already (line {sections[header[1]].line}); give it another key"
                )
                header = None
            key = header[0] if header else "?"
            for line, text in rows:
                if (line, text) not in texts:
                    self._statement(line, text, key, statements, homes)
            if not texts:
                self.error(number, f"'= {' '.join(words)}' has no text; expected the text of its block on one line")
                continue
            for line, text in texts[1:]:
                self.error(line, f"a second line of text in one section ({text[:40]!r}); expected one block on one line")
            if header is None:
                continue
            key, name, role, topic = header
            parts = self._text(texts[0], names)
            sections[name] = Section(name, key, role, topic, number, texts[0][0], parts)
        return sections, statements

    def _header(self, number: int, words: list[str], *, furniture: bool) -> tuple[str, str, str, str | None] | None:
        """Key, key with wording, role and topic of a section's first line."""
        roles = FURNITURE_ROLES if furniture else ROLES
        shown = f"'= {' '.join(words)}'"
        if words[0] not in roles:
            other = "names" if furniture else "topics, names, partial, document"
            self.error(number, f"found {shown}, expected a role ({', '.join(roles)}) or {other} after '='")
            return None
        if len(words) < 2 or len(words) > 3:
            self.error(number, f"found {shown}, expected '= ROLE KEY', for body and subheading '= ROLE KEY TOPIC'")
            return None
        role, name = words[:2]
        topic = words[2] if len(words) == 3 else None
        wording = _WORDING.fullmatch(name)
        key = wording.group(1) if wording else name
        if furniture:
            if not _FURNITURE_KEY.fullmatch(key) or wording:
                self.error(number, f"key is {name!r}, expected lower-case words joined by hyphens")
                return None
        elif not re.fullmatch(_KEYS[role], key):
            self.error(number, f"key is {name!r}, expected {_KEY_SHAPES[role]} for {role} (another wording: p1.b, p1.c)")
            return None
        if (role in TOPIC_ROLES) != (topic is not None):
            expected = "a topic after the key" if role in TOPIC_ROLES else f"no topic: {role} has none"
            self.error(number, f"found {shown}, expected {expected}")
        return key, name, role, topic

    def _statement(self, number: int, line: str, key: str, statements: dict[str, Statement], homes: dict[str, str]) -> None:
        found = _STATEMENT.fullmatch(line)
        if not found:
            self.error(number, f"found {line[:60]!r}, expected '@3 speaker utterance' (speaker '-' where it is null)")
            return
        quotation, speaker, utterance = found.groups()
        if not _SLUG.fullmatch(utterance):
            self.error(number, f"utterance is {utterance!r}, expected a slug: lower-case words joined by hyphens")
        if speaker != "-" and not _SLUG.fullmatch(speaker):
            self.error(number, f"speaker is {speaker!r}, expected an id of '= names' or '-'")
        statement = Statement(None if speaker == "-" else speaker, utterance, number)
        other = statements.setdefault(quotation, statement)
        if other is statement:
            homes[quotation] = key
        elif homes[quotation] != key:
            self.error(number, f"quotation {quotation} has its @ line already in line {other.line}; each number is used once")
        elif (other.speaker, other.utterance) != (statement.speaker, statement.utterance):
            self.error(number, f"quotation {quotation} has another @ line in line {other.line}; another wording needs none")

    def _text(self, row: tuple[int, str], names: dict[str, Name]) -> tuple[Marked, ...]:
        """The parts of a text, its mentions with their ids."""
        number, line = row
        whole, problems = parse(line.strip())
        for problem in problems:
            self.error(number, problem)
        labels = []
        for label in whole.labels:
            if label.kind == MENTION:
                entity = self._entity(number, whole.surface(label), label.names, names)
                labels.append(replace(label, names=(entity,)))
            else:
                labels.append(label)
        if whole.text.startswith("// ") or whole.text.endswith(" //"):
            self.error(number, "the text starts or ends with '//'; a cut stands between two sentences")
        parts, problems = cut(Marked(whole.text, tuple(labels)))
        for problem in problems:
            self.error(number, problem)
        return parts

    def _entity(self, number: int, surface: str, given: tuple[str, ...], names: dict[str, Name]) -> str:
        """The id of a mention; its surface where none can be found."""
        if given:
            if given[0] not in names:
                self.error(
                    number, f"id {given[0]!r} of {{{surface}}} is not in '= names' ({nearest(given[0], names)}); add its line"
                )
            return given[0]
        folded = " ".join(surface.split())
        fitting = [name for name in names.values() if folded.casefold() in [form.casefold() for form in name.forms]]
        exact = [name for name in fitting if folded in name.forms]
        if len(fitting) > 1 and len(exact) == 1:
            fitting = exact
        if len(fitting) == 1:
            return fitting[0].entity
        if not fitting:
            known = nearest(folded, {form for name in names.values() for form in name.forms})
            self.error(number, f"no form in '= names' is {surface!r} ({known}); add the form, or write {{{surface}|id}}")
        else:
            ids = ", ".join(name.entity for name in fitting)
            self.error(number, f"{surface!r} fits {ids}; write {{{surface}|id}}")
        return fitting[0].entity if fitting else ""

    def _partials(self, blocks: list[tuple[int, list[str], list[tuple[int, str]]]]) -> tuple[Partial, ...]:
        partials = []
        for number, line in (row for block in blocks for row in block[2]):
            found = [_PASSAGE.fullmatch(word) for word in line.split()]
            if len(found) != 2 or not found[0] or not found[1]:
                self.error(number, f"found {line[:60]!r}, expected two passages, as 'h2 p5' or 'p3/1 OTHER-STORY:p5'")
                continue
            a, b = (
                Passage(one["story"] or self.path.stem, one["key"], int(one["part"]) if one["part"] else None)
                for one in (found[0], found[1])
            )
            partials.append(Partial((a, b), number))
        return tuple(partials)

    # Documents

    def _printings(self, blocks: list[tuple[int, list[str], list[tuple[int, str]]]]) -> tuple[Printing, ...]:
        printings = []
        for ordinal, (number, _, rows) in enumerate(blocks, 1):
            fields: dict[str, tuple[int, str]] = {}
            for line, text in rows:
                found = self._field(line, text, _DOCUMENT_FIELDS)
                if found and found[0] in fields:
                    self.error(line, f"{found[0]} stands twice in this document; drop one")
                elif found:
                    fields[found[0]] = (line, found[1])
            for name in ("outlet", "pieces"):
                if name not in fields:
                    self.error(number, f"the document lacks '{name}:'")
            noise = tuple(fields["noise"][1].replace(",", " ").split()) if "noise" in fields else ()
            for kind in noise:
                if kind not in NOISE:
                    self.error(fields["noise"][0], f"noise is {kind!r}, expected some of {', '.join(NOISE)}")
            if len(set(noise)) != len(noise):
                self.error(fields["noise"][0], "a kind of noise stands twice; drop one")
            published = fields["published"][1] if "published" in fields else None
            if published is not None and not _is_time(published):
                expected = "expected a date or a time with its zone, as 2024-03-12T18:20:00+01:00"
                self.error(fields["published"][0], f"published is {published!r}, {expected}")
            pieces_line, text = fields.get("pieces", (number, ""))
            outlet = fields.get("outlet", (number, ""))[1]
            pieces = self._pieces(pieces_line, text)
            kept = tuple(kind for kind in NOISE if kind in noise)
            printings.append(Printing(ordinal, outlet, pieces, kept, published, number, pieces_line))
        return tuple(printings)

    def _pieces(self, number: int, text: str) -> tuple[Piece, ...]:
        pieces = []
        story = self.path.stem
        words = iter(text.split())
        for word in words:
            if word == "|":
                slug = next(words, "")
                if not slug.endswith(":"):
                    self.error(number, f"found '| {slug}', expected '| SLUG:' and the pieces of that story")
                    break
                story = slug[:-1]
                continue
            groups = tuple(self._group(number, group, word) for group in word.split("^"))
            if all(groups):
                pieces.append(Piece(story, groups, word))
        return tuple(pieces)

    def _group(self, number: int, text: str, shown: str) -> tuple[Part, ...]:
        parts = []
        for one in text.split("+"):
            found = _PART.fullmatch(one)
            first, last = (found["first"], found["last"]) if found else (None, None)
            if not found:
                self.error(
                    number,
                    f"piece {shown!r}: found {one!r}, expected p3, p3.b, p3/1, p3/1-2, p1@metadata, ~tt, or joined by + or ^",
                )
                return ()
            if found["role"] is not None and found["role"] not in ROLES:
                self.error(number, f"piece {shown!r}: role is {found['role']!r}, expected one of {', '.join(ROLES)}")
                return ()
            numbers = (int(first) if first else None, int(last or first) if first else None)
            parts.append(Part(found["key"], bool(found["furniture"]), *numbers, found["role"], one))
        return tuple(parts)
