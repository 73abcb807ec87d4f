"""Mid-year populations for rates, by country, year, sex and age group, each with its source.

`population.csv` of a pack holds figures from citable sources only. Without a figure there is no rate: nothing is
interpolated or guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kerege.base.errors import BadInput, Fault
from kerege.vocabulary.code_files import read_pack_csv
from kerege.vocabulary.pack import Pack, active_pack

TOTAL = "_T"
SEXES, AGES = (TOTAL, "female", "male"), (TOTAL, "child", "adult")
NEEDED = ("year", "sex", "age_group", "persons", "source")
Key = tuple[str, int, str, str]


@dataclass(frozen=True)
class Population:
    """Mid-year population, its source, and whether the ministry has confirmed it."""

    persons: int
    source: str
    confirmed: bool

    @property
    def with_source(self) -> str:
        """Return the figure with its source, as a note states it."""
        return f"{self.persons:,} persons, {self.source}{'' if self.confirmed else ' (unconfirmed)'}"


def bundled_populations() -> Mapping[Key, Population]:
    """Return every bundled population by country, year, sex and age group."""
    return _populations_of(active_pack())


@cache
def _populations_of(pack: Pack) -> Mapping[Key, Population]:
    """Return the populations of a pack, which is the active one."""
    return {
        (row["country"], int(row["year"]), row["sex"], row["age_group"]): Population(
            int(row["persons"]), f"{row['source']}, {row['url']}", row["confirmed"] == "yes"
        )
        for row in read_pack_csv("population.csv")
    }


def populations_of(country: str, national: Population, year: int) -> dict[Key, Population]:
    """Return the populations of a country: the bundled figures and the national one from its profile.

    Parameters
    ----------
    country : str
        ISO 3166 alpha-2 code in capitals.
    national : Population
        National total of the profile, in persons.
    year : int
        Year of the national total. It applies if no figure is bundled, or if it is confirmed.

    Returns
    -------
    dict of tuple to Population
        By country, year, sex and age group.

    Notes
    -----
    SDG indicator 16.2.2 divides by mid-year populations. Each figure names its source in `population.csv` of the pack.

    Examples
    --------
    >>> figures = populations_of("XX", Population(20_000_000, "census", confirmed=True), 2024)
    >>> figures["XX", 2024, "_T", "_T"].persons
    20000000
    """
    shipped = {key: figure for key, figure in bundled_populations().items() if key[0] == country}
    national_key = (country, year, TOTAL, TOTAL)
    return {national_key: national} | shipped | ({national_key: national} if national.confirmed else {})


def read(path: Path, country: str) -> dict[Key, Population]:
    """Read the populations of a statistics office from CSV.

    Parameters
    ----------
    path : Path
        CSV file in UTF-8 with the columns year, sex, age_group, persons and source.
    country : str
        ISO 3166 alpha-2 code of the country of the figures.

    Returns
    -------
    dict of tuple to Population
        Persons by country, year, sex and age group. The supplier of the file is responsible for it, so its figures
        count as confirmed.

    Raises
    ------
    BadInput
        If the file is unreadable, lacks a column or holds an invalid value. It lists every fault.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "population.csv")
    ...     _ = file.write_text("year,sex,age_group,persons,source\\n2025,_T,_T,20000000,yearbook\\n")
    ...     figures = read(file, "KZ")
    >>> figures["KZ", 2025, "_T", "_T"].with_source
    '20,000,000 persons, yearbook'
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows, columns = list(reader), reader.fieldnames or []
    except (OSError, UnicodeDecodeError, csv.Error):
        raise BadInput(Fault("cannot be read as CSV in UTF-8", "check the file", file=str(path))) from None
    if missing := [name for name in NEEDED if name not in columns]:
        fault = Fault(f"has no column {missing[0]}", f"give {', '.join(NEEDED)}", file=str(path))
        raise BadInput(fault)
    faults = [fault for number, row in enumerate(rows, 2) for fault in _row_faults(row, str(path), number)]
    if faults:
        raise BadInput(faults)
    return {
        (country, int(row["year"]), row["sex"], row["age_group"]): Population(int(row["persons"]), row["source"], True)
        for row in rows
    }


def _row_faults(row: Mapping[str, str | None], file: str, number: int) -> Iterable[Fault]:
    year, persons = row["year"] or "", row["persons"] or ""
    if not (year.isascii() and year.isdigit() and len(year) == 4):
        yield Fault("is not a year", "write it as 2025", file, number, "year")
    if row["sex"] not in SEXES:
        yield Fault("is not a sex of a population", f"use one of {', '.join(SEXES)}", file, number, "sex")
    if row["age_group"] not in AGES:
        yield Fault("is not an age group of a population", f"use one of {', '.join(AGES)}", file, number, "age_group")
    if not (persons.isascii() and persons.isdigit() and int(persons) > 0):
        yield Fault("is not a number of persons", "write a whole number above zero", file, number, "persons")
    if not (row["source"] or "").strip():
        yield Fault("is empty", "say where the figure was read", file, number, "source")
