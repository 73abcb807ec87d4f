"""Handovers of ownership."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.casework.assistance.models.consent import Consent


class Handover(models.Model):
    """Ownership of a case moves from one agency to another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="handovers")
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    offered_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    offered_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(name="handover_leaves_its_agency", condition=~Q(from_agency=F("to_agency")))
        ]
