"""Optimistic locking of a case: concurrent changes are merged, and a user resolves real conflicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.web import form_state

if TYPE_CHECKING:
    from kerege.casework.vault.draft_middleware import Keeper
    from kerege.web.forms import Form

# fewer digits than this fit into an integer column of every database
LONGEST = 10


class StaleVersion(BadInput):
    """A stale version: the case changed after the actor opened it."""

    def __init__(self) -> None:
        super().__init__(Fault("this case was changed after you opened it", "check what changed and save again"))


def take_version(case: Case, version: str | None) -> None:
    """Take the next version of the case inside a transaction.

    Raises StaleVersion unless `version` is the current version.
    """
    seen_version = int(version) if version and version.isdecimal() and len(version) < LONGEST else 0
    if not Case.objects.filter(pk=case.pk, version=seen_version).update(version=seen_version + 1):
        raise StaleVersion
    case.version = seen_version + 1


def merge_concurrent_changes(keeper: Keeper, form: Form, seen: str, now: int) -> tuple[str, list[form_state.Conflict]]:
    """Merge a submitted form with what others saved since it was opened at version `seen`.

    The initial values of the form are those of version `now`. Returns the version that the form now depends on, and the
    fields that both sides changed. Merges nothing when it is unknown which values the user saw.
    """
    base = keeper.base(form)
    if base is None or (seen == str(now) and not keeper.unresolved and not keeper.given_up):
        return seen, []
    conflicts = form_state.merge(form, base, keeper.unresolved, keeper.given_up)
    keeper.rebase(form)
    return str(now), conflicts
