"""Renaming an agency's own columns and values to those of HTCDS.

A map is a TOML file: `[columns]` holds `"Their column" = "prs_FirstName"` (or `""` to leave a column out), and
`[values.prs_Gender]` holds `"ж" = "Feminine"`. In multi-select columns the values between the separators are renamed
one by one. `[reading]` holds answers about the file: its `sheet`, the `row` of the headings, the order of `days` (dmy
or mdy), the order of the words of full `names` (family-first or given-first).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.vocabulary.htcds import ALIASES

MapTree = dict[str, dict[str, Any]]  # parts of a map file
SEVERAL = re.compile(r"\|\|\||[;,\n]")
# answers about the reading of a file, with their patterns
ANSWERS = {
    "sheet": ".{0,31}",
    "row": "[1-9]|1[0-5]",  # among the first 15 rows
    "days": "dmy|mdy",
    "names": "family-first|given-first",
}


@dataclass(frozen=True)
class ColumnMap:
    """Content of a map file; without a map file every name stays."""

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    reading: dict[str, str] = field(default_factory=dict)

    def column(self, title: str) -> str:
        """Return the HTCDS column for a title; '' leaves the column out."""
        return self.columns.get(title, ALIASES.get(title, title))

    def value(self, column: str, text: str) -> str:
        """Return the HTCDS value for a text of a column, regardless of upper and lower case."""
        return self.values[column].get(text.strip().casefold(), text) if column in self.values else text

    def values_of(self, column: str, text: str) -> str:
        """Return the HTCDS values for several texts of a cell: the whole is tried first, then its parts."""
        whole = self.value(column, text)
        if whole != text:
            return whole
        parts = [part.strip() for part in SEVERAL.split(text)]
        known = self.values.get(column, {})
        return ";".join(self.value(column, part) for part in parts) if known.keys() & map(str.casefold, parts) else text


def load_map(path: Path, known: Collection[str]) -> ColumnMap:
    """Read a map file; raise BadInput with a fault for each unusable entry."""
    file = path.name
    try:
        tree = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise BadInput(Fault("cannot be read", "check the path", file=file)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Fault("is not TOML in UTF-8", f"correct it ({error})", file=file)) from error
    faults = list(check_map(tree, known, file))
    if faults:
        raise BadInput(faults)
    return map_of(tree)


def map_of(tree: MapTree) -> ColumnMap:
    """Return the map of a parsed and checked map file."""
    values = {
        column: {text.strip().casefold(): value for text, value in pairs.items()}
        for column, pairs in tree.get("values", {}).items()
    }
    reading = {name: str(answer) for name, answer in tree.get("reading", {}).items()}
    return ColumnMap(tree.get("columns", {}), values, reading)


def check_map(tree: MapTree, known: Collection[str], file: str) -> list[Fault]:
    """Return the faults of a parsed map file."""
    faults = [
        Fault(f"[{name}] is not known", "use [columns], [values.COLUMN] and [reading]", file=file)
        for name, part in tree.items()
        if name not in {"columns", "values", "reading"} or not isinstance(part, dict)
    ]
    if faults:
        return faults
    for name, answer in tree.get("reading", {}).items():
        if name not in ANSWERS or not re.fullmatch(ANSWERS[name], str(answer), re.DOTALL):
            what = "is no answer about the reading of a file"
            faults.append(Fault(what, f"use {', '.join(ANSWERS)}", file=file, column=name))
    for title, column in tree.get("columns", {}).items():
        if not isinstance(column, str) or (column and column not in known):
            faults.append(Fault("is mapped to an unknown column", "name a column of HTCDS", file=file, column=title))
    for column, pairs in tree.get("values", {}).items():
        if column not in known:
            faults.append(Fault("is not a column of HTCDS", "name one", file=file, column=column))
        elif not isinstance(pairs, dict) or not all(isinstance(value, str) for value in pairs.values()):
            what = 'values are not written as "theirs" = "ours"'
            faults.append(Fault(what, "correct them", file=file, column=column))
    return faults
