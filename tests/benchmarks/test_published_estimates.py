"""The page on validation has all published rows, and its results follow from its figures."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from benchmarks.published_estimates import (
    PAGE,
    Here,
    count_rows,
    find_table,
    find_table_lines,
    is_reproduced,
    published_rows,
    run_graphs,
    run_registers,
    run_row,
    write_published,
)
from kerege.evidence.mse.panels.sensitivity import estimate_point

NUMBER = r"[\d,]+(?:\.\d+)?"
FIGURES = re.compile(rf"({NUMBER})(?: \(({NUMBER}) to ({NUMBER})\))?")


def page_rows() -> dict[str, list[str]]:
    text = PAGE.read_text(encoding="utf-8")
    start, end = find_table_lines(text)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text[start:end].split("\n")[2:]]
    return {row[0]: row for row in rows}


PAGE_ROWS = page_rows()
ROWS = [pytest.param(row, id=row["id"]) for row in published_rows()]


def parse(figures: str) -> Here | None:
    """Return the figures of a cell."""
    match = FIGURES.fullmatch(figures)
    if match is None:
        assert figures == ""
        return None
    estimate, *limits = (float(text.replace(",", "")) if text else None for text in match.groups())
    assert estimate is not None
    low, high = limits
    return Here(estimate, None if low is None or high is None else (low, high))


def test_the_page_has_all_rows_and_each_once() -> None:
    assert list(PAGE_ROWS) == [str(number) for number in range(1, 50)]


def test_the_page_counts_its_rows() -> None:
    text = PAGE.read_text(encoding="utf-8")
    start, end = find_table_lines(text)
    assert count_rows(text[start:end].split("\n")[2:]) in text[end:]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_the_published_figures_and_the_result_that_follows(row: Mapping[str, str]) -> None:
    _, dataset, method, published, here, reproduced, remark = PAGE_ROWS[row["id"]]
    assert (dataset, published) == (row["dataset"], write_published(row))
    assert method.startswith(row["method"])
    assert reproduced == is_reproduced(row, parse(here))
    assert bool(remark) is (reproduced != "yes")


def estimate_anew(row: Mapping[str, str]) -> float | None:
    """Return the estimate of a row whose method is quick and free of random numbers."""
    lists = find_table(row["dataset"])
    if lists is None:
        return None
    if "dga" in row["method"]:
        return run_graphs(lists).estimate
    if row["selection"] == "profile":
        result = run_row(row)
        assert result is not None
        return result.estimate
    methods = {"main effects": "independence", "independence": "independence", "SparseMSE": "stepwise"}
    method = next((name for words, name in methods.items() if words in row["method"]), None)
    return None if method is None else estimate_point(lists, method)[0]


def test_quick_rows_are_estimated_again() -> None:
    anew = {row["id"]: estimate_anew(row) for row in published_rows()}
    known = {number: estimate for number, estimate in anew.items() if estimate is not None}
    assert len(known) >= 10
    for number, estimate in known.items():
        printed = parse(PAGE_ROWS[number][4])
        assert printed is not None
        assert printed.estimate == pytest.approx(estimate, abs=0.051)


def test_the_two_registers_are_estimated_again() -> None:
    printed = parse(PAGE_ROWS["49"][4])
    assert printed is not None
    assert printed.estimate == pytest.approx(run_registers({}).estimate, abs=0.051)


@pytest.mark.parametrize(
    ("here", "reproduced"),
    [
        (Here(1184.4, (700.0, 1800.0)), "yes"),
        (Here(1184.4, (700.0, 1900.0)), "point"),
        (Here(1184.4), "point"),
        (Here(1185.0, (717.0, 1657.0)), "no"),
        (None, "no"),
    ],
)
def test_a_reproduced_row_has_the_printed_digits_and_close_limits(here: Here | None, reproduced: str) -> None:
    row = next(row for row in published_rows() if row["id"] == "2")  # 1,184 (717 to 1,657)
    assert is_reproduced(row, here) == reproduced


def test_graphs_need_equal_limits() -> None:
    row = next(row for row in published_rows() if row["id"] == "28")  # 23,016 (10,408 to 33,481)
    assert is_reproduced(row, Here(23016, (10_408, 33_481))) == "yes"
    assert is_reproduced(row, Here(23016, (10_409, 33_481))) == "point"


def test_either_of_two_likelihoods_is_enough_and_thousands_are_printed_digits() -> None:
    row = next(row for row in published_rows() if row["id"] == "1")  # 11,418 or 11,409 (10,000 to 13,000)
    assert is_reproduced(row, Here(11_408.9, (9_982, 13_182))) == "yes"
    assert is_reproduced(row, Here(11_418.0, (9_982, 13_182))) == "yes"
    assert is_reproduced(row, Here(11_414.0, (9_982, 13_182))) == "no"
    assert is_reproduced(row, Here(11_408.9, (9_400, 13_182))) == "point"


def test_profile_likelihoods_need_equal_limits() -> None:
    row = next(row for row in published_rows() if row["id"] == "34")  # 1,034.1511 (673.4933 to 1,771.3049)
    assert is_reproduced(row, Here(1034.1511, (673.5, 1771.2))) == "yes"
    assert is_reproduced(row, Here(1034.1511, (665.6, 1762.0))) == "point"


def test_new_orleans_with_186_people_has_one_more_on_two_lists() -> None:
    lists, more = find_table("NewOrl_5"), find_table("NewOrl_5_186")
    assert lists is not None
    assert more is not None
    assert (more.people, more.repeated) == (lists.people + 1, lists.repeated + 1)
