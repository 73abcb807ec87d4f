"""Blocking: candidate pairs of records that agree in every column of a blocking rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.linkage.matching.column_store import MISSING, ListColumn, NumberColumn, Rows, Table, TextColumn, records
from kerege.linkage.matching.comparisons import BlockingRule
from kerege.linkage.matching.model_file import Model

# limit of the candidate pairs of one rule: pairs for each record, but at least PAIRS_AT_LEAST; very common keys give
# many pairs and few matches
PAIRS_A_RECORD = 1.5
PAIRS_AT_LEAST = 500_000
CHUNK = 1_000_000


@dataclass(frozen=True)
class _Keyed:
    """Records with a rare enough key of one rule, sorted by key."""

    rows: Rows
    keys: NDArray[np.int64]
    # (records,) the key of every record, -1 for none
    key_of_record: NDArray[np.int32]


def pairs(model: Model, table: Table, is_new: NDArray[np.bool_] | None = None) -> Iterator[tuple[Rows, Rows]]:
    """Yield every candidate pair once, left row before right row, in parts of about a million.

    The first rule that finds a pair yields it. Each rule uses its rarest keys first, until it reaches `PAIRS_A_RECORD`
    pairs per record: in a large table, common keys are not used. With `is_new` (records,), only pairs that hold a new
    record are yielded; the keys are those of the whole table.
    """
    size = records(table)
    earlier_keyed: list[_Keyed] = []
    earlier_list_pairs: list[NDArray[np.int64]] = []
    for rule in model.rules:
        keyed = _key_records(rule, table, is_new)
        # two records can share several elements of a list column: make its pairs distinct before yielding them
        list_pairs = _list_distinct_pairs(keyed, size) if rule.exploded else None
        parts = _pair_within_keys(keyed) if list_pairs is None else _split_pairs(list_pairs, size)
        for left, right in parts:
            is_first = np.ones(len(left), np.bool_) if is_new is None else is_new[left] | is_new[right]
            for earlier_rule in earlier_keyed:
                is_first &= (earlier_rule.key_of_record[left] != earlier_rule.key_of_record[right]) | (
                    earlier_rule.key_of_record[left] < 0
                )
            for earlier_pairs in earlier_list_pairs:
                is_first &= ~_find_members(left * size + right, earlier_pairs)
            yield left[is_first], right[is_first]
        if list_pairs is None:
            earlier_keyed.append(keyed)
        else:
            earlier_list_pairs.append(list_pairs)


def index_keys(model: Model, rows: Sequence[Mapping[str, object]]) -> frozenset[str]:
    """Return the index keys of one person: for each rule and row, the values in the rule's columns."""
    result = set()
    for number, rule in enumerate(model.rules):
        for row in rows:
            result |= _build_row_keys(number, rule, row)
    return frozenset(result)


def _build_row_keys(number: int, rule: BlockingRule, row: Mapping[str, object]) -> set[str]:
    texts = [str(number)]
    for name in rule.columns:
        value = row.get(name)
        if value is None or value == []:
            return set()
        texts.append("" if name in rule.exploded else str(value))
    lists = [row[name] for name in rule.exploded]
    if lists and isinstance(lists[0], list):
        return {"|".join([*texts, str(value)]) for value in lists[0]}
    return {"|".join(texts)}


def _key_records(rule: BlockingRule, table: Table, is_new: NDArray[np.bool_] | None = None) -> _Keyed:
    rows, numbers = _explode_list(rule, table)
    for name in rule.columns:
        if name not in rule.exploded:
            values = _encode_column(table[name])[rows]
            numbers = _combine_codes(numbers, values)
    known = numbers >= 0
    rows, codes = rows[known], numbers[known]
    codes = _renumber_densely(codes)
    is_rare = _find_rare_keys(codes, max(PAIRS_AT_LEAST, int(PAIRS_A_RECORD * records(table))))
    key_of_record = np.full(len(known), -1, np.int32)
    if not rule.exploded:
        key_of_record[rows[is_rare]] = codes[is_rare]
    if is_new is not None:
        is_rare &= np.bincount(codes[is_new[rows]], minlength=codes.max(initial=0) + 1)[codes] > 0
    rows, codes = rows[is_rare], codes[is_rare]
    order = np.argsort(codes, kind="stable")
    return _Keyed(rows[order], codes[order], key_of_record)


def _find_rare_keys(keys: NDArray[np.int64], most: int) -> NDArray[np.bool_]:
    """Return which records have a key so rare that the rule gives at most `most` pairs."""
    sizes = np.bincount(keys, minlength=1)
    histogram = np.bincount(sizes)
    group_sizes = np.arange(len(histogram), dtype=np.int64)
    affordable = np.cumsum(histogram * (group_sizes * (group_sizes - 1) // 2)) <= most
    is_rare: NDArray[np.bool_] = affordable[sizes[keys]]
    return is_rare


def _explode_list(rule: BlockingRule, table: Table) -> tuple[Rows, NDArray[np.int64]]:
    """Explode the list column of a rule: one row per record and element; code 0 for a rule without one."""
    for name in rule.exploded:
        if isinstance(column := table[name], ListColumn):
            rows, position = np.nonzero(column.codes >= 0)
            return rows, column.codes[rows, position].astype(np.int64)
    rows = np.arange(records(table))
    return rows, np.zeros(len(rows), np.int64)


def _encode_column(column: TextColumn | ListColumn | NumberColumn) -> NDArray[np.int64]:
    if isinstance(column, NumberColumn):
        least = column.numbers[column.numbers != MISSING].min(initial=0)
        return np.where(column.numbers == MISSING, -1, column.numbers - least)
    return column.codes.astype(np.int64)


def _combine_codes(first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
    """Combine two code arrays into one; -1 where either value is missing."""
    dense = first.copy()
    known = (first >= 0) & (second >= 0)
    dense[known] = _renumber_densely(first[known])
    return np.where(known, dense * (second.max(initial=0) + 1) + second, -1)


def _renumber_densely(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _pair_within_keys(keyed: _Keyed) -> Iterator[tuple[Rows, Rows]]:
    """Yield every pair of records with a common key, in parts of about CHUNK pairs."""
    count = len(keyed.rows)
    if not count:
        return
    ends = np.searchsorted(keyed.keys, keyed.keys, side="right")
    after = ends - np.arange(count) - 1
    sums = np.cumsum(after)
    start = 0
    while start < count:
        pairs_before = int(sums[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(sums, pairs_before + CHUNK, side="right")))
        sizes = after[start:stop]
        first = np.repeat(np.arange(start, stop), sizes)
        offset = np.arange(len(first)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        left, right = keyed.rows[first], keyed.rows[first + 1 + offset]
        apart = left != right
        yield np.minimum(left, right)[apart], np.maximum(left, right)[apart]
        start = stop


def _list_distinct_pairs(keyed: _Keyed, size: int) -> NDArray[np.int64]:
    """Return every pair with a common element in a list column, once, as left * size + right, sorted."""
    return np.unique(
        np.concatenate([np.zeros(0, np.int64), *(left * size + right for left, right in _pair_within_keys(keyed))])
    )


def _split_pairs(numbers: NDArray[np.int64], size: int) -> Iterator[tuple[Rows, Rows]]:
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        yield chunk // size, chunk % size


def _find_members(numbers: NDArray[np.int64], given: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return whether each number is among the given ones, which are sorted."""
    if not len(given):
        return np.zeros(len(numbers), np.bool_)
    position = np.minimum(np.searchsorted(given, numbers), len(given) - 1)
    is_given: NDArray[np.bool_] = given[position] == numbers
    return is_given
