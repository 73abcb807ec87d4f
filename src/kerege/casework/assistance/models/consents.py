"""The consent ledger."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField, CodesField
from kerege.vocabulary import codes


class Consent(models.Model):
    """Entry of the consent ledger: purpose, recipient, data categories, period. A refusal is an entry too."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="consents")
    purpose = CodeField("consent_purpose", blank=False)
    recipient = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    categories = CodesField("data_category")
    language = CodeField("language")
    manner = CodeField("consent_manner")
    interpreter = models.BooleanField(default=False)
    # the explained points; with a text version, the other points were not explained
    explained = CodesField("consent_point", db_column="told")
    text_version = models.CharField(max_length=20, blank=True)
    by_guardian = models.BooleanField(default=False)
    guardian = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    guardian_relation = CodeField("guardian_relation")
    child_assent = CodeField("answer")
    witness = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    given = models.BooleanField()
    on = models.DateField()
    until = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=80, blank=True)
    # when the renewal task was planned, and when the expiry was processed
    reminded_at = models.DateTimeField(null=True, blank=True)
    ran_out_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    @property
    def not_explained(self) -> list[str]:
        """Return the points that were not explained; empty when the entry names no text version."""
        if not self.text_version:
            return []
        return [point for point in codes.code_list("consent_point").codes if point not in self.explained]

    class Meta:
        ordering = ["-on", "-created_at"]
        indexes = [models.Index(fields=["until"], condition=Q(withdrawn_on=None, given=True), name="consents_by_end")]
        constraints = [
            models.CheckConstraint(
                name="consent_withdrawn_after_given",
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("on")),
            ),
            models.CheckConstraint(
                name="only_given_consent_is_withdrawn", condition=Q(given=True) | Q(withdrawn_on=None)
            ),
        ]
