"""People behind the cells of a table of rows: the threshold and the dominance rule apply to people."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting.crosstab import axis
from kerege.evidence.counting.people_counts import PeopleCounts, count_people_behind_cells, has_people
from kerege.evidence.data.person_numbers import NUMBERS, PERSON_NUMBERS
from kerege.evidence.data.snapshot import Snapshot

TYPES = {"a": pl.String, "m": pl.List(pl.String), PERSON_NUMBERS: NUMBERS}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.sampled_from(["x", "y", None]),
            "m": st.sampled_from([None, ["u"], ["u", "v"]]),
            PERSON_NUMBERS: st.sampled_from([[1], [2], [1, 2], [3], [], None]),
        }
    ),
    min_size=1,
    max_size=14,
)


def values_of(row: dict[str, Any], name: str) -> set[str]:
    cell = row[name]
    return (set(cell) if isinstance(cell, list) else {cell} - {None}) or {"_U"}


@settings(max_examples=40, deadline=None)
@given(ROWS, st.permutations(["a", "m"]), st.integers(0, 2))
def test_people_and_their_most_rows_are_those_of_a_plain_loop(
    rows: list[dict[str, Any]], names: list[str], size: int
) -> None:
    frame = pl.DataFrame(rows, schema=TYPES)
    axes = {name: axis(frame[name], multi=name == "m") for name in names[:size]}
    behind = count_people_behind_cells(frame, axes, frozenset("m"))
    assert behind.people.shape == behind.largest.shape == tuple(len(values) + 1 for values in axes.values())
    for place in np.ndindex(behind.people.shape):
        chosen = {name: axes[name][at - 1] for name, at in zip(axes, place, strict=True) if at}
        rows_by_person: Counter[Any] = Counter()
        for number, row in enumerate(rows):
            if all(value in values_of(row, name) for name, value in chosen.items()):
                rows_by_person.update(row[PERSON_NUMBERS] or [f"row {number}"])
        assert behind.people[place] == len(rows_by_person)
        assert behind.largest[place] == max(rows_by_person.values(), default=0)


@pytest.mark.parametrize(
    ("people", "largest", "rows", "is_few"),
    [
        (10, 1, 10, False),  # as many as the threshold
        (9, 1, 10, True),
        (10, 5, 10, False),  # half of the rows is not more than half
        (10, 6, 10, True),
        (40, 21, 41, True),
        (0, 0, 0, False),  # a cell without rows has nobody behind it
    ],
)
def test_a_cell_is_small_below_the_threshold_or_with_more_than_half_of_one_person(
    people: int, largest: int, rows: int, is_few: bool
) -> None:
    behind = PeopleCounts(np.array([people]), np.array([largest]))
    assert behind.few(np.array([rows]), threshold=10).tolist() == [is_few]


def test_a_part_of_the_table_keeps_its_people() -> None:
    behind = PeopleCounts(np.arange(6).reshape(2, 3), np.arange(6, 12).reshape(2, 3))
    part = behind.at((slice(None), 1))
    assert part.people.tolist() == [1, 4]
    assert part.largest.tolist() == [7, 10]
    assert behind.at((1, 2)).people.shape == ()


@settings(deadline=None, max_examples=50)
@given(
    st.lists(st.lists(st.sets(st.integers(0, 5)), min_size=4, max_size=4), min_size=2, max_size=3),
    st.lists(st.integers(0, 2), min_size=4, max_size=4),
    st.booleans(),
)
def test_merged_codes_never_look_larger_than_they_are(
    people: list[list[set[int]]], places: list[int], is_first: bool
) -> None:
    """Each person has one row in a cell; the union is the truth that the merged counts must bound."""
    table = np.array([[len(cell) for cell in line] for line in people])
    largest = np.array([[int(bool(cell)) for cell in line] for line in people])
    d, counts = (0, PeopleCounts(table.T, largest.T)) if is_first else (1, PeopleCounts(table, largest))
    merged = counts.merged(d, places, 3)
    lower, upper = (merged.people.T, merged.largest.T) if is_first else (merged.people, merged.largest)
    assert lower.shape == (len(people), 3)
    for line, cells in enumerate(people):
        for place in range(3):
            joined = [cell for cell, target in zip(cells, places, strict=True) if target == place]
            most_rows = Counter(person for cell in joined for person in cell)
            assert lower[line, place] <= len(set().union(*joined))
            assert lower[line, place] == max(map(len, joined), default=0)
            assert upper[line, place] >= max(most_rows.values(), default=0)


def snapshot(unit: str, frame: pl.DataFrame) -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, "", path="rows.parquet")


@pytest.mark.parametrize("unit", ["records", "victims", "suspects"])
def test_where_a_row_is_a_person_nobody_else_is_behind_it(unit: str) -> None:
    assert not has_people(snapshot(unit, pl.DataFrame({"sex": ["male"]})))


def test_services_concern_people_whom_the_snapshot_numbers() -> None:
    numbers = pl.Series(PERSON_NUMBERS, [[1]], dtype=NUMBERS)
    assert has_people(snapshot("services", pl.DataFrame([pl.Series("service", ["food"]), numbers])))


def test_services_without_person_numbers_are_refused_with_the_remedy() -> None:
    with pytest.raises(BadInput) as refused:
        has_people(snapshot("services", pl.DataFrame({"service": ["food"]})))
    assert str(refused.value) == (
        "rows.parquet: does not say which services concern the same person, so that the threshold cannot be applied, "
        "take the snapshot again with kerege snapshot"
    )
