"""Prints a story with its labels, or a document as it is served, for proof-reading."""

from document import AuthoredDocument
from marked import CUE, MENTION, SOURCE, Marked
from source import Section, Source, Story
from wirecopy.labels import QUOTE_TYPES


def show_story(story: Story) -> str:
    """Each block of a story file with its mentions and quotations, in the order of the file."""
    lines = [f"{story.file}: {story.head.get('title', story.slug)}"]
    for section in story.sections.values():
        lines += ["", f"{section.name} ({' '.join(filter(None, [section.role, section.topic]))})  line {section.text_line}"]
        lines += _show_section(story, section)
    return "\n".join(lines) + "\n"


def _show_section(source: Source, section: Section) -> list[str]:
    text = section.whole
    lines = [f"  {text.text}"]
    for label in text.of(MENTION):
        name = source.names.get(label.names[0])
        lines.append(f"    {text.surface(label)} -> {label.names[0]}, {name.type if name else '?'}")
    for label in text.of(*QUOTE_TYPES):
        number = label.names[0]
        statement = source.statements.get(number)
        lines.append(f"    {number} {label.kind}: {text.surface(label)}")
        if label.kind != "scare":
            speaker, utterance = (statement.speaker or "-", statement.utterance) if statement else ("?", "?")
            cue, spoken = (_find(source, text, kind, number, label.kind) for kind in (CUE, SOURCE))
            lines.append(f"      cue: {cue}   source: {spoken}   speaker: {speaker}   utterance: {utterance}")
    return lines


def _find(source: Source, text: Marked, kind: str, number: str, quotation: str) -> str:
    """The surface of a quotation's cue or source; that of a block quotation may stand in another section."""
    others = [section.whole for section in source.sections.values()] if quotation == "block" else []
    found = (other.surface(label) for other in (text, *others) for label in other.of(kind) if number in label.names)
    return next(found, "-")


def show_document(document: AuthoredDocument) -> str:
    """The raw text of a document under its id, outlet and dirt."""
    dirt = ", ".join(document.dirt) or "clean"
    return f"{document.doc_id} ({document.name}, {document.outlet.stem}; {dirt})\n{'-' * 72}\n{document.text}\n"
