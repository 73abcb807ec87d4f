"""Models of the release workflow: composing, approving, correcting, withdrawing, and deputies."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kerege.publishing.releases import public_clock
from kerege.vocabulary import languages

APPROVED = ("approved", "published", "corrected")


class Release(models.Model):
    """Workflow of one release folder. The figures are read from the folder's manifest, never from here."""

    class State(models.TextChoices):
        """States of the release workflow."""

        DRAFT = "draft", _("Draft")
        CHECKING = "checking", _("Being checked")
        REFUSED = "refused", _("Refused by the gate")
        READY = "ready", _("Waits for approval")
        APPROVED = "approved", _("Approved")
        PUBLISHED = "published", _("Published")
        CORRECTED = "corrected", _("Corrected by a newer one")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    title = models.CharField(max_length=300)
    period = models.CharField(max_length=20)
    directory = models.CharField(max_length=200, unique=True)
    manifest_sha256 = models.CharField(max_length=64, blank=True)  # empty until the release is signed
    ledger_entry = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # the specification in the form that the release gate takes, and the names of the snapshot files
    spec = models.JSONField(default=dict, blank=True)
    snapshots = models.JSONField(default=list, blank=True)
    embargo_at = models.DateTimeField(null=True, blank=True)
    revises = models.ForeignKey("self", on_delete=models.PROTECT, related_name="revisions", null=True, blank=True)
    # the current or last check; its number names the folder of the draft
    check_number = models.PositiveIntegerField(default=0)
    check_asked_at = models.DateTimeField(null=True, blank=True)
    check_began_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    draft_sha256 = models.CharField(max_length=64, blank=True)
    faults = models.JSONField(default=list, blank=True)
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # all users who composed: none of them may approve
    hands = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    prepared_at = models.DateTimeField(auto_now_add=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.JSONField(default=dict, blank=True)  # public reason, keyed by language

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
                condition=~Q(state__in=APPROVED) | Q(approved_by__isnull=False, approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="release_state_is_known",
                condition=Q(
                    state__in=[
                        "draft",
                        "checking",
                        "refused",
                        "ready",
                        "approved",
                        "published",
                        "corrected",
                        "withdrawn",
                    ]
                ),
            ),
            models.UniqueConstraint(
                name="one_standing_correction_of_a_release", fields=["revises"], condition=Q(state__in=APPROVED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directory} ({self.state})"

    @property
    def name(self) -> str:
        """Return the title in the active language."""
        return in_language(self.spec.get("title"), self.title)

    @property
    def revision_note(self) -> str:
        """Return the public note on what a correction corrects, in the active language."""
        return in_language(self.spec.get("revision_note"), "")

    @property
    def reason(self) -> str:
        """Return the public reason of the withdrawal, in the active language."""
        return in_language(self.withdrawn_reason, "")

    @property
    def is_open(self) -> bool:
        """Return whether the release can still be changed."""
        return self.state in (self.State.DRAFT, self.State.CHECKING, self.State.REFUSED, self.State.READY)

    @property
    def is_signed(self) -> bool:
        """Return whether the release folder is signed."""
        return bool(self.manifest_sha256)

    @property
    def state_now(self) -> str:
        """Return the state at this moment, by the clock.

        An approved release is "signing" until it is signed, "scheduled" until its embargo ends, and then "published".
        """
        if self.state != self.State.APPROVED:
            return str(self.state)
        if self.is_public(timezone.now()):
            return str(self.State.PUBLISHED)
        return "scheduled" if self.is_signed else "signing"

    @property
    def public_since(self) -> datetime | None:
        """Return the moment of publication, or None when the release was never public."""
        return self.published_at or (self.embargo_at if self.is_public(public_clock.now()) else None)

    def is_public(self, now: datetime) -> bool:
        """Return whether the release is public at `now`.

        That is: published or corrected by then; or approved, signed and past its embargo.
        """
        due = self.embargo_at is not None and self.embargo_at <= now
        was_published = self.published_at is None or self.published_at <= now
        return (self.state in ("published", "corrected") and was_published) or (
            self.state == "approved" and self.is_signed and due
        )


def public_filter(now: datetime) -> Q:
    """Return the filter of the releases that are public at `now`: `Release.is_public` in the database.

    A release becomes public at its minute without any job.
    """
    due = Q(state="approved", embargo_at__lte=now) & ~Q(manifest_sha256="")
    was_published = Q(published_at=None) | Q(published_at__lte=now)
    return Q(state__in=["published", "corrected"]) & was_published | due


def in_language(texts: object, otherwise: str) -> str:
    """Return the text in the active language from `texts` keyed by language, else `otherwise`."""
    return languages.text_or(texts, get_language() or languages.LAST_RESORT, otherwise)


class Deputy(models.Model):
    """User whom a publisher appointed to approve releases in their place, from one day to another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField()
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    appointed_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-from_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="deputy_days_in_order", condition=Q(until_on__gte=F("from_on"))),
            models.CheckConstraint(name="deputy_named_by_another", condition=~Q(user=F("appointed_by"))),
        ]
