"""Registration of one person: a new record and a case, with the first note."""

from __future__ import annotations

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.assignment import add_note
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.registration import register
from kerege.core import audit
from kerege.core.authorization import Actor


def register_person(actor: Actor, draft: Registration, *, note: str = "") -> Case:
    """Register a person and their case, with the first note, in one audited act.

    This always creates a record of its own and never writes into a known one. Only a merge joins two records.
    """
    with audit.act(actor, "cases.register") as event:
        case = register(actor, draft)
        if note:
            add_note(actor, case, note)
        event.target = f"case:{case.id}"
    return case
