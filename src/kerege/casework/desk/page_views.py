"""Pages behind the home page: team, data quality, monthly figures, and the programme's process."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.workload import approvals_to_decide
from kerege.casework.desk import queries
from kerege.casework.desk import team as colleagues
from kerege.casework.desk.statistics import drilldown, monthly, programme, rights
from kerege.core import audit, authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.accounts.models import Installation
from kerege.web.forms import Form

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class YearForm(Form):
    """The year of the figures."""

    year = forms.IntegerField(
        label=_("Year"),
        required=False,
        min_value=1990,
        max_value=2100,
        help_text=_("Empty: the last twelve months."),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )

    def period(self) -> programme.ReportingPeriod:
        """Return the requested year, or the last twelve months."""
        self.is_valid()
        return programme.ReportingPeriod.of(self.cleaned_data.get("year"))


class MonthForm(Form):
    """The month of the figures."""

    month = forms.CharField(
        label=_("Month"), required=False, max_length=7, widget=forms.TextInput(attrs={"type": "month"})
    )


@pages.page("team.manage")
@require_GET
def team(request: HttpRequest) -> HttpResponse:
    """Show the agency's staff: their caseload, tasks and absences."""
    actor = actor_of(request)
    context = {
        "rows": colleagues.list_colleagues(actor),
        "unassigned": queries.unassigned(actor),
        "approvals": approvals_to_decide(actor).count(),
    }
    return TemplateResponse(request, "desk/team.html", context)


@pages.page("desk.quality")
@require_GET
def quality(request: HttpRequest) -> HttpResponse:
    """Show, for each item, how many cases have no value for it.

    A supervisor sees the cases of the agency, with links. Other roles see counts of all cases.
    """
    actor = actor_of(request)
    has_own_cases = authorization.allows(actor, "team.manage")
    if has_own_cases:
        cases = authorization.scope(actor, Case, action="cases.view").filter(agency=actor.agency_id)
    else:
        cases = authorization.scope(actor, Case, action="desk.count_cases")
    rows, total = colleagues.count_missing(cases)
    return TemplateResponse(request, "desk/quality.html", {"rows": rows, "total": total, "own": has_own_cases})


@pages.page("desk.month")
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """Show the monthly figures of the agency."""
    actor = actor_of(request)
    chosen = monthly.CalendarMonth.of(request.GET.get("month", ""), timezone.localdate())
    context = {
        "month": chosen,
        "form": MonthForm(initial={"month": chosen.code}),
        "sections": monthly.list_tables(agency_of(actor).pk, chosen),
    }
    return TemplateResponse(request, "desk/month.html", context)


@pages.page("desk.month")
@require_GET
def month_cases(request: HttpRequest) -> HttpResponse:
    """Show the items behind a monthly figure by reference and day: cases, services, referrals or stays."""
    actor = actor_of(request)
    chosen = monthly.CalendarMonth.of(request.GET.get("month", ""), timezone.localdate())
    key, value = request.GET.get("of", ""), request.GET.get("value")
    rows = monthly.counted_rows(agency_of(actor).pk, chosen, key, value)
    if rows is None:
        return redirect("desk:month")
    page = drilldown.read_page(rows, request.GET.get("page"))
    [section] = [section for section in monthly.list_tables(agency_of(actor).pk, chosen) if section.key == key]
    line = next((label for label, _n, code in section.figures if code == value), _("Total"))
    entries = drilldown.list_items(actor, list(page), chosen)
    context = {
        "month": chosen,
        "section": section,
        "line": line,
        "page": page,
        "entries": entries,
        "has_kinds": any(entry.what for entry in entries),
    }
    return TemplateResponse(request, "desk/month_cases.html", context)


@pages.page("desk.month")
@pages.stepped_up
@require_GET
def month_sheet(request: HttpRequest) -> HttpResponse:
    """Return the monthly figures as a spreadsheet, named by the month only."""
    actor = actor_of(request)
    agency = agency_of(actor)
    chosen = monthly.CalendarMonth.of(request.GET.get("month", ""), timezone.localdate())
    with audit.act(actor, "desk.export_month", target=f"agency:{agency.pk}") as event:
        event.note(month=chosen.code)
        sections = monthly.list_tables(agency.pk, chosen)
        data = monthly.workbook(f"{agency.name}, {chosen.code}", sections, invented=Installation.is_demo())
    headers = {"Content-Disposition": f'attachment; filename="kerege-{chosen.code}.xlsx"'}
    return HttpResponse(data, content_type=XLSX, headers=headers)


@pages.page("desk.process")
@require_GET
def process(request: HttpRequest) -> HttpResponse:
    """Show counts of referrals across agencies, and how long decisions and services take."""
    actor = actor_of(request)
    form = YearForm(request.GET)
    period = form.period()
    context = {
        "form": form,
        "period": period,
        "referrals": programme.count_referrals(actor, period),
        "process": programme.measure_process(actor, period),
        "rights": rights.count_rights(actor, period),
    }
    return TemplateResponse(request, "desk/process.html", context)
