"""Quotations and their speakers, by quotation marks and by clauses around verbs of saying.

``marks`` (floor): what stands in quotation marks is direct; the speaker is the name nearest to a verb of saying in the block.
``clauses``: candidates are what stands in marks and the clauses before and after a verb of saying; one classifier gives each
its type or none, another picks the speaker among the names of the block and the one before it, with nobody as an answer.
Names are runs of capitals that link to an id of the entity registry (`common.link`).

What it cannot do: words set off as a block of their own without marks are not found; the verbs of saying are a fixed list; a
pronoun is followed only to names nearby, and a body named only in lower case (*the ministry*) has no name to link.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from typing import Any

import common
import wirecopy
from sklearn.pipeline import Pipeline

TASK = "quotes"
NONE = "none"
# What is tried: how likely a name must be the speaker, and how weakly the classifiers are held to small weights.
LIKELY = (0.1, 0.2, 0.3, 0.5)
STRENGTHS = (0.3, 1.0, 3.0)
Span = tuple[int, int]
Features = dict[str, str | float | bool]
# Finds the named mentions of a row, with ids, by offset.
Namer = Callable[[common.Row], Sequence[wirecopy.Mention]]

_VERBS = """
    accuse accuses accused accusing acknowledge acknowledged add adds added adding admit admitted announce announced
    argue argued ask asked assert asserted call called calling cite cited claim claims claimed comment commented
    complain complained conclude concluded condemn condemned confirm confirms confirmed continue continued declare
    declared deny denies denied describe described emphasize emphasized emphasised explain explained express expressed
    insist insisted insists note notes noted observe observed predict predicted predicting promise promised promising
    quip quipped recall recalled refers remark remarked repeat repeated reply replied report reported reports reiterate
    reiterated respond responded say says said saying state stated stating stress stressed suggest suggested tell tells
    told telling threaten threatened threatening toasted tweeted urge urged vow vowed warn warns warned warning write
    writes wrote
"""
_CUE = re.compile(
    rf"\b(?:(?:has|have|had)\s+(?:(?:also|repeatedly|often)\s+)?)?(?:{'|'.join(_VERBS.split())})\b|\baccording to\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?][\"”’'»]?(?=\s+[\"“‘'«(]?[^\W\d_a-z])")
_ABBREVIATION = re.compile(r"\b(?:[^\W\d_]|Mr|Mrs|Ms|Dr|Jr|Sr|St|Gen|Lt|Gov|Sen|Rep|Jan|Feb|Aug|Sept|Oct|Nov|Dec)$")
_OPENING, _CLOSING = '"“«', '"”»'
_AFTER_CUE = re.compile(
    r"(?:\s+(?:on|late|last|earlier|in a statement|reporters|Reuters|that|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)*\s*",
    re.IGNORECASE,
)
_EDGES = " \u00a0,;:—–-"
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|would|can|could|should|must|may|do|does|did|am|be|shows?|\w+ed)\b|n't\b"
)
_PRONOUN = re.compile(r"^(?:he|she|it|they|we|i)$", re.IGNORECASE)
# A name further from the cue than this counts as far.
_FAR = 6


@dataclass(frozen=True)
class Candidate:
    """What may be a quotation: its span, the span of its cue and its source, all in offsets of its line."""

    start: int
    end: int
    form: str
    cue: Span | None
    source: Span | None
    sentence: Span


@dataclass(frozen=True)
class Model:
    """The classifiers of types and of speakers, and how likely a name must be the speaker."""

    types: Pipeline
    speakers: Pipeline
    likely: float = LIKELY[0]


def sentences(text: str) -> list[Span]:
    """The sentences of a line."""
    found = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if match[0][0] == "." and _ABBREVIATION.search(text, start, match.start()):
            continue
        found.append((start, match.end()))
        start = match.end() + len(text[match.end() :]) - len(text[match.end() :].lstrip())
    return [*found, (start, len(text))] if start < len(text) else found


def marked(text: str) -> list[Span]:
    """What stands in quotation marks, the marks included.

    Double marks of any style close each other. A single mark opens after a space or a bracket and closes before anything that
    is no letter; inside double marks none is looked for.
    """
    found = []
    position = 0
    while position < len(text):
        if text[position] in _OPENING:
            end = next((place for place in range(position + 1, len(text)) if text[place] in _CLOSING), None)
        elif text[position] in "'‘" and (position == 0 or text[position - 1] in " \u00a0(["):
            end = next((place for place in range(position + 2, len(text)) if _closes_single(text, place)), None)
        else:
            end = None
        if end is not None:
            found.append((position, end + 1))
            position = end
        position += 1
    return found


def _closes_single(text: str, place: int) -> bool:
    alone = place + 1 == len(text) or not text[place + 1].isalnum()
    return text[place] in "'’" and alone and not text[place - 1].isspace()


def overlaps(a: Span, b: Span) -> bool:
    """Whether two spans share a character."""
    return a[0] < b[1] and b[0] < a[1]


def trimmed(text: str, start: int, end: int, edges: str = _EDGES) -> Span:
    """The span without some characters at its edges."""
    while start < end and text[start] in edges:
        start += 1
    while start < end and text[end - 1] in edges:
        end -= 1
    return start, end


def cues(text: str, quoted: Iterable[Span]) -> list[Span]:
    """The verbs of saying that stand outside marks."""
    held = list(quoted)
    return [match.span() for match in _CUE.finditer(text) if not any(overlaps(match.span(), span) for span in held)]


def source_of(text: str, sentence: Span, cue: Span, quoted: Iterable[Span]) -> Span | None:
    """The words beside a cue that may name the speaker: back to a comma, mark or border, else on to the next."""
    walls = [place for span in quoted for place in span]
    if text[cue[0] : cue[1]].lower() != "according to":
        left = max([sentence[0], *(wall for wall in walls if wall <= cue[0]), text.rfind(", ", sentence[0], cue[0]) + 1])
        start, end = trimmed(text, left, cue[0])
        if start < end:
            return start, end
    right = min([sentence[1], *(wall for wall in walls if wall >= cue[1])])
    comma = text.find(",", cue[1], right)
    start, end = trimmed(text, cue[1], comma if comma >= 0 else right, f"{_EDGES}.")
    return (start, end) if start < end else None


def nearest(spans: Iterable[Span], to: Span) -> Span | None:
    """The span with the least distance to another one, or None where there is none."""
    return min(spans, key=lambda span: min(abs(span[0] - to[1]), abs(to[0] - span[1])), default=None)


def candidates(text: str) -> list[Candidate]:
    """What may be a quotation in a line."""
    quoted = marked(text)
    verbs = cues(text, quoted)
    found = []
    for sentence in sentences(text):
        own = [cue for cue in verbs if overlaps(cue, sentence)]
        for start, end in quoted:
            if sentence[0] <= start < sentence[1]:
                near = nearest(own, (start, end))
                source = source_of(text, sentence, near, quoted) if near else None
                found.append(Candidate(start, end, "marks", near, source, sentence))
        for cue in own:
            source = source_of(text, sentence, cue, quoted)
            after = _AFTER_CUE.match(text, cue[1])
            follows = after.end() if after else cue[1]
            later = min((other[0] for other in own if other[0] >= cue[1]), default=sentence[1])
            ends = {"after": sentence[1], "until": text.rfind(",", follows, later)}
            spans = [("before", trimmed(text, sentence[0], source[0] if source and source[1] <= cue[0] else cue[0]))]
            if text[slice(*cue)].lower() != "according to":
                spans += [(form, trimmed(text, follows, end, f"{_EDGES}.")) for form, end in ends.items() if end > follows]
            for form, (start, end) in spans:
                apart = source is None or not overlaps(source, (start, end))
                if len(text[start:end].split()) > 1 and apart:
                    found.append(Candidate(start, end, form, cue, source, sentence))
    return found


def type_features(text: str, candidate: Candidate, quoted: Sequence[Span]) -> Features:
    """What the type classifier sees of a candidate."""
    content = text[candidate.start : candidate.end]
    inner = content.strip("\"“”'‘’«»")
    count = len(inner.split())
    before = text[: candidate.start].split()
    features: Features = {
        "form": candidate.form,
        "length": f"{candidate.form} {'one' if count == 1 else 'few' if count < 5 else 'some' if count < 9 else 'many'}",
        "finite": f"{candidate.form} {bool(_FINITE.search(inner))}",
        "capital": f"{candidate.form} {inner[:1].isupper()}",
        "whole line": len(content) == len(text),
        "opens sentence": f"{candidate.form} {candidate.start <= candidate.sentence[0] + 1}",
        "closes with": f"{candidate.form} {inner[-1:] if inner[-1:] in ',.!?' else 'word'}",
        "previous": before[-1].lower() if before else "^",
    }
    if candidate.cue:
        cue = text[candidate.cue[0] : candidate.cue[1]].lower()
        features["cue"] = f"{candidate.form} {cue}"
        features["negated"] = bool(re.search(r"\b(?:not|never)\s*$|n't\s*$", text[: candidate.cue[0]]))
        gap = text[candidate.cue[1] : candidate.start] if candidate.cue[1] <= candidate.start else ""
        features["that"] = f"{candidate.form} {'that' in gap.split()}"
    if candidate.form != "marks":
        features["holds marks"] = any(overlaps(span, (candidate.start, candidate.end)) for span in quoted)
        features["is marked"] = any(
            span[1] - span[0] > (candidate.end - candidate.start) / 2
            for span in quoted
            if overlaps(span, (candidate.start, candidate.end))
        )
    return features


def name_features(line: common.Line, candidate: Candidate, name: wirecopy.Mention, order: int, pronoun: bool) -> Features:
    """What the speaker classifier sees of a name beside a candidate; ``order`` counts the names of its line from the cue."""
    start, end = name.start - line.start, name.end - line.start
    same_line = line.start <= name.start < line.end
    features: Features = {
        "same line": same_line,
        "order": f"{same_line} {min(order, _FAR)}",
        "pronoun": f"{same_line} {pronoun}",
    }
    if same_line:
        span = (start, end)
        features["in source"] = candidate.source is not None and overlaps(candidate.source, span)
        features["ends source"] = candidate.source is not None and candidate.source[1] == end
        features["in content"] = overlaps((candidate.start, candidate.end), span)
        features["same sentence"] = overlaps(candidate.sentence, span)
        if candidate.cue:
            features["side"] = f"{'before' if end <= candidate.cue[0] else 'after'} {candidate.form}"
            features["adjacent"] = min(abs(candidate.cue[0] - end), abs(start - candidate.cue[1])) <= 1
            features["adjacent, side"] = f"{features['adjacent']} {features['side']}"
    else:
        features["order and pronoun"] = f"{min(order, _FAR)} {pronoun}"
    return features


def choices(
    row: common.Row, place: int, candidate: Candidate, names: Sequence[wirecopy.Mention]
) -> list[tuple[wirecopy.Mention, Features]]:
    """The names of a candidate's line and the line before it, with what the classifier sees of them."""
    line = row.lines[place]
    pronoun = candidate.source is not None and bool(_PRONOUN.match(line.text[slice(*candidate.source)]))
    anchor = line.start + (candidate.cue[0] if candidate.cue else candidate.start)
    found = []
    for number in (place, place - 1):
        if number >= 0:
            other = row.lines[number]
            inside = [name for name in names if other.start <= name.start < other.end and name.entity]
            near = sorted(inside, key=lambda name: (abs(name.start - anchor), name.start))
            found += [(name, name_features(line, candidate, name, order, pronoun)) for order, name in enumerate(near)]
    return found


def registered(row: common.Row) -> list[wirecopy.Mention]:
    """The names of a row with ids of the registry; of a run (*Prime Minister Jo Roy*) the longest end that is a name."""
    known = common.registry().by_words
    found = []
    for line in row.lines:
        for start, end in common.names(line.text):
            begins = [start, *(place + 1 for place in range(start, end) if line.text[place] in " \u00a0")]
            begin = next((place for place in begins if common.words(line.text[place:end]) in known), start)
            found.append(wirecopy.Mention(start=line.start + begin, end=line.start + end, type="PERSON"))
    return common.link(found, common.corpus()[row.doc_id].text, common.registry())


def gold_of(candidate: Candidate, line: common.Line, gold: Sequence[wirecopy.Quotation]) -> wirecopy.Quotation | None:
    """The gold quotation that shares most with a candidate, at least half of the union of both."""
    best = None
    most = 0.5
    for quotation in gold:
        if (candidate.form == "marks") == (quotation.type in ("indirect", "block")):
            continue
        start, end = line.start + candidate.start, line.start + candidate.end
        common_part = min(end, quotation.end) - max(start, quotation.start)
        share = common_part / (max(end, quotation.end) - min(start, quotation.start))
        if share >= most:
            best, most = quotation, share
    return best


def fit(rows: Sequence[common.Row], namer: Namer, strengths: Sequence[float]) -> dict[str, Model]:
    """Classifiers of types and speakers by strength, from the candidates of the training rows."""
    type_rows, types, name_rows, speakers = [], [], [], []
    for row in rows:
        names = namer(row)
        for place, line in enumerate(row.lines):
            quoted = marked(line.text)
            for candidate in candidates(line.text):
                gold = gold_of(candidate, line, row.quotes)
                type_rows.append(type_features(line.text, candidate, quoted))
                types.append(gold.type if gold else NONE)
                if gold and gold.type != "scare":
                    for name, features in choices(row, place, candidate, names):
                        name_rows.append(features)
                        speakers.append(name.entity == gold.speaker)
    of_types = common.fitted(type_rows, types, strengths)
    of_speakers = common.fitted(name_rows, speakers, strengths)
    return {strength: Model(of_types[strength], of_speakers[strength]) for strength in of_types}


def predict(model: Model, row: common.Row, names: Sequence[wirecopy.Mention]) -> list[wirecopy.Quotation]:
    """The quotations of a row."""
    found: list[wirecopy.Quotation] = []
    for place, line in enumerate(row.lines):
        quoted = marked(line.text)
        possible = candidates(line.text)
        if not possible:
            continue
        scores = model.types.predict_proba([type_features(line.text, candidate, quoted) for candidate in possible])
        labels = [str(label) for label in model.types[-1].classes_]
        chosen: list[tuple[float, Candidate, str]] = []
        for candidate, row_scores in zip(possible, scores, strict=True):
            ranked = sorted(zip(row_scores, labels, strict=True), reverse=True)
            fitting = [(score, label) for score, label in ranked if fits(candidate.form, label)]
            if fitting and fitting[0][1] != NONE:
                chosen.append((float(fitting[0][0]), candidate, fitting[0][1]))
        for candidate, kind in without_clashes(chosen):
            speaker = None if kind == "scare" else speaker_of(model, choices(row, place, candidate, names))
            found.append(quotation(line, candidate, kind, speaker))
    return with_utterances(found, row)


def fits(form: str, label: str) -> bool:
    """Whether a candidate of a form may have a label: what stands in marks is always a quotation, but never indirect."""
    return label in ("direct", "fragment", "scare") if form == "marks" else label in ("indirect", NONE)


def without_clashes(chosen: Iterable[tuple[float, Candidate, str]]) -> list[tuple[Candidate, str]]:
    """The candidates that may stand together: marks first, then clauses by their score.

    A clause that meets a direct quotation, cuts through other marks or meets a likelier clause is left out.
    """
    kept: list[tuple[Candidate, str]] = []
    for _, candidate, kind in sorted(chosen, key=lambda item: (item[1].form != "marks", -item[0], item[1].start, item[1].end)):
        span = (candidate.start, candidate.end)
        if all(may_stand(span, kind, (other.start, other.end), other_kind) for other, other_kind in kept):
            kept.append((candidate, kind))
    return kept


def may_stand(span: Span, kind: str, other: Span, other_kind: str) -> bool:
    """Whether a quotation may stand beside one that was kept before it."""
    if not overlaps(span, other):
        return True
    inside = span != other and span[0] <= other[0] and other[1] <= span[1]
    return kind == "indirect" and other_kind in ("fragment", "scare") and inside


def speaker_of(model: Model, names: Sequence[tuple[wirecopy.Mention, Features]]) -> str | None:
    """The id of the likeliest name, or None where none is likely enough."""
    if not names:
        return None
    scores = model.speakers.predict_proba([features for _, features in names])[:, 1]
    best = int(scores.argmax())
    return names[best][0].entity if scores[best] >= model.likely else None


def quotation(line: common.Line, candidate: Candidate, kind: str, speaker: str | None) -> wirecopy.Quotation:
    """A candidate as a quotation; a scare quotation has neither cue nor source."""

    def part(span: Span | None) -> wirecopy.Span | None:
        if span is None or kind == "scare":
            return None
        return wirecopy.Span(start=line.start + span[0], end=line.start + span[1], text=line.text[span[0] : span[1]])

    return wirecopy.Quotation(
        start=line.start + candidate.start,
        end=line.start + candidate.end,
        text=line.text[candidate.start : candidate.end],
        type=kind,
        cue=part(candidate.cue),
        source=part(candidate.source),
        speaker=speaker,
    )


def with_utterances(found: Iterable[wirecopy.Quotation], row: common.Row) -> list[wirecopy.Quotation]:
    """Quotations with utterance ids: one for the same words, and a clause's own for the fragments in it."""
    quotations = sorted(found, key=lambda item: (item.start, -item.end))
    text = common.corpus()[row.doc_id].text
    result: list[wirecopy.Quotation] = []
    for item in quotations:
        outer = next((o for o in result if o.type == "indirect" and o.start <= item.start and item.end <= o.end), None)
        same = (
            outer.utterance if outer else sha256(" ".join(common.words(text[item.start : item.end])).encode()).hexdigest()[:12]
        )
        result.append(replace(item, utterance=None if item.type == "scare" else same))
    return result


def nearest_name(line: common.Line, span: Span, names: Iterable[wirecopy.Mention]) -> str | None:
    """The id of the name nearest to the verb of saying that is nearest to a span of the line, or None."""
    cue = nearest(cues(line.text, marked(line.text)), span)
    own = {(n.start - line.start, n.end - line.start): n.entity for n in names if line.start <= n.start < line.end and n.entity}
    name = nearest(own, cue) if cue else None
    return own[name] if name else None


def marks() -> common.Fitted:
    """The floor."""

    def label(split: str) -> wirecopy.LabelTree:
        found = {doc_id: list[wirecopy.Quotation]() for doc_id in common.documents(split)}
        for row in common.unlabelled(split):
            names = registered(row)
            for line in row.lines:
                for start, end in marked(line.text):
                    own = [n for n in names if not overlaps((n.start - line.start, n.end - line.start), (start, end))]
                    direct = wirecopy.Quotation(
                        start=line.start + start,
                        end=line.start + end,
                        text=line.text[start:end],
                        type="direct",
                        speaker=nearest_name(line, (start, end), own),
                    )
                    found[row.doc_id].append(direct)
        return wirecopy.LabelTree(quotes=found)

    return common.Fitted(label)


def find(model: Model, split: str, namer: Namer) -> dict[str, list[wirecopy.Quotation]]:
    """The classifiers' quotations of every document, with names from ``namer``."""
    found = {doc_id: list[wirecopy.Quotation]() for doc_id in common.documents(split)}
    for row in common.unlabelled(split):
        found[row.doc_id] += predict(model, row, namer(row))
    return found


@cache
def tuned() -> tuple[Model, tuple[common.Choice, ...]]:
    """The classifiers, with the settings that do best."""

    def label(model: Model) -> wirecopy.LabelTree:
        return wirecopy.LabelTree(quotes=find(model, common.VALIDATION, registered))

    model, strength = common.choose("C", fit(common.training(), registered, STRENGTHS), label, TASK)
    by_likely = {str(likely): replace(model, likely=likely) for likely in LIKELY}
    model, likely = common.choose("likelihood of a speaker", by_likely, label, TASK)
    return model, (strength, likely)


def clauses() -> common.Fitted:
    """The classifiers."""
    model, choices = tuned()
    return common.Fitted(lambda split: wirecopy.LabelTree(quotes=find(model, split, registered)), choices)


SYSTEMS: dict[str, common.System] = {"marks": marks, "clauses": clauses}


def run(**options: Any) -> list[common.Result]:
    """Run both systems; options are those of `common.run`."""
    return common.run(TASK, SYSTEMS, **options)


if __name__ == "__main__":
    common.main(run)
