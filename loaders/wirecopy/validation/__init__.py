"""Checks a label tree against its corpus, its registries and the guidelines, and collects what is wrong as findings.

Levels gate: what a finding makes doubtful is not checked further, so that one defect gives one finding. A document whose bytes
are wrong is out, then a record that is no record, then one whose spans are wrong; rules and agreement across files look only at
files without any finding. A tree that brings registries of its own is held to the rules for gold labels; a pass or a system's
prediction may leave out what it does not know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from wirecopy.corpus import data_root
from wirecopy.findings import LEVELS, Finding
from wirecopy.labels import LabelFile, read_label_files
from wirecopy.validation.codes import CODES
from wirecopy.validation.context import build_context
from wirecopy.validation.cross_file import check_cross_file
from wirecopy.validation.files import check_files
from wirecopy.validation.known_issues import KnownIssues, read_known_issues
from wirecopy.validation.references import check_references
from wirecopy.validation.rules import check_coverage, check_rules
from wirecopy.validation.spans import check_spans
from wirecopy.validation.splits import check_splits

__all__ = ["CODES", "validate"]


def validate(tree: str | Path | None = None, *, corpus: str | Path | None = None) -> list[Finding]:
    """Everything that is wrong with a label tree, sorted by level, file, line, code and message.

    Args:
        tree: the tree's folder; the gold labels where it is left out.
        corpus: a folder with the raw files. Where it is left out, the tree's own ``corpus/``, else the package's.

    Raises:
        FileNotFoundError: there is no tree, or no such folder of raw files.
    """
    folder = data_root() / "annotations" if tree is None else Path(tree)
    files, strangers = read_label_files(folder)
    context, findings = build_context(folder, corpus)
    known, known_findings = read_known_issues(folder) if context.gold else (KnownIssues(), [])
    findings = known.leave_out([*findings, *strangers, *(finding for file in files for finding in file.findings)])

    if context.gold:
        findings += known.leave_out(check_files(folder, files, context))
    files = _without(files, new := known.leave_out(check_spans(files, context)))
    findings += new
    broken = frozenset(finding.file for finding in findings)
    files = _without(files, new := known.leave_out(check_references(files, context, broken=broken)))
    findings += new

    files = _clean([file for file in files if file.doc_id is None or file.doc_id in context.corpus], findings)
    findings += known.leave_out(check_coverage(files, context))
    if context.gold:
        files = _clean(files, findings)
        findings += known.leave_out(check_rules(files, context))
        files = _clean(files, findings)
        findings += known.leave_out(check_cross_file(files, context, whole=not findings))
        findings += known.leave_out(check_splits(_clean(files, findings), context))
        findings += known.stale(findings) + known_findings
    # A file's name need not be UTF-8; a finding about it must be printable all the same.
    findings = [replace(f, file=f.file.encode("utf-8", "backslashreplace").decode("utf-8")) for f in findings]
    order = {level: place for place, level in enumerate(LEVELS)}
    return sorted(findings, key=lambda f: (order[f.level], f.file, f.line or 0, f.code, f.message))


def _without(files: Iterable[LabelFile], findings: Sequence[Finding]) -> list[LabelFile]:
    """The files without the lines that have a finding."""
    wrong = {(finding.file, finding.line) for finding in findings}
    return [replace(file, lines=tuple(line for line in file.lines if (file.name, line.number) not in wrong)) for file in files]


def _clean(files: Iterable[LabelFile], findings: Sequence[Finding]) -> list[LabelFile]:
    """The files without any finding."""
    wrong = {finding.file for finding in findings}
    return [file for file in files if file.name not in wrong]
