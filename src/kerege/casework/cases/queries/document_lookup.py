"""Lookup of an exact document number across agencies: known or not, and no other detail."""

from __future__ import annotations

from enum import StrEnum

from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.audit import rate_limits
from kerege.core.authorization import Actor

ACTION = "vault.ask"
# lookups per hour: enough for casework, too few to find numbers by trying them in turn
QUESTIONS = 20


class Answer(StrEnum):
    """Result of a lookup: nothing found, known elsewhere, or too many lookups."""

    NONE = ""
    KNOWN = "known"
    ENOUGH = "enough"


def elsewhere(actor: Actor, text: str) -> Answer:
    """Return whether another agency knows the holder of a document number.

    Call it when the actor's own search found nothing. Every lookup of a number is an audit event.
    """
    if not vault.is_number(text):
        return Answer.NONE
    if rate_limits.events(actor, ACTION, minutes=60) >= QUESTIONS:
        audit.record(actor, ACTION, limit=True)
        return Answer.ENOUGH
    is_known = bool(vault.with_document(text))
    audit.record(actor, ACTION, known=is_known)
    return Answer.KNOWN if is_known else Answer.NONE
