"""Formal decisions on the status of a person."""

from __future__ import annotations

from django.db.models import QuerySet

from kerege.casework.cases.models.case import PRELIMINARY, Decision


def formal_decisions() -> QuerySet[Decision]:
    """Return every decision except the preliminary identifications."""
    return Decision.objects.exclude(kind=PRELIMINARY)
