"""A small corpus, its labels, and exports of Label Studio as a server gives them, for the tests of the exchange."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from small_tree import entry
from wirecopy.corpus import Corpus, Document, ManifestEntry
from wirecopy.derive import Version, versions
from wirecopy.labels import BlockLabel, BlockPair, LabelTree, Mention, Quotation, Span, VersionPair
from wirecopy.labelstudio.duplicates import PairView
from wirecopy.labelstudio.export import Export, Pulled, pull
from wirecopy.labelstudio.tasks import Prelabels, Registries, make_tasks

Json = dict[str, Any]

# Block 0 ends with an emoji, after which code points and UTF-16 units part; a blank line follows it.
POST = """Ferry crews walk out in Marlow Bay 🚢

“We will not sail,” Ada Finch told the Harbour Board.
The board said the strike was unlawful.
Talks  go on.
Sign up for our letters
"""
# Its second line is an edited copy, its third is the same after white space is folded.
TIMES = """Crews stop ferry
“We will not sail,” Ada Finch told the board.
Talks go on.
"""
STORY = "ferry-strike"
EMAIL = "ada.writer@example.org"


def document(doc_id: str, text: str) -> Document:
    made = entry(doc_id, text.encode())
    return Document(doc_id, text, ManifestEntry(**{**made, "dirt": ()}))


def corpus_of(**texts: str) -> Corpus:
    return Corpus({doc_id: document(doc_id, text) for doc_id, text in texts.items()})


CORPUS = corpus_of(post=POST, times=TIMES)
POST_DOCUMENT = CORPUS["post"]
REGISTRIES = Registries(
    entities={"ada-finch": "Ada Finch", "harbour-board": "Harbour Board"},
    stories={STORY: ("Ferry crews strike", ("strike", "talks"))},
)


def place(text: str, words: str, nth: int = 0) -> tuple[int, int]:
    """Where a string stands in a text for the ``nth`` time."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(words, start + 1)
    return start, start + len(words)


def span(text: str, words: str, nth: int = 0) -> Span:
    start, end = place(text, words, nth)
    return Span(start=start, end=end, text=words)


def mention(text: str, words: str, kind: str, entity: str | None = None, nth: int = 0) -> Mention:
    start, end = place(text, words, nth)
    return Mention(start=start, end=end, text=words, type=kind, entity=entity)


def quotation(text: str, words: str, kind: str, **more: Any) -> Quotation:
    start, end = place(text, words)
    return Quotation(start=start, end=end, text=words, type=kind, **more)


def segment(block: int, role: str, story: str | None = None, topic: str | None = None) -> BlockLabel:
    return BlockLabel(block=block, role=role, story=story, topic=topic)


TREE = LabelTree(
    segments={
        "post": [
            segment(0, "headline", STORY),
            segment(1, "body", STORY, "strike"),
            segment(2, "body", STORY, "strike"),
            segment(3, "body", STORY, "talks"),
            segment(4, "boilerplate"),
        ],
        "times": [segment(0, "headline", STORY), segment(1, "body", STORY, "strike"), segment(2, "body", STORY, "talks")],
    },
    quotes={
        "post": [
            quotation(
                POST,
                "“We will not sail,”",
                "direct",
                cue=span(POST, "told"),
                source=span(POST, "Ada Finch"),
                speaker="ada-finch",
                utterance="finch-sail",
            ),
            quotation(
                POST,
                "the strike was unlawful",
                "indirect",
                cue=span(POST, "said"),
                source=span(POST, "The board"),
                speaker="harbour-board",
                utterance="board-unlawful",
            ),
        ],
        "times": [],
    },
    entities={
        "post": [
            mention(POST, "Marlow Bay", "LOC", "marlow-bay"),
            mention(POST, "Ada Finch", "PERSON", "ada-finch"),
            mention(POST, "Harbour Board", "ORG", "harbour-board"),
        ],
        "times": [mention(TIMES, "Ada Finch", "PERSON")],
    },
    versions=[VersionPair(a=f"post#{STORY}", b=f"times#{STORY}", relation="near_duplicate")],
    blocks=[BlockPair(a_doc="post", a_block=1, b_doc="times", b_block=1, relation="edited")],
)


def pair_view(corpus: Corpus = CORPUS, tree: LabelTree = TREE, ends: tuple[str, str] = ("post", "times")) -> PairView:
    """The one pair of versions of two documents, as its task shows it."""
    held: Mapping[str, Version] = versions(tree.segments or {})
    return PairView(held[f"{ends[0]}#{STORY}"], held[f"{ends[1]}#{STORY}"], corpus)


def tasks(
    task: str,
    *,
    tree: LabelTree | None = TREE,
    corpus: Corpus = CORPUS,
    doc_ids: Sequence[str] | None = None,
    annotator: str = "a9",
    segmented: LabelTree = TREE,
    registries: Registries = REGISTRIES,
) -> list[Json]:
    """The tasks of a project, with the labels of a tree as their predictions."""
    return make_tasks(
        task,
        corpus=corpus,
        doc_ids=list(corpus) if doc_ids is None else doc_ids,
        annotator=annotator,
        prelabels=[] if tree is None else [Prelabels("gold", tree)],
        registries=registries,
        segmented=segmented,
    )


def annotation(result: Any, **changes: Any) -> Json:
    """A submitted annotation in the form that a full export has."""
    right = {
        "id": 41,
        "completed_by": 1,
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-03-02T09:14:05.161303Z",
        "updated_at": "2026-03-02T09:14:05.161319Z",
        "draft_created_at": None,
        "lead_time": 23.481,
        "prediction": {},
        "result_count": len(result) if isinstance(result, list) else 0,
        "unique_id": "1e1c2a3c-5f60-4a9e-8f43-0d1a4e51d5c9",
        "import_id": None,
        "last_action": None,
        "bulk_created": False,
        "task": 7,
        "project": 3,
        "updated_by": 1,
        "parent_prediction": None,
        "parent_annotation": None,
        "last_created_by": None,
    }
    return {**right, **changes}


def draft(result: Any, of: int | None = None, number: int = 5) -> Json:
    """A draft, of an annotation that was submitted before or of a new one."""
    return {
        "id": number,
        "user": EMAIL,
        "created_username": f" {EMAIL}, 1",
        "created_ago": "3 minutes",
        "result": result,
        "lead_time": 4.7,
        "was_postponed": False,
        "import_id": None,
        "created_at": "2026-03-02T09:13:41.911000Z",
        "updated_at": "2026-03-02T09:13:46.600000Z",
        "task": 7,
        "annotation": of,
    }


def exported(made: Json, *annotations: Json, number: int = 7, drafts: Sequence[Json] = ()) -> Json:
    """A task in the form that a full export has; predictions are told by their numbers alone."""
    return {
        "id": number,
        "annotations": list(annotations),
        "file_upload": None,
        "drafts": list(drafts),
        "predictions": [90 + place for place in range(len(made["predictions"]))],
        "data": copy.deepcopy(made["data"]),
        "meta": {},
        "created_at": "2026-03-02T09:00:00.000000Z",
        "updated_at": "2026-03-02T09:14:05.200000Z",
        "allow_skip": True,
        "inner_id": number,
        "total_annotations": len(annotations),
        "cancelled_annotations": 0,
        "total_predictions": len(made["predictions"]),
        "comment_count": 0,
        "unresolved_comment_count": 0,
        "last_comment_updated_at": None,
        "project": 3,
        "updated_by": 1,
        "comment_authors": [],
    }


def accepted(made: Json, *, number: int = 7, **changes: Any) -> Json:
    """A task whose prediction was submitted as it was."""
    items = copy.deepcopy(made["predictions"][0]["result"])
    for item in items:
        if item["type"] != "relation":
            item["origin"] = "prediction"
    prediction = {"id": 90, "model_version": "gold", "result": copy.deepcopy(made["predictions"][0]["result"])}
    more = {"id": 40 + number, "prediction": prediction, "parent_prediction": 90, **changes}
    return exported(made, annotation(items, **more), number=number)


def whole_export(task: str, **more: Any) -> list[Json]:
    """The export of a project whose predictions were all accepted."""
    return [accepted(made, number=number) for number, made in enumerate(tasks(task, **more), 7)]


def pulled(*exports: Any, corpus: Corpus = CORPUS, pseudonyms: Mapping[str, str] | None = None) -> Pulled:
    """What exports come to; each is a list of tasks."""
    named = [Export(f"export{number}.json", tasks) for number, tasks in enumerate(exports, 1)]
    return pull(named, corpus=corpus, pseudonyms=pseudonyms)


def pulled_tree(*exports: Any, corpus: Corpus = CORPUS) -> LabelTree:
    """The one tree of exports in which nothing is wrong."""
    result = pulled(*exports, corpus=corpus)
    assert [str(finding) for finding in result.findings] == []
    (tree,) = result.trees.values()
    return tree


def codes(result: Pulled) -> list[str]:
    return [finding.code for finding in result.findings]


def label_item(region: str, start: Any, end: Any, text: Any, label: Any, name: str = "type", to: str = "text") -> Json:
    """A labelled stretch of text, as a result holds it."""
    value = {"start": start, "end": end, "text": text, "labels": [label] if isinstance(label, str) else label}
    return {"id": region, "from_name": name, "to_name": to, "type": "labels", "value": value, "origin": "manual"}


def said_item(region: str, start: int, end: int, name: str, *strings: str, to: str = "text") -> Json:
    """What is said of a stretch of text, by choice or in free text."""
    kind, key = ("textarea", "text") if name.startswith("new_") else ("choices", "choices")
    value = {"start": start, "end": end, key: list(strings)}
    return {"id": region, "from_name": name, "to_name": to, "type": kind, "value": value, "origin": "manual"}


def nothing_item() -> Json:
    value = {"choices": ["nothing to label"]}
    return {"id": "Zr5", "from_name": "nothing", "to_name": "text", "type": "choices", "value": value, "origin": "manual"}


def arrow(start: str, end: str) -> Json:
    """An arrow as the browser draws it: without a name."""
    return {"type": "relation", "from_id": start, "to_id": end, "direction": "right"}
