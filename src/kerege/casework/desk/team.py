"""A supervisor's team: caseload, tasks and absences. Also completeness counts of cases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Exploitation, Task
from kerege.casework.cases.models.workload import Cover
from kerege.casework.cases.queries.data_quality import COLUMNS, LABELS, MAIN_EPISODE_COLUMNS, UNKNOWN, cases_missing
from kerege.core import authorization
from kerege.core.accounts.models import RoleAssignment, User
from kerege.core.authorization import Actor

CARRIED = ("open", "suspended", "follow_up")


@dataclass(frozen=True)
class Colleague:
    """A user of the agency: roles, cases, tasks, and the cover while they are absent."""

    user: User
    roles: tuple[str, ...]
    cases: int
    high_risk: int
    tasks: int
    overdue: int
    cover: Cover | None


def list_colleagues(actor: Actor) -> list[Colleague]:
    """Return all users of the actor's agency, those with most overdue tasks first."""
    roles: dict[UUID, list[str]] = {}
    users: dict[UUID, User] = {}
    assignments = RoleAssignment.objects.filter(agency=actor.agency_id, user__is_active=True).select_related("user")
    for row in assignments.order_by("user__full_name", "role"):
        roles.setdefault(row.user_id, []).append(row.role)
        users[row.user_id] = row.user
    cases = {row["caseworker"]: row for row in _cases_by_worker(actor)}
    tasks = {row["assignee"]: row for row in _tasks_by_assignee(actor)}
    covers = {row.absent_id: row for row in _running_covers(actor)}
    rows = [
        Colleague(
            user=user,
            roles=tuple(roles[pk]),
            cases=_count_of(cases, pk, "n"),
            high_risk=_count_of(cases, pk, "high"),
            tasks=_count_of(tasks, pk, "n"),
            overdue=_count_of(tasks, pk, "late"),
            cover=covers.get(pk),
        )
        for pk, user in users.items()
    ]
    return sorted(rows, key=lambda row: (-row.overdue, -row.cases, row.user.full_name))


def _count_of(rows: dict[UUID, dict[str, Any]], pk: UUID, name: str) -> int:
    return int(rows[pk][name]) if pk in rows else 0


def _cases_by_worker(actor: Actor) -> Any:
    rows = authorization.scope(actor, Case, action="cases.view").filter(agency=actor.agency_id, status__in=CARRIED)
    high = Count("pk", Q(risk_level="high"))
    return rows.order_by().values("caseworker").annotate(n=Count("pk"), high=high)


def _tasks_by_assignee(actor: Actor) -> Any:
    rows = authorization.scope(actor, Task, action="tasks.view").filter(done_at=None)
    late = Count("pk", Q(due_on__lt=timezone.localdate()))
    return rows.order_by().values("assignee").annotate(n=Count("pk"), late=late)


def _running_covers(actor: Actor) -> QuerySet[Cover]:
    today = timezone.localdate()
    rows = Cover.objects.filter(agency=actor.agency_id, ended_at=None, from_on__lte=today, until__gte=today)
    return rows.select_related("by")


@dataclass(frozen=True)
class MissingCount:
    """The number of cases without a value for one item."""

    code: str
    label: Any
    count: int


def count_missing(cases: QuerySet[Case]) -> tuple[list[MissingCount], int]:
    """Count the cases without a value for each item, the largest count first; return the total too."""
    selected = cases.order_by()
    # One pass counts all columns of a case and one all columns of its main episode: a pass is slow nationwide.
    counts = selected.aggregate(total=Count("pk"), **{code: Count("pk", cases_missing(code)) for code in COLUMNS})
    episodes = Exploitation.objects.filter(main=True, case__in=selected.values("pk"))
    filled = episodes.aggregate(
        **{code: Count("pk", ~Q(**{f"{name}__in": UNKNOWN})) for code, name in MAIN_EPISODE_COLUMNS.items()}
    )
    total = counts.pop("total")
    counts |= {code: total - n for code, n in filled.items()}
    counts |= {code: selected.filter(cases_missing(code)).count() for code in LABELS if code not in counts}
    rows = [MissingCount(code, LABELS[code], counts[code]) for code in LABELS]
    return sorted(rows, key=lambda row: -row.count), total
