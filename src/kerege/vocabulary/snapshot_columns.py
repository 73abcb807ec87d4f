"""The columns of every snapshot, read from `data/snapshot.toml`: all that ever leaves the register, without names."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from kerege.vocabulary import codes

PERSONS = ("victims", "suspects")


class UnknownColumn(LookupError):
    """There is no such unit, or the unit has no such column."""


@dataclass(frozen=True)
class Column:
    """A column of a snapshot: its code list, whether it holds several values, and what people call it."""

    name: str
    list: str
    multi: bool
    titles: Mapping[str, str] = field(compare=False)

    def title(self, lang: str) -> str:
        """What people call the column."""
        return self.titles[lang]

    def label(self, value: str, lang: str) -> str:
        """What people call one of its values. Raises KeyError for a value that the list does not have."""
        return codes.label(self.list, value, lang)


@dataclass(frozen=True)
class Unit:
    """What a row of a snapshot is, and its columns in order."""

    name: str
    titles: Mapping[str, str]
    row: Mapping[str, str]
    columns: tuple[Column, ...]
    personal: bool = True  # whether its counts are of people


@cache
def _declared() -> dict[str, Unit]:
    text = (files("kerege.vocabulary") / "data" / "snapshot.toml").read_text(encoding="utf-8")
    return {
        name: Unit(
            name,
            unit["title"],
            unit["row"],
            tuple(_column(*item) for item in unit["columns"].items()),
            unit.get("personal", True),
        )
        for name, unit in tomllib.loads(text).items()
    }


def _column(name: str, entry: dict[str, Any]) -> Column:
    titles = entry.get("title") or codes.code_list(entry["list"]).titles
    return Column(name, entry["list"], entry.get("multi", False), titles)


def units() -> tuple[str, ...]:
    """What a row of a snapshot can be."""
    return tuple(_declared())


def a_person_a_row(name: str) -> bool:
    """Whether a row is all that is told of one person; of files that nobody declared it is taken to be."""
    return name in PERSONS or name not in _declared()


def unit(name: str) -> Unit:
    """One unit; raises UnknownColumn (a LookupError)."""
    if name not in _declared():
        raise UnknownColumn(f"there is no unit {name!r}: use one of {', '.join(units())}")
    return _declared()[name]


def personal(name: str) -> bool:
    """Whether counts of a unit are of people; those of units that nobody declared are taken to be."""
    return name not in _declared() or _declared()[name].personal


def columns(name: str) -> tuple[Column, ...]:
    """The columns of a unit, in order; raises UnknownColumn."""
    return unit(name).columns


def column(name: str, column_name: str) -> Column:
    """One column of a unit; raises UnknownColumn."""
    for found in columns(name):
        if found.name == column_name:
            return found
    raise UnknownColumn(f"there is no column {column_name!r} in the snapshot of {name}")


def multi(name: str) -> frozenset[str]:
    """The columns of a unit that hold several values."""
    return frozenset(found.name for found in columns(name) if found.multi)
