"""Work that a user asks for is done with the rights that the user has when it is done."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from kerege.base.registry import Entry
from kerege.core import authorization as authorization_package
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied, Grant, Rule, own_user
from kerege.core.authorization import rules as registry
from kerege.core.jobs import requests
from tests.queued import run_queued_tasks
from tests.registries import with_items

pytestmark = pytest.mark.django_db
PACKAGE = Path(authorization_package.__file__).resolve().parents[2]
# work that the system asks for: matching after a change, and the delivery of stored messages
OF_THE_SYSTEM = {("receivers.py", "TASK"), ("message_queue.py", "DELIVER")}
RULES = [
    Rule("t.work", None, [Grant({"coordinator"})]),
    Rule("t.own", User, [Grant({"coordinator"}, own_user("pk"))]),
]


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    results: list[object] = []
    with_items(monkeypatch, registry.rules, *RULES)
    with_items(monkeypatch, requests.queued_work, Entry("t.work", results.append))
    return results


def leave(user: User, agency: Any) -> None:
    user.assignments.all().delete()


def retire(user: User, agency: Any) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def close(user: User, agency: Any) -> None:
    type(agency).objects.filter(pk=agency.pk).update(active=False)


def disappear(user: User, agency: Any) -> None:
    user.assignments.all().delete()
    user.delete()


def test_it_is_done_while_the_user_has_the_right(done: list[object], make_actor: Callable[..., Any]) -> None:
    requests.ask("t.work", 7, asked_by=make_actor("coordinator"), action="t.work")
    run_queued_tasks()
    assert done == [7]


@pytest.mark.parametrize("change", [leave, retire, close, disappear])
def test_it_is_refused_after_the_user_lost_the_right(
    change: Callable[[User, Any], None], done: list[object], make_user: Any, make_agency: Any, make_actor: Any
) -> None:
    agency = make_agency("centre")
    actor = make_actor("coordinator", agency=agency)
    user = User.objects.get(pk=actor.user_id)
    requests.ask("t.work", 7, asked_by=actor, action="t.work")
    change(user, agency)
    with pytest.raises(Denied):
        run_queued_tasks()
    assert done == []
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.outcome) == ("t.work", "refused")


def test_a_role_in_another_agency_does_not_count(done: list[object], make_actor: Any, make_agency: Any) -> None:
    first, second = make_agency("first"), make_agency("second")
    actor = make_actor("coordinator", agency=first)
    user = User.objects.get(pk=actor.user_id)
    user.assignments.create(agency=second, role="coordinator")
    requests.ask("t.work", 7, asked_by=actor, action="t.work")
    user.assignments.filter(agency=first).delete()
    with pytest.raises(Denied):
        run_queued_tasks()
    assert done == []


def test_the_right_to_the_record_counts(done: list[object], make_actor: Any) -> None:
    actor, other = make_actor("coordinator"), make_actor("coordinator")
    requests.ask("t.work", str(actor.user_id), asked_by=actor, action="t.own")
    run_queued_tasks()
    requests.ask("t.work", str(other.user_id), asked_by=actor, action="t.own")
    with pytest.raises(Denied):
        run_queued_tasks()
    assert done == [str(actor.user_id)]


def test_work_of_the_operator_has_no_originator(done: list[object]) -> None:
    assert Actor.system("tests").reference == ""
    requests.ask("t.work", 7, asked_by=Actor.system("tests"), action="t.work")
    run_queued_tasks()
    assert done == [7]


def list_requests() -> Iterator[tuple[str, str, set[str]]]:
    """Yield every request for queued work in the program: file, task, and the names of its arguments."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "jobs import requests" not in text and "jobs.requests import" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"requests.ask", "ask"}:
                yield path.name, ast.unparse(node.args[0]), {str(keyword.arg) for keyword in node.keywords}


def test_every_other_request_for_work_names_its_user_and_its_action() -> None:
    by_users = {(file, task): names for file, task, names in list_requests() if (file, task) not in OF_THE_SYSTEM}
    assert by_users.keys() == {("check.py", "CHECK"), ("compose.py", "FREEZE")}
    assert all(names >= {"asked_by", "action"} for names in by_users.values())
