"""Pages of one measure: history, change by an act, report, decision; reports that a body owes."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.coordination.forms import ReportDecisionForm
from kerege.coordination.measures import queries, services
from kerege.coordination.measures.forms import MeasureChangeForm, ReportForm
from kerege.coordination.measures.models import Measure, MeasureBody, MeasureChange, MeasureReport
from kerege.coordination.measures.states import list_begun_halves
from kerege.coordination.views import DECISIONS, GET_OR_POST, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.web.forms import pressed_button


@pages.page("measures.read_measure")
@require_GET
def show_measure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a measure: the words of the act, bodies, reports, changes."""
    actor = actor_of(request)
    measure = authorization.find(
        actor, Measure, action="measures.read_measure", rows=Measure.objects.select_related("plan"), pk=pk
    )
    line = queries.build_line(actor, measure, timezone.localdate())
    changes = authorization.scope(actor, MeasureChange, action="measures.list_changes").filter(measure=measure)
    context = {
        "measure": measure,
        "line": line,
        "missing": [(half, body) for half, pk in line.missing for body in line.bodies if body.pk == pk],
        "changes": changes,
        "may_change": authorization.allows(actor, "measures.change", measure),
        "own": authorization.scope(actor, MeasureBody, action="measures.report").filter(measure=measure),
    }
    return TemplateResponse(request, "measures/measure.html", context)


@pages.page("measures.change")
@GET_OR_POST
def change_measure(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record what an act changed of a measure."""
    actor = actor_of(request)
    measure = authorization.find(
        actor, Measure, action="measures.change", rows=Measure.objects.select_related("plan"), pk=pk
    )
    form = MeasureChangeForm.of(measure, request.POST or None)
    if request.method == "POST" and form.is_valid():
        act, on = form.cleaned_data["act"], form.cleaned_data["on"]
        if try_save(form, lambda: services.change_measure(actor, measure, form.values, act=act, on=on)):
            messages.success(request, _("The change is recorded."))
            return redirect("measures:measure", pk=measure.pk)
    return TemplateResponse(request, "measures/change.html", {"form": form, "measure": measure})


@pages.page("measures.report")
@require_GET
def list_own(request: HttpRequest) -> HttpResponse:
    """Show the reports that the own agency owes, and those that wait for its decision."""
    actor = actor_of(request)
    due = queries.list_due_reports(actor, timezone.localdate())
    context = {
        "due": [row for row in due if not row.is_sent],
        "sent": [row for row in due if row.is_sent],
        "waiting": queries.list_waiting(actor),
    }
    return TemplateResponse(request, "measures/own.html", context)


@pages.page("measures.report")
@GET_OR_POST
def write_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the report of a body on a measure: keep it as a draft, or submit it."""
    actor, today = actor_of(request), timezone.localdate()
    rows = MeasureBody.objects.select_related("measure__plan", "agency")
    body = authorization.find(actor, MeasureBody, action="measures.report", rows=rows, pk=pk)
    halves = list_begun_halves(body.measure.plan, today)[::-1]
    asked = request.GET.get("half", "")
    half = asked if asked in halves else next(iter(halves), "")
    known = MeasureReport.objects.filter(body=body, half=half).first()
    form = ReportForm.of(halves, request.POST or None, _initial(known, half))
    if request.method == "POST" and form.is_valid():
        submit = pressed_button(request.POST, "submit", "draft") == "submit"
        report = MeasureReport(body=body, **form.cleaned_data)
        if try_save(form, lambda: services.save_report(actor, report, submit=submit)):
            messages.success(request, _("The report is submitted.") if submit else _("The draft is saved."))
            return redirect("measures:own")
    return TemplateResponse(request, "measures/report.html", {"form": form, "body": body, "known": known})


def _initial(known: MeasureReport | None, half: str) -> dict[str, object]:
    if known is None:
        return {"half": half}
    return {"half": half, "text": known.text, "figure": known.figure, "completes": known.completes}


@pages.page("measures.decide")
@GET_OR_POST
def decide_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept a submitted report, or return it with a remark."""
    actor = actor_of(request)
    rows = MeasureReport.objects.select_related("body__agency", "body__measure__plan")
    report = authorization.find(actor, MeasureReport, action="measures.decide", rows=rows, pk=pk)
    form = ReportDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accept, remark = pressed_button(request.POST, *DECISIONS) == "accept", form.cleaned_data["remark"]
        if try_save(form, lambda: services.decide_report(actor, report, accept=accept, remark=remark)):
            messages.success(request, _("The report is accepted.") if accept else _("The report is returned."))
            return redirect("measures:own")
    return TemplateResponse(request, "measures/decide.html", {"form": form, "report": report})
