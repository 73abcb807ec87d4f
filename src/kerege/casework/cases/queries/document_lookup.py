"""Lookup of an exact document number across agencies: known or not, and no other detail."""

from __future__ import annotations

from enum import StrEnum

from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.authorization import Actor

ACTION = "vault.ask"


class LookupResult(StrEnum):
    """Result of a lookup: nothing found, known elsewhere, or too many lookups."""

    NONE = ""
    KNOWN = "known"
    ENOUGH = "enough"


def look_up_document(actor: Actor, text: str) -> LookupResult:
    """Look up a document number at all agencies; return known, not found, or too many lookups.

    Call it when the actor's own search found nothing. Every lookup of a number is an audit event.
    """
    if not vault.is_number(text):
        return LookupResult.NONE
    try:
        attempts.count_lookup(actor.label)
    except attempts.TooManyAttempts:
        audit.record(actor, ACTION, limit=True)
        return LookupResult.ENOUGH
    is_known = bool(vault.with_document(text))
    audit.record(actor, ACTION, known=is_known)
    return LookupResult.KNOWN if is_known else LookupResult.NONE
