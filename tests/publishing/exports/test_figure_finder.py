"""Figure finder against direct counts of the rows."""

from __future__ import annotations

from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.publishing.exports.figure_finder import Finder, PublishedFigure, add_figures, most_informative
from kerege.publishing.storage.published_tables import PublishedTable
from tests.publishing.made import table_entry, to_csv

DOMAINS = {
    "sex": ("female", "male"),
    "age_group": ("child", "adult"),
    "year": ("2024", "2025"),
    "source": ("mia", "pgo"),
}
T = "_T"


def table(name: str, by: list[str], where: dict[str, Any], cells: dict[Any, Any], **entry: Any) -> PublishedTable:
    fields = table_entry(name=name, by=by, where=where, **entry)
    return PublishedTable(name, tuple(by), fields, to_csv(by, cells))


def finder(*tables: PublishedTable) -> Finder:
    return Finder(SimpleNamespace(tables={item.name: item for item in tables}, year=2025))  # type: ignore[arg-type]


def counted(people: list[dict[str, str]], by: list[str], where: dict[str, str]) -> dict[Any, Any]:
    chosen = [row for row in people if all(row[name] == value for name, value in where.items())]
    cells = {}
    for keys in product(*[(T, *DOMAINS[name]) for name in by]):
        match = dict(zip(by, keys, strict=True))
        cells[keys] = sum(all(code in (T, row[name]) for name, code in match.items()) for row in chosen)
    return cells


columns = st.lists(st.sampled_from(sorted(DOMAINS)), unique=True, max_size=3)
conditions = st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in DOMAINS.items()})
person = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in DOMAINS.items()})


@settings(max_examples=60)
@given(st.lists(person, max_size=30), st.lists(st.tuples(columns, conditions), min_size=1, max_size=4), conditions)
def test_a_found_figure_equals_the_direct_count(
    people: list[dict[str, str]], table_specs: list[tuple[list[str], dict[str, str]]], required: dict[str, str]
) -> None:
    tables = [
        table(
            f"t{n}", [c for c in by if c not in where], where, counted(people, [c for c in by if c not in where], where)
        )
        for n, (by, where) in enumerate(table_specs)
    ]
    figure = finder(*tables).figure("victims", required)
    truth = sum(all(row[name] == value for name, value in required.items()) for row in people)
    filters = {item.name: {name: value for name, [value] in item.entry.where.items()} for item in tables}
    matching = [
        item
        for item in tables
        if filters[item.name].items() <= required.items() and set(required) - set(filters[item.name]) <= set(item.by)
    ]
    assert (figure is not None) == bool(matching)
    assert figure is None or figure.count == truth


def test_a_filter_of_several_values_is_no_filter_of_one() -> None:
    filtered = table("t", [], {"crime_stage": ["in_court", "convicted"]}, {(): 41})
    assert finder(filtered).figure("victims", {"crime_stage": "convicted"}) is None
    assert finder(filtered).figure("victims", {"crime_stage": ["convicted", "in_court"]}) is not None
    assert finder(filtered).figure("suspects", {"crime_stage": ["convicted", "in_court"]}) is None


def test_the_most_informative_figure_is_chosen() -> None:
    suppressed = table("a", ["sex"], {}, {(T,): 20, ("female",): None})
    rounded = table("b", ["sex"], {}, {("female",): (15, "perturbed")}, params={"half_width": 5})
    exact = table("c", ["sex", "year"], {}, {("female", T): 13})
    assert finder(suppressed).figure("victims", {"sex": "female"}) == PublishedFigure(None, "suppressed", ("a",))
    assert finder(suppressed, rounded).figure("victims", {"sex": "female"}) == PublishedFigure(
        15, "perturbed", ("b",), 5
    )
    assert finder(suppressed, rounded, exact).figure("victims", {"sex": "female"}) == PublishedFigure(13, "ok", ("c",))
    assert most_informative([None, None]) is None


def test_a_sum_has_the_added_uncertainty_of_its_parts() -> None:
    ok, near, noised = (
        PublishedFigure(10, "ok", ("a",)),
        PublishedFigure(20, "perturbed", ("b",), 5),
        PublishedFigure(7, "noised", ("c",)),
    )
    assert add_figures([ok, ok]) == PublishedFigure(20, "ok", ("a",))
    assert add_figures([ok, near, near]) == PublishedFigure(50, "perturbed", ("a", "b"), 10)
    assert add_figures([ok, near, near]).bounds == (40, 60)
    assert (add_figures([near, noised]).status, add_figures([near, noised]).half) == ("noised", None)
    assert add_figures([ok, PublishedFigure(None, "suppressed", ("d",))]) == PublishedFigure(
        None, "suppressed", ("a", "d")
    )


@pytest.mark.parametrize(
    ("entry", "cells", "all_listed"),
    [
        ({}, {}, True),
        ({"method": "none"}, {}, True),
        ({"method": "cellkey"}, {}, False),
        ({"method": "dp"}, {}, False),
        ({"params": {"coarsened:sex": "_O"}}, {}, False),
        ({"params": {"coarsened:age_group": "parent"}}, {}, True),
        ({"params": {"small_categories": "not shown"}}, {}, False),
        ({}, {("_O",): 12}, False),
    ],
)
def test_an_unlisted_category_is_empty_only_where_all_are_listed(
    entry: dict[str, Any], cells: dict[Any, Any], all_listed: bool
) -> None:
    listing = table("t", ["sex"], {}, {(T,): 30, ("male",): 30} | cells, **entry)
    (table_slice,) = finder(listing).slices("victims", ["sex"], {})
    assert table_slice.lists_all("sex") is all_listed


def test_a_figure_states_its_uncertainty() -> None:
    assert PublishedFigure(3, "ok", ()).words == ""
    assert "not zero" in PublishedFigure(None, "suppressed", ()).words
    assert "can be zero" in PublishedFigure(None, "suppressed", (), can_be_zero=True).words
    assert PublishedFigure(3, "perturbed", (), 5).words == "rounded: the true count lies within 5 of it, from 0 to 8"
    assert "random" in PublishedFigure(3, "perturbed", ()).words  # a cell key without a stated error
    assert "noise" in PublishedFigure(3, "noised", ()).words
