"""What comes round at the desks."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from kerege.casework.assistance.services import consent_forms
from kerege.casework.assistance.services.consent_text import VERSION
from kerege.casework.desk import queries, reminders
from kerege.core import health
from kerege.core.authorization import Actor, session_scope
from kerege.core.jobs.registry import every


@every("tasks.plan", hours=1)
def plan(now: datetime) -> None:
    """Clocks that run out become tasks."""
    reminders.plan(Actor.system("worker"), timezone.localdate(now))


@health.advise
def consent_sheets() -> health.Check:
    """The files of consent sheets can be read, and people who were met find one in their language."""
    if wrong := consent_forms.faults():
        return health.Check("consent sheets", "fail", "; ".join(map(str, wrong)))
    with session_scope.beyond("which languages were spoken; nobody is named"):
        lacking = sorted(queries.languages_met() - set(consent_forms.names(VERSION)))
    if lacking:
        words = f"none in {', '.join(lacking)}, which people spoke: an interpreter reads; see docs/howto/care.md"
        return health.Check("consent sheets", "warn", words)
    return health.Check("consent sheets", "ok", ", ".join(consent_forms.names(VERSION)))
