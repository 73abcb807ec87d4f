"""Periods as labels in three languages, and columns of periods that overlap."""

from __future__ import annotations

from datetime import date

import pytest

from kerege.evidence.sdc.reading.periods import parse_period, states_cumulation

DAYS = {
    "2025": ("2025-01-01", "2025-12-31"),
    "2025-H1": ("2025-01-01", "2025-06-30"),
    "2025-Q1/Q2": ("2025-01-01", "2025-06-30"),
    "2025M02": ("2025-02-01", "2025-02-28"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "2021-2024": ("2021-01-01", "2024-12-31"),
    "Jan 2024-Mar 2025": ("2024-01-01", "2025-03-31"),
    "01.01.2025-30.06.2025": ("2025-01-01", "2025-06-30"),
    "1 January – 30 June 2025": ("2025-01-01", "2025-06-30"),
    "31/12/2024": ("2024-12-31", "2024-12-31"),
    "December 31, 2024": ("2024-12-31", "2024-12-31"),
}
SAME = (
    ("H1 2025", "1H2025", "first half of 2025", "First half-year 2025", "2025-S1", "January to June 2025", "6M 2025"),
    ("I полугодие 2025", "за первое полугодие 2025 года", "1-е полугодие 2025 г.", "с января по июнь 2025", "2025-H1"),
    ("2025 жылғы 1 жартыжылдық", "2025 жылдың бірінші жартыжылдығы", "2025 жылғы қаңтар-маусым", "2025-H1"),
    ("9 months 2025", "first 9 months of 2025", "за 9 месяцев 2025 года", "2025 жылғы 9 ай", "Q1-Q3 2025"),
    ("IV квартал 2025 г.", "2025 жылғы IV тоқсан", "4Q 2025", "fourth quarter 2025", "2025-Q4"),
    ("2025 год", "2025 жыл", "Year 2025", "12 months 2025", "2025 (preliminary)", "2025"),
    (
        "As of 31.12.2024",
        "by end of 2024",
        "на 1 января 2025 года",
        "на конец 2024 года",
        "end-2024",
        "до 2025 года",
        "up to 2024",
    ),
    ("2024 жылғы 31 желтоқсанға жағдай бойынша", "01.01.2025 жағдай бойынша", "as at 31 December 2024"),
    ("Q1", "I квартал", "January-March", "қаңтар–наурыз"),
    ("12 months", "year", "за год", "жыл", "Jan-Dec", "year to date", "с начала года"),
)


@pytest.mark.parametrize(("label", "ends"), DAYS.items())
def test_a_label_names_days(label: str, ends: tuple[str, str]) -> None:
    period = parse_period(label)
    assert period is not None
    assert (period.first, period.last) == tuple(map(date.fromisoformat, ends))


@pytest.mark.parametrize("labels", SAME, ids=lambda labels: labels[0])
def test_labels_of_one_period_name_the_same_days(labels: tuple[str, ...]) -> None:
    periods = [parse_period(label) for label in labels]
    assert len({period and period.band for period in periods}) == 1
    assert None not in periods


@pytest.mark.parametrize("label", [*DAYS, *(labels[0] for labels in SAME)])
def test_the_usual_form_of_a_period_names_the_same_days(label: str) -> None:
    period = parse_period(label)
    assert period is not None
    usual = parse_period(period.label)
    assert usual is not None
    assert usual.band == period.band


@pytest.mark.parametrize(
    "label", ["Men", "0-17", "18+", "2-4", "IX", "до 18 лет", "2024/25", "2010-11", "9", "с", "H3"]
)
def test_other_labels_name_no_period(label: str) -> None:
    assert parse_period(label) is None


def test_a_part_of_a_year_gets_the_year_of_its_column() -> None:
    period = parse_period("February")
    assert period is not None
    assert period.in_year(2024) == parse_period("2024-02")


def test_names_of_columns_of_dates() -> None:
    assert states_cumulation("As of")
    assert states_cumulation("По состоянию на")
    assert not states_cumulation("Place")
