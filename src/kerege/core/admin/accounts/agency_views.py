"""Views of the administrator: agencies below this one, and the details of an agency."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kerege.core import authorization, pages
from kerege.core.accounts import agency_details
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency
from kerege.core.admin.accounts.forms import AgencyDetailsForm


@pages.page("agencies.edit")
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, agency: UUID) -> HttpResponse:
    """Change names, region, country and languages of an agency on POST."""
    actor = actor_of(request)
    row = authorization.find(actor, Agency, action="agencies.edit", pk=agency)
    form = AgencyDetailsForm(request.POST or None, initial=AgencyDetailsForm.initial_of(row))
    if request.method == "POST" and form.is_valid():
        agency_details.edit_agency(actor, row, form.details())
        messages.success(request, _("The details of the agency are changed."))
        return redirect("accounts:agencies")
    context = {"form": form, "agency": row, "abilities": agency_details.list_abilities(row.kind)}
    return render(request, "accounts/edit_agency.html", context)
