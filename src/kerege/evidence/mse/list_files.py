"""Reader of overlapping lists from CSV: 0/1 columns with `count`, or one row for each person.

An error names the row and the column of each fault. Counts with noise have a column `noise`: the standard deviation of
the noise, in people, equal in all rows.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerege.base.csv_cells import separator
from kerege.base.errors import BadInput, Fault
from kerege.base.text_files import decoded
from kerege.evidence.mse.lists import (
    MOST_LISTS,
    MOST_NOISE,
    MOST_PEOPLE,
    Lists,
    build_unchecked_lists,
    has_control_characters,
)

COUNT, NOISE = "count", "noise"
COUNT_NAMES = (COUNT, "freq", "n")  # names of the column of counts, in any case
YES, NO = ("1", "true"), ("0", "false")  # in any case
# one sign between all thousands: a space of any kind, an apostrophe or a comma
THOUSANDS = re.compile(r"[0-9]{1,3}(?:([ \u00a0\u202f\u2009',])[0-9]{3})(?:\1[0-9]{3})*")
MOST_FAULTS = 20  # faults in one error; more of them would repeat the same problem
Rows = list[tuple[int, list[str]]]


class _Faults:
    """Collected faults of one file."""

    def __init__(self, file: str) -> None:
        self.file, self.faults = file, list[Fault]()

    def add(self, what: str, todo: str, row: int | None = None, column: str = "") -> None:
        """Add a fault at a row or column of the file."""
        self.faults.append(Fault(what, todo, self.file, row, column))

    def raise_if_any(self) -> None:
        """Raise BadInput if there are any faults."""
        if self.faults:
            raise BadInput(self.faults[:MOST_FAULTS])


def read_lists(path: Path | str, names: Sequence[str] = (), encoding: str = "") -> Lists:
    """Read overlapping lists from a CSV file in UTF-8 or UTF-16 with a header.

    The separator is a comma, or the semicolon or tab that the header has instead.

    Parameters
    ----------
    path : Path or str
        A file with one column for each list, of 0 and 1 or of TRUE and FALSE. It has either a column `count`, `freq` or
        `n` (people with this history) or one row for each person. Beside `count` it may have a column `noise` (standard
        deviation, in people).
    names : sequence of str, optional
        Columns that are lists. All other columns are left out, and people who are on none of these lists with them.
        Default: all columns but `count` and `noise`.
    encoding : str, default ""
        Encoding of a file that is neither UTF-8 nor UTF-16, such as cp1251.

    Returns
    -------
    Lists
        The lists. One or two lists are read too, although most methods refuse them.

    Raises
    ------
    BadInput
        If the file cannot be read or is not such a table, with one fault for each problem. Row numbers are those of a
        spreadsheet (the header is row 1). The faults never repeat the values of cells.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:  # killings in Kosovo, 1999: four of the 15 rows of Ball and others 2002
    ...     file = Path(folder) / "lists.csv"
    ...     _ = file.write_text("EXH,ABA,OSCE,HRW,count\\n1,0,0,0,1131\\n0,1,0,0,845\\n0,0,1,0,936\\n0,0,0,1,306\\n")
    ...     read_lists(file).people
    3218
    """
    path = Path(path)
    faults = _Faults(str(path))
    header, rows = _read_cells(path, faults, encoding)
    in_file = [name for name in header if name not in (COUNT, NOISE)]
    _check_header(header, names or in_file, faults)
    _check_names(names, in_file, faults)
    faults.raise_if_any()
    is_selection = bool(names) and set(names) != set(in_file)
    header, rows = _select_columns(header, rows, [*(names or in_file), COUNT, NOISE])
    lists_named = [name for name in header if name not in (COUNT, NOISE)]
    count_position = header.index(COUNT) if COUNT in header else None
    noise = (
        _parse_noise([(number, row[header.index(NOISE)]) for number, row in rows], faults) if NOISE in header else 0.0
    )
    histories = [_parse_history(header, row, number, faults) for number, row in rows]
    counts = [
        1 if count_position is None else _parse_count(row[count_position], number, faults) for number, row in rows
    ]
    if not is_selection:
        _check_unlisted(rows, histories, counts, faults)
        if count_position is not None:
            _check_repeated_histories([number for number, _ in rows], histories, faults)
    faults.raise_if_any()
    if count_position is None and len(lists_named) > 2:
        _check_full_columns(lists_named, histories, faults)
    return _build_lists(lists_named, histories, counts, noise, faults)


def _check_names(names: Sequence[str], in_file: Sequence[str], faults: _Faults) -> None:
    """Add a fault for each named list that is no column, and for names that differ by their case alone."""
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            faults.add("is named twice", "name each list once", 1, name)
        if name not in in_file:
            faults.add("is not a column", f"name columns of the file: {', '.join(in_file)}", 1, name)
    lists = list(names or in_file)
    for place, name in enumerate(lists):
        for earlier in lists[:place]:
            if name != earlier and name.casefold() == earlier.casefold():
                todo = "rename one if they are two lists, join them if they are one, or name the lists with --lists"
                faults.add(f"differs from {earlier} by its case alone", todo, 1, name)


def _select_columns(header: list[str], rows: Rows, names: Sequence[str]) -> tuple[list[str], Rows]:
    """Return the header and the rows with these columns alone, in the order of the file."""
    places = [place for place, name in enumerate(header) if name in names]
    return [header[place] for place in places], [(number, [row[place] for place in places]) for number, row in rows]


def _check_unlisted(rows: Rows, histories: Sequence[int], counts: Sequence[int], faults: _Faults) -> None:
    """Add a fault for each row that is on no list and counts people. The library refuses the same rows."""
    for (number, _), history, count in zip(rows, histories, counts, strict=True):
        if not history and count:
            faults.add("is on no list", "leave the row out: nobody has seen these people", number)


def _read_cells(path: Path, faults: _Faults, encoding: str) -> tuple[list[str], Rows]:
    """Return the header, and the rows that are not blank with their numbers."""
    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", str(path))) from None
    text = decoded(content, str(path), encoding)
    try:
        delimiter = separator(text.lstrip().partition("\n")[0])
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=delimiter)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except csv.Error:
        raise BadInput(Fault("is not CSV", "save it as CSV with one separator between cells", str(path))) from None
    lines = [(number, row) for number, row in lines if any(row)]
    if not lines:
        faults.add("is empty", "give a head with the names of the lists, and rows")
        faults.raise_if_any()
    (_, header), *rows = lines
    header = [_column_name(name) for name in header]
    for number, row in rows:
        if len(row) != len(header):
            faults.add(f"has {len(row)} cells where the header has {len(header)}", "give one cell per column", number)
    if not rows:
        faults.add("has a head and no rows", "give the people on the lists")
    faults.raise_if_any()
    return header, rows


def _column_name(name: str) -> str:
    """Return `count` or `noise` for the columns of counts and of noise, and any other name as it is."""
    lower = name.lower()
    return COUNT if lower in COUNT_NAMES else NOISE if lower == NOISE else name


def _check_header(header: Sequence[str], names: Sequence[str], faults: _Faults) -> None:
    """Add faults of the header: missing, repeated or unreadable names, too many lists, lone noise."""
    if not names:
        faults.add("has no columns of lists", "give a 0/1 column for each list")
    for position, name in enumerate(header, 1):
        if not name:
            faults.add(f"column {position} has no name", "name the list", 1)
        elif has_control_characters(name):
            faults.add(f"has control characters in the name {name!r}", "write it without them", 1)
        elif name in header[: position - 1]:
            faults.add("two columns have this name", "give every list a name of its own", 1, name)
    if NOISE in header and COUNT not in header:
        faults.add("has a column of noise and none of counts", f"add a column {COUNT}, or leave it out", 1, NOISE)
    if len(names) > MOST_LISTS:
        faults.add(f"has {len(names)} lists", f"join lists of the same kind until there are at most {MOST_LISTS}")


def _parse_history(header: Sequence[str], row: Sequence[str], number: int, faults: _Faults) -> int:
    """Return the bitmask of one row: bit j is set for a 1 in the column of list j."""
    history, bit = 0, 1
    for name, cell in zip(header, row, strict=True):
        if name in (COUNT, NOISE):
            continue
        if cell.lower() in YES:
            history |= bit
        elif cell.lower() not in NO:
            faults.add("is not 0 or 1", "write 1 for people on the list and 0 for others", number, name)
            history |= bit  # otherwise the row would get a second fault, that it is on no list
        bit <<= 1
    return history


def _parse_count(cell: str, number: int, faults: _Faults) -> int:
    """Return the count of one row; 0 and a fault if it is not a whole number of people."""
    if THOUSANDS.fullmatch(cell):
        cell = re.sub("[^0-9]", "", cell)
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    problem = ""
    if not cell:
        problem = "is missing"
    elif math.isnan(value):
        problem = "is not a number"
    elif value < 0:
        problem = "is negative"
    elif value > MOST_PEOPLE:
        problem = f"is more than {MOST_PEOPLE:,}"
    elif value != math.floor(value):
        problem = "is a fraction"
    if problem:
        faults.add(problem, "give a whole number of people", number, COUNT)
        return 0
    return int(value)


def _parse_noise(cells: Sequence[tuple[int, str]], faults: _Faults) -> float:
    """Return the standard deviation of the noise, which all rows share; 0 and a fault if it is invalid."""
    for number, cell in cells:
        try:
            value = float(cell) if cell.isascii() and "_" not in cell else math.nan
        except ValueError:
            value = math.nan
        if not 0 <= value <= MOST_NOISE:
            faults.add("is not a standard deviation of noise", f"give people, 0 to {MOST_NOISE:,.0f}", number, NOISE)
            return 0.0
        if cell != cells[0][1]:
            faults.add("is not that of the first row", "give counts of the same noise", number, NOISE)
            return 0.0
    return float(cells[0][1])


def _check_full_columns(names: Sequence[str], histories: Sequence[int], faults: _Faults) -> None:
    """Add a fault for each column in which all rows are 1.

    Such a column is probably a count. If it were a list, no model would have an estimate.
    """
    for j, name in enumerate(names):
        if all((history >> j) & 1 for history in histories):
            faults.add("everybody is on this list", f"leave it out, or call it {COUNT} if it counts", column=name)


def _check_repeated_histories(numbers: Sequence[int], histories: Sequence[int], faults: _Faults) -> None:
    """Add a fault for each history in two rows. The counts are not added up: one of them may be an error."""
    first: dict[int, int] = {}
    for number, history in zip(numbers, histories, strict=True):
        earlier_row = first.setdefault(history, number)
        if history and earlier_row != number:
            faults.add(f"is on the same lists as row {earlier_row}", "give one row and its right count", number)


def _build_lists(names: list[str], histories: list[int], counts: list[int], noise: float, faults: _Faults) -> Lists:
    """Return lists with people summed by history. Raises BadInput if a list is empty or repeated."""
    totals = np.bincount(histories, weights=counts, minlength=1 << len(names)).astype(np.int64)
    totals[0] = 0  # people on none of the named lists
    people = int(totals.sum())
    if people > MOST_PEOPLE:
        faults.add(f"has more than {MOST_PEOPLE:,} people", "give counts of people on lists, not of a population")
    occupied = np.flatnonzero(totals)
    for j, name in enumerate(names):
        if not ((occupied >> j) & 1).any():
            faults.add("nobody is on this list", "leave the column out", column=name)
    faults.raise_if_any()
    lists = build_unchecked_lists(tuple(names), occupied.astype(np.int64), totals[occupied], noise)
    if lists.same:
        faults.add(f"lists {lists.same[0]} and {lists.same[1]} hold the same people", "give one of them")
    faults.raise_if_any()
    return lists
