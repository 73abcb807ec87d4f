"""Crimes: each in the count of one source; invisible to everybody who helps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from kerege.casework.justice import services
from kerege.casework.justice.models import Crime
from kerege.core import access
from kerege.standard.faults import BadInput

pytestmark = pytest.mark.db
DAY = date(2025, 3, 10)


def crime(agency: Any, number: str = "", source: str = "mia") -> Crime:
    return Crime(agency=agency, source=source, register_number=number, offence="kz128", registered_on=DAY)


def test_a_register_number_stands_once_in_the_count_of_a_source(make_actor: Any, make_agency: Any) -> None:
    police = make_agency("police", "internal_affairs")
    officer = make_actor("justice_officer", agency=police)
    services.record_crimes(officer, [crime(police, "25-1")])
    services.record_crimes(officer, [crime(police, "25-1", "pgo")])
    with pytest.raises(BadInput):
        services.record_crimes(officer, [crime(police, "25-1")])


def test_no_stage_before_the_registration(make_actor: Any, make_agency: Any) -> None:
    police = make_agency("police", "internal_affairs")
    officer = make_actor("justice_officer", agency=police)
    row = services.record_crimes(officer, [crime(police)])[0]
    with pytest.raises(BadInput):
        services.move_crime(officer, row, "convicted", date(2025, 3, 9))


@pytest.mark.parametrize("role", ["caseworker", "supervisor", "coordinator", "first_responder", "administrator"])
def test_whoever_helps_cannot_see_that_a_criminal_case_exists(
    role: str, make_actor: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    police = make_agency("police", "internal_affairs")
    row = services.record_crimes(make_actor("justice_officer", agency=police), [crime(police)])[0]
    assert not access.allows(make_actor(role, agency=police), "crimes.view", row)
    client = sign_in(make_user(role, agency=police))
    assert client.get(reverse("justice:crime", args=[row.pk])).status_code in {403, 404}


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_pages_of_justice_work(language: str, make_user: Any, sign_in: Any, make_agency: Any) -> None:
    from django.utils import translation

    police = make_agency("police", "internal_affairs")
    client = sign_in(make_user("justice_officer", agency=police))
    days = {"registered_on_day": "10", "registered_on_month": "3", "registered_on_year": "2025"}
    with translation.override(language):
        assert client.get(reverse("justice:record")).status_code == 200
        told = {"source": "mia", "offence": "kz128", "stage": "registered"} | days
        answer = client.post(reverse("justice:record"), told)
        assert answer.status_code == 302, answer.context["form"].errors
        assert client.get(answer["Location"]).status_code == 200
        assert client.get(reverse("justice:crime-list")).status_code == 200
