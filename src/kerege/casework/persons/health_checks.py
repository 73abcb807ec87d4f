"""Health check of the number of coordinators."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services.reviewer_assignment import count_coordinators, needs_two_coordinators
from kerege.core import health
from kerege.core.authorization import session_scope
from kerege.core.health import health_checks

TWO = 2


def coordinators() -> health.Check:
    """Check that two coordinators are active while pairs between agencies wait for two reviewers."""
    with session_scope.bypass_row_security("the check counts waiting pairs and reads none"):
        waiting = MatchCandidate.objects.filter(needs_two_coordinators()).count()
        active = count_coordinators()
    if waiting and active < TWO:
        words = f"{active} active: {waiting} pairs between agencies wait for two; give the role to one more person"
        return health.Check("coordinators", "warn", words)
    return health.Check("coordinators", "ok", f"{active} active")


health_checks.add(Entry("coordinators", coordinators))
