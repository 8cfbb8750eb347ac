"""Exports of Label Studio to label trees: what each task came to, the labels of each annotator, and what cannot be right.

Conventions: an export is the full JSON, from the server or from a file; tasks are told by the document and the sha256 of its
text that their data carry, never by their number. A finding names the task, the region and the words around it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wirecopy.corpus import Corpus, Document, around, decode_json
from wirecopy.derive import Version
from wirecopy.findings import Finding, FindingsError, nearest, quoted
from wirecopy.labels import DOCUMENT_LAYERS, SLUG, BlockLabel, LabelFile, LabelTree, Line, Record
from wirecopy.labelstudio import duplicates
from wirecopy.labelstudio.regions import Problem, Region, read_result
from wirecopy.labelstudio.tasks import MODULES, NOTHING, TASKS, controls, task_key

STATES = ("labelled", "accepted", "skipped", "draft", "unsaved", "empty", "untouched", "open")
# What each state means, for those that give no labels.
NOT_TAKEN = {
    "skipped": "skipped by the annotator",
    "draft": "a draft that was never submitted",
    "unsaved": "submitted, with later changes that were not saved: press Update or discard them",
    "empty": "submitted without a label: choose 'nothing to label' where that is meant",
    "untouched": "predictions that nobody accepted",
    "open": "not labelled",
}
CODES = (
    "export-not-json",
    "task-malformed",
    "task-foreign",
    "task-unknown-document",
    "task-text-changed",
    "task-twice",
    "annotations-two",
    "annotator-unnamed",
    "region-malformed",
    "region-two-labels",
    "region-two-values",
    "region-unknown-label",
    "nothing-and-regions",
    "name-no-slug",
    "relation-dangling",
    "relation-unclear",
    "part-untied",
    "blocks-cut",
    "block-labelled-twice",
    "block-unlabelled",
    "pair-without-relation",
    "alignment-of-unrelated",
    "alignment-without-block",
    "aligned-twice",
    "identical-drawn",
    "unknown-label",
    "span-out-of-range",
    "span-empty",
    "span-white-space",
    "span-text-differs",
    "span-crosses-block",
    "span-overlaps",
)
# How the validator tells of another record.
_LINE = re.compile(r" in line ([0-9]+),")
_OFFSET_CODES = ("unknown-label", *(code for code in CODES if code.startswith("span-")))


@dataclass(frozen=True, slots=True)
class Export:
    """The tasks of one project: ``source`` names it in messages, ``people`` gives e-mail addresses by user number."""

    source: str
    tasks: Any
    people: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskState:
    """What one task came to: its place, the documents or versions it is of, and one of `STATES`."""

    source: str
    task: str
    key: str
    state: str

    def __str__(self) -> str:
        """The state on one line."""
        return f"{self.source}, {self.task} ({self.key}): {NOT_TAKEN.get(self.state, self.state)}"


@dataclass(frozen=True)
class Pulled:
    """What exports hold: a label tree for each annotator by pseudonym, the state of every task, and findings."""

    trees: Mapping[str, LabelTree]
    states: Sequence[TaskState]
    findings: Sequence[Finding]


def read_export_file(path: Path) -> Export:
    """An export from a file.

    Raises:
        FindingsError: the file is no JSON.
        OSError: it cannot be read.
    """
    try:
        return Export(path.name, decode_json(path.read_bytes().decode("utf-8")))
    except (ValueError, RecursionError) as error:
        message = f"expected an export in JSON ({error})"
        raise FindingsError(
            [Finding("export-not-json", "schema", path.name, message, "export the project as JSON again")]
        ) from None


def pull(exports: Iterable[Export], *, corpus: Corpus, pseudonyms: Mapping[str, str] | None = None) -> Pulled:
    """The labels that exports hold.

    Args:
        exports: full exports; several of one task or of several.
        corpus: the documents that were labelled.
        pseudonyms: the annotator's name in the tree by e-mail address or number of the user. Where it is left out, what a
            project's only annotator drew carries the pseudonym that the project was made for.
    """
    reader = _Reader(corpus, pseudonyms or {})
    for export in exports:
        reader.add(export)
    return reader.pulled()


@dataclass
class _Layers:
    """The labels of one annotator as they come in."""

    documents: dict[str, dict[str, list[Any]]] = field(default_factory=dict)
    versions: list[Any] = field(default_factory=list)
    blocks: list[Any] = field(default_factory=list)
    keys: dict[tuple[str, ...], str] = field(default_factory=dict)

    def tree(self) -> LabelTree:
        held: dict[str, Any] = dict(self.documents)
        if any(key[0] == "duplicates" for key in self.keys):
            held |= {"versions": self.versions, "blocks": self.blocks}
        return LabelTree(**held)


class _Reader:
    """Goes through exports task by task."""

    def __init__(self, corpus: Corpus, pseudonyms: Mapping[str, str]) -> None:
        self._corpus = corpus
        self._pseudonyms = pseudonyms
        self._layers: dict[str, _Layers] = {}
        self._states: list[TaskState] = []
        self._findings: list[Finding] = []

    def pulled(self) -> Pulled:
        trees = {name: layers.tree() for name, layers in sorted(self._layers.items())}
        return Pulled(trees, self._states, self._findings)

    def _note(self, code: str, where: str, message: str, remedy: str) -> None:
        self._findings.append(Finding(code, "schema", where, message, remedy))

    def add(self, export: Export) -> None:
        if not isinstance(export.tasks, list):
            message = f"expected a list of tasks, found {type(export.tasks).__name__}"
            self._note("task-malformed", export.source, message, "export the project as JSON again")
            return
        alone = len(self._unnamed_users(export)) <= 1
        for number, task in enumerate(export.tasks, 1):
            try:
                self._add_task(export, number, task, alone=alone)
            except RecursionError:
                where = f"{export.source}, {_name(number, task)}"
                self._note("task-malformed", where, "the task is nested too deeply to be read", "export the project again")

    def _unnamed_users(self, export: Export) -> set[str]:
        """The users who submitted something in a project and have no pseudonym of their own."""
        return {
            user
            for task in export.tasks
            if isinstance(task, dict)
            for annotation in _dicts(task.get("annotations"))
            if annotation.get("was_cancelled") is not True
            and self._named(user := _user(annotation), annotation, export) is None
        }

    def _named(self, user: str, annotation: Mapping[str, Any], export: Export) -> str | None:
        number = int(user) if user.isdecimal() and len(user) < 19 else None
        emails = (_email(annotation), export.people.get(number) if number is not None else None)
        return next((self._pseudonyms[name] for name in (*emails, user) if name is not None and name in self._pseudonyms), None)

    def _add_task(self, export: Export, number: int, task: Any, *, alone: bool) -> None:
        place = _name(number, task)
        where = f"{export.source}, {place}"
        data = task.get("data") if isinstance(task, dict) else None
        if not isinstance(data, dict):
            self._note("task-malformed", where, f"expected a task with data, found {quoted(task)}", "export the project again")
            return
        for name in ("annotations", "drafts", "predictions"):
            value = task.get(name)
            if value is not None and not isinstance(value, list):
                message = f"{name} is {quoted(value)}, expected a list"
                self._note("task-malformed", where, message, "export the project again")
                return
        subject = self._subject(where, data)
        if subject is None:
            return
        task_name, target = subject
        key = " and ".join(task_key(data))
        live: dict[str, list[dict[str, Any]]] = {}
        annotations = task.get("annotations") or []
        for annotation in annotations:
            if not isinstance(annotation, dict):
                message = f"an annotation is {quoted(annotation)}, expected an object"
                self._note("task-malformed", where, message, "export the project again")
            elif not isinstance(skipped := annotation.get("was_cancelled", False), bool):
                message = f"was_cancelled is {quoted(skipped)}, expected true or false"
                self._note("task-malformed", where, message, "export the project again")
            elif not skipped:
                live.setdefault(_user(annotation), []).append(annotation)
        drafts = _dicts(task.get("drafts"))
        if not live:
            state = "skipped" if annotations else "draft" if drafts else "untouched" if task.get("predictions") else "open"
            self._states.append(TaskState(export.source, place, key, state))
            return
        for user, own in live.items():
            unsaved = {str(draft.get("annotation")) for draft in drafts if draft.get("annotation") is not None}
            if len(own) > 1:
                numbers = ", ".join(quoted(annotation.get("id")) for annotation in own)
                message = f"one annotator submitted {len(own)} annotations of {key} ({numbers}), expected one"
                self._note("annotations-two", where, message, "delete all but the one that is meant")
                continue
            (annotation,) = own
            state = "unsaved" if str(annotation.get("id")) in unsaved else _state(annotation)
            self._states.append(TaskState(export.source, place, key, state))
            if state in NOT_TAKEN:
                continue
            pseudonym = self._named(user, annotation, export)
            if pseudonym is None:
                if not alone:
                    message = f"user {_plain(user)} is one of several annotators of the project and has no pseudonym"
                    remedy = "name a file outside of the repository that gives each user one (--annotators)"
                    self._note("annotator-unnamed", where, message, remedy)
                    continue
                pseudonym = data["annotator"]
            self._take(where, task_name, key, target, annotation.get("result"), pseudonym)

    def _subject(self, where: str, data: Mapping[str, Any]) -> tuple[str, Document | duplicates.PairView] | None:
        """The task's name and what it is of, where its text is still the corpus's own."""
        task, annotator = data.get("task"), data.get("annotator")
        if task not in TASKS or not isinstance(annotator, str) or not SLUG.fullmatch(annotator):
            message = f"the task has the data {quoted(sorted(map(str, data)))}, expected those of a project made by push"
            self._note("task-foreign", where, message, "pull a project that `wirecopy label push` made")
            return None
        sides = (("a_doc", "a_sha256"), ("b_doc", "b_sha256")) if task == "duplicates" else (("doc_id", "sha256"),)
        documents = []
        for id_, sha256 in sides:
            doc_id = data.get(id_)
            if not isinstance(doc_id, str) or doc_id not in self._corpus:
                message = f"{id_} is {quoted(doc_id)}, expected a document of the corpus ({nearest(doc_id, self._corpus)})"
                self._note("task-unknown-document", where, message, "label documents of this corpus")
                return None
            document = self._corpus[doc_id]
            if data.get(sha256) != document.entry.sha256:
                message = f"{doc_id} was labelled with the sha256 {quoted(data.get(sha256))}, the corpus has "
                message += f"{document.entry.sha256}"
                self._note("task-text-changed", where, message, "push the document again and label it anew")
                return None
            documents.append(document)
        if task != "duplicates":
            if data.get("text") != documents[0].text:
                message = f"the task shows another text than {documents[0].doc_id} has"
                self._note("task-text-changed", where, message, "push the document again and label it anew")
                return None
            return task, documents[0]
        view = self._pair(data)
        if view is None or any(data.get(name) != getattr(view, name) for name in ("a_text", "b_text")):
            message = f"the task shows other lines than {quoted(data.get('a'))} and {quoted(data.get('b'))} have"
            self._note("task-text-changed", where, message, "push the pair again and label it anew")
            return None
        return task, view

    def _pair(self, data: Mapping[str, Any]) -> duplicates.PairView | None:
        versions = []
        for side in "ab":
            name, doc_id, numbers = data.get(side), data[f"{side}_doc"], data.get(f"{side}_numbers")
            blocks = self._corpus[doc_id].blocks
            if not isinstance(name, str) or not isinstance(numbers, list):
                return None
            if not all(type(number) is int and 0 <= number < len(blocks) for number in numbers):
                return None
            owner, _, story = name.partition("#")
            if owner != doc_id or not SLUG.fullmatch(story):
                return None
            versions.append(Version(name, doc_id, story, tuple(numbers), ()))
        a, b = versions
        return duplicates.PairView(a, b, self._corpus) if a.version < b.version and a.doc_id != b.doc_id else None

    def _take(
        self, where: str, task: str, key: str, target: Document | duplicates.PairView, items: Any, pseudonym: str
    ) -> None:
        """Read an annotation into the tree of its annotator."""
        result, problems = read_result(items, controls(task))
        own = self._layers.setdefault(pseudonym, _Layers())
        other = own.keys.get((task, key))
        if other is not None:
            message = f"{key} is labelled here and in {other} by {pseudonym}, expected once"
            self._note("task-twice", where, message, "pull one of the two projects, or delete one of the tasks")
            return
        own.keys[(task, key)] = where
        text = target.text if isinstance(target, Document) else target.b_text
        if isinstance(target, duplicates.PairView):
            pair, aligned, more = duplicates.from_result(result, target)
            own.versions += [pair] if pair else []
            own.blocks += [record for record, _ in aligned]
        else:
            records, more = MODULES[task].from_result(result, target)
            own.documents.setdefault(task, {})[target.doc_id] = [record for record, _ in records]
            said = result.values.get("nothing", ())
            if "nothing" in controls(task).task and not (result.regions or problems or set(said) == {NOTHING}):
                message = f"no region is drawn, and {NOTHING!r} is not chosen, expected one or the other"
                self._note("region-malformed", where, message, "choose it, or draw the regions")
            if said and result.regions:
                message = f"{NOTHING!r} is chosen, and regions are drawn ({len(result.regions)}), expected one or the other"
                self._note("nothing-and-regions", where, message, "clear the choice, or delete the regions")
            self._findings += _check_offsets(f"{where} ({key})", task, target, records)
        for problem in [*problems, *more]:
            self._findings.append(_finding(f"{where} ({key})", problem, text))


def _finding(where: str, problem: Problem, text: str) -> Finding:
    """A problem as a finding, with the words around its place."""
    start, end = problem.start, problem.end
    words = around(text, start, end) if start is not None and end is not None else ""
    message = f"{problem.message}, at “{words}”" if words else problem.message
    return _told(problem.code, where, problem.region, message, problem.remedy)


def _told(code: str, where: str, region: str | None, message: str, remedy: str) -> Finding:
    """A finding that names its region; the id may be anything that JSON can hold, and must be printable all the same."""
    level = "offsets" if code in _OFFSET_CODES else "schema"
    if region is None:
        return Finding(code, level, where, message, remedy)
    shown = region.encode("utf-8", "backslashreplace").decode("utf-8")
    return Finding(code, level, f"{where}, region {quoted(region)}", message, remedy, record=shown)


def _check_offsets(where: str, task: str, document: Document, records: Sequence[tuple[Record, Region]]) -> Iterator[Finding]:
    """What the validator says of the spans and labels of an annotation, told by region instead of by line."""
    from wirecopy.validation.context import Context
    from wirecopy.validation.spans import check_spans

    context = Context(
        corpus=Corpus({document.doc_id: document}),
        known=None,
        strangers=frozenset(),
        gold=False,
        topics=None,
        entity_types=None,
        splits=None,
    )
    lines = tuple(Line(number, region.id, record) for number, (record, region) in enumerate(records))
    file = LabelFile(Path(where), where, task, document.doc_id, lines, ())
    for finding in check_spans([file], context):
        record, region = records[finding.line or 0]
        start, end = region.start, region.end
        if isinstance(record, BlockLabel):
            block = document.blocks[record.block]
            start, end = block.start, block.end
        words = around(document.text, start, end)
        message = f"{finding.message}, at “{words}”" if words else finding.message
        if finding.code == "span-overlaps":
            message = _LINE.sub(lambda found: f" in region {quoted(records[int(found[1])][1].id)},", message)
        yield _told(finding.code, where, region.id, message, finding.remedy)


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _name(number: int, task: Any) -> str:
    """A task by its own number, or by its place in the export where it has none."""
    given = task.get("id") if isinstance(task, dict) else None
    return f"task {given if type(given) is int else number}"


def _user(annotation: Mapping[str, Any]) -> str:
    """The number of the user who made an annotation, as a string; exports give it plain or in an object."""
    by = annotation.get("completed_by")
    user = by.get("id") if isinstance(by, dict) else by
    return str(user) if isinstance(user, int | str) else "nobody"


def _email(annotation: Mapping[str, Any]) -> str | None:
    by = annotation.get("completed_by")
    email = by.get("email") if isinstance(by, dict) else None
    return email if isinstance(email, str) else None


def _plain(user: str) -> str:
    """A user's number for a message; anything else may be a name, which is not printed."""
    return user if user.isdecimal() else "(without a number)"


def _state(annotation: Mapping[str, Any]) -> str:
    items = annotation.get("result")
    if items == [] or items is None:
        return "empty"
    if annotation.get("parent_prediction") is not None and all(
        item.get("origin", "prediction") == "prediction" for item in _dicts(items)
    ):
        return "accepted"
    return "labelled"


def write_pulled(pulled: Pulled, path: Path) -> list[Path]:
    """Write the trees of a pull, whole or not at all: one annotator's at ``path``, several in folders named for them.

    Returns:
        The folders written.

    Raises:
        FindingsError: something cannot be right; nothing is written.
        FileExistsError: the folder holds something that is no tree, or labels that were not pulled now; nothing is touched.
        ValueError: there is nothing to write.
    """
    from wirecopy.labels import replace_folder, write_tree

    if pulled.findings:
        raise FindingsError(pulled.findings)
    trees = {name: tree for name, tree in pulled.trees.items() if tree.layers}
    if not trees:
        raise ValueError("nothing was labelled, so no tree was written")
    lost = _files_below(path) - {file for name in trees for file in _files_of(trees[name], name if len(trees) > 1 else "")}
    if lost:
        raise FileExistsError(
            f"{path}: holds {len(lost)} label files that were not pulled now, such as {min(lost)}; "
            "name another folder, or pull their project too"
        )
    if len(trees) == 1:
        write_tree(next(iter(trees.values())), path)
        return [path]
    with replace_folder(path, is_ours=lambda _: True) as new:
        for name, tree in trees.items():
            write_tree(tree, new / name)
    return [path / name for name in trees]


def _files_of(tree: LabelTree, prefix: str) -> set[str]:
    start = f"{prefix}/" if prefix else ""
    files = {f"{start}{layer}/{doc_id}.jsonl" for layer in DOCUMENT_LAYERS for doc_id in getattr(tree, layer) or ()}
    if tree.versions is not None:
        files |= {f"{start}duplicates/{name}.jsonl" for name in ("versions", "blocks")}
    return files


def _files_below(path: Path) -> set[str]:
    return {file.relative_to(path).as_posix() for file in path.rglob("*") if file.is_file() or file.is_symlink()}
