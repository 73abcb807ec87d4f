"""A person arrives: what is told now becomes a record of its own, whoever she turns out to be."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.assignment import add_note
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.registration import register
from kerege.core import audit
from kerege.core.authorization import Actor


def arrive(actor: Actor, draft: Registration, *, note: str = "") -> Case:
    """Register a person and her case, with the first note, in one act.

    Nothing is written into a record that is known already: two records become one by a merge, and by nothing else.
    """
    with audit.act(actor, "cases.register") as event:
        case = register(actor, draft)
        if note:
            add_note(actor, case, note)
        event.target = f"case:{case.id}"
    return case
