"""Registers that fit published tables: made of counts of overlapping groups of columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.register import NO_COLUMN, Register
from kerege.evidence.sdc.groups import registers as module
from kerege.evidence.sdc.groups.registers import register_of, true_register
from kerege.evidence.sdc.linear.linear_system import Ints
from tests.evidence.sdc.groups.small_registers import Person, builder_of

COLUMNS = ("a", "b", "c", "means")
PEOPLE = st.lists(
    st.tuples(*[st.sampled_from("xyz")] * 3, st.frozensets(st.sampled_from(["debt", "fraud"]))), min_size=1, max_size=14
)
TABLES = {
    "a chain": [("a", "b"), ("b", "c")],
    "a star with values": [("a", "b"), ("a", "c"), ("a", "means")],
    "apart": [("a",), ("b",), ("c",)],
    "one table": [("a", "b", "c")],
    "values alone": [("means",)],
    "the total alone": [()],
}


def built(people: Sequence[Person], by: Sequence[Sequence[str]]) -> tuple[JointBuilder, Ints]:
    """Return the system of some tables, and the true counts of its unknowns."""
    builder = builder_of(COLUMNS, people, *[(columns, {}) for columns in by])
    return builder, builder.build().people


def values_of(builder: JointBuilder, register: Register, row: int, column: str) -> list[str]:
    """Return the values of the people of a row in a column, `_U` for people who report none."""
    if column in builder.several:
        has = register.has[column]
        return [value for value, flags in has.items() if flags[row]]
    number = next(f for f, family in enumerate(builder.families) if column in family.columns)
    return [builder.families[number].value(column)[register.coords[number][row]]]


def cells_of(builder: JointBuilder, register: Register, by: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Return the people of each cell of a table, counted row by row."""
    cells: Counter[tuple[str, ...]] = Counter()
    for row, people in enumerate(register.people.tolist()):
        options = [["_T", *values_of(builder, register, row, column)] for column in by]
        cells.update(dict.fromkeys(product(*options), people))
    return +cells


def published(people: Sequence[Person], by: Sequence[str]) -> Counter[tuple[str, ...]]:
    """Return the people of each cell of a table, counted person by person."""
    cells: Counter[tuple[str, ...]] = Counter()
    for person in people:
        values = [person[COLUMNS.index(column)] for column in by]
        options = [["_T", *([v] if isinstance(v, str) else v or [NOT_REPORTED])] for v in values]
        cells.update(product(*options))
    return cells


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=5, deadline=None)
@given(people=PEOPLE, seed=st.integers(0, 99))
def test_a_register_of_the_true_counts_has_every_figure_of_every_table(
    name: str, people: list[Person], seed: int
) -> None:
    builder, counts = built(people, TABLES[name])
    for register in (register_of(builder, counts, np.random.default_rng(seed)), true_register(builder)):
        assert register.people.sum() == len(people)
        assert (register.people > 0).all()
        for by in TABLES[name]:
            assert cells_of(builder, register, by) == published(people, by)


def test_the_true_register_has_a_row_for_each_person() -> None:
    people: list[Person] = [
        ("x", "y", "z", frozenset({"debt"})),
        ("x", "y", "z", frozenset()),
        ("y", "y", "z", frozenset()),
    ]
    builder, _ = built(people, [("a", "b"), ("a", "means")])
    register = true_register(builder)
    assert register.people.tolist() == [1, 1, 1]
    assert [values_of(builder, register, row, "a") for row in range(3)] == [["x"], ["x"], ["y"]]
    assert [values_of(builder, register, row, "means") for row in range(3)] == [["debt"], ["_U"], ["_U"]]


def test_a_register_without_columns_has_its_people() -> None:
    builder, counts = built([("x", "x", "x", frozenset())] * 4, [()])
    register = register_of(builder, counts, np.random.default_rng(0))
    assert register.people.tolist() == [4]
    assert set(register.coords) == {NO_COLUMN}


def test_chance_decides_who_is_matched() -> None:
    """Two tables share no column: 3 people of each code can be matched in several ways."""
    people: list[Person] = [(a, b, "x", frozenset()) for a, b in product("xy", "xy") for _ in range(3)]
    builder, counts = built(people, [("a",), ("b",)])
    matched = {
        tuple(sorted(cells_of(builder, register_of(builder, counts, np.random.default_rng(seed)), ("a", "b")).items()))
        for seed in range(12)
    }
    assert len(matched) > 1


@pytest.mark.parametrize(("shuffled", "extremes"), [(0.0, {0, 6}), (1.1, None)])
def test_people_of_one_atom_are_matched_together_unless_chance_alone_decides(
    monkeypatch: pytest.MonkeyPatch, shuffled: float, extremes: set[int] | None
) -> None:
    """6 people with a = x and 6 with b = x: sorted by an atom, all or none of them are the same people."""
    monkeypatch.setattr(module, "SHUFFLED", shuffled)
    people: list[Person] = [(code, code, "x", frozenset()) for code in "xy" for _ in range(6)]
    builder, counts = built(people, [("a", "c"), ("b", "c")])
    both = {
        cells_of(builder, register_of(builder, counts, np.random.default_rng(seed)), ("a", "b"))["x", "x"]
        for seed in range(8)
    }
    assert both <= extremes if extremes is not None else both <= set(range(7))
    if extremes is not None:
        assert both == extremes


def test_people_of_a_class_have_at_least_one_value_when_they_report_any() -> None:
    """5 people of x: 4 report, 3 have debt and 2 have fraud; 1 reports nothing."""
    sets = [{"debt"}, {"debt", "fraud"}, {"debt"}, {"fraud"}, set()]
    people: list[Person] = [("x", "x", "x", frozenset(values)) for values in sets]
    builder, counts = built([*people, ("y", "x", "x", frozenset({"debt"}))], [("a", "means")])
    for seed in range(6):
        register = register_of(builder, counts, np.random.default_rng(seed))
        has = register.has["means"]
        reported = np.any([flags for value, flags in has.items() if value != NOT_REPORTED], axis=0)
        assert (reported != has[NOT_REPORTED]).all()
        assert register.people[has[NOT_REPORTED]].sum() == 1


@pytest.mark.parametrize("order", list(permutations([("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")])))
def test_tables_of_a_chain_are_joined_neighbour_by_neighbour(order: tuple[tuple[str, str], ...]) -> None:
    """Tables that are joined before they share a column would not fit the table between them."""
    columns = ("a", "b", "c", "d", "e")
    people: list[Person] = [("x",) * 5, ("y",) * 5, ("x", "x", "y", "y", "x"), ("y", "x", "x", "x", "x")] * 2
    builder = builder_of(columns, people, *[(by, {}) for by in order])
    register = register_of(builder, builder.build().people, np.random.default_rng(1))
    for by in order:
        expected = Counter(tuple(person[columns.index(name)] for name in by) for person in people)
        cells = cells_of(builder, register, by)
        assert {key: count for key, count in cells.items() if "_T" not in key} == expected


def test_combinations_without_people_have_no_row() -> None:
    builder, counts = built([("x", "x", "x", frozenset()), ("y", "y", "x", frozenset())], [("a", "b")])
    assert register_of(builder, counts * [1, 0], np.random.default_rng(0)).people.tolist() == [1]


def test_nobody_is_in_a_register_of_no_people() -> None:
    builder, counts = built([("x", "x", "x", frozenset({"debt"}))], [("a", "means")])
    register = register_of(builder, np.zeros_like(counts), np.random.default_rng(0))
    assert register.people.tolist() == []
