"""Measures of borders between blocks: matched borders, Pk, WindowDiff and boundary similarity, over many units at once.

Conventions: a unit (a document, or a story segment) of n blocks has n - 1 gaps, and a border is a gap where one segment
ends and the next begins. A null block joins the segment before it (at the start of a unit, the one after it). A unit
without any label holds no segmentation: against one that does, its errors are 1 and its similarity 0. The window of Pk and
WindowDiff is half the mean length of the unit's reference segments in blocks, rounded half to even, at least 2 and at most
the number of gaps. A unit without gaps has no error.

References: Beeferman et al. 1999 (Pk), Pevzner and Hearst 2002 (WindowDiff), Fournier 2013 (boundary similarity, n_t = 2).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from wirecopy.scoring.matching import ranges
from wirecopy.scoring.measures import Flags, Floats, Ints


@dataclass(frozen=True)
class Units:
    """Blocks laid end to end with the unit of each, numbered from 0 in order; every unit holds a block."""

    unit: Ints

    @cached_property
    def first(self) -> Flags:
        """Whether a block is the first of its unit."""
        first: Flags = np.concatenate([[True], self.unit[1:] != self.unit[:-1]])[: len(self.unit)]
        return first

    @cached_property
    def starts(self) -> Ints:
        """The position of each unit's first block."""
        return np.flatnonzero(self.first)

    @cached_property
    def sizes(self) -> Ints:
        """How many blocks each unit has."""
        return np.diff(np.append(self.starts, len(self.unit)))

    def fill(self, keys: Ints) -> Ints:
        """The key of the segment that each block belongs to: nulls (-1) take their neighbour's key, all -1 stays."""
        place = np.maximum.accumulate(np.where(keys >= 0, np.arange(len(keys)), -1))
        start = self.starts[self.unit]
        after = np.minimum.accumulate(np.where(keys >= 0, np.arange(len(keys)), len(keys))[::-1])[::-1]
        source = np.where(place >= start, place, np.where(after < start + self.sizes[self.unit], after, start))
        filled: Ints = keys[source]
        return filled

    def borders(self, filled: Ints) -> Flags:
        """Whether a border stands before each block; never before the first of a unit."""
        changes: Flags = ~self.first & np.concatenate([[False], filled[1:] != filled[:-1]])[: len(filled)]
        return changes

    def count(self, flags: Flags) -> Floats:
        """How many blocks of each unit are flagged."""
        return np.bincount(self.unit[flags], minlength=len(self.sizes)).astype(np.float64)


@dataclass(frozen=True)
class Segmentations:
    """Two segmentations of the same units, from the key of each block on either side (-1: null)."""

    units: Units
    reference_keys: Ints
    predicted_keys: Ints

    @cached_property
    def filled(self) -> tuple[Ints, Ints]:
        """The key of every block's segment, reference and predicted."""
        return self.units.fill(self.reference_keys), self.units.fill(self.predicted_keys)

    @cached_property
    def borders(self) -> tuple[Flags, Flags]:
        """Whether a border stands before each block, reference and predicted."""
        reference, predicted = self.filled
        return self.units.borders(reference), self.units.borders(predicted)

    @cached_property
    def labelled(self) -> tuple[Flags, Flags]:
        """Whether each unit holds any label, reference and predicted."""
        reference, predicted = self.filled
        return reference[self.units.starts] >= 0, predicted[self.units.starts] >= 0

    @cached_property
    def comparable(self) -> Flags:
        """Whether a unit is labelled on both sides or on neither."""
        reference, predicted = self.labelled
        alike: Flags = reference == predicted
        return alike

    @cached_property
    def gapless(self) -> Flags:
        """Whether a unit is one block, so that nothing can be right or wrong about its borders."""
        single: Flags = self.units.sizes == 1
        return single

    def matched_exactly(self) -> Floats:
        """How many borders of each unit stand on both sides."""
        reference, predicted = self.borders
        return self.units.count(reference & predicted)

    def matched_within_one(self) -> Floats:
        """How many borders of each unit can be paired one to one at a distance of at most one block.

        On a line, pairing the first border of either side with the first in its reach leaves the rest at least as many partners
        as any other choice, so this is a maximum matching.
        """
        reference, predicted = (np.flatnonzero(side) for side in self.borders)
        # No border stands before the first block of a unit, so borders of two units are at least two blocks apart.
        held, given = reference.tolist(), predicted.tolist()
        matched = []
        i = j = 0
        while i < len(held) and j < len(given):
            distance = held[i] - given[j]
            if distance > 1:
                j += 1
            elif distance < -1:
                i += 1
            else:
                matched.append(i)
                i += 1
                j += 1
        units = self.units.unit[reference[np.array(matched, dtype=np.int64)]]
        return np.bincount(units, minlength=len(self.units.sizes)).astype(np.float64)

    def right(self) -> Flags:
        """Whether all borders of a unit are exactly right."""
        reference, predicted = self.borders
        right: Flags = (self.units.count(reference != predicted) == 0) & self.comparable
        return right

    def window_errors(self) -> tuple[Floats, Floats]:
        """Pk and WindowDiff of each unit."""
        reference, predicted = self.borders
        gaps = self.units.sizes - 1
        segments = self.units.count(reference) + 1
        half = np.rint(self.units.sizes / segments / 2).astype(np.int64)
        window = np.minimum(np.maximum(half, 2), gaps)
        windows = np.where(gaps > 0, gaps - window + 1, 0)
        # The gaps of a unit are its blocks but the first.
        unit, start = ranges(self.units.starts + 1, self.units.starts + 1 + windows)
        inside = []
        for side in (reference, predicted):
            running = np.concatenate([[0], np.cumsum(side)])
            inside.append(running[start + window[unit]] - running[start])
        apart = (inside[0] > 0) != (inside[1] > 0)
        differ = inside[0] != inside[1]
        counts = [np.bincount(unit[wrong], minlength=len(gaps)) / np.maximum(windows, 1) for wrong in (apart, differ)]
        pk, window_diff = (np.where(self.comparable, errors, 1.0) for errors in counts)
        return pk, window_diff

    def similarity(self) -> Floats:
        """Boundary similarity of each unit: borders on one side only cost 1, one of each side in neighbouring gaps 1/2."""
        reference, predicted = self.borders
        side = reference.astype(np.int64) - predicted.astype(np.int64)
        # Borders that stand on alternating sides, gap after gap, pair off from the left; an odd one out is left over.
        follows = (side != 0) & ~self.units.first & (side == -np.concatenate([[0], side[:-1]])[: len(side)])
        alone = np.flatnonzero(side)
        begins = np.flatnonzero(~follows[alone])
        lengths = np.diff(np.append(begins, len(alone)))
        units = self.units.unit[alone[begins]]
        size = len(self.units.sizes)
        moved = np.bincount(units, lengths // 2, minlength=size)
        added = np.bincount(units, lengths % 2, minlength=size)
        matched = self.matched_exactly()
        edits = added + moved + matched
        similarity = 1.0 - np.divide(added + moved / 2, edits, out=np.zeros(size), where=edits > 0)
        return np.where(self.comparable, similarity, 0.0)
