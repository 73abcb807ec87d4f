"""Bounds of groups by the bounds of single unknowns, compared with every register of few people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
from hypothesis import given, settings

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.groups.system_bounds import SystemBounds
from kerege.evidence.sdc.linear.linear_system import Floats
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence.made_sheets import Figure, Source, sheet
from tests.evidence.sdc.constraints.registers import CELLS, Cell, Register, consistent, published_figures, sheet_of
from tests.evidence.sdc.groups.small_registers import fulfils, variables_of

MULTI = frozenset({"means"})
SEX, VALUES = ("f", "m"), ("debt", "fraud")
Person = tuple[str, frozenset[str]]
KINDS: list[Person] = list(product(SEX, [frozenset(), frozenset({"debt"}), frozenset({"fraud"}), frozenset(VALUES)]))


def bounded(tables: Sequence[Sheet], multi: frozenset[str] = frozenset()) -> tuple[JointBuilder, SystemBounds]:
    """Return the system of some tables with the bounds of its unknowns."""
    builder = JointBuilder(Source(multi=multi), tables, loose=True)
    return builder, SystemBounds(builder, Survey(builder.build(), 3, whole=True).core)


def ends_of(bounds: SystemBounds, chosen: Sequence[Variable]) -> tuple[Floats, Floats]:
    """Return the bounds of all groups of some variables."""
    return bounds.of_groups(chosen, tuple(len(variable.conditions) for variable in chosen))


@settings(max_examples=8, deadline=None)
@given(published_figures())
def test_bounds_hold_in_every_register_that_fits(drawn: tuple[Register, Mapping[Cell, Figure]]) -> None:
    builder, bounds = bounded([sheet_of(drawn[1])])
    chosen = variables_of(builder)
    fitting = np.array([[register[cell] for cell in CELLS] for register in consistent(drawn[1])])
    for part in [[], *[[variable] for variable in chosen], chosen]:
        low, high = ends_of(bounds, part)
        for place in np.ndindex(*low.shape):
            conditions = [v.conditions[n] for v, n in zip(part, place, strict=True)]
            holds = [all(fulfils(("row", "column"), cell, c) for c in conditions) for cell in CELLS]
            counts = fitting[:, holds].sum(axis=1)
            assert low[place] <= counts.min(), conditions
            assert high[place] >= counts.max(), conditions


def test_exact_cells_give_exact_groups() -> None:
    cells = {("f", "p"): 2, ("f", "q"): 3, ("f", "r"): 4, ("m", "p"): 5, ("m", "q"): 6, ("m", "r"): 7}
    sums = {("_T", "_T"): 27, ("f", "_T"): 9, ("m", "_T"): 18, ("_T", "p"): 7, ("_T", "q"): 9, ("_T", "r"): 11}
    builder, bounds = bounded([sheet(("sex", "form"), cells | sums)])
    chosen = sorted(variables_of(builder), key=lambda v: len(v.conditions))
    low, high = ends_of(bounds, chosen)
    for place in np.ndindex(*low.shape):
        conditions = [v.conditions[n] for v, n in zip(chosen, place, strict=True)]
        count = sum(n for cell, n in cells.items() if all(fulfils(("sex", "form"), cell, c) for c in conditions))
        assert (low[place], high[place]) == (count, count), conditions
    low, high = ends_of(bounds, [])
    assert (float(low), float(high)) == (27, 27)


def test_columns_that_no_table_links_have_no_bounds_here() -> None:
    first = sheet(("sex",), {("_T",): 9, ("f",): 4, ("m",): 5})
    builder, bounds = bounded([first, sheet(("form",), {("_T",): 9, ("p",): 2, ("q",): 7})])
    low, high = ends_of(bounds, variables_of(builder))
    assert (low == 0).all()
    assert np.isinf(high).all()


def means_table(figures: Mapping[tuple[str, str], Figure]) -> Sheet:
    """Return a table by sex and means."""
    return sheet(("sex", "means"), figures, multi=MULTI)


def count(register: Sequence[int], key: tuple[str, str]) -> int:
    """Return the people of a cell: a sex or all, and a value, none (`_U`) or all."""
    sex, value = key
    return sum(
        n
        for n, (own, means) in zip(register, KINDS, strict=True)
        if sex in ("_T", own) and (value == "_T" or (not means if value == "_U" else value in means))
    )


def test_bounds_of_values_hold_in_every_register_of_few_people() -> None:
    """4 people, 2 of them women; the cells of both columns are hidden, their margins are published."""
    figures: dict[tuple[str, str], Figure] = {
        ("_T", "_T"): 4,
        ("f", "_T"): 2,
        ("m", "_T"): 2,
        ("_T", "debt"): 3,
        ("_T", "fraud"): 1,
        ("_T", "_U"): 1,
    }
    hidden = dict.fromkeys(product(SEX, [*VALUES, "_U"]), (0, 9))
    builder, bounds = bounded([means_table(figures | hidden)], MULTI)
    fitting = [
        r for r in product(range(4), repeat=8) if sum(r) == 4 and all(count(r, k) == n for k, n in figures.items())
    ]
    assert len(fitting) > 3
    chosen = variables_of(builder)
    assert {variable.family is None for variable in chosen} == {True, False}
    for part in (chosen, chosen[::-1]):
        low, high = ends_of(bounds, part)
        for place in np.ndindex(*low.shape):
            conditions = [v.conditions[n] for v, n in zip(part, place, strict=True)]
            holds = [all(fulfils(("sex", "means"), person, c) for c in conditions) for person in KINDS]
            counts = [sum(n for n, is_in in zip(r, holds, strict=True) if is_in) for r in fitting]
            assert low[place] <= min(counts), conditions
            assert high[place] >= max(counts), conditions


def test_exact_values_of_each_sex_give_exact_groups_with_and_without_a_value() -> None:
    register = [1, 2, 0, 3, 2, 0, 4, 1]
    keys = list(product(["_T", *SEX], ["_T", *VALUES, "_U"]))
    builder, bounds = bounded([means_table({key: count(register, key) for key in keys})], MULTI)
    chosen = variables_of(builder)
    low, high = ends_of(bounds, chosen)
    for place in np.ndindex(*low.shape):
        conditions = [v.conditions[n] for v, n in zip(chosen, place, strict=True)]
        holds = [all(fulfils(("sex", "means"), person, c) for c in conditions) for person in KINDS]
        expected = sum(n for n, is_in in zip(register, holds, strict=True) if is_in)
        assert (low[place], high[place]) == (expected, expected), conditions


def test_people_of_one_code_can_be_all_or_few_of_those_with_a_value() -> None:
    """10 women and 3 men, 11 people with debt: at least 8 women and 1 man have debt, at most 10 and 3."""
    sexes = sheet(("sex",), {("_T",): 13, ("f",): 10, ("m",): 3})
    means = sheet(("means",), {("_T",): 13, ("debt",): 11, ("_U",): 2}, multi=MULTI)
    builder, bounds = bounded([sexes, means], MULTI)
    sex, column = variables_of(builder)
    low, high = ends_of(bounds, [sex, column])
    debt = next(n for n, c in enumerate(column.conditions) if c.codes[0][1] == "debt" and not c.is_complement)
    ends = {c.codes[0][1]: (low[n, debt], high[n, debt]) for n, c in enumerate(sex.conditions) if not c.is_complement}
    assert (ends["f"], ends["m"]) == ((8, 10), (1, 3))
    low, high = ends_of(bounds, [column])
    assert (low[debt], high[debt]) == (8 + 1, 10 + 3)  # sums of bounds of single unknowns: true, but not the best


def test_two_multi_valued_columns_have_no_bounds_together() -> None:
    multi = frozenset({"means", "help"})
    means = sheet(("means",), {("_T",): 9, ("debt",): 4, ("_U",): 5}, multi=frozenset({"means"}))
    food = sheet(("help",), {("_T",): 9, ("food",): 9, ("_U",): 0}, multi=frozenset({"help"}))
    builder, bounds = bounded([means, food], multi)
    low, high = ends_of(bounds, [v for v in variables_of(builder) if v.family is None])
    assert (low == 0).all()
    assert np.isinf(high).all()
