"""Reads a table of overlapping lists: 0/1 columns and `count`, or one row a person. Faults are told by their place.

Counts that have noise say so in a column `noise`: its standard deviation, in people, the same in every row.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kerege.base.csv_cells import separator
from kerege.base.errors import BadInput, Fault
from kerege.evidence.mse.lists import MOST_LISTS, MOST_NOISE, MOST_PEOPLE, Lists, unchecked, unseen

COUNT, NOISE = "count", "noise"
TOLD = 20  # faults that are told at once; the others look the same
Rows = list[tuple[int, list[str]]]


class _Faults:
    """Faults of one file, gathered."""

    def __init__(self, file: str) -> None:
        self.file, self.found = file, list[Fault]()

    def add(self, what: str, todo: str, row: int | None = None, column: str = "") -> None:
        self.found.append(Fault(what, todo, self.file, row, column))

    def tell(self) -> None:
        """Raise BadInput if there are any."""
        if self.found:
            raise BadInput(self.found[:TOLD])


def read_lists(path: Path | str) -> Lists:
    """Read overlapping lists from a CSV file in UTF-8 with a header.

    Columns are separated by commas, or by the semicolons or tabs that the head has instead.

    Parameters
    ----------
    path : Path or str
        0/1 columns and `count`, or one row a person without `count`; beside `count` perhaps `noise`.

    Returns
    -------
    Lists
        One or two lists are read too, though most methods refuse them.

    Raises
    ------
    BadInput
        One sentence a fault. The numbers of rows are those a spreadsheet shows: the head is row 1; values of cells are
        never repeated.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:  # killings in Kosovo, 1999: six of the 15 rows of Ball and others 2002
    ...     file = Path(folder) / "lists.csv"
    ...     _ = file.write_text("EXH,ABA,OSCE,HRW,count\\n1,0,0,0,1131\\n0,1,0,0,845\\n0,0,1,0,936\\n0,0,0,1,306\\n")
    ...     read_lists(file).people
    3218
    """
    path = Path(path)
    faults = _Faults(str(path))
    head, rows = _cells(path, faults)
    names = [name for name in head if name not in (COUNT, NOISE)]
    _check_head(head, names, faults)
    faults.tell()
    place = head.index(COUNT) if COUNT in head else None
    noise = _noise([(number, row[head.index(NOISE)]) for number, row in rows], faults) if NOISE in head else 0.0
    histories = [_history(head, row, number, faults) for number, row in rows]
    counts = [1 if place is None else _people(row[place], number, faults) for number, row in rows]
    if place is not None:
        _check_doubles([number for number, _ in rows], histories, faults)
    faults.tell()
    if place is None and len(names) > 2:
        _check_everybody(names, histories, faults)
    return _lists(names, histories, counts, noise, faults)


def _cells(path: Path, faults: _Faults) -> tuple[list[str], Rows]:
    """The head, and rows that are not blank with their numbers."""
    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", str(path))) from None
    try:
        text = content.decode("utf-8-sig")
        mark = separator(text.lstrip().partition("\n")[0])
        reader = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=mark)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        raise BadInput(Fault("is no CSV in UTF-8", "save it as CSV, UTF-8, separated by commas", str(path))) from None
    lines = [(number, row) for number, row in lines if any(row)]
    if not lines:
        faults.add("is empty", "give a head with the names of the lists, and rows")
        faults.tell()
    (_, head), *rows = lines
    head = [name.lower() if name.lower() in (COUNT, NOISE) else name for name in head]
    for number, row in rows:
        if len(row) != len(head):
            faults.add(f"has {len(row)} cells where the head has {len(head)}", "give one cell a column", number)
    if not rows:
        faults.add("has a head and no rows", "give the people on the lists")
    faults.tell()
    return head, rows


def _check_head(head: Sequence[str], names: Sequence[str], faults: _Faults) -> None:
    if not names:
        faults.add("has no columns of lists", "give a 0/1 column for each list")
    for place, name in enumerate(head, 1):
        if not name:
            faults.add(f"column {place} has no name", "name the list", 1)
        elif unseen(name):
            faults.add(f"control characters in the name {name!r}", "write it without them", 1)
        elif name in head[: place - 1]:
            faults.add("two columns have this name", "give every list a name of its own", 1, name)
    if NOISE in head and COUNT not in head:
        faults.add("there is noise and nothing that is counted", f"add a column {COUNT}, or leave it out", 1, NOISE)
    if len(names) > MOST_LISTS:
        faults.add(f"has {len(names)} lists", f"join lists of the same kind until there are at most {MOST_LISTS}")


def _history(head: Sequence[str], row: Sequence[str], number: int, faults: _Faults) -> int:
    """Bit j for the j-th list."""
    history, bit = 0, 1
    for name, cell in zip(head, row, strict=True):
        if name in (COUNT, NOISE):
            continue
        if cell == "1":
            history |= bit
        elif cell != "0":
            faults.add("is not 0 or 1", "write 1 for people on the list and 0 for others", number, name)
            history |= bit  # told once: it is not on no list as well
        bit <<= 1
    if not history:
        faults.add("is on no list", "leave the row out: nobody has seen these people", number)
    return history


def _people(cell: str, number: int, faults: _Faults) -> int:
    try:
        value = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    what = ""
    if not cell:
        what = "is missing"
    elif math.isnan(value):
        what = "is not a number"
    elif value < 0:
        what = "is negative"
    elif value > MOST_PEOPLE:
        what = f"is more than {MOST_PEOPLE:,}"
    elif value != math.floor(value):
        what = "is a fraction"
    if what:
        faults.add(what, "give a whole number of people", number, COUNT)
        return 0
    return int(value)


def _noise(cells: Sequence[tuple[int, str]], faults: _Faults) -> float:
    """The standard deviation of the noise of every count."""
    for number, cell in cells:
        try:
            value = float(cell) if cell.isascii() and "_" not in cell else math.nan
        except ValueError:
            value = math.nan
        if not 0 <= value <= MOST_NOISE:
            faults.add("is no standard deviation of noise", f"give people, 0 to {MOST_NOISE:,.0f}", number, NOISE)
            return 0.0
        if cell != cells[0][1]:
            faults.add("is not that of the first row", "give counts of the same noise", number, NOISE)
            return 0.0
    return float(cells[0][1])


def _check_everybody(names: Sequence[str], histories: Sequence[int], faults: _Faults) -> None:
    """A column of ones counts people, most likely; were it a list, no model would have an estimate."""
    for j, name in enumerate(names):
        if all((history >> j) & 1 for history in histories):
            faults.add("everybody is on this list", f"leave it out, or call it {COUNT} if it counts", column=name)


def _check_doubles(numbers: Sequence[int], histories: Sequence[int], faults: _Faults) -> None:
    """A history that stands in the table twice may be an error of its maker: it is not summed."""
    first: dict[int, int] = {}
    for number, history in zip(numbers, histories, strict=True):
        before = first.setdefault(history, number)
        if history and before != number:
            faults.add(f"is on the same lists as row {before}", "give one row and its right count", number)


def _lists(names: list[str], histories: list[int], counts: list[int], noise: float, faults: _Faults) -> Lists:
    """Sums people by history; a list needs somebody on it."""
    totals = np.bincount(histories, weights=counts, minlength=1 << len(names)).astype(np.int64)
    people = int(totals.sum())
    if people > MOST_PEOPLE:
        faults.add(f"has more than {MOST_PEOPLE:,} people", "give counts of people on lists, not of a population")
    seen = np.flatnonzero(totals)
    for j, name in enumerate(names):
        if not ((seen >> j) & 1).any():
            faults.add("nobody is on this list", "leave the column out", column=name)
    faults.tell()
    lists = unchecked(tuple(names), seen.astype(np.int64), totals[seen], noise)
    if lists.same:
        faults.add(f"lists {lists.same[0]} and {lists.same[1]} hold the same people", "give one of them")
    faults.tell()
    return lists
