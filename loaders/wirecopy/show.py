"""A document with its labels, for reading in a terminal."""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from wirecopy.corpus import Document
from wirecopy.labels import BlockLabel, LabelTree, Mention, Quotation

# Colours that stay apart on dark and on light backgrounds; the type is printed too, so nothing rests on colour alone.
COLOURS = {
    "PERSON": "bright_red",
    "NORP": "magenta",
    "FAC": "yellow",
    "ORG": "bright_blue",
    "GPE": "green",
    "LOC": "cyan",
    "PRODUCT": "yellow",
    "EVENT": "bright_magenta",
    "WORK_OF_ART": "bright_magenta",
    "LAW": "bright_blue",
}


def render(document: Document, tree: LabelTree, *, blocks: range | None = None) -> RenderableType:
    """Every block (or those of a range) with its role, story and topic, its mentions and, below it, its quotations."""
    labels = {label.block: label for label in (tree.segments or {}).get(document.doc_id, ())}
    mentions = (tree.entities or {}).get(document.doc_id, ())
    quotations = (tree.quotes or {}).get(document.doc_id, ())
    parts: list[RenderableType] = [Text(document.doc_id, style="bold"), _legend()]
    for number in blocks or range(len(document.blocks)):
        block = document.blocks[number]
        inside = [m for m in mentions if block.start <= m.start and m.end <= block.end]
        said = [q for q in quotations if block.start <= q.start and q.end <= block.end]
        parts.append(Text())
        parts.append(_heading(number, labels.get(number)))
        parts.append(Padding(_marked(document, number, inside, said), (0, 0, 0, 2)))
        parts.extend(Padding(_quotation(document, quotation), (0, 0, 0, 4)) for quotation in said)
    return Group(*parts)


def _legend() -> Text:
    legend = Text("names: ")
    for kind, colour in COLOURS.items():
        legend.append(kind, style=f"{colour} bold").append(" ")
    return legend.append(" ").append("quoted", style="underline")


def _heading(number: int, label: BlockLabel | None) -> Text:
    heading = Text().append(f"[{number}] ", style="bold")
    if label is None:
        return heading.append("no label", style="dim italic")
    heading.append(label.role, style="bold")
    for value in (label.story, label.topic):
        if value is not None:
            heading.append(f" · {value}", style="dim")
    return heading


def _marked(document: Document, number: int, mentions: list[Mention], quotations: list[Quotation]) -> Text:
    block = document.blocks[number]
    text = Text(document.text[block.start : block.end])
    for quotation in quotations:
        text.stylize("underline", quotation.start - block.start, quotation.end - block.start)
    for mention in mentions:
        text.stylize(f"{COLOURS.get(mention.type, 'red')} bold", mention.start - block.start, mention.end - block.start)
    # From the end, so that what is put in moves nothing still to come.
    for mention in sorted(mentions, key=lambda m: m.end, reverse=True):
        place = mention.end - block.start
        tag = Text(f"/{mention.type}", style=f"{COLOURS.get(mention.type, 'red')} dim")
        text = text[:place] + tag + text[place:]
    return text


def _quotation(document: Document, quotation: Quotation) -> Text:
    line = Text().append("» ", style="dim").append(quotation.type, style="bold")
    for name in ("source", "cue"):
        span = getattr(quotation, name)
        if span is not None:
            line.append(f"  {name} ", style="dim").append(document.text[span.start : span.end])
    if quotation.speaker is not None:
        line.append("  speaker ", style="dim").append(quotation.speaker)
    return line.append("  ").append(_shorten(document.text[quotation.start : quotation.end]), style="italic")


def _shorten(content: str, words: int = 3) -> str:
    """The first and the last words of a content that stands in full above."""
    parts = content.split()
    return content if len(parts) <= 2 * words else " ".join([*parts[:words], "…", *parts[-words:]])
