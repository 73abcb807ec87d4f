"""Figures of a certificate follow from the noise by formulas that a reader can compute by hand."""

from __future__ import annotations

from math import comb, hypot, log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.dp.zcdp import compose, rho_to_epsilon
from kerege.evidence.synthesis import certificate as module
from kerege.evidence.synthesis.certificate import (
    BANDS,
    assess_utility,
    certificate_facts,
    expected_bias,
    expected_errors,
    fit_distances,
    guarantee,
    steps,
)
from kerege.evidence.synthesis.cohorts import certificate as cohort_certificate
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column


def level(people: list[float], spread: float, threshold: float = 1.5, length: int = 1) -> NoisyLevel:
    """Return a level with noisy counts and noise in people."""
    items = np.zeros((len(people), length), np.int32)
    return NoisyLevel(items, np.array([round(count * UNIT) for count in people]), spread * UNIT, threshold)


def noisy(*levels: NoisyLevel, clip: int = 4, lengths_sigma: float = 2.0) -> Noisy:
    return Noisy(np.zeros(1, np.int32), clip, np.array([3, 40, 57]), lengths_sigma, levels)


# -- the guarantee -----------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.lists(st.floats(0.001, 0.5), min_size=1, max_size=6))
def test_losses_of_the_steps_add_up_and_are_converted_once(losses: list[float]) -> None:
    """Sequential composition of zCDP: the rho of the file is the sum over its steps."""
    claim = guarantee(4.0, 1e-6, 0.0, [{"rho": rho} for rho in losses], holds=True)
    assert claim["rho"] == pytest.approx(compose(losses))
    assert claim["epsilon_of_rho"] == pytest.approx(rho_to_epsilon(compose(losses), 1e-6))
    assert claim["epsilon_of_rho"] <= sum(rho_to_epsilon(rho, 1e-6) for rho in losses) + 1e-9


def test_delta_for_finding_values_is_not_used_for_the_conversion() -> None:
    claim = guarantee(4.0, 1e-6, 4e-7, [{"rho": 0.1}], holds=True)
    assert claim["epsilon_of_rho"] == rho_to_epsilon(0.1, 6e-7)
    assert (claim["delta"], claim["delta_for_unlisted_values"]) == (1e-6, 4e-7)


@pytest.mark.parametrize("holds", [True, False])
def test_a_guarantee_that_does_not_hold_warns_and_names_its_noise(holds: bool) -> None:
    claim = guarantee(4.0, 1e-9, 0.0, [], holds=holds)
    assert claim["holds"] is holds
    assert ("warning" in claim) is not holds
    assert ("OpenDP" in claim["noise"]) is holds


# -- the steps ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clip", [3, 4, 9])
def test_the_loss_of_a_step_is_its_sensitivity_over_its_noise(clip: int) -> None:
    """rho = sensitivity^2 / (2 sigma^2), with the sensitivity sqrt(C(K, L)) in people."""
    measured = noisy(level([5], 4.0), level([5], 8.0, length=2), level([5], 16.0, length=3), clip=clip)
    entries = steps(measured)
    assert entries[0]["sensitivity"] == 1.0
    assert entries[0]["rho"] == pytest.approx(1 / (2 * 2.0**2))
    for length, (entry, sigma) in enumerate(zip(entries[1:], (4.0, 8.0, 16.0), strict=True), 1):
        assert entry["sensitivity"] ** 2 == pytest.approx(comb(clip, length))
        assert entry["sigma"] == sigma
        assert entry["rho"] == pytest.approx(comb(clip, length) / (2 * sigma**2))


def test_a_step_counts_its_cells_and_those_above_the_threshold() -> None:
    entries = steps(noisy(level([2.9, 3.0, 3.1, -9.0, 40.0], 2.0, threshold=1.5)))
    assert (entries[0]["cells"], entries[1]["cells"], entries[1]["standing_out"]) == (3, 5, 2)
    assert (entries[1]["threshold"], entries[1]["threshold_in_sigmas"]) == (3.0, 1.5)


# -- expected errors ---------------------------------------------------------------------------------------------------


def test_the_mean_size_of_a_normal_error_is_four_fifths_of_sigma() -> None:
    assert pytest.approx(sqrt(2 / np.pi), abs=0.003) == module.MEAN_ABS


@settings(deadline=None, max_examples=50)
@given(st.floats(0.1, 500))
def test_the_relative_error_is_a_fifth_where_a_count_is_supported(sigma: float) -> None:
    (row,) = expected_errors([sigma])
    assert row["error"] == pytest.approx(0.8 * sigma, abs=0.051)
    assert row["supported"] == pytest.approx(4 * sigma, abs=0.51)
    assert row["relative"] == {str(count): round(0.8 * sigma / count, 3) for count in BANDS}


def test_lengths_are_numbered_from_one() -> None:
    assert [row["length"] for row in expected_errors([1.0, 2.0, 3.0])] == [1, 2, 3]
    assert fit_distances((0.25, 1.26)) == [{"length": 1, "distance": 0.2}, {"length": 2, "distance": 1.3}]


# -- utility -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "is_worth", "advice"),
    [
        ((level([1.0], 9.0),), False, "nothing is clear of the noise"),
        ((level([900.0], 9.0), level([1.0], 9.0)), False, "nothing but single values is clear of the noise"),
        ((level([900.0], 9.0),), True, ""),
        ((level([9.0], 4.0),), False, "the noise is a large part of the information on an attribute"),
        (
            (level([900.0], 9.0), level([9.0], 4.0)),
            False,
            "the noise is a large part of the information on two attributes together",
        ),
        ((level([9.0], 4.0), level([900.0], 9.0)), True, ""),  # single values follow from accurate pairs
        ((level([900.0], 9.0), level([900.0], 9.0), level([1.0], 9.0)), True, "combinations of three are mostly noise"),
        ((level([900.0], 9.0), level([900.0], 9.0), level([900.0], 9.0)), True, ""),
    ],
)
def test_records_are_worth_publishing_if_their_pairs_are_accurate(
    levels: tuple[NoisyLevel, ...], is_worth: bool, advice: str
) -> None:
    worth, sentence = assess_utility(noisy(*levels))
    assert worth is is_worth
    assert sentence.startswith(advice)
    assert bool(sentence) is bool(advice)


@pytest.mark.parametrize(("people", "is_worth"), [(3.2, True), (3.19, False)])
def test_a_relative_error_of_a_quarter_is_accurate(people: float, is_worth: bool) -> None:
    """0.8 sigma / count <= 1 / 4: with a sigma of 1 the count is at least 3.2."""
    counts = NoisyLevel(np.zeros((1, 1), np.int32), np.array([round(people * 1e6)]), 1e6, 1.5)
    scaled = Noisy(np.zeros(1, np.int32), 4, np.array([3]), 1.0, (counts,))
    assert assess_utility(scaled)[0] is is_worth


@pytest.mark.parametrize(("small", "is_worth"), [(9, True), (11, False)])
def test_accurate_pairs_hold_at_least_half_of_the_people(small: int, is_worth: bool) -> None:
    """One pair of 100 people, and pairs of 10 people with an error of 4: only the large pair is accurate."""
    pairs = level([100.0] + [10.0] * small, 5.0, length=2)
    assert assess_utility(noisy(level([900.0], 5.0), pairs))[0] is is_worth


# -- the facts ---------------------------------------------------------------------------------------------------------

CLEAR: dict[str, Any] = {
    "guarantee": {"delta_for_unlisted_values": 5e-10, "steps": [{"sigma": 9.0}, {"length": 1, "sigma": 7.5}]}
}


def test_the_number_of_people_has_the_error_of_a_sum_of_noise_terms() -> None:
    facts = certificate_facts(noisy(level([900.0], 2.0), lengths_sigma=3.0), (Column("a", ("x", "y")),), CLEAR)
    assert facts["people"] == 100
    assert facts["people_error"] == round(0.8 * hypot(3.0, 3.0, 3.0), 1)  # three independent lengths
    assert facts["columns"] == [{"name": "a", "values": 2, "multi": False, "source": "schema file"}]
    assert "unlisted" not in facts


@pytest.mark.parametrize("columns", [1, 3])
def test_unlisted_values_are_kept_from_a_count_that_few_noise_terms_reach(columns: int) -> None:
    public = (Column("a", ("x",)), *(Column(f"o{number}", ("y",), False, DISCOVERED) for number in range(columns)))
    facts = certificate_facts(noisy(level([900.0], 7.5)), public, CLEAR)
    above = facts["unlisted"]["kept_from"] - 1
    assert above == pytest.approx(7.5 * sqrt(2 * log(columns / 5e-10)))
    assert columns * np.exp(-(above**2) / (2 * 7.5**2)) == pytest.approx(5e-10)  # the tail bounds add up to delta


def test_the_schema_and_the_code_have_hashes() -> None:
    public = (Column("a", ("x", "y")),)
    measured = noisy(level([900.0], 2.0))
    facts = certificate_facts(measured, public, CLEAR)
    other = certificate_facts(measured, (Column("a", ("y", "x")),), CLEAR)
    assert facts["hashes"]["schema"] != other["hashes"]["schema"]
    assert facts["hashes"]["code"] == other["hashes"]["code"] == module.code_hash()
    assert len(module.code_hash()) == 64


# -- several cohorts ---------------------------------------------------------------------------------------------------


def test_noise_of_cohorts_adds_up_in_squares(tmp_path: Any) -> None:
    folders = []
    for number, spread in enumerate((3.0, 4.0, 12.0)):
        folder = tmp_path / str(number)
        folder.mkdir()
        noisy(level([5], spread), level([5], 2 * spread, length=2)).save(folder / "noisy.npz")
        folders.append(folder)
    assert list(cohort_certificate._sum_spreads(folders)) == pytest.approx([13.0, 26.0])


def test_other_steps_keep_epsilon_delta_and_the_part_for_values() -> None:
    claim = guarantee(2.0, 1e-7, 4e-8, [{"rho": 0.01}], holds=True)
    joint = cohort_certificate.with_steps(claim, [{"rho": 0.01}, {"rho": 0.02}], holds=False)
    assert (joint["epsilon"], joint["delta"], joint["delta_for_unlisted_values"]) == (2.0, 1e-7, 4e-8)
    assert joint["rho"] == pytest.approx(0.03)
    assert joint["holds"] is False


def test_a_kept_value_of_any_cohort_is_public_and_a_list_stays_as_it_is() -> None:
    assert cohort_certificate._unite_values(Column("o", ("b",), False, DISCOVERED), {"b", "a"}) == ("a", "b")
    assert cohort_certificate._unite_values(Column("a", ("y", "x")), {"x", "y"}) == ("y", "x")


def test_the_bias_at_worst_is_that_of_a_simulated_loss() -> None:
    """Count how often noise hides a combination that nobody else's records support, as the thresholds say."""
    spreads, thresholds = (5.0, 6.0, 9.0), (0.7, 1.5, 1.0)
    measured = noisy(*(level([10.0], spreads[n], thresholds[n], n + 1) for n in range(3)))
    needed = (max(measured.value_threshold, thresholds[0]), *thresholds[1:])
    draws = np.random.default_rng(1).standard_normal((7, 4_000))
    for entry in expected_bias(measured):
        biases = []
        for count in range(entry["least"], entry["most"] + 1):
            kept, part = np.ones(draws.shape[1], bool), 0
            for length in range(1, entry["length"] + 1):
                for _ in range(comb(entry["length"], length)):
                    kept &= count + spreads[length - 1] * draws[part] > needed[length - 1] * spreads[length - 1]
                    part += 1
            biases.append(-count * (1 - kept.mean()))
        assert entry["at_worst"] == pytest.approx(min(biases), abs=0.03 * entry["most"] + 0.1)


def test_nine_in_ten_errors_of_noise_are_within_a_fifth_of_the_stated_count() -> None:
    (entry,) = expected_errors([12.3])
    errors = 12.3 * np.random.default_rng(7).standard_normal(100_000)
    assert (np.abs(errors) <= entry["nine_in_ten"] / 5).mean() == pytest.approx(0.9, abs=0.005)
    assert (np.abs(errors) <= entry["supported"] / 5).mean() < 0.65
