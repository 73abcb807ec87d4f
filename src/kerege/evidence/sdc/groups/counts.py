"""Counts of all groups in a register, one array for each set of variables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.sdc.constraints.domains import Family
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.linear.linear_system import Floats, Ints


def group_counts(register: Register, families: Sequence[Family], chosen: Sequence[Variable]) -> Ints:
    """Return the number of people in each group: an axis for each variable, an entry for each condition."""
    stratum = np.zeros(len(register.people), dtype=np.int64)
    return group_counts_by(register, families, chosen, stratum, 1)[..., 0]


def group_counts_by(
    register: Register, families: Sequence[Family], chosen: Sequence[Variable], stratum: Ints, strata: int
) -> Ints:
    """Return the number of people in each group and stratum (last axis); `stratum` is that of each row."""
    counts = _histogram(register, families, chosen, stratum, strata)
    return np.asarray(np.rint(weighted_sums([v.weights for v in chosen], counts))).astype(np.int64)


def weighted_sums(weights: Sequence[Floats], values: Floats) -> Floats:
    """Return the sums of values along every axis with the weights of that axis.

    `weights` has a matrix (sums, entries) for each of the first axes of `values`.
    """
    for axis, matrix in enumerate(weights):
        values = np.moveaxis(np.tensordot(matrix, values, axes=(1, axis)), 0, axis)
    return np.asarray(values)


def _histogram(
    register: Register, families: Sequence[Family], chosen: Sequence[Variable], stratum: Ints, strata: int
) -> Floats:
    """Return the number of people by atoms, by sets of values of multi-valued columns, and by stratum."""
    single = [v.family for v in chosen if v.family is not None]
    several = [v for v in chosen if v.family is None]
    label = np.zeros(len(register.people), dtype=np.int64)
    sizes = [len(families[f].atoms) for f in single]
    for f, size in zip(single, sizes, strict=True):
        label = label * size + register.coords[f]
    label = label * strata + stratum
    cells = int(np.prod([*sizes, strata], dtype=np.int64))
    shape = [len(v.value_sets) for v in several]
    result = np.zeros((*shape, cells))
    for place in np.ndindex(*shape):
        chosen_rows = np.ones(len(register.people), dtype=bool)
        for variable, number in zip(several, place, strict=True):
            for value in variable.value_sets[number]:
                chosen_rows &= register.has[variable.column][value]
        result[place] = np.bincount(label[chosen_rows], register.people[chosen_rows], minlength=cells)
    result = result.reshape([*shape, *sizes, strata])
    order = sorted(range(len(chosen)), key=lambda axis: chosen[axis].family is not None)
    return np.moveaxis(result, range(len(order)), order)
