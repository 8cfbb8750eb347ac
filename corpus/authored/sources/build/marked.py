"""Text with labels: reading inline markup into a text and its spans, and edits that move the spans with the text.

Conventions: a label is a stretch ``text[start:end]`` in code points. Labels nest and never cross.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

MENTION, CUE, SOURCE = "mention", "cue", "source"
CUT = " // "
_KINDS = {"d": "direct", "f": "fragment", "b": "block", "i": "indirect", "x": "scare", "c": CUE, "s": SOURCE}
_OPENING = re.compile(r"\[([A-Za-z])(\d+(?:,\d+)*) ")
_BEFORE_MARKUP = re.compile(r"[\[\]{}]")


@dataclass(frozen=True, slots=True)
class Label:
    """A labelled stretch of a text.

    ``names`` holds the entity's id where ``kind`` is a mention, else the numbers of the quotations that it is content, cue or
    source of. A ``bare`` mention takes no honorific.
    """

    start: int
    end: int
    kind: str
    names: tuple[str, ...]
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A text without markup, and its labels in the order of their starts, outer before inner."""

    text: str
    labels: tuple[Label, ...] = ()

    def of(self, *kinds: str) -> tuple[Label, ...]:
        """The labels of some kinds."""
        return tuple(label for label in self.labels if label.kind in kinds)

    def surface(self, label: Label) -> str:
        """The text of a label."""
        return self.text[label.start : label.end]


@dataclass(frozen=True, slots=True)
class Edit:
    """What stands instead of ``text[start:end]``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Open:
    column: int
    start: int
    kind: str
    numbers: tuple[str, ...] = ()
    bare: bool = False


def _order(label: Label) -> tuple[int, int, str, tuple[str, ...]]:
    return (label.start, -label.end, label.kind, label.names)


def marked(text: str, labels: Iterable[Label]) -> Marked:
    """A text with labels, put in order."""
    return Marked(text, tuple(sorted(labels, key=_order)))


def parse(line: str) -> tuple[Marked, list[str]]:
    """The text and the labels of a line with inline markup, and what is wrong with it.

    A mention whose id is not given in the line has no names.
    """
    text = ""
    labels: list[Label] = []
    problems: list[str] = []
    opened: list[_Open] = []
    place = 0
    while place < len(line):
        found = _BEFORE_MARKUP.search(line, place)
        text += line[place : found.start() if found else len(line)]
        if not found:
            break
        place = found.start()
        column, mark = place + 1, line[place]
        if mark == "[":
            opening = _OPENING.match(line, place)
            wrong = _wrong_opening(opening)
            if opening is None or wrong:
                shown = line[place : place + 12]
                problems.append(
                    f"column {column}: {shown!r} {wrong or ''}; expected a letter of d f b i x c s and a number, as [d3 …]"
                )
                return marked(text, labels), problems
            numbers = tuple(opening.group(2).split(","))
            opened.append(_Open(column, len(text), _KINDS[opening.group(1)], numbers))
            place = opening.end()
        elif mark == "{":
            bare = line.startswith("{=", place)
            opened.append(_Open(column, len(text), MENTION, bare=bare))
            place += 2 if bare else 1
        else:
            place += 1
            expected = "{" if mark == "}" else "["
            if not opened:
                problems.append(f"column {column}: {mark!r} closes nothing; open it with {expected!r} or drop it")
                continue
            if (opened[-1].kind == MENTION) != (mark == "}"):
                problems.append(
                    f"column {column}: {mark!r} would close what opens at column {opened[-1].column} "
                    f"({line[opened[-1].column - 1 :][:12]!r}); labels nest and never cross: close the inner one first"
                )
                return marked(text, labels), problems
            text = _close(opened.pop(), text, labels, problems)
    for left in opened:
        shown = line[left.column - 1 :][:20]
        problems.append(f"column {left.column}: {shown!r} is never closed; add {'}' if left.kind == MENTION else ']'}")
    return marked(text, labels), problems


def _wrong_opening(opening: re.Match[str] | None) -> str | None:
    if opening is None:
        return "is no label"
    letter, numbers = opening.groups()
    if letter not in _KINDS:
        return f"has the unknown letter {letter!r}"
    if "," in numbers and letter not in "cs":
        return "gives one content two numbers"
    return None


def _close(left: _Open, text: str, labels: list[Label], problems: list[str]) -> str:
    """Add the label that ends here; the text without the id that a mention may give at its end."""
    names = left.numbers
    if left.kind == MENTION and "|" in text[left.start :]:
        surface, _, name = text[left.start :].partition("|")
        text = text[: left.start] + surface
        names = (name.strip(),)
    surface = text[left.start :]
    if surface != surface.strip() or not surface:
        what = "is empty" if not surface.strip() else "starts or ends with white space"
        problems.append(f"column {left.column}: the label on {surface!r} {what}; leave white space outside the brackets")
        if not surface.strip():
            return text
    labels.append(Label(left.start, len(text), left.kind, names, left.bare))
    return text


def cut(whole: Marked) -> tuple[tuple[Marked, ...], list[str]]:
    """The parts of a text between its places for a cut, and the labels that reach over one."""
    parts = []
    problems = []
    start = 0
    for piece in whole.text.split(CUT):
        end = start + len(piece)
        inside = [label for label in whole.labels if start <= label.start and label.end <= end]
        parts.append(Marked(piece, tuple(replace(label, start=label.start - start, end=label.end - start) for label in inside)))
        start = end + len(CUT)
    held = sum(len(part.labels) for part in parts)
    if held != len(whole.labels):
        for label in whole.labels:
            if CUT in whole.surface(label):
                problems.append(f"the {label.kind} label on {whole.surface(label)[:40]!r}… reaches over ' // '; end it before")
    return tuple(parts), problems


def join(parts: Sequence[Marked], separator: str) -> Marked:
    """Texts one after the other with something between them."""
    labels: list[Label] = []
    start = 0
    for part in parts:
        labels += (replace(label, start=label.start + start, end=label.end + start) for label in part.labels)
        start += len(part.text) + len(separator)
    return Marked(separator.join(part.text for part in parts), tuple(labels))


def cuts_label(whole: Marked, start: int, end: int) -> bool:
    """Whether a label starts or ends strictly inside a stretch, so that an edit of it could not say what becomes of it."""
    return any(start < label.start < end or start < label.end < end for label in whole.labels)


def within(whole: Marked, start: int, end: int, *kinds: str) -> bool:
    """Whether a stretch and a label of some kinds share a character."""
    return any(label.start < end and start < label.end for label in whole.of(*kinds))


def edit(whole: Marked, edits: Iterable[Edit]) -> Marked:
    """The text after edits that do not overlap.

    What is inserted where labels start stands outside mentions and inside the others; where labels end, outside all.

    Raises:
        ValueError: two edits overlap, or a label starts or ends strictly inside one.
    """
    ordered = sorted(edits, key=lambda one: (one.start, one.end))
    text = ""
    done = 0
    for one in ordered:
        if one.start < done or cuts_label(whole, one.start, one.end):
            raise ValueError(f"the edit of {whole.text[one.start : one.end]!r} at {one.start} overlaps another or cuts a label")
        text += whole.text[done : one.start] + one.text
        done = one.end
    text += whole.text[done:]

    def moved(place: int, *, past_insertion: bool) -> int:
        before = (one for one in ordered if one.end <= place and (past_insertion or one.start < place))
        return place + sum(len(one.text) - (one.end - one.start) for one in before)

    return Marked(
        text,
        tuple(
            replace(
                label,
                start=moved(label.start, past_insertion=label.kind == MENTION),
                end=moved(label.end, past_insertion=False),
            )
            for label in whole.labels
        ),
    )


def pull_in(whole: Marked, start: int, end: int) -> Marked:
    """The text after the character at ``end`` went before the marks ``text[start:end]``.

    Labels that end with one of the marks take the character in.
    """
    text = whole.text[:start] + whole.text[end] + whole.text[start:end] + whole.text[end + 1 :]
    labels = (replace(label, end=label.end + 1) if start < label.end <= end else label for label in whole.labels)
    return Marked(text, tuple(labels))
