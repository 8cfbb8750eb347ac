"""How far the sources are: figures against the targets of the authored corpus."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from document import AuthoredDocument
from source import AUTHORED_SPLITS, Part, Section, Sources
from tree import relate
from wirecopy.derive import components
from wirecopy.labels import ENTITY_TYPES, QUOTE_TYPES, VERSION_RELATIONS

_COMMON_TYPES = ("PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "EVENT")
_TITLES = ("documents", "desks", "scenes", "outlets", "dirt", "edits")
TARGETS = {
    "main stories": 80,
    "briefs": 50,
    "documents": 250,
    "words": 90_000,
    "components in test": 30,
    "mentions": 8_000,
    **{f"mentions {kind}": 151 if kind in _COMMON_TYPES else 41 for kind in ENTITY_TYPES},
    "quotations": 2_500,
    **{f"quotations {kind}": 121 for kind in QUOTE_TYPES},
    "aligned block pairs": 4_000,
    "pairs near_duplicate": 250,
    "pairs same_event": 40,
    "two-story files": 40,
    "three-story files": 5,
    "clean documents, per cent": 25,
}


def figures(sources: Sources, documents: Sequence[AuthoredDocument]) -> dict[str, int]:
    """The figures that have a target, and some that have none."""
    related = relate(documents)
    stories = {document.doc_id: {block.story for block in document.segments} - {None} for document in documents}
    printed = {
        story.stem for document in documents for story in sources.stories.values() if story.slug in stories[document.doc_id]
    }
    kinds = Counter(sources.stories[stem].kind for stem in printed)
    tests = [document.doc_id for document in documents if document.story.split == "test"]
    segments = {document.doc_id: document.segments for document in documents}
    relations = Counter(one.pair.relation for one in related.relations)
    drawn = Counter(pair.relation for pair in related.blocks)
    identical = sum(
        one.a.folded[left] == one.b.folded[right]
        for one in related.relations
        for left in _blocks(one.a, one.pair.a)
        for right in _blocks(one.b, one.pair.b)
    )
    mentions = Counter(mention.type for document in documents for mention in document.entities)
    quotes = Counter(quotation.type for document in documents for quotation in document.quotes)
    held = Counter(len(found) for found in stories.values())
    clean = sum(not document.dirt for document in documents)
    return {
        "main stories": kinds["main"],
        "briefs": kinds["brief"],
        "reports": kinds["report"],
        "documents": len(documents),
        "words": sum(len(document.text.split()) for document in documents),
        "components in test": len(set(components(segments, tests).values())),
        "mentions": mentions.total(),
        **{f"mentions {kind}": mentions[kind] for kind in ENTITY_TYPES},
        "quotations": quotes.total(),
        **{f"quotations {kind}": quotes[kind] for kind in QUOTE_TYPES},
        "aligned block pairs": identical + drawn.total(),
        "blocks identical": identical,
        "blocks edited": drawn["edited"],
        "blocks partial": drawn["partial"],
        **{f"pairs {relation}": relations[relation] for relation in VERSION_RELATIONS if relation != "unrelated"},
        "two-story files": held[2],
        "three-story files": held[3],
        "clean documents": clean,
        "clean documents, per cent": round(100 * clean / len(documents)) if documents else 0,
    }


def show_stats(sources: Sources, documents: Sequence[AuthoredDocument]) -> str:
    """The figures as a table, and what each split holds."""
    lines = []
    for name, count in figures(sources, documents).items():
        target = TARGETS.get(name)
        lines.append(f"{name:32} {count:7,}" + (f"  of {target:7,}{'' if count >= target else '  short'}" if target else ""))
    planned = sum(len(story.printings) for story in sources.stories.values())
    if planned > len(documents):
        lines.append(f"({planned - len(documents)} of {planned} documents are not counted: their files have errors)")
    by_split: dict[str, dict[str, Counter[str]]] = {title: defaultdict(Counter) for title in _TITLES}
    for document in documents:
        head = sources.stories[document.story.slug].head
        found = (
            ["all"],
            [head.get("desk", "?")],
            [head.get("scene", "?")],
            [document.outlet.stem],
            document.dirt or ["clean"],
            list(edits(document)),
        )
        for title, names in zip(_TITLES, found, strict=True):
            by_split[title][document.story.split].update(names)
    for title in _TITLES:
        lines += ["", title, *(f"  {split}: {_counts(by_split[title][split])}" for split in AUTHORED_SPLITS)]
    return "\n".join(lines) + "\n"


def edits(document: AuthoredDocument) -> Iterator[str]:
    """How a document differs from the text of its story file; unlike dirt, none of it shows on the page alone."""
    story, outlet = document.story, document.outlet
    parts = [part for piece in document.printing.pieces if piece.story == story.stem for part in piece.parts]
    parts = [part for part in parts if not part.furniture and part.role is None]
    printed = [(part, story.sections[part.name]) for part in parts]
    body = [section for _, section in printed if section.role == "body"]
    keys = list(dict.fromkeys(section.key for section in body))
    all_keys = list(dict.fromkeys(section.key for section in story.sections.values() if section.role == "body"))
    if any(section.role == "headline" and section.name != "h1" for _, section in printed):
        yield "headline rewritten"
    reworded = {section.key for section in body if section.name != section.key}
    if all_keys[0] in reworded:
        yield "lead reworded"
    if reworded - {all_keys[0]}:
        yield "paragraphs reworded"
    shown = {(section.name, number) for part, section in printed for number in _numbers(part, section)}
    if set(all_keys) != set(keys) or any((one.name, n) not in shown for one in body for n in range(1, len(one.parts) + 1)):
        yield "paragraphs cut"
    if keys != [key for key in all_keys if key in keys]:
        yield "paragraphs moved"
    if any(len(group) > 1 for piece in document.printing.pieces for group in piece.groups):
        yield "paragraphs merged"
    if any(count > 1 for count in Counter(section.name for section in body).values()):
        yield "paragraphs split"
    others = {part.name for one in story.printings if one != document.printing for piece in one.pieces for part in piece.parts}
    if len(story.printings) > 1 and any(not {one.name for one in story.wordings(key)} & others for key in keys):
        yield "paragraphs of its own"
    for name, plain in (
        ("spelling", story.spelling),
        ("quotes", "straight-double"),
        ("honorifics", "no"),
        ("dates", "day-first"),
        ("dash", "spaced-en"),
    ):
        if outlet.setting(name) != plain:
            yield f"other {name}"


def _numbers(part: Part, section: Section) -> range:
    """The parts of a section that a piece prints, counted from 1."""
    return range(part.first or 1, (part.last or len(section.parts)) + 1)


def _counts(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda one: (-one[1], one[0]))) or "none"


def _blocks(document: AuthoredDocument, version: str) -> Iterable[int]:
    story = version.partition("#")[2]
    return [label.block for label in document.segments if label.story == story]
