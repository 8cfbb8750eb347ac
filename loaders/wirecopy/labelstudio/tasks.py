"""What a Label Studio project of a task holds: its configuration, its instructions, and the tasks with their predictions.

A task is a document, for duplicates a pair of story versions. Its data carry what the labels are keyed by when they come back:
the ids of the documents and the sha256 of their text.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wirecopy.corpus import Corpus, Document, data_root
from wirecopy.derive import Version, related_pairs, version_text, versions
from wirecopy.findings import nearest
from wirecopy.labels import BlockPair, LabelTree
from wirecopy.labelstudio import duplicates, entities, quotes, segments
from wirecopy.labelstudio.regions import Controls, Item, choice_item

Task = dict[str, Any]
TASKS = ("entities", "quotes", "segments", "duplicates")
MODULES: dict[str, Any] = {"entities": entities, "quotes": quotes, "segments": segments, "duplicates": duplicates}
NOTHING = "nothing to label"
# Up to here a whole registry is offered; beyond it, what shares a word with the document.
_OFFERED = 150
_WORD = re.compile(r"\w{4,}")


@dataclass(frozen=True, slots=True)
class Prelabels:
    """A label tree to begin from, by the name that its predictions carry."""

    name: str
    tree: LabelTree


@dataclass(frozen=True, slots=True)
class Registries:
    """What is offered to an annotator: entities by id, stories and their topics by slug, each with a name to find it by."""

    entities: Mapping[str, str]
    stories: Mapping[str, tuple[str, Sequence[str]]]


def title(task: str, annotator: str) -> str:
    """The title of the project of a task and an annotator; pushing again finds it by its title."""
    return f"wirecopy {task} {annotator}"


def instructions(task: str) -> str:
    """The sections of the guidelines that an annotator of the task needs, as HTML."""
    from markdown_it import MarkdownIt

    whole = (data_root() / "annotations" / "GUIDELINES.md").read_text("utf-8")
    parts = re.split(r"^(?=## )", whole, flags=re.MULTILINE)
    chosen = [part for part in parts if part.startswith(tuple(f"## {number}." for number in MODULES[task].GUIDELINES))]
    html: str = MarkdownIt("commonmark").enable("table").render("".join(chosen))
    return html


def controls(task: str) -> Controls:
    """The names in the configuration of a task."""
    found: Controls = MODULES[task].CONTROLS
    return found


def make_tasks(
    task: str,
    *,
    corpus: Corpus,
    doc_ids: Sequence[str],
    annotator: str,
    prelabels: Sequence[Prelabels],
    registries: Registries,
    segmented: LabelTree,
) -> list[Task]:
    """The tasks of a project, each with a prediction for every tree of ``prelabels`` that labels it.

    Args:
        task: one of `TASKS`.
        doc_ids: the documents to label; for duplicates, those whose versions are paired.
        annotator: the pseudonym that the labels are to carry.
        prelabels: trees to begin from; none where the annotator is to see no labels.
        registries: the names that are offered.
        segmented: the tree whose segments say which versions there are (duplicates).

    Raises:
        ValueError: a document has no segments, so its versions are not known (duplicates).
    """
    if task == "duplicates":
        return _pair_tasks(corpus, doc_ids, annotator, prelabels, segmented)
    made = []
    for doc_id in doc_ids:
        document = corpus[doc_id]
        offered = _offered(task, document, registries)
        made.append(
            {
                "data": {
                    "doc_id": doc_id,
                    "sha256": document.entry.sha256,
                    "task": task,
                    "annotator": annotator,
                    "text": document.text,
                    **{name: [{"value": value} for value in values] for name, values in offered.items()},
                },
                "predictions": [
                    prediction
                    for before in prelabels
                    if (prediction := _prediction(task, document, before, next(iter(offered.values()))))
                ],
            }
        )
    return made


def _offered(task: str, document: Document, registries: Registries) -> dict[str, list[str]]:
    """The names that a document's task offers: a whole registry, or the part of it that shares a word with the text."""
    if task == "segments":
        titles = {slug: story[0] for slug, story in registries.stories.items()}
        places = []
        for slug in _near(document, titles):
            places += [slug, *(f"{slug}/{topic}" for topic in registries.stories[slug][1])]
        return {"places": places}
    return {"entities": _near(document, registries.entities)}


def _near(document: Document, names: Mapping[str, str]) -> list[str]:
    if len(names) <= _OFFERED:
        return sorted(names)
    words = set(_WORD.findall(document.text.casefold()))
    return sorted(slug for slug, name in names.items() if words.intersection(_WORD.findall(name.casefold())))


def _prediction(task: str, document: Document, before: Prelabels, offered: Collection[str]) -> Task | None:
    records = (getattr(before.tree, task) or {}).get(document.doc_id)
    if records is None:
        return None
    items: list[Item] = MODULES[task].to_items(records, document, offered=offered)
    if not items:
        items = [choice_item("nothing", controls(task).text, NOTHING)]
    return {"model_version": before.name, "result": items}


def _pair_tasks(
    corpus: Corpus, doc_ids: Sequence[str], annotator: str, prelabels: Sequence[Prelabels], segmented: LabelTree
) -> list[Task]:
    segments_ = segmented.segments or {}
    missing = [doc_id for doc_id in doc_ids if doc_id not in segments_]
    if missing:
        raise ValueError(
            f"{', '.join(missing)}: no segments, so it is not known which stories are in it; push and merge segments first"
        )
    held = versions({doc_id: segments_[doc_id] for doc_id in doc_ids})
    made = []
    for a, b in candidate_pairs(held, corpus, [before.tree for before in prelabels]):
        view = duplicates.PairView(held[a], held[b], corpus)
        sides: Task = {}
        for side, version in (("a", held[a]), ("b", held[b])):
            document = corpus[version.doc_id]
            sides |= {
                side: version.version,
                f"{side}_doc": version.doc_id,
                f"{side}_sha256": document.entry.sha256,
                f"{side}_numbers": list(version.blocks),
            }
        predictions = [
            {"model_version": before.name, "result": duplicates.to_items(_relation(before.tree, a, b), aligned, view)}
            for before in prelabels
            if before.tree.versions is not None
            for aligned in [_aligned(before.tree, view)]
        ]
        made.append(
            {
                "data": sides | {"task": "duplicates", "annotator": annotator} | view.data(),
                "predictions": predictions,
            }
        )
    return made


def candidate_pairs(held: Mapping[str, Version], corpus: Corpus, trees: Iterable[LabelTree]) -> list[tuple[str, str]]:
    """The pairs of versions of different documents to ask about: each version's nearest ones, and what a tree relates."""
    from wirecopy.tasks.duplicates import nearest_pairs

    pairs = nearest_pairs({name: version_text(version, corpus) for name, version in held.items()})
    for tree in trees:
        pairs |= {(pair.a, pair.b) for pair in related_pairs(tree) if pair.a in held and pair.b in held}
    return sorted((a, b) for a, b in pairs if held[a].doc_id != held[b].doc_id)


def _relation(tree: LabelTree, a: str, b: str) -> str:
    return next((pair.relation for pair in tree.versions or () if (pair.a, pair.b) == (a, b)), "unrelated")


def _aligned(tree: LabelTree, view: duplicates.PairView) -> list[BlockPair]:
    ends = (view.a.doc_id, view.b.doc_id)
    return [pair for pair in tree.blocks or () if (pair.a_doc, pair.b_doc) == ends]


def task_key(data: Mapping[str, Any]) -> tuple[str, ...]:
    """What tells a task of a project from the others."""
    if data.get("task") == "duplicates":
        return (str(data.get("a")), str(data.get("b")))
    return (str(data.get("doc_id")),)


def check_task(name: str) -> str:
    """The name of a task.

    Raises:
        ValueError: there is no such task; the known ones are listed.
    """
    if name not in TASKS:
        raise ValueError(f"unknown task {name!r}; expected one of {', '.join(TASKS)} ({nearest(name, TASKS)})")
    return name
