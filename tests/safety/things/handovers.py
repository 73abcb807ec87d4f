"""Handovers and transfer requests of the small world."""

from __future__ import annotations

from typing import Any

from kerege.casework.assistance import services as assistance
from kerege.casework.assistance.models import Consent, TransferRequest
from kerege.casework.cases import services as cases
from kerege.casework.cases.drafts import Registration

SUBJECT = {
    "assistance:handover": "offer", "assistance:handover-pack": "handover", "assistance:answer-transfer": "transfer",
}  # fmt: skip
READ_ONLY = {"assistance:handover-pack"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """A case of `elsewhere` offered to the agency, and a request of `elsewhere` for a case of the agency."""
    from tests.safety.world import DAY, OPERATOR

    case = cases.register(OPERATOR, Registration(elsewhere, words.identity, DAY))
    consent = Consent(case=case, purpose="handover", recipient=own.agency, given=True, on=DAY, categories=[])
    assistance.record_consent(OPERATOR, consent)
    offer = assistance.offer(OPERATOR, [case], own.agency)
    asked = assistance.request_transfer(OPERATOR, elsewhere, "reference", own.case.reference)
    assistance.pass_on(OPERATOR, asked)
    return {
        "offer": offer,
        "handover": offer.handovers.get(),
        "transfer": TransferRequest.objects.get(pk=asked.pk),
    }
