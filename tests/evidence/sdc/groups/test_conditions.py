"""Conditions on the columns of tables: which there are, whom they select, and how a report names them."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import WITHHELD
from kerege.evidence.sdc.constraints.domains import REST, Family
from kerege.evidence.sdc.constraints.table_views import Literal, read_views
from kerege.evidence.sdc.groups import conditions as module
from kerege.evidence.sdc.groups.conditions import Condition, Variable, derived_group, variable_sets, variables
from kerege.evidence.sdc.published_tables.time_line import TimeLine
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Source
from tests.evidence.sdc.groups.small_registers import builder_of, fulfils, variables_of

COLUMNS = ("sex", "form")
PEOPLE = [*product("fm", "pqr")]
VALUES = st.lists(st.tuples(st.sampled_from("fm"), st.sampled_from("pqrs")), min_size=2, max_size=9)


def family_variable(*atoms: str, living: str = "") -> Variable:
    """Return the variable of one column without tables; `living` are the atoms that people can have."""
    family = Family(("form",), tuple((atom,) for atom in atoms), np.zeros(0, dtype=np.int64))
    (variable,) = variables([family], [], [np.array([atom in (living or atoms) for atom in atoms])], {})
    return variable


def named(variable: Variable) -> list[dict[str, str]]:
    """Return the labels of all conditions of a variable."""
    return [condition.labels() for condition in variable.conditions]


def test_a_column_of_two_codes_has_no_complements() -> None:
    """Everybody but the women are the men: the plain code names them."""
    assert named(family_variable("f", "m")) == [{"form": "f"}, {"form": "m"}]


def test_a_column_of_three_codes_has_each_code_and_everybody_else() -> None:
    variable = family_variable("p", "q", "r")
    assert {str(label) for label in named(variable)} == {
        *("{'form': 'p'}", "{'form': 'q'}", "{'form': 'r'}"),
        *("{'without form': 'p'}", "{'without form': 'q'}", "{'without form': 'r'}"),
    }
    for place, condition in enumerate(variable.conditions):
        code = condition.codes[0][1]
        assert variable.mask(place).tolist() == [(atom == code) != condition.is_complement for atom in "pqr"]


def test_codes_that_nobody_can_have_select_nobody_and_leave_nobody_out() -> None:
    """With r impossible, "without p" is q: two conditions remain, and everybody are two atoms."""
    variable = family_variable("p", "q", "r", living="pq")
    assert named(variable) == [{"form": "p"}, {"form": "q"}]
    assert variable.everybody.tolist() == [1, 1, 0]


def test_a_column_in_which_all_people_are_equal_is_no_variable() -> None:
    family = Family(("form",), (("p",), ("q",)), np.zeros(0, dtype=np.int64))
    assert variables([family], [], [np.array([True, False])], {}) == []


@settings(max_examples=12, deadline=None)
@given(VALUES, st.sets(st.sampled_from("pqrs"), min_size=1))
def test_conditions_select_the_people_whom_their_codes_describe(
    people: list[tuple[str, str]], chosen: set[str]
) -> None:
    """Both columns, and a filter: each mask selects the rows of exactly the people who fulfil its text."""
    kept = [person for person in people if person[1] in chosen]
    people = people if kept else [*people, ("f", min(chosen))]
    builder = builder_of(COLUMNS, people, (COLUMNS, {}), (["sex"], {"form": sorted(chosen)}))
    for variable in variables_of(builder):
        rows = builder.families[variable.family or 0].rows
        for place, condition in enumerate(variable.conditions):
            expected = [fulfils(COLUMNS, person, condition) for person in people]
            assert variable.mask(place)[rows].tolist() == expected, condition


@settings(max_examples=12, deadline=None)
@given(VALUES)
def test_no_two_conditions_of_a_variable_select_the_same_people(people: list[tuple[str, str]]) -> None:
    builder = builder_of(COLUMNS, people, (COLUMNS, {}))
    for variable in variables_of(builder):
        assert len(set(variable.keys)) == len(variable.conditions)
        for place in range(len(variable.conditions)):
            assert 0 < variable.mask(place).sum() < len(variable.everybody)


def test_the_values_of_a_filter_are_one_condition() -> None:
    builder = builder_of(COLUMNS, PEOPLE, (COLUMNS, {}), (["sex"], {"form": ["q", "p"]}))
    (form,) = (v for v in variables_of(builder) if builder.families[v.family or 0].columns == ("form",))
    texts = [dict(condition.codes)["form"] for condition in form.conditions]
    assert "p or q" in texts  # everybody but r: a plain condition names them, not a complement
    assert {"without form": "r"} not in named(form)
    alone = builder_of(COLUMNS, [*product("fm", "pqrs")], (["sex"], {"form": ["q", "p"]}))
    (form,) = (v for v in variables_of(alone) if alone.families[v.family or 0].columns == ("form",))
    assert {"form": "p or q"} in named(form)
    assert {"form": "another"} in named(form)  # r and s, which no table names


@pytest.mark.parametrize(("status", "has_year"), [(None, True), (WITHHELD, False)])
def test_only_codes_of_published_tables_are_conditions(status: int | None, has_year: bool) -> None:
    """The quarters of 2024 are one code of the year; a table of which nothing is published shows no year."""
    quarters = ("2024-Q1", "2024-Q2", "2025-Q1")
    first = made_sheets.sheet(("quarter",), {("_T",): 9} | {(code,): 3 for code in quarters})
    second = made_sheets.sheet(("year",), {("_T",): 9, ("2024",): 6, ("2025",): 3})
    if status is not None:
        second.status[:] = status

    class Dated(Source):
        def list_of(self, column: str) -> str:
            return column

    families, views = read_views(Dated(), [first, second])
    living = [np.array([REST not in atom for atom in family.atoms]) for family in families]
    (variable,) = variables(families, views, living, {})
    assert ({"year": "2024"} in named(variable)) == has_year
    assert {"quarter": "2024-Q2"} in named(variable)


def test_the_conditions_on_time_are_intervals() -> None:
    line = TimeLine(("2023", "2024", "2025"), ("2024", "2025", "2026"))
    family = Family((line.column,), tuple((piece,) for piece in line.pieces), np.zeros(0, np.int64), line=line)
    (variable,) = variables([family], [], [np.ones(3, dtype=bool)], {})
    for place, condition in enumerate(variable.conditions):
        (text,) = condition.labels().values()
        start, end = text.split("/")
        inside = [start <= first and last <= end for first, last in zip(line.starts, line.ends, strict=True)]
        assert variable.mask(place).tolist() == [within != condition.is_complement for within in inside]
    plain = [condition.labels() for condition in variable.conditions if not condition.is_complement]
    single = [f"{year}/{year + 1}" for year in (2023, 2024, 2025)]
    assert sorted(label["entered"] for label in plain) == sorted([*single, "2023/2025", "2024/2026"])


def test_values_of_a_multi_valued_column_overlap() -> None:
    """A weight of everybody and of each value: "has not" is everybody minus those who have."""
    (variable,) = variables([], [], [], {"means": ["debt", "fraud"]})
    assert (variable.family, variable.column) == (None, "means")
    assert variable.value_sets == ((), ("debt",), ("fraud",))
    assert named(variable) == [
        *({"means": "debt"}, {"means": "fraud"}),
        *({"without means": "debt"}, {"without means": "fraud"}),
    ]
    assert variable.weights.tolist() == [[0, 1, 0], [0, 0, 1], [1, -1, 0], [1, 0, -1]]
    assert variable.everybody.tolist() == [1, 0, 0]


def test_those_who_have_a_value_and_those_who_have_it_not_are_complements() -> None:
    """The weights of "has not" contain negative zeros: they must not make a difference."""
    (variable,) = variables([], [], [], {"means": ["debt", "fraud"]})
    assert variable.places_in(variable, inverse=True).tolist() == [2, 3, 0, 1]
    assert variable.places_in(variable).tolist() == [0, 1, 2, 3]


def test_a_multi_valued_column_without_values_is_no_variable() -> None:
    assert variables([], [], [], {"means": []}) == []


def test_sets_of_values_are_conditions_on_having_one() -> None:
    """Two values: those who have debt, those who have fraud, and those who report nothing."""
    sets = tuple(frozenset(chosen) for size in range(3) for chosen in combinations(("debt", "fraud"), size))
    family = Family(("means",), tuple(("+".join(sorted(s)),) for s in sets), np.zeros(0, np.int64), sets=sets)
    silent = made_sheets.sheet(("sex",), {("_T",): 4, ("f",): 4}, where={"means": ["_U"]})
    for named_silence in (False, True):
        _, views = read_views(Source(), [silent])
        views[0].filter = {}
        (variable,) = variables([family], views if named_silence else [], [np.ones(4, dtype=bool)], {})
        codes = {(condition.codes[0][1], condition.is_complement) for condition in variable.conditions}
        values = {"debt", "fraud"} | ({"_U"} if named_silence else set())
        assert codes == {(value, is_complement) for value in values for is_complement in (False, True)}
        for place, condition in enumerate(variable.conditions):
            value = condition.codes[0][1]
            holds = [not chosen if value == "_U" else value in chosen for chosen in sets]
            assert variable.mask(place).tolist() == [has != condition.is_complement for has in holds]


def test_a_report_names_several_columns_of_a_complement_together() -> None:
    condition = Condition((("year", "2024"), ("quarter", REST)))
    assert condition.labels() == {"year": "2024", "quarter": "another"}
    assert Condition(condition.codes, is_complement=True).labels() == {"without year and quarter": "2024 and another"}


def test_the_place_of_a_condition_in_another_variable_is_that_of_the_same_people() -> None:
    larger, smaller = family_variable("p", "q", "r"), family_variable("p", "q", "r").accepted
    assert larger.places_in(larger).tolist() == list(range(6))
    places = larger.places_in(smaller)
    for place, condition in enumerate(larger.conditions):
        expected = -1 if condition.is_complement else smaller.conditions.index(condition)
        assert places[place] == expected
    inverse = larger.places_in(larger, inverse=True)
    for place, other in enumerate(inverse.tolist()):
        assert larger.conditions[place].codes == larger.conditions[other].codes
        assert larger.conditions[place].is_complement != larger.conditions[other].is_complement
    assert smaller.places_in(smaller, inverse=True).tolist() == [-1, -1, -1]


def test_accepted_conditions_are_those_without_complements() -> None:
    accepted = family_variable("p", "q", "r").accepted
    assert named(accepted) == [{"form": "p"}, {"form": "q"}, {"form": "r"}]
    assert accepted.weights.tolist() == np.eye(3).tolist()


def test_a_group_is_the_conjunction_of_its_conditions() -> None:
    form = family_variable("p", "q", "r")
    (means,) = variables([], [], [], {"means": ["debt", "fraud"]})
    without_p = form.conditions.index(Condition((("form", "p"),), is_complement=True))
    group = derived_group([form, means], [without_p, 3])
    assert {family: mask.tolist() for family, mask in group.masks.items()} == {0: [False, True, True]}
    assert group.literals == (Literal("means", "fraud", is_complement=True),)
    assert group.labels == {"without form": "p", "without means": "fraud"}
    assert group.simplicity == (2, 2)
    assert derived_group([means], [0]).literals == (Literal("means", "debt"),)
    assert derived_group([means], [0]).simplicity == (0, 1)


def test_everybody_is_the_group_of_no_conditions() -> None:
    group = derived_group([], [])
    assert (group.masks, group.literals, group.labels, group.simplicity) == ({}, (), {}, (0, 0))


def test_sets_of_up_to_three_variables_come_small_first() -> None:
    every = [family_variable("p", "q") for _ in range(4)]
    numbers = [numbers for numbers, _ in variable_sets(every)]
    assert numbers == [chosen for size in range(4) for chosen in combinations(range(4), size)]
    assert len(numbers) == 1 + 4 + 6 + 4
    assert all(chosen == [every[n] for n in of] for of, chosen in variable_sets(every))


@pytest.mark.parametrize(("most", "long", "sizes"), [(26 * 6 * 6, 6, 26), (26 * 6 * 6 - 1, 6, 13), (1, 26, 26)])
def test_only_long_variables_of_large_sets_come_without_their_complements(
    monkeypatch: pytest.MonkeyPatch, most: int, long: int, sizes: int
) -> None:
    monkeypatch.setattr(module, "MOST_GROUPS", most)
    monkeypatch.setattr(module, "LONG", long)
    every = [family_variable(*"abcdefghijklm"), family_variable("p", "q", "r"), family_variable("p", "q", "r")]
    by_numbers = {numbers: [len(v.conditions) for v in chosen] for numbers, chosen in variable_sets(every)}
    assert by_numbers[0, 1, 2] == [sizes, 6, 6]
    assert by_numbers[0, 1] == [26, 6]
