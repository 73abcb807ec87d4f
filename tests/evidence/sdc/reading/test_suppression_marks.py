"""Marks of unpublished figures mean at least one person, unless the table shows otherwise."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED
from kerege.evidence.sdc.reading.options import ReadingOptions
from kerege.evidence.sdc.reading.suppression_marks import bounds_of_marks
from tests.evidence.sdc.reading.typed_tables import cells, read_text

INF = math.inf


@pytest.mark.parametrize("mark", ["x", "c", ":", "..", "...", "*", "", "[c]", "s", ": c", "suppressed"])
def test_a_suppressed_figure_is_at_least_one(tmp_path: Path, mark: str) -> None:
    sheet = read_text(tmp_path, f"group,count\nTotal,100\na,60\nb,{mark}\nc,{mark}\n")
    assert cells(sheet)["b",] == (1, INF)
    assert not sheet.notes


@pytest.mark.parametrize(("mark", "upper"), [("<5", 4), ("<10", 9), ("≤5", 5), ("under 5", 4), ("менее 5", 4)])
def test_a_bound_can_mean_zero(tmp_path: Path, mark: str, upper: int) -> None:
    assert cells(read_text(tmp_path, f"group,count\nTotal,100\na,95\nb,{mark}\nc,{mark}\n"))["b",] == (0, upper)


def test_a_bound_means_a_person_where_zeros_are_published(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "group,count\nTotal,100\na,95\nb,<5\nc,<5\nd,0\n")
    assert cells(sheet)["b",] == (1, 4)
    assert cells(sheet)["d",] == (0, 0)


def test_a_mark_without_room_for_a_person_also_means_zero(tmp_path: Path) -> None:
    text = "region,sex,count\nTotal,f,60\nA,f,60\nB,f,..\nTotal,m,90\nA,m,50\nB,m,..\n"
    sheet = read_text(tmp_path, text)
    assert cells(sheet)["B", "m"] == (0, INF)
    assert sheet.notes == ["The mark .. also means zero in this table, because the sums leave no room for a person."]


@pytest.mark.parametrize(("dash", "bounds"), [("zero", (0, 0)), ("suppressed", (1, INF))])
@pytest.mark.parametrize("mark", ["-", "–", "—"])
def test_the_user_says_whether_a_dash_is_zero(
    tmp_path: Path, mark: str, dash: str, bounds: tuple[float, float]
) -> None:
    text = f"group,count\nTotal,100\na,60\nb,{mark}\nc,\n"
    assert cells(read_text(tmp_path, text, ReadingOptions(dash=dash)))["b",] == bounds


def test_a_dash_is_not_guessed(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="a dash can be zero or a suppressed figure, say which with --dash"):
        read_text(tmp_path, "group,count\nTotal,100\na,60\nb,-\n")


@pytest.mark.parametrize("flag", ["C", "N", "S", "D", "Q", "A", "c"])
def test_a_confidentiality_flag_is_a_suppressed_figure(tmp_path: Path, flag: str) -> None:
    text = f"sex,OBS_VALUE,OBS_STATUS,CONF_STATUS\n_T,100,A,F\nF,60,A,F\nM,,,{flag}\nX,,,{flag}\n"
    sheet = read_text(tmp_path, text)
    assert sheet.by == ("sex",)
    assert cells(sheet)["M",] == (1, INF)


@pytest.mark.parametrize("flag", ["M", "L", "O", "H"])
def test_a_missing_figure_can_be_zero(tmp_path: Path, flag: str) -> None:
    sheet = read_text(tmp_path, f"sex,OBS_VALUE,OBS_STATUS\n_T,100,A\nF,60,A\nM,,{flag}\nX,,{flag}\n")
    assert cells(sheet)["M",] == (0, INF)


@pytest.mark.parametrize("figure", ["60", "60 b", "60e", "60*", "60 [r]", "60.0", "60,0"])
def test_a_flag_behind_a_figure_is_no_part_of_it(tmp_path: Path, figure: str) -> None:
    sheet = read_text(tmp_path, f"group;count\nTotal;100\na;{figure}\nb;\n")
    assert cells(sheet)["a",] == (60, 60)


@pytest.mark.parametrize("figure", ["1 234", "1,234", "1.234", "1\u00a0234", "1'234", "1 234,0"])
def test_thousands_may_be_separated(tmp_path: Path, figure: str) -> None:
    sheet = read_text(tmp_path, f'group;count\nTotal;"{figure}"\na;60\nb;\n')
    assert cells(sheet)["_T",] == (1234, 1234)


def test_a_status_of_kerege_is_no_mark(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "group,count,status\n_T,100,ok\na,60,ok\nb,,suppressed\nc,,suppressed\n")
    assert cells(sheet)["b",] == (1, INF)
    assert not sheet.marks_read
    assert read_text(tmp_path, "group,count\n_T,100\na,60\nb,x\nc,x\n").marks_read


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(["x", "..", "0", "1", "2"]), min_size=2, max_size=4), st.integers(0, 4))
def test_a_mark_means_zero_only_where_no_sum_leaves_room(cells_of: list[str], total: int) -> None:
    """In one line a mark is at least 1 unless the marked cells, at 1 each, exceed the total."""
    known = [int(text) if text.isdigit() else 0 for text in cells_of]
    is_marked = [not text.isdigit() for text in cells_of]
    lower = np.array([total, *known], dtype=float)
    upper = np.array([total, *[INF if mark else n for mark, n in zip(is_marked, known, strict=True)]], dtype=float)
    status = np.array([OK, *[SUPPRESSED if mark else OK for mark in is_marked]], dtype=np.uint8)
    marks = np.array(
        ["", *[text if mark else "" for mark, text in zip(is_marked, cells_of, strict=True)]], dtype=object
    )
    raised, notes = bounds_of_marks(lower, upper, status, marks, [0])
    has_room = sum(known) + sum(is_marked) <= total or sum(known) > total  # a contradiction of figures says nothing
    expected = [1 if mark and has_room else n for mark, n in zip(is_marked, known, strict=True)]
    assert raised[1:].tolist() == expected
    assert bool(notes) == (any(is_marked) and not has_room)


def test_columns_that_do_not_add_up_leave_room_for_every_mark() -> None:
    lower, upper = np.array([1.0, 0, 0]), np.array([1.0, INF, INF])
    status, marks = np.array([OK, SUPPRESSED, SUPPRESSED], np.uint8), np.array(["", "x", "x"], dtype=object)
    assert bounds_of_marks(lower, upper, status, marks, [])[0].tolist() == [1, 1, 1]


def test_a_total_whose_mark_exceeds_its_values_can_be_zero() -> None:
    lower, upper = np.array([0.0, 0, 0]), np.array([INF, 0, 0])
    status, marks = np.array([SUPPRESSED, OK, OK], np.uint8), np.array([":", "", ""], dtype=object)
    raised, (note,) = bounds_of_marks(lower, upper, status, marks, [0])
    assert raised[0] == 0
    assert note.startswith("The mark : also means zero in this table")


def test_a_mark_that_means_zero_in_one_line_means_it_in_the_whole_table_and_other_marks_do_not() -> None:
    lower = np.array([[9.0, 2, 0, 0], [2, 2, 0, 0], [5, 2, 0, 0]])
    marks = np.array([["", "", "c", "c"], ["", "", "..", ".."], ["", "", "..", "x"]], dtype=object)
    upper = np.where(marks == "", lower, INF)
    status = np.where(marks == "", OK, SUPPRESSED).astype(np.uint8)
    raised, _ = bounds_of_marks(lower, upper, status, marks, [1])
    assert raised[1].tolist() == [2, 2, 0, 0]
    assert raised[2].tolist() == [5, 2, 0, 1]
    assert raised[0].tolist() == [9, 2, 1, 1]
