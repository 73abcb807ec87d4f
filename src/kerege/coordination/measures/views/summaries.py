"""Summary of a plan for a half-year: a page to print, and files."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from kerege.coordination.measures import queries
from kerege.coordination.measures.models import MeasurePlan
from kerege.coordination.measures.summary_paper import build_paper
from kerege.coordination.papers import FORMATS, answer
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of


def _summary(request: HttpRequest, pk: UUID) -> tuple[queries.PlanSummary, list[str]]:
    actor, today = actor_of(request), timezone.localdate()
    plan = authorization.find(actor, MeasurePlan, action="measures.read", pk=pk)
    halves = queries.list_plan_halves(plan, today)
    asked = request.GET.get("half", "")
    return queries.summarise(actor, plan, asked if asked in halves else halves[0], today), halves


@pages.page("measures.read")
@require_GET
def show_summary(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the summary of a half-year, to be printed."""
    summary, halves = _summary(request, pk)
    lines = [(line, line.reports_of(summary.half)) for line in summary.lines]
    context = {"summary": summary, "plan": summary.plan, "halves": halves, "lines": lines, "kinds": list(FORMATS)}
    return TemplateResponse(request, "measures/summary.html", context)


@pages.page("measures.read")
@require_GET
def download_summary(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the summary as PDF, DOCX, XLSX or CSV."""
    summary, _halves = _summary(request, pk)
    kind = request.GET.get("as", "pdf")
    return answer(build_paper(summary), f"plan-{summary.half}", kind if kind in FORMATS else "pdf")
