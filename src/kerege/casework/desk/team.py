"""A supervisor's agency: who works there, who carries what, who is away; and what cases lack."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Exploitation, Task
from kerege.casework.cases.models.workload import Cover
from kerege.casework.cases.queries.data_quality import COLUMNS, LABELS, OF_MAIN, UNKNOWN, lacking
from kerege.core import authorization
from kerege.core.accounts.models import RoleAssignment, User
from kerege.core.authorization import Actor

CARRIED = ("open", "suspended", "follow_up")


@dataclass(frozen=True)
class Colleague:
    """Somebody of the agency: her roles, what she carries, and who steps in while she is away."""

    user: User
    roles: tuple[str, ...]
    cases: int
    high_risk: int
    tasks: int
    overdue: int
    cover: Cover | None


def colleagues(actor: Actor) -> list[Colleague]:
    """Everybody who works in the actor's agency, whoever has most overdue first."""
    roles: dict[UUID, list[str]] = {}
    users: dict[UUID, User] = {}
    held = RoleAssignment.objects.filter(agency=actor.agency_id, user__is_active=True).select_related("user")
    for row in held.order_by("user__full_name", "role"):
        roles.setdefault(row.user_id, []).append(row.role)
        users[row.user_id] = row.user
    cases = {row["caseworker"]: row for row in _cases(actor)}
    tasks = {row["assignee"]: row for row in _tasks(actor)}
    covers = {row.absent_id: row for row in _away(actor)}
    found = [
        Colleague(
            user,
            tuple(roles[pk]),
            _n(cases, pk, "n"),
            _n(cases, pk, "high"),
            _n(tasks, pk, "n"),
            _n(tasks, pk, "late"),
            covers.get(pk),
        )
        for pk, user in users.items()
    ]
    return sorted(found, key=lambda row: (-row.overdue, -row.cases, row.user.full_name))


def _n(rows: dict[UUID, dict[str, Any]], pk: UUID, name: str) -> int:
    return int(rows[pk][name]) if pk in rows else 0


def _cases(actor: Actor) -> Any:
    rows = authorization.scope(actor, Case, action="cases.view").filter(agency=actor.agency_id, status__in=CARRIED)
    high = Count("pk", Q(risk_level="high"))
    return rows.order_by().values("caseworker").annotate(n=Count("pk"), high=high)


def _tasks(actor: Actor) -> Any:
    rows = authorization.scope(actor, Task, action="tasks.view").filter(done_at=None)
    late = Count("pk", Q(due_on__lt=timezone.localdate()))
    return rows.order_by().values("assignee").annotate(n=Count("pk"), late=late)


def _away(actor: Actor) -> QuerySet[Cover]:
    today = timezone.localdate()
    rows = Cover.objects.filter(agency=actor.agency_id, ended_at=None, from_on__lte=today, until__gte=today)
    return rows.select_related("by")


@dataclass(frozen=True)
class Lack:
    """How many cases lack something, of how many."""

    code: str
    label: Any
    count: int


def lacks(cases: QuerySet[Case]) -> tuple[list[Lack], int]:
    """What these cases lack, the most frequent first, and how many cases they are."""
    told = cases.order_by()
    # of a whole country each pass takes its time: the columns of a case are counted in one, its main episode in one
    counts = told.aggregate(total=Count("pk"), **{code: Count("pk", lacking(code)) for code in COLUMNS})
    episodes = Exploitation.objects.filter(main=True, case__in=told.values("pk"))
    known = episodes.aggregate(**{code: Count("pk", ~Q(**{f"{name}__in": UNKNOWN})) for code, name in OF_MAIN.items()})
    total = counts.pop("total")
    counts |= {code: total - n for code, n in known.items()}
    counts |= {code: told.filter(lacking(code)).count() for code in LABELS if code not in counts}
    found = [Lack(code, LABELS[code], counts[code]) for code in LABELS]
    return sorted(found, key=lambda row: -row.count), total
