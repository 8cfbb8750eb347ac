"""Duplicates in Label Studio: two story versions side by side, their relation, and the lines that are one passage.

On the left stand the numbered blocks of version ``a``, on the right those of version ``b``. A line on the right that is a block
of the left after copy-editing, or shares a whole sentence with one, is drawn as ``edited`` or ``partial``, and the blocks on
the left are chosen for it. Lines that are the same are marked with ``=`` and never drawn.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wirecopy.corpus import Block, Corpus, fold
from wirecopy.derive import Version, identical_blocks
from wirecopy.findings import quoted
from wirecopy.labels import DRAWN_RELATIONS, VERSION_RELATIONS, BlockPair, VersionPair
from wirecopy.labelstudio.regions import Controls, Item, Problem, Region, Result, choice_item, region_items
from wirecopy.labelstudio.spans import check_text

GUIDELINES = ("2",)
CONTROLS = Controls(text="b_text", labels="alignment", region=("a_blocks",), task=("relation",))
CONFIG = """<View>
  <View style="position: sticky; top: 0; z-index: 10; background: var(--color-neutral-background, #fff)">
    <Header value="Do these two come from one copy?" size="5"/>
    <Choices name="relation" toName="b_text" choice="single" required="true" showInline="true">
      <Choice value="unrelated" hotkey="u"/>
      <Choice value="same_event" hotkey="e"/>
      <Choice value="near_duplicate" hotkey="n"/>
      <Choice value="identical" hotkey="i"/>
    </Choices>
    <Header value="Draw lines on the right that are, or share a sentence with, one on the left (not those with =)" size="5"/>
    <Labels name="alignment" toName="b_text" choice="single">
      <Label value="edited" background="#1e8449" hotkey="1"/>
      <Label value="partial" background="#b8860b" hotkey="2"/>
    </Labels>
  </View>
  <View style="display: flex; gap: 1em; align-items: flex-start">
    <View style="flex: 1; min-width: 0"><Text name="a_text" value="$a_text"/></View>
    <View style="flex: 1; min-width: 0"><Text name="b_text" value="$b_text" granularity="paragraph"/></View>
    <View style="flex: 0 0 15em; max-width: 15em; position: sticky; top: 14em">
      <View visibleWhen="region-selected">
        <Header value="With which lines on the left?" size="5"/>
        <Choices name="a_blocks" toName="b_text" perRegion="true" value="$a_blocks" choice="multiple" layout="select"/>
      </View>
    </View>
  </View>
</View>"""
_WORDS = 8
_NUMBER = re.compile(r"([0-9]{1,9}) ·")


@dataclass(frozen=True)
class PairView:
    """Two versions as the page shows them."""

    a: Version
    b: Version
    corpus: Corpus

    @cached_property
    def same(self) -> frozenset[int]:
        """The blocks of ``a`` that stand in ``b`` too."""
        return frozenset(pair.a_block for pair in identical_blocks(self.a, self.b, self.corpus))

    def _lines(self, version: Version) -> list[str]:
        document = self.corpus[version.doc_id]
        return [document.block_text(block) for block in version.blocks]

    @cached_property
    def a_text(self) -> str:
        """The left side: a block a line, with its number."""
        lines = zip(self.a.blocks, self._lines(self.a), strict=True)
        return "\n\n".join(f"[{block}{' =' if block in self.same else ''}] {line}" for block, line in lines)

    @cached_property
    def b_text(self) -> str:
        """The right side: a block a line."""
        return "\n\n".join(self._lines(self.b))

    @cached_property
    def b_spans(self) -> dict[int, Block]:
        """Where each block of ``b`` stands in the right side."""
        spans, position = {}, 0
        for block, line in zip(self.b.blocks, self._lines(self.b), strict=True):
            spans[block] = Block(position, position + len(line))
            position += len(line) + 2
        return spans

    @cached_property
    def choices(self) -> dict[int, str]:
        """What is offered for each block of ``a``: its number and its first words."""
        return {
            block: f"{block} · {' '.join(line.split()[:_WORDS])}"
            for block, line in zip(self.a.blocks, self._lines(self.a), strict=True)
        }

    def data(self) -> dict[str, Any]:
        """What a task of the pair shows."""
        offered = [{"value": choice} for choice in self.choices.values()]
        return {"a_text": self.a_text, "b_text": self.b_text, "a_blocks": offered}


def to_items(relation: str, aligned: Iterable[BlockPair], view: PairView) -> list[Item]:
    """The relation of a pair and its drawn alignments as the result of an annotation."""
    grouped: dict[tuple[int, str], list[int]] = {}
    for pair in aligned:
        if pair.a_block in view.choices and pair.b_block in view.b_spans:
            grouped.setdefault((pair.b_block, pair.relation), []).append(pair.a_block)
    items = [choice_item("relation", CONTROLS.text, relation)]
    for (block, label), others in sorted(grouped.items()):
        span = view.b_spans[block]
        items += region_items(
            CONTROLS,
            region=f"block-{block}-{label}",
            start=span.start,
            end=span.end,
            text=view.b_text[span.start : span.end],
            label=label,
            values={"a_blocks": [view.choices[other] for other in sorted(others)]},
        )
    return items


def from_result(result: Result, view: PairView) -> tuple[VersionPair | None, list[tuple[BlockPair, Region]], list[Problem]]:
    """The relation of a pair, None where it is ``unrelated``, its alignments and what is wrong."""
    problems = []

    def note(code: str, message: str, remedy: str, region: Region | None = None) -> None:
        place = (region.id, region.start, region.end) if region else (None, None, None)
        problems.append(Problem(code, message, remedy, *place))

    given = result.values.get("relation", ())
    if len(given) != 1 or given[0] not in VERSION_RELATIONS:
        found = ", ".join(map(quoted, given)) or "none"
        note("pair-without-relation", f"the relation is {found}, expected one of {', '.join(VERSION_RELATIONS)}", "choose one")
        return None, [], problems
    relation = given[0]
    aligned: dict[tuple[int, int], tuple[BlockPair, Region]] = {}
    if relation == "unrelated" and result.regions:
        message = "lines are drawn, but the relation is unrelated"
        note("alignment-of-unrelated", message, "delete the regions, or choose another relation", result.regions[0])
    for region in result.regions:
        if region.label not in DRAWN_RELATIONS:
            known = "expected edited or partial"
            note("region-unknown-label", f"a line has the label {quoted(region.label)}, {known}", "take a known one", region)
            continue
        there = _covered(region, view)
        if there is None:
            note("blocks-cut", "the region does not cover one whole line, expected one", "draw over one whole line", region)
            continue
        differs = check_text(region, view.b_text)
        if differs:
            problems.append(differs)
            continue
        others = region.values.get("a_blocks", ())
        numbers = [int(match[1]) for other in others if (match := _NUMBER.match(other))]
        if not numbers or len(numbers) < len(others) or not set(numbers) <= set(view.choices):
            said = ", ".join(map(quoted, others)) or "nothing"
            note("alignment-without-block", f"chosen on the left is {said}, expected lines of it", "choose them", region)
            continue
        for number in numbers:
            what = f"block {number} on the left and block {there} on the right"
            if _same(number, there, view):
                note("identical-drawn", f"{what} are the same text, which is computed", "delete the region", region)
            elif (number, there) in aligned:
                note("aligned-twice", f"{what} are aligned twice, expected once", "delete one of the regions", region)
            else:
                aligned[(number, there)] = _pair(view, number, there, region)
    if relation == "unrelated":
        return None, [], problems
    return VersionPair(a=view.a.version, b=view.b.version, relation=relation), list(aligned.values()), problems


def _same(number: int, there: int, view: PairView) -> bool:
    a, b = view.corpus[view.a.doc_id], view.corpus[view.b.doc_id]
    return fold(a.block_text(number)) == fold(b.block_text(there))


def _covered(region: Region, view: PairView) -> int | None:
    """The one block of the right side that a region covers; white space at its edges does not matter."""
    if not 0 <= region.start < region.end <= len(view.b_text):
        return None
    slice_ = view.b_text[region.start : region.end]
    start = region.start + len(slice_) - len(slice_.lstrip())
    return next(
        (block for block, span in view.b_spans.items() if (span.start, span.end) == (start, start + len(slice_.strip()))), None
    )


def _pair(view: PairView, number: int, there: int, region: Region) -> tuple[BlockPair, Region]:
    pair = BlockPair(a_doc=view.a.doc_id, a_block=number, b_doc=view.b.doc_id, b_block=there, relation=region.label)
    return pair, region
