"""A person arrives: registered as new, or a further case on the record that her agency keeps of her."""

from __future__ import annotations

from dataclasses import replace

from kerege.casework.cases import people
from kerege.casework.cases.drafts import Registration
from kerege.casework.cases.models import Case
from kerege.casework.cases.services import add_note, change_identity, register
from kerege.casework.vault import queries as vault
from kerege.casework.vault.models import IdentityRecord
from kerege.core import access, audit
from kerege.core.access import Actor


def arrive(actor: Actor, draft: Registration, *, note: str = "", same: IdentityRecord | None = None) -> Case:
    """Register a person and her case, with the first note, in one act.

    With `same` the case is added to that record of the agency, and what is told now joins what was known.
    """
    with audit.act(actor, "cases.register") as event:
        if same is not None:
            access.require(actor, "vault.change", same)
            known = vault.read(actor, same)
            draft = replace(draft, record=same, identity=people.merged(known, draft.identity))
        case = register(actor, draft)
        if same is not None and draft.identity != known:
            change_identity(actor, case, draft.identity)
        if note:
            add_note(actor, case, note)
        event.target = f"case:{case.id}"
    return case
