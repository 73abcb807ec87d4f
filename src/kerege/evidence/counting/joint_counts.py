"""Marginals of two frames of the same columns, with one numbering of their combinations."""

from __future__ import annotations

from typing import cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.marginal_counts import Counts, Marginals, Numbering
from kerege.evidence.counting.marginals import all_marginals


def count_both(original: pl.DataFrame, synthetic: pl.DataFrame, order: int) -> tuple[Marginals, Marginals]:
    """Return the marginals of two frames; each value of a multi-valued column in either frame is a column."""
    both = (original, synthetic)
    lists = [name for name in original.columns if any(isinstance(frame[name].dtype, pl.List) for frame in both)]
    by_column = {name: {value for frame in both for value in _list_values(frame[name])} for name in lists}
    split_columns = {name: sorted(values) for name, values in by_column.items() if values}
    true_counts, synthetic_counts = (all_marginals(frame, order, apart=split_columns) for frame in both)
    return true_counts, synthetic_counts


def _list_values(column: pl.Series) -> list[str]:
    values = column.explode() if isinstance(column.dtype, pl.List) else column
    return cast(list[str], values.drop_nulls().unique().to_list())


def number_jointly(true: Marginals, synthetic: Marginals) -> tuple[list[list[str]], Numbering]:
    """Return the sorted values of both marginals by column, and the numbering of their combinations."""
    values = [sorted({*true.values[name], *synthetic.values[name]}) for name in true.columns]
    return values, Numbering([len(column_values) for column_values in values], true.order)


def renumber(counted: Marginals, values: list[list[str]], numbering: Numbering, length: int) -> tuple[Counts, Counts]:
    """Return ascending numbers (combinations,) of combinations in `numbering`, and their counts.

    `values` are the sorted values of both marginals by column.
    """
    columns, codes, counts = counted.combinations(length)
    own_values = list(counted.values.values())
    starts = np.cumsum([0, *map(len, own_values)])
    places = [
        np.searchsorted(np.array(joint), np.array(own_column))
        for joint, own_column in zip(values, own_values, strict=True)
        if own_column
    ]
    flat = starts[columns] + codes
    numbers = numbering.cells(columns, np.concatenate([*places, np.empty(0)]).astype(np.int64)[flat])
    return numbers, counts


def look_up_counts(numbers: Counts, others: Counts, counts: Counts) -> Counts:
    """Return the counts of numbers, looked up among other numbers (both ascending).

    0 for a missing number.
    """
    is_found, places = find(numbers, others)
    result = np.zeros(len(numbers), dtype=np.int64)
    result[is_found] = counts[places]
    return result


def find(numbers: Counts, among: Counts) -> tuple[NDArray[np.bool_], Counts]:
    """Return which numbers occur among others (both ascending), and the positions of those."""
    positions = np.searchsorted(among, numbers)
    is_found = positions < len(among)
    is_found[is_found] = among[positions[is_found]] == numbers[is_found]
    return is_found, positions[is_found]
