"""Open matters about the rights of a person when a case closes."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.closing import Concern
from kerege.casework.rights.models.child import AgeDoubt
from kerege.casework.rights.models.legal_aid import LegalAid, Penalised
from kerege.casework.rights.models.person_rights import Complaint, Reflection
from kerege.casework.rights.queries.legal_stay import is_foreigner, read_state


def list_open_rights(case: Case) -> Iterable[Concern]:
    """Return a concern with its count for permit, lawyer, charges, complaints, reflection and age."""
    return [
        Concern(
            _("Open steps to a permit"),
            int(_lacks_permit(case)),
            _("Nobody is reminded of the last day any more."),
            "assistance",
        ),
        Concern(
            _("Legal aid that has not ended"),
            LegalAid.objects.filter(case=case, refused_on=None, ended_on=None).count(),
            _("It goes on without us. Give the person the telephone of the lawyer."),
            "assistance",
        ),
        Concern(
            _("Open charges against the person"),
            Penalised.objects.filter(case=case, outcome="open").count(),
            _("They stay open. Ask the lawyer before you close."),
            "assistance",
        ),
        Concern(
            _("Complaints without an answer"),
            Complaint.objects.filter(case=case, answered_on=None).count(),
            _("Nobody is reminded of the answer any more."),
            "assistance",
        ),
        Concern(
            _("Reflection period"),
            sum(row.last_day >= timezone.localdate() for row in Reflection.objects.filter(case=case)),
            _("It runs on: the person may still change their mind."),
            "assistance",
        ),
        Concern(
            _("Doubt about the age"),
            AgeDoubt.objects.filter(case=case, decided_on=None).count(),
            _("The person counts as a child until it is decided."),
            "assistance",
        ),
    ]


def _lacks_permit(case: Case) -> bool:
    """Return whether a foreigner is in the country, and the next step to a permit is open."""
    has_left = case.country_stays.exists() and not case.country_stays.filter(left_on=None).exists()
    return bool(is_foreigner(case)) and not has_left and bool(read_state(case, timezone.localdate()).next_step)
