"""Denominators of rates: the people of each stratum, from a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from kerege.base.csv_cells import separator
from kerege.base.errors import BadInput, Fault
from kerege.base.text_files import decoded

POPULATION, SOURCE = "population", "source"
PEOPLE_NAMES = (POPULATION, "persons")  # names of the column of people
MOST_PEOPLE = 10_000_000_000


@dataclass(frozen=True)
class Denominators:
    """People by level of some covariates.

    columns: the covariates, in the order of the file. people: by level of each. sources: where the figures are from.
    """

    columns: tuple[str, ...] = ()
    people: Mapping[tuple[str, ...], int] = field(default_factory=dict)
    sources: tuple[str, ...] = ()

    def of(self, levels: Mapping[str, Sequence[str]]) -> int | None:
        """Return the people of a stratum, given the levels in it; None if the file lacks one."""
        cells = list(product(*(levels[name] for name in self.columns)))
        if not self.people or any(cell not in self.people for cell in cells):
            return None
        return sum(self.people[cell] for cell in cells)


def read_denominators(path: Path, by: Sequence[str], encoding: str = "") -> Denominators:
    """Read a CSV file of people by stratum.

    Parameters
    ----------
    path : Path
        A CSV file with a header. It has the column `population` (or `persons`), one column for some or all of
        the covariates, and may have `source`. Each combination of levels has one row.
    by : sequence of str
        The covariates.
    encoding : str, default ""
        Encoding of the file; '' for UTF-8, or UTF-16 with a byte order mark.

    Returns
    -------
    Denominators
        People by level. A covariate without a column does not divide the population: the rate of a form of exploitation
        is per 100,000 people of the same sex and age.

    Raises
    ------
    BadInput
        If the file cannot be read, has other columns, or a number is not a whole number of people above 0.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "population.csv")
    ...     _ = file.write_text("sex,population,source\\nfemale,10500000,census\\nmale,9900000,census\\n")
    ...     denominators = read_denominators(file, ["sex", "form"])
    >>> denominators.of({"sex": ["female", "male"], "form": ["labour"]}), denominators.sources
    (20400000, ('census',))
    """
    try:
        content = path.read_bytes()
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", str(path))) from None
    text = decoded(content, str(path), encoding)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator(text.partition("\n")[0]))
    try:
        header = [name.strip() for name in reader.fieldnames or ()]
        reader.fieldnames = header
        rows = list(reader)
    except csv.Error:
        raise BadInput(Fault("is not CSV", "save it as CSV with one separator between cells", str(path))) from None
    counted = next((name for name in header if name in PEOPLE_NAMES), "")
    columns = tuple(name for name in header if name in by)
    if faults := _check_header(header, counted, columns, by, str(path)):
        raise BadInput(faults)
    people: dict[tuple[str, ...], int] = {}
    sources: dict[str, None] = {}
    for number, row in enumerate(rows, 2):
        if None in row:
            faults.append(Fault("has more cells than the header", "give one cell per column", str(path), number))
        cell = tuple((row[name] or "").strip() for name in columns)
        if cell in people:
            faults.append(Fault("has the levels of an earlier row", "give one row for each stratum", str(path), number))
        people[cell] = _parse_people(row[counted], number, str(path), counted, faults)
        if row.get(SOURCE):
            sources[str(row[SOURCE]).strip()] = None
    if not people:
        faults.append(Fault("has no rows", "give the people of each stratum", str(path)))
    if faults:
        raise BadInput(faults)
    return Denominators(columns, people, tuple(sources))


def _check_header(
    header: Sequence[str], counted: str, columns: Sequence[str], by: Sequence[str], path: str
) -> list[Fault]:
    """Return the faults of the header."""
    faults = []
    if not counted:
        faults.append(Fault("has no column of people", f"add a column {POPULATION}", path, 1))
    if not columns:
        faults.append(Fault("has no column of a covariate", f"add one of {', '.join(by)}", path, 1))
    known = {*by, *PEOPLE_NAMES, SOURCE}
    faults += [
        Fault("is not a covariate of --by", f"remove it, or add it to --by; there are {', '.join(by)}", path, 1, name)
        for name in header
        if name not in known
    ]
    return faults


def _parse_people(cell: str | None, number: int, path: str, column: str, faults: list[Fault]) -> int:
    """Return the people of one row; 0 and a fault if it is not a whole number above 0."""
    text = (cell or "").strip()
    if text.isascii() and text.isdigit() and 0 < int(text) <= MOST_PEOPLE:
        return int(text)
    faults.append(Fault("is not a whole number of people above 0", "write it without separators", path, number, column))
    return 0
