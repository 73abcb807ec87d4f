"""Pages of transfer requests: the request, the coordinator's queue, the owner's answer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput
from kerege.casework.assistance.forms import handovers as handover_forms
from kerege.casework.assistance.models.handovers import TransferRequest
from kerege.casework.assistance.queries import handovers
from kerege.casework.assistance.services import transfer_requests
from kerege.casework.assistance.views.handovers import _show_faults
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.queries import identities as vault
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor


@pages.page("transfers.request")
@BOTH
def request_transfer(request: HttpRequest) -> HttpResponse:
    """Request the case of a person whom another agency helps; the reply never reveals a match.

    The search page opens the form with the search text in the POST body, so that no URL contains it.
    """
    actor = actor_of(request)
    if request.POST.get("step") == "open":
        return _open_from_search(request, actor)
    form = handover_forms.TransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        transfer_requests.request_transfer(actor, agency_of(actor), **form.cleaned_data)
        messages.success(
            request, _("Your request is with the coordinator. If the person agrees, the case is offered to you.")
        )
        return redirect("assistance:request-transfer")
    context = {"form": form, "sent": handovers.list_own_requests(actor)}
    return TemplateResponse(request, "assistance/transfer_new.html", context)


def _open_from_search(request: HttpRequest, actor: Actor) -> HttpResponse:
    search_fields = {name: request.POST.get(name, "") for name in ("key", "text")}
    context = {
        "form": handover_forms.TransferForm(initial=search_fields),
        "sent": handovers.list_own_requests(actor),
        # the language switch repeats the POST, so that no URL contains the search text
        "repost": [("step", "open"), *search_fields.items()],
    }
    return TemplateResponse(request, "assistance/transfer_new.html", context)


@pages.page("transfers.pass_on")
@BOTH
def transfer_queue(request: HttpRequest) -> HttpResponse:
    """Show the coordinator's queue: pass a request on to the owner, or end it."""
    actor = actor_of(request)
    form = handover_forms.EndTransferForm(request.POST if request.POST.get("do") == "end" else None)
    waiting = handovers.list_requests_for_coordinator(actor)
    if request.method == "POST":
        row = next((row for row in waiting if str(row.pk) == request.POST.get("transfer")), None)
        try:
            if row and request.POST.get("do") == "pass_on":
                transfer_requests.pass_on(actor, row)
                messages.success(request, _("The request is with the agency that helps the person."))
            elif row and form.is_valid():
                transfer_requests.end_request(actor, row, form.cleaned_data["reason"], "transfers.pass_on")
                messages.success(request, _("The request has ended."))
        except BadInput as error:
            _show_faults(request, error)
        return redirect("assistance:transfer-queue")
    return TemplateResponse(request, "assistance/transfer_queue.html", {"waiting": waiting, "form": form})


@pages.page("transfers.answer")
@BOTH
def answer_transfer(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a request to the owner and end it; the reply is the same for every reason."""
    actor = actor_of(request)
    rows = TransferRequest.objects.select_related("agency", "case__agency")
    row = authorization.find(actor, TransferRequest, action="transfers.answer", rows=rows, pk=pk)
    form = handover_forms.EndTransferForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            transfer_requests.end_request(actor, row, form.cleaned_data["reason"], "transfers.answer")
        except BadInput as error:
            _show_faults(request, error)
        else:
            messages.success(
                request, _("The request has ended. The other agency is notified only that no transfer follows.")
            )
        return redirect("assistance:handovers")
    case = load(actor, row.case_id)
    context = bar(actor, case, vault.read(actor, case.record)) | {"transfer": row, "form": form}
    return TemplateResponse(request, "assistance/transfer.html", context)
