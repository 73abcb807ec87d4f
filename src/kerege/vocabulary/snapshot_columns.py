"""Columns of every snapshot, from `data/snapshot.toml`.

They are the only data that leave the register, and hold no names.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from kerege.vocabulary import codes, kept_labels
from kerege.vocabulary.languages import Texts

PERSONS = ("victims", "suspects")


class UnknownColumn(LookupError):
    """Error for an unknown unit, or for a column that the unit lacks."""


@dataclass(frozen=True)
class SnapshotColumn:
    """Column of a snapshot: code list, titles, and whether it holds several values."""

    name: str
    list: str
    multi: bool
    titles: Mapping[str, str] = field(compare=False)
    since: int = 1  # version of the columns that added it

    def title(self, lang: str) -> str:
        """Return the title of the column."""
        return self.titles[lang]

    def label(self, value: str, lang: str) -> str:
        """Return the label of a value; raises KeyError for a value outside the list."""
        return codes.label(self.list, value, lang)


@dataclass(frozen=True)
class PeopleOfRows:
    """The people whom the rows of a unit concern: their unit, and the columns about the person of a row.

    `same` are columns in which a row has the value of its person. `values` maps a column of the rows to the
    multi-valued column in which each person has the values of all their rows.
    """

    of: str
    same: Sequence[str] = ()
    values: Mapping[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Unit:
    """Unit of a snapshot (the subject of a row) and its columns in order."""

    name: str
    titles: Mapping[str, str]
    row: Mapping[str, str]
    columns: tuple[SnapshotColumn, ...]
    personal: bool = True  # whether its counts are counts of persons
    people: PeopleOfRows | None = None  # set if the rows concern people of another unit


@cache
def _declared() -> dict[str, Unit]:
    text = (files("kerege.vocabulary") / "data" / "snapshot.toml").read_text(encoding="utf-8")
    return {
        name: Unit(
            name=name,
            titles=Texts(unit["title"]),
            row=Texts(unit["row"]),
            columns=tuple(_column(*item) for item in unit["columns"].items()),
            personal=unit.get("personal", True),
            people=PeopleOfRows(**unit["people"]) if "people" in unit else None,
        )
        for name, unit in tomllib.loads(text).items()
    }


def _column(name: str, entry: dict[str, Any]) -> SnapshotColumn:
    titles = Texts(entry["title"]) if "title" in entry else codes.code_list(entry["list"]).titles
    return SnapshotColumn(name, entry["list"], entry.get("multi", False), titles, entry.get("since", 1))


def units() -> tuple[str, ...]:
    """Return the names of all units."""
    return tuple(_declared())


def a_person_a_row(name: str) -> bool:
    """Return whether each person has one row; also true for undeclared units."""
    return name in PERSONS or name not in _declared()


def unit(name: str) -> Unit:
    """Return a unit; raises UnknownColumn (a LookupError)."""
    if name not in _declared():
        raise UnknownColumn(f"there is no unit {name!r}: use one of {', '.join(units())}")
    titles = kept_labels.find_unit_title(name)
    return replace(_declared()[name], titles=titles) if titles else _declared()[name]


def personal(name: str) -> bool:
    """Return whether counts of a unit are counts of persons; also true for undeclared units."""
    return name not in _declared() or _declared()[name].personal


def people_of(name: str) -> PeopleOfRows | None:
    """Return the people whom the rows of a unit concern, None where a row is a person or names nobody."""
    return _declared()[name].people if name in _declared() else None


def version(name: str) -> int:
    """Return the version of the columns of a unit: that of its newest column; raises UnknownColumn.

    Examples
    --------
    >>> version("campaigns"), version("victims")
    (1, 2)
    """
    return max(entry.since for entry in columns(name))


def columns(name: str) -> tuple[SnapshotColumn, ...]:
    """Return the columns of a unit, in order; raises UnknownColumn."""
    return unit(name).columns


def column(name: str, column_name: str) -> SnapshotColumn:
    """Return a column of a unit; raises UnknownColumn."""
    for entry in columns(name):
        if entry.name == column_name:
            titles = kept_labels.find_column_title(name, column_name)
            return replace(entry, titles=titles) if titles else entry
    raise UnknownColumn(f"there is no column {column_name!r} in the snapshot of {name}")


def added_in(name: str, column_name: str) -> int:
    """Return the version of the columns that added a column; 0 for an undeclared one.

    Examples
    --------
    >>> added_in("victims", "sex"), added_in("victims", "legal_aid"), added_in("victims", "shoe_size")
    (1, 2, 0)
    """
    try:
        return column(name, column_name).since
    except UnknownColumn:
        return 0


def multi(name: str) -> frozenset[str]:
    """Return the columns of a unit that hold several values."""
    return frozenset(entry.name for entry in columns(name) if entry.multi)
