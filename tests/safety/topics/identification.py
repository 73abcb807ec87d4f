"""Screenings, requests for a decision, decisions with a notification and a review."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from kerege.casework.intake.services import identification
from kerege.casework.intake.services import screening as screening_services
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.core.accounts.models import User

SUBJECT = {
    "intake:screen-signal": "signal",
    "intake:screening": "screening",
    "intake:ask": "screening",
    "intake:conclude": "screening",
    "intake:discard": "screening",
    "intake:screening-read": "screening",
    "intake:withdraw-request": "request",
    "intake:sent": "outgoing",
    "intake:notify": "decision",
    "intake:notice": "decision",
    "intake:review": "decision",
}
POST_ONLY = {"intake:withdraw-request", "intake:discard"}
BY_SHARE = {("identifying_officer", "intake:screen-case")}
READ_ONLY = {"intake:screening", "intake:screening-read", "intake:notice", "intake:sent"}
# a sender completes what they sent, until it is opened; these are about what the agency received or began
NARROWER = {
    (role, f"intake:{page}")
    for role in ("first_responder", "justice_officer")
    for page in ("screen-signal", "screening", "ask")
}
# only the user who began a screening, and only while it is empty
NARROWER |= {
    (role, "intake:discard")
    for role in ("first_responder", "justice_officer", "caseworker", "supervisor", "identifying_officer")
}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create an unfinished screening, a decision, and an open request."""
    from tests.safety.world import OPERATOR

    screening = screening_services.start(OPERATOR, "ilo_eleven", case=own.case)
    screening_services.save_answers(OPERATOR, screening, {"debt": "yes"}, {"forced_labour": words.note})
    officer = User.objects.create_user(
        f"officer-{own.agency.code}-{User.objects.count()}", None, full_name="Officer", language="en"
    )
    officer.assignments.create(agency=own.agency, role="identifying_officer")
    request = identification.request_decision(OPERATOR, own.case, own.agency, "social", words.message)
    return {
        "screening": screening,
        "part": SimpleNamespace(pk="forced_labour"),
        "decision": own.case.decisions.get(),
        "request": request,
        "outgoing": send_signal(OPERATOR, SignalDraft(own.agency, elsewhere, "raid", narrative=words.narrative)),
    }
