"""Marginal counts: every combination that occurs, with its count, under one number for each cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown

Counts = NDArray[np.int64]
Codes = NDArray[np.int64]
MOST_NUMBERS = 1 << 62
MOST_CELLS = 50_000_000
MOST_TABLES = 5_000_000


class Numbering:
    """Numbers of all cells of all tables of 1 to `order` columns, the last axis fastest.

    Tables are ordered by their number of columns, then colexicographically: by their last column, then by the one
    before. Raises BadInput when the numbers would not fit into 62 bits.
    """

    def __init__(self, sizes: Sequence[int], order: int) -> None:
        self.sizes = np.array(sizes, dtype=np.int64)
        self.order = order
        self.choose = np.array([[comb(c, t + 1) for c in range(len(sizes) + 1)] for t in range(order)], dtype=np.int64)
        if sum(comb(len(sizes), length) for length in range(1, order + 1)) > MOST_TABLES:
            raise BadInput(
                Fault(
                    f"there are more than {MOST_TABLES:,} tables of up to {order} of {len(sizes)} columns",
                    "take a lower order or fewer columns",
                )
            )
        self.first: list[Counts] = []
        total = 0
        for length in range(1, order + 1):
            cells = _table_sizes(self.sizes, length)
            if total + float(cells.sum()) > MOST_NUMBERS:
                raise BadInput(
                    Fault(
                        "the columns have too many values to be combined",
                        f"take a lower order than {order} or fewer columns",
                    )
                )
            self.first.append(np.concatenate([[total], total + np.cumsum(cells.astype(np.int64))]))
            total = int(self.first[-1][-1])

    def table(self, columns: Sequence[int]) -> tuple[int, int]:
        """Return the number of the first cell of a table and that after its last; `columns` must ascend."""
        rank = sum(comb(column, t + 1) for t, column in enumerate(columns))
        first = self.first[len(columns) - 1]
        return int(first[rank]), int(first[rank + 1])

    def cells(self, columns: Codes, codes: Codes) -> Counts:
        """Return the numbers of cells from their columns and codes, both (cells, length).

        Columns ascend along a row.
        """
        rank = np.zeros(len(columns), dtype=np.int64)
        place = np.zeros(len(columns), dtype=np.int64)
        for t in range(columns.shape[1]):
            rank += self.choose[t][columns[:, t]]
            place = place * self.sizes[columns[:, t]] + codes[:, t]
        return np.asarray(self.first[columns.shape[1] - 1][rank] + place)


def _table_sizes(sizes: Counts, length: int) -> NDArray[np.float64] | Counts:
    """Return the number of cells of every table of `length` columns, as floats where integers overflow."""
    chosen = list_column_choices(len(sizes), length)
    floats = np.asarray(sizes.astype(np.float64)[chosen].prod(axis=1))
    return floats if floats.sum() > MOST_NUMBERS else np.asarray(sizes[chosen].prod(axis=1))


def list_column_choices(columns: int, length: int) -> Codes:
    """Return every choice of `length` of `columns` columns, in colexicographic order.

    Parameters
    ----------
    columns : int
        Number of columns.
    length : int
        Number of chosen columns.

    Returns
    -------
    (C(columns, length), length) int64
        Numbers of the columns, ascending along a row.

    Notes
    -----
    Choice c_1 < ... < c_t has the rank C(c_1, 1) + ... + C(c_t, t), whatever the number of columns: Knuth 2011, "The
    Art of Computer Programming", volume 4A, section 7.2.1.3.

    Examples
    --------
    >>> list_column_choices(3, 2).tolist()
    [[0, 1], [0, 2], [1, 2]]
    """
    if length == 0:
        return np.empty((1, 0), dtype=np.int64)
    shorter = list_column_choices(columns, length - 1)
    counts = [comb(last, length - 1) for last in range(columns)]
    before = np.concatenate([shorter[:count] for count in counts]) if columns else shorter[:0]
    return np.column_stack([before, np.repeat(np.arange(columns), counts)])


@dataclass(frozen=True, eq=False)
class Marginals:
    """Counts of all combinations of reported values of up to `order` columns, over `rows` rows.

    A row adds 1, or its weight, to each combination of values that it reports. Two values of one column form no
    combination. `values` are the values that occur, sorted as text; a code is a position among them. `reported` is the
    number of rows that report the column, `lengths[k]` the number of rows that report k values. k runs from 0 to the
    number of columns, and further where a row reports more. Neither depends on weights. `cells` (numbers of the
    non-empty cells, ascending) and `hits` (their counts) are the canonical form, the same from every engine; read them
    by the methods.
    """

    rows: int
    order: int
    values: dict[str, list[str]]
    reported: dict[str, int]
    lengths: Counts
    cells: Counts
    hits: Counts
    numbering: Numbering = field(repr=False)

    @property
    def columns(self) -> list[str]:
        """Return the columns, in the order of their codes."""
        return list(self.values)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Marginals)
            and (self.rows, self.order, self.reported) == (other.rows, other.order, other.reported)
            and list(self.values.items()) == list(other.values.items())
            and np.array_equal(self.lengths, other.lengths)
            and np.array_equal(self.cells, other.cells)
            and np.array_equal(self.hits, other.hits)
        )

    def not_reported(self, column: str) -> int:
        """Return the number of rows that report nothing in a column.

        Parameters
        ----------
        column : str
            A counted column.

        Returns
        -------
        int
            Number of rows.

        Raises
        ------
        BadInput
            If there is no such column.

        Examples
        --------
        >>> import polars as pl
        >>> from kerege.evidence.counting import all_marginals
        >>> all_marginals(pl.DataFrame({"sex": ["female", None]}), order=1).not_reported("sex")
        1
        """
        self._places([column])
        return self.rows - self.reported[column]

    def tables(self, length: int) -> Iterator[tuple[str, ...]]:
        """Return every choice of `length` columns.

        Parameters
        ----------
        length : int
            Number of columns of each table.

        Returns
        -------
        iterator of tuple of str
            Names of the columns, in the order of the codes.

        Examples
        --------
        >>> import polars as pl
        >>> from kerege.evidence.counting import all_marginals
        >>> list(all_marginals(pl.DataFrame({"a": ["1"], "b": ["2"], "c": ["3"]}), order=2).tables(2))
        [('a', 'b'), ('a', 'c'), ('b', 'c')]
        """
        return combinations(self.columns, length)

    def __getitem__(self, names: str | Sequence[str]) -> Counts:
        """Return the counts of one table, an axis for each column as named. `()` is the number of rows.

        Raises BadInput for an unknown or repeated column, more columns than `order`, more than 50 million cells.
        """
        names = [names] if isinstance(names, str) else list(names)
        places = self._places(names)
        if not places:
            return np.array(self.rows, dtype=np.int64)
        ascending = sorted(places)
        shape = [len(self.values[self.columns[place]]) for place in ascending]
        if prod(shape) > MOST_CELLS:
            raise BadInput(
                Fault(
                    f"the table would have {prod(shape):,} cells",
                    "read its existing combinations",
                    column=listed(names),
                )
            )
        numbers, hits = self._slice(ascending)
        counts = np.zeros(prod(shape), dtype=np.int64)
        counts[numbers] = hits
        return counts.reshape(shape).transpose([ascending.index(place) for place in places])

    def existing(self, names: str | Sequence[str]) -> tuple[Codes, Counts]:
        """Return the combinations of one table that occur, and their counts.

        Parameters
        ----------
        names : str or sequence of str
            Columns of the table, at most `order`.

        Returns
        -------
        codes : (combinations, columns) int64
            Positions among `values` of each column as named.
        counts : (combinations,) int64
            Counts of rows, or sums of weights.

        Raises
        ------
        BadInput
            If a column is unknown or repeated, or there are more columns than `order`.

        Examples
        --------
        >>> import polars as pl
        >>> from kerege.evidence.counting import all_marginals
        >>> codes, counts = all_marginals(pl.DataFrame({"a": ["x", "y", "y"]}), order=1).existing("a")
        >>> codes.tolist(), counts.tolist()
        ([[0], [1]], [1, 2])
        """
        names = [names] if isinstance(names, str) else list(names)
        places = self._places(names)
        if not places:
            return np.empty((1, 0), dtype=np.int64), np.array([self.rows], dtype=np.int64)
        ascending = sorted(places)
        numbers, hits = self._slice(ascending)
        codes = decode_cells(numbers, [len(self.values[self.columns[place]]) for place in ascending])
        return codes[:, [ascending.index(place) for place in places]], hits

    def combinations(self, length: int) -> tuple[Codes, Codes, Counts]:
        """Return all combinations of `length` values that occur.

        Parameters
        ----------
        length : int
            From 1 to `order`.

        Returns
        -------
        columns, codes : (combinations, length) int64
            Numbers of the columns, ascending along a row, and positions among their values.
        counts : (combinations,) int64
            Counts of rows, or sums of weights.

        Raises
        ------
        BadInput
            If combinations of this length were not counted.

        Notes
        -----
        Tables are numbered by the combinatorial number system: Knuth 2011, "The Art of Computer Programming", volume
        4A, section 7.2.1.3.

        Examples
        --------
        >>> import polars as pl
        >>> from kerege.evidence.counting import all_marginals
        >>> rows = pl.DataFrame({"a": ["x", "y"], "b": ["z", "z"]})
        >>> columns, codes, counts = all_marginals(rows, order=2).combinations(2)
        >>> columns.tolist(), codes.tolist(), counts.tolist()
        ([[0, 1], [0, 1]], [[0, 0], [1, 0]], [1, 1])
        """
        if not 1 <= length <= self.order:
            raise BadInput(Fault(f"combinations of {length} were not counted", f"choose 1 to {self.order}"))
        first = self.numbering.first[length - 1]
        low, high = np.searchsorted(self.cells, [first[0], first[-1]])
        numbers = self.cells[low:high]
        table = np.searchsorted(first, numbers, side="right") - 1
        columns = list_column_choices(len(self.values), length)[table]
        sizes = self.numbering.sizes[columns]
        codes = np.empty_like(columns)
        remainder = numbers - first[table]
        for t in reversed(range(length)):
            remainder, codes[:, t] = np.divmod(remainder, np.maximum(sizes[:, t], 1))
        return columns, codes, self.hits[low:high]

    def _places(self, names: Sequence[str]) -> list[int]:
        for name in names:
            if name not in self.values:
                raise BadInput(
                    Fault("there is no such column", f"choose among: {listed(self.columns)}", column=shown(name))
                )
        if len(set(names)) < len(names) or len(names) > self.order:
            raise BadInput(
                Fault(
                    f"this is not a table of at most {self.order} different columns",
                    "name others",
                    column=listed(names),
                )
            )
        return [self.columns.index(name) for name in names]

    def _slice(self, ascending: Sequence[int]) -> tuple[Counts, Counts]:
        first, last = self.numbering.table(ascending)
        low, high = np.searchsorted(self.cells, [first, last])
        return self.cells[low:high] - first, self.hits[low:high]


def decode_cells(numbers: Counts, sizes: Sequence[int]) -> Codes:
    """Return the codes of cells from their positions in a table of the given sizes: (cells, columns)."""
    codes = np.empty((len(numbers), len(sizes)), dtype=np.int64)
    for t in reversed(range(len(sizes))):
        numbers, codes[:, t] = np.divmod(numbers, max(sizes[t], 1))
    return codes


def sum_hits(cells: Counts, hits: Counts) -> tuple[Counts, Counts]:
    """Return the distinct cell numbers, ascending, with the sum of their counts."""
    if not len(cells):
        return cells, hits
    order = np.argsort(cells)
    cells, hits = cells[order], hits[order]
    starts = np.flatnonzero(np.concatenate([[True], cells[1:] != cells[:-1]]))
    return cells[starts], np.add.reduceat(hits, starts)


def sum_lengths(lengths: Sequence[Counts], columns: int) -> Counts:
    """Return the sum of counts of rows by number of reported values; arrays may differ in length."""
    total = np.zeros(max([columns + 1, *map(len, lengths)]), dtype=np.int64)
    for counts in lengths:
        total[: len(counts)] += counts
    return total[: max([columns, *np.flatnonzero(total)]) + 1]
