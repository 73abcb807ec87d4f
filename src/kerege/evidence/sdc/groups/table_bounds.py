"""Bounds of groups by one table: sums of its cells, or its totals minus other cells."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.table_views import AxisView, TableView
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.groups.counts import weighted_sums
from kerege.evidence.sdc.linear.linear_system import Floats
from kerege.evidence.sdc.published_tables.stated_bounds import bounds

UNKNOWN = 1e12  # the upper bound of a figure for which nothing is published


def floors(builder: JointBuilder, chosen: Sequence[Variable], shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    """Return proved lower and upper bounds of all groups of some variables, both of the given shape."""
    low, high = np.zeros(shape), np.full(shape, np.inf)
    for view in builder.views:
        places = None if view.is_unmodelled or view.pick else _filter_places(view, chosen)
        if places is None:
            continue
        others = [variable for axis, variable in enumerate(chosen) if axis not in places]
        dims = [_dimension(view, variable) for variable in others]
        if any(d is None for d in dims) or len(set(dims)) < len(dims):
            continue
        index = tuple(places.get(axis, slice(None)) for axis in range(len(chosen)))
        for least, most in _of_table(view, others, [d for d in dims if d is not None]):
            low[index] = np.maximum(low[index], least)
            high[index] = np.minimum(high[index], most)
    return low, high


def _filter_places(view: TableView, chosen: Sequence[Variable]) -> dict[int, int] | None:
    """Return the axis and the place of the conditions that are the filter of a table, None without them."""
    axes = {variable.family: axis for axis, variable in enumerate(chosen) if variable.family is not None}
    places: dict[int, int] = {}
    for family, mask in view.filter.items():
        if family not in axes:
            return None
        variable = chosen[axes[family]]
        is_filter = (variable.weights == (variable.everybody > 0) & mask).all(axis=1)
        if not is_filter.any():
            return None
        places[axes[family]] = int(np.flatnonzero(is_filter)[0])
    return places


def _dimension(view: TableView, variable: Variable) -> int | None:
    """Return the dimension of a table that shows a variable, None for conditions on several values."""
    if variable.order > 1:
        return None
    for d, dim in enumerate(view.dims):
        if isinstance(dim, AxisView) and dim.family == variable.family:
            return d
        if isinstance(dim, str) and variable.family is None and dim == variable.column:
            return d
    return None


def _of_table(view: TableView, chosen: Sequence[Variable], dims: Sequence[int]) -> list[tuple[Floats, Floats]]:
    """Return bounds of the groups, for each way to write the conditions as sums of codes."""
    lower, upper = (np.minimum(ends, UNKNOWN).reshape(view.table.counts.shape) for ends in bounds(view.table))
    others = [d for d in range(len(view.dims)) if d not in dims]
    index = tuple(0 if d in others else slice(None) for d in range(len(view.dims)))
    order = [sorted(dims).index(d) for d in dims]
    lower, upper = (np.transpose(ends[index], order) for ends in (lower, upper))
    middle, radius = (lower + upper) / 2, (upper - lower) / 2
    ways = [_ways(view, d, variable) for d, variable in zip(dims, chosen, strict=True)]
    result = []
    for way in product(*ways):
        centre = weighted_sums([weights for weights, _ in way], middle)
        spread = weighted_sums([np.abs(weights) for weights, _ in way], radius)
        for axis, (_, is_sum) in enumerate(way):
            is_exact = is_sum.reshape([-1 if other == axis else 1 for other in range(len(way))])
            spread = np.where(is_exact, spread, np.inf)
        result.append((np.ceil(centre - spread - 1e-6), np.floor(centre + spread + 1e-6)))
    return result


def _ways(view: TableView, d: int, variable: Variable) -> list[tuple[Floats, np.ndarray]]:
    """Return two forms of each condition as signed sums of codes, and which conditions are exact in each.

    The first form adds the selected codes. The second subtracts the other codes from the total.
    """
    dim = view.dims[d]
    size = len(view.table.axes[d])
    if not isinstance(dim, AxisView):
        return [_multi_valued_way(view, d, variable, size)]
    selected = variable.weights > 0
    codes = np.array([dim.mask(place) for place in range(1, size)], dtype=bool).reshape(size - 1, len(dim.places))
    alive = dim.places > 0 if view.table.by[d] not in view.incomplete else np.ones(len(dim.places), dtype=bool)
    within = np.array([(codes <= mask).all(axis=1) for mask in selected]).reshape(len(selected), size - 1)
    apart = np.array([~(codes & mask).any(axis=1) for mask in selected]).reshape(len(selected), size - 1)
    splits = (~within & ~apart).any(axis=1)
    named = codes.any(axis=0)
    adds = np.hstack([np.zeros((len(selected), 1)), within.astype(float)])
    subtracts = np.hstack([np.ones((len(selected), 1)), -apart.astype(float)])
    covers_selected = np.array([not (mask & alive & ~named).any() for mask in selected])
    covers_others = np.array([not (~mask & alive & ~named).any() for mask in selected])
    return [(adds, ~splits & covers_selected), (subtracts, ~splits & covers_others)]


def _multi_valued_way(view: TableView, d: int, variable: Variable, size: int) -> tuple[Floats, np.ndarray]:
    """Return "has the value" as its cell, and "does not have the value" as the total minus this cell."""
    weights, is_sum = np.zeros((len(variable.conditions), size)), np.zeros(len(variable.conditions), dtype=bool)
    axis = list(view.table.axes[d])
    for place, condition in enumerate(variable.conditions):
        value = condition.codes[0][1]
        if value in axis[1:]:
            is_sum[place] = True
            weights[place, axis.index(value)] = -1.0 if condition.is_complement else 1.0
            weights[place, 0] = float(condition.is_complement)
    return weights, is_sum
