"""What comes round at the desks."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from kerege.casework.assistance import sheets
from kerege.casework.assistance.consent_text import VERSION
from kerege.casework.desk import queries, reminders
from kerege.core import access, health
from kerege.core.access import Actor
from kerege.core.jobs.registry import every


@every("tasks.plan", hours=1)
def plan(now: datetime) -> None:
    """Clocks that run out become tasks."""
    reminders.plan(Actor.system("worker"), timezone.localdate(now))


@health.advise
def consent_sheets() -> health.Check:
    """The files of consent sheets can be read, and people who were met find one in their language."""
    if wrong := sheets.faults():
        return health.Check("consent sheets", "fail", "; ".join(map(str, wrong)))
    with access.wall.beyond("which languages were spoken; nobody is named"):
        lacking = sorted(queries.languages_met() - set(sheets.names(VERSION)))
    if lacking:
        words = f"none in {', '.join(lacking)}, which people spoke: an interpreter reads; see docs/howto/care.md"
        return health.Check("consent sheets", "warn", words)
    return health.Check("consent sheets", "ok", ", ".join(sheets.names(VERSION)))
