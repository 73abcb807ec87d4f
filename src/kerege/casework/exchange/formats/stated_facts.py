"""Columns that only a file has, settled as ours: a full name in one cell, an age in years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from kerege.casework.exchange.htcds.read_file import FileTable, Row
from kerege.linkage.names.full_name import divide
from kerege.vocabulary.dates import age_band

FULL_NAME, AGE = "prs_FullName", "prs_Age"
FILE_ONLY = (FULL_NAME, AGE)
PARTS = ("prs_FirstName", "prs_MiddleName", "prs_SecondName")
OLDEST = 120


def settle_facts(rows: Iterable[Row], table: FileTable) -> Iterator[Row]:
    """Yield rows whose full names are divided and whose ages are age bands; note each rule that was used."""
    counted: Counter[str] = Counter()
    for number, values in rows:
        if name := values.pop(FULL_NAME, ""):
            counted[_settle_name(table, number, name, values)] += 1
        if age := values.pop(AGE, "").strip():
            counted[_settle_age(table, number, age, values)] += 1
        yield number, values
    if whole := counted["whole"]:
        table.notes.append(f"full names that cannot be divided and are kept whole as the first name: {whole}")
    if divided := counted["divided"]:
        table.notes.append(f"full names divided into family name, given name and patronymic: {divided}")
    if ages := counted["age"]:
        table.notes.append(f"ages in years kept as the age band at registration: {ages}")
    if beside := counted["birth"]:
        table.notes.append(f"ages in years left out, since the row states the date of birth: {beside}")


def _settle_name(table: FileTable, number: int, name: str, values: dict[str, str]) -> str:
    """Set the parts of a full name, or the whole as the first name; return what was done."""
    parts = divide(name, table.mapping.reading.get("names", ""))
    stated = dict(zip(PARTS, parts, strict=True)) if parts else {PARTS[0]: " ".join(name.split())}
    for column, text in stated.items():
        if text and values.setdefault(column, text).strip() != text:
            what = "says something else than another column with the same meaning"
            table.faults.add(what, "keep one of the two", number, FULL_NAME)
    return "divided" if parts else "whole"


def _settle_age(table: FileTable, number: int, age: str, values: dict[str, str]) -> str:
    """Set the age band of an age where no date of birth is stated; return what was done."""
    if not (age.isascii() and age.isdigit()):
        values.setdefault("prs_AgeBand", age)
        return "band"
    if int(age) > OLDEST:
        table.faults.add("is an age of more than 120 years", "correct it", number, AGE)
        return "fault"
    if values.get("prs_Birthdate", "").strip():
        return "birth"
    values.setdefault("prs_AgeBand", age_band(int(age)))
    return "age"
