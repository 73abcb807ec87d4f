"""The handover pack: contents of a case, without the name and data hidden from the receiver."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services.handovers import is_withheld
from kerege.casework.assistance.services.shelter import ends_on
from kerege.casework.cases.models.case import Case
from kerege.casework.vault.identity import ContactRules
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope


@dataclass
class HandoverPack:
    """Contents of a handover for the new owner of a case, by section."""

    handover: Handover
    case: Case
    opened: bool = False  # whether encrypted texts were opened for this actor
    safe_contact: str = ""
    rules: ContactRules = field(default_factory=ContactRules)
    languages: list[str] = field(default_factory=list)
    needs: dict[str, int] = field(default_factory=dict)
    assessed_on: Any = None
    plan: Any = None
    goals: list[tuple[Any, str]] = field(default_factory=list)
    services: list[tuple[Service, date | None]] = field(default_factory=list)
    consents: list[Any] = field(default_factory=list)
    tasks: list[Any] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    referrals: list[Any] = field(default_factory=list)
    decisions: list[Any] = field(default_factory=list)
    notes: int | None = None  # number of notes that move; None when the consent excludes notes


def build_pack(actor: Actor, row: Handover) -> HandoverPack:
    """Return the pack of a handover. Encrypted texts are opened only if the actor may open the case now."""
    with session_scope.bypass_row_security("both agencies of a handover read the moved data, in codes"):
        case = Case.objects.select_related("record__data_key", "agency").get(pk=row.case_id)
        result = build_coded_pack(row, case)
    if authorization.allows(actor, "cases.view", case):
        identity = vault.read(actor, case.record)
        result.opened = True
        result.safe_contact = identity.get("safe_contact", "")
        result.rules = identity.get("contact_rules", ContactRules())
        result.languages = identity.get("languages", [])
        result.goals = [(goal, open_text(goal.text) or "") for goal, _ in result.goals]
    return result


def build_coded_pack(row: Handover, case: Case) -> HandoverPack:
    """Return the pack in codes, without encrypted texts."""
    newest = case.assessments.first()
    plan = case.plans.filter(ended_on=None).first()
    today = timezone.localdate()
    consents = case.consents.filter(given=True, withdrawn_on=None).exclude(until__lt=today).select_related("recipient")
    kept_back = is_withheld("notes", row.consent)
    return HandoverPack(
        handover=row,
        case=case,
        needs=newest.needs if newest else {},
        assessed_on=newest.on if newest else None,
        plan=plan,
        goals=[(goal, "") for goal in plan.goals.select_related("text__data_key")] if plan else [],
        services=list_running_services(case, plan.planned_end_on if plan else None),
        consents=list(consents),
        tasks=list(case.tasks.filter(done_at=None, agency__in=[row.from_agency_id, row.to_agency_id])),
        documents=list(case.documents.all()),
        referrals=list(
            case.referrals.filter(status__in=["sent", "seen", "accepted", "started"]).select_related("to_agency")
        ),
        decisions=list(case.decisions.select_related("authority")),
        notes=None if kept_back else case.notes.filter(withheld=False).count(),
    )


def list_running_services(case: Case, planned_end: date | None) -> list[tuple[Service, date | None]]:
    """Return ongoing and requested services, each with its last day.

    The last day is that of the service, else of its stay, else of the plan.
    """
    rows = case.services.filter(status__in=["ongoing", "requested"]).select_related("provider")
    stays = {stay.service_id: ends_on(stay) for stay in case.stays.filter(left_on=None)}
    return [(row, row.ended_on or stays.get(row.pk) or planned_end) for row in rows]
