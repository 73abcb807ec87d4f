"""The programme in counts for its coordinator: referrals across agencies and how long help takes. No case is opened."""

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
from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.desk.durations import DaysBetween, Spread, spread
from kerege.casework.intake.models import Signal
from kerege.core import authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor

YEAR = timedelta(days=365)
BEGUN = ("ongoing", "completed", "interrupted")
CARRIED = ("open", "suspended", "follow_up")
IDENTIFIED = Q(social_status="identified") | Q(police_status="identified")
# the states of a referral in the order in which they follow one another
STATES = ("sent", "seen", "accepted", "started", "completed", "declined", "expired", "withdrawn")


@dataclass(frozen=True)
class Period:
    """From a day until a day, both included."""

    first: date
    last: date

    @classmethod
    def of(cls, year: int | None) -> Period:
        """A calendar year, or the twelve months until today."""
        today = timezone.localdate()
        return cls(date(year, 1, 1), date(year, 12, 31)) if year else cls(today - YEAR, today)


@dataclass(frozen=True)
class Answering:
    """The referrals to one agency (None: to all): how many in each state, past their day, and days until the answer."""

    agency: Agency | None
    states: dict[str, int]
    late: int
    answer: Spread

    @property
    def total(self) -> int:
        """All that were sent."""
        return sum(self.states.values())


@dataclass(frozen=True)
class Share:
    """A part of a whole, with what is unknown."""

    part: int
    of: int

    @property
    def percent(self) -> float | None:
        """In percent; None of nothing."""
        return 100 * self.part / self.of if self.of else None


@dataclass(frozen=True)
class Process:
    """How a person comes from the first word to help."""

    cases: int
    with_signal: int
    to_decision: Spread
    to_service: Spread
    identified_served: Share
    unassigned: Share


def referrals(actor: Actor, period: Period) -> list[Answering]:
    """Referrals sent in the period: all together first, then by the agency that was asked, the slowest first."""
    rows = authorization.scope(actor, Referral, action="desk.count_referrals").filter(
        sent_at__date__gte=period.first, sent_at__date__lte=period.last
    )
    states: dict[UUID | None, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STATES, 0))
    late: dict[UUID | None, int] = defaultdict(int)
    overdue = Count("pk", Q(status__in=["sent", "seen"], due_on__lt=timezone.localdate()))
    for row in rows.order_by().values("to_agency", "status").annotate(n=Count("pk"), late=overdue):
        for key in (row["to_agency"], None):
            states[key][row["status"]] = states[key].get(row["status"], 0) + row["n"]
            late[key] += row["late"]
    days = _answer_days(rows)
    agencies = Agency.objects.in_bulk([pk for pk in states if pk])
    found = [
        Answering(agencies.get(pk) if pk else None, told, late[pk], _answer(days[pk], sum(told.values())))
        for pk, told in states.items()
    ]
    return sorted(found, key=lambda row: (row.agency is not None, -row.late, -row.total))


def _answer_days(rows: QuerySet[Referral]) -> dict[UUID | None, list[tuple[int | None, int]]]:
    between = DaysBetween(TruncDate("sent_at"), TruncDate("answered_at"))
    answered = rows.filter(answered_at__isnull=False).order_by().annotate(days=between)
    found: dict[UUID | None, list[tuple[int | None, int]]] = defaultdict(list)
    for agency, days, n in answered.values_list("to_agency", "days").annotate(n=Count("pk")):
        found[agency].append((days, n))
        found[None].append((days, n))
    return found


def _answer(days: list[tuple[int | None, int]], total: int) -> Spread:
    return spread(days, waiting=total - sum(n for _days, n in days))


def process(actor: Actor, period: Period) -> Process:
    """Cases registered in the period: from the first word to the decision and to the first service."""
    scope = authorization.scope(actor, Case, action="desk.count_cases")
    cases = scope.filter(registered_on__gte=period.first, registered_on__lte=period.last).order_by()
    told = cases.annotate(
        signal_on=_first(Signal.objects.all(), TruncDate("received_at"), "received_at", "cases"),
        decided_on=_first(Decision.objects.exclude(kind="preliminary_identification"), F("decided_on"), "decided_on"),
        served_on=_first(Service.objects.filter(status__in=BEGUN), F("started_on"), "started_on"),
    ).annotate(first_word=Coalesce("signal_on", "registered_on"))
    running = scope.filter(status__in=CARRIED).aggregate(n=Count("pk"), free=Count("pk", Q(caseworker=None)))
    return Process(
        cases=cases.count(),
        with_signal=cases.filter(Exists(Signal.objects.filter(cases=OuterRef("pk")))).count(),
        to_decision=_days(told, "decided_on"),
        to_service=_days(told, "served_on"),
        identified_served=_served(cases),
        unassigned=Share(running["free"], running["n"]),
    )


def _first(rows: QuerySet[Any], value: Any, order: str, case: str = "case") -> Subquery:
    """The earliest day of a case's rows."""
    of_case = rows.filter(**{case: OuterRef("pk"), f"{order}__isnull": False})
    return Subquery(of_case.order_by(order).annotate(day=value).values("day")[:1])


def _days(told: QuerySet[Any], until: str) -> Spread:
    rows = told.annotate(days=DaysBetween(F("first_word"), F(until))).values_list("days").annotate(n=Count("pk"))
    return spread(rows)


def _served(cases: QuerySet[Case]) -> Share:
    """Identified persons of the period, by record, and those of them with a service that has begun."""
    served = Exists(Service.objects.filter(case=OuterRef("pk"), status__in=BEGUN))
    identified = cases.filter(IDENTIFIED)
    total = identified.aggregate(n=Count("record", distinct=True))["n"]
    part = identified.filter(served).aggregate(n=Count("record", distinct=True))["n"]
    return Share(part, total)
