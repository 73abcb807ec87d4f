"""Running totals are found by their figures, whatever their words are."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.published_rows import PublishedRows
from kerege.evidence.sdc.reading.running_totals import running_totals

YEARS = ["2021", "2022", "2023"]


def rows(new: list[int], known: list[int], years: list[str] = YEARS) -> PublishedRows:
    codes = [[*years, *years], ["Found"] * len(years) + ["Met"] * len(years)]
    figures = [PublishedCount(number, 0, number, number) for number in (*new, *known)]
    return PublishedRows(("year", "count"), codes, figures, [*range(2, 2 + len(figures))])


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0]])
def test_figures_that_grow_by_others_are_a_running_total_in_any_order_of_rows(order: list[int]) -> None:
    new, known = [30, 12, 25], [130, 142, 167]
    sorted_rows = rows(*([numbers[i] for i in order] for numbers in (new, known)), [YEARS[i] for i in order])
    assert running_totals(sorted_rows) == ["Met"]


def test_one_step_that_does_not_agree_is_no_running_total() -> None:
    assert running_totals(rows([30, 12, 25], [130, 142, 168])) == []


def test_a_single_step_can_agree_by_chance() -> None:
    assert running_totals(rows([30, 12], [130, 142], YEARS[:2])) == []


@pytest.mark.parametrize("known", [0, 40])
def test_a_figure_that_never_changes_beside_zeros_is_no_running_total(known: int) -> None:
    assert running_totals(rows([0, 0, 0], [known] * 3)) == []


def test_zeros_beside_a_figure_that_grew_where_another_is_suppressed_are_a_running_total() -> None:
    """The suppressed figure of 2022 is 59 - 50."""
    years = [*YEARS, "2024"]
    table = rows([0, 0, 0, 0], [50, 59, 59, 59], years)
    table.counts[1] = PublishedCount(0, 1, 0, 9)
    assert running_totals(table) == ["Met"]
