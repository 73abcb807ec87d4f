"""The error of other people equals that of a plain loop."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.comparison.sampling_error import measure_sampling_errors
from tests.evidence.synthesis.evaluation.test_evaluate import slow


def test_counts_of_others_are_scaled_and_compared_as_a_plain_loop_does() -> None:
    chance = np.random.default_rng(1)
    rows, others = (chance.choice(["", "x", "y"], (number, 3)).tolist() for number in (90, 30))
    frames = [
        pl.DataFrame(table, schema=["a", "b", "c"], orient="row").with_columns(pl.all().replace({"": None}))
        for table in (rows, others)
    ]
    errors = measure_sampling_errors(Holdout(frames[0], frames[1], frames[0]), order=3)
    for length, error in enumerate(errors, 1):
        true, sample = slow(rows, length), slow(others, length)
        assert error == pytest.approx(np.mean([abs(3 * sample[cell] - count) for cell, count in true.items()]))


def test_there_is_no_error_where_nobody_reports_anything() -> None:
    silent = pl.DataFrame({"a": [None] * 4, "b": [None] * 4}, schema={"a": pl.String, "b": pl.String})
    assert measure_sampling_errors(Holdout(silent, silent, silent), order=2) == [None, None]
