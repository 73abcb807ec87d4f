"""Sets of values of one person: none that a person has is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import NOT_REPORTED, Table
from kerege.evidence.sdc.constraints.domains import REST
from kerege.evidence.sdc.constraints.value_sets import crossing, set_families

ROWS = st.lists(
    st.tuples(st.frozensets(st.sampled_from("abcd"), max_size=3), st.frozensets(st.sampled_from("xyz"), max_size=2)),
    min_size=1,
    max_size=25,
)
Rows = list[tuple[frozenset[str], frozenset[str]]]


@dataclass(frozen=True)
class Source:
    """A source with two columns of several values."""

    frame: pl.DataFrame | None
    unit: str = "victims"
    multi: frozenset[str] = frozenset({"means", "form"})

    def list_of(self, column: str) -> str:
        return ""


def frame(rows: Rows) -> pl.DataFrame:
    values = {name: [sorted(row[place]) for row in rows] for place, name in enumerate(("means", "form"))}
    return pl.DataFrame(values, schema={"means": pl.List(pl.String), "form": pl.List(pl.String)})


def tables(rows: Rows) -> list[Table]:
    """Return the table by both columns, and one by each."""
    multi = frozenset({"means", "form"})
    return [replace(Table.from_frame(frame(rows), by), multi=multi) for by in (["means", "form"], ["means"], ["form"])]


@settings(deadline=None, max_examples=15)
@given(ROWS)
def test_an_intruder_considers_the_set_of_every_person(rows: Rows) -> None:
    families = set_families(Source(None), tables(rows))
    assert set(families) == {"means", "form"}
    for place, name in enumerate(("means", "form")):
        assert {row[place] for row in rows} <= set(families[name].sets)


@settings(deadline=None, max_examples=15)
@given(ROWS)
def test_rows_have_their_own_set_and_are_counted_under_each_of_its_values(rows: Rows) -> None:
    published = tables(rows)
    families = set_families(Source(frame(rows)), published)
    for place, name in enumerate(("means", "form")):
        family, table = families[name], published[1 + place]
        assert [family.sets[number] for number in family.rows] == [row[place] for row in rows]
        for value, count in zip(table.axes[0][1:], table.counts.ravel()[1:], strict=True):
            assert family.having(name, [value])[family.rows].sum() == count
        silent = sum(not row[place] for row in rows)
        assert family.having(name, [NOT_REPORTED])[family.rows].sum() == silent


def test_one_value_each_leaves_no_set_of_two() -> None:
    rows: Rows = [(frozenset("a"), frozenset("x"))] * 3 + [(frozenset("b"), frozenset("y"))] * 2
    families = set_families(Source(None), tables(rows))
    assert max(map(len, families["means"].sets)) == 1


def test_a_person_with_two_values_beside_one_without_any_is_not_hidden() -> None:
    """The surplus of the axis is 0: the two values make up for the missing one."""
    rows: Rows = [(frozenset("ab"), frozenset("x")), (frozenset(), frozenset("x"))]
    families = set_families(Source(None), tables(rows))
    assert frozenset("ab") in families["means"].sets


def test_values_that_no_table_names_are_one_other_value() -> None:
    rows: Rows = [(frozenset("ac"), frozenset("x")), (frozenset("cd"), frozenset("x")), (frozenset("b"), frozenset())]
    filtered = replace(Table.from_frame(frame(rows), ["form"], {"means": ["a", "b"]}), multi=frozenset({"means"}))
    family = set_families(Source(frame(rows)), [filtered])["means"]
    assert [family.sets[number] for number in family.rows] == [{"a", REST}, {REST}, {"b"}]
    assert {"a", "b"} in family.sets, "a person can have both, though nobody here has"


def test_only_tables_of_several_values_of_the_same_people_need_sets() -> None:
    by_both, by_one, _ = tables([(frozenset("a"), frozenset("x"))])
    multi = {"means", "form"}
    assert crossing(by_both, multi) == ["means", "form"]
    assert crossing(by_one, multi) == []
    assert crossing(replace(by_one, where={"means": ["a"]}), multi) == ["means"]
    assert crossing(replace(by_one, by=("year",), where={"means": ["a"]}), multi) == []
    assert crossing(replace(by_one, by=("year",), where={"means": ["a", "b"]}), multi) == ["means"]
