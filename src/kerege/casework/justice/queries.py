"""Read operations of crimes: list, counts by source, planned hearings, protection."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from kerege.casework.justice.models import Crime, Hearing, ProtectionMeasure, StageEntry, Suspect
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes
from kerege.vocabulary.dates import half

SOON_DAYS = 21
# answers about an organised group that count as known
KNOWN_ANSWERS = ("yes", "no")


def list_crimes(actor: Actor, codes_chosen: dict[str, str]) -> QuerySet[Crime]:
    """Return the crimes that the actor may see, filtered by codes and half-year, newest first."""
    rows = authorization.scope(actor, Crime, action="crimes.view")
    filters = dict(codes_chosen)
    if text := filters.pop("half", ""):
        first, last = get_half_year_days(text)
        rows = rows.filter(registered_on__range=(first, last))
    return rows.filter(**filters)


def get_half_year_days(text: str) -> tuple[date, date]:
    """Return the first and last day of a half-year such as 2025-H1."""
    year, number = int(text[:4]), text[-1]
    return (date(year, 1, 1), date(year, 6, 30)) if number == "1" else (date(year, 7, 1), date(year, 12, 31))


def list_half_years(actor: Actor) -> list[str]:
    """Return the half-years in which the actor's crimes were registered, newest first."""
    days = authorization.scope(actor, Crime, action="crimes.view").order_by().values_list("registered_on", flat=True)
    return sorted({half(day) for day in days.distinct()}, reverse=True)


def planned_hearings(actor: Actor) -> QuerySet[Hearing]:
    """Return the actor's planned hearings up to 21 days ahead, overdue ones included, by day."""
    visible_crimes = authorization.scope(actor, Crime, action="crimes.view")
    until = timezone.localdate() + timedelta(days=SOON_DAYS)
    rows = Hearing.objects.filter(crime__in=visible_crimes, state="planned", on__lte=until)
    return rows.select_related("crime").order_by("on", "pk")


def list_next_hearings(actor: Actor) -> list[Hearing]:
    """Return the first 20 planned hearings."""
    return list(planned_hearings(actor)[:20])


def ending_protection(actor: Actor) -> QuerySet[ProtectionMeasure]:
    """Return protection measures that end within 21 days, the earliest first."""
    visible_crimes, today = authorization.scope(actor, Crime, action="crimes.view"), timezone.localdate()
    rows = ProtectionMeasure.objects.filter(
        crime__in=visible_crimes, ends_on__range=(today, today + timedelta(days=SOON_DAYS))
    )
    return rows.select_related("crime").order_by("ends_on", "pk")


def stages(actor: Actor) -> list[tuple[str, int]]:
    """Return (stage, number of the actor's crimes) in the order of the proceedings."""
    rows = authorization.scope(actor, Crime, action="crimes.view").order_by()
    counts = dict(rows.values_list("stage").annotate(n=Count("pk")))
    return [(stage, counts[stage]) for stage in codes.code_list("crime_stage").codes if stage in counts]


def counted() -> QuerySet[Crime]:
    """Return the crimes that count: of the same register number in one source, only the earliest record."""
    earlier = Crime.objects.filter(
        Q(created_at__lt=OuterRef("created_at")) | Q(created_at=OuterRef("created_at"), pk__lt=OuterRef("pk")),
        source=OuterRef("source"),
        register_number=OuterRef("register_number"),
    ).exclude(register_number="")
    return Crime.objects.filter(~Exists(earlier))


def stages_on(crimes: QuerySet[Crime], as_of: date) -> dict[Any, str]:
    """Return crime id -> stage on a day, for crimes whose stage has changed since."""
    moved_crimes = crimes.filter(stage_on__gt=as_of)
    initial_stages = dict.fromkeys(moved_crimes.values_list("pk", flat=True), "registered")
    entries = StageEntry.objects.filter(crime__in=moved_crimes, suspect=None, on__lte=as_of).order_by(
        "recorded_at", "pk"
    )
    return initial_stages | dict(entries.values_list("crime", "stage"))


@dataclass
class OrganisedGroupShare:
    """The share of suspects in an organised group, among suspects with a known answer."""

    yes: int = 0
    known: int = 0
    unknown: int = 0

    @property
    def percent(self) -> float | None:
        """Return the share in percent; None without a known answer."""
        return 100 * self.yes / self.known if self.known else None


@dataclass
class CrimePeriod:
    """One half-year in the count of one source."""

    half: str
    crimes: int = 0
    offences: Counter[str] = field(default_factory=Counter)
    stages: Counter[str] = field(default_factory=Counter)
    group: OrganisedGroupShare = field(default_factory=OrganisedGroupShare)

    @property
    def articles(self) -> list[tuple[str, int]]:
        """Return (article, number of crimes) in the order of the code list."""
        return [(code, self.offences[code]) for code in codes.code_list("offence").codes if code in self.offences]


def count_by_half_year() -> dict[str, list[CrimePeriod]]:
    """Return the half-years by source, newest first.

    Sources are never summed, because they count different lists of offences.
    """
    periods_by_source: dict[str, dict[str, CrimePeriod]] = defaultdict(dict)
    rows = counted().order_by().values_list("pk", "source", "registered_on", "offence", "stage")
    period_by_crime: dict[Any, CrimePeriod] = {}
    for pk, source, day, offence, stage in rows.iterator():
        period = periods_by_source[source].setdefault(half(day), CrimePeriod(half(day)))
        period.crimes += 1
        period.offences[offence] += 1
        period.stages[stage] += 1
        period_by_crime[pk] = period
    for crime, answer in Suspect.objects.order_by().values_list("crime", "organised_group").iterator():
        if (crime_period := period_by_crime.get(crime)) is not None:
            count_suspect(crime_period.group, answer)
    for periods in periods_by_source.values():
        # add half-years without crimes, up to the current one, because zero is a result
        for text in list_half_years_between(min(periods), half(timezone.localdate())):
            periods.setdefault(text, CrimePeriod(text))
    return {
        source: sorted(periods.values(), key=lambda period: period.half, reverse=True)
        for source, periods in sorted(periods_by_source.items())
    }


def list_half_years_between(first: str, last: str) -> list[str]:
    """Return every half-year from `first` to `last`, both included."""
    half_years = (f"{year}-H{number}" for year in range(int(first[:4]), int(last[:4]) + 1) for number in (1, 2))
    return [text for text in half_years if first <= text <= last]


def count_suspect(share: OrganisedGroupShare, answer: str) -> None:
    """Add one suspect's answer to a share. Every answer except yes and no counts as unknown."""
    share.yes += answer == "yes"
    share.known += answer in KNOWN_ANSWERS
    share.unknown += answer not in KNOWN_ANSWERS


def count_recorded_twice() -> int:
    """Return the number of crimes that repeat a register number within a source's count."""
    return Crime.objects.count() - counted().count()
