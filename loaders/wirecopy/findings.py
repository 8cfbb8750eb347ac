"""What a check has to say: where, what was found, what was expected, what to do."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LEVELS = ("bytes", "schema", "offsets", "references", "rules", "cross-file", "splits")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, with a stable code; ``line`` counts from 1, ``record`` is the line as it stands."""

    code: str
    level: str
    file: str
    message: str
    remedy: str
    line: int | None = None
    record: str | None = None

    def __str__(self) -> str:
        """The finding on one line, as an editor would jump to it."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.message}; {self.remedy} [{self.code}]"

    def to_dict(self) -> dict[str, str | int | None]:
        """The finding for JSON, keys in a fixed order."""
        keys = ("code", "level", "file", "line", "record", "message", "remedy")
        return {key: getattr(self, key) for key in keys}


class FindingsError(ValueError):
    """Input that cannot be used, with every finding in ``findings``."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        """Keep the findings; the message shows the first twenty."""
        self.findings = list(findings)
        lines = [str(finding) for finding in self.findings[:20]]
        if len(self.findings) > 20:
            lines.append(f"and {len(self.findings) - 20} more; `wirecopy validate` lists all")
        super().__init__("\n".join(lines))


def nearest(name: object, known: Iterable[str]) -> str:
    """The part of a message that helps with an unknown name: the nearest known ones, or the first few."""
    from difflib import get_close_matches

    names = sorted(known)
    close = get_close_matches(str(name), names, n=3, cutoff=0.5)
    if close:
        return f"the nearest known: {', '.join(close)}"
    shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
    return f"known: {shown}" if names else "none is known"


def quoted(value: object) -> str:
    """A value in a message: as JSON, on one line, cut when long."""
    shown = json.dumps(value, ensure_ascii=True, default=str)
    return shown if len(shown) <= 80 else shown[:77] + "…"
