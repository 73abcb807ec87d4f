"""Lists and covariates as cells, and the observed groups of cells if a covariate is unknown.

A cell is a capture history and a stratum, which is one level of each covariate. Its number is history times the number
of strata plus the stratum. A group has a history and the levels of the recorded covariates. It is the set of cells in
which its people may be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from kerege.evidence.mse.lists import MOST_LISTS, MOST_PEOPLE, check_names, lists_error

MOST_CELLS = 100_000
MISSING = ("", "NA")
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Margins:
    """People by group.

    lists (t,) and covariates (v,) are names. recorded (v,): bitmask of the lists on which each covariate is recorded.
    levels (v,): values of each covariate. history (G,), known (G, v; level numbers, -1 if unknown) and counts (G,)
    describe the groups with people. blocks: a cache of the design blocks of the fits, by term.
    """

    lists: tuple[str, ...]
    covariates: tuple[str, ...]
    recorded: tuple[int, ...]
    levels: tuple[tuple[str, ...], ...]
    history: Whole = field(repr=False)
    known: Whole = field(repr=False)
    counts: Whole = field(repr=False)
    blocks: dict[tuple[int, ...], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Number of levels of each variable, lists first."""
        return (2,) * len(self.lists) + tuple(map(len, self.levels))

    @property
    def names(self) -> tuple[str, ...]:
        """Name of each variable, lists first."""
        return self.lists + self.covariates

    @cached_property
    def strata(self) -> int:
        """Number of strata (combinations of levels)."""
        return int(np.prod(self.sizes[len(self.lists) :], dtype=np.int64))

    @property
    def people(self) -> int:
        """Number of observed people."""
        return int(self.counts.sum())

    @cached_property
    def values(self) -> Whole:
        """Level of each variable in each cell (variables, cells)."""
        cells = np.arange((1 << len(self.lists)) * self.strata)
        history, stratum = np.divmod(cells, self.strata)
        lists = [(history >> j) & 1 for j in range(len(self.lists))]
        covariate_levels: list[Whole] = []
        for size in reversed(self.sizes[len(self.lists) :]):
            stratum, level = np.divmod(stratum, size)
            covariate_levels.insert(0, level)
        return np.array([*lists, *covariate_levels])

    def cells_of(self, history: Whole, known: Whole) -> sparse.csr_array:
        """Return the cells (G, cells) of groups with these histories (G,) and known levels (G, v)."""
        rows, columns = [], []
        by_levels = self.values[len(self.lists) :, : self.strata]
        for group, (bits, levels) in enumerate(zip(history, known, strict=True)):
            matches = np.all((levels[:, None] < 0) | (by_levels == levels[:, None]), axis=0)
            positions = np.flatnonzero(matches) + bits * self.strata
            rows.append(np.full(len(positions), group))
            columns.append(positions)
        shape = (len(history), self.values.shape[1])
        ones = np.ones(sum(map(len, rows)))
        return sparse.csr_array((ones, (np.concatenate(rows), np.concatenate(columns))), shape=shape)

    @cached_property
    def groups(self) -> sparse.csr_array:
        """Cells (G, cells) of the groups with people."""
        return self.cells_of(self.history, self.known)

    def possible_groups(self) -> sparse.csr_array:
        """Return the cells of all groups that could have people if each recorded covariate were always known."""
        history, known = [], []
        for bits in range(1, 1 << len(self.lists)):
            is_recorded = [bool(bits & lists) for lists in self.recorded]
            sizes = [len(levels) if recorded else 1 for levels, recorded in zip(self.levels, is_recorded, strict=True)]
            for combination in np.ndindex(*sizes):
                history.append(bits)
                known.append(
                    [level if recorded else -1 for level, recorded in zip(combination, is_recorded, strict=True)]
                )
        return self.cells_of(np.array(history), np.array(known, np.int64).reshape(len(history), len(self.covariates)))


def make_margins(
    table: pl.DataFrame, lists: Sequence[str], covariates: Mapping[str, Sequence[str]], count: str = "count"
) -> Margins:
    """Group the rows of a table with lists, covariates and counts.

    The columns of lists are 0/1; a covariate is null if unknown. `covariates` maps each covariate to the lists that
    record it. Without a column `count` each row is a person. Raises BadLists.
    """
    _check_columns(table, lists, covariates, count)
    history = reduce(
        lambda total, j: total + (_list_column(table, lists[j]) << j), range(len(lists)), np.zeros(len(table), np.int64)
    )
    counts = _count_column(table, count)
    if np.any((history == 0) & (counts > 0)):
        raise lists_error("some people are on no list", "leave them out: nobody has seen them")
    recorded = tuple(sum(1 << list(lists).index(name) for name in recording) for recording in covariates.values())
    levels, known = [], np.empty((len(table), len(covariates)), np.int64)
    for v, (name, recording) in enumerate(covariates.items()):
        text = table[name].cast(pl.String)
        text = text.set(text.is_in(MISSING), None)
        values = text.drop_nulls().unique().sort().to_list()
        if not values:
            raise lists_error(f"{name} is not known for any person", "leave it out")
        if np.any(text.is_not_null().to_numpy() & ((history & recorded[v]) == 0)):
            raise lists_error(
                f"{name} is known of people on none of the lists {', '.join(recording)}", "name all that record it"
            )
        numbers = {value: number for number, value in enumerate(values)}
        known[:, v] = [-1 if value is None else numbers[value] for value in text]
        levels.append(tuple(values))
    margins = _sum_by_group(
        tuple(lists),
        tuple(covariates),
        recorded=recorded,
        levels=tuple(levels),
        history=history,
        known=known,
        counts=counts,
    )
    if (1 << len(lists)) * margins.strata > MOST_CELLS:
        raise lists_error(f"{len(lists)} lists and {margins.strata} strata are too many", "merge lists or levels")
    return margins


def _sum_by_group(
    lists: tuple[str, ...],
    covariates: tuple[str, ...],
    recorded: tuple[int, ...],
    levels: tuple[tuple[str, ...], ...],
    history: Whole,
    known: Whole,
    counts: Whole,
) -> Margins:
    """Return margins with people summed by group.

    Raises BadLists if a list is empty or no person is on two lists.
    """
    groups, inverse = np.unique(np.column_stack([history, known]), axis=0, return_inverse=True)
    people = np.bincount(inverse.ravel(), counts, len(groups)).astype(np.int64)
    groups, people = groups[people > 0], people[people > 0]
    if not len(people):
        raise lists_error("nobody is on any list", "give lists with people on them")
    for j, name in enumerate(lists):
        if not np.any((groups[:, 0] >> j) & 1):
            raise lists_error(f"nobody is on list {name}", "leave it out")
    if not np.any(groups[:, 0] & (groups[:, 0] - 1)):
        raise lists_error("nobody is on two lists", "the lists cannot show how many are on none")
    return Margins(
        lists=lists,
        covariates=covariates,
        recorded=recorded,
        levels=levels,
        history=groups[:, 0],
        known=groups[:, 1:],
        counts=people,
    )


def _check_columns(
    table: pl.DataFrame, lists: Sequence[str], covariates: Mapping[str, Sequence[str]], count: str
) -> None:
    """Raise BadLists if columns are missing, or a covariate is recorded on none of the lists."""
    check_names([*lists, *covariates, count])
    if not 2 <= len(lists) <= MOST_LISTS:
        raise lists_error(f"the number of lists is {len(lists)}", f"give 2 to {MOST_LISTS}")
    missing = [name for name in [*lists, *covariates] if name not in table.columns]
    if missing:
        raise lists_error(f"there is no column {missing[0]}", f"name columns of the table: {', '.join(table.columns)}")
    for name, recording in covariates.items():
        unknown = [listed for listed in recording if listed not in lists]
        if unknown or not recording:
            raise lists_error(f"{name} is recorded on {unknown[0] if unknown else 'no list'}", "name some of the lists")


def _list_column(table: pl.DataFrame, name: str) -> Whole:
    """Return the 0/1 column of a list as int64. Raises BadLists for other values."""
    column = table[name].cast(pl.Float64, strict=False)
    if column.null_count() or not column.is_in([0.0, 1.0]).all():
        raise lists_error(f"list {name} has values other than 0 and 1", "write 1 for people on it and 0 for others")
    return column.to_numpy().astype(np.int64)


def _count_column(table: pl.DataFrame, count: str) -> Whole:
    """Return the counts as int64; 1 for each row without a column of counts. Raises BadLists."""
    if count not in table.columns:
        return np.ones(len(table), np.int64)
    column = table[count].cast(pl.Float64, strict=False)
    values = column.to_numpy()
    if column.null_count() or not np.all(np.isfinite(values)):
        raise lists_error(f"a number is missing in column {count}", "give whole numbers of people")
    if np.any(values < 0) or np.any(values != np.floor(values)):
        raise lists_error(f"a number in column {count} is negative or a fraction", "give whole numbers of people")
    if values.sum() > MOST_PEOPLE:
        raise lists_error(
            f"more than {MOST_PEOPLE:,} people", "give counts of people on lists, not of a whole population"
        )
    return values.astype(np.int64)
