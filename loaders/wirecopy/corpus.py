"""Raw files to documents: the manifest, checksums, and the blocks of a text.

Conventions: text is the raw file decoded as UTF-8, byte for byte, without newline translation or Unicode normalisation. Offsets
count Unicode code points from 0; ``end`` is exclusive.
"""

import hashlib
import json
from collections.abc import ItemsView, Iterator, Mapping, ValuesView
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from wirecopy.findings import Finding, FindingsError, nearest

MANIFEST = "manifest.jsonl"
ORIGINS = ("wild", "authored")
SPLITS = ("train", "validation", "test", "wild")
NULLABLE = ("outlet", "published")
_AROUND = 40


@dataclass(frozen=True, slots=True)
class Block:
    """A line that holds more than white space: ``text[start:end]`` in code points, white space at its ends left out."""

    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """One raw file: its id, its text and the facts of its manifest entry."""

    doc_id: str
    text: str = field(repr=False)
    entry: "ManifestEntry" = field(repr=False)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks of the text in reading order; a block's number is its place here."""
        return split_blocks(self.text)

    def block_text(self, block: int) -> str:
        """The string of block number ``block``."""
        span = self.blocks[block]
        return self.text[span.start : span.end]

    def block_at(self, start: int, end: int) -> int | None:
        """The number of the block that holds ``start:end`` whole, or None where no block does."""
        low, high = 0, len(self.blocks)
        while low < high:
            middle = (low + high) // 2
            if self.blocks[middle].end < end:
                low = middle + 1
            else:
                high = middle
        if low < len(self.blocks) and self.blocks[low].start <= start and end <= self.blocks[low].end:
            return low
        return None


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """A line of ``manifest.jsonl``. ``outlet`` and ``published`` are null unless the file itself names them."""

    doc_id: str
    path: str
    sha256: str
    bytes: int
    chars: int
    origin: str
    split: str
    outlet: str | None
    published: str | None
    language: str
    rights: str
    dirt: tuple[str, ...]

    def to_json(self) -> str:
        """The line as it stands in the file, without its newline."""
        return json.dumps(asdict(self), ensure_ascii=False)


class Corpus(Mapping[str, Document]):
    """Documents by id, in the order of their ids, each equal to its checksum in the manifest."""

    def __init__(self, documents: Mapping[str, Document]) -> None:
        """Take documents that `load_corpus` has checked."""
        self._documents = dict(sorted(documents.items()))

    def __getitem__(self, doc_id: str) -> Document:
        """The document of that id; KeyError names the nearest known ids."""
        try:
            return self._documents[doc_id]
        except KeyError:
            raise KeyError(f"no document {doc_id!r} in the corpus; {nearest(doc_id, self._documents)}") from None

    def __contains__(self, doc_id: object) -> bool:
        """Whether the corpus holds that id."""
        return doc_id in self._documents

    def __iter__(self) -> Iterator[str]:
        """The ids, sorted."""
        return iter(self._documents)

    def __len__(self) -> int:
        """How many documents there are."""
        return len(self._documents)

    def values(self) -> ValuesView[Document]:
        """The documents in the order of their ids."""
        return self._documents.values()

    def items(self) -> ItemsView[str, Document]:
        """Ids and documents, sorted by id."""
        return self._documents.items()

    @property
    def split_names(self) -> list[str]:
        """The splits that hold documents, in their usual order."""
        held = {document.entry.split for document in self._documents.values()}
        return [name for name in SPLITS if name in held]

    def split(self, name: str) -> "Corpus":
        """The documents of one split."""
        return Corpus({doc_id: d for doc_id, d in self._documents.items() if d.entry.split == name})


def data_root() -> Path:
    """The folder that holds ``corpus/`` and ``annotations/``: the installed package's own, else the checkout's."""
    package = Path(__file__).resolve().parent
    return package if (package / "corpus").is_dir() else package.parents[1]


def split_blocks(text: str) -> tuple[Block, ...]:
    r"""The blocks of a text: its lines, split on ``\n`` only, that are not empty after ``str.strip()``."""
    blocks = []
    position = 0
    for line in text.split("\n"):
        stripped = line.strip()
        if stripped:
            start = position + line.index(stripped)
            blocks.append(Block(start, start + len(stripped)))
        position += len(line) + 1
    return tuple(blocks)


def fold(text: str) -> str:
    """The text with every run of white space as one space and none at the ends: what *identical* compares."""
    return " ".join(text.split())


def around(text: str, start: int, end: int) -> str:
    """The words of a span in brackets between the words around it, on one line; empty where the span is out of range."""
    if not 0 <= start <= end <= len(text):
        return ""
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    left = "…" if start > _AROUND else ""
    right = "…" if end + _AROUND < len(text) else ""
    return f"{left}{fold(before)} [{fold(text[start:end])}] {fold(after)}{right}".strip()


class DuplicateKeyError(ValueError):
    """A JSON object holds a key twice; the message is the key."""


def _reject_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        keys = [key for key, _ in pairs]
        raise DuplicateKeyError(next(key for key in keys if keys.count(key) > 1))
    return result


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_reject_constant)


def decode_json(text: str) -> Any:
    """The value of a JSON text, where NaN and infinities are refused.

    Raises:
        DuplicateKeyError: an object holds a key twice, of which one would be lost.
        ValueError: the text is no JSON.
    """
    return _DECODER.decode(text)


def read_manifest(folder: Path) -> tuple[list[ManifestEntry], list[Finding]]:
    """The manifest of a corpus folder and what is wrong with it."""
    path = folder / MANIFEST
    name = f"{folder.name}/{MANIFEST}"
    try:
        lines = path.read_bytes().decode("utf-8").split("\n")
    except FileNotFoundError:
        return [], [
            Finding("manifest-missing", "bytes", name, "there is no manifest", "restore it, or point to a folder with one")
        ]
    except UnicodeDecodeError as error:
        return [], [
            Finding("manifest-invalid", "bytes", name, f"byte {error.start} is not UTF-8", "restore the manifest from git")
        ]
    entries: dict[str, ManifestEntry] = {}
    findings = []
    for number, line in enumerate(lines, 1):
        if not line and number == len(lines):
            continue
        entry = _parse_entry(line)
        if isinstance(entry, str):
            findings.append(Finding("manifest-invalid", "bytes", name, entry, "run `make manifest`", line=number))
        elif entry.doc_id in entries:
            message = f"document {entry.doc_id!r} stands twice"
            findings.append(Finding("manifest-invalid", "bytes", name, message, "drop one of the lines", line=number))
        else:
            entries[entry.doc_id] = entry
    return list(entries.values()), findings


def _parse_entry(line: str) -> ManifestEntry | str:
    """A manifest entry, or what is wrong with the line."""
    try:
        record: Any = decode_json(line)
        # Half of a surrogate pair is JSON, but neither text nor a file name.
        json.dumps(record, ensure_ascii=False).encode()
    except DuplicateKeyError as error:
        return f"key {str(error)!r} stands twice in the object"
    except (ValueError, RecursionError) as error:
        return f"the line is no JSON ({error})"
    if not isinstance(record, dict):
        return f"expected an object, found {type(record).__name__}"
    expected: dict[str, Any] = ManifestEntry.__annotations__
    if set(record) != set(expected):
        return f"expected the fields {', '.join(expected)}, found {', '.join(map(str, record)) or 'none'}"
    for key, value in record.items():
        if key == "dirt":
            right = isinstance(value, list) and all(isinstance(kind, str) for kind in value)
        elif key in ("bytes", "chars"):
            right = type(value) is int
        else:
            right = isinstance(value, str) or (value is None and key in NULLABLE)
        if not right:
            return f"field {key!r} holds {value!r}, which is of the wrong type"
    for key, known in (("origin", ORIGINS), ("split", SPLITS)):
        if record[key] not in known:
            return f"{key} is {record[key]!r}, expected one of {', '.join(known)}"
    path = record["path"]
    if path != f"{record['origin']}/{record['doc_id']}.txt" or "\0" in path or "/" in record["doc_id"]:
        return f"path is {path!r}, expected '<origin>/<doc_id>.txt'"
    return ManifestEntry(**{**record, "dirt": tuple(record["dirt"])})


def check_bytes(raw: bytes, name: str) -> Finding | None:
    """What keeps raw bytes from being a text of the corpus, or None."""
    if not raw:
        return Finding("file-empty", "bytes", name, "the file is empty", "restore it or take it out of the corpus")
    if raw.startswith(b"\xef\xbb\xbf"):
        message = "the file starts with a byte order mark (EF BB BF)"
        return Finding("file-bom", "bytes", name, message, "save it as UTF-8 without a byte order mark")
    if b"\0" in raw:
        message = f"byte {raw.index(0)} is NUL"
        return Finding("file-nul", "bytes", name, message, "take the NUL out: it shifts offsets in labelling tools")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} ({raw[error.start]:#04x}) is not UTF-8"
        return Finding("file-not-utf8", "bytes", name, message, "save the file as UTF-8")
    return None


def _read_document(path: Path, name: str, entry: ManifestEntry, *, remedy: str) -> Document | Finding:
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Finding("file-missing", "bytes", name, f"cannot be read ({error.strerror})", remedy)
    wrong = check_bytes(raw, name)
    if wrong:
        return wrong
    digest = hashlib.sha256(raw).hexdigest()
    if digest != entry.sha256:
        message = (
            f"the file was changed: sha256 is {digest} over {len(raw)} bytes, "
            f"the manifest has {entry.sha256} over {entry.bytes}"
        )
        return Finding("file-changed", "bytes", name, message, remedy)
    text = raw.decode("utf-8")
    if (len(raw), len(text)) != (entry.bytes, entry.chars):
        message = f"{len(raw)} bytes and {len(text)} code points, the manifest has {entry.bytes} bytes and {entry.chars} chars"
        return Finding("manifest-mismatch", "bytes", name, message, "run `make manifest`")
    return Document(entry.doc_id, text, entry)


def read_corpus(folder: Path, *, manifest: Path | None = None) -> tuple[Corpus, list[Finding]]:
    """Every readable document of a corpus folder, and a finding for each that is not.

    With ``manifest`` (a folder that holds one) the raw files are looked up by name anywhere below ``folder``, which may hold
    other files too: this is how labels work on a copy of the text that the user already has.
    """
    entries, findings = read_manifest(manifest or folder)
    whole = not findings
    documents: dict[str, Document] = {}
    elsewhere = {path.name: path for path in sorted(folder.rglob("*.txt"))} if manifest else {}
    for entry in entries:
        path = folder / entry.path
        if manifest and not path.exists():
            # Authored text is free and comes with the labels: a folder of the user's own need not hold it.
            own = manifest / entry.path
            path = elsewhere.get(f"{entry.doc_id}.txt", own if entry.origin == "authored" and own.exists() else path)
        if manifest:
            name, remedy = path.as_posix(), f"put the file of sha256 {entry.sha256[:12]}… there, byte for byte"
        else:
            name, remedy = f"{folder.name}/{entry.path}", "restore the file byte for byte, or name a folder that holds it"
        document = _read_document(path, name, entry, remedy=remedy)
        if isinstance(document, Finding):
            findings.append(document)
        else:
            documents[entry.doc_id] = document
    if not manifest and whole:
        known = {entry.path for entry in entries} | {MANIFEST}
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and not _is_source(p.relative_to(folder))):
            name = path.relative_to(folder).as_posix()
            if name not in known:
                message = "the file stands in the corpus but not in its manifest"
                findings.append(
                    Finding("file-stranger", "bytes", f"{folder.name}/{name}", message, "add it to the manifest or take it out")
                )
    return Corpus(documents), findings


def _is_source(path: Path) -> bool:
    """Whether a file below the corpus folder is what authored documents are made from, not a document."""
    return path.parts[:2] == ("authored", "sources")


def load_corpus(path: "str | Path | Corpus | None" = None) -> Corpus:
    """The corpus: the one that comes with the package, or the same raw files in a folder that the user already has.

    Args:
        path: a folder that holds the raw files under their own names; other files in it are passed over. A corpus that has
            been loaded is given back as it is.

    Raises:
        FindingsError: a file is missing, was changed, or is no text; every such file is named.
    """
    if isinstance(path, Corpus):
        return path
    own = data_root() / "corpus"
    if path is None:
        corpus, findings = read_corpus(own)
    else:
        folder = Path(path)
        if not folder.is_dir():
            raise FileNotFoundError(f"{folder}: no such folder; name the one that holds the raw files")
        corpus, findings = read_corpus(folder, manifest=own)
    if findings:
        raise FindingsError(findings)
    return corpus
