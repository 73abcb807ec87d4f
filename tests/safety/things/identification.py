"""Screenings, requests, notifications and reviews."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from kerege.casework.intake import services

SUBJECT = {
    "intake:screen-signal": "signal", "intake:screening": "screening", "intake:ask": "screening",
    "intake:conclude": "screening", "intake:screening-read": "screening",
}  # fmt: skip
POST_ONLY: set[str] = set()
BY_SHARE = {("identifying_officer", "intake:screen-case")}
# a sender completes what she sent, until it is opened; these are about what her agency received or began
NARROWER = {
    (role, f"intake:{page}")
    for role in ("first_responder", "justice_officer")
    for page in ("screen-signal", "screening", "ask")
}
READ_ONLY = {"intake:screening", "intake:screening-read"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """A screening that goes on."""
    from tests.safety.world import OPERATOR

    screening = services.start(OPERATOR, "ilo_eleven", case=own.case)
    services.save_answers(OPERATOR, screening, {"debt": "yes"}, {"forced_labour": words.note})
    return {"screening": screening, "part": SimpleNamespace(pk="forced_labour")}
