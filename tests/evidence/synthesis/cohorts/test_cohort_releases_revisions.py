"""Revisions: five of each cohort, which change only what they must."""

from __future__ import annotations

from collections import Counter
from math import sqrt

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import Refused
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.combined_counts import combine_measurements
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy, NoisyLevel
from kerege.evidence.synthesis.pipeline import compute_loss
from tests.evidence.synthesis.cohorts.release_series import REQUEST, ReleaseSeries, people


def test_five_revisions_pass_and_the_sixth_is_refused(series: ReleaseSeries) -> None:
    rows, other = people(2010, 300), people(2011, 300)
    states = [rows[number:] + other for number in range(7)]
    kept, asked = [], [()] + 6 * [("2010",)]
    for number in range(6):
        certificate = series.release(states[number], "2011", *asked[number])
        assert [cohort["revision"] for cohort in certificate["cohorts"]] == [number, 0, 0]
        kept.append(series.bytes())
    before = series.ledger.path.read_bytes()
    assert series.ledger.composed() == pytest.approx(compute_loss(REQUEST))
    assert series.ledger.composed() <= compute_loss(REQUEST) * (1 + 1e-9)
    with pytest.raises(Refused, match="year 2010 was revised 5 times") as told_:
        series.release(states[6] + people(2012, 300), "2012", "2010")
    assert "\n" not in str(told_.value)
    assert not series.out.exists()
    assert series.ledger.path.read_bytes() == before
    for number in (5, 2, 0):  # the same commands again
        series.release(states[number], "2011", *asked[number])
        assert series.bytes() == kept[number]
    assert series.ledger.path.read_bytes() == before
    series.release(states[6])  # who asks for no revision gets the last one
    assert series.bytes()["records.csv"] == kept[5]["records.csv"]


def test_a_revision_changes_only_what_it_must(series: ReleaseSeries) -> None:
    rows = people(2010, 3_000)
    series.release(rows, "2010")
    first = Counter(series.lines())
    series.release(rows[20:], "2010", "2010")
    same = Counter(series.lines()) & first
    assert sum(same.values()) > 0.9 * sum(first.values())
    added = rows + [row | {"sex": "f", "form": "d"} for row in people(2010, 3_000, 1)]  # nobody was so before
    series.release(added, "2010", "2010")
    records = pl.read_csv(series.out / "records.csv")
    assert records.height == pytest.approx(len(added), rel=0.1)
    assert records.filter((pl.col("sex") == "f") & (pl.col("form") == "d")).height == pytest.approx(3_000, rel=0.2)


def test_an_empty_cohort_can_be_revised_to_people_and_back(series: ReleaseSeries) -> None:
    rows = people(2011, 200)
    series.release(rows)
    certificate = series.release(rows + people(2010, 3_000), "2011", "2010")
    assert certificate["cohorts"][0]["records"] == pytest.approx(3_000, rel=0.1)
    certificate = series.release(rows, "2011", "2010")
    assert [(cohort["value"], cohort["revision"]) for cohort in certificate["cohorts"]] == [
        ("2010", 2),
        ("2011", 0),
        ("_U", 0),
    ]
    assert certificate["cohorts"][0]["records"] < 200


def test_two_measurements_are_combined_by_inverse_variance() -> None:
    """The mean is unbiased and has the stated variance.

    Where the truth changed much, only the new count is used.
    """
    truth, size = 10_000, 20_000

    def noisy(sigma: float, seed: int, moved: int = 0) -> Noisy:
        counts = np.full(size, truth)
        counts[:10] += moved
        noisy_counts = repeatable(seed)(counts, sigma)
        level = NoisyLevel(np.zeros((size, 1), np.int32), noisy_counts, sigma, 2.0)
        return Noisy(np.zeros(1, np.int32), 3, noisy_counts[:5], sigma, (level,))

    both = combine_measurements(noisy(100, 1), noisy(450, 2)).levels[0]
    assert both.sigma == pytest.approx(1 / sqrt(1 / 100**2 + 1 / 450**2))
    assert both.values.mean() == pytest.approx(truth, abs=4 * both.sigma / sqrt(size))
    assert both.values.std() == pytest.approx(both.sigma, rel=0.03)
    after = noisy(450, 2, moved=-5_000)
    moved = combine_measurements(noisy(100, 1), after).levels[0]
    assert moved.values[:10].tolist() == after.levels[0].values[:10].tolist()
    assert moved.values[10:].tolist() == both.values[10:].tolist()


def test_a_value_that_is_no_longer_supported_is_in_no_record() -> None:
    """This holds even if pairs with the value are still supported."""

    def noisy(last: int) -> Noisy:
        levels = (
            NoisyLevel(np.arange(3, dtype=np.int32)[:, None], np.array([9_000, 9_000, last]), 60.0, 2.0),
            NoisyLevel(np.array([[0, 1], [0, 2]], np.int32), np.array([6_000, 500]), 60.0, 1.5),
        )
        lengths = np.array([20, 100, 60, 0])
        return Noisy(np.arange(3, dtype=np.int32), 3, lengths, 5.0, levels)

    before = fit_records(noisy(2_000), 0.6, 1)
    after = fit_records(noisy(100), 0.6, 1, before=before)
    assert 2 in before.values
    assert 2 not in after.values
    assert after.people == before.people
