"""Needs and risk assessments."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.services.task_reminders import complete_reminder
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.lifecycle import require_open
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

ACUTE = 4


def assess(actor: Actor, case: Case, on: date, needs: dict[str, int], risk_level: str, remark: str = "") -> Assessment:
    """Record needs by domain (0 none to 4 acute) and the risk level.

    The risk level of the newest day becomes the risk level of the case.
    """
    with audit.act(actor, "assessments.record", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        require_open(actor, case)
        check_needs(needs)
        row = Assessment(
            case=case, on=on, needs=needs, risk_level=risk_level, assessed_by=actor.label, created_at=timezone.now()
        )
        check_codes(row)
        if remark:
            row.remark = save_text(case.record.data_key, remark)
        row.save()
        if risk_level and not case.assessments.filter(on__gt=on).exclude(risk_level="").exists():
            case.risk_level = risk_level
            case.save(update_fields=["risk_level"])
        complete_reminder(actor, f"needs:{case.pk}")
        add_timeline_event(actor, case, on, "assessment", risk=risk_level)
    return row


def check_needs(needs: dict[str, int]) -> None:
    """Raise BadInput for a domain outside the code list or a level outside 0 to 4."""
    domains = codes.code_list("need_domain").codes
    if any(domain not in domains or level not in range(ACUTE + 1) for domain, level in needs.items()):
        raise BadInput(
            Fault(gettext_noop("a need has a domain of the list and a level from 0 to 4"), gettext_noop("correct it"))
        )
