"""The loops that form records from counts of combinations, and from nothing else.

A combination is known by the sum of the random numbers of its items, so that no order of items has to be kept; an item
is a value of a column. `cells` holds for each place of the hash table how many records more should have the
combination, and how many should in all.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import ONE, ZERO, compiled, inlined

Words = NDArray[np.uint64]
Whole = NDArray[np.int64]
Small = NDArray[np.int32]
Real = NDArray[np.float64]
SHIFT, TURN = np.uint64(29), np.uint64(0x2545F4914F6CDD1D)


class Wanted(NamedTuple):
    """What the records should tell: allowed combinations, how often each is wanted, who goes with whom."""

    order: int
    number: Words  # of each item
    column: Whole  # of each item: a record has one item of a column
    single: Whole  # place of the combination of each item alone
    start: Whole  # [item]: where its neighbours begin in `near`
    near: Whole  # items that make an allowed pair with it, ascending; unused when order is 1
    keys: Words  # hash table: a combination's sum, 0 where there is none
    cells: Small  # (places, 2): still wanted, wanted
    items: Whole  # (combinations, order): the items of each, -1 behind them
    places: Whole  # of each combination


class Taste(NamedTuple):
    """What is counted as better: `weight` by length less one; errors beyond `scale` are alike; `bonus` to the first."""

    weight: Real
    scale: float
    bonus: float


class Room(NamedTuple):
    """A record on the bench: its items, the sums and sizes of their combinations, and who could join."""

    items: Whole
    sums: Words
    sizes: Whole
    joining: Whole
    gains: Real


@compiled
def insert(keys: Words, sums: Words, places: Whole) -> None:
    """Put sums into an empty hash table, and tell their places."""
    mask = np.uint64(len(keys) - 1)
    for number in range(len(sums)):
        place = (sums[number] ^ (sums[number] >> SHIFT)) & mask
        while keys[place] != ZERO:
            place = (place + ONE) & mask
        keys[place] = sums[number]
        places[number] = place


@inlined
def _find(keys: Words, key: np.uint64) -> np.int64:
    """The place of a combination, -1 when it is not allowed."""
    mask = np.uint64(len(keys) - 1)
    place = (key ^ (key >> SHIFT)) & mask
    while keys[place] != key:
        if keys[place] == ZERO:
            return np.int64(-1)
        place = (place + ONE) & mask
    return np.int64(place)


@inlined
def _draw(state: Words, most: int) -> np.int64:
    """A whole number from 0 to `most` - 1 (xorshift64*)."""
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64(((x * TURN) >> np.uint64(33)) % np.uint64(most))


@inlined
def _worth(still: int, all_of_them: int, slope: float, bonus: float) -> float:
    """What one record more of a combination is worth when `still` more should have it, out of all that should."""
    worth = min(1.0, max(-1.0, (still - 0.5) * slope))
    return worth + bonus if still == all_of_them else worth


@inlined
def _join(wanted: Wanted, taste: Taste, room: Room, said: int, known: int, item: int) -> tuple[int, int, float]:
    """Give the record an item; how many items and combinations it has then, and what that is worth."""
    keys, cells, sums, sizes, weight = wanted.keys, wanted.cells, room.sums, room.sizes, taste.weight
    own, most, slope, bonus = wanted.number[item], wanted.order - 1, 1 / taste.scale, taste.bonus
    worth, before = 0.0, known
    for number in range(before):
        total, size = sums[number] + own, sizes[number]
        place = _find(keys, total)
        worth += weight[size] * _worth(cells[place, 0], cells[place, 1], slope, bonus)
        cells[place, 0] -= 1
        if size < most:
            sums[known], sizes[known] = total, size + 1
            known += 1
    room.items[said] = item
    return said + 1, known, worth


@inlined
def _clear(wanted: Wanted, taste: Taste, room: Room, items: Whole, said: int) -> float:
    """Take a record out of the counts; what it was worth."""
    keys, cells, sums, sizes, weight = wanted.keys, wanted.cells, room.sums, room.sizes, taste.weight
    most, slope, bonus = wanted.order - 1, 1 / taste.scale, taste.bonus
    worth, known = 0.0, 1
    for at in range(said):
        own, before = wanted.number[items[at]], known
        for number in range(before):
            total, size = sums[number] + own, sizes[number]
            place = _find(keys, total)
            cells[place, 0] += 1
            worth += weight[size] * _worth(cells[place, 0], cells[place, 1], slope, bonus)
            if size < most:
                sums[known], sizes[known] = total, size + 1
                known += 1
    return worth


@inlined
def _gain(
    keys: Words,
    cells: Small,
    sums: Words,
    sizes: Whole,
    weight: Real,
    slope: float,
    bonus: float,
    own: np.uint64,
    low: int,
    high: int,
) -> tuple[bool, float]:
    """Whether an item is allowed beside the combinations `low` to `high` of a record, and what that is worth."""
    gain = 0.0
    for number in range(high - 1, low - 1, -1):  # the longest are the least likely to be allowed
        place = _find(keys, sums[number] + own)
        if place < 0:
            return False, 0.0
        gain += weight[sizes[number]] * _worth(cells[place, 0], cells[place, 1], slope, bonus)
    return True, gain


@inlined
def _beside(cells: Small, single: Whole, column: Whole, items: Whole, said: int, item: int) -> bool:
    """Whether a column is still free, and the item's total allows for one more."""
    if cells[single[item], 0] <= 0:
        return False
    taken = False
    for at in range(said):
        taken |= column[items[at]] == column[item]
    return not taken


@compiled
def _grow(wanted: Wanted, taste: Taste, room: Room, said: int, known: int) -> tuple[int, float]:
    """Give the record the best item again and again, as long as that is worth something."""
    worth = 0.0
    if said == 0:
        return said, worth
    keys, cells, sums, sizes, weight = wanted.keys, wanted.cells, room.sums, room.sizes, taste.weight
    slope, bonus, numbers, column, single = 1 / taste.scale, taste.bonus, wanted.number, wanted.column, wanted.single
    joining, gains, items, near = room.joining, room.gains, room.items, wanted.near
    low, high, several = 0, len(numbers), wanted.order > 1
    if several:
        best = room.items[0]
        for at in range(1, said):
            item = room.items[at]
            if wanted.start[item + 1] - wanted.start[item] < wanted.start[best + 1] - wanted.start[best]:
                best = item
        low, high = wanted.start[best], wanted.start[best + 1]
    count = 0
    for number in range(low, high):
        item = near[number] if several else number
        if _beside(cells, single, column, items, said, item):
            allowed, gain = _gain(keys, cells, sums, sizes, weight, slope, bonus, numbers[item], 0, known)
            if allowed:
                joining[count], gains[count] = item, gain
                count += 1
    while count > 0 and said < len(items):
        top = 0
        for number in range(1, count):
            if gains[number] > gains[top]:
                top = number
        if gains[top] <= 0:
            break
        chosen, before, kept = joining[top], known, 0
        said, known, more = _join(wanted, taste, room, said, known, chosen)
        worth += more
        for number in range(count):
            item = joining[number]
            if column[item] != column[chosen]:
                own = numbers[item]
                allowed, gain = _gain(keys, cells, sums, sizes, weight, slope, bonus, own, before, known)
                if allowed:
                    joining[kept], gains[kept] = item, gains[number] + gain
                    kept += 1
        count = kept
    return said, worth


@inlined
def _seed(wanted: Wanted, state: Words, tries: int) -> np.int64:
    """Of some combinations drawn, one in four times of single values, the one still wanted most; -1 when none is."""
    best, most, among = np.int64(-1), 0, len(wanted.places)
    if _draw(state, 4) == 0:
        among = len(wanted.number)  # they come first
    for _ in range(tries):
        number = _draw(state, among)
        if wanted.cells[wanted.places[number], 0] > most:
            best, most = number, wanted.cells[wanted.places[number], 0]
    return best


@compiled
def sweep(
    records: Small, lengths: Whole, wanted: Wanted, taste: Taste, room: Room, state: Words, tries: int, keep: int
) -> None:
    """Form as many records anew as there are, drawn one after the other; what is worse than before is undone.

    A record keeps some of its items in `keep` of 100 cases; else it starts from a combination that is wanted.
    """
    old = np.zeros(len(room.items), np.int64)
    room.sums[0], room.sizes[0] = ZERO, 0
    for _ in range(len(records)):
        record = _draw(state, len(records))
        before = lengths[record]
        for at in range(before):
            old[at] = records[record, at]
        loss = _clear(wanted, taste, room, old, before)
        said, known, worth = 0, 1, 0.0
        if before > 0 and _draw(state, 100) < keep:
            for at in range(_draw(state, before)):
                other = at + _draw(state, before - at)
                old[at], old[other] = old[other], old[at]
                said, known, more = _join(wanted, taste, room, said, known, old[at])
                worth += more
        else:
            seed = _seed(wanted, state, tries)
            if seed >= 0:
                for at in range(wanted.order):
                    item = wanted.items[seed, at]
                    if item >= 0 and said < len(room.items) and wanted.cells[wanted.single[item], 0] > 0:
                        said, known, more = _join(wanted, taste, room, said, known, item)
                        worth += more
        said, more = _grow(wanted, taste, room, said, known)
        if worth + more < loss:
            _clear(wanted, taste, room, room.items, said)
            said, known = 0, 1
            for at in range(before):
                said, known, _more = _join(wanted, taste, room, said, known, old[at])
        for at in range(said):
            records[record, at] = room.items[at]
        lengths[record] = said


@compiled
def complete(
    records: Small, lengths: Whole, wanted: Wanted, taste: Taste, room: Room, state: Words, looks: int
) -> None:
    """Bring the total of each item up to what is wanted, where records can take it: those first that it suits best."""
    best, gains = np.zeros(looks, np.int64), np.zeros(looks)
    room.sums[0], room.sizes[0] = ZERO, 0
    for item in range(len(wanted.number)):
        if wanted.cells[wanted.single[item], 0] <= 0:
            continue
        count, first = 0, _draw(state, len(records))
        for step in range(len(records)):
            record = (first + step) % len(records)
            said, known = _lay(records, lengths, record, wanted, room)
            if said < len(room.items) and _beside(wanted.cells, wanted.single, wanted.column, room.items, said, item):
                allowed, gain = _gain(
                    wanted.keys,
                    wanted.cells,
                    room.sums,
                    room.sizes,
                    taste.weight,
                    1 / taste.scale,
                    taste.bonus,
                    wanted.number[item],
                    0,
                    known,
                )
                if allowed:
                    best[count], gains[count] = record, gain
                    count += 1
            if count == looks:
                break
        for number in np.argsort(-gains[:count]):
            if wanted.cells[wanted.single[item], 0] > 0:
                record = best[number]
                said, known = _lay(records, lengths, record, wanted, room)
                said, known, _more = _join(wanted, taste, room, said, known, item)
                records[record, said - 1] = item
                lengths[record] = said


@inlined
def _lay(records: Small, lengths: Whole, record: np.int64, wanted: Wanted, room: Room) -> tuple[int, int]:
    """Lay a record on the bench without touching the counts."""
    known = 1
    for at in range(lengths[record]):
        item, before = records[record, at], known
        room.items[at] = item
        for number in range(before):
            if room.sizes[number] < wanted.order - 1:
                room.sums[known] = room.sums[number] + wanted.number[item]
                room.sizes[known] = room.sizes[number] + 1
                known += 1
    return lengths[record], known
