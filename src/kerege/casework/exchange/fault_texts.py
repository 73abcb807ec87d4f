"""Faults and notes of a file in the language of the reader."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from kerege.base.errors import Fault

# pattern of the beginning of the fault's English words -> sentence; groups of the pattern are filled in
FAULTS: Sequence[tuple[str, str]] = (
    (
        r"(?P<mark>['\"])(?P<text>.*)(?P=mark) is not one of its codes",
        _("“%(text)s” is not a value of this column. Choose one of its list."),
    ),
    (r"is not one of its codes", _("This is not a value of this column. Choose one of its list.")),
    (r"this column is not known", _("This column is not known. Rename it, or choose to leave unknown columns out.")),
    (r"this column comes twice", _("This column comes twice. Keep one of them.")),
    (r"the column at position (?P<place>\d+) has no name", _("Column %(place)s has no name. Name it or delete it.")),
    (r"is not a date", _("This is not a date. Write it as 2025-07-30 or 30.07.2025.")),
    (
        r"is not a day of the calendar|is not a month of the calendar",
        _("This date does not exist. Correct it."),
    ),
    (r"is a day before 1900|is before 1900", _("This date is before 1900 or in the future. Correct it.")),
    (
        r"does not show which number is the day",
        _("It is not clear which number is the day. Choose the order of day and month."),
    ),
    (
        r"has the day first in row (?P<first>\d+) and the month first in row (?P<second>\d+)",
        _("Row %(first)s has the day first, row %(second)s the month. Write the days as 2025-07-30."),
    ),
    (r"is not a whole number", _("This is not a whole number up to 200. Correct it or leave it empty.")),
    (r"is neither yes nor no", _("Write yes or no, or leave the cell empty.")),
    (r"is neither chosen nor not chosen", _("Write 1 or 0.")),
    (r"is not an ISO 639-2 code", _("This is not the code of a language. Write it as kaz or rus.")),
    (r"holds a formula", _("This cell holds a formula. Replace it by its value.")),
    (r"holds a null character", _("This cell holds a null character. Delete it.")),
    (
        r"\w+ is given beside other values",
        _("An answer such as “Unknown” is given beside other values. Keep one of them."),
    ),
    (
        r"says something else than an earlier row",
        _("This says something else than an earlier row of the same person or case. Keep one of the two values."),
    ),
    (
        r"says something else than another column",
        _("Two columns with the same meaning say different things. Keep one of the two."),
    ),
    (r"says something else than the columns of its choices", _("The summary says something else than its choices.")),
    (r"contradicts what the register holds", _("This contradicts the register. Correct the file or the register.")),
    (
        r"this case belongs to another person|the register knows this case as another person's",
        _("The id of this case belongs to another person. Correct one of the two ids."),
    ),
    (
        r"is before the case was registered",
        _("This day is before the registration. Correct one of the two."),
    ),
    (
        r"is before the exploitation began|the service ends before it begins|is before the decision",
        _("The end is before the beginning. Correct one of the two days."),
    ),
    (r"is an age of more than 120 years", _("This is an age of more than 120 years. Correct it.")),
    (r"a service without its kind", _("A service needs its kind.")),
    (r"a service that has begun needs the day", _("A service that has begun needs the day on which it began.")),
    (r"a decision without its conclusion", _("A decision needs its conclusion.")),
    (r"needs a day", _("Write a day or leave the cell empty.")),
    (r"describes a perpetrator", _("This row describes a suspect and no victim. Take it out of the file.")),
    (
        r"names an agency that does not take part",
        _("The file names an agency that does not take part. Use the name of a registered agency."),
    ),
    (r"changes a case that was handed over", _("The file changes a case that was handed over. Leave the case out.")),
    (r"has (?P<cells>\d+) cells, the header has", _("This row has %(cells)s cells, more or fewer than the headings.")),
    (r"a quote is not closed", _("A quotation mark is not closed. Double each mark inside a cell.")),
    (
        r"(line \d+ )?is not in UTF-8|is not UTF-8 text|is not text in|is not a text file",
        _("This file has another encoding. Choose it below."),
    ),
    (r"is not CSV, XLSX or JSON file", _("Choose a file of the type XLSX, XLSM, CSV or JSON.")),
    (
        r"has no heading that is known",
        _("No heading of this file is known. Use the names of HTCDS, or labels in Kazakh, Russian or English."),
    ),
    (
        r"has no headings in row (?P<row>\d+)",
        _("There are no headings in row %(row)s. Correct the row."),
    ),
    (
        r"has known headings: (?P<known>.*); and headings that are not known: (?P<unknown>.*)",
        _("Recognised headings: %(known)s. Not recognised: %(unknown)s."),
    ),
    (
        r"rows (?P<first>\d+) to (?P<second>\d+) are merged",
        _("Rows %(first)s to %(second)s are merged. Add a column with the number of the case."),
    ),
    (r"has records on the sheets (?P<sheets>.*)", _("The sheets %(sheets)s hold records. Keep one of them.")),
    (
        r"has IOM's hidden names",
        _("The labels of the workbook are missing or in another language. Put the labels back into row 2."),
    ),
    (r"has no visible sheet", _("The workbook has no visible sheet. Show the sheet with the records.")),
    (r"is empty|has no records|has no header", _("The file has no records. Choose another file.")),
    (
        r"has a password",
        _("The workbook has a password or the old type XLS. Save it as XLSX."),
    ),
    (
        r"is larger than|is too large when unpacked|has too many merged cells",
        _("The file is too large. Divide it, or save the sheet as CSV."),
    ),
    (r"has more than (?P<columns>\d+) columns", _("The sheet has more than %(columns)s columns. Delete unused ones.")),
    (
        r"cannot be read as an XLSX workbook",
        _("This workbook cannot be read. Open it and save it again."),
    ),
    (
        r"the sheet .* names (no submission|a submission)",
        _("A repeated group has no submission. Export the whole form."),
    ),
    (
        r"is not JSON|is not an array|is not an object|is nested|holds an object",
        _("This JSON cannot be read. Export it again."),
    ),
    (r"holds a cell that is too long", _("This cell is too long. Shorten it.")),
    (r"is an id of more than 200", _("This id has more than 200 characters. Correct it.")),
    (r"and (?P<more>\d+) more", _("Further faults: %(more)s. Correct those above first.")),
)
NOTES: Sequence[tuple[str, str]] = (
    (
        r"the column at position (?P<place>\d+) holds row numbers",
        _("Left out, since it holds row numbers: column %(place)s."),
    ),
    (
        r"the column (?P<title>.*) is not known and left out \(filled in (?P<share>\d+)%",
        _("The column “%(title)s” is not known and is left out. It is filled in %(share)s of 100 rows."),
    ),
    (
        r"(?P<count>\d+) rows of the sheet (?P<sheet>.*) are hidden or filtered out and are read as well: (?P<rows>.*)",
        _("Rows of the sheet “%(sheet)s” that are hidden or filtered out, read as well: %(count)s (%(rows)s)."),
    ),
    (r"the hidden sheet (?P<sheet>.*) is not read", _("The hidden sheet “%(sheet)s” is not read.")),
    (
        r"the field (?P<name>.*) has no counterpart and is left out \((?P<count>\d+) records",
        _("Left out, since the register has no such field: “%(name)s” (records: %(count)s)."),
    ),
    (
        r"full names that cannot be divided and are kept whole as the first name: (?P<count>\d+)",
        _("Full names that cannot be divided and are kept whole as the first name: %(count)s."),
    ),
    (
        r"full names divided into family name, given name and patronymic: (?P<count>\d+)",
        _("Full names divided into family name, given name and patronymic: %(count)s."),
    ),
    (
        r"ages in years kept as the age band at registration: (?P<count>\d+)",
        _("Ages in years kept as the age band at registration: %(count)s."),
    ),
    (
        r"ages in years left out, since the row states the date of birth: (?P<count>\d+)",
        _("Ages in years left out, since the row states the date of birth: %(count)s."),
    ),
    (
        r"years of two digits, read as the latest year that has begun: (?P<count>\d+)",
        _("Years of two digits, read as the latest year that has begun: %(count)s."),
    ),
    (
        r"rows that hold a total or a title are left out: (?P<rows>.*)",
        _("Rows that hold a total or a title, left out: %(rows)s."),
    ),
    (r"(?P<count>\d+) submissions that a review", _("Submissions that a review did not approve, left out: %(count)s.")),
    (
        r"rows (?P<rows>.*), column (?P<title>.*): the macro",
        _(
            "Rows %(rows)s, column “%(title)s”: the macro of the workbook ignores a second choice whose name is part "
            "of the first. Check whether one is missing."
        ),
    ),
)
OTHER = _("This cannot be read. Correct it.")


def join_repeated(faults: Sequence[Fault]) -> list[Fault]:
    """Return one fault for all rows of a column with the same words: the first row, and how many follow."""
    rows: dict[Fault, list[int]] = {}
    for fault in faults:
        rows.setdefault(replace(fault, row=None), []).append(fault.row or 0)
    return [_join(fault, numbers) for fault, numbers in rows.items()]


def _join(fault: Fault, rows: list[int]) -> Fault:
    first, more = rows[0] or None, len(rows) - 1
    if not more:
        return replace(fault, row=first)
    note = ngettext("and in %(n)d more row, up to row %(last)d", "and in %(n)d more rows, up to row %(last)d", more)
    return replace(fault, row=first, what=f"{fault.what} ({note % {'n': more, 'last': rows[-1]}})")


def text_of(fault: Fault) -> str:
    """Return a fault with its remedy as one text in the active language."""
    return _translate(fault.what, FAULTS)


def note_text(note: str) -> str:
    """Return a note about the reading of a file in the active language."""
    return _translate(note, NOTES)


def _translate(english: str, sentences: Sequence[tuple[str, str]]) -> str:
    for pattern, sentence in sentences:
        if match := re.match(pattern, english):
            return gettext(sentence) % match.groupdict() if match.groupdict() else gettext(sentence)
    return gettext(OTHER)
