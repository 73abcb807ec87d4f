"""A filter selects rows by their values; columns and sizes that do not fit are refused."""

from __future__ import annotations

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import tabulate
from kerege.evidence.counting.row_filter import check_size, select_rows
from kerege.evidence.data.snapshot import Snapshot

PEOPLE = pl.DataFrame({"sex": ["male", "female", None, "transgender"], "year": ["2024", "2025", "2025", None]})


def people(frame: pl.DataFrame = PEOPLE, unit: str = "victims") -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, "", path="rows.csv")


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({}, 4),
        ({"sex": ["male", "_U"]}, 2),
        ({"sex": ["_U"]}, 1),
        ({"sex": ["nobody"]}, 0),
        ({"sex": []}, 0),
        ({"sex": ["female", "_U"], "year": ["2025"]}, 2),
        ({"sex": ["male"], "year": ["2025"]}, 0),
    ],
)
def test_a_row_is_selected_by_one_value_of_each_column(where: dict[str, list[str]], rows: int) -> None:
    assert select_rows(people(), where).height == rows


@pytest.mark.parametrize(
    ("by", "where", "sentence"),
    [
        (["age"], {}, "rows.csv: column age: there is no such column, choose among: sex, year"),
        (["sex"], {"age": ["1"]}, "rows.csv: column age: there is no such column, choose among: sex, year"),
        (["sex", "sex"], {}, "rows.csv: column sex, sex: a column is named twice, name each column once"),
        (
            ["sex"],
            {"year": ["1999"]},
            "rows.csv: column year: the filter selects nobody, check column and value of the filter",
        ),
    ],
)
def test_columns_and_filters_that_do_not_fit_are_one_sentence(
    by: list[str], where: dict[str, list[str]], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        tabulate(people(), by, where)
    assert str(refused.value) == sentence


def test_a_table_of_too_many_cells_is_refused_with_their_number() -> None:
    check_size([1_000, 1_000], people(), ["sex", "year"])
    with pytest.raises(BadInput) as refused:
        check_size([1_000, 1_001], people(), ["sex", "year"])
    assert str(refused.value) == (
        "rows.csv: column sex, year: the table would have 1,001,000 cells, more than 1,000,000, "
        "take fewer or coarser columns"
    )


def test_a_value_of_a_list_selects_its_row_and_an_empty_list_reports_nothing() -> None:
    lists = pl.DataFrame({"m": [["u", "v"], ["v"], [], None]}, schema={"m": pl.List(pl.String)})
    source = Snapshot(lists, "victims", "2025-12-31", True, "", frozenset("m"))
    for values, rows in ((["u"], 1), (["v"], 2), (["u", "v"], 2), (["_U"], 2), (["u", "_U"], 3), ([], 0)):
        assert select_rows(source, {"m": values}).height == rows
