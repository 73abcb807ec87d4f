"""Checks that pairs between agencies find enough coordinators."""

from __future__ import annotations

from kerege.base.registry import Entry
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services.reviewer_assignment import coordinators_now, need_two_coordinators
from kerege.core import health
from kerege.core.authorization import session_scope
from kerege.core.health import health_checks

TWO = 2


def coordinators() -> health.Check:
    """Pairs between agencies that ask two people find two coordinators."""
    with session_scope.beyond("pairs that wait are counted; no pair is read"):
        waiting = MatchCandidate.objects.filter(need_two_coordinators()).count()
        there = coordinators_now()
    if waiting and there < TWO:
        words = f"{there} active: {waiting} pairs between agencies wait for two; give the role to one more person"
        return health.Check("coordinators", "warn", words)
    return health.Check("coordinators", "ok", f"{there} active")


health_checks.add(Entry("coordinators", coordinators))
