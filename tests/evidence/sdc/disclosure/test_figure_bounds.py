"""Bounds of single figures: each table has a place in one system, and exact ends on request."""

from __future__ import annotations

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import join
from kerege.evidence.sdc.disclosure.figure_bounds import FigureBounds
from tests.evidence.made_sheets import Source
from tests.evidence.sdc.disclosure.published import by_sex

FIRST, SECOND = by_sex(20, (0, 9), (5, 30)), by_sex(20, None, None)
SURVEY = Survey(join(Source(), [FIRST, SECOND]), 3)


def test_a_cell_has_its_place_among_the_cells_of_all_tables() -> None:
    bounds = FigureBounds([([FIRST, SECOND], SURVEY)])
    assert [bounds.cell(FIRST, flat) for flat in range(3)] == [(SURVEY, flat) for flat in range(3)]
    assert bounds.cell(SECOND, 2) == (SURVEY, 5)


def test_a_table_of_no_system_has_no_place() -> None:
    bounds = FigureBounds([([FIRST], SURVEY)])
    assert bounds.cell(SECOND, 0) is None
    assert FigureBounds([]).cell(FIRST, 0) is None


def test_the_ends_follow_from_all_tables() -> None:
    """20 people, up to 9 of them women by the first table, at least 1 by the second: 11 to 19 men."""
    bounds = FigureBounds([([FIRST, SECOND], SURVEY)])
    women, men = bounds.cell(FIRST, 1), bounds.cell(SECOND, 2)
    assert women is not None
    assert men is not None
    assert bounds.exact(women) == (1, 9)
    assert bounds.exact(men) == (11, 19)
    assert bounds.exact(women) == (1, 9)  # from memory


def test_the_first_system_of_a_table_counts() -> None:
    alone = Survey(join(Source(), [FIRST]), 3)
    bounds = FigureBounds([([FIRST], alone), ([FIRST, SECOND], SURVEY)])
    place = bounds.cell(FIRST, 1)
    assert place is not None
    assert place[0] is alone
    assert bounds.exact(place) == (0, 9)
    assert bounds.cell(SECOND, 0) == (SURVEY, 3)
