"""A column of years is found by its values; clear changes keep their direction or do not."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import polars as pl
import pytest

from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.comparison.trends import find_period_column, trend
from tests.evidence.synthesis.evaluation.comparison.invented_people import people


@pytest.mark.parametrize(
    ("values", "is_period"),
    [
        (["2023", "2024"], True),
        (["2005.0", "2006.0"], True),
        (["2023-Q1", "2023-Q2"], True),
        (["2023-01", "2023-12"], True),
        (["2023-H1", "2023-H2", None], True),
        (["2023", "2023"], False),
        (["2023", "2024", "unknown"], True),
        (["2023", "unknown"], False),
        (["2023", "many"], False),
        (["12", "13"], False),
        ([["2023"], ["2024"]], False),
    ],
)
def test_a_column_of_periods_is_found_by_its_values(values: list[object], is_period: bool) -> None:
    frame = pl.DataFrame({"a": ["x"] * len(values), "when": values})
    assert find_period_column(frame) == ("when" if is_period else "")


def test_counts_and_directions_are_those_of_a_plain_loop() -> None:
    rows, records, others = people(900, 1), people(700, 2), people(300, 3)
    over_time = trend(rows, records, Holdout(rows, others, records))
    assert over_time is not None
    years = [f"{year}" for year in range(2020, 2025)]
    assert [count.period for count in over_time.periods] == years

    def people_with(frame: pl.DataFrame, year: str, column: str, value: str) -> int:
        cells = frame.filter(year=year)[column].to_list()
        return sum(value == cell or (isinstance(cell, list) and value in cell) for cell in cells)

    values = {"year": years, "sex": ["f", "m"], "form": ["labour", "sexual"], "means": ["debt", "docs", "threats"]}
    clear, kept, others_kept = 0, 0, 0
    for before, after in pairwise(years):
        for column, value in [("", ""), *((name, one) for name in values if name != "year" for one in values[name])]:
            counts = [
                [
                    people_with(frame, year, column, value) if column else frame.filter(year=year).height
                    for year in (before, after)
                ]
                for frame in (rows, records, others)
            ]
            change = counts[0][1] - counts[0][0]
            if abs(change) > 2 * sqrt(sum(counts[0])):
                clear += 1
                kept += change * (counts[1][1] - counts[1][0]) > 0
                others_kept += change * (counts[2][1] - counts[2][0]) > 0
    assert (over_time.changes, over_time.kept, over_time.others_kept) == (clear, kept / clear, others_kept / clear)
    assert [count.people for count in over_time.periods] == [rows.filter(year=year).height for year in years]
    assert [count.others for count in over_time.periods] == [3 * others.filter(year=year).height for year in years]


def test_without_periods_or_changes_nothing_is_compared() -> None:
    rows = people(100, 1)
    assert trend(rows.drop("year"), rows.drop("year"), None) is None
    even = pl.DataFrame({"year": ["2023", "2024"] * 50})
    still = trend(even, even, None)
    assert still is not None
    assert (still.changes, still.kept) == (0, None)
