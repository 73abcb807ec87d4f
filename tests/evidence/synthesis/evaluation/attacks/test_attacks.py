"""Attacks detect copied records and report no risk for independent ones.

They agree with slow reference counts.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, mannwhitneyu

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.evaluation.attacks import Privacy, attack
from kerege.evidence.synthesis.evaluation.attacks.attack_rate import clopper_pearson, rate, risk, wilson
from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import clustered, guesses
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import Coded, coded
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import area, bound, distances, unique_records
from kerege.evidence.synthesis.evaluation.attacks.singling_out import (
    descriptions,
    expected,
    fits,
    measure_singling_out,
    unique_values,
)
from kerege.evidence.synthesis.evaluation.comparison.holdout import hold_back

SEEDS = range(20)


def people(rows: int, seed: int) -> pl.DataFrame:
    """Return draws from one process: 30 kinds of people, 9 columns, a third not reported."""
    fixed, rng = np.random.default_rng(7), np.random.default_rng([7, seed])
    kind = rng.choice(30, rows, p=fixed.dirichlet(np.ones(30)))
    columns = {}
    for number in range(9):
        size = 3 + 2 * number
        shares = fixed.dirichlet(np.full(size, 0.4), 30).cumsum(axis=1)
        value = (shares[kind] < rng.random((rows, 1))).sum(axis=1).clip(max=size - 1)
        columns[f"c{number}"] = np.where(rng.random(rows) < 0.33, "", value.astype(str))
    return pl.DataFrame(columns)


@st.composite
def tables(draw: st.DrawFn, least: int = 1) -> Coded:
    width, size = draw(st.integers(1, 5)), draw(st.integers(least, 12))
    values = draw(st.lists(st.integers(0, 3), min_size=width * size, max_size=width * size))
    return np.array(values, dtype=np.uint8).reshape(width, size)


@pytest.fixture(scope="module")
def copied() -> Privacy:
    rows = people(4_000, 1)
    return attack(rows, rows, people(4_000, 2), 1)


# ---- what the attacks must find


def test_a_published_original_is_detected(copied: Privacy) -> None:
    for columns in (4, 9):
        risk_of_columns = copied.singling_out[columns]
        assert risk_of_columns is not None
        assert risk_of_columns.risk > 0.99
        assert risk_of_columns.low > 0.9
    assert copied.membership is not None
    assert copied.membership.auc > 0.99
    assert copied.membership.risks[0.01].risk > 0.95
    assert copied.membership.bound.low > 3
    assert copied.inference is not None
    assert copied.inference.overall.low > 0.2


def test_copies_of_half_of_the_records_are_detected() -> None:
    rows, others = people(8_000, 1), people(4_000, 2)
    privacy = attack(rows, pl.concat([rows[:4_000], people(4_000, 3)]), others, 1)
    assert privacy.membership is not None
    assert privacy.membership.low > 0.6
    all_columns = privacy.singling_out[9]
    assert all_columns is not None
    assert all_columns.low > 0.3


def test_independent_draws_of_the_same_process_have_no_risk() -> None:
    """A 95% interval may miss in 1 of 20 runs; more than 2 misses of 8 have a probability of 0.6%."""
    assert {name: times for name, times in misses(range(8)).items() if times > 2} == {}


def misses(seeds: range) -> Counter[str]:
    """Return how often each interval misses the truth. A 95% interval may miss in 1 of 20 runs."""
    missed: Counter[str] = Counter()
    for seed in seeds:
        ratio = (1, 4)[seed % 2]  # controls as many as people, and a quarter as many
        privacy = attack(
            people(2_000, 3 * seed), people(2_000, 3 * seed + 1), people(2_000 // ratio, 3 * seed + 2), seed
        )
        assert privacy.inference is not None
        assert privacy.membership is not None
        for columns, risk_found in privacy.singling_out.items():
            missed[f"singling out {columns}"] += risk_found is not None and not risk_found.low <= 0 <= risk_found.high
        missed["inference"] += not privacy.inference.overall.low <= 0 <= privacy.inference.overall.high
        missed["membership"] += not privacy.membership.low <= 0.5 <= privacy.membership.high
        missed["epsilon"] += privacy.membership.bound.low > 0
        for false_alarms, risk_found in privacy.membership.risks.items():
            missed[f"found at {false_alarms}"] += not risk_found.low <= 0 <= risk_found.high
    return missed


def test_the_bound_on_epsilon_stays_below_the_truth_and_comes_near() -> None:
    """The scores are from randomised response on membership, a mechanism with known epsilon."""
    epsilon, below, near = 1.5, 0, []
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        share_right = math.exp(epsilon) / (1 + math.exp(epsilon))
        members, others = ((rng.random((2, 1_000)) < share).astype(float) for share in (share_right, 1 - share_right))
        lower_bound = bound((members[0], others[0]), (members[1], others[1]), rng)
        below += lower_bound.low <= epsilon
        near.append(lower_bound.low)
    assert below >= 18
    assert np.mean(near) > 1


def test_a_control_of_another_size_is_scaled_without_bias() -> None:
    """On average the rate expected from a quarter of the people equals that of all of them."""
    small, equal = [], []
    for seed in SEEDS:
        records, few, many = coded(
            [people(3_000, 3 * seed + k) if k != 1 else people(750, 3 * seed + 1) for k in range(3)]
        )
        described = descriptions(records, 4, 1_000, np.random.default_rng(seed))
        small.append(expected(fits(few, *described, 50), 4))
        equal.append(float((fits(many, *described, 50) == 1).mean()))
    assert np.mean(small) == pytest.approx(np.mean(equal), abs=0.02)


def test_the_seed_makes_a_run_repeatable() -> None:
    frames = people(300, 1), people(300, 2), people(100, 3)
    assert attack(*frames, 5).as_dict() == attack(*frames, 5).as_dict()
    assert attack(*frames, 5).as_dict() != attack(*frames, 6).as_dict()


# ---- held-back rows


def test_a_fifth_is_held_back_and_the_refit_never_sees_it() -> None:
    rows = people(1_000, 1).with_row_index("id").cast(pl.String)
    seen: list[pl.DataFrame] = []

    def copy(rest: pl.DataFrame) -> pl.DataFrame:
        seen.append(rest)
        return rest

    holdout = hold_back(rows, copy, 1)
    privacy = attack(holdout.rows, holdout.records, holdout.others, 1, refitted=True)
    assert (privacy.rows, privacy.controls, privacy.refitted) == (800, 200, True)
    assert seen[0].height == 800
    assert seen[0]["id"].n_unique() == 800
    assert privacy.membership is not None
    assert privacy.membership.auc == 1  # would be less if a control were among the copied


def test_too_few_rows_give_a_clear_sentence() -> None:
    with pytest.raises(BadInput, match="too few rows"):
        attack(people(49, 1), people(10, 1)[:0], people(10, 1), 1)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_smallest_tables_have_a_result(rows: int) -> None:
    privacy = attack(people(rows, 1), people(rows, 2), people(2, 3), 1)
    assert privacy.membership is None


def test_rows_that_report_nothing_have_no_result() -> None:
    silent = pl.DataFrame({"a": [""] * 60, "b": [None] * 60}, schema={"a": pl.String, "b": pl.String})
    privacy = attack(silent, silent, silent, 1)
    assert (privacy.inference, privacy.membership, set(privacy.singling_out.values())) == (None, None, {None})


# ---- rows as numbers


def test_lists_are_compared_as_sets_and_blanks_are_one() -> None:
    kind = {"a": pl.List(pl.String), "b": pl.String}
    first = pl.DataFrame({"a": [["x", "y"], [], None, ["x"]], "b": ["", "p", None, "q"]}, schema=kind)
    second = pl.DataFrame({"a": [["y", "x"], [""], ["y", "x", "y"], ["y"]], "b": ["q", "p", "", "p"]}, schema=kind)
    left, right = coded([first, second])
    assert (left[0] == right[0]).tolist() == [True, True, False, False]
    assert left[0, 1] == left[0, 2] == right[0, 1] == 0
    assert right[0, 2] == left[0, 0]
    assert (left[1] == 0).tolist() == [True, False, True, False]
    assert left[1, 3] == right[1, 0]


def test_a_column_with_thousands_of_values_fits() -> None:
    frame = pl.DataFrame({"a": [str(number) for number in range(5_000)], "b": ["x"] * 5_000})
    rows, again = coded([frame, frame])
    assert rows.dtype == np.uint16
    assert np.array_equal(rows, again)
    assert len(set(rows[0].tolist())) == 5_000


# ---- independent oracles


@given(tables(), tables(least=0), st.integers(1, 5), st.integers(0, 1_000))
@settings(max_examples=60, deadline=None)
def test_descriptions_fit_one_record_and_as_many_people_as_counted(
    records: Coded, rows: Coded, columns: int, seed: int
) -> None:
    rows = np.resize(rows, (len(records), rows.shape[1]))
    chosen, values = descriptions(records, columns, 50, np.random.default_rng(seed))
    described = set()
    for one, what, counted in zip(chosen, values, fits(rows, chosen, values, 9), strict=True):
        assert len(set(one)) == len(one) == min(columns, len(records))
        same = [k for k in range(records.shape[1]) if (records[one, k] == what).all()]
        assert len(same) == 1
        described.add(same[0])
        assert counted == min(9, sum((rows[one, k] == what).all() for k in range(rows.shape[1])))
    assert len(described) == len(chosen)


@given(tables())
def test_values_of_one_record_alone(records: Coded) -> None:
    columns, values = unique_values(records)
    unique = sorted(zip(columns[:, 0].tolist(), values[:, 0].tolist(), strict=True))
    counts = [(column, value) for column in range(len(records)) for value in records[column].tolist()]
    assert unique == sorted(cell for cell, times in Counter(counts).items() if times == 1)


@given(tables(), tables())
@settings(max_examples=60, deadline=None)
def test_guesses_equal_those_of_a_slow_intruder(records: Coded, targets: Coded) -> None:
    targets = np.resize(targets, (len(records), targets.shape[1]))
    guessed = guesses(records, targets)
    for number in range(targets.shape[1]):
        target = targets[:, number]
        for secret in range(len(records)):
            known = [column for column in range(len(records)) if column != secret]
            far = [
                (
                    sum(target[c] > 0 and record[c] != target[c] for c in known),
                    sum(record[c] != target[c] for c in known),
                )
                for record in records.T
            ]
            nearest = Counter(int(records[secret, k]) for k, distance in enumerate(far) if distance == min(far))
            most = max(nearest.values())
            assert guessed[secret, number] == min(value for value, votes in nearest.items() if votes == most)


@given(tables(), tables())
@settings(max_examples=60, deadline=None)
def test_distances_and_unique_records_equal_slow_counts(records: Coded, targets: Coded) -> None:
    targets = np.resize(targets, (len(records), targets.shape[1]))
    far_counts = distances(records, targets)
    for number in range(targets.shape[1]):
        counts = Counter((records != targets[:, [number]]).sum(axis=0).tolist())
        assert far_counts[number].tolist() == [counts[far] for far in range(len(records) + 1)]
    alone, strange = unique_records(records, targets)
    assert alone.tolist() == [k for k in range(records.shape[1]) if distances(records, records)[k, 0] == 1]
    assert strange.tolist() == [k for k in range(targets.shape[1]) if far_counts[k, 0] == 0]


@given(st.integers(1, 400), st.floats(0, 1))
def test_intervals_equal_those_of_scipy(attempts: int, share: float) -> None:
    successes = round(share * attempts)
    test = binomtest(successes, attempts)
    expected_wilson, exact = test.proportion_ci(method="wilson"), test.proportion_ci(method="exact")
    assert wilson(successes / attempts, attempts) == pytest.approx(
        (expected_wilson.low, expected_wilson.high), abs=1e-9
    )
    assert clopper_pearson(successes, attempts) == pytest.approx((exact.low, exact.high), abs=1e-9)


def test_the_auc_is_the_mann_whitney_statistic() -> None:
    rng = np.random.default_rng(1)
    members, others = rng.integers(0, 9, 200) + 1.0, rng.integers(0, 9, 150) * 1.0
    value, low, high = area(members, others)
    assert value == pytest.approx(mannwhitneyu(members, others).statistic / (200 * 150))
    assert low < value < high


def test_the_risk_is_the_share_of_safe_people_who_are_exposed() -> None:
    estimate = risk(rate(0.6, 1_000), rate(0.2, 1_000))
    assert estimate.risk == pytest.approx(0.5)
    rng = np.random.default_rng(1)
    attack_rates, control_rates = rng.binomial(1_000, 0.6, 20_000) / 1_000, rng.binomial(1_000, 0.2, 20_000) / 1_000
    simulated = np.quantile((attack_rates - control_rates) / (1 - control_rates), [0.025, 0.975])
    assert (estimate.low, estimate.high) == pytest.approx(tuple(simulated), abs=0.005)


def test_guesses_on_one_person_do_not_count_as_independent() -> None:
    right = np.repeat(np.random.default_rng(1).random((1, 500)) < 0.5, 10, axis=0)  # all ten right, or all ten wrong
    clustered_rate = clustered(right, np.ones_like(right))
    assert clustered_rate.attempts == pytest.approx(500, rel=0.01)


@pytest.mark.parametrize("ratio", [0.25, 1.0, 3.0])
def test_the_expected_rate_of_known_frequencies(ratio: float) -> None:
    rng = np.random.default_rng(1)
    often = rng.gamma(0.8, 1.5, 400_000)
    assert expected(rng.poisson(often), ratio) == pytest.approx(
        float((rng.poisson(often * ratio) == 1).mean()), abs=0.004
    )


def test_without_descriptions_there_is_no_result() -> None:
    same = np.ones((3, 40), dtype=np.uint8)
    assert measure_singling_out(same, same, same, np.random.default_rng(1)) is None
