"""Hypotheses on tables of several dates, and the pieces of time that each table counts."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.populations.time_hypotheses import (
    DatedPopulation,
    TimedTables,
    mixed_hypotheses,
    series_name,
    time_hypotheses,
    timed_tables,
)
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made_sheets


def population(key: str, **stated: Any) -> PublishedPopulation:
    """Return people of one date with one table, in a release of its own."""
    sheet = made_sheets.sheet((), {(): 5}, **({"release": key} | stated))
    return PublishedPopulation("victims", key, (sheet,))


def of_period(key: str, period: str) -> PublishedPopulation:
    """Return people of one period, as their publisher states."""
    return population(key, period=period, is_cumulative=False)


def hypotheses(*populations: PublishedPopulation) -> list[list[str]]:
    """Return the keys of the populations of each hypothesis, oldest first."""
    return [[item.population.key for item in dated] for dated in time_hypotheses(populations)]


def timed(*populations: PublishedPopulation, is_shrinking: bool = False) -> TimedTables:
    """Return the tables of the first hypothesis as one population."""
    return timed_tables(next(time_hypotheses(populations)), is_shrinking=is_shrinking)


def counted(tables: TimedTables) -> dict[str, str]:
    """Return the name of the time that each release counts."""
    return {
        sheet.release: sheet.span.line.label(sheet.span.first, sheet.span.last) for sheet in tables.sheets if sheet.span
    }


def test_whole_registers_of_two_dates_are_one_hypothesis_oldest_first() -> None:
    assert hypotheses(population("b", as_of="2025-06-30"), population("a", as_of="2024-06-30")) == [["a", "b"]]


def test_one_date_is_no_hypothesis() -> None:
    assert hypotheses(population("a", as_of="2025-06-30")) == []


def test_periods_that_follow_one_another_say_nothing_together() -> None:
    assert hypotheses(of_period("a", "2024"), of_period("b", "2025")) == []


def test_a_period_within_another_is_a_hypothesis_and_so_is_one_within_a_register() -> None:
    assert hypotheses(of_period("a", "2025-H1"), of_period("b", "2025")) == [["a", "b"]]
    assert hypotheses(population("r", as_of="2025-12-31"), of_period("p", "2025")) == [["r", "p"]]
    assert hypotheses(population("r", as_of="2024-12-31"), of_period("p", "2025")) == []


def test_a_table_whose_kind_nothing_says_is_tried_both_ways() -> None:
    unstated = {"stated": False}
    both = hypotheses(population("a", name="t 2024", **unstated), population("b", name="t 2025", **unstated))
    assert both == [["a", "b"]], "as registers; as periods they do not overlap"
    nested = hypotheses(population("a", name="t 2025-H1", **unstated), population("b", name="t 2025", **unstated))
    assert nested == [["a", "b"], ["a", "b"]]


def test_a_stated_period_alone_does_not_say_what_a_table_counts() -> None:
    halves = [population("a", period="2025-H1"), population("b", period="2025-H2")]
    assert hypotheses(*halves) == [["a", "b"]], "cumulative: the later table counts the people of the earlier one"


def test_tables_whose_kind_nothing_says_can_be_of_different_kinds() -> None:
    populations = [population("a", period="2024"), population("b", period="2025-H1"), population("c", period="2025")]
    mixed = [[item.population.key for item in dated if item.start.day > 0] for dated in mixed_hypotheses(populations)]
    assert mixed == [["b"]], "a and c count a register, b the first half-year"
    assert not list(mixed_hypotheses(populations[::2])), "two tables count by one rule, or say nothing together"
    assert not list(mixed_hypotheses([*populations, *[population(key, period="2023") for key in "de"]]))
    assert not list(mixed_hypotheses([of_period("a", "2024"), population("b", period="2025")]))


def test_a_period_that_is_published_twice_can_have_new_people() -> None:
    first, second = of_period("a", "2025"), of_period("b", "2025")
    assert hypotheses(first, second) == [["a", "b"], ["a", "b"]]
    *_, versions = time_hypotheses([first, second])
    assert [(item.start.day, item.end.number) for item in versions] == [(-1, 0), (-1, 1)]


def test_undated_tables_of_several_publications_are_in_the_order_of_publication() -> None:
    assert hypotheses(population("a"), population("b")) == [["a", "b"]]


def test_undated_tables_of_one_publication_are_not_ordered() -> None:
    assert hypotheses(population("a", release="r"), population("b", release="r")) == []


def test_series_of_one_publication_belong_together_by_the_names_of_their_tables() -> None:
    populations = [
        population(key, release=release, name=name)
        for key, release, name in (("a", "r", "men 1"), ("b", "r", "women"), ("c", "q", "Men-2"), ("d", "q", "women"))
    ]
    assert hypotheses(*populations) == [["a", "c"], ["b", "d"]]


@pytest.mark.parametrize("name", ["Men 2024", "men_2025", "MEN-2025-H1".replace("-H1", ""), "men"])
def test_the_name_of_a_series_has_no_digits_and_signs(name: str) -> None:
    assert series_name(made_sheets.sheet((), {(): 5}, name=name)) == "men"


def test_a_register_counts_the_time_up_to_its_date_and_a_period_its_own() -> None:
    tables = timed(
        population("old", as_of="2024-06-30"),
        population("new", as_of="2025-06-30"),
        of_period("half", "2025-H1"),
    )
    assert tables.line.pieces == ("../2024-06-30", "2024-07-01/2024-12-31", "2025-01-01/2025-06-30")
    assert counted(tables) == {"old": "../2024-06-30", "new": "../2025-06-30", "half": "2025-01-01/2025-06-30"}
    assert tables.prefixes == {0: "old", 2: "new"}
    assert set(tables.keys.values()) == {"old", "new", "half"}


def test_undated_registers_are_named_by_their_publications() -> None:
    tables = timed(population("a/b"), population("c"))
    assert tables.line.pieces == ("../a-b", "a-b/c")
    assert counted(tables) == {"a/b": "../a-b", "c": "../c"}


def test_in_a_shrinking_register_the_newest_table_counts_the_first_piece() -> None:
    """Nobody entered: the oldest table counts everybody, the newest those who never left."""
    tables = timed(population("old", as_of="2024-06-30"), population("new", as_of="2025-06-30"), is_shrinking=True)
    assert tables.line.column == "left"
    spans: dict[str, tuple[int, int]] = {
        sheet.release: (sheet.span.first, sheet.span.last) for sheet in tables.sheets if sheet.span
    }
    assert spans == {"old": (0, 1), "new": (0, 0)}
    assert tables.line.pieces == ("2025-07-01/..", "2024-07-01/2025-06-30")


def test_registers_of_one_day_are_in_the_order_of_publication() -> None:
    items = next(time_hypotheses([population(key, as_of="2025-06-30") for key in "ab"]))
    assert [(item.end.number, item.population.key) for item in items] == [(0, "a"), (1, "b")]
    assert items[0].release == "a"


def test_the_tables_share_what_is_known_of_multi_valued_columns() -> None:
    first = made_sheets.sheet(("means",), {("_T",): 5}, release="a", multi=frozenset({"means"}))
    second: Sheet = made_sheets.sheet(("means",), {("_T",): 6}, release="b")
    pair = [PublishedPopulation("victims", key, (sheet,)) for key, sheet in (("a", first), ("b", second))]
    tables = timed(*pair)
    assert [sheet.multi for sheet in tables.sheets] == [{"means"}, {"means"}]
    assert tables.population.own == tuple(tables.sheets)
    assert isinstance(next(time_hypotheses(pair))[0], DatedPopulation)
