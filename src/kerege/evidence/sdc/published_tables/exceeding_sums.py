"""Tables whose values sum to more people than another table counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from kerege.base.message_text import shown
from kerege.evidence.sdc.published_tables.publication_dates import TableTime
from kerege.evidence.sdc.published_tables.sheet import UNNAMED, Sheet, is_same_table


def with_notes_on_sums(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables with a note where values sum to more than the total of another table."""
    return [replace(sheet, notes=[*sheet.notes, *_notes(sheet, sheets)]) for sheet in sheets]


def _notes(sheet: Sheet, sheets: Sequence[Sheet]) -> Iterator[str]:
    """Yield a sentence that names the column to declare, for a table without a total."""
    columns = [name for name in sheet.by if name not in sheet.multi]
    if sheet.stated or sheet.of != UNNAMED or not columns or frozenset() in sheet.groups:
        return
    least = float(sheet.lower[(slice(1, None),) * len(sheet.by)].sum())
    for other in sheets:
        most = _most_people(other)
        is_of_same = other.filter == sheet.filter and TableTime.of_sheet(other) == TableTime.of_sheet(sheet)
        if is_of_same and not is_same_table(other, sheet) and least > most:
            options = " or ".join(f"--multi {shown(name)}" for name in columns)
            yield (
                f"its values sum to {least:.0f}, but table {shown(other.name)} counts {most:.0f}. If one person can "
                f"have several of them, say {options}."
            )
            return


def _most_people(sheet: Sheet) -> float:
    """Return the most people of a table: its total, or the sum of its values."""
    total = sheet.bounded.get(frozenset())
    return total[1] if total is not None else float(sheet.upper[(slice(1, None),) * len(sheet.by)].sum())
