"""Pages of plans: list, new plan, plan with its measures, import of an act, short names of bodies."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.coordination.measures import publications, queries, services
from kerege.coordination.measures.act_import import ActPreview, digest_of, import_act
from kerege.coordination.measures.forms import ActForm, BodyNameForm, MeasureFilterForm, MeasurePlanForm
from kerege.coordination.measures.models import BodyName, MeasurePlan
from kerege.coordination.measures.queries import MeasureLine
from kerege.coordination.views import GET_OR_POST, sentence, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of


@pages.page("measures.read")
@require_GET
def list_plans(request: HttpRequest) -> HttpResponse:
    """Show the plans with the numbers of their measures by state."""
    actor, today = actor_of(request), timezone.localdate()
    plans = list(queries.list_plans(actor))
    counts = queries.count_states_of_plans(actor, plans, today)
    context = {
        "plans": [(plan, counts[plan.pk]) for plan in plans],
        "part": {"waiting": publications.list_waiting(actor)},
        "may_set_up": authorization.allows(actor, "measures.set_up"),
    }
    return TemplateResponse(request, "measures/plans.html", context)


@pages.page("measures.set_up")
@GET_OR_POST
def new_plan(request: HttpRequest) -> HttpResponse:
    """Set up a plan of the own agency."""
    actor = actor_of(request)
    form = MeasurePlanForm.of(queries.list_plans(actor).filter(region=""), request.POST or None)
    if request.method == "POST" and form.is_valid():
        plan = MeasurePlan(agency=agency_of(actor), **form.values)
        if try_save(form, lambda: services.set_up_plan(actor, plan)):
            messages.success(request, _("The plan is set up. Import the table of its act."))
            return redirect("measures:import", pk=plan.pk)
    return TemplateResponse(request, "measures/plan_form.html", {"form": form})


@pages.page("measures.read")
@require_GET
def show_plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the measures of a plan with their computed states."""
    actor, today = actor_of(request), timezone.localdate()
    plan = authorization.find(actor, MeasurePlan, action="measures.read", pk=pk)
    lines = queries.build_lines(actor, plan, today)
    bodies = list({body.agency: None for line in lines for body in line.bodies})
    form = MeasureFilterForm.of(sorted(bodies, key=lambda body: body.name), request.GET or None)
    shown = _filtered(lines, form.cleaned_data) if form.is_valid() else lines
    context = {
        "plan": plan,
        "lines": shown,
        "all": len(lines),
        "counts": queries.count_states(lines),
        "form": form,
        "may_keep": authorization.allows(actor, "measures.keep", plan),
        "publications": publications.list_publications(actor).filter(plan=plan),
        "owns_reports": bool(queries.list_due_reports(actor, today, plan)),
    }
    return TemplateResponse(request, "measures/plan.html", context)


def _filtered(lines: list[MeasureLine], data: dict[str, str]) -> list[MeasureLine]:
    return [
        line
        for line in lines
        if data["state"] in ("", line.state)
        and data["direction"] in ("", line.measure.direction)
        and (not data["body"] or data["body"] in {str(body.agency_id) for body in line.bodies})
    ]


@pages.page("measures.keep")
@GET_OR_POST
def import_plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check the table of an act, then import the same file."""
    actor = actor_of(request)
    plan = authorization.find(actor, MeasurePlan, action="measures.keep", pk=pk)
    form = ActForm.of(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return _import_page(request, plan, form)
    file, lang = form.upload(), form.cleaned_data["lang"]
    writes = request.POST.get("do") == "import"
    if writes and request.POST.get("checked") != digest_of(file, lang):
        form.add_error("file", _("This is not the file that was checked, or an answer changed. Check it first."))
        return _import_page(request, plan, form)
    preview = import_act(actor, plan, file, lang, dry_run=not writes)
    if writes and not preview.faults:
        messages.success(request, _("The table is imported."))
        return redirect("measures:plan", pk=plan.pk)
    return _import_page(request, plan, form, preview)


def _import_page(
    request: HttpRequest, plan: MeasurePlan, form: ActForm, preview: ActPreview | None = None
) -> HttpResponse:
    context: dict[str, object] = {"plan": plan, "form": form, "preview": preview}
    if preview:
        context["faults"] = [(fault, sentence(fault)) for fault in preview.faults]
        context["new"] = [(measure, preview.bodies_of.get(measure.number, [])) for measure in preview.new]
    return TemplateResponse(request, "measures/import.html", context)


@pages.page("measures.name")
@GET_OR_POST
def name_bodies(request: HttpRequest) -> HttpResponse:
    """Show the short names of bodies, and record one."""
    actor = actor_of(request)
    form = BodyNameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = BodyName(owner=agency_of(actor), **form.cleaned_data)
        if try_save(form, lambda: services.name_body(actor, row)):
            messages.success(request, _("The name is recorded."))
            return redirect("measures:names")
    names = authorization.scope(actor, BodyName, action="measures.name").select_related("agency")
    return TemplateResponse(request, "measures/names.html", {"form": form, "names": names})
