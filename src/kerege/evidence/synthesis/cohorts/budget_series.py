"""Cohorts of a series of releases: which there are, what was measured of each, and whose budget pays for them.

Nothing of this follows from the records. All cohorts of the public list are there up to the last one that is asked for,
whether anybody is in them or not; a cohort is measured for the first time when it is asked for, and once more when
that is asked for. A request is the same when it asks the same of the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.message_text import listed, shown
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.composition import Entry
from kerege.evidence.ledger.ledger import EXACT, Ledger, digest
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import CODE_LIST, Column, Schema
from kerege.evidence.synthesis.pipeline import asked, fits, for_unlisted, is_foreign, loss, period_of
from kerege.evidence.synthesis.pipeline import unlisted as has_unlisted
from kerege.evidence.synthesis.request import Request, check

RESERVED, REVISIONS = 0.2, 5  # part of a cohort's rho set aside, for so many revisions
FIRST, REVISION = 1 - RESERVED, RESERVED / REVISIONS  # parts of rho
UNREPORTED = "_U"  # the cohort of records that do not report theirs
IN_TIME = ("year", "quarter")  # code lists that go on into the future


@dataclass(frozen=True)
class Cohorts:
    """How people are divided: by a column of which a person has one value for good, up to one of its values, or all.

    `name` is that of the people of a file that no register froze; `revise` are cohorts to measure once more.
    """

    column: str
    through: str = ""
    revise: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Series:
    """What is asked for of a series. `id` is the same from year to year, `release` is that of this request."""

    snapshot: Snapshot
    request: Request
    by: Column
    public: Schema  # without the column of the cohorts
    place: int  # of that column
    values: tuple[str, ...]  # the cohorts, in the public order; that of records that report none comes last
    revise: frozenset[str]
    rho: float  # what a record loses at most, over the years
    id: str

    @property
    def period(self) -> str:
        """Whose budget is charged."""
        return period_of(self.snapshot, self.request)

    @property
    def delta(self) -> float:
        """What finding values that nobody listed takes in a cohort."""
        return for_unlisted(self.request, self.public)

    @property
    def release(self) -> str:
        """What makes two requests the same. The file is taken as it was handed in: whether its rows are others than
        before must not show."""
        about = {"values": self.values, "revise": sorted(self.revise), "file": self.snapshot.sha256}
        return digest({"series": self.id, **about})


class Measured(NamedTuple):
    """A measurement of a cohort, the first one or a revision, by the request that the ledger keeps it for."""

    value: str
    revision: int
    request: str
    release: str  # the request of the file for which it was made
    rows: str = ""  # a hash of what was measured; for inside only

    @property
    def records(self) -> str:
        """The request of the records that are made of it."""
        return digest({"records": self.request})


def series_of(snapshot: Snapshot, request: Request, cohorts: Cohorts, told: Schema) -> Series:
    """The series that a request belongs to; looks at no record. Raises BadInput for what cannot be told of cohorts."""
    check(request)
    check_name(snapshot, cohorts.name, needed=True)
    column, wanted = cohorts.column, request.columns
    public = public_schema.known(snapshot, told, (column, *wanted) if wanted and column not in wanted else wanted)
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
    about = asked(request) | {"schema": public_schema.as_dict(rest), "unit": snapshot.unit}
    rho = loss(request, unlisted=has_unlisted(rest))
    series_id = digest({"cohorts": column, "microdata": about, "name": cohorts.name})
    values = (*_up_to(snapshot, by, cohorts.through), UNREPORTED)
    return Series(snapshot, request, by, rest, place, values, _revised(by, cohorts, values), rho, series_id)


def check_name(snapshot: Snapshot, name: str, *, needed: bool = False) -> None:
    """Raise BadInput for people of a register who are given a name, and where the others `needed` one."""
    if name and not is_foreign(snapshot):
        raise BadInput(Fault(f"the people of a register are its {snapshot.unit}", "leave --series out", snapshot.path))
    if needed and not name.strip() and is_foreign(snapshot):
        todo = "give the same --series NAME to all files of these people"
        raise BadInput(
            Fault(
                "is of people without a name: another file would be taken for a later one of them", todo, snapshot.path
            )
        )


def _up_to(snapshot: Snapshot, by: Column, through: str) -> tuple[str, ...]:
    """The public values up to the last one that is closed."""
    column = shown(by.name)
    if through:
        if through not in by.values:
            raise BadInput(
                Fault(
                    f"--through {shown(through)} is none of its public values",
                    f"choose among: {listed(by.values)}",
                    snapshot.path,
                    column=column,
                )
            )
        return by.values[: by.values.index(through) + 1]
    if by.source == CODE_LIST and snapshot.list_of(by.name) in IN_TIME:
        todo = "name the last one that is closed with --through"
        raise BadInput(
            Fault(
                f"goes on to {by.values[-1]}, and what is not over would be measured for good",
                todo,
                snapshot.path,
                column=column,
            )
        )
    return by.values


def _revised(by: Column, cohorts: Cohorts, values: tuple[str, ...]) -> frozenset[str]:
    if strange := [value for value in cohorts.revise if value not in values]:
        raise BadInput(
            Fault(
                f"--revise {shown(strange[0])} is no cohort of this file",
                f"choose among: {listed(values)}",
                column=shown(by.name),
            )
        )
    return frozenset(cohorts.revise)


def parts_of(series: Series) -> dict[str, pl.DataFrame]:
    """The rows of each cohort, none in some. Raises BadInput for rows that would be moved to another cohort."""
    rows, lost = public_schema.kept(series.snapshot.frame, (series.by, *series.public))
    name = series.by.name
    if name in lost:
        raise _unlisted_cohort(series)
    parts = {key[0]: part.drop(name) for key, part in rows.partition_by(name, as_dict=True).items()}
    none = rows.clear().drop(name)
    return {value: parts.get(None if value == UNREPORTED else value, none) for value in series.values}


def _unlisted_cohort(series: Series) -> BadInput:
    what = "has values, or had some in earlier releases, that are not among the public ones"
    todo, path = "list them all in a schema file", series.snapshot.path
    return BadInput(Fault(what, todo, path, column=shown(series.by.name)))


def history(series: Series, ledger: Ledger) -> dict[str, list[Measured]]:
    """What was measured of each cohort, oldest first; raises BadInput for one that is listed no more."""
    found: dict[str, list[Measured]] = {}
    for line in ledger.entries():
        if line.get("series") == series.id and "measurement" in line:
            (value,) = line["cohort"]["values"]
            one = Measured(value, line["measurement"], line["request"], line["release"], line["rows"])
            found.setdefault(value, []).append(one)
    if not set(found) <= {*series.by.values, UNREPORTED}:
        raise _unlisted_cohort(series)
    return found


def wanted(series: Series, value: str, before: list[Measured]) -> Measured | None:
    """The measurement from which records of a cohort are told; None where it has to be made first."""
    if value not in series.revise:
        return before[-1] if before else None
    return next((each for each in before if each.request == revision_of(series, value)), None)


def to_measure(series: Series, value: str, before: list[Measured]) -> Measured:
    """The measurement that is missing, for which budget was set aside. Raises Refused after so many revisions."""
    if len(before) > REVISIONS:
        raise Refused(
            f"{shown(series.by.name)} {shown(value)} was revised {REVISIONS} times, for which alone budget was set "
            "aside: leave it out of --revise"
        )
    request = revision_of(series, value) if before else digest({"series": series.id, "cohort": value})
    return Measured(value, len(before), request, series.release)


def revision_of(series: Series, value: str) -> str:
    """The request of a revision: one of each file, whatever its rows are."""
    return digest({"series": series.id, "cohort": value, "file": series.snapshot.sha256})


def new(series: Series, ledger: Ledger) -> list[str]:
    """The cohorts that were never measured, for which no budget is set aside either.

    Raises BadInput and Refused for revisions that cannot be.
    """
    known = history(series, ledger)
    if never := [value for value in series.values if value in series.revise and value not in known]:
        raise BadInput(
            Fault(
                f"--revise {shown(never[0])}: it was not made before",
                "leave it out: it is made anyway",
                column=shown(series.by.name),
            )
        )
    for value in series.revise:
        if wanted(series, value, known[value]) is None:
            to_measure(series, value, known[value])
    return [
        value
        for value in series.values
        if value not in known and ledger.set_aside(whose(series, [value])) < series.rho * (1 - EXACT)
    ]


def period_charged(series: Series, value: str, ledger: Ledger) -> str:
    """The period in which the budget of a cohort was set aside: a later request may name another."""
    return next(
        str(each["period"])
        for each in ledger.entries()
        if each.get("kind") == "reserve" and each.get("series") == series.id and value in each["cohort"]["values"]
    )


def whose(series: Series, values: list[str]) -> Entry:
    """What the ledger says of whom an entry is about."""
    snapshot = {"unit": series.snapshot.unit, "sha256": series.snapshot.sha256, "as_of": series.snapshot.as_of}
    return {"series": series.id, "cohort": {"column": series.by.name, "values": values}, "snapshots": [snapshot]}
