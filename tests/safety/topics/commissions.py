"""Commissions and risk assessment of an agency: no row names a person."""

from __future__ import annotations

from datetime import date
from typing import Any

from kerege.coordination.commissions.models import (
    AgendaItem,
    Commission,
    CommissionMember,
    Meeting,
    Resolution,
    ResolutionBody,
)
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound, RiskValue
from kerege.vocabulary import codes

SUBJECT = {
    "commissions:commission": "commission",
    "commissions:member": "commission",
    "commissions:new-meeting": "commission",
    "commissions:meeting": "meeting",
    "commissions:change-meeting": "meeting",
    "commissions:item": "meeting",
    "commissions:resolution": "meeting",
    "commissions:papers": "meeting",
    "commissions:report": "resolution_body",
    "commissions:decide": "resolution_body",
    "risk:round": "risk_round",
    "risk:factor": "risk_round",
    "risk:population": "risk_round",
    "risk:file": "risk_round",
    "risk:values": "risk_factor",
    "risk:judge": "commission",
}
READING, PUBLIC = {"commissions:commission", "commissions:meeting", "commissions:papers"}, {"risk:round", "risk:file"}
READ_ONLY = READING | PUBLIC
# the coordinator reads every commission; the figures of a risk assessment are public
EVERYWHERE = {("coordinator", page) for page in READING} | {
    (role, page) for role in ("coordinator", "analyst", "publisher", "secretary") for page in PUBLIC
}
REGIONS = tuple(codes.code_list("region").codes)


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a commission of a region with a meeting and a decision, and a round with one factor."""
    day = date(2025, 3, 3)
    region = REGIONS[Commission.objects.count()]
    commission = Commission.objects.create(agency=own.agency, region=region)
    CommissionMember.objects.create(commission=commission, agency=own.agency, from_on=day)
    meeting = Meeting.objects.create(commission=commission, number="1", on=day)
    AgendaItem.objects.create(meeting=meeting, place=1, titles={"en": "x"})
    resolution = Resolution.objects.create(meeting=meeting, number="1", texts={"en": "x"}, due_on=day)
    body = ResolutionBody.objects.create(resolution=resolution, agency=own.agency)
    row = RiskRound.objects.create(agency=own.agency, year=2025)
    factor = RiskFactor.objects.create(round=row, place=1, labels={"en": "x"}, group="threat", source="x")
    RiskValue.objects.create(factor=factor, region=region, number=1)
    RiskJudgement.objects.create(round=row, agency=own.agency, region=region, level="low", ground="x")
    things = {"commission": commission, "meeting": meeting, "resolution_body": body}
    return things | {"risk_round": row, "risk_factor": factor}
