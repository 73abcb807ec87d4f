"""Pages of the plan."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.assistance.forms import plans as forms
from kerege.casework.assistance.models.plans import Goal, Plan, PlanReview
from kerege.casework.assistance.queries import plans as queries
from kerege.casework.assistance.services import plans
from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases import timeline
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.approvals import needs_approval
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import pages
from kerege.core.accounts.actors import actor_of

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def get_plan(case: Case, pk: Any) -> Plan:
    """Return a plan of the case, or raise Http404."""
    row: Plan = get_object_or_404(Plan, pk=pk, case=case)
    row.case = case
    return row


def get_plan_url(row: Plan) -> str:
    """Return the URL of the plan's page."""
    return reverse("assistance:plan", args=[row.case_id, row.pk])


@pages.page("cases.change")
@BOTH
def add_plan(request: HttpRequest, pk: Any) -> HttpResponse:
    """Begin a plan."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    form = forms.PlanForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.begin_plan(actor, case, Plan(**data))

    words = (_("Begin a plan"), _("Begin the plan"), _("The plan has begun. Add its goals now."))
    return save_form(request, case, form, save, words)


@pages.page("cases.change")
@require_GET
def show_plan(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """Show a plan: goals with their services, reviews, agreement."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    reviews = list(row.reviews.select_related("text__data_key"))
    directory = timeline.directory(review.reviewed_by for review in reviews)
    for review in reviews:
        review.words, review.by = open_text(review.text), directory.worker(review.reviewed_by)  # type: ignore[attr-defined]
    context = bar(actor, case, vault.read(actor, case.record)) | {
        "plan": row,
        "goals": queries.list_goals(row),
        "reviews": reviews,
        "languages": LANGUAGES,
        "approval": case.approvals.filter(kind="plan", subject=row.pk).last(),
        "asks": needs_approval("plan"),
    }
    return TemplateResponse(request, "assistance/plan.html", context)


@pages.page("cases.change")
@BOTH
def ask_approval(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """Ask a supervisor to approve the plan."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    form = forms.ApprovalForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.ask_for_approval(actor, row, data["comment"])

    words = (
        _("Ask for approval of the plan"),
        _("Request approval"),
        _("The request is sent to a supervisor. Help continues."),
    )
    return save_form(request, case, form=form, save=save, words=words, back=get_plan_url(row))


@pages.page("cases.change")
@require_GET
def print_plan(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """Print the plan in the person's language if the app has it, without the name or the reason for help."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    person_languages = vault.read(actor, case.record).get("languages", [])
    candidates = [request.GET.get("in"), *person_languages, request.LANGUAGE_CODE]
    language = next((code for code in candidates if code in LANGUAGES), LANGUAGES[0])
    with translation.override(language):
        context = {
            "case": case,
            "plan": row,
            "goals": queries.list_goals(row),
            "languages": LANGUAGES,
            "language": language,
        }
        return TemplateResponse(request, "assistance/plan_print.html", context).render()


@pages.page("cases.change")
@BOTH
def add_goal(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """Add a goal."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    form = forms.GoalForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.add_goal(actor, row, data["domain"], data["text"], data["by"])

    words = (_("Add a goal"), _("Add the goal"), _("The goal is added."))
    return save_form(request, case, form, save, words)


@pages.page("cases.change")
@BOTH
def end_goal(request: HttpRequest, pk: Any, goal: Any) -> HttpResponse:
    """Record the outcome of a goal."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_object_or_404(Goal.objects.select_related("plan"), pk=goal, plan__case=case)
    row.plan.case = case
    form = forms.EndGoalForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.end_goal(actor, row, data["outcome"], data["on"])

    words = (_("Result of a goal"), _("Save"), _("The result is recorded."))
    return save_form(request, case, form, save, words)


@pages.page("cases.change")
@BOTH
def record_agreement(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """Record the person's answer to the plan."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    language = next(iter(vault.read(actor, case.record).get("languages", [])), "")
    form = forms.AgreementForm(language, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.agree(actor, row, data)

    words = (_("Answer of the person"), _("Save"), _("The answer is recorded."))
    return save_form(
        request, case, form=form, save=save, words=words, back=get_plan_url(row), template="assistance/agree.html"
    )


@pages.page("cases.change")
@BOTH
def record_review(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """Record a review of the plan."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    form = forms.PlanReviewForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.review(actor, row, PlanReview(on=data["on"], result=data["result"]), data["text"], data["next_on"])

    words = (_("Review the plan"), _("Save"), _("The review is recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_plan_url(row))


@pages.page("cases.change")
@BOTH
def end_plan(request: HttpRequest, pk: Any, plan: Any) -> HttpResponse:
    """End a plan; services go on."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_plan(case, plan)
    form = forms.DayForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        plans.end_plan(actor, row, data["on"])

    words = (_("End the plan"), _("End the plan"), _("The plan has ended. Services continue."))
    return save_form(request, case, form, save, words)
