"""Whether anybody knows the holder of a document: yes or no, and then the coordinator; never who, where or of what."""

from __future__ import annotations

from enum import StrEnum

from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.audit import rate_limits
from kerege.core.authorization import Actor

ACTION = "vault.ask"
# questions an hour: at work nobody asks more, and nobody finds a number by counting through it
QUESTIONS = 20


class Answer(StrEnum):
    """What a search by an exact document number may say beyond what the actor sees herself."""

    NONE = ""
    KNOWN = "known"
    ENOUGH = "enough"


def elsewhere(actor: Actor, text: str) -> Answer:
    """Asked when the actor's own search found nobody; every question is an event."""
    if not vault.is_number(text):
        return Answer.NONE
    if rate_limits.events(actor, ACTION, minutes=60) >= QUESTIONS:
        audit.record(actor, ACTION, limit=True)
        return Answer.ENOUGH
    known = bool(vault.with_document(text))
    audit.record(actor, ACTION, known=known)
    return Answer.KNOWN if known else Answer.NONE
