"""Values of one table of a release, by series and mark of an indicator."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from datetime import date

from kerege.charts.model import Value
from kerege.publishing.presenters.tables import TableErrors
from kerege.publishing.report.bounds import bounds_of
from kerege.publishing.site.indicators import SeriesSource, SiteIndicator
from kerege.publishing.storage.published_tables import (
    NOT_REPORTED,
    OTHERS,
    TOTAL,
    PublishedRow,
    PublishedTable,
)
from kerege.publishing.storage.release_files import ReleaseFiles

PAIR = ">"  # between the two codes of a mark with two columns
REST = (OTHERS, NOT_REPORTED, TOTAL)  # codes that stand last, in this order
Key = tuple[str, str]  # series, mark


def definition(table: PublishedTable, axis: Sequence[str]) -> str:
    """Return the SHA-256 of what a table counts: unit, columns, filter and the codes of series.

    The codes of the axis do not belong to it: a later release adds years.

    Examples
    --------
    >>> from kerege.publishing.site.table_values import definition
    >>> definition.__name__
    'definition'
    """
    entry = table.entry
    splits = [place for place, name in enumerate(table.by) if name not in axis]
    codes = {table.by[place]: sorted({*table.codes(place)} - {OTHERS, NOT_REPORTED}) for place in splits}
    where = {name: sorted(map(str, values)) for name, values in entry.where.items()}
    parts = {"of": entry.of, "by": list(table.by), "where": where, "multi": sorted(entry.multi), "codes": codes}
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def is_over(period: str, day: date) -> bool:
    """Return whether a year, half-year or quarter had ended by a day.

    Examples
    --------
    >>> from datetime import date
    >>> from kerege.publishing.site.table_values import is_over
    >>> is_over("2025-H1", date(2025, 6, 30)), is_over("2025", date(2025, 6, 30))
    (True, False)
    """
    year, _, part = period.partition("-")
    if not year.isdigit():
        return True
    months = {"": 12, "H1": 6, "H2": 12, "Q1": 3, "Q2": 6, "Q3": 9, "Q4": 12}
    last = months.get(part, 12)
    return (int(year), last, 31 if last in (3, 12) else 30) <= (day.year, day.month, day.day)


def place_of(code: str) -> int:
    return REST.index(code) + 1 if code in REST else 0


def read_cells(indicator: SiteIndicator, source: SeriesSource, release: ReleaseFiles) -> dict[Key, Value]:
    """Return the values of a table by series and mark."""
    table = release.tables[str(source.table)]
    places = [table.by.index(name) for name in indicator.axis if name in table.by]
    split = table.by.index(indicator.split) if indicator.split in table.by else None
    cells: dict[Key, Value] = {}
    for row in table.rows:
        key = _key(indicator, source, row, places, split)
        if key is not None and not (indicator.zero_is_absent and row.cell.count == 0):
            cells[key] = value_of(table, row)
    return cells


def _key(
    indicator: SiteIndicator, source: SeriesSource, row: PublishedRow, places: Sequence[int], split: int | None
) -> Key | None:
    """Return series and mark of a row; None for a margin that the indicator does not show."""
    codes = [row.keys[place] for place in places]
    rest = [code for place, code in enumerate(row.keys) if place not in places and place != split]
    if any(code != TOTAL for code in rest) or (TOTAL in codes and set(codes) != {TOTAL}):
        return None
    is_total = set(codes) == {TOTAL}
    series = source.code if split is None else row.keys[split]
    if (is_total and (indicator.is_timed or not indicator.whole)) or (series == TOTAL and not indicator.whole):
        return None
    return series, TOTAL if is_total or not codes else PAIR.join(codes)


def value_of(table: PublishedTable, row: PublishedRow) -> Value:
    """Return a cell as a value: exact, rounded, with noise, or withheld, with its limits."""
    cell, count = row.cell, row.cell.count
    if count is None:
        return Value(None, "withheld", 0, _most(table, row))
    if cell.exact:
        return Value(count, "exact", count, count)
    if "half_width" in table.entry.params:
        bounds = bounds_of(table, cell)
        return Value(count, "rounded", bounds.lower, bounds.upper)
    error = TableErrors.of(table).at(table.by, row.keys)
    most = _most(table, row) if error is None else count + error
    return Value(count, "noise", 0 if error is None else max(0, count - error), max(most, count))


def _most(table: PublishedTable, row: PublishedRow) -> float:
    """Return the largest number that the totals of a cell leave for it."""
    places = [place for place, code in enumerate(row.keys) if code != TOTAL]
    return min((_rest(table, row, place) for place in places), default=math.inf)


def _rest(table: PublishedTable, row: PublishedRow, place: int) -> float:
    """Return the total along one column without its published numbers, or whole for several values."""
    before, after = row.keys[:place], row.keys[place + 1 :]
    whole = bounds_of(table, table.cell(*before, TOTAL, *after)).upper
    if table.by[place] in table.entry.multi:
        return whole
    others = [table.cell(*before, code, *after) for code in table.codes(place)]
    known = sum(bounds_of(table, cell).lower for cell in others if cell is not None and cell.count is not None)
    return max(0, whole - known)
