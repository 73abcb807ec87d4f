"""Who steps in for whom, and cases given away in bulk."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from kerege.casework.cases.forms.case import FilterForm
from kerege.casework.cases.forms.workload import CoverForm, ReassignForm
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.workload import Cover, Reassignment
from kerege.casework.cases.queries import cases, workload
from kerege.casework.cases.services import delegation
from kerege.casework.cases.services.delegation import MOST_AT_ONCE
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.cases.views.tasks import tried
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.web.undo_messages import undoable


@pages.page("covers.change")
@BOTH
def covers(request: HttpRequest) -> HttpResponse:
    """Who is away and who steps in; a new absence."""
    actor = actor_of(request)
    agency = agency_of(actor)
    form = CoverForm(agency, actor.user_id, authorization.allows(actor, "team.manage"), request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent and tried(form, lambda: delegation.set_cover(actor, agency, **form.cleaned_data)):
        messages.success(request, _("The cover is set. It ends by itself."))
        return redirect("cases:covers")
    rows = workload.covers(actor)
    ends = set(
        authorization.scope(actor, Cover, action="covers.change").filter(ended_at=None).values_list("pk", flat=True)
    )
    return TemplateResponse(request, "cases/covers.html", {"form": form, "rows": rows, "ends": ends})


@pages.page("covers.change")
@require_POST
def cover_end(request: HttpRequest, pk: Any) -> HttpResponse:
    """The colleague is back."""
    actor = actor_of(request)
    delegation.end_cover(actor, authorization.find(actor, Cover, action="covers.change", pk=pk))
    messages.success(request, _("The cover has ended."))
    return redirect("cases:covers")


@pages.page("team.manage")
@require_http_methods(["GET", "POST"])
def reassign(request: HttpRequest) -> HttpResponse:
    """Cases ticked on the list, or all that fit its filters, go to one colleague."""
    actor = actor_of(request)
    agency = agency_of(actor)
    ids = _chosen(actor, request)
    if not ids:
        messages.info(request, _("Tick the cases that are to go to somebody else."))
        return redirect("cases:list")
    confirmed = request.method == "POST" and "to" in request.POST
    form = ReassignForm(agency, request.POST if confirmed else None)
    if confirmed and form.is_valid():
        found: list[Reassignment] = []
        if tried(form, lambda: found.append(delegation.reassign(actor, agency, ids, **form.cleaned_data))):
            count = len(found[0].moves)
            words = ngettext("%(n)d case is given to %(name)s.", "%(n)d cases are given to %(name)s.", count)
            back = reverse("cases:undo-reassignment", kwargs={"pk": found[0].pk})
            undoable(request, words % {"n": count, "name": form.cleaned_data["to"].full_name}, back)
            return redirect("cases:list")
    rows = Case.objects.filter(pk__in=ids).select_related("caseworker").order_by("reference")
    context = {"form": form, "rows": rows, "count": len(ids), "most": MOST_AT_ONCE}
    return TemplateResponse(request, "cases/reassign.html", context)


def _chosen(actor: Actor, request: HttpRequest) -> list[UUID]:
    """The ticked cases that are the agency's own; with `all`, every case that fits the filters of the list."""
    told = request.POST if request.method == "POST" else request.GET
    own = authorization.scope(actor, Case, action="cases.change").filter(agency=actor.agency_id)
    if told.get("all"):
        found = cases.case_list(actor, FilterForm(agency_of(actor), QueryDict(told["all"])).filters())
        own = own.filter(pk__in=found.values("pk"))
    else:
        own = own.filter(pk__in=[pk for text in told.getlist("case") if (pk := _uuid(text))])
    return list(own.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@pages.page("reassignments.undo")
@require_POST
def undo_reassignment(request: HttpRequest, pk: Any) -> HttpResponse:
    """Give the cases back."""
    actor = actor_of(request)
    row = authorization.find(actor, Reassignment, action="reassignments.undo", pk=pk)
    if row.undone_at is None:
        count = delegation.undo_reassignment(actor, row)
        words = ngettext("%(n)d case went back.", "%(n)d cases went back.", count)
        messages.success(request, words % {"n": count})
    return redirect("cases:list")
