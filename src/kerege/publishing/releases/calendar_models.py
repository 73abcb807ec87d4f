"""Release calendar: releases that are announced, each date that was moved, and early sight."""

from __future__ import annotations

from typing import TypedDict

from django.conf import settings
from django.db import models
from django.utils import timezone

from kerege.publishing.releases.models import in_language


class MovedDate(TypedDict):
    """Earlier date of an announced release, and the public reason for the new one, by language."""

    month: str  # 2026-07
    at: str | None  # ISO 8601, or None while only the month was known
    why: dict[str, str]
    moved_at: str


class EarlySight(TypedDict):
    """Reader who sees a release before the public, and for how many hours."""

    name: str
    hours: int


class AnnouncedRelease(models.Model):
    """Announced release. The month is public twelve months ahead, the day and the minute four weeks ahead."""

    title = models.JSONField()  # by language
    period = models.CharField(max_length=20)
    month = models.DateField()  # its first day
    at = models.DateTimeField(null=True, blank=True)
    moves = models.JSONField(default=list, blank=True)
    early_sight = models.JSONField(default=list, blank=True)
    announced_at = models.DateTimeField(default=timezone.now)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["month", "at", "pk"]
        constraints = [
            models.CheckConstraint(name="announced_month_is_its_first_day", condition=models.Q(month__day=1)),
        ]

    @property
    def name(self) -> str:
        """Return the title in the active language."""
        return in_language(self.title, self.period)

    def __str__(self) -> str:
        return f"{self.period} ({self.month:%Y-%m})"

    @property
    def moved_dates(self) -> list[MovedDate]:
        """Return the earlier dates, oldest first."""
        return list(self.moves)

    @property
    def readers(self) -> list[EarlySight]:
        """Return who sees the release before the public."""
        return list(self.early_sight)
