"""The month of one agency in numbers: what its caseworkers count by hand, from the same register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from kerege.casework.assistance.models import Referral, Service, Stay
from kerege.casework.cases.models import Case, Exploitation
from kerege.standard import codes
from kerege.standard.dates import add_months
from kerege.web.templatetags.kerege import code

BEGUN = ("ongoing", "completed", "interrupted")
Pairs = Iterable[tuple[str, int]]


@dataclass(frozen=True)
class Month:
    """A calendar month."""

    first: date

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next - timedelta(days=1)

    @property
    def next(self) -> date:
        """The first day of the month after it."""
        return add_months(self.first, 1)

    @property
    def code(self) -> str:
        """Such as 2025-10."""
        return f"{self.first:%Y-%m}"

    @property
    def within(self) -> tuple[date, date]:
        """Its first and last day."""
        return self.first, self.last

    @classmethod
    def of(cls, text: str, today: date) -> Month:
        """A month as 2025-10; anything else is the last full month."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return cls(add_months(today.replace(day=1), -1))


@dataclass(frozen=True)
class Section:
    """One table: a title, its lines, and their total; where a person may stand in several lines, a total of its own."""

    title: str
    lines: list[tuple[str, int]]
    total: int
    note: str = ""


def sections(agency: UUID, month: Month) -> list[Section]:
    """Every table of the month."""
    return [*_new(agency, month), _running(agency, month), _ended(agency, month), *_services(agency, month),
            *_referrals(agency, month), _nights(agency, month)]  # fmt: skip


def _new(agency: UUID, month: Month) -> list[Section]:
    """Cases of the agency that were registered in the month."""
    cases = Case.objects.filter(agency=agency, registered_on__range=month.within).order_by()
    total = cases.count()
    forms = Exploitation.objects.filter(case__in=cases, main=True).order_by()
    by_form = dict(_by(forms, "main_form"))
    told = sum(by_form.values())
    by_form[""] = by_form.get("", 0) + total - told
    ages: dict[str, int] = {}
    for band, n in _by(cases, "age_band"):
        group = codes.parent("age_band", band) if band else ""
        ages[group] = ages.get(group, 0) + n
    citizens: dict[str, int] = {}
    for values, n in cases.values_list("citizenships").annotate(n=Count("pk")):
        for value in values or [""]:
            citizens[value] = citizens.get(value, 0) + n
    several = _("Somebody with two citizenships stands in two lines.")
    return [
        _section(_("New cases by sex"), _by(cases, "sex"), "sex", total),
        _section(_("New cases by age group"), ages.items(), "age_group", total),
        _section(_("New cases by citizenship"), citizens.items(), "country", total, several),
        _section(_("New cases by main form of exploitation"), by_form.items(), "exploitation_form", total),
    ]


def _running(agency: UUID, month: Month) -> Section:
    """Cases of the agency that had not ended by the last day of the month."""
    until = month.last
    running = Case.objects.filter(agency=agency, registered_on__lte=until).filter(
        Q(ended_on=None) | Q(ended_on__gt=until), Q(closed_on=None) | Q(closed_on__gt=until)
    )
    rows = _by(running.order_by(), "risk_level")
    return _section(_("Running cases on the last day, by risk"), rows, "risk_level", running.count())


def _ended(agency: UUID, month: Month) -> Section:
    over = Case.objects.filter(agency=agency, status__in=["ended", "follow_up", "closed"])
    ended = over.annotate(day=Coalesce("ended_on", "closed_on")).filter(day__range=month.within).order_by()
    return _section(_("Ended cases by reason"), _by(ended, "closure_reason"), "closure_reason", ended.count())


def _services(agency: UUID, month: Month) -> list[Section]:
    """Services that began in the month: to the agency's cases, or given by it."""
    own = Q(case__agency=agency) | Q(provider=agency)
    rows = Service.objects.filter(own, status__in=BEGUN, started_on__range=month.within).order_by()
    total = rows.count()
    return [
        _section(_("Services that began, by kind"), _by(rows, "kind"), "service", total),
        _section(_("Services that began, by who pays"), _by(rows, "payer"), "payer", total),
    ]


def _referrals(agency: UUID, month: Month) -> list[Section]:
    sent = Referral.objects.filter(sent_at__date__range=month.within).order_by()
    out, received = sent.filter(from_agency=agency), sent.filter(to_agency=agency)
    return [
        _section(_("Referrals sent, by state now"), _by(out, "status"), "referral_status", out.count()),
        _section(_("Referrals received, by state now"), _by(received, "status"), "referral_status", received.count()),
    ]


def _nights(agency: UUID, month: Month) -> Section:
    """Nights in the agency's beds: the night of arrival counts, that of departure does not."""
    until = min(month.next, timezone.localdate())
    stays = Stay.objects.filter(agency=agency, arrived_on__lt=until)
    stays = stays.filter(Q(left_on=None) | Q(left_on__gt=month.first))
    days = [
        (min(left or until, until) - max(arrived, month.first)).days
        for arrived, left in stays.values_list("arrived_on", "left_on")
    ]
    return Section(_("Nights in the shelter"), [(_("Stays"), len(days))], sum(days), _("The total counts nights."))


def _by(rows: QuerySet[Any], column: str) -> list[tuple[str, int]]:
    """A count by the values of a column."""
    return list(rows.values_list(F(column)).annotate(n=Count("pk")))


def _section(title: str, rows: Pairs, list_name: str, total: int, note: str = "") -> Section:
    """Lines in words, the largest first; what is not recorded last."""
    told = sorted((pair for pair in rows if pair[1]), key=lambda pair: (not pair[0], -pair[1], pair[0]))
    return Section(title, [(code(value, list_name) or _("Not recorded"), n) for value, n in told], total, note)


def workbook(title: str, tables: list[Section]) -> bytes:
    """The tables as one sheet. Every text is a text, also where it begins like a formula."""
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = "Kerege"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 62, 14
    _write(sheet, [title], bold=True)
    for table in tables:
        _write(sheet, [])
        _write(sheet, [table.title, _("Number")], bold=True)
        for label, n in table.lines:
            _write(sheet, [label, n])
        _write(sheet, [_("Total"), table.total], bold=True)
        if table.note:
            _write(sheet, [table.note])
    _write(sheet, [])
    _write(sheet, [_("For work inside the agency, not for publication.")])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(sheet: Worksheet, values: list[Any], *, bold: bool = False) -> None:
    sheet.append(values)
    if not values:
        return
    for cell, value in zip(sheet[sheet.max_row], values, strict=False):
        if isinstance(value, str):
            cell.data_type = "s"
        cell.font = Font(bold=bold)
