"""Model of the schedule.

A worker claims a row by a conditional UPDATE, so two workers never run the same turn.
"""

from __future__ import annotations

from django.db import models


class Schedule(models.Model):
    """A recurring job and the time of its next run."""

    name = models.CharField(max_length=60, primary_key=True)
    due_at = models.DateTimeField(db_index=True)
    last_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=120, blank=True)
