"""Views of the page of connected systems, for administrators."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization, pages
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Denied
from kerege.core.integrations import services
from kerege.core.integrations.forms import TokenForm, WebhookForm
from kerege.core.integrations.models import SystemToken, Webhook, WebhookDelivery
from kerege.core.integrations.scopes import EVENTS, SCOPES
from kerege.web.forms import Form

SHOWN = 20


@pages.page("systems.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def tokens(request: HttpRequest) -> HttpResponse:
    """Show the agency's tokens and webhooks; issue a new token on POST."""
    agency = _own(request)
    form = TokenForm(request.POST or None)
    secret = _saved(form, lambda data: services.issue(actor_of(request), agency, **data))
    return _page(request, agency, token_form=form if secret is None else None, secret=secret)


@pages.page("systems.manage")
@require_http_methods(["GET", "POST"])
@pages.stepped_up_to_post
def webhooks(request: HttpRequest) -> HttpResponse:
    """Show the same page; add a new webhook on POST."""
    agency = _own(request)
    form = WebhookForm(request.POST or None)
    secret = _saved(form, lambda data: services.add_webhook(actor_of(request), agency, **data))
    return _page(request, agency, hook_form=form if secret is None else None, secret=secret)


@pages.page("systems.confirm")
@require_POST
@pages.stepped_up_to_post
def confirm(request: HttpRequest, token: UUID) -> HttpResponse:
    """Confirm a token as the second person."""
    actor = actor_of(request)
    row = authorization.find(actor, SystemToken, action="systems.confirm", pk=token)
    try:
        services.confirm(actor, row)
        messages.success(request, _("The token is valid from now on."))
    except Denied:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("systems:tokens")


@pages.page("systems.manage")
@require_POST
def revoke(request: HttpRequest, token: UUID) -> HttpResponse:
    """Revoke a token at once. This needs no reauthentication."""
    row = get_object_or_404(SystemToken, pk=token, agency=_own(request))
    services.revoke(actor_of(request), row)
    return redirect("systems:tokens")


@pages.page("systems.manage")
@require_POST
def stop(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Stop a webhook at once."""
    row = get_object_or_404(Webhook, pk=webhook, agency=_own(request))
    services.stop_webhook(actor_of(request), row)
    return redirect("systems:tokens")


@pages.page("systems.manage")
@require_POST
@pages.stepped_up_to_post
def renew_secret(request: HttpRequest, webhook: UUID) -> HttpResponse:
    """Give a webhook a new signing secret and show it once."""
    agency = _own(request)
    try:
        secret = services.renew_secret(actor_of(request), get_object_or_404(Webhook, pk=webhook, agency=agency))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("systems:tokens")
    return _page(request, agency, secret=secret)


@pages.page("systems.manage")
@require_POST
def redeliver(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """Send an event again that did not arrive."""
    row = get_object_or_404(
        WebhookDelivery.objects.select_related("webhook"), pk=delivery, webhook__agency=_own(request)
    )
    try:
        services.redeliver(actor_of(request), row)
        messages.success(request, _("The event is sent again within a minute."))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("systems:tokens")


def _own(request: HttpRequest) -> Agency:
    actor = actor_of(request)
    return authorization.find(actor, Agency, action="systems.manage", pk=actor.agency_id)


def _saved(form: Form, save: Callable[[dict[str, Any]], tuple[Any, str]]) -> str | None:
    """Save a valid form and return the new secret, else None; faults of the service become form errors."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return save(form.cleaned_data)[1]
    except BadInput as bad:
        form.add_error(None, [ValidationError(f"{_(fault.what)}: {_(fault.todo)}.") for fault in bad.faults])
        return None


def _with_scopes(rows: Iterable[SystemToken]) -> list[tuple[SystemToken, list[Promise]]]:
    """Return tokens with the names of their scopes."""
    return [(row, [SCOPES[code] for code in row.scopes if code in SCOPES]) for row in rows]


def _page(
    request: HttpRequest,
    agency: Agency,
    *,
    token_form: Form | None = None,
    hook_form: Form | None = None,
    secret: str | None = None,
) -> HttpResponse:
    waiting = authorization.scope(actor_of(request), SystemToken, action="systems.confirm").filter(
        confirmed_at=None, revoked_at=None
    )
    webhook_rows = [(row, [EVENTS[code] for code in row.events if code in EVENTS]) for row in agency.webhooks.all()]
    deliveries = WebhookDelivery.objects.filter(webhook__agency=agency).select_related("webhook")[:SHOWN]
    context = {
        "tokens": _with_scopes(agency.system_tokens.all()),
        "waiting": _with_scopes(waiting.select_related("agency")),
        "webhooks": webhook_rows,
        "deliveries": [(row, EVENTS.get(row.event, row.event)) for row in deliveries],
        "token_form": token_form or TokenForm(),
        "hook_form": hook_form or WebhookForm(),
        "secret": secret,
    }
    return TemplateResponse(request, "systems/systems.html", context)
