"""A holdout is a random fifth of the rows, and the records are made from the rest only."""

from __future__ import annotations

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.evaluation.comparison.holdout import FEWEST, Holdout, hold_back

ROWS = pl.DataFrame({"a": [str(number) for number in range(500)]})


def test_the_records_are_made_from_the_rows_that_are_not_held_back() -> None:
    given: list[pl.DataFrame] = []

    def refit(rest: pl.DataFrame) -> pl.DataFrame:
        given.append(rest)
        return rest.head(3)

    holdout = hold_back(ROWS, refit, seed=1)
    assert given[0].equals(holdout.rows)
    assert (holdout.rows.height, holdout.others.height, holdout.records.height) == (400, 100, 3)
    assert sorted([*holdout.rows["a"], *holdout.others["a"]]) == sorted(ROWS["a"])
    assert holdout.refitted
    assert holdout.scale == 4
    assert not hold_back(ROWS, refit, seed=2).others.equals(holdout.others)


def test_too_few_rows_are_refused() -> None:
    with pytest.raises(BadInput, match="fewer than 50 rows"):
        hold_back(ROWS.head(FEWEST - 1), lambda rest: rest, seed=1)


def test_the_counts_of_no_other_people_can_be_scaled() -> None:
    assert Holdout(ROWS, ROWS.clear(), ROWS).scale == ROWS.height
