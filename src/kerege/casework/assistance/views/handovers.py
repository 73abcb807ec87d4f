"""Pages of handovers: overview, preview of a caseload, offer, answers, pack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from kerege.base.errors import BadInput
from kerege.casework.assistance.forms import handovers as handover_forms
from kerege.casework.assistance.models.handovers import Handover, HandoverOffer
from kerege.casework.assistance.queries import handovers as handover_queries
from kerege.casework.assistance.queries.handover_pack import build_pack
from kerege.casework.assistance.services import handover_undo
from kerege.casework.assistance.services import handovers as handover_services
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.core.pages.page_of_rows import get_page_of_rows
from kerege.vocabulary.profile import active

PER_PAGE = 50
SHOWN = 100


@pages.page("handovers.view")
@require_GET
def show_handovers(request: HttpRequest) -> HttpResponse:
    """Show offers to answer, offers sent, and offers that can be undone."""
    actor = actor_of(request)
    context = handover_queries.list_offers(actor) | {"asked": handover_queries.list_requests_to_answer(actor)}
    return TemplateResponse(request, "assistance/handovers.html", context)


@pages.page("handovers.offer")
@BOTH
@pages.stepped_up_to_post
def offer_caseload(request: HttpRequest) -> HttpResponse:
    """Choose a caseload and a receiver, preview the groups, then offer."""
    return _show_offer(request, None)


@pages.page("handovers.offer")
@BOTH
@pages.stepped_up_to_post
def offer_case(request: HttpRequest, pk: Any) -> HttpResponse:
    """Choose a receiver for one case, preview it, then offer."""
    return _show_offer(request, load(actor_of(request), pk, "handovers.offer"))


def _show_offer(request: HttpRequest, case: Case | None) -> HttpResponse:
    actor = actor_of(request)
    parameters = request.POST if request.method == "POST" else request.GET
    workers = None if case else handover_queries.list_caseworkers(actor)
    form = handover_forms.CaseloadForm(agency_of(actor), workers, parameters if "to_agency" in parameters else None)
    context: dict[str, Any] = {"form": form, "case": case, "undo_hours": active().handover.undo_hours}
    if form.is_bound and form.is_valid():
        receiver, worker = form.cleaned_data["to_agency"], form.cleaned_data.get("worker", "")
        cases = list(handover_queries.list_caseload(actor, worker, case))
        if request.method == "POST":
            try:
                row = handover_services.offer(actor, cases, receiver)
            except BadInput as error:
                _show_faults(request, error)
            else:
                messages.success(request, _("The offer is in the receiver's inbox. Nothing has moved yet."))
                return redirect("assistance:handover", pk=row.pk)
        result, staying = handover_queries.preview_caseload(cases, receiver)
        context |= {
            "sorted": result,
            "receiver": receiver,
            "staying": [group for group in staying if group.cases],
            "moving": result.groups["consented"],
            "moving_count": len(result.groups["consented"]),
            "shown": SHOWN,
        }
    return TemplateResponse(request, "assistance/handover_new.html", context)


@pages.page("handovers.view")
@BOTH
@pages.stepped_up_to("accept", "accept_all")
def show_handover(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show an offer and handle its actions: accept, decline, withdraw, undo."""
    actor = actor_of(request)
    rows = HandoverOffer.objects.select_related("from_agency", "to_agency")
    row = authorization.find(actor, HandoverOffer, action="handovers.view", rows=rows, pk=pk)
    form = handover_forms.HandoverAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (action := ACTIONS.get(request.POST.get("do", ""))):
        try:
            messages.success(request, action(actor, row, request))
        except BadInput as error:
            _show_faults(request, error)
        return redirect(request.get_full_path())
    all_handovers = handover_queries.list_handovers(row)
    page = get_page_of_rows(all_handovers, PER_PAGE, request.GET.get("page"))
    lines = handover_queries.build_lines(actor, page.object_list)
    receives = row.to_agency_id == actor.agency_id
    context = {
        "offer": row,
        "page": page,
        "lines": lines,
        "form": form,
        "receives": receives,
        "waiting": sum(entry.status == "offered" for entry in all_handovers),
        "undoable": any(line.undo for line in lines),
        "staying": [] if receives else [group for group in handover_queries.list_staying_groups(row) if group.cases],
        "shown": SHOWN,
    }
    return TemplateResponse(request, "assistance/handover.html", context)


def _get_chosen(row: HandoverOffer, request: HttpRequest) -> list[Handover]:
    """Return the handovers ticked on the page; ids outside this offer are ignored."""
    ticked = set(request.POST.getlist("handover"))
    return [handover for handover in row.handovers.select_related("consent") if str(handover.pk) in ticked]


def _accept_all(actor: Actor, row: HandoverOffer, request: HttpRequest) -> str:
    moved_count, failures = handover_services.accept_all(actor, row)
    return _write_moved(moved_count) + _write_stuck(failures)


def _accept(actor: Actor, row: HandoverOffer, request: HttpRequest) -> str:
    chosen = _get_chosen(row, request)
    for handover in chosen:
        handover_services.accept(actor, handover)
    return _write_moved(len(chosen))


def _decline(actor: Actor, row: HandoverOffer, request: HttpRequest) -> str:
    count = handover_services.decline_handovers(
        actor, _get_chosen(row, request), request.POST.get("decline_reason", "")
    )
    return ngettext("%(n)s case declined.", "%(n)s cases declined.", count) % {"n": count}


def _withdraw(actor: Actor, row: HandoverOffer, request: HttpRequest) -> str:
    count = handover_services.withdraw_handovers(actor, list(row.handovers.filter(status="offered")))
    return ngettext("%(n)s offer withdrawn.", "%(n)s offers withdrawn.", count) % {"n": count}


def _undo(actor: Actor, row: HandoverOffer, request: HttpRequest) -> str:
    chosen = _get_chosen(row, request)
    for handover in chosen:
        handover_undo.undo(actor, handover)
    return ngettext("%(n)s handover undone.", "%(n)s handovers undone.", len(chosen)) % {"n": len(chosen)}


def _write_moved(count: int) -> str:
    message = ngettext("%(n)s case is yours now.", "%(n)s cases are yours now.", count)
    return message % {"n": count}


def _write_stuck(failures: list[tuple[Handover, BadInput]]) -> str:
    if not failures:
        return ""
    return " " + _("%(n)s could not be taken over. The reason is in the offer below.") % {"n": len(failures)}


ACTIONS: dict[str, Callable[[Actor, HandoverOffer, HttpRequest], str]] = {
    "accept_all": _accept_all,
    "accept": _accept,
    "decline": _decline,
    "withdraw": _withdraw,
    "undo": _undo,
}


def _show_faults(request: HttpRequest, error: BadInput) -> None:
    for fault in error.faults:
        messages.error(request, f"{_(fault.what)}: {_(fault.todo)}.")


@pages.page("handovers.read")
@require_GET
@pages.stepped_up
def show_handover_pack(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show the handover pack for printing."""
    actor = actor_of(request)
    rows = Handover.objects.select_related("consent", "from_agency", "to_agency")
    row = authorization.find(actor, Handover, action="handovers.read", rows=rows, pk=pk)
    return TemplateResponse(request, "assistance/handover_pack.html", {"pack": build_pack(actor, row)})
