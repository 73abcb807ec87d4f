"""Two people change one case: what both changed the second one chooses, and nothing is overwritten unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kerege.casework.cases.models import Case
from kerege.standard.faults import BadInput, Fault
from kerege.web import typed

if TYPE_CHECKING:
    from kerege.casework.vault.draft_middleware import Keeper
    from kerege.web.forms import Form

# digits of a number that every database holds
LONGEST = 10


class Stale(BadInput):
    """The case changed after the actor opened it."""

    def __init__(self) -> None:
        super().__init__(Fault("this case was changed after you opened it", "check what changed and save again"))


def hold(case: Case, version: str | None) -> None:
    """Take the next version of the case inside a transaction; raise Stale unless `version` is the one it has."""
    seen = int(version) if version and version.isdecimal() and len(version) < LONGEST else 0
    if not Case.objects.filter(pk=case.pk, version=seen).update(version=seen + 1):
        raise Stale
    case.version = seen + 1


def reconcile(keeper: Keeper, form: Form, seen: str, now: int) -> tuple[str, list[typed.Conflict]]:
    """Merge a form that was sent with what others saved since it was opened at version `seen`.

    The form was made with the values of `now` as its initial ones. Returns the version that the form now rests on, and
    the fields that both changed. Where nobody knows what the user had seen, nothing is merged.
    """
    base = keeper.base(form)
    if base is None or (seen == str(now) and not keeper.unresolved and not keeper.given_up):
        return seen, []
    conflicts = typed.merge(form, base, keeper.unresolved, keeper.given_up)
    keeper.rebase(form)
    return str(now), conflicts
