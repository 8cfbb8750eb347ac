"""Finds quotation marks that belong together, straight, curly and angular, single and double; an apostrophe is no mark.

Conventions: a text is one block; a pair is ``(start, end)`` in code points of it, ``end`` exclusive, both marks inside.
"""

import re
from collections.abc import Iterable

DOUBLE = '"“”«»'
SINGLE = "'‘’"
_OPENING = "“‘«"
_BEFORE_OPENING = "([{<—–-/…"
_AFTER_CLOSING = ".,;:!?)]}>—–-/…"
# Words that begin with an apostrophe, and decades (*the '90s*).
_ELISION = re.compile(r"(?:\d\ds?|em|til|tis|twas|cause|bout|round|n|neath)\b", re.IGNORECASE)


def mark_pairs(text: str) -> list[tuple[int, int]]:
    """The pairs of quotation marks in a block that stand in no other pair, in order.

    A mark without a partner is passed over, and so is a pair inside another one.
    """
    doubles = _double_pairs(text)
    found = [*doubles, *_single_pairs(cover(text, doubles))]
    return [pair for pair in sorted(found) if not any(_inside(pair, other) for other in found)]


def cover(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text with every character of some spans made a letter, so that no mark in them is seen and offsets stay."""
    for start, end in spans:
        text = text[:start] + "x" * (end - start) + text[end:]
    return text


def same_width(opening: str, closing: str) -> bool:
    """Whether two characters are quotation marks that can open and close one quotation."""
    return (opening in DOUBLE and closing in DOUBLE) or (opening in SINGLE and closing in SINGLE)


def closes_later(text: str, start: int) -> bool:
    """Whether a mark that could close the one at ``start`` stands after it in the block."""
    wanted = DOUBLE if text[start] in DOUBLE else SINGLE
    later = (place for place in range(start + 1, len(text)) if text[place] in wanted and text[place] not in _OPENING)
    return any(text[place] in DOUBLE or not _in_word(text, place) for place in later)


def reopens(content: str) -> bool:
    """Whether the content of a quotation holds, between its outer marks, the end of one pair and the start of the next."""
    width = DOUBLE if content[0] in DOUBLE else SINGLE
    closed = False
    depth = 0
    for place in range(1, len(content) - 1):
        if content[place] not in width or (width == SINGLE and _in_word(content, place)):
            continue
        if _opens(content, place):
            if closed:
                return True
            depth += 1
        elif depth:
            depth -= 1
        else:
            closed = True
    return False


def _opens(text: str, place: int) -> bool:
    if text[place] in SINGLE:
        return _opens_single(text, place)
    return text[place] in _OPENING or _only_opens(text, place)


def _inside(pair: tuple[int, int], other: tuple[int, int]) -> bool:
    return other != pair and other[0] <= pair[0] and pair[1] <= other[1]


def _at(text: str, place: int) -> str:
    """The character at a place, a space past either end."""
    return text[place] if 0 <= place < len(text) else " "


def _in_word(text: str, place: int) -> bool:
    return _at(text, place - 1).isalnum() and _at(text, place + 1).isalnum()


def _only_closes(text: str, place: int) -> bool:
    """Whether a double mark can, by the characters beside it, only be a closing one."""
    before, after = _at(text, place - 1), _at(text, place + 1)
    return after.isspace() or (not before.isspace() and before not in _BEFORE_OPENING and after in _AFTER_CLOSING)


def _only_opens(text: str, place: int) -> bool:
    """Whether a double mark can, by the characters beside it, only be an opening one."""
    return _at(text, place - 1).isspace() and _at(text, place + 1).isalnum()


def _double_pairs(text: str) -> list[tuple[int, int]]:
    pairs = []
    opened: list[int] = []
    for place, mark in enumerate(text):
        if mark not in DOUBLE:
            continue
        # A straight mark that could be either closes what is open.
        first = not opened and mark == '"' and not _only_closes(text, place)
        if first or _opens(text, place):
            opened.append(place)
        elif opened:
            pairs.append((opened.pop(), place + 1))
    return pairs


def _opens_single(text: str, place: int) -> bool:
    mark, before, after = text[place], _at(text, place - 1), _at(text, place + 1)
    if after.isspace() or _ELISION.match(text, place + 1):
        return False
    free = before.isspace() or before in _BEFORE_OPENING or before in DOUBLE
    return mark in _OPENING or (mark == "'" and free)


def _single_pairs(text: str) -> list[tuple[int, int]]:
    pairs = []
    place = 0
    while place < len(text):
        if text[place] in SINGLE and _opens_single(text, place):
            end = _closing_single(text, place)
            if end is not None:
                pairs.append((place, end + 1))
                place = end
        place += 1
    return pairs


def _closing_single(text: str, opened: int) -> int | None:
    """Where the single mark at ``opened`` closes: the first place that can be no apostrophe, else the first of all.

    An apostrophe stands inside a word or ends a plural before the next word (*the workers' pay*).
    """
    first = None
    for place in range(opened + 1, len(text)):
        if text[place] not in SINGLE:
            continue
        if _opens_single(text, place):
            break
        if _at(text, place - 1).isspace() or _in_word(text, place):
            continue
        possessive = _at(text, place - 1) in "sS" and _at(text, place + 1) == " "
        if not possessive:
            return place
        first = place if first is None else first
    return first
