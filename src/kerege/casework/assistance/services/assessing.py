"""Needs and risk."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from kerege.casework.assistance.models import Assessment
from kerege.casework.cases.models import Case
from kerege.casework.cases.services import check_codes, tell
from kerege.core import access, audit
from kerege.core.access import Actor


def assess(actor: Actor, case: Case, on: date, needs: dict[str, int], risk_level: str) -> Assessment:
    """Record needs by domain (0 none to 4 acute) and the level of risk, which becomes the case's."""
    with audit.act(actor, "assessments.record", target=f"case:{case.id}"):
        access.require(actor, "cases.change", case)
        row = Assessment(
            case=case, on=on, needs=needs, risk_level=risk_level, assessed_by=actor.label, created_at=timezone.now()
        )
        check_codes(row)
        row.save()
        case.risk_level = risk_level
        case.save(update_fields=["risk_level"])
        tell(actor, case, on, "assessment", risk=risk_level)
    return row
