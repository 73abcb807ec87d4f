"""The loop over the records being made: one value taken away, added or exchanged at a time.

A record is a list of values, numbered among those that stood out of the noise. What a combination lacks or has too
much is its *residual*; a move costs the change of the sum of squared residuals over sigma squared. A combination that
does not stand out of the noise costs a charge instead, and where it was measured, what there is of it beyond the
measurement costs as well. A record weighs in all of this what it would
have weighed when the truth was measured.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.compiling import compiled, inlined

Places = NDArray[np.int32]
Floats = NDArray[np.float32]
NEVER, RARE = -2, -1  # two values of one column; a pair that does not stand out
SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Frame(NamedTuple):
    """What does not change while records are made; values are numbered from 0."""

    column: Places  # of each value
    alone: NDArray[np.bool_]  # whether its column has one value a record
    pair: Places  # [value, value]: place of the pair among those measured, RARE or NEVER
    firm: Places  # [2]: how many pairs and triples stand out; they have the first places
    keys: NDArray[np.int64]  # hash table of triples: key + 1, 0 where empty
    triple: Places  # ... and their places
    near: Places  # values that go with a value, those of value v from start[v] on
    start: NDArray[np.int64]
    chance: Floats  # cumulated within each list
    usual: Floats  # cumulated over all values
    rare_pair: np.float32  # the charge
    rare_triple: np.float32


class Residuals(NamedTuple):
    """What is there too much, in people, and one over sigma squared: of values, pairs, triples, lengths of records."""

    one: Floats
    two: Floats
    three: Floats
    length: Floats
    weight: Floats  # [4]


@compiled
def fill(keys: NDArray[np.int64], places: Places, cells: NDArray[np.int64]) -> None:
    """Fill an empty hash table, of a power of two that is larger than the number of cells."""
    mask = np.int64(len(keys) - 1)
    for number in range(len(cells)):
        slot = _slot(cells[number], mask)
        while keys[slot] != 0:
            slot = np.int64(slot + 1) & mask
        keys[slot] = cells[number] + 1
        places[slot] = number


@inlined
def _slot(key: int, mask: np.int64) -> np.int64:
    return np.int64(((np.uint64(key) * SPREAD) >> np.uint64(24)) & np.uint64(mask))


@inlined
def _triple(frame: Frame, a: int, b: int, c: int) -> int:
    """The place of a triple among those measured, RARE where it has none."""
    if a > b:
        a, b = b, a
    if b > c:
        b, c = c, b
    if a > b:
        a, b = b, a
    size = len(frame.column)
    key = (int(a) * size + b) * size + c
    mask = np.int64(len(frame.keys) - 1)
    slot = _slot(key, mask)
    while frame.keys[slot] != 0:
        if frame.keys[slot] == key + 1:
            return int(frame.triple[slot])
        slot = np.int64(slot + 1) & mask
    return RARE


@inlined
def _is_firm(frame: Frame, pair: int) -> bool:
    return bool(0 <= pair < frame.firm[0])


@inlined
def _of_one(place: int, firm: int, over: float, weight: float, step: float, sign: float, charge: float) -> float:
    """What one combination more (1) or less (-1) costs: a firm one by its residual, any other the charge and excess."""
    if place < 0:
        return float(sign * step * charge)
    pull = float(weight * step * (step + sign * 2 * over))
    if place < firm:
        return pull
    return float(sign * step * charge) + (pull if over > 0 else 0.0)


@compiled
def count(records: Places, sizes: Places, frame: Frame, weights: Floats, residuals: Residuals) -> None:
    """Add what records have, each weighing weights[length, its number of values] as when the truth was measured."""
    for r in range(len(records)):
        size = sizes[r]
        residuals.length[size] += 1
        for x in range(size):
            a = records[r, x]
            residuals.one[a] += weights[0, size]
            for y in range(x):
                pair = frame.pair[a, records[r, y]]
                if pair >= 0:
                    residuals.two[pair] += weights[1, size]
                if not _is_firm(frame, pair):
                    continue
                for z in range(y):
                    b, c = records[r, y], records[r, z]
                    if _is_firm(frame, frame.pair[a, c]) and _is_firm(frame, frame.pair[b, c]):
                        triple = _triple(frame, a, b, c)
                        if triple >= 0:
                            residuals.three[triple] += weights[2, size]


@inlined
def _cost(
    frame: Frame, residuals: Residuals, line: Places, size: int, skip: int, value: int, sign: float, steps: Floats
) -> float:
    """What it costs to add (1) or take away (-1) a value beside the others of a record but the one at `skip`.

    `steps` are what the record weighs in combinations of 1, 2, 3.
    """
    total = float(residuals.weight[0] * steps[0] * (steps[0] + sign * 2 * residuals.one[value]))
    for x in range(size):
        if x == skip:
            continue
        a = line[x]
        pair = frame.pair[value, a]
        if pair == NEVER:
            continue
        over = float(residuals.two[pair]) if pair >= 0 else 0.0
        total += _of_one(
            pair, frame.firm[0], over, float(residuals.weight[1]), float(steps[1]), sign, float(frame.rare_pair)
        )
        for y in range(x):
            if y == skip:
                continue
            b = line[y]
            one, other = frame.pair[value, b], frame.pair[a, b]
            if one == NEVER or other == NEVER:
                continue
            triple = RARE
            if _is_firm(frame, pair) and _is_firm(frame, one) and _is_firm(frame, other):
                triple = _triple(frame, value, a, b)
            over = float(residuals.three[triple]) if triple >= 0 else 0.0
            total += _of_one(
                triple, frame.firm[1], over, float(residuals.weight[2]), float(steps[2]), sign, float(frame.rare_triple)
            )
    return total


@inlined
def _change(
    frame: Frame, residuals: Residuals, line: Places, size: int, skip: int, value: int, sign: float, steps: Floats
) -> None:
    residuals.one[value] += sign * steps[0]
    for x in range(size):
        if x == skip:
            continue
        a = line[x]
        pair = frame.pair[value, a]
        if pair < 0:
            continue
        residuals.two[pair] += sign * steps[1]
        if not _is_firm(frame, pair):
            continue
        for y in range(x):
            if y == skip:
                continue
            b = line[y]
            if _is_firm(frame, frame.pair[value, b]) and _is_firm(frame, frame.pair[a, b]):
                triple = _triple(frame, value, a, b)
                if triple >= 0:
                    residuals.three[triple] += sign * steps[2]


@inlined
def _drawn(frame: Frame, line: Places, size: int, favour: float) -> int:
    """A value that often goes with one of the record's, or any usual one."""
    if size > 0 and np.random.random() < favour:
        a = line[np.random.randint(size)]
        low, high = frame.start[a], frame.start[a + 1]
        if high > low:
            wanted = np.random.random() * frame.chance[high - 1]
            return int(frame.near[low + np.searchsorted(frame.chance[low:high], wanted)])
    wanted = np.random.random() * frame.usual[-1]
    return int(min(np.searchsorted(frame.usual, wanted), len(frame.usual) - 1))


@inlined
def _in_the_way(frame: Frame, line: Places, size: int, value: int) -> int:
    """Where the record has this value or the only one that its column may have; -1 where it has neither."""
    for x in range(size):
        if line[x] == value or (frame.alone[value] and frame.column[line[x]] == frame.column[value]):
            return x
    return -1


@compiled
def begin(records: Places, sizes: Places, wanted: Places, frame: Frame, seed: int) -> None:
    """First records: `wanted` values each, drawn after one another, each one usual beside some value before it."""
    np.random.seed(seed)
    for r in range(len(records)):
        size = 0
        for _ in range(8 * wanted[r]):
            if size == wanted[r]:
                break
            value = _drawn(frame, records[r], size, 1.0)
            if _in_the_way(frame, records[r], size, value) < 0:
                records[r, size] = value
                size += 1
        sizes[r] = size


@compiled
def sweep(
    records: Places,
    sizes: Places,
    frame: Frame,
    weights: Floats,
    residuals: Residuals,
    tries: int,
    heat: float,
    seed: int,
) -> int:
    """Try moves on as many records, drawn at random, as there are; returns how many were made."""
    np.random.seed(seed)
    width, made = records.shape[1], 0
    for _ in range(len(records)):
        r = np.random.randint(len(records))
        line, size = records[r], sizes[r]
        for _ in range(tries):
            value, place = -1, -1
            if size > 0 and np.random.random() < 0.4:
                place = np.random.randint(size)
            else:
                value = _drawn(frame, line, size, 0.85)
                place = _in_the_way(frame, line, size, value)
                if (place >= 0 and line[place] == value) or (place < 0 and size == width):
                    continue
            cost, after = 0.0, size - (place >= 0) + (value >= 0)
            if place >= 0:
                cost += _cost(frame, residuals, line, size, place, line[place], -1.0, weights[:, size])
            if value >= 0:
                cost += _cost(frame, residuals, line, size, place, value, 1.0, weights[:, after])
            if after != size:
                change = residuals.length[after] - residuals.length[size]
                cost += residuals.weight[3] * 2 * (1 + change)
            if cost > 0 and (heat == 0 or np.random.random() >= np.exp(-cost / heat)):
                continue
            made += 1
            if place >= 0:
                _change(frame, residuals, line, size, place, line[place], -1.0, weights[:, size])
            if value >= 0:
                _change(frame, residuals, line, size, place, value, 1.0, weights[:, after])
            residuals.length[size] -= 1
            residuals.length[after] += 1
            if value >= 0 and place >= 0:
                line[place] = value
            elif value >= 0:
                line[size] = value
            else:
                line[place] = line[size - 1]
            size = after
        sizes[r] = size
    return made
