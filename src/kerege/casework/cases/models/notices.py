"""Notices to users that work waits for them. They name no person of a case."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from kerege.core.database.fields import CodeField


class Notice(models.Model):
    """A notice to a user, or to the holders of a role in an agency.

    `reference` is the random reference of a referral or similar object. The target is stored as a URL name and an id:
    the notice holds no personal data.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agency = models.ForeignKey("accounts.Agency", on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    role = CodeField("role")
    kind = CodeField("notice_kind", blank=False)
    reference = models.CharField(max_length=20, blank=True)
    url_name = models.CharField(max_length=60, blank=True)
    object_id = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [
            models.Index(fields=["agency", "-at"], condition=Q(read_at__isnull=True), name="unread_notices"),
        ]
