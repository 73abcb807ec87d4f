"""Every comparison that was not made has a reason, and no other one has."""

from __future__ import annotations

import json

import polars as pl

from kerege.evidence.synthesis.evaluation.comparison.compare import (
    NO_CHANGES,
    NO_GROUPS,
    NO_PERIODS,
    NO_TARGETS,
    compare,
)
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from tests.evidence.synthesis.evaluation.comparison.invented_people import people


def test_all_comparisons_are_made_with_other_people() -> None:
    rows, others = people(400, 1), people(200, 2)
    compared = compare(rows, rows, 2, 1, holdout=Holdout(rows, others, rows), reason="")
    assert not compared.untried
    assert len(compared.sampling_errors) == 2
    assert compared.predictions
    assert compared.profiles
    assert compared.trend
    assert json.loads(json.dumps(compared.as_dict()))["trend"]["column"] == "year"


def test_without_other_people_the_reason_is_given_for_all_that_needs_them() -> None:
    rows = people(400, 1)
    compared = compare(rows, rows, 2, 1, holdout=None, reason="nobody else is known")
    assert compared.untried == {"others": "nobody else is known", "predictions": "nobody else is known"}
    assert all(group.others is None for group in compared.profiles)


def test_what_had_nothing_to_try_has_its_reason() -> None:
    few = people(10, 1).drop("year")
    compared = compare(few, few, 2, 1, holdout=Holdout(few, few, few), reason="")
    assert compared.untried == {"predictions": NO_TARGETS, "profiles": NO_GROUPS, "trend": NO_PERIODS}
    even = pl.DataFrame({"year": ["2023", "2024"] * 50, "a": ["x"] * 100})
    assert compare(even, even, 1, 1, holdout=None, reason="none").untried["trend"] == NO_CHANGES
