"""The columns of every snapshot, read from `data/snapshot.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kerege.standard import codes

# `kind:payer` pairs are built from two lists
PAIRS = {"service_payer": ("service", "payer")}


@dataclass(frozen=True)
class Column:
    """A column of a snapshot: its code list ('' for free codes such as a year) and whether it holds several values."""

    name: str
    list: str
    multi: bool

    def label(self, value: str, language: str) -> str:
        """What a value of the column is called; free codes are their own label."""
        if self.list in PAIRS and ":" in value:
            parts = zip(PAIRS[self.list], value.split(":"), strict=True)
            return " · ".join(codes.label(name, part, language) for name, part in parts)
        if not self.list or self.list in PAIRS:
            return codes.label("answer", value, language) if value in {"_T", "_U"} else value
        return codes.label(self.list, value, language)


@cache
def _declared() -> dict[str, tuple[Column, ...]]:
    text = (resources.files("kerege.standard") / "data" / "snapshot.toml").read_text(encoding="utf-8")
    return {
        unit: tuple(Column(name, entry.get("list", ""), entry.get("multi", False)) for name, entry in columns.items())
        for unit, columns in tomllib.loads(text).items()
    }


def units() -> tuple[str, ...]:
    """What a row of a snapshot can be."""
    return tuple(_declared())


def columns(unit: str) -> tuple[Column, ...]:
    """The columns of a unit, in order; raises LookupError for an unknown unit."""
    if unit not in _declared():
        raise LookupError(f"no unit {unit!r}")
    return _declared()[unit]


def column(unit: str, name: str) -> Column:
    """One column of a unit; raises LookupError."""
    for found in columns(unit):
        if found.name == name:
            return found
    raise LookupError(f"no column {name!r} in the snapshot of {unit}")
