"""Queries of the decision queue with its deadlines, and of victim statuses by track and year."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.queries.clocks import overdue_since
from kerege.casework.cases.shared_view import mask_unshared, sees_category, shared_categories_by_case
from kerege.casework.intake.models import DecisionReview
from kerege.casework.intake.services.identification import open_requests
from kerege.core import authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.authorization import Actor
from kerege.vocabulary import codes, profile

# data category that includes the status on each track
STATUS_CATEGORY = {"social": "exploitation", "police": "proceedings"}
CARRIED = ("open", "suspended", "follow_up")
CLOCK = "identification_decision"
STATUSES = tuple(codes.code_list("victim_status").codes)


@dataclass(frozen=True)
class WaitingCase:
    """A case in the decision queue: its clock, and whether a request or a review is the reason."""

    case: Case
    since: date
    due: date
    asked: bool
    reviewed: bool


def open_reviews() -> QuerySet[DecisionReview]:
    """Return reviews without an outcome, which is the next decision on the track."""
    later = Decision.objects.filter(
        case=OuterRef("decision__case"), track=OuterRef("decision__track"), created_at__gt=OuterRef("created_at")
    )
    return DecisionReview.objects.filter(~Exists(later))


def queue(actor: Actor) -> QuerySet[Case]:
    """Return cases that wait for a decision of the actor's agency: requested, presumed, or under review.

    Sorted by risk, then by waiting time. Each has the annotations `since`, `asked` and `reviewed`.
    """
    requests = open_requests().filter(case=OuterRef("pk"), authority=actor.agency_id)
    reviews = open_reviews().filter(decision__case=OuterRef("pk"), decision__authority=actor.agency_id)
    own_decisions = Decision.objects.filter(case=OuterRef("pk"), authority=actor.agency_id).exclude(
        resulting_status="presumed"
    )
    # a status that is not shared must not show by a place in the queue
    presumed = Q(pk=None)
    for track in _formal_tracks(actor):
        presumed |= Q(**{f"{track}_status": "presumed"}) & sees_category(actor, STATUS_CATEGORY[track])
    is_waiting = Exists(requests) | Exists(reviews) | (presumed & ~Exists(own_decisions))
    last = Decision.objects.filter(case=OuterRef("pk"), resulting_status="presumed").order_by("-decided_on")
    rows = authorization.scope(actor, Case, action="cases.decide").filter(is_waiting, status__in=CARRIED)
    return (
        rows.select_related("agency")
        .annotate(
            since=Coalesce(
                Subquery(requests.order_by("requested_on").values("requested_on")[:1]),
                Subquery(reviews.order_by("asked_on").values("asked_on")[:1]),
                Subquery(last.values("decided_on")[:1]),
                F("registered_on"),
            ),
            asked=Exists(requests),
            reviewed=Exists(reviews),
            rank=_rank(actor),
        )
        .order_by("rank", "since", "reference")
    )


def _formal_tracks(actor: Actor) -> list[str]:
    """Return the tracks on which the actor's agency takes formal decisions."""
    current_profile, kind = profile.active(), agency_of(actor).kind if actor.agency_id else ""
    return [track for track in current_profile.tracks if current_profile.decides_formally(kind, track)]


def _rank(actor: Actor) -> Choose:
    """Return the sort rank of the risk: high first, low last, unknown or unshared between."""
    is_shared = sees_category(actor, "needs")
    ranks = {"high": 0, "medium": 1, "low": 3}
    whens = [When(Q(risk_level=level) & is_shared, then=Value(rank)) for level, rank in ranks.items()]
    return Choose(*whens, default=Value(2))


def list_waiting_cases(actor: Actor, rows: Iterable[Any]) -> list[WaitingCase]:
    """Return queue rows with their deadlines, each with the visible part of its case."""
    cases, clock = list(rows), profile.active()
    shared_categories = shared_categories_by_case(actor, cases)
    return [
        WaitingCase(
            mask_unshared(row, shared_categories[row.pk]),
            row.since,
            clock.due(CLOCK, row.since),
            row.asked,
            row.reviewed,
        )
        for row in cases
    ]


@dataclass(frozen=True)
class QueueCounts:
    """Counts of the decision queue: waiting, overdue and requested cases."""

    waiting: int
    overdue: int
    asked: int


def count_queue(actor: Actor) -> QueueCounts:
    """Count waiting, overdue and requested cases in the queue."""
    rows: QuerySet[Any] = queue(actor).order_by()
    return QueueCounts(
        rows.count(), rows.filter(overdue_since(CLOCK, "since")).count(), rows.filter(asked=True).count()
    )


@dataclass(frozen=True)
class TrackStatuses:
    """Persons on one track: for each status, the number by year of their last decision."""

    code: str
    years: list[int]
    rows: list[tuple[str, list[int]]]


def count_statuses(actor: Actor, first: int, last: int) -> list[TrackStatuses]:
    """Return persons by track, year and status. The tracks are counted separately and never added up.

    The last decision of a person in a year gives the status.
    """
    rows = authorization.scope(actor, Decision, action="statuses.count").filter(
        decided_on__year__gte=first, decided_on__year__lte=last, case__record__memberships__to_at=None
    )
    person = "case__record__memberships__person"
    last_status: dict[tuple[str, int, Any], str] = {}
    decisions = rows.order_by("decided_on", "created_at").values_list(
        "track", "decided_on__year", person, "resulting_status"
    )
    for track, year, person_id, status in decisions.iterator(chunk_size=5000):
        last_status[track, year, person_id] = status
    count = Counter((track, year, status) for (track, year, _person_id), status in last_status.items())
    years = list(range(first, last + 1))
    return [
        TrackStatuses(track, years, [(status, [count[track, year, status] for year in years]) for status in STATUSES])
        for track in codes.code_list("decision_track").codes
    ]
