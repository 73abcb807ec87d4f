"""Unknowns of an intruder: possible combinations, groups that agree, and the true numbers."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.constraints import unknowns as module
from kerege.evidence.sdc.constraints.equations import EquationSystem
from kerege.evidence.sdc.constraints.table_views import read_views
from kerege.evidence.sdc.constraints.unknowns import Unknowns
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Source

COLUMNS = ("a", "b", "c")
PEOPLE = st.lists(st.tuples(*[st.sampled_from("xy")] * 3), min_size=2, max_size=14)
People = list[tuple[str, ...]]


def unknowns_of(people: People, *by: tuple[str, ...], zeros: bool = True) -> Unknowns:
    """Return the unknowns of tables by these columns, with the rows of the people."""
    frame = pl.DataFrame(people, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    tables = [Table.from_frame(frame, list(columns)) for columns in by]
    all_families, views = read_views(Source(frame), tables)
    return Unknowns(all_families, views, [view.scope for view in views], len(people), zeros=zeros)


def combinations_of(unknowns: Unknowns, group: int) -> list[tuple[str, ...]]:
    """Return the combinations of a group as values, its columns in alphabetical order."""
    families = sorted(unknowns.groups[group], key=lambda f: unknowns.families[f].columns)
    coords = unknowns.coords[group]
    return [
        tuple(unknowns.families[f].atoms[coords[f][place]][0] for f in families)
        for place in range(unknowns.count(group))
    ]


@settings(max_examples=10, deadline=None)
@given(PEOPLE)
def test_the_possible_combinations_are_those_without_a_published_zero(people: People) -> None:
    unknowns = unknowns_of(people, ("a", "b"))
    (group,) = range(len(unknowns.groups))
    assert sorted(combinations_of(unknowns, group)) == sorted({person[:2] for person in people})
    everything = unknowns_of(people, ("a", "b"), zeros=False)
    values = [sorted({person[d] for person in people}) for d in (0, 1)]
    assert sorted(combinations_of(everything, 0)) == sorted(product(*values))


@settings(max_examples=10, deadline=None)
@given(PEOPLE)
def test_the_tally_counts_the_chosen_people_of_each_combination(people: People) -> None:
    unknowns = unknowns_of(people, ("a", "b"), ("b", "c"))
    chosen = np.arange(len(people)) % 2 == 0
    for group in range(len(unknowns.groups)):
        columns = sorted(name for f in unknowns.groups[group] for name in unknowns.families[f].columns)
        places = [COLUMNS.index(name) for name in columns]
        expected = Counter(tuple(person[d] for d in places) for person in people[::2])
        tally = unknowns.tally(group, chosen)
        assert [expected[key] for key in combinations_of(unknowns, group)] == tally.tolist()


@settings(max_examples=10, deadline=None)
@given(PEOPLE)
def test_true_numbers_keep_the_equations_between_overlapping_groups(people: People) -> None:
    unknowns, system = unknowns_of(people, ("a", "b"), ("b", "c")), EquationSystem()
    unknowns.number(system)
    rules, truth = system.rules(), system.truth()
    assert (rules.matrix @ truth == 0).all()
    assert (rules.low == 0).all()
    assert (rules.high == 0).all()
    assert truth.sum() == len(people) * len(unknowns.groups)
    if system.size > 2 and rules.matrix.shape[0] > 1:
        truth[0] += 1
        assert (rules.matrix @ truth != 0).any()


def test_groups_are_joined_where_tables_share_columns_pair_by_pair() -> None:
    """Three tables by two columns each form a circle: no two cliques of two columns would do."""
    people = [*product("xy", repeat=3)]
    assert [len(group) for group in unknowns_of(people, ("a", "b"), ("b", "c"), ("a", "c")).groups] == [3]
    assert sorted(len(group) for group in unknowns_of(people, ("a", "b"), ("b", "c")).groups) == [2, 2]
    assert [len(group) for group in unknowns_of(people, ("a", "b"), ("a",)).groups] == [2]


def test_a_combination_that_an_overlapping_group_rules_out_is_dropped() -> None:
    """Nobody has b = y in one table, so the other table has no such combination either."""
    frame = pl.DataFrame({"a": ["x", "y"], "b": ["x", "x"], "c": ["x", "y"]})
    first = Table.from_frame(frame, ["a", "b"])
    second = made_sheets.sheet(("b", "c"), {("_T", "_T"): 2, ("x", "x"): (0, 2), ("y", "y"): (0, 2)})
    all_families, views = read_views(Source(frame), [first, second])
    unknowns = Unknowns(all_families, views, [view.scope for view in views], 2)
    named = {"x", "y"}
    for group in range(len(unknowns.groups)):
        columns = sorted(name for f in unknowns.groups[group] for name in unknowns.families[f].columns)
        values = {key[columns.index("b")] for key in combinations_of(unknowns, group)} & named
        assert values == {"x"}


@pytest.mark.parametrize(("most", "sizes"), [(8, [3]), (7, [2, 2, 2])])
def test_a_group_with_too_many_combinations_is_split_into_its_tables(
    monkeypatch: pytest.MonkeyPatch, most: int, sizes: list[int]
) -> None:
    monkeypatch.setattr(module, "MOST_COMBINATIONS", most)
    unknowns = unknowns_of([*product("xy", repeat=3)], ("a", "b"), ("b", "c"), ("a", "c"))
    assert sorted(len(group) for group in unknowns.groups) == sizes
    assert bool(unknowns.large) == (len(sizes) > 1)
    assert len(unknowns.near) == len(sizes) * (len(sizes) - 1) // 2


def test_the_smallest_group_that_holds_a_term_is_chosen() -> None:
    people = [*product("xy", "xyz", "xy")]
    unknowns = unknowns_of(people, ("a", "b"), ("a", "c"))
    family = [family.columns for family in unknowns.families].index(("a",))
    mask = np.array([True, False])
    chosen = unknowns.group_of({family: mask})
    assert unknowns.count(chosen) == min(map(unknowns.count, range(len(unknowns.groups)))) == 4
    assert len(unknowns.cells(chosen, {family: mask})) == 2
    assert not unknowns.fits({}, frozenset(range(3)))


def test_a_row_with_an_impossible_combination_has_no_place() -> None:
    people: People = [("x", "x", "x"), ("y", "y", "y")]
    unknowns = unknowns_of(people, ("a", "b"))
    places = unknowns.places(0)
    assert (places >= 0).all()
    unknowns.coords[0] = {f: atoms[:1] for f, atoms in unknowns.coords[0].items()}
    kept = combinations_of(unknowns, 0)[0]
    assert [place >= 0 for place in unknowns.places(0)] == [person[:2] == kept for person in people]
    unknowns.coords[0] = {f: atoms[:0] for f, atoms in unknowns.coords[0].items()}
    assert unknowns.places(0).tolist() == [-1, -1]


@given(st.lists(st.integers(0, 1), min_size=2, max_size=2), st.lists(st.integers(0, 1), min_size=2, max_size=2))
@settings(max_examples=16, deadline=None)
def test_labels_are_equal_exactly_for_equal_atoms(first: list[int], second: list[int]) -> None:
    unknowns = unknowns_of([*product("xy", repeat=3)], ("a", "b"))
    coords = {f: np.array([a, b]) for f, (a, b) in enumerate(zip(first, second, strict=True))}
    left, right = unknowns.label(coords, [0, 1])
    assert (left == right) == (first == second)
    assert (unknowns.label(coords, []) == 0).all()
