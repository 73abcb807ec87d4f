"""Pages of the regional risk assessment."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.charts import NARROW, draw_svg
from kerege.coordination import citations
from kerege.coordination.commissions.models import Commission
from kerege.coordination.papers import FORMATS, answer
from kerege.coordination.risk import queries, services
from kerege.coordination.risk.forms import (
    RiskFactorForm,
    RiskJudgementForm,
    RiskPopulationForm,
    RiskRoundForm,
    RiskValuesForm,
)
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound
from kerege.coordination.risk.risk_paper import build_paper
from kerege.coordination.views import GET_OR_POST, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor


def _read(actor: Actor, pk: UUID) -> RiskRound:
    return authorization.find(
        actor, RiskRound, action="risk.read", rows=RiskRound.objects.select_related("agency"), pk=pk
    )


@pages.page("risk.read")
@require_GET
def list_rounds(request: HttpRequest) -> HttpResponse:
    """Show the rounds of the assessment."""
    actor = actor_of(request)
    context = {"rounds": queries.list_rounds(actor), "may_set_up": authorization.allows(actor, "risk.set_up")}
    return TemplateResponse(request, "risk/rounds.html", context)


@pages.page("risk.set_up")
@GET_OR_POST
def new_round(request: HttpRequest) -> HttpResponse:
    """Begin a round."""
    actor = actor_of(request)
    form = RiskRoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = RiskRound(agency=agency_of(actor), **form.cleaned_data)
        if try_save(form, lambda: services.set_up_round(actor, row)):
            messages.success(request, _("The round is begun. Add its factors."))
            return redirect("risk:round", pk=row.pk)
    return TemplateResponse(request, "risk/form.html", {"form": form, "title": _("Begin a round")})


@pages.page("risk.read")
@require_GET
def show_round(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show intervals of ranks, quadrants, factors and method."""
    actor = actor_of(request)
    row = _read(actor, pk)
    result = queries.assess(actor, row)
    chart = queries.draw_ranks(result)
    own = authorization.scope(actor, Commission, action="risk.judge").exclude(region="").first()
    context = {
        "round": row,
        "result": result,
        "wide": draw_svg(chart) if result.lines else "",
        "narrow": draw_svg(chart, NARROW) if result.lines else "",
        "may_edit": authorization.allows(actor, "risk.edit", row),
        "judges": own,
        "kinds": list(FORMATS),
    }
    return TemplateResponse(request, "risk/round.html", context)


@pages.page("risk.edit")
@GET_OR_POST
def add_factor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a factor to a round."""
    actor = actor_of(request)
    row = authorization.find(actor, RiskRound, action="risk.edit", pk=pk)
    form = RiskFactorForm.of(citations.list_tables(by=services.REGION), request.POST or None)
    if request.method == "POST" and form.is_valid():
        factor = RiskFactor(round=row, **form.values)
        if try_save(form, lambda: services.add_factor(actor, factor)):
            messages.success(request, _("The factor is added."))
            return redirect("risk:round", pk=row.pk) if factor.release else redirect("risk:values", pk=factor.pk)
    return TemplateResponse(request, "risk/form.html", {"form": form, "round": row, "title": _("Add a factor")})


@pages.page("risk.edit")
@GET_OR_POST
def set_population(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Type the people of each region, by which factors are divided."""
    actor = actor_of(request)
    row = authorization.find(actor, RiskRound, action="risk.edit", pk=pk)
    form = RiskPopulationForm.of_round(row.populations, row.population_source, request.POST or None)
    if request.method == "POST" and form.is_valid():
        source = form.cleaned_data["source"]
        if try_save(form, lambda: services.set_population(actor, row, form.numbers, source)):
            messages.success(request, _("The values are saved."))
            return redirect("risk:round", pk=row.pk)
    title = _("Population of the regions")
    return TemplateResponse(request, "risk/form.html", {"form": form, "round": row, "title": title})


@pages.page("risk.edit_factor")
@GET_OR_POST
def set_values(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Type the public figures of a factor by region."""
    actor = actor_of(request)
    factor = authorization.find(actor, RiskFactor, action="risk.edit_factor", pk=pk)
    line = next(line for line in queries.list_factors(actor, factor.round) if line.factor == factor)
    form = RiskValuesForm.of(line.values, request.POST or None)
    if request.method == "POST" and form.is_valid():
        numbers = form.numbers
        if try_save(form, lambda: services.set_values(actor, factor, numbers)):
            messages.success(request, _("The values are saved."))
            return redirect("risk:round", pk=factor.round_id)
    return TemplateResponse(request, "risk/form.html", {"form": form, "round": factor.round, "title": factor.label})


@pages.page("risk.judge")
@GET_OR_POST
def judge(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record how the commission of a region judges its risk in the newest round."""
    actor = actor_of(request)
    commission = authorization.find(actor, Commission, action="risk.judge", pk=pk)
    row = queries.list_rounds(actor).first()
    form = RiskJudgementForm(request.POST or None)
    if request.method == "POST" and row and form.is_valid():
        judgement = RiskJudgement(round=row, **form.cleaned_data)
        if try_save(form, lambda: services.judge(actor, commission, judgement)):
            messages.success(request, _("The judgement is recorded."))
            return redirect("risk:round", pk=row.pk)
    return TemplateResponse(request, "risk/form.html", {"form": form, "round": row, "title": commission.title})


@pages.page("risk.read")
@require_GET
def download(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the result of a round as PDF, DOCX, XLSX or CSV."""
    actor = actor_of(request)
    row = _read(actor, pk)
    kind = request.GET.get("as", "pdf")
    return answer(build_paper(queries.assess(actor, row)), f"risk-{row.year}", kind if kind in FORMATS else "pdf")
