"""Findings that the gold labels live with: each with a reason, and none that no longer occurs."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wirecopy.findings import LEVELS, Finding, nearest, quoted
from wirecopy.validation.codes import CODES, note

_FILE = "known_issues.json"
_KEYS = {"code", "file", "record", "reason"}
_Key = tuple[str, str, str | None]


@dataclass
class KnownIssues:
    """The entries of ``known_issues.json`` by code, file and record, and those that a finding has met."""

    entries: Sequence[_Key] = ()
    met: set[_Key] = field(default_factory=set)

    def leave_out(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that no entry names."""
        kept = []
        for finding in findings:
            key = (finding.code, finding.file, finding.record)
            if key in self.entries:
                self.met.add(key)
            else:
                kept.append(finding)
        return kept

    def stale(self, findings: Sequence[Finding]) -> list[Finding]:
        """The entries that nothing has met, unless findings of an earlier level kept their check from being made."""
        reached = min((LEVELS.index(finding.level) for finding in findings), default=len(LEVELS))
        return [
            note(
                "known-issue-stale",
                _FILE,
                f"{code} no longer occurs in {file}, expected the finding",
                "drop the entry",
                record=record,
            )
            for code, file, record in self.entries
            if (code, file, record) not in self.met and LEVELS.index(CODES[code]) <= reached
        ]


def read_known_issues(folder: Path) -> tuple[KnownIssues, list[Finding]]:
    """The known issues of a tree, none where it has no such file, and what is wrong with the file."""
    try:
        value: Any = json.loads((folder / _FILE).read_bytes().decode("utf-8"))
    except FileNotFoundError:
        return KnownIssues(), []
    except (OSError, ValueError, RecursionError) as error:
        message = f"expected a JSON list ({error})"
        return KnownIssues(), [note("known-issue-invalid", _FILE, message, "correct the file")]
    if not isinstance(value, list):
        message = f"found {quoted(value)}, expected a JSON list"
        return KnownIssues(), [note("known-issue-invalid", _FILE, message, "put the entries into a list")]
    entries = []
    findings = []
    for number, entry in enumerate(value, 1):
        problem = _check_entry(entry)
        if problem is None:
            entries.append((entry["code"], entry["file"], entry["record"]))
        else:
            findings.append(note("known-issue-invalid", _FILE, f"entry {number} {problem}", "correct the entry"))
    return KnownIssues(entries), findings


def _check_entry(entry: Any) -> str | None:
    """What is wrong with an entry, or None."""
    if not isinstance(entry, dict) or set(entry) != _KEYS:
        return f"is {quoted(entry)}, expected the keys code, file, record, reason"
    for key, value in entry.items():
        if not isinstance(value, str) and not (key == "record" and value is None):
            return f"has the {key} {quoted(value)}, expected a string"
    if entry["code"] not in CODES or entry["code"].startswith("known-issue-"):
        return f"has the code {quoted(entry['code'])}, expected a known one ({nearest(entry['code'], CODES)})"
    if not entry["reason"].strip():
        return "has no reason, expected why the labels live with it"
    return None
