"""Case closure: open matters, approval, and the closure itself."""

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
from kerege.casework.cases.services.lifecycle import move, tasks_ending_with_case
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.cases.services.tasks import add_task
from kerege.core import audit, authorization
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor


@dataclass(frozen=True)
class Concern:
    """An open matter of a case. It warns but does not prevent closure.

    `then` states what the closure does to it.
    """

    what: Any
    count: int
    then: Any
    tab: str = ""


@dataclass(frozen=True)
class Closing:
    """A planned end of a case: follow-up or closure, its reason, day and comment."""

    status: str
    reason: str
    on: date
    comment: str = ""
    next_contact_on: date | None = None


def concerns(case: Case) -> list[Concern]:
    """Return the open matters of a case: tasks, shares, and the matters that other apps report."""
    tasks = tasks_ending_with_case(case).count()
    shares = running_shares().filter(case=case).count()
    own = [
        Concern(_("Open tasks"), tasks, _("They will be cancelled.")),
        Concern(_("Agencies that see the case"), shares, _("They will no longer see the case."), "sharing"),
    ]
    reported = (concern for answer in collect_answers(collect_concerns, Case, case=case) for concern in answer)
    return [concern for concern in (*own, *reported) if concern.count]


def close(actor: Actor, case: Case, closing: Closing) -> Approval | None:
    """Close a case, or request the approval of its closure where the profile requires one.

    Returns the requested approval; None when the case is closed at once.
    """
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


def carry_out_closure(actor: Actor, approval: Approval) -> None:
    """Close the case as proposed, at the earliest on its registration day and at the latest today."""
    proposed = approval.proposal
    on = max(date.fromisoformat(proposed["on"]), approval.case.registered_on)
    move(actor, approval.case, proposed["status"], min(on, timezone.localdate()), proposed["reason"])
