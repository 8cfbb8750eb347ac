"""The label tree: one form for gold labels, an annotator's pass, a system's predictions and what a labelling tool gives back.

Conventions: offsets are Unicode code points into the raw file, ``end`` exclusive. Files are JSON Lines in UTF-8, one record a
line, sorted, keys in a fixed order, so that two trees with the same labels are the same bytes.
"""

import ctypes
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from wirecopy.corpus import DuplicateKeyError, data_root, decode_json
from wirecopy.findings import Finding, FindingsError, quoted

ROLES = ("headline", "caption", "metadata", "subheading", "body", "related", "boilerplate")
QUOTE_TYPES = ("direct", "fragment", "block", "indirect", "scare")
ENTITY_TYPES = ("PERSON", "NORP", "FAC", "ORG", "GPE", "LOC", "PRODUCT", "EVENT", "WORK_OF_ART", "LAW")
VERSION_RELATIONS = ("unrelated", "same_event", "near_duplicate", "identical")
BLOCK_RELATIONS = ("none", "partial", "edited", "identical")
DRAWN_RELATIONS = ("edited", "partial")
NULL_STORY_ROLES = ("related", "boilerplate")
TOPIC_ROLES = ("body", "subheading")
# Names of stories, topics, entities and utterances.
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


# What pydantic reads when a record is parsed: no unknown field, no value of another type.
_STRICT: dict[str, Any] = {"extra": "forbid", "strict": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a document's text; ``text`` is its surface string, which a prediction may leave out."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    start: int
    end: int
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockLabel:
    """What one block is: its role, the story it belongs to, the topic inside that story."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    block: int
    role: str
    story: str | None = None
    topic: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """A content span with its cue and source spans, the speaker's entity id and the id of the utterance."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    start: int
    end: int
    text: str | None = None
    type: str
    cue: Span | None = None
    source: Span | None = None
    speaker: str | None = None
    utterance: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A named mention, with the id of the thing it names."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    start: int
    end: int
    text: str | None = None
    type: str
    entity: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionPair:
    """Two story versions, ``<doc_id>#<story>`` each, ``a`` before ``b``, and their relation."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    a: str
    b: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPair:
    """Two aligned blocks of two documents, ``a_doc`` before ``b_doc``."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    a_doc: str
    a_block: int
    b_doc: str
    b_block: int
    relation: str


Record = BlockLabel | Quotation | Mention | VersionPair | BlockPair
R = TypeVar("R", BlockLabel, Quotation, Mention, VersionPair, BlockPair)

DOCUMENT_LAYERS: dict[str, type[BlockLabel] | type[Quotation] | type[Mention]] = {
    "segments": BlockLabel,
    "quotes": Quotation,
    "entities": Mention,
}
PAIR_FILES: dict[str, type[VersionPair] | type[BlockPair]] = {"versions": VersionPair, "blocks": BlockPair}
LAYERS = ("segments", "quotes", "entities", "duplicates")
REGISTRIES = ("stories", "entities", "splits", "version")
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple(field.name for field in fields(kind)) for kind in (Span, BlockLabel, Quotation, Mention, VersionPair, BlockPair)
}
_ADAPTERS: dict[type, Any] = {}


@dataclass(frozen=True, kw_only=True)
class LabelTree:
    """All labels of a tree; a layer that the tree does not hold is None.

    ``segments``, ``quotes`` and ``entities`` map a document's id to its records. In ``versions``, pairs that are not listed are
    unrelated; ``blocks`` holds *edited* and *partial* alignments only, since *identical* is computed from the text.
    """

    segments: Mapping[str, Sequence[BlockLabel]] | None = None
    quotes: Mapping[str, Sequence[Quotation]] | None = None
    entities: Mapping[str, Sequence[Mention]] | None = None
    versions: Sequence[VersionPair] | None = None
    blocks: Sequence[BlockPair] | None = None

    @property
    def layers(self) -> tuple[str, ...]:
        """The names of the layers that the tree holds."""
        held = [layer for layer in DOCUMENT_LAYERS if getattr(self, layer) is not None]
        if self.versions is not None or self.blocks is not None:
            held.append("duplicates")
        return tuple(held)


@dataclass(frozen=True, slots=True)
class Line:
    """A record of a label file with the number (from 1) and the text of its line."""

    number: int
    source: str
    record: Any


@dataclass(frozen=True, slots=True)
class LabelFile:
    """What one label file holds: the records that could be read, and what is wrong with the rest."""

    path: Path
    name: str
    layer: str
    doc_id: str | None
    lines: tuple[Line, ...]
    findings: tuple[Finding, ...]


def sort_key(record: Record) -> tuple[Any, ...]:
    """The key that puts the records of a file in order: block, offsets, or the ids of a pair."""
    if isinstance(record, BlockLabel):
        return (record.block,)
    if isinstance(record, Quotation):
        return (record.start, record.end, record.type)
    if isinstance(record, Mention):
        return (record.start, record.end, record.type)
    if isinstance(record, VersionPair):
        return (record.a, record.b)
    return (record.a_doc, record.a_block, record.b_doc, record.b_block)


def to_dict(record: Record | Span) -> dict[str, Any]:
    """A record as it stands in a file: every key, in the order of its fields."""
    result = {}
    for name in _FIELDS[type(record)]:
        value = getattr(record, name)
        result[name] = to_dict(value) if isinstance(value, Span) else value
    return result


def to_lines(records: Iterable[Record]) -> bytes:
    """Records as the bytes of a label file, sorted."""
    ordered = sorted(records, key=lambda record: (sort_key(record), json.dumps(to_dict(record), sort_keys=True)))
    return "".join(json.dumps(to_dict(record), ensure_ascii=False) + "\n" for record in ordered).encode()


def _adapter(kind: type) -> Any:
    """The checker of a record type, made once."""
    if kind in _ADAPTERS:
        return _ADAPTERS[kind]
    from pydantic import TypeAdapter

    return _ADAPTERS.setdefault(kind, TypeAdapter(kind))


def parse_record(kind: type[R], source: str, *, name: str, line: int) -> R | list[Finding]:
    """A record from a line of JSON, or a finding for every field that is wrong.

    Only types and fields are looked at here; offsets, labels and ids are validation's.
    """
    from pydantic import ValidationError

    try:
        record: R = _adapter(kind).validate_json(source)
        return record
    except ValidationError as error:
        findings = []
        for problem in error.errors(include_url=False):
            where = ".".join(str(part) for part in problem["loc"])
            expected = ", ".join(_FIELDS[kind])
            if problem["type"] == "missing":
                code, message = "missing-field", f"field {where!r} is missing; expected {expected}"
                remedy = "add the field"
            elif problem["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
                code, message = "unknown-field", f"field {where!r} is unknown; expected {expected}"
                remedy = "drop the field"
            else:
                code = "wrong-type"
                found = quoted(problem["input"])
                message = f"field {where!r} holds {found}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"
                if not where:
                    message = f"found {found}, expected an object with {expected}"
                remedy = "write the value in its JSON type"
            findings.append(Finding(code, "schema", name, message, remedy, line=line, record=source))
        return findings


def read_label_file(path: Path, kind: type[Any], *, name: str, layer: str, doc_id: str | None) -> LabelFile:
    """Read one label file. Every line that is no record becomes a finding; the rest is still read."""
    findings: list[Finding] = []
    lines: list[Line] = []

    def note(code: str, message: str, remedy: str, line: int | None = None, record: str | None = None) -> None:
        findings.append(Finding(code, "schema", name, message, remedy, line=line, record=record))

    try:
        content = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        note("label-file-not-utf8", f"byte {error.start} is not UTF-8", "save the file as UTF-8")
        return LabelFile(path, name, layer, doc_id, (), tuple(findings))
    except OSError as error:
        note("label-file-unreadable", f"cannot be read ({error.strerror})", "make it a readable file")
        return LabelFile(path, name, layer, doc_id, (), tuple(findings))
    rows = content.split("\n")
    if rows[-1] == "":
        rows.pop()
    seen: dict[str, int] = {}
    for number, row in enumerate(rows, 1):
        try:
            decode_json(row)
        except DuplicateKeyError as error:
            note("duplicate-key", f"key {str(error)!r} stands twice in the object", "keep one of them", number, row)
            continue
        except (ValueError, RecursionError) as error:
            found = quoted(row) if row.strip() else "an empty line"
            note("not-json", f"expected a JSON object, found {found} ({error})", "write one record a line", number, row)
            continue
        if _has_lone_surrogate(row):
            note("wrong-type", "a string holds half of a surrogate pair", "write the whole character", number, row)
            continue
        record = parse_record(kind, row, name=name, line=number)
        if isinstance(record, list):
            findings.extend(record)
            continue
        key = repr(sort_key(record)) if not isinstance(record, Mention | Quotation) else repr(record)
        if key in seen:
            note("duplicate-record", f"the same record stands in line {seen[key]}", "drop one of them", number, row)
            continue
        seen[key] = number
        lines.append(Line(number, row, record))
    return LabelFile(path, name, layer, doc_id, tuple(lines), tuple(findings))


def _has_lone_surrogate(row: str) -> bool:
    if "\\u" not in row:
        return False
    try:
        json.dumps(json.loads(row), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def read_label_files(folder: Path, documents: Container[str] | None = None) -> tuple[list[LabelFile], list[Finding]]:
    """Every label file of a tree, in order, and a finding for whatever else lies in its layer folders.

    With ``documents`` the files of other documents are left alone, whatever they hold.

    Raises:
        FileNotFoundError: the folder does not exist or holds none of the four layers.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder}: no such folder; expected a label tree")
    present = [layer for layer in LAYERS if (folder / layer).is_dir()]
    if not present:
        raise FileNotFoundError(f"{folder}: no label tree; expected at least one of the folders {', '.join(LAYERS)}")
    files = []
    strangers = []
    for layer in present:
        for path in sorted((folder / layer).iterdir()):
            name = f"{layer}/{path.name}"
            if layer == "duplicates":
                kind: type[Any] | None = PAIR_FILES.get(path.stem)
                doc_id = None
            else:
                kind = DOCUMENT_LAYERS[layer]
                doc_id = path.stem
                if documents is not None and doc_id not in documents:
                    continue
            if kind is None or path.suffix != ".jsonl":
                message = "the file is no part of a label tree"
                remedy = "take it out, or name it <doc_id>.jsonl (in duplicates/: versions.jsonl, blocks.jsonl)"
                strangers.append(Finding("label-file-stranger", "schema", name, message, remedy))
                continue
            files.append(read_label_file(path, kind, name=name, layer=layer, doc_id=doc_id))
    return files, strangers


def build_tree(files: Iterable[LabelFile], *, layers: Iterable[str]) -> LabelTree:
    """The tree of label files that have been read; a layer is held when its folder stands in ``layers``."""
    held: dict[str, Any] = {layer: {} for layer in layers if layer in DOCUMENT_LAYERS}
    if "duplicates" in layers:
        held |= {"versions": [], "blocks": []}
    for file in files:
        records = [line.record for line in file.lines]
        if file.doc_id is None:
            held[file.path.stem] = records
        else:
            held[file.layer][file.doc_id] = records
    return LabelTree(**held)


def read_tree(path: str | Path, *, documents: Container[str] | None = None) -> LabelTree:
    """Read a label tree, or what it says of some ``documents`` and of all pairs.

    Types and fields are checked here; `wirecopy.validate` checks the rest against a corpus.

    Raises:
        FileNotFoundError: there is no tree.
        FindingsError: a line is no record; every such line is named.
    """
    folder = Path(path)
    files, findings = read_label_files(folder, documents)
    for file in files:
        findings.extend(file.findings)
    if findings:
        raise FindingsError(findings)
    return build_tree(files, layers=[layer for layer in LAYERS if (folder / layer).is_dir()])


def gold_tree(*, documents: Container[str] | None = None) -> LabelTree:
    """The gold labels that come with the package, or those of some ``documents`` and of all pairs."""
    return read_tree(data_root() / "annotations", documents=documents)


def read_registry(name: str, folder: Path | None = None) -> dict[str, Any]:
    """A registry of the gold labels, ``stories``, ``entities``, ``splits`` or ``version``, as it stands in its file.

    Raises:
        ValueError: there is no registry of that name.
        FindingsError: the file is missing or holds no JSON object.
    """
    if name not in REGISTRIES:
        raise ValueError(f"unknown registry {name!r}; expected one of {', '.join(REGISTRIES)}")
    path = (folder or data_root() / "annotations") / f"{name}.json"
    try:
        value = decode_json(path.read_bytes().decode("utf-8"))
        if not isinstance(value, dict):
            raise ValueError(f"found {type(value).__name__}")
    except (OSError, ValueError, RecursionError) as error:
        finding = Finding(
            "registry-invalid", "references", path.name, f"expected a JSON object ({error})", "restore the registry"
        )
        raise FindingsError([finding]) from None
    return value


def write_tree(tree: LabelTree, path: str | Path) -> None:
    """Write a label tree, whole or not at all.

    The new tree is written beside the old one, flushed to disk and put in its place in one step.

    Raises:
        FileExistsError: the path holds something that is no label tree; nothing is touched.
        ValueError: an id of a document is no file name, and would be written elsewhere; nothing is touched.
    """
    with replace_folder(Path(path), is_ours=_holds_only_a_tree) as new:
        for layer in DOCUMENT_LAYERS:
            records = getattr(tree, layer)
            if records is not None:
                for doc_id, rows in records.items():
                    if Path(doc_id).name != doc_id or "\0" in doc_id:
                        raise ValueError(f"{doc_id!r} is no document id; expected the name of a raw file without .txt")
                    write_file(new / layer / f"{doc_id}.jsonl", to_lines(rows))
                (new / layer).mkdir(parents=True, exist_ok=True)
        for name in PAIR_FILES:
            pairs = getattr(tree, name)
            if pairs is not None:
                write_file(new / "duplicates" / f"{name}.jsonl", to_lines(pairs))


def _holds_only_a_tree(folder: Path) -> bool:
    """Whether every file of a folder is a label file: only then may another tree take its place."""
    found = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
    return all(len(path.parts) == 2 and path.parts[0] in LAYERS and path.suffix == ".jsonl" for path in found)


def write_file(path: Path, content: bytes) -> None:
    """Write a file and flush it to disk, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def replace_file(path: Path, content: bytes) -> None:
    """Put a file in the place of another in one step: readers see the old content or the new one."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(descriptor)
    new = Path(name)
    try:
        write_file(new, content)
        new.chmod(path.stat().st_mode if path.exists() else 0o644)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def replace_folder(path: Path, *, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Give an empty folder to fill; when the block ends well, put it in the place of ``path`` in one step.

    Raises:
        FileExistsError: ``path`` is a file, or a folder with content for which ``is_ours`` is false; nothing is touched.
    """
    if path.is_file() or (path.is_dir() and any(path.iterdir()) and not is_ours(path)):
        raise FileExistsError(f"{path}: holds something else; name an empty or a new folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        new.chmod(0o755)
        yield new
        if path.is_dir():
            _exchange(new, path)
        else:
            new.rename(path)
        _flush_folder(path.parent)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _exchange(new: Path, old: Path) -> None:
    """Swap two folders in one step where the system can (Linux, macOS); elsewhere by two renames."""
    library: Any = ctypes.CDLL(None, use_errno=True) if sys.platform in ("linux", "darwin") else None
    ends = (os.fsencode(new), os.fsencode(old))
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        at_cwd, exchange = -100, 2
        failed = library.renameat2(at_cwd, ends[0], at_cwd, ends[1], exchange)
    elif sys.platform == "darwin" and hasattr(library, "renamex_np"):
        swap = 2
        failed = library.renamex_np(ends[0], ends[1], swap)
    else:
        failed = 1
    if failed:
        aside = Path(f"{new}.old")
        old.rename(aside)
        new.rename(old)
        aside.rename(new)


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
