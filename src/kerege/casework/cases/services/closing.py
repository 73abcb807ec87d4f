"""Closing a case: what is still open, who has to approve, and what happens then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.events import collect_concerns
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.services.approvals import ask_approval, needs_approval
from kerege.casework.cases.services.lifecycle import move, struck_off
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.cases.services.tasks import add_task
from kerege.core import audit, authorization
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor


@dataclass(frozen=True)
class Concern:
    """Something of a case that is still open. It warns and forbids nothing; `then` says what closing does to it."""

    what: Any
    count: int
    then: Any
    tab: str = ""


@dataclass(frozen=True)
class Closing:
    """How a case is to end: into follow-up, or closed."""

    status: str
    reason: str
    on: date
    comment: str = ""
    next_contact_on: date | None = None


def concerns(case: Case) -> list[Concern]:
    """Everything that is still open on a case."""
    tasks = struck_off(case).count()
    shares = running_shares().filter(case=case).count()
    own = [
        Concern(_("Open tasks"), tasks, _("They are struck off.")),
        Concern(_("Agencies that see the case"), shares, _("They stop seeing it."), "sharing"),
    ]
    others = (concern for answer in collect_answers(collect_concerns, Case, case=case) for concern in answer)
    return [concern for concern in (*own, *others) if concern.count]


def close(actor: Actor, case: Case, closing: Closing) -> Approval | None:
    """End a case. When the profile wants closing approved, this asks for it and the case goes on until then."""
    with audit.act(actor, "cases.close", target=f"case:{case.id}") as event:
        authorization.require(actor, "cases.change", case)
        event.note(status=closing.status)
        if closing.status == "closed" and needs_approval("closure"):
            proposal = {"status": closing.status, "reason": closing.reason, "on": closing.on.isoformat()}
            return ask_approval(actor, case, "closure", closing.comment, proposal=proposal)
        move(actor, case, closing.status, closing.on, closing.reason)
        if closing.next_contact_on:
            task = Task(agency=case.agency, case=case, assignee=case.caseworker, kind="follow_up")
            task.due_on = closing.next_contact_on
            add_task(actor, task)
    return None


def carry_out(actor: Actor, approval: Approval) -> None:
    """Close as was asked for, on the day of the approval when that is later."""
    proposed = approval.proposal
    on = max(date.fromisoformat(proposed["on"]), approval.case.registered_on)
    move(actor, approval.case, proposed["status"], min(on, timezone.localdate()), proposed["reason"])
