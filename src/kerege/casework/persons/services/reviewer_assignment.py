"""Who is left to answer a pair: of those whose it is, everybody who has neither answered it nor tied the two."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from kerege.casework.persons.models import MatchCandidate, Merge, Review
from kerege.core.accounts.models import RoleAssignment
from kerege.core.authorization import Actor

WORKERS = {"caseworker", "supervisor"}
WAITING = (MatchCandidate.State.OPEN, MatchCandidate.State.DISCUSS)
# pairs that stand as one person, by people's word or by the machine's
TIED = (MatchCandidate.State.SAME, MatchCandidate.State.LINKED)
# ties that were drawn for a second look, and nobody gave it
DRAWN = Q(state__in=TIED, sampled=True, sample_answer="")


def _holding(**held: Any) -> QuerySet[RoleAssignment]:
    return RoleAssignment.objects.filter(user__is_active=True, agency__active=True, **held)


def colleagues() -> Exists:
    """Whether the agency under which a pair or a tie stands has anybody who compares records."""
    return Exists(_holding(role__in=WORKERS, agency=OuterRef("agency")))


def _left(**held: Any) -> Exists:
    """Whether anybody with such a role is left to answer a pair."""
    label, pair = OuterRef("label"), OuterRef(OuterRef("pk"))
    return Exists(
        _holding(**held)
        .annotate(label=Concat(Value("user:"), "user__username"))
        .exclude(Exists(Review.standing.filter(candidate=pair, by=label)))
        .exclude(Exists(Merge.objects.filter(candidate=pair, made_by=label, undone_at=None)))
    )


def colleague_left() -> Exists:
    """Whether the agency of a pair has somebody left; of a pair between agencies nobody is a colleague."""
    return _left(role__in=WORKERS, agency=OuterRef("agency"))


def coordinator_left() -> Exists:
    """Whether a coordinator is left."""
    return _left(role="coordinator")


def is_only_coordinator(actor: Actor) -> bool:
    """Whether she is one, and nobody else is: what asks two people is settled by nobody."""
    rows = _holding(role="coordinator").exclude(user=actor.user_id)
    return "coordinator" in actor.roles and not rows.exists()


def coordinators_now() -> int:
    """How many people are coordinators."""
    return _holding(role="coordinator").values("user").distinct().count()


def need_two_coordinators() -> Q:
    """Pairs between agencies that wait, and about which two people have to be asked."""
    return Q(agency=None, state__in=WAITING) & ~Q(risks=[])


def passed_on() -> Q:
    """Pairs of one agency that wait, or were drawn, while nobody there is left: they go on to the coordinator."""
    return Q(Q(state__in=WAITING) | DRAWN, ~colleague_left(), agency__isnull=False)


def who_looks(pair: MatchCandidate) -> str:
    """Who can answer next: colleague, coordinator or nobody."""
    rows: QuerySet[MatchCandidate] = MatchCandidate.objects.filter(pk=pair.pk)
    if rows.filter(colleague_left()).exists():
        return "colleague"
    return "coordinator" if rows.filter(coordinator_left()).exists() else "nobody"
