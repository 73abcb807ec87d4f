"""Numbers of people in titles and notes make a table undecided; rules, dates and rates do not."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.texts_beside import state_a_register, unread_numbers


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Note: 3 persons in South",
            "of them 12 children",
            "1,204 victims were identified",
            "two girls were under 12",
        ),
        *(
            "Из них 3 несовершеннолетних",
            "В Акмоле выявлены две женщины",
            "Оның ішінде 4 әйел бар",
            "Table 1: 241 cases",
        ),
    ],
)
def test_a_number_of_people_is_not_read(text: str) -> None:
    assert unread_numbers([text]) == [f"text {text}"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Figures below 5 persons are suppressed",
            "Fewer than 10 victims: c",
            "Rate per 100,000 people",
            "Table 2 Men",
        ),
        *(
            "Source: police, 2024",
            "Aged 15 years and over",
            "Менее 5 человек не публикуется",
            "на 1000 человек",
            "№ 5 Дети",
        ),
        *("Table 3. Men and women", "Rounded to the nearest 5 people", "2024 victims", "100 000 тұрғынға шаққанда"),
    ],
)
def test_rules_dates_and_rates_are_no_numbers_of_people(text: str) -> None:
    assert unread_numbers([text]) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        *(("Cumulative number of victims", True), ("Victims since 2003", True), ("Нарастающим итогом", True)),
        *(("2003 жылдан бері барлығы", True), ("Жертвы с 2003 года", True), ("Victims by year since 2003", False)),
        *(("Victims in 2024", False), ("Annual figures, cumulative for no year", False)),
    ],
)
def test_words_for_a_whole_register_are_read_unless_the_figures_are_annual(text: str, *, expected: bool) -> None:
    assert state_a_register([text]) is expected
