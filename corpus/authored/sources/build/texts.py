"""What is wrong inside one source: typography, labels that the guidelines do not allow, numbers of quotations, wordings."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from marked import CUE, MENTION, SOURCE, Label, Marked
from source import Problem, Section, Source, error, note
from wirecopy.findings import nearest
from wirecopy.labels import QUOTE_TYPES
from wirecopy.validation.marks import DOUBLE, closes_later, cover, mark_pairs, reopens, same_width

IN_MARKS = ("direct", "fragment", "scare")
_TYPOGRAPHY = {
    **dict.fromkeys("“”«»", 'write "'),
    **dict.fromkeys("‘’", "write '"),
    **dict.fromkeys("\t\u00a0\u2028\u2029\u202f", "write a space"),
    **dict.fromkeys("\u200b\ufeff\u00ad", "take it out"),
    "—": "write ' – '",
}


def check_source(source: Source) -> Iterator[Problem]:
    """Everything that can be said of a source without others."""
    for section in source.sections.values():
        for part in section.parts:
            yield from _check_typography(source, section.text_line, part.text)
            yield from _check_nesting(source, section.text_line, part)
            yield from _check_edges(source, section.text_line, part)
            yield from _check_marks(source, section.text_line, part)
            yield from _check_cues(source, section, part)
        whole = section.whole
        for label in whole.of("block"):
            if len(section.parts) > 1 or (label.start, label.end) != (0, len(whole.text)):
                message = f"{shown(whole, label)} is not its whole block; label the whole line, without ' // '"
                yield error(source, section.text_line, message)
    yield from _check_numbers(source)
    yield from _check_wordings(source)
    yield from _check_names(source)


def shown(text: Marked, label: Label) -> str:
    """A label in a message."""
    what = label.kind if label.kind == MENTION else f"{label.kind} {','.join(label.names)}"
    surface = text.surface(label)
    return f"{what} ({surface if len(surface) <= 40 else surface[:39] + '…'!r})"


def in_one_word(before: str, after: str) -> bool:
    """Whether two neighbouring characters stand in one token."""
    return before.isalnum() and after.isalnum() and not (before.islower() and after.isupper())


def _around(text: str, place: int) -> str:
    return repr(text[max(0, place - 12) :][:25])


# One text


def _check_typography(source: Source, line: int, text: str) -> Iterator[Problem]:
    for character, remedy in _TYPOGRAPHY.items():
        if character in text:
            found = f"found U+{ord(character):04X} at {_around(text, text.index(character))}"
            yield error(source, line, f"{found}; {remedy}: house styles and noise put such things in")
    if "  " in text:
        yield error(source, line, f"two spaces at {_around(text, text.index('  '))}; write one")
    if "//" in text.replace("://", ""):
        yield error(source, line, "found '//' inside a text, expected ' // ' with spaces between two sentences")
    if " - " in text:
        yield note(source, line, f"found ' - ' at {_around(text, text.index(' - '))}; a dash is ' – '")
    if not text.strip():
        yield error(source, line, "an empty part; ' // ' stands between two sentences")


def _check_nesting(source: Source, line: int, text: Marked) -> Iterator[Problem]:
    """Labels inside others where the guidelines allow none."""
    for outer in text.labels:
        for inner in text.labels:
            if inner is not outer and outer.start <= inner.start and inner.end <= outer.end:
                rule = _broken_by(outer, inner)
                if rule:
                    yield error(source, line, f"{shown(text, inner)} stands inside {shown(text, outer)}; {rule}")


def _broken_by(outer: Label, inner: Label) -> str | None:
    """The rule that a label breaks by standing inside another one."""
    if inner.kind == MENTION:
        return "mentions never nest: the longest name wins" if outer.kind == MENTION else None
    if outer.kind in ("direct", "block"):
        return "inside a direct or block quotation only mentions are marked"
    if outer.kind in ("fragment", "scare"):
        return "inside quotation marks only mentions are marked"
    if outer.kind == "indirect" and inner.kind in ("direct", "indirect", "block"):
        return "an indirect quotation may hold only fragments and scare quotes"
    if outer.kind == "indirect" and inner.kind in IN_MARKS and (outer.start, outer.end) == (inner.start, inner.end):
        return "and is all of it; drop one of the two"
    return None


def _check_edges(source: Source, line: int, text: Marked) -> Iterator[Problem]:
    for label in text.labels:
        for place in (label.start, label.end):
            if 0 < place < len(text.text) and in_one_word(text.text[place - 1], text.text[place]):
                yield error(source, line, f"{shown(text, label)} starts or ends inside a word; labels stand at edges of words")


def _check_marks(source: Source, line: int, text: Marked) -> Iterator[Problem]:
    """Labels without marks, and marks without label."""
    for label in text.of(*IN_MARKS):
        content = text.surface(label)
        what = shown(text, label)
        if len(content) > 2 and same_width(content[0], content[-1]):
            if reopens(content):
                yield error(source, line, f"{what} holds the marks of two pairs; make each pair a quotation of its own")
            continue
        # A direct quotation that runs on into the next block has no closing mark.
        runs_on = label.kind == "direct" and same_width(content[0], content[0]) and not closes_later(text.text, label.start)
        if not runs_on:
            yield error(source, line, f"{what} does not start and end with a quotation mark; take its marks into the label")
    for label in text.of("block"):
        if mark_pairs(text.surface(label)) == [(0, label.end - label.start)]:
            yield error(
                source, line, f"{shown(text, label)} stands in quotation marks, so it is direct; a block quotation has none"
            )
    covered = cover(text.text, ((label.start, label.end) for label in text.of(*IN_MARKS, "block")))
    pairs = mark_pairs(covered)
    for start, end in pairs:
        found = text.text[start:end][:50]
        yield error(source, line, f"the marks around {found!r} are no quotation; label the pair as d, f or x")
    for place, character in enumerate(cover(covered, pairs)):
        if character in DOUBLE:
            yield error(
                source, line, f"a quotation mark without partner at {_around(text.text, place)}; close or label the pair"
            )


def _check_cues(source: Source, section: Section, text: Marked) -> Iterator[Problem]:
    """Cues and sources whose quotation stands elsewhere or nowhere, and indirect quotations without cue."""
    line = section.text_line
    kinds = {label.names[0]: label.kind for label in text.of(*QUOTE_TYPES)}
    counts = Counter((label.kind, number) for label in text.of(CUE, SOURCE) for number in label.names)
    for (kind, number), times in sorted(counts.items()):
        what = f"the {kind} of quotation {number}"
        if times > 1:
            yield error(source, line, f"quotation {number} has {times} {kind} labels here; keep the one the guidelines choose")
        if kinds.get(number) == "scare":
            yield error(
                source, line, f"quotation {number} is scare and has a {kind}; nobody is quoted: drop it, or change the type"
            )
        if number in kinds:
            continue
        homes = [
            (other, label.kind)
            for other in source.sections.values()
            for label in other.whole.of(*QUOTE_TYPES)
            if label.names[0] == number
        ]
        if not homes:
            yield error(source, line, f"{what} has no content [d{number} …] anywhere; mark it, or drop the {kind}")
        elif any(found == "block" for _, found in homes):
            continue
        elif any(other is section for other, _ in homes):
            yield error(source, line, f"{what} and its content stand on two sides of a ' // '; move or drop the cut")
        elif homes[0][0].key == section.key:
            where = homes[0][0].name
            yield error(source, line, f"{what} has its content only in {where}; mark it here too, or drop the {kind}")
        else:
            where = f"{homes[0][0].name}, line {homes[0][0].text_line}"
            yield error(
                source, line, f"{what} stands in another block than its content ({where}); only a block quotation may do so"
            )
    for number, kind in kinds.items():
        if kind == "indirect" and (CUE, number) not in counts:
            yield error(source, line, f"indirect quotation {number} has no cue [c{number} …]; mark it, or drop the quotation")


# One file


def _check_numbers(source: Source) -> Iterator[Problem]:
    """Numbers that stand for two quotations, quotations without and with too many lines of their speaker."""
    first: dict[str, Section] = {}
    kinds: dict[str, set[str]] = defaultdict(set)
    for section in source.sections.values():
        labels = section.whole.of(*QUOTE_TYPES)
        for number, times in Counter(label.names[0] for label in labels).items():
            home = first.setdefault(number, section)
            if times > 1:
                message = f"number {number} is given to {times} quotations; each has a number of its own"
                yield error(source, section.text_line, message)
            if home.key != section.key:
                message = f"number {number} is used already in {home.name} (line {home.text_line}); each quotation has its own"
                yield error(source, section.text_line, message)
        for label in labels:
            kinds[label.names[0]].add(label.kind)
    for number, found in sorted(kinds.items(), key=lambda one: int(one[0])):
        if found == {"scare"} and number in source.statements:
            yield error(source, source.statements[number].line, f"quotation {number} is scare; drop its @ line")
        if found != {"scare"} and number not in source.statements:
            types = ", ".join(sorted(found))
            message = f"quotation {number} ({types}) has no line '@{number} speaker utterance' below its block"
            yield error(source, first[number].text_line, message)
    for number, statement in source.statements.items():
        if number not in kinds:
            yield error(source, statement.line, f"there is no quotation {number}; drop the @ line, or label its content")
        if statement.speaker is not None and statement.speaker not in source.names:
            known = nearest(statement.speaker, source.names)
            yield error(source, statement.line, f"speaker {statement.speaker!r} is not in '= names' ({known}); add its line")


def _check_wordings(source: Source) -> Iterator[Problem]:
    """Other wordings that differ from the first in more, or in less, than words."""
    for section in source.sections.values():
        if section.name == section.key:
            continue
        base = source.sections.get(section.key)
        if base is None:
            message = f"{section.name!r} is another wording of {section.key!r}, which has no section; add it"
            yield error(source, section.line, message)
            continue
        if (base.role, base.topic) != (section.role, section.topic):
            found, expected = (f"{one.role} {one.topic or ''}".strip() for one in (section, base))
            message = f"{section.name!r} is {found}, expected {expected} as {section.key!r}: it says the same"
            yield error(source, section.line, message)
        if base.whole.text == section.whole.text:
            yield error(source, section.text_line, f"{section.name!r} is the same text as {section.key!r}; change or drop it")
    for key in sorted({section.key for section in source.sections.values()}):
        cut = {len(section.parts): section for section in source.wordings(key) if len(section.parts) > 1}
        if len(cut) > 1:
            found = ", ".join(f"{section.name} into {parts}" for parts, section in sorted(cut.items()))
            message = f"the wordings of {key!r} are cut differently ({found}); cut them alike: part n of each says the same"
            yield error(source, list(cut.values())[-1].text_line, message)


def _check_names(source: Source) -> Iterator[Problem]:
    used = {label.names[0] for section in source.sections.values() for part in section.parts for label in part.of(MENTION)}
    used |= {statement.speaker for statement in source.statements.values() if statement.speaker}
    for name in source.names.values():
        if name.entity not in used:
            yield error(source, name.line, f"{name.entity!r} is neither mentioned nor a speaker; drop its line")
