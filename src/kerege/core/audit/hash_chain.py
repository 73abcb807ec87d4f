"""Appending to the hash chain. The head is locked last, so writers wait for each other only briefly."""

from __future__ import annotations

import json
from typing import Any

from django.utils import timezone

from kerege.base import hashes
from kerege.core.audit import client_place, subjects
from kerege.core.audit.canonical_json import canonical, event_hash
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.authorization.actor import OPERATOR, Actor

# key of the details for the actor's roles at the time of the event: the roles can change later
ACTED_AS = "acted_as"


def append(actor: Actor, action: str, target: str, outcome: str, details: dict[str, Any]) -> AuditEvent:
    """Append one event to the chain. The caller must have opened a transaction."""
    roles = sorted(actor.roles - {OPERATOR})
    place = client_place.current()
    added = ({ACTED_AS: roles} if roles else {}) | ({client_place.CLIENT: place} if place else {})
    added |= hashes.current_name()
    clean = json.loads(canonical(details | added))
    fields = (actor.label, str(actor.agency_id or ""), action, target, outcome)
    head = _locked_head()
    seq, at = head.seq + 1, timezone.now()
    event = AuditEvent(seq=seq, at=at, details=clean, prev_hash=head.hash)
    event.actor, event.agency, event.action, event.target, event.outcome = fields
    event.hash = event_hash(head.hash, seq, at, fields, clean)
    event.save(force_insert=True)
    subjects.store(seq, subjects.of(target, clean))
    AuditHead.objects.filter(pk=1).update(seq=seq, hash=event.hash)
    return event


def _locked_head() -> AuditHead:
    head = AuditHead.objects.select_for_update().filter(pk=1).first()
    if head is None:
        AuditHead.objects.bulk_create([AuditHead(pk=1)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get(pk=1)
    return head
