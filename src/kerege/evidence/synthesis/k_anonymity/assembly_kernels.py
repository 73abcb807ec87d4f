"""Compiled kernels that assemble records from target counts of combinations.

An item is a value of a column. The key of a combination is the sum modulo 2^64 of the random numbers of its items, so
it does not depend on their order (Zobrist 1970, "A new hashing method with application for game playing", takes the
exclusive or in place of the sum). `cells` holds for each slot of the hash table how many more records need the
combination (negative if there are too many), and its target.

The assembly is greedy: with n records of a combination of length L more to its target t, one record more has the gain

    w_L * (max(-1, min(1, (n - 1/2) / scale)) + bonus if n = t)

A record is taken apart and built again, each time with the item of the largest gain; the change is kept if the sum of
gains does not fall. The targets are those of the aggregate-seeded mode of Synthetic Data Showcase (Edge and others
2020, "Design of a privacy-preserving data platform for collaboration against human trafficking").
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


class AssemblyTargets(NamedTuple):
    """Allowed combinations, their target counts, and the allowed partners of each item."""

    order: int
    item_keys: Words  # (items,): random number of each item
    column: Whole  # (items,): column of each item; a record has at most one item of a column
    single_slot: Whole  # (items,): slot of each single item
    start: Whole  # (items + 1,): first partner of each item in `partners`, then the end
    partners: Whole  # items that form an allowed pair with an item, ascending; unused if order is 1
    keys: Words  # (slots,): hash table of combination keys; 0 is empty
    cells: Small  # (slots, 2): still needed, target
    items: Whole  # (combinations, order): items of each combination, padded with -1
    slots: Whole  # (combinations,): slot of each combination


class AssemblyObjective(NamedTuple):
    """Objective of the assembly.

    `weight` (order,) weights the combination lengths. The gain saturates at errors of `scale`. `bonus` rewards the
    first record of a combination.
    """

    weight: Real
    scale: float
    bonus: float


class AssemblyWorkspace(NamedTuple):
    """Working state of the record being built: items, combination keys and sizes, candidates, gains."""

    items: Whole
    sums: Words
    sizes: Whole
    candidates: Whole
    gains: Real


@compiled
def insert(keys: Words, sums: Words, places: Whole) -> None:
    """Insert combination keys (`sums`) into an empty hash table and write their slots to `places`.

    Linear probing: Knuth 1998, "The Art of Computer Programming", volume 3, section 6.4.
    """
    mask = np.uint64(len(keys) - 1)
    for number in range(len(sums)):
        place = (sums[number] ^ (sums[number] >> SHIFT)) & mask
        while keys[place] != ZERO:
            place = (place + ONE) & mask
        keys[place] = sums[number]
        places[number] = place


@inlined
def _find(keys: Words, key: np.uint64) -> np.int64:
    """Return the slot of a combination; -1 if it is not allowed."""
    mask = np.uint64(len(keys) - 1)
    place = (key ^ (key >> SHIFT)) & mask
    while keys[place] != key:
        if keys[place] == ZERO:
            return np.int64(-1)
        place = (place + ONE) & mask
    return np.int64(place)


@inlined
def _draw(state: Words, most: int) -> np.int64:
    """Return a random integer from 0 to `most` - 1.

    xorshift64*: Vigna 2016, "An experimental exploration of Marsaglia's xorshift generators, scrambled".
    """
    x = state[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return np.int64(((x * TURN) >> np.uint64(33)) % np.uint64(most))


@inlined
def _marginal_gain(needed: int, target: int, slope: float, bonus: float) -> float:
    """Return the gain of one record more of a combination that needs `needed` more up to `target`.

    max(-1, min(1, (needed - 1/2) slope)) is half the fall of the squared error, cut off at errors of 1 / slope:
    needed^2 - (needed - 1)^2 = 2 (needed - 1/2). The first record of a combination has the bonus.
    """
    worth = min(1.0, max(-1.0, (needed - 0.5) * slope))
    return worth + bonus if needed == target else worth


@inlined
def _add_item(
    targets: AssemblyTargets,
    objective: AssemblyObjective,
    workspace: AssemblyWorkspace,
    item_count: int,
    combination_count: int,
    item: int,
) -> tuple[int, int, float]:
    """Add an item to the record; return its new numbers of items and of combinations, and the gain."""
    keys, cells, sums, sizes, weight = targets.keys, targets.cells, workspace.sums, workspace.sizes, objective.weight
    own, most, slope, bonus = targets.item_keys[item], targets.order - 1, 1 / objective.scale, objective.bonus
    worth, before = 0.0, combination_count
    for number in range(before):
        total, size = sums[number] + own, sizes[number]
        place = _find(keys, total)
        worth += weight[size] * _marginal_gain(cells[place, 0], cells[place, 1], slope, bonus)
        cells[place, 0] -= 1
        if size < most:
            sums[combination_count], sizes[combination_count] = total, size + 1
            combination_count += 1
    workspace.items[item_count] = item
    return item_count + 1, combination_count, worth


@inlined
def _remove_record(
    targets: AssemblyTargets, objective: AssemblyObjective, workspace: AssemblyWorkspace, items: Whole, item_count: int
) -> float:
    """Remove a record from the counts; return the gain that it contributed."""
    keys, cells, sums, sizes, weight = targets.keys, targets.cells, workspace.sums, workspace.sizes, objective.weight
    most, slope, bonus = targets.order - 1, 1 / objective.scale, objective.bonus
    worth, combination_count = 0.0, 1
    for at in range(item_count):
        own, before = targets.item_keys[items[at]], combination_count
        for number in range(before):
            total, size = sums[number] + own, sizes[number]
            place = _find(keys, total)
            cells[place, 0] += 1
            worth += weight[size] * _marginal_gain(cells[place, 0], cells[place, 1], slope, bonus)
            if size < most:
                sums[combination_count], sizes[combination_count] = total, size + 1
                combination_count += 1
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
    """Return whether an item is allowed with the combinations `low` to `high` of a record, and its gain."""
    gain = 0.0
    for number in range(high - 1, low - 1, -1):  # long combinations first: they are the most likely to be forbidden
        place = _find(keys, sums[number] + own)
        if place < 0:
            return False, 0.0
        gain += weight[sizes[number]] * _marginal_gain(cells[place, 0], cells[place, 1], slope, bonus)
    return True, gain


@inlined
def _can_add(cells: Small, single: Whole, column: Whole, items: Whole, item_count: int, item: int) -> bool:
    """Return whether the record has no item of this column and the target of the item is not reached."""
    if cells[single[item], 0] <= 0:
        return False
    taken = False
    for at in range(item_count):
        taken |= column[items[at]] == column[item]
    return not taken


@compiled
def _grow(
    targets: AssemblyTargets,
    objective: AssemblyObjective,
    workspace: AssemblyWorkspace,
    item_count: int,
    combination_count: int,
) -> tuple[int, float]:
    """Add the item with the largest gain to the record until no item has a positive gain.

    One function: split into inlined steps, the assembly took 25% more CPU time. A comment names each step.
    """
    worth = 0.0
    if item_count == 0:
        return item_count, worth
    keys, cells, sums, sizes, weight = targets.keys, targets.cells, workspace.sums, workspace.sizes, objective.weight
    slope, bonus, numbers, column, single = (
        1 / objective.scale,
        objective.bonus,
        targets.item_keys,
        targets.column,
        targets.single_slot,
    )
    candidates, gains, items, partners = workspace.candidates, workspace.gains, workspace.items, targets.partners
    # 1. the shortest list of partners: an item can join only if it is a partner of each item of the record
    low, high, several = 0, len(numbers), targets.order > 1
    if several:
        best = workspace.items[0]
        for at in range(1, item_count):
            item = workspace.items[at]
            if targets.start[item + 1] - targets.start[item] < targets.start[best + 1] - targets.start[best]:
                best = item
        low, high = targets.start[best], targets.start[best + 1]
    # 2. candidates: the items of the list that can join, and their gains (`_gain`)
    count = 0
    for number in range(low, high):
        item = partners[number] if several else number
        if _can_add(cells, single, column, items, item_count, item):
            allowed, gain = _gain(keys, cells, sums, sizes, weight, slope, bonus, numbers[item], 0, combination_count)
            if allowed:
                candidates[count], gains[count] = item, gain
                count += 1
    while count > 0 and item_count < len(items):
        # 3. the largest gain, the first of ties
        top = 0
        for number in range(1, count):
            if gains[number] > gains[top]:
                top = number
        if gains[top] <= 0:
            break
        chosen, before, candidate_count = candidates[top], combination_count, 0
        item_count, combination_count, more = _add_item(
            targets, objective, workspace, item_count, combination_count, chosen
        )
        worth += more
        # 4. candidates that can still join; their gains rise by those of the record's new combinations
        for number in range(count):
            item = candidates[number]
            if column[item] != column[chosen]:
                own = numbers[item]
                allowed, gain = _gain(keys, cells, sums, sizes, weight, slope, bonus, own, before, combination_count)
                if allowed:
                    candidates[candidate_count], gains[candidate_count] = item, gains[number] + gain
                    candidate_count += 1
        count = candidate_count
    return item_count, worth


@inlined
def _draw_start(targets: AssemblyTargets, state: Words, draws: int) -> np.int64:
    """Return the most needed of `draws` randomly drawn combinations; -1 if none of them is needed.

    In one of four cases only single items are drawn.
    """
    best, most, among = np.int64(-1), 0, len(targets.slots)
    if _draw(state, 4) == 0:
        among = len(targets.item_keys)  # single items have the first numbers
    for _ in range(draws):
        number = _draw(state, among)
        if targets.cells[targets.slots[number], 0] > most:
            best, most = number, targets.cells[targets.slots[number], 0]
    return best


@compiled
def sweep(
    records: Small,
    lengths: Whole,
    targets: AssemblyTargets,
    objective: AssemblyObjective,
    workspace: AssemblyWorkspace,
    state: Words,
    draws: int,
    keep_rate: int,
) -> None:
    """Rebuild one randomly drawn record at a time, as many times as there are records.

    Undo a rebuild with a loss. In `keep_rate` of 100 cases the record keeps some of its items. Otherwise it starts from
    a needed combination.
    """
    old = np.zeros(len(workspace.items), np.int64)
    workspace.sums[0], workspace.sizes[0] = ZERO, 0
    for _ in range(len(records)):
        record = _draw(state, len(records))
        before = lengths[record]
        for at in range(before):
            old[at] = records[record, at]
        loss = _remove_record(targets, objective, workspace, old, before)
        item_count, combination_count, worth = 0, 1, 0.0
        if before > 0 and _draw(state, 100) < keep_rate:
            for at in range(_draw(state, before)):
                swap = at + _draw(state, before - at)
                old[at], old[swap] = old[swap], old[at]
                item_count, combination_count, more = _add_item(
                    targets, objective, workspace, item_count, combination_count, old[at]
                )
                worth += more
        else:
            seed = _draw_start(targets, state, draws)
            if seed >= 0:
                for at in range(targets.order):
                    item = targets.items[seed, at]
                    if (
                        item >= 0
                        and item_count < len(workspace.items)
                        and targets.cells[targets.single_slot[item], 0] > 0
                    ):
                        item_count, combination_count, more = _add_item(
                            targets, objective, workspace, item_count, combination_count, item
                        )
                        worth += more
        item_count, more = _grow(targets, objective, workspace, item_count, combination_count)
        if worth + more < loss:
            _remove_record(targets, objective, workspace, workspace.items, item_count)
            item_count, combination_count = 0, 1
            for at in range(before):
                item_count, combination_count, _more = _add_item(
                    targets, objective, workspace, item_count, combination_count, old[at]
                )
        for at in range(item_count):
            records[record, at] = workspace.items[at]
        lengths[record] = item_count


@compiled
def complete(
    records: Small,
    lengths: Whole,
    targets: AssemblyTargets,
    objective: AssemblyObjective,
    workspace: AssemblyWorkspace,
    state: Words,
    comparisons: int,
) -> None:
    """Raise the count of each item to its target by adding it to the records with the largest gain.

    At most `comparisons` records that can take the item are compared.
    """
    best, gains = np.zeros(comparisons, np.int64), np.zeros(comparisons)
    workspace.sums[0], workspace.sizes[0] = ZERO, 0
    for item in range(len(targets.item_keys)):
        if targets.cells[targets.single_slot[item], 0] <= 0:
            continue
        count, first = 0, _draw(state, len(records))
        for step in range(len(records)):
            record = (first + step) % len(records)
            item_count, combination_count = _load_record(records, lengths, record, targets, workspace)
            if item_count < len(workspace.items) and _can_add(
                targets.cells, targets.single_slot, targets.column, workspace.items, item_count, item
            ):
                allowed, gain = _gain(
                    targets.keys,
                    targets.cells,
                    workspace.sums,
                    workspace.sizes,
                    objective.weight,
                    1 / objective.scale,
                    objective.bonus,
                    targets.item_keys[item],
                    0,
                    combination_count,
                )
                if allowed:
                    best[count], gains[count] = record, gain
                    count += 1
            if count == comparisons:
                break
        for number in np.argsort(-gains[:count]):
            if targets.cells[targets.single_slot[item], 0] > 0:
                record = best[number]
                item_count, combination_count = _load_record(records, lengths, record, targets, workspace)
                item_count, combination_count, _more = _add_item(
                    targets, objective, workspace, item_count, combination_count, item
                )
                records[record, item_count - 1] = item
                lengths[record] = item_count


@inlined
def _load_record(
    records: Small, lengths: Whole, record: np.int64, targets: AssemblyTargets, workspace: AssemblyWorkspace
) -> tuple[int, int]:
    """Load a record into the workspace without changing the counts.

    Return its numbers of items and combinations.
    """
    combination_count = 1
    for at in range(lengths[record]):
        item, before = records[record, at], combination_count
        workspace.items[at] = item
        for number in range(before):
            if workspace.sizes[number] < targets.order - 1:
                workspace.sums[combination_count] = workspace.sums[number] + targets.item_keys[item]
                workspace.sizes[combination_count] = workspace.sizes[number] + 1
                combination_count += 1
    return lengths[record], combination_count
