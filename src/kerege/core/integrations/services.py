"""Services that issue and end tokens and webhooks, and queue events for other systems."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.tls import is_loopback
from kerege.core import audit, authorization
from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.accounts.models import Agency
from kerege.core.audit import clock
from kerege.core.authorization import Actor, session_scope
from kerege.core.integrations.events import token_requested
from kerege.core.integrations.models import SystemToken, Webhook, WebhookDelivery
from kerege.core.integrations.scopes import EVENTS, SCOPES, SECOND_PERSON

PREFIX = "krg_"
LONGEST_DAYS = 366


def digest_of(token: str) -> bytes:
    """Return the stored digest of a token. A token has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def issue(actor: Actor, agency: Agency, name: str, scopes: Iterable[str], days: int) -> tuple[SystemToken, str]:
    """Issue a token to a system of an agency; return the row and the token, which is shown once.

    An administrator has no access to records, and sees the token. So one that reads or changes records works only after
    a second person has confirmed it.
    """
    with audit.act(actor, "systems.manage") as event:
        authorization.require(actor, "systems.manage", agency)
        chosen = sorted(set(scopes))
        if not chosen or not set(chosen) <= set(SCOPES) or not 1 <= days <= LONGEST_DAYS:
            what = gettext_noop("a token needs at least one known scope and ends within a year")
            raise BadInput(Fault(what, gettext_noop("correct the form")))
        token, now = PREFIX + secrets.token_urlsafe(32), clock.now()
        row = SystemToken.objects.create(
            agency=agency,
            name=name,
            digest=digest_of(token),
            scopes=chosen,
            created_at=now,
            created_by=actor.label,
            expires_at=now + timedelta(days=days),
            confirmed_at=None if SECOND_PERSON & set(chosen) else now,
        )
        event.target = f"token:{row.pk}"
        event.note(agency=str(agency.pk), scopes=chosen, days=days, waits=row.confirmed_at is None)
        if row.confirmed_at is None:
            token_requested.send(SystemToken, token=row)
    return row, token


def confirm(actor: Actor, row: SystemToken) -> None:
    """Let a token work, as the second person.

    Raises Refused for one that was confirmed or revoked meanwhile.
    """
    with audit.act(actor, "systems.confirm", f"token:{row.pk}") as event:
        authorization.require(actor, "systems.confirm", row)
        waiting = SystemToken.objects.filter(pk=row.pk, confirmed_at=None, revoked_at=None)
        if not waiting.exclude(created_by=actor.label).update(confirmed_at=timezone.now(), confirmed_by=actor.label):
            raise Refused(gettext("This token was confirmed or ended already."))
        event.note(agency=str(row.agency_id), scopes=row.scopes, asked_by=row.created_by)


def revoke(actor: Actor, row: SystemToken) -> None:
    """Revoke a token at once."""
    with audit.act(actor, "systems.manage", f"token:{row.pk}") as event:
        authorization.require(actor, "systems.manage", row.agency)
        SystemToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=timezone.now())
        event.note(revoked=True)


def find_token(token: str) -> SystemToken | None:
    """Return the valid token of an active agency, or None; store the day of its use."""
    running = SystemToken.objects.filter(revoked_at=None, expires_at__gt=clock.now(), agency__active=True)
    row = running.exclude(confirmed_at=None).select_related("agency").filter(digest=digest_of(token)).first()
    if row is not None and row.used_on != timezone.localdate():
        SystemToken.objects.filter(pk=row.pk).update(used_on=timezone.localdate())
    return row


def add_webhook(actor: Actor, agency: Agency, url: str, events: Iterable[str]) -> tuple[Webhook, str]:
    """Add a webhook for events of an agency; return the row and the signing secret, which is shown once."""
    with audit.act(actor, "systems.manage") as event:
        authorization.require(actor, "systems.manage", agency)
        chosen = sorted(set(events))
        if not chosen or not set(chosen) <= set(EVENTS):
            raise BadInput(Fault(gettext_noop("choose one or more events"), gettext_noop("correct the form")))
        check_address(url)
        secret = secrets.token_urlsafe(32)
        row = Webhook(agency=agency, url=url, events=chosen, created_at=timezone.now(), created_by=actor.label)
        row.secret = sealed.seal(secret, row.secret_place)
        row.save(force_insert=True)
        event.target = f"webhook:{row.pk}"
        event.note(agency=str(agency.pk), events=chosen)
    return row, secret


def renew_secret(actor: Actor, row: Webhook) -> str:
    """Give a webhook a new signing secret, which is shown once; deliveries from now on are signed with it.

    Raises Refused for a webhook that was stopped.
    """
    with audit.act(actor, "systems.manage", f"webhook:{row.pk}") as event:
        authorization.require(actor, "systems.manage", row.agency)
        secret = secrets.token_urlsafe(32)
        running = Webhook.objects.filter(pk=row.pk, stopped_at=None)
        if not running.update(secret=sealed.seal(secret, row.secret_place)):
            raise Refused(gettext("This webhook was ended."))
        event.note(renewed=True)
    return secret


def stop_webhook(actor: Actor, row: Webhook) -> None:
    """Stop a webhook at once and cancel its pending deliveries."""
    with audit.act(actor, "systems.manage", f"webhook:{row.pk}") as event:
        authorization.require(actor, "systems.manage", row.agency)
        Webhook.objects.filter(pk=row.pk, stopped_at=None).update(stopped_at=timezone.now())
        row.deliveries.filter(next_at__isnull=False).update(next_at=None, outcome="stopped")
        event.note(stopped=True)


def redeliver(actor: Actor, row: WebhookDelivery) -> None:
    """Send an event again that did not arrive.

    Raises Refused while it waits, and after its webhook was stopped.
    """
    with audit.act(actor, "systems.manage", f"delivery:{row.pk}") as event:
        authorization.require(actor, "systems.manage", row.webhook.agency)
        waiting = WebhookDelivery.objects.filter(
            pk=row.pk, delivered_at=None, next_at=None, webhook__stopped_at=None
        ).update(next_at=timezone.now(), attempts=0)
        if not waiting:
            raise Refused(gettext("This event arrived, or it is sent again anyway."))
        event.note(redelivered=True)


def check_address(url: str) -> None:
    """Raise BadInput unless the address is HTTPS and its host is in WEBHOOK_HOSTS.

    HTTP is allowed on this machine.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    # plain HTTP is allowed only within this machine
    plain = parts.scheme == "http" and is_loopback(host)
    if parts.username or parts.password or (parts.scheme != "https" and not plain):
        what = gettext_noop("a webhook needs an address that begins with https:// and holds no password")
        raise BadInput(Fault(what, gettext_noop("correct the address")))
    if not url.isascii() or not _has_port(parts):
        what = gettext_noop("the address has a character or a port that no web address can have")
        raise BadInput(Fault(what, gettext_noop("write it as a browser shows it when you copy it")))
    if host not in settings.WEBHOOK_HOSTS:
        what = gettext_noop("this server may not send to that host")
        raise BadInput(Fault(what, gettext_noop("ask the operator to add the host to KEREGE_WEBHOOK_HOSTS")))


def _has_port(parts: SplitResult) -> bool:
    """Return whether the port of an address, if it names one, can exist."""
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False


def emit(agency_id: UUID | None, event: str, **payload: Any) -> None:
    """Queue an event for the webhooks of an agency; `payload` holds references, codes and times only.

    Call it inside the act that the event is about, so that a rollback also removes the event.
    """
    emit_all(event, [(agency_id, payload)])


def emit_all(event: str, notices: Iterable[tuple[UUID | None, dict[str, Any]]]) -> None:
    """Queue one kind of event for many agencies; `notices` are pairs of agency and payload."""
    if event not in EVENTS:
        raise LookupError(f"no event is called {event!r}")
    now, pairs = timezone.now(), list(notices)
    running = Webhook.objects.filter(agency__in={agency_id for agency_id, _ in pairs if agency_id}, stopped_at=None)
    hooks = [row for row in running if event in row.events]
    with session_scope.bypass_row_security("an act of one agency is reported to the systems of another agency"):
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(webhook=row, event=event, payload=payload, created_at=now, next_at=now)
            for agency_id, payload in pairs
            for row in hooks
            if row.agency_id == agency_id
        )
