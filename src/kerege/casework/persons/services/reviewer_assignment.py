"""Reviewers left for a pair: all responsible users who did not answer, link, or register both records."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from kerege.casework.persons.models import MatchCandidate, Merge, PairReview
from kerege.core.accounts.models import RoleAssignment
from kerege.core.authorization import Actor

WORKERS = {"caseworker", "supervisor"}
WAITING = (MatchCandidate.State.OPEN, MatchCandidate.State.DISCUSS)
# states of a pair that is linked, by reviewers or by the machine
LINKED_STATES = (MatchCandidate.State.SAME, MatchCandidate.State.LINKED)
# links drawn for a recheck that is missing
AWAITS_RECHECK = Q(state__in=LINKED_STATES, sampled=True, sample_answer="")


def _active_assignments(**filters: Any) -> QuerySet[RoleAssignment]:
    """Return role assignments of active users and agencies that match the filter."""
    return RoleAssignment.objects.filter(user__is_active=True, agency__active=True, **filters)


def has_colleagues() -> Exists:
    """Return the condition that the agency of the row has an active caseworker or supervisor."""
    return Exists(_active_assignments(role__in=WORKERS, agency=OuterRef("agency")))


def _has_reviewer_left(**filters: Any) -> Exists:
    """Return the condition that a user with such a role is left to answer a pair."""
    user, pair = OuterRef("user"), OuterRef(OuterRef("pk"))
    return Exists(
        _active_assignments(**filters)
        .exclude(Exists(PairReview.standing.filter(candidate=pair, reviewer=user)))
        .exclude(Exists(Merge.objects.filter(candidate=pair, maker=user, undone_at=None)))
        .exclude(Exists(MatchCandidate.objects.filter(pk=pair, registrar=user)))
    )


def has_colleague_left() -> Exists:
    """Return the condition that the agency of a pair has a reviewer left.

    False for a pair between agencies.
    """
    return _has_reviewer_left(role__in=WORKERS, agency=OuterRef("agency"))


def has_coordinator_left() -> Exists:
    """Return the condition that a coordinator is left."""
    return _has_reviewer_left(role="coordinator")


def is_only_coordinator(actor: Actor) -> bool:
    """Return whether the actor is the only coordinator: a pair that needs two reviewers cannot be settled."""
    rows = _active_assignments(role="coordinator").exclude(user=actor.user_id)
    return "coordinator" in actor.roles and not rows.exists()


def count_coordinators() -> int:
    """Return the number of active coordinators."""
    return _active_assignments(role="coordinator").values("user").distinct().count()


def needs_two_coordinators() -> Q:
    """Return the condition for waiting pairs between agencies that need two reviewers."""
    return Q(agency=None, state__in=WAITING) & ~Q(risks=[])


def is_passed_on() -> Q:
    """Return the condition for pairs of an agency without a reviewer left, passed to the coordinator."""
    return Q(Q(state__in=WAITING) | AWAITS_RECHECK, ~has_colleague_left(), agency__isnull=False)


def next_reviewer(pair: MatchCandidate) -> str:
    """Return the kind of reviewer who can answer next: "colleague", "coordinator" or "nobody"."""
    rows: QuerySet[MatchCandidate] = MatchCandidate.objects.filter(pk=pair.pk)
    if rows.filter(has_colleague_left()).exists():
        return "colleague"
    return "coordinator" if rows.filter(has_coordinator_left()).exists() else "nobody"
