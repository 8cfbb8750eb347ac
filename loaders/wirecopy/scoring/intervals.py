"""Intervals: the bootstrap over components of documents that share a story, and the jackknife for clusters.

Conventions: 95 %. Sums are resampled 2,000 times with a fixed seed, percentiles; measures of clusters, whose clusters cross
components, leave one component out at a time (normal theory with Student's t, cut to the range of the measure). Two systems
are compared on the same resamples.

References: Efron and Tibshirani 1993 (bootstrap), Tukey 1958 (jackknife).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from wirecopy.scoring.measures import Floats, Ints, Measure, Sums, Values

RESAMPLES = 2000
SEED = 20231109
FEWEST = 5
ENOUGH = 30
LEVEL = 0.95
_CELLS = 4_000_000


@dataclass(frozen=True)
class Components:
    """The component of each document, numbered from 0."""

    of_document: Ints

    @cached_property
    def count(self) -> int:
        """How many components there are."""
        return int(self.of_document.max(initial=-1)) + 1

    def note(self) -> str | None:
        """What a reader must know of intervals over so many components."""
        if self.count < FEWEST:
            plural = "" if self.count == 1 else "s"
            return f"{self.count} component{plural} of documents that share a story: no interval"
        return f"{self.count} components, fewer than {ENOUGH}" if self.count < ENOUGH else None

    def sum(self, columns: Floats) -> Floats:
        """Rows of documents summed to rows of components."""
        order = np.argsort(self.of_document, kind="stable")
        starts = np.searchsorted(self.of_document[order], np.arange(self.count))
        result: Floats = np.add.reduceat(columns[order], starts, axis=0)
        return result

    def resample(self, resamples: int, seed: int) -> Iterator[Floats]:
        """How often each component is drawn, a row a resample, in pieces that fit in memory."""
        generator = np.random.default_rng(seed)
        step = max(1, _CELLS // self.count)
        for begin in range(0, resamples, step):
            rows = min(step, resamples - begin)
            drawn = generator.integers(0, self.count, size=(rows, self.count), dtype=np.int32)
            drawn += np.arange(rows, dtype=np.int32)[:, None] * np.int32(self.count)
            counts = np.bincount(drawn.ravel(), minlength=rows * self.count)
            yield counts.reshape(rows, self.count).astype(np.float64)


def _replicates(measures: Sequence[Measure], components: Components, resamples: int, seed: int) -> list[Values]:
    """The values of each measure in every resample, or with every component left out; empty where it has neither."""
    sums = [measure.resample for measure in measures if isinstance(measure.resample, Sums)]
    pieces = []
    if sums:
        columns = components.sum(np.concatenate([one.columns for one in sums], axis=1))
        pieces = [weights @ columns for weights in components.resample(resamples, seed)]
    totals = np.concatenate(pieces) if pieces else np.empty((0, 0))
    result: list[Values] = []
    used = 0
    for measure in measures:
        if isinstance(measure.resample, Sums):
            width = measure.resample.columns.shape[1]
            result.append(measure.resample.values(totals[:, used : used + width]))
            used += width
        elif measure.resample is not None:
            result.append(measure.resample(components.of_document, components.count))
        else:
            result.append({})
    return result


def _percentiles(replicates: Values) -> dict[str, tuple[float, float]]:
    outputs = list(replicates)
    stacked = np.stack([replicates[output] for output in outputs])
    low, high = np.quantile(stacked, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return {output: (float(low[row]), float(high[row])) for row, output in enumerate(outputs)}


def _jackknife(values: dict[str, float], replicates: Values, lowest: dict[str, float]) -> dict[str, tuple[float, float]]:
    from scipy.special import stdtrit

    result = {}
    for output, left_out in replicates.items():
        count = len(left_out)
        spread = float(np.sqrt((count - 1) / count * np.sum((left_out - left_out.mean()) ** 2)))
        reach = float(stdtrit(count - 1, (1 + LEVEL) / 2)) * spread
        low, high = values[output] - reach, values[output] + reach
        result[output] = (max(low, lowest[output]), min(high, 1.0))
    return result


def _joined(*notes: str | None) -> str | None:
    return "; ".join(note for note in notes if note) or None


def _lowest(measure: Measure) -> float:
    return -1.0 if measure.name.endswith("ari") else 0.0


def add(measures: Sequence[Measure], components: Components, *, resamples: int = RESAMPLES, seed: int = SEED) -> list[Measure]:
    """The measures with their intervals, or with a note that says why there is none."""
    note = components.note()
    if components.count < FEWEST:
        return [replace(measure, note=_joined(measure.note, note)) for measure in measures]
    labelled = [place for place, measure in enumerate(measures) if measure.label_sums is not None]
    again = [replace(measures[place], resample=measures[place].label_sums) for place in labelled]
    drawn = _replicates([*measures, *again], components, resamples, seed)
    labels = {
        place: _label_intervals(measures[place], own) for place, own in zip(labelled, drawn[len(measures) :], strict=True)
    }
    result = []
    for place, (measure, replicates) in enumerate(zip(measures, drawn[: len(measures)], strict=True)):
        if not replicates:
            result.append(measure)
            continue
        if isinstance(measure.resample, Sums):
            interval = _percentiles(replicates)
        else:
            values = {output: value for output, value in measure.outputs.items() if value is not None}
            interval = _jackknife(values, replicates, dict.fromkeys(values, _lowest(measure)))
        given = labels.get(place, measure.labels)
        result.append(replace(measure, interval=interval, labels=given, note=_joined(measure.note, note)))
    return result


def _label_intervals(measure: Measure, replicates: Values) -> dict[str, dict[str, Any]]:
    """The labels of a measure, each with the intervals of its outputs."""
    ends = _percentiles(replicates)
    return {
        label: {**values, "interval": {name: list(ends[f"{label} {name}"]) for name in values if f"{label} {name}" in ends}}
        for label, values in measure.labels.items()
    }


@dataclass(frozen=True, slots=True)
class Difference:
    """How much more one system scores than another in one output of a measure, with its interval or why there is none."""

    first: float
    second: float
    difference: float
    interval: tuple[float, float] | None
    note: str | None


def differences(
    first: Sequence[Measure],
    second: Sequence[Measure],
    components: Components,
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> dict[str, dict[str, Difference]]:
    """The differences of two systems, ``first`` less ``second``, on the same documents and resamples, by measure and output."""
    note = components.note()
    few = components.count < FEWEST
    drawn = [[{} for _ in first]] * 2 if few else [_replicates(side, components, resamples, seed) for side in (first, second)]
    result: dict[str, dict[str, Difference]] = {}
    for one, other, ones, others in zip(first, second, *drawn, strict=True):
        outputs = {
            output: (value, against)
            for output, value in one.outputs.items()
            if value is not None and (against := other.outputs[output]) is not None
        }
        apart = {output: value - against for output, (value, against) in outputs.items()}
        spread = {output: ones[output] - others[output] for output in outputs} if ones and others else {}
        if not spread:
            interval = {}
        elif isinstance(one.resample, Sums):
            interval = _percentiles(spread)
        else:
            interval = _jackknife(apart, spread, {output: _lowest(one) - 1.0 for output in outputs})
        result[one.name] = {
            output: Difference(value, against, apart[output], interval.get(output), _joined(one.note, note))
            for output, (value, against) in outputs.items()
        }
    return result
