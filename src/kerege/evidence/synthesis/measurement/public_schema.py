"""Public values of the columns: from code lists or a schema file, never from the records."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.data.record_frames import SEPARATOR
from kerege.evidence.data.snapshot import RESERVED, Snapshot
from kerege.vocabulary import codes, ctdc

CODE_LIST, FILE, CTDC, DISCOVERED = "code list", "schema file", "variables of CTDC", "discovered under delta"
SOURCES = (CODE_LIST, FILE, CTDC, DISCOVERED)


@dataclass(frozen=True)
class Column:
    """The public values of a column, in order.

    `multi` columns hold several per record; `source` is their origin. `code_list` is the code list of the values, '' if
    none is known.
    """

    name: str
    values: tuple[str, ...]
    multi: bool = False
    source: str = FILE
    code_list: str = ""

    @property
    def open(self) -> bool:
        """Return whether the column has no public list: only values that many records report are found."""
        return self.source == DISCOVERED


Schema = tuple[Column, ...]


def width(schema: Schema) -> int:
    """Return the most values of a record: one per column, all values of a multi-valued column."""
    return sum(len(column.values) if column.multi else 1 for column in schema)


def as_dict(schema: Schema) -> dict[str, Any]:
    """Return the values of a schema as the tree of a schema file; the digest of a request holds it."""
    return {
        "columns": {
            column.name: {"values": list(column.values), "multi": column.multi, "source": column.source}
            for column in schema
        }
    }


def describe(schema: Schema) -> dict[str, Any]:
    """Return the tree of `as_dict` with the code lists, for a certificate."""
    tree = as_dict(schema)
    for column in schema:
        if column.code_list:
            tree["columns"][column.name]["list"] = column.code_list
    return tree


def read(path: Path) -> Schema:
    """Return the schema of a file.

    A column is `[columns.NAME]` with `values = [...]` or `list = "code list"`, and `multi`.

    A `source` key is ignored: the author of the file vouches for the list. Raise BadInput for an unreadable file, an
    unknown code list, and for missing, reserved or repeated values.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", str(path))) from None
    except ValueError:  # bad TOML or bad UTF-8
        raise BadInput(Fault("is not TOML", "write [columns.NAME] with values = [...]", str(path))) from None
    if isinstance(columns := tree.get("columns"), dict):
        for entry in columns.values():
            if isinstance(entry, dict):
                entry.pop("source", None)
    return parse_schema(tree, str(path))


def parse_schema(tree: dict[str, Any], file: str = "") -> Schema:
    """Return the schema of a tree (of `as_dict`, of `describe` or of a schema file).

    Raise BadInput for a tree that is not valid.
    """
    columns = tree.get("columns")
    if not isinstance(columns, dict) or not columns or set(tree) != {"columns"}:
        raise BadInput(Fault("names no columns", "write [columns.NAME] with values = [...]", file))
    return tuple(_parse_column(name, entry, file) for name, entry in columns.items())


def _parse_column(name: str, entry: Any, file: str) -> Column:
    todo = 'give values = ["A", "B"] or list = "sex", and multi = true for several values per record'
    if not isinstance(entry, dict) or not set(entry) <= {"values", "list", "multi", "source"}:
        raise BadInput(Fault("is not described", todo, file, column=shown(name)))
    is_described = {"values", "list", "source"} <= set(entry)  # by `describe`, in a certificate
    if (("values" in entry) == ("list" in entry) and not is_described) or not isinstance(
        entry.get("multi", False), bool
    ):
        raise BadInput(Fault("needs either values or a code list", todo, file, column=shown(name)))
    if "list" in entry and not is_described:
        try:
            code_values = codes.values(str(entry["list"]))
        except codes.UnknownList:
            near = get_close_matches(str(entry["list"]), codes.names(), 3)
            fault = Fault(
                f"names a code list that does not exist: {shown(str(entry['list']))}",
                f"take {listed(near)}" if near else "see the reference of code lists",
                file,
                column=shown(name),
            )
            raise BadInput(fault) from None
        return Column(name, code_values, entry.get("multi", False), CODE_LIST, str(entry["list"]))
    values = entry["values"]
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise BadInput(Fault("has no list of texts as its values", todo, file, column=shown(name)))
    source, multi = entry.get("source", FILE), entry.get("multi", False)
    if source not in SOURCES or (source == DISCOVERED and multi):
        raise BadInput(Fault("has values without a known source", todo, file, column=shown(name)))
    if not values and source != DISCOVERED:
        raise BadInput(Fault("names no values", todo, file, column=shown(name)))
    if len(set(values)) < len(values):
        raise BadInput(Fault("names a value twice", "name each value once", file, column=shown(name)))
    if set(values) & set(RESERVED):
        fault = Fault(
            "_T, _U and _O are reserved for totals, not reported and small groups",
            "name others",
            file,
            column=shown(name),
        )
        raise BadInput(fault)
    if multi and any(SEPARATOR in value for value in values):
        raise BadInput(
            Fault(f"has a value with {SEPARATOR}, which separates values", "recode it", file, column=shown(name))
        )
    return Column(name, tuple(values), multi, source, str(entry.get("list", "")))


def read_known_columns(snapshot: Snapshot, listed_columns: Schema = (), columns: tuple[str, ...] = ()) -> Schema:
    """Return the columns of a snapshot with their public values.

    A column without a list is `open` and has none. The lists of `listed_columns` (a schema file) have priority over the
    code lists of the standard and, for files with CTDC columns, over the variables of CTDC. `columns` selects some
    columns. Raise BadInput for names that the snapshot does not have, and for multi-valued columns without a list.
    """
    names = list(columns) or snapshot.columns
    described = {column.name: column for column in listed_columns}
    if unknown := [name for name in (*names, *described) if name not in snapshot.columns]:
        fault = Fault(
            "there is no such column",
            f"choose among: {listed(snapshot.columns)}",
            snapshot.path,
            column=shown(unknown[0]),
        )
        raise BadInput(fault)
    if repeated := [name for name in names if names.count(name) > 1]:
        raise BadInput(Fault("is named twice", "name each column once", snapshot.path, column=shown(repeated[0])))
    return tuple(_build_public_column(snapshot, name, described) for name in names)


def _build_public_column(snapshot: Snapshot, name: str, described: Mapping[str, Column]) -> Column:
    multi = name in snapshot.multi
    if name in described and described[name].multi and not multi:
        todo = "write lists in Parquet, or leave multi out"
        fault = Fault("has one value per record, several in the schema file", todo, snapshot.path, column=shown(name))
        raise BadInput(fault)
    if name in described:
        return replace(described[name], multi=multi)
    if code_list := snapshot.list_of(name):
        return Column(name, codes.values(code_list), multi, CODE_LIST, code_list)
    if not multi and ctdc.is_like(snapshot.columns) and (values := ctdc.values(name)):
        return Column(name, values, False, CTDC, ctdc.LISTS.get(name, ""))
    if multi:
        raise BadInput(
            Fault(
                "has several values per record that nobody listed",
                "list them in a schema file",
                snapshot.path,
                column=shown(name),
            )
        )
    return Column(name, (), False, DISCOVERED)


def check(frame: pl.DataFrame, schema: Schema) -> list[str]:
    """Return warnings about answers that are not in the public lists, for the holder of the records.

    Do not publish them: they contain true counts. Raise BadInput for the columns of which no answer is in their list.
    """
    clean, lost = keep_listed_values(frame, schema)
    what, todo = "holds none of the values of its list", "give the list that belongs to it"
    faults = [Fault(what, todo, column=shown(name)) for name in lost if not _count_answers(clean[name])]
    if faults:
        raise BadInput(faults)
    return [
        f"{shown(name)}: {number:,} answers are not in its list of values and are left out"
        for name, number in lost.items()
    ]


def keep_listed_values(frame: pl.DataFrame, schema: Schema) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """Return the columns with unlisted values set to not reported, and their number by column."""
    columns = [_keep_listed(frame[column.name], column) for column in schema]
    lost = {column.name: _count_answers(frame[column.name]) - _count_answers(column) for column in columns}
    return pl.DataFrame(columns), {name: number for name, number in lost.items() if number}


def _keep_listed(series: pl.Series, column: Column) -> pl.Series:
    if column.open:
        return series
    if column.multi:
        clean = series.list.unique().list.set_intersection(list(column.values))
        return pl.select(pl.when(clean.list.len() > 0).then(clean)).to_series().alias(column.name)
    return pl.select(pl.when(series.is_in(list(column.values))).then(series)).to_series().alias(column.name)


def _count_answers(series: pl.Series) -> int:
    if series.dtype == pl.String:
        return series.len() - series.null_count()
    return int(series.list.unique().list.len().sum() or 0)
