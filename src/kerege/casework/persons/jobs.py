"""Matches records that wait, and the whole register once a day."""

from __future__ import annotations

from datetime import datetime, timedelta

from kerege.base.registry import Entry
from kerege.casework.persons.services.match_run import match_due, rematch
from kerege.core.authorization import Actor
from kerege.core.jobs.registry import Job, jobs
from kerege.core.jobs.requests import queued_work

TASK = "persons.match"


def match_what_waits() -> None:
    """The worker takes up what waits; a second task that finds nothing does nothing."""
    match_due(Actor.system("matching"))


def match_left_over(now: datetime) -> None:
    """What a lost task left waiting."""
    match_due(Actor.system("matching"))


def match_again(now: datetime) -> None:
    """The whole register, by the model of now."""
    rematch(Actor.system("matching"))


jobs.add(
    Job("persons.match", timedelta(minutes=15), match_left_over, order=30),
    Job("persons.rematch", timedelta(days=1), match_again, order=31),
)
queued_work.add(Entry(TASK, match_what_waits))
