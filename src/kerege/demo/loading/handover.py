"""Loading of IOM's last caseload: answers, case offers, one transfer, and transfer requests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents, handovers, returns, transfer_requests
from kerege.casework.cases.models.case import Case
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.demo.programme.another_country import pack_country
from kerege.demo.programme.handover import ANSWERS, key
from kerege.demo.programme.staff import HOME


def load_handover(actor: Actor, cases: Mapping[str, Case], agencies: Mapping[str, Agency]) -> None:
    """Record the answers, offer the caseload to the centre in Karaganda, and transfer one case.

    Request transfers.
    """
    centre, iom = agencies[HOME], [cases[key(number)] for number in range(len(ANSWERS))]
    for case, answer in zip(iom, ANSWERS, strict=True):
        if answer:
            agree(actor, case, centre, given=answer != "no")
    moved = handovers.offer(actor, [iom[-1]], centre)
    handovers.accept_all(actor, moved)
    handovers.offer(actor, iom[:-1], centre)
    for number in (3, 7):
        agree(actor, cases[f"live-mine-{number:02d}"], agencies["crisis-astana"], given=number == 3)
    transfer_request = transfer_requests.request_transfer(
        actor, agencies["crisis-astana"], "reference", cases["live-mine-09"].reference, urgency="high"
    )
    transfer_requests.pass_on(actor, transfer_request)
    transfer_requests.request_transfer(actor, centre, "reference", cases["live-other-03"].reference)
    transfer_requests.request_transfer(actor, centre, "reference", f"{pack_country()}-2019-99999")


def agree(actor: Actor, case: Case, receiver: Agency, *, given: bool) -> None:
    """Record a person's answer to the transfer of their case."""
    scope = {"purpose": "handover", "recipient": receiver, "categories": [], "manner": "written", "language": "ru"}
    answer(actor, case, given, scope)


def answer(actor: Actor, case: Case, given: bool, scope: dict[str, Any]) -> None:
    """Record a consent on the day of registration; for a child, the guardian's with the child's assent."""
    spoken = {"by_guardian": True, "guardian_relation": "guardianship_authority", "child_assent": "yes"}
    with audit.act(actor, "consents.record", target=f"case:{case.pk}"):
        scope = scope | (spoken if returns.is_child(actor, case, case.registered_on) else {})
        consents.record_consent(actor, Consent(case=case, given=given, on=case.registered_on, **scope))
