"""Legal aid, and charges against the person for what they did under force."""

from __future__ import annotations

from django.db import models

from kerege.casework.rights.models.case_records import CaseRecord
from kerege.core.database.fields import CodeField


class LegalAid(CaseRecord):
    """Legal aid in one matter. The lawyer's name and telephone are encrypted."""

    matter = CodeField("legal_matter", blank=False)
    kind = CodeField("legal_aid_kind")
    lawyer = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    asked_on = models.DateField()
    granted_on = models.DateField(null=True, blank=True)
    refused_on = models.DateField(null=True, blank=True)
    at_first_interview = CodeField("answer")
    sessions = models.PositiveSmallIntegerField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    outcome = CodeField("legal_aid_outcome")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="legal_aid_is_granted_or_refused",
                condition=models.Q(granted_on__isnull=True) | models.Q(refused_on__isnull=True),
            )
        ]


class Penalised(CaseRecord):
    """A charge against the person for an act that they committed under force. The account is encrypted."""

    act = CodeField("penalised_act", blank=False)
    body = CodeField("agency_kind")
    since_on = models.DateField()
    informed_on = models.DateField(null=True, blank=True)
    outcome = CodeField("penalised_outcome", default="open", blank=False)
    outcome_on = models.DateField(null=True, blank=True)
    account = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta(CaseRecord.Meta):
        constraints = [
            models.CheckConstraint(
                name="outcome_of_a_charge_has_a_day",
                condition=models.Q(outcome="open") | models.Q(outcome_on__isnull=False),
            )
        ]
