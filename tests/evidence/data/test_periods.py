"""A period is empty, a year, or two years in order; anything else is refused with a remedy."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.data.periods import list_years

YEARS = st.integers(1000, 9000)


@settings(max_examples=30, deadline=None)
@given(YEARS, st.integers(0, 30), st.sampled_from("/-"))
def test_a_range_has_both_of_its_years_and_those_between(first: int, length: int, mark: str) -> None:
    years = list_years(f"{first}{mark}{first + length}")
    assert years == [str(first + place) for place in range(length + 1)]


@settings(max_examples=30, deadline=None)
@given(YEARS)
def test_a_year_is_the_range_of_itself(year: int) -> None:
    assert list_years(f"{year}") == list_years(f"{year}/{year}") == [f"{year}"]


def test_no_period_has_no_years() -> None:
    assert list_years("") == []


@pytest.mark.parametrize(
    "period",
    ["2025/2024", "25", "20255", "2024/25", "2024/", "/2024", "2024--2025", "2024 2025", " 2024", "2024\n"],
)
def test_other_texts_are_refused_with_two_examples(period: str) -> None:
    with pytest.raises(BadInput, match=r'is neither a year nor two years, write "2025" or "2021/2025"$') as caught:
        list_years(period)
    assert "\n" not in str(caught.value)


def test_the_message_shows_a_long_period_in_short() -> None:
    with pytest.raises(BadInput) as caught:
        list_years("2025" * 100)
    assert len(str(caught.value)) < 150
