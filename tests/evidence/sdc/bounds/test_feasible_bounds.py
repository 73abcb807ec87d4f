"""Feasible integers of cells, compared with every register that is consistent with the figures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from kerege.evidence.sdc.bounds.feasible_bounds import Survey, is_wide
from kerege.evidence.sdc.bounds.presolve import Contradiction
from kerege.evidence.sdc.constraints.multi_table import join
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Figure, Source
from tests.evidence.oracle import is_safe
from tests.evidence.sdc.constraints.registers import (
    CELLS,
    MOST,
    Cell,
    Register,
    all_keys,
    consistent,
    margin,
    published_figures,
    sheet_of,
)

Drawn = tuple[Register, dict[Cell, Figure]]
THRESHOLD = 3


def survey_of(figures: dict[Cell, Figure]) -> Survey:
    """Return the survey of an intruder who has one table."""
    return Survey(join(Source(), [sheet_of(figures)]), THRESHOLD)


def true_ends(figures: dict[Cell, Figure]) -> dict[Cell, tuple[int, int]]:
    """Return the least and the largest count of each cell over all consistent registers."""
    registers = list(consistent(figures))
    counts = {key: [margin(register, key) for register in registers] for key in all_keys()}
    return {key: (min(values), max(values)) for key, values in counts.items()}


def is_bounded(ends: dict[Cell, tuple[int, int]]) -> bool:
    """Return whether no register has as many people in a cell as the enumeration allows."""
    return all(ends[key][1] < MOST for key in CELLS)


@settings(max_examples=15, deadline=None)
@given(published_figures())
def test_the_intervals_are_the_counts_of_all_consistent_registers(drawn: Drawn) -> None:
    _, figures = drawn
    ends = true_ends(figures)
    if is_bounded(ends):
        sheet = sheet_of(figures)
        intervals = survey_of(figures).intervals(range(sheet.counts.size))
        assert {sheet.keys(flat): end for flat, end in intervals.items()} == ends


@settings(max_examples=15, deadline=None)
@given(published_figures())
def test_the_narrow_targets_are_those_that_are_unsafe_by_the_definition(drawn: Drawn) -> None:
    _, figures = drawn
    ends = true_ends(figures)
    if not is_bounded(ends):
        return
    for sweep in (True, False):
        survey = survey_of(figures)
        targets = survey.core.targets
        narrow = survey.narrow(np.ones(len(targets), dtype=bool), sweep=sweep)
        table = survey.joint.tables[0]
        expected = [t for t, cell in enumerate(targets) if not is_safe(*ends[table.keys(int(cell))], THRESHOLD)]  # type: ignore[index]
        assert sorted(narrow) == expected
        assert survey.late == []


@settings(max_examples=10, deadline=None)
@given(published_figures())
def test_what_a_witness_shows_lies_within_the_feasible_interval(drawn: Drawn) -> None:
    _, figures = drawn
    ends = true_ends(figures)
    survey = survey_of(figures)
    survey.widen(np.ones(len(survey.core.targets), dtype=bool))
    low, high = survey.reached
    for target, cell in enumerate(survey.core.targets):
        key = survey.joint.tables[0].keys(int(cell))
        assert (low[target], high[target]) == survey.shown(target)
        assert ends[key][0] <= low[target] <= high[target]  # type: ignore[index]
        if is_bounded(ends):
            assert high[target] <= ends[key][1]  # type: ignore[index]


@settings(max_examples=10, deadline=None)
@given(published_figures())
def test_the_settled_register_has_all_published_figures(drawn: Drawn) -> None:
    _, figures = drawn
    sheet = sheet_of(figures)
    settled = Survey(join(Source(), [sheet]), THRESHOLD, whole=True).settled()
    assert ((settled.truth >= sheet.lower.ravel()) & (settled.truth <= sheet.upper.ravel())).all()
    assert (settled.sums @ settled.people == settled.truth).all()
    sums = settled.rules.matrix @ settled.people
    assert ((sums >= settled.rules.low) & (sums <= settled.rules.high)).all()


HIDDEN_ROW: dict[Cell, Figure] = {
    ("_T", "_T"): 9,
    ("a", "_T"): (0, 9),
    ("b", "_T"): (0, 9),
    ("_T", "x"): 5,
    ("_T", "y"): 4,
    **dict.fromkeys(CELLS, (0, 9)),
}


def test_a_target_is_proved_empty_exactly_if_nobody_can_be_in_it() -> None:
    """All 4 of column x are in row a by the bounds: nobody of column x is in row b."""
    figures = HIDDEN_ROW | {("_T", "_T"): 7, ("_T", "x"): 4, ("_T", "y"): 3, ("a", "x"): (4, 9)}
    survey = survey_of(figures)
    ends = true_ends(figures)
    targets = list(range(len(survey.core.targets)))
    empty = survey.prove_empty(targets)
    keys = [survey.joint.tables[0].keys(int(cell)) for cell in survey.core.targets]
    assert {keys[target] for target in empty} <= {key for key in keys if ends[key] == (0, 0)}  # type: ignore[index]


def test_a_program_for_empty_targets_is_a_witness_of_others() -> None:
    """Nobody is in row a at the start: 9 of column x can be there."""
    survey = survey_of({("_T", "_T"): 9, ("_T", "x"): (0, 9), ("a", "x"): (0, 9), ("b", "x"): (0, 9)})
    target = int(
        survey.core.place[
            next(cell for cell in survey.core.targets if survey.joint.tables[0].keys(int(cell)) == ("a", "x"))
        ]
    )
    before = survey.shown(target)
    assert survey.prove_empty([target]) == []
    assert survey.shown(target)[1] > before[1]


def test_constant_targets_keep_their_value_after_the_proof() -> None:
    figures = HIDDEN_ROW | {("a", "_T"): 6, ("b", "_T"): 3, ("b", "x"): (2, 2)}
    survey = survey_of(figures)
    survey.prove_constant(range(len(survey.core.targets)))
    ends = true_ends(figures)
    for target, cell in enumerate(survey.core.targets):
        assert survey.ends_of(target) == ends[survey.joint.tables[0].keys(int(cell))]  # type: ignore[index]


def test_targets_that_must_be_wide_are_narrow_however_large_they_are() -> None:
    figures: dict[tuple[str, ...], Figure] = {("_T",): 20, ("a",): (9, 10), ("b",): (10, 11)}
    survey = Survey(join(Source(), [made_sheets.sheet(("row",), figures)]), THRESHOLD)
    everything = np.ones(len(survey.core.targets), dtype=bool)
    assert survey.narrow(everything) == []
    assert survey.narrow(everything, everything) == [0, 1]


def test_targets_that_are_not_examined_are_not_reported() -> None:
    survey = survey_of(HIDDEN_ROW | {("a", "x"): (1, 2)})
    assert survey.narrow(np.zeros(len(survey.core.targets), dtype=bool)) == []


def test_without_time_every_open_target_is_late() -> None:
    figures = HIDDEN_ROW | {("a", "x"): (1, 2)}
    survey = Survey(join(Source(), [sheet_of(figures)]), THRESHOLD, budget=-1.0)
    examined = np.ones(len(survey.core.targets), dtype=bool)
    assert survey.narrow(examined) == []
    assert survey.late


def test_margins_that_no_register_has_are_a_contradiction() -> None:
    margins = {("_T", "_T"): 11, ("a", "_T"): 6, ("b", "_T"): 4, ("_T", "x"): 7, ("_T", "y"): 4}
    with pytest.raises(Contradiction):
        survey_of({**margins, **dict.fromkeys(CELLS)})


@pytest.mark.parametrize(
    ("low", "high", "wide"),
    [(0, 2, False), (1, 3, True), (2, 3, False), (0, 3, True), (0, 0, False), (5, 6, False), (5, 7, True)],
)
def test_an_interval_is_wide_with_so_many_sizes_as_the_threshold(low: int, high: int, wide: bool) -> None:
    assert is_wide(np.array([low]), np.array([high]), THRESHOLD).tolist() == [wide]
