"""Two people change one case: the second is told, and nothing is overwritten unseen."""

from __future__ import annotations

from kerege.casework.cases.models import Case
from kerege.standard.faults import BadInput, Fault

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
