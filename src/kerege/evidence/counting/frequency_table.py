"""Frequency tables with all their margins, and the CSV format of a published table."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base import csv_cells as cells
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.counting.crosstab import axis, marginals
from kerege.evidence.counting.marginal_counts import Counts
from kerege.evidence.counting.people_counts import PeopleCounts, count_people_behind_cells, has_people
from kerege.evidence.counting.row_filter import Where, check_columns, check_size, select_rows
from kerege.evidence.data.snapshot import Snapshot
from kerege.vocabulary import codes

TOTAL, NOT_REPORTED, OTHER = "_T", "_U", "_O"
STATUSES = ("ok", "suppressed", "perturbed", "withheld", "noised")
OK, SUPPRESSED, PERTURBED, WITHHELD, NOISED = range(5)


@dataclass(frozen=True)
class TableCell:
    """A published cell: its count (None when suppressed) and its status."""

    count: int | None
    status: str


@dataclass
class Table:
    """A frequency table over the cross product of `axes`; index 0 of every axis is `_T`.

    Withheld cells are not in the CSV.
    """

    name: str
    of: str
    by: tuple[str, ...]
    where: dict[str, list[str]]
    axes: tuple[tuple[str, ...], ...]
    counts: Counts
    status: NDArray[np.uint8]
    multi: frozenset[str] = frozenset()
    notes: list[str] = field(default_factory=list)
    params: dict[str, Any] = field(default_factory=dict)
    truth: Counts | None = None  # the counts before rounding or noise; never published
    error95: Counts | None = None  # half width of the 95% interval of each noised cell
    people: PeopleCounts | None = None  # in a table of rows about people: who is behind each cell; never published

    def few(self, threshold: int) -> NDArray[np.bool_]:
        """Return the cells with rows of too few people, or mostly of one person; none where a row is a person.

        Parameters
        ----------
        threshold : int
            The smallest number of people that may be published.

        Returns
        -------
        array of bool
            In the shape of the counts.

        Examples
        --------
        >>> Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,4,ok\\n").few(10)  # every row is a person
        array([False, False])
        """
        if self.people is None:
            return np.zeros(self.counts.shape, dtype=bool)
        return self.people.few(self.counts if self.truth is None else self.truth, threshold)

    def small(self, threshold: int) -> NDArray[np.bool_]:
        """Return the cells that must not be published: below the threshold, or of too few people.

        Parameters
        ----------
        threshold : int
            The smallest number of people that may be published.

        Returns
        -------
        array of bool
            In the shape of the counts. Zeros are not among them.

        Examples
        --------
        >>> Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,4,ok\\n").small(10)
        array([False,  True])
        """
        counts = self.counts if self.truth is None else self.truth
        return np.asarray((counts > 0) & (counts < threshold) | self.few(threshold))

    @property
    def total(self) -> int:
        """Return the grand total before protection."""
        return int(self.counts[(0,) * self.counts.ndim])

    @classmethod
    def from_csv(cls, text: str, *, name: str = "", of: str = "records", multi: Collection[str] = ()) -> Table:
        """Read a table from CSV text.

        Parameters
        ----------
        text : str
            The columns are the dimensions, then `count` and `status`; totals have the code `_T`. Cells without a row
            are withheld; a suppressed cell has no count.
        name : str
            Name of the table.
        of : str
            The unit that it counts.
        multi : collection of str
            Columns in which a person can have several values, so that the values need not add up to the total.

        Returns
        -------
        Table
            Counts and status over the cross product of the codes.

        Raises
        ------
        ValueError
            If the text has another format; the message names the row.

        Examples
        --------
        >>> table = Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,40,ok\\nmale,30,ok\\n")
        >>> table.by, table.total, table.cells["male",].count
        (('sex',), 70, 30)
        """
        by, by_keys = _parse_csv(text)
        columns = [[code for code in column if code != TOTAL] for column in zip(*by_keys, strict=True)]
        axes = tuple((TOTAL, *dict.fromkeys(column)) for column in columns)
        shape = tuple(map(len, axes))
        counts, status = np.zeros(shape, np.int64), np.full(shape, WITHHELD, np.uint8)
        for keys, cell in by_keys.items():
            position = tuple(axis.index(key) for axis, key in zip(axes, keys, strict=True))
            counts[position], status[position] = cell.count or 0, STATUSES.index(cell.status)
        return cls(
            name=name, of=of, by=by, where={}, axes=axes, counts=counts, status=status, multi=frozenset(multi) & set(by)
        )

    @classmethod
    def from_frame(cls, frame: pl.DataFrame, by: Sequence[str], where: Where | None = None, *, name: str = "") -> Table:
        """Count the rows of a data frame by columns, with all margins.

        Parameters
        ----------
        frame : DataFrame
            A row is a person. Columns hold text, whole numbers, booleans, or lists of text (several values of a
            person); null is not reported, `_U`.
        by : sequence of str
            Columns of the table, in order.
        where : mapping of str to sequence of str, optional
            Keeps the rows that have one of the given values in each of its columns.
        name : str
            Name of the table.

        Returns
        -------
        Table
            Counts in people, with all margins. Index 0 of every axis is the total.

        Raises
        ------
        BadInput
            If a column is unknown or repeated, the filter selects no row, or there are more than a million cells.

        Examples
        --------
        >>> frame = pl.DataFrame({"sex": ["female", "female", "male", None]})
        >>> {code: cell.count for (code,), cell in Table.from_frame(frame, ["sex"]).cells.items()}
        {'_T': 4, 'female': 2, 'male': 1, '_U': 1}
        """
        return tabulate(Snapshot.from_frame(frame), by, where, name=name)

    def keys(self, flat: int) -> tuple[str, ...]:
        """Return the codes of a cell by its flat position.

        Parameters
        ----------
        flat : int
            Position in the flattened counts, in row-major order.

        Returns
        -------
        tuple of str
            One code for each column, `_T` for a total.

        Raises
        ------
        ValueError
            If there is no such position.

        Examples
        --------
        >>> Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,70,ok\\n").keys(1)
        ('female',)
        """
        return tuple(self.axes[d][i] for d, i in enumerate(np.unravel_index(flat, self.counts.shape)))

    @property
    def cells(self) -> dict[tuple[str, ...], TableCell]:
        """Return the published cells by codes, totals included."""
        return dict(self._published())

    def _published(self) -> Iterator[tuple[tuple[str, ...], TableCell]]:
        for flat, (count, status) in enumerate(zip(self.counts.flat, self.status.flat, strict=True)):
            if status != WITHHELD:
                yield self.keys(flat), TableCell(None if status == SUPPRESSED else int(count), STATUSES[status])

    def tally(self) -> dict[str, int]:
        """Return how many cells are published exactly, suppressed, perturbed and noised.

        Returns
        -------
        dict of str to int
            Number of cells by status, totals included. Withheld cells are in none.

        Examples
        --------
        >>> Table.from_csv("sex,count,status\\n_T,70,ok\\nfemale,,suppressed\\n").tally()
        {'published': 1, 'suppressed': 1, 'perturbed': 0, 'noised': 0}
        """
        statuses = {"published": OK, "suppressed": SUPPRESSED, "perturbed": PERTURBED, "noised": NOISED}
        return {name: int((self.status == status).sum()) for name, status in statuses.items()}


def tabulate(snapshot: Snapshot, by: Sequence[str], where: Where | None = None, *, name: str = "") -> Table:
    """Count the rows of a snapshot by columns, among those that match a filter.

    Parameters
    ----------
    snapshot : Snapshot
        A row is a person, or another unit of the snapshot.
    by : sequence of str
        Columns of the table, in order.
    where : mapping of str to sequence of str, optional
        Keeps the rows that have one of the given values in each of its columns; `_U` keeps rows that report nothing.
    name : str
        Name of the table.

    Returns
    -------
    Table
        Counts with all margins. Values are in the order of their code list, `_U` last. In a table of rows about people,
        such as services, `people` has those behind each cell.

    Raises
    ------
    BadInput
        If a column is unknown or repeated, the filter selects no row, there are more than a million cells, or a
        snapshot of rows about people does not number the people.

    Notes
    -----
    Frequency table as in Hundepool and others 2012, "Statistical Disclosure Control", Wiley: margins are counted, not
    added up, so that several values of a person count once in the total.

    Examples
    --------
    >>> frame = pl.DataFrame({"sex": ["female", "male", "male"], "year": ["2024", "2025", "2025"]})
    >>> people = Snapshot.from_frame(frame)
    >>> table = tabulate(people, ["sex"], {"year": ["2025"]})
    >>> table.axes, table.counts.tolist()
    ((('_T', 'male'),), [2, 2])
    """
    filters = {column: list(values) for column, values in (where or {}).items()}
    check_columns(snapshot, by, filters)
    frame = select_rows(snapshot, filters)
    if frame.is_empty():
        todo, columns = "check column and value of the filter", listed(list(filters))
        raise BadInput(Fault("the filter selects nobody", todo, snapshot.path, column=columns))
    axes = {column: _ordered(snapshot, column, frame) for column in by}
    check_size([len(values) + 1 for values in axes.values()], snapshot, by)
    counts = marginals(frame, axes, snapshot.multi)
    people = count_people_behind_cells(frame, axes, snapshot.multi) if has_people(snapshot) else None
    return Table(
        name=name,
        of=snapshot.unit,
        by=tuple(by),
        where=filters,
        axes=tuple((TOTAL, *values) for values in axes.values()),
        counts=counts,
        status=np.zeros(counts.shape, np.uint8),
        multi=snapshot.multi & set(by),
        people=people,
    )


def _ordered(snapshot: Snapshot, column: str, frame: pl.DataFrame) -> list[str]:
    """Return the values that occur, in the order of the code list if there is one, `_U` last."""
    values = axis(frame[column], multi=column in snapshot.multi)
    name = snapshot.list_of(column)
    if name not in codes.names():
        return values
    order = {code: place for place, code in enumerate(codes.code_list(name).codes)}
    return sorted(values, key=lambda value: (value == NOT_REPORTED, order.get(value, len(order)), value))


def to_csv(table: Table) -> str:
    """Return a table as CSV.

    Parameters
    ----------
    table : Table
        A table after protection.

    Returns
    -------
    str
        A column for each dimension, `count` (empty when suppressed) and `status`. Withheld cells have no row. Codes
        that a spreadsheet would run as formulas are marked.

    Examples
    --------
    >>> text = "sex,count,status\\n_T,70,ok\\nfemale,,suppressed\\n"
    >>> to_csv(Table.from_csv(text)) == text
    True
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*map(cells.guarded, table.by), "count", "status"])
    writer.writerows(
        [*map(cells.guarded, keys), "" if cell.count is None else cell.count, cell.status]
        for keys, cell in table._published()
    )
    return out.getvalue()


def cells_from_csv(text: str) -> dict[tuple[str, ...], TableCell]:
    """Return the cells of a published table.

    Parameters
    ----------
    text : str
        CSV as `to_csv` writes it.

    Returns
    -------
    dict of tuple to TableCell
        Count (None when suppressed) and status by codes.

    Raises
    ------
    ValueError
        If the text has another format; the message names the row.

    Examples
    --------
    >>> cells_from_csv("sex,count,status\\n_T,70,ok\\n")["_T",].count
    70
    """
    return _parse_csv(text)[1]


def _parse_csv(text: str) -> tuple[tuple[str, ...], dict[tuple[str, ...], TableCell]]:
    """Return the columns and the cells of a published table."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)
    by_keys: dict[tuple[str, ...], TableCell] = {}
    try:
        header = next(reader, [])
        if header[-2:] != ["count", "status"]:
            raise ValueError("row 1: the last two columns are not count and status")
        for number, row in enumerate(reader, 2):
            if len(row) != len(header):
                raise ValueError(f"row {number}: has {len(row)} cells, not {len(header)}")
            keys, cell = tuple(map(cells.plain, row[:-2])), _parse_cell(row[-2], row[-1], number)
            if keys in by_keys:
                raise ValueError(f"row {number}: this cell occurs twice")
            by_keys[keys] = cell
    except csv.Error as error:
        raise ValueError(f"row {reader.line_num}: is not a row of a CSV file ({error})") from None
    return tuple(map(cells.plain, header[:-2])), by_keys


def _parse_cell(count: str, status: str, number: int) -> TableCell:
    """Return the cell of one row; raises ValueError when count and status do not fit each other."""
    if status not in STATUSES or status == STATUSES[WITHHELD]:
        raise ValueError(f"row {number}: there is no status {shown(status)!r}")
    if status == STATUSES[SUPPRESSED]:
        if count:
            raise ValueError(f"row {number}: a suppressed cell shows a count")
        return TableCell(None, status)
    if not (count.isascii() and count.isdigit() and len(count) <= 18):
        raise ValueError(f"row {number}: the count is not a whole number")
    return TableCell(int(count), status)
