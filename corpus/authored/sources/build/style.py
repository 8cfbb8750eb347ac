"""House styles: spelling, dates, honorifics, case of headlines, dashes, punctuation and quotation marks, labels moved along."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from marked import MENTION, Edit, Label, Marked, cuts_label, edit, pull_in, within
from source import Name
from wirecopy.validation.marks import DOUBLE, SINGLE, mark_pairs

_MONTHS = "January February March April May June July August September October November December"
MONTHS = tuple(_MONTHS.split())
_DATE = re.compile(rf"(?<![\w–-])(\d{{1,2}}(?:[–-]\d{{1,2}})?) ({'|'.join(MONTHS)})\b(?: (\d{{4}})\b)?")
# *Between 12 and 14 March* would become *12 and March 14*.
_BEFORE_DATE = re.compile(r"\d (?:and|or|to) $")
_DASH = " – "
_DASHES = {"spaced-en": _DASH, "em": "—", "spaced-em": " — ", "hyphen": " - "}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_SPELLED = re.compile(r"(?<![\w'’])(?:per cent|[a-z]+)(?!\w)", re.IGNORECASE)
_SMALL = "a an and as at but by for from in into nor of on or per than the to via vs with"
_BEFORE_FIRST = re.compile(r"(?:^|[:.!?] ?|– )[\"'(]*$")
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Sir|Dame|Lord|Lady)\.? $")
QUOTED = ("direct", "fragment", "block", "scare")


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of a house style: pairs for outer and inner quotations and for headlines, and its apostrophe."""

    outer: str
    inner: str
    headline: str
    apostrophe: str


_MARKS = {
    "straight-double": Marks('""', "''", "''", "'"),
    "curly-double": Marks("“”", "‘’", "‘’", "’"),
    "straight-single": Marks("''", '""', "''", "'"),
    "curly-single": Marks("‘’", "“”", "‘’", "’"),
    "guillemets": Marks("«»", "“”", "«»", "’"),
}


@dataclass(frozen=True, slots=True)
class Style:
    """The settings of an outlet."""

    spelling: str
    quotes: str
    punctuation: str
    honorifics: str
    dates: str
    dash: str
    headlines: str
    spacing: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The places of a pair of quotation marks, and the plain marks around it; ``end`` is None where it never closes."""

    start: int
    end: int | None
    around: str


def restyle(text: Marked, style: Style, *, spelling: str, role: str, names: Mapping[str, Name]) -> Marked:
    """A source text in ``spelling`` as an outlet prints it."""
    if spelling != style.spelling:
        text = respell(text, to=style.spelling)
    if style.dates == "month-first":
        text = month_first(text)
    if style.honorifics == "yes" and role == "body":
        text = add_honorifics(text, names)
    if style.headlines == "title" and role == "headline":
        text = title_case(text)
    if style.dash != "spaced-en":
        text = change_dashes(text, _DASHES[style.dash])
    if style.punctuation == "american":
        text = pull_punctuation_in(text)
    return change_marks(text, _MARKS[style.quotes])


def _each(
    text: Marked, pattern: re.Pattern[str], new: Callable[[re.Match[str]], str | None], *, mentions: bool = False
) -> Marked:
    """The text with each match changed to what ``new`` gives, but for those that cut a label or, unless wanted, a mention."""
    edits = []
    for match in pattern.finditer(text.text):
        start, end = match.span()
        replacement = new(match)
        if replacement is None or replacement == match.group() or cuts_label(text, start, end):
            continue
        if mentions or not within(text, start, end, MENTION):
            edits.append(Edit(start, end, replacement))
    return edit(text, edits)


# Spelling


@cache
def spellings() -> dict[str, dict[str, str]]:
    """For each spelling the lower-case words that it changes, from ``spelling.txt``."""
    to: dict[str, dict[str, str]] = {"british": {}, "american": {}}
    for line in (Path(__file__).parent / "spelling.txt").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        british, sign, american = re.split(r" (=|>) ", line)
        to["american"][british] = american
        if sign == "=":
            to["british"][american] = british
    return to


def respell(text: Marked, *, to: str) -> Marked:
    """The text in another spelling: whole words of the list, their case kept, never inside a name."""
    words = spellings()[to]

    def new(match: re.Match[str]) -> str | None:
        word = words.get(match.group().lower())
        return _like(match.group(), word) if word else None

    return _each(text, _SPELLED, new)


def _like(model: str, word: str) -> str:
    """A word in the case of another one."""
    if model.isupper() and len(model) > 1:
        return word.upper()
    return word[0].upper() + word[1:] if model[0].isupper() else word


# Dates and honorifics


def month_first(text: Marked) -> Marked:
    """*12 March 2024* as *March 12, 2024*; not where a date stands in a name."""

    def new(match: re.Match[str]) -> str | None:
        if _BEFORE_DATE.search(text.text[: match.start()]):
            return None
        day, month, year = match.groups()
        return f"{month} {day}, {year}" if year else f"{month} {day}"

    return _each(text, _DATE, new)


def is_bare_surname(surface: str, canonical: str) -> bool:
    """Whether a form of a person's name is the end of the canonical name and not all of it."""
    return surface != canonical and canonical.endswith(f" {surface}")


def add_honorifics(text: Marked, names: Mapping[str, Name]) -> Marked:
    """The text with *Mr*, *Ms* or what the person has before each bare surname outside quotations."""
    edits = []
    for label in text.of(MENTION):
        name = names.get(label.names[0])
        if name and name.honorific and takes_honorific(text, label, name):
            edits.append(Edit(label.start, label.start, f"{name.honorific} "))
    return edit(text, edits)


def takes_honorific(text: Marked, label: Label, name: Name) -> bool:
    """Whether a mention of a person is a bare surname outside quotations, and no title stands before it."""
    return (
        not label.bare
        and is_bare_surname(text.surface(label), name.forms[0])
        and not within(text, label.start, label.end, *QUOTED)
        and not _TITLED.search(text.text[: label.start])
    )


# Headlines and dashes


def title_case(text: Marked) -> Marked:
    """The text with its words capitalised but for small ones between others; names stay as they are."""
    matches = list(_WORD.finditer(text.text))

    def new(match: re.Match[str]) -> str | None:
        word = match.group()
        first = match is matches[0] or _BEFORE_FIRST.search(text.text[: match.start()])
        last = not any(character.isalnum() for character in text.text[match.end() :])
        if not word.islower() or (word in _SMALL.split() and not first and not last):
            return None
        capital = word[0].upper()
        return capital + word[1:] if len(capital) == 1 else None

    return _each(text, _WORD, new)


def change_dashes(text: Marked, dash: str) -> Marked:
    """The text with another dash between words."""
    return _each(text, re.compile(_DASH), lambda _: dash, mentions=True)


# Quotation marks


def quoted_stretches(text: Marked) -> list[Quoted]:
    """Every pair of quotation marks, by the labels and inside them by the marks themselves."""
    found: list[Quoted] = []
    for label in text.of("direct", "fragment", "scare"):
        closed = label.end - label.start > 1 and text.text[label.end - 1] in DOUBLE + SINGLE
        found.append(Quoted(label.start, label.end - 1 if closed else None, ""))
        end = label.end - 1 if closed else label.end
        found += _pairs_in(text.text, label.start + 1, end, text.text[label.start])
    for label in text.of("block"):
        found += _pairs_in(text.text, label.start, label.end, "")
    return found


def _pairs_in(text: str, start: int, end: int, around: str) -> Iterator[Quoted]:
    for opening, closing in mark_pairs(text[start:end]):
        place = start + opening
        yield Quoted(place, start + closing - 1, around)
        yield from _pairs_in(text, place + 1, start + closing - 1, around + text[place])


def pull_punctuation_in(text: Marked) -> Marked:
    """The text with each comma and full stop that follows a closing mark inside it, as American papers have it."""
    closing = {pair.end for pair in quoted_stretches(text) if pair.end is not None}
    for end in sorted(closing):
        after = end + 1
        following = text.text[after : after + 2]
        if after in closing or following[:1] not in (",", ".") or following[1:].isalnum() or following == "..":
            continue
        start = end
        while start - 1 in closing:
            start -= 1
        if text.text[start - 1] not in ".,?!…":
            text = pull_in(text, start, after)
    return text


def change_marks(text: Marked, marks: Marks) -> Marked:
    """The text with the marks of a house style for plain ones; what is no quotation mark is an apostrophe.

    Plain double marks are the style's outer ones, plain single ones outside others those of its headlines; inside a pair, outer
    and inner marks take turns.
    """
    new: dict[int, str] = {}
    for pair in quoted_stretches(text):
        outermost = (pair.around or text.text[pair.start])[0]
        first = marks.outer if outermost == '"' else marks.headline
        second = marks.inner if first == marks.outer else marks.outer
        own = second if len(pair.around) % 2 else first
        new[pair.start] = own[0]
        if pair.end is not None:
            new[pair.end] = own[1]
    for place, character in enumerate(text.text):
        if character == "'" and place not in new:
            new[place] = marks.apostrophe
    return edit(text, (Edit(place, place + 1, mark) for place, mark in new.items() if text.text[place] != mark))
