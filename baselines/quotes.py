"""Quotations: marks with the nearest name, and classifiers of type and attribution over marks and verbs of saying.

`marks` takes every pair of quotation marks for direct speech and the name nearest to a verb of saying for its speaker.
`classifiers` adds clauses around a verb of saying as indirect speech, learns from training which candidates are
quotations and of which type, and which name of the block (or the one before) speaks. Both link a name to the registry of
entities by its last word; a name that fits two people is nobody's. Pronouns and titles are not resolved.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import wirecopy
from common import Block, Fold, Part, System, main
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

# Words that report saying or writing, as a reader of news would list them.
SAYING = (
    *("said", "says", "say", "saying", "told", "tells", "added", "adds", "adding", "wrote", "writes", "announced"),
    *("confirmed", "denied", "warned", "warns", "stated", "stating", "described", "insisted", "explained", "noted"),
    *("continued", "promised", "accused", "predicted", "reported", "asked", "calling", "called", "praised", "expressed"),
)
_SAYING = re.compile(r"\b(?:according to|(?:has |have |had )?(?:" + "|".join(SAYING) + r"))\b", re.IGNORECASE)
_MARKED = re.compile(r"“[^“”]+”|\"[^\"]+\"|(?<!\w)[‘'](?=\w)[^‘’'\"“”]*[’'](?!\w)")
_NAME = re.compile(r"\b[A-Z][\w’'.-]*(?: (?:[A-Z][\w’'.-]*|of the|of))*")
_SENTENCE = re.compile(r"[^.!?]+(?:\.(?=\w)[^.!?]*)*[.!?]?[”\"]?")

Features = dict[str, str | bool | float]


@dataclass(frozen=True)
class Candidate:
    """A stretch of a block that may be a quotation, with the expression of saying nearest to it."""

    start: int
    end: int
    marked: bool
    cue: tuple[int, int] | None


class Registry:
    """Links a name in a text to an entity id, by its canonical name or its last word."""

    def __init__(self) -> None:
        """Read the names of the entities that may speak."""
        self._ids: dict[str, set[str]] = {}
        for entity, facts in wirecopy.read_registry("entities").items():
            if facts["type"] in ("PERSON", "ORG", "GPE"):
                for name in {facts["name"], facts["name"].split()[-1]}:
                    self._ids.setdefault(_bare(name), set()).add(entity)

    def link(self, name: str) -> str | None:
        """The one entity of that name, or None."""
        for form in (name, name.split()[-1]):
            found = self._ids.get(_bare(form), set())
            if len(found) == 1:
                return next(iter(found))
        return None


def _bare(name: str) -> str:
    return re.sub(r"[’']s$|[^\w ]", "", name).casefold()


def _distance(span: tuple[int, int], other: tuple[int, int]) -> int:
    return max(other[0] - span[1], span[0] - other[1], 0)


def candidates(text: str) -> list[Candidate]:
    """Pairs of marks, and what stands after or before an expression of saying in its sentence."""
    cues = [match.span() for match in _SAYING.finditer(text)]
    marked = [match.span() for match in _MARKED.finditer(text)]
    outside = [cue for cue in cues if not any(start <= cue[0] < end for start, end in marked)]
    found = [Candidate(*span, True, min(outside, key=lambda cue: (_distance(span, cue), cue), default=None)) for span in marked]
    for cue in outside:
        sentence = next((m.span() for m in _SENTENCE.finditer(text) if m.start() <= cue[0] < m.end()), (0, len(text)))
        for start, end in _clauses(text, cue, sentence):
            if end - start > 15 and not any(
                start <= m[0] and end >= m[1] and m[1] - m[0] > 0.8 * (end - start) for m in marked
            ):
                found.append(Candidate(start, end, False, cue))
    return found


def _clauses(text: str, cue: tuple[int, int], sentence: tuple[int, int]) -> Iterator[tuple[int, int]]:
    after = re.match(
        r"\s*(?:(?:on |late )?(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? )?(?:reporters |Reuters )?(?:that )?", text[cue[1] :]
    )
    start = cue[1] + (after.end() if after else 0)
    end = sentence[1]
    while end > start and text[end - 1] in ".!? ,:":
        end -= 1
    if start < end:
        yield start, end
    comma = text.rfind(",", sentence[0], cue[0])
    begin = sentence[0] + len(text[sentence[0] :]) - len(text[sentence[0] :].lstrip())
    if comma > begin:
        yield begin, comma


def names(text: str) -> list[tuple[int, int]]:
    """Runs of capitalised words."""
    return [match.span() for match in _NAME.finditer(text)]


def marks(fold: Fold) -> wirecopy.LabelTree:
    """Every pair of marks is direct speech of the name nearest to the verb of saying."""
    registry = Registry()
    quotes: dict[str, list[wirecopy.Quotation]] = {part.doc_id: [] for part in fold.held_out}
    for part in fold.held_out:
        for block in part.blocks:
            for candidate in candidates(block.text):
                if candidate.marked:
                    cue = candidate.cue
                    free = [n for n in names(block.text) if not candidate.start <= n[0] < candidate.end]
                    source = min(free, key=lambda name: (_distance(cue, name), name), default=None) if cue else None
                    quotes[part.doc_id].append(_quotation(block, candidate, "direct", source, registry))
    return wirecopy.LabelTree(quotes=quotes)


def _quotation(
    block: Block, candidate: Candidate, kind: str, source: tuple[int, int] | None, registry: Registry
) -> wirecopy.Quotation:
    quoted = kind != "scare"
    start, end = block.start + candidate.start, block.start + candidate.end
    return wirecopy.Quotation(
        start=start,
        end=end,
        text=block.text[candidate.start : candidate.end],
        type=kind,
        cue=_span(block, candidate.cue) if quoted else None,
        source=_span(block, source) if quoted else None,
        speaker=registry.link(block.text[slice(*source)]) if source and quoted else None,
        utterance=f"{block.doc_id}-{candidate.start + block.start}" if quoted else None,
    )


def _span(block: Block, span: tuple[int, int] | None) -> wirecopy.Span | None:
    if span is None:
        return None
    return wirecopy.Span(start=block.start + span[0], end=block.start + span[1], text=block.text[slice(*span)])


def type_features(block: Block, candidate: Candidate) -> Features:
    """What the type classifier sees of a candidate."""
    text = block.text[candidate.start : candidate.end]
    cue = block.text[slice(*candidate.cue)].lower() if candidate.cue else "none"
    words = text.split()
    return {
        "marked": candidate.marked,
        "cue": cue,
        "length": min(len(words), 30) / 30,
        "short": len(words) < 3,
        "whole block": len(text) > 0.9 * len(block.text),
        "ends with mark": text.rstrip("”\"’'")[-1:] in ",.?!",
        "verb": bool(re.search(r"\b(?:is|are|was|were|will|have|has|would|can|do|don[’']t)\b", text)),
        "capital": text.lstrip("“\"‘'")[:1].isupper(),
        "before cue": bool(candidate.cue and candidate.end <= candidate.cue[0]),
        "distance": min(_distance((candidate.start, candidate.end), candidate.cue) if candidate.cue else 100, 100) / 100,
        "first word": words[0].lower().strip("“\"‘'"),
    }


def source_features(block: Block, candidate: Candidate, name: tuple[int, int]) -> Features:
    """What the attribution classifier sees of a name beside a candidate."""
    cue = candidate.cue or (candidate.start, candidate.end)
    inside = candidate.start <= name[0] < candidate.end
    rank = sorted(names(block.text), key=lambda other: _distance(cue, other)).index(name)
    return {
        "inside": inside,
        "before cue": name[1] <= cue[0],
        "adjacent": _distance(cue, name) <= 2,
        "distance": min(_distance(cue, name), 100) / 100,
        "rank": str(min(rank, 4)),
        "first": name == names(block.text)[0],
        "words": str(min(len(block.text[slice(*name)].split()), 4)),
    }


def classifiers(fold: Fold) -> wirecopy.LabelTree:
    """Fit a type classifier and an attribution classifier, then keep the candidates that it takes for quotations."""
    registry = Registry()
    kinds, sources = _fit(fold.train)
    quotes: dict[str, list[wirecopy.Quotation]] = {part.doc_id: [] for part in fold.held_out}
    for part in fold.held_out:
        for block in part.blocks:
            found = [(c, kinds.predict(type_features(block, c))) for c in candidates(block.text)]
            for candidate, kind in without_overlaps([(c, kind) for c, kind in found if kind != "none"]):
                best = max(
                    ((sources.chance(source_features(block, candidate, name)), name) for name in names(block.text)),
                    default=None,
                )
                source = best[1] if best and best[0] > 0.2 else None
                quotes[part.doc_id].append(_quotation(block, candidate, kind, source, registry))
    return wirecopy.LabelTree(quotes=quotes)


def without_overlaps(found: Sequence[tuple[Candidate, str]]) -> list[tuple[Candidate, str]]:
    """The candidates of which no two overlap, except marked ones inside indirect speech; the earlier and longer one stays."""
    kept: list[tuple[Candidate, str]] = []
    for candidate, kind in sorted(found, key=lambda item: (not item[0].marked, item[0].start, -item[0].end)):
        if all(_may_stand(candidate, other, other_kind) for other, other_kind in kept):
            kept.append((candidate, kind))
    return sorted(kept, key=lambda item: (item[0].start, item[0].end))


def _may_stand(candidate: Candidate, other: Candidate, other_kind: str) -> bool:
    if candidate.end <= other.start or other.end <= candidate.start:
        return True
    around = candidate.start <= other.start and other.end <= candidate.end
    return not candidate.marked and other.marked and around and other_kind in ("fragment", "scare")


class Classifier:
    """Logistic regression over named features."""

    def __init__(self, rows: Sequence[Features], labels: Sequence[str]) -> None:
        """Fit."""
        self._vectorizer = DictVectorizer()
        matrix = self._vectorizer.fit_transform(rows)
        self._model = LogisticRegression(C=3.0, max_iter=1000, class_weight="balanced").fit(matrix, labels)

    def predict(self, row: Features) -> str:
        """The likeliest label."""
        return str(self._model.predict(self._vectorizer.transform([row]))[0])

    def chance(self, row: Features) -> float:
        """The probability of the last label in order."""
        return float(self._model.predict_proba(self._vectorizer.transform([row]))[0, -1])


def _fit(train: Sequence[Part]) -> tuple[Classifier, Classifier]:
    rows, labels, pairs, right = [], [], [], []
    for part in train:
        for block in part.blocks:
            for candidate in candidates(block.text):
                kind, source = _gold(block, candidate)
                rows.append(type_features(block, candidate))
                labels.append(kind)
                if source is not None:
                    for name in names(block.text):
                        pairs.append(source_features(block, candidate, name))
                        right.append("yes" if name[0] < source[1] and source[0] < name[1] else "no")
    return Classifier(rows, labels), Classifier(pairs, right)


def _gold(block: Block, candidate: Candidate) -> tuple[str, tuple[int, int] | None]:
    """The type and source of the quotation that a candidate overlaps by more than half, or ``none``."""
    best, share = None, 0.5
    for known in block.quotations:
        start, end = known["start"] - block.start, known["end"] - block.start
        common = min(end, candidate.end) - max(start, candidate.start)
        union = max(end, candidate.end) - min(start, candidate.start)
        if common > share * union:
            best, share = known, common / union
    if best is None:
        return "none", None
    source = best["source"]
    return best["type"], (source["start"] - block.start, source["end"] - block.start) if source else None


SYSTEMS = (System("quotes", "marks", marks), System("quotes", "classifiers", classifiers))

if __name__ == "__main__":
    main(SYSTEMS)
