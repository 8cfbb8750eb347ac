"""Takes new raw files into the corpus: bytes checked, manifest, split and the list of what is still to be labelled."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

from wirecopy.corpus import MANIFEST, Corpus, Document, ManifestEntry, data_root, read_corpus, read_manifest
from wirecopy.derive import word_ngrams
from wirecopy.findings import FindingsError
from wirecopy.labels import DOCUMENT_LAYERS, read_registry, replace_file
from wirecopy.manifest import describe_file
from wirecopy.validation.cross_file import COPIED_CONTAINMENT, FEWEST_NGRAMS

ORIGIN, SPLIT = "wild", "wild"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_REASON = "added, not labelled yet"


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was taken in: its id, how many blocks it has, and documents that look like copies of it, with the share."""

    doc_id: str
    blocks: int
    copies: tuple[tuple[str, float], ...]


def add_files(files: Sequence[Path], *, outlet: str | None, rights: str) -> list[Added]:
    """Take raw files into ``corpus/wild/``, byte for byte, all of them or none.

    Args:
        files: files that are called ``<doc_id>.txt``.
        outlet: the outlet, where the files themselves name it.
        rights: whose the text is, and on which terms it stands here.

    Raises:
        FindingsError: the bytes of a file are no text of the corpus; nothing is written.
        ValueError: a name is no id, or the file is in the corpus already; nothing is written.
        OSError: a file cannot be read, or the corpus not be written.
    """
    if not rights.strip():
        raise ValueError("--rights is empty; say whose the text is and on which terms it may stand in the corpus")
    corpus = _corpus(files)
    new = {path.stem: _read(path, corpus, outlet=outlet, rights=rights) for path in files}
    if len(new) < len(files):
        raise ValueError("two of the files have one name; rename one of them")
    digests = [document.entry.sha256 for document in new.values()]
    if len(set(digests)) < len(digests):
        raise ValueError("two of the files have the same bytes; leave one of them out")
    known = {**corpus, **new}
    added = [Added(doc_id, len(document.blocks), _copies(document, known)) for doc_id, document in new.items()]
    _write(files, new)
    return added


def _corpus(files: Sequence[Path]) -> Corpus:
    """The corpus; a file that is to be added may lie there already, whole or half written, where adding it was cut off."""
    folder = data_root() / "corpus"
    corpus, findings = read_corpus(folder)
    cut_off = {path.relative_to(folder.parent).as_posix() for path in _left_over(folder, files)}
    cut_off |= {f"{folder.name}/{ORIGIN}/{path.name}" for path in files}
    wrong = [f for f in findings if not (f.code == "file-stranger" and f.file in cut_off)]
    if wrong:
        raise FindingsError(wrong)
    for path in files:
        there = folder / ORIGIN / path.name
        if path.stem not in corpus and there.is_file() and there.read_bytes() != path.read_bytes():
            raise ValueError(f"{path}: another file lies at {there}; take it out, or rename one of the two")
    return corpus


def _left_over(folder: Path, files: Sequence[Path]) -> list[Path]:
    """What a process that was killed while it wrote the files or the manifest left beside them."""
    names = [MANIFEST, *(f"{ORIGIN}/{path.name}" for path in files)]
    return [path for name in names for path in (folder / name).parent.glob(f".{escape(Path(name).name)}.*")]


def _read(path: Path, corpus: Corpus, *, outlet: str | None, rights: str) -> Document:
    if path.suffix != ".txt" or not _ID.fullmatch(path.stem):
        raise ValueError(
            f"{path}: expected a name of letters, digits, - and _ that ends with .txt, since it becomes the document's id"
        )
    entry = replace(describe_file(path, origin=ORIGIN, split=SPLIT), outlet=outlet, rights=rights)
    if path.stem in corpus:
        raise ValueError(f"{path}: the corpus has a document {path.stem!r} already; rename the file if it is another one")
    same = next((doc_id for doc_id, document in corpus.items() if document.entry.sha256 == entry.sha256), None)
    if same:
        raise ValueError(f"{path}: the same bytes are in the corpus already, as {same!r}")
    document = Document(path.stem, path.read_bytes().decode("utf-8"), entry)
    if not document.blocks:
        raise ValueError(f"{path}: holds white space alone; expected lines of text")
    return document


def _copies(document: Document, known: dict[str, Document]) -> tuple[tuple[str, float], ...]:
    """Documents that share so much of the shorter one's word 5-grams that one is copied from the other, nearest first."""
    own = word_ngrams(document.text)
    shares = []
    for doc_id, other in known.items():
        theirs = word_ngrams(other.text)
        shorter = min(len(own), len(theirs))
        if doc_id != document.doc_id and shorter >= FEWEST_NGRAMS:
            share = len(own & theirs) / shorter
            if share >= COPIED_CONTAINMENT:
                shares.append((doc_id, share))
    return tuple(sorted(shares, key=lambda pair: (-pair[1], pair[0])))


def _write(files: Sequence[Path], new: dict[str, Document]) -> None:
    """Write the files, the manifest last: until then none counts as added, and adding them again completes it."""
    root = data_root()
    folder = root / "corpus"
    entries, findings = read_manifest(folder)
    if findings:
        raise FindingsError(findings)
    everything: list[ManifestEntry] = [*entries, *(document.entry for document in new.values())]
    manifest = "".join(f"{entry.to_json()}\n" for entry in sorted(everything, key=lambda entry: entry.doc_id))
    splits = read_registry("splits")
    splits[SPLIT] = sorted({*splits[SPLIT], *new})
    issues_path = root / "annotations" / "known_issues.json"
    issues = json.loads(issues_path.read_text("utf-8")) if issues_path.is_file() else []
    waiting = [
        {"code": "label-file-missing", "file": f"{layer}/{doc_id}.jsonl", "record": None, "reason": _REASON}
        for doc_id in new
        for layer in DOCUMENT_LAYERS
    ]
    issues += [issue for issue in waiting if issue not in issues]
    for path in _left_over(folder, files):
        path.unlink()
    for path in files:
        replace_file(folder / ORIGIN / path.name, path.read_bytes())
    replace_file(root / "annotations" / "splits.json", _json(splits))
    replace_file(issues_path, _json(issues))
    replace_file(folder / MANIFEST, manifest.encode())


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
