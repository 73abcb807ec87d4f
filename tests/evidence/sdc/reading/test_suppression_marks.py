"""Marks of unpublished figures mean at least one person, unless the table shows otherwise."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.reading.options import ReadingOptions
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
