"""All groups of some variables, with the counts that registers show and the bounds that are proved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, reduce

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.bounds.feasible_bounds import is_wide
from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.table_views import DerivedGroup
from kerege.evidence.sdc.groups.conditions import Variable, derived_group
from kerege.evidence.sdc.linear.linear_system import Ints

Bounds = NDArray[np.float64]


class GroupSet:
    """The groups of some variables: an axis for each variable, an entry for each of its conditions.

    `low` and `high` are the smallest and the largest count in any register so far. `least` and `most` are proved
    bounds. A group with a part (fewer of its conditions) that is certainly small is `implied`: the report names the
    part instead. Groups of rows of too few people are `few`: only a wide interval makes them safe. Programs decided
    the groups in `decided`.
    """

    def __init__(self, chosen: Sequence[Variable], threshold: int) -> None:
        self.chosen, self.threshold = list(chosen), threshold
        self.shape = tuple(len(variable.conditions) for variable in chosen)
        self.low = np.full(self.shape, np.iinfo(np.int64).max // 4)
        self.high = np.full(self.shape, -1, dtype=np.int64)
        self.least, self.most = np.zeros(self.shape), np.full(self.shape, np.inf)
        self.implied = np.zeros(self.shape, dtype=bool)
        self.few = np.zeros(self.shape, dtype=bool)
        self.decided = np.zeros(self.shape, dtype=bool)
        self._open: Bools | None = None
        self._open_count = 0

    @cached_property
    def families(self) -> frozenset[int]:
        """Return the families of the variables."""
        return frozenset(variable.family for variable in self.chosen if variable.family is not None)

    def bound(self, least: Bounds, most: Bounds) -> None:
        """Take proved bounds of all groups into account."""
        self.least, self.most = np.maximum(self.least, least), np.minimum(self.most, most)
        self._open = None

    def bound_by_part(self, part: GroupSet, axes: Sequence[int]) -> None:
        """Bound each group by its part on some axes: a group is no larger than its part."""
        places = [self.chosen[axis].places_in(part.chosen[n]) for n, axis in enumerate(axes)]
        shape = [size if axis in axes else 1 for axis, size in enumerate(self.shape)]
        most = part.most[np.ix_(*places)].reshape(shape)
        self.most = np.minimum(self.most, most)
        self.implied = self.implied | (most < self.threshold)
        self._open = None

    def bound_by_exceptions(self, others: GroupSet, axis: int) -> None:
        """Bound each group by its part without one condition, minus those who break the condition.

        `others` has the groups of all variables but that of `axis`.
        """
        inverse = self.chosen[axis].places_in(self.chosen[axis], inverse=True)
        is_known = inverse >= 0
        if not is_known.any():
            return
        shape = [-1 if other == axis else 1 for other in range(len(self.shape))]
        breaking = np.take(self.most, np.where(is_known, inverse, 0), axis=axis)
        breaking = np.where(is_known.reshape(shape), breaking, np.inf)
        rest = [variable for other, variable in enumerate(self.chosen) if other != axis]
        places = [variable.places_in(whole) for variable, whole in zip(rest, others.chosen, strict=True)]
        whole = np.expand_dims(others.least[np.ix_(*places)], axis)
        self.least = np.maximum(self.least, whole - breaking)
        self._open = None

    def bound_by_overlap(self, without: Sequence[GroupSet], rest: GroupSet, axes: tuple[int, int]) -> None:
        """Bound each group by two parts: they share at least their sum minus the people in either.

        `without` are the groups without the first and without the second of two axes, `rest` those without both.
        """
        least = sum(self._spread(part, (axis,), part.least) for part, axis in zip(without, axes, strict=True))
        self.least = np.maximum(self.least, least - self._spread(rest, axes, rest.most))
        self._open = None

    def bound_by_whole(self, whole: GroupSet, axes: Sequence[int], places: Sequence[Ints]) -> Bounds:
        """Bound each group by one with fewer conditions on a column; return the lower bounds of these.

        `axes` has the axis of `whole` for each axis, `places` the position of each condition there, -1 without one.
        """
        index = np.ix_(*places)
        is_known = reduce(np.logical_and, [place >= 0 for place in index])
        least, most = (np.transpose(ends, axes)[index] for ends in (whole.least, whole.most))
        most = np.where(is_known, most, np.inf)
        self.most = np.minimum(self.most, most)
        self.implied = self.implied | (most < self.threshold)
        self._open = None
        return np.where(is_known, least, 0)

    def bound_by_two_parts(self, least: Bounds, rest: GroupSet, axis: int) -> None:
        """Bound each group by its two parts, of which `least` is the sum, minus the people in either."""
        self.least = np.maximum(self.least, least - self._spread(rest, (axis,), rest.most))

    def _spread(self, part: GroupSet, missing: Sequence[int], bounds: Bounds) -> Bounds:
        """Return the bounds of groups without some axes, in the shape of this set."""
        kept = [axis for axis in range(len(self.shape)) if axis not in missing]
        places = [self.chosen[axis].places_in(part.chosen[n]) for n, axis in enumerate(kept)]
        shape = [size if axis in kept else 1 for axis, size in enumerate(self.shape)]
        return np.asarray(bounds[np.ix_(*places)]).reshape(shape)

    def mark_few(self, few: Bools) -> None:
        """Mark the groups of rows of too few people."""
        self.few, self._open = few, None

    def bound_one(self, flat: int, least: float, most: float) -> None:
        """Take proved bounds of one group into account."""
        self.least.flat[flat] = max(self.least.flat[flat], least)
        self.most.flat[flat] = min(self.most.flat[flat], most)
        self._open = None

    def mark_decided(self, flat: int) -> None:
        """Mark one group that programs decided."""
        self.decided.flat[flat], self._open = True, None

    def count(self, counts: NDArray[np.int64]) -> None:
        """Take the counts of one more register into account."""
        np.minimum(self.low, counts, out=self.low)
        np.maximum(self.high, counts, out=self.high)
        self._open = None

    def count_as(self, other: GroupSet) -> None:
        """Take the registers of another set into account if it has the same groups."""
        keys, other_keys = ([variable.keys for variable in groups.chosen] for groups in (self, other))
        if keys == other_keys and self.threshold == other.threshold:
            np.minimum(self.low, other.low, out=self.low)
            np.maximum(self.high, other.high, out=self.high)
            self._open = None

    def count_at(self, flat: NDArray[np.int64], low: NDArray[np.int64], high: NDArray[np.int64]) -> None:
        """Take the least and the largest counts of some groups in further registers into account."""
        lows, highs = self.low.reshape(-1), self.high.reshape(-1)
        lows[flat], highs[flat] = np.minimum(lows[flat], low), np.maximum(highs[flat], high)
        if self._open is not None:
            wide = flat[is_wide(lows[flat], highs[flat], self.threshold)]
            is_open = self._open.reshape(-1)
            self._open_count -= int(is_open[wide].sum())
            is_open[wide] = False

    @property
    def open(self) -> Bools:
        """Return which groups are neither settled nor decided nor wide."""
        if self._open is None:
            is_settled = (self.least >= self.threshold) & ~self.few | (self.most <= 0) | self.implied | self.decided
            self._open = np.ascontiguousarray(~is_settled & ~is_wide(self.low, self.high, self.threshold))
            self._open_count = int(self._open.sum())
        return self._open

    @property
    def open_count(self) -> int:
        """Return the number of open groups."""
        return self._open_count if self.open is not None else 0

    def open_groups(self) -> list[tuple[int, DerivedGroup]]:
        """Return the open groups with their positions."""
        return [(flat, self.group(flat)) for flat in np.flatnonzero(self.open).tolist()]

    def group(self, flat: int) -> DerivedGroup:
        """Return one group by its position."""
        return derived_group(self.chosen, [int(place) for place in np.unravel_index(flat, self.shape)])


GroupSets = dict[tuple[int, ...], GroupSet]  # by the numbers of their variables
