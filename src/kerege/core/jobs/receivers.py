"""Receiver that checks each row of the task table before it is saved."""

from __future__ import annotations

from django.db.models.signals import pre_save
from django_tasks_db.models import DBTaskResult

from kerege.core.jobs.task_guard import guard

pre_save.connect(guard, sender=DBTaskResult, weak=False, dispatch_uid="jobs.guard")
