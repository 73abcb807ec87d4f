"""Kernels of simulated annealing over records: a proposal removes, adds or exchanges a value.

A record is a list of values, numbered among the supported values (their count is above the noise threshold). The
*residual* r_i of a combination i is its count in the records minus its target. The objective is the weighted sum of
squares

    E = sum over supported i of r_i^2 / sigma_i^2 + charges of the other combinations

and a proposal costs the change of E. A combination that is not supported costs a fixed charge instead; if it was
measured, an excess over its target costs as well. A record has the same weight in all counts as the clipped measurement
would give it. A proposal of cost c is accepted with probability min(1, exp(-c / T)); the temperature T falls from sweep
to sweep (Metropolis and others 1953; Kirkpatrick, Gelatt and Vecchi 1983, "Optimization by simulated annealing").

`sweep` and `_cost` are not split into inlined steps: split, a fit took 14 to 59% more CPU time (three pairs of runs). A
comment names each step and its formula instead. References to arrays are not counted: the counts took 28% of a sweep.

The measured triples of a value and a record are looked up pair by pair in a hash table. If the record has more pairs
than the value has triples, the kernel goes through the list of triples of the value instead.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.numerics.jit import compiled, inlined, uncounted

Places = NDArray[np.int32]
Floats = NDArray[np.float32]
UNMEASURED = -1  # index of a combination that was not measured
IMPOSSIBLE = -2  # index of a pair that no person can have
FORBIDDING = 1e9  # charge of an impossible pair, for records of any weight more than any other cost
COMMON_RATE = 10_000  # proposals per 65,536 that are drawn independently of the record
ADDITION_DRAWS = 16  # most draws until one is of a column that the record lacks
INDEX_BITS = 20  # low bits of a hash table entry that hold the index of the triple
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)


class AnnealingTables(NamedTuple):
    """Lookup tables of the kernels; values are numbered from 0.

    Only the two slot tables change between sweeps.
    """

    column: Places  # (values,): the column of each value
    pair: Places  # (values, values): index of the measured pair, UNMEASURED or IMPOSSIBLE
    supported: Places  # (2,): numbers of supported pairs and triples; these have the first indices
    triples: NDArray[np.int64]  # hash table of (key + 1) << INDEX_BITS plus the index of the triple; 0 is empty
    start: Places  # (values + 1,): first row of each value in `triples_of_value`, then the end of the last value
    # (triples of a value, 3): the two other values, ascending, and the index of the triple; for each value the rows in
    # which it is the smallest come first
    triples_of_value: Places
    partner_slots: Places  # (values, slots): values to propose beside a value, each slot equally likely; -1 is empty
    common_slots: Places  # (slots,): values to propose for any record
    pair_charge: np.float32  # charge of a pair that is not supported
    triple_charge: np.float32  # charge of a triple that is not supported


class Residuals(NamedTuple):
    """Residuals (records minus target, in people) and their weights in the objective."""

    one: Floats  # one for each value
    two: Floats  # one for each pair
    three: Floats  # one for each triple
    length: Floats  # one for each number of values of a record
    weight: Floats  # (4,): 1 / sigma^2 of each of the above


class SweepSpace(NamedTuple):
    """Working memory of a sweep: the kernel itself makes no arrays."""

    state: NDArray[np.uint64]  # (1,): of the generator of random bits
    present: NDArray[np.bool_]  # (values,): flags of the values of the record
    partners: Places  # the values of the record that form a supported pair with the proposed one
    removal_cost: NDArray[np.float64]  # by position in the record: the cost of removing its value
    is_cached: NDArray[np.bool_]  # by position: whether `removal_cost` is valid
    steps: Floats  # (3,): the changes of weight of a record by length of combination


@compiled
def fill(table: NDArray[np.int64], cells: NDArray[np.int64]) -> None:
    """Insert the keys of cells into an empty hash table whose size is a power of two above their number.

    Linear probing: Knuth 1998, "The Art of Computer Programming", volume 3, section 6.4.
    """
    mask = np.int64(len(table) - 1)
    for number in range(len(cells)):
        slot = _find_slot(cells[number], mask)
        while table[slot] != 0:
            slot = np.int64(slot + 1) & mask
        table[slot] = ((cells[number] + 1) << INDEX_BITS) + number


@inlined
def _find_slot(key: int, mask: np.int64) -> np.int64:
    """Return the first slot of a key, from the bits of key * 2^64 / golden ratio.

    Multiplicative hashing: Knuth 1998, volume 3, section 6.4.
    """
    return np.int64(((np.uint64(key) * MULTIPLIER) >> np.uint64(24)) & np.uint64(mask))


@inlined
def _find_triple(tables: AnnealingTables, a: int, b: int, c: int) -> int:
    """Return the index of a measured triple; UNMEASURED if it was not measured."""
    if a > b:
        a, b = b, a
    if b > c:
        b, c = c, b
    if a > b:
        a, b = b, a
    size = len(tables.column)
    key = (int(a) * size + b) * size + c
    mask = np.int64(len(tables.triples) - 1)
    slot = _find_slot(key, mask)
    while tables.triples[slot] != 0:
        if tables.triples[slot] >> INDEX_BITS == key + 1:
            return int(tables.triples[slot] & ((1 << INDEX_BITS) - 1))
        slot = np.int64(slot + 1) & mask
    return UNMEASURED


@inlined
def _is_supported(tables: AnnealingTables, pair: int) -> bool:
    return bool(0 <= pair < tables.supported[0])


@inlined
def _combination_cost(
    index: int, supported: int, excess: float, weight: float, step: float, sign: float, charge: float
) -> float:
    """Return the cost of adding (1) or removing (-1) one combination.

    A supported combination of residual r costs the change of r^2 / sigma^2 by a step s:

        ((r + sign s)^2 - r^2) / sigma^2 = s (s + sign 2 r) / sigma^2

    Any other costs the charge, and the change of its squared residual as far as it exceeds its target.
    """
    if index < 0:
        return float(sign * step * (charge if index == UNMEASURED else FORBIDDING))
    pull = float(weight * step * (step + sign * 2 * excess))
    if index < supported:
        return pull
    return float(sign * step * charge) + (pull if excess > 0 else 0.0)


@compiled
def count(records: Places, sizes: Places, tables: AnnealingTables, weights: Floats, residuals: Residuals) -> None:
    """Add the combinations of all records to the residuals.

    A record of k values counts weights[L - 1, k] in each combination of length L, as in the clipped measurement.
    """
    present = np.zeros(len(tables.column), np.bool_)
    for r in range(len(records)):
        residuals.length[sizes[r]] += 1
        _set_flags(present, records[r], sizes[r], True)
        _add_combinations(tables, residuals, present, records[r], sizes[r], weights[:, sizes[r]])
        _set_flags(present, records[r], sizes[r], False)


@inlined
def _set_flags(present: NDArray[np.bool_], record: Places, size: int, is_present: bool) -> None:
    """Mark the values of a record as present or absent."""
    for x in range(size):
        present[record[x]] = is_present


@inlined
def _add_combinations(
    tables: AnnealingTables, residuals: Residuals, present: NDArray[np.bool_], record: Places, size: int, steps: Floats
) -> None:
    """Add the combinations of a record, weighted by `steps` (by length).

    `present` flags the values of the record.
    """
    listed = 0
    for x in range(size):
        listed += tables.start[record[x] + 1] - tables.start[record[x]]
    by_list = 6 * listed < size * (size - 1) * (size - 2)
    for x in range(size):
        a = record[x]
        residuals.one[a] += steps[0]
        for at in range(tables.start[a], tables.start[a + 1] if by_list else 0):
            b, c = tables.triples_of_value[at, 0], tables.triples_of_value[at, 1]
            if a > b:  # count each triple once, at its smallest value; those rows come first
                break
            if present[b] and present[c]:
                residuals.three[tables.triples_of_value[at, 2]] += steps[2]
        for y in range(x):
            b = record[y]
            pair = tables.pair[a, b]
            if pair >= 0:
                residuals.two[pair] += steps[1]
            if by_list or not _is_supported(tables, pair):
                continue
            for z in range(y):
                c = record[z]
                if _is_supported(tables, tables.pair[a, c]) and _is_supported(tables, tables.pair[b, c]):
                    triple = _find_triple(tables, a, b, c)
                    if triple >= 0:
                        residuals.three[triple] += steps[2]


@inlined
def _cost(
    tables: AnnealingTables,
    residuals: Residuals,
    present: NDArray[np.bool_],
    record: Places,
    size: int,
    skip: int,
    value: int,
    sign: float,
    steps: Floats,
    partners: Places,
) -> float:
    """Return the cost of adding (1) or removing (-1) a value of a record, ignoring the value at `skip`.

    `steps` are the weights of the record in combinations of 1, 2 and 3 values. `present` flags the record's values.
    `partners` is a workspace for the values that form a supported pair with this one.
    """
    # the value itself: s (s + sign 2 r) / sigma^2
    total = float(residuals.weight[0] * steps[0] * (steps[0] + sign * 2 * residuals.one[value]))
    # its pairs, each by `_combination_cost`; only two partners of a supported pair can form a measured triple with it
    weight, step, charge = float(residuals.weight[1]), float(steps[1]), float(tables.pair_charge)
    others, partner_count = 0, 0
    for x in range(size):
        if x == skip:
            continue
        pair = tables.pair[value, record[x]]
        others += 1
        excess = float(residuals.two[pair]) if pair >= 0 else 0.0
        total += _combination_cost(pair, tables.supported[0], excess, weight, step, sign, charge)
        if _is_supported(tables, pair):
            partners[partner_count] = record[x]
            partner_count += 1
    # its C(others, 2) triples: the measured ones by `_combination_cost`, all others by the charge
    unmeasured = others * (others - 1) // 2
    weight, step, charge = float(residuals.weight[2]), float(steps[2]), float(tables.triple_charge)
    if _has_short_list(tables, value, partner_count):
        excluded = record[skip] if skip >= 0 else value
        more, unmeasured = _cost_by_list(tables, residuals, present, excluded, value, sign, step, unmeasured)
        return total + more + sign * step * charge * unmeasured
    for x in range(partner_count):
        for y in range(x):
            if not _is_supported(tables, tables.pair[partners[x], partners[y]]):
                continue
            triple = _find_triple(tables, value, partners[x], partners[y])
            if triple >= 0:
                total += _combination_cost(
                    triple, tables.supported[1], float(residuals.three[triple]), weight, step, sign, charge
                )
                unmeasured -= 1
    return total + sign * step * charge * unmeasured


@inlined
def _has_short_list(tables: AnnealingTables, value: int, others: int) -> bool:
    """Return whether a value has fewer measured triples than there are pairs of `others`."""
    return bool(2 * (tables.start[value + 1] - tables.start[value]) < others * (others - 1))


@uncounted
def _cost_by_list(
    tables: AnnealingTables,
    residuals: Residuals,
    present: NDArray[np.bool_],
    excluded: int,
    value: int,
    sign: float,
    step: float,
    unmeasured: int,
) -> tuple[float, int]:
    """Return the cost of a value's measured triples in a record, and `unmeasured` less their number.

    The record is taken without its value `excluded`.
    """
    total, weight, charge = 0.0, float(residuals.weight[2]), float(tables.triple_charge)
    was_present, present[excluded] = present[excluded], False
    for at in range(tables.start[value], tables.start[value + 1]):
        if present[tables.triples_of_value[at, 0]] and present[tables.triples_of_value[at, 1]]:
            triple = tables.triples_of_value[at, 2]
            total += _combination_cost(
                triple, tables.supported[1], float(residuals.three[triple]), weight, step, sign, charge
            )
            unmeasured -= 1
    present[excluded] = was_present
    return total, unmeasured


@uncounted
def _update_by_list(
    tables: AnnealingTables, residuals: Residuals, present: NDArray[np.bool_], excluded: int, value: int, change: float
) -> None:
    """Add `change` to the residuals of the triples of a value with a record without its value `excluded`."""
    was_present, present[excluded] = present[excluded], False
    for at in range(tables.start[value], tables.start[value + 1]):
        if present[tables.triples_of_value[at, 0]] and present[tables.triples_of_value[at, 1]]:
            residuals.three[tables.triples_of_value[at, 2]] += change
    present[excluded] = was_present


@inlined
def _update(
    tables: AnnealingTables,
    residuals: Residuals,
    present: NDArray[np.bool_],
    record: Places,
    size: int,
    skip: int,
    value: int,
    sign: float,
    steps: Floats,
) -> None:
    """Add (1) or remove (-1) a value of a record: r_i += sign s for the residual of each combination i."""
    residuals.one[value] += sign * steps[0]
    by_list = _has_short_list(tables, value, size)
    if by_list:
        _update_by_list(tables, residuals, present, record[skip] if skip >= 0 else value, value, sign * steps[2])
    for x in range(size):
        if x == skip:
            continue
        a = record[x]
        pair = tables.pair[value, a]
        if pair < 0:
            continue
        residuals.two[pair] += sign * steps[1]
        if by_list or not _is_supported(tables, pair):
            continue
        for y in range(x):
            if y == skip:
                continue
            b = record[y]
            if _is_supported(tables, tables.pair[value, b]) and _is_supported(tables, tables.pair[a, b]):
                triple = _find_triple(tables, value, a, b)
                if triple >= 0:
                    residuals.three[triple] += sign * steps[2]


@inlined
def _draw_bits(state: NDArray[np.uint64]) -> np.uint64:
    """Return 64 random bits, enough for all draws of one proposal.

    splitmix64: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
    """
    state[0] += MULTIPLIER
    mixed = state[0]
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.uint64(mixed ^ (mixed >> np.uint64(31)))


@inlined
def _take_below(bits: np.uint64, shift: int, end: int) -> int:
    """Return a number in [0, end) from the 16 bits that begin at bit `shift`: floor(bits * end / 2^16)."""
    return int((np.int64((bits >> np.uint64(shift)) & np.uint64(0xFFFF)) * end) >> 16)


@inlined
def _propose(tables: AnnealingTables, record: Places, size: int, common_rate: int, bits: np.uint64) -> int:
    """Return a value to propose: a frequent partner of a value of the record, or any common value.

    The second case has the probability common_rate / 65,536; an empty record always takes it.
    """
    slot = _take_below(bits, 48, tables.partner_slots.shape[1])
    if size > 0 and _take_below(bits, 16, 0x10000) >= common_rate:
        value = tables.partner_slots[record[_take_below(bits, 32, size)], slot]
        if value >= 0:
            return int(value)
    return int(tables.common_slots[slot])


@inlined
def _find_conflict(tables: AnnealingTables, record: Places, size: int, value: int) -> int:
    """Return the position of the record's value in the column of this value; -1 without one."""
    for x in range(size):
        if tables.column[record[x]] == tables.column[value]:
            return x
    return -1


@inlined
def _lacks_longer(residuals: Residuals, size: int, width: int) -> bool:
    """Return whether a record lacks at most an eighth of the columns and lengths ask for one more.

    The surplus of its length over the next is more than sigma. Other proposals seldom find a column that such a
    record lacks.
    """
    if not 0 < width - size <= width // 8:
        return False
    surplus = residuals.length[size] - residuals.length[size + 1]
    return bool(surplus > 0 and residuals.weight[3] * surplus * surplus > 1)


@inlined
def _propose_addition(tables: AnnealingTables, record: Places, size: int, state: NDArray[np.uint64]) -> int:
    """Return a value of a column that the record lacks, as `_propose` draws it; -1 if none was drawn."""
    for _ in range(ADDITION_DRAWS):
        value = _propose(tables, record, size, COMMON_RATE, _draw_bits(state))
        if _find_conflict(tables, record, size, value) < 0:
            return value
    return -1


@inlined
def _is_possible(tables: AnnealingTables, record: Places, size: int, value: int) -> bool:
    """Return whether a person can have a value beside all values of a record."""
    conflicts = 0
    for x in range(size):
        conflicts += tables.pair[record[x], value] == IMPOSSIBLE
    return conflicts == 0


@compiled
def begin(records: Places, sizes: Places, target_sizes: Places, tables: AnnealingTables, seed: int) -> None:
    """Write initial records of `target_sizes` values, each a frequent partner of an earlier value."""
    state = np.array([seed], np.uint64)
    for r in range(len(records)):
        size = 0
        for _ in range(8 * target_sizes[r]):
            if size == target_sizes[r]:
                break
            value = _propose(tables, records[r], size, 0, _draw_bits(state))
            if _find_conflict(tables, records[r], size, value) < 0 and _is_possible(tables, records[r], size, value):
                records[r, size] = value
                size += 1
        sizes[r] = size


def sweep(
    records: Places,
    sizes: Places,
    tables: AnnealingTables,
    weights: Floats,
    residuals: Residuals,
    proposals: int,
    temperature: float,
    seed: int,
) -> int:
    """Make `proposals` proposals for each record in turn at one temperature.

    Return the number of accepted ones. Kirkpatrick, Gelatt and Vecchi 1983, "Optimization by simulated annealing".
    """
    width = records.shape[1]
    space = SweepSpace(
        state=np.array([seed], np.uint64),
        present=np.zeros(len(tables.column), np.bool_),
        partners=np.empty(width, np.int32),
        removal_cost=np.empty(width, np.float64),
        is_cached=np.zeros(width, np.bool_),
        steps=np.empty(len(weights), np.float32),
    )
    return _sweep(
        records=records,
        sizes=sizes,
        tables=tables,
        weights=weights,
        residuals=residuals,
        proposals=proposals,
        temperature=temperature,
        space=space,
    )


@uncounted
def _sweep(
    records: Places,
    sizes: Places,
    tables: AnnealingTables,
    weights: Floats,
    residuals: Residuals,
    proposals: int,
    temperature: float,
    space: SweepSpace,
) -> int:
    """Make the proposals of `sweep` in its working memory."""
    state, present, partners, removal_cost, is_cached, steps = space
    width, accepted = records.shape[1], 0
    for r in range(len(records)):
        record, size = records[r], sizes[r]
        _set_flags(present, record, size, True)
        is_cached[:size] = False
        for _ in range(proposals):
            # 1. propose: one in four removes a value (half of them add one to a nearly full record where too few
            # records are longer); the others add one, in place of the value of the same column
            value, position, bits = -1, -1, _draw_bits(state)
            kind = _take_below(bits, 0, 8) if size > 0 else 7
            if kind == 0 and _lacks_longer(residuals, size, width):
                value = _propose_addition(tables, record, size, state)
                if value < 0:
                    continue
            elif kind < 2:
                position = _take_below(bits, 32, size)
            else:
                value = _propose(tables, record, size, COMMON_RATE, bits)
                position = _find_conflict(tables, record, size, value)
                if (position >= 0 and record[position] == value) or (position < 0 and size == width):
                    continue
            # 2. cost: the change of E
            cost, new_size = 0.0, size - (position >= 0) + (value >= 0)
            if position >= 0:
                if not is_cached[position]:  # the cost of removing this value stays the same until the record changes
                    removal_cost[position] = _cost(
                        tables,
                        residuals,
                        present,
                        record,
                        size,
                        position,
                        record[position],
                        -1.0,
                        weights[:, size],
                        partners,
                    )
                    is_cached[position] = True
                cost += removal_cost[position]
            if value >= 0:
                cost += _cost(
                    tables, residuals, present, record, size, position, value, 1.0, weights[:, new_size], partners
                )
            # the record moves from length a to b: ((r_b + 1)^2 - r_b^2 + (r_a - 1)^2 - r_a^2) / sigma^2
            if new_size != size:
                change = residuals.length[new_size] - residuals.length[size]
                cost += residuals.weight[3] * 2 * (1 + change)
            # 3. accept with probability min(1, exp(-c / T)) (Metropolis and others 1953); exp(-20) is 2e-9
            if cost > 20 * temperature or (
                cost > 0 and float(_draw_bits(state)) * 2.0**-64 >= np.exp(-cost / temperature)
            ):
                continue
            # 4. change: the old value leaves with the weight of the old length, the new one enters with that of the new
            accepted += 1
            if position >= 0:
                _update(tables, residuals, present, record, size, position, record[position], -1.0, weights[:, size])
            if value >= 0:
                _update(tables, residuals, present, record, size, position, value, 1.0, weights[:, new_size])
            if position >= 0:
                present[record[position]] = False
            residuals.length[size] -= 1
            residuals.length[new_size] += 1
            if value >= 0 and position >= 0:
                record[position] = value
            elif value >= 0:
                record[size] = value
            else:
                record[position] = record[size - 1]
            if weights[2, new_size] != weights[2, size]:  # the weight of the unchanged values changes with the length
                for length in range(len(steps)):
                    steps[length] = weights[length, new_size] - weights[length, size]
                _add_combinations(tables, residuals, present, record, min(size, new_size), steps)
            if value >= 0:
                present[value] = True
            size = new_size
            is_cached[:size] = False
        _set_flags(present, record, size, False)
        sizes[r] = size
    return accepted
