"""Pages of services."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from kerege.casework.assistance import forms, services
from kerege.casework.assistance.models import Service
from kerege.casework.cases.views.case import load
from kerege.casework.cases.views.changes import BOTH, change
from kerege.core import access
from kerege.core.access import Actor


@access.page("services.add")
@BOTH
def add_service(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record a service for the person of a case."""
    actor = Actor.of(request)
    case = load(actor, pk, "services.add")
    form = forms.ServiceForm(actor.agency, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        services.add_services(actor, [Service(case=case, **data)])

    words = (_("Record a service"), _("Save"), _("The service is recorded."))
    return change(request, case, form, save, words=words, versioned=False)


@access.page("services.add")
@BOTH
def end_service(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Say how a service ended."""
    actor = Actor.of(request)
    case = load(actor, pk, "services.add")
    row = get_object_or_404(access.scope(actor, Service, action="services.view"), pk=service, case=case)
    form = forms.EndServiceForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        services.end_service(actor, row, data["status"], data["on"])

    words = (_("End a service"), _("Save"), _("The service is recorded."))
    return change(request, case, form, save, words=words, versioned=False)
