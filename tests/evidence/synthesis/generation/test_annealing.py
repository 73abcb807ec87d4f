"""Kernels of the fit: residuals equal a plain loop, and a sweep at temperature 0 only improves."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerege.evidence.synthesis.generation import annealing, synthesiser
from kerege.evidence.synthesis.generation.annealing import AnnealingTables, Residuals
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel, weights

COLUMN = np.array([0, 0, 1, 1, 2, 3, 3], dtype=np.int32)
PAIRS = [pair for pair in combinations(range(7), 2) if COLUMN[pair[0]] != COLUMN[pair[1]]]
TRIPLES = [cell for cell in combinations(range(7), 3) if len({int(COLUMN[value]) for value in cell}) == 3]
CLIP, CHARGE = 3, 0.85


def noisy(seed: int, triples: int = len(TRIPLES)) -> Noisy:
    """Return counts of all pairs and some triples; a third of them is not supported."""
    chance = np.random.default_rng(seed)
    levels = []
    for length, cells in ((1, [(value,) for value in range(7)]), (2, PAIRS), (3, TRIPLES[:triples])):
        values = chance.integers(3, 30, len(cells)) * UNIT
        values[chance.random(len(cells)) < (0.0, 0.0, 0.3, 0.3)[length]] = 0
        levels.append(NoisyLevel(np.array(cells, dtype=np.int32), values, 2.0 * UNIT, 1.0))
    return Noisy(COLUMN, CLIP, np.array([2, 8, 10, 20, 15]), 1.5, tuple(levels))


def workspace(seed: int, triples: int = len(TRIPLES)) -> synthesiser._Workspace:
    return synthesiser._Workspace(noisy(seed, triples), np.arange(7, dtype=np.int32), CHARGE)


def records(seed: int, count: int = 40) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return random records with at most one value a column, as lines and sizes."""
    chance = np.random.default_rng([seed, 1])
    lines, sizes = np.zeros((count, 4), np.int32), np.zeros(count, np.int32)
    for row in range(count):
        columns = chance.permutation(4)[: chance.integers(0, 5)]
        values = [int(chance.choice(np.flatnonzero(column == COLUMN))) for column in columns]
        lines[row, : len(values)], sizes[row] = values, len(values)
    return lines, sizes


def slow_residuals(
    lines: NDArray[np.int32], sizes: NDArray[np.int32], space: synthesiser._Workspace
) -> list[dict[tuple[int, ...], float]]:
    """Return records minus target by combination, by a plain loop."""
    result = []
    for length in (1, 2, 3):
        counts: Counter[tuple[int, ...]] = Counter()
        weight_of = weights(CLIP, length, 4)
        for line, size in zip(lines, sizes, strict=True):
            for cell in combinations(sorted(line[:size].tolist()), length):
                counts[cell] += weight_of[size]
        cells, people, _ = space.targets[length - 1]
        result.append(
            {
                tuple(cell): counts[tuple(cell)] / UNIT - target
                for cell, target in zip(cells.tolist(), people, strict=True)
            }
        )
    return result


def counted(space: synthesiser._Workspace, residuals: Residuals) -> list[dict[tuple[int, ...], float]]:
    return [
        dict(zip(map(tuple, cells.tolist()), values.tolist(), strict=True))
        for (cells, _, _), values in zip(space.targets, residuals[:3], strict=True)
    ]


@pytest.mark.parametrize("triples", [3, len(TRIPLES)])
@pytest.mark.parametrize("seed", range(4))
def test_residuals_are_those_of_a_plain_loop(seed: int, triples: int) -> None:
    """A triple counts only where all its pairs are supported: only then is it measured."""
    space = workspace(seed, triples)
    lines, sizes = records(seed)
    residuals = space._build_residuals(1.0)
    annealing.count(lines, sizes, space.tables, space.weight, residuals)
    pairs, _, firm = space.targets[1]
    supported = {tuple(pair) for pair in pairs[:firm].tolist()}
    for length, (fast, slow) in enumerate(
        zip(counted(space, residuals), slow_residuals(lines, sizes, space), strict=True), 1
    ):
        for cell, value in slow.items():
            if length < 3 or all(pair in supported for pair in combinations(cell, 2)):
                assert fast[cell] == pytest.approx(value, abs=1e-3)
    expected = np.bincount(sizes, minlength=6) - np.array([2, 8, 10, 20, 15, 0])
    assert residuals.length.tolist() == expected.tolist()


def objective(space: synthesiser._Workspace, shard: synthesiser._ShardState) -> float:
    """Return E by a plain loop: squared residuals over variances, and the charges."""
    tables, residuals = shard.tables, shard.residuals
    supported_pairs, supported_triples = (int(number) for number in tables.supported)
    total = float((residuals.weight[0] * residuals.one.astype(float) ** 2).sum())
    total += float((residuals.weight[3] * residuals.length.astype(float) ** 2).sum())
    for length, values, supported in ((2, residuals.two, supported_pairs), (3, residuals.three, supported_triples)):
        weight = float(residuals.weight[length - 1])
        total += weight * float((values[:supported].astype(float) ** 2).sum())
        total += weight * float((np.maximum(values[supported:], 0).astype(float) ** 2).sum())
    pair_index, triple_index = (
        {tuple(cell): number for number, cell in enumerate(space.targets[place][0].tolist())} for place in (1, 2)
    )
    for line, size in zip(shard.lines, shard.sizes, strict=True):
        values = sorted(line[:size].tolist())
        for pair in combinations(values, 2):
            if not 0 <= pair_index.get(pair, -1) < supported_pairs:
                total += float(space.weight[1, size] * tables.pair_charge)
        for cell in combinations(values, 3):
            is_measured = cell in triple_index and all(
                0 <= pair_index.get(pair, -1) < supported_pairs for pair in combinations(cell, 2)
            )
            if not (is_measured and triple_index[cell] < supported_triples):
                total += float(space.weight[2, size] * tables.triple_charge)
    return total


@pytest.mark.parametrize("triples", [3, len(TRIPLES)])
@pytest.mark.parametrize("seed", range(3))
def test_at_temperature_zero_the_objective_never_rises(seed: int, triples: int) -> None:
    """Records up to the clip have the weight 1, so that a proposal costs exactly the change of E."""
    space = workspace(seed, triples)
    space.weight[:] = 1
    lines, sizes = records(seed)
    shard = space.shard_state(lines, sizes, 1.0, seed)
    energies = [objective(space, shard)]
    for turn in range(5):
        space._run_sweep(shard, 0.0, turn)
        energies.append(objective(space, shard))
    assert all(after <= before + 0.02 for before, after in pairwise(energies))
    assert energies[-1] < 0.7 * energies[0]


@pytest.mark.parametrize("temperature", [0.0, 0.05])
def test_records_stay_valid_and_residuals_stay_exact(temperature: float) -> None:
    space = workspace(7)
    shard = space.shard_state(*records(7), 1.0, 7)
    for turn in range(4):
        space._run_sweep(shard, temperature, turn)
    for line, size in zip(shard.lines, shard.sizes, strict=True):
        columns = COLUMN[line[:size]].tolist()
        assert len(set(columns)) == len(columns)
    fresh = space._build_residuals(1.0)
    annealing.count(shard.lines, shard.sizes, space.tables, space.weight, fresh)
    for kept, recounted in zip(shard.residuals[:4], fresh[:4], strict=True):
        assert np.allclose(kept, recounted, atol=1e-2)


def test_a_hotter_sweep_accepts_more_proposals() -> None:
    accepted = []
    for temperature in (0.0, 1e6):
        space = workspace(3)
        shard = space.shard_state(*records(3), 1.0, 3)
        tables, residuals = shard.tables, shard.residuals
        space.proposals.fill_slots(tables, np.zeros(len(space.proposals.people)), 1.0, shard.chance)
        arguments = (shard.lines, shard.sizes, tables, space.weight, residuals, 10, temperature, 9)
        accepted.append(annealing.sweep(*arguments))
    assert accepted[0] < accepted[1] <= 400


def test_a_seed_repeats_a_sweep() -> None:
    results = []
    for seed in (5, 5, 6):
        space = workspace(2)
        shard = space.shard_state(*records(2), 1.0, seed)
        space._run_sweep(shard, 0.01, 0)
        results.append(shard.lines.tolist())
    assert results[0] == results[1] != results[2]


def test_initial_records_have_the_wanted_sizes_and_one_value_a_column() -> None:
    space = workspace(1)
    tables = space._copy_tables()
    space.proposals.fill_slots(tables, np.zeros(len(space.proposals.people)), 1.0, np.random.default_rng(1))
    target_sizes = np.tile(np.array([0, 1, 2, 3], np.int32), 50)
    lines, sizes = np.zeros((200, 4), np.int32), np.zeros(200, np.int32)
    annealing.begin(lines, sizes, target_sizes, tables, 4)
    assert (sizes <= target_sizes).all()
    assert (sizes == target_sizes).mean() > 0.9
    for line, size in zip(lines, sizes, strict=True):
        assert len(set(COLUMN[line[:size]].tolist())) == size


# -- the hash table of triples -----------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 10**9), max_size=60))
def test_every_key_is_stored_with_its_index(keys: set[int]) -> None:
    cells = np.array(sorted(keys), dtype=np.int64)
    table = np.zeros(128, np.int64)
    annealing.fill(table, cells)
    stored = {
        int(entry >> annealing.INDEX_BITS) - 1: int(entry & ((1 << annealing.INDEX_BITS) - 1))
        for entry in table
        if entry
    }
    assert stored == {int(cell): number for number, cell in enumerate(cells)}


def test_the_tables_hold_each_measured_pair_in_both_directions() -> None:
    space = workspace(1)
    tables: AnnealingTables = space.tables
    pairs, _, firm = space.targets[1]
    assert tables.supported[0] == firm
    for number, (first, second) in enumerate(pairs.tolist()):
        assert tables.pair[first, second] == tables.pair[second, first] == number
    unmeasured = [(a, b) for a, b in combinations(range(7), 2) if COLUMN[a] == COLUMN[b]]
    assert all(tables.pair[pair] == annealing.UNMEASURED for pair in unmeasured)


def test_the_lists_of_triples_name_each_triple_once_for_each_of_its_values() -> None:
    space = workspace(4)
    tables, (triples, _, _) = space.tables, space.targets[2]
    pairs, _, firm = space.targets[1]
    supported = {tuple(pair) for pair in pairs[:firm].tolist()}
    listed: Counter[tuple[int, ...]] = Counter()
    for value in range(7):
        for first, second, number in tables.triples_of_value[tables.start[value] : tables.start[value + 1]].tolist():
            cell = tuple(sorted((value, first, second)))
            assert triples[number].tolist() == list(cell)
            assert first < second
            listed[cell] += 1
    expected = [
        cell for cell in map(tuple, triples.tolist()) if all(pair in supported for pair in combinations(cell, 2))
    ]
    assert listed == Counter(dict.fromkeys(expected, 3))
