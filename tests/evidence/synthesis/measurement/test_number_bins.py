"""Bins of numbers: every number is in the bin whose label says so; a schema file states the bins."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.measurement.number_bins import NumberBins, read_number
from kerege.evidence.synthesis.measurement.public_schema import Column, as_dict, parse_schema


def holds(label: str, number: float) -> bool:
    """Return whether a label says that it holds a number, read without the code under test."""
    if label.endswith("+"):
        return number >= float(label[:-1])
    if label.startswith("<"):
        return number < float(label[1:])
    if "--<" in label:
        start, end = label.split("--<")
        return float(start) <= number < float(end)
    start, _, end = label.partition("--")
    return float(start) <= number < float(end or start) + 1


@given(
    edges=st.lists(st.integers(0, 500), min_size=1, max_size=8, unique=True).map(sorted),
    number=st.floats(-5, 600, allow_nan=False),
)
def test_a_number_is_in_the_one_bin_whose_label_holds_it(edges: list[int], number: float) -> None:
    bins = NumberBins((-math.inf, *edges))
    assert [label for label in bins.labels if holds(label, number)] == [bins.code(repr(number))]
    assert NumberBins(tuple(edges)).code(repr(number)) == (bins.code(repr(number)) if number >= edges[0] else None)


def test_bins_of_fractions_and_of_single_numbers_say_so() -> None:
    assert NumberBins((0.5, 1.5, 2)).labels == ("0.5--<1.5", "1.5--<2", "2+")
    assert NumberBins((0, 1, 2, 18)).labels == ("0", "1", "2--17", "18+")


@pytest.mark.parametrize(
    ("text", "number"),
    [("12", 12), ("12,5", 12.5), ("1 250", 1250), ("1\u00a0250,5", 1250.5), ("-3", -3), ("1e3", 1000)],
)
def test_numbers_are_read_in_the_ways_in_which_spreadsheets_write_them(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "about 12", "12-15", "nan", "inf", "1,250,000"])
def test_another_text_is_no_number(text: str) -> None:
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        ({"bins": []}, "has bins without edges"),
        ({"bins": 5}, "has bins without edges"),
        ({"bins": [0, "18"]}, "has an edge that is no number"),
        ({"bins": [0, math.nan]}, "has an edge that is no number"),
        ({"bins": [18, 0]}, "has edges that do not ascend"),
        ({"bins": [0, 10**400]}, "has an edge that is no number"),
        ({"bins": [0.1, 0.1 + 1e-15]}, "has edges that are equal in 12 digits"),
        ({"bins": list(range(1_001))}, "has more than 1,000 edges"),
        ({"private_bins": 8, "range": [0, 10**400]}, "has private bins without a public range"),
        ({"private_bins": 8, "range": [0, 9], "step": 10**400}, "has a step that is not within the range"),
        ({"private_bins": 8, "range": [1e9, 1e9 + 1], "step": 1e-4}, "has edges that are equal in 12 digits"),
        ({"private_bins": 1, "range": [0, 9]}, "has private_bins that are no number from 2 to 50"),
        ({"private_bins": 8}, "has private bins without a public range"),
        ({"private_bins": 8, "range": [9, 0]}, "has private bins without a public range"),
        ({"private_bins": 8, "range": [0, 9], "step": 10}, "has a step that is not within the range"),
        ({"private_bins": 8, "range": [0, 10**9]}, "has a step that is not within the range"),
        ({"private_bins": 8, "range": [0, 9], "multi": True}, "has private bins for several values"),
        ({"private_bins": 8, "range": [0, 9], "edges": [4]}, "is not described"),
        ({"bins": [0], "open": True}, "needs one of values, list, open, bins or date"),
        ({"bins": [0], "date": "month"}, "needs one of values, list, open, bins or date"),
    ],
)
def test_bins_that_are_not_valid_are_one_sentence(entry: dict[str, object], what: str) -> None:
    with pytest.raises(BadInput) as refused:
        parse_schema({"columns": {"age": entry}})
    assert [(fault.column, fault.what.startswith(what)) for fault in refused.value.faults] == [("age", True)]


def test_a_certificate_gives_back_the_bins_of_its_columns() -> None:
    asked = parse_schema({"columns": {"a": {"bins": [-math.inf, 18]}, "b": {"private_bins": 3, "range": [0, 9]}}})
    assert parse_schema(as_dict(asked)) == asked
    measured = NumberBins((-math.inf, 4, 7), 3, 0, 9)
    schema = (asked[0], Column("b", measured.labels, source=asked[1].source, coding=measured))
    assert parse_schema(as_dict(schema)) == schema
    assert schema[1].values == ("<4", "4--6", "7+")


@pytest.mark.parametrize(
    ("edges", "labels"),
    [
        ([1234567, 1234568, 1234600], ("1234567", "1234568--1234599", "1234600+")),
        ([0.1, 0.10000001, 0.10000002], ("0.1--<0.10000001", "0.10000001--<0.10000002", "0.10000002+")),
    ],
)
def test_close_edges_have_labels_that_differ(edges: list[float], labels: tuple[str, ...]) -> None:
    (column,) = parse_schema({"columns": {"age": {"bins": edges}}})
    assert column.values == labels
