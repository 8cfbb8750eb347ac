"""Makes ``corpus/manifest.jsonl``: checksums and counts from the files, splits from ``splits.json``, the rest kept as it is.

Run as ``python -m wirecopy.manifest`` (``make manifest``). What only a person can say of a file (outlet, date, rights, dirt) is
written into its line by hand and never changed here.
"""

import hashlib
import sys
from dataclasses import replace
from pathlib import Path

from wirecopy.corpus import MANIFEST, ManifestEntry, check_bytes, data_root, read_manifest
from wirecopy.findings import FindingsError
from wirecopy.labels import read_registry, write_file

RIGHTS = {
    "wild": "the publisher's; reproduced for research, taken out on request",
    "authored": "CC0-1.0",
}


def describe_file(path: Path, *, origin: str, split: str) -> ManifestEntry:
    """The manifest entry of a raw file, with nothing claimed that its bytes do not show.

    Raises:
        FindingsError: the bytes are no text of the corpus.
    """
    raw = path.read_bytes()
    wrong = check_bytes(raw, path.name)
    if wrong:
        raise FindingsError([wrong])
    return ManifestEntry(
        doc_id=path.stem,
        path=f"{origin}/{path.name}",
        sha256=hashlib.sha256(raw).hexdigest(),
        bytes=len(raw),
        chars=len(raw.decode("utf-8")),
        origin=origin,
        split=split,
        outlet=None,
        published=None,
        language="en",
        rights=RIGHTS[origin],
        dirt=(),
    )


def make_manifest(root: Path) -> bytes:
    """The manifest of the raw files below ``root/corpus``, sorted by id.

    Raises:
        FindingsError: a file is no text, or the manifest that stands there cannot be read.
        KeyError: a file is in no split.
    """
    entries, findings = read_manifest(root / "corpus") if (root / "corpus" / MANIFEST).exists() else ([], [])
    if findings:
        raise FindingsError(findings)
    described = {entry.doc_id: entry for entry in entries}
    splits = {doc_id: name for name, ids in read_registry("splits", root / "annotations").items() for doc_id in ids}
    made = []
    for origin in RIGHTS:
        for path in (root / "corpus" / origin).glob("*.txt"):
            entry = describe_file(path, origin=origin, split=splits[path.stem])
            old = described.get(entry.doc_id)
            if old:
                entry = replace(
                    entry, outlet=old.outlet, published=old.published, language=old.language, rights=old.rights, dirt=old.dirt
                )
            made.append(entry)
    return "".join(f"{entry.to_json()}\n" for entry in sorted(made, key=lambda entry: entry.doc_id)).encode()


if __name__ == "__main__":
    try:
        write_file(data_root() / "corpus" / MANIFEST, make_manifest(data_root()))
    except (FindingsError, KeyError) as error:
        sys.exit(f"corpus/{MANIFEST} was not written: {error}")
