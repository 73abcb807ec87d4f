"""Pages of commissions: list, new, one commission with members and decisions."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.coordination.commissions import queries, services
from kerege.coordination.commissions.forms import CommissionForm, MemberForm
from kerege.coordination.commissions.models import Commission, CommissionMember
from kerege.coordination.views import GET_OR_POST, try_save
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of


@pages.page("commissions.read")
@require_GET
def list_commissions(request: HttpRequest) -> HttpResponse:
    """Show the commissions with the numbers of their decisions by state."""
    actor, today = actor_of(request), timezone.localdate()
    lines = queries.list_resolutions(actor, today)
    rows = [
        (row, queries.count_states(line for line in lines if line.resolution.meeting.commission_id == row.pk))
        for row in queries.list_commissions(actor)
    ]
    context = {"rows": rows, "may_set_up": authorization.allows(actor, "commissions.set_up")}
    return TemplateResponse(request, "commissions/list.html", context)


@pages.page("commissions.set_up")
@GET_OR_POST
def new_commission(request: HttpRequest) -> HttpResponse:
    """Set up a commission."""
    actor = actor_of(request)
    form = CommissionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = Commission(**form.cleaned_data)
        if try_save(form, lambda: services.set_up(actor, row)):
            messages.success(request, _("The commission is set up."))
            return redirect("commissions:commission", pk=row.pk)
    return TemplateResponse(request, "commissions/form.html", {"form": form, "title": _("Set up a commission")})


@pages.page("commissions.read")
@require_GET
def show_commission(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a commission: meetings, decisions, members."""
    actor, today = actor_of(request), timezone.localdate()
    row = authorization.find(actor, Commission, action="commissions.read", pk=pk)
    lines = queries.list_resolutions(actor, today, meeting__commission=row)
    context = {
        "commission": row,
        "members": queries.list_members(actor, row, today),
        "meetings": queries.list_meetings(actor, row),
        "lines": lines,
        "counts": queries.count_states(lines),
        "may_keep": authorization.allows(actor, "commissions.keep", row),
    }
    return TemplateResponse(request, "commissions/commission.html", context)


@pages.page("commissions.keep")
@GET_OR_POST
def add_member(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a body as a member of a commission."""
    actor = actor_of(request)
    row = authorization.find(actor, Commission, action="commissions.keep", pk=pk)
    form = MemberForm(request.POST or None, initial={"post": "member"})
    if request.method == "POST" and form.is_valid():
        member = CommissionMember(commission=row, **form.cleaned_data)
        if try_save(form, lambda: services.add_member(actor, member)):
            messages.success(request, _("The member is added."))
            return redirect("commissions:commission", pk=row.pk)
    context = {"form": form, "commission": row, "title": _("Add a member")}
    return TemplateResponse(request, "commissions/form.html", context)
