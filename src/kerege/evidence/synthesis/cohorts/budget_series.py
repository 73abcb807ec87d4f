"""Cohorts of a series of releases: their list, their measurements, and their budget.

Nothing here follows from the records. A series has all cohorts of the public list up to the last requested one, even
those without records. A cohort is measured when it is first requested, and again for each requested revision. Two
requests are the same if they have the same parameters and the same file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import polars as pl

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.message_text import listed, shown
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents, digest
from kerege.evidence.ledger.entry_chain import EXACT
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis.first_look import check_auto
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import CODE_LIST, Column, Schema
from kerege.evidence.synthesis.pipeline import (
    compute_loss,
    describe_request,
    is_foreign,
    period_of,
    unlisted_delta,
)
from kerege.evidence.synthesis.pipeline import has_unlisted_values as has_unlisted
from kerege.evidence.synthesis.request import Request, check
from kerege.evidence.synthesis.snapshot_checks import check_snapshot

RESERVED, REVISIONS = 0.2, 5  # reserved share of a cohort's rho, and the number of revisions that it covers
FIRST, REVISION = 1 - RESERVED, RESERVED / REVISIONS  # shares of rho of the first measurement and of each revision
UNREPORTED = "_U"  # cohort of the records that report no value in the cohort column
IN_TIME = ("year", "quarter")  # code lists that continue into the future


@dataclass(frozen=True)
class Cohorts:
    """Division of people into cohorts by a column in which a person has one permanent value.

    `through` is the last value, '' means all. `revise` are cohorts to measure once more. `name` identifies the people
    of an external file.
    """

    column: str
    through: str = ""
    revise: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class CohortSeries:
    """A request for a series of cohorts.

    `id` is constant over the years; `release` belongs to this request.
    """

    snapshot: Snapshot
    request: Request
    by: Column
    public: Schema  # without the cohort column
    place: int  # position of the cohort column
    values: tuple[str, ...]  # the cohorts in the public order, UNREPORTED last
    revise: frozenset[str]
    rho: float  # largest loss of a record over all years
    id: str

    @property
    def period(self) -> str:
        """Return the period whose budget is charged."""
        return period_of(self.snapshot, self.request)

    @property
    def delta(self) -> float:
        """Return the part of delta that is used to select the unlisted values of a cohort."""
        return unlisted_delta(self.request, self.public)

    @property
    def most_cohorts(self) -> int:
        """Return the number of cohorts that the public list allows, with those of no value."""
        return len(self.by.values) + 1

    @property
    def release(self) -> str:
        """Return the digest of the request.

        It covers the file as given, so that it does not reveal changed rows.
        """
        about = {"values": self.values, "revise": sorted(self.revise), "file": self.snapshot.sha256}
        return digest({"series": self.id, **about})


class Measurement(NamedTuple):
    """A first measurement or a revision of a cohort, with its digest in the ledger."""

    value: str
    revision: int
    request: str
    release: str  # digest of the release request that caused it
    rows: str = ""  # hash of the measured rows; do not publish

    @property
    def records(self) -> str:
        """Return the digest of the records that are made from it."""
        return digest({"records": self.request})


def series_of(snapshot: Snapshot, request: Request, cohorts: Cohorts, listed_columns: Schema) -> CohortSeries:
    """Return the series of a request without reading a record.

    Raise BadInput for a request that is not valid.
    """
    check(request)
    check_name(snapshot, cohorts.name, needed=True)
    column, chosen = cohorts.column, request.columns
    public = public_schema.read_known_columns(
        snapshot, listed_columns, (column, *chosen) if chosen and column not in chosen else chosen
    )
    check_snapshot(snapshot, public)
    check_auto(request, public, has_cohorts=True)
    names = [public_column.name for public_column in public]
    if column not in names:
        raise BadInput(
            Fault("there is no such column", "choose another for cohorts", snapshot.path, column=shown(column))
        )
    place = names.index(column)
    by, rest = public[place], public[:place] + public[place + 1 :]
    if by.multi or by.open or by.awaits_edges:
        what = "several values per record: nobody would be in one cohort only" if by.multi else "no public values"
        todo = "take a column with one value for cohorts" if by.multi else "list the cohorts in a schema file"
        raise BadInput(Fault(f"has {what}", todo, snapshot.path, column=shown(column)))
    if not rest:
        raise BadInput(Fault("there is no column besides the cohorts", "take other columns too", snapshot.path))
    if several := [public_column.name for public_column in rest if public_column.open and public_column.multi]:
        what, todo = "has several values per record that nobody listed", "list them in a schema file, for cohorts"
        raise BadInput([Fault(what, todo, snapshot.path, column=shown(name)) for name in several])
    if waiting := [public_column.name for public_column in rest if public_column.awaits_edges]:
        what, todo = "has private bins: each cohort would have other bins", "give bins = [...], for cohorts"
        raise BadInput([Fault(what, todo, snapshot.path, column=shown(name)) for name in waiting])
    about = describe_request(request) | {"schema": public_schema.as_dict(rest), "unit": snapshot.unit}
    rho = compute_loss(request, unlisted=has_unlisted(rest))
    series_id = digest({"cohorts": column, "microdata": about, "name": cohorts.name})
    values = (*_list_values_through(snapshot, by, cohorts.through), UNREPORTED)
    return CohortSeries(
        snapshot=snapshot,
        request=request,
        by=by,
        public=rest,
        place=place,
        values=values,
        revise=_check_revisions(by, cohorts, values),
        rho=rho,
        id=series_id,
    )


def check_name(snapshot: Snapshot, name: str, *, needed: bool = False) -> None:
    """Raise BadInput if a snapshot of the register has a series name, or an external file lacks one.

    The name says whose records a series holds; the register is known. An external file needs it only if `needed`.
    """
    if name and not is_foreign(snapshot):
        raise BadInput(
            Fault(
                "is a snapshot of the register: a series name is for external files only",
                "leave --series out",
                snapshot.path,
            )
        )
    if needed and not name.strip() and is_foreign(snapshot):
        todo = "give the same --series NAME to all files of these people"
        raise BadInput(
            Fault(
                "does not name its people: another file would count as a later file of the same people",
                todo,
                snapshot.path,
            )
        )


def _list_values_through(snapshot: Snapshot, by: Column, through: str) -> tuple[str, ...]:
    """Return the public values up to `through`, or all.

    Raise BadInput for an unknown or missing last value.
    """
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
                f"goes on to {by.values[-1]}, and a cohort that is not closed would be measured permanently",
                todo,
                snapshot.path,
                column=column,
            )
        )
    return by.values


def _check_revisions(by: Column, cohorts: Cohorts, values: tuple[str, ...]) -> frozenset[str]:
    if strange := [value for value in cohorts.revise if value not in values]:
        raise BadInput(
            Fault(
                f"--revise {shown(strange[0])} is not a cohort of this file",
                f"choose among: {listed(values)}",
                column=shown(by.name),
            )
        )
    return frozenset(cohorts.revise)


def rows_by_cohort(series: CohortSeries) -> dict[str, pl.DataFrame]:
    """Return the rows of each cohort; some may be empty.

    Raise BadInput for cohort values that are not listed.
    """
    rows, lost = public_schema.keep_listed_values(series.snapshot.frame, (series.by, *series.public))
    name = series.by.name
    if name in lost:
        raise _report_unlisted_cohort(series)
    parts = {key[0]: part.drop(name) for key, part in rows.partition_by(name, as_dict=True).items()}
    none = rows.clear().drop(name)
    return {value: parts.get(None if value == UNREPORTED else value, none) for value in series.values}


def _report_unlisted_cohort(series: CohortSeries) -> BadInput:
    what = "has values, or had some in earlier releases, that are not among the public ones"
    todo, path = "list them all in a schema file", series.snapshot.path
    return BadInput(Fault(what, todo, path, column=shown(series.by.name)))


def history(series: CohortSeries, ledger: Ledger) -> dict[str, list[Measurement]]:
    """Return the measurements of each cohort, oldest first.

    Raise BadInput for a cohort that is no longer listed.
    """
    measurements: dict[str, list[Measurement]] = {}
    for entry in ledger.entries():
        if entry.series == series.id and entry.measurement is not None and entry.cohort is not None:
            (value,) = entry.cohort.values
            measurement = Measurement(value, entry.measurement, entry.request, entry.release, entry.rows)
            measurements.setdefault(value, []).append(measurement)
    if not set(measurements) <= {*series.by.values, UNREPORTED}:
        raise _report_unlisted_cohort(series)
    return measurements


def find_measurement(series: CohortSeries, value: str, before: list[Measurement]) -> Measurement | None:
    """Return the measurement to make the records of a cohort from; None if it must be measured first."""
    if value not in series.revise:
        return before[-1] if before else None
    return next((measurement for measurement in before if measurement.request == revision_digest(series, value)), None)


def next_measurement(series: CohortSeries, value: str, before: list[Measurement]) -> Measurement:
    """Return the missing measurement of a cohort.

    Raise Refused after REVISIONS revisions: no budget is left.
    """
    if len(before) > REVISIONS:
        raise Refused(
            f"{shown(series.by.name)} {shown(value)} was revised {REVISIONS} times, and budget was set aside for no "
            "more: leave it out of --revise"
        )
    request = revision_digest(series, value) if before else digest({"series": series.id, "cohort": value})
    return Measurement(value, len(before), request, series.release)


def revision_digest(series: CohortSeries, value: str) -> str:
    """Return the digest of a revision: one per file, independent of its rows."""
    return digest({"series": series.id, "cohort": value, "file": series.snapshot.sha256})


def find_unpaid_cohorts(series: CohortSeries, ledger: Ledger) -> list[str]:
    """Return the cohorts that were never measured and for which no budget is set aside.

    Raise BadInput for the revision of a cohort that was never measured, and Refused after REVISIONS revisions.
    """
    measurements = history(series, ledger)
    if unmeasured := [value for value in series.values if value in series.revise and value not in measurements]:
        raise BadInput(
            Fault(
                f"--revise {shown(unmeasured[0])}: it was not made before",
                "leave it out: it is made anyway",
                column=shown(series.by.name),
            )
        )
    for value in series.revise:
        if find_measurement(series, value, measurements[value]) is None:
            next_measurement(series, value, measurements[value])
    return [
        value
        for value in series.values
        if value not in measurements and ledger.set_aside(people_of_entry(series, [value])) < series.rho * (1 - EXACT)
    ]


def period_charged(series: CohortSeries, value: str, ledger: Ledger) -> str:
    """Return the period in which the budget of a cohort was set aside; a later request may name another."""
    return next(
        entry.period
        for entry in ledger.entries()
        if entry.kind == "reserve" and entry.series == series.id and entry.cohort and value in entry.cohort.values
    )


def people_of_entry(series: CohortSeries, values: list[str]) -> EntryContents:
    """Return the part of a ledger entry that names the people: series, cohorts and snapshot."""
    cohort, snapshots = EnteredCohort(column=series.by.name, values=values), [EnteredSnapshot.of(series.snapshot)]
    return EntryContents(series=series.id, cohort=cohort, snapshots=snapshots)
