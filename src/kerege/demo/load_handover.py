"""Brings IOM's last caseload to its state: answers recorded, cases offered, one handed over, transfers asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services import consents, handovers, returns, transfer_requests
from kerege.casework.cases.models.case import Case
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.demo.handover import ANSWERS, key
from kerege.demo.staff import HOME


def load_handover(actor: Actor, cases: Mapping[str, Case], agencies: Mapping[str, Agency]) -> None:
    """Record the answers, offer the caseload to the centre in Karaganda, hand one case over, ask for transfers."""
    centre, iom = agencies[HOME], [cases[key(number)] for number in range(len(ANSWERS))]
    for case, answer in zip(iom, ANSWERS, strict=True):
        if answer:
            agree(actor, case, centre, given=answer != "no")
    moved = handovers.offer(actor, [iom[-1]], centre)
    handovers.accept_all(actor, moved)
    handovers.offer(actor, iom[:-1], centre)
    for number in (3, 7):
        agree(actor, cases[f"live-mine-{number:02d}"], agencies["crisis-astana"], given=number == 3)
    asked = transfer_requests.request_transfer(
        actor, agencies["crisis-astana"], "reference", cases["live-mine-09"].reference, urgency="high"
    )
    transfer_requests.pass_on(actor, asked)
    transfer_requests.request_transfer(actor, centre, "reference", cases["live-other-03"].reference)
    transfer_requests.request_transfer(actor, centre, "reference", "KZ-2019-99999")


def agree(actor: Actor, case: Case, receiver: Agency, *, given: bool) -> None:
    """What a person said to being handed over."""
    told = {"purpose": "handover", "recipient": receiver, "categories": [], "manner": "written", "language": "ru"}
    answer(actor, case, given, told)


def answer(actor: Actor, case: Case, given: bool, told: dict[str, Any]) -> None:
    """Record an answer of the day of registration; for a child the guardian speaks, and the child agrees."""
    spoken = {"by_guardian": True, "guardian_relation": "guardianship_authority", "child_assent": "yes"}
    with audit.act(actor, "consents.record", target=f"case:{case.pk}"):
        told = told | (spoken if returns.is_child(actor, case, case.registered_on) else {})
        consents.record_consent(actor, Consent(case=case, given=given, on=case.registered_on, **told))
