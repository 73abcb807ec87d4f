"""Tables whose values sum to more people than another table counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import WITHHELD
from kerege.evidence.sdc.published_tables.publication_dates import TableTime
from kerege.evidence.sdc.published_tables.sheet import UNNAMED, Sheet, is_same_table
from kerege.evidence.sdc.reading.column_names import concept
from kerege.evidence.sdc.reading.period_columns import PERIODS


@dataclass(frozen=True)
class _TableSize:
    """The fewest people of a table whose columns have one value each, and the most that it counts."""

    sheet: Sheet
    time: TableTime
    least: float
    most: float
    has_total: bool

    @classmethod
    def of_sheet(cls, sheet: Sheet) -> _TableSize:
        """Return the size by the total of a table, or by the sum of its values."""
        total, inside = (0,) * len(sheet.by), (slice(1, None),) * len(sheet.by)
        has_total = bool(sheet.status[total] != WITHHELD)
        most = float(sheet.upper[total] if has_total else sheet.upper[inside].sum())
        return cls(sheet, TableTime.of_sheet(sheet), float(sheet.lower[inside].sum()), most, has_total)


def with_notes_on_sums(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables with a note where values sum to more than the people of another table."""
    sizes = [_TableSize.of_sheet(sheet) for sheet in sheets if not sheet.stated and sheet.of == UNNAMED]
    notes = {size.sheet: list(_notes(size, sizes)) for size in sizes}
    return [replace(sheet, notes=[*sheet.notes, *notes.get(sheet, ())]) for sheet in sheets]


def _notes(size: _TableSize, others: Sequence[_TableSize]) -> Iterator[str]:
    """Yield a sentence that names the column to declare, for a table without a total."""
    columns = [name for name in size.sheet.by if name not in size.sheet.multi]
    if size.has_total or not columns:
        return
    for other in others:
        is_of_same = other.sheet.filter == size.sheet.filter and other.time == size.time
        if is_of_same and not is_same_table(other.sheet, size.sheet) and size.least > other.most:
            counts = f"its values sum to {size.least:.0f}, but table {shown(other.sheet.name)} counts {other.most:.0f}"
            yield f"{counts}. {_advice(columns, other.sheet)}"
            return


def _advice(columns: Sequence[str], other: Sheet) -> str:
    """Return what to state: columns of several values, and the period of the other table."""
    periods = [name for name in columns if concept(name) in PERIODS]
    options = " or ".join(f"--multi {shown(name)}" for name in columns if name not in periods)
    several = f"If one person can have several of them, say {options}." if options else ""
    if not periods or any(concept(name) in PERIODS for name in other.by):
        return several
    one = f"If table {shown(other.name)} counts one period, write it into a new first column of that table."
    return f"{one} {several}".strip()
