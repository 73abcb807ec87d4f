"""Stocks at two dates of a year count everybody at each date."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.published_rows import PublishedRows
from kerege.evidence.sdc.reading.stock_dates import stock_day, with_dated_stocks


@pytest.mark.parametrize(
    ("label", "day"),
    [
        *(("At 1 January", (1, 1)), ("31 December", (12, 31)), ("Dec 31", (12, 31)), ("30th of June", (6, 30))),
        *(("На 1 января", (1, 1)), ("на 31 декабря", (12, 31)), ("На 01.01", (1, 1)), ("на 31.12.", (12, 31))),
        *(("1 қаңтарға", (1, 1)), ("31 желтоқсанға", (12, 31)), ("Жыл басына", (1, 1)), ("Жыл соңына", (12, 31))),
        *(("Beginning of the year", (1, 1)), ("End of year", (12, 31)), ("Opening balance", (1, 1))),
        *(("На начало года", (1, 1)), ("на конец отчетного периода", (12, 31)), ("к концу года", (12, 31))),
    ],
)
def test_a_date_without_a_year_is_read_in_three_languages(label: str, day: tuple[int, int]) -> None:
    assert stock_day(label) == day


@pytest.mark.parametrize(
    "label", ["1 January 2024", "31 February", "January", "12.05", "5 men", "Men", "1.1", "End user"]
)
def test_other_labels_are_no_dates(label: str) -> None:
    assert stock_day(label) is None


def column(*labels: str) -> PublishedRows:
    count = PublishedCount(20, 0, 20, 20)
    return PublishedRows(("column",), [list(labels)], [count] * len(labels), list(range(len(labels))))


def test_stocks_are_everybody_up_to_their_date_in_the_year_of_the_table() -> None:
    rows = with_dated_stocks(column("At 1 January", "At 31 December"), 2024)
    assert rows.codes == [["up to 2023-12-31", "up to 2024-12-31"]]
    assert "not stated" not in rows.notes[0]
    assert "The year is not stated" in with_dated_stocks(column("At 1 January", "At 31 December"), None).notes[0]


def test_a_column_with_other_labels_stays() -> None:
    rows = column("1 January", "31 December", "Holidays")
    assert with_dated_stocks(rows, 2024) == rows
