"""Presolve keeps every consistent register, and refuses figures that no register has."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.bounds.presolve import Contradiction, ReducedSystem
from kerege.evidence.sdc.constraints.multi_table import JointSystem, join
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Figure, Source
from tests.evidence.sdc.constraints.registers import (
    CELLS,
    Cell,
    Register,
    all_keys,
    consistent,
    margin,
    published_figures,
    sheet_of,
)

SQUARE: dict[Cell, Figure] = {
    ("_T", "_T"): 10,
    ("a", "_T"): 6,
    ("b", "_T"): 4,
    ("_T", "x"): 7,
    ("_T", "y"): 3,
    **dict.fromkeys(CELLS),
}


def joint_of(figures: dict[Cell, Figure]) -> JointSystem:
    """Return the system of one table by two columns."""
    return join(Source(), [sheet_of(figures)])


def people_of(joint: JointSystem, register: Register) -> np.ndarray:
    """Return the unknowns of a system for a register; nobody is in other combinations."""
    first, second = joint.families
    columns = [*first.columns, *second.columns]
    atoms = [(*a, *b) for a in first.atoms for b in second.atoms]
    order = [columns.index(name) for name in ("row", "column")]
    people = np.zeros(joint.sums.shape[1], dtype=np.int64)
    size = people.size
    keys = [tuple(atom[place] for place in order) for atom in atoms]
    possible = [key for key in keys if key in register]
    assert size in (len(keys), len(possible))
    for place, key in enumerate(keys if size == len(keys) else possible):
        people[place] = register.get(key, 0)  # type: ignore[call-overload]
    return people


@settings(max_examples=25, deadline=None)
@given(published_figures())
def test_the_proved_bounds_hold_for_every_consistent_register(drawn: tuple[Register, dict[Cell, Figure]]) -> None:
    _, figures = drawn
    sheet = sheet_of(figures)
    ends = ReducedSystem(join(Source(), [sheet])).ends(range(sheet.counts.size))
    registers = list(consistent(figures))
    assert registers
    for flat, (low, high) in ends.items():
        counts = [margin(register, sheet.keys(flat)) for register in registers]  # type: ignore[arg-type]
        assert low <= min(counts)
        assert max(counts) <= high


def test_bounds_follow_through_several_equations() -> None:
    """6 of 10 are in row a, and 3 in column y, 1 or 2 of them in row a: 4 or 5 are in row a and column x."""
    joint = joint_of(SQUARE)
    reduced = ReducedSystem(joint)
    sheet = joint.tables[0]
    ends = {sheet.keys(flat): end for flat, end in reduced.ends(range(9)).items()}
    assert ends["a", "x"] == (4, 5)
    assert ends["b", "y"] == (1, 2)
    assert ends["_T", "_T"] == (10, 10)


@settings(max_examples=20, deadline=None)
@given(published_figures(), st.lists(st.integers(-3, 3), min_size=9, max_size=9))
def test_a_register_that_is_reduced_and_expanded_has_the_same_cells(
    drawn: tuple[Register, dict[Cell, Figure]], costs: list[int]
) -> None:
    """Merged combinations may exchange people; no cell and no rule notices it."""
    register, figures = drawn
    joint = joint_of(figures)
    if joint.sums.shape[1] not in (4, 9):
        return  # published zeros rule out combinations: the order of the others is not public
    people = people_of(joint, register)
    reduced = ReducedSystem(joint, whole=True)
    point = reduced.reduced(people)
    lower, upper = reduced.unknown_bounds()
    assert ((lower <= people) & (people <= upper)).all()
    for cost in (None, np.array((costs * 2)[: len(people)], dtype=float)):
        expanded = reduced.expand(point, cost)
        assert (joint.sums @ expanded).tolist() == (joint.sums @ people).tolist()
        sums = joint.rules.matrix @ expanded
        assert ((sums >= joint.rules.low) & (sums <= joint.rules.high)).all()
        assert (expanded >= 0).all()


def test_merged_combinations_are_filled_in_the_order_of_their_cost() -> None:
    """Figures that say nothing of a column leave it open: people are placed where they cost least."""
    by_row = made_sheets.sheet(("row",), {("_T",): 7, ("a",): None, ("b",): None})
    by_both = made_sheets.sheet(("row", "column"), {("_T", "_T"): 7, **dict.fromkeys(CELLS, (0, 9))})
    joint = join(Source(), [by_row, by_both])
    reduced = ReducedSystem(joint, whole=True)
    size = joint.sums.shape[1]
    point = np.zeros(len(reduced.lower), dtype=np.int64)
    for block in reduced.blocks:
        point[block.columns] = block.lower
    for cheap in range(size):
        cost = np.ones(size)
        cost[cheap] = 0
        assert reduced.expand(point, cost).sum() == reduced.expand(point).sum()
    assert (reduced.reduced_cost(np.ones(size)) >= 1).all()


@pytest.mark.parametrize(
    "changed",
    [
        {("a", "_T"): 7},  # rows exceed the total
        {("a", "x"): 7, ("a", "y"): None},  # a cell exceeds its row
        {("a", "x"): (0, 3)},  # at least 3 of column y would be in row a, of 3
    ],
)
def test_figures_that_no_register_has_are_a_contradiction(changed: dict[Cell, Figure]) -> None:
    assert not list(consistent(SQUARE | changed))
    with pytest.raises(Contradiction):
        ReducedSystem(joint_of(SQUARE | changed))


def test_bounds_that_cross_are_a_contradiction() -> None:
    sheet = sheet_of(SQUARE)
    sheet.lower[1, 1], sheet.upper[1, 1] = 5, 4
    with pytest.raises(Contradiction):
        ReducedSystem(join(Source(), [sheet]))


def test_only_cells_that_are_not_published_exactly_are_targets() -> None:
    joint = joint_of(SQUARE)
    reduced = ReducedSystem(joint)
    assert [joint.tables[0].keys(int(cell)) for cell in reduced.targets] == list(CELLS)
    assert [int(reduced.place[cell]) for cell in reduced.targets] == [0, 1, 2, 3]
    assert (reduced.place[np.setdiff1d(np.arange(9), reduced.targets)] == -1).all()


def test_hidden_cells_that_share_no_open_sum_are_blocks_of_their_own() -> None:
    """Two hidden squares of 2 by 2 cells in a table of 4 by 4 without its total, which would tie them."""
    codes = range(4)
    figures: dict[tuple[str, ...], Figure] = {(f"a{i}", "_T"): 12 for i in codes}
    figures |= {("_T", f"b{i}"): 12 for i in codes}
    figures |= {(f"a{i}", f"b{j}"): None if i // 2 == j // 2 else 3 for i in codes for j in codes}
    reduced = ReducedSystem(join(Source(), [made_sheets.sheet(("row", "column"), figures)]))
    assert len(reduced.blocks) == 2
    assert {share.block for shares in reduced.contributions for share in shares} == {0, 1}
    assert sorted(map(len, reduced.contributions)) == [*[1] * 8, 2]


def test_every_target_is_the_sum_of_its_blocks_and_a_constant() -> None:
    joint = joint_of(dict.fromkeys(all_keys(), (0, 9)) | {("_T", "_T"): 9})
    reduced = ReducedSystem(joint, whole=True)
    point = np.zeros(len(reduced.lower))
    for block in reduced.blocks:
        point[block.columns] = block.lower
    people = reduced.expand(point.astype(np.int64))
    for target, shares in enumerate(reduced.contributions):
        value = reduced.constant[target] + sum(
            float((reduced.blocks[share.block].requested @ point[reduced.blocks[share.block].columns])[share.number])
            for share in shares
        )
        assert value == pytest.approx(float((joint.sums @ people)[reduced.targets[target]]))
