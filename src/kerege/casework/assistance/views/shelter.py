"""Pages of beds and stays."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.base.errors import BadInput
from kerege.casework.assistance.forms import shelter as forms
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.queries import plans as queries
from kerege.casework.assistance.services import shelter as shelter_services
from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor
from kerege.web.forms import Form
from kerege.web.templatetags.kerege import day


def get_stay(actor: Actor, case: Case, pk: Any, action: str = "stays.change") -> Stay:
    """Return a stay of the case on which the actor may perform `action`."""
    rows = Stay.objects.select_related("bed", "service__case").filter(case=case)
    row = authorization.find(actor, Stay, action=action, rows=rows, pk=pk)
    row.case = case
    return row


@pages.page("beds.use")
@require_GET
def show_shelter(request: HttpRequest) -> HttpResponse:
    """Show the beds of the actor's centre, and stays whose term ends soon."""
    actor = actor_of(request)
    context = queries.get_occupancy(actor, timezone.localdate())
    context["may_change"] = authorization.allows(actor, "beds.change", agency_of(actor))
    return TemplateResponse(request, "assistance/shelter.html", context)


@pages.page("beds.change")
@BOTH
def add_bed(request: HttpRequest) -> HttpResponse:
    """Add a bed."""
    actor = actor_of(request)
    form = forms.BedForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        shelter_services.add_bed(actor, agency_of(actor), **data)

    return _save_bed_form(request, form, save, _("Add a bed"), _("The bed is added."))


@pages.page("beds.change")
@BOTH
def change_bed(request: HttpRequest, bed: Any) -> HttpResponse:
    """Change a bed's kind or take it out of use."""
    actor = actor_of(request)
    rows = Bed.objects.select_related("agency")
    row = authorization.find(actor, Bed, action="beds.use", rows=rows, pk=bed)
    form = forms.BedChangeForm(request.POST or None, initial={"kind": row.kind, "active": row.active})

    def save(data: dict[str, Any]) -> None:
        shelter_services.update_bed(actor, row, data["kind"], data["active"])

    heading = _("Room %(room)s, bed %(number)s") % {"room": row.room, "number": row.number}
    return _save_bed_form(request, form, save, heading, _("The bed is changed."))


def _save_bed_form(request: HttpRequest, form: Form, save: Any, heading: str, done: str) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except BadInput as error:
            form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in error.faults])
        else:
            messages.success(request, done)
            return redirect("assistance:shelter")
    return TemplateResponse(request, "assistance/bed.html", {"form": form, "page_heading": heading})


@pages.page("services.add")
@BOTH
def begin_stay(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record the beginning of a stay; warn when earlier nights exceed the longest term."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    form = forms.StayForm(queries.list_free_beds(actor), request.POST or None)

    def save(data: dict[str, Any]) -> None:
        earlier_nights = queries.count_earlier_nights(actor, case, data["on"])
        shelter_services.begin_stay(actor, case, data["bed"], data["on"])
        if message := write_warning(earlier_nights):
            messages.warning(request, message)

    words = (_("A place in the shelter"), _("Save"), _("The stay is recorded."))
    earlier = queries.count_earlier_nights(actor, case, timezone.localdate())
    context: dict[str, Any] = {"earlier": earlier, "warning": write_warning(earlier)}
    return save_form(request, case, form, save, words, template="assistance/arrive.html", **context)


def write_warning(earlier: queries.EarlierNights | None) -> str:
    """Return a warning when this stay and earlier ones exceed the longest term, else an empty string."""
    if earlier is None or not earlier.exceeds:
        return ""
    message = _("With the earlier nights the longest term ends on %(day)s. The bed can be given all the same.")
    return message % {"day": day(earlier.longest)}


@pages.page("stays.change")
@BOTH
def move_bed(request: HttpRequest, pk: Any, stay: Any) -> HttpResponse:
    """Move the person to another bed of the centre."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_stay(actor, case, stay)
    form = forms.StayForm(queries.list_free_beds(actor), request.POST or None)

    def save(data: dict[str, Any]) -> None:
        shelter_services.change_bed(actor, row, data["bed"], data["on"])

    words = (_("Another bed"), _("Save"), _("The stay is recorded."))
    return save_form(request, case, form, save, words)


@pages.page("stays.change")
@BOTH
def end_stay(request: HttpRequest, pk: Any, stay: Any) -> HttpResponse:
    """End a stay."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_stay(actor, case, stay)
    form = forms.LeaveForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        shelter_services.end_stay(actor, row, data["on"], data["reason"])

    words = (_("End of the stay"), _("Save"), _("The stay has ended."))
    return save_form(request, case, form, save, words)


@pages.page("stays.extend")
@BOTH
def extend_stay(request: HttpRequest, pk: Any, stay: Any) -> HttpResponse:
    """Extend a stay."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_stay(actor, case, stay, "stays.extend")
    longest = shelter_services.longest_end(row.arrived_on)
    form = forms.ExtendForm(longest, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        shelter_services.extend(actor, row, data["until"], data["reason"])

    words = (_("Extend the stay"), _("Extend"), _("The stay is extended."))
    context: dict[str, Any] = {"stay": row, "ends_on": shelter_services.ends_on(row), "longest": longest}
    return save_form(request, case, form, save, words, template="assistance/extend.html", **context)
