"""Two records of one agency that are one person become one record."""

from __future__ import annotations

from dataclasses import dataclass, field

from kerege.casework.cases.models import Case
from kerege.casework.persons.models import Merge
from kerege.casework.vault.models import IdentityRecord
from kerege.core.access import Actor

# fields of which both records' values can be kept
LISTS = ("names", "citizenships", "documents", "phones", "languages")


@dataclass(frozen=True)
class MergeDraft:
    """What the user chose. `choices`: field of the identity -> left (of `kept`), right (of `other`), both (lists).

    Of a field that is not named: both for a list, else what one of them has; two different answers have to be chosen
    from. `goes_on`: of two open cases the one that goes on; the other ends as a duplicate.
    """

    kept: IdentityRecord
    other: IdentityRecord
    choices: dict[str, str] = field(default_factory=dict)
    goes_on: Case | None = None
    reason: str = ""


def merge_records(actor: Actor, draft: MergeDraft) -> Merge:
    """Merge; audited, undoable. Raises BadInput naming each field or case that is still to be chosen.

    A risky pair that two people have not called the same is refused (`queries.side_by_side` says so before): the
    actor's answer "same" is written down, and the pair waits for a second one.
    """
    raise NotImplementedError
