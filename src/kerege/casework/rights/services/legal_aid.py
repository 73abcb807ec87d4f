"""Legal aid, and charges against the person for what they did under force."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.services.case_records import Texts, store_record
from kerege.core import audit
from kerege.core.authorization import Actor


def _require_after(day: date | None, first: date) -> None:
    if day and day < first:
        raise BadInput(Fault(gettext_noop("the days are out of order"), gettext_noop("correct one of the days")))


def save_legal_aid(actor: Actor, case: Case, row: LegalAid, texts: Texts) -> LegalAid:
    """Store legal aid in one matter: asked, granted or refused, ended."""
    with audit.act(actor, "legal_aid.record", target=f"case:{case.pk}"):
        if row.granted_on and row.refused_on:
            raise BadInput(
                Fault(gettext_noop("legal aid is granted or refused, not both"), gettext_noop("remove one of the days"))
            )
        for day in (row.granted_on, row.refused_on, row.ended_on):
            _require_after(day, row.asked_on)
        store_record(actor, case, row, texts)
    return row


def save_penalised(actor: Actor, case: Case, row: Penalised, texts: Texts) -> Penalised:
    """Store a charge against the person and how it ended."""
    with audit.act(actor, "penalised.record", target=f"case:{case.pk}"):
        if (row.outcome == "open") != (row.outcome_on is None):
            raise BadInput(
                Fault(
                    gettext_noop("an outcome needs its day, and a charge that is open has none"),
                    gettext_noop("correct the outcome or the day"),
                )
            )
        _require_after(row.outcome_on, row.since_on)
        _require_after(row.informed_on, row.since_on)
        store_record(actor, case, row, texts)
    return row
