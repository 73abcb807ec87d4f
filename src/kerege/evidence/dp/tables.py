"""Differential privacy for tables: discrete Gaussian noise in every margin, then one consistent table.

Unit of privacy: one row of the snapshot (of victims: one person). Neighbours: registers that differ by one row more or
less. Every margin at every level is measured, all with the same share of the budget: within a few hundredths of the
best shares, and far better than the inner cells alone (with 4 x 20 cells the variance of a total is 3.3 instead of 80).
What follows uses only the noised figures: least squares, none negative, whole numbers that add up.
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
from kerege.evidence.counting.frequency_table import NOISED, TOTAL, Table, Where, check_columns, check_size, selected
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp import consistency
from kerege.evidence.dp.column_domains import NO_DOMAINS, Axis, clipped, public_axes
from kerege.evidence.dp.consistency import Floats, Level
from kerege.evidence.dp.gaussian_noise import Noise, discrete_gaussian, gaussian_loss, gaussian_scale, repeatable
from kerege.evidence.dp.zcdp import DELTA, VALUES, rho_to_epsilon
from kerege.evidence.sdc.constraints.projection import Projection, whole

Params = Mapping[str, Any]
MOST_CELLS = 200_000  # the secure sampler draws about 20,000 a second
NORMAL95 = 1.96
FIRM = 20.0  # times, that a margin moves less readily than what it is the sum of, when figures are made whole
SLACK = 1 - 1e-12  # of the budget, so that sums of rounded parts stay within it


@dataclass(frozen=True)
class Part:
    """The tables in which the several-valued columns `opened` show their values and the others their total."""

    opened: Level
    sensitivity: float
    sigma: float


def noised_table(
    snapshot: Snapshot, by: Sequence[str], rho: float, domains: Where | None = None, seed: int | None = None, *,
    where: Where | None = None, delta: float = DELTA, max_values: int = VALUES, cohort: str = "", name: str = "",
) -> Table:  # fmt: skip
    """Count rows by columns and add noise to all margins, then make them one consistent table without negative counts.

    Parameters
    ----------
    snapshot : Snapshot
        A row is a person; the unit of privacy is one row more or less.
    by : sequence of str
        Columns of the table.
    rho : float
        The privacy loss of the whole table (zCDP).
    domains : mapping of str to sequence of str, optional
        The values that columns can have. Without it those of the public code list; where a column has none, the values
        that occur are used, and that they occur is not hidden (a note says so).
    seed : int, optional
        Makes noise that can be drawn again, for tests only: the table says that it is not private.
    where : mapping of str to sequence of str, optional
        Keep the rows that have one of the values of each of these columns.
    delta : float
        At which the notes give rho as epsilon.
    max_values : int
        Values of one row that are counted in a column of lists.
    cohort : str
        Column that divides the rows into declared cohorts, for the ledger.
    name : str
        Of the table.

    Returns
    -------
    Table
        Whole numbers that add up; `error95` holds, for each cell, the width within which the truth lies in 95 of 100
        cases, in people.

    Raises
    ------
    BadInput
        For columns that are not there, a filter by another value, more than 200,000 cells.

    Notes
    -----
    Canonne, Kamath and Steinke 2020; least squares over margins after Hay and others 2010. This draws anew at each
    call: charge a ledger before you publish.

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
    axes = checked_axes(snapshot, by, where, domains)
    chance = np.random.default_rng(secrets.randbits(128) if seed is None else seed)
    rows = clipped(selected(snapshot, where), axes, max_values, chance)
    counts = marginals(rows, {axis.name: axis.values for axis in axes}, snapshot.multi)
    table = Table(
        name,
        snapshot.unit,
        tuple(by),
        {column: list(values) for column, values in where.items()},
        tuple((TOTAL, *axis.values) for axis in axes),
        counts,
        np.full(counts.shape, NOISED, np.uint8),
        snapshot.multi & set(by),
        truth=counts,
    )
    plan = parts(table, rho, max_values)
    drawn, error = _drawn(table, plan, discrete_gaussian if seed is None else repeatable(seed))
    found = replace(table, counts=drawn, error95=error)
    return replace(found, params=_params(found, params, plan, axes, seed), notes=_notes(found, params, axes, seed))


def checked_axes(snapshot: Snapshot, by: Sequence[str], where: Where, domains: Where = NO_DOMAINS) -> list[Axis]:
    """The axes of a table that can be drawn; raises BadInput for whatever is wrong with it, before any noise."""
    check_columns(snapshot, by, where)
    axes = public_axes(snapshot, by, where, domains)
    check_size([len(axis.values) + 1 for axis in axes], snapshot, by, MOST_CELLS)
    return axes


def parts(table: Table, rho: float, most: int) -> list[Part]:
    """The measurements, with the sigma of each: the loss of all of them together is at most rho by OpenDP's map.

    A row stands in `most` cells at the most along each opened column and in one along every other, so it moves a level
    by at most the root of the product. Parts share rho by that root, levels within a part evenly.
    """
    several = [d for d, name in enumerate(table.by) if name in table.multi]
    each = 2 ** (table.counts.ndim - len(several))
    opened = [part for size in range(len(several) + 1) for part in combinations(several, size)]
    moved = {part: math.prod(math.sqrt(min(most, table.counts.shape[d] - 1)) for d in part) for part in opened}
    whole_share = sum(moved.values())
    return [
        Part(part, moved[part], gaussian_scale(SLACK * rho * moved[part] / whole_share / each, moved[part]))
        for part in opened
    ]


def spent(table: Table, plan: list[Part]) -> float:
    """The loss of a plan by OpenDP's privacy map, all its measurements added up."""
    singles = 2 ** sum(name not in table.multi for name in table.by)
    return math.fsum(singles * [gaussian_loss(part.sigma, part.sensitivity) for part in plan])


def _drawn(table: Table, plan: list[Part], noise: Noise) -> tuple[Counts, Counts]:
    """Consistent counts from noised margins, and the width of their errors."""
    shape = table.counts.shape
    singles = tuple(d for d, name in enumerate(table.by) if name not in table.multi)
    every = consistency.levels(len(singles))
    inner, error = np.zeros(_without(table, singles)), np.zeros(shape)
    for part in plan:
        weights = dict.fromkeys(every, part.sigma**-2)
        places = {level: _place(table, part.opened, {singles[i] for i in level}) for level in every}
        measured = {level: noise(table.counts[place], part.sigma).astype(float) for level, place in places.items()}
        at = tuple(slice(None) if d in singles else place for d, place in enumerate(places[every[-1]]))
        inner[at] = consistency.consistent(measured, weights, singles)
        spread = consistency.variances(tuple(shape[d] - 1 for d in singles), weights)
        for level, place in places.items():
            error[place] = math.ceil(NORMAL95 * math.sqrt(spread[level]) + 0.5)
    wanted = consistency.allowed(inner, singles, Projection(table))
    for d in singles:
        wanted = np.concatenate([wanted.sum(axis=d, keepdims=True), wanted], axis=d)
    nothing = np.zeros(shape, dtype=np.int64)
    return whole(table, wanted, _firm(shape, singles), nothing, nothing.astype(bool)), error.astype(np.int64)


def _without(table: Table, singles: tuple[int, ...]) -> list[int]:
    """The shape of a table without the margins of its single-valued columns."""
    return [size - 1 if d in singles else size for d, size in enumerate(table.counts.shape)]


def _firm(shape: tuple[int, ...], singles: tuple[int, ...]) -> Floats:
    """Weights by which a margin moves less readily than what it is the sum of."""
    closed = sum((np.indices(shape)[d] == 0 for d in singles), np.zeros(shape, dtype=np.int64))
    return FIRM ** closed.astype(float)


def _place(table: Table, opened: Level, singles: set[int]) -> tuple[slice, ...]:
    """Where the cells stand that show the values of these columns and the total of the others."""
    return tuple(slice(1, None) if d in opened or d in singles else slice(0, 1) for d in range(table.counts.ndim))


def _params(table: Table, given: Params, plan: list[Part], axes: list[Axis], seed: int | None) -> dict[str, object]:
    params = {name: given[name] for name in ("rho", "epsilon", "delta")}
    params |= {"unit": f"one row of {table.of}", "neighbours": "one row more or less"}
    params["sigma"] = {_named(table, part.opened): round(part.sigma, 6) for part in plan}
    params["values"] = {axis.name: axis.source for axis in axes}
    if table.multi:
        params["max_values"] = given["max_values"]
    if given.get("cohort"):
        params["cohort"] = given["cohort"]
    return params if seed is None else params | {"private": False}


def _named(table: Table, opened: Level) -> str:
    return " x ".join(table.by[d] for d in opened) or "counts"


def _notes(table: Table, params: Params, axes: list[Axis], seed: int | None) -> list[str]:
    several = sorted(table.multi)
    loss_told = f"rho {params['rho']:.4g}, epsilon {params['epsilon']:.3g} at delta {params['delta']:g}"
    hidden = f"noise hides whether any one row of {table.of} was counted (differential privacy: {loss_told})"
    notes = [hidden, *_errors(table)]
    if several:
        notes.append(
            f"of a row with more than {params['max_values']} values in {', '.join(several)}, {params['max_values']} "
            "drawn by lot are counted: such figures are too low where many have more"
        )
    if known := [axis.name for axis in axes if axis.source == "data"]:
        notes.append(f"which values {', '.join(known)} can have was taken from the rows: that they occur is not hidden")
    if seed is not None:
        notes.insert(0, "not private: this noise was drawn from a seed and can be drawn again")
    return notes


def _errors(table: Table) -> list[str]:
    """The width of the errors, a sentence a level."""
    assert table.error95 is not None  # noqa: S101 - a noised table has its errors
    notes = []
    for level in consistency.levels(table.counts.ndim):
        at = tuple(1 if d in level else 0 for d in range(table.counts.ndim))
        which = "the total" if not level else f"a figure by {' and '.join(table.by[d] for d in level)}"
        notes.append(f"{which} is within {int(table.error95[at])} of the truth in 95 of 100 cases")
    return notes
