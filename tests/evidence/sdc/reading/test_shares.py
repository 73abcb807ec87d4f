"""Percentages and rates bound the counts beside them; other numbers make a table undecided."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.reading.shares import (
    Ratio,
    bounds_of_rates,
    bounds_of_shares,
    is_base,
    is_measure,
    parse_number,
    printed_numbers,
    rate_factor,
)
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


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        *(("Rate per 100,000 population", 100_000), ("на 100 тыс. человек", 100_000), ("per 10 thousand", 10_000)),
        *(("100 мың адамға", 100_000), ("1000 тұрғынға", 1000), ("per cent", None), ("persons", None), ("на", None)),
        *(("Victims per 1 million population", 1_000_000), ("на 1 млн человек", 1_000_000)),
    ],
)
def test_a_rate_names_the_number_of_people_that_it_is_of(name: str, factor: float | None) -> None:
    assert rate_factor(name) == factor


def test_a_rate_that_names_its_base_is_no_base() -> None:
    names = ["Population", "Victims per million inhabitants", "Share of population", "per 1,000 population"]
    assert list(filter(is_base, names)) == ["Population"]


@pytest.mark.parametrize("name", ["%", "Share", "доля", "Mean age", "Population", "per 1,000", "Орташа жас", "rate"])
def test_a_measure_is_recognised_by_its_name(name: str) -> None:
    assert is_measure(name)


@pytest.mark.parametrize("name", ["Men", "Shared housing", "Database", "Count", "Meaning", ""])
def test_another_name_is_no_measure(name: str) -> None:
    assert not is_measure(name)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("12", (12, 0)), ("12.50", (12.5, 2)), ("12,5%", (12.5, 1)), ("1 234.5", (1234.5, 1)), (" 3 % ", (3, 0))),
        *(("", None), ("x", None), ("-3", None), ("1.2.3", None), ("<5", None)),
        *(("9" * 15, (float("9" * 15), 0)), ("9" * 16, None), ("1." + "0" * 14, (1, 14)), ("1." + "0" * 15, None)),
    ],
)
def test_a_printed_number_has_its_value_and_its_decimals(text: str, number: tuple[float, int] | None) -> None:
    assert parse_number(text) == number


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 300), st.integers(1, 300), st.integers(0, 2), st.sampled_from([(100, "percent"), (1, "share")]))
def test_the_bounds_of_a_share_are_the_counts_that_round_to_it(
    count: int, total: int, digits: int, kind: tuple[int, str]
) -> None:
    count, (factor, name) = min(count, total), kind
    printed = f"{factor * count / total:.{digits}f}"
    texts = np.array([f"{factor:.{digits}f}", printed], dtype=object)
    bounds = bounds_of_shares(name, texts, np.array([float(total), 0.0]), np.array([float(total), INF]))
    half = Fraction(1, 2 * 10**digits)
    fitting = [n for n in range(total + 1) if abs(Fraction(factor * n, total) - Fraction(printed)) <= half]
    assert bounds is not None
    assert not bounds.ratios
    assert (bounds.lower[1], min(bounds.upper[1], total)) == (fitting[0], fitting[-1])


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 200), st.integers(0, 200), st.integers(0, 2))
def test_the_ratio_to_an_unknown_total_holds_for_the_true_counts(total: int, count: int, digits: int) -> None:
    count = min(count, total)
    texts = np.array(["100", f"{100 * count / total:.{digits}f}"], dtype=object)
    bounds = bounds_of_shares("%", texts, np.array([0.0, 0.0]), np.array([INF, INF]))
    assert bounds is not None
    (ratio,) = bounds.ratios
    assert (ratio.numerator, ratio.denominator) == (1, 0)
    assert ratio.low * total - 1e-9 <= count <= ratio.high * total + 1e-9
    assert ratio.high - ratio.low <= 1 / 10 ** (2 + digits) + 1e-12


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 50), st.integers(1000, 50_000), st.integers(0, 2))
def test_the_bounds_of_a_rate_are_the_counts_that_round_to_it(count: int, base: int, digits: int) -> None:
    rate = f"{1000 * count / base:.{digits}f}"
    one, none = np.array([rate], dtype=object), np.array([str(base)], dtype=object)
    bounds = bounds_of_rates(1000, one, none, np.array([0.0]), np.array([INF]))
    half = Fraction(1, 2 * 10**digits)
    fitting = [n for n in range(base // 10) if abs(Fraction(1000 * n, base) - Fraction(rate)) <= half]
    assert bounds is not None
    assert (bounds.lower[0], bounds.upper[0]) == (fitting[0], fitting[-1])


def test_rates_that_contradict_the_counts_give_no_bounds() -> None:
    texts, bases = np.array(["5.0"], dtype=object), np.array(["1000"], dtype=object)
    assert bounds_of_rates(1000, texts, bases, np.array([6.0]), np.array([9.0])) is None
    assert bounds_of_rates(1000, texts, bases, np.array([0.0]), np.array([4.0])) is None
    bounds = bounds_of_rates(1000, texts, bases, np.array([0.0]), np.array([5.0]))
    assert bounds is not None
    assert (bounds.lower[0], bounds.upper[0]) == (5, 5)


def test_a_cell_without_a_rate_keeps_its_bounds() -> None:
    texts, bases = np.array(["", "5.0"], dtype=object), np.array(["1000", ""], dtype=object)
    bounds = bounds_of_rates(1000, texts, bases, np.array([2.0, 3.0]), np.array([9.0, 8.0]))
    assert bounds is not None
    assert (bounds.lower.tolist(), bounds.upper.tolist()) == ([2, 3], [9, 8])


def test_equal_decimals_are_read_once_and_dropped_zeros_in_two_ways() -> None:
    (exact,) = printed_numbers(np.array(["1.5", "2.0"], dtype=object))
    assert exact.half.tolist() == [0.05, 0.05]
    narrow, wide = printed_numbers(np.array(["1.5", "2", ""], dtype=object))
    assert narrow.half.tolist() == [0.05] * 3
    assert wide.half.tolist() == [0.05, 0.5, 0.5]
    assert np.isnan(wide.values[2])


@pytest.mark.parametrize(("axis", "bounds"), [(0, (30, 30)), (1, (15, 15))])
def test_the_base_of_a_share_is_the_total_of_the_axis_that_fits(axis: int, bounds: tuple[int, int]) -> None:
    """30 of 60 in the column, or 15 of 30 in the row: the published cells show which."""
    lower = np.array([[90, 60, 30], [60, 40, 20], [30, 0, 0]], dtype=float)
    upper = np.where(lower == 0, INF, lower)
    whole = lower.max(axis=axis, keepdims=True)
    texts = np.vectorize(lambda n: f"{n:.0f}", otypes=[object])(100 * lower / whole)
    texts[2, 1], texts[2, 2] = "50", ""
    read = bounds_of_shares("percent", texts, lower, upper)
    assert read is not None
    assert (read.lower[2, 1], read.upper[2, 1]) == bounds
