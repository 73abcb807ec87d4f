"""Pages of justice officers. No other role can learn from them that a criminal case exists."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from kerege.casework.justice import forms, services
from kerege.casework.justice.models import Crime
from kerege.core import access
from kerege.core.access import Actor
from kerege.standard.faults import BadInput

PAGE = 25
BOTH = require_http_methods(["GET", "POST"])


@access.page("crimes.view")
@require_GET
def crime_list(request: HttpRequest) -> HttpResponse:
    """Crimes of the actor's agency, newest first."""
    form = forms.CrimeFilterForm(request.GET or None)
    chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
    crimes = access.scope(Actor.of(request), Crime, action="crimes.view").filter(**chosen)
    page = Paginator(crimes, PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(request, "justice/list.html", {"form": form, "page": page})


@access.page("crimes.record")
@BOTH
def record(request: HttpRequest) -> HttpResponse:
    """Record a crime."""
    actor = Actor.of(request)
    form = forms.CrimeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        crime = Crime(agency=actor.agency, **form.cleaned_data)
        try:
            services.record_crimes(actor, [crime])
        except BadInput as error:
            form.add_error("register_number", [ValidationError(f"{_(f.what)}: {_(f.todo)}.") for f in error.faults])
        else:
            messages.success(request, _("The crime is recorded."))
            return redirect("justice:crime", pk=crime.pk)
    return TemplateResponse(request, "justice/record.html", {"form": form})


@access.page("crimes.view")
@BOTH
def crime(request: HttpRequest, pk: Any) -> HttpResponse:
    """A crime and the stage of its proceedings."""
    actor = Actor.of(request)
    row = access.find(actor, Crime, action="crimes.view", pk=pk)
    form = forms.StageForm(request.POST or None, initial={"stage": row.stage, "on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.move_crime(actor, row, form.cleaned_data["stage"], form.cleaned_data["on"])
        except BadInput as error:
            form.add_error("on", [ValidationError(f"{_(f.what)}: {_(f.todo)}.") for f in error.faults])
        else:
            messages.success(request, _("The stage is recorded."))
            return redirect("justice:crime", pk=row.pk)
    context = {"crime": row, "form": form, "suspects": list(row.suspects.all())}
    return TemplateResponse(request, "justice/crime.html", context)
