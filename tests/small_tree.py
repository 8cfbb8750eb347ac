"""A small corpus and its gold labels, as files by name, for tests to spoil and write."""

import hashlib
import json
from pathlib import Path
from typing import Any

Files = dict[str, Any]

POST = """Ferry crews walk out in Marlow Bay
"We will not sail on Monday," Ada Finch said.
The Harbour Board said the strike was unlawful.
Sign up for our letters
"""
TIMES = """Crews stop the Marlow Bay ferry
"We will not sail on Monday," Ada Finch told reporters.
Talks broke down on Friday.
"""


def span(text: str, surface: str, nth: int = 0) -> dict[str, Any]:
    """The span of the ``nth`` place where a string stands in a text."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(surface, start + 1)
    return {"start": start, "end": start + len(surface), "text": surface}


def quotation(text: str, content: str, kind: str, **more: Any) -> dict[str, Any]:
    """A quotation record; ``cue`` and ``source`` are given as strings."""
    parts = {name: span(text, more[name]) if more.get(name) else None for name in ("cue", "source")}
    ids = {"speaker": more.get("speaker"), "utterance": more.get("utterance")}
    return {**span(text, content), "type": kind, **parts, **ids}


def mention(text: str, surface: str, kind: str, entity: str | None, nth: int = 0) -> dict[str, Any]:
    """An entity record."""
    return {**span(text, surface, nth), "type": kind, "entity": entity}


def block(number: int, role: str, story: str | None = None, topic: str | None = None) -> dict[str, Any]:
    """A segments record."""
    return {"block": number, "role": role, "story": story, "topic": topic}


def lines(*records: Any) -> str:
    """Records as the text of a label file."""
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def entry(doc_id: str, text: bytes, /, **changes: Any) -> dict[str, Any]:
    """The manifest entry of a document."""
    right = {
        "doc_id": doc_id,
        "path": f"authored/{doc_id}.txt",
        "sha256": hashlib.sha256(text).hexdigest(),
        "bytes": len(text),
        "chars": len(text.decode("utf-8", "replace")),
        "origin": "authored",
        "split": "train",
        "outlet": None,
        "published": None,
        "language": "en",
        "rights": "CC0-1.0",
        "dirt": [],
    }
    return {**right, **changes}


def corpus(**texts: str) -> Files:
    """A corpus of texts by id (``_`` stands for a hyphen), in the split ``train``."""
    named = {name.replace("_", "-"): text.encode() for name, text in texts.items()}
    files: Files = {f"corpus/authored/{name}.txt": text for name, text in named.items()}
    files["corpus/manifest.jsonl"] = lines(*(entry(name, text) for name, text in sorted(named.items())))
    return files


def one_document() -> Files:
    """The gold labels of one document."""
    story = "ferry-strike"
    said = {"cue": "said", "source": "Ada Finch", "speaker": "ada-finch", "utterance": "finch-monday"}
    unlawful = quotation(
        POST,
        "the strike was unlawful",
        "indirect",
        source="The Harbour Board",
        speaker="harbour-board",
        utterance="board-unlawful",
    )
    unlawful["cue"] = span(POST, "said", 1)
    return {
        **corpus(post=POST),
        "stories.json": {story: {"title": "Ferry crews strike", "topics": {"strike": "the strike and what is said of it"}}},
        "entities.json": {
            "ada-finch": {"name": "Ada Finch", "type": "PERSON"},
            "harbour-board": {"name": "Harbour Board", "type": "ORG"},
            "marlow-bay": {"name": "Marlow Bay", "type": "LOC"},
        },
        "splits.json": {"train": ["post"], "validation": [], "test": [], "wild": []},
        "version.json": {"version": "1.0.0", "canary": "none"},
        "segments/post.jsonl": [
            block(0, "headline", story),
            block(1, "body", story, "strike"),
            block(2, "body", story, "strike"),
            block(3, "boilerplate"),
        ],
        "quotes/post.jsonl": [quotation(POST, '"We will not sail on Monday,"', "direct", **said), unlawful],
        "entities/post.jsonl": [
            mention(POST, "Marlow Bay", "LOC", "marlow-bay"),
            mention(POST, "Ada Finch", "PERSON", "ada-finch"),
            mention(POST, "Harbour Board", "ORG", "harbour-board"),
        ],
        "duplicates/versions.jsonl": [],
        "duplicates/blocks.jsonl": [],
    }


def two_documents() -> Files:
    """The gold labels of two documents on one event, one of which is copied in half from the other."""
    story = "ferry-strike"
    told = {"cue": "told", "source": "Ada Finch", "speaker": "ada-finch", "utterance": "finch-monday"}
    return {
        **one_document(),
        **corpus(post=POST, times=TIMES),
        "splits.json": {"train": ["post", "times"], "validation": [], "test": [], "wild": []},
        "segments/times.jsonl": [
            block(0, "headline", story),
            block(1, "body", story, "strike"),
            block(2, "body", story, "strike"),
        ],
        "quotes/times.jsonl": [quotation(TIMES, '"We will not sail on Monday,"', "direct", **told)],
        "entities/times.jsonl": [
            mention(TIMES, "Marlow Bay", "LOC", "marlow-bay"),
            mention(TIMES, "Ada Finch", "PERSON", "ada-finch"),
        ],
        "duplicates/versions.jsonl": [{"a": f"post#{story}", "b": f"times#{story}", "relation": "near_duplicate"}],
        "duplicates/blocks.jsonl": [{"a_doc": "post", "a_block": 1, "b_doc": "times", "b_block": 1, "relation": "edited"}],
    }


def write(files: Files, folder: Path) -> Path:
    """Write files by name: bytes and strings as they are, lists as JSON Lines, objects as JSON."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list) and name.endswith(".jsonl"):
            content = lines(*content)
        elif not isinstance(content, str | bytes):
            content = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder
