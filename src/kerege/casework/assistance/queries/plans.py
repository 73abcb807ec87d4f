"""Reads of plan, shelter and contact."""

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
# stays with less than this between them are one help that goes on
MAX_GAP = timedelta(days=30)


@dataclass(frozen=True)
class StayTerm:
    """A running stay and how its time stands."""

    stay: Stay
    ends_on: date
    near: bool

    @classmethod
    def of(cls, stay: Stay, today: date) -> StayTerm:
        """The term of a stay as of a day."""
        return cls(stay, ends_on(stay), is_near_end(stay, today))


@dataclass(frozen=True)
class EarlierNights:
    """Nights of stays that lead up to a new one: how many, since when, and when all together reach the longest term."""

    nights: int
    since: date
    longest: date
    exceeds: bool


@dataclass(frozen=True)
class BedPlace:
    """A bed, and whoever sleeps in it."""

    bed: Bed
    term: StayTerm | None


@dataclass(frozen=True)
class BedKindCount:
    """Beds of one kind: how many, and how many are free."""

    code: str
    beds: int
    free: int


def list_goals(plan: Plan) -> list[Goal]:
    """The goals of a plan in words, each with its services, in three queries."""
    rows = plan.goals.select_related("text__data_key").prefetch_related(
        Prefetch("services", annotate_deliveries(Service.objects.select_related("provider")))
    )
    result = list(rows)
    for goal in result:
        goal.words = open_text(goal.text) or ""  # type: ignore[attr-defined]
    return result


def annotate_deliveries(rows: QuerySet[Service]) -> QuerySet[Service]:
    """Services with how often and when last something was given."""
    return rows.annotate(times=Count("deliveries"), units=Sum("deliveries__units"), last_on=Max("deliveries__on"))


def list_free_beds(actor: Actor) -> QuerySet[Bed]:
    """Beds of the actor's centre in which nobody sleeps now."""
    stays = Stay.objects.filter(bed=OuterRef("pk"), left_on=None)
    return authorization.scope(actor, Bed, action="beds.use").filter(
        ~Exists(stays), active=True, agency=actor.agency_id
    )


def count_earlier_nights(actor: Actor, case: Case, on: date) -> EarlierNights | None:
    """What a person's stays before a day of arrival come to, as far as the actor may see them.

    A term belongs to one stay; help that goes on elsewhere the next day is counted together, so that nobody overlooks
    that the longest term of the profile is passed. It forbids nothing.
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
    """Beds of the actor's centre by kind, who sleeps in them, and whose term ends."""
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
    """How many beds of each kind there are and are free."""
    totals = Counter(place.bed.kind for place in places if place.bed.active)
    free_counts = Counter(place.bed.kind for place in places if place.bed.active and place.term is None)
    return [
        BedKindCount(code, totals[code], free_counts[code])
        for code in codes.code_list("bed_kind").codes
        if totals[code]
    ]


def list_contacts(case: Case) -> list[Contact]:
    """The newest attempts to reach the person, in words."""
    rows = list(case.contacts.select_related("note__data_key", "agency")[:MAX_CONTACTS])
    directory = timeline.directory(row.created_by for row in rows)
    for row in rows:
        row.text, row.by = open_text(row.note), directory.worker(row.created_by)  # type: ignore[attr-defined]
    return rows
