"""Filters of a table: the rows that have one of the given values in each column."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.counting.crosstab import NOT_REPORTED
from kerege.evidence.data.snapshot import Snapshot, check_value_sets
from kerege.vocabulary import snapshot_columns

MOST_CELLS = 1_000_000
Where = Mapping[str, Sequence[str]]


def select_rows(snapshot: Snapshot, where: Where) -> pl.DataFrame:
    """Return the rows that have one of the given values in each column of a filter.

    Parameters
    ----------
    snapshot : Snapshot
        Rows of codes.
    where : mapping of str to sequence of str
        Values by column; `_U` among the values selects rows that report nothing.

    Returns
    -------
    DataFrame
        The selected rows, in order.

    Raises
    ------
    polars.exceptions.ColumnNotFoundError
        If there is no such column; `check_columns` finds it first.

    Examples
    --------
    >>> people = Snapshot.from_frame(pl.DataFrame({"sex": ["female", None, "male"]}))
    >>> select_rows(people, {"sex": ["male", "_U"]}).height
    2
    """
    frame = snapshot.frame
    for column, values in where.items():
        frame = frame.filter(_selects(snapshot, column, list(values)))
    return frame


def check_size(shape: Sequence[int], snapshot: Snapshot, by: Sequence[str], most: int = MOST_CELLS) -> None:
    """Raise BadInput when a table would have too many cells."""
    size = math.prod(shape)
    if size > most:
        fault = Fault(
            f"the table would have {size:,} cells, more than {most:,}",
            "take fewer or coarser columns",
            snapshot.path,
            column=listed(by),
        )
        raise BadInput(fault)


def check_columns(snapshot: Snapshot, by: Sequence[str], where: Where) -> None:
    """Raise BadInput for an unknown column, one that is named twice, and one with several values in a row."""
    for column in (*by, *where):
        if column not in snapshot.columns:
            raise BadInput(_missing(snapshot, column))
    if len(set(by)) < len(by):
        raise BadInput(Fault("a column is named twice", "name each column once", snapshot.path, column=listed(by)))
    check_value_sets(snapshot, (*by, *where))


def _missing(snapshot: Snapshot, column: str) -> Fault:
    """Return the fault of a column that a snapshot lacks, perhaps because it is an earlier one."""
    if snapshot.version < snapshot_columns.added_in(snapshot.unit, column):
        what = "is newer than this snapshot"
        return Fault(what, "take the snapshot again with the same date", snapshot.path, column=shown(column))
    todo = f"choose among: {listed(snapshot.columns)}"
    return Fault("there is no such column", todo, snapshot.path, column=shown(column))


def _selects(snapshot: Snapshot, column: str, values: list[str]) -> pl.Expr:
    """Return the filter expression for one column; `_U` among the values selects rows that report nothing."""
    reported = [value for value in values if value != NOT_REPORTED]
    if column in snapshot.multi:
        has_value = pl.any_horizontal([pl.lit(False), *[pl.col(column).list.contains(value) for value in reported]])
        not_reported = pl.col(column).is_null() | (pl.col(column).list.len() == 0)
    else:
        has_value, not_reported = pl.col(column).is_in(reported), pl.col(column).is_null()
    has_value = has_value.fill_null(False)
    return (has_value | not_reported) if NOT_REPORTED in values else has_value
