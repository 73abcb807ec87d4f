"""Structural limits of records: no period after the snapshot, no values that are impossible together.

The limits follow from public code lists and from the date of the snapshot, never from the records. So they have no
privacy loss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.message_text import shown
from kerege.evidence.counting.parent_codes import PARENTS, parent
from kerege.evidence.synthesis.measurement.date_precision import DatePrecision
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from kerege.vocabulary import ctdc_files
from kerege.vocabulary.codes import ANSWER_STATES

FIRST_MONTHS = {"Q1": "01", "Q2": "04", "Q3": "07", "Q4": "10", "H1": "01", "H2": "07"}
TIES = {**PARENTS, "ageBroad": ("majorityStatus",)}  # code list of a column -> lists whose code follows from its code
PERIODS = ("year", "half", "quarter")


def limit_periods(schema: Schema, day: str) -> Schema:
    """Return the columns without the years, halves and quarters that begin after a day.

    Parameters
    ----------
    schema : sequence of columns
        Columns with public values; only those of dates, or whose code list is of periods, can change.
    day : str
        Reference date of the snapshot, or the day of the measurement, such as 2025-12-31.

    Returns
    -------
    sequence of columns
        The columns. A column keeps its values if all of them begin after the day.

    Examples
    --------
    >>> years = Column("year", ("2024", "2025", "2026"), code_list="year")
    >>> limit_periods((years,), "2025-06-30")[0].values
    ('2024', '2025')
    """
    return tuple(_limit_column(column, day) if _is_of_periods(column) else column for column in schema)


def _is_of_periods(column: Column) -> bool:
    return column.code_list in PERIODS or isinstance(column.coding, DatePrecision)


def _limit_column(column: Column, day: str) -> Column:
    values = tuple(value for value in column.values if _first_day(value) <= day)
    return replace(column, values=values) if values else column


def _first_day(period: str) -> str:
    """Return the first day of a year, a half, a quarter, a month or a day."""
    part = period[5:]
    return f"{period[:4]}-{FIRST_MONTHS.get(part, part[:2] or '01')}-{part[3:] or '01'}"


def list_ties(schema: Sequence[Column]) -> Iterator[tuple[int, int]]:
    """Yield the positions of two columns of single values of which the second follows from the first.

    Periods follow from one another only where the names say that both are of one event.
    """
    single = [(place, column) for place, column in enumerate(schema) if column.code_list and not column.multi]
    for place, column in single:
        for other, above in single:
            if above.code_list in TIES.get(column.code_list, ()) and _event(column) == _event(above):
                yield place, other


def _event(column: Column) -> str:
    """Return the name of a column of periods without its list: `exit_` for `exit_year`; else nothing."""
    return column.name.casefold().replace(column.code_list, "") if column.code_list in PERIODS else ""


def find_impossible_pairs(schema: Schema) -> NDArray[np.int32]:
    """Return the pairs of values that no person can have.

    Parameters
    ----------
    schema : sequence of columns
        Columns with public values.

    Returns
    -------
    (pairs, 2) int32
        Ascending positions of the values, counted over all columns.

    Examples
    --------
    >>> bands = Column("age_band", ("0_8", "18_25"), code_list="age_band")
    >>> groups = Column("age_group", ("child", "adult"), code_list="age_group")
    >>> find_impossible_pairs((bands, groups)).tolist()
    [[0, 3], [1, 2]]
    """
    first = np.cumsum([0, *(len(column.values) for column in schema)])
    pairs = [
        sorted((int(first[place]) + a, int(first[other]) + b))
        for place, other in list_ties(schema)
        for a, value in enumerate(schema[place].values)
        for b, above in enumerate(schema[other].values)
        if not _can_meet(schema[place], value, schema[other], above)
    ]
    return np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)


def _can_meet(column: Column, value: str, other: Column, above: str) -> bool:
    """Return whether a person can have a value and the value `above` of the column that follows from it.

    An answer state, such as unknown, can meet every value, and so can a value without a parent in the other column.
    """
    if {value, above} & set(ANSWER_STATES):
        return True
    if column.code_list == "ageBroad":
        expected = ctdc_files.majority(value)
    else:
        expected = parent(column.code_list, value, other.code_list)
    return expected == above or expected not in other.values


def list_contradictions(frame: pl.DataFrame, schema: Schema) -> list[str]:
    """Return warnings about rows with values that are impossible together, for their holder.

    Do not publish them: they contain true counts.
    """
    warnings = []
    for place, other in list_ties(schema):
        column, above = schema[place], schema[other]
        groups = frame.select(column.name, above.name).drop_nulls().group_by(column.name, above.name).len()
        rows = sum(number for value, code, number in groups.rows() if not _can_meet(column, value, above, code))
        if rows:
            columns = f"{shown(column.name)} and {shown(above.name)}"
            warnings.append(f"{columns}: {rows:,} rows hold values that are impossible together and will not be made")
    return warnings
