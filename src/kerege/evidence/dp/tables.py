"""Differentially private tables: discrete Gaussian noise in each margin, then one consistent table.

The unit of privacy is one row of the snapshot (in a snapshot of victims, one person). Neighbouring data sets differ by
one row more or less. The mechanism measures all margins at all levels with equal shares of the budget: within a few
hundredths of the optimal shares. With the inner cells alone (4 x 20 of them), the variance of a total is 80 instead of
3.3. Post-processing uses only the noisy counts: least squares, no negative count, integers that add up.
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np

from kerege.evidence.counting import Counts
from kerege.evidence.counting.crosstab import marginals
from kerege.evidence.counting.frequency_table import NOISED, TOTAL, Table
from kerege.evidence.counting.row_filter import Where, check_columns, check_size, select_rows
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp import consistency
from kerege.evidence.dp.column_domains import NO_DOMAINS, TableAxis, clip_rows, public_axes
from kerege.evidence.dp.consistency import Floats, Level
from kerege.evidence.dp.gaussian_noise import Noise, discrete_gaussian, gaussian_loss, gaussian_scale, repeatable
from kerege.evidence.dp.zcdp import DELTA, VALUES, rho_to_epsilon
from kerege.evidence.sdc.linear.projection import Projection, whole

Params = Mapping[str, Any]
MOST_CELLS = 200_000  # the secure sampler draws about 20,000 values a second
NORMAL95 = 1.96  # 97.5 % quantile of the standard normal distribution
MARGIN_WEIGHT = 20.0  # weight of a margin over the weight of its parts when counts are rounded to integers
SLACK = 1 - 1e-12  # share of the budget that is used, so that the sum of rounded parts stays within the budget


@dataclass(frozen=True)
class MeasurementGroup:
    """One measurement group: the margins in which the multi-valued columns `opened` keep their values.

    The other multi-valued columns are summed. `sensitivity` is the L2 sensitivity and `sigma` the noise parameter of
    each margin of the group, both in people.
    """

    opened: Level
    sensitivity: float
    sigma: float


def noised_table(
    snapshot: Snapshot,
    by: Sequence[str],
    rho: float,
    domains: Where | None = None,
    seed: int | None = None,
    *,
    where: Where | None = None,
    delta: float = DELTA,
    max_values: int = VALUES,
    cohort: str = "",
    name: str = "",
) -> Table:
    """Count rows by columns, add noise to all margins, and return one consistent table.

    The table has no negative counts.

    Parameters
    ----------
    snapshot : Snapshot
        Rows to count. The unit of privacy is one row more or less; in a snapshot of victims a row is a person.
    by : sequence of str
        Columns of the table.
    rho : float
        Privacy loss of the whole table (zCDP), above 0.
    domains : mapping of str to sequence of str, optional
        Values that columns can have. Default: those of the public code list. For a column without a code list, the
        values that occur in the rows are used. Their occurrence is then not protected, and a note says so.
    seed : int, optional
        Seed of reproducible noise, for tests only. The table then states that it is not private.
    where : mapping of str to sequence of str, optional
        Filter: keep the rows that have one of the values in each of these columns.
    delta : float, default 1e-9
        Delta at which the notes report rho as epsilon.
    max_values : int, default 3
        How many values of one row are counted in a multi-valued column (clipping).
    cohort : str
        Column that divides the rows into declared cohorts; the ledger uses it.
    name : str
        Name of the table.

    Returns
    -------
    Table
        Integer counts that add up, in people. `error95` holds the half-width of the 95 % interval of each cell, in
        people.

    Raises
    ------
    BadInput
        If a column is missing, the filter names a value outside the domain, or the table has more than 200,000 cells.

    Notes
    -----
    Each call draws new noise. Charge a ledger before you publish.

    References
    ----------
    .. [1] Canonne, Kamath and Steinke 2020, "The Discrete Gaussian for Differential Privacy" (noise).
    .. [2] Hay, Rastogi, Miklau and Suciu 2010, "Boosting the accuracy of differentially private histograms through
       consistency" (least squares over margins).

    Examples
    --------
    >>> from kerege.evidence.dp import Snapshot
    >>> import polars as pl
    >>> rows = Snapshot.from_frame(pl.DataFrame({"sex": ["female"] * 61 + ["male"] * 20}))
    >>> table = noised_table(rows, ["sex"], 0.05, {"sex": ["female", "male", "other"]}, seed=1)
    >>> {code: cell.count for (code,), cell in table.cells.items()}
    {'_T': 82, 'female': 65, 'male': 12, 'other': 5, '_U': 0}
    """
    where, domains = where or {}, domains or {}
    params = {
        "rho": rho,
        "epsilon": rho_to_epsilon(rho, delta),
        "delta": delta,
        "max_values": max_values,
        "cohort": cohort,
    }
    axes = check_axes(snapshot, by, where, domains)
    rng = np.random.default_rng(secrets.randbits(128) if seed is None else seed)
    rows = clip_rows(select_rows(snapshot, where), axes, max_values, rng)
    counts = marginals(rows, {axis.name: axis.values for axis in axes}, snapshot.multi)
    table = Table(
        name=name,
        of=snapshot.unit,
        by=tuple(by),
        where={column: list(values) for column, values in where.items()},
        axes=tuple((TOTAL, *axis.values) for axis in axes),
        counts=counts,
        status=np.full(counts.shape, NOISED, np.uint8),
        multi=snapshot.multi & set(by),
        truth=counts,
    )
    plan = measurement_plan(table, rho, max_values)
    noisy, errors = _measure_counts(table, plan, discrete_gaussian if seed is None else repeatable(seed))
    noisy_table = replace(table, counts=noisy, error95=errors)
    return replace(
        noisy_table,
        params=_list_params(noisy_table, params, plan, axes, seed),
        notes=_write_notes(noisy_table, params, axes, seed),
    )


def check_axes(snapshot: Snapshot, by: Sequence[str], where: Where, domains: Where = NO_DOMAINS) -> list[TableAxis]:
    """Return the axes of a table; raise BadInput before any noise is drawn if the table cannot be made."""
    check_columns(snapshot, by, where)
    axes = public_axes(snapshot, by, where, domains)
    check_size([len(axis.values) + 1 for axis in axes], snapshot, by, MOST_CELLS)
    return axes


def measurement_plan(table: Table, rho: float, max_values: int) -> list[MeasurementGroup]:
    """Return the measurement groups of a table, with a total loss of at most rho by OpenDP's map.

    Parameters
    ----------
    table : Table
        Its columns in `multi` hold several values of a row.
    rho : float
        Privacy loss (zCDP) of one row, above 0.
    max_values : int
        Largest number of values of a row that are counted in a column of `multi`.

    Returns
    -------
    list of MeasurementGroup
        Opened columns, L2 sensitivity (in people) and sigma (in people) of each group.

    Notes
    -----
    Along each opened column a row is in at most `max_values` cells, along each other column in one. So one row changes
    a level by at most the square root of the product, its L2 sensitivity. Groups share rho in proportion to this
    sensitivity; the levels of a group share evenly. Gaussian mechanism in zCDP: Bun and Steinke 2016, "Concentrated
    Differential Privacy", proposition 1.6.

    Examples
    --------
    >>> table = Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,40,ok\\nmale,30,ok\\n")
    >>> plan = measurement_plan(table, rho=0.5, max_values=3)
    >>> len(plan), bool(0.499 < plan_loss(table, plan) <= 0.5)
    (1, True)
    """
    multi_columns = [d for d, name in enumerate(table.by) if name in table.multi]
    levels_per_group = 2 ** (table.counts.ndim - len(multi_columns))
    groups = [group for size in range(len(multi_columns) + 1) for group in combinations(multi_columns, size)]
    sensitivities = {
        group: math.prod(math.sqrt(min(max_values, table.counts.shape[d] - 1)) for d in group) for group in groups
    }
    total_sensitivity = sum(sensitivities.values())
    return [
        MeasurementGroup(
            group,
            sensitivities[group],
            gaussian_scale(
                SLACK * rho * sensitivities[group] / total_sensitivity / levels_per_group, sensitivities[group]
            ),
        )
        for group in groups
    ]


def plan_loss(table: Table, plan: list[MeasurementGroup]) -> float:
    """Return the privacy loss of all measurements of a plan, by OpenDP's privacy map.

    Parameters
    ----------
    table : Table
        The table of the plan.
    plan : list of MeasurementGroup
        Result of `measurement_plan`.

    Returns
    -------
    float
        Loss of one row, in rho (zCDP).

    Notes
    -----
    Losses of the levels add up: Bun and Steinke 2016, "Concentrated Differential Privacy", lemma 2.3.

    Examples
    --------
    >>> table = Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,40,ok\\nmale,30,ok\\n")
    >>> bool(plan_loss(table, measurement_plan(table, rho=0.25, max_values=1)) <= 0.25)
    True
    """
    levels_per_group = 2 ** sum(name not in table.multi for name in table.by)
    return math.fsum(levels_per_group * [gaussian_loss(group.sigma, group.sensitivity) for group in plan])


def cell_deviations(table: Table, plan: list[MeasurementGroup]) -> Floats:
    """Return the standard deviation of each cell of a consistent table, before the noise is drawn.

    Parameters
    ----------
    table : Table
        The table of the plan; its counts are not used.
    plan : list of MeasurementGroup
        Result of `measurement_plan`.

    Returns
    -------
    (...,) float64
        Standard deviations in people, of the shape of the table.

    Notes
    -----
    The least-squares estimate of each level, see `consistency.compute_variances`.

    Examples
    --------
    >>> table = Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,40,ok\\nmale,30,ok\\n")
    >>> cell_deviations(table, measurement_plan(table, rho=0.05, max_values=3)).round(2).tolist()
    [3.65, 3.65, 3.65]
    """
    shape, deviations = table.counts.shape, np.zeros(table.counts.shape)
    singles = tuple(d for d, name in enumerate(table.by) if name not in table.multi)
    all_levels = consistency.list_levels(len(singles))
    for group in plan:
        weights = dict.fromkeys(all_levels, group.sigma**-2)
        cell_variances = consistency.compute_variances(tuple(shape[d] - 1 for d in singles), weights)
        for level in all_levels:
            deviations[_slice_level(table, group.opened, {singles[i] for i in level})] = math.sqrt(
                cell_variances[level]
            )
    return deviations


def _measure_counts(table: Table, plan: list[MeasurementGroup], noise: Noise) -> tuple[Counts, Counts]:
    """Return consistent noisy counts, and the half-widths of their 95 % intervals."""
    shape = table.counts.shape
    singles = tuple(d for d, name in enumerate(table.by) if name not in table.multi)
    all_levels = consistency.list_levels(len(singles))
    estimates = np.zeros(_drop_margins(table, singles))
    for group in plan:
        weights = dict.fromkeys(all_levels, group.sigma**-2)
        slices = {level: _slice_level(table, group.opened, {singles[i] for i in level}) for level in all_levels}
        measured = {
            level: noise(table.counts[level_slices], group.sigma).astype(float)
            for level, level_slices in slices.items()
        }
        inner_slices = tuple(
            slice(None) if d in singles else level_slices for d, level_slices in enumerate(slices[all_levels[-1]])
        )
        estimates[inner_slices] = consistency.consistent(measured, weights, singles)
    target = consistency.find_nearest_feasible(estimates, singles, Projection(table))
    for d in singles:
        target = np.concatenate([target.sum(axis=d, keepdims=True), target], axis=d)
    lower_bounds = np.zeros(shape, dtype=np.int64)
    return whole(
        table, target, _compute_rounding_weights(shape, singles), lower_bounds, lower_bounds.astype(bool)
    ), np.ceil(NORMAL95 * cell_deviations(table, plan) + 0.5).astype(np.int64)


def _drop_margins(table: Table, singles: tuple[int, ...]) -> list[int]:
    """Return the shape of a table without the margins of its single-valued columns."""
    return [size - 1 if d in singles else size for d, size in enumerate(table.counts.shape)]


def _compute_rounding_weights(shape: tuple[int, ...], singles: tuple[int, ...]) -> Floats:
    """Return the weights with which rounding to integers changes margins less than their parts."""
    summed_columns = sum((np.indices(shape)[d] == 0 for d in singles), np.zeros(shape, dtype=np.int64))
    return MARGIN_WEIGHT ** summed_columns.astype(float)


def _slice_level(table: Table, opened: Level, singles: set[int]) -> tuple[slice, ...]:
    """Return the slices of the cells that keep the values of these columns and sum the other columns."""
    return tuple(slice(1, None) if d in opened or d in singles else slice(0, 1) for d in range(table.counts.ndim))


def _list_params(
    table: Table, request: Params, plan: list[MeasurementGroup], axes: list[TableAxis], seed: int | None
) -> dict[str, object]:
    """Return the parameters that the table records: losses, unit of privacy, sigmas, sources of values."""
    params = {name: request[name] for name in ("rho", "epsilon", "delta")}
    params |= {"unit": f"one row of {table.of}", "neighbours": "one row more or less"}
    params["sigma"] = {_group_name(table, group.opened): round(group.sigma, 6) for group in plan}
    params["values"] = {axis.name: axis.source for axis in axes}
    if table.multi:
        params["max_values"] = request["max_values"]
    if request.get("cohort"):
        params["cohort"] = request["cohort"]
    return params if seed is None else params | {"private": False}


def _group_name(table: Table, opened: Level) -> str:
    """Return the name of a measurement group: its opened columns, or `counts`."""
    return " x ".join(table.by[d] for d in opened) or "counts"


def _write_notes(table: Table, params: Params, axes: list[TableAxis], seed: int | None) -> list[str]:
    """Return the notes of a table: its guarantee, its errors, and each limit of the protection."""
    columns = sorted(table.multi)
    loss = f"rho {params['rho']:.4g}, epsilon {params['epsilon']:.3g} at delta {params['delta']:g}"
    guarantee = f"noise hides whether any one row of {table.of} was counted (differential privacy: {loss})"
    notes = [guarantee, *_write_error_notes(table)]
    if columns:
        notes.append(
            f"of a row with more than {params['max_values']} values in {', '.join(columns)}, {params['max_values']} "
            "drawn by lot are counted: such figures are too low where many have more"
        )
    if data_columns := [axis.name for axis in axes if axis.source == "data"]:
        notes.append(
            f"which values {', '.join(data_columns)} can have was taken from the rows: that they occur is not hidden"
        )
    if seed is not None:
        notes.insert(0, "not private: this noise was drawn from a seed and can be drawn again")
    return notes


def _write_error_notes(table: Table) -> list[str]:
    """Return one sentence for each level: the half-width of its 95 % interval."""
    assert table.error95 is not None  # noqa: S101 - a noised table always has errors
    notes = []
    for level in consistency.list_levels(table.counts.ndim):
        cell = tuple(1 if d in level else 0 for d in range(table.counts.ndim))
        subject = "the total" if not level else f"a figure by {' and '.join(table.by[d] for d in level)}"
        notes.append(f"{subject} is within {int(table.error95[cell])} of the truth in 95 of 100 cases")
    return notes
