"""Pages of covers, and of reassigning many cases."""

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
from kerege.casework.cases.views.tasks import try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.web.undo_messages import undoable


@pages.page("covers.change")
@BOTH
def covers(request: HttpRequest) -> HttpResponse:
    """Show the covers of the agency, and set a new one."""
    actor = actor_of(request)
    agency = agency_of(actor)
    form = CoverForm(agency, actor.user_id, authorization.allows(actor, "team.manage"), request.POST or None)
    is_sent = request.method == "POST" and form.is_valid()
    if is_sent and try_save(form, lambda: delegation.set_cover(actor, agency, **form.cleaned_data)):
        messages.success(request, _("The cover is set. It ends automatically."))
        return redirect("cases:covers")
    rows = workload.list_covers(actor)
    endable = set(
        authorization.scope(actor, Cover, action="covers.change").filter(ended_at=None).values_list("pk", flat=True)
    )
    return TemplateResponse(request, "cases/covers.html", {"form": form, "rows": rows, "ends": endable})


@pages.page("covers.change")
@require_POST
def cover_end(request: HttpRequest, pk: Any) -> HttpResponse:
    """End a cover early."""
    actor = actor_of(request)
    delegation.end_cover(actor, authorization.find(actor, Cover, action="covers.change", pk=pk))
    messages.success(request, _("The cover has ended."))
    return redirect("cases:covers")


@pages.page("team.manage")
@require_http_methods(["GET", "POST"])
def reassign(request: HttpRequest) -> HttpResponse:
    """Assign the ticked cases, or all that match the filters of the list, to one colleague."""
    actor = actor_of(request)
    agency = agency_of(actor)
    ids = _chosen_case_ids(actor, request)
    if not ids:
        messages.info(request, _("Select the cases to reassign."))
        return redirect("cases:list")
    is_confirmed = request.method == "POST" and "to" in request.POST
    form = ReassignForm(agency, request.POST if is_confirmed else None)
    if is_confirmed and form.is_valid():
        fresh: list[Reassignment] = []
        if try_save(form, lambda: fresh.append(delegation.reassign(actor, agency, ids, **form.cleaned_data))):
            count = len(fresh[0].moves)
            words = ngettext("%(n)d case is assigned to %(name)s.", "%(n)d cases are assigned to %(name)s.", count)
            undo_url = reverse("cases:undo-reassignment", kwargs={"pk": fresh[0].pk})
            undoable(request, words % {"n": count, "name": form.cleaned_data["to"].full_name}, undo_url)
            return redirect("cases:list")
    rows = Case.objects.filter(pk__in=ids).select_related("caseworker").order_by("reference")
    context = {"form": form, "rows": rows, "count": len(ids), "most": MOST_AT_ONCE}
    return TemplateResponse(request, "cases/reassign.html", context)


def _chosen_case_ids(actor: Actor, request: HttpRequest) -> list[UUID]:
    """Return the ids of the chosen cases that the agency owns, at most one above the limit.

    With `all`, these are all cases that match the filters of the list.
    """
    data = request.POST if request.method == "POST" else request.GET
    own = authorization.scope(actor, Case, action="cases.change").filter(agency=actor.agency_id)
    if data.get("all"):
        matching = cases.case_list(actor, FilterForm(agency_of(actor), QueryDict(data["all"])).filters())
        own = own.filter(pk__in=matching.values("pk"))
    else:
        own = own.filter(pk__in=[pk for text in data.getlist("case") if (pk := _parse_uuid(text))])
    return list(own.order_by().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])


def _parse_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@pages.page("reassignments.undo")
@require_POST
def undo_reassignment(request: HttpRequest, pk: Any) -> HttpResponse:
    """Return the cases to their earlier caseworkers."""
    actor = actor_of(request)
    row = authorization.find(actor, Reassignment, action="reassignments.undo", pk=pk)
    if row.undone_at is None:
        count = delegation.undo_reassignment(actor, row)
        words = ngettext("%(n)d case was returned.", "%(n)d cases were returned.", count)
        messages.success(request, words % {"n": count})
    return redirect("cases:list")
