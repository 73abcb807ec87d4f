"""Proceedings of the small world's crimes."""

from __future__ import annotations

from typing import Any

from kerege.casework.justice.models import CaseLink, Hearing, Suspect

STEPS = ("stage", "suspect", "hearing", "protection", "compensation", "link")
SUBJECT = {
    **{f"justice:{step}": "crime" for step in (*STEPS, "unlink")},
    "justice:change-suspect": "suspect",
    "justice:change-hearing": "hearing",
}
POST_ONLY = {"justice:unlink"}
READ_ONLY = {"justice:crime"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a suspect, a hearing and a link of the agency's crime."""
    from tests.safety.world import DAY

    return {
        "suspect": Suspect.objects.create(crime=own.crime, sex="male", roles=["exploiter"], organised_group="unknown"),
        "hearing": Hearing.objects.create(crime=own.crime, on=DAY, kind="main"),
        "link": CaseLink.objects.create(crime=own.crime, case=own.case, basis="consent"),
    }
