"""The label files of the gold labels as files: one a document and layer, and each the bytes that its records give."""

from collections.abc import Sequence
from pathlib import Path

from wirecopy.findings import Finding
from wirecopy.labels import DOCUMENT_LAYERS, LAYERS, PAIR_FILES, LabelFile, to_lines
from wirecopy.validation.codes import note
from wirecopy.validation.context import Context


def check_files(folder: Path, files: Sequence[LabelFile], context: Context) -> list[Finding]:
    """What keeps the files of a gold tree from being complete and canonical."""
    findings = []
    for file in files:
        if not file.findings and file.path.read_bytes() != to_lines(line.record for line in file.lines):
            message = "the bytes differ from those that its records give (order, keys, spacing or the last newline)"
            findings.append(note("not-canonical", file.name, message, "write the tree with `wirecopy.write_tree`"))
    names = {file.name for file in files}
    for layer in LAYERS:
        stems = PAIR_FILES if layer == "duplicates" else context.corpus
        missing = [name for stem in stems if (name := f"{layer}/{stem}.jsonl") not in names]
        if not (folder / layer).is_dir():
            message = f"the folder is missing, expected {len(missing)} label files in it"
            findings.append(note("label-file-missing", layer, message, "label the layer"))
            continue
        for name in missing:
            whose = "of pairs" if layer not in DOCUMENT_LAYERS else "of the document in this layer"
            message = f"there is no file, expected the labels {whose}"
            findings.append(note("label-file-missing", name, message, "label it; where nothing is to label, add an empty file"))
    return findings
