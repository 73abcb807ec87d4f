"""Lifecycle of a case: status changes, closure and reopening."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.events import case_closed
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR

# permitted next statuses for each status; none depends on a victim status
LIFECYCLE = {
    "open": {"suspended", "ended", "follow_up", "closed"},
    "suspended": {"open", "ended", "follow_up", "closed"},
    "ended": {"follow_up", "closed", "open"},
    "follow_up": {"closed", "open"},
    "closed": {"open"},
}
ENDED_STATUSES = ("ended", "follow_up", "closed")


def move(actor: Actor, case: Case, status: str, on: date, reason: str = "") -> Case:
    """Move a case to another status of its lifecycle. Closure also ends its shares and open tasks."""
    with audit.act(actor, "cases.move", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        _set_status(case, status, on, reason)
        add_timeline_event(actor, case, on, "status", status=status, reason=reason)
        if status == "closed":
            _end_shares_and_tasks(actor, case, on)
        event.note(status=status)
    return case


def reopen(actor: Actor, case: Case, on: date, reason: str) -> Case:
    """Reopen a case that has ended. Shares and tasks that ended with it stay ended."""
    with audit.act(actor, "cases.reopen", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        if case.status not in ENDED_STATUSES:
            raise BadInput(Fault(gettext_noop("this case is running"), gettext_noop("reload the page")))
        _set_status(case, "open", on, "")
        add_timeline_event(actor, case, on, "reopened", reason=reason)
        event.note(reason=reason)
    return case


def _set_status(case: Case, status: str, on: date, reason: str) -> None:
    """Set the status with its dates; raise BadInput when it cannot follow the stored status."""
    # Read the status under a lock: of two users who move a case at once, only the first succeeds.
    current = Case.objects.select_for_update().values_list("status", flat=True).get(pk=case.pk)
    if status not in LIFECYCLE[current]:
        raise BadInput(
            Fault(gettext_noop("this state does not follow the present one"), gettext_noop("choose another state"))
        )
    has_ended = status in ENDED_STATUSES
    values: dict[str, Any] = {
        "status": status,
        "closure_reason": reason or case.closure_reason if has_ended else "",
        "ended_on": (case.ended_on or on) if has_ended else None,
        "closed_on": on if status == "closed" else None,
        "version": case.version + 1,
    }
    for name, value in values.items():
        setattr(case, name, value)
    check_codes(case)
    case.save(update_fields=list(values))


def _end_shares_and_tasks(actor: Actor, case: Case, on: date) -> None:
    """Send `case_closed`, then end all shares and the tasks that end with the case."""
    case_closed.send(Case, actor=actor, case=case, on=on)
    now = timezone.now()
    shares = running_shares().filter(case=case)
    for agency in set(shares.values_list("agency", flat=True)):
        add_timeline_event(actor, case, on, "share_ended", to=str(agency))
    audit.note(shares=shares.update(to_at=now))
    audit.note(tasks=tasks_ending_with_case(case).update(done_at=now, done_by=actor.label))


def require_open(actor: Actor, case: Case) -> None:
    """Raise BadInput when the case is closed. The operator may add history to a closed case.

    Locks the case, so that an addition and a closure are serialised.
    """
    if OPERATOR in actor.roles:
        return
    if not Case.objects.select_for_update().only("status").get(pk=case.pk).takes_more:
        raise BadInput(Fault(gettext_noop("this case is closed"), gettext_noop("reopen it first")))


def tasks_ending_with_case(case: Case) -> QuerySet[Task]:
    """Return the open tasks that end with the case: all except follow-up contacts."""
    return Task.objects.filter(case=case, done_at=None).exclude(kind="follow_up")
