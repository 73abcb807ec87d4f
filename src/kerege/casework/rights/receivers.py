"""Answers of the rights app to questions of other apps: about children, and about a case that closes."""

from __future__ import annotations

from collections.abc import Iterable

from django.dispatch import receiver

from kerege.casework.assistance.events import collect_presumed_children, collect_unfit_guardians
from kerege.casework.cases.events import collect_concerns
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.closing import Concern
from kerege.casework.rights.queries.open_rights import list_open_rights
from kerege.casework.rights.services.child import has_only_unfit_guardians, is_presumed_child


@receiver(collect_presumed_children, dispatch_uid="rights.answer_presumed_child")
def answer_presumed_child(sender: object, case: Case, **kwargs: object) -> bool:
    """Return whether the person counts as a child because their age is in doubt, or was decided so."""
    return is_presumed_child(case)


@receiver(collect_unfit_guardians, dispatch_uid="rights.answer_unfit_guardian")
def answer_unfit_guardian(sender: object, case: Case, **kwargs: object) -> bool:
    """Return whether everyone recorded as the guardian has a conflict of interest."""
    return has_only_unfit_guardians(case)


@receiver(collect_concerns, dispatch_uid="rights.answer_concerns")
def answer_concerns(sender: object, case: Case, **kwargs: object) -> Iterable[Concern]:
    """Return the open matters about the rights of a person whose case is about to close, as concerns."""
    return list_open_rights(case)
