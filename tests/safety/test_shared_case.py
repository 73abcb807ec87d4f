"""An agency with which a case is shared reads, of notes, lines, tasks and grounds, only its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.cases.models.case import Note, Task
from kerege.casework.cases.services import assignment, decisions, shares, tasks
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.core.accounts.actors import actor_for

pytestmark = [pytest.mark.django_db, pytest.mark.db]
OWNERS_NOTE, OWNERS_GROUNDS = "what she told the owner", "grounds of the owner"


@pytest.fixture
def shared(make_case: Callable[..., Any], make_agency: Callable[..., Any], operator: Any, make_user: Any) -> Any:
    """Return a case of another agency with a note, a task and a decision, shared with the centre."""
    owner = make_agency("owner", "social_protection")
    case = make_case(owner, route="hotline")
    assignment.add_note(actor_for(make_user("caseworker", agency=owner), owner), case, OWNERS_NOTE)
    draft = DecisionDraft(
        case, "social", "presumed", date(2025, 4, 1), "x", "preliminary_identification", owner, grounds=OWNERS_GROUNDS
    )
    decisions.decide(operator, draft)
    tasks.add_tasks(operator, [Task(agency=owner, case=case, kind="follow_up", due_on=date(2025, 5, 1))])
    shares.share(operator, case, make_agency(), "legal")
    return case


def both_tabs(client: Any, case: Any) -> str:
    """Return what a reader can see of a case."""
    with translation.override("en"):
        page = reverse("cases:case", kwargs={"pk": case.pk})
    return "".join(
        client.get(f"{page}?tab={tab}").content.decode() for tab in ("overview", "person", "identification", "history")
    )


def test_the_reader_elsewhere_sees_neither_notes_nor_lines_nor_grounds_of_the_owner(
    shared: Any, make_user: Any, sign_in: Any
) -> None:
    page = both_tabs(sign_in(make_user("caseworker")), shared)
    assert shared.reference in page
    for words in (OWNERS_NOTE, OWNERS_GROUNDS, "Note written", "Decision, ", "Follow up"):
        assert words not in page, words


def test_the_owner_sees_all_of_it(shared: Any, make_user: Any, make_agency: Any, sign_in: Any) -> None:
    page = both_tabs(sign_in(make_user("caseworker", agency=make_agency("owner"))), shared)
    for words in (OWNERS_NOTE, OWNERS_GROUNDS, "Note written", "Decision, "):
        assert words in page, words


def test_the_reader_elsewhere_sees_what_her_own_agency_wrote(
    shared: Any, make_user: Any, make_agency: Any, sign_in: Any, operator: Any
) -> None:
    centre = make_agency()
    note = assignment.add_note(operator, shared, "note of the centre")
    Note.objects.filter(pk=note.pk).update(agency=centre)
    officer = actor_for(make_user("identifying_officer"), centre)
    draft = DecisionDraft(shared, "social", "presumed", date(2025, 4, 2), "x", "preliminary_identification", centre)
    decisions.decide(officer, draft)
    page = both_tabs(sign_in(make_user("caseworker")), shared)
    assert "note of the centre" in page
    assert page.count("Decision, ") >= 1
