"""True counts of the listed combinations, and the candidates that are measured for each length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import polars as pl

from kerege.evidence.counting import Marginals, chosen_counts
from kerege.evidence.synthesis.measurement.noisy_counts import (
    Counts,
    Items,
    NoisyLevel,
)
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.measurement.structural_limits import find_impossible_pairs

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Source: TypeAlias = pl.DataFrame | Path | ir.Table

MOST_CANDIDATES = 200_000  # per length: the secure sampler draws about 100,000 a second


@dataclass(frozen=True)
class CountedRows:
    """The records, their weights by length, and their clipped counts up to the fully counted length."""

    source: Source
    weights: Sequence[Sequence[int]]
    marginals: Marginals


class ValueNumbers:
    """Numbers of the values of a schema, column after column, which differ from the numbers in the counts.

    `column` holds the counted column of each value; each value of a multi-valued column has a column of its own.
    `first` holds the first value of each column, then the end. `impossible` are the pairs that no person can have.
    """

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        sizes = [len(column.values) for column in schema]
        self.first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        steps = [[1] * size if column.multi else [size] for size, column in zip(sizes, schema, strict=True)]
        flat = [size for step in steps for size in step]
        self.column = np.repeat(np.arange(len(flat), dtype=np.int32), flat)
        self.singles = np.arange(len(self.column), dtype=np.int32)[:, None]
        self.impossible = find_impossible_pairs(schema)


class TrueCounts:
    """True clipped counts by combination. Instances must not leave this module."""

    def __init__(self, rows: CountedRows, numbers: ValueNumbers) -> None:
        self.rows, self.marginals, self.schema = rows, rows.marginals, numbers.schema
        self.places = np.zeros(numbers.first[-1], dtype=np.int64)  # 0 for a value that is the only one of its column
        for number, column in enumerate(numbers.schema):
            if not column.multi:
                codes = {value: code for code, value in enumerate(self.marginals.values[column.name])}
                indices = [codes.get(value, -1) for value in column.values]
                self.places[numbers.first[number] : numbers.first[number + 1]] = indices
        self.column = numbers.column.astype(np.int64)

    def counts(self, items: Items) -> Counts:
        """Return the clipped counts (cells,) of combinations (cells, length); 0 for one that no record has."""
        if not len(items):
            return np.zeros(0, dtype=np.int64)
        if (length := items.shape[1]) > self.marginals.order:
            split_columns = {column.name for column in self.schema if column.multi}
            values = {column.name: column.values for column in self.schema}
            return chosen_counts(
                self.rows.source,
                values,
                items,
                multi=split_columns,
                apart=split_columns,
                weights=self.rows.weights[length - 1],
            )
        codes = self.places[items]
        counts = np.zeros(len(items), dtype=np.int64)
        is_known = (codes >= 0).all(axis=1)
        cells = self.marginals.numbering.cells(self.column[items[is_known]], codes[is_known])
        positions = np.searchsorted(self.marginals.cells, cells)
        positions[positions == len(self.marginals.cells)] = 0
        is_counted = (
            self.marginals.cells[positions] == cells if len(self.marginals.cells) else np.zeros(len(positions), bool)
        )
        counts[np.flatnonzero(is_known)[is_counted]] = self.marginals.hits[positions[is_counted]]
        return counts


def find_candidates(numbers: ValueNumbers, before: NoisyLevel) -> Items:
    """Return the combinations to measure next: pairs of supported values, or triples of supported pairs."""
    supported, values = before.items[before.supported], before.values[before.supported]
    if supported.shape[1] == 1:
        return _select_best(*_without_impossible(*_list_pairs(supported[:, 0], values, numbers.column), numbers))[0]
    return _select_best(*_list_triples(supported, values))[0]


def _select_best(items: Items, least: Counts) -> tuple[Items, Counts]:
    """Return at most MOST_CANDIDATES combinations, those whose rarest part has the largest noisy count."""
    if len(items) <= MOST_CANDIDATES:
        return items, least
    most = np.sort(np.argpartition(-least, MOST_CANDIDATES)[:MOST_CANDIDATES])
    return items[most], least[most]


def _list_pairs(kept: Items, values: Counts, column: Items) -> tuple[Items, Counts]:
    """Return pairs of values of different columns, and the smaller noisy count of the two values.

    `kept` must be in the order of the columns.
    """
    largest = _select_largest(column[kept], values)
    kept, values = kept[largest], values[largest]
    ends = np.searchsorted(column[kept], column[kept], side="right")  # start of the following columns
    later = len(kept) - ends
    first = np.repeat(np.arange(len(kept)), later)
    second = np.arange(len(first)) - np.repeat(np.cumsum(later) - later, later) + np.repeat(ends, later)
    return np.column_stack([kept[first], kept[second]]), np.minimum(values[first], values[second])


def _without_impossible(pairs: Items, least: Counts, numbers: ValueNumbers) -> tuple[Items, Counts]:
    """Return the pairs that a person can have, and their smaller counts."""
    size = len(numbers.column)
    keys, excluded = (item[:, 0].astype(np.int64) * size + item[:, 1] for item in (pairs, numbers.impossible))
    is_possible = ~np.isin(keys, excluded)
    return pairs[is_possible], least[is_possible]


def _select_largest(column: Items, values: Counts) -> Counts:
    """Return the indices of the largest values that suffice for MOST_CANDIDATES pairs.

    A pair with a smaller value ranks after all of these, so the pairs of thousands of values need not be listed.
    """
    order = np.argsort(-values, kind="stable")
    by_column = np.argsort(column[order], kind="stable")
    columns = column[order][by_column]
    rank = np.empty(len(order), dtype=np.int64)
    rank[by_column] = np.arange(len(columns)) - np.searchsorted(columns, columns)
    pairs = np.cumsum(np.arange(len(order)) - rank)
    return np.sort(order[: np.searchsorted(pairs, MOST_CANDIDATES) + 1])


def _list_triples(kept: Items, values: Counts) -> tuple[Items, Counts]:
    """Return triples of which every pair is kept, and the smallest noisy count of their pairs.

    If there are too many, only the best ones are returned (`_select_best`).
    """
    used, places = np.unique(kept, return_inverse=True)
    pairs = places.reshape(kept.shape)
    count = np.full((len(used), len(used)), -1, dtype=np.int64)
    count[pairs[:, 0], pairs[:, 1]] = values
    linked = count > -1
    batches, least, total = [np.empty((0, 3), np.int32)], [np.empty(0, np.int64)], 0
    for (first, second), value in zip(pairs, values, strict=True):
        third = np.flatnonzero(linked[first] & linked[second])
        if not len(third):
            continue
        batches.append(used[np.column_stack([np.full((len(third), 2), [first, second]), third])])
        least.append(np.minimum(value, np.minimum(count[first, third], count[second, third])))
        total += len(third)
        if total > 8 * MOST_CANDIDATES:
            best = _select_best(np.concatenate(batches), np.concatenate(least))
            batches, least, total = [best[0]], [best[1]], len(best[0])
    return np.concatenate(batches).astype(np.int32), np.concatenate(least)
