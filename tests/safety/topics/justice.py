"""Proceedings of the small world's crimes."""

from __future__ import annotations

from typing import Any

from kerege.casework.justice.models import (
    Breach,
    CaseLink,
    Compensation,
    CompensationStep,
    Hearing,
    ProtectionMeasure,
    Suspect,
)

STEPS = ("stage", "suspect", "hearing", "protection", "compensation", "link")
SUBJECT = {
    **{f"justice:{step}": "crime" for step in (*STEPS, "unlink")},
    "justice:change-suspect": "suspect",
    "justice:change-hearing": "hearing",
    "justice:change-protection": "protection",
    "justice:breach": "protection",
    "justice:compensation-step": "compensation",
    "justice:change-compensation": "compensation",
}
POST_ONLY = {"justice:unlink"}
READ_ONLY = {"justice:crime"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a suspect, a hearing and a link of the agency's crime."""
    from tests.safety.world import DAY

    protection = ProtectionMeasure.objects.create(crime=own.crime, person="victim", kind="escort", starts_on=DAY)
    compensation = Compensation.objects.create(crime=own.crime, source="fund")
    entry = {"recorded_at": own.crime.created_at, "recorded_by": "x"}
    Breach.objects.create(measure=protection, on=DAY, kind="threat", **entry)
    CompensationStep.objects.create(compensation=compensation, state="asked", on=DAY, **entry)
    return {
        "protection": protection,
        "compensation": compensation,
        "suspect": Suspect.objects.create(crime=own.crime, sex="male", roles=["exploiter"], organised_group="unknown"),
        "hearing": Hearing.objects.create(crime=own.crime, on=DAY, kind="main"),
        "link": CaseLink.objects.create(crime=own.crime, case=own.case, basis="consent"),
    }
