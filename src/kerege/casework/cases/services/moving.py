"""The lifecycle of a case."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_noop

from kerege.casework.cases.models import Case
from kerege.casework.cases.services.checking import check_codes
from kerege.casework.cases.services.telling import tell
from kerege.core import access, audit
from kerege.core.access import Actor
from kerege.standard.faults import BadInput, Fault

# which lifecycle states may follow which; no entry reads a victim status
LIFECYCLE = {
    "open": {"suspended", "ended"},
    "suspended": {"open", "ended"},
    "ended": {"follow_up", "closed", "open"},
    "follow_up": {"closed", "open"},
    "closed": {"open"},
}


def move(actor: Actor, case: Case, status: str, on: date, reason: str = "") -> Case:
    """Move a case through its lifecycle; closed cases can be reopened."""
    with audit.act(actor, "cases.move", target=f"case:{case.id}") as event:
        access.require(actor, "cases.change", case)
        if status not in LIFECYCLE[case.status]:
            raise BadInput(
                Fault(gettext_noop("this state does not follow the present one"), gettext_noop("choose another state"))
            )
        case.status, case.closure_reason = status, reason
        case.ended_on = on if status == "ended" else None if status == "open" else case.ended_on
        case.closed_on = on if status == "closed" else None
        case.version += 1
        check_codes(case)
        case.save(update_fields=["status", "closure_reason", "ended_on", "closed_on", "version"])
        tell(actor, case, on, "status", status=status, reason=reason)
        event.note(status=status)
    return case
