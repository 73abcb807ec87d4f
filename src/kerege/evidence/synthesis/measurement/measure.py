"""The one step that reads the records: sparse counts of 1, 2 and 3 values, clipped per record, with discrete noise.

Neighbours: tables that differ by one record more or less. Each value of a column
of several is a column here, so two of them are a combination like any other. A record that reports k values has C(k, L)
combinations of length L and weighs so little in each (`noisy.weights`) that it moves the counts of a length by a
Euclidean distance of at most sqrt(C(K, L)). K is a quantile of the noisy numbers of values per record. Only candidates
are measured: pairs of values, and triples of pairs, that stood out of the noise before; choosing them is
post-processing. What is absent from the records is measured like the rest, with noise on its zero.

Of open columns, whose values nobody listed, only the values that occur are looked at, and those are kept whose noisy
count passes a threshold. It costs a delta: a record brings at most one value a column that nobody else has, and its
count of 1 passes with a chance of at most exp(-(threshold - 1)^2 / (2 sigma^2)), the tail of the discrete Gaussian
(Canonne, Kamath and Steinke 2020); the threshold makes that delta for all open columns together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import comb, log, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

from kerege.evidence.counting import Marginals, all_marginals, chosen_counts
from kerege.evidence.counting.marginal_counts import MOST_TABLES
from kerege.evidence.dp.gaussian_noise import Noise, gaussian_loss, gaussian_scale
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Counts, Items, Level, Noisy, standing_out, weights
from kerege.evidence.synthesis.measurement.public_schema import Schema, width

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Source: TypeAlias = pl.DataFrame | Path | ir.Table  # a file is counted piece by piece

QUANTILE = 0.65  # of records that report so many values or fewer are counted whole
LEAST_CLIP = 3
MOST_EACH = 500  # combinations of a length in the usual record, up to which all are looked at
MOST_CANDIDATES = 200_000  # of a length: the secure sampler draws about 100,000 a second
SHARES = {0: 0.02, 1: 0.15, 2: 0.57, 3: 0.26}  # of rho: lengths of records, then combinations of 1, 2, 3


@dataclass(frozen=True)
class Plan:
    """How much is spent on what: rho for the lengths of records (0) and for each length of combination."""

    rho: Mapping[int, float]
    thresholds: tuple[float, ...]
    delta: float = 0.0  # for values that nobody listed

    @property
    def order(self) -> int:
        """The longest combinations that are measured."""
        return len(self.rho) - 1


def plan(rho: float, order: int, thresholds: tuple[float, ...], delta: float = 0.0) -> Plan:
    """Divide rho among what is measured up to an order; parts that are not measured leave theirs to the others."""
    shares = {length: SHARES[length] for length in range(order + 1)}
    whole = sum(shares.values())
    return Plan(
        {length: rho * share / whole * (1 - 1e-12) for length, share in shares.items()}, thresholds[:order], delta
    )


def measure(source: Source, schema: Schema, spending: Plan, noise: Noise) -> tuple[Noisy, Schema]:
    """Measure records whose values are all of the schema (`schema.kept`); the engine is that of the source.

    Returns the counts and the schema with the values that were kept of open columns.
    """
    sigma = gaussian_scale(spending.rho[0], 1.0)
    true = _lengths(source, schema)
    lengths = noise(true, sigma)
    clip = clip_for(lengths, sigma)
    rows, scales = _clipped(source, schema, true, clip, spending)
    schema, values = _values(rows, schema, scales[0], spending.delta, noise)
    book = _Book(schema)
    counted = _Truth(rows, book)
    levels = [Level(book.singles, values, scales[0], spending.thresholds[0])]
    for scale, threshold in zip(scales[1:], spending.thresholds[1:], strict=True):
        items = _candidates(book, levels[-1])
        levels.append(Level(items, noise(counted.counts(items), scale), scale, threshold))
    return Noisy(book.column, clip, lengths, sigma, tuple(levels)), schema


def again(source: Source, schema: Schema, before: Noisy, rho: float, noise: Noise) -> Noisy:
    """Measure what was measured before once more, with the same clip, for a loss of `rho`.

    The schema is the one that the first measurement returned, all its values public by now. What to measure follows
    from earlier noisy counts alone, so it costs nothing beside the noise of the new ones.
    """
    spending = plan(rho, len(before.levels), tuple(level.threshold for level in before.levels))
    sigma = gaussian_scale(spending.rho[0], 1.0)
    true = _lengths(source, schema)
    lengths = noise(true, sigma)
    rows, scales = _clipped(source, schema, true, before.clip, spending)
    counted = _Truth(rows, _Book(schema))
    levels = [
        replace(level, values=noise(counted.counts(level.items), scale), sigma=scale)
        for level, scale in zip(before.levels, scales, strict=True)
    ]
    return replace(before, lengths=lengths, lengths_sigma=sigma, levels=tuple(levels))


def _lengths(source: Source, schema: Schema) -> Counts:
    """True numbers of records by how many values they report."""
    return _counted(source, schema, 1).lengths


@dataclass(frozen=True)
class _Rows:
    """The records, what they weigh by length, and their counts up to the length to which all of them are looked at."""

    source: Source
    weights: Sequence[Sequence[int]]
    marginals: Marginals


def _clipped(source: Source, schema: Schema, lengths: Counts, clip: int, spending: Plan) -> tuple[_Rows, list[float]]:
    """What true clipped counts come from, and the noise (sigma) that they need, a length each."""
    table = [weights(clip, length, width(schema)) for length in range(1, spending.order + 1)]
    counted = _counted(source, schema, _looked_at(lengths, spending.order), table)
    moved = {length: UNIT * sqrt(comb(clip, length)) for length in range(1, len(table) + 1)}
    scales = [gaussian_scale(spending.rho[length], sensitivity) for length, sensitivity in moved.items()]
    return _Rows(source, table, counted), scales


def _looked_at(lengths: Counts, order: int) -> int:
    """The length up to which all combinations are counted; of longer ones records have too many.

    Both ways give the same counts, so the true lengths of records may choose.
    """
    for length in range(order, 1, -1):
        each = sum(int(rows) * comb(k, length) for k, rows in enumerate(lengths))
        tables = sum(comb(len(lengths) - 1, shorter) for shorter in range(1, length + 1))
        if each <= MOST_EACH * lengths.sum() and tables <= MOST_TABLES:
            return length
    return 1


def _counted(source: Source, schema: Schema, order: int, table: Sequence[Sequence[int]] | None = None) -> Marginals:
    """True counts, each value of a column of several being a column."""
    apart = {column.name: column.values for column in schema if column.multi}
    return all_marginals(
        source, order, columns=[column.name for column in schema], multi=apart, apart=apart, weights=table
    )


def _values(rows: _Rows, schema: Schema, scale: float, delta: float, noise: Noise) -> tuple[Schema, Counts]:
    """Noisy counts of all values, and the schema with those values of open columns that pass their threshold."""
    full = tuple(
        replace(column, values=tuple(rows.marginals.values[column.name])) if column.open else column
        for column in schema
    )
    book = _Book(full)
    values = noise(_Truth(rows, book).counts(book.singles), scale)
    unlisted = sum(column.open for column in schema)
    if not unlisted:
        return schema, values
    threshold = UNIT + scale * sqrt(2 * log(unlisted / delta))
    closed = np.repeat([not column.open for column in full], np.diff(book.first))
    passed = closed | (values > threshold)
    parts = np.split(passed, book.first[1:-1])
    kept = tuple(
        replace(column, values=tuple(value for value, stays in zip(column.values, part, strict=True) if stays))
        for column, part in zip(full, parts, strict=True)
    )
    return kept, values[passed]


def spent(noisy: Noisy) -> dict[int, float]:
    """What measuring cost in rho, by OpenDP's privacy map: lengths of records (0), combinations of 1, 2, 3."""
    told = {0: gaussian_loss(noisy.lengths_sigma, 1.0)}
    for length, level in enumerate(noisy.levels, 1):
        told[length] = gaussian_loss(level.sigma, UNIT * sqrt(comb(noisy.clip, length)))
    return told


def spreads(spending: Plan, clip: int) -> list[float]:
    """The noise (sigma, people) of combinations of each length for a clip."""
    return [sqrt(comb(clip, length) / (2 * spending.rho[length])) for length in range(1, spending.order + 1)]


def clip_for(lengths: Counts, sigma: float) -> int:
    """K: the number of values that most records do not pass, from the noisy numbers of records of each length."""
    known = np.where(standing_out(lengths, sigma), lengths, 0)
    if not known.sum():
        return clipped(0, len(lengths) - 1)
    reached = np.cumsum(known) >= QUANTILE * known.sum()
    return clipped(int(np.argmax(reached)), len(lengths) - 1)


def clipped(reported: int, most: int) -> int:
    """K where most records report so many values or fewer and none can report more than `most`."""
    return min(max(LEAST_CLIP, reported), most)


class _Book:
    """Numbers for the values of a schema, column after column; what the counting numbers otherwise.

    `column` is where the counting has the column of each value: that of its own for a value of a column of several.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        sizes = [len(column.values) for column in schema]
        self.first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        steps = [[1] * size if column.multi else [size] for size, column in zip(sizes, schema, strict=True)]
        flat = [size for step in steps for size in step]
        self.column = np.repeat(np.arange(len(flat), dtype=np.int32), flat)
        self.singles = np.arange(len(self.column), dtype=np.int32)[:, None]


class _Truth:
    """True clipped counts, looked up by combination; it does not leave this module."""

    def __init__(self, rows: _Rows, book: _Book) -> None:
        self.rows, self.marginals, self.schema = rows, rows.marginals, book.schema
        self.places = np.zeros(book.first[-1], dtype=np.int64)  # a value that is a column is the only one there
        for number, column in enumerate(book.schema):
            if not column.multi:
                codes = {value: code for code, value in enumerate(self.marginals.values[column.name])}
                own = [codes.get(value, -1) for value in column.values]
                self.places[book.first[number] : book.first[number + 1]] = own
        self.column = book.column.astype(np.int64)

    def counts(self, items: Items) -> Counts:
        """Clipped counts (cells,) of combinations, 0 where nobody has it."""
        if (length := items.shape[1]) > self.marginals.order:
            apart = {column.name for column in self.schema if column.multi}
            values = {column.name: column.values for column in self.schema}
            return chosen_counts(
                self.rows.source, values, items, multi=apart, apart=apart, weights=self.rows.weights[length - 1]
            )
        codes = self.places[items]
        found = np.zeros(len(items), dtype=np.int64)
        there = (codes >= 0).all(axis=1)
        cells = self.marginals.numbering.cells(self.column[items[there]], codes[there])
        at = np.searchsorted(self.marginals.cells, cells)
        at[at == len(self.marginals.cells)] = 0
        hit = self.marginals.cells[at] == cells if len(self.marginals.cells) else np.zeros(len(at), bool)
        found[np.flatnonzero(there)[hit]] = self.marginals.hits[at[hit]]
        return found


def _candidates(book: _Book, before: Level) -> Items:
    """The combinations to measure next: pairs of values that stood out, triples of such pairs."""
    kept, values = before.items[before.supported], before.values[before.supported]
    if kept.shape[1] == 1:
        return _best(*_pairs(kept[:, 0], values, book.column))[0]
    return _best(*_triples(kept, values))[0]


def _best(found: Items, least: Counts) -> tuple[Items, Counts]:
    """As many as are measured at most: those whose rarest part has the largest noisy count."""
    if len(found) <= MOST_CANDIDATES:
        return found, least
    most = np.sort(np.argpartition(-least, MOST_CANDIDATES)[:MOST_CANDIDATES])
    return found[most], least[most]


def _pairs(kept: Items, values: Counts, column: Items) -> tuple[Items, Counts]:
    """Pairs of values of different columns, and the least noisy count of a part; `kept` is column after column."""
    few = _largest(column[kept], values)
    kept, values = kept[few], values[few]
    ends = np.searchsorted(column[kept], column[kept], side="right")  # where the other columns begin
    later = len(kept) - ends
    first = np.repeat(np.arange(len(kept)), later)
    second = np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later) + np.repeat(ends, later)
    return np.column_stack([kept[first], kept[second]]), np.minimum(values[first], values[second])


def _largest(column: Items, values: Counts) -> Counts:
    """Places of so many of the largest values that their pairs of different columns are enough.

    Any pair with a smaller value comes after them, so that nobody needs all pairs of thousands of values.
    """
    order = np.argsort(-values, kind="stable")
    by_column = np.argsort(column[order], kind="stable")
    own = column[order][by_column]
    rank = np.empty(len(order), dtype=np.int64)
    rank[by_column] = np.arange(len(own)) - np.searchsorted(own, own)
    pairs = np.cumsum(np.arange(len(order)) - rank)
    return np.sort(order[: np.searchsorted(pairs, MOST_CANDIDATES) + 1])


def _triples(kept: Items, values: Counts) -> tuple[Items, Counts]:
    """Triples of which every pair is kept, and the least noisy count of a pair; only the best where there are many."""
    used, places = np.unique(kept, return_inverse=True)
    pairs = places.reshape(kept.shape)
    count = np.full((len(used), len(used)), -1, dtype=np.int64)
    count[pairs[:, 0], pairs[:, 1]] = values
    linked = count > -1
    found, least, held = [np.empty((0, 3), np.int32)], [np.empty(0, np.int64)], 0
    for (one, two), value in zip(pairs, values, strict=True):
        three = np.flatnonzero(linked[one] & linked[two])
        if not len(three):
            continue
        found.append(used[np.column_stack([np.full((len(three), 2), [one, two]), three])])
        least.append(np.minimum(value, np.minimum(count[one, three], count[two, three])))
        held += len(three)
        if held > 8 * MOST_CANDIDATES:
            best = _best(np.concatenate(found), np.concatenate(least))
            found, least, held = [best[0]], [best[1]], len(best[0])
    return np.concatenate(found).astype(np.int32), np.concatenate(least)
