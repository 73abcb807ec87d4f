"""Checks the consent sheets."""

from __future__ import annotations

from kerege.casework.assistance import sheets
from kerege.casework.assistance.consent_text import VERSION
from kerege.casework.desk import queries
from kerege.core import access, health
from kerege.core.health import health_checks
from kerege.standard.registry import Entry


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


health_checks.add(Entry("consent sheets", consent_sheets))
