"""Read operations of campaigns, with hotline contacts during and before each campaign."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes


@dataclass(frozen=True)
class CampaignLine:
    """A campaign with reached and planned values, and hotline contacts of its region (or country)."""

    campaign: Campaign
    share: int | None  # reached, in percent of the plan
    cost_share: int | None
    contacts: int | None
    before: int | None
    own: bool


@dataclass(frozen=True)
class CampaignYear:
    """Totals of a year's campaigns; only campaigns with both planned and reached values are compared."""

    year: int
    campaigns: int
    planned: int
    reached: int
    compared: int
    cost_planned: int
    cost: int
    cost_compared: int
    lines: list[CampaignLine]


def list_campaigns(actor: Actor, year: int | None = None) -> QuerySet[Campaign]:
    """Return the campaigns that the actor may read, of one year or all, newest first."""
    rows = authorization.scope(actor, Campaign, action="campaigns.list").select_related("agency")
    return rows.filter(starts_on__year=year) if year else rows


def build_lines(actor: Actor, rows: Iterable[Campaign]) -> list[CampaignLine]:
    """Return a line for each campaign, with one query for all hotline contacts."""
    campaigns = list(rows)
    counts = _count_contacts(actor, campaigns)
    return [_build_line(actor, row, counts) for row in campaigns]


def list_channel_reach(row: Campaign) -> list[tuple[str, int | None]]:
    """Return (channel, reach) in the order of the code list; the reach is None when unknown."""
    used = {*row.channels, *row.reach_by_channel}
    return [
        (name, row.reach_by_channel.get(name)) for name in codes.code_list("campaign_channel").codes if name in used
    ]


def overview(actor: Actor, today: date | None = None) -> CampaignYear:
    """Return the totals of this year's campaigns, or of last year's while this year has none."""
    year = (today or timezone.localdate()).year
    rows = list(list_campaigns(actor, year)) or list(list_campaigns(actor, year - 1))
    lines = build_lines(actor, rows)
    with_reach = [row for row in rows if row.planned_reach and row.reach is not None]
    with_cost = [row for row in rows if row.planned_cost and row.cost is not None]
    return CampaignYear(
        year=rows[0].starts_on.year if rows else year,
        campaigns=len(rows),
        planned=sum(row.planned_reach or 0 for row in with_reach),
        reached=sum(row.reach or 0 for row in with_reach),
        compared=len(with_reach),
        cost_planned=sum(row.planned_cost or 0 for row in with_cost),
        cost=sum(row.cost or 0 for row in with_cost),
        cost_compared=len(with_cost),
        lines=lines[:5],
    )


def _build_line(actor: Actor, row: Campaign, counts: Counter[tuple[date, str]]) -> CampaignLine:
    first, last = row.starts_on, min(row.ends_on or timezone.localdate(), timezone.localdate())
    days = (last - first).days + 1
    contacts, before = (
        (None, None)
        if days < 1
        else (
            _count_within(counts, row.region, first, days),
            _count_within(counts, row.region, first - timedelta(days=days), days),
        )
    )
    return CampaignLine(
        campaign=row,
        share=_get_percent(row.reach, row.planned_reach),
        cost_share=_get_percent(row.cost, row.planned_cost),
        contacts=contacts,
        before=before,
        own=row.agency_id == actor.agency_id,
    )


def _get_percent(value: int | None, planned: int | None) -> int | None:
    return round(100 * value / planned) if value is not None and planned else None


def _count_within(counts: Counter[tuple[date, str]], region: str, first: date, days: int) -> int:
    return sum(counts[first + timedelta(days=day), region] for day in range(days))


def _count_contacts(actor: Actor, rows: list[Campaign]) -> Counter[tuple[date, str]]:
    """Return contacts by (day, region) for all days that the lines need; region '' is the country."""
    today = timezone.localdate()
    spans = [(row.starts_on, min(row.ends_on or today, today)) for row in rows]
    windows = [(first - (last - first) - timedelta(days=1), last) for first, last in spans if first <= last]
    totals: Counter[tuple[date, str]] = Counter()
    if not windows:
        return totals
    in_windows = Q()
    for first, last in windows:
        in_windows |= Q(at__gte=_midnight(first), at__lt=_midnight(last + timedelta(days=1)))
    counts: QuerySet[Any] = authorization.scope(actor, HotlineContact, action="contacts.count").filter(in_windows)
    counts = counts.annotate(day=TruncDate("at")).order_by().values_list("day", "region").annotate(n=Count("pk"))
    for day, region, number in counts:
        totals[day, ""] += number
        if region:
            totals[day, region] += number
    return totals


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def list_todays_contacts(actor: Actor, most: int = 20) -> tuple[list[HotlineContact], int]:
    """Return the newest contacts that the actor's agency recorded today, and their total."""
    rows = authorization.scope(actor, HotlineContact, action="contacts.list").filter(
        at__gte=_midnight(timezone.localdate())
    )
    return list(rows.order_by("-at", "pk")[:most]), rows.count()
