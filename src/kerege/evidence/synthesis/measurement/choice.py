"""Choice of columns, order, and records or tables, from shares of single values.

The shares are public, or they follow from noisy counts that were charged. Nothing else is read: the choice has no
privacy loss of its own.

The forecast takes the columns as independent. A combination of people with the shares p and q then has N p q people.
Its error is the mean noise, or the whole count where that is smaller, since such a combination is lost. For pairs the
forecast was near the errors of records on the invented tables (0.8 to 1.5 times). Triples of real columns, which depend
on one another, had 0.3 to 0.7 times the forecast (TRIPLES).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, log10, sqrt

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.synthesis.measurement.measure import QUANTILE_Z, choose_clip, compute_spreads, plan
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Schema

Floats = NDArray[np.float64]
RECORDS, TABLES = "records", "tables"
LARGEST_FORECAST = 0.2  # largest forecast error, over all counts: records with it are usually useful (a quarter)
TRIPLES = 0.6  # factor of the forecast of triples
LEAST_COLUMNS = 3  # records of fewer columns are a table
BIN, LEAST_SHARE = 0.1, 1e-9  # width of a class of shares (log10), and the smallest share
MEAN_ABS = 0.8  # mean absolute value of a normal error of sigma 1
NINE_IN_TEN = 1.644854  # nine in ten normal errors of sigma 1 are smaller


@dataclass(frozen=True)
class ShareSource:
    """The inputs of a choice: number of people, shares of values by column, loss and thresholds.

    Each value of a multi-valued column has a share of its own; `multi` names these columns. `clip_factor` is the
    measured clip over that of independent columns.
    """

    people: float
    shares: Mapping[str, Floats]
    rho: float
    order: int
    thresholds: tuple[float, ...]
    multi: frozenset[str] = frozenset()
    clip_factor: float = 1.0


@dataclass(frozen=True)
class PublicationChoice:
    """Records or tables, of which columns, with combinations of up to `order` values.

    From `counts_from` on nine in ten counts of that length are accurate to within a fifth, by the noise. `relative` is
    the forecast error of that length over all its counts.
    """

    publish: str
    columns: tuple[str, ...]
    order: int
    counts_from: int
    relative: float


def read_shares(noisy: Noisy, schema: Schema) -> dict[str, Floats]:
    """Return the shares of the people with each value by column; 0 for a value that the noise can explain."""
    people = np.where(noisy.levels[0].supported, noisy.levels[0].people, 0.0)
    shares = np.clip(people / max(1, noisy.people), 0.0, 1.0)
    ends = np.cumsum([0, *(len(column.values) for column in schema)])
    return {column.name: shares[ends[n] : ends[n + 1]] for n, column in enumerate(schema)}


def choose_from_noise(
    first: Noisy, schema: Schema, rho: float, order: int, thresholds: tuple[float, ...]
) -> PublicationChoice:
    """Return the choice that noisy counts of single values suggest for a further loss of `rho`.

    Parameters
    ----------
    first : Noisy
        A measurement of single values and of the numbers of values per record.
    schema : sequence of columns
        The measured columns.
    rho : float
        Loss (zCDP) that is left for the measurement of the chosen columns.
    order : int
        Longest combinations that are wanted, 1 to 3.
    thresholds : tuple of float
        Sigmas from which combinations are supported, by length.

    Returns
    -------
    PublicationChoice
        It follows from the arguments alone.
    """
    multi = frozenset(column.name for column in schema if column.multi)
    shares = read_shares(first, schema)
    source = ShareSource(people=first.people, shares=shares, rho=rho, order=order, thresholds=thresholds, multi=multi)
    expected = _expect_clip(source, tuple(shares))
    return choose(replace(source, clip_factor=first.clip / max(1, expected)))


def choose(source: ShareSource) -> PublicationChoice:
    """Return the most columns, with the longest combinations, whose forecast error is small enough.

    Columns are left out one by one, each time the one without which the forecast is best. If not even LEAST_COLUMNS
    columns are left, the choice is a table of two columns, or of single values.
    """
    columns = tuple(source.shares)
    while len(columns) >= LEAST_COLUMNS:
        for order in range(source.order, min(2, source.order) - 1, -1):
            if forecast(source, columns, order) <= LARGEST_FORECAST:
                return _describe(source, RECORDS, columns, order)
        columns = _leave_one_out(source, columns, min(2, source.order))
    if source.order > 1 and len(columns) > 1 and forecast(source, columns, 2) <= LARGEST_FORECAST:
        return _describe(source, TABLES, columns, 2)
    columns = tuple(source.shares)
    while len(columns) > 1 and forecast(source, columns, 1) > LARGEST_FORECAST:
        columns = _leave_one_out(source, columns, 1)
    return _describe(source, TABLES, columns, 1)


def _leave_one_out(source: ShareSource, columns: tuple[str, ...], order: int) -> tuple[str, ...]:
    rest = [tuple(name for name in columns if name != left_out) for left_out in columns]
    return min(rest, key=lambda names: forecast(source, names, order))


def _describe(source: ShareSource, publish: str, columns: tuple[str, ...], order: int) -> PublicationChoice:
    spread = _expect_spreads(source, columns, order)[order - 1]
    relative = forecast(source, columns, order)
    return PublicationChoice(publish, columns, order, ceil(5 * NINE_IN_TEN * spread), round(relative, 3))


def forecast(source: ShareSource, columns: Sequence[str], order: int) -> float:
    """Return the forecast of all errors of combinations of `order` values over all their counts.

    A file of fewer columns than `order` is judged by its longest combinations.
    """
    spread = _expect_spreads(source, columns, order)[-1]
    length = min(order, _count_width(source, columns))
    classes = _combine_shares(source, columns, length)
    counts = source.people * 10.0 ** (-BIN * np.arange(len(classes)))
    total = float((counts * classes).sum())
    error = float((np.minimum(counts, MEAN_ABS * spread) * classes).sum()) / total if total else 1.0
    return error * (TRIPLES if length == 3 else 1.0)


def _combine_shares(source: ShareSource, columns: Sequence[str], length: int) -> Floats:
    """Return the number of combinations of a length by class of their share, in independent columns."""
    by_length = [np.ones(1), *(np.zeros(1) for _ in range(length))]
    for part in _list_parts(source, columns):
        kept = part[part > LEAST_SHARE]
        classes = np.bincount([round(-log10(min(1.0, share)) / BIN) for share in kept], minlength=1).astype(float)
        for longer in range(length, 0, -1):
            by_length[longer] = _add(by_length[longer], np.convolve(by_length[longer - 1], classes))
    return by_length[length]


def _add(one: Floats, other: Floats) -> Floats:
    result = np.zeros(max(len(one), len(other)))
    result[: len(one)] += one
    result[: len(other)] += other
    return result


def _list_parts(source: ShareSource, columns: Sequence[str]) -> list[Floats]:
    """Return the shares of the counted columns: each value of a multi-valued column is one."""
    parts: list[Floats] = []
    for name in columns:
        parts += [*source.shares[name].reshape(-1, 1)] if name in source.multi else [source.shares[name]]
    return parts


def _count_width(source: ShareSource, columns: Sequence[str]) -> int:
    return len(_list_parts(source, columns))


def _expect_clip(source: ShareSource, columns: Sequence[str]) -> float:
    """Return the QUANTILE of the numbers of reported values if columns are reported independently."""
    reported = np.array([min(1.0, float(part.sum())) for part in _list_parts(source, columns)])
    return float(reported.sum() + QUANTILE_Z * sqrt(float((reported * (1 - reported)).sum())))


def _expect_spreads(source: ShareSource, columns: Sequence[str], order: int) -> list[float]:
    width = _count_width(source, columns)
    clip = choose_clip(round(source.clip_factor * _expect_clip(source, columns)), width)
    length = min(order, width)
    return compute_spreads(plan(source.rho, length, source.thresholds), clip)
