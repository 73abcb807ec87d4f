"""Monthly figures of one agency, which its caseworkers would otherwise count by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, TextField, UUIDField
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from kerege.casework.assistance.models.handovers import OwnerChange
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Stay
from kerege.casework.cases.models.case import Case, Exploitation
from kerege.core.authorization import session_scope
from kerege.vocabulary import codes
from kerege.vocabulary.dates import add_months
from kerege.web.templatetags.kerege import code

# a second case of the same person, which ended because the first continues, is not counted
DUPLICATE = "duplicate"
BYPASS_REASON = "an agency counts the cases that it had in a month, also those of another agency now; no case is shown"
BEGUN = ("ongoing", "completed", "interrupted")
Pairs = Iterable[tuple[str, int]]


@dataclass(frozen=True)
class CalendarMonth:
    """A calendar month."""

    first: date

    @property
    def last(self) -> date:
        """Return the last day of the month."""
        return self.next - timedelta(days=1)

    @property
    def next(self) -> date:
        """Return the first day of the next month."""
        return add_months(self.first, 1)

    @property
    def code(self) -> str:
        """Return the month as text, such as 2025-10."""
        return f"{self.first:%Y-%m}"

    @property
    def within(self) -> tuple[date, date]:
        """Return the first and the last day."""
        return self.first, self.last

    @property
    def end(self) -> datetime:
        """Return the moment at which the month is over."""
        return timezone.make_aware(datetime.combine(self.next, time()))

    @classmethod
    def of(cls, text: str, today: date) -> CalendarMonth:
        """Return the month of a text such as 2025-10; the last full month for any other text."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return cls(add_months(today.replace(day=1), -1))


@dataclass(frozen=True)
class FigureTable:
    """A table of figures: title, lines with their codes, and total. A person may count in several lines."""

    key: str
    title: str
    lines: list[tuple[str, int]]
    values: list[str]
    total: int
    note: str = ""

    @property
    def figures(self) -> list[tuple[str, int, str]]:
        """Return each line with its code: label, number, code."""
        return [(label, n, value) for (label, n), value in zip(self.lines, self.values, strict=True)]


@dataclass(frozen=True)
class TableDefinition:
    """Definition of a table: rows of an agency in a month, counted by the codes of a list.

    `by` counts the rows by code, and `those` returns the rows of one line, so that readers can check a figure.
    """

    title: Any
    rows: Callable[[UUID, CalendarMonth], QuerySet[Any]]
    list_name: str
    by: Callable[[QuerySet[Any]], Pairs]
    those: Callable[[QuerySet[Any], str], QuerySet[Any]]
    note: Any = ""


def list_tables(agency: UUID, month: CalendarMonth) -> list[FigureTable]:
    """Return all tables of the month. Bypasses row-level security for the agency's former cases."""
    with session_scope.bypass_row_security(BYPASS_REASON):
        counted_tables = [_section(key, table, table.rows(agency, month)) for key, table in TABLES.items()]
        return [*counted_tables, _nights(agency, month)]


def counted_rows(agency: UUID, month: CalendarMonth, key: str, value: str | None) -> QuerySet[Any] | None:
    """Return the rows behind a line of a table, or behind its total when `value` is None.

    Returns None for an unknown table. The rows are read beyond row-level security: check access before showing one.
    """
    if key == NIGHTS:
        return _stays(agency, month)
    table = TABLES.get(key)
    if table is None:
        return None
    rows = table.rows(agency, month)
    return rows if value is None else table.those(rows, value)


def _owner(now: str, case: str, *after: Q) -> Coalesce:
    """Return an expression for the owner of a case before the first matching change of owner.

    Without such a change it is the column `now`.
    """
    changes = OwnerChange.objects.filter(*after, case=OuterRef(case)).order_by("at", "pk")
    return Coalesce(Subquery(changes.values("from_agency")[:1]), F(now), output_field=UUIDField())


def _owned(agency: UUID, month: CalendarMonth) -> QuerySet[Case]:
    """Return cases that the agency owned at the end of the month. A later transfer changes no figure."""
    transferred_later = OwnerChange.objects.filter(from_agency=agency, at__gte=month.end)
    possible = Case.objects.filter(Q(agency=agency) | Q(pk__among=transferred_later.values("case")))
    return possible.alias(owner_then=_owner("agency", "pk", Q(at__gte=month.end))).filter(owner_then=agency)


def _new(agency: UUID, month: CalendarMonth) -> QuerySet[Case]:
    """Return cases that the agency registered in the month."""
    new = Case.objects.filter(registered_by_agency=agency, registered_on__range=month.within)
    return new.exclude(closure_reason=DUPLICATE)


def _running(agency: UUID, month: CalendarMonth) -> QuerySet[Case]:
    """Return cases of the agency that had not ended by the last day of the month."""
    until = month.last
    return (
        _owned(agency, month)
        .filter(registered_on__lte=until)
        .filter(Q(ended_on=None) | Q(ended_on__gt=until), Q(closed_on=None) | Q(closed_on__gt=until))
    )


def _ended(agency: UUID, month: CalendarMonth) -> QuerySet[Case]:
    """Return cases of the agency that ended in the month."""
    ended = _owned(agency, month).filter(status__in=["ended", "follow_up", "closed"])
    ended = ended.exclude(closure_reason=DUPLICATE)
    return ended.annotate(day=Coalesce("ended_on", "closed_on")).filter(day__range=month.within)


def _services(agency: UUID, month: CalendarMonth) -> QuerySet[Service]:
    """Return services that began in the month, to the agency's cases or provided by it.

    A service that a later owner recorded for this month counts for that owner, because the earlier one did not give it.
    """
    started = Service.objects.filter(status__in=BEGUN, started_on__range=month.within)
    owner = _owner("case__agency", "case", Q(at__gte=month.end), Q(at__gt=OuterRef("created_at")))
    return started.alias(owner_then=owner).filter(Q(owner_then=agency) | Q(provider=agency))


def _sent(agency: UUID, month: CalendarMonth) -> QuerySet[Referral]:
    """Return referrals that the agency sent in the month.

    After a case transfer, a running referral belongs to the new owner, but its sender still counts it.
    """
    sent = Referral.objects.filter(sent_at__date__range=month.within)
    return sent.alias(sender=_owner("from_agency", "case", Q(at__gt=OuterRef("sent_at")))).filter(sender=agency)


def _received(agency: UUID, month: CalendarMonth) -> QuerySet[Referral]:
    """Return referrals that the agency received in the month."""
    return Referral.objects.filter(sent_at__date__range=month.within, to_agency=agency)


def _column(name: str) -> tuple[Callable[[QuerySet[Any]], Pairs], Callable[[QuerySet[Any], str], QuerySet[Any]]]:
    """Return two functions for a column: one counts rows by value, one selects the rows of a value."""

    def by(rows: QuerySet[Any]) -> Pairs:
        return list(rows.order_by().values_list(F(name)).annotate(n=Count("pk")))

    return by, lambda rows, value: rows.filter(**{name: value})


def _by_age(cases: QuerySet[Case]) -> Pairs:
    counts: dict[str, int] = {}
    for band, n in _column("age_band")[0](cases):
        group = codes.parent("age_band", band) if band else ""
        counts[group] = counts.get(group, 0) + n
    return counts.items()


def _of_age(cases: QuerySet[Case], group: str) -> QuerySet[Case]:
    bands = [band for band in codes.code_list("age_band").codes if codes.parent("age_band", band) == group]
    return cases.filter(age_band__in=bands if group else [""])


def _by_citizenship(cases: QuerySet[Case]) -> Pairs:
    counts: dict[str, int] = {}
    for values, n in cases.order_by().values_list("citizenships").annotate(n=Count("pk")):
        for value in values or [""]:
            counts[value] = counts.get(value, 0) + n
    return counts.items()


def _of_citizenship(cases: QuerySet[Case], value: str) -> QuerySet[Case]:
    with_text = cases.annotate(citizenships_text=Cast("citizenships", TextField()))
    return (
        with_text.filter(citizenships_text__contains=f'"{value}"')
        if value
        else with_text.filter(citizenships_text="[]")
    )


def _by_form(cases: QuerySet[Case]) -> Pairs:
    forms = dict(_column("main_form")[0](Exploitation.objects.filter(case__in=cases.order_by(), main=True)))
    return (forms | {"": forms.get("", 0) + cases.count() - sum(forms.values())}).items()


def _of_form(cases: QuerySet[Case], form: str) -> QuerySet[Case]:
    main = Exploitation.objects.filter(case=OuterRef("pk"), main=True)
    return cases.filter(Exists(main.filter(main_form=form)) if form else ~Exists(main.exclude(main_form="")))


TABLES = {
    "sex": TableDefinition(_("New cases by sex"), _new, "sex", *_column("sex")),
    "age": TableDefinition(_("New cases by age group"), _new, "age_group", _by_age, _of_age),
    "citizenship": TableDefinition(
        title=_("New cases by citizenship"),
        rows=_new,
        list_name="country",
        by=_by_citizenship,
        those=_of_citizenship,
        note=_("A person with two citizenships is counted in two lines."),
    ),
    "form": TableDefinition(_("New cases by main form of exploitation"), _new, "exploitation_form", _by_form, _of_form),
    "running": TableDefinition(
        _("Open cases on the last day, by risk"), _running, "risk_level", *_column("risk_level")
    ),
    "ended": TableDefinition(_("Ended cases by reason"), _ended, "closure_reason", *_column("closure_reason")),
    "service": TableDefinition(_("Services that began, by kind"), _services, "service", *_column("kind")),
    "payer": TableDefinition(_("Services that began, by who pays"), _services, "payer", *_column("payer")),
    "sent": TableDefinition(_("Referrals sent, by current state"), _sent, "referral_status", *_column("status")),
    "received": TableDefinition(
        _("Referrals received, by current state"), _received, "referral_status", *_column("status")
    ),
}
NIGHTS = "nights"


def _section(key: str, table: TableDefinition, rows: QuerySet[Any]) -> FigureTable:
    """Return a table with labels, the largest line first and "Not recorded" last."""
    pairs = sorted((pair for pair in table.by(rows) if pair[1]), key=lambda pair: (not pair[0], -pair[1], pair[0]))
    lines = [(code(value, table.list_name) or gettext("Not recorded"), n) for value, n in pairs]
    return FigureTable(
        key=key,
        title=str(table.title),
        lines=lines,
        values=[value for value, _n in pairs],
        total=rows.count(),
        note=str(table.note),
    )


def _stays(agency: UUID, month: CalendarMonth) -> QuerySet[Stay]:
    """Return stays in the agency's beds in the month, until today."""
    stays = Stay.objects.filter(agency=agency, arrived_on__lt=_until(month))
    return stays.filter(Q(left_on=None) | Q(left_on__gt=month.first))


def _until(month: CalendarMonth) -> date:
    """Return the day after the last counted night: the end of the month, or today if it is earlier."""
    return min(month.next, timezone.localdate())


def nights(arrived_on: date, left_on: date | None, month: CalendarMonth) -> int:
    """Return the nights of a stay in the month. The night of arrival counts, that of departure does not."""
    until = _until(month)
    return (min(left_on or until, until) - max(arrived_on, month.first)).days


def _nights(agency: UUID, month: CalendarMonth) -> FigureTable:
    """Return the table of nights in the shelter."""
    days = [nights(*stay, month) for stay in _stays(agency, month).values_list("arrived_on", "left_on")]
    stays = [(gettext("Stays"), len(days))]
    return FigureTable(
        key=NIGHTS,
        title=gettext("Nights in the shelter"),
        lines=stays,
        values=[""],
        total=sum(days),
        note=gettext("The total counts nights."),
    )


def workbook(title: str, tables: list[FigureTable], *, invented: bool = False) -> bytes:
    """Return the tables as an XLSX file. Text cells stay text, also when they look like a formula."""
    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = "Kerege"
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 62, 14
    _append_row(sheet, [title], bold=True)
    if invented:
        _append_row(sheet, [gettext("Invented people.")], bold=True)
    for table in tables:
        _append_row(sheet, [])
        _append_row(sheet, [table.title, gettext("Number")], bold=True)
        for label, n in table.lines:
            _append_row(sheet, [label, n])
        _append_row(sheet, [gettext("Total"), table.total], bold=True)
        if table.note:
            _append_row(sheet, [table.note])
    _append_row(sheet, [])
    _append_row(sheet, [gettext("For work inside the agency, not for publication.")])
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _append_row(sheet: Worksheet, values: list[Any], *, bold: bool = False) -> None:
    """Append a row to the sheet, with text cells marked as text."""
    sheet.append(values)
    if not values:
        return
    for cell, value in zip(sheet[sheet.max_row], values, strict=False):
        if isinstance(value, str):
            cell.data_type = "s"
        cell.font = Font(bold=bold)
