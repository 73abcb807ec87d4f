"""Emergency access to a case of another agency without a share, for some hours, and its review."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from kerege.core.database.fields import CodeField


class Emergency(models.Model):
    """A use of emergency access: user, case, reason, period, and the assessment of the reviewer.

    Reference and owner are copies: reviewers see no case, and the case may have another owner by then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="emergencies")
    reference = models.CharField(max_length=20)
    owner = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    agency = models.ForeignKey("accounts.Agency", on_delete=models.PROTECT, related_name="+")
    kind = CodeField("emergency_kind", blank=False)
    reason = models.ForeignKey("vault.SealedText", on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    verdict = CodeField("emergency_verdict")
    comment = models.ForeignKey("vault.SealedText", on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        indexes = [
            # emergencies that are open to a user now
            models.Index(fields=["user", "until"], condition=Q(ended_at__isnull=True), name="open_emergencies"),
            models.Index(fields=["owner", "-opened_at"], name="emergencies_of_owner"),
        ]
        constraints = [
            models.CheckConstraint(name="emergency_ends", condition=Q(until__gt=F("opened_at"))),
            models.CheckConstraint(name="emergency_is_of_another_agency", condition=~Q(owner=F("agency"))),
            models.CheckConstraint(
                name="emergency_verdict_has_a_judge",
                condition=Q(verdict="", reviewed_at__isnull=True) | ~Q(verdict="") & Q(reviewed_at__isnull=False),
            ),
        ]
