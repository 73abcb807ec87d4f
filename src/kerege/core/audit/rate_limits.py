"""Rate limits counted from the audit log, so that all processes and machines see the same count."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from kerege.core.authorization.actor import Actor


def events(actor: Actor, action: str, minutes: int) -> int:
    """Count the events of an actor and an action in the last `minutes`, done or refused."""
    from kerege.core.audit.search import first_since

    first = first_since(timezone.now() - timedelta(minutes=minutes))
    if first is None:
        return 0
    from kerege.core.audit.models import AuditEvent

    return AuditEvent.objects.filter(seq__gte=first, actor=actor.label, action=action).count()
