"""State of a measure, computed from its term and the reports of its bodies.

A measure has duties: its last day, or a day in each year, or each half-year. A duty is fulfilled when every leading
body has an accepted report that says so. In this order a measure is

- cancelled: an act took it out of the plan; its bodies owe no report on the half-year of that day or a later one;
- done: all duties are fulfilled, or the accepted figures reach the target;
- overdue: the day of a duty has passed, and a leading body has neither an accepted nor a submitted report on it;
- not reported: the last day for the reports of a half-year has passed, and a body has not submitted one;
- under way: none of these.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from kerege.coordination.measures.models import MeasurePlan, days_of_half
from kerege.coordination.reports import SENT
from kerege.vocabulary.dates import half

STATES = ("done", "under_way", "overdue", "not_reported", "cancelled")
BEFORE = date(1, 1, 1)


@dataclass(frozen=True)
class ReportFact:
    """Facts of a report for the state."""

    body: UUID
    half: str
    state: str
    completes: bool = False
    figure: int | None = None

    @property
    def last_day(self) -> date:
        """Return the last day of the half-year."""
        return days_of_half(self.half)[1]

    @property
    def is_sent(self) -> bool:
        """Return whether the body has done its part: the report is accepted or waits for a decision."""
        return self.state in SENT


@dataclass(frozen=True)
class MeasureFacts:
    """Facts of a measure for the state."""

    term: str
    due_on: date
    starts_on: date  # first day of the plan
    ends_on: date
    bodies: Sequence[UUID]
    leads: Sequence[UUID]
    target: int | None = None
    reports: Sequence[ReportFact] = field(default_factory=tuple)
    cancelled_on: date | None = None


def list_halves(first: date, last: date) -> list[str]:
    """Return the half-years from the one of a day to the one of another.

    Examples
    --------
    >>> list_halves(date(2024, 8, 1), date(2025, 7, 1))
    ['2024-H2', '2025-H1', '2025-H2']
    """
    halves = [f"{year}-H{number}" for year in range(first.year, last.year + 1) for number in (1, 2)]
    return [name for name in halves if half(first) <= name <= half(last)]


def list_begun_halves(plan: MeasurePlan, today: date) -> list[str]:
    """Return the half-years of a plan that have begun: a body may report on these."""
    return list_halves(plan.starts_on, min(plan.ends_on, today))


def report_due_on(half_year: str, report_days: int) -> date:
    """Return the last day for the reports of a half-year."""
    return days_of_half(half_year)[1] + timedelta(days=report_days)


def list_duties(facts: MeasureFacts) -> list[date]:
    """Return the days on which a measure is due."""
    if facts.term == "half_yearly":
        return [days_of_half(name)[1] for name in list_halves(facts.starts_on, facts.due_on)]
    if facts.term == "yearly":
        return list(_yearly(facts))
    return [facts.due_on]


def _yearly(facts: MeasureFacts) -> Iterator[date]:
    for year in range(facts.starts_on.year, facts.due_on.year + 1):
        month = facts.due_on.month
        duty = date(year, month, min(facts.due_on.day, monthrange(year, month)[1]))
        if duty >= facts.starts_on:
            yield duty


def state_of(facts: MeasureFacts, today: date, report_days: int) -> str:
    """Return the state of a measure on a day; a report is due `report_days` after its half-year."""
    if facts.cancelled_on and facts.cancelled_on <= today:
        return "cancelled"
    duties = list_duties(facts)
    if _reaches_target(facts) or all(_is_fulfilled(facts, since, duty) for since, duty in _spans(duties)):
        return "done"
    if any(duty < today and not _is_fulfilled(facts, since, duty, sent=True) for since, duty in _spans(duties)):
        return "overdue"
    return "not_reported" if list_missing(facts, today, report_days) else "under_way"


def _spans(duties: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Yield each duty with the day after which a half-year must end to count for it."""
    return zip([BEFORE, *(_end_of_half(duty) for duty in duties[:-1])], duties, strict=True)


def _end_of_half(day: date) -> date:
    return days_of_half(half(day))[1]


def _reaches_target(facts: MeasureFacts) -> bool:
    figures = [report.figure or 0 for report in facts.reports if report.state == "accepted"]
    return bool(facts.target) and sum(figures) >= (facts.target or 0)


def _is_fulfilled(facts: MeasureFacts, since: date, duty: date, *, sent: bool = False) -> bool:
    """Return whether every leading body has completed a duty; `sent`: a submitted report is enough.

    A late report fulfils the last duty. An earlier duty takes reports up to the half-year of its day.
    """
    until = date.max if duty == list_duties(facts)[-1] else _end_of_half(duty)
    completing = {
        report.body
        for report in facts.reports
        if report.completes and (report.is_sent if sent else report.state == "accepted")
        if since < report.last_day <= until
    }
    return bool(facts.leads) and completing.issuperset(facts.leads)


def list_missing(facts: MeasureFacts, today: date, report_days: int) -> list[tuple[str, UUID]]:
    """Return the half-years and bodies whose report is missing after its last day."""
    return [
        (name, body)
        for name in list_halves(facts.starts_on, min(facts.due_on, today))
        if report_due_on(name, report_days) < today and not is_cancelled_in(name, facts.cancelled_on)
        for body in facts.bodies
        if not _has_reported(facts, name, body)
    ]


def _has_reported(facts: MeasureFacts, name: str, body: UUID) -> bool:
    """Return whether a body reported for a half-year, or had completed a measure with one day before it."""
    own = [report for report in facts.reports if report.body == body and report.is_sent]
    completed = [report.half for report in own if report.completes]
    return any(report.half == name for report in own) or is_completed_before(name, facts.term, completed)


def is_cancelled_in(half_year: str, cancelled_on: date | None) -> bool:
    """Return whether an act cancelled a measure in a half-year or before it: nobody owes a report on it."""
    return cancelled_on is not None and cancelled_on <= days_of_half(half_year)[1]


def is_completed_before(half_year: str, term: str, completed: Iterable[str]) -> bool:
    """Return whether a body completed a measure with one day before a half-year: it owes no report on it.

    `completed` are the half-years whose reports, sent by the body, say that it completed the measure.
    """
    return term == "day" and any(name < half_year for name in completed)
