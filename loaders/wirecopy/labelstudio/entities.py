"""Named entities in Label Studio: a span with its type, and the id of what it names."""

from collections.abc import Collection, Iterable

from wirecopy.corpus import Document
from wirecopy.labels import Mention
from wirecopy.labelstudio.regions import Controls, Item, Problem, Region, Result, choose, chosen, region_items
from wirecopy.labelstudio.spans import check_slug, surface

GUIDELINES = ("0", "4")
CONTROLS = Controls(text="text", labels="type", region=("entity", "new_entity"), task=("nothing",))
CONFIG = """<View>
  <View style="display: flex; gap: 1em; align-items: flex-start">
    <View style="flex: 1; min-width: 0">
      <View style="position: sticky; top: 0; z-index: 10; background: var(--color-neutral-background, #fff)">
        <Labels name="type" toName="text" choice="single">
          <Label value="PERSON" background="#c0392b" hotkey="1"/>
          <Label value="NORP" background="#8e44ad" hotkey="2"/>
          <Label value="FAC" background="#b8860b" hotkey="3"/>
          <Label value="ORG" background="#2471a3" hotkey="4"/>
          <Label value="GPE" background="#1e8449" hotkey="5"/>
          <Label value="LOC" background="#148f77" hotkey="6"/>
          <Label value="PRODUCT" background="#a04000" hotkey="7"/>
          <Label value="EVENT" background="#c2185b" hotkey="8"/>
          <Label value="WORK_OF_ART" background="#6d4c41" hotkey="9"/>
          <Label value="LAW" background="#455a64" hotkey="0"/>
        </Labels>
      </View>
      <Text name="text" value="$text" granularity="symbol"/>
      <Choices name="nothing" toName="text" choice="multiple"><Choice value="nothing to label"/></Choices>
    </View>
    <View style="flex: 0 0 15em; max-width: 15em; position: sticky; top: 0">
      <View visibleWhen="region-selected">
        <Header value="What it names: choose, or write an id" size="5"/>
        <Choices name="entity" toName="text" perRegion="true" value="$entities" choice="single" layout="select"/>
        <TextArea name="new_entity" toName="text" perRegion="true" maxSubmissions="1" editable="true" rows="1"
          placeholder="another-id"/>
      </View>
    </View>
  </View>
</View>"""


def to_items(mentions: Iterable[Mention], document: Document, *, offered: Collection[str]) -> list[Item]:
    """Mentions as the result of an annotation; ids that are not ``offered`` are written as free text."""
    return [
        item
        for mention in mentions
        for item in region_items(
            CONTROLS,
            region=f"{mention.start}-{mention.end}-{mention.type}",
            start=mention.start,
            end=mention.end,
            text=document.text[mention.start : mention.end],
            label=mention.type,
            values=choose("entity", mention.entity, offered),
        )
    ]


def from_result(result: Result, document: Document) -> tuple[list[tuple[Mention, Region]], list[Problem]]:
    """The mentions of an annotation, each with its region; offsets and types are checked by the caller."""
    records, problems = [], []
    for region in result.regions:
        entity, problem = chosen(region, "entity")
        problem = problem or check_slug("the id", entity, region)
        if problem:
            problems.append(problem)
            continue
        text = surface(region, document.text)
        records.append((Mention(start=region.start, end=region.end, text=text, type=region.label, entity=entity), region))
    return records, problems
