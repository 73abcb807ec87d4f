"""The way of a release to the public: who prepared it, who approved it, whether it still stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Release(models.Model):
    """The workflow of one release folder. Its figures are read from its manifest, never from here."""

    class State(models.TextChoices):
        """Where a release stands."""

        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    title = models.CharField(max_length=300)
    period = models.CharField(max_length=20)
    directory = models.CharField(max_length=200, unique=True)
    manifest_sha256 = models.CharField(max_length=64)
    ledger_entry = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    prepared_at = models.DateTimeField(auto_now_add=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-prepared_at"]
        constraints = [
            models.CheckConstraint(
                name="release_approved_by_another_person",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")),
                violation_error_message=_("A release is never approved by the person who prepared it."),
            ),
            models.CheckConstraint(
                name="release_published_only_when_approved",
                condition=~Q(state__in=["approved", "published"])
                | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="release_state_is_known", condition=Q(state__in=["draft", "approved", "published", "withdrawn"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directory} ({self.state})"
