"""Reviewers left for a pair: everybody responsible who has neither answered nor linked it."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

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
    label, pair = OuterRef("label"), OuterRef(OuterRef("pk"))
    return Exists(
        _active_assignments(**filters)
        .annotate(label=Concat(Value("user:"), "user__username"))
        .exclude(Exists(PairReview.standing.filter(candidate=pair, by=label)))
        .exclude(Exists(Merge.objects.filter(candidate=pair, made_by=label, undone_at=None)))
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
