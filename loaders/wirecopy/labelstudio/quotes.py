"""Quotations in Label Studio: content, cue and source are regions, tied by arrows; type is the label of the content."""

from collections.abc import Collection, Iterable

from wirecopy.corpus import Document
from wirecopy.findings import quoted
from wirecopy.labels import QUOTE_TYPES, Quotation, Span
from wirecopy.labelstudio.regions import (
    Controls,
    Item,
    Problem,
    Region,
    Result,
    choose,
    chosen,
    only,
    region_items,
    relation_item,
)
from wirecopy.labelstudio.spans import check_slug, surface

GUIDELINES = ("0", "3")
CONTROLS = Controls(text="text", labels="part", region=("speaker", "new_speaker", "new_utterance"), task=("nothing",))
PARTS = ("cue", "source")
CONFIG = """<View>
  <Relations>
    <Relation value="cue"/>
    <Relation value="source"/>
  </Relations>
  <View style="display: flex; gap: 1em; align-items: flex-start">
    <View style="flex: 1; min-width: 0">
      <View style="position: sticky; top: 0; z-index: 10; background: var(--color-neutral-background, #fff)">
        <Labels name="part" toName="text" choice="single">
          <Label value="direct" background="#1e8449" hotkey="1"/>
          <Label value="fragment" background="#148f77" hotkey="2"/>
          <Label value="block" background="#2471a3" hotkey="3"/>
          <Label value="indirect" background="#b8860b" hotkey="4"/>
          <Label value="scare" background="#8e44ad" hotkey="5"/>
          <Label value="cue" background="#c0392b" hotkey="6"/>
          <Label value="source" background="#a04000" hotkey="7"/>
        </Labels>
      </View>
      <Text name="text" value="$text" granularity="symbol"/>
      <Choices name="nothing" toName="text" choice="multiple"><Choice value="nothing to label"/></Choices>
    </View>
    <View style="flex: 0 0 15em; max-width: 15em; position: sticky; top: 0">
      <View visibleWhen="region-selected" whenTagName="part" whenLabelValue="direct,fragment,block,indirect,scare">
        <Header value="Who says it (choose, or write an id), and a short name for what is said" size="5"/>
        <Choices name="speaker" toName="text" perRegion="true" value="$entities" choice="single" layout="select"/>
        <TextArea name="new_speaker" toName="text" perRegion="true" maxSubmissions="1" editable="true" rows="1"
          placeholder="another-id"/>
        <TextArea name="new_utterance" toName="text" perRegion="true" maxSubmissions="1" editable="true" rows="1"
          placeholder="what-is-said"/>
      </View>
    </View>
  </View>
</View>"""


def to_items(quotations: Iterable[Quotation], document: Document, *, offered: Collection[str]) -> list[Item]:
    """Quotations as the result of an annotation; a cue or source that serves several of them is one region."""
    items: dict[str, list[Item]] = {}
    arrows: list[Item] = []

    def add(label: str, start: int, end: int, values: dict[str, list[str]]) -> str:
        region = f"{start}-{end}-{label}"
        text = document.text[start:end]
        items.setdefault(
            region, region_items(CONTROLS, region=region, start=start, end=end, text=text, label=label, values=values)
        )
        return region

    for quotation in quotations:
        said = choose("speaker", quotation.speaker, offered) | choose("utterance", quotation.utterance, ())
        content = add(quotation.type, quotation.start, quotation.end, said)
        for part in PARTS:
            span = getattr(quotation, part)
            if span is not None:
                arrows.append(relation_item(content, add(part, span.start, span.end, {})))
    return [*(item for own in items.values() for item in own), *arrows]


def from_result(result: Result, document: Document) -> tuple[list[tuple[Quotation, Region]], list[Problem]]:
    """The quotations of an annotation, each with the region of its content; offsets are checked by the caller.

    An arrow may be drawn either way and carries no name: which end is the content follows from the labels.
    """
    parts, problems = _tie(result)
    records = []
    for region in result.regions:
        if region.label in PARTS:
            continue
        speaker, problem = chosen(region, "speaker")
        utterance, second = only(region, "new_utterance")
        problem = (
            problem or second or check_slug("the speaker", speaker, region) or check_slug("the utterance", utterance, region)
        )
        if problem:
            problems.append(problem)
            continue
        own = parts.get(region.id, {})
        records.append(
            (
                Quotation(
                    start=region.start,
                    end=region.end,
                    text=surface(region, document.text),
                    type=region.label,
                    cue=_span(own.get("cue"), document),
                    source=_span(own.get("source"), document),
                    speaker=speaker,
                    utterance=utterance,
                ),
                region,
            )
        )
    return records, problems


def _span(region: Region | None, document: Document) -> Span | None:
    if region is None:
        return None
    return Span(start=region.start, end=region.end, text=surface(region, document.text))


def _tie(result: Result) -> tuple[dict[str, dict[str, Region]], list[Problem]]:
    """For the id of each content its cue and its source, and the arrows and parts that cannot be right."""
    regions = {region.id: region for region in result.regions}
    parts: dict[str, dict[str, Region]] = {}
    problems = []
    used = set()

    def note(code: str, message: str, region: Region | None) -> None:
        place = (region.id, region.start, region.end) if region else (None, None, None)
        problems.append(Problem(code, message, "delete the arrow, or draw it from a content to its cue or source", *place))

    for ends in result.relations:
        missing = [end for end in ends if end not in regions]
        if missing:
            there = next((regions[end] for end in ends if end in regions), None)
            note("relation-dangling", f"an arrow leads to the region {quoted(missing[0])}, which is not there", there)
            continue
        first, second = (regions[end] for end in ends)
        contents = [region for region in (first, second) if region.label in QUOTE_TYPES]
        if len(contents) != 1:
            tied = f"{quoted(first.label)} to {quoted(second.label)}"
            note("relation-unclear", f"an arrow ties {tied}, expected a content and its part", first)
            continue
        content = contents[0]
        part = second if content is first else first
        used.add(part.id)
        own = parts.setdefault(content.id, {})
        if own.setdefault(part.label, part) is not part:
            note("relation-unclear", f"a quotation has two arrows to a {quoted(part.label)}, expected one", content)
    for region in result.regions:
        if region.label in PARTS and region.id not in used:
            message = f"this {region.label} belongs to no quotation, expected an arrow to one"
            remedy = "click it, press Alt+R, click the content; or delete the region"
            problems.append(Problem("part-untied", message, remedy, region.id, region.start, region.end))
    return parts, problems
