"""Targets: which is in force, what a new one needs, and that the old one stays."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.desk import targets
from kerege.casework.desk.models import Target
from kerege.casework.desk.targets import TargetDraft, is_reached, read_targets, set_target
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from tests.casework.cases.pages import day_inputs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
MAY, JUNE, JULY = (date(2026, month, 1) for month in (5, 6, 7))


def draft(value: int | None = 40, month: date = MAY, *, figure: str = "cases", **more: Any) -> TargetDraft:
    fields = {"direction": "at_least", "source": "Plan of measures", "source_on": date(2026, 3, 12)}
    return TargetDraft(figure, month, value=value, **(fields | more))


@pytest.fixture
def coordinator(make_actor: Any) -> Any:
    return make_actor("coordinator")


def in_force(month: date) -> dict[str, int | None]:
    return {figure: row.target.value for figure, row in read_targets(month).items()}


@pytest.mark.db
def test_the_target_of_a_month_is_that_of_the_latest_month_before_it(coordinator: Any) -> None:
    set_target(coordinator, draft(40, MAY))
    set_target(coordinator, draft(60, JULY, reason="new plan"))
    set_target(coordinator, draft(45, MAY, reason="a wrong number was typed"))
    assert [in_force(date(2026, month, 1)) for month in (4, 5, 6, 7, 8)] == [
        {},
        {"cases": 45},
        {"cases": 45},
        {"cases": 60},
        {"cases": 60},
    ]


@pytest.mark.db
def test_a_target_that_changes_keeps_the_earlier_one_and_its_reason(coordinator: Any) -> None:
    set_target(coordinator, draft(40))
    set_target(coordinator, draft(45, reason="a wrong number was typed"))
    current = read_targets(JUNE)["cases"]
    assert current.replaced is not None
    assert (current.target.value, current.replaced.value) == (45, 40)
    assert current.target.reason == "a wrong number was typed"
    assert Target.objects.count() == 2
    events = AuditEvent.objects.filter(action=targets.SET).order_by("seq")
    assert [event.details["value"] for event in events] == [40, 45]


@pytest.mark.db
def test_the_database_refuses_to_change_or_delete_a_target(coordinator: Any) -> None:
    row = set_target(coordinator, draft(40))
    for change in (lambda: Target.objects.update(value=10), row.delete, lambda: row.save(force_update=True)):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change()
    assert in_force(MAY) == {"cases": 40}


def test_a_target_without_a_number_ends_the_earlier_one(coordinator: Any) -> None:
    set_target(coordinator, draft(40, MAY))
    set_target(coordinator, draft(None, JULY, reason="the plan has ended"))
    assert (in_force(JUNE), in_force(JULY)) == ({"cases": 40}, {})


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (draft(9), "below the threshold"),
        (draft(101, figure="answered"), "at most 100"),
        (draft(None), "no target to end"),
        (draft(source_on=timezone.localdate() + timedelta(days=1)), "in the future"),
    ],
)
def test_a_target_that_no_board_could_compare_is_refused(coordinator: Any, given: TargetDraft, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        set_target(coordinator, given)
    assert not Target.objects.exists()


def test_a_change_needs_another_number_and_a_reason(coordinator: Any) -> None:
    set_target(coordinator, draft(40))
    for again, words in ((draft(40, reason="x"), "in force already"), (draft(41, reason=" "), "another target")):
        with pytest.raises(BadInput, match=words):
            set_target(coordinator, again)
    set_target(coordinator, draft(40, direction="at_most", reason="the other side was meant"))


@pytest.mark.parametrize("role", ["analyst", "minister", "supervisor", "administrator"])
def test_other_roles_set_no_target(make_actor: Any, role: str) -> None:
    with pytest.raises(Denied):
        set_target(make_actor(role), draft())


def test_a_number_meets_a_target_only_if_every_number_between_its_limits_does() -> None:
    for direction, value in (("at_least", 10), ("at_most", 10), ("at_least", 5), ("at_most", 5)):
        target = Target(direction=direction, value=value)
        for lower in range(13):
            for upper in range(lower, 13):
                answers = {n >= value if direction == "at_least" else n <= value for n in range(lower, upper + 1)}
                expected = answers.pop() if len(answers) == 1 else None
                assert is_reached(target, lower, upper) is expected, (direction, value, lower, upper)


def test_a_coordinator_sets_a_target_on_its_page_which_then_shows_it(make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("coordinator"))
    page = reverse("desk:targets")
    form = {"figure": "helped", "direction": "at_least", "value": "30", "from_month": "2026-05", "source": "Order 12"}
    day = day_inputs("source_on", date(2026, 3, 12))
    assert "From the month" in browser.post(page, form | day | {"from_month": "May"}).content.decode()
    assert not Target.objects.exists()
    assert browser.post(page, form | day).status_code == 302
    shown = browser.get(page).content.decode()
    for words in ("People first helped", "at least 30", "May 2026", "Order 12, 12 March 2026"):
        assert words in shown, words
