"""The lifecycle of a case."""

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
from kerege.casework.cases.services.timeline_events import tell
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR

# which lifecycle states may follow which; no entry reads a victim status
LIFECYCLE = {
    "open": {"suspended", "ended", "follow_up", "closed"},
    "suspended": {"open", "ended", "follow_up", "closed"},
    "ended": {"follow_up", "closed", "open"},
    "follow_up": {"closed", "open"},
    "closed": {"open"},
}
OVER = ("ended", "follow_up", "closed")


def move(actor: Actor, case: Case, status: str, on: date, reason: str = "") -> Case:
    """Move a case through its lifecycle. A closed case leaves nothing open that others could see."""
    with audit.act(actor, "cases.move", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        _take_state(case, status, on, reason)
        tell(actor, case, on, "status", status=status, reason=reason)
        if status == "closed":
            _end_everything(actor, case, on)
        event.note(status=status)
    return case


def reopen(actor: Actor, case: Case, on: date, reason: str) -> Case:
    """A case that was over runs again; nothing that ended with it comes back by itself."""
    with audit.act(actor, "cases.reopen", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        if case.status not in OVER:
            raise BadInput(Fault(gettext_noop("this case is running"), gettext_noop("reload the page")))
        _take_state(case, "open", on, "")
        tell(actor, case, on, "reopened", reason=reason)
        event.note(reason=reason)
    return case


def _take_state(case: Case, status: str, on: date, reason: str) -> None:
    # read again: of two who move a case at once only the first moves it from the state that both saw
    now = Case.objects.select_for_update().values_list("status", flat=True).get(pk=case.pk)
    if status not in LIFECYCLE[now]:
        raise BadInput(
            Fault(gettext_noop("this state does not follow the present one"), gettext_noop("choose another state"))
        )
    over = status in OVER
    values: dict[str, Any] = {
        "status": status,
        "closure_reason": reason or case.closure_reason if over else "",
        "ended_on": (case.ended_on or on) if over else None,
        "closed_on": on if status == "closed" else None,
        "version": case.version + 1,
    }
    for name, value in values.items():
        setattr(case, name, value)
    check_codes(case)
    case.save(update_fields=list(values))


def _end_everything(actor: Actor, case: Case, on: date) -> None:
    case_closed.send(Case, actor=actor, case=case, on=on)
    now = timezone.now()
    shares = running_shares().filter(case=case)
    for agency in set(shares.values_list("agency", flat=True)):
        tell(actor, case, on, "share_ended", to=str(agency))
    audit.note(shares=shares.update(to_at=now))
    audit.note(tasks=struck_off(case).update(done_at=now, done_by=actor.label))


def require_open(actor: Actor, case: Case) -> None:
    """Nothing is added to a closed case. What the operator brings in is history, and may be that of a closed one.

    The case is locked: of an addition and a closing at once, one comes first.
    """
    if OPERATOR in actor.roles:
        return
    if not Case.objects.select_for_update().only("status").get(pk=case.pk).takes_more:
        raise BadInput(Fault(gettext_noop("this case is closed"), gettext_noop("reopen it first")))


def struck_off(case: Case) -> QuerySet[Task]:
    """Tasks that end with the case: all but asking how the person is."""
    return Task.objects.filter(case=case, done_at=None).exclude(kind="follow_up")
