"""The board of the ministry in the languages of the country."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from kerege.casework.desk.statistics.monthly import CalendarMonth
from kerege.vocabulary.dates import add_months
from tests.casework.desk.boards.test_boards import TODAY, add_crimes, add_services

pytestmark = pytest.mark.django_db
DATES = r"\d{1,2}:\d\d|\d{4} ж\. \d{1,2} \w+|\d{1,2} \w+ \d{4}"


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_the_minister_s_page_holds_no_small_number_in_any_language_nor_one_that_is_only_heard(
    make_user: Any, make_agency: Any, make_case: Any, sign_in: Any, language: str
) -> None:
    month = CalendarMonth.of("", TODAY())
    add_crimes(make_agency(), 33, month)
    add_crimes(make_agency(), 31, CalendarMonth(add_months(month.first, -12)))
    add_services(make_case(), {"shelter": 4, "legal_aid": 14, "material_aid": 11}, month.first.year - 1)
    with translation.override(language):
        address = reverse("desk:ministry-board")
    page = sign_in(make_user("minister")).get(address).content.decode()
    main = page[page.index("<h1") : page.index("</main>")].replace("\u00a0", " ")
    heard = re.findall(r'(?:aria-label|title|alt)="([^"]*)"', main)
    text = re.sub(DATES, "", " ".join([re.sub(r"<[^>]*>", " ", main), *heard]))
    assert "33" in text
    assert not re.findall(r".{0,30}(?<!\d)[1-9](?!\d).{0,30}", text)
