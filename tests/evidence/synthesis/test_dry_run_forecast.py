"""The assessment before any loss: certain where the number of people decides, else conditional."""

from __future__ import annotations

from itertools import combinations, product
from math import ceil, log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.synthesis import dry_run
from kerege.evidence.synthesis.certificate import assess_utility
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column
from kerege.evidence.synthesis.request import Request

SCHEMA = (Column("a", ("1", "2")), Column("b", ("1", "2", "3")), Column("c", ("1", "2")))
OPEN = Column("o", (), False, DISCOVERED)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=4), st.integers(1, 2), st.integers(1, 10_000))
def test_the_even_share_is_the_mean_count_over_all_cells(sizes: list[int], length: int, people: int) -> None:
    schema = tuple(Column(f"c{n}", tuple(map(str, range(size)))) for n, size in enumerate(sizes))
    cells = [cell for columns in combinations(sizes, length) for cell in product(*map(range, columns))]
    counts = people * len(list(combinations(sizes, length)))  # each person is in one cell of each table
    assert dry_run._compute_even_count(schema, length, people) == pytest.approx(counts / len(cells))


def test_unlisted_values_have_no_even_share() -> None:
    assert dry_run._compute_even_count((*SCHEMA, OPEN), 1, 500) == 0.0


@pytest.mark.parametrize("columns", [0, 1, 4])
def test_an_unlisted_value_is_kept_from_the_count_of_the_certificate_on(columns: int) -> None:
    expected = ceil(1 + 9.0 * sqrt(2 * log(columns / 5e-10))) if columns else 0
    assert dry_run._compute_unlisted_threshold((*SCHEMA, *[OPEN] * columns), 9.0, 5e-10) == expected


def test_a_combination_stands_out_from_the_first_whole_count_above_the_threshold() -> None:
    rows = dry_run._add_thresholds([2.0, 3.1], Request(preset="balanced"), 30, 1)
    assert [row["stands_out_from"] for row in rows] == [
        4,
        5,
    ]  # 1.88 sigmas: 3.8; 1.5 sigmas: 4.65
    assert [row["length"] for row in rows] == [1, 2]


def assessed(people: int, noise: float = 8.0, at_best: float = 2.0) -> dict[str, object]:
    return dry_run._assess_in_advance(SCHEMA, [1.0, noise], [1.0, at_best], people)


def test_too_few_people_for_the_smallest_noise_are_not_worth_it() -> None:
    """0.8 sigma is at most a quarter of the count: from 3.2 sigma on, here 6.4."""
    assert assessed(6)["worth"] is False
    assert assessed(6)["worth_from"] == 7
    assert assessed(7)["worth"] is None


def test_enough_people_for_an_even_spread_are_worth_it() -> None:
    """16 cells of 3 tables: the even share of 276 people is 51.75, half of it 25.9; 3.2 x 8 is 25.6."""
    assert assessed(276)["worth"] is None  # rounded up to 26
    assert assessed(278)["worth"] is True
    assert assessed(278)["worth_from"] == 26


def test_without_a_number_of_people_the_answer_depends_on_the_records() -> None:
    unknown = assessed(0)
    assert (unknown["worth"], unknown["people"]) == (None, None)
    assert "with at least 26 others" in str(unknown["advice"])


@settings(deadline=None, max_examples=40)
@given(st.integers(278, 5_000), st.data())
def test_what_is_certain_in_advance_holds_for_the_certificate(people: int, data: st.DataObject) -> None:
    """However the people are spread over the cells, without noise the certificate agrees."""
    assert assessed(people)["worth"] is True
    counts = []
    for columns in combinations(SCHEMA, 2):
        cells = len(columns[0].values) * len(columns[1].values)
        weights = np.array(data.draw(st.lists(st.integers(0, 20), min_size=cells, max_size=cells))) + 1e-9
        counts.append(people * weights / weights.sum())
    pairs = np.concatenate(counts)
    level = NoisyLevel(np.zeros((len(pairs), 2), np.int32), np.rint(pairs * UNIT).astype(np.int64), 8.0 * UNIT, 0.0)
    singles = NoisyLevel(np.zeros((1, 1), np.int32), np.array([people * UNIT]), 1.0 * UNIT, 0.0)
    assert assess_utility(Noisy(np.zeros(1, np.int32), 3, np.array([people]), 1.0, (singles, level)))[0]


@pytest.mark.parametrize(
    ("worth", "length", "words"),
    [
        (False, 2, "the noise would be a large part of whatever 1,200 people or fewer share"),
        (True, 2, "counts of people who share two attributes together are accurate to within a quarter"),
        (True, 1, "counts of people who share an attribute are accurate to within a quarter"),
        (None, 1, "useful if a person usually shares an attribute with at least 1,200 others"),
    ],
)
def test_the_advice_states_the_condition(worth: bool | None, length: int, words: str) -> None:
    assert dry_run._advise(worth, length, 1_200).startswith(words)
