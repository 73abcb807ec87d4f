"""Reports of bodies on measures and decisions: states, and who may decide on a report."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core.authorization import Actor

SENT = frozenset({"submitted", "accepted"})  # the body has done its part, and changes nothing before a return


def check_unsent(state: str) -> None:
    """Raise BadInput when a report waits for a decision or was accepted."""
    if state in SENT:
        what = gettext_noop("this report was submitted already")
        raise BadInput(Fault(what, gettext_noop("wait until it is accepted or returned")))


def check_decision(actor: Actor, state: str, writer: str, *, accept: bool, remark: str) -> None:
    """Raise BadInput unless an actor may accept or return a report: nobody decides on one that they wrote.

    Parameters
    ----------
    actor : Actor
        User who decides.
    state : str
        State of the report.
    writer : str
        Label of the user who wrote the report.
    accept : bool
        Whether the report is accepted. A return needs a remark.
    remark : str
        Text to the body.
    """
    if state != "submitted":
        raise BadInput(Fault(gettext_noop("this report does not wait for a decision"), gettext_noop("reload the page")))
    if writer == actor.label:
        what = gettext_noop("you wrote this report")
        raise BadInput(Fault(what, gettext_noop("ask a colleague to decide on it")))
    if not accept and not remark.strip():
        raise BadInput(Fault(gettext_noop("the remark is missing"), gettext_noop("write what to correct")))
