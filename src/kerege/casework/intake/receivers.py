"""Receivers that answer about reviews, and name the keys of signals of an erased person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.dispatch import receiver

from kerege.casework.cases.events import collect_review_endings
from kerege.casework.cases.models.case import Decision
from kerege.casework.intake.services.identification import ends_review
from kerege.casework.intake.services.retention import signal_keys
from kerege.casework.vault.events import person_erased


@receiver(collect_review_endings, dispatch_uid="intake.answer_review_ending")
def answer_review_ending(sender: Any, decision: Decision, **kwargs: Any) -> bool:
    """Return whether the decision is the outcome of a review."""
    return ends_review(decision)


@receiver(person_erased, dispatch_uid="intake.name_keys")
def name_keys(sender: Any, record_ids: Collection[UUID], **kwargs: Any) -> Iterable[UUID]:
    """Return the ids of the keys of signals that led to a case of the person."""
    return set(signal_keys(record_ids))  # evaluate the query now, before other receivers delete rows
