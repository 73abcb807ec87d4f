"""Identity documents that are being restored."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class Document(models.Model):
    """A lost or withheld document: wanted, applied for, issued, handed over or refused."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="documents")
    kind = CodeField("document_kind", blank=False)
    loss = CodeField("document_loss")
    authority = CodeField("issuing_authority")
    country = CodeField("country")
    requested_on = models.DateField(null=True, blank=True)
    applied_on = models.DateField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    issued_on = models.DateField(null=True, blank=True)
    handed_over_on = models.DateField(null=True, blank=True)
    refused_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["requested_on", "kind"]
        constraints = [
            models.CheckConstraint(
                name="document_is_issued_before_it_is_handed_over",
                condition=Q(handed_over_on__isnull=True)
                | Q(issued_on__isnull=True)
                | Q(handed_over_on__gte=F("issued_on")),
            )
        ]

    @property
    def stage(self) -> str:
        """Return the stage: handed_over, issued, refused, applied or wanted."""
        steps = {
            "handed_over": self.handed_over_on,
            "issued": self.issued_on,
            "refused": self.refused_on,
            "applied": self.applied_on,
        }
        return next((name for name, on in steps.items() if on), "wanted")
