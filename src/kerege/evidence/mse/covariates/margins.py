"""Lists and covariates as cells, and what was observed of them: margins where a covariate is not known.

A cell is a history of lists and a stratum, one level of every covariate; its number is history times the number of
strata plus the stratum. A group is what is known of some people: a history and the levels of the covariates that were
recorded; it is the set of cells they may be in.
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

    lists (t,) and covariates (v,) are names, `recorded` (v,) on which lists each covariate is known, as bitmasks;
    `levels` (v,) the values of each covariate. history (G,), known (G, v) levels by number, -1 where not known, and
    counts (G,) are those of the groups with people.
    """

    lists: tuple[str, ...]
    covariates: tuple[str, ...]
    recorded: tuple[int, ...]
    levels: tuple[tuple[str, ...], ...]
    history: Whole = field(repr=False)
    known: Whole = field(repr=False)
    counts: Whole = field(repr=False)
    made: dict[tuple[int, ...], Any] = field(default_factory=dict, repr=False)  # of terms, by the fits

    @cached_property
    def sizes(self) -> tuple[int, ...]:
        """Levels of every variable, lists first."""
        return (2,) * len(self.lists) + tuple(map(len, self.levels))

    @property
    def names(self) -> tuple[str, ...]:
        """Of every variable, lists first."""
        return self.lists + self.covariates

    @cached_property
    def strata(self) -> int:
        """How many combinations of levels there are."""
        return int(np.prod(self.sizes[len(self.lists) :], dtype=np.int64))

    @property
    def people(self) -> int:
        """How many were seen."""
        return int(self.counts.sum())

    @cached_property
    def values(self) -> Whole:
        """Level of every variable (variables, cells)."""
        cells = np.arange((1 << len(self.lists)) * self.strata)
        history, stratum = np.divmod(cells, self.strata)
        lists = [(history >> j) & 1 for j in range(len(self.lists))]
        found: list[Whole] = []
        for size in reversed(self.sizes[len(self.lists) :]):
            stratum, level = np.divmod(stratum, size)
            found.insert(0, level)
        return np.array([*lists, *found])

    def inside(self, history: Whole, known: Whole) -> sparse.csr_array:
        """Which cells (G, cells) the groups with these histories (G,) and known levels (G, v) are made of."""
        rows, columns = [], []
        by_levels = self.values[len(self.lists) :, : self.strata]
        for number, (bits, levels) in enumerate(zip(history, known, strict=True)):
            fits = np.all((levels[:, None] < 0) | (by_levels == levels[:, None]), axis=0)
            places = np.flatnonzero(fits) + bits * self.strata
            rows.append(np.full(len(places), number))
            columns.append(places)
        shape = (len(history), self.values.shape[1])
        ones = np.ones(sum(map(len, rows)))
        return sparse.csr_array((ones, (np.concatenate(rows), np.concatenate(columns))), shape=shape)

    @cached_property
    def groups(self) -> sparse.csr_array:
        """Cells (G, cells) of the groups with people."""
        return self.inside(self.history, self.known)

    def everything(self) -> sparse.csr_array:
        """Cells of all groups that could have people, were nothing left unanswered where it is recorded."""
        history, known = [], []
        for bits in range(1, 1 << len(self.lists)):
            on = [bool(bits & lists) for lists in self.recorded]
            sizes = [len(levels) if there else 1 for levels, there in zip(self.levels, on, strict=True)]
            for place in np.ndindex(*sizes):
                history.append(bits)
                known.append([level if there else -1 for level, there in zip(place, on, strict=True)])
        return self.inside(np.array(history), np.array(known, np.int64).reshape(len(history), len(self.covariates)))


def margins_of(
    table: pl.DataFrame, lists: Sequence[str], covariates: Mapping[str, Sequence[str]], count: str = "count"
) -> Margins:
    """Group the rows of a table: 0/1 columns of lists, columns of covariates (null where not known), and counts.

    `covariates` says on which lists each is recorded. Without a column `count` each row is a person. Raises BadLists.
    """
    _check_columns(table, lists, covariates, count)
    history = reduce(
        lambda total, j: total + (_on(table, lists[j]) << j), range(len(lists)), np.zeros(len(table), np.int64)
    )
    counts = _counts(table, count)
    if np.any((history == 0) & (counts > 0)):
        raise lists_error("some people are on no list", "leave them out: nobody has seen them")
    recorded = tuple(sum(1 << list(lists).index(name) for name in there) for there in covariates.values())
    levels, known = [], np.empty((len(table), len(covariates)), np.int64)
    for v, (name, there) in enumerate(covariates.items()):
        text = table[name].cast(pl.String)
        text = text.set(text.is_in(MISSING), None)
        found = text.drop_nulls().unique().sort().to_list()
        if not found:
            raise lists_error(f"{name} is known of nobody", "leave it out")
        if np.any(text.is_not_null().to_numpy() & ((history & recorded[v]) == 0)):
            raise lists_error(
                f"{name} is known of people on none of the lists {', '.join(there)}", "name all that record it"
            )
        place = {value: number for number, value in enumerate(found)}
        known[:, v] = [-1 if value is None else place[value] for value in text]
        levels.append(tuple(found))
    made = _grouped(tuple(lists), tuple(covariates), recorded, tuple(levels), history, known, counts)
    if (1 << len(lists)) * made.strata > MOST_CELLS:
        raise lists_error(f"{len(lists)} lists and {made.strata} strata are too many", "merge lists or levels")
    return made


def _grouped(
    lists: tuple[str, ...],
    covariates: tuple[str, ...],
    recorded: tuple[int, ...],
    levels: tuple[tuple[str, ...], ...],
    history: Whole,
    known: Whole,
    counts: Whole,
) -> Margins:
    groups, place = np.unique(np.column_stack([history, known]), axis=0, return_inverse=True)
    people = np.bincount(place.ravel(), counts, len(groups)).astype(np.int64)
    groups, people = groups[people > 0], people[people > 0]
    if not len(people):
        raise lists_error("nobody is on any list", "give lists with people on them")
    for j, name in enumerate(lists):
        if not np.any((groups[:, 0] >> j) & 1):
            raise lists_error(f"nobody is on list {name}", "leave it out")
    if not np.any(groups[:, 0] & (groups[:, 0] - 1)):
        raise lists_error("nobody is on two lists", "nothing tells how many are on none")
    return Margins(lists, covariates, recorded, levels, groups[:, 0], groups[:, 1:], people)


def _check_columns(
    table: pl.DataFrame, lists: Sequence[str], covariates: Mapping[str, Sequence[str]], count: str
) -> None:
    check_names([*lists, *covariates, count])
    if not 2 <= len(lists) <= MOST_LISTS:
        raise lists_error(f"{len(lists)} list{'s' * (len(lists) != 1)}", f"give 2 to {MOST_LISTS}")
    missing = [name for name in [*lists, *covariates] if name not in table.columns]
    if missing:
        raise lists_error(f"there is no column {missing[0]}", f"name columns of the table: {', '.join(table.columns)}")
    for name, there in covariates.items():
        unknown = [one for one in there if one not in lists]
        if unknown or not there:
            raise lists_error(f"{name} is recorded on {unknown[0] if unknown else 'no list'}", "name some of the lists")


def _on(table: pl.DataFrame, name: str) -> Whole:
    column = table[name].cast(pl.Float64, strict=False)
    if column.null_count() or not column.is_in([0.0, 1.0]).all():
        raise lists_error(f"list {name} has values other than 0 and 1", "write 1 for people on it and 0 for others")
    return column.to_numpy().astype(np.int64)


def _counts(table: pl.DataFrame, count: str) -> Whole:
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
