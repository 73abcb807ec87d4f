"""Planted leaks: unions of releases that disclose a group, each with a safe twin of one person more.

A leak has a group of one person fewer than the threshold; in its twin the group has as many people as the threshold.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

from tests.evidence.sdc.oracle.groups import Group
from tests.evidence.sdc.oracle.registers import OTHER, Code, Label, Variable
from tests.evidence.sdc.oracle.releases import (
    ENTERED,
    GROWING,
    GROWING_TWICE,
    HALVES,
    Person,
    PublishedCell,
    PublishedTable,
    ReleaseUnion,
    make_table,
)

SEX, COUNTRY, REGION, AGE, YEAR = (Variable((column,)) for column in ("sex", "country", "region", "age", "year"))
AGES = Variable(("age_a", "age_b"), bands=True)
SERVICES, MEANS = Variable(("s",), multi=True), Variable(("m",), multi=True)
U, V, W, X, Y = map(frozenset, "uvwxy")


@dataclass(frozen=True)
class PlantedLeak:
    """A leak, its twin, the threshold, and the group that the leak discloses with its ends."""

    leak: ReleaseUnion
    twin: ReleaseUnion
    threshold: int
    group: Group
    ends: tuple[int, int]


def crowd(variables: Iterable[Variable], counts: Mapping[tuple[Code, ...], int]) -> list[Person]:
    """Return so many people with these codes, in the order of the columns."""
    columns = [column for variable in variables for column in variable.columns]
    return [dict(zip(columns, codes, strict=True)) for codes, count in counts.items() for _ in range(count)]


def where_codes(column: str, *codes: Code) -> tuple[tuple[str, ...], frozenset[Label]]:
    """Return the condition that a column has one of these codes."""
    return (column,), frozenset((code,) for code in codes)


def one_folder(variables: tuple[Variable, ...], people: list[Person], *tables: PublishedTable) -> ReleaseUnion:
    """Return a union of one folder."""
    return ReleaseUnion(variables, {"release0": list(tables)}, people)


def all_countries_but_one(extra: int) -> ReleaseUnion:
    """Return a table by sex, and the same table without the people of one country."""
    variables = (SEX, COUNTRY)
    named = ("a", "b", "c")
    counts = {("f", code): 5 for code in named} | {("m", code): 4 for code in named} | {("m", "mali"): 3 + extra}
    people = crowd(variables, counts)
    others = make_table(people, "others", ("sex",), {"country": named})
    return one_folder(variables, people, make_table(people, "all", ("sex",)), others)


def four_totals(extra: int) -> ReleaseUnion:
    """Return the totals of all people, of two filters and of both filters together."""
    variables = (SEX, REGION)
    counts = {("f", "r1"): 6, ("f", "r2"): 7, ("m", "r1"): 8, ("m", "r2"): 3 + extra}
    people = crowd(variables, counts)
    filters: list[dict[str, tuple[str, ...]]] = [{}, {"sex": ("f",)}, {"region": ("r1",)}]
    filters.append({"sex": ("f",), "region": ("r1",)})
    tables = [make_table(people, f"t{n}", (), where) for n, where in enumerate(filters)]
    return one_folder(variables, people, *tables)


def three_linked_tables(extra: int) -> ReleaseUnion:
    """Return three two-way tables that form a ring; a published zero makes the three-way cells exact."""
    variables = (SEX, AGE, YEAR)
    counts = {("f", "adult", "1"): 5, ("f", "adult", "2"): 6, ("m", "child", "1"): 7, ("m", "child", "2"): 8}
    people = crowd(variables, counts | {("m", "adult", "1"): 3 + extra, ("m", "adult", "2"): 9})
    pairs = (("sex", "age"), ("sex", "year"), ("age", "year"))
    return one_folder(variables, people, *[make_table(people, "-".join(by), by) for by in pairs])


def two_suppressed_cells(extra: int) -> ReleaseUnion:
    """Return a published total of two suppressed cells, as many people as the threshold."""
    people = crowd((SEX,), {("f",): 4, ("m",): 6 + extra})
    return one_folder((SEX,), people, make_table(people, "sex", ("sex",), hidden=[("f",), ("m",)]))


def cumulative_releases(extra: int) -> ReleaseUnion:
    """Return the table of a register that grows, at two dates."""
    variables = (SEX, GROWING)
    people = crowd(variables, {("f", "old"): 6, ("m", "old"): 7, ("m", "later"): 3 + extra})
    folders = {
        f"release{n}": [make_table(people, f"t{n}", ("sex",), date=date)] for n, date in enumerate(("first", "second"))
    }
    return ReleaseUnion(variables, folders, people)


def cumulative_files(extra: int) -> ReleaseUnion:
    """Return the same tables as files of another publisher, which state no date."""
    return replace(cumulative_releases(extra), has_manifest=False)


def growing_half_years(extra: int) -> ReleaseUnion:
    """Return the table of a half-year and that of the year."""
    variables = (SEX, HALVES)
    counts = {("f", "half 1"): 6, ("m", "half 1"): 7, ("f", "half 2"): 5, ("m", "half 2"): 3 + extra}
    people = crowd(variables, counts)
    folders = {f"period{date}": [make_table(people, "sex", ("sex",), date=date)] for date in ("2025-H1", "2025")}
    return ReleaseUnion(variables, folders, people)


def growing_correction(extra: int) -> ReleaseUnion:
    """Return a release and its correction: one cell, of a table with a suppressed total, is larger."""
    variables = (REGION, GROWING)
    people = crowd(variables, {("r1", "old"): 8, ("r2", "old"): 9, ("r2", "later"): 3 + extra})
    folders = {
        f"release{n}": [make_table(people, "region", ("region",), hidden=[("_T",)], date=date)]
        for n, date in enumerate(("first", "second"))
    }
    return ReleaseUnion(variables, folders, people)


def growing_three_times(extra: int) -> ReleaseUnion:
    """Return the tables of three dates, the last of which shows the total only."""
    variables = (SEX, GROWING_TWICE)
    counts = {("f", "old"): 6, ("m", "old"): 7, ("f", "middle"): 4, ("m", "middle"): 5, ("m", "later"): 3 + extra}
    people = crowd(variables, counts)
    tables = [
        make_table(people, "first", ("sex",), date="one"),
        make_table(people, "second", ("sex",), date="two"),
        make_table(people, "third", (), date="three"),
    ]
    return ReleaseUnion(variables, {f"release{n}": [table] for n, table in enumerate(tables)}, people)


def overlapping_bands(extra: int) -> ReleaseUnion:
    """Return two tables of ages whose bands overlap: 0 to 14 and 0 to 17."""
    people = crowd((AGES,), {("0-14", "0-17"): 6, ("15+", "0-17"): 3 + extra, ("15+", "18+"): 9})
    return one_folder((AGES,), people, *[make_table(people, column, (column,)) for column in AGES.columns])


def percentages(extra: int) -> ReleaseUnion:
    """Return a table of another publisher: a total, and percentages with one digit in place of counts."""
    people = crowd((REGION,), {("r1",): 3 + extra, ("r2",): 997})
    table = make_table(people, "shares", ("region",))
    cells = {
        key: cell if key == ("_T",) else percentage(int(cell.text), len(people)) for key, cell in table.cells.items()
    }
    return replace(one_folder((REGION,), people, replace(table, cells=cells)), has_manifest=False)


def percentage(count: int, total: int) -> PublishedCell:
    """Return a suppressed count with its percentage, and the bounds that the printed digits state."""
    printed = f"{100 * count / total:.1f}"
    low, high = (Fraction(Decimal(printed) + half) * total / 100 for half in (Decimal("-0.05"), Decimal("0.05")))
    return PublishedCell("", "suppressed", max(math.ceil(low), 1), math.floor(high), printed)


def overlapping_filters(extra: int) -> ReleaseUnion:
    """Return three totals of filters that overlap in pairs."""
    people = crowd((REGION,), {("a",): 3 + extra, ("b",): 9, ("c",): 8})
    filters = (("a", "b"), ("b", "c"), ("a", "c"))
    return one_folder((REGION,), people, *[make_table(people, "".join(f), (), {"region": f}) for f in filters])


def has_not(extra: int) -> ReleaseUnion:
    """Return a multi-valued table: the people without a value are the total less those who have it."""
    people = crowd((SERVICES,), {(U,): 5, (U | V,): 4, (V,): 3 + extra})
    return one_folder((SERVICES,), people, make_table(people, "services", ("s",)))


def hidden_child(extra: int) -> ReleaseUnion:
    """Return a table of child codes with a suppressed one, and a table of their parents."""
    variables = (Variable(("quarter", "year"), parents={"2024-Q1": "2024", "2024-Q2": "2024", "2023-Q1": "2023"}),)
    counts = {("2024-Q1", "2024"): 3 + extra, ("2024-Q2", "2024"): 8, ("2023-Q1", "2023"): 9}
    people = crowd(variables, counts)
    hidden = [("2024-Q1",), ("_T",)]
    tables = make_table(people, "fine", ("quarter",), hidden=hidden), make_table(people, "coarse", ("year",))
    return one_folder(variables, people, *tables)


def crossed_sets(extra: int) -> ReleaseUnion:
    """Return a table of two multi-valued columns: four people have two values of each column."""
    variables = (SERVICES, MEANS)
    counts: dict[tuple[Code, ...], int] = {(U, X): 9, (V, X): 3 + extra, (U, Y): 8, (V, Y): 6, (U | V, X | Y): 4}
    people = crowd(variables, counts)
    return one_folder(variables, people, make_table(people, "crossed", ("s", "m"), hidden=[("v", "x")]))


def two_values(extra: int) -> ReleaseUnion:
    """Return a table by two values of which everybody has at least one: who has both is a difference."""
    people = crowd((SERVICES,), {(U,): 6, (V,): 5, (U | V,): 3 + extra})
    return one_folder((SERVICES,), people, make_table(people, "services", ("s",)))


def one_value_alone(extra: int) -> ReleaseUnion:
    """Return a table by two values: few people have the second and not the first."""
    people = crowd((SERVICES,), {(U,): 6, (V,): 3 + extra, (U | V,): 5})
    return one_folder((SERVICES,), people, make_table(people, "services", ("s",)))


def two_values_in_a_region(extra: int) -> ReleaseUnion:
    """Return a table by two values and region: few people of one region have both."""
    variables = (SERVICES, REGION)
    counts: dict[tuple[Code, ...], int] = {(chosen, "r2"): 7 for chosen in (U, V, U | V)}
    people = crowd(variables, counts | {(U, "r1"): 5, (V, "r1"): 6, (U | V, "r1"): 3 + extra})
    return one_folder(variables, people, make_table(people, "services", ("s", "region")))


def three_values(extra: int) -> ReleaseUnion:
    """Return a table by three values that nearly everybody has: few lack none."""
    counts: dict[tuple[Code, ...], int] = {(U | V,): 6, (U | W,): 6, (V | W,): 6, (U | V | W,): 3 + extra}
    people = crowd((SERVICES,), counts)
    both = [make_table(people, f"{code}", ("s",), {"s": (code,)}) for code in "uvw"]
    return one_folder((SERVICES,), people, make_table(people, "services", ("s",)), *both)


def without_two_values(extra: int) -> ReleaseUnion:
    """Return a table by two values with those who report none: they lack both."""
    people = crowd((SERVICES,), {(U,): 6, (V,): 5, (U | V,): 7, (frozenset(),): 3 + extra})
    both = make_table(people, "both", ("s",), {"s": ("v",)})
    return one_folder((SERVICES,), people, make_table(people, "services", ("s",), hidden=[("_U",)]), both)


def both_values(extra: int) -> ReleaseUnion:
    """Return a table by a multi-valued column with a filter on it: rows count people with both values."""
    people = crowd((SERVICES,), {(U,): 6, (V,): 9, (U | V,): 3 + extra})
    return one_folder((SERVICES,), people, make_table(people, "both", ("s",), {"s": ("v",)}))


def everybody(extra: int) -> ReleaseUnion:
    """Return one published total: the cell without any condition is a group too."""
    people = crowd((SERVICES,), {(U | V,): 3 + extra})
    return one_folder((SERVICES,), people, make_table(people, "total", ()))


def many_countries(extra: int) -> ReleaseUnion:
    """Return all countries but one at the size of a national register: 11,000 men and 20,000 women."""
    variables = (SEX, COUNTRY)
    named = tuple(f"c{n}" for n in range(37))
    counts = {("m", code): 297 for code in named} | {("f", code): 540 for code in named}
    people = crowd(variables, counts | {("m", "mali"): 9 + extra, ("f", "mali"): 12})
    others = make_table(people, "others", ("sex",), {"country": named})
    return one_folder(variables, people, make_table(people, "all", ("sex",)), others)


MAKERS: dict[str, tuple[Callable[[int], ReleaseUnion], int, Group, tuple[int, int]]] = {
    "all countries but one": (
        all_countries_but_one,
        4,
        frozenset({where_codes("country", OTHER), where_codes("sex", "m")}),
        (3, 3),
    ),
    "four totals": (
        four_totals,
        4,
        frozenset({where_codes("region", OTHER), where_codes("sex", OTHER)}),
        (3, 3),
    ),
    "three linked tables": (
        three_linked_tables,
        4,
        frozenset({where_codes("sex", "m"), where_codes("age", "adult"), where_codes("year", "1")}),
        (3, 3),
    ),
    "two suppressed cells": (two_suppressed_cells, 10, frozenset({where_codes("sex", "f")}), (1, 9)),
    "cumulative releases": (
        cumulative_releases,
        4,
        frozenset({where_codes(ENTERED, "later"), where_codes("sex", "m")}),
        (3, 3),
    ),
    "cumulative files": (
        cumulative_files,
        4,
        frozenset({where_codes(ENTERED, "later"), where_codes("sex", "m")}),
        (3, 3),
    ),
    "growing half-years": (
        growing_half_years,
        4,
        frozenset({where_codes(ENTERED, "half 2"), where_codes("sex", "m")}),
        (3, 3),
    ),
    "growing correction": (
        growing_correction,
        4,
        frozenset({where_codes(ENTERED, "later"), where_codes("region", "r2")}),
        (3, 3),
    ),
    "growing three times": (growing_three_times, 4, frozenset({where_codes(ENTERED, "later")}), (3, 3)),
    "overlapping bands": (
        overlapping_bands,
        4,
        frozenset({(("age_a", "age_b"), frozenset({("15+", "0-17")}))}),
        (3, 3),
    ),
    "percentages": (percentages, 4, frozenset({where_codes("region", "r1")}), (3, 3)),
    "overlapping filters": (overlapping_filters, 4, frozenset({where_codes("region", "a")}), (3, 3)),
    "has not": (has_not, 4, frozenset({where_codes("s", V, frozenset())}), (3, 3)),
    "crossed sets": (
        crossed_sets,
        4,
        frozenset({where_codes("s", V), where_codes("m", X, X | Y)}),
        (3, 3),
    ),
    "two values": (two_values, 4, frozenset({where_codes("s", U | V)}), (3, 3)),
    "one value alone": (one_value_alone, 4, frozenset({where_codes("s", V)}), (3, 3)),
    "two values in a region": (
        two_values_in_a_region,
        4,
        frozenset({where_codes("s", U | V), where_codes("region", "r1")}),
        (3, 3),
    ),
    "three values": (three_values, 4, frozenset({where_codes("s", U | V | W)}), (3, 3)),
    "without two values": (without_two_values, 4, frozenset({where_codes("s", frozenset())}), (3, 3)),
    "both values": (
        both_values,
        4,
        frozenset({where_codes("s", U, U | V), where_codes("s", V, U | V)}),
        (3, 3),
    ),
    "everybody": (everybody, 4, frozenset(), (3, 3)),
    "many countries": (
        many_countries,
        10,
        frozenset({where_codes("country", OTHER), where_codes("sex", "m")}),
        (9, 9),
    ),
    "hidden child": (hidden_child, 4, frozenset({where_codes("quarter", "2024-Q1")}), (3, 3)),
}


@cache
def planted_leaks() -> dict[str, PlantedLeak]:
    """Return all planted leaks by name."""
    return {
        name: PlantedLeak(make(0), make(1), threshold, group, ends)
        for name, (make, threshold, group, ends) in MAKERS.items()
    }
