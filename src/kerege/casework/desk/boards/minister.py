"""Board of the ministry: numbers of a month, services and money; small counts are masked."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.casework.assistance.models.provision import Service
from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.casework.cases.models.case import Case, Decision
from kerege.casework.cases.queries.decisions import formal_decisions
from kerege.casework.desk.boards.board import Board, BoardPicture, bars, published_url
from kerege.casework.desk.boards.comparison import compare_words, source_words, target_words
from kerege.casework.desk.boards.month_masks import MonthMask, mask_month
from kerege.casework.desk.models import TargetFigure
from kerege.casework.desk.statistics.monthly import CalendarMonth
from kerege.casework.desk.statistics.programme import BEGUN
from kerege.casework.desk.targets import read_targets
from kerege.casework.intake.models import Signal
from kerege.casework.justice.models import Crime
from kerege.casework.vault.models.identities import Membership
from kerege.charts import Chart, Period, Series, Value, ranked
from kerege.core.authorization import session_scope
from kerege.vocabulary.dates import add_months
from kerege.vocabulary.profile import active
from kerege.web.cell_masks import mask_parts
from kerege.web.money import symbol
from kerege.web.templatetags.kerege import code, day, language

BYPASS_REASON = "the ministry reads counts of whole months, small ones masked; no case is shown"
MONTHS = 12
MEMORY = 36  # months: a year back, and before it the half-year and the year that its mask reads


def build_board(today: date | None = None) -> Board:
    """Return the board of the last whole month: no count from 1 to the threshold - 1, and no link."""
    month = CalendarMonth.of("", today or timezone.localdate())
    with session_scope.bypass_row_security(BYPASS_REASON):
        pictures = [
            _without_small_words(picture)
            for picture in (_numbers(month), _services(month.first.year - 1), _money(month))
        ]
    further = [
        (_("Estimated number of people, detected or not"), published_url("hidden-figure")),
        (_("Published and announced releases"), reverse("public:releases")),
    ]
    return Board(_("The programme in a month"), pictures, timezone.localtime(), further)


def _without_small_words(picture: BoardPicture) -> BoardPicture:
    """Return a picture whose words count no rows: a small number would look like a small count."""
    words = {**picture.chart.words, "more": _("More in the table.")}
    description = _("Bars. All numbers are in the table below.")
    return replace(picture, chart=replace(picture.chart, words=words, description=description))


@dataclass(frozen=True)
class MonthNumber:
    """Number of a month: its figure, and its rows by the days that belong to a month."""

    figure: TargetFigure
    rows: QuerySet[Case] | QuerySet[Signal] | QuerySet[HotlineContact] | QuerySet[Crime] | QuerySet[Decision]
    day: str

    @property
    def code(self) -> str:
        """Return the code of the figure."""
        return str(self.figure.value)

    def count_months(self, last: CalendarMonth) -> Mapping[date, int]:
        """Return the numbers of the months up to the last one, by first day, as far back as a mask asks."""
        within = {f"{self.day}__gte": add_months(last.first, -MEMORY), f"{self.day}__lt": last.next}
        days = self.rows.filter(**within).values_list(self.day, flat=True).order_by()
        return Counter(day.replace(day=1) for day in days)


def _month_numbers() -> list[MonthNumber]:
    """Return six numbers of which none is a part of another."""
    first_help = Min("services__started_on", filter=Q(services__status__in=BEGUN))
    return [
        MonthNumber(TargetFigure.CONTACTS, HotlineContact.objects.all(), "at__date"),
        MonthNumber(TargetFigure.REPORTS, Signal.objects.all(), "received_at__date"),
        MonthNumber(TargetFigure.CASES, Case.objects.all(), "registered_on"),
        MonthNumber(TargetFigure.DECISIONS, formal_decisions(), "decided_on"),
        MonthNumber(TargetFigure.HELPED, Case.objects.annotate(helped_on=first_help), "helped_on"),
        MonthNumber(TargetFigure.CRIMES, Crime.objects.filter(source=active().main_source), "registered_on"),
    ]


def _numbers(month: CalendarMonth) -> BoardPicture:
    before = CalendarMonth(add_months(month.first, -MONTHS))
    months = {"before": before, "now": month}
    numbers = _month_numbers()
    threshold = active().threshold
    counts = {number.code: number.count_months(month) for number in numbers}
    values = {
        (name, number.code): _month_value(counts[number.code], when.first)
        for name, when in months.items()
        for number in numbers
    }
    targets = read_targets(month.first)
    goals = {("now", code): float(row.target.value or 0) for code, row in targets.items() if ("now", code) in values}
    question = _("How does the month compare with the same month a year before?")
    chart = Chart(
        kind="bars",
        title=question,
        series=tuple(Series(name, day(when.first, "month")) for name, when in months.items()),
        periods=tuple(Period(number.code, str(number.figure.label)) for number in numbers),
        values=values,
        lang=language(),
        words=_words(),
        goals=goals,
    )
    remarks = {
        number.code: (
            compare_words(values["now", number.code], values["before", number.code], threshold),
            target_words(targets.get(number.code), values["now", number.code]),
        )
        for number in numbers
    }
    return BoardPicture(
        question,
        chart,
        published=published_url("helped-by-year"),
        remark_heads=(_("Change in a year"), _("Target")),
        remarks=remarks,
        sources=source_words([targets[code] for _series, code in goals]),
        tables=("assisted_by_year", "state_assisted_by_year", "contacts_by_year", "crimes_by_source"),
        has_target=True,
    )


def _month_value(counts: Mapping[date, int], month: date) -> Value:
    threshold = active().threshold
    mask = mask_month(counts, month, threshold)
    if mask is MonthMask.FURTHER:
        return Value(None, "withheld", threshold, math.inf)
    return _value(None if mask is MonthMask.SMALL else counts.get(month, 0))


def _value(count: int | None) -> Value:
    return Value.withheld(active().threshold - 1) if count is None else Value.exact(count)


def _words() -> Mapping[str, str]:
    """Return the words for a small count, and for one that would give a small one away."""
    note = _("Hatched: masked, so that nobody can be found.")
    return {"withheld": f"< {active().threshold}", "at_least": "≥ {x}", "withheld_note": note}


def _services(year: int) -> BoardPicture:
    """Return the services of a whole year by kind; parts that would give a small one away are masked too."""
    begun = Service.objects.filter(status__in=BEGUN, started_on__year=year)
    masked = mask_parts("service", _rows_by_person(begun), active().threshold)
    rows = [(kind, code(kind, "service") or _("Not recorded"), _value(count)) for kind, count in masked.items()]
    question = _("Which services began in %(year)d?") % {"year": year}
    words = {"withheld": _("masked"), "further": _("others: masked"), "withheld_note": _words()["withheld_note"]}
    chart = replace(ranked(bars(question, rows)), words=words)
    return BoardPicture(question, chart, published=published_url("services-by-payer"), tables=("services_by_kind",))


def _rows_by_person(begun: QuerySet[Service]) -> dict[str, dict[Hashable, int]]:
    """Return the services of each person by kind: a person may have several records."""
    current = Membership.objects.filter(record=OuterRef("case__record"), to_at__isnull=True)
    counts = begun.annotate(person=Subquery(current.values("person")[:1])).order_by().values_list("kind", "person")
    rows: dict[str, dict[Hashable, int]] = defaultdict(dict)
    for kind, person, count in counts.annotate(n=Count("pk")):
        rows[kind][person] = count
    return rows


def _money(month: CalendarMonth) -> BoardPicture:
    """Return planned and spent money of the year's campaigns that have both."""
    campaigns = Campaign.objects.filter(starts_on__year=month.first.year, planned_cost__gt=0, cost__isnull=False)
    sums = campaigns.aggregate(planned=Sum("planned_cost"), spent=Sum("cost"))
    names = {"planned": _("Planned"), "spent": _("Spent")}
    rows = [(name, label, Value.exact(sums[name])) for name, label in names.items() if sums[name] is not None]
    note = _("In %(currency)s; campaigns with a plan and an account.") % {"currency": symbol(language())}
    question = _("How much money for campaigns was spent in %(year)d?") % {"year": month.first.year}
    published, tables = published_url("campaigns"), ("campaigns_by_year",)
    return BoardPicture(question, bars(question, rows), note=note, published=published, tables=tables)
