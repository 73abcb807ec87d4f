"""Rounded counts of the combinations of values, at which the assembly of records aims."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting import Counts, Marginals, all_marginals

if TYPE_CHECKING:
    pass

MOST_COMBINATIONS = 4_000_000


class Item(NamedTuple):
    """A value of a column of the original, and the number of its column in the counts."""

    name: str
    value: str
    column: int


class RoundedCounts(NamedTuple):
    """The inputs of the assembly: items, allowed combinations and their rounded counts."""

    rows: int
    order: int
    items: list[Item]
    combinations: Counts  # (combinations, order): items, ascending; -1 behind the last
    lengths: Counts
    counts: Counts  # target number of records of each combination


def count_targets(frame: pl.DataFrame, k: int, order: int, multi: frozenset[str]) -> tuple[RoundedCounts, list[str]]:
    """Return the rounded counts of allowed combinations, and the names of all columns.

    Later steps see no records.
    """
    single = all_marginals(frame, 1, multi=multi)
    rows = frame.height // k * k
    frequent = _find_frequent_values(single, k)
    if not frequent:
        return RoundedCounts(rows, 1, [], np.empty((0, 1), np.int64), *[np.empty(0, np.int64)] * 2), single.columns
    split_columns = {name: values for name, values in frequent.items() if is_multi_valued(frame[name], name, multi)}
    plain = [
        pl.when(column.is_in(frequent[column.name])).then(column).alias(column.name)
        for column in (frame[name].cast(pl.String) for name in frequent if name not in split_columns)
    ]
    marginals = all_marginals(
        frame.with_columns(plain), order, columns=list(frequent), multi=multi & {*frequent}, apart=split_columns
    )
    order, items = marginals.order, _list_items(frequent, split_columns)
    combinations, lengths, counts = [], [], []
    starts = np.cumsum([0, *map(len, marginals.values.values())])
    for length in range(1, order + 1):
        columns, codes, hits = marginals.combinations(length)
        allowed = hits >= k
        items_of_combinations = starts[columns[allowed]] + codes[allowed]
        combinations.append(np.pad(items_of_combinations, ((0, 0), (0, order - length)), constant_values=-1))
        lengths.append(np.full(len(items_of_combinations), length))
        counts.append(hits[allowed] // k * k)
    all_combinations = np.concatenate(combinations)
    if len(all_combinations) > MOST_COMBINATIONS:
        fault = Fault(
            f"there are {len(all_combinations):,} combinations of up to {order} values, too many to hold in memory",
            "take a lower order, a larger k or fewer columns",
        )
        raise BadInput(fault)
    return RoundedCounts(
        rows=rows,
        order=order,
        items=items,
        combinations=all_combinations,
        lengths=np.concatenate(lengths),
        counts=_compute_targets(all_combinations, counts, k),
    ), single.columns


def _compute_targets(combinations: Counts, counts: list[Counts], k: int) -> Counts:
    """Return the target counts: rounded totals, and for combinations the middle of the rounding range.

    No target exceeds the total of one of its values.
    """
    totals = np.append(counts[0], np.iinfo(np.int64).max)  # the padding -1 selects the last element: no limit
    rounded = np.concatenate([counts[0], *(longer + (k - 1) // 2 for longer in counts[1:])])
    return np.asarray(np.minimum(rounded, totals[combinations].min(axis=1)))


def _find_frequent_values(single: Marginals, k: int) -> dict[str, list[str]]:
    """Return by column the values that at least k people have; columns without such values are left out."""
    frequent = {
        name: [value for value, hits in zip(values, single[name].tolist(), strict=True) if hits >= k]
        for name, values in single.values.items()
    }
    return {name: values for name, values in frequent.items() if values}


def _list_items(frequent: Mapping[str, list[str]], split_columns: Collection[str]) -> list[Item]:
    """Return the values in counting order; each value of a multi-valued column has a column of its own."""
    items: list[Item] = []
    for name, values in frequent.items():
        first = items[-1].column + 1 if items else 0
        items += [
            Item(name, value, first + (place if name in split_columns else 0)) for place, value in enumerate(values)
        ]
    return items


def is_multi_valued(column: pl.Series, name: str, multi: frozenset[str]) -> bool:
    return isinstance(column.dtype, pl.List) or (column.dtype == pl.String and name in multi)
