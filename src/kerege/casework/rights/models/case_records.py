"""Base of the records about the rights of a person: each belongs to one case."""

from __future__ import annotations

import uuid

from django.db import models


class CaseRecord(models.Model):
    """A record of a case with its author."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="%(class)ss")
    recorded_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        abstract = True
        ordering = ["recorded_at"]
