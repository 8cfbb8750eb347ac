"""Notes that help a reader to find labels that are missing or wrong. A note never decides a label."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations

from document import AuthoredDocument
from marked import CUE, MENTION, Marked
from source import Problem, Section, Source, Story, note
from style import MONTHS, takes_honorific
from texts import shown
from tree import words_of
from wirecopy.validation.marks import cover

# Lower-case forms; the noun (*claim*, *report*) is left out where it is the more frequent reading.
_REPORTING = """
    said says saying told tells telling announce announces announced announcing warn warns warned warning deny denies
    denied denying promise promises promised promising accuse accuses accused accusing confirm confirms confirmed
    confirming insist insists insisted insisting add adds added adding claims claimed claiming states stated stating
    asks asked asking argue argues argued arguing admit admits admitted admitting acknowledge acknowledges acknowledged
    replies replied replying predict predicts predicted predicting pledge pledges pledged pledging vow vows vowed vowing
    threaten threatens threatened threatening declare declares declared declaring notes noted noting explain explains
    explained explaining reported reporting recall recalls recalled recalling calls called calling describe describes
    described describing suggest suggests suggested suggesting recommend recommends recommended recommending testify
    testifies testified testifying writes wrote written writing quoted quoting cited citing cites complain complains
    complained complaining demand demands demanded demanding urge urges urged urging assure assures assured assuring
    allege alleges alleged alleging maintains maintained concede concedes conceded conceding remarked responded
    responding stressed stressing reveals revealed revealing disclosed disclosing joked boasted lamented swore ruled
    advised dismissed rejected
"""
_CUES = re.compile(rf"\b(?:{'|'.join(_REPORTING.split())}|accord(?:s|ing) to)\b", re.IGNORECASE)
_CAPITALISED = re.compile(r"\b[^\W\d_a-z]\w*(?:[-'.]\w+)*(?:\s+[^\W\d_a-z]\w*(?:[-'.]\w+)*)*")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OTHER = ("I", "I'm", "I've", "I'd", "I'll", "Mr", "Mrs", "Ms", "Miss", "Dr", "Photo", "Tags", "Keywords", "By", "A", "The")
_NO_NAMES = frozenset((*MONTHS, *_DAYS, *_OTHER))
_SENTENCE_START = re.compile(r"(?:^|[.!?:…|>·•]['\")\]]*\s+|(?:^|[\s(–/])[\"'])$")
# Below the one, wordings of one text look like two texts; above the other, two texts look like wordings of one.
_LEAST_SHARED, _MOST_SHARED, _FEWEST_WORDS = 0.45, 0.65, 8


def note_source(source: Source) -> Iterator[Problem]:
    """What a reader of one source should look at."""
    for section in source.sections.values():
        if section.role == "boilerplate":
            continue
        for part in section.parts:
            yield from _note_capitals(source, section, part)
            yield from _note_verbs(source, section, part)
            yield from _note_spans(source, section, part)
    yield from _note_surfaces(source)


def _uncovered(text: Marked) -> str:
    """The text with its mentions blotted out by what is no word character."""
    characters = list(text.text)
    for label in text.of(MENTION):
        characters[label.start : label.end] = "\0" * (label.end - label.start)
    return "".join(characters)


def _note_capitals(source: Source, section: Section, text: Marked) -> Iterator[Problem]:
    uncovered = _uncovered(text)
    for found in _CAPITALISED.finditer(uncovered):
        words = found.group().split()
        if _SENTENCE_START.search(uncovered[: found.start()]):
            words = words[1:]
        named = " ".join(word for word in words if word not in _NO_NAMES)
        if named:
            yield note(source, section.text_line, f"{named!r} has a capital and is no mention")


def _note_verbs(source: Source, section: Section, text: Marked) -> Iterator[Problem]:
    open_text = cover(text.text, ((label.start, label.end) for label in text.of("direct", "fragment", "block", "scare")))
    for found in _CUES.finditer(open_text):
        if not any(label.start < found.end() and found.start() < label.end for label in text.of(CUE, MENTION)):
            context = text.text[max(0, found.start() - 25) : found.end() + 25]
            yield note(source, section.text_line, f"{found.group()!r} is no cue, in {context!r}")


def _note_spans(source: Source, section: Section, text: Marked) -> Iterator[Problem]:
    line = section.text_line
    for label in text.of("indirect"):
        if text.surface(label)[-1] in ".,;":
            yield note(source, line, f"{shown(text, label)} ends with punctuation, which usually is the sentence's")
        if text.surface(label).startswith("that "):
            yield note(source, line, f"{shown(text, label)} starts with 'that'; a complementiser is left out")
    for label in text.of(MENTION):
        name = source.names.get(label.names[0])
        surface = text.surface(label)
        if name and name.type != "WORK_OF_ART" and surface.lower().startswith("the "):
            yield note(source, line, f"{shown(text, label)} holds the article, which belongs only to titles of works")
        before = text.text[: label.start].split()
        if section.role == "body" and name and name.honorific and takes_honorific(text, label, name) and len(before) > 1:
            last = before[-1]
            if last[0].isupper() and last[-1].isalpha() and last not in _NO_NAMES:
                yield note(source, line, f"an honorific would stand in '{last} {surface}'; after a title write {{={surface}}}")


def _note_surfaces(source: Source) -> Iterator[Problem]:
    """Surfaces that are a mention in one place of the file and none in another."""
    texts = [(section, part) for section in source.sections.values() for part in section.parts]
    surfaces = {part.surface(label) for _, part in texts for label in part.of(MENTION)}
    wanted = sorted((surface for surface in surfaces if len(surface) > 1), key=lambda surface: (-len(surface), surface))
    if not wanted:
        return
    pattern = rf"(?<!\w)(?:{'|'.join(re.escape(surface) for surface in wanted)})(?!\w)"
    for section, part in texts:
        flags = re.IGNORECASE if section.role == "metadata" else 0
        for found in re.finditer(pattern, _uncovered(part), flags):
            message = f"{found.group()!r} is a mention elsewhere in the file and none here"
            yield note(source, section.text_line, message)


def note_wordings(stories: Sequence[Story]) -> Iterator[Problem]:
    """Wordings of one text that look like two texts, and texts of one story that look like wordings of one."""
    by_slug: dict[str, list[tuple[Story, Section, Counter[str]]]] = defaultdict(list)
    for story in stories:
        for section in story.sections.values():
            if section.role in ("headline", "caption", "body"):
                by_slug[story.slug].append((story, section, Counter(words_of(section.whole)[0])))
    for texts in by_slug.values():
        for (one, section, words), (other, there, others) in combinations(texts, 2):
            shorter = min(words.total(), others.total())
            share = (words & others).total() / shorter if shorter else 0.0
            if (one.stem, section.key) == (other.stem, there.key):
                if share < _LEAST_SHARED:
                    message = f"{there.name} shares {share:.0%} of its words with {section.name}; does it say the same?"
                    yield note(other, there.text_line, message)
            elif section.role == there.role and share > _MOST_SHARED and shorter >= _FEWEST_WORDS:
                where = there.name if other is one else f"{other.file}:{there.text_line}"
                message = f"{section.name} shares {share:.0%} of its words with {where}; is it another wording of that?"
                yield note(one, section.text_line, message)


def note_utterances(stories: Sequence[Story]) -> Iterator[Problem]:
    """Utterances of one story that have two speakers."""
    first: dict[tuple[str, str], tuple[Story, str | None, int]] = {}
    for story in stories:
        for statement in story.statements.values():
            key = (story.slug, statement.utterance)
            other, speaker, line = first.setdefault(key, (story, statement.speaker, statement.line))
            if speaker != statement.speaker:
                found = f"utterance {statement.utterance!r} has the speaker {statement.speaker or '-'}"
                yield note(story, statement.line, f"{found}, but {speaker or '-'} at {other.file}:{line}")


def note_document(document: AuthoredDocument) -> Iterator[Problem]:
    """What a reader of one document should look at."""

    def at_document(message: str) -> Problem:
        return note(document.story, document.printing.line, f"{document.name}: {message}")

    seen: set[tuple[str, str, int]] = set()
    for number, block in enumerate(document.blocks):
        following = next((other for other in document.blocks[number + 1 :] if other.role == "body"), None)
        if block.role == "subheading" and following and following.topic != block.topic:
            yield at_document(f"subheading {block.piece.shown} is {block.topic}, the block after it {following.topic}")
        if block.role == "body":
            if block.origins & seen:
                yield at_document(f"{block.piece.shown} says again what a block before it says")
            seen |= block.origins
    for quotation in document.quotes:
        if quotation.type == "block" and quotation.cue is None:
            yield at_document(f"the block quotation {str(quotation.text)[:40]!r}… stands without the words that introduce it")
    published = document.printing.published
    if published and not states_date(document.text, published):
        yield at_document(f"no line of the document states that it was published on {published[:10]}")


def states_date(text: str, published: str) -> bool:
    """Whether a text gives the day of a date, in words or numbers."""
    year, month, day = (int(number) for number in published[:10].split("-"))
    name = MONTHS[month - 1][:3]
    words = rf"\b0?{day}(?:st|nd|rd|th)?(?: of)? {name}|\b{name}[a-z]*\.? 0?{day}\b"
    numbers = rf"{year}-{month:02}-{day:02}|\b0?{day}[./-]0?{month}[./-]|\b0?{month}[./-]0?{day}[./-]"
    return bool(re.search(f"{words}|{numbers}", text, re.IGNORECASE))
