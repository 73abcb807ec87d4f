"""Noisy counts beside synthetic records: estimates without bias, intervals, counts that agree.

Every combination is measured once. A table of up to three columns, with its margins and its cells of *not reported*,
follows from these estimates by subtraction, so all such tables agree. This is the reconstruction of marginals from
independent measurements in closed form (ReM, arXiv 2410.01091); here each measurement is a count of reported values. No
cell is negative if the counts are limited by those of the shorter combinations, each group of them by least squares, in
the manner of local non-negativity (GReM-LNN, arXiv 2602.05674). These counts are biased where noise is large.

The measurement clips long records. The records were fitted under the same clipping, so the ratio of their unclipped to
their clipped count restores the weight. All of it follows from noisy counts, without a privacy loss.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Items, Noisy, weights
from kerege.evidence.synthesis.measurement.public_schema import Schema

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Z = 1.959964  # half the width of a 95% interval of a normal error, in sigmas
STEADY = 4.0  # sigmas of clipped count at which a combination's own ratio outweighs that of its length
HEADS = ("count", "low", "high", "estimate", "records")
BATCH = 4_096  # combinations that are counted at once


@dataclass(frozen=True)
class LevelCounts:
    """Counts of the measured combinations of one length: arrays (combinations,).

    `in_records` counts the synthetic records. `estimates` have no bias and can be negative; `sigma` is their noise.
    `counts` are whole, never negative, and at most those of shorter combinations, alone and summed over a column; a
    single value that is not supported has 0.
    """

    items: Items
    in_records: Whole
    estimates: Floats
    sigma: Floats
    counts: Whole


def reconstruct_counts(noisy: Noisy, records: CodedRecords) -> list[LevelCounts]:
    """Return the counts of all measured combinations, shortest first.

    Parameters
    ----------
    noisy : Noisy
        A measurement.
    records : CodedRecords
        The records that were fitted to it.

    Returns
    -------
    list of LevelCounts
        One entry for each length.

    Notes
    -----
    Mullins and others 2024, "Efficient and private marginal reconstruction with local non-negativity".
    """
    levels: list[LevelCounts] = []
    tally = _Tally(noisy, records)
    for length, level in enumerate(noisy.levels, 1):
        in_records, clipped = tally.count(level.items, length)
        ratio = _restore_weight(in_records, clipped, level.spread)
        estimates = level.people * ratio
        if length == 1 or not len(estimates):
            supported = noisy.supported_values if length == 1 else level.supported
            counts = np.where(supported, np.floor(np.maximum(estimates, 0) + 0.5), 0).astype(np.int64)
        else:
            counts = _limit_by_shorter(estimates, level.items, noisy.column, levels[-1])
        levels.append(LevelCounts(level.items, in_records, estimates, level.spread * ratio, counts))
    return levels


def _restore_weight(in_records: Whole, clipped: Floats, sigma: float) -> Floats:
    """Return the ratio of unclipped to clipped counts; rare combinations get that of their length."""
    overall = in_records.sum() / clipped.sum() if clipped.sum() else 1.0
    return np.asarray((in_records + STEADY * sigma * overall) / (clipped + STEADY * sigma))


class _Tally:
    """Bits of the records by value, in segments of records with one weight."""

    def __init__(self, noisy: Noisy, records: CodedRecords) -> None:
        sizes = np.diff(records.start)
        self.most, self.clip = max(len(noisy.lengths) - 1, int(sizes.max(initial=0))), noisy.clip
        row = np.repeat(np.arange(records.people), sizes)
        kind = np.maximum(sizes, noisy.clip)  # records of up to K values have full weight
        self.segments = []
        for size in np.unique(kind):
            place = np.cumsum(kind == size) - 1
            inside = kind[row] == size
            bits = np.zeros((len(noisy.column), 8 * -(-int((kind == size).sum()) // 64)), np.uint8)
            value, at = records.values[inside], place[row[inside]]
            np.bitwise_or.at(bits, (value, at // 8), (1 << (at % 8)).astype(np.uint8))
            self.segments.append((int(size), bits.view(np.uint64)))

    def count(self, items: Items, length: int) -> tuple[Whole, Floats]:
        """Return the numbers of records with each combination, and the same with the weights of the clipping."""
        weight = np.array(weights(self.clip, length, self.most)) / UNIT
        whole, clipped = np.zeros(len(items), np.int64), np.zeros(len(items))
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            for size, bits in self.segments:
                both = bits[part[:, 0]]
                for other in range(1, length):
                    both = both & bits[part[:, other]]
                people = np.bitwise_count(both).sum(axis=1, dtype=np.int64)
                whole[start : start + BATCH] += people
                clipped[start : start + BATCH] += people * weight[size]
        return whole, clipped


def _limit_by_shorter(estimates: Floats, items: Items, column: Items, shorter: LevelCounts) -> Whole:
    """Return whole counts of at most those of every shorter combination, alone and summed over a column."""
    lowered, most = np.zeros(len(estimates)), np.full(len(estimates), np.inf)
    columns = int(column.max(initial=0)) + 1
    for left_out in range(items.shape[1]):
        parent = _find(np.delete(items, left_out, axis=1), shorter.items, len(column))
        available = np.where(parent >= 0, shorter.counts[parent], 0)
        most = np.minimum(most, available)
        group = (parent + 1) * columns + column[items[:, left_out]]
        lowered = np.maximum(lowered, _find_reduction(estimates, group, available))
    return np.floor(np.clip(estimates - lowered, 0, most) + 1e-9).astype(np.int64)


def _find_reduction(estimates: Floats, group: Whole, available: Whole) -> Floats:
    """Return by how much the counts of a group fall so that the positive ones sum to what is available.

    This is the nearest point, by least squares, of the counts that are not negative and do not exceed the sum: Duchi,
    Shalev-Shwartz, Singer and Chandra 2008, "Efficient projections onto the l1-ball for learning in high dimensions".
    """
    order = np.lexsort((-estimates, group))
    sorted_groups, values, limit = group[order], np.maximum(estimates[order], 0), available[order]
    starts = np.flatnonzero(np.concatenate([[True], sorted_groups[1:] != sorted_groups[:-1]]))
    number = np.repeat(np.arange(len(starts)), np.diff([*starts, len(order)]))
    sums = np.cumsum(values)
    sums -= (sums[starts] - values[starts])[number]
    rank = np.arange(len(order)) - starts[number] + 1
    reduction = (sums - limit) / rank  # of the k largest; the right k is the last whose value exceeds it
    largest = np.maximum.reduceat(np.maximum(reduction, 0), starts)[number]
    result = np.empty(len(order))
    result[order] = largest
    return result


def _find(items: Items, among: Items, size: int) -> NDArray[np.int64]:
    """Return the places of combinations among others; -1 for one that is not there."""
    keys, others = (_number(part, size) for part in (items, among))
    order = np.argsort(others)
    place = np.searchsorted(others[order], keys)
    place[place == len(others)] = 0
    is_there = others[order][place] == keys if len(others) else np.zeros(len(keys), bool)
    return np.where(is_there, order[place] if len(others) else -1, -1)


def _number(items: Items, size: int) -> NDArray[np.int64]:
    numbers = np.zeros(len(items), np.int64)
    for column in items.T:
        numbers = numbers * size + column
    return numbers


def tabulate_counts(levels: list[LevelCounts], public: Schema) -> pl.DataFrame:
    """Return the counts as a table: columns, values, count, 95% interval, estimate, records."""
    names = pl.Series([column.name for column in public for _ in column.values], dtype=pl.String)
    values = pl.Series([value for column in public for value in column.values], dtype=pl.String)
    parts = [_tabulate_level(level, names, values) for level in levels]
    return pl.concat(parts, how="diagonal").select([*_list_heads(len(levels)), *HEADS])


def _list_heads(lengths: int) -> list[str]:
    return [f"{kind}_{place}" for place in range(1, lengths + 1) for kind in ("column", "value")]


def _tabulate_level(level: LevelCounts, names: pl.Series, values: pl.Series) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    for place, item in enumerate(level.items.T, 1):
        columns[f"column_{place}"] = names.gather(item)
        columns[f"value_{place}"] = values.gather(item)
    ends = level.estimates + Z * np.array([[-1.0], [1.0]]) * level.sigma
    low, high = np.maximum(np.floor(ends[0]), 0), np.maximum(np.ceil(ends[1]), 0)
    return pl.DataFrame(
        columns
        | {
            "count": pl.Series(level.counts),
            "low": pl.Series(low.astype(np.int64)),
            "high": pl.Series(high.astype(np.int64)),
            "estimate": pl.Series(level.estimates.round(1)),
            "records": pl.Series(level.in_records),
        }
    )
