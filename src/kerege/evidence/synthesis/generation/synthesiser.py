"""Fit of synthetic records to noisy counts by simulated annealing.

The true counts were clipped, so the synthetic records are clipped in the same way before the comparison. This removes
the bias of the clipping without any true count. The fit is post-processing and has no privacy loss.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import comb, sqrt

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.synthesis.generation import annealing
from kerege.evidence.synthesis.generation.annealing import AnnealingTables, Places, Residuals
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel, find_standing_out, weights

Floats = NDArray[np.float64]
SHARD = 50_000  # records per shard; in smaller shards the target of a rare combination would fall below one
MOST_SHARDS = 64
PROPOSALS = 12  # proposals per record and sweep
SWEEPS, TOGETHER, MOST_SWEEPS = 18, 3, 60  # per shard for SHARD records, over all records at once, at most
FIRST_TEMPERATURE, LAST_TEMPERATURE = 0.02, 0.005  # in squared residuals over sigma squared
VALUE_WEIGHT = 4.0  # factor for single values: otherwise the charges of unsupported combinations bias them downwards
FULL_CHARGE_CLIP = 8  # largest clip K at which each combination of a record is charged in full
CLIP_PER_PROPOSAL = 32  # at least one proposal per record for every 32 values of the clip K
SLOTS = 128  # values that a sweep may propose beside each value
MOST_VALUES = 250  # most values of a record
Progress = Callable[[float], None]


def fit_records(
    noisy: Noisy,
    charge: float,
    seed: int,
    progress: Progress = lambda share: None,
    before: CodedRecords | None = None,
    *,
    sweeps: float = 1.0,
) -> CodedRecords:
    """Return as many synthetic records as the noisy number of records, fitted to the noisy counts.

    charge: cost of a combination that is not supported, in residuals of one sigma.
    before: records to start from, made from earlier counts of the same values. They keep their order, and a record
    changes only where the fit improves.
    sweeps: share of the usual sweeps over new records.

    The same noisy counts, charge, seed and start give the same records on any machine with any number of cores.
    """
    people = noisy.people
    supported = noisy.levels[0].items[noisy.supported_values, 0]
    if not people or not len(supported):
        return CodedRecords(np.empty(0, np.int32), np.zeros(people + 1, np.int64))
    workspace = _Workspace(noisy, supported, charge)
    if before is None:
        lines, sizes = _fit_by_shard(workspace, people, seed, progress, sweeps)
    else:
        lines, sizes = workspace.revise(before, people, seed, progress)
    progress(1.0)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    values = supported[lines[np.arange(workspace.width) < sizes[:, None]]]
    return CodedRecords(values, start, workspace.mean_distance(lines, sizes))


def _fit_by_shard(
    workspace: _Workspace, people: int, seed: int, progress: Progress, share: float
) -> tuple[Places, Places]:
    """Return new records (n, width) and their sizes (n,), fitted first by shard and then together."""
    shards = min(MOST_SHARDS, max(1, people // SHARD))
    sizes = [people // shards + (number < people % shards) for number in range(shards)]
    sweeps = round(share * min(MOST_SWEEPS, round(SWEEPS * max(1.0, sqrt(SHARD / people)))))
    with ThreadPoolExecutor() as pool:
        parts = list(
            pool.map(lambda n: workspace.start_shard(sizes[n], sizes[n] / people, seed * 1_000 + n), range(shards))
        )
        workspace.improve(parts, sweeps, FIRST_TEMPERATURE, LAST_TEMPERATURE, progress=progress, pool=pool)
        lines, counts = (
            np.concatenate([shard.lines for shard in parts]),
            np.concatenate([shard.sizes for shard in parts]),
        )
        if shards > 1:
            all_records = workspace.shard_state(lines, counts, 1.0, seed * 1_000 + MOST_SHARDS)
            workspace.improve([all_records], TOGETHER, LAST_TEMPERATURE, LAST_TEMPERATURE, progress=progress, pool=pool)
    return lines, counts


@dataclass
class _ShardState:
    """Annealing state of one shard or of all records: records, share of the targets, residuals."""

    lines: Places
    sizes: Places
    share: float
    seed: int
    chance: np.random.Generator
    tables: AnnealingTables
    residuals: Residuals


class _Workspace:
    """Workspace of the fit: lookup tables, targets and weights that all shards share."""

    def __init__(self, noisy: Noisy, supported: NDArray[np.int32], charge: float) -> None:
        self.noisy, self.charge = noisy, charge
        self.number = np.full(len(noisy.column), -1, dtype=np.int32)
        self.number[supported] = np.arange(len(supported), dtype=np.int32)
        self.targets = [self._build_target(level) for level in noisy.levels]
        while len(self.targets) < 3:
            self.targets.append((np.empty((0, len(self.targets) + 1), np.int32), np.empty(0), 0))
        self.spread = [level.spread for level in noisy.levels]
        self.longest = len(noisy.lengths) - 1
        self.width = int(min(MOST_VALUES, self.longest))
        self.weight = np.ones((3, self.longest + 1), dtype=np.float32)
        for length in range(1, 4):
            self.weight[length - 1] = np.array(weights(noisy.clip, length, self.longest)) / UNIT
        self.tables = self._build_lookup_tables(supported)
        pairs, people, firm = self.targets[1]
        self.proposals = _Proposals(self.targets[0][1], pairs[:firm], people[:firm])
        # fewer proposals for long records, where each takes longer, but at least one per CLIP_PER_PROPOSAL values
        self.proposals_per_record = max(
            3, noisy.clip // CLIP_PER_PROPOSAL, round(PROPOSALS * min(1.0, FULL_CHARGE_CLIP / noisy.clip))
        )

    def _build_target(self, level: NoisyLevel) -> tuple[Places, Floats, int]:
        """Return the combinations, supported ones first, their targets, and the number of supported ones.

        The target of an unsupported combination is its noisy count (at least 0) plus sigma: up to there it costs only
        the charge.
        """
        items = self.number[level.items]
        is_present = (items >= 0).all(axis=1)  # leave out combinations with a value that is no longer supported
        is_firm, is_faint = is_present & level.supported, is_present & ~level.supported
        people = np.concatenate([level.people[is_firm], np.maximum(level.people[is_faint], 0) + level.spread])
        return np.concatenate([items[is_firm], items[is_faint]]), people, int(is_firm.sum())

    def _build_lookup_tables(self, supported: NDArray[np.int32]) -> AnnealingTables:
        column = self.noisy.column[supported]
        pair = np.full((len(supported), len(supported)), annealing.UNMEASURED, dtype=np.int32)
        pairs, _, firm = self.targets[1]
        pair[pairs[:, 0], pairs[:, 1]] = pair[pairs[:, 1], pairs[:, 0]] = np.arange(len(pairs))
        impossible = self.number[self.noisy.impossible]
        first, second = impossible[(impossible >= 0).all(axis=1)].T
        pair[first, second] = pair[second, first] = annealing.IMPOSSIBLE
        triples = self.targets[2][0].astype(np.int64)
        size = 1 << int(2 * len(triples) + 8).bit_length()
        table = np.zeros(size, np.int64)
        annealing.fill(table, (triples[:, 0] * len(supported) + triples[:, 1]) * len(supported) + triples[:, 2])
        start, triples_of_value = _index_triples(triples, pair, firm)
        supported_numbers = np.array([firm, self.targets[2][2]], dtype=np.int32)
        partner_slots, common_slots = np.full((len(supported), SLOTS), -1, np.int32), np.zeros(SLOTS, np.int32)
        return AnnealingTables(
            column,
            pair,
            supported_numbers,
            table,
            start,
            triples_of_value,
            partner_slots,
            common_slots,
            *self._compute_charges(),
        )

    def _compute_charges(self) -> tuple[np.float32, np.float32]:
        """Return the charges of an unsupported pair and an unsupported triple."""
        two, three = (
            np.float32(self.charge * _compute_charge_factor(self.noisy.clip, length) / spread if spread else 0)
            for length, spread in zip((2, 3), (*self.spread, 0, 0)[1:3], strict=True)
        )
        return two, three

    def shard_state(self, lines: Places, sizes: Places, share: float, seed: int) -> _ShardState:
        """Return the annealing state of records against their share of the targets."""
        residuals = self._build_residuals(share)
        annealing.count(lines, sizes, self.tables, self.weight, residuals)
        return _ShardState(
            lines=lines,
            sizes=sizes,
            share=share,
            seed=seed,
            chance=np.random.default_rng(seed),
            tables=self._copy_tables(),
            residuals=residuals,
        )

    def start_shard(self, people: int, share: float, seed: int) -> _ShardState:
        """Return the annealing state of a shard with new initial records."""
        lines, sizes = np.zeros((people, self.width), np.int32), np.zeros(people, np.int32)
        self._draw_initial(lines, sizes, seed)
        return self.shard_state(lines, sizes, share, seed)

    def revise(self, before: CodedRecords, people: int, seed: int, progress: Progress) -> tuple[Places, Places]:
        """Return earlier records, thinned out or extended to the new number, and improved at temperature 0."""
        lines, sizes = self._renumber(before)
        if people < before.people:
            stay = np.sort(np.random.default_rng(seed).permutation(before.people)[:people])
            lines, sizes = lines[stay], sizes[stay]
        elif more := people - before.people:
            new_lines, new_sizes = np.zeros((more, self.width), np.int32), np.zeros(more, np.int32)
            self._draw_initial(new_lines, new_sizes, seed)
            lines, sizes = np.concatenate([lines, new_lines]), np.concatenate([sizes, new_sizes])
        shard = self.shard_state(lines, sizes, 1.0, seed * 1_000 + MOST_SHARDS)
        with ThreadPoolExecutor() as pool:
            self.improve([shard], TOGETHER, first=0.0, last=0.0, progress=progress, pool=pool)
        return lines, sizes

    def _draw_initial(self, lines: Places, sizes: Places, seed: int) -> None:
        tables = self._copy_tables()
        self.proposals.fill_slots(tables, np.zeros(len(self.proposals.people)), 1.0, np.random.default_rng(seed))
        annealing.begin(lines, sizes, self._draw_sizes(len(lines), seed), tables, seed)

    def _copy_tables(self) -> AnnealingTables:
        """Return the lookup tables with proposal slots that belong to one shard only."""
        return self.tables._replace(
            partner_slots=self.tables.partner_slots.copy(), common_slots=self.tables.common_slots.copy()
        )

    def _renumber(self, before: CodedRecords) -> tuple[Places, Places]:
        """Return earlier records in this workspace's numbering, without values that are no longer supported."""
        row = np.repeat(np.arange(before.people), np.diff(before.start))
        value = self.number[before.values]
        row, value = row[value >= 0], value[value >= 0]
        sizes = np.bincount(row, minlength=before.people)
        lines = np.zeros((before.people, self.width), np.int32)
        lines[row, np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = value
        return lines, sizes.astype(np.int32)

    def _draw_sizes(self, people: int, seed: int) -> Places:
        """Return numbers of values for initial records, in the measured proportions and random order."""
        is_supported = find_standing_out(self.noisy.lengths, self.noisy.lengths_sigma)
        supported = np.where(is_supported, self.noisy.lengths, 0).astype(np.float64)[: self.width + 1]
        supported = supported if supported.sum() else np.ones(1)
        quantiles = (np.arange(people) + 0.5) / people * supported.sum()
        sizes = np.searchsorted(np.cumsum(supported), quantiles).astype(np.int32)
        return np.random.default_rng(seed).permutation(sizes)

    def improve(
        self,
        parts: list[_ShardState],
        sweeps: int,
        first: float,
        last: float,
        progress: Progress,
        pool: ThreadPoolExecutor,
    ) -> None:
        """Run sweeps over all parts in parallel while the temperature falls linearly from `first` to `last`."""
        for turn in range(sweeps):
            temperature = first + (last - first) * turn / max(1, sweeps - 1)
            list(pool.map(partial(self._run_sweep, temperature=temperature, turn=turn), parts))
            progress((turn + 1) / sweeps)

    def _run_sweep(self, shard: _ShardState, temperature: float, turn: int) -> None:
        lacking = np.maximum(0, -shard.residuals.two[: len(self.proposals.people)])
        self.proposals.fill_slots(shard.tables, lacking, shard.share, shard.chance)
        annealing.sweep(
            shard.lines,
            shard.sizes,
            shard.tables,
            self.weight,
            shard.residuals,
            self.proposals_per_record,
            temperature,
            shard.seed * 100 + turn,
        )

    def mean_distance(self, lines: Places, sizes: Places) -> tuple[float, ...]:
        """Return by length the mean absolute distance of the records to the supported noisy counts, in people."""
        residuals = self._build_residuals(1.0)
        annealing.count(lines, sizes, self.tables, self.weight, residuals)
        by_length = zip((residuals.one, residuals.two, residuals.three), self.targets, self.noisy.levels, strict=False)
        return tuple(float(np.abs(residual[:firm]).mean()) if firm else 0.0 for residual, (_, _, firm), _ in by_length)

    def _build_residuals(self, share: float) -> Residuals:
        lacking = [(-people * share).astype(np.float32) for _, people, _ in self.targets]
        length = np.zeros(self.longest + 2, np.float32)
        length[: self.longest + 1] = -self.noisy.lengths * share
        weight = [1 / spread**2 for spread in (*self.spread, 1.0, 1.0)[:3]] + [1 / self.noisy.lengths_sigma**2]
        # in long records more combinations with charges bias each value, so values get a higher weight
        weight[0] *= VALUE_WEIGHT / _compute_charge_factor(self.noisy.clip, 3)
        # the variance of a shard's targets is its share of the whole variance
        return Residuals(
            lacking[0], lacking[1], lacking[2], length, np.array(weight, dtype=np.float32) / np.float32(share)
        )


def _index_triples(triples: NDArray[np.int64], pair: Places, firm: int) -> tuple[Places, Places]:
    """Return `start` and `triples_of_value` of AnnealingTables, for triples of three supported pairs."""
    sides = [pair[triples[:, x], triples[:, y]] for x, y in ((0, 1), (0, 2), (1, 2))]
    indices = np.flatnonzero(np.all([(side >= 0) & (side < firm) for side in sides], axis=0))
    first, second, third = triples[indices].T
    owner = np.concatenate([first, second, third])
    order = np.argsort(owner, kind="stable")
    other_values = np.concatenate(
        [np.column_stack(pair_columns) for pair_columns in ((second, third), (first, third), (first, second))]
    )
    triples_of_value = np.column_stack([other_values, np.tile(indices, 3)])[order]
    start = np.searchsorted(owner[order], np.arange(len(pair) + 1))
    return start.astype(np.int32), np.ascontiguousarray(triples_of_value, dtype=np.int32)


def _compute_charge_factor(clip: int, length: int) -> float:
    """Return the factor of the charge per combination of a length at a clip.

    It keeps the total charge of a value that joins a full record at that of a clip of FULL_CHARGE_CLIP.
    """
    return min(1.0, comb(FULL_CHARGE_CLIP - 1, length - 1) / max(1, comb(clip - 1, length - 1)))


class _Proposals:
    """Proposal distribution: partners of a value in proportion to their counts and squared shortfalls."""

    def __init__(self, singles: Floats, pairs: Places, people: Floats) -> None:
        size = len(singles)
        first, second = np.concatenate([pairs, pairs[:, ::-1]]).T
        self.order = np.lexsort((second, first))
        self.partner = second[self.order]
        self.start = np.searchsorted(first[self.order], np.arange(size + 1))
        self.people = people
        self.common_slots = np.cumsum(np.maximum(singles, 0.01))

    def fill_slots(self, tables: AnnealingTables, lacking: Floats, share: float, chance: np.random.Generator) -> None:
        """Fill the proposal slots of each value in proportion to need, by systematic sampling.

        `lacking` (pairs,) is the shortfall of each supported pair in people; `share` is the share of the targets.
        """
        needs = np.tile(lacking**2 + self.people * share, 2)[self.order]
        sums = np.concatenate([[0.0], np.cumsum(needs)])
        low, high = sums[self.start[:-1]], sums[self.start[1:]]
        at = low[:, None] + (high - low)[:, None] * _draw_spaced(tables.partner_slots.shape[1], chance)
        places = np.searchsorted(sums, at, side="right") - 1
        has_partners = self.start[:-1] < self.start[1:]
        last = self.start[1:, None] - 1
        tables.partner_slots[has_partners] = self.partner[np.minimum(places, last)[has_partners]]
        tables.common_slots[:] = np.searchsorted(
            self.common_slots, self.common_slots[-1] * _draw_spaced(len(tables.common_slots), chance)
        )


def _draw_spaced(slots: int, chance: np.random.Generator) -> Floats:
    """Return `slots` evenly spaced numbers in [0, 1) with a random offset."""
    return np.asarray((np.arange(slots) + chance.random()) / slots)
