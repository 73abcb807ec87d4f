"""Codes with several values need the name of their column, and give the people with each value."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.reading.options import ReadingOptions
from tests.evidence.sdc.reading.typed_tables import cells, read_sheets, read_text

MEANS = ReadingOptions(multi=frozenset({"means"}))
SETS = "means,count\nTotal,100\nforce,60\ndebt,30\nforce;debt,10\n"


def test_a_code_with_several_values_is_no_category_of_its_own(tmp_path: Path) -> None:
    sentence = (
        "column means: has codes with `;`, which can be several values of one person, name the column with --multi"
    )
    with pytest.raises(BadInput, match=sentence):
        read_text(tmp_path, SETS)


def test_sets_of_values_give_the_people_with_each_value(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SETS, encoding="utf-8")
    sets, single = read_sheets(tmp_path, MEANS)
    assert (sets.by, sets.axes) == (("means (values together)",), (("_T", "force", "debt", "force;debt"),))
    assert not sets.multi
    assert (single.by, single.multi) == (("means",), {"means"})
    assert cells(single) == {("_T",): (100, 100), ("force",): (70, 70), ("debt",): (40, 40)}


def test_a_suppressed_set_bounds_the_people_with_a_value(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(SETS.replace("10\n", "<5\n").replace("100", "92"), encoding="utf-8")
    _, single = read_sheets(tmp_path, MEANS)
    assert cells(single)["force",] == (60, 64)
    (tmp_path / "t.csv").write_text(SETS.replace("Total,100\n", ""), encoding="utf-8")
    _, single = read_sheets(tmp_path, MEANS)
    assert cells(single)["force",] == (70, math.inf)


def test_the_user_names_a_column_of_several_values(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "means,count\nTotal,100\nforce,60\ndebt,30\n", MEANS)
    assert sheet.multi == {"means"}
    assert not read_text(tmp_path, "means,count\nTotal,100\nforce,60\ndebt,30\n").multi


def test_values_beyond_their_total_are_noted(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "means,count\nTotal,100\nforce,60\ndebt,50\n")
    assert sheet.multi == {"means"}
    (note,) = sheet.notes
    assert note == (
        "Column means: its values sum to more than their total, so one person can have several of them. If some of them"
        " are subtotals, give their hierarchy."
    )
