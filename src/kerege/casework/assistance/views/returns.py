"""Pages of documents and of voluntary return."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.assistance.forms import returns as forms
from kerege.casework.assistance.forms.plans import DayForm
from kerege.casework.assistance.models.documents import Document
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.services import documents, returns
from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import pages
from kerege.core.accounts.actors import actor_of
from kerege.vocabulary import codes


def get_return(case: Case, pk: Any) -> Return:
    """Return a return of the case, or raise Http404."""
    rows = Return.objects.select_related("received_by", "risk_text__data_key", "arrangements__data_key")
    row: Return = get_object_or_404(rows, pk=pk, case=case)
    row.case = case
    return row


def get_return_url(row: Return) -> str:
    """Return the URL of the return's page."""
    return reverse("assistance:journey", args=[row.case_id, row.pk])


@pages.page("cases.change")
@BOTH
def save_document(request: HttpRequest, pk: Any, document: Any = None) -> HttpResponse:
    """Add a document to be restored, or record its steps."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_object_or_404(Document, pk=document, case=case) if document else None
    if row:
        row.case = case
    form = forms.DocumentForm.of(row, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        if row:
            documents.update_document(actor, row, data)
        else:
            documents.want_document(actor, case, Document(**data))

    heading = _("Document") if row else _("Restore a document")
    words = (heading, _("Save"), _("The document is recorded."))
    return save_form(request, case, form, save, words, document=row, template="assistance/document.html")


@pages.page("cases.change")
@BOTH
def add_return(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record the person's decision to return."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    language = next(iter(vault.read(actor, case.record).get("languages", [])), "")
    # only a proposal: the person may choose another country
    country = next((value for value in case.citizenships if value in codes.code_list("country").codes), "")
    form = forms.ReturnForm(country, language, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        data.pop("voluntary")
        returns.plan_return(actor, case, Return(**data))

    words = (_("Return home"), _("Save"), _("The decision is recorded. Assess the risks next."))
    return save_form(request, case, form, save, words, template="assistance/return_new.html")


@pages.page("cases.change")
@require_GET
def show_return(request: HttpRequest, pk: Any, journey: Any) -> HttpResponse:
    """Show a return: risks, journey, follow-ups."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_return(case, journey)
    follow_ups = list(row.follow_ups.select_related("remark__data_key"))
    for follow_up in follow_ups:
        follow_up.text = open_text(follow_up.remark)  # type: ignore[attr-defined]
    context = bar(actor, case, vault.read(actor, case.record)) | {
        "journey": row,
        "risk_text": open_text(row.risk_text),
        "arrangements": open_text(row.arrangements),
        "child": returns.is_child(actor, case, timezone.localdate()),
        "follow_ups": follow_ups,
    }
    return TemplateResponse(request, "assistance/journey.html", context)


@pages.page("cases.change")
@BOTH
def assess_return(request: HttpRequest, pk: Any, journey: Any) -> HttpResponse:
    """Record the risks of a return."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_return(case, journey)
    initial = {name: getattr(row, name) for name in ("risks", "risk_level", "best_interest")}
    initial |= {"assessed_on": row.assessed_on or timezone.localdate(), "risk_text": open_text(row.risk_text)}
    child = returns.is_child(actor, case, timezone.localdate())
    form = forms.ReturnRiskForm(child, request.POST or None, initial=initial)

    def save(data: dict[str, Any]) -> None:
        returns.change_return(actor, row, data, "assessed", sealed="risk_text")

    words = (_("Risks of the return"), _("Save"), _("The risks are recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_return_url(row))


@pages.page("cases.change")
@BOTH
def arrange_return(request: HttpRequest, pk: Any, journey: Any) -> HttpResponse:
    """Record travel and reception."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_return(case, journey)
    initial = {name: getattr(row, name) for name in ("travels_on", "received_by", "escorted", "fit_to_travel")}
    form = forms.TravelForm(request.POST or None, initial=initial | {"arrangements": open_text(row.arrangements)})

    def save(data: dict[str, Any]) -> None:
        returns.change_return(actor, row, data, "arranged", sealed="arrangements")

    words = (_("Travel and reception"), _("Save"), _("Travel and reception are recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_return_url(row))


@pages.page("cases.change")
@BOTH
def record_departure(request: HttpRequest, pk: Any, journey: Any) -> HttpResponse:
    """Record the departure."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_return(case, journey)
    form = DayForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        returns.depart(actor, row, data["on"])

    words = (_("Departure"), _("Save"), _("The departure is recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_return_url(row))


@pages.page("cases.change")
@BOTH
def record_arrival(request: HttpRequest, pk: Any, journey: Any) -> HttpResponse:
    """Record the arrival, from which the follow-ups count."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_return(case, journey)
    form = DayForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        returns.arrived(actor, row, data["on"])

    words = (_("Arrival"), _("Save"), _("The arrival is recorded. The follow-ups are added to the tasks."))
    return save_form(request, case, form=form, save=save, words=words, back=get_return_url(row))


@pages.page("cases.change")
@BOTH
def cancel_return(request: HttpRequest, pk: Any, journey: Any) -> HttpResponse:
    """Cancel a return."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_return(case, journey)
    form = forms.CancelReturnForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        returns.cancel_return(actor, row, data["on"], data["reason"])

    words = (_("Cancel the return"), _("Cancel the return"), _("The return is cancelled."))
    return save_form(request, case, form=form, save=save, words=words, back=get_return_url(row))


@pages.page("cases.change")
@BOTH
def record_follow_up(request: HttpRequest, pk: Any, follow_up: Any) -> HttpResponse:
    """Record the outcome of a follow-up."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_object_or_404(FollowUp.objects.select_related("journey"), pk=follow_up, journey__case=case)
    row.journey.case = case
    form = forms.FollowUpForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        returns.follow_up(actor, row, data["on"], data["outcome"], data["remark"])

    words = (_("Follow-up after the return"), _("Save"), _("The follow-up is recorded."))
    return save_form(
        request,
        case,
        form=form,
        save=save,
        words=words,
        back=get_return_url(row.journey),
        template="assistance/follow_up.html",
    )
