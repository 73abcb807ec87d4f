"""Percentages and rates bound the counts beside them; other numbers make a table undecided."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from kerege.evidence.sdc.reading.shares import Ratio
from tests.evidence.sdc.reading.typed_tables import cells, read_text

INF = math.inf


def test_a_percentage_of_a_known_total_bounds_the_count(tmp_path: Path) -> None:
    text = "group,count,percent\nTotal,241,100.0\na,180,74.7\nb,x,24.1\nc,x,1.2\n"
    sheet = read_text(tmp_path, text)
    assert cells(sheet)["b",] == (58, 58)  # 241 * 24.05% = 57.96 and 241 * 24.15% = 58.2
    assert cells(sheet)["c",] == (3, 3)
    assert sheet.by == ("group",)
    assert not sheet.unread
    assert not sheet.ratios


@pytest.mark.parametrize(
    ("name", "value", "bounds"),
    [("%", "24", (57, 59)), ("доля, %", "24,1", (58, 58)), ("үлесі", "24.1", (58, 58)), ("share", "0.24", (57, 59))],
)
def test_the_printed_digits_bound_the_count(tmp_path: Path, name: str, value: str, bounds: tuple[int, int]) -> None:
    rest = "0.75" if name == "share" else "75"
    text = f"group;count;{name}\nTotal;241;{'1.00' if name == 'share' else '100'}\na;180;{rest}\nb;x;{value}\nc;x;\n"
    sheet = read_text(tmp_path, text.replace("75", "74,7") if "," in value else text)
    assert cells(sheet)["b",] == bounds


def test_dropped_zeros_do_not_narrow_a_percentage(tmp_path: Path) -> None:
    text = "group,count,percent\nTotal,1000,100\na,400,40\nb,355,35.5\nc,x,24.5\n"
    assert cells(read_text(tmp_path, text))["c",] == (245, 245)
    rounded = "group,count,percent\nTotal,1000,100\na,403,40\nb,355,35.5\nc,x,24\n"
    assert cells(read_text(tmp_path, rounded))["c",] == (235, 245)


def test_the_base_is_the_total_that_fits_the_counts(tmp_path: Path) -> None:
    text = (
        "sex,region,count,percent\nf,Total,200,100\nf,A,150,75\nf,B,50,25\nm,Total,50,100\nm,A,x,98\nm,B,x,2\n"
        "Total,Total,250,100\nTotal,A,199,79.6\nTotal,B,51,20.4\n"
    )
    assert cells(read_text(tmp_path, text))["m", "B"] == (1, 1)


def test_an_unclear_base_is_not_understood(tmp_path: Path) -> None:
    text = "sex,region,count,percent\nf,Total,200,\nf,A,x,75\nf,B,x,25\nm,Total,x,\nTotal,Total,250,\nTotal,A,x,\n"
    assert read_text(tmp_path, text).unread == ("percent",)


def test_a_percentage_of_an_unknown_total_is_a_ratio(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "group,count,percent\nTotal,x,100\na,120,60\nb,x,38\nc,x,2\n")
    assert Ratio(1, 0, 0.595, 0.605) in sheet.ratios
    assert Ratio(3, 0, 0.015, 0.025) in sheet.ratios
    assert all(ratio.numerator for ratio in sheet.ratios)


def test_a_rate_with_its_population_bounds_the_count(tmp_path: Path) -> None:
    text = "region,population,count,rate per 100 000\nTotal,1500000,90,6.00\nA,1000000,x,8.60\nB,500000,x,0.80\n"
    sheet = read_text(tmp_path, text)
    assert cells(sheet)["B",] == (4, 4)
    assert cells(sheet)["A",] == (86, 86)
    assert not sheet.unread


@pytest.mark.parametrize(
    "name", ["mean age", "median", "средний возраст", "rate per 100 000", "score", "орташа жас", "average stay (days)"]
)
def test_other_numbers_are_not_understood(tmp_path: Path, name: str) -> None:
    sheet = read_text(tmp_path, f"group,count,{name}\nTotal,100,31.5\na,60,30.2\nb,40,33.4\n")
    assert sheet.by == ("group",)
    assert sheet.unread == (name,)


def test_whole_numbers_that_identify_no_row_are_not_understood(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "group,count,days\nTotal,100,310\na,60,302\nb,40,334\n")
    assert sheet.unread == ("days",)


@pytest.mark.parametrize("name", ["year", "age", "Год", "жас", "month"])
def test_a_dimension_of_numbers_is_no_measure(tmp_path: Path, name: str) -> None:
    sheet = read_text(tmp_path, f"group,{name},count\na,2021,30\nb,2022,40\nc,2023,50\n")
    assert sheet.by == ("group", name)
    assert not sheet.unread


def test_a_column_of_codes_that_repeats_another_is_left_out(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "district,district code,count\na,101,30\nb,102,40\nc,103,50\n")
    assert sheet.by == ("district",)
    assert sheet.notes == ["Column district code repeats column district as codes, so it was left out."]
