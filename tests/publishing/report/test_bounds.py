"""Comparisons of published cells hold for every true table that fits."""

from __future__ import annotations

import math

import pytest

from kerege.publishing.report.bounds import Bounds, bounds_along, bounds_of, is_majority, is_near, rank
from kerege.publishing.storage.published_tables import PublishedCell, PublishedTable
from tests.publishing.made import one, table_entry, to_csv


def table(half_width: int | None = None, **cells: int | tuple[int, str] | None) -> PublishedTable:
    """Return a table by country with a total of 100 people."""
    entry = table_entry(params={} if half_width is None else {"half_width": half_width})
    return PublishedTable("t", ("country",), entry, to_csv(["country"], one(cells, 100)))


@pytest.mark.parametrize(
    ("cell", "half_width", "expected"),
    [
        (PublishedCell(7), None, (7, 7)),
        (PublishedCell(7, "perturbed"), 10, (0, 17)),
        (PublishedCell(7, "perturbed"), None, (0, math.inf)),
        (PublishedCell(None, "suppressed"), None, (0, math.inf)),
        (None, None, (0, math.inf)),
    ],
)
def test_a_cell_allows_the_numbers_within_its_bounds(
    cell: PublishedCell | None, half_width: int | None, expected: tuple[float, float]
) -> None:
    span = bounds_of(table(half_width, UZ=60), cell)
    assert (span.lower, span.upper) == expected


def test_a_suppressed_number_is_at_most_the_rest_of_the_total() -> None:
    published = table(UZ=60, KZ=25, KG=None, RU=None)
    spans = bounds_along(published, published.along())
    assert spans["KG"] == spans["RU"] == Bounds(0, 15)
    of_several_values = bounds_along(published, published.along(), is_partition=False)
    assert of_several_values["KG"] == Bounds(0, 100)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ({"A": (9, 9), "B": (5, 5), "C": (1, 1)}, ["A", "B", "C"]),
        ({"A": (9, 9), "B": (9, 9), "C": (1, 1)}, []),  # two are first
        ({"A": (9, 9), "B": (5, 5), "C": (0, 5)}, ["A"]),  # the suppressed one can be as many as B
        ({"A": (8, 12), "B": (5, 9)}, []),  # rounded numbers overlap
        ({"A": (9, 9), "_O": (6, 6), "B": (3, 3)}, ["A"]),  # one of the others can have all six
        ({"_O": (20, 20), "A": (9, 9)}, []),
        ({"_U": (50, 50), "A": (9, 9), "B": (2, 2)}, ["A", "B"]),  # people of whom nothing is known are no category
        ({"A": (0, math.inf), "B": (5, 5)}, []),
    ],
)
def test_a_place_is_certain_only_above_all_that_the_later_ones_can_be(
    spans: dict[str, tuple[float, float]], expected: list[str]
) -> None:
    assert rank({code: Bounds(*span) for code, span in spans.items()}) == expected


def test_a_majority_and_a_small_difference_hold_at_the_worst_ends() -> None:
    assert is_majority(Bounds(51, 60), Bounds(100, 100))
    assert not is_majority(Bounds(50, 60), Bounds(100, 100))
    assert is_near(Bounds(45, 50), Bounds(50, 55), Bounds(100, 100))
    assert not is_near(Bounds(44, 50), Bounds(50, 55), Bounds(100, 100))
    assert not is_near(Bounds(0, math.inf), Bounds(50, 50), Bounds(100, 100))
