"""Follows what other rooms do to records: stored, refused, handed over, erased."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.dispatch import receiver
from django.utils import timezone

from kerege.casework.assistance.events import cases_transferred, consent_withdrawn
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.persons.jobs import TASK
from kerege.casework.persons.models import MatchDue
from kerege.casework.persons.services.consent_reconciliation import spread
from kerege.casework.persons.services.erasure import forget
from kerege.casework.persons.services.reassign_agency import follow
from kerege.casework.vault.events import identity_stored, person_erased
from kerege.core.authorization import Actor, session_scope
from kerege.core.jobs.requests import ask


@receiver(identity_stored, dispatch_uid="persons.queue_matching")
def queue_matching(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> None:
    """Queue the records for matching; the act that stored them does not wait for it."""
    if not record_ids:
        return
    now = timezone.now()
    with session_scope.beyond("a record says that it waits, and shows nothing"):
        MatchDue.objects.bulk_create(
            [MatchDue(record_id=pk, since=now) for pk in record_ids],
            update_conflicts=True,
            update_fields=["since"],
            unique_fields=["record"],
            batch_size=500,
        )
    ask(TASK)


@receiver(consent_withdrawn, dispatch_uid="persons.withdraw_everywhere")
def withdraw_everywhere(sender: Any, actor: Actor, consent: Consent, on: date, **kwargs: Any) -> int:
    """Withdraw the consent in every other case of a merged record; answer with the number of shares closed."""
    return spread(actor, consent, on)


@receiver(cases_transferred, dispatch_uid="persons.follow_records")
def follow_records(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> None:
    """Give pairs and merges the agency that their records have now."""
    follow(record_ids)


@receiver(person_erased, dispatch_uid="persons.forget_person")
def forget_person(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> Iterable[UUID]:
    """Remove pairs, answers, decisions and journals about the person."""
    return forget(record_ids)
