"""Referrals to another agency."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.casework.assistance.models.consent import Consent
from kerege.core.fields import CodeField, CodesField


class Referral(models.Model):
    """A request to another agency's inbox; every state leaves its time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="referrals")
    from_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="referrals_sent")
    to_agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="referrals_received")
    services = CodesField("service")
    categories = CodesField("data_category")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, blank=True, related_name="referrals")
    legal_basis = models.CharField(max_length=80, blank=True)
    urgency = CodeField("urgency", default="normal")
    message = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    status = CodeField("referral_status", default="sent", blank=False)
    decline_reason = CodeField("decline_reason")
    due_on = models.DateField()
    sent_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-sent_at"]
        indexes = [models.Index(fields=["to_agency", "status", "due_on"], name="referral_inbox")]
        constraints = [
            models.CheckConstraint(name="referral_leaves_its_agency", condition=~Q(from_agency=F("to_agency"))),
            models.CheckConstraint(
                name="referral_rests_on_consent_or_law", condition=Q(consent__isnull=False) | ~Q(legal_basis="")
            ),
        ]
