"""Exports spoiled at random places, the same for the same number, and an oracle that says which labels an export may give."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labelstudio.small import CORPUS, STORY, Json, draft, pair_view, whole_export
from wirecopy.corpus import Corpus
from wirecopy.labels import VERSION_RELATIONS, BlockLabel, BlockPair, LabelTree, Mention, Quotation, Span, VersionPair
from wirecopy.labelstudio.tasks import TASKS

Place = tuple[Any, Any]

EXPORTS: dict[str, list[Json]] = {task: whole_export(task) for task in TASKS}
OFFSETS: tuple[Any, ...] = (-1, -(10**6), 0, 1, 10**6, 10**30, 2**63, 24.0, 24.5, "24", True, False, None, [], {}, 34, 1e308)
STRINGS = (
    "", " ", "\ud83d", "\udea2", "a\0b", "LOC\n", "LOC ", "loc", "indirect", "cue", "edited", "headline", "SOMETHING",
    "Ada Finch", "ada-finch", "harbour-board", f"{STORY}/talks", "/", "post", "times", f"post#{STORY}", "relation", "text",
    "b_text", "labels", "choices", "nothing to label", "1 · ", "0 · x", "999999999 · x", "٣ · x", "x" * 5000, "../x", "\u202e",
    "ada@example.org",
)  # fmt: skip
JUNK: tuple[Any, ...] = (*OFFSETS, *STRINGS, [[]], [None], {"": {}}, [1, "a", None], ["LOC", "GPE"], {"choices": ["x"]})


def _places(value: Any, found: list[Place]) -> list[Place]:
    """Every place inside a value, as its container and the key there."""
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            found.append((value, key))
            _places(value[key], found)
    return found


def _held(value: Any, wanted: Callable[[Any], bool]) -> list[Any]:
    return [container[key] for container, key in _places(value, []) if wanted(container[key])]


def _items(tasks: Any) -> list[Json]:
    """The items of results."""
    return _held(tasks, lambda held: isinstance(held, dict) and "type" in held and ("from_name" in held or "from_id" in held))


def _values(tasks: Any) -> list[Json]:
    return [item["value"] for item in _items(tasks) if isinstance(item.get("value"), dict) and "start" in item["value"]]


class Mutator:
    """One spoiled export: mutations are chosen by a seed, so that a failure can be played again."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.tasks: Any = copy.deepcopy(EXPORTS[self._random.choice(TASKS)])

    def spoil(self) -> Any:
        """The export after one to three mutations."""
        kinds = (
            self._drop, self._twice, self._retype, self._swap, self._copy, self._offset, self._shift, self._string, self._label,
            self._id, self._arrow, self._said, self._deep, self._shuffle, self._rename, self._key, self._flag, self._user,
            self._draft, self._annotation, self._task, self._other_text, self._nothing, self._align,
            self._region, self._region, self._clean, self._clean,
        )  # fmt: skip
        for _ in range(self._random.choice((1, 1, 2, 3))):
            self._random.choice(kinds)()
        return self.tasks

    def bytes(self) -> bytes:
        """The spoiled export as a file; some files are spoiled too."""
        raw = json.dumps(self.spoil()).encode()
        if self._random.random() > 0.1:
            return raw
        place = self._random.randrange(len(raw))
        inserted = self._random.choice(
            (b"", b"\xff", b"\0", b'"', b"[", b"]", b"{", b"NaN", b"1e999", b"\\ud83d", b",", b"9" * 5000)
        )
        return self._random.choice((raw[:place], raw[:place] + inserted + raw[place:], raw[:place] + raw[place + 1 :]))

    def _place(self) -> Place:
        """Any place; those of results, which are many, as often as all others."""
        results = [held["result"] for held in _held(self.tasks, lambda held: isinstance(held, dict) and "result" in held)]
        inner = _places(results, [])
        return self._random.choice(inner if inner and self._random.random() < 0.5 else _places([self.tasks], []))

    def _set(self, place: Place, value: Any) -> None:
        container, key = place
        if container and container[key] is self.tasks:
            self.tasks = value
        else:
            container[key] = value

    def _junk(self) -> Any:
        return copy.deepcopy(self._random.choice(JUNK))

    def _drop(self) -> None:
        container, key = self._place()
        if container[key] is not self.tasks:
            del container[key]

    def _twice(self) -> None:
        container, key = self._place()
        if isinstance(container, list):
            container.insert(self._random.randint(0, len(container)), copy.deepcopy(container[key]))

    def _retype(self) -> None:
        self._set(self._place(), self._junk())

    def _swap(self) -> None:
        one, other = self._place(), self._place()
        first, second = copy.deepcopy(one[0][one[1]]), copy.deepcopy(other[0][other[1]])
        self._set(one, second)
        try:
            self._set(other, first)
        except (IndexError, KeyError):
            return

    def _copy(self) -> None:
        one, other = self._place(), self._place()
        self._set(other, copy.deepcopy(one[0][one[1]]))

    def _offset(self) -> None:
        for value in self._some(_values(self.tasks)):
            value[self._random.choice(("start", "end"))] = self._junk_of(OFFSETS)

    def _shift(self) -> None:
        for value in self._some(_values(self.tasks)):
            by = self._random.randint(-5, 5)
            for name in self._random.choice((("start",), ("end",), ("start", "end"))):
                if type(value.get(name)) is int:
                    value[name] += by
            if self._random.random() < 0.3:
                value.pop("text", None)

    def _clean(self) -> None:
        """A region at the place of other words or of another line."""
        for value in self._some([value for value in _values(self.tasks) if "labels" in value]):
            data = self._random.choice([task["data"] for task in self._tasks() if isinstance(task.get("data"), dict)] or [{}])
            shown = [held for held in data.values() if isinstance(held, str) and "\n" in held] or [""]
            found = list(re.finditer(self._random.choice((r"\w+", r"\w+ \w+", r"[^\n]+")), self._random.choice(shown)))
            if found:
                chosen = self._random.choice(found)
                value["start"], value["end"] = chosen.span()
                value["text"] = self._random.choice((chosen.group(), None, value.get("text")))

    def _string(self) -> None:
        strings = [place for place in _places([self.tasks], []) if isinstance(place[0][place[1]], str)]
        if strings:
            self._set(self._random.choice(strings), self._junk_of(STRINGS))

    def _label(self) -> None:
        for value in self._some([value for value in _values(self.tasks) if "labels" in value]):
            known = [
                "LOC",
                "GPE",
                "direct",
                "cue",
                "source",
                "indirect",
                "scare",
                "body",
                "boilerplate",
                "edited",
                "partial",
                "X",
            ]
            value["labels"] = self._random.choices(known, k=self._random.choice((0, 1, 1, 1, 2)))

    def _id(self) -> None:
        items = [item for item in _items(self.tasks) if "id" in item]
        for item in self._some(items):
            item["id"] = self._random.choice([other["id"] for other in items] + ["new", "", 7, "\ud83d"])

    def _arrow(self) -> None:
        for item in self._some([item for item in _items(self.tasks) if item["type"] == "relation"]):
            kind = self._random.randrange(3)
            if kind == 0:
                item["from_id"], item["to_id"] = item.get("to_id"), item.get("from_id")
            elif kind == 1:
                item[self._random.choice(("from_id", "to_id"))] = self._random.choice(
                    ("gone", None, 7, "38-57-direct", "68-72-cue")
                )
            else:
                item["type"] = self._random.choice(("labels", "arrow", None))

    def _said(self) -> None:
        for value in self._some([held for item in _items(self.tasks) if isinstance(held := item.get("value"), dict)]):
            key = "choices" if "choices" in value else "text"
            value[key] = self._random.choice(
                ([], ["x"], ["x", "y"], [""], ["X Y"], ["1 · x"], ["2 · x", "1 · x"], None, "x", [None], ["near_duplicate"])
            )

    def _region(self) -> None:
        """A region more: what one item says, under a new id, at the place of another."""
        for held in self._some(self._annotations()):
            labelled = [item for item in _items(held.get("result")) if "id" in item and isinstance(item.get("value"), dict)]
            if len(labelled) > 1:
                one, other = self._random.choice(labelled), self._random.choice(labelled)
                places = {name: other["value"][name] for name in ("start", "end", "text") if name in other["value"]}
                for item in [item for item in labelled if item["id"] == one["id"]]:
                    moved = {
                        **copy.deepcopy(item["value"]),
                        **places,
                        **({"text": item["value"].get("text")} if item["type"] == "textarea" else {}),
                    }
                    held["result"].append({**item, "id": "Nn1", "value": moved})

    def _align(self) -> None:
        """Any line of the right side with any line of the left."""
        view = pair_view()
        place = self._random.choice(list(view.b_spans.values()))
        chosen = self._random.choice(list(view.choices.values()))
        for item in _items(self.tasks):
            if item.get("from_name") in ("alignment", "a_blocks") and isinstance(item.get("value"), dict):
                item["value"].update(start=place.start, end=place.end, text=view.b_text[place.start : place.end])
                if item["from_name"] == "a_blocks":
                    item["value"]["choices"] = [chosen]
            elif item.get("from_name") == "relation" and isinstance(item.get("value"), dict) and self._random.random() < 0.5:
                item["value"]["choices"] = [self._random.choice(VERSION_RELATIONS)]

    def _nothing(self) -> None:
        for held in self._some(self._annotations()):
            if isinstance(held.get("result"), list):
                said = self._junk_of((["nothing to label"], ["nothing to label"], ["unrelated"], [], ["something"]))
                item = {"id": "Nn2", "from_name": "nothing", "to_name": "text", "type": "choices", "value": {"choices": said}}
                item["from_name"] = self._random.choice(("nothing", "nothing", "relation"))
                held["result"].append(item)

    def _deep(self) -> None:
        held: Any = self._junk()
        for _ in range(self._random.choice((3, 50, 150))):
            held = [held] if self._random.random() < 0.5 else {"value": held}
        self._set(self._place(), held)

    def _shuffle(self) -> None:
        lists = _held([self.tasks], lambda held: isinstance(held, list) and len(held) > 1)
        if lists:
            self._random.shuffle(self._random.choice(lists))

    def _rename(self) -> None:
        objects = _held([self.tasks], lambda held: isinstance(held, dict) and bool(held))
        if objects:
            chosen = self._random.choice(objects)
            key = self._random.choice(list(chosen))
            chosen[self._random.choice((key.upper(), "data", "start", "value", "\ud83d", ""))] = chosen.pop(key)

    def _key(self) -> None:
        for task in self._some(self._tasks()):
            if isinstance(task.get("data"), dict):
                names = ("doc_id", "sha256", "task", "annotator", "text", "a", "b", "a_doc", "a_numbers", "b_sha256", "b_text")
                task["data"][self._random.choice(names)] = self._random.choice((self._junk(), "post", "times", "quotes", "a8"))

    def _flag(self) -> None:
        for held in self._some(self._annotations()):
            held["was_cancelled"] = self._random.choice((True, False, None, 0, 1, "true", "false", [], {}))

    def _user(self) -> None:
        for held in self._some(self._annotations()):
            person: Json = {"id": self._random.choice((1, 2, None, "2", [], 10**30)), "email": "ada@example.org"}
            held["completed_by"] = self._random.choice((1, 2, 3, "1", "ada@example.org", None, True, person, [], "²", "٣"))

    def _draft(self) -> None:
        for task in self._some(self._tasks()):
            of = self._random.choice([None, 0, *(held.get("id") for held in self._annotations())])
            task["drafts"] = [draft([], of=of)]

    def _annotation(self) -> None:
        for task in self._some(self._tasks()):
            if isinstance(task.get("annotations"), list) and task["annotations"]:
                added = copy.deepcopy(self._random.choice(task["annotations"]))
                if isinstance(added, dict) and self._random.random() < 0.7:
                    added |= {"id": 77, "completed_by": self._random.choice((1, 2, {"id": 2}))}
                task["annotations"].append(added)

    def _task(self) -> None:
        """A task more, of this project or of another."""
        if isinstance(self.tasks, list):
            added = copy.deepcopy(self._random.choice(EXPORTS[self._random.choice(TASKS)]))
            added["id"] = self._random.choice((7, 8, 9, None))
            self.tasks.append(added)

    def _other_text(self) -> None:
        """The labels of one task under another."""
        tasks = self._tasks()
        if len(tasks) > 1:
            one, other = self._random.sample(tasks, 2)
            for name in self._random.choice((("data",), ("annotations",), ("id",))):
                one[name], other[name] = other.get(name), one.get(name)

    def _tasks(self) -> list[Json]:
        return [task for task in self.tasks if isinstance(task, dict)] if isinstance(self.tasks, list) else []

    def _annotations(self) -> list[Json]:
        return [
            held
            for task in self._tasks()
            if isinstance(task.get("annotations"), list)
            for held in task["annotations"]
            if isinstance(held, dict)
        ]

    def _some(self, found: Sequence[Any]) -> Sequence[Any]:
        return self._random.sample(found, min(len(found), self._random.choice((1, 1, 1, 2)))) if found else ()

    def _junk_of(self, known: Sequence[Any]) -> Any:
        return copy.deepcopy(self._random.choice(known))


# The oracle


def allowed(tasks: list[Json], *, corpus: Corpus = CORPUS) -> dict[str, LabelTree]:
    """The labels that an export in which nothing is wrong gives, by annotator: read once more, slowly and without any check.

    Every region of every annotation that was submitted and is saved is one record, a line of it for segments, a line chosen for
    it for duplicates; what else the export holds is nothing.
    """
    trees: dict[str, dict[str, Any]] = {}
    for task in tasks:
        data = task["data"]
        unsaved = [
            str(held["annotation"])
            for held in task.get("drafts") or []
            if isinstance(held, dict) and held.get("annotation") is not None
        ]
        for held in task.get("annotations") or []:
            skipped = held.get("was_cancelled", False)
            assert type(skipped) is bool
            if skipped or str(held.get("id")) in unsaved or not held.get("result"):
                continue
            own = trees.setdefault(data["annotator"], {})
            items = held["result"]
            if data["task"] == "duplicates":
                pairs, blocks = _pair(data, items, corpus)
                own.setdefault("versions", []).extend(pairs)
                own.setdefault("blocks", []).extend(blocks)
            else:
                text = corpus[data["doc_id"]].text
                records = {"entities": _mentions, "quotes": _quotations, "segments": _blocks}[data["task"]](items, text)
                documents = own.setdefault(data["task"], {})
                assert data["doc_id"] not in documents
                said = {choice for item in items if item.get("from_name") == "nothing" for choice in item["value"]["choices"]}
                assert records or said == {"nothing to label"}
                documents[data["doc_id"]] = records
    return {name: LabelTree(**held) for name, held in trees.items()}


def _labelled(items: list[Json], name: str, text: str) -> Iterator[tuple[str, int, int, str]]:
    """The regions of a result; the text that the browser took for one is its slice, white space and line breaks apart."""
    for item in items:
        if item.get("from_name") == name and item["type"] == "labels":
            value = item["value"]
            start, end = value["start"], value["end"]
            assert type(start) is int
            assert type(end) is int
            if value.get("text") is not None:
                assert "".join(value["text"].replace("\\n", "").split()) == "".join(text[start:end].split())
            (label,) = set(value["labels"])
            yield item["id"], start, end, label


def _said(items: list[Json], region: str, *names: str) -> str | None:
    strings = {
        string.strip()
        for item in items
        if item.get("id") == region and item.get("from_name") in names
        for string in item["value"]["text" if item["type"] == "textarea" else "choices"]
        if string.strip()
    }
    assert len(strings) <= 1
    return strings.pop() if strings else None


def _mentions(items: list[Json], text: str) -> list[Mention]:
    return [
        Mention(start=start, end=end, text=text[start:end], type=label, entity=_said(items, region, "entity", "new_entity"))
        for region, start, end, label in _labelled(items, "type", text)
    ]


def _quotations(items: list[Json], text: str) -> list[Quotation]:
    regions = {region: (start, end, label) for region, start, end, label in _labelled(items, "part", text)}
    records = []
    for region, (start, end, label) in regions.items():
        if label in ("cue", "source"):
            continue
        parts: dict[str, Span] = {}
        for item in items:
            ends = (str(item.get("from_id")), str(item.get("to_id")))
            if item["type"] == "relation" and region in ends:
                part_start, part_end, part = regions[ends[1] if ends[0] == region else ends[0]]
                span = Span(start=part_start, end=part_end, text=text[part_start:part_end])
                assert parts.setdefault(part, span) == span
        assert set(parts) <= {"cue", "source"}
        records.append(
            Quotation(
                start=start,
                end=end,
                text=text[start:end],
                type=label,
                cue=parts.get("cue"),
                source=parts.get("source"),
                speaker=_said(items, region, "speaker", "new_speaker"),
                utterance=_said(items, region, "new_utterance"),
            )
        )
    return records


def _blocks(items: list[Json], text: str) -> list[BlockLabel]:
    records = []
    for region, start, end, label in _labelled(items, "role", text):
        story, _, topic = (_said(items, region, "place", "new_place") or "").partition("/")
        offset, number = 0, 0
        for line in text.split("\n"):
            if line.strip():
                first = offset + len(line) - len(line.lstrip())
                if start <= first and offset + len(line.rstrip()) <= end:
                    records.append(BlockLabel(block=number, role=label, story=story or None, topic=topic or None))
                number += 1
            offset += len(line) + 1
    return records


def _pair(data: Json, items: list[Json], corpus: Corpus) -> tuple[list[VersionPair], list[BlockPair]]:
    (relation,) = [choice for item in items if item.get("from_name") == "relation" for choice in item["value"]["choices"]]
    blocks = []
    for region, start, end, label in _labelled(items, "alignment", data["b_text"]):
        assert relation != "unrelated"
        line = data["b_text"][start:end].strip()
        (there,) = {block for block in data["b_numbers"] if corpus[data["b_doc"]].block_text(block) == line}
        for item in items:
            if item.get("id") == region and item.get("from_name") == "a_blocks":
                for choice in item["value"]["choices"]:
                    number = int(choice.split(" ")[0])
                    assert number in data["a_numbers"]
                    assert corpus[data["a_doc"]].block_text(number).split() != line.split()
                    blocks.append(
                        BlockPair(a_doc=data["a_doc"], a_block=number, b_doc=data["b_doc"], b_block=there, relation=label)
                    )
    assert data["a"] < data["b"]
    return [VersionPair(a=data["a"], b=data["b"], relation=relation)] if relation != "unrelated" else [], blocks
