"""Changes of a case: a stale form is refused and keeps its input; every change adds a timeline event."""

from __future__ import annotations

import ast
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

import kerege.casework
from kerege.casework.cases import timeline
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.services import decisions, tasks
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.vault.services.identities import newest
from tests.casework.cases.pages import address, text
from tests.casework.conftest import identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
APPS = Path(next(iter(kerege.casework.__path__)))


def move_to(status: str, version: int, **more: Any) -> dict[str, Any]:
    day = timezone.localdate()
    return {"status": status, "version": version, "on_day": day.day, "on_month": day.month, "on_year": day.year} | more


def test_a_stale_form_is_refused_and_keeps_what_was_typed(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case()
    page = address("edit-identity", case)
    assert browser.post(page, {"given": "First", "version": "1"}).status_code == 302
    response = browser.post(page, {"given": "Second", "version": "1"})
    assert response.status_code == 409
    assert "Another user changed this case" in text(response)
    assert 'value="Second"' in text(response)
    assert newest(case.record)["names"][0]["given"] == "First"
    case.refresh_from_db()
    assert f'name="version" value="{case.version}"' in text(response)
    assert browser.post(page, {"given": "Second", "version": case.version}).status_code == 302


@pytest.mark.parametrize("version", ["", "x", "-1", "99", "9" * 40])
def test_a_form_without_a_true_version_saves_nothing(browser: Any, make_case: Callable[..., Any], version: str) -> None:
    case = make_case()
    assert browser.post(address("assign", case), {"caseworker": "", "version": version}).status_code == 409


def test_two_people_cannot_change_the_same_exploitation_unseen(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(exploitations=[{"main_form": "begging"}])
    page = address("exploitation-change", case, episode=case.exploitations.get().pk)
    assert browser.post(page, {"main_form": "servitude", "version": "1"}).status_code == 302
    assert browser.post(page, {"main_form": "criminality", "version": "1"}).status_code == 409
    assert case.exploitations.get().main_form == "servitude"


def test_parts_that_a_form_does_not_show_are_kept(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(person=identity(email="a@example.org", source_id="7", phones=["1", "2"], htcds={"x": "y"}))
    data = {"given": "Сауле", "phone": "3", "version": "1", "revealed": ["contact"]}
    browser.post(address("edit-identity", case), data)
    stored = newest(case.record)
    assert (stored["email"], stored["source_id"], stored["htcds"]) == ("a@example.org", "7", {"x": "y"})
    assert stored["phones"] == ["3", "2"]


def test_an_ended_case_has_a_reason_and_no_day_before_it_began(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case()
    page = address("close", case)
    assert "This field is required" in text(browser.post(page, move_to("follow_up", 1)))
    early = move_to("follow_up", 1, reason="completed", on_year=2024)
    assert "registered later than this day" in text(browser.post(page, early))
    assert browser.post(page, move_to("follow_up", 1, reason="completed")).status_code == 302
    case.refresh_from_db()
    assert (case.status, case.closure_reason) == ("follow_up", "completed")
    assert 'value="follow_up"' not in text(browser.get(page))


def test_a_case_is_assigned_only_to_a_colleague(
    browser: Any, make_case: Callable[..., Any], make_user: Callable[..., Any], make_agency: Callable[..., Any]
) -> None:
    case, colleague = make_case(), make_user("caseworker")
    stranger = make_user("caseworker", agency=make_agency("elsewhere", "ngo"))
    assert browser.post(address("assign", case), {"caseworker": stranger.pk, "version": 1}).status_code == 200
    assert browser.post(address("assign", case), {"caseworker": colleague.pk, "version": 1}).status_code == 302
    case.refresh_from_db()
    assert case.caseworker == colleague


def test_a_task_is_added_and_done_once(browser: Any, make_case: Callable[..., Any], caseworker: Any) -> None:
    case = make_case()
    due = {"kind": "follow_up", "due_on_day": "1", "due_on_month": "2", "due_on_year": "2027", "assignee": ""}
    assert browser.post(address("task", case), due).status_code == 302
    task = Task.objects.get()
    done = address("task-done", task)
    assert browser.get(done).status_code == 405
    assert browser.post(done, {"back": "case"})["Location"] == address("case", case)
    assert browser.post(done, {"back": "//elsewhere.example"})["Location"].endswith("/work/")
    task.refresh_from_db()
    assert task.done_by == f"user:{caseworker.username}"
    assert case.events.filter(kind="task_done").count() == 1


def test_the_task_of_another_agency_cannot_be_finished(
    browser: Any, operator: Any, make_agency: Callable[..., Any], make_case: Callable[..., Any]
) -> None:
    case = make_case(make_agency("elsewhere", "ngo"))
    [task] = tasks.add_tasks(operator, [Task(agency=case.agency, case=case, kind="follow_up", due_on=date(2027, 1, 1))])
    assert browser.post(address("task-done", task)).status_code == 404


def test_a_note_is_read_on_the_page_and_in_no_row(browser: Any, make_case: Callable[..., Any]) -> None:
    case = make_case()
    browser.post(address("note", case), {"text": "құпия сөз"})
    assert "құпия сөз" in text(browser.get(address("case", case) + "?tab=history"))
    assert b"\xd2\x9b\xd2\xb1\xd0\xbf" not in bytes(case.notes.get().text.ciphertext)


def test_the_timeline_is_in_the_readers_language(operator: Any, make_case: Callable[..., Any]) -> None:
    case = make_case(route="hotline")
    decisions.decide(
        operator, DecisionDraft(case, "police", "identified", date(2025, 4, 1), "x", kind="formal_identification")
    )
    with translation.override("ru"):
        decision, registered = timeline.list_lines(operator, case)
    assert "Признан(а) жертвой" in decision.title
    assert decision.tone == "decision"
    assert registered.text
    with translation.override("en"):
        assert timeline.list_lines(operator, case)[0].title == "Decision, Police: Identified as a victim"


def test_every_kind_of_line_has_words() -> None:
    details: dict[str, Any] = {"track": "social", "status": "x", "service": "shelter"}
    directory = timeline.Directory({}, {})
    statuses = {"decision": "presumed", "status": "open", "referral_answer": "sent", "service": "ongoing"}
    for kind, write in timeline.LINES.items():
        title, _more = write(details | {"status": statuses.get(kind, "presumed")}, directory)
        assert title, kind


def test_every_event_that_an_app_writes_has_a_line() -> None:
    written = {kind for path in APPS.rglob("*.py") for kind in event_kinds_in(path)}
    assert {"decision", "service", "consent"} <= written
    registered = {entry.name for entry in timeline.timeline_lines.all()}
    assert written <= registered, written - registered


def event_kinds_in(path: Path) -> list[str]:
    """Return the kinds of event in a file's calls of `tell` and `new_event`."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    event_calls = [
        call
        for call in calls
        if getattr(call.func, "id", "") in {"add_timeline_event", "new_event"} and len(call.args) > 3
    ]
    return [call.args[3].value for call in event_calls if isinstance(call.args[3], ast.Constant)]
