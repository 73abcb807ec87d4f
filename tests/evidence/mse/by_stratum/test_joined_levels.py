"""Strata are disjoint, have every cell, and have enough people where all together have."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.mse.by_stratum.joined_levels import Cell, Joined, join_levels

LEAST = 20
CELLS = st.dictionaries(
    st.tuples(st.sampled_from("fm_"), st.sampled_from(["0", "1", "2", "3"]), st.sampled_from("ab")),
    st.integers(0, 60),
    min_size=1,
)


def is_inside(cell: Cell, joined: Joined) -> bool:
    return all(level in levels for level, levels in zip(cell, joined, strict=True))


@settings(max_examples=200)
@given(CELLS)
def test_every_cell_is_in_one_stratum_and_every_stratum_is_large_enough(cells: Mapping[Cell, int]) -> None:
    strata = join_levels(cells, LEAST)
    homes = {cell: [joined for joined in strata if is_inside(cell, joined)] for cell in cells}
    assert all(len(homes_of_cell) == 1 for homes_of_cell in homes.values())
    totals = [sum(people for cell, people in cells.items() if is_inside(cell, joined)) for joined in strata]
    assert min(totals) >= LEAST or len(strata) == 1


@given(CELLS)
def test_joined_levels_are_neighbours(cells: Mapping[Cell, int]) -> None:
    for position in range(3):
        order = sorted({cell[position] for cell in cells})
        for joined in join_levels(cells, LEAST):
            places = [order.index(level) for level in joined[position]]
            assert places == list(range(places[0], places[0] + len(places)))


def test_large_cells_stay_apart() -> None:
    cells = {(sex, age): LEAST for sex in "fm" for age in "ac"}
    assert join_levels(cells, LEAST) == [((sex,), (age,)) for sex in "fm" for age in "ac"]


def test_the_smallest_level_joins_the_smaller_neighbour() -> None:
    assert join_levels({("a",): 90, ("b",): 5, ("c",): 30}, LEAST) == [(("a",),), (("b", "c"),)]


def test_the_covariate_named_first_stays_the_finest() -> None:
    cells = {("f", "x"): 12, ("f", "y"): 12, ("m", "x"): 12, ("m", "y"): 12}
    assert join_levels(cells, LEAST) == [(("f",), ("x", "y")), (("m",), ("x", "y"))]
