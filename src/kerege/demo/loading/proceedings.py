"""Proceedings of the newest crimes: hearings, protection measures, compensation, a linked case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from kerege.casework.cases.models.case import Case
from kerege.casework.justice import case_links, services, victim_support
from kerege.casework.justice.models import Breach, Compensation, Crime, Hearing, ProtectionMeasure
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
from kerege.demo.loading.handover import answer
from kerege.vocabulary import codes

OFFICE = "mia"


def load_proceedings(actor: Actor, cases: Mapping[str, Case], agencies: Mapping[str, Agency], today: date) -> None:
    """Add proceedings to the ministry's five newest crimes.

    They are hearings, protection measures, compensation and a linked case.
    """
    newest = list(Crime.objects.filter(agency=agencies[OFFICE]).order_by("-registered_on", "register_number")[:5])
    for days, crime, kind in zip((-2, 3, 9, 16), newest, ("detention", "preliminary", "main", "main"), strict=False):
        services.add_line(actor, Hearing(crime=crime, on=today + timedelta(days=days), kind=kind))
    for crime in newest[:2]:
        began = {"starts_on": crime.registered_on, "ordered_by": "internal_affairs"}
        services.add_line(actor, ProtectionMeasure(crime=crime, person="victim", kind="data_confidential", **began))
        services.add_line(actor, ProtectionMeasure(crime=crime, person="witness", kind="personal_guard", **began))
    tried = newest[-1]
    if tried.stage == "registered":
        services.move_crime(actor, tried, "investigation", min(today, tried.registered_on + timedelta(days=2)))
    paid = {"claimed": Decimal(2_400_000), "claimed_on": tried.registered_on}
    services.add_line(actor, Compensation(crime=tried, source="offender", **paid))
    services.add_line(
        actor, Compensation(crime=tried, source="fund", claimed=Decimal(117_960), paid=Decimal(117_960), paid_on=today)
    )
    support(actor, newest[:2], today)
    link(actor, cases["live-mine-04"], agencies[OFFICE], tried)


def support(actor: Actor, crimes: Sequence[Crime], today: date) -> None:
    """Add protection that waits, was refused or was breached, and each step of the fund."""
    asked = {"person": "victim", "kind": "no_contact_order", "requested_on": today - timedelta(days=9)}
    services.add_line(actor, ProtectionMeasure(crime=crimes[0], **asked))
    refused = ProtectionMeasure(crime=crimes[1], **asked | {"kind": "escort"})
    refused.refused_on = today - timedelta(days=2)
    services.add_line(actor, refused)
    for measure in ProtectionMeasure.objects.filter(crime=crimes[0], kind="personal_guard"):
        breach = Breach(on=today - timedelta(days=1), kind="contact", reported_to="internal_affairs")
        victim_support.record_breach(actor, measure, breach)
    for number, state in enumerate(codes.code_list("compensation_state").codes):
        claim = Compensation(crime=crimes[number % 2], source="fund", claimed=Decimal(117_960))
        services.add_line(actor, claim)
        for step in dict.fromkeys([*("told", "asked")[: number + 1], state]):
            victim_support.add_compensation_step(actor, claim, step, today - timedelta(days=5))


def link(actor: Actor, case: Case, office: Agency, crime: Crime) -> None:
    """Record the person's consent to sharing with the police, and link their case by its reference."""
    scope = {"purpose": "sharing_with_police", "recipient": office, "manner": "written", "categories": []}
    answer(actor, case, True, scope)
    case_links.link_case(actor, crime, case.reference)
