"""Case tab with the other records of the same person."""

from __future__ import annotations

from typing import Any

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.page_layout import CasePanel, case_panels
from kerege.casework.persons.queries.related_records import find_related
from kerege.core import authorization
from kerege.core.authorization import Actor


def same_person(actor: Actor, case: Case) -> dict[str, Any]:
    """Return the template context: links, cases and agencies, and whether the user may merge."""
    can_merge = authorization.allows(actor, "persons.merge", case.record)
    return {
        "together": find_related(actor, case),
        "may_merge": can_merge,
        "is_merged": case.record.superseded_by_id is not None,
    }


case_panels.add(CasePanel("persons/_together.html", same_person, "person", order=70))
