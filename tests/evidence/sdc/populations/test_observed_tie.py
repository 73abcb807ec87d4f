"""The tie between people and rows about them, as far as both snapshots keep it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.populations.observed_tie import observed_ties
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie

Row = tuple[str, str, str]  # sex, service, payer
Person = tuple[str, list[str], list[str]]  # sex, kinds of services, payers
MULTI = frozenset({"service_kinds", "payers"})
SAME = ("region", "sex", "age_group", "citizenship")


def snapshots(people: list[Person], rows: list[Row], *, as_of: str = "d") -> list[Snapshot]:
    """Return both snapshots; all people are of one region, age group and citizenship."""
    common = {name: "x" for name in SAME if name != "sex"}
    victims = pl.DataFrame(
        [{**common, "sex": sex, "service_kinds": kinds, "payers": payers} for sex, kinds, payers in people],
        schema_overrides={"service_kinds": pl.List(pl.String), "payers": pl.List(pl.String)},
    )
    services = pl.DataFrame([{**common, "sex": sex, "service": kind, "payer": payer} for sex, kind, payer in rows])
    return [Snapshot(victims, "victims", "d", True, "", MULTI), Snapshot(services, "services", as_of, True, "")]


def tie_of(people: list[Person], rows: list[Row]) -> PeopleTie | None:
    """Return the tie of two snapshots of one date."""
    return next(iter(observed_ties(snapshots(people, rows))), None)


FOOD_AND_SHELTER: list[Person] = [("f", ["food", "shelter"], ["state"]), ("m", ["food"], ["state"])]
ROWS: list[Row] = [("f", "food", "state"), ("f", "shelter", "state"), ("m", "food", "state")]


def test_one_row_for_each_value_of_a_person_is_the_closest_tie() -> None:
    tie = tie_of(FOOD_AND_SHELTER, ROWS)
    assert tie is not None
    assert (tie.rows, tie.people, tie.same) == ("services", "victims", SAME)
    assert tie.values == {"service": "service_kinds", "payer": "payers"}
    assert (tie.is_complete, tie.once) == (True, ("service",))


def test_a_second_row_of_a_value_leaves_the_tie_complete() -> None:
    tie = tie_of(FOOD_AND_SHELTER, [*ROWS, ("m", "food", "state")])
    assert tie is not None
    assert (tie.is_complete, tie.once) == (True, ())


def test_a_row_of_nobody_makes_the_tie_incomplete() -> None:
    tie = tie_of(FOOD_AND_SHELTER, [*ROWS, ("m", "shelter", "state")])
    assert tie is not None
    assert (tie.is_complete, tie.once) == (False, ())


def test_a_column_in_which_rows_differ_from_their_people_is_left_out() -> None:
    rows: list[Row] = [("m", "food", "state"), ("f", "shelter", "state"), ("m", "food", "state")]
    tie = tie_of(FOOD_AND_SHELTER, rows)
    assert tie is not None
    assert tie.same == tuple(name for name in SAME if name != "sex")


def test_a_person_whose_value_no_row_has_breaks_the_tie() -> None:
    assert tie_of([*FOOD_AND_SHELTER, ("f", ["legal"], ["state"])], ROWS) is None


def test_a_person_who_reports_nothing_needs_no_row() -> None:
    tie = tie_of([*FOOD_AND_SHELTER, ("f", [], [])], ROWS)
    assert tie is not None
    assert tie.once == ("service",)


@pytest.mark.parametrize("as_of", ["e", ""])
def test_snapshots_of_two_dates_are_not_tied(as_of: str) -> None:
    assert observed_ties(snapshots(FOOD_AND_SHELTER, ROWS, as_of=as_of)) == []


def test_one_snapshot_alone_has_no_tie() -> None:
    for snapshot in snapshots(FOOD_AND_SHELTER, ROWS):
        assert observed_ties([snapshot]) == []


def test_people_whose_sex_is_not_reported_have_rows_without_a_sex() -> None:
    people, rows = snapshots(FOOD_AND_SHELTER, ROWS)
    silent = [replace(s, frame=s.frame.with_columns(pl.lit(None, pl.String).alias("sex"))) for s in (people, rows)]
    (tie,) = observed_ties(silent)
    assert (tie.same, tie.once) == (SAME, ("service",))
