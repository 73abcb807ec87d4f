"""Input that only a forged request sends leaves an event with our fields and no content."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kerege.core.accounts.attempts import LIMITS
from kerege.core.accounts.models import User
from kerege.core.audit.models import AuditEvent

pytestmark = pytest.mark.django_db
USERS = "/en/account/users/"
FORGED = "superuser-Айгүл"


@pytest.fixture
def browser(make_user: Any, sign_in: Any) -> Client:
    return sign_in(make_user("administrator"))


def refused() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action="forms.refused_input"))


def test_a_choice_that_was_not_offered_leaves_an_event(browser: Client) -> None:
    users = User.objects.count()
    browser.post(USERS, {"username": "new", "full_name": "New User", "language": "en", "roles": [FORGED]})
    [event] = refused()
    assert event.outcome == "refused"
    assert event.details["input"] == {"NewUserForm.roles": "invalid_choice"}
    assert FORGED not in str(event.details)
    assert User.objects.count() == users


def test_a_nul_leaves_an_event_and_a_mistake_leaves_none(browser: Client) -> None:
    browser.post(USERS, {"username": "", "full_name": "", "language": "en", "roles": ["caseworker"]})
    assert refused() == []
    browser.post(USERS, {"username": "a\0b", "full_name": "New User", "language": "en", "roles": ["caseworker"]})
    assert [event.details["input"] for event in refused()] == [{"NewUserForm.username": "null_characters_not_allowed"}]


def test_a_burst_of_forged_input_is_slowed_down(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LIMITS, "refusal", type(LIMITS["refusal"])(free=2, first=30, longest=900))
    answers = [browser.post(USERS, {"roles": [FORGED]}).status_code for _ in range(4)]
    assert answers[0] == 200
    assert answers[-1] == 429
