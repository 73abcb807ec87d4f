"""Receivers that re-encrypt webhook secrets after a key rotation."""

from __future__ import annotations

from collections import Counter

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.core import audit
from kerege.core.accounts import sealed_secrets as sealed
from kerege.core.accounts.events import agency_closed, collect_agency_work
from kerege.core.accounts.models import Agency
from kerege.core.accounts.open_work import OpenWork
from kerege.core.authorization import Actor
from kerege.core.integrations.models import SystemToken, Webhook, WebhookDelivery
from kerege.core.security.key_events import SealedValues, collect_sealed, keys_rotated, values_resealed


@receiver(keys_rotated, dispatch_uid="systems.rewrap")
def rewrap(sender: object, purpose: str, **kwargs: object) -> int:
    """Re-encrypt webhook secrets under a new key-encryption key; return their number.

    One that does not open stays as it is, and the audit log names its webhook.
    """
    count = 0
    for row in Webhook.objects.all() if purpose == "kek" else ():
        renewed = sealed.reseal(row.secret, row.secret_place)
        if renewed is None:
            audit.record(Actor.system("rotation"), "systems.unreadable_secret", f"webhook:{row.pk}")
            continue
        row.secret = renewed
        row.save(update_fields=["secret"])
        count += 1
    return count


@receiver(values_resealed, dispatch_uid="systems.reseal")
def reseal(sender: object, **kwargs: object) -> int:
    """Encrypt webhook secrets again with the current cipher; return their number."""
    return rewrap(sender, "kek")


@receiver(collect_sealed, dispatch_uid="systems.sealed")
def count_sealed(sender: object, **kwargs: object) -> list[SealedValues]:
    """Return the number of webhook secrets under each key."""
    rows = Webhook.objects.all()
    counts = Counter((row.secret.partition("$")[0], sealed.opens(row.secret, row.secret_place)) for row in rows)
    return [SealedValues.of("webhook secrets", key_id, count, opens) for (key_id, opens), count in counts.items()]


@receiver(collect_agency_work, dispatch_uid="systems.agency_work")
def list_work_of_agency(sender: object, agency: Agency, **kwargs: object) -> list[OpenWork]:
    """Return the tokens and webhooks of an agency, which end with it."""
    tokens = SystemToken.objects.filter(agency=agency, revoked_at=None, expires_at__gt=timezone.now()).count()
    webhooks = Webhook.objects.filter(agency=agency, stopped_at=None).count()
    return [
        OpenWork(_("tokens of its systems"), tokens, _("They end with the agency."), blocks=False),
        OpenWork(_("webhooks"), webhooks, _("They end with the agency."), blocks=False),
    ]


@receiver(agency_closed, dispatch_uid="systems.end_with_agency")
def end_with_agency(sender: object, agency: Agency, **kwargs: object) -> None:
    """Revoke the tokens of a closed agency and stop its webhooks."""
    now = timezone.now()
    SystemToken.objects.filter(agency=agency, revoked_at=None).update(revoked_at=now)
    Webhook.objects.filter(agency=agency, stopped_at=None).update(stopped_at=now)
    WebhookDelivery.objects.filter(webhook__agency=agency, next_at__isnull=False).update(
        next_at=None, outcome="stopped"
    )
