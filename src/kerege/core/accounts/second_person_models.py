"""Base of the models of requests that a second person decides."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SecondPersonRequest(models.Model):
    """A request that one person makes and a second person confirms or refuses.

    `asked_by` and `decided_by` are the labels of actors, as the audit log writes them: an operator is not a user.
    """

    class Outcome(models.TextChoices):
        """Outcome of a request."""

        OPEN = "", _("Open")
        GIVEN = "given", _("Given")
        REFUSED = "refused", _("Refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField(default=timezone.now)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")

    class Meta:
        abstract = True
        ordering = ["-asked_at"]


# as a condition of the database: nobody confirms their own request
GIVEN_BY_ANOTHER = ~Q(outcome="given") | (~Q(decided_by="") & ~Q(decided_by=models.F("asked_by")))
