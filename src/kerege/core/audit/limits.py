"""How often somebody did something lately, told by the trail itself: the same for every process and machine."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kerege.core.access.actor import Actor


def events(actor: Actor, action: str, minutes: int) -> int:
    """Events of an actor under an action in the last minutes, done or refused."""
    from kerege.core.audit.models import AuditEvent

    since = timezone.now() - timedelta(minutes=minutes)
    return AuditEvent.objects.filter(action=action, at__gte=since, actor=actor.label).count()
