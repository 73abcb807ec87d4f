"""The loop over the records being made: one value taken away, added or exchanged at a time.

A record is a list of values, numbered among those that stood out of the noise. What a combination lacks or has too
much is its *residual*; a move costs the change of the sum of squared residuals over sigma squared. A combination that
does not stand out of the noise costs a charge instead, and where it was measured, what there is of it beyond the
measurement costs as well. A record weighs in all of this what it would have weighed when the truth was measured.

Which measured triples a value makes with a record is looked up pair by pair in a hash table, or, in a record that has
more pairs than the value has triples, along the list of these.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled, inlined

Places = NDArray[np.int32]
Floats = NDArray[np.float32]
RARE = -1  # a combination that was not measured
USUAL = 10_000  # of 65,536 moves that try a value: it does not depend on the record
PLACE_BITS = 20  # of an entry of the hash table: the place of a triple
SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Frame(NamedTuple):
    """What does not change while records are made; values are numbered from 0."""

    column: Places  # of each value
    pair: Places  # [value, value]: place of the pair among those measured, or RARE
    firm: Places  # [2]: how many pairs and triples stand out; they have the first places
    triples: NDArray[np.int64]  # hash table: key + 1, and behind it the place among those measured; 0 where empty
    start: Places  # [value]: where its triples begin in `beside`, and where those of the last one end
    beside: (
        Places  # [triple of a value, 3]: the two others, ascending, and the place; first where it is the least of them
    )
    near: Places  # [value, slot]: what is tried beside a value, each slot as likely as another; -1 where nothing is
    usual: Places  # [slot]: what is tried beside anything
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
def fill(table: NDArray[np.int64], cells: NDArray[np.int64]) -> None:
    """Fill an empty hash table, of a power of two that is larger than the number of cells."""
    mask = np.int64(len(table) - 1)
    for number in range(len(cells)):
        slot = _slot(cells[number], mask)
        while table[slot] != 0:
            slot = np.int64(slot + 1) & mask
        table[slot] = ((cells[number] + 1) << PLACE_BITS) + number


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
    mask = np.int64(len(frame.triples) - 1)
    slot = _slot(key, mask)
    while frame.triples[slot] != 0:
        if frame.triples[slot] >> PLACE_BITS == key + 1:
            return int(frame.triples[slot] & ((1 << PLACE_BITS) - 1))
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
    here = np.zeros(len(frame.column), np.bool_)
    for r in range(len(records)):
        residuals.length[sizes[r]] += 1
        _put(here, records[r], sizes[r], True)
        _tally(frame, residuals, here, records[r], sizes[r], weights[:, sizes[r]])
        _put(here, records[r], sizes[r], False)


@inlined
def _put(here: NDArray[np.bool_], line: Places, size: int, there: bool) -> None:
    """Note which values a record has."""
    for x in range(size):
        here[line[x]] = there


@inlined
def _tally(frame: Frame, residuals: Residuals, here: NDArray[np.bool_], line: Places, size: int, steps: Floats) -> None:
    """Add a record's combinations, which weigh `steps` by their length; `here`: whether it has a value."""
    listed = 0
    for x in range(size):
        listed += frame.start[line[x] + 1] - frame.start[line[x]]
    long = 6 * listed < size * (size - 1) * (size - 2)
    for x in range(size):
        a = line[x]
        residuals.one[a] += steps[0]
        for at in range(frame.start[a], frame.start[a + 1] if long else 0):
            b, c = frame.beside[at, 0], frame.beside[at, 1]
            if a > b:  # each once: those come first of which it is the first value
                break
            if here[b] and here[c]:
                residuals.three[frame.beside[at, 2]] += steps[2]
        for y in range(x):
            b = line[y]
            pair = frame.pair[a, b]
            if pair >= 0:
                residuals.two[pair] += steps[1]
            if long or not _is_firm(frame, pair):
                continue
            for z in range(y):
                c = line[z]
                if _is_firm(frame, frame.pair[a, c]) and _is_firm(frame, frame.pair[b, c]):
                    triple = _triple(frame, a, b, c)
                    if triple >= 0:
                        residuals.three[triple] += steps[2]


@inlined
def _cost(
    frame: Frame,
    residuals: Residuals,
    here: NDArray[np.bool_],
    line: Places,
    size: int,
    skip: int,
    value: int,
    sign: float,
    steps: Floats,
    firm: Places,
) -> float:
    """What it costs to add (1) or take away (-1) a value beside the others of a record but the one at `skip`.

    `steps` are what the record weighs in combinations of 1, 2, 3; `here`: whether it has a value; `firm` is room for
    the values that go with this one.
    """
    total = float(residuals.weight[0] * steps[0] * (steps[0] + sign * 2 * residuals.one[value]))
    weight, step, charge = float(residuals.weight[1]), float(steps[1]), float(frame.rare_pair)
    others, found = 0, 0
    for x in range(size):
        if x == skip:
            continue
        pair = frame.pair[value, line[x]]
        others += 1
        over = float(residuals.two[pair]) if pair >= 0 else 0.0
        total += _of_one(pair, frame.firm[0], over, weight, step, sign, charge)
        if _is_firm(frame, pair):
            firm[found] = line[x]
            found += 1
    rare = others * (others - 1) // 2
    weight, step, charge = float(residuals.weight[2]), float(steps[2]), float(frame.rare_triple)
    if _has_fewer(frame, value, found):
        gone = line[skip] if skip >= 0 else value
        more, rare = _cost_along(frame, residuals, here, gone, value, sign, step, rare)
        return total + more + sign * step * charge * rare
    for x in range(found):
        for y in range(x):
            if not _is_firm(frame, frame.pair[firm[x], firm[y]]):
                continue
            triple = _triple(frame, value, firm[x], firm[y])
            if triple >= 0:
                total += _of_one(triple, frame.firm[1], float(residuals.three[triple]), weight, step, sign, charge)
                rare -= 1
    return total + sign * step * charge * rare


@inlined
def _has_fewer(frame: Frame, value: int, others: int) -> bool:
    """Whether a value has fewer triples than there are pairs of `others`."""
    return bool(2 * (frame.start[value + 1] - frame.start[value]) < others * (others - 1))


@compiled
def _cost_along(
    frame: Frame,
    residuals: Residuals,
    here: NDArray[np.bool_],
    gone: int,
    value: int,
    sign: float,
    step: float,
    rare: int,
) -> tuple[float, int]:
    """What the triples of a value cost with a record that has not the value `gone`; and `rare` less their number."""
    total, weight, charge = 0.0, float(residuals.weight[2]), float(frame.rare_triple)
    kept, here[gone] = here[gone], False
    for at in range(frame.start[value], frame.start[value + 1]):
        if here[frame.beside[at, 0]] and here[frame.beside[at, 1]]:
            triple = frame.beside[at, 2]
            total += _of_one(triple, frame.firm[1], float(residuals.three[triple]), weight, step, sign, charge)
            rare -= 1
    here[gone] = kept
    return total, rare


@compiled
def _change_along(
    frame: Frame, residuals: Residuals, here: NDArray[np.bool_], gone: int, value: int, change: float
) -> None:
    """Add to the triples of a value with a record that has not the value `gone`."""
    kept, here[gone] = here[gone], False
    for at in range(frame.start[value], frame.start[value + 1]):
        if here[frame.beside[at, 0]] and here[frame.beside[at, 1]]:
            residuals.three[frame.beside[at, 2]] += change
    here[gone] = kept


@inlined
def _change(
    frame: Frame,
    residuals: Residuals,
    here: NDArray[np.bool_],
    line: Places,
    size: int,
    skip: int,
    value: int,
    sign: float,
    steps: Floats,
) -> None:
    residuals.one[value] += sign * steps[0]
    long = _has_fewer(frame, value, size)
    if long:
        _change_along(frame, residuals, here, line[skip] if skip >= 0 else value, value, sign * steps[2])
    for x in range(size):
        if x == skip:
            continue
        a = line[x]
        pair = frame.pair[value, a]
        if pair < 0:
            continue
        residuals.two[pair] += sign * steps[1]
        if long or not _is_firm(frame, pair):
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
def _bits(state: NDArray[np.uint64]) -> np.uint64:
    """64 random bits (splitmix64, by Steele, Lea and Flood): enough for all that one move asks of chance."""
    state[0] += SPREAD
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(mixed ^ (mixed >> np.uint64(31)))


@inlined
def _below(bits: np.uint64, shift: int, end: int) -> int:
    """A whole number from 0 on, below `end`, of the 16 bits from `shift` on."""
    return int((np.int64((bits >> np.uint64(shift)) & np.uint64(0xFFFF)) * end) >> 16)


@inlined
def _drawn(frame: Frame, line: Places, size: int, usual: int, bits: np.uint64) -> int:
    """A value that often goes with one of the record's, or, `usual` times in 65,536, any usual one."""
    slot = _below(bits, 48, frame.near.shape[1])
    if size > 0 and _below(bits, 16, 0x10000) >= usual:
        value = frame.near[line[_below(bits, 32, size)], slot]
        if value >= 0:
            return int(value)
    return int(frame.usual[slot])


@inlined
def _in_the_way(frame: Frame, line: Places, size: int, value: int) -> int:
    """Where the record has a value of this one's column; -1 where it has none."""
    for x in range(size):
        if frame.column[line[x]] == frame.column[value]:
            return x
    return -1


@compiled
def begin(records: Places, sizes: Places, wanted: Places, frame: Frame, seed: int) -> None:
    """First records: `wanted` values each, drawn after one another, each one usual beside some value before it."""
    state = np.array([seed], np.uint64)
    for r in range(len(records)):
        size = 0
        for _ in range(8 * wanted[r]):
            if size == wanted[r]:
                break
            value = _drawn(frame, records[r], size, 0, _bits(state))
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
    state = np.array([seed], np.uint64)
    width, made = records.shape[1], 0
    firm, gone, known = np.empty(width, np.int32), np.empty(width, np.float64), np.zeros(width, np.bool_)
    here = np.zeros(len(frame.column), np.bool_)
    for r in range(len(records)):
        line, size = records[r], sizes[r]
        _put(here, line, size, True)
        known[:size] = False
        for _ in range(tries):
            value, place, bits = -1, -1, _bits(state)
            if size > 0 and _below(bits, 0, 4) == 0:
                place = _below(bits, 32, size)
            else:
                value = _drawn(frame, line, size, USUAL, bits)
                place = _in_the_way(frame, line, size, value)
                if (place >= 0 and line[place] == value) or (place < 0 and size == width):
                    continue
            cost, after = 0.0, size - (place >= 0) + (value >= 0)
            if place >= 0:
                if not known[place]:  # until the record changes it costs the same to take this value away
                    gone[place] = _cost(
                        frame, residuals, here, line, size, place, line[place], -1.0, weights[:, size], firm
                    )
                    known[place] = True
                cost += gone[place]
            if value >= 0:
                cost += _cost(frame, residuals, here, line, size, place, value, 1.0, weights[:, after], firm)
            if after != size:
                change = residuals.length[after] - residuals.length[size]
                cost += residuals.weight[3] * 2 * (1 + change)
            if cost > 20 * heat or (cost > 0 and float(_bits(state)) * 2.0**-64 >= np.exp(-cost / heat)):
                continue
            made += 1
            if place >= 0:
                _change(frame, residuals, here, line, size, place, line[place], -1.0, weights[:, size])
            if value >= 0:
                _change(frame, residuals, here, line, size, place, value, 1.0, weights[:, after])
            if place >= 0:
                here[line[place]] = False
            residuals.length[size] -= 1
            residuals.length[after] += 1
            if value >= 0 and place >= 0:
                line[place] = value
            elif value >= 0:
                line[size] = value
            else:
                line[place] = line[size - 1]
            if weights[2, after] != weights[2, size]:  # then what the record has beside weighs otherwise as well
                _tally(frame, residuals, here, line, min(size, after), weights[:, after] - weights[:, size])
            if value >= 0:
                here[value] = True
            size = after
            known[:size] = False
        _put(here, line, size, False)
        sizes[r] = size
    return made
