"""Codes with several values need the name of their column, and give the people with each value."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.reading.options import ReadingOptions
from kerege.evidence.sdc.reading.set_codes import column_of_values, name_in_file, values_of
from tests.evidence.sdc.reading.typed_tables import cells, read_sheets, read_text

MEANS = ReadingOptions(multi=frozenset({"means"}))
SETS = "means,count\nTotal,100\nforce,60\ndebt,30\nforce;debt,10\n"


def test_a_code_with_several_values_is_no_category_of_its_own(tmp_path: Path) -> None:
    sentence = (
        "column means: has codes with `;`, which can be several values of one person, name the column with --multi"
    )
    with pytest.raises(BadInput, match=sentence):
        read_text(tmp_path, SETS)


def test_the_codes_of_a_named_column_are_sets_of_values(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SETS, encoding="utf-8")
    (sheet,) = read_sheets(tmp_path, MEANS)
    assert (sheet.by, sheet.axes) == (("means (values together)",), (("_T", "force", "debt", "force;debt"),))
    assert not sheet.multi
    assert cells(sheet)["force;debt",] == (10, 10)


def test_one_set_in_another_order_is_in_the_table_twice(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is in the table twice"):
        read_text(tmp_path, SETS + "debt;force,10\n", MEANS)


def test_a_table_that_leaves_out_sets_of_many_values_is_undecided(tmp_path: Path) -> None:
    """Any set of the 11 values can be among the people whom no row counts."""
    values = ";".join(f"v{number}" for number in range(11))
    (tmp_path / "t.csv").write_text(f"means,count\nTotal,100\nforce,60\n{values},30\n", encoding="utf-8")
    (sheet,) = read_sheets(tmp_path, MEANS)
    assert sheet.unread == ("means",)


@pytest.mark.parametrize(
    ("column", "values", "written"),
    [
        ("means", "", "means"),
        ("means (values together)", "means", "means"),
        ("means (values together) [level 2]", "", "means"),
        ("age [bands 2]", "", "age"),
    ],
)
def test_a_column_of_sets_has_the_name_of_its_values(column: str, values: str, written: str) -> None:
    assert column_of_values(column) == values
    assert name_in_file(column) == written


def test_a_code_is_the_set_of_its_values() -> None:
    assert [values_of(code) for code in ("a", "b; a ;", "_U")] == [{"a"}, {"a", "b"}, frozenset()]


def test_the_user_names_a_column_of_several_values(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "means,count\nTotal,100\nforce,60\ndebt,30\n", MEANS)
    assert sheet.multi == {"means"}
    assert not read_text(tmp_path, "means,count\nTotal,100\nforce,60\ndebt,30\n").multi


def test_values_beyond_their_total_are_noted(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "means,count\nTotal,100\nforce,60\ndebt,50\n")
    assert sheet.multi == {"means"}
    (note,) = sheet.notes
    assert note == (
        "Column means: its values sum to more than their total, so one person can have several of them. If some are"
        " subtotals, give their hierarchy."
    )
