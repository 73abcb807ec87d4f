"""Pages of campaigns and of the hotline register."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kerege.base.errors import BadInput
from kerege.casework.awareness import queries, services
from kerege.casework.awareness.forms import CampaignForm, CampaignYearForm, HotlineContactForm
from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.pages.page_of_rows import get_page_of_rows

GET_OR_POST = require_http_methods(["GET", "POST"])
PER_PAGE = 25


@pages.page("campaigns.list")
@require_GET
def show_campaigns(request: HttpRequest) -> HttpResponse:
    """Show campaigns with plan, reach and hotline contacts."""
    actor = actor_of(request)
    years = sorted({day.year for day in queries.list_campaigns(actor).dates("starts_on", "year")}, reverse=True)
    form = CampaignYearForm(years, request.GET or None)
    year = int(form.cleaned_data["year"] or 0) if form.is_valid() else 0
    page = get_page_of_rows(queries.list_campaigns(actor, year or None), PER_PAGE, request.GET.get("page"))
    context = {"page": page, "lines": queries.build_lines(actor, page.object_list), "form": form}
    return TemplateResponse(
        request, "awareness/list.html", context | {"may_record": authorization.allows(actor, "campaigns.record")}
    )


@pages.page("campaigns.record")
@GET_OR_POST
def new_campaign(request: HttpRequest) -> HttpResponse:
    """Record a campaign, planned or begun."""
    actor = actor_of(request)
    form = CampaignForm(None, request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try_save(
            form, lambda values: services.record_campaigns(actor, [Campaign(agency=agency_of(actor), **values)])
        )
    ):
        messages.success(request, _("The campaign is recorded."))
        return redirect("awareness:list")
    return TemplateResponse(request, "awareness/campaign.html", {"form": form})


@pages.page("campaigns.list")
@require_GET
def show_campaign(request: HttpRequest, pk: Any) -> HttpResponse:
    """Show a campaign: theme, languages, materials, plan, reach by channel."""
    actor = actor_of(request)
    row = authorization.find(
        actor, Campaign, action="campaigns.list", rows=Campaign.objects.select_related("agency"), pk=pk
    )
    context = {
        "campaign": row,
        "line": queries.build_lines(actor, [row])[0],
        "reach": queries.list_channel_reach(row),
        "may_change": authorization.allows(actor, "campaigns.change", row),
    }
    return TemplateResponse(request, "awareness/read.html", context)


@pages.page("campaigns.change")
@GET_OR_POST
def change_campaign(request: HttpRequest, pk: Any) -> HttpResponse:
    """Change the plan of a campaign, or record its reach and cost."""
    actor = actor_of(request)
    row = authorization.find(
        actor, Campaign, action="campaigns.change", rows=Campaign.objects.select_related("agency"), pk=pk
    )
    form = CampaignForm(row, request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and _try_save(form, lambda values: services.change_campaign(actor, row, values))
    ):
        messages.success(request, _("The campaign is saved."))
        return redirect("awareness:read", pk=row.pk)
    context = {"form": form, "campaign": row, "line": queries.build_lines(actor, [row])[0]}
    return TemplateResponse(
        request, "awareness/campaign.html", context | {"planned": row.starts_on > timezone.localdate()}
    )


def _try_save(form: CampaignForm, save: Any) -> bool:
    try:
        save(form.values)
    except BadInput as error:
        form.add_error(None, [f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults])
        return False
    return True


@pages.page("campaigns.change")
@require_POST
def remove_campaign(request: HttpRequest, pk: Any) -> HttpResponse:
    """Remove a campaign that has not begun."""
    actor = actor_of(request)
    row = authorization.find(actor, Campaign, action="campaigns.change", pk=pk)
    try:
        services.remove_campaign(actor, row)
        messages.success(request, _("The campaign is removed."))
    except BadInput as error:
        messages.warning(request, " ".join(f"{_(fault.what)}: {_(fault.todo)}." for fault in error.faults))
    return redirect("awareness:list")


@pages.page("contacts.record")
@GET_OR_POST
def record_contact(request: HttpRequest) -> HttpResponse:
    """Show the hotline register: a short form for each call, and today's calls."""
    actor = actor_of(request)
    form = HotlineContactForm(request.POST or None, initial={"channel": "phone"})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        services.record_contacts(actor, [HotlineContact(agency=agency_of(actor), at=timezone.now(), **data)])
        messages.success(request, _("The contact is recorded."))
        if _is_possible_victim(data) and authorization.allows(actor, "signals.send"):
            messages.info(request, _("A person may need help. Send the signal now, while you remember."))
            return redirect("intake:new-signal")
        return redirect("awareness:contacts")
    rows, count = queries.list_todays_contacts(actor)
    return TemplateResponse(request, "awareness/contacts.html", {"form": form, "rows": rows, "count": count})


def _is_possible_victim(data: dict[str, Any]) -> bool:
    return bool(data["topic"] == "trafficking" or data["outcome"] == "signal")
