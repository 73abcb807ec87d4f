"""Costs of the unknowns of a system that make groups of people smaller or larger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.groups.counts import weighted_sums
from kerege.evidence.sdc.linear.linear_system import Floats, Ints

FEW = 64  # groups that are added one by one; more of them are summed over all groups of their variables first


class GroupCosts:
    """Costs of unknowns by the groups of people that are to change.

    A group adds its weight to the unknowns of each clique that the conditions on the columns of the clique select. A
    clique that holds all columns of the group changes it exactly; the others only make a change possible.
    """

    def __init__(self, builder: JointBuilder) -> None:
        self.builder = builder

    def add(self, cost: Floats, chosen: Sequence[Variable], places: Ints, push: Floats) -> None:
        """Add the weights `push` of some groups of the same variables, given by their flat positions."""
        shape = [len(variable.conditions) for variable in chosen]
        if len(places) > FEW:
            dense = np.zeros(shape)
            np.add.at(dense.reshape(-1), places, push)
        numbers = np.unravel_index(places, shape)
        for clique in range(len(self.builder.people.groups)):
            for axes in self._axes(chosen, clique):
                inside = [chosen[axis] for axis in axes]
                if len(places) > FEW:
                    others = tuple(axis for axis in range(len(shape)) if axis not in axes)
                    self._add_sums(cost, inside, clique, dense.sum(axis=others))
                else:
                    self._add_one_by_one(cost, inside, clique, [numbers[axis] for axis in axes], push)

    def _axes(self, chosen: Sequence[Variable], clique: int) -> Iterator[list[int]]:
        """Yield the axes of the variables of a clique, once for each multi-valued column that belongs to it."""
        families, columns = self.builder.people.groups[clique], self.builder.several
        single = [axis for axis, variable in enumerate(chosen) if variable.family in families]
        several = [
            axis
            for axis, variable in enumerate(chosen)
            if variable.family is None and columns[variable.column].group == clique
        ]
        yield from [sorted([*single, axis]) for axis in several] or ([single] if single else [])

    def _add_sums(self, cost: Floats, inside: Sequence[Variable], clique: int, push: Floats) -> None:
        """Add the weights of all groups of some variables of one clique; `push` has an axis for each variable."""
        sums = weighted_sums([variable.weights.T for variable in inside], push)
        place = next((axis for axis, variable in enumerate(inside) if variable.family is None), None)
        coords = self.builder.people.coords[clique]
        index = tuple(coords[variable.family] for variable in inside if variable.family is not None)
        layers = sums[None] if place is None else np.moveaxis(sums, place, 0)
        several = None if place is None else inside[place]
        size = self.builder.people.count(clique)
        self._add_layers(cost, clique, several, [np.broadcast_to(layer[index], size) for layer in layers])

    def _add_one_by_one(
        self, cost: Floats, inside: Sequence[Variable], clique: int, numbers: Sequence[Ints], push: Floats
    ) -> None:
        """Add the weights of a few groups; `numbers` has the condition of each group by variable."""
        coords = self.builder.people.coords[clique]
        weights = np.broadcast_to(push[:, None], (len(push), self.builder.people.count(clique)))
        for variable, number in zip(inside, numbers, strict=True):
            if variable.family is not None:
                weights = weights * variable.weights[number][:, coords[variable.family]]
        place = next((axis for axis, variable in enumerate(inside) if variable.family is None), None)
        if place is None:
            self._add_layers(cost, clique, None, [weights.sum(axis=0)])
        else:
            self._add_layers(cost, clique, inside[place], list(inside[place].weights[numbers[place]].T @ weights))

    def _add_layers(self, cost: Floats, clique: int, several: Variable | None, layers: Sequence[Floats]) -> None:
        """Add costs to the combinations of a clique and to the holders of values of a multi-valued column."""
        start = self.builder.people.start[clique]
        cost[start : start + len(layers[0])] += layers[0]
        if several is None:
            return
        column = self.builder.several[several.column]
        for values, layer in zip(several.value_sets[1:], layers[1:], strict=True):
            if layer.any():
                self._add_value_set(cost, column, values, layer)

    def _add_value_set(self, cost: Floats, column: MultiValuedColumn, values: Sequence[str], layer: Floats) -> None:
        """Add the costs of people with all of some values; `layer` has one for each combination.

        People can have two values only where more people hold values than report something. More people with several
        values therefore are more holders in all classes concerned, more people of the combinations concerned, and fewer
        people of the others.
        """
        mean = np.bincount(column.class_of, layer, column.count) / np.bincount(column.class_of, minlength=column.count)
        if len(values) == 1:
            cost[column.at(values[0])] += mean
            return
        start = self.builder.people.start[column.group]
        cost[start : start + len(layer)] += layer - len(values) * mean[column.class_of]
        least, most = np.zeros((2, column.count))
        np.minimum.at(least, column.class_of, layer)
        np.maximum.at(most, column.class_of, layer)
        for value in values:
            cost[column.at(value)] += np.where(-least > most, least, most)
