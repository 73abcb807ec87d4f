"""Refusals of one user, token or address: counted, slowed down, reported to the auditors."""

from __future__ import annotations

from kerege.core import audit
from kerege.core.accounts import attempts
from kerege.core.accounts.actors import NOBODY
from kerege.core.accounts.events import refusals_burst
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor


def count(actor: Actor) -> None:
    """Count a refused page or act of an actor; raise TooManyAttempts after many in a row.

    A burst begins with the refusal after which the actor waits, and ends after ten minutes without one. Its beginning
    is an event of the audit log, which names the actor, and a notice to the auditors, which names nobody. A burst that
    goes on is reported again after every 24 refusals.
    """
    refusals = attempts.count_refusal(actor.label)
    if refusals and actor != NOBODY:
        _report(actor, refusals)


def count_wrong_token(address: str) -> None:
    """Count a wrong token of the API; raise TooManyAttempts after many from one address. Report a burst."""
    if refusals := attempts.count_wrong_token(address):
        _report(NOBODY, refusals)


def _report(actor: Actor, refusals: int) -> None:
    with audit.act(actor, "accounts.refusals_burst", reads=True) as event:
        event.note(refusals=refusals)
        refusals_burst.send(User)
