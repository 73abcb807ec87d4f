"""Bounds that a table states of its own cells."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.published_tables.stated_bounds import bounds, has_even_base
from tests.evidence import made_sheets

INF = math.inf


def rounded(**params: int) -> Table:
    """Return a table with an exact, a suppressed, a rounded and a withheld cell."""
    status = np.array([OK, SUPPRESSED, PERTURBED, WITHHELD], np.uint8)
    counts = np.array([30, 0, 12, 0])
    return Table("t", "victims", ("a",), {}, (("_T", "x", "y", "z"),), counts, status, params=dict(params))


@pytest.mark.parametrize(("base", "tight", "top"), [(4, False, 14), (4, True, 13), (3, True, 14)])
def test_a_rounded_cell_is_within_the_half_width_and_ties_narrow_an_even_base(base: int, tight: bool, top: int) -> None:
    lower, upper = bounds(rounded(half_width=2, rounded_to=base), tight=tight)
    assert lower.tolist() == [30, 1, 10, 0]
    assert upper.tolist() == [30, INF, top, INF]


def test_a_table_that_states_no_half_width_is_exact_where_it_is_rounded() -> None:
    lower, upper = bounds(rounded())
    assert (lower[2], upper[2]) == (12, 12)


@pytest.mark.parametrize(("base", "is_even"), [(1, False), (2, True), (3, False), (4, True)])
def test_a_base_is_even_or_odd(base: int, is_even: bool) -> None:
    assert has_even_base(rounded(rounded_to=base)) == is_even
    assert not has_even_base(rounded())


def test_a_published_table_has_the_bounds_of_its_files_however_it_is_rounded() -> None:
    sheet = made_sheets.sheet(
        ("a",), {("_T",): 9, ("x",): (2, 5), ("y",): None}, params={"rounded_to": 4, "half_width": 3}
    )
    for tight in (False, True):
        lower, upper = bounds(sheet, tight=tight)
        assert (lower.tolist(), upper.tolist()) == ([9, 2, 1], [9, 5, INF])
    assert not has_even_base(sheet)
