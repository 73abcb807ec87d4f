"""Measurement of the marginals of 1, 2 and 3 values: clipped per record, with discrete Gaussian noise.

Only this module and `private_edges` read the records. Neighbours are tables that differ by one record more or less.
Each value of a multi-valued column counts as a column of its own, so two of its values form a combination like any
other.

A record of k values has C(k, L) combinations of length L. Its weight in each (`noisy_counts.weights`) is so small that
it moves the counts of a length by a Euclidean distance of at most sqrt(C(K, L)). The clip K is a quantile of the noisy
numbers of values per record. Only candidates are measured: pairs of supported values and triples of supported pairs.
The choice is post-processing of noisy counts. A combination that no record has is measured too: its zero gets noise.

An open column has no public list of values. Its occurring values are measured, and a value is kept if its noisy count
passes a threshold. This costs a delta, because a record can add one unique value per column. Its count of 1 passes with
a probability of at most exp(-(threshold - 1)^2 / (2 sigma^2)), the tail of the discrete Gaussian (Canonne, Kamath and
Steinke 2020). The threshold is chosen so that these probabilities sum to delta over the most unlisted values of a
record: one per open column, MOST_UNLISTED in a multi-valued one. After the values of multi-valued columns are found,
the other values are removed from the records before longer combinations are counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb, log, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting import Marginals, all_marginals
from kerege.evidence.counting.marginal_counts import MOST_TABLES
from kerege.evidence.dp.gaussian_noise import Noise, gaussian_loss, gaussian_scale
from kerege.evidence.synthesis.measurement.noisy_counts import (
    UNIT,
    Counts,
    Noisy,
    NoisyLevel,
    find_standing_out,
    weights,
)
from kerege.evidence.synthesis.measurement.public_schema import (
    FILE,
    Schema,
    count_unlisted,
    keep_listed_values,
    width,
)
from kerege.evidence.synthesis.measurement.true_counts import CountedRows, TrueCounts, ValueNumbers, find_candidates

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Source: TypeAlias = pl.DataFrame | Path | ir.Table  # files are counted in batches

QUANTILE = 0.65  # share of the records that keep full weight: they report at most the clip K of values
QUANTILE_Z = 0.385  # the same quantile of a normal distribution, in standard deviations
LEAST_CLIP = 3
MOST_PER_RECORD = 500  # most combinations of a length per record, on average, for which all combinations are counted
SHARES = {0: 0.02, 1: 0.15, 2: 0.57, 3: 0.26}  # shares of rho: numbers of values (0), combinations of 1, 2 and 3


@dataclass(frozen=True)
class MeasurementPlan:
    """Division of rho among the numbers of values per record (key 0) and each combination length."""

    rho: Mapping[int, float]
    thresholds: tuple[float, ...]
    delta: float = 0.0  # for finding the values of open columns

    @property
    def order(self) -> int:
        """Return the length of the longest measured combinations."""
        return len(self.rho) - 1


def plan(rho: float, order: int, thresholds: tuple[float, ...], delta: float = 0.0) -> MeasurementPlan:
    """Divide a privacy loss among the measurements up to an order; the whole loss is used.

    Parameters
    ----------
    rho : float
        Privacy loss (zCDP), above 0.
    order : int
        Length of the longest measured combinations, 1 to 3.
    thresholds : tuple of float
        For each length, the sigmas that a count must exceed to be supported.
    delta : float
        Delta for finding the values of open columns.

    Returns
    -------
    MeasurementPlan
        `rho` by length; 0 is the number of values per record.

    Notes
    -----
    Losses add up: Bun and Steinke 2016, "Concentrated Differential Privacy". The shares were chosen on tables like
    those of the field (SHARES).

    Examples
    --------
    >>> spending = plan(0.5, order=2, thresholds=(2.0, 2.0))
    >>> round(sum(spending.rho.values()), 9), spending.order
    (0.5, 2)
    """
    shares = {length: SHARES[length] for length in range(order + 1)}
    total = math.fsum(shares.values())
    return MeasurementPlan(
        {length: rho * share / total * (1 - 1e-12) for length, share in shares.items()}, thresholds[:order], delta
    )


def measure(source: Source, schema: Schema, spending: MeasurementPlan, noise: Noise) -> tuple[Noisy, Schema]:
    """Return the noisy counts of the records, and the schema with the values found for open columns.

    All values of the records must be in the schema (see `public_schema.keep_listed_values`). The type of the source
    decides the counting engine.
    """
    sigma = gaussian_scale(spending.rho[0], 1.0)
    occurring = _list_occurring_sets(source, schema)
    true = _count_lengths(source, occurring)
    lengths = noise(_resize(true, width(schema) + 1), sigma)
    clip = clip_for(lengths, sigma)
    rows, scales = _count_clipped(source, occurring, true, clip, spending)
    schema, values = _measure_values(rows, occurring, scales[0], spending.delta, noise)
    if isinstance(source, pl.DataFrame) and any(column.open and column.multi for column in schema):
        closed = tuple(replace(column, source=FILE) for column in schema)
        source, _ = keep_listed_values(source, closed)
        if width(closed):
            rows, _ = _count_clipped(source, closed, _count_lengths(source, closed), clip, spending)
    numbers = ValueNumbers(schema)
    true_counts = TrueCounts(rows, numbers)
    levels = [NoisyLevel(numbers.singles, values, scales[0], spending.thresholds[0])]
    for scale, threshold in zip(scales[1:], spending.thresholds[1:], strict=True):
        items = find_candidates(numbers, levels[-1])
        levels.append(NoisyLevel(items, noise(true_counts.counts(items), scale), scale, threshold))
    return Noisy(numbers.column, clip, lengths, sigma, tuple(levels), impossible=numbers.impossible), schema


def repeat_measurement(source: Source, schema: Schema, before: Noisy, rho: float, noise: Noise) -> Noisy:
    """Repeat an earlier measurement with the same combinations and clip, for a loss of `rho`.

    `schema` is the one that the first measurement returned; all its values are public by now. The combinations follow
    from earlier noisy counts, so only the new noise has a privacy loss.
    """
    spending = plan(rho, len(before.levels), tuple(level.threshold for level in before.levels))
    sigma = gaussian_scale(spending.rho[0], 1.0)
    true = _count_lengths(source, schema)
    lengths = noise(true, sigma)
    rows, scales = _count_clipped(source, schema, true, before.clip, spending)
    true_counts = TrueCounts(rows, ValueNumbers(schema))
    levels = [
        replace(level, values=noise(true_counts.counts(level.items), scale), sigma=scale)
        for level, scale in zip(before.levels, scales, strict=True)
    ]
    return replace(before, lengths=lengths, lengths_sigma=sigma, levels=tuple(levels))


def _list_occurring_sets(source: Source, schema: Schema) -> Schema:
    """Return the schema with the occurring values of open columns of several values.

    They must not leave this module.
    """
    if not any(column.open and column.multi for column in schema):
        return schema
    if not isinstance(source, pl.DataFrame):
        what, todo = "has several values per record that nobody listed", "list them in a schema file"
        raise BadInput(
            [Fault(what, todo, column=shown(column.name)) for column in schema if column.open and column.multi]
        )
    return tuple(
        replace(column, values=tuple(sorted(source[column.name].explode().drop_nulls().unique())))
        if column.open and column.multi
        else column
        for column in schema
    )


def _resize(counts: Counts, size: int) -> Counts:
    """Return counts cut or filled with zeros to a public size; no record has more values."""
    return np.concatenate([counts[:size], np.zeros(max(0, size - len(counts)), np.int64)])


def _count_lengths(source: Source, schema: Schema) -> Counts:
    """Return the true numbers of records by their number of reported values."""
    return _count(source, schema, 1).lengths


def _count_clipped(
    source: Source, schema: Schema, lengths: Counts, clip: int, spending: MeasurementPlan
) -> tuple[CountedRows, list[float]]:
    """Return the source of true clipped counts and the noise (sigma, in UNITths of a person) by length."""
    most = max(width(schema), len(lengths) - 1)  # the counting wants a weight for each number of counted columns
    table = [weights(clip, length, most) for length in range(1, spending.order + 1)]
    counted = _count(source, schema, find_full_length(lengths, spending.order), table)
    moved = {length: UNIT * sqrt(comb(clip, length)) for length in range(1, len(table) + 1)}
    scales = [gaussian_scale(spending.rho[length], sensitivity) for length, sensitivity in moved.items()]
    return CountedRows(source, table, counted), scales


def find_full_length(lengths: Counts, order: int) -> int:
    """Return the length up to which all combinations are counted.

    Longer combinations are counted only if they are candidates. Both ways give the same counts, so the true numbers
    of values per record may decide without a privacy loss.
    """
    for length in range(order, 1, -1):
        combinations = sum(int(rows) * comb(k, length) for k, rows in enumerate(lengths))
        tables = sum(comb(len(lengths) - 1, shorter) for shorter in range(1, length + 1))
        if combinations <= MOST_PER_RECORD * lengths.sum() and tables <= MOST_TABLES:
            return length
    return 1


def _count(source: Source, schema: Schema, order: int, table: Sequence[Sequence[int]] | None = None) -> Marginals:
    """Return true counts up to an order; each value of a multi-valued column is a column of its own."""
    split_columns = {column.name: column.values for column in schema if column.multi}
    return all_marginals(
        source,
        order,
        columns=[column.name for column in schema],
        multi=split_columns,
        apart=split_columns,
        weights=table,
    )


def _measure_values(
    rows: CountedRows, schema: Schema, scale: float, delta: float, noise: Noise
) -> tuple[Schema, Counts]:
    """Return the schema with the values found for open columns, and the noisy counts of all values."""
    occurring = tuple(
        replace(column, values=tuple(rows.marginals.values[column.name]))
        if column.open and not column.multi
        else column
        for column in schema
    )
    numbers = ValueNumbers(occurring)
    values = noise(TrueCounts(rows, numbers).counts(numbers.singles), scale)
    unlisted = count_unlisted(schema)
    if not unlisted:
        return schema, values
    threshold = UNIT + scale * sqrt(2 * log(unlisted / delta))
    closed = np.repeat([not column.open for column in occurring], np.diff(numbers.first))
    passed = closed | (values > threshold)
    parts = np.split(passed, numbers.first[1:-1])
    kept = tuple(
        replace(column, values=tuple(value for value, stays in zip(column.values, part, strict=True) if stays))
        for column, part in zip(occurring, parts, strict=True)
    )
    return kept, values[passed]


def compute_losses(noisy: Noisy) -> dict[int, float]:
    """Return the privacy loss of each measurement by OpenDP's privacy map.

    Parameters
    ----------
    noisy : Noisy
        A measurement.

    Returns
    -------
    dict of int to float
        Loss in rho (zCDP) by length, keyed as the `rho` of `plan`.

    Notes
    -----
    rho = sensitivity^2 / (2 sigma^2), with the sensitivity sqrt(C(K, L)) of combinations of length L under the clip K:
    Bun and Steinke 2016, "Concentrated Differential Privacy", proposition 1.6.

    Examples
    --------
    >>> level = NoisyLevel(np.array([[0]], np.int32), np.array([640]), 64.0, 2.0)
    >>> noisy = Noisy(np.array([0], np.int32), 1, np.array([0, 10]), 1.0, (level,))
    >>> {length: round(rho, 6) for length, rho in compute_losses(noisy).items()}
    {0: 0.5, 1: 0.5}
    """
    losses = {0: gaussian_loss(noisy.lengths_sigma, 1.0)}
    for length, level in enumerate(noisy.levels, 1):
        losses[length] = gaussian_loss(level.sigma, UNIT * sqrt(comb(noisy.clip, length)))
    return losses


def compute_spreads(spending: MeasurementPlan, clip: int) -> list[float]:
    """Return the standard deviation of the noise of combinations of each length, for a clip.

    Parameters
    ----------
    spending : MeasurementPlan
        Result of `plan`.
    clip : int
        Clip K: number of values of a record that counts in full.

    Returns
    -------
    list of float
        Sigma, in people, for the lengths 1, 2, ...

    Notes
    -----
    sqrt(C(K, L) / (2 rho_L)): Bun and Steinke 2016, "Concentrated Differential Privacy", proposition 1.6.

    Examples
    --------
    >>> [round(sigma, 2) for sigma in compute_spreads(MeasurementPlan({0: 0.1, 1: 0.5, 2: 0.5}, (2.0, 2.0)), clip=4)]
    [2.0, 2.45]
    """
    return [sqrt(comb(clip, length) / (2 * spending.rho[length])) for length in range(1, spending.order + 1)]


def clip_for(lengths: Counts, sigma: float) -> int:
    """Return the clip K: the QUANTILE of the noisy distribution of values per record.

    Parameters
    ----------
    lengths : (n,) int64
        Noisy numbers of records that report 0, 1, ... values.
    sigma : float
        Noise of each, in people.

    Returns
    -------
    int
        Number of values of a record that counts in full. It follows from noisy counts, so it has no privacy loss.

    Examples
    --------
    >>> clip_for(np.array([0, 0, 0, 0, 0, 100, 100, 0]), 1.0)
    6
    """
    supported = np.where(find_standing_out(lengths, sigma), lengths, 0)
    if not supported.sum():
        return choose_clip(0, len(lengths) - 1)
    reached = np.cumsum(supported) >= QUANTILE * supported.sum()
    return choose_clip(int(np.argmax(reached)), len(lengths) - 1)


def choose_clip(reported: int, most: int) -> int:
    """Return the clip K for a quantile of values per record.

    Parameters
    ----------
    reported : int
        Number of values that QUANTILE of the records do not exceed.
    most : int
        Largest number of values of a record.

    Returns
    -------
    int
        At least LEAST_CLIP, at most `most`.

    Examples
    --------
    >>> choose_clip(30, most=20)
    20
    """
    return min(max(LEAST_CLIP, reported), most)
