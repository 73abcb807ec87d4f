"""Renaming an agency's own columns and values to those of HTCDS.

A map is a TOML file: `[columns]` holds `"Their column" = "prs_FirstName"` (or `""` to leave a column out), and
`[values.prs_Gender]` holds `"ж" = "Feminine"`. In multi-select columns the values between the semicolons are renamed
one by one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerege.base.errors import BadInput, Fault
from kerege.vocabulary.htcds import ALIASES


@dataclass(frozen=True)
class ColumnMap:
    """Content of a map file; without a map file every name stays."""

    columns: dict[str, str] = field(default_factory=dict)
    values: dict[str, dict[str, str]] = field(default_factory=dict)

    def column(self, title: str) -> str:
        """Return the HTCDS column for a title; '' leaves the column out."""
        return self.columns.get(title, ALIASES.get(title, title))

    def value(self, column: str, text: str) -> str:
        """Return the HTCDS value for a text of a column, regardless of upper and lower case."""
        return self.values[column].get(text.strip().casefold(), text) if column in self.values else text


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
    values = {
        column: {text.strip().casefold(): value for text, value in pairs.items()}
        for column, pairs in tree.get("values", {}).items()
    }
    return ColumnMap(tree.get("columns", {}), values)


def check_map(tree: dict[str, Any], known: Collection[str], file: str) -> list[Fault]:
    """Return the faults of a parsed map file."""
    faults = [
        Fault(f"[{name}] is not known", "use [columns] and [values.COLUMN]", file=file)
        for name, part in tree.items()
        if name not in {"columns", "values"} or not isinstance(part, dict)
    ]
    if faults:
        return faults
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
