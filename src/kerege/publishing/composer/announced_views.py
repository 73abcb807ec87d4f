"""Staff pages of the release calendar."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.publishing.composer.announced_forms import AnnouncementForm, NewDateForm, ReleaseDateForm
from kerege.publishing.composer.views import BOTH
from kerege.publishing.gate import error_messages
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.services import announce


@pages.page("releases.announce")
@BOTH
def announced(request: HttpRequest) -> HttpResponse:
    """List the announced releases and announce one."""
    form = AnnouncementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            announce.announce(actor_of(request), form.announcement)
            messages.success(request, _("The release is in the public calendar."))
            return redirect("releases:announced")
        except BadInput as bad:
            _show(form, bad)
    rows = authorization.scope(actor_of(request), AnnouncedRelease, action="releases.announce")
    context = {"form": form, "announced": rows.order_by("month", "at", "pk")}
    return TemplateResponse(request, "publishing/staff/announced.html", context)


@pages.page("releases.announce")
@BOTH
def move_announced(request: HttpRequest, pk: int) -> HttpResponse:
    """Set the minute of an announced release, or move its date."""
    actor = actor_of(request)
    row = authorization.find(actor, AnnouncedRelease, action="releases.announce", pk=pk)
    form = NewDateForm(request.POST or None, initial={"month": f"{row.month:%Y-%m}"})
    if request.method == "POST" and form.is_valid():
        try:
            announce.move(actor, row, month=form.first_of_month, at=form.at, why=form.why)
            messages.success(request, _("The public calendar has the new date."))
            return redirect("releases:announced")
        except BadInput as bad:
            _show(form, bad)
    return TemplateResponse(request, "publishing/staff/move_announced.html", {"form": form, "announced": row})


def _show(form: ReleaseDateForm, bad: BadInput) -> None:
    for fault in bad.faults:
        form.add_error(None, error_messages.fault_sentence(fault.what, fault.todo))
