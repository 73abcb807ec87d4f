"""Needs and risk assessments."""

from __future__ import annotations

import uuid

from django.db import models

from kerege.core.database.fields import CodeField


class Assessment(models.Model):
    """Needs by domain and the risk level on a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="assessments")
    on = models.DateField()
    # need_domain -> 0 none .. 4 acute; a domain without an assessment is absent
    needs = models.JSONField(default=dict)
    risk_level = CodeField("risk_level")
    remark = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    assessed_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-on", "-created_at"]
