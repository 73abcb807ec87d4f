"""Roles of the columns of a file of persons: as given, or by their headers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.linkage.input.column_roles import (
    NAME,
    NAMING_ROLES,
    ROLES,
    SEVERAL,
    ColumnsByRole,
    header_key,
    is_vague,
    role_of,
)
from kerege.linkage.input.read_tables import headers_of


def find_column(text: str, path: Path, frame: pl.DataFrame) -> str | None:
    """Return the column that `COLUMN` or `FILE:COLUMN` names in this file; None if there is none."""
    headers = headers_of(frame)
    if text in headers:
        return text
    columns = (text[len(name) + 1 :] for name in (str(path), path.name, path.stem) if text.startswith(f"{name}:"))
    return next((column for column in columns if column in headers), None)


def roles_of_file(given: Mapping[str, str], path: Path, frame: pl.DataFrame) -> dict[str, str]:
    """Return the roles given for columns of this file; `FILE:COLUMN` takes precedence over `COLUMN`."""
    names = sorted(given, key=lambda text: text not in frame.columns)
    return {column: given[text] for text in names if (column := find_column(text, path, frame)) is not None}


def assign_roles(frame: pl.DataFrame, name: str, given: Mapping[str, str], id_column: str) -> ColumnsByRole:
    """Return the columns by role: as `given` (column to role), otherwise by their header.

    Raises BadInput if no column names a person, or if `given` is inconsistent.
    """
    given_roles = {**given, id_column: "id"} if id_column else dict(given)
    _check_given_roles(given_roles, frame, name)
    columns = headers_of(frame)
    by_precision = sorted(columns, key=is_vague)
    by_header = _group_by_role(
        {column: _find_header_role(frame[column]) for column in by_precision if column not in given_roles}
    )
    explicit_roles = _group_by_role({column: given_roles[column] for column in columns if column in given_roles})
    if "birth_day" in by_header and not {"birth_date", "birth_year"} & (by_header.keys() | explicit_roles.keys()):
        by_header["birth_date"] = by_header.pop("birth_day")  # without year columns, `birthday` is a whole date
    if part := _find_part_of_name(frame, by_header, {**by_header, **explicit_roles}):
        by_header[part] = by_header.pop("full")
    # roles given by the user take precedence over headers
    result = {**by_header, **explicit_roles}
    for role in SEVERAL:
        if role in result:
            role_columns = [*by_header.get(role, []), *explicit_roles.get(role, [])]
            result[role] = [column for column in columns if column in role_columns]
    result = {role: names if role in SEVERAL else names[:1] for role, names in result.items()}
    if not NAMING_ROLES & result.keys():
        # without a known header the first row can be a person: the message must not repeat it
        seen = f"columns: {', '.join(columns)}" if result else "the first row may be no header"
        problem = f"no column names a person ({seen})"
        raise BadInput(Fault(problem, "state the kind of each: --map COLUMN=given --map COLUMN=family ...", name))
    return result


def _group_by_role(roles: Mapping[str, str]) -> ColumnsByRole:
    columns: ColumnsByRole = {}
    for column, role in roles.items():
        if role:
            columns.setdefault(role, []).append(column)
    return columns


def _find_header_role(column: pl.Series) -> str:
    """Return the role of a header; a vague one is an id only if its values are complete and unique."""
    role = role_of(column.name)
    is_usable = role != "id" or not is_vague(column.name) or not (column.is_null() | column.is_duplicated()).any()
    return role if is_usable else ""


def _find_part_of_name(frame: pl.DataFrame, by_header: ColumnsByRole, roles: ColumnsByRole) -> str:
    """Return the role that a column `name` has beside a column of the other part of the name.

    '' if both parts have a column, or if the values of `name` mostly contain the other part.
    """
    parts = [role for role in ("given", "family") if role in roles]
    if len(parts) != 1 or [header_key(column) in NAME for column in by_header.get("full", [])] != [True]:
        return ""
    name, part = (pl.col(roles[role][0]).str.to_lowercase() for role in ("full", *parts))
    repeats = frame.select(name.str.contains(part, literal=True).drop_nulls()).to_series()
    if not len(repeats) or 2 * int(repeats.sum()) >= len(repeats):
        return ""
    return "given" if parts == ["family"] else "family"


def _check_given_roles(given: Mapping[str, str], frame: pl.DataFrame, name: str) -> None:
    columns = headers_of(frame)
    faults = [
        Fault("there is no such column", f"choose from {', '.join(columns)}", name, column=column)
        for column in given
        if column not in columns
    ]
    faults += [
        Fault(f"{role} is not a kind of column", f"choose from {', '.join(ROLES)}", name, column=column)
        for column, role in given.items()
        if role not in ROLES and role
    ]
    faults += [
        Fault(
            f"is named as {role}, and so is {role_columns[0]}",
            "give this role to one of them",
            name,
            column=role_columns[1],
        )
        for role, role_columns in _group_by_role(given).items()
        if role not in SEVERAL and len(role_columns) > 1
    ]
    if faults:
        raise BadInput(faults)
