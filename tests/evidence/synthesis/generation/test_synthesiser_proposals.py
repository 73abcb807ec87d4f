"""Parts of the synthesiser: charges, proposals, initial sizes, and earlier records in a new numbering."""

from __future__ import annotations

from math import comb

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.generation import synthesiser
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.generation.synthesiser import FULL_CHARGE_CLIP, SLOTS, fit_records
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.presets import PRESETS

COLUMN = np.array([0, 0, 1, 1, 2, 2], dtype=np.int32)
PAIRS = [(0, 2), (0, 3), (1, 2), (0, 4), (2, 4), (3, 5)]


def noisy(lengths: list[int], singles: list[int], pairs: dict[tuple[int, int], int], clip: int = 3) -> Noisy:
    """Return counts in people with a noise of 1, thresholds of 2, and no triples."""
    items = np.array(list(pairs), dtype=np.int32).reshape(-1, 2)
    levels = (
        NoisyLevel(np.arange(len(singles), dtype=np.int32)[:, None], np.array(singles) * UNIT, 1.0 * UNIT, 2.0),
        NoisyLevel(items, np.array(list(pairs.values()), dtype=np.int64) * UNIT, 1.0 * UNIT, 2.0),
    )
    return Noisy(COLUMN[: len(singles)], clip, np.array(lengths), 1.0, levels)


def space(given_counts: Noisy) -> synthesiser._Workspace:
    singles = given_counts.levels[0]
    return synthesiser._Workspace(given_counts, singles.items[singles.supported, 0], 0.85)


COUNTS = noisy([5, 10, 60, 25], [50, 40, 1, 60, 30, 20], dict(zip(PAIRS, [30, 20, 9, 15, 8, 1], strict=True)))


# -- charges -----------------------------------------------------------------------------------------------------------


@settings(deadline=None, max_examples=50)
@given(st.integers(1, 60), st.integers(2, 3))
def test_the_total_charge_of_a_value_in_a_full_record_is_at_most_that_of_eight_values(clip: int, length: int) -> None:
    total = synthesiser._compute_charge_factor(clip, length) * comb(clip - 1, length - 1)
    assert total <= comb(FULL_CHARGE_CLIP - 1, length - 1) + 1e-9
    if clip >= FULL_CHARGE_CLIP:
        assert total == pytest.approx(comb(FULL_CHARGE_CLIP - 1, length - 1))
    else:
        assert synthesiser._compute_charge_factor(clip, length) == 1.0


def test_a_value_has_the_targets_of_supported_values_only() -> None:
    """Value 2 has a count of 1, which does not exceed two sigmas: its pairs are left out."""
    made_space = space(COUNTS)
    assert made_space.number.tolist() == [0, 1, -1, 2, 3, 4]
    pairs, people, firm = made_space.targets[1]
    assert pairs.tolist() == [[0, 2], [0, 3], [2, 4]]  # the last is measured, but not supported
    assert firm == 2
    assert people.tolist() == [20.0, 15.0, 1.0 + 1.0]  # up to one sigma above its count it costs only the charge


def test_a_count_below_zero_has_one_sigma_as_its_target() -> None:
    pairs = {(0, 2): 30, (0, 3): -7}
    _, people, _ = space(noisy([0, 0, 90], [50, 40, 30, 60], pairs)).targets[1]
    assert people.tolist() == [30.0, 1.0]


# -- initial sizes -----------------------------------------------------------------------------------------------------


def test_initial_records_have_the_measured_proportions_of_sizes() -> None:
    sizes = space(COUNTS)._draw_sizes(1_000, seed=3)
    assert np.bincount(sizes, minlength=4).tolist() == [50, 100, 600, 250]
    assert sizes.tolist() != sorted(sizes.tolist())


def test_sizes_that_do_not_stand_out_of_the_noise_are_left_out() -> None:
    """sqrt(2 ln 4) = 1.67 sigmas."""
    counts = noisy([1, -3, 98, 2], [50, 40, 30, 60], {(0, 2): 30})
    assert np.bincount(space(counts)._draw_sizes(100, seed=1), minlength=4).tolist() == [0, 0, 98, 2]


def test_without_sizes_that_stand_out_records_begin_empty() -> None:
    counts = noisy([1, 1, 0, 0], [50, 40, 30, 60], {(0, 2): 30})
    assert space(counts)._draw_sizes(5, seed=1).tolist() == [0] * 5


# -- proposals ---------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(0, 99))
def test_spaced_numbers_have_one_in_each_interval(slots: int, seed: int) -> None:
    numbers = synthesiser._draw_spaced(slots, np.random.default_rng(seed))
    assert np.floor(numbers * slots).astype(int).tolist() == list(range(slots))


def slots_of(lacking: list[float], share: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each value is proposed beside each value, and how often for any record."""
    singles, pairs = np.array([30.0, 10.0, 0.0, 60.0]), np.array([[0, 1], [0, 3]], dtype=np.int32)
    proposals = synthesiser._Proposals(singles, pairs, np.array([10.0, 30.0]))
    tables = space(COUNTS).tables._replace(
        partner_slots=np.full((4, SLOTS), -1, np.int32), common_slots=np.zeros(SLOTS, np.int32)
    )
    proposals.fill_slots(tables, np.array(lacking), share, np.random.default_rng(1))
    partners = np.array([[(tables.partner_slots[value] == other).sum() for other in range(4)] for value in range(4)])
    return partners, np.bincount(tables.common_slots, minlength=4)


def test_partners_are_proposed_in_proportion_to_their_counts() -> None:
    partners, _ = slots_of([0.0, 0.0])
    assert partners[0].tolist() == pytest.approx([0, SLOTS / 4, 0, 3 * SLOTS / 4], abs=1)
    assert partners[1].tolist() == [SLOTS, 0, 0, 0]
    assert partners[3].tolist() == [SLOTS, 0, 0, 0]


def test_a_shortfall_adds_its_square() -> None:
    """Needs of 10 + 10^2 and 30 + 0."""
    partners, _ = slots_of([10.0, 0.0])
    assert partners[0, 1] == pytest.approx(SLOTS * 110 / 140, abs=1)


def test_a_shard_has_its_share_of_the_counts() -> None:
    """Needs of 10 / 2 + 5^2 and 30 / 2."""
    partners, _ = slots_of([5.0, 0.0], share=0.5)
    assert partners[0, 1] == pytest.approx(SLOTS * 30 / 45, abs=1)


def test_a_value_without_partners_has_empty_slots() -> None:
    partners, _ = slots_of([0.0, 0.0])
    assert partners[2].tolist() == [0, 0, 0, 0]


def test_common_values_are_proposed_in_proportion_to_their_counts() -> None:
    _, common = slots_of([0.0, 0.0])
    assert common.tolist() == pytest.approx([SLOTS * 0.3, SLOTS * 0.1, 0, SLOTS * 0.6], abs=1)


# -- earlier records ---------------------------------------------------------------------------------------------------


def test_earlier_records_lose_values_without_support_and_keep_their_order() -> None:
    before = CodedRecords(np.array([0, 2, 4, 2, 5, 3], np.int32), np.array([0, 3, 4, 4, 6]))
    lines, sizes = space(COUNTS)._renumber(before)
    assert sizes.tolist() == [2, 0, 0, 2]
    rows = [line[:size].tolist() for line, size in zip(lines, sizes, strict=True)]
    assert rows == [[0, 3], [], [], [4, 2]]


@pytest.mark.parametrize("people", [40, 100, 130])
def test_earlier_records_are_thinned_out_or_extended_to_the_number_of_people(people: int) -> None:
    before = fit_records(COUNTS, 0.85, 1)
    assert before.people == 100
    lengths = [number * people // 100 for number in (5, 10, 60, 25)]
    lengths[2] += people - sum(lengths)
    counts = noisy(lengths, [50, 40, 1, 60, 30, 20], dict(zip(PAIRS, [30, 20, 9, 15, 8, 1], strict=True)))
    assert fit_records(counts, 0.85, 2, before=before).people == people


def test_a_revision_with_the_same_counts_changes_few_records() -> None:
    before = fit_records(COUNTS, 0.85, 1)
    after = fit_records(COUNTS, 0.85, 2, before=before)

    def rows(records: CodedRecords) -> list[list[int]]:
        ends = zip(records.start, records.start[1:], strict=False)
        return [sorted(records.values[first:last].tolist()) for first, last in ends]

    same = [one == other for one, other in zip(rows(before), rows(after), strict=True)]
    assert np.mean(same) > 0.8
    assert sum(after.apart) <= sum(before.apart) + 0.5


def test_progress_ends_at_the_whole() -> None:
    shares: list[float] = []
    fit_records(COUNTS, 0.85, 1, shares.append)
    assert shares[-1] == 1.0
    assert all(0 < share <= 1 for share in shares)


# -- dense tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_records_report_every_column_that_every_person_reports(seed: int) -> None:
    """A short fit of 20 full columns: records lack as many values as the noise on lengths explains."""
    chance = np.random.default_rng(2)
    kind = chance.integers(0, 4, 2_000)
    usual = chance.dirichlet(np.full(3, 0.7), (4, 20)).cumsum(axis=-1)[..., :2]
    codes = (chance.random((2_000, 20))[..., None] > usual[kind]).sum(axis=-1)
    rows = pl.DataFrame({f"c{at}": codes[:, at].astype(str) for at in range(20)})
    columns = tuple(Column(name, ("0", "1", "2")) for name in rows.columns)
    measured, _ = measure(rows, columns, plan(2.0, 3, PRESETS["balanced"].thresholds), repeatable(2))
    sizes = np.diff(fit_records(measured, 0.85, seed, sweeps=0.3).start)
    expected = min(measured.people, int(measured.lengths[-1]))
    assert expected - np.count_nonzero(sizes == 20) <= measured.lengths_sigma
