"""Receivers of signals about stored identities, withdrawn consents, transferred cases and erasures."""

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
from kerege.casework.persons.services.consent_reconciliation import withdraw_in_merged_records
from kerege.casework.persons.services.erasure import delete_person_rows
from kerege.casework.persons.services.reassign_agency import update_agencies
from kerege.casework.vault.events import identity_stored, person_erased
from kerege.core.authorization import Actor, session_scope
from kerege.core.jobs.requests import ask


@receiver(identity_stored, dispatch_uid="persons.queue_matching")
def queue_matching(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> None:
    """Queue records for matching after the commit of the change that stored them."""
    if not record_ids:
        return
    now = timezone.now()
    with session_scope.bypass_row_security("a record is queued for matching; no user sees it"):
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
    """Withdraw the consent in the other cases of a merged record; return the number of shares closed."""
    return withdraw_in_merged_records(actor, consent, on)


@receiver(cases_transferred, dispatch_uid="persons.follow_records")
def follow_records(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> None:
    """Update the agency of pairs, decisions and merges to that of their records; weigh the pairs anew."""
    update_agencies(record_ids)
    queue_matching(sender, record_ids)


@receiver(person_erased, dispatch_uid="persons.forget_person")
def forget_person(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> Iterable[UUID]:
    """Delete pairs, answers, decisions and journals about the person."""
    return delete_person_rows(record_ids)
