"""Queries of cases. Every list starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Event, Exploitation, Note, Task
from kerege.casework.cases.models.notices import Notice
from kerege.casework.cases.models.workload import Cover
from kerege.casework.cases.queries.data_quality import cases_missing
from kerege.casework.cases.shared_view import sees_category
from kerege.casework.vault.identity import Identity, full_name
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR

M = TypeVar("M", bound=Model)
RUNNING = ("open", "suspended", "ended", "follow_up")
# active cases; a person has at most one of them at each agency
GOES_ON = ("open", "suspended")


@dataclass(frozen=True)
class Filters:
    """Filters of the case list; an empty value filters nothing."""

    status: str = ""
    social_status: str = ""
    exploitation_form: str = ""
    risk_level: str = ""
    mine: bool = False
    year: int | None = None
    worker: User | None = None
    lacks: str = ""
    overdue: bool = False
    quiet: str = ""  # days without an entry on the timeline


def case_list(actor: Actor, filters: Filters) -> QuerySet[Case]:
    """Return the cases that the actor may see and that match the filters, newest first."""
    cases = authorization.scope(actor, Case, action="cases.view").select_related("agency", "caseworker")
    column_values = {
        "status": filters.status,
        "social_status": filters.social_status,
        "risk_level": filters.risk_level,
        "registered_on__year": filters.year,
    }
    if filters.mine:
        cases = cases.filter(assigned_or_covered(actor, "caseworker"))
    if filters.worker:
        cases = cases.filter(agency=actor.agency_id, caseworker=filters.worker)
    if filters.lacks:
        cases = cases.filter(cases_missing(filters.lacks), agency=actor.agency_id)
    if filters.overdue:
        late = Task.objects.filter(done_at=None, due_on__lt=timezone.localdate(), agency=actor.agency_id)
        cases = cases.filter(pk__in=late.values("case"))
    if filters.quiet:
        since = timezone.localdate() - timedelta(days=int(filters.quiet))
        entries = Event.objects.filter(case=OuterRef("pk"), on__gt=since)
        cases = cases.filter(~Exists(entries), agency=actor.agency_id, registered_on__lte=since)
    # On a shared case, a filter applies only to shared categories; otherwise it would reveal the others.
    if filters.social_status or filters.exploitation_form:
        cases = cases.filter(sees_category(actor, "exploitation"))
    if filters.risk_level:
        cases = cases.filter(sees_category(actor, "needs"))
    if filters.exploitation_form:
        with_form = Exploitation.objects.filter(case=OuterRef("pk"), main_form=filters.exploitation_form)
        cases = cases.filter(Exists(with_form))
    return cases.filter(**{name: value for name, value in column_values.items() if value})


def search(actor: Actor, text: str) -> list[Case]:
    """Return cases by reference, person's name or document number, best match first.

    An exact reference takes precedence.
    """
    cases = authorization.scope(actor, Case, action="cases.view").select_related("agency", "caseworker")
    exact = list(cases.filter(reference=text.strip().upper()))
    if exact:
        return exact
    order = {record_id: rank for rank, record_id in enumerate(vault.find(actor, text))}
    surviving = vault.with_merged(order)
    return sorted(cases.filter(record__in=surviving), key=lambda case: order[surviving[case.record_id]])


def names(actor: Actor, cases: list[Case]) -> dict[UUID, str]:
    """Return full names by case id, for the cases of one page."""
    identities = vault.read_many(actor, {case.record_id for case in cases})
    return {case.id: full_name(identities.get(case.record_id, Identity())) for case in cases}


def filter_readable(actor: Actor, case: Case, rows: QuerySet[M]) -> QuerySet[M]:
    """Return the rows of a case that the actor may read.

    The owner and the operator read all; another agency reads only its own notes, events and tasks.
    """
    reads_all = case.agency_id == actor.agency_id or OPERATOR in actor.roles
    return rows if reads_all else rows.filter(agency=actor.agency_id)


def notes(actor: Actor, case: Case) -> QuerySet[Note]:
    """Return the notes of a case that the actor may read, without those withheld from later owners."""
    rows = filter_readable(actor, case, case.notes.select_related("text__data_key"))
    return rows.filter(Q(withheld=False) | Q(agency=actor.agency_id))


def list_events(actor: Actor, case: Case, limit: int = 200) -> list[Event]:
    """Return the newest timeline events of a case that the actor may read.

    Those of one moment are in the order in which they were stored: without a last key, PostgreSQL may return them in
    the order of their places on the disk, which depends on what was written before.
    """
    events = case.events.select_related("agency").order_by("-on", "-at", "-id")
    return list(filter_readable(actor, case, events)[:limit])


def covered_colleagues(user_id: UUID | None, on: date | None = None) -> QuerySet[Cover, UUID]:
    """Return the ids of the colleagues whom a user covers on a day.

    The result is a subquery for the lookups `__in` and `__among`.
    """
    day = on or timezone.localdate()
    running = Cover.objects.filter(by=user_id, ended_at=None, from_on__lte=day, until__gte=day)
    return running.values_list("absent", flat=True).order_by()


def assigned_or_covered(actor: Actor, column: str) -> Q:
    """Return a filter for rows whose `column` holds the actor, or a colleague whom they cover."""
    return Q(**{column: actor.user_id}) | Q(**{f"{column}__among": covered_colleagues(actor.user_id)})


def open_tasks(actor: Actor, today: date | None = None) -> dict[str, list[Task]]:
    """Return the actor's open tasks and unassigned ones of the agency: overdue, today, next seven days."""
    today = today or timezone.localdate()
    tasks = authorization.scope(actor, Task, action="tasks.view").filter(done_at=None).select_related("case")
    own_and_free = tasks.filter(assigned_or_covered(actor, "assignee") | Q(assignee=None))
    own_and_free = own_and_free.order_by("due_on", "created_at", "pk")
    tasks_by_due: dict[str, list[Task]] = {"overdue": [], "today": [], "soon": []}
    for task in own_and_free.filter(due_on__lte=date.fromordinal(today.toordinal() + 7)):
        tasks_by_due["overdue" if task.due_on < today else "today" if task.due_on == today else "soon"].append(task)
    return tasks_by_due


def notices(actor: Actor, limit: int = 20) -> list[Notice]:
    """Return the unread notices of the actor, newest first."""
    return list(authorization.scope(actor, Notice, action="notices.read").filter(read_at=None)[:limit])


def help_began(cases: Iterable[UUID]) -> set[UUID]:
    """Return the cases in which a service or an answered referral has begun.

    A first responder may learn this fact, and no more.
    """
    begun = Q(kind="service", detail__status__in=["ongoing", "completed"])
    answered = Q(kind="referral_answer", detail__status__in=["started", "completed"])
    return set(Event.objects.filter(begun | answered, case__in=list(cases)).values_list("case", flat=True))
