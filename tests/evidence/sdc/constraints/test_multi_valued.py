"""Multi-valued columns: values, classes of people who can exchange them, and rules of registers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import NOT_REPORTED
from kerege.evidence.sdc.constraints.domains import REST
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.multi_valued import MultiValuedColumn, implied_columns
from tests.evidence.made_sheets import Source, sheet
from tests.evidence.sdc.groups.small_registers import Person, builder_of

COLUMNS = ("sex", "area", "means")
MEANS = st.frozensets(st.sampled_from(["debt", "fraud", "force"]))
PEOPLE = st.lists(st.tuples(st.sampled_from("fm"), st.sampled_from("12"), MEANS), min_size=1, max_size=10)
ALL: list[Person] = [
    (sex, area, frozenset(means)) for sex, area, means in product("fm", "12", [{"debt"}, {"debt", "fraud"}, set()])
]


def column_of(people: Sequence[Person], *tables: tuple[Sequence[str], dict[str, list[str]]]) -> MultiValuedColumn:
    """Return the column `means` of the system of some tables."""
    builder = builder_of(COLUMNS, people, *tables)
    builder.build()
    return builder.several["means"]


def test_the_values_are_those_of_all_tables_with_nothing_first() -> None:
    column = column_of(ALL, (["means"], {}))
    assert column.values == [NOT_REPORTED, "debt", "fraud"]
    assert column.named_values == [NOT_REPORTED, "debt", "fraud"]


def test_all_other_values_are_one_where_no_table_names_them_all() -> None:
    column = column_of(ALL, (["sex"], {"means": ["debt"]}))
    assert column.values == [NOT_REPORTED, "debt", REST]
    assert column.named_values == ["debt", REST]  # no table names those who report nothing
    assert column.reports(REST).tolist() == ["fraud" in person[2] for person in ALL]


def test_a_table_of_a_filter_does_not_name_all_values() -> None:
    column = column_of(ALL, (["means"], {"sex": ["f"]}))
    assert column.values[-1] == REST


@settings(max_examples=8, deadline=None)
@given(PEOPLE)
def test_rows_report_their_values_and_nothing_else(people: list[Person]) -> None:
    column = column_of(people, (["means"], {}))
    for value in column.values:
        expected = [not means if value == NOT_REPORTED else value in means for *_, means in people]
        assert column.reports(value).tolist() == expected


@pytest.mark.parametrize(("by", "classes"), [(["means"], 1), (["sex", "means"], 2), (["sex", "area", "means"], 4)])
def test_people_whom_no_table_tells_apart_are_one_class(by: list[str], classes: int) -> None:
    column = column_of(ALL, (by, {}), (["sex", "area"], {}))
    assert column.count == classes
    assert len(set(column.class_of.tolist())) == classes
    assert [len(column.at(value)) for value in column.values] == [classes] * len(column.values)


@settings(max_examples=8, deadline=None)
@given(PEOPLE)
def test_the_true_numbers_of_each_class_and_value_keep_all_rules(people: list[Person]) -> None:
    builder = builder_of(COLUMNS, people, (["sex", "means"], {}), (["area", "sex"], {}))
    joint = builder.build()
    sums = joint.rules.matrix @ joint.people
    assert (sums >= joint.rules.low).all()
    assert (sums <= joint.rules.high).all()
    column = builder.several["means"]
    for value in column.values:
        holders = int(joint.people[column.at(value)].sum())
        assert holders == int(column.reports(value).sum())


def test_unknowns_of_different_values_are_apart() -> None:
    column = column_of(ALL, (["sex", "means"], {}))
    numbers = [number for value in column.values for number in column.at(value).tolist()]
    assert len(numbers) == len(set(numbers)) == column.count * len(column.values)


def test_an_intruder_has_no_rows() -> None:
    multi = frozenset({"means"})
    table = sheet(("means",), {("_T",): 9, ("debt",): 5, ("_U",): 4}, multi=multi)
    builder = JointBuilder(Source(multi=multi), [table])
    builder.build()
    assert builder.several["means"].reports("debt").tolist() == []


def test_a_column_of_the_same_code_list_has_its_value_among_all_values() -> None:
    """The payer of a service is its programme or another one: its values come from two code lists."""

    class Listed(Source):
        def list_of(self, column: str) -> str:
            return {"form": "forms", "forms": "forms", "payer": "payer", "programme": "programme"}.get(column, "")

    plain = builder_of(("form", "sex"), [("p", "f"), ("q", "m")], (["form", "sex"], {}))
    number = next(n for n, family in enumerate(plain.families) if "form" in family.columns)
    assert implied_columns(Listed(), plain.families, "forms") == [(number, "form")]
    assert implied_columns(Listed(), plain.families, "payer") == []
    assert implied_columns(Listed(), plain.families, "unlisted") == []
    programmes = builder_of(("programme", "sex"), [("p", "f"), ("q", "m")], (["programme", "sex"], {}))
    place = next(n for n, family in enumerate(programmes.families) if "programme" in family.columns)
    assert implied_columns(Listed(), programmes.families, "payer") == [(place, "programme")]
