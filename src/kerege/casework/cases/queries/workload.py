"""Lists of tasks, approvals and covers."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from kerege.casework.cases.models.case import Task
from kerege.casework.cases.models.workload import Approval, Cover
from kerege.casework.cases.queries.cases import assigned_or_covered
from kerege.core import authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor


def task_list(
    actor: Actor, whose: str = "", state: str = "", kind: str = "", worker: User | None = None
) -> QuerySet[Task]:
    """Return tasks that the actor may see, filtered by state, kind and colleague.

    By default these are the actor's own and unassigned tasks; `whose="agency"` selects all of the agency.
    """
    tasks = authorization.scope(actor, Task, action="tasks.view").select_related("case", "assignee")
    if worker:
        tasks = tasks.filter(assignee=worker)
    elif whose != "agency":
        tasks = tasks.filter(assigned_or_covered(actor, "assignee") | Q(assignee=None))
    if kind:
        tasks = tasks.filter(kind=kind)
    if state == "done":
        return tasks.filter(done_at__isnull=False).order_by("-done_at")
    today = timezone.localdate()
    by_state = {"overdue": Q(due_on__lt=today), "today": Q(due_on=today)}
    return tasks.filter(by_state.get(state, Q()), done_at=None).order_by("due_on", "created_at")


def list_approvals(actor: Actor, *, answered: bool = False) -> QuerySet[Approval]:
    """Return the agency's waiting approvals, oldest first; or the decided ones, newest first."""
    rows = authorization.scope(actor, Approval, action="approvals.view").select_related("case")
    if answered:
        return rows.filter(decided_at__isnull=False).order_by("-decided_at")
    return rows.filter(decided_at=None).order_by("requested_at")


def approvals_to_decide(actor: Actor) -> QuerySet[Approval]:
    """Return the waiting approvals that the actor may decide: all but their own requests."""
    return list_approvals(actor).exclude(requested_by=actor.label)


def list_covers(actor: Actor) -> list[Cover]:
    """Return the covers of the actor's agency that run or are planned."""
    rows = Cover.objects.filter(agency=actor.agency_id, ended_at=None, until__gte=timezone.localdate())
    return list(rows.select_related("absent", "by").order_by("from_on", "pk")[:200])


def own_approvals(actor: Actor) -> list[Approval]:
    """Return the actor's requests that wait, or were returned and not requested again; at most 10."""
    own = authorization.scope(actor, Approval, action="approvals.view").filter(requested_by=actor.label)
    later = Approval.objects.filter(
        case=OuterRef("case"), kind=OuterRef("kind"), requested_at__gt=OuterRef("requested_at")
    )
    unresolved = own.filter(Q(decided_at=None) | Q(outcome="returned") & ~Exists(later))
    return list(unresolved.select_related("case").order_by("-requested_at", "pk")[:10])
