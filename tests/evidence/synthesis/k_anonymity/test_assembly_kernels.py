"""Kernels of the assembly keep exact counts and form only allowed combinations."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerege.evidence.synthesis.k_anonymity import assemble, assembly_kernels
from kerege.evidence.synthesis.k_anonymity.assembly_kernels import AssemblyObjective, AssemblyTargets, AssemblyWorkspace
from kerege.evidence.synthesis.k_anonymity.rounded_counts import RoundedCounts, count_targets

K = 5


def rounded(seed: int, order: int = 3) -> RoundedCounts:
    chance = np.random.default_rng(seed)
    kind = chance.integers(0, 3, 120)
    frame = pl.DataFrame(
        {
            "a": [f"a{value}" for value in kind],
            "b": [
                f"b{(value + int(noise)) % 3}" for value, noise in zip(kind, chance.integers(0, 2, 120), strict=True)
            ],
            "c": [None if value == 4 else f"c{value}" for value in chance.integers(0, 5, 120)],
            "m": [["u", "v"][: 1 + int(value)] for value in chance.integers(0, 2, 120)],
        }
    )
    return count_targets(frame, K, order, frozenset())[0]


class Assembly:
    """Records that are being assembled, with everything that the kernels need."""

    def __init__(self, seed: int, order: int = 3) -> None:
        self.counts = rounded(seed, order)
        self.targets: AssemblyTargets = assemble._build_kernel_targets(self.counts, np.random.default_rng(seed))
        width, items = 5, len(self.counts.items)
        self.records = np.full((self.counts.rows, width), -1, dtype=np.int32)
        self.lengths = np.zeros(self.counts.rows, dtype=np.int64)
        self.workspace = AssemblyWorkspace(
            np.zeros(width, np.int64),
            np.zeros(64, np.uint64),
            np.zeros(64, np.int64),
            np.zeros(items, np.int64),
            np.zeros(items),
        )
        self.objective = AssemblyObjective(np.array([40.0, 4.0, 1.0][:order]), 8.0, 2.0)
        self.state = np.array([seed + 1], dtype=np.uint64)

    def sweep(self, times: int) -> None:
        for _ in range(times):
            assembly_kernels.sweep(
                self.records, self.lengths, self.targets, self.objective, self.workspace, self.state, 20, 80
            )

    def complete(self, comparisons: int = 64) -> None:
        assembly_kernels.complete(
            self.records, self.lengths, self.targets, self.objective, self.workspace, self.state, comparisons
        )

    def formed(self) -> Counter[tuple[int, ...]]:
        """Return the number of records with each combination of up to `order` items, by a plain loop."""
        counts: Counter[tuple[int, ...]] = Counter()
        for record, size in zip(self.records, self.lengths, strict=True):
            for length in range(1, self.counts.order + 1):
                counts.update(combinations(sorted(record[:size].tolist()), length))
        return counts

    def needed(self) -> dict[tuple[int, ...], tuple[int, int]]:
        """Return how many more records each combination needs, and its target, as the kernels keep them."""
        return {
            tuple(item for item in items if item >= 0): (
                int(self.targets.cells[slot, 0]),
                int(self.targets.cells[slot, 1]),
            )
            for items, slot in zip(self.counts.combinations.tolist(), self.targets.slots.tolist(), strict=True)
        }


def check(assembly: Assembly) -> None:
    """Check the kept counts against the records, and the records against the allowed combinations."""
    formed, needed = assembly.formed(), assembly.needed()
    assert set(formed) <= set(needed)
    for items, (left, target) in needed.items():
        assert left == target - formed[items]
        if len(items) == 1:
            assert left >= 0  # no value occurs more often than its rounded count
    columns = assembly.targets.column
    for record, size in zip(assembly.records, assembly.lengths, strict=True):
        assert len(set(columns[record[:size]].tolist())) == size


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("seed", range(3))
def test_kept_counts_are_those_of_the_records_after_every_step(seed: int, order: int) -> None:
    assembly = Assembly(seed, order)
    for _ in range(3):
        assembly.sweep(1)
        check(assembly)
    assembly.complete()
    check(assembly)


def error(assembly: Assembly) -> int:
    return sum(abs(left) for left, _ in assembly.needed().values())


def test_sweeps_bring_the_counts_nearer_to_the_targets() -> None:
    assembly = Assembly(1)
    before = error(assembly)
    assembly.sweep(5)
    middle = error(assembly)
    assembly.sweep(20)
    assert error(assembly) <= middle < before / 2


@pytest.mark.parametrize("comparisons", [1, 4, 4_096])
def test_completion_gives_values_to_records_that_can_take_them(comparisons: int) -> None:
    """A value that is still missing can join no record afterwards."""
    assembly = Assembly(2)
    assembly.sweep(2)
    missing_before = sum(left for items, (left, _) in assembly.needed().items() if len(items) == 1)
    assembly.complete(comparisons)
    check(assembly)
    missing = {items[0] for items, (left, _) in assembly.needed().items() if len(items) == 1 and left > 0}
    missing_after = sum(assembly.needed()[(item,)][0] for item in missing)
    assert missing_after <= missing_before
    if comparisons < 4_096:
        return
    allowed, columns = set(assembly.needed()), assembly.targets.column
    for item in missing:
        for record, size in zip(assembly.records, assembly.lengths, strict=True):
            items = record[:size].tolist()
            is_free = size < 5 and columns[item] not in columns[items]
            joined = {
                tuple(sorted((item, *others)))
                for length in range(assembly.counts.order)
                for others in combinations(items, length)
            }
            if is_free and joined <= allowed:
                assert items_added_later(assembly, item, record, int(size))


def items_added_later(assembly: Assembly, item: int, record: NDArray[np.int32], size: int) -> bool:
    """Return whether the record got an item after `item` had its turn: items are completed in order."""
    return any(other > item for other in record[:size].tolist())


def test_a_seed_repeats_the_records() -> None:
    results = []
    for seed in (3, 3, 4):
        assembly = Assembly(3)
        assembly.state[0] = seed
        assembly.sweep(2)
        results.append(assembly.records.tolist())
    assert results[0] == results[1] != results[2]


# -- the hash table ----------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(1, 2**64 - 1), min_size=1, max_size=40))
def test_every_key_has_a_slot_of_its_own(keys: set[int]) -> None:
    sums = np.array(sorted(keys), dtype=np.uint64)
    table, places = np.zeros(64, np.uint64), np.zeros(len(sums), np.int64)
    assembly_kernels.insert(table, sums, places)
    assert table[places].tolist() == sums.tolist()
    assert np.count_nonzero(table) == len(sums)


def test_partners_of_an_item_are_those_of_its_allowed_pairs() -> None:
    assembly = Assembly(5)
    pairs = [items for items in assembly.needed() if len(items) == 2]
    targets = assembly.targets
    for item in range(len(assembly.counts.items)):
        expected = sorted({other for pair in pairs if item in pair for other in pair} - {item})
        assert targets.partners[targets.start[item] : targets.start[item + 1]].tolist() == expected


def test_the_single_slot_of_an_item_holds_its_total() -> None:
    assembly = Assembly(6)
    totals = {items[0]: target for items, (_, target) in assembly.needed().items() if len(items) == 1}
    for item, slot in enumerate(assembly.targets.single_slot.tolist()):
        assert assembly.targets.cells[slot].tolist() == [totals[item]] * 2
        assert totals[item] % K == 0
