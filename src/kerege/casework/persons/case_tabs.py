"""Other records of the same person on the page of a case."""

from __future__ import annotations

from typing import Any

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.tabs import Panel, case_tabs
from kerege.casework.persons.queries.related_records import together
from kerege.core import authorization
from kerege.core.authorization import Actor


def same_person(actor: Actor, case: Case) -> dict[str, Any]:
    """Ties, cases and agencies, and whether the reader may merge."""
    may = authorization.allows(actor, "persons.merge", case.record)
    return {"together": together(actor, case), "may_merge": may, "is_merged": case.record.superseded_by_id is not None}


case_tabs.add(Panel("persons/_together.html", same_person, "person", order=70))
