"""Comparisons of published cells hold for every true table that fits."""

from __future__ import annotations

import math

import pytest

from kerege.publishing.report.bounds import Bounds, bounds_of, bounds_of_table, is_majority, is_near, rank
from kerege.publishing.storage.published_tables import PublishedCell, PublishedTable
from tests.publishing.made import Cell, one, table_entry, to_csv, two


def table(half_width: int | None = None, multi: tuple[str, ...] = (), **cells: Cell) -> PublishedTable:
    """Return a table by country with a total of 100 people."""
    entry = table_entry(params={} if half_width is None else {"half_width": half_width}, multi=list(multi))
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
    spans = bounds_of_table(table(UZ=60, KZ=25, KG=None, RU=None))
    assert spans["KG",] == spans["RU",] == Bounds(0, 15)
    of_several_values = bounds_of_table(table(UZ=60, KZ=25, KG=None, multi=("country",)))
    assert of_several_values["KG",] == Bounds(0, 100)


def test_people_of_no_row_are_a_rival_without_a_name() -> None:
    """A table that lost a row has a total that its rows do not reach."""
    assert bounds_of_table(table(UZ=60, KZ=15))["?",] == Bounds(0, 25)
    assert ("?",) not in bounds_of_table(table(UZ=60, KZ=40))
    rounded = bounds_of_table(table(half_width=5, UZ=(60, "perturbed"), KZ=(25, "perturbed")))
    assert rounded["?",] == Bounds(0, 25)
    assert ("?",) not in bounds_of_table(table(half_width=10, UZ=(60, "perturbed"), KZ=(25, "perturbed")))


def test_a_suppressed_cell_of_two_dimensions_is_at_most_the_smaller_rest() -> None:
    cells = two({"UZ": {"KZ": 50, "AE": None}, "KG": {"KZ": 20, "AE": 5}}) | {
        ("_T", "AE"): 12,
        ("UZ", "_T"): 60,
        ("_T", "_T"): 85,
    }
    published = PublishedTable("t", ("origin", "destination"), table_entry(), to_csv(["origin", "destination"], cells))
    assert bounds_of_table(published)["UZ", "AE"] == Bounds(0, 7)


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
