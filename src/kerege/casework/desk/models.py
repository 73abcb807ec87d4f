"""Targets of the figures on boards. No row is ever changed: a new one replaces it and says why."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TargetFigure(models.TextChoices):
    """Figure of a board that may have a target: six counts of a month, and a share in percent."""

    CONTACTS = "contacts", _("Contacts with the hotline")
    REPORTS = "reports", _("Reports of possible victims")
    CASES = "cases", _("Cases registered")
    DECISIONS = "decisions", _("Formal decisions")
    HELPED = "helped", _("People first helped")
    CRIMES = "crimes", _("Crimes recorded")
    ANSWERED = "answered", _("Referrals answered in time, in percent")


class Target(models.Model):
    """Number that a figure should reach from a month on; without a value it has no target."""

    class Direction(models.TextChoices):
        """Side of the number on which a figure meets its target."""

        AT_LEAST = "at_least", _("at least")
        AT_MOST = "at_most", _("at most")

    figure = models.CharField(max_length=10, choices=TargetFigure)
    from_month = models.DateField()  # its first day
    direction = models.CharField(max_length=8, choices=Direction, default=Direction.AT_LEAST)
    value = models.PositiveIntegerField(null=True, blank=True)
    # plan or order that sets the number, and its day
    source = models.CharField(max_length=300)
    source_on = models.DateField()
    reason = models.CharField(max_length=500, blank=True)  # reason of a change; empty for the first value
    set_at = models.DateTimeField(default=timezone.now)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["figure", "-from_month", "-set_at", "-pk"]
        constraints = [
            models.CheckConstraint(name="target_month_is_its_first_day", condition=Q(from_month__day=1)),
            models.CheckConstraint(name="target_figure_is_known", condition=Q(figure__in=TargetFigure.values)),
            models.CheckConstraint(
                name="target_share_is_at_most_all", condition=~Q(figure="answered") | Q(value=None) | Q(value__lte=100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.figure} {self.from_month:%Y-%m} {self.direction} {self.value}"
