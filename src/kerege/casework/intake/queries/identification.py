"""What waits for a decision, by when, and how many persons stand where on each track."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case as Choose
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.shared_view import granted_many, seen, told_of
from kerege.casework.intake.models import Review
from kerege.casework.intake.services.identification import open_requests
from kerege.core import authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.authorization import Actor
from kerege.vocabulary import codes, profile

# the category of data with which the status on a track is shared
TOLD_IN = {"social": "exploitation", "police": "proceedings"}
CARRIED = ("open", "suspended", "follow_up")
CLOCK = "identification_decision"
STATUSES = tuple(codes.code_list("victim_status").codes)


@dataclass(frozen=True)
class Waiting:
    """A case that waits for a decision: since when, until when, and because somebody asked or asked again."""

    case: Case
    since: date
    due: date
    asked: bool
    reviewed: bool


def open_reviews() -> QuerySet[Review]:
    """Reviews whose outcome, the next decision on the track, is not there yet."""
    later = Decision.objects.filter(
        case=OuterRef("decision__case"), track=OuterRef("decision__track"), created_at__gt=OuterRef("created_at")
    )
    return Review.objects.filter(~Exists(later))


def queue(actor: Actor) -> QuerySet[Case]:
    """Cases that wait for the actor's agency to decide: asked for, presumed and not decided, or under review.

    The highest risk first, then the longest waiting; each with `since`, `asked` and `reviewed`.
    """
    asked = open_requests().filter(case=OuterRef("pk"), authority=actor.agency_id)
    reviewed = open_reviews().filter(decision__case=OuterRef("pk"), decision__authority=actor.agency_id)
    decided = Decision.objects.filter(case=OuterRef("pk"), authority=actor.agency_id).exclude(
        resulting_status="presumed"
    )
    # what is not shared with the agency does not show by where a case stands in the queue either
    presumed = Q(pk=None)
    for track in _formal_tracks(actor):
        presumed |= Q(**{f"{track}_status": "presumed"}) & told_of(actor, TOLD_IN[track])
    waits = Exists(asked) | Exists(reviewed) | (presumed & ~Exists(decided))
    last = Decision.objects.filter(case=OuterRef("pk"), resulting_status="presumed").order_by("-decided_on")
    rows = authorization.scope(actor, Case, action="cases.decide").filter(waits, status__in=CARRIED)
    return (
        rows.select_related("agency")
        .annotate(
            since=Coalesce(
                Subquery(asked.order_by("requested_on").values("requested_on")[:1]),
                Subquery(reviewed.order_by("asked_on").values("asked_on")[:1]),
                Subquery(last.values("decided_on")[:1]),
                F("registered_on"),
            ),
            asked=Exists(asked),
            reviewed=Exists(reviewed),
            rank=_rank(actor),
        )
        .order_by("rank", "since", "reference")
    )


def _formal_tracks(actor: Actor) -> list[str]:
    """The tracks on which more than a preliminary identification is expected of the actor's agency."""
    country, kind = profile.active(), agency_of(actor).kind if actor.agency_id else ""
    return [track for track in country.tracks if country.decides_formally(kind, track)]


def _rank(actor: Actor) -> Choose:
    """High risk first, low last; a risk that is not known, or not shared, stands between."""
    known = told_of(actor, "needs")
    steps = {"high": 0, "medium": 1, "low": 3}
    whens = [When(Q(risk_level=level) & known, then=Value(rank)) for level, rank in steps.items()]
    return Choose(*whens, default=Value(2))


def waiting(actor: Actor, rows: Iterable[Any]) -> list[Waiting]:
    """Rows of the queue with the day on which the clock ends, each as the actor may see it."""
    cases, clock = list(rows), profile.active()
    shown = granted_many(actor, cases)
    return [
        Waiting(seen(row, shown[row.pk]), row.since, clock.due(CLOCK, row.since), row.asked, row.reviewed)
        for row in cases
    ]


def late(today: date | None = None) -> date:
    """The last day on which a clock must have begun to be over today."""
    today, clock = today or timezone.localdate(), profile.active()
    day = today
    while clock.due(CLOCK, day) >= today:
        day -= timedelta(days=1)
    return day


@dataclass(frozen=True)
class Counts:
    """The queue in numbers."""

    waiting: int
    overdue: int
    asked: int


def counts(actor: Actor) -> Counts:
    """How many wait, how many past their day, how many because somebody asked."""
    rows: QuerySet[Any] = queue(actor).order_by()
    return Counts(rows.count(), rows.filter(since__lte=late()).count(), rows.filter(asked=True).count())


@dataclass(frozen=True)
class Track:
    """One track: by status, how many persons stood there after their last decision of each year."""

    code: str
    years: list[int]
    rows: list[tuple[str, list[int]]]


def statuses(actor: Actor, first: int, last: int) -> list[Track]:
    """Persons by track, year of the decision and status. Each track counts on its own; nothing adds them."""
    rows = authorization.scope(actor, Decision, action="statuses.count").filter(
        decided_on__year__gte=first, decided_on__year__lte=last, case__record__memberships__to_at=None
    )
    person = "case__record__memberships__person"
    found: dict[tuple[str, int, Any], str] = {}
    told = rows.order_by("decided_on", "created_at").values_list(
        "track", "decided_on__year", person, "resulting_status"
    )
    for track, year, who, status in told.iterator(chunk_size=5000):
        found[track, year, who] = status
    count = Counter((track, year, status) for (track, year, _who), status in found.items())
    years = list(range(first, last + 1))
    return [
        Track(track, years, [(status, [count[track, year, status] for year in years]) for status in STATUSES])
        for track in codes.code_list("decision_track").codes
    ]
