"""Texts of figures: whole numbers, bounds, marks and flags, and texts that cannot be a count."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting.frequency_table import NOISED, OK, PERTURBED, SUPPRESSED
from kerege.evidence.sdc.reading.figures import (
    MOST,
    FigureCell,
    PublishedCount,
    integer,
    is_mark,
    is_other_number,
    is_understood,
    read_foreign_figure,
    read_own_figure,
    split_flag,
    stated_bounds,
)

INF = math.inf
HERE = Fault("", "give a whole number of at least 0", "t.csv", 7, "count")


def foreign(text: str, *flags: str, status: str = "", dash: str = "", half: float = 0) -> PublishedCount:
    """Return a figure of another publisher."""
    return read_foreign_figure(FigureCell(text, status, flags), half, dash, HERE)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, MOST), st.sampled_from([",", ".", "'", "\u2019", " ", "  ", "\u00a0", "\u202f", "\u2009"]))
def test_a_whole_number_is_read_with_any_separator_of_thousands(number: int, separator: str) -> None:
    assert integer(f"{number:,}".replace(",", separator)) == number


@pytest.mark.parametrize(("text", "number"), [("12.0", 12), ("12,00", 12), ("1 234.0", 1234), ("0.0", 0), ("007", 7)])
def test_zeros_behind_a_decimal_mark_change_no_whole_number(text: str, number: int) -> None:
    assert integer(text) == number


@pytest.mark.parametrize(
    "text",
    ["", "-3", "1.5", "12.05", "1,23", "1,2345", "12,34,567", "1,234.567", "0.123", "4 0", "1e3", "x", "٣", "9" * 40],
)
def test_other_texts_are_no_whole_number(text: str) -> None:
    assert integer(text) is None


def test_a_number_of_39_digits_is_still_a_whole_number() -> None:
    assert integer("9" * 39) == 10**39 - 1


@pytest.mark.parametrize("text", ["-3", "−3", "1.5", "1,5", "inf", "-0.0", "1e3"])
def test_a_number_that_cannot_be_a_count_is_recognised(text: str) -> None:
    assert is_other_number(text)


@pytest.mark.parametrize("text", ["", "x", "nan", "1 5", "<5", "a1"])
def test_a_text_that_is_no_number_is_not_taken_for_one(text: str) -> None:
    assert not is_other_number(text)


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        *(("<5", (0, 4)), ("< 5", (0, 4)), ("&lt;5", (0, 4)), ("<=5", (0, 5)), ("≤5", (0, 5)), ("< =5", (0, 5))),
        *(("under 5", (0, 4)), ("Fewer than 5", (0, 4)), ("less than 5", (0, 4)), ("менее 5", (0, 4))),
        *(("up to 5", (0, 5)), ("at most 5", (0, 5)), ("до 5", (0, 5)), ("не более 5", (0, 5)), ("меньше 5", (0, 4))),
        *(("5-9", (5, 9)), ("5 – 9", (5, 9)), ("5—9", (5, 9)), ("5-5", (5, 5)), ("9-5", (0, INF)), ("x", (0, INF))),
    ],
)
def test_a_text_states_the_bounds_of_its_words(text: str, bounds: tuple[float, float]) -> None:
    assert stated_bounds(text) == bounds


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        *(("12 b", ("12", "b")), ("12b", ("12", "b")), ("1,234*", ("1,234", "*")), (": c", (":", "c"))),
        *(("12[r]", ("12", "r")), ("12 (p)", ("12", "p")), ("12¹", ("12", "¹")), ("12 bep", ("12", "bep"))),
        *(("12", ("12", "")), ("12 b e", ("12 b e", "")), ("b 12", ("b 12", "")), ("", ("", ""))),
    ],
)
def test_a_flag_is_split_from_the_figure_before_it(text: str, parts: tuple[str, str]) -> None:
    assert split_flag(text) == parts


@pytest.mark.parametrize(
    "text", ["x", "X", "..", ":", "-", "—", "*", "[c]", "z", "Not applicable", "<5", "under 3", ": c"]
)
def test_usual_marks_and_bounds_are_marks(text: str) -> None:
    assert is_mark(text)


@pytest.mark.parametrize("text", ["", "5", "0", "5-9", "North", "12 b", "xx"])
def test_figures_bands_and_labels_are_no_marks(text: str) -> None:
    assert not is_mark(text)


@pytest.mark.parametrize("text", ["nine", "IX", "4 0", "0 9", "девять", "тоғыз", "see above", "9 of 40"])
def test_a_text_that_can_be_a_number_is_not_understood(text: str) -> None:
    assert not is_understood(FigureCell(text))
    assert is_understood(FigureCell(text, "suppressed"))


@pytest.mark.parametrize("text", ["", "9", "1 234", "9 b", "<5", "2-4", "x", ": c", "–", "†", "not available"])
def test_numbers_bounds_marks_and_signs_are_understood(text: str) -> None:
    assert is_understood(FigureCell(text))


@pytest.mark.parametrize(("number", "lower", "upper"), [(0, 0, 2), (1, 0, 3), (2, 0, 4), (9, 7, 11)])
def test_a_perturbed_count_is_within_the_largest_change_and_never_negative(
    number: int, lower: float, upper: float
) -> None:
    figure = read_own_figure(FigureCell(str(number), "perturbed"), 2, HERE)
    assert figure == PublishedCount(number, PERTURBED, lower, upper)


def test_an_exact_count_ignores_the_largest_change() -> None:
    assert read_own_figure(FigureCell("8", "ok"), 2, HERE) == PublishedCount(8, OK, 8, 8)
    assert read_own_figure(FigureCell("8"), 2, HERE) == PublishedCount(8, OK, 8, 8)


def test_a_noised_figure_bounds_nothing() -> None:
    assert read_own_figure(FigureCell("8", "noised"), 2, HERE) == PublishedCount(8, NOISED, 0, INF)


@pytest.mark.parametrize(("text", "lower", "upper"), [("", 0, INF), ("<5", 0, 4), ("5-9", 5, 9)])
def test_a_suppressed_figure_has_the_bounds_that_its_text_states(text: str, lower: float, upper: float) -> None:
    assert read_own_figure(FigureCell(text, "suppressed"), 0, HERE) == PublishedCount(0, SUPPRESSED, lower, upper)


@pytest.mark.parametrize("status", ["ok", "perturbed"])
def test_a_published_figure_without_a_number_is_refused(status: str) -> None:
    with pytest.raises(BadInput) as refusal:
        read_own_figure(FigureCell("many", status), 0, HERE)
    assert str(refusal.value) == "t.csv: row 7, column count: 'many' is not a count, give a whole number of at least 0"


@pytest.mark.parametrize("text", ["-3", "1.5", "inf", str(MOST + 1)])
def test_a_number_that_cannot_be_a_count_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a count, give a whole number"):
        foreign(text)


def test_the_largest_count_is_accepted() -> None:
    assert foreign(str(MOST)).upper == MOST


def test_a_dash_has_the_meaning_that_the_user_states() -> None:
    assert foreign("–", dash="zero") == PublishedCount(0, OK, 0, 0)
    assert foreign("- b", dash="suppressed") == replace(foreign("-", dash="suppressed"), mark="- b")
    assert foreign("-", dash="suppressed") == PublishedCount(0, SUPPRESSED, 0, INF, "-")


def test_a_dash_without_a_meaning_is_refused_with_the_option_to_give() -> None:
    with pytest.raises(BadInput) as refusal:
        foreign("−")
    assert str(refusal.value) == (
        "t.csv: row 7, column count: a dash can be zero or a suppressed figure, say which with --dash zero or"
        " --dash suppressed"
    )


@pytest.mark.parametrize(
    ("text", "flags", "mark"),
    [
        *(("x", (), "x"), ("C", (), "C"), ("<5", (), "<5"), (": c", (), ":"), ("", ("c",), "suppressed")),
        *(("", (), "suppressed"), (":", ("b",), ":"), ("x", ("m",), "x")),
    ],
)
def test_an_unpublished_figure_has_a_mark(text: str, flags: tuple[str, ...], mark: str) -> None:
    assert foreign(text, *flags).mark == mark


@pytest.mark.parametrize(
    ("text", "flags"),
    [("z", ()), ("~", ()), ("Неприменимо", ()), (": m", ()), (":", ("M",)), ("", (" o ",)), ("..", ("c", "l"))],
)
def test_a_figure_that_can_be_missing_has_no_mark(text: str, flags: tuple[str, ...]) -> None:
    figure = foreign(text, *flags)
    assert (figure.status, figure.mark, figure.lower, figure.upper) == (SUPPRESSED, "", 0, INF)


def test_a_status_of_kerege_is_no_mark_of_another_publisher() -> None:
    assert foreign("", status="suppressed").mark == ""
    assert foreign("12 b", status="perturbed", half=1) == PublishedCount(12, PERTURBED, 11, 13)
