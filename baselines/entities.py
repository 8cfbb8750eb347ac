"""Named entities by capitals and by a token classifier.

``gazetteer`` (floor): runs of words with a capital; the type is the one that training has for the surface, else the one that
training has most often for names of as many words. ``tokens``: logistic regression over the token and its neighbours gives each
token the probabilities of its BIO tags, and the best sequence in which no I- tag stands without its beginning is taken.
Both take ids from the entity registry by the words of the name (`common.link`).

What it cannot do: names that training lacks have only their form and the words beside them to go by; lower-case names (tag
lines) are found only where training has the word; nothing is looked up outside the registry.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import common
import numpy as np
import wirecopy
from numpy.typing import NDArray
from sklearn.pipeline import Pipeline

TASK = "entities"
# Names of this many words and more are counted together.
LONGEST = 3
# What is tried: how weakly the classifier is held to small weights.
STRENGTHS = (0.3, 1.0, 3.0)
Token = tuple[int, int]
Counts = Mapping[str, int]


@dataclass(frozen=True)
class Gazetteer:
    """The types that training has for a surface, and for a name by its number of words."""

    types: Mapping[str, str]
    by_length: Mapping[int, str]


def most_frequent(counts: Iterable[tuple[Any, str]]) -> dict[Any, str]:
    """For every key its most frequent value, the first in the alphabet among equals."""
    tables: dict[Any, Counter[str]] = {}
    for key, value in counts:
        tables.setdefault(key, Counter())[value] += 1
    return {key: min(table, key=lambda value: (-table[value], value)) for key, table in tables.items()}


def surface(row: common.Row, mention: wirecopy.Mention) -> str:
    """The string of a mention, case-folded."""
    line = next(line for line in row.lines if line.start <= mention.start < line.end)
    return line.text[mention.start - line.start : mention.end - line.start].casefold()


def fit_gazetteer(rows: Sequence[common.Row]) -> Gazetteer:
    """The surfaces of the training rows."""
    pairs = [(surface(row, mention), mention.type) for row in rows for mention in row.entities]
    lengths = [(min(len(common.words(name)), LONGEST), kind) for name, kind in pairs]
    return Gazetteer(most_frequent(pairs), most_frequent(lengths))


def find_names(model: Gazetteer, line: common.Line) -> list[wirecopy.Mention]:
    """The mentions of a line by its capitals."""
    found = []
    for start, end in common.names(line.text):
        name = line.text[start:end].casefold()
        kind = model.types.get(name, model.by_length.get(min(len(common.words(name)), LONGEST)))
        if kind is not None:
            found.append(wirecopy.Mention(start=line.start + start, end=line.start + end, type=kind))
    return found


def gazetteer() -> common.Fitted:
    """The floor."""
    model = fit_gazetteer(common.training())

    def label(split: str) -> wirecopy.LabelTree:
        found = {doc_id: list[wirecopy.Mention]() for doc_id in common.documents(split)}
        for row in common.unlabelled(split):
            found[row.doc_id] += [mention for line in row.lines for mention in find_names(model, line)]
        return wirecopy.LabelTree(entities=linked(found, common.registry()))

    return common.Fitted(label)


def linked(
    found: Mapping[str, Sequence[wirecopy.Mention]], registered: common.Names | None
) -> dict[str, list[wirecopy.Mention]]:
    """Mentions with their surface strings and ids, document by document."""
    result = {}
    for doc_id, mentions in found.items():
        text = common.corpus()[doc_id].text
        ordered = sorted(mentions, key=lambda mention: mention.start)
        whole = [replace(mention, text=text[mention.start : mention.end]) for mention in ordered]
        result[doc_id] = common.link(whole, text, registered)
    return result


def shape(token: str) -> str:
    """The token with letters and digits as ``X``, ``x`` and ``9``, runs as one."""
    kinds = ["X" if c.isupper() else "x" if c.islower() else "9" if c.isdigit() else c for c in token]
    return "".join(kind for position, kind in enumerate(kinds) if position == 0 or kind != kinds[position - 1])


def token_features(text: str, tokens: Sequence[Token]) -> list[dict[str, str | bool]]:
    """What the classifier sees of every token of a line: the word, those beside it, its place in a run of capitals."""
    strings = [text[start:end] for start, end in tokens]
    places = run_places(text, tokens)
    around = ["^", "^", *strings, "$", "$"]
    features = []
    for position, token in enumerate(strings):
        row: dict[str, str | bool] = {
            "word": token.lower(),
            "shape": shape(token),
            "suffix": token[-3:].lower(),
            "ending": token[-2:].lower(),
            "run": places[position],
            "run before": places[position - 1] if position else "outside",
            "run after": places[position + 1] if position + 1 < len(tokens) else "outside",
        }
        for offset in (-2, -1, 1, 2):
            neighbour = around[position + 2 + offset]
            row[f"word{offset:+d}"] = shape(neighbour) if neighbour[0].isupper() else neighbour.lower()
        features.append(row)
    return features


def run_places(text: str, tokens: Sequence[Token]) -> list[str]:
    """Where every token stands in a run of capitalised words: how long the run is, and whether the token opens it."""
    places = ["outside"] * len(tokens)
    for start, end in common.names(text):
        size = min(len(common.words(text[start:end])), LONGEST)
        for position, token in enumerate(tokens):
            if start <= token[0] and token[1] <= end:
                places[position] = f"{'first' if token[0] == start else 'later'} of {size}"
    return places


def bio(tokens: Sequence[Token], mentions: Iterable[wirecopy.Mention]) -> list[str]:
    """The BIO tag of every token, given in offsets of the document."""
    tags = ["O"] * len(tokens)
    for mention in mentions:
        inside = [position for position, (start, end) in enumerate(tokens) if mention.start <= start and end <= mention.end]
        for position in inside:
            tags[position] = f"{'B' if position == inside[0] else 'I'}-{mention.type}"
    return tags


def in_document(line: common.Line) -> list[Token]:
    """The tokens of a line in offsets of the document."""
    return [(line.start + start, line.start + end) for start, end in wirecopy.tokenize(line.text)]


def fit(rows: Sequence[common.Row], strengths: Iterable[float]) -> dict[str, Pipeline]:
    """Classifiers of tokens by strength, from the tokens of the training rows; a line that is printed again counts once."""
    features: list[dict[str, str | bool]] = []
    tags: list[str] = []
    known: set[str] = set()
    for row in rows:
        for line in row.lines:
            if line.text not in known:
                known.add(line.text)
                features += token_features(line.text, wirecopy.tokenize(line.text))
                tags += bio(in_document(line), row.entities)
    return common.fitted(features, tags, strengths)


def decode(scores: NDArray[np.float64], tags: Sequence[str]) -> list[str]:
    """The best sequence of tags in which every I- follows the B- or I- of its type (Viterbi).

    Args:
        scores: the log probability of every tag, one row a token.
        tags: the tags by column.
    """
    if not len(scores):
        return []
    allowed = np.array([[not b.startswith("I-") or a in (b, f"B-{b[2:]}") for b in tags] for a in tags])
    step = np.where(allowed, 0.0, -np.inf)
    best = scores[0] + np.array([-np.inf if tag.startswith("I-") else 0.0 for tag in tags])
    back = np.zeros(scores.shape, dtype=np.int64)
    for position in range(1, len(scores)):
        reached = best[:, None] + step
        back[position] = reached.argmax(axis=0)
        best = reached.max(axis=0) + scores[position]
    path = [int(best.argmax())]
    for position in range(len(scores) - 1, 0, -1):
        path.append(int(back[position, path[-1]]))
    return [tags[tag] for tag in reversed(path)]


def spans(tokens: Sequence[Token], tags: Sequence[str]) -> list[wirecopy.Mention]:
    """The mentions that BIO tags mark."""
    found: list[wirecopy.Mention] = []
    for (start, end), tag in zip(tokens, tags, strict=True):
        if tag.startswith("I-"):
            found[-1] = replace(found[-1], end=end)
        elif tag != "O":
            found.append(wirecopy.Mention(start=start, end=end, type=tag[2:]))
    return found


def predict(model: Pipeline, row: common.Row) -> list[wirecopy.Mention]:
    """The mentions of a row, without ids."""
    found = []
    tags = [str(tag) for tag in model[-1].classes_]
    for line in row.lines:
        features = token_features(line.text, wirecopy.tokenize(line.text))
        found += spans(in_document(line), decode(model.predict_log_proba(features), tags))
    return found


def find(model: Pipeline, split: str) -> dict[str, list[wirecopy.Mention]]:
    """The token classifier's mentions of every document, without ids."""
    found = {doc_id: list[wirecopy.Mention]() for doc_id in common.documents(split)}
    for row in common.unlabelled(split):
        found[row.doc_id] += predict(model, row)
    return found


@cache
def tuned() -> tuple[Pipeline, common.Choice]:
    """The token classifier, fitted with the strength that does best."""

    def label(model: Pipeline) -> wirecopy.LabelTree:
        return wirecopy.LabelTree(entities=find(model, common.VALIDATION))

    return common.choose("C", fit(common.training(), STRENGTHS), label, TASK)


def tokens() -> common.Fitted:
    """The token classifier."""
    model, choice = tuned()
    return common.Fitted(lambda split: wirecopy.LabelTree(entities=linked(find(model, split), common.registry())), (choice,))


SYSTEMS: dict[str, common.System] = {"gazetteer": gazetteer, "tokens": tokens}


def run(**options: Any) -> list[common.Result]:
    """Run both systems; options are those of `common.run`."""
    return common.run(TASK, SYSTEMS, **options)


if __name__ == "__main__":
    common.main(run)
