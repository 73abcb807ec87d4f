"""Read operations of the plan of measures: states, own reports, the half-yearly summary."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from kerege.coordination.measures.models import (
    Measure,
    MeasureBody,
    MeasurePlan,
    MeasureReport,
)
from kerege.coordination.measures.states import (
    STATES,
    MeasureFacts,
    ReportFact,
    is_cancelled_in,
    is_completed_before,
    list_begun_halves,
    list_duties,
    list_halves,
    list_missing,
    report_due_on,
    state_of,
)
from kerege.coordination.reports import SENT
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.vocabulary.dates import half
from kerege.vocabulary.profile import active


@dataclass(frozen=True)
class MeasureLine:
    """A measure with its computed state, its bodies and the reports that the actor may see."""

    measure: Measure
    state: str
    bodies: Sequence[MeasureBody]
    reports: Sequence[MeasureReport]
    missing: Sequence[tuple[str, UUID]] = ()
    next_duty: date | None = None

    def reports_of(self, half_year: str) -> list[MeasureReport]:
        """Return the submitted and accepted reports of a half-year."""
        return [report for report in self.reports if report.half == half_year and report.state in SENT]


@dataclass(frozen=True)
class StateCount:
    """Numbers of measures by state of one group: a direction or a body."""

    label: str
    counts: Counter[str]

    @property
    def cells(self) -> list[int]:
        """Return the numbers in the order of the states."""
        return [self.counts[state] for state in STATES]

    @property
    def total(self) -> int:
        """Return the number of measures."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class DueReport:
    """A report that an agency owes, or has written, on one measure for one half-year."""

    body: MeasureBody
    half: str
    due_on: date
    report: MeasureReport | None

    @property
    def state(self) -> str:
        """Return the state of the report; '' when it was not begun."""
        return self.report.state if self.report else ""

    @property
    def is_sent(self) -> bool:
        """Return whether the body has reported."""
        return self.state in SENT


def list_plans(actor: Actor) -> QuerySet[MeasurePlan]:
    """Return the plans that the actor may read, the national ones first."""
    return (
        authorization.scope(actor, MeasurePlan, action="measures.read")
        .select_related("agency")
        .order_by("region", "-starts_on", "pk")
    )


def build_lines(actor: Actor, plan: MeasurePlan, today: date, *, until: str = "") -> list[MeasureLine]:
    """Return the measures of a plan with their states; `until` leaves out reports of later half-years."""
    measures = authorization.scope(actor, Measure, action="measures.read_measure").filter(plan=plan)
    return _lines(actor, measures, today, until)


def count_states_of_plans(actor: Actor, plans: Iterable[MeasurePlan], today: date) -> dict[UUID, list[tuple[str, int]]]:
    """Return the numbers of measures by state of each plan, by the key of the plan."""
    plans = list(plans)
    measures = authorization.scope(actor, Measure, action="measures.read_measure").filter(plan__in=plans)
    lines: dict[UUID, list[MeasureLine]] = {plan.pk: [] for plan in plans}
    for line in _lines(actor, measures, today, ""):
        lines[line.measure.plan_id].append(line)
    return {key: count_states(rows) for key, rows in lines.items()}


def build_line(actor: Actor, measure: Measure, today: date) -> MeasureLine:
    """Return one measure with its state."""
    measures = authorization.scope(actor, Measure, action="measures.read_measure").filter(pk=measure.pk)
    return _lines(actor, measures, today, "")[0]


def _lines(actor: Actor, measures: QuerySet[Measure], today: date, until: str) -> list[MeasureLine]:
    reports = authorization.scope(actor, MeasureReport, action="measures.list_reports")
    bodies = authorization.scope(actor, MeasureBody, action="measures.list_bodies").select_related("agency")
    rows = measures.select_related("plan", "plan__agency").prefetch_related(
        Prefetch("responsible", bodies.prefetch_related(Prefetch("reports", reports)))
    )
    return [_line(actor, row, today, until) for row in rows.order_by("place")]


def _line(actor: Actor, measure: Measure, today: date, until: str) -> MeasureLine:
    bodies = list(measure.responsible.all())
    reports = [report for body in bodies for report in body.reports.all() if not until or report.half <= until]
    facts = facts_of(measure, bodies, reports)
    days = active().plan_report.days
    return MeasureLine(
        measure=measure,
        state=state_of(facts, today, days),
        bodies=bodies,
        reports=[report for report in reports if _is_visible(actor, bodies, report)],
        missing=list_missing(facts, today, days),
        next_duty=next((duty for duty in list_duties(facts) if duty >= today and not measure.cancelled_on), None),
    )


def _is_visible(actor: Actor, bodies: Iterable[MeasureBody], report: MeasureReport) -> bool:
    """Return whether the actor sees a report: a draft is seen by the body that writes it."""
    own = {body.pk for body in bodies if body.agency_id == actor.agency_id}
    return report.state != "draft" or report.body_id in own


def facts_of(measure: Measure, bodies: Sequence[MeasureBody], reports: Iterable[MeasureReport]) -> MeasureFacts:
    """Return the facts from which the state of a measure is computed."""
    return MeasureFacts(
        term=measure.term,
        due_on=measure.due_on,
        starts_on=measure.plan.starts_on,
        ends_on=measure.plan.ends_on,
        bodies=[body.pk for body in bodies],
        leads=[body.pk for body in bodies if body.leads],
        target=measure.target,
        cancelled_on=measure.cancelled_on,
        reports=[ReportFact(row.body_id, row.half, row.state, row.completes, row.figure) for row in reports],
    )


def list_due_reports(actor: Actor, today: date, plan: MeasurePlan | None = None) -> list[DueReport]:
    """Return the reports that the actor's agency owes or wrote, of the last and the running half-year."""
    bodies = authorization.scope(actor, MeasureBody, action="measures.report").select_related("measure__plan", "agency")
    bodies = bodies.filter(measure__plan=plan) if plan else bodies
    return _list_due(bodies, today)


def list_unsent(bodies: QuerySet[MeasureBody], today: date) -> list[DueReport]:
    """Return the reports that bodies owe of the last and the running half-year."""
    return [due for due in _list_due(bodies.select_related("measure__plan", "agency"), today) if not due.is_sent]


def _list_due(bodies: QuerySet[MeasureBody], today: date) -> list[DueReport]:
    order = ("measure__plan__starts_on", "measure__plan", "measure__place", "place")
    rows = bodies.prefetch_related("reports").order_by(*order)
    return [due for body in rows for due in _due_of(body, today)]


def _due_of(body: MeasureBody, today: date) -> list[DueReport]:
    days = active().plan_report.days
    halves = list_halves(body.measure.plan.starts_on, min(body.measure.due_on, today))[-2:]
    own = {report.half: report for report in body.reports.all()}
    completed = [name for name, report in own.items() if report.completes and report.state in SENT]
    return [
        DueReport(body, name, report_due_on(name, days), own.get(name))
        for name in halves
        if name in own or not is_completed_before(name, body.measure.term, completed)
        if not is_cancelled_in(name, body.measure.cancelled_on)
    ]


def list_waiting(actor: Actor) -> QuerySet[MeasureReport]:
    """Return the submitted reports that the actor's agency decides on, oldest first, then as in the act."""
    rows = authorization.scope(actor, MeasureReport, action="measures.decide").filter(state="submitted")
    order = ("submitted_on", "body__measure__plan", "body__measure__place", "body__place", "half")
    return rows.select_related("body__agency", "body__measure__plan").order_by(*order)


# -- summary -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class PlanSummary:
    """Summary of a plan for a half-year: states of all measures, by direction and by leading body."""

    plan: MeasurePlan
    half: str
    as_of: date
    lines: Sequence[MeasureLine]
    by_direction: Sequence[StateCount] = field(default_factory=tuple)
    by_body: Sequence[StateCount] = field(default_factory=tuple)

    @property
    def all(self) -> StateCount:
        """Return the numbers of all measures."""
        return _count("", self.lines)

    @property
    def counts(self) -> list[tuple[str, int]]:
        """Return (state, number of measures)."""
        return count_states(self.lines)


def summarise(actor: Actor, plan: MeasurePlan, half_year: str, today: date) -> PlanSummary:
    """Return the summary of a half-year as of the day after its reports are due, or today if earlier."""
    as_of = min(today, report_due_on(half_year, active().plan_report.days) + timedelta(days=1))
    lines = build_lines(actor, plan, as_of, until=half_year)
    summary = PlanSummary(plan, half_year, as_of, lines)
    return replace(
        summary,
        by_direction=_group(lines, lambda line: [line.measure.direction]),
        by_body=_group(lines, lambda line: [body.agency for body in line.bodies if body.leads]),
    )


def count_states(lines: Iterable[MeasureLine]) -> list[tuple[str, int]]:
    """Return (state, number of measures)."""
    counts = Counter(line.state for line in lines)
    return [(state, counts[state]) for state in STATES]


def _group(lines: Sequence[MeasureLine], keys: Callable[[MeasureLine], Iterable[str | Agency]]) -> list[StateCount]:
    groups: dict[str | Agency, list[MeasureLine]] = defaultdict(list)
    for line in lines:
        for key in keys(line):
            groups[key].append(line)
    return [_count(key, rows) for key, rows in groups.items()]


def _count(key: str | Agency, lines: Sequence[MeasureLine]) -> StateCount:
    return StateCount(key if isinstance(key, str) else key.name, Counter(line.state for line in lines))


def list_plan_halves(plan: MeasurePlan, today: date) -> list[str]:
    """Return the half-years of a plan that have begun, newest first; the first one if none has."""
    return list_begun_halves(plan, today)[::-1] or [half(plan.starts_on)]
