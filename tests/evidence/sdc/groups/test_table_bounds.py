"""Bounds of groups by one table: sums of codes, and totals minus codes, in every register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.conditions import Condition, Variable
from kerege.evidence.sdc.groups.table_bounds import floors
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence.made_sheets import Figure, Source, sheet
from tests.evidence.sdc.constraints.registers import CELLS, Cell, Register, consistent, published_figures, sheet_of
from tests.evidence.sdc.groups.small_registers import fulfils, variables_of

Ends = tuple[float, float]
Bounds = dict[tuple[str, ...], Ends]


def named(condition: Condition) -> str:
    """Return a short name of a condition: its code, with "not" before the code of a complement."""
    return ("not " if condition.is_complement else "") + condition.codes[0][1]


def bounds_of(tables: Sequence[Sheet], columns: Sequence[str], multi: frozenset[str] = frozenset()) -> Bounds:
    """Return the bounds of all groups by some columns, by the names of their conditions."""
    builder = JointBuilder(Source(multi=multi), tables, loose=True)
    builder.build()
    chosen = [next(v for v in variables_of(builder) if _column(builder, v) == column) for column in columns]
    low, high = floors(builder, chosen, tuple(len(variable.conditions) for variable in chosen))
    return {
        tuple(named(v.conditions[n]) for v, n in zip(chosen, place, strict=True)): (low[place], high[place])
        for place in np.ndindex(*low.shape)
    }


def _column(builder: JointBuilder, variable: Variable) -> str:
    return variable.column if variable.family is None else builder.families[variable.family].columns[0]


def by_form(**figures: Figure) -> Sheet:
    """Return a table by form; `total` is its margin."""
    return sheet(("form",), {("_T" if code == "total" else code,): figure for code, figure in figures.items()})


@settings(max_examples=8, deadline=None)
@given(published_figures())
def test_bounds_hold_in_every_register_that_fits(drawn: tuple[Register, Mapping[Cell, Figure]]) -> None:
    figures = drawn[1]
    builder = JointBuilder(Source(), [sheet_of(figures)])
    chosen = variables_of(builder)
    low, high = floors(builder, chosen, tuple(len(variable.conditions) for variable in chosen))
    fitting = np.array([[register[cell] for cell in CELLS] for register in consistent(figures)])
    for place in np.ndindex(*low.shape):
        conditions = [v.conditions[n] for v, n in zip(chosen, place, strict=True)]
        holds = [all(fulfils(("row", "column"), cell, c) for c in conditions) for cell in CELLS]
        counts = fitting[:, holds].sum(axis=1)
        assert low[place] <= counts.min(), conditions
        assert high[place] >= counts.max(), conditions


def test_codes_add_up_and_the_total_less_a_code_is_everybody_else() -> None:
    """30 people: 12 have p, 5 to 8 have q, r is not known. So 22 to 25 are without q, and 10 to 13 have r."""
    bounds = bounds_of([by_form(total=30, p=12, q=(5, 8), r=(0, np.inf))], ["form"])
    assert bounds["p",] == (12, 12)
    assert bounds["not p",] == (18, 18)
    assert bounds["q",] == (5, 8)
    assert bounds["not q",] == (22, 25)
    assert bounds["not r",] == (17, 20)


def test_a_hidden_total_is_the_sum_of_its_codes() -> None:
    bounds = bounds_of([by_form(total=(0, np.inf), p=12, q=(5, 8), r=4)], ["form"])
    assert bounds["not q",] == (16, 16)
    assert bounds["not p",] == (9, 12)


def test_the_better_of_two_tables_counts() -> None:
    first, second = by_form(total=30, p=(2, 9), q=(21, 28)), by_form(total=30, p=(5, 20), q=(10, 25))
    assert bounds_of([first, second], ["form"])["p",] == (5, 9)


@pytest.mark.parametrize(("columns", "expected"), [(("sex", "form"), (2, 2)), (("form", "sex"), (2, 2))])
def test_axes_come_in_the_order_of_the_variables(columns: tuple[str, str], expected: Ends) -> None:
    cells = {("f", "p"): 2, ("f", "q"): 3, ("f", "r"): 4, ("m", "p"): 5, ("m", "q"): 6, ("m", "r"): 7}
    sums = {("_T", "_T"): 27, ("f", "_T"): 9, ("m", "_T"): 18, ("_T", "p"): 7, ("_T", "q"): 9, ("_T", "r"): 11}
    bounds = bounds_of([sheet(("sex", "form"), cells | sums)], columns)
    code = {"sex": "f", "form": "p"}
    assert bounds[code[columns[0]], code[columns[1]]] == expected
    code = {"sex": "m", "form": "not q"}
    assert bounds[code[columns[0]], code[columns[1]]] == (12, 12)


def test_a_table_bounds_groups_by_some_of_its_columns_with_its_margins() -> None:
    cells = dict.fromkeys(product("fm", "pq"), 4)
    sums = {("_T", "_T"): 16, ("f", "_T"): 8, ("m", "_T"): 8, ("_T", "p"): 8, ("_T", "q"): 8}
    bounds = bounds_of([sheet(("sex", "form"), cells | sums)], ["form"])
    assert bounds["p",] == bounds["q",] == bounds["not p",] == (8, 8)
    assert bounds["another",] == (0, 0)  # no code but p and q is on the axis


def test_a_filter_bounds_only_the_groups_that_have_its_condition() -> None:
    """A table of women by form says nothing of the forms of all people."""
    women = sheet(("form",), {("_T",): 9, ("p",): 3, ("q",): 6}, where={"sex": ["f"]})
    everybody = sheet(("sex",), {("_T",): 20, ("f",): 9, ("m",): 11})
    bounds = bounds_of([women, everybody], ["sex", "form"])
    assert bounds["f", "p"] == (3, 3)
    assert bounds["f", "q"] == (6, 6)
    assert bounds["m", "p"] == (0, np.inf)
    assert bounds_of([women, everybody], ["form"])["p",] == (0, np.inf)


def test_the_people_of_a_filter_are_the_total_of_its_table() -> None:
    women = sheet(("form",), {("_T",): 9, ("p",): 3, ("q",): 6}, where={"sex": ["f"]})
    everybody = by_form(total=20, p=8, q=12)
    assert bounds_of([women, everybody], ["sex"])["f",] == (9, 9)


def test_codes_that_a_table_may_leave_out_are_in_no_sum() -> None:
    """Without r on the axis: p and q are known, everybody but p are those of the total, not those of q."""
    table = by_form(total=20, p=8, q=7)
    table.incomplete = frozenset({"form"})
    bounds = bounds_of([table], ["form"])
    assert bounds["p",] == (8, 8)
    assert bounds["not p",] == (12, 12)
    hidden = by_form(total=(0, np.inf), p=8, q=7)
    hidden.incomplete = frozenset({"form"})
    assert bounds_of([hidden], ["form"])["not p",][1] > 1e11  # no table limits those who are on no axis


def test_people_without_a_value_are_the_total_less_those_who_have_it() -> None:
    cells = {("_T",): 20, ("debt",): 6, ("fraud",): (3, 5), ("_U",): 8}
    multi = frozenset({"means"})
    bounds = bounds_of([sheet(("means",), cells, multi=multi)], ["means"], multi)
    assert bounds["debt",] == (6, 6)
    assert bounds["not debt",] == (14, 14)
    assert bounds["not fraud",] == (15, 17)
    assert bounds["_U",] == (8, 8)


def test_a_table_of_a_filter_on_several_values_bounds_nothing_here() -> None:
    multi = frozenset({"means"})
    picked = sheet(("form",), {("_T",): 9, ("p",): 3, ("q",): 6}, where={"means": ["debt"]}, multi=multi)
    bounds = bounds_of([picked, by_form(total=20, p=8, q=12)], ["form"])
    assert (bounds["p",], bounds["q",]) == ((8, 8), (12, 12))


@settings(max_examples=8, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), min_size=3, max_size=3))
def test_bounds_of_complements_are_the_better_of_both_ways(codes: list[tuple[int, int]]) -> None:
    """Everybody but p are the total less p, or q and r together."""
    figures = {code: (float(low), float(low + room)) for code, (low, room) in zip("pqr", codes, strict=True)}
    total = sum(low for low, _ in codes) + min(room for _, room in codes)
    bounds = bounds_of([by_form(total=total, **figures)], ["form"])
    for code in "pqr":
        others = [ends for name, ends in figures.items() if name != code]
        added = sum(low for low, _ in others), sum(high for _, high in others)
        subtracted = total - figures[code][1], total - figures[code][0]
        assert bounds[f"not {code}",] == (max(added[0], subtracted[0], 0), min(added[1], subtracted[1]))
