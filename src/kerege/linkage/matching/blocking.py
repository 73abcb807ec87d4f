"""Which pairs are worth comparing: records that agree in every column of some rule of the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.column_store import MISSING, Number, Rows, Table, Text, Texts, records
from kerege.linkage.matching.model_file import Model, Rule

# a key that very many share says little of any two: the rarest keys of a rule come first, until it has given so many
# pairs a record; a small table affords more
PAIRS_A_RECORD = 1.5
PAIRS_AT_LEAST = 500_000
CHUNK = 1_000_000


@dataclass(frozen=True)
class _Keyed:
    """Records under the keys of one rule: those with a key that few share, sorted by key."""

    rows: Rows
    keys: NDArray[np.int64]
    # the key of every record, -1 for none
    each: NDArray[np.int32]


def pairs(model: Model, table: Table) -> Iterator[tuple[Rows, Rows]]:
    """Every candidate pair once, left row before right row, in parts of about a million.

    A pair that several rules find is given by the first of them. Of each rule the keys that fewest records share count,
    as far as `PAIRS_A_RECORD` goes: the more records, the more agreement it takes to be compared.
    """
    size = records(table)
    earlier: list[_Keyed] = []
    listed: list[NDArray[np.int64]] = []
    for rule in model.rules:
        keyed = _keyed(rule, table)
        # a list gives a record several keys, and two records several in common: such pairs are gathered first
        given = _given(keyed, size) if rule.exploded else None
        parts = _within(keyed) if given is None else _parts(given, size)
        for left, right in parts:
            fresh = np.ones(len(left), np.bool_)
            for before in earlier:
                fresh &= (before.each[left] != before.each[right]) | (before.each[left] < 0)
            for before_given in listed:
                fresh &= ~_among(left * size + right, before_given)
            yield left[fresh], right[fresh]
        if given is None:
            earlier.append(keyed)
        else:
            listed.append(given)


def keys(model: Model, rows: Sequence[Mapping[str, object]]) -> frozenset[str]:
    """The keys of one person for an index: for each rule and each of her rows, the values that the rule compares."""
    found = set()
    for number, rule in enumerate(model.rules):
        for row in rows:
            found |= _plain(number, rule, row)
    return frozenset(found)


def _plain(number: int, rule: Rule, row: Mapping[str, object]) -> set[str]:
    texts = [str(number)]
    for name in rule.columns:
        value = row.get(name)
        if value is None or value == []:
            return set()
        texts.append("" if name in rule.exploded else str(value))
    several = [row[name] for name in rule.exploded]
    if several and isinstance(several[0], list):
        return {"|".join([*texts, str(value)]) for value in several[0]}
    return {"|".join(texts)}


def _keyed(rule: Rule, table: Table) -> _Keyed:
    rows, numbers = _exploded(rule, table)
    for name in rule.columns:
        if name not in rule.exploded:
            values = _numbers(table[name])[rows]
            numbers = _joined(numbers, values)
    known = numbers >= 0
    rows, found = rows[known], numbers[known]
    found = _dense(found)
    few = _rare(found, max(PAIRS_AT_LEAST, int(PAIRS_A_RECORD * records(table))))
    each = np.full(len(known), -1, np.int32)
    if not rule.exploded:
        each[rows[few]] = found[few]
    rows, found = rows[few], found[few]
    order = np.argsort(found, kind="stable")
    return _Keyed(rows[order], found[order], each)


def _rare(keys: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Which records have a key that is rare enough for the rule to give at most so many pairs."""
    sizes = np.bincount(keys, minlength=1)
    histogram = np.bincount(sizes)
    each = np.arange(len(histogram), dtype=np.int64)
    affordable = np.cumsum(histogram * (each * (each - 1) // 2)) <= most
    found: NDArray[np.bool_] = affordable[sizes[keys]]
    return found


def _exploded(rule: Rule, table: Table) -> tuple[Rows, NDArray[np.int64]]:
    """Each record as often as its list is long, with what stands in it; without a list once, with 0."""
    for name in rule.exploded:
        if isinstance(column := table[name], Texts):
            rows, place = np.nonzero(column.codes >= 0)
            return rows, column.codes[rows, place].astype(np.int64)
    rows = np.arange(records(table))
    return rows, np.zeros(len(rows), np.int64)


def _numbers(column: Text | Texts | Number) -> NDArray[np.int64]:
    if isinstance(column, Number):
        least = column.numbers[column.numbers != MISSING].min(initial=0)
        return np.where(column.numbers == MISSING, -1, column.numbers - least)
    return column.codes.astype(np.int64)


def _joined(one: NDArray[np.int64], two: NDArray[np.int64]) -> NDArray[np.int64]:
    """One number for two; -1 where either is not known."""
    dense = one.copy()
    known = (one >= 0) & (two >= 0)
    dense[known] = _dense(one[known])
    return np.where(known, dense * (two.max(initial=0) + 1) + two, -1)


def _dense(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _within(keyed: _Keyed) -> Iterator[tuple[Rows, Rows]]:
    """Every two records under one key, in parts."""
    count = len(keyed.rows)
    if not count:
        return
    ends = np.searchsorted(keyed.keys, keyed.keys, side="right")
    after = ends - np.arange(count) - 1
    sums = np.cumsum(after)
    start = 0
    while start < count:
        done = int(sums[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(sums, done + CHUNK, side="right")))
        sizes = after[start:stop]
        first = np.repeat(np.arange(start, stop), sizes)
        offset = np.arange(len(first)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        one, two = keyed.rows[first], keyed.rows[first + 1 + offset]
        apart = one != two
        yield np.minimum(one, two)[apart], np.maximum(one, two)[apart]
        start = stop


def _given(keyed: _Keyed, size: int) -> NDArray[np.int64]:
    """Every pair under the keys of a list, once, as left * size + right, sorted."""
    return np.unique(np.concatenate([np.zeros(0, np.int64), *(one * size + two for one, two in _within(keyed))]))


def _parts(numbers: NDArray[np.int64], size: int) -> Iterator[tuple[Rows, Rows]]:
    for start in range(0, len(numbers), CHUNK):
        part = numbers[start : start + CHUNK]
        yield part // size, part % size


def _among(numbers: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each number is one of the given ones, which are sorted."""
    if not len(given):
        return np.zeros(len(numbers), np.bool_)
    place = np.minimum(np.searchsorted(given, numbers), len(given) - 1)
    found: NDArray[np.bool_] = given[place] == numbers
    return found
