"""Taking apart what was tied together: both records as they were, also months later."""

from __future__ import annotations

from dataclasses import dataclass

from kerege.casework.persons.models import Merge
from kerege.core.access import Actor


@dataclass(frozen=True)
class Undone:
    """What the user is told: fields of the identity, cases and consents that changed since and were not put back."""

    merge: Merge
    # fields of the surviving record that were changed since the merge: they stand in its older versions
    fields: tuple[str, ...] = ()
    # references of cases whose state somebody changed since: left as they are
    cases: tuple[str, ...] = ()
    # whether the two still belong to one person, by another link that stands
    still_one: bool = False


def undo_merge(actor: Actor, merge: Merge, reason: str, *, keep_apart: bool = True) -> Undone:
    """Undo a merge or a link. Unless the user says otherwise nobody proposes the two again.

    Raises BadInput when it was undone already, when the surviving record was merged on, or the person was erased.
    """
    raise NotImplementedError
