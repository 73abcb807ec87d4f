"""Pages of justice officers. No other role can learn from them that a criminal case exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.base.errors import BadInput
from kerege.casework.justice import case_links, forms, queries, services, victim_support
from kerege.casework.justice.models import (
    Breach,
    CaseLink,
    Compensation,
    Crime,
    Hearing,
    ProtectionMeasure,
    Suspect,
)
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor, session_scope
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.web.forms import Form

PER_PAGE = 25
GET_OR_POST = require_http_methods(["GET", "POST"])


@pages.page("crimes.view")
@require_GET
def show_crimes(request: HttpRequest) -> HttpResponse:
    """Show the crimes of the actor's agency, newest first, and planned hearings."""
    actor = actor_of(request)
    form = forms.CrimeFilterForm(queries.list_half_years(actor), request.GET or None)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    page = get_page_of_rows(queries.list_crimes(actor, chosen), PER_PAGE, request.GET.get("page"))
    context = {"form": form, "page": page, "hearings": queries.list_next_hearings(actor)}
    context |= victim_support.list_reminders(actor)
    return TemplateResponse(request, "justice/list.html", context)


@pages.page("crimes.count")
@require_GET
def show_figures(request: HttpRequest) -> HttpResponse:
    """Show the counts by half-year, each source by itself."""
    with session_scope.bypass_row_security("national counts by source; the page shows no crime"):
        context = {"sources": queries.count_by_half_year(), "twice": queries.count_recorded_twice()}
    return TemplateResponse(request, "justice/figures.html", context)


@pages.page("crimes.record")
@GET_OR_POST
def record_crime(request: HttpRequest) -> HttpResponse:
    """Record a crime."""
    actor = actor_of(request)
    form = forms.CrimeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        crime = Crime(agency=agency_of(actor), **form.cleaned_data)
        if _try_save(form, lambda: services.record_crimes(actor, [crime]), "register_number"):
            messages.success(request, _("The crime is recorded."))
            return redirect("justice:crime", pk=crime.pk)
    return TemplateResponse(request, "justice/record.html", {"form": form})


def _try_save(form: Form, save: Callable[[], Any], field: str | None = None) -> bool:
    """Save, or add the faults of a BadInput to the form. Returns whether it was saved."""
    try:
        save()
    except BadInput as error:
        form.add_error(field, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        return False
    return True


@pages.page("crimes.view")
@require_GET
def show_crime(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a crime: stages, suspects, hearings, protection, compensation, linked cases."""
    row = authorization.find(actor_of(request), Crime, action="crimes.view", pk=pk)
    context = {
        "crime": row,
        "stages": list(row.stages.filter(suspect=None).order_by("-recorded_at", "-pk")),
        "suspects": list(row.suspects.all()),
        "hearings": list(row.hearings.all()),
        "protections": list(row.protections.prefetch_related("breaches")),
        "compensations": list(row.compensations.prefetch_related("steps")),
        "fund": victim_support.read_fund_state(row),
        "links": case_links.list_links(row),
    }
    return TemplateResponse(request, "justice/crime.html", context)


@dataclass(frozen=True)
class CrimeStep:
    """A form of a crime: heading, success message, and functions to build and save it."""

    heading: Any
    done: Any
    make: Callable[[Crime, Any], Form]
    save: Callable[[Actor, Crime, dict[str, Any]], Any]
    field: str | None = None


def _add_line(model: Any) -> Callable[[Actor, Crime, dict[str, Any]], Any]:
    return lambda actor, row, data: services.add_line(actor, model(crime=row, **data))


STEPS = {
    "stage": CrimeStep(
        gettext_lazy("Next stage"),
        gettext_lazy("The stage is recorded."),
        lambda row, data: forms.StageForm(row.stage, data),
        lambda actor, row, data: services.move_crime(actor, row, **data),
    ),
    "suspect": CrimeStep(
        gettext_lazy("Add a suspect"),
        gettext_lazy("The suspect is recorded."),
        lambda row, data: forms.SuspectForm(data, initial={"stage": "investigation"}),
        services.save_suspect,
    ),
    "hearing": CrimeStep(
        gettext_lazy("Plan a hearing"),
        gettext_lazy("The hearing is recorded."),
        lambda row, data: forms.HearingForm(data),
        _add_line(Hearing),
    ),
    "protection": CrimeStep(
        gettext_lazy("Add a protection measure"),
        gettext_lazy("The measure is recorded."),
        lambda row, data: forms.ProtectionForm.of(case_links.list_links(row), data),
        _add_line(ProtectionMeasure),
    ),
    "compensation": CrimeStep(
        gettext_lazy("Record a compensation"),
        gettext_lazy("The compensation is recorded."),
        lambda row, data: forms.CompensationForm.of(case_links.list_links(row), data),
        _add_line(Compensation),
    ),
    "link": CrimeStep(
        gettext_lazy("Link the case of a victim"),
        gettext_lazy("The case is linked."),
        lambda row, data: forms.LinkForm(data),
        lambda actor, row, data: case_links.link_case(actor, row, data["reference"]),
        "reference",
    ),
}


@pages.page("crimes.change")
@GET_OR_POST
def save_step(request: HttpRequest, pk: Any, what: str) -> HttpResponse:
    """Show or save one of the forms in STEPS."""
    actor, form_step = actor_of(request), STEPS[what]
    row = authorization.find(actor, Crime, action="crimes.change", pk=pk)
    form = form_step.make(row, request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try_save(form, lambda: form_step.save(actor, row, form.cleaned_data), form_step.field)
    ):
        messages.success(request, str(form_step.done))
        return redirect("justice:crime", pk=row.pk)
    return TemplateResponse(request, "justice/step.html", {"crime": row, "form": form, "heading": form_step.heading})


@pages.page("suspects.change")
@GET_OR_POST
def change_suspect(request: HttpRequest, pk: Any) -> HttpResponse:
    """Change a suspect and show their stages."""
    actor = actor_of(request)
    rows = Suspect.objects.select_related("crime")
    row = authorization.find(actor, Suspect, action="suspects.change", rows=rows, pk=pk)
    names = ("roles", "sex", "age_band", "citizenship", "organised_group", "stage", "sanction")
    form = forms.SuspectForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    if (
        request.method == "POST"
        and form.is_valid()
        and _try_save(form, lambda: services.save_suspect(actor, row.crime, form.cleaned_data, row))
    ):
        messages.success(request, _("The suspect is recorded."))
        return redirect("justice:crime", pk=row.crime_id)
    stages = list(row.stages.order_by("-recorded_at", "-pk"))
    context = {"crime": row.crime, "form": form, "heading": _("Suspect"), "stages": stages}
    return TemplateResponse(request, "justice/step.html", context)


@pages.page("hearings.change")
@GET_OR_POST
def change_hearing(request: HttpRequest, pk: Any) -> HttpResponse:
    """Set the state of a hearing."""
    actor = actor_of(request)
    rows = Hearing.objects.select_related("crime")
    row = authorization.find(actor, Hearing, action="hearings.change", rows=rows, pk=pk)
    form = forms.HearingStateForm(request.POST or None, initial={"state": row.state})
    if request.method == "POST" and form.is_valid():
        services.set_hearing(actor, row, form.cleaned_data["state"])
        messages.success(request, _("The hearing is recorded."))
        return redirect("justice:crime", pk=row.crime_id)
    return TemplateResponse(request, "justice/step.html", {"crime": row.crime, "form": form, "heading": _("Hearing")})


@pages.page("protections.change")
@GET_OR_POST
def change_protection(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record the decision, the days or the review of a protection measure."""
    actor = actor_of(request)
    row = find_measure(actor, pk)
    form = forms.ProtectionForm.of(case_links.list_links(row.crime), request.POST or None, row)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try_save(form, lambda: victim_support.change_measure(actor, row, form.cleaned_data))
    ):
        messages.success(request, _("The measure is recorded."))
        return redirect("justice:crime", pk=row.crime_id)
    context = {"crime": row.crime, "form": form, "heading": _("Protection measure")}
    return TemplateResponse(request, "justice/step.html", context)


@pages.page("protections.change")
@GET_OR_POST
def record_breach(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a breach of a protection measure."""
    actor = actor_of(request)
    row = find_measure(actor, pk)
    form = forms.BreachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if victim_support.record_breach(actor, row, Breach(**form.cleaned_data)):
            messages.success(request, _("The breach is recorded. The agency that helps the person is notified."))
        else:
            text = _("The breach is recorded. No agency is notified: there is no linked case, or its basis has ended.")
            messages.warning(request, text)
        return redirect("justice:crime", pk=row.crime_id)
    context = {"crime": row.crime, "form": form, "heading": _("Breach of the protection")}
    return TemplateResponse(request, "justice/step.html", context)


def find_measure(actor: Actor, pk: UUID) -> ProtectionMeasure:
    """Return a measure that the actor may change, or raise Http404."""
    rows = ProtectionMeasure.objects.select_related("crime__agency", "link")
    return authorization.find(actor, ProtectionMeasure, action="protections.change", rows=rows, pk=pk)


@pages.page("compensations.change")
@GET_OR_POST
def add_compensation_step(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a step of a compensation."""
    actor = actor_of(request)
    rows = Compensation.objects.select_related("crime")
    row = authorization.find(actor, Compensation, action="compensations.change", rows=rows, pk=pk)
    form = forms.CompensationStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        victim_support.add_compensation_step(actor, row, form.cleaned_data["state"], form.cleaned_data["on"])
        messages.success(request, _("The step is recorded."))
        return redirect("justice:crime", pk=row.crime_id)
    context = {"crime": row.crime, "form": form, "heading": _("Step of the compensation")}
    return TemplateResponse(request, "justice/step.html", context)


@pages.page("compensations.change")
@GET_OR_POST
def change_compensation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record amounts of a compensation that became known later."""
    actor = actor_of(request)
    rows = Compensation.objects.select_related("crime__agency", "link")
    row = authorization.find(actor, Compensation, action="compensations.change", rows=rows, pk=pk)
    form = forms.CompensationForm.of(case_links.list_links(row.crime), request.POST or None, row)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try_save(form, lambda: victim_support.change_compensation(actor, row, form.cleaned_data))
    ):
        messages.success(request, _("The compensation is recorded."))
        return redirect("justice:crime", pk=row.crime_id)
    context = {"crime": row.crime, "form": form, "heading": _("Compensation")}
    return TemplateResponse(request, "justice/step.html", context)


@pages.page("links.change")
@require_POST
def unlink_case(request: HttpRequest, pk: Any, link: Any) -> HttpResponse:
    """Remove the link to a case."""
    actor = actor_of(request)
    row = authorization.find(actor, Crime, action="crimes.change", pk=pk)
    case_links.unlink_case(actor, get_object_or_404(CaseLink.objects.select_related("crime"), pk=link, crime=row))
    messages.success(request, _("The case is no longer linked."))
    return redirect("justice:crime", pk=row.pk)
