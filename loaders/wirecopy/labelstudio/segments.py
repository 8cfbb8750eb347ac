"""Topic segments in Label Studio: whole lines with their role, and the story or topic they belong to.

A region may cover several lines that share role, story and topic; blank lines between them do not matter.
"""

from collections.abc import Collection, Iterable

from wirecopy.corpus import Document
from wirecopy.findings import quoted
from wirecopy.labels import BlockLabel
from wirecopy.labelstudio.regions import Controls, Item, Problem, Region, Result, choose, chosen, region_items
from wirecopy.labelstudio.spans import check_slug, check_text

GUIDELINES = ("0", "1")
CONTROLS = Controls(text="text", labels="role", region=("place", "new_place"))
CONFIG = """<View>
  <View style="display: flex; gap: 1em; align-items: flex-start">
    <View style="flex: 1; min-width: 0">
      <View style="position: sticky; top: 0; z-index: 10; background: var(--color-neutral-background, #fff)">
        <Labels name="role" toName="text" choice="single">
          <Label value="headline" background="#c0392b" hotkey="1"/>
          <Label value="caption" background="#8e44ad" hotkey="2"/>
          <Label value="metadata" background="#b8860b" hotkey="3"/>
          <Label value="subheading" background="#a04000" hotkey="4"/>
          <Label value="body" background="#1e8449" hotkey="5"/>
          <Label value="related" background="#2471a3" hotkey="6"/>
          <Label value="boilerplate" background="#455a64" hotkey="7"/>
        </Labels>
      </View>
      <Text name="text" value="$text" granularity="paragraph"/>
    </View>
    <View style="flex: 0 0 15em; max-width: 15em; position: sticky; top: 0">
      <View visibleWhen="region-selected">
        <Header value="Story, for body and subheading story/topic: choose, or write" size="5"/>
        <Choices name="place" toName="text" perRegion="true" value="$places" choice="single" layout="select"/>
        <TextArea name="new_place" toName="text" perRegion="true" maxSubmissions="1" editable="true" rows="1"
          placeholder="story/topic"/>
      </View>
    </View>
  </View>
</View>"""


def to_items(labels: Iterable[BlockLabel], document: Document, *, offered: Collection[str]) -> list[Item]:
    """Block labels as the result of an annotation, a region a block."""
    items = []
    for label in labels:
        block = document.blocks[label.block]
        place = label.story if label.topic is None else f"{label.story or ''}/{label.topic}"
        items += region_items(
            CONTROLS,
            region=f"block-{label.block}",
            start=block.start,
            end=block.end,
            text=document.text[block.start : block.end],
            label=label.role,
            values=choose("place", place, offered),
        )
    return items


def from_result(result: Result, document: Document) -> tuple[list[tuple[BlockLabel, Region]], list[Problem]]:
    """The block labels of an annotation, one for each block that a region covers."""
    records: dict[int, tuple[BlockLabel, Region]] = {}
    problems = []

    def note(code: str, message: str, remedy: str, region: Region) -> None:
        problems.append(Problem(code, message, remedy, region.id, region.start, region.end))

    for region in result.regions:
        place, problem = chosen(region, "place")
        story, slash, topic = (place or "").partition("/")
        problem = problem or check_slug("the story", story or None, region)
        problem = problem or (check_slug("the topic", topic, region) if slash else None)
        if problem:
            problems.append(problem)
            continue
        blocks = covered_blocks(region, document)
        if isinstance(blocks, str):
            note("blocks-cut", blocks, "draw over whole lines", region)
            continue
        differs = check_text(region, document.text)
        if differs:
            problems.append(differs)
            continue
        for block in blocks:
            if block in records:
                message = f"block {block} ({quoted(document.block_text(block))}) lies in two regions, expected one"
                note("block-labelled-twice", message, "delete one of them, or draw it over fewer lines", region)
                continue
            records[block] = (BlockLabel(block=block, role=region.label, story=story or None, topic=topic or None), region)
    touched = set(records) | {b for p in problems for b in _touched(p, document)}
    for block, span in enumerate(document.blocks):
        if block not in touched:
            message = f"block {block} ({quoted(document.block_text(block))}) lies in no region, expected one"
            remedy = "draw a region over the line and give it a role"
            problems.append(Problem("block-unlabelled", message, remedy, None, span.start, span.end))
    return [records[block] for block in sorted(records)], problems


def _touched(problem: Problem, document: Document) -> list[int]:
    """The blocks that a region with a problem lies on: they are not reported as unlabelled too."""
    if problem.start is None or problem.end is None:
        return []
    return [n for n, block in enumerate(document.blocks) if block.start < problem.end and problem.start < block.end]


def covered_blocks(region: Region, document: Document) -> list[int] | str:
    """The blocks that a region covers whole, or what is wrong with it; white space at its edges does not matter."""
    if not 0 <= region.start < region.end <= len(document.text):
        where = f"the region [{region.start}:{region.end}]"
        return f"{where} is out of range or empty, expected offsets from 0 to {len(document.text)}"
    slice_ = document.text[region.start : region.end]
    start = region.start + len(slice_) - len(slice_.lstrip())
    end = region.start + len(slice_.rstrip())
    inside = [n for n, block in enumerate(document.blocks) if block.start < end and start < block.end]
    if not inside:
        return "the region holds white space alone, expected whole lines"
    first, last = document.blocks[inside[0]], document.blocks[inside[-1]]
    if (first.start, last.end) != (start, end):
        return f"the region [{start}:{end}] cuts a line, expected whole lines, [{first.start}:{last.end}]"
    return inside
