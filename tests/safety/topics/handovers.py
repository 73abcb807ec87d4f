"""Handovers and transfer requests of the small world."""

from __future__ import annotations

from typing import Any

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import TransferRequest
from kerege.casework.assistance.services import consents, handovers, transfer_requests
from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration

SUBJECT = {
    "assistance:handover": "offer",
    "assistance:handover-pack": "handover",
    "assistance:answer-transfer": "transfer",
}
READ_ONLY = {"assistance:handover-pack"}


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a case that `elsewhere` offers to the agency, and a transfer request of `elsewhere`."""
    from tests.safety.world import DAY, OPERATOR

    case = registration.register(OPERATOR, Registration(elsewhere, words.identity, DAY))
    consent = Consent(case=case, purpose="handover", recipient=own.agency, given=True, on=DAY, categories=[])
    consents.record_consent(OPERATOR, consent)
    offer = handovers.offer(OPERATOR, [case], own.agency)
    asked = transfer_requests.request_transfer(OPERATOR, elsewhere, "reference", own.case.reference)
    transfer_requests.pass_on(OPERATOR, asked)
    return {
        "offer": offer,
        "handover": offer.handovers.get(),
        "transfer": TransferRequest.objects.get(pk=asked.pk),
    }
