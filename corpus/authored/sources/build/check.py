"""What is wrong with the sources, and notes for their reader, each with file and line."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from document import AuthoredDocument, Press
from marked import MENTION, Marked
from notes import note_document, note_source, note_utterances, note_wordings
from source import Part, Piece, Printing, Problem, Section, Source, Sources, Story, error, note
from texts import IN_MARKS, check_source, in_one_word, shown
from tree import real_entities, relate
from wirecopy.findings import nearest
from wirecopy.labels import NULL_STORY_ROLES, TOPIC_ROLES
from wirecopy.validation.marks import cover, mark_pairs, reopens

# Words of body, and how many topics, by kind of story.
_WORDS = {"main": (300, 650), "brief": (60, 180)}
_TOPICS = {"main": (3, 7), "brief": (1, 3)}
# What is invented in a story never stands in another split; places and peoples are real.
INVENTED = ("PERSON", "FAC", "ORG", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW")
NGRAM = 8
_DATELINE = re.compile(r"^(?:[^\W\d_a-z]{2,}|\S+ \().{0,60}? – ")
_WORD = re.compile(r"\w+(?:['’]\w+)*")


@dataclass(frozen=True)
class Checked:
    """The problems of all sources, and the documents that can be printed from them."""

    problems: tuple[Problem, ...]
    documents: tuple[AuthoredDocument, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that are no notes."""
        return tuple(problem for problem in self.problems if not problem.is_note)


def check(sources: Sources, annotations: Path) -> Checked:
    """Every problem of the sources, in the order of files and lines; ``annotations`` names the entities of the real files.

    Raises:
        FindingsError: ``annotations`` is no label tree.
    """
    stories, outlets = list(sources.stories.values()), list(sources.outlets.values())
    problems = list(sources.problems)
    for source in (*stories, *outlets):
        problems += check_source(source)
        problems += note_source(source)
    for story in stories:
        problems += _check_story(story, sources)
        problems += _check_partials(story, sources)
        for printing in story.printings:
            problems += _check_printing(story, printing, sources)
    problems += _check_ids([*stories, *outlets], real_entities(annotations))
    problems += check_shared_words(stories)
    problems += note_wordings(stories)
    problems += note_utterances(stories)
    # What nothing prints yet keeps no document from being printed.
    documents = _print(sources, {problem.file for problem in problems if not problem.is_note})
    problems += _check_printed(sources)
    for document in documents:
        problems += _check_document(document)
        problems += note_document(document)
    problems += _check_relations(documents)
    return Checked(tuple(sorted(set(problems))), tuple(documents))


def _print(sources: Sources, wrong: set[str]) -> list[AuthoredDocument]:
    """The documents of which every file is without an error."""
    press = Press(sources)
    documents = []
    for story in sources.stories.values():
        for printing in story.printings:
            outlet = sources.outlets.get(printing.outlet)
            needed: list[Source | None] = [story, outlet, sources.stories.get(story.slug)]
            needed += [sources.stories.get(piece.story) for piece in printing.pieces]
            if printing.pieces and all(source and source.file not in wrong for source in needed):
                documents.append(press.print(story, printing))
    return documents


# Stories and what their documents print


def _check_story(story: Story, sources: Sources) -> Iterator[Problem]:
    bodies = [section for section in story.sections.values() if section.role == "body" and section.name == section.key]
    words = sum(len(section.whole.text.split()) for section in bodies)
    for what, found, bounds in (("words of body", words, _WORDS), ("topics", len(story.topics), _TOPICS)):
        low, high = bounds.get(story.kind, (0, found))
        if not low <= found <= high:
            yield error(story, 1, f"the story has {found} {what}, expected {low} to {high} in a {story.kind} story")
    if story.kind == "brief" and story.printings:
        message = "a brief has no '= document'; one of a main story prints it, after '| SLUG:' in its pieces"
        yield error(story, story.printings[0].line, message)
    if story.kind == "report":
        main = sources.stories.get(story.slug)
        if main is None or main.kind != "main":
            yield error(story, 1, f"there is no main story {story.slug!r} to report on; write stories/{story.slug}.txt")
        elif main.split != story.split:
            yield error(story, 1, f"split is {story.split!r}, expected {main.split!r} as in {main.file}")
    topics = sources.topics(story)
    for section in story.sections.values():
        if section.topic is not None and section.topic not in topics:
            known = nearest(section.topic, topics)
            yield error(
                story, section.line, f"topic {section.topic!r} is not in '= topics' ({known}); take a known one, or add it"
            )


def _check_partials(story: Story, sources: Sources) -> Iterator[Problem]:
    for partial in story.partials:
        for passage in partial.passages:
            other = sources.stories.get(passage.story)
            if other is None or other.slug != story.slug:
                message = f"{passage.story!r} is no file on {story.slug!r}; name a passage of this story or of a report on it"
                yield error(story, partial.line, message)
            elif not other.wordings(passage.key):
                known = nearest(passage.key, other.sections)
                yield error(story, partial.line, f"no section {passage.key!r} in {other.file} ({known})")
            elif passage.part is not None and passage.part > other.cuts(passage.key):
                message = f"{passage.key} has {other.cuts(passage.key)} part(s); name one of them, or cut it with ' // '"
                yield error(story, partial.line, message)


def _check_printing(story: Story, printing: Printing, sources: Sources) -> Iterator[Problem]:
    outlet = sources.outlets.get(printing.outlet)
    if printing.outlet and outlet is None:
        yield error(story, printing.line, f"no outlet {printing.outlet!r} ({nearest(printing.outlet, sources.outlets)})")
    elif outlet and outlet.split != story.split:
        message = f"outlet {outlet.stem!r} is in {outlet.split!r}, the story in {story.split!r}; take an outlet of its split"
        yield error(story, printing.line, message)
    for piece in printing.pieces:
        yield from _check_piece(story, printing, piece, sources)
    if printing.pieces and not any(_has_story(piece, printing, sources) for piece in printing.pieces):
        yield error(story, printing.pieces_line, "no piece of the document belongs to a story; print one that does")


def _has_story(piece: Piece, printing: Printing, sources: Sources) -> bool:
    """Whether the block of a piece belongs to a story, furniture aside."""
    part = piece.parts[0]
    found = sources.find(part, piece, printing)
    return found is not None and not part.furniture and (part.role or found[1].role) not in NULL_STORY_ROLES


def _check_piece(story: Story, printing: Printing, piece: Piece, sources: Sources) -> Iterator[Problem]:
    line = printing.pieces_line
    other = sources.stories.get(piece.story)
    if other is None:
        yield error(story, line, f"no story {piece.story!r} ({nearest(piece.story, sources.stories)})")
        return
    if other is not story and other.kind != "brief":
        yield error(
            story, line, f"{piece.story!r} is a {other.kind} story; only a brief is printed in a document of another file"
        )
    if other.split != story.split:
        message = f"story {piece.story!r} is in {other.split!r}, this one in {story.split!r}; print a brief of its split"
        yield error(story, line, message)
    for group in piece.groups:
        roles = set()
        for part in group:
            home = sources.outlets.get(printing.outlet) if part.furniture else other
            found = sources.find(part, piece, printing)
            if found:
                roles.add(found[1].role)
                yield from _check_part(story, line, piece, part, found[1])
            elif home:
                known = nearest(part.name, home.sections)
                yield error(story, line, f"piece {part.shown!r}: no section {part.name!r} in {home.file} ({known})")
        if len(roles) > 1:
            message = (
                f"piece {piece.shown!r} merges {' and '.join(sorted(roles))}; merge texts of one role, or glue them with ^"
            )
            yield error(story, line, message)


def _check_part(story: Story, line: int, piece: Piece, part: Part, section: Section) -> Iterator[Problem]:
    what = f"piece {part.shown!r}: {part.name}"
    if part.first is not None and not 1 <= part.first <= (part.last or 0) <= len(section.parts):
        yield error(story, line, f"{what} has {len(section.parts)} part(s); name one of them, or cut it with ' // '")
    role = part.role or section.role
    if role in TOPIC_ROLES and section.topic is None:
        yield error(story, line, f"{what} has no topic, which {role} needs; write it as a section of that role")
    if section.whole.of("block") and len(piece.parts) > 1:
        yield error(story, line, f"{what} is a block quotation, which stays a block of its own; print it alone")


def _check_printed(sources: Sources) -> Iterator[Problem]:
    """Sections, furniture, topics and stories that no document prints, and briefs in two."""
    printed: set[tuple[str, str, str]] = set()
    documents: dict[str, set[str]] = defaultdict(set)
    for story in sources.stories.values():
        for printing in story.printings:
            for piece in printing.pieces:
                documents[piece.story].add(f"{story.stem}:{printing.ordinal}")
                found = [sources.find(part, piece, printing) for part in piece.parts]
                printed |= {(source.file, source.stem, section.name) for source, section in filter(None, found)}

    def missing(source: Source) -> list[Section]:
        sections = source.sections.values()
        return [section for section in sections if (source.file, source.stem, section.name) not in printed]

    topics = {
        (story.slug, section.topic)
        for story in sources.stories.values()
        for section in story.sections.values()
        if section not in missing(story)
    }
    for outlet in sources.outlets.values():
        names = ", ".join(f"~{section.name}" for section in missing(outlet))
        if names:
            yield error(outlet, outlet.line, f"no document prints {names} of {outlet.stem}; print or drop them")
    for story in sources.stories.values():
        for section in missing(story):
            yield error(story, section.line, f"no document prints {section.name!r}; print or drop it")
        where = sorted(documents[story.stem])
        if not where:
            yield error(story, 1, "the story stands in no document; print it in one")
        if story.kind == "brief" and len(where) > 1:
            yield error(story, 1, f"the brief stands in {len(where)} documents ({', '.join(where)}), expected one")
        for topic, line in story.topic_lines.items():
            if (story.slug, topic) not in topics:
                yield error(story, line, f"topic {topic!r} is used in no printed block; use or drop it")


# Across files


def _check_ids(every: Sequence[Source], registry: Mapping[str, Mapping[str, str]]) -> Iterator[Problem]:
    """Ids that two files, or a file and the registry of the real ones, use for two things."""
    uses: dict[str, list[Source]] = defaultdict(list)
    for source in every:
        for entity in source.names:
            uses[entity].append(source)
    for entity, found in uses.items():
        for source in found:
            name = source.names[entity]
            others = [(other.names[entity].forms[0], other.names[entity].type, _where(other, entity)) for other in found]
            if entity in registry:
                others.insert(0, (registry[entity]["name"], registry[entity]["type"], "annotations/entities.json"))
            for canonical, kind, where in others:
                if kind != name.type:
                    message = (
                        f"{entity!r} is {name.type}, but {kind} in {where}; one thing has one type, two things have two ids"
                    )
                    yield error(source, name.line, message)
                    break
                if canonical != name.forms[0]:
                    message = f"{entity!r} has the canonical name {name.forms[0]!r}, but {canonical!r} in {where}"
                    yield error(source, name.line, f"{message}; take one of them, the other as another form")
                    break
    for entity, splits in in_two_splits(every).items():
        for source in uses[entity] if entity not in registry else ():
            name = source.names[entity]
            elsewhere = next(_where(other, entity) for other in uses[entity] if other.split != source.split)
            message = f"{name.type} {entity!r} stands in {' and '.join(splits)} (also {elsewhere})"
            yield note(source, name.line, f"{message}; right only for a real thing, as build/real.txt lists them")


def _where(source: Source, entity: str) -> str:
    return f"{source.file}:{source.names[entity].line}"


def in_two_splits(every: Sequence[Source]) -> dict[str, list[str]]:
    """The ids of people, bodies, works and the like that stand in several splits and are not listed as real."""
    real = (Path(__file__).parent / "real.txt").read_text("utf-8").splitlines()
    splits: dict[str, set[str]] = defaultdict(set)
    for source in every:
        for name in source.names.values():
            if name.type in INVENTED:
                splits[name.entity].add(source.split)
    return {entity: sorted(found) for entity, found in splits.items() if len(found) > 1 and entity not in real}


def check_shared_words(stories: Sequence[Story]) -> Iterator[Problem]:
    """Word sequences that two stories share outside quotations, datelines and furniture; two files of one story give notes."""
    first: dict[tuple[str, ...], tuple[Story, Section]] = {}
    reported = set()
    for story in stories:
        for section in story.sections.values():
            for ngram in own_words(section):
                other, there = first.setdefault(ngram, (story, section))
                pair = (other.stem, there.name, story.stem, section.name)
                if other is story or pair in reported:
                    continue
                reported.add(pair)
                add = note if other.slug == story.slug else error
                for one, line, where in (
                    (story, section.text_line, f"{other.file}:{there.text_line}"),
                    (other, there.text_line, f"{story.file}:{section.text_line}"),
                ):
                    message = f"shares {NGRAM} words in a row ({' '.join(ngram)!r}) with {where}; say it in other words"
                    yield add(one, line, message)


def own_words(section: Section) -> Iterator[tuple[str, ...]]:
    """The word n-grams of a text that its writer chose: outside quotations, datelines, credits and links."""
    if section.role not in ("headline", "caption", "subheading", "body"):
        return
    for part in section.parts:
        stretches = [(label.start, label.end) for label in part.of("direct", "fragment", "block", "scare")]
        dateline = _DATELINE.match(part.text)
        if dateline:
            stretches.append(dateline.span())
        characters = list(part.text)
        for start, end in stretches:
            characters[start:end] = "\n" * (end - start)
        for stretch in "".join(characters).split("\n"):
            words = _WORD.findall(stretch.lower())
            yield from zip(*(words[start:] for start in range(NGRAM)), strict=False)


# Documents


def _check_document(document: AuthoredDocument) -> Iterator[Problem]:
    """What only shows in house style and where blocks are glued."""
    for block in document.blocks:
        for message in _wrong_in_print(block.text):
            yield error(document.story, document.printing.line, f"printed in {document.name}, {message}")


def _wrong_in_print(text: Marked) -> Iterator[str]:
    for label in text.of(*IN_MARKS):
        if reopens(text.surface(label)):
            yield f"{shown(text, label)} seems to hold two pairs of marks; reword it"
    for start, end in mark_pairs(cover(text.text, ((label.start, label.end) for label in text.of(*IN_MARKS, "block")))):
        yield f"the marks around {text.text[start:end][:50]!r} seem to be a pair and are no quotation; reword it"
    for label in text.of(MENTION):
        for place in (label.start, label.end):
            if 0 < place < len(text.text) and in_one_word(text.text[place - 1], text.text[place]):
                yield f"{shown(text, label)} is glued to a word; glue the piece elsewhere"


def _check_relations(documents: Sequence[AuthoredDocument]) -> Iterator[Problem]:
    for one in relate(documents).relations:
        if one.wrong:
            for document, other in ((one.a, one.b), (one.b, one.a)):
                yield error(document.story, document.printing.line, f"{document.name} and {other.name} {one.wrong}")
