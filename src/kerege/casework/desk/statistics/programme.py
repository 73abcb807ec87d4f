"""Counts of the programme for its coordinator: referrals across agencies, and time until help."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.decisions import formal_decisions
from kerege.casework.desk.durations import DaysBetween, DurationSummary, summarise_durations
from kerege.casework.intake.models import Signal
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

YEAR = timedelta(days=365)
BEGUN = ("ongoing", "completed", "interrupted")
CARRIED = ("open", "suspended", "follow_up")
IDENTIFIED = Q(social_status="identified") | Q(police_status="identified")
# statuses of a referral in the order of its progress
STATES = ("sent", "seen", "accepted", "started", "completed", "declined", "expired", "withdrawn")


@dataclass(frozen=True)
class ReportingPeriod:
    """A period from the first to the last day, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, year: int | None) -> ReportingPeriod:
        """Return a calendar year, or the last twelve months when the year is None."""
        today = timezone.localdate()
        return cls(date(year, 1, 1), date(year, 12, 31)) if year else cls(today - YEAR, today)


@dataclass(frozen=True)
class ReferralCounts:
    """Referrals to one agency, or to all (None): counts by status, overdue, and days until the answer."""

    agency: Agency | None
    states: dict[str, int]
    late: int
    answer: DurationSummary

    @property
    def total(self) -> int:
        """Return the number of referrals sent."""
        return sum(self.states.values())


@dataclass(frozen=True)
class Proportion:
    """A part of a total."""

    part: int
    of: int

    @property
    def percent(self) -> float | None:
        """Return the part in percent; None when the total is 0."""
        return 100 * self.part / self.of if self.of else None


@dataclass(frozen=True)
class ProcessFigures:
    """The path from the first report to help: counts and durations."""

    cases: int
    with_signal: int
    to_decision: DurationSummary
    to_service: DurationSummary
    identified_served: Proportion
    unassigned: Proportion


def count_referrals(actor: Actor, period: ReportingPeriod) -> list[ReferralCounts]:
    """Return referrals sent in the period: all agencies first, then each agency, most overdue first."""
    rows = authorization.scope(actor, Referral, action="desk.count_referrals").filter(
        sent_at__date__gte=period.first, sent_at__date__lte=period.last
    )
    states: dict[UUID | None, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    overdue_counts: dict[UUID | None, int] = defaultdict(int)
    overdue_count = Count("pk", Q(status__in=["sent", "seen"], due_on__lt=timezone.localdate()))
    for row in rows.order_by().values("to_agency", "status").annotate(n=Count("pk"), late=overdue_count):
        for key in (row["to_agency"], None):
            states[key][row["status"]] = states[key].get(row["status"], 0) + row["n"]
            overdue_counts[key] += row["late"]
    days = _answer_days(rows)
    agencies = Agency.objects.in_bulk([pk for pk in states if pk])
    rows_by_agency = [
        ReferralCounts(
            agencies.get(pk) if pk else None, counts, overdue_counts[pk], _answer_spread(days[pk], sum(counts.values()))
        )
        for pk, counts in states.items()
    ]
    return sorted(rows_by_agency, key=lambda row: (row.agency is not None, -row.late, -row.total))


def _answer_days(rows: QuerySet[Referral]) -> dict[UUID | None, list[tuple[int | None, int]]]:
    """Return pairs of days until the answer and number of referrals, by agency; all under None."""
    between = DaysBetween(TruncDate("sent_at"), TruncDate("answered_at"))
    answered = rows.filter(answered_at__isnull=False).order_by().annotate(days=between)
    pairs_by_agency: dict[UUID | None, list[tuple[int | None, int]]] = defaultdict(list)
    for agency, days, n in answered.values_list("to_agency", "days").annotate(n=Count("pk")):
        pairs_by_agency[agency].append((days, n))
        pairs_by_agency[None].append((days, n))
    return pairs_by_agency


def _answer_spread(days: list[tuple[int | None, int]], total: int) -> DurationSummary:
    return summarise_durations(days, waiting=total - sum(n for _days_spread, n in days))


def measure_process(actor: Actor, period: ReportingPeriod) -> ProcessFigures:
    """Return counts and durations of the cases registered in the period.

    Durations run from the first report (or registration) to the formal decision and to the first service.
    """
    scope = authorization.scope(actor, Case, action="desk.count_cases")
    cases = scope.filter(registered_on__gte=period.first, registered_on__lte=period.last).order_by()
    with_days = cases.annotate(
        signal_on=_earliest_day(Signal.objects.all(), TruncDate("received_at"), "received_at", "cases"),
        decided_on=_earliest_day(formal_decisions(), F("decided_on"), "decided_on"),
        served_on=_earliest_day(Service.objects.filter(status__in=BEGUN), F("started_on"), "started_on"),
    ).annotate(first_word=Coalesce("signal_on", "registered_on"))
    running = scope.filter(status__in=CARRIED).aggregate(n=Count("pk"), free=Count("pk", Q(caseworker=None)))
    return ProcessFigures(
        cases=cases.count(),
        with_signal=cases.filter(Exists(Signal.objects.filter(cases=OuterRef("pk")))).count(),
        to_decision=_days_spread(with_days, "decided_on"),
        to_service=_days_spread(with_days, "served_on"),
        identified_served=_served_share(cases),
        unassigned=Proportion(running["free"], running["n"]),
    )


def _earliest_day(rows: QuerySet[Any], value: Any, order: str, case: str = "case") -> Subquery:
    """Return a subquery for the earliest day among a case's rows."""
    dated_rows = rows.filter(**{case: OuterRef("pk"), f"{order}__isnull": False})
    return Subquery(dated_rows.order_by(order).annotate(day=value).values("day")[:1])


def _days_spread(cases: QuerySet[Any], until: str) -> DurationSummary:
    rows = cases.annotate(days=DaysBetween(F("first_word"), F(until))).values_list("days").annotate(n=Count("pk"))
    return summarise_durations(rows)


def _served_share(cases: QuerySet[Case]) -> Proportion:
    """Return the identified persons of the period, by record, with the part that has received a service."""
    served = Exists(Service.objects.filter(case=OuterRef("pk"), status__in=BEGUN))
    identified = cases.filter(IDENTIFIED)
    total = identified.aggregate(n=Count("record", distinct=True))["n"]
    part = identified.filter(served).aggregate(n=Count("record", distinct=True))["n"]
    return Proportion(part, total)
