"""Parts of a whole on a board: a reader who knows the total finds no part of few people."""

from __future__ import annotations

import random
from collections.abc import Hashable
from itertools import product

import pytest

from kerege.publishing.gate.mask_cells import suppress_parts

THRESHOLD = 5
Rows = dict[str, dict[Hashable, int]]


def rows_of(*counts: int) -> Rows:
    """Return parts whose rows belong to one person each."""
    return {f"part{at}": {f"{at}-{number}": 1 for number in range(count)} for at, count in enumerate(counts)}


def counts_of(rows: Rows) -> dict[str, int]:
    return {code: sum(people.values()) for code, people in rows.items()}


def possible(rows: Rows, masked: dict[str, int | None]) -> dict[str, set[int]]:
    """Return by enumeration the values of each masked part that fit the total; each has a row."""
    hidden = [code for code, count in masked.items() if count is None]
    total = sum(counts_of(rows)[code] for code in hidden)
    values_of: dict[str, set[int]] = {code: set() for code in hidden}
    for values in product(range(1, total + 1), repeat=max(len(hidden) - 1, 0)):
        if (last := total - sum(values)) >= 1:
            for code, value in zip(hidden, (*values, last), strict=True):
                values_of[code].add(value)
    return values_of


@pytest.mark.parametrize("seed", range(40))
def test_the_total_and_the_shown_parts_give_no_small_part(seed: int) -> None:
    chance = random.Random(seed)
    counts = [chance.choice((0, 1, 2, 4, 5, 6, 9, 14, 20)) for _ in range(chance.randint(1, 5))]
    rows = rows_of(*counts, 10)  # a total below the threshold would not be known
    masked = suppress_parts(rows, THRESHOLD)
    assert all(masked[code] in (None, count) for code, count in counts_of(rows).items())
    for code, values in possible(rows, dict(masked)).items():
        assert len(values) >= THRESHOLD or min(values) >= THRESHOLD, (counts, code)
    assert not {count for count in masked.values() if count is not None and 0 < count < THRESHOLD}


def test_no_part_is_rounded_or_merged_where_a_release_would_do_so() -> None:
    """A board prints each number as exact, so it cannot use a rounded or merged version."""
    for seed in range(15):
        chance = random.Random(seed)
        rows = rows_of(*(chance.choice((1, 3, 8, 12, 30, 60)) for _ in range(7)))
        masked = suppress_parts(rows, 10)
        assert set(masked) == set(rows)
        assert all(masked[code] in (None, count) for code, count in counts_of(rows).items())


def test_many_rows_of_few_people_or_mostly_of_one_person_are_masked() -> None:
    several: dict[Hashable, int] = {f"person{number}": 1 for number in range(20)}
    rows: Rows = {"few": {"a": 9, "b": 8}, "of one": several | {"a": 40}, "many": several | {"b": 1}, "others": several}
    masked = suppress_parts(rows, THRESHOLD)
    assert masked["few"] is None
    assert masked["of one"] is None
    assert masked["others"] == 20


@pytest.mark.parametrize("count", [0, 2, 30])
def test_a_withheld_code_is_masked_and_the_others_do_not_give_it(count: int) -> None:
    masked = suppress_parts(rows_of(40, count, 20), THRESHOLD, withheld={"part1"})
    assert masked["part1"] is None
    assert [code for code, value in masked.items() if value is None] != ["part1"] or not count


def test_no_parts_and_parts_without_rows_are_accepted() -> None:
    assert suppress_parts({}, THRESHOLD) == {}
    assert suppress_parts(rows_of(0, 12), THRESHOLD) == {"part0": 0, "part1": 12}
