"""Read operations of plans, shelter and contact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Prefetch, QuerySet, Sum

from kerege.casework.assistance.models.contact import Contact
from kerege.casework.assistance.models.plans import Goal, Plan
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.services.shelter import ends_on, get_term_end, is_near_end, longest_end
from kerege.casework.cases import timeline
from kerege.casework.cases.models.case import Case
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes

MAX_CONTACTS = 20
# stays with a shorter gap are counted together
MAX_GAP = timedelta(days=30)


@dataclass(frozen=True)
class StayTerm:
    """A running stay with the last day of its term."""

    stay: Stay
    ends_on: date
    near: bool

    @classmethod
    def of(cls, stay: Stay, today: date) -> StayTerm:
        """Return the term of a stay as of a day."""
        return cls(stay, ends_on(stay), is_near_end(stay, today))


@dataclass(frozen=True)
class EarlierNights:
    """Nights of stays that lead up to a new one, and the day on which the longest term ends."""

    nights: int
    since: date
    longest: date
    exceeds: bool


@dataclass(frozen=True)
class BedPlace:
    """A bed, and the stay in it."""

    bed: Bed
    term: StayTerm | None


@dataclass(frozen=True)
class BedKindCount:
    """The number of beds of one kind, and of free ones."""

    code: str
    beds: int
    free: int


def list_goals(plan: Plan) -> list[Goal]:
    """Return the goals of a plan in plain text with their services, in three queries."""
    rows = plan.goals.select_related("text__data_key").prefetch_related(
        Prefetch("services", annotate_deliveries(Service.objects.select_related("provider")))
    )
    result = list(rows)
    for goal in result:
        goal.words = open_text(goal.text) or ""  # type: ignore[attr-defined]
    return result


def annotate_deliveries(rows: QuerySet[Service]) -> QuerySet[Service]:
    """Add the number, units and last day of the deliveries to services."""
    return rows.annotate(times=Count("deliveries"), units=Sum("deliveries__units"), last_on=Max("deliveries__on"))


def list_free_beds(actor: Actor) -> QuerySet[Bed]:
    """Return the active beds of the actor's centre without a running stay."""
    stays = Stay.objects.filter(bed=OuterRef("pk"), left_on=None)
    return authorization.scope(actor, Bed, action="beds.use").filter(
        ~Exists(stays), active=True, agency=actor.agency_id
    )


def count_earlier_nights(actor: Actor, case: Case, on: date) -> EarlierNights | None:
    """Return the nights of stays that lead up to an arrival, as far as the actor sees them.

    A term belongs to one stay. Stays less than 30 days apart are counted together, to show when they exceed the
    longest term of the country profile. The result forbids nothing. None without such stays.
    """
    rows = authorization.scope(actor, Stay, action="stays.view").filter(case__record=case.record_id, arrived_on__lte=on)
    nights, since = 0, on
    for arrived_on, left_on in rows.order_by("-arrived_on").values_list("arrived_on", "left_on"):
        if left_on is None or since - left_on >= MAX_GAP:
            break
        nights, since = nights + (left_on - arrived_on).days, arrived_on
    if not nights:
        return None
    longest = on + max(longest_end(since) - since - timedelta(days=nights), timedelta())
    return EarlierNights(nights, since, longest, longest < get_term_end(on))


def get_occupancy(actor: Actor, today: date) -> dict[str, Any]:
    """Return the beds of the actor's centre, counts by kind, and stays whose term ends soon."""
    running = Stay.objects.filter(left_on=None).select_related("case__caseworker")
    beds = authorization.scope(actor, Bed, action="beds.use").filter(agency=actor.agency_id)
    rows = list(beds.prefetch_related(Prefetch("stays", running, to_attr="running")))
    places = [BedPlace(bed, next((StayTerm.of(stay, today) for stay in bed.running), None)) for bed in rows]
    return {
        "places": [place for place in places if place.bed.active],
        "unused": [place for place in places if not place.bed.active],
        "kinds": count_bed_kinds(places),
        "ending": sorted((p for p in places if p.term and p.term.near), key=lambda p: p.term.ends_on),
    }


def count_bed_kinds(places: Sequence[BedPlace]) -> list[BedKindCount]:
    """Return the numbers of all and of free active beds by kind."""
    totals = Counter(place.bed.kind for place in places if place.bed.active)
    free_counts = Counter(place.bed.kind for place in places if place.bed.active and place.term is None)
    return [
        BedKindCount(code, totals[code], free_counts[code])
        for code in codes.code_list("bed_kind").codes
        if totals[code]
    ]


def list_contacts(case: Case) -> list[Contact]:
    """Return the newest attempts to contact the person, in plain text."""
    rows = list(case.contacts.select_related("note__data_key", "agency")[:MAX_CONTACTS])
    directory = timeline.directory(row.created_by for row in rows)
    for row in rows:
        row.text, row.by = open_text(row.note), directory.worker(row.created_by)  # type: ignore[attr-defined]
    return rows
