"""Disclosure between agencies that they know the same person: only with consent or a legal basis."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

PURPOSE = "sharing_with_agency"


def has_legal_basis() -> bool:
    """Return whether the profile names a confirmed legal basis for sharing without consent."""
    return any(basis.confirmed for basis in active().sharing_bases)


def has_consent(records: list[UUID], agency: UUID) -> bool:
    """Return whether the latest consent in cases of these records lets the agency know of the person."""
    consents = Consent.objects.filter(
        Q(recipient=agency) | Q(recipient=None), case__record__in=records, purpose=PURPOSE
    )
    newest = consents.order_by("-on", "-created_at").first()
    if newest is None or not newest.given or newest.withdrawn_on is not None:
        return False
    # a withdrawal in any case on or after that day prevails
    is_withdrawn_later = consents.filter(withdrawn_on__gte=newest.on).exists()
    return not is_withdrawn_later and (newest.until is None or newest.until >= timezone.localdate())


def may_know(record_ids: list[UUID], agency: UUID) -> bool:
    """Return whether an agency may learn that another one, by these records of its own, knows the person."""
    return has_legal_basis() or has_consent(record_ids, agency)


def add_timeline_events(actor: Actor, first: IdentityRecord, second: IdentityRecord) -> None:
    """Add an event to the cases of each agency that may know of the other; nothing for one that may not."""
    if first.agency_id == second.agency_id:
        return
    for record, other_record in ((first, second), (second, first)):
        if may_know([other_record.pk], record.agency_id):
            for case in Case.objects.filter(record=record.pk, agency=record.agency_id):
                add_timeline_event(actor, case, timezone.localdate(), "known_elsewhere", to=str(other_record.agency_id))
