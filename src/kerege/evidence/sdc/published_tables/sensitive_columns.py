"""Sensitive columns of external files: all with few values, unless the user says otherwise.

A file does not state which of its columns are sensitive. Columns with many values, such as places and countries, say
where to look for a person. Columns with few values describe the person. MOST_VALUES divides the code lists of Kerege
in the same way: the longest list of an attribute has 16 codes, the shortest list of places has 20.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL, Table
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.reading.column_names import translation
from kerege.evidence.sdc.reading.set_codes import name_in_file

MOST_VALUES = 16
IMPOSSIBLE = (
    "a figure of 0 can mean that the combination is impossible, as men and pregnancy. Files do not state this. "
    "Name such columns with --not-sensitive."
)


def sensitive_columns(sheet: Sheet, not_sensitive: Iterable[str]) -> frozenset[str]:
    """Return the columns with at most MOST_VALUES values, without those that the user named."""
    named = {*not_sensitive}
    usual = {translation(name) for name in named} - {""}
    return frozenset(
        name
        for d, name in enumerate(sheet.by)
        if _number_of_values(sheet, d) <= MOST_VALUES
        and name_in_file(name) not in named
        and translation(name_in_file(name)) not in usual
    )


def assessed_columns(tables: Sequence[Table]) -> frozenset[str]:
    """Return the sensitive columns of some tables of one population.

    A manifest decides about the columns of its own tables.
    """
    sheets = [table for table in tables if isinstance(table, Sheet)]
    stated = {name for sheet in sheets if sheet.stated for name in sheet.by}
    return frozenset(name for sheet in sheets for name in sheet.sensitive if sheet.stated or name not in stated)


def notes_on_columns(sheets: Iterable[Sheet]) -> list[str]:
    """Return a note with the columns that do not count as sensitive, [] without one."""
    left_out: dict[str, str] = {}
    for sheet in sheets:
        why_stated = "as its manifest states" if sheet.stated else "as you stated"
        for d, name in enumerate(sheet.by):
            if name not in sheet.sensitive:
                number = _number_of_values(sheet, d)
                why = f"{number} values" if number > MOST_VALUES else why_stated
                left_out[name_in_file(name)] = f"{shown(name_in_file(name))} ({why})"
    text = "groups whose members all share a value of these columns are not reported"
    return [f"not treated as sensitive: {', '.join(left_out.values())}; {text}"] if left_out else []


def _number_of_values(sheet: Sheet, d: int) -> int:
    return len(set(sheet.axes[d]) - {TOTAL, NOT_REPORTED, OTHER})
