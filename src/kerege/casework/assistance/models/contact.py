"""Attempts to contact the person."""

from __future__ import annotations

import uuid

from django.db import models

from kerege.core.database.fields import CodeField


class Contact(models.Model):
    """One attempt to contact the person, made after reading the safe contact rules."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="contacts")
    on = models.DateField()
    channel = CodeField("person_channel", blank=False)
    result = CodeField("reach_result", blank=False)
    note = models.ForeignKey("vault.SealedText", on_delete=models.SET_NULL, null=True, related_name="+")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["-on", "-created_at"]
