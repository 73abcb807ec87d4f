"""Bounds of groups that follow from the bounds of single unknowns after presolve."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.bounds.presolve import ReducedSystem
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.groups.conditions import Condition, Variable
from kerege.evidence.sdc.groups.counts import weighted_sums
from kerege.evidence.sdc.linear.linear_system import Floats


class SystemBounds:
    """Lower and upper bounds (unknowns,) of the number of people in each combination."""

    def __init__(self, builder: JointBuilder, core: ReducedSystem) -> None:
        self.builder = builder
        self.lower, self.upper = core.unknown_bounds()

    def of_groups(self, chosen: Sequence[Variable], shape: tuple[int, ...]) -> tuple[Floats, Floats]:
        """Return proved lower and upper bounds of all groups of some variables, both of the given shape."""
        several = [variable for variable in chosen if variable.family is None]
        families = frozenset(variable.family for variable in chosen if variable.family is not None)
        people = self.builder.people
        if len(several) > 1 or any(variable.order > 1 for variable in several) or not people.fits({}, families):
            return np.zeros(shape), np.full(shape, np.inf)
        if not several:
            group = people.group_of({}, families)
            span = people.start[group] + np.arange(people.count(group))
            ends = [self._sums(group, ends[span], chosen) for ends in (self.lower, self.upper)]
            return ends[0], ends[1]
        return self._with_values(several[0], chosen, shape)

    def _sums(self, group: int, values: Floats, chosen: Sequence[Variable]) -> Floats:
        """Return the sums of values of the combinations of a clique in each group of single-valued variables."""
        coords, label, sizes = self.builder.people.coords[group], np.zeros(len(values), dtype=np.int64), []
        for variable in chosen:
            size = len(self.builder.families[variable.family or 0].atoms)
            label = label * size + coords[variable.family or 0]
            sizes.append(size)
        cells = int(np.prod(sizes, dtype=np.int64)) if sizes else 1
        sums: Floats = np.bincount(label, values, cells).astype(float).reshape(sizes)
        return weighted_sums([variable.weights for variable in chosen], sums)

    def _with_values(
        self, several: Variable, chosen: Sequence[Variable], shape: tuple[int, ...]
    ) -> tuple[Floats, Floats]:
        """Return the bounds of groups with one multi-valued column."""
        column = self.builder.several[several.column]
        single = [variable for variable in chosen if variable is not several]
        if not {variable.family for variable in single} <= self.builder.people.groups[column.group]:
            return np.zeros(shape), np.full(shape, np.inf)
        low, high = [], []
        for condition in several.conditions:
            least, most = self._of_condition(column, condition)
            low.append(self._sums(column.group, least, single))
            high.append(self._sums(column.group, most, single))
        place = next(axis for axis, variable in enumerate(chosen) if variable is several)
        return np.moveaxis(np.array(low), 0, place), np.moveaxis(np.array(high), 0, place)

    def _of_condition(self, column: MultiValuedColumn, condition: Condition) -> tuple[Floats, Floats]:
        """Return the bounds of the people of each combination who have a value, or who do not.

        All people of a class but those of one combination can have the value before anybody of this one has.
        """
        span = self.builder.people.start[column.group] + np.arange(len(column.class_of))
        holders = column.at(condition.codes[0][1])
        lower, upper = self.lower[holders], self.upper[holders]
        if condition.is_complement:
            all_lower, all_upper = (self._by_class(column, ends[span]) for ends in (self.lower, self.upper))
            lower, upper = np.maximum(all_lower - upper, 0), np.maximum(all_upper - lower, 0)
        others = self._by_class(column, self.upper[span])[column.class_of] - self.upper[span]
        return np.maximum(lower[column.class_of] - others, 0), np.minimum(upper[column.class_of], self.upper[span])

    def _by_class(self, column: MultiValuedColumn, values: Floats) -> Floats:
        """Return the sums of the values of the combinations of each class."""
        return np.bincount(column.class_of, values, column.count).astype(float)
