"""Rows out of the package: `load_dataset`, and the folder that stock ``datasets`` and the Hub read.

Both write the same Parquet files from the same rows, so they give equal rows and features.
"""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING, Any

from wirecopy.corpus import Corpus, data_root, load_corpus
from wirecopy.labels import DOCUMENT_LAYERS, REGISTRIES, gold_tree, read_registry, replace_folder, write_file
from wirecopy.progress import track
from wirecopy.tasks import Config, Row, Source, configs

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, Features, IterableDataset, IterableDatasetDict
    from pyarrow import Table

_CARD = "README.md"
_PICTURE = "annotations/labelled.svg"
# What the card links to, and what that links to.
_BESIDE_CARD = (
    "DATASHEET.md",
    "RESULTS.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "LICENSE-LABELS",
    "annotations/GUIDELINES.md",
    *(f"annotations/pictures/{task}.png" for task in ("entities", "quotes", "segments", "duplicates")),
)
_TEXT_COLUMNS = frozenset({"text", "a_text", "b_text", "tokens"})


def content_hash(corpus: Corpus | None = None) -> str:
    """Twelve hexadecimal digits over the raw files, the gold labels and their registries: which data a figure is for."""
    digest = hashlib.sha256()
    for doc_id, document in (corpus or load_corpus()).items():
        digest.update(f"{doc_id} {document.entry.sha256} {document.entry.to_json()}\n".encode())
    folder = data_root() / "annotations"
    layers = sorted(path for layer in (*DOCUMENT_LAYERS, "duplicates") for path in (folder / layer).glob("*.jsonl"))
    for path in [*layers, *(folder / f"{name}.json" for name in REGISTRIES)]:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:12]


def load_dataset(
    config: str = "documents",
    split: str | None = None,
    *,
    streaming: bool = False,
    corpus: str | Path | Corpus | None = None,
) -> "Dataset | DatasetDict | IterableDataset | IterableDatasetDict":
    """The rows of a configuration as a ``datasets.Dataset``, or of every split as a ``DatasetDict`` when ``split`` is None.

    Args:
        config: the name of a configuration, such as ``documents``, ``quotes`` or ``tokens``.
        split: ``train``, ``validation``, ``test`` or ``wild``; slices and sums (``"wild[:2]"``, ``"train+test"``) work too.
        streaming: give an ``IterableDataset`` (or a dict of them) with the same rows.
        corpus: a folder with the same raw files, where the package came without them.

    Raises:
        ValueError: the configuration or the split is unknown; the known ones are listed.
        FindingsError: a raw file or a label is not what it should be; no rows are made.
    """
    from datasets import DatasetDict, IterableDatasetDict

    known = configs()
    if config not in known:
        raise ValueError(f"unknown configuration {config!r}; expected one of {', '.join(known)}")
    documents = _ready(load_corpus(corpus))
    names = documents.split_names
    wanted = names if split is None else [name for name in names if name in _mentioned(split, names)]
    loaded = _Loader(known[config], documents)
    parts = {name: loaded.split(name) for name in wanted}
    if split is not None:
        rows = _slice(parts, split)
        return rows.to_iterable_dataset() if streaming else rows
    if streaming:
        return IterableDatasetDict({name: part.to_iterable_dataset() for name, part in parts.items()})
    return DatasetDict(parts)


def _ready(corpus: Corpus) -> Corpus:
    """The documents with a label file in every layer: a new raw file waits until all of its labels are merged."""
    folder = data_root() / "annotations"
    files = {layer: {path.stem for path in (folder / layer).glob("*.jsonl")} for layer in DOCUMENT_LAYERS}
    return Corpus({doc_id: document for doc_id, document in corpus.items() if all(doc_id in held for held in files.values())})


def _mentioned(split: str, names: list[str]) -> set[str]:
    """The splits that a split expression names."""
    found = {part.split("[")[0].strip() for part in split.split("+")}
    unknown = sorted(found - set(names))
    if unknown:
        raise ValueError(f"unknown split {unknown[0]!r}; expected one of {', '.join(names)}")
    return found


def _slice(parts: "dict[str, Dataset]", split: str) -> "Dataset":
    from datasets import ReadInstruction, concatenate_datasets

    if split in parts:
        return parts[split]
    sizes = {name: len(part) for name, part in parts.items()}
    pieces = [
        parts[piece.splitname].select(range(piece.from_, piece.to))
        for piece in ReadInstruction.from_spec(split).to_absolute(sizes)
    ]
    return concatenate_datasets(pieces)


class _Loader:
    """Reads a configuration from the cache of Parquet files, which it fills when it can."""

    def __init__(self, config: Config, corpus: Corpus) -> None:
        from datasets.config import HF_DATASETS_CACHE

        self._config = config
        self._corpus = corpus
        self._key = f"{content_hash(corpus)}-{_code_hash()}"
        self._folder = Path(HF_DATASETS_CACHE) / "wirecopy" / self._key

    def split(self, name: str) -> "Dataset":
        import pyarrow.parquet as pq
        from datasets import Dataset, NamedSplit

        path = self._folder / self._config.name / f"{name}.parquet"
        if path.is_file():
            table = pq.read_table(path)
        else:
            documents = self._corpus.split(name)
            table = _table(self._config, Source(documents, gold_tree(documents=documents)))
            # A cache that cannot be written (read-only home, full disk) costs time, never the rows.
            with suppress(OSError):
                _write_beside(table, path)
        fingerprint = hashlib.sha256(f"{self._key}/{self._config.name}/{name}".encode()).hexdigest()[:16]
        return Dataset(table, split=NamedSplit(name), fingerprint=fingerprint)


def _code_hash() -> str:
    """A digest of the code that makes rows: a changed package must not read rows that an older one cached."""
    package = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [package / "derive.py", package / "labels.py", Path(__file__), *sorted((package / "tasks").glob("*.py"))]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _table(config: Config, source: Source) -> "Table":
    return _to_table(config.rows(source), config.features())


def _to_table(rows: Iterable[Row], features: "Features") -> "Table":
    import pyarrow as pa

    table = pa.Table.from_pylist(list(rows), schema=features.arrow_schema)
    version = read_registry("version")
    note = {"version": version["version"], "canary": version["canary"]}
    return table.replace_schema_metadata({**table.schema.metadata, b"wirecopy": json.dumps(note).encode()})


def _parquet(table: "Table") -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _write_beside(table: "Table", path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as stream:
        try:
            stream.write(_parquet(table))
            stream.flush()
            os.fsync(stream.fileno())
            Path(stream.name).replace(path)
        except OSError:
            Path(stream.name).unlink(missing_ok=True)
            raise


def build_hub(path: str | Path, *, without_text: bool = False, corpus: str | Path | Corpus | None = None) -> dict[str, int]:
    """Write the folder that stock ``datasets.load_dataset`` and the Hub read; return the rows of each file.

    The folder is written whole or not at all. A file's name carries the hash of its content: the cache of ``datasets`` keys on
    names, and would otherwise go on returning old rows.

    Args:
        path: the folder; one that an earlier build wrote is replaced.
        without_text: leave out raw text and surface strings, so that labels travel and the text stays with its publishers.
        corpus: a folder with the same raw files.

    Raises:
        FileExistsError: the folder holds something else.
        FindingsError: a raw file or a label is not what it should be; nothing is written.
    """
    tree = gold_tree()
    documents = _ready(load_corpus(corpus))
    counts: dict[str, int] = {}
    listing: list[dict[str, Any]] = []
    with replace_folder(Path(path), is_ours=_is_hub) as folder:
        for config in track(configs().values(), "building"):
            data_files = []
            for split in documents.split_names:
                table = _hub_table(config, Source(documents.split(split), tree), without_text=without_text)
                content = _parquet(table)
                name = f"{config.name}/{split}-{hashlib.sha256(content).hexdigest()[:12]}.parquet"
                write_file(folder / name, content)
                counts[name] = table.num_rows
                data_files.append({"split": split, "path": name})
            listing.append({"config_name": config.name, "data_files": data_files, **_default(config)})
        root = data_root()
        write_file(folder / _CARD, _card((root / _CARD).read_text("utf-8"), listing, documents, without_text).encode())
        # The picture shows raw text.
        for name in _BESIDE_CARD if without_text else (*_BESIDE_CARD, _PICTURE):
            write_file(folder / name, (root / name).read_bytes())
    return counts


def _default(config: Config) -> dict[str, bool]:
    return {"default": True} if config.name == "documents" else {}


def _is_hub(folder: Path) -> bool:
    """Whether a folder holds what a build writes and nothing else: only then may another build take its place."""
    own = {_CARD, _PICTURE, *_BESIDE_CARD}
    found = [path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]
    parquet = {path for path in found if path.suffix == ".parquet" and len(path.parts) == 2 and path.parts[0] in configs()}
    return bool(parquet) and all(path in parquet or path.as_posix() in own for path in found)


def _card(readme: str, listing: list[dict[str, Any]], corpus: Corpus, without_text: bool) -> str:
    """The README with the configurations in its YAML header, and first of all a note on what this build holds."""
    _, header, body = readme.split("---\n", 2)
    if without_text:
        body = "".join(line for line in body.splitlines(keepends=True) if _PICTURE not in line)
    note = f"> Built from data {read_registry('version')['version']}, content hash `{content_hash(corpus)}`"
    note += ", without raw text and surface strings." if without_text else "."
    # JSON is YAML: the listing needs no writer of its own.
    return f"---\n{header}configs: {json.dumps(listing)}\n---\n\n{note}\n{body}"


def _hub_table(config: Config, source: Source, *, without_text: bool) -> "Table":
    if not without_text:
        return _table(config, source)
    from datasets import Features

    drop = _TEXT_COLUMNS | ({"blocks"} if config.name == "segments" else set())
    features = Features(_without(dict(config.features()), drop))
    return _to_table((_without(row, drop) for row in config.rows(source)), features)


def _without(value: Any, drop: frozenset[str] | set[str]) -> Any:
    """The value without the keys of ``drop`` at any depth, in rows and in features alike."""
    from datasets import List

    if isinstance(value, dict):
        return {key: _without(item, drop) for key, item in value.items() if key not in drop}
    if isinstance(value, list):
        return [_without(item, drop) for item in value]
    if isinstance(value, List):
        return List(_without(value.feature, drop))
    return value
