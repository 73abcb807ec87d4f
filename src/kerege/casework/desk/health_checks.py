"""Checks the consent sheets."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.assistance.services import consent_forms
from kerege.casework.assistance.services.consent_text import VERSION
from kerege.casework.desk import queries
from kerege.core import health
from kerege.core.authorization import session_scope
from kerege.core.health import health_checks


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


health_checks.add(Entry("consent sheets", consent_sheets))
