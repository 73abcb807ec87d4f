"""Views of the administrator: details of an agency, and the requests to move or close it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts import agency_changes, agency_details
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency, AgencyChange
from kerege.core.accounts.open_work import blocks_closing, list_agency_work
from kerege.core.admin.accounts.forms import AgencyChangeForm, AgencyDetailsForm
from kerege.core.authorization import Actor, Denied


@pages.page("agencies.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, agency: UUID) -> HttpResponse:
    """Change names, region, country and languages of an agency on POST; list its moves and its closing."""
    actor = actor_of(request)
    row = authorization.find(actor, Agency, action="agencies.edit", pk=agency)
    form = AgencyDetailsForm(request.POST or None, initial=AgencyDetailsForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        agency_details.edit_agency(actor, row, form.details())
        messages.success(request, _("The details of the agency are changed."))
        return redirect("accounts:agencies")
    context = {
        "form": form,
        "agency": row,
        "abilities": agency_details.list_abilities(row.kind),
        "changes": agency_changes.list_changes(row),
        "may_move": authorization.allows(actor, "agencies.move", row),
        "may_close": authorization.allows(actor, "agencies.close", row),
    }
    return render(request, "accounts/edit_agency.html", context)


@pages.page("agencies.move")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def move(request: HttpRequest, agency: UUID) -> HttpResponse:
    """Ask to move an agency below another one."""
    actor = actor_of(request)
    row = authorization.find(actor, Agency, action="agencies.move", pk=agency)
    return _ask(request, actor, row, AgencyChange.Kind.MOVE)


@pages.page("agencies.close")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def close(request: HttpRequest, agency: UUID) -> HttpResponse:
    """List what must be handed over before an agency closes; ask to close it when nothing is left."""
    actor = actor_of(request)
    row = authorization.find(actor, Agency, action="agencies.close", pk=agency)
    return _ask(request, actor, row, AgencyChange.Kind.CLOSE)


def _ask(request: HttpRequest, actor: Actor, agency: Agency, kind: str) -> HttpResponse:
    form = AgencyChangeForm(request.POST or None, agency=agency, kind=kind)
    if request.method == "POST" and form.is_valid() and _try_request(actor, agency, form):
        messages.success(request, _("The request waits for a second person."))
        return redirect("accounts:edit-agency", agency=agency.pk)
    work = list_agency_work(agency) if kind == AgencyChange.Kind.CLOSE else []
    context = {
        "form": form,
        "agency": agency,
        "kind": kind,
        "work": work,
        "is_blocked": blocks_closing(work),
    }
    return render(request, "accounts/change_agency.html", context)


def _try_request(actor: Actor, agency: Agency, form: AgencyChangeForm) -> bool:
    """Ask for the change, or add the faults to the form; return whether it was asked for."""
    try:
        agency_changes.request_change(actor, agency, form.draft())
    except Denied:
        raise
    except BadInput as bad:
        form.add_error(None, [f"{fault.what}, {fault.todo}" for fault in bad.faults])
    except Refused as refused:
        form.add_error(None, str(refused))
    return form.is_valid()
