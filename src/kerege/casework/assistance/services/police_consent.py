"""Consent to sharing a case with the police. The justice app asks for it through a signal."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.services.handovers import is_in_force
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.shares import JUSTICE
from kerege.core.accounts.models import Agency

PURPOSE = "sharing_with_police"


def find_police_consent(case: Case, agency: Agency) -> UUID | None:
    """Return the id of the running consent that lets this justice body know of the case, else None.

    The person's newest answer counts.
    """
    if agency.kind not in JUSTICE:
        return None
    answers = Consent.objects.filter(Q(recipient=agency) | Q(recipient=None), case=case, purpose=PURPOSE)
    newest = answers.order_by("-on", "-created_at").first()
    return newest.pk if newest is not None and is_in_force(newest) else None
