"""Cohorts of a series of releases: whose rows they are, which were made before, and whose budget pays for them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from kerege.evidence.ledger import Ledger, digest
from kerege.evidence.losses import Entry
from kerege.evidence.snapshot import Snapshot, shown
from kerege.evidence.synthesis import schema
from kerege.evidence.synthesis.produce import (
    CERTIFICATE,
    Request,
    asked,
    check,
    fits,
    is_foreign,
    loss,
    period_of,
    unlisted,
)
from kerege.evidence.synthesis.schema import Column, Schema
from kerege.standard.faults import BadInput, Fault

RESERVED, REVISIONS = 0.2, 5  # part of a cohort's rho set aside, for so many revisions
FIRST, REVISION = 1 - RESERVED, RESERVED / REVISIONS  # parts of rho
UNREPORTED = "_U"  # the cohort of records that do not report theirs


@dataclass(frozen=True)
class Series:
    """What is the same from year to year."""

    snapshot: Snapshot
    request: Request
    by: Column
    public: Schema  # without the column of the cohorts
    place: int  # of that column
    rho: float  # what a record loses at most, over the years
    id: str


@dataclass(frozen=True)
class Cohort:
    """A cohort as its rows are now. `key`: the request; `before`: the request of the measurement before it, or ''."""

    value: str
    rows: pl.DataFrame
    key: str
    revision: int
    before: str
    made: bool


def series_of(snapshot: Snapshot, request: Request, column: str, listed: Schema) -> Series:
    """The series that a request belongs to; looks at no record. Raises BadInput for what cannot be told of cohorts."""
    check(request)
    wanted = request.columns
    public = schema.known(snapshot, listed, (column, *wanted) if wanted and column not in wanted else wanted)
    fits(snapshot, public)
    names = [each.name for each in public]
    if column not in names:
        raise BadInput(
            Fault("there is no such column", "choose another for cohorts", snapshot.path, column=shown(column))
        )
    place = names.index(column)
    by, rest = public[place], public[:place] + public[place + 1 :]
    if by.multi or by.open:
        what = "several values a record: nobody would be in one cohort only" if by.multi else "no public values"
        todo = "take a column with one value for cohorts" if by.multi else "list those of cohorts in a schema file"
        raise BadInput(Fault(f"has {what}", todo, snapshot.path, column=shown(column)))
    if not rest:
        raise BadInput(Fault("there is nothing to tell of the cohorts", "take other columns too", snapshot.path))
    about = asked(request) | {"schema": schema.as_dict(rest), "unit": snapshot.unit}
    rho = loss(request, unlisted=unlisted(rest))
    return Series(snapshot, request, by, rest, place, rho, digest({"cohorts": column, "microdata": about}))


def looked_at(series: Series, ledger: Ledger) -> list[Cohort]:
    """The cohorts that have records or had some, in the public order."""
    rows, lost = schema.kept(series.snapshot.frame, (series.by, *series.public))
    name = series.by.name
    before = _made_before(series, ledger)
    if name in lost or not set(before) <= {*series.by.values, UNREPORTED}:  # would be moved to another cohort
        raise BadInput(Fault("has values, or had some in earlier releases, that are not among the public ones",
                             "list them all in a schema file", series.snapshot.path, column=shown(name)))  # fmt: skip
    parts = {key[0]: part.drop(name) for key, part in rows.partition_by(name, as_dict=True).items()}
    none = rows.clear().drop(name)
    cohorts = []
    for value in (*series.by.values, UNREPORTED):
        part = parts.get(None if value == UNREPORTED else value, none)
        made = before.get(value, [])
        if part.is_empty() and not made:
            continue
        key = digest({"series": series.id, "cohort": value, "rows": rows_hash(part)})
        last = made[-1] if made else ""
        cohorts.append(Cohort(value, part, key, len(made), last, key in made))
    if not cohorts:
        raise BadInput(Fault("holds no records", "give a snapshot with some", series.snapshot.path))
    return cohorts


def _made_before(series: Series, ledger: Ledger) -> dict[str, list[str]]:
    """Requests of the measurements of each cohort, oldest first."""
    made: dict[str, list[str]] = {}
    for line in ledger.entries():
        if line.get("series") == series.id and "revision" in line:
            made.setdefault(line["cohort"]["values"][0], []).append(line["request"])
    return made


def rows_hash(rows: pl.DataFrame) -> str:
    """SHA-256 over rows and columns in any order, and over several values of one in any order."""
    cells = [_cell(name, isinstance(kind, pl.List)) for name, kind in sorted(rows.schema.items())]
    lines = rows.select(pl.concat_str(cells)).to_series().sort().to_list()
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _cell(name: str, multi: bool) -> pl.Expr:
    """A value with its length before it, so that no two rows read the same; - where nothing is reported."""
    column = pl.col(name)
    if multi:
        parts = column.list.unique().list.sort().list.eval(_framed(pl.element())).list.join("")
        return pl.when(column.list.len() > 0).then(_framed(parts)).fill_null("-")
    return _framed(column).fill_null("-")


def _framed(text: pl.Expr) -> pl.Expr:
    return pl.concat_str(text.str.len_bytes().cast(pl.String), pl.lit(":"), text)


def period_of_series(series: Series) -> str:
    """Whose budget is charged; that of a foreign file must not change with the file."""
    if is_foreign(series.snapshot) and not series.request.period:
        return f"records by {series.by.name}"
    return period_of(series.snapshot, series.request)


def measurement_of(cohort: Cohort) -> str:
    """The request of the measurement from which the records of a cohort are made."""
    return digest({"measured": cohort.key})


def whose(series: Series, cohort: Cohort) -> Entry:
    """What the ledger says of whom a measurement is about."""
    snapshot = {"unit": series.snapshot.unit, "sha256": series.snapshot.sha256, "as_of": series.snapshot.as_of}
    cohorts = {"column": series.by.name, "values": [cohort.value]}
    return {"series": series.id, "cohort": cohorts, "snapshots": [snapshot]}


def whose_records(series: Series, cohort: Cohort) -> Entry:
    """The same of records that were made, by which a series is found again."""
    return whose(series, cohort) | {"revision": cohort.revision}


def facts_in(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    return found
