"""Scheduled and queued matching of records."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.base.registry import Entry
from kerege.casework.persons.services.match_run import match_due
from kerege.casework.persons.services.rematch import rematch_changed
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs
from kerege.core.jobs.requests import queued_work

TASK = "persons.match"


def match_queued() -> None:
    """Match the records that wait; do nothing when there are none."""
    match_due(Actor.system("matching"))


def match_overdue(now: datetime) -> None:
    """Match the records that a lost task left waiting."""
    match_due(Actor.system("matching"))


def match_register(now: datetime) -> None:
    """Match the records that wait, and those for which the index, the frequencies or the model changed."""
    match_due(Actor.system("matching"))
    rematch_changed(Actor.system("matching"))


jobs.add(
    Job("persons.match", timedelta(minutes=15), match_overdue, order=30),
    Job("persons.rematch", timedelta(days=1), match_register, order=31),
)
queued_work.add(Entry(TASK, match_queued))
