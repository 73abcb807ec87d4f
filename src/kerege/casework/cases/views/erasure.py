"""Pages of legal holds and erasure: request, decision by another user, receipt."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kerege.base.errors import BadInput
from kerege.casework.cases import timeline
from kerege.casework.cases.forms.records import DecideErasureForm, ErasureForm, HoldForm
from kerege.casework.cases.models.records import ErasureRequest, LegalHold
from kerege.casework.cases.services import erasure, legal_holds
from kerege.casework.cases.views.attachments import redirect_to_tab, tab_url
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of

SHOWN = 50


@pages.page("holds.place")
@BOTH
def hold(request: HttpRequest, pk: Any) -> HttpResponse:
    """Place a legal hold."""
    actor = actor_of(request)
    case = load(actor, pk, "holds.place")
    form = HoldForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        legal_holds.place_hold(actor, case, **data)

    words = (_("Place a legal hold"), _("Place the hold"), _("Nothing of this case is removed while the hold runs."))
    return redirect_to_tab(change(request, case, form, save, words=words, versioned=False), pk, "person")


@pages.page("holds.end")
@require_POST
@pages.stepped_up_to_post
def end_hold(request: HttpRequest, pk: Any) -> HttpResponse:
    """End a legal hold."""
    actor = actor_of(request)
    row = authorization.find(actor, LegalHold, action="holds.end", rows=LegalHold.objects.select_related("case"), pk=pk)
    legal_holds.end_hold(actor, row)
    messages.success(request, _("The legal hold has ended."))
    return redirect(tab_url(row.case_id, "person"))


@pages.page("erasure.request")
@BOTH
def ask(request: HttpRequest, pk: Any) -> HttpResponse:
    """Request the erasure of a person."""
    actor = actor_of(request)
    case = load(actor, pk, "erasure.request")
    form = ErasureForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        erasure.request_erasure(actor, case, data["ground"], data["asked_on"])

    words = (_("Ask for erasure"), _("Ask the coordinator"), _("The coordinator decides. Nothing is erased yet."))
    response = change(request, case, form, save, words=words, template="cases/erasure_ask.html", versioned=False)
    return redirect_to_tab(response, pk, "person")


@pages.page("erasure.withdraw")
@require_POST
def withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    """Withdraw a request."""
    actor = actor_of(request)
    row = authorization.find(actor, ErasureRequest, action="erasure.withdraw", pk=pk)
    try:
        erasure.withdraw_erasure(actor, row)
        messages.success(request, _("The request is withdrawn. Nothing is erased."))
    except BadInput:
        messages.error(request, _("This request was decided already."))
    return redirect(tab_url(row.case_id, "person"))


@pages.page("erasure.decide")
@require_GET
def erasures(request: HttpRequest) -> HttpResponse:
    """Show waiting requests, and the latest decided ones."""
    rows = authorization.scope(actor_of(request), ErasureRequest, action="erasure.decide").select_related("agency")
    context = {
        "waiting": list(rows.filter(outcome="").order_by("asked_on", "pk")),
        "decided": list(rows.exclude(outcome="").order_by("-decided_at", "pk")[:SHOWN]),
    }
    return TemplateResponse(request, "cases/erasures.html", context)


@pages.page("erasure.decide")
@BOTH
@pages.stepped_up_to_post
def decide_erasure(request: HttpRequest, pk: Any) -> HttpResponse:
    """Decide a request: erase the person, or decline with a reason."""
    actor = actor_of(request)
    rows = ErasureRequest.objects.select_related("agency", "person")
    row = authorization.find(actor, ErasureRequest, action="erasure.decide", rows=rows, pk=pk)
    form = DecideErasureForm(request.POST or None)
    if row.outcome:
        return redirect("cases:erasure-receipt", pk=pk)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["outcome"] == "erased":
                erasure.approve_erasure(actor, row)
            else:
                erasure.decline_erasure(actor, row, form.cleaned_data["refusal"])
        except BadInput as error:
            form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        else:
            return redirect("cases:erasure-receipt", pk=pk)
    known = timeline.directory([row.requested_by])
    context = {
        "row": row,
        "form": form,
        "by": known.worker(row.requested_by),
        "own": row.requested_by == actor.label,
        "obstacles": erasure.find_obstacles(row.person),
    }
    return TemplateResponse(request, "cases/erasure.html", context)


@pages.page("erasure.receipt")
@require_GET
def erasure_receipt(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the receipt of an erasure: data erased, time and user. It does not name the person."""
    actor = actor_of(request)
    rows = ErasureRequest.objects.select_related("agency")
    row = authorization.find(actor, ErasureRequest, action="erasure.receipt", rows=rows, pk=pk)
    known = timeline.directory([row.requested_by, row.decided_by])
    context = {"row": row, "asked_by": known.worker(row.requested_by), "decided_by": known.worker(row.decided_by)}
    return TemplateResponse(request, "cases/erasure_receipt.html", context)
