"""Pages on which a summary is prepared for the public, approved, returned and withdrawn."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.coordination.forms import ReportDecisionForm
from kerege.coordination.measures import public_summary, publications, queries
from kerege.coordination.measures.forms import PublicationRequestForm, WithdrawalForm
from kerege.coordination.measures.models import MeasurePlan, PlanPublication
from kerege.coordination.views import DECISIONS, GET_OR_POST, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.authorization import Actor
from kerege.web.forms import pressed_button


@pages.page("measures.keep")
@GET_OR_POST
def request_publication(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a half-year as the public will read it, and ask a publisher to approve it."""
    actor, today = actor_of(request), timezone.localdate()
    plan = authorization.find(actor, MeasurePlan, action="measures.keep", pk=pk)
    halves = [half for half in queries.list_plan_halves(plan, today) if publications.is_final(half, today)]
    asked = request.GET.get("half", "")
    half = asked if asked in halves else next(iter(halves), "")
    form = PublicationRequestForm(request.POST if request.method == "POST" else None)  # without a field, it is empty
    asks = request.method == "POST" and form.is_valid()
    asked_half = asked or half  # never another half-year than the one that was asked for
    if asks and try_save(form, lambda: publications.request_publication(actor, plan, asked_half, today)):
        messages.success(request, _("The summary waits for the approval of a publisher."))
        return redirect("measures:plan", pk=plan.pk)
    page = public_summary.read(public_summary.compose(queries.summarise(actor, plan, half, today))) if half else None
    context = {"plan": plan, "halves": halves, "half": half, "page": page, "form": form}
    return TemplateResponse(request, "measures/publish.html", context)


@pages.page("measures.list_publications")
@GET_OR_POST
def show_publication(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a stored summary; a publisher approves, returns or withdraws it."""
    actor = actor_of(request)
    rows = publications.list_publications(actor)
    publication = authorization.find(actor, PlanPublication, action="measures.list_publications", rows=rows, pk=pk)
    may_decide = authorization.allows(actor, "measures.approve", publication)
    is_own = publication.submitted_by == actor.label
    form, withdrawal = ReportDecisionForm(request.POST or None), WithdrawalForm(request.POST or None)
    if request.method == "POST":
        authorization.require(actor, "measures.approve", publication)
        act = pressed_button(request.POST, *DECISIONS, "withdraw")
        used = withdrawal if act == "withdraw" else form
        if used.is_valid() and try_save(used, lambda: _decide(actor, publication, act, used)):
            messages.success(request, _("The decision is recorded."))
            return redirect("measures:publication", pk=publication.pk)
    context = {
        "publication": publication,
        "page": public_summary.read(publication.content),
        "may_decide": may_decide and not is_own,
        "is_own": is_own,
        "form": form,
        "withdrawal": withdrawal,
        "may_withdraw": may_decide,
    }
    return TemplateResponse(request, "measures/publication.html", context)


def _decide(
    actor: Actor, publication: PlanPublication, act: str, form: ReportDecisionForm | WithdrawalForm
) -> PlanPublication:
    if isinstance(form, WithdrawalForm):
        return publications.withdraw(actor, publication, form.texts("reasons"))
    return publications.decide(actor, publication, accept=act == "accept", remark=form.cleaned_data["remark"])
