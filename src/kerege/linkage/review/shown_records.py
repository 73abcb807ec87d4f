"""Records as their files have them, for a person who judges pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kerege.linkage.input import read_tables, role_assignment
from kerege.linkage.input.column_roles import ROLES


@dataclass(frozen=True)
class ShownRecords:
    """Records by role of their columns: a table for each file, in the order of `link_files.gather`."""

    tables: list[pl.DataFrame]

    def of(self, row: int) -> dict[str, str]:
        """Return the values of a record by role; several values of a role are separated by semicolons."""
        for table in self.tables:
            if row < len(table):
                return {role: text for role, text in table.row(row, named=True).items() if text}
            row -= len(table)
        raise IndexError(row)


def read_shown_records(paths: Sequence[Path], given: Mapping[str, str], encoding: str = "") -> ShownRecords:
    """Read the columns that linkage uses, with the values of the files. Raises BadInput as `gather` does."""
    return ShownRecords([_read(path, given, encoding) for path in paths])


def _read(path: Path, given: Mapping[str, str], encoding: str) -> pl.DataFrame:
    table = read_tables.read_table(path, read_tables.ignore_note, encoding)
    roles = role_assignment.assign_roles(table, path.name, role_assignment.roles_of_file(given, path, table), "")
    used = [role for role in ROLES if role in roles and role != "id"]
    return table.select(pl.concat_str(roles[role], separator="; ", ignore_nulls=True).alias(role) for role in used)


def compare_records(left: Mapping[str, str], right: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return role, left and right value for each role of which one record has a value.

    Examples
    --------
    >>> compare_records({"given": "Дана"}, {"given": "Dana", "sex": "f"})
    [('given', 'Дана', 'Dana'), ('sex', '', 'f')]
    """
    return [(role, left.get(role, ""), right.get(role, "")) for role in ROLES if role in left or role in right]
