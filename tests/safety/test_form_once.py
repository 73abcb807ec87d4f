"""One opened form, sent by several requests at the same moment, is saved once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from kerege.casework.cases.models.case import Note

PRESSES = 4


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_simultaneous_presses_are_one_note_and_all_see_the_first_result(
    make_case: Callable[..., Any], make_user: Any, sign_in: Any
) -> None:
    browser, case = sign_in(make_user("caseworker")), make_case()
    page = f"/en/work/cases/{case.pk}/note/"
    [token] = re.findall(r'name="form_token" value="([^"]+)"', browser.get(page).content.decode())
    together = Barrier(PRESSES)

    def press(_number: int) -> tuple[int, str]:
        client = Client()
        client.cookies = browser.cookies
        together.wait()
        try:
            answer = client.post(page, {"form_token": token, "text": "once"})
            return answer.status_code, answer.get("Location", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(PRESSES) as pool:
        answers = set(pool.map(press, range(PRESSES)))
    assert Note.objects.count() == 1
    assert answers == {(302, f"/en/work/cases/{case.pk}/")}
