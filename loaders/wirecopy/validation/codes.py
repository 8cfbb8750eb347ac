"""Every code that a finding can carry, with the level that raises it."""

from wirecopy.findings import Finding
from wirecopy.labels import Line

_BY_LEVEL: dict[str, tuple[str, ...]] = {
    "bytes": (
        "manifest-missing",
        "manifest-invalid",
        "manifest-mismatch",
        "file-missing",
        "file-changed",
        "file-not-utf8",
        "file-bom",
        "file-nul",
        "file-empty",
        "file-stranger",
    ),
    "schema": (
        "label-file-not-utf8",
        "label-file-unreadable",
        "label-file-stranger",
        "label-file-missing",
        "not-json",
        "not-canonical",
        "duplicate-key",
        "duplicate-record",
        "missing-field",
        "unknown-field",
        "wrong-type",
    ),
    "offsets": (
        "span-out-of-range",
        "span-empty",
        "span-white-space",
        "span-text-differs",
        "span-crosses-block",
        "span-overlaps",
        "unknown-label",
    ),
    "references": (
        "registry-invalid",
        "unknown-document",
        "unknown-block",
        "unknown-story",
        "unknown-topic",
        "unknown-entity",
        "unknown-version",
        "missing-entity-id",
        "pair-order",
        "pair-of-one-document",
    ),
    "rules": (
        "block-unlabelled",
        "role-story-mismatch",
        "role-topic-mismatch",
        "quotation-marks-unlabelled",
        "quotation-without-marks",
        "quotation-nested",
        "indirect-without-cue",
        "block-quotation-not-whole",
        "cue-in-another-block",
        "scare-with-speech",
        "utterance-missing",
        "relation-disagrees",
        "identical-drawn",
        "alignment-of-boilerplate",
        "alignment-across-stories",
        "entity-inside-token",
    ),
    "cross-file": (
        "entity-type-disagrees",
        "entity-unused",
        "story-unused",
        "topic-unused",
        "utterance-split",
        "identical-blocks-differ",
        "unlabelled-near-duplicate",
        "known-issue-invalid",
        "known-issue-stale",
    ),
    "splits": (
        "split-missing-document",
        "split-unknown-document",
        "split-document-twice",
        "split-manifest-mismatch",
        "split-leak",
    ),
}
CODES: dict[str, str] = {code: level for level, codes in _BY_LEVEL.items() for code in codes}


def note(code: str, file: str, message: str, remedy: str, *, line: Line | None = None, record: str | None = None) -> Finding:
    """A finding at the level of its code; ``record`` says which one it is where no line of a label file does."""
    if line is None:
        return Finding(code, CODES[code], file, message, remedy, record=record)
    return Finding(code, CODES[code], file, message, remedy, line=line.number, record=line.source)
