"""Which values a column may have: public knowledge, from code lists or a schema file, never from the records."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence.protect.gaussian import Noise, loss, scale_for
from kerege.evidence.snapshot import Snapshot, listed, shown
from kerege.standard import codes
from kerege.standard.faults import BadInput, Fault

CODE_LIST, FILE, DISCOVERED = "code list", "schema file", "discovered under delta"
SEPARATOR = ";"


@dataclass(frozen=True)
class Column:
    """The public values of a column, in order; `multi` columns have several a record; `source` says who told."""

    name: str
    values: tuple[str, ...]
    multi: bool = False
    source: str = FILE


Schema = tuple[Column, ...]


def as_dict(schema: Schema) -> dict[str, Any]:
    """The schema as a schema file would say it."""
    return {
        "columns": {
            column.name: {"values": list(column.values), "multi": column.multi, "source": column.source}
            for column in schema
        }
    }


def read(path: Path) -> Schema:
    """Read a schema file: `[columns.NAME]` with `values = [...]` or `list = "code list"`, and `multi`.

    Raises BadInput for an unreadable file, an unknown code list, no or repeated values.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path and its permissions", str(path))) from None
    except ValueError:  # bad TOML or bad UTF-8
        raise BadInput(Fault("is not TOML", "write [columns.NAME] with values = [...]", str(path))) from None
    return parsed(tree, str(path))


def parsed(tree: dict[str, Any], file: str = "") -> Schema:
    """The schema that a tree describes, as `as_dict` gives it or a schema file says it; raises BadInput."""
    columns = tree.get("columns")
    if not isinstance(columns, dict) or not columns or set(tree) != {"columns"}:
        raise BadInput(Fault("names no columns", "write [columns.NAME] with values = [...]", file))
    return tuple(_column(name, entry, file) for name, entry in columns.items())


def _column(name: str, entry: Any, file: str) -> Column:
    todo = 'give values = ["A", "B"] or list = "sex", and multi = true for several values a record'
    if not isinstance(entry, dict) or not set(entry) <= {"values", "list", "multi", "source"}:
        raise BadInput(Fault("is not described", todo, file, column=shown(name)))
    if ("values" in entry) == ("list" in entry) or not isinstance(entry.get("multi", False), bool):
        raise BadInput(Fault("needs either values or a code list", todo, file, column=shown(name)))
    if "list" in entry:
        if entry["list"] not in codes.names():
            fault = Fault("names a code list that does not exist", "see kerege's code lists", file, column=shown(name))
            raise BadInput(fault)
        return Column(name, tuple(codes.code_list(entry["list"]).codes), entry.get("multi", False), CODE_LIST)
    values = entry["values"]
    if not isinstance(values, list) or not all(isinstance(each, str) and each for each in values):
        raise BadInput(Fault("has no list of texts as its values", todo, file, column=shown(name)))
    if len(set(values)) < len(values):
        raise BadInput(Fault("names a value twice", "name each value once", file, column=shown(name)))
    return Column(name, tuple(values), entry.get("multi", False), entry.get("source", FILE))


def known(snapshot: Snapshot, told: Schema = (), columns: tuple[str, ...] = ()) -> tuple[Schema, list[str]]:
    """The schema of a snapshot's columns, and the columns of which nobody knows the values.

    `told` (a schema file) goes before the code lists of the standard; `columns` keeps only some. Raises BadInput for
    names that the snapshot does not have.
    """
    wanted = list(columns) or snapshot.columns
    described = {column.name: column for column in told}
    if strange := [name for name in (*wanted, *described) if name not in snapshot.columns]:
        fault = Fault("there is no such column", f"choose among: {listed(snapshot.columns)}", snapshot.path,
                      column=shown(strange[0]))  # fmt: skip
        raise BadInput(fault)
    schema, unknown = [], []
    for name in wanted:
        multi = name in snapshot.multi
        if name in described:
            schema.append(Column(name, described[name].values, multi, described[name].source))
        elif snapshot.list_of(name) in codes.names():
            schema.append(Column(name, tuple(codes.code_list(snapshot.list_of(name)).codes), multi, CODE_LIST))
        else:
            unknown.append(name)
    return tuple(schema), unknown


def kept(frame: pl.DataFrame, schema: Schema) -> tuple[pl.DataFrame, Mapping[str, int]]:
    """The columns of a schema with every other value as not reported, and how many answers that were, by column."""
    columns, lost = [], {}
    for column in schema:
        series = frame[column.name]
        values = pl.Series(column.values, dtype=pl.String)
        if column.multi:
            clean = series.list.unique().list.set_intersection(list(column.values))
            clean = pl.select(pl.when(clean.list.len() > 0).then(clean)).to_series()
            lost[column.name] = int(series.list.len().sum() or 0) - int(clean.list.len().sum() or 0)
        else:
            clean = pl.select(pl.when(series.is_in(values.to_list())).then(series)).to_series()
            lost[column.name] = (series.len() - series.null_count()) - (clean.len() - clean.null_count())
        columns.append(clean.alias(column.name))
    return pl.DataFrame(columns), {name: number for name, number in lost.items() if number}


def discovered(
    frame: pl.DataFrame, names: list[str], rho: float, delta: float, noise: Noise
) -> tuple[Schema, dict[str, float]]:
    """Values of single-valued columns that nobody listed: those whose noisy count passes a threshold.

    Only values that occur are looked at, so it costs a delta besides rho: a record brings at most one value a column
    that nobody else has, whose count of 1 passes with a chance of at most exp(-(threshold - 1)^2 / (2 sigma^2)), the
    tail of the discrete Gaussian (Canonne, Kamath and Steinke 2020), and the threshold makes that delta for all columns
    together. Returns the columns and what the certificate tells.
    """
    sigma = scale_for(rho, sqrt(len(names)))
    threshold = 1 + sigma * sqrt(2 * log(len(names) / delta))
    columns = []
    for name in names:
        counts = frame[name].drop_nulls().value_counts().sort(name)
        noisy = noise(counts["count"].to_numpy().astype(np.int64), sigma)
        values = counts[name].filter(pl.Series(noisy > threshold))
        columns.append(Column(name, tuple(values.to_list()), False, DISCOVERED))
    told = {"sensitivity": sqrt(len(names)), "sigma": sigma, "rho": loss(sigma, sqrt(len(names))), "delta": delta,
            "threshold": threshold}  # fmt: skip
    return tuple(columns), told
