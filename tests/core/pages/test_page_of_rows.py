"""Pages of a list follow each other in a total order, so that each row is on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.core.accounts.models import Agency
from kerege.core.pages.page_of_rows import get_page_of_rows


@pytest.mark.django_db
def test_rows_that_tie_are_each_on_one_page(make_agency: Callable[..., Any]) -> None:
    made = [make_agency(f"ngo-{number}", "ngo") for number in range(12)]
    rows = Agency.objects.filter(pk__in=[row.pk for row in made]).order_by("kind")
    pages = [get_page_of_rows(rows, 5, str(number)) for number in (1, 2, 3)]
    assert [row for page in pages for row in page] == sorted(made, key=lambda row: row.pk)


def test_a_page_that_does_not_exist_is_the_nearest_one() -> None:
    assert [get_page_of_rows(range(12), 5, number).number for number in (None, "x", "2", "99")] == [1, 1, 2, 3]
