"""Pages of the bodies that carry out decisions: their list, a report, and its acceptance."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.coordination.commissions import queries, services
from kerege.coordination.commissions.forms import ResolutionReportForm
from kerege.coordination.commissions.models import ResolutionBody
from kerege.coordination.forms import ReportDecisionForm
from kerege.coordination.views import DECISIONS, GET_OR_POST, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.web.forms import pressed_button

ROWS = ("resolution__meeting__commission", "agency")


@pages.page("commissions.report")
@require_GET
def list_own(request: HttpRequest) -> HttpResponse:
    """Show the decisions that the own agency carries out, and reports that wait for its decision."""
    actor = actor_of(request)
    context = {"own": queries.list_own(actor), "waiting": queries.list_waiting(actor)}
    return TemplateResponse(request, "commissions/own.html", context)


@pages.page("commissions.report")
@GET_OR_POST
def write_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Write the report of a body on a decision."""
    actor = actor_of(request)
    rows = ResolutionBody.objects.select_related(*ROWS)
    body = authorization.find(actor, ResolutionBody, action="commissions.report", rows=rows, pk=pk)
    form = ResolutionReportForm(request.POST or None, initial={"text": body.report})
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        if try_save(form, lambda: services.report(actor, body, text)):
            messages.success(request, _("The report is submitted."))
            return redirect("commissions:own")
    return TemplateResponse(request, "commissions/report.html", {"form": form, "body": body})


@pages.page("commissions.decide")
@GET_OR_POST
def decide_report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept the report of a body on a decision, or return it."""
    actor = actor_of(request)
    rows = ResolutionBody.objects.select_related(*ROWS)
    body = authorization.find(actor, ResolutionBody, action="commissions.decide", rows=rows, pk=pk)
    form = ReportDecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accept, remark = pressed_button(request.POST, *DECISIONS) == "accept", form.cleaned_data["remark"]
        if try_save(form, lambda: services.decide(actor, body, accept=accept, remark=remark)):
            messages.success(request, _("The report is accepted.") if accept else _("The report is returned."))
            return redirect("commissions:own")
    return TemplateResponse(request, "commissions/decide.html", {"form": form, "body": body})
