"""A button pressed twice, or by two people at once, changes nothing more.

The answer is a sentence.
"""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.cases.models.case import Case
from tests.safety.world import Things

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("second", ["case", "close"])
def test_a_signal_leads_to_one_case_however_often_the_button_is_pressed(
    second: str, own: Things, make_user: Any, sign_in: Any
) -> None:
    browser, before = sign_in(make_user("caseworker")), Case.objects.count()
    signal = f"/en/work/signals/{own.signal.pk}"
    assert browser.post(f"{signal}/case/").status_code == 302
    answer = browser.post(f"{signal}/{second}/", follow=True)
    assert "this signal has led to a case already: open that case." in answer.content.decode()
    assert Case.objects.count() == before + 1


@pytest.mark.parametrize("version", ["", "x", "9" * 5000, "9" * 19, "-1", "²"])
def test_a_version_that_is_none_is_an_old_one(version: str, own: Things, make_user: Any, sign_in: Any) -> None:
    browser = sign_in(make_user("caseworker"))
    assert browser.post(f"/en/work/cases/{own.case.pk}/assign/", {"version": version}).status_code == 409
