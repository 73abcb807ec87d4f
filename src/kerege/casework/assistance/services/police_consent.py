"""Whether a person lets the police know of her case: asked by the room of justice, which knows no consents."""

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
    """The running consent on which this police body, prosecution or court may know of the case; her newest answer."""
    if agency.kind not in JUSTICE:
        return None
    answers = Consent.objects.filter(Q(recipient=agency) | Q(recipient=None), case=case, purpose=PURPOSE)
    newest = answers.order_by("-on", "-created_at").first()
    return newest.pk if newest is not None and is_in_force(newest) else None
