"""Dates of birth in any notation; ambiguous and invalid ones are missing."""

from __future__ import annotations

import pytest

from kerege.linkage.input.birth_dates import MONTHS, NO_DATE, birth_columns, iso


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (text, read)
        for read, texts in {
            "1990": ("1990", "1990г.", "1990 г.р.", "1990 года рождения", "1990ж.", "1990 жылы", "1990 (со слов)"),
            "1990-02": ("1990-02", "02.1990", "февраль 1990", "ақпан 1990 ж.", "Feb 1990", "1990, fevral"),
            "1990-02-01": (
                "1990-02-01", "1990.02.01", "19900201", "1990-02-01T00:00:00", "1990-02-01 00:00", "01.02.1990",
                "1/2/1990", "01.02.1990г.", "01.02.1990 г.", "01. 02. 1990", "01.02.90", "1/2/90",
                "1 февраля 1990", "01 ФЕВ 1990 г.", "1-го февраля 1990 года", "1990 жылғы 1 ақпан",
                "1990 жылдың 1 ақпаны", "1 ақпан 1990 ж.", "1 February 1990", "February 1st, 1990", "01-Feb-90",
                "1 fevral 1990 yil", "1990-yil 1-fevral", "1 феврал 1990", "32905",
            ),
            "1990-05-12": ("12 ма\u0438\u0306 1990", "12 мая 1990 г. р.", "12/05/1990", "١٢.٠٥.١٩٩٠", "۱۲ мая ۱۹۹۰"),
            "1990-11-12": ("12-noy 1990", "12-noy. 1990", "12 noý 1990", "12-қар. 1990", "12-noy-90"),
            "1990-12-31": ("12/31/1990", "31/12/1990"),
            "2005-02-01": ("01.02.05", "1 фев 05"),
            "2000-02-29": ("29.02.2000",),
        }.items()
        for text in texts
    ],
)  # fmt: skip
def test_a_date_is_read_in_any_notation(text: str, read: str) -> None:
    assert iso(text) == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("29.02.1990", "1990-02"),
        ("1990-02-29", "1990-02"),
        ("31 апреля 1990", "1990-04"),
        ("1990-04-00", "1990-04"),
        ("1990-13", "1990"),
        ("32.13.1990", "1990"),
        ("00.00.1990", "1990"),
        ("29.02.90", "1990-02"),
    ],
)
def test_an_impossible_day_is_missing(text: str, read: str) -> None:
    assert iso(text) == read
    row = birth_columns(text)
    assert (row["birth_year"], row["birth_date"], row["birth_day"], row["birth_turned"]) == (1990, None, None, None)


@pytest.mark.parametrize(
    "text",
    [
        "", "вчера", "90", "01.02.20", "01.02.38", "90.05.12", "90-05-12", "12-05-11", "1 фев 20", "1 мая 12 1990",
        "мая", "1 мая", "мая 12", "1 Anna 1990", "1 мая 1990 июня", "19905", "20001", "9999", "46000", "123456",
        "1890-01-01", "1990-1992", "²0.05.1990",
    ],
)  # fmt: skip
def test_ambiguous_and_invalid_dates_are_missing(text: str) -> None:
    assert iso(text) is None


def test_every_month_word_means_one_month() -> None:
    for number, words in enumerate(MONTHS, 1):
        assert {iso(f"1 {word} 1990") for word in words.split()} == {f"1990-{number:02}-01"}


@pytest.mark.parametrize("text", ["1900-01-01", "1901-01-01", "1970-01-01", "1000-01-01", "0001-01-01", "9999-12-31"])
def test_the_placeholders_of_forms_and_systems_are_no_date(text: str) -> None:
    assert text in NO_DATE
    assert set(birth_columns(text).values()) == {None}


def test_the_columns_of_a_date_hold_its_parts_and_the_day_and_month_turned() -> None:
    assert birth_columns("12.05.1990") == {
        "birth_date": "1990-05-12",
        "birth_year": 1990,
        "birth_day": "05-12",
        "birth_turned": "12-05",
    }


@pytest.mark.parametrize("text", ["1985-01-01", "1985", "1985-05"])
def test_a_first_of_january_and_a_date_without_a_day_give_the_year_alone(text: str) -> None:
    row = birth_columns(text)
    assert (row["birth_year"], row["birth_date"], row["birth_day"], row["birth_turned"]) == (1985, None, None, None)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("01.02.40", "1940-02-01"),
        ("01.02.39", None),
        ("01.02.15", "2015-02-01"),
        ("01.02.16", None),
        ("01.02.1900", "1900-02-01"),
        ("01.02.1899", None),
        ("01.02.2100", "2100-02-01"),
        ("01.02.2101", None),
        ("10000", "1927-05-18"),
        ("45657", "2024-12-31"),
        ("45658", None),
        ("18999", "1952-01-06"),
        ("19000", None),
        ("21000", "1957-06-29"),
        ("31.01.90", "1990-01-31"),
        ("32.01.90", None),
        ("13/12/1990", "1990-12-13"),
        ("12/13/1990", "1990-12-13"),
        ("1990-12-01", "1990-12-01"),
        ("01.01.1990", "1990-01-01"),
        ("1 мая 1990 2", None),
        ("1990 мая", "1990-05"),
        ("мая 90", None),
    ],
)
def test_each_limit_of_a_date_holds_exactly(text: str, read: str | None) -> None:
    """The serial numbers count days from 30 December 1899, as spreadsheets do."""
    assert iso(text) == read
