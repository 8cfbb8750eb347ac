"""What every measure is made of: sums over documents, and the function that turns sums into values.

Keeping the sums of each document apart from the arithmetic is what makes resampling a product of matrices.

Conventions: where reference and predicted are both empty a value is 1.0, where only one is, 0.0. Arrays of sums have the
shape (..., columns); values have the shape in front of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Values = dict[str, Floats]
LeaveOut = Callable[[Ints, int], Values]


@dataclass(frozen=True, slots=True)
class Sums:
    """Additive statistics, one row a document, and the values that follow from their total."""

    columns: Floats
    values: Callable[[Floats], Values]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure of one task.

    ``outputs`` are its values by name, ``support`` the counts behind them, ``empty`` how many units were empty on both sides
    and so count as right. ``labels`` holds the same for every label. ``resample`` is what an interval is made from: sums of
    documents, or a function that gives the values with one component left out; ``label_sums`` is the same for the labels, its
    values named *label output*. ``note`` says what a reader must know.
    """

    name: str
    outputs: Mapping[str, float | None]
    support: Mapping[str, int]
    empty: int = 0
    labels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    resample: Sums | LeaveOut | None = None
    label_sums: Sums | None = None
    interval: Mapping[str, tuple[float, float]] | None = None
    note: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The measure for JSON: outputs, support, empty, interval, interval_note and, where it has any, labels."""
        result: dict[str, Any] = {
            **self.outputs,
            "support": dict(self.support),
            "empty": self.empty,
            "interval": self.interval and {name: list(ends) for name, ends in self.interval.items()},
            "interval_note": self.note,
        }
        if self.labels:
            result["labels"] = {label: dict(values) for label, values in self.labels.items()}
        return result


def ratio(numerator: Floats, denominator: Floats, empty: Floats | float) -> Floats:
    """The quotient, and ``empty`` where the denominator is 0."""
    result = np.array(np.broadcast_to(empty, np.shape(denominator)), dtype=np.float64)
    return np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)


def precision_recall_f1(matched: Floats, reference: Floats, predicted: Floats) -> Values:
    """Precision, recall and F1 of counts; both sides empty is 1.0, one side empty is 0.0."""
    return precision_recall(matched, predicted, matched, reference)


def precision_recall(right: Floats, predicted: Floats, found: Floats, reference: Floats) -> Values:
    """Precision, recall and their harmonic mean, where each side has credit of its own.

    Args:
        right: the credit of what was predicted, out of ``predicted``.
        predicted: how much was predicted.
        found: the credit of what is in the reference, out of ``reference``.
        reference: how much is in the reference.
    """
    precision = ratio(right, predicted, np.where(reference > 0, 0.0, 1.0))
    recall = ratio(found, reference, np.where(predicted > 0, 0.0, 1.0))
    return {"precision": precision, "recall": recall, "f1": ratio(2 * precision * recall, precision + recall, 0.0)}


def _counts_to_values(sums: Floats) -> Values:
    return precision_recall_f1(sums[..., 0], sums[..., 1], sums[..., 2])


def total(sums: Sums) -> dict[str, float | None]:
    """The values over all documents."""
    return {name: float(value) for name, value in sums.values(sums.columns.sum(axis=0)).items()}


def count_of(documents: Ints, size: int, weights: Floats | None = None) -> Floats:
    """How much each document holds, from the document of every item."""
    return np.bincount(documents, weights, minlength=size).astype(np.float64)


def count_by(documents: Ints, labels: Ints, size: int, kinds: int, weights: Floats | None = None) -> Floats:
    """How much of each label every document holds, of shape (documents, labels)."""
    counts = np.bincount(documents * kinds + labels, weights, minlength=size * kinds)
    return counts.reshape(size, kinds).astype(np.float64)


def from_counts(name: str, matched: Floats, reference: Floats, predicted: Floats, *, note: str | None = None) -> Measure:
    """A measure with precision, recall and F1 from the counts of every document, pooled."""
    sums = Sums(np.stack([matched, reference, predicted], axis=1), _counts_to_values)
    support = {
        "reference": round(float(reference.sum())),
        "predicted": round(float(predicted.sum())),
        "matched": round(float(matched.sum())),
    }
    empty = int(np.count_nonzero((reference == 0) & (predicted == 0)))
    return Measure(name=name, outputs=total(sums), support=support, empty=empty, resample=sums, note=note)


def with_labels(measure: Measure, names: Sequence[str], matched: Floats, reference: Floats, predicted: Floats) -> Measure:
    """The measure with precision, recall and F1 of every label that stands on either side, from sums (documents, labels)."""
    labels = _by_label(names, matched, reference, predicted)
    present = [number for number, name in enumerate(names) if name in labels]
    width = len(present)

    def values(sums: Floats) -> Values:
        sides = (sums[..., side * width : (side + 1) * width] for side in range(3))
        outputs = precision_recall_f1(*sides)
        return {
            f"{names[number]} {output}": value[..., place]
            for output, value in outputs.items()
            for place, number in enumerate(present)
        }

    columns = np.concatenate([side[:, present] for side in (matched, reference, predicted)], axis=1)
    return replace(measure, labels=labels, label_sums=Sums(columns, values) if present else None)


def _by_label(names: Sequence[str], matched: Floats, reference: Floats, predicted: Floats) -> dict[str, dict[str, Any]]:
    counts = [side.sum(axis=0) for side in (matched, reference, predicted)]
    values = precision_recall_f1(*counts)
    return {
        name: {
            **{output: float(value[label]) for output, value in values.items()},
            "support": {
                side: round(float(count[label]))
                for side, count in zip(("matched", "reference", "predicted"), counts, strict=True)
            },
        }
        for label, name in enumerate(names)
        if counts[1][label] or counts[2][label]
    }


def macro(name: str, names: Sequence[str], matched: Floats, reference: Floats, predicted: Floats) -> Measure:
    """The mean F1 of the labels that stand on either side, from sums of shape (documents, labels)."""
    labels = len(names)

    def values(sums: Floats) -> Values:
        found, held, given = (sums[..., side * labels : (side + 1) * labels] for side in range(3))
        present = held + given > 0
        scores = ratio(2 * found, held + given, 0.0)
        return {"f1": ratio(scores.sum(axis=-1), present.sum(axis=-1).astype(np.float64), 1.0)}

    sums = Sums(np.concatenate([matched, reference, predicted], axis=1), values)
    pooled = from_counts(name, matched.sum(axis=1), reference.sum(axis=1), predicted.sum(axis=1))
    return with_labels(replace(pooled, outputs=total(sums), resample=sums), names, matched, reference, predicted)


def share(name: str, part: Floats, whole: Floats, *, empty: float, output: str = "value") -> Measure:
    """A part of a whole, from the sums of every document; ``empty`` is the value where there is no whole."""

    def values(sums: Floats) -> Values:
        return {output: ratio(sums[..., 0], sums[..., 1], empty)}

    sums = Sums(np.stack([part, whole], axis=1), values)
    support = {"reference": round(float(whole.sum())), "matched": round(float(part.sum()))}
    vacant = int(np.count_nonzero(whole == 0))
    return Measure(name=name, outputs=total(sums), support=support, empty=vacant, resample=sums)


def without_value(name: str, outputs: Sequence[str], note: str) -> Measure:
    """A measure that cannot be given, and why."""
    return Measure(name=name, outputs=dict.fromkeys(outputs), support={}, note=note)
