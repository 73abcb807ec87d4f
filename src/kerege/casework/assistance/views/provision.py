"""Pages of services: recording, deliveries, end and resumption."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from kerege.casework.assistance.forms import provision as forms
from kerege.casework.assistance.models.provision import Service, ServiceDelivery
from kerege.casework.assistance.services import plans, provision
from kerege.casework.assistance.views.form_view import save_form
from kerege.casework.cases import timeline
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.views.case import bar, load
from kerege.casework.cases.views.changes import BOTH
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of, agency_of
from kerege.core.authorization import Actor

MOST = 200


def get_service(actor: Actor, case: Case, pk: Any) -> Service:
    """Return a service of the case that the actor may see, or raise Http404."""
    rows = authorization.scope(actor, Service, action="services.view").select_related(
        "case__agency", "provider", "goal__text"
    )
    row: Service = get_object_or_404(rows, pk=pk, case=case)
    row.case = case
    return row


def get_service_url(row: Service) -> str:
    """Return the URL of the service's page."""
    return reverse("assistance:service", args=[row.case_id, row.pk])


@pages.page("services.add")
@BOTH
def add_service(request: HttpRequest, pk: Any) -> HttpResponse:
    """Record a service for the person of a case."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    own = case if authorization.allows(actor, "cases.change", case) else None
    form = forms.ServiceForm(agency_of(actor), own, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        provision.add_services(actor, [Service(case=case, **data)])

    words = (_("Record a service"), _("Save"), _("The service is recorded."))
    return save_form(request, case, form, save, words)


@pages.page("services.add")
@require_GET
def show_service(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Show a service: deliveries and interruptions."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_service(actor, case, service)
    deliveries = list(row.deliveries.select_related("remark__data_key")[:MOST])
    directory = timeline.directory(delivery.delivered_by for delivery in deliveries)
    for delivery in deliveries:
        delivery.text, delivery.by = open_text(delivery.remark), directory.worker(delivery.delivered_by)  # type: ignore[attr-defined]
    context = bar(actor, case, vault.read(actor, case.record)) | {
        "service": row,
        "goal": open_text(row.goal.text) if row.goal else "",
        "deliveries": deliveries,
        "units": sum(delivery.units for delivery in deliveries),
        "interruptions": list(row.interruptions.all()),
    }
    return TemplateResponse(request, "assistance/service.html", context)


@pages.page("services.add")
@BOTH
def record_delivery(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Record a delivery."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_service(actor, case, service)
    form = forms.DeliveryForm(row, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        options = {name: data.pop(name) for name in ("remark", "provider", "payer") if name in data}
        provision.deliver(actor, row, ServiceDelivery(**data), **options)

    words = (_("What was given"), _("Save"), _("The service given is recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_service_url(row))


@pages.page("services.add")
@BOTH
def end_service(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Complete, decline or interrupt a service."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_service(actor, case, service)
    form = forms.EndServiceForm(request.POST or None)

    def save(data: dict[str, Any]) -> None:
        provision.end_service(actor, row, **data)

    words = (_("End or interrupt a service"), _("Save"), _("The service is recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_service_url(row))


@pages.page("services.add")
@BOTH
def begin_service(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Begin or resume a service."""
    actor = actor_of(request)
    case = load(actor, pk, "services.add")
    row = get_service(actor, case, service)
    form = forms.BeginServiceForm(row, request.POST or None)

    def save(data: dict[str, Any]) -> None:
        provision.begin_service(actor, row, **data)

    words = (_("The service begins"), _("Save"), _("The service is recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_service_url(row))


@pages.page("cases.change")
@BOTH
def set_service_goal(request: HttpRequest, pk: Any, service: Any) -> HttpResponse:
    """Set the goal of the plan that a service works for."""
    actor = actor_of(request)
    case = load(actor, pk, "cases.change")
    row = get_service(actor, case, service)
    form = forms.ServiceGoalForm(case, request.POST or None, initial={"goal": row.goal_id})

    def save(data: dict[str, Any]) -> None:
        plans.put_under_goal(actor, row, data["goal"])

    words = (_("Goal of a service"), _("Save"), _("The service is recorded."))
    return save_form(request, case, form=form, save=save, words=words, back=get_service_url(row))
