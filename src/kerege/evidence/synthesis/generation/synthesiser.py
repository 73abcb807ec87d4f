"""Records made from noisy counts alone: residuals by the same ruler that measured the truth, and moves against them.

The truth was clipped, so the records made are counted clipped as well before they are compared; that takes the bias of
the clip away without knowing a single true count. The fit is post-processing and spends nothing.
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
from kerege.evidence.synthesis.generation.annealing import Frame, Places, Residuals
from kerege.evidence.synthesis.generation.records import Records
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Level, Noisy, standing_out, weights

Floats = NDArray[np.float64]
SHARD = 50_000  # records made side by side; fewer would leave rare combinations less than one to each
MOST_SHARDS = 64
TRIES = 12  # moves tried on a record in a sweep
SWEEPS, TOGETHER, MOST_SWEEPS = 18, 3, 60
HOT, COLD = 0.02, 0.005  # of the annealing, in squared residuals over sigma squared
FIRM = 4.0  # times, that single values weigh: they are few, and charges for what is rare would pull them down
USUAL = 8  # K, up to which each combination of a record is charged in full
LONG = 32  # of K, for each of which a record is tried once at least
SLOTS = 128  # values tried beside each value in a sweep
WIDEST = 250  # values of a record
Progress = Callable[[float], None]


def made(
    noisy: Noisy,
    charge: float,
    seed: int,
    progress: Progress = lambda share: None,
    before: Records | None = None,
) -> Records:
    """As many records as the noise says there are.

    charge: what a combination costs that does not stand out of the noise, in residuals of one sigma.
    `before`: records to start from, made of earlier counts of the same values; they keep their order,
    and only what fits worse changes.

    The same noisy counts, charge, seed and start give the same records on any machine, however many cores it has.
    """
    people = noisy.people
    kept = noisy.levels[0].items[noisy.levels[0].supported, 0]
    if not people or not len(kept):
        return Records(np.empty(0, np.int32), np.zeros(people + 1, np.int64))
    room = _Room(noisy, kept, charge)
    if before is None:
        lines, sizes = _sharded(room, people, seed, progress)
    else:
        lines, sizes = room.revised(before, people, seed, progress)
    progress(1.0)
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    values = kept[lines[np.arange(room.width) < sizes[:, None]]]
    return Records(values, start, room.apart(lines, sizes))


def _sharded(room: _Room, people: int, seed: int, progress: Progress) -> tuple[Places, Places]:
    """New records, in shards side by side."""
    shards = min(MOST_SHARDS, max(1, people // SHARD))
    sizes = [people // shards + (number < people % shards) for number in range(shards)]
    sweeps = min(MOST_SWEEPS, round(SWEEPS * max(1.0, sqrt(SHARD / people))))
    with ThreadPoolExecutor() as pool:
        parts = list(pool.map(lambda n: room.begun(sizes[n], sizes[n] / people, seed * 1_000 + n), range(shards)))
        room.improve(parts, sweeps, HOT, COLD, progress, pool)
        lines, counts = np.concatenate([part.lines for part in parts]), np.concatenate([part.sizes for part in parts])
        if shards > 1:
            whole = room.part(lines, counts, 1.0, seed * 1_000 + MOST_SHARDS)
            room.improve([whole], TOGETHER, COLD, COLD, progress, pool)
    return lines, counts


@dataclass
class _Part:
    """The records of one shard, or all together, while they are improved against its share of the targets."""

    lines: Places
    sizes: Places
    share: float
    seed: int
    chance: np.random.Generator
    frame: Frame
    residuals: Residuals


class _Room:
    """The frame of the moves and the targets, as one shard or all together see them."""

    def __init__(self, noisy: Noisy, kept: NDArray[np.int32], charge: float) -> None:
        self.noisy, self.charge = noisy, charge
        self.number = np.full(len(noisy.column), -1, dtype=np.int32)
        self.number[kept] = np.arange(len(kept), dtype=np.int32)
        self.targets = [self._target(level) for level in noisy.levels]
        while len(self.targets) < 3:
            self.targets.append((np.empty((0, len(self.targets) + 1), np.int32), np.empty(0), 0))
        self.spread = [level.spread for level in noisy.levels]
        self.longest = len(noisy.lengths) - 1
        self.width = int(min(WIDEST, self.longest))
        self.weight = np.ones((3, self.longest + 1), dtype=np.float32)
        for length in range(1, 4):
            self.weight[length - 1] = np.array(weights(noisy.clip, length, self.longest)) / UNIT
        self.frame = self._frame(kept)
        pairs, people, firm = self.targets[1]
        self.proposals = _Proposals(self.targets[0][1], pairs[:firm], people[:firm])
        # a move in a long record takes longer, and a very long one needs more of them
        self.tries = max(3, noisy.clip // LONG, round(TRIES * min(1.0, USUAL / noisy.clip)))

    def _target(self, level: Level) -> tuple[Places, Floats, int]:
        """What was measured, those that stand out first, and how many these are.

        Of those that do not, there may be as many as were measured and a sigma more before it costs.
        """
        items = self.number[level.items]
        there = (items >= 0).all(axis=1)  # of the rest a value has sunk into the noise
        firm, faint = there & level.supported, there & ~level.supported
        people = np.concatenate([level.people[firm], np.maximum(level.people[faint], 0) + level.spread])
        return np.concatenate([items[firm], items[faint]]), people, int(firm.sum())

    def _frame(self, kept: NDArray[np.int32]) -> Frame:
        column = self.noisy.column[kept]
        pair = np.full((len(kept), len(kept)), annealing.RARE, dtype=np.int32)
        pairs, _, firm = self.targets[1]
        pair[pairs[:, 0], pairs[:, 1]] = pair[pairs[:, 1], pairs[:, 0]] = np.arange(len(pairs))
        triples = self.targets[2][0].astype(np.int64)
        size = 1 << int(2 * len(triples) + 8).bit_length()
        table = np.zeros(size, np.int64)
        annealing.fill(table, (triples[:, 0] * len(kept) + triples[:, 1]) * len(kept) + triples[:, 2])
        start, beside = _triples_of_values(triples, pair, firm)
        standing = np.array([firm, self.targets[2][2]], dtype=np.int32)
        near, usual = np.full((len(kept), SLOTS), -1, np.int32), np.zeros(SLOTS, np.int32)
        return Frame(column, pair, standing, table, start, beside, near, usual, *self._charges())

    def _charges(self) -> tuple[np.float32, np.float32]:
        """What a pair and a triple cost that do not stand out."""
        two, three = (
            np.float32(self.charge * _share(self.noisy.clip, length) / spread if spread else 0)
            for length, spread in zip((2, 3), (*self.spread, 0, 0)[1:3], strict=True)
        )
        return two, three

    def part(self, lines: Places, sizes: Places, share: float, seed: int) -> _Part:
        """Records and how they are against their share of the targets."""
        residuals = self._residuals(share)
        annealing.count(lines, sizes, self.frame, self.weight, residuals)
        return _Part(lines, sizes, share, seed, np.random.default_rng(seed), self._own_slots(), residuals)

    def begun(self, people: int, share: float, seed: int) -> _Part:
        """The first records of one shard, which has its share of every target."""
        lines, sizes = np.zeros((people, self.width), np.int32), np.zeros(people, np.int32)
        self._begin(lines, sizes, seed)
        return self.part(lines, sizes, share, seed)

    def revised(self, before: Records, people: int, seed: int, progress: Progress) -> tuple[Places, Places]:
        """Earlier records, some of them left out or new ones after them, changed where that makes them fit better."""
        lines, sizes = self._placed(before)
        if people < before.people:
            stay = np.sort(np.random.default_rng(seed).permutation(before.people)[:people])
            lines, sizes = lines[stay], sizes[stay]
        elif more := people - before.people:
            others, other_sizes = np.zeros((more, self.width), np.int32), np.zeros(more, np.int32)
            self._begin(others, other_sizes, seed)
            lines, sizes = np.concatenate([lines, others]), np.concatenate([sizes, other_sizes])
        part = self.part(lines, sizes, 1.0, seed * 1_000 + MOST_SHARDS)
        with ThreadPoolExecutor() as pool:
            self.improve([part], TOGETHER, 0.0, 0.0, progress, pool)
        return lines, sizes

    def _begin(self, lines: Places, sizes: Places, seed: int) -> None:
        frame = self._own_slots()
        self.proposals.deal(frame, np.zeros(len(self.proposals.people)), 1.0, np.random.default_rng(seed))
        annealing.begin(lines, sizes, self._wanted(len(lines), seed), frame, seed)

    def _own_slots(self) -> Frame:
        """The frame with slots for values to try that no other shard fills."""
        return self.frame._replace(near=self.frame.near.copy(), usual=self.frame.usual.copy())

    def _placed(self, before: Records) -> tuple[Places, Places]:
        """Records made before, without values that do not stand out any more."""
        row = np.repeat(np.arange(before.people), np.diff(before.start))
        value = self.number[before.values]
        row, value = row[value >= 0], value[value >= 0]
        sizes = np.bincount(row, minlength=before.people)
        lines = np.zeros((before.people, self.width), np.int32)
        lines[row, np.arange(len(row)) - np.repeat(np.cumsum(sizes) - sizes, sizes)] = value
        return lines, sizes.astype(np.int32)

    def _wanted(self, people: int, seed: int) -> Places:
        """Numbers of values for the first records, in the proportions that were measured."""
        out = standing_out(self.noisy.lengths, self.noisy.lengths_sigma)
        known = np.where(out, self.noisy.lengths, 0).astype(np.float64)[: self.width + 1]
        known = known if known.sum() else np.ones(1)
        drawn = (np.arange(people) + 0.5) / people * known.sum()
        found = np.searchsorted(np.cumsum(known), drawn).astype(np.int32)
        return np.random.default_rng(seed).permutation(found)

    def improve(
        self, parts: list[_Part], sweeps: int, hot: float, cold: float, progress: Progress, pool: ThreadPoolExecutor
    ) -> None:
        """Sweep over the records of all parts side by side, while they cool."""
        for turn in range(sweeps):
            heat = hot + (cold - hot) * turn / max(1, sweeps - 1)
            list(pool.map(partial(self._sweep, heat=heat, turn=turn), parts))
            progress((turn + 1) / sweeps)

    def _sweep(self, part: _Part, heat: float, turn: int) -> None:
        lacking = np.maximum(0, -part.residuals.two[: len(self.proposals.people)])
        self.proposals.deal(part.frame, lacking, part.share, part.chance)
        annealing.sweep(
            part.lines, part.sizes, part.frame, self.weight, part.residuals, self.tries, heat, part.seed * 100 + turn
        )

    def apart(self, lines: Places, sizes: Places) -> tuple[float, ...]:
        """By length, how far the records are from the noisy counts that stand out: on the average, in people."""
        residuals = self._residuals(1.0)
        annealing.count(lines, sizes, self.frame, self.weight, residuals)
        parts = zip((residuals.one, residuals.two, residuals.three), self.targets, self.noisy.levels, strict=False)
        return tuple(float(np.abs(part[:firm]).mean()) if firm else 0.0 for part, (_, _, firm), _ in parts)

    def _residuals(self, share: float) -> Residuals:
        lacking = [(-people * share).astype(np.float32) for _, people, _ in self.targets]
        length = np.zeros(self.longest + 2, np.float32)
        length[: self.longest + 1] = -self.noisy.lengths * share
        weight = [1 / spread**2 for spread in (*self.spread, 1.0, 1.0)[:3]] + [1 / self.noisy.lengths_sigma**2]
        weight[0] *= FIRM / _share(self.noisy.clip, 3)  # in long records more combinations pull at a value
        # the noise of a shard's targets is its share of the noise
        return Residuals(
            lacking[0], lacking[1], lacking[2], length, np.array(weight, dtype=np.float32) / np.float32(share)
        )


def _triples_of_values(triples: NDArray[np.int64], pair: Places, firm: int) -> tuple[Places, Places]:
    """The measured triples of each value, as `Frame` has them: those that moves count, of which all pairs stand out."""
    sides = [pair[triples[:, x], triples[:, y]] for x, y in ((0, 1), (0, 2), (1, 2))]
    places = np.flatnonzero(np.all([(side >= 0) & (side < firm) for side in sides], axis=0))
    one, two, three = triples[places].T
    owner = np.concatenate([one, two, three])
    order = np.argsort(owner, kind="stable")
    others = np.concatenate([np.column_stack(each) for each in ((two, three), (one, three), (one, two))])
    beside = np.column_stack([others, np.tile(places, 3)])[order]
    start = np.searchsorted(owner[order], np.arange(len(pair) + 1))
    return start.astype(np.int32), np.ascontiguousarray(beside, dtype=np.int32)


def _share(clip: int, length: int) -> float:
    """The part of a charge for each combination of a value that joins a long record: all of them weigh as at USUAL."""
    return min(1.0, comb(USUAL - 1, length - 1) / max(1, comb(clip - 1, length - 1)))


class _Proposals:
    """What moves try: beside a value those that go with it, the sooner the more they lack."""

    def __init__(self, singles: Floats, pairs: Places, people: Floats) -> None:
        size = len(singles)
        one, other = np.concatenate([pairs, pairs[:, ::-1]]).T
        self.order = np.lexsort((other, one))
        self.other = other[self.order]
        self.start = np.searchsorted(one[self.order], np.arange(size + 1))
        self.people = people
        self.usual = np.cumsum(np.maximum(singles, 0.01))

    def deal(self, frame: Frame, lacking: Floats, share: float, chance: np.random.Generator) -> None:
        """Fill the slots of each value, as many with another as that is wanted; a rest is rounded by chance."""
        need = np.tile(lacking**2 + self.people * share, 2)[self.order]
        sums = np.concatenate([[0.0], np.cumsum(need)])
        low, high = sums[self.start[:-1]], sums[self.start[1:]]
        at = low[:, None] + (high - low)[:, None] * _spaced(frame.near.shape[1], chance)
        places = np.searchsorted(sums, at, side="right") - 1
        there = self.start[:-1] < self.start[1:]
        last = self.start[1:, None] - 1
        frame.near[there] = self.other[np.minimum(places, last)[there]]
        frame.usual[:] = np.searchsorted(self.usual, self.usual[-1] * _spaced(len(frame.usual), chance))


def _spaced(slots: int, chance: np.random.Generator) -> Floats:
    """As many numbers from 0 to 1, evenly spaced from a drawn start on."""
    return np.asarray((np.arange(slots) + chance.random()) / slots)
