"""Health check of the consent sheets."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.assistance.services import consent_forms
from kerege.casework.assistance.services.consent_text import VERSION
from kerege.casework.desk import queries
from kerege.core import health
from kerege.core.authorization import session_scope
from kerege.core.health import health_checks


def consent_sheets() -> health.Check:
    """Check that the consent sheets are readable and exist in every language that people spoke."""
    if faults := consent_forms.faults():
        return health.Check("consent sheets", "fail", "; ".join(map(str, faults)))
    with session_scope.bypass_row_security("the check reads only the languages of consents"):
        missing = sorted(queries.languages_spoken() - set(consent_forms.names(VERSION)))
    if missing:
        words = f"none in {', '.join(missing)}, which people spoke: an interpreter reads; see docs/howto/care.md"
        return health.Check("consent sheets", "warn", words)
    return health.Check("consent sheets", "ok", ", ".join(consent_forms.names(VERSION)))


health_checks.add(Entry("consent sheets", consent_sheets))
