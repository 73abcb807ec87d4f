"""Filters for clocks of the law: each keeps the days that were in force when it began."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils import timezone

from kerege.vocabulary.profile import active


def overdue_since(clock: str, field: str, today: date | None = None) -> Q:
    """Return a filter for rows whose clock is overdue today; it began on the day of a field."""
    overdue = Q(pk__in=())
    for after, through in active().list_overdue_starts(clock, today or timezone.localdate()):
        later = {f"{field}__gt": after} if after else {}
        overdue |= Q(**{f"{field}__lte": through}, **later)
    return overdue
