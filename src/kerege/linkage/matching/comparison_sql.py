"""Evaluates the conditions of a linkage model, Splink's SQL, over pairs of records.

Supported: columns `x_l` and `x_r`, IS NULL, AND, OR, NOT, comparison operators, abs, differences,
jaro_winkler_similarity, jaro_similarity, levenshtein, damerau_levenshtein, substr, and the size of list_intersect.
Missing values follow SQL's three-valued logic: a condition that depends on one is neither true nor false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from sqlglot import exp

from kerege.linkage.matching.column_store import (
    MISSING,
    Codes,
    Column,
    NumberColumn,
    Rows,
    Table,
    TextColumn,
    Values,
    take_rows,
)
from kerege.linkage.matching.sql_terms import (
    SIMILARITIES,
    intersected_lists,
    parse_condition,
    similarity_of,
    unsupported_term,
)

Truth = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""(N,) where a condition is true, and where it is false (valid only if requested); where neither, it is unknown."""


@dataclass(frozen=True)
class DistinctTexts:
    """Pairs of different texts, each distinct pair once.

    equal: (N,) whether the texts are equal. rows: pairs whose texts differ. ones, others: the distinct pairs of texts.
    back: (rows,) index into them.
    """

    equal: NDArray[np.bool_]
    rows: Rows
    ones: list[str]
    others: list[str]
    back: Rows


@dataclass
class RecordPairs:
    """Pairs of records: `left` and `right` (N,) are rows of a table.

    The other fields cache columns, numbers, truth values and distinct text pairs.
    """

    table: Table
    left: Rows
    right: Rows
    sides: dict[str, Column] = field(default_factory=dict)
    numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    unlike: dict[tuple[str, str], DistinctTexts] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.left)

    def side(self, name: str) -> Column:
        """Return the column `x` of one side, a value for each pair; `name` is `x_l` or `x_r`."""
        cached = self.sides.get(name)
        if cached is None:
            column = self.table.get(name[:-2])
            if column is None or name[-2:] not in ("_l", "_r"):
                raise unsupported_term(f"the column {name}")
            cached = self.sides[name] = take_rows(column, self.left if name.endswith("_l") else self.right)
        return cached


def evaluate_condition(condition: str, pairs: RecordPairs) -> NDArray[np.bool_]:
    """Return (N,) whether the condition is true for each pair; raises BadInput for unsupported SQL."""
    return _compile_condition(condition)(pairs)[0]


@lru_cache(maxsize=1024)
def _compile_condition(condition: str) -> Callable[[RecordPairs], Truth]:
    return _compile_tree(parse_condition(condition))


def _compile_tree(tree: exp.Expr, *, negated: bool = False) -> Callable[[RecordPairs], Truth]:
    """Return a condition as a function of pairs, so that its SQL is parsed once.

    Without `negated`, the caller reads only where the condition is true. Then where it is false is not computed, and
    AND skips its second part when the first is false for all pairs.
    """
    if isinstance(tree, exp.Paren):
        return _cache_result(tree, _compile_tree(tree.this, negated=negated), negated=negated)
    if isinstance(tree, exp.Not):
        inner = _compile_tree(tree.this, negated=True)
        return lambda pairs: inner(pairs)[::-1]
    if isinstance(tree, exp.And | exp.Or):
        first, second = (_compile_tree(side, negated=negated) for side in (tree.this, tree.expression))
        if isinstance(tree, exp.And) and not negated:
            return _join_by_short_circuit(first, second)
        return _join_conditions(first, second, is_and=isinstance(tree, exp.And))
    if isinstance(tree, exp.Boolean):
        constant = bool(tree.this)
        return lambda pairs: (np.full(len(pairs), constant), np.full(len(pairs), not constant))
    if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null) and isinstance(tree.this, exp.Column):
        name = tree.this.name
        return _cache_result(
            tree, lambda pairs: (missing := _find_missing(pairs.side(name)), ~missing), negated=negated
        )
    if isinstance(tree, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        return _cache_result(tree, _compile_comparison(tree, negated=negated), negated=negated)
    raise unsupported_term(type(tree).__name__)


def _cache_result(
    tree: exp.Expr, work: Callable[[RecordPairs], Truth], *, negated: bool
) -> Callable[[RecordPairs], Truth]:
    """Return the function with its result cached in the pairs, for all levels that share the condition."""
    key = tree.sql() if negated else f"true: {tree.sql()}"

    def cached(pairs: RecordPairs) -> Truth:
        result = pairs.truths.get(key)
        if result is None:
            result = pairs.truths[key] = work(pairs)
        return result

    return cached


def _join_by_short_circuit(
    first: Callable[[RecordPairs], Truth], second: Callable[[RecordPairs], Truth]
) -> Callable[[RecordPairs], Truth]:
    """Return the logical AND of two conditions; it skips the second when the first is false for all pairs."""

    def joined(pairs: RecordPairs) -> Truth:
        true, false = first(pairs)
        if not true.any():
            return true, false
        return true & second(pairs)[0], false

    return joined


def _join_conditions(
    first: Callable[[RecordPairs], Truth], second: Callable[[RecordPairs], Truth], *, is_and: bool
) -> Callable[[RecordPairs], Truth]:
    def joined(pairs: RecordPairs) -> Truth:
        (true, false), (also_true, also_false) = first(pairs), second(pairs)
        if is_and:
            return true & also_true, false | also_false
        return true | also_true, false & also_false

    return joined


def _find_missing(column: Column) -> NDArray[np.bool_]:
    if isinstance(column, NumberColumn):
        return np.equal(column.numbers, MISSING)
    return np.less(_widen_codes(column.codes)[:, 0], 0)


Way = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]


def _compare_unequal(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.bool_]:
    is_unequal: NDArray[np.bool_] = np.less(left, right) | np.greater(left, right)
    return is_unequal


# operators for where a comparison is true and where it is false; NaN (missing) makes both false
_NUMERIC: dict[type[exp.Expr], tuple[Way, Way]] = {
    exp.EQ: (np.equal, _compare_unequal),
    exp.NEQ: (_compare_unequal, np.equal),
    exp.GT: (np.greater, np.less_equal),
    exp.GTE: (np.greater_equal, np.less),
    exp.LT: (np.less, np.greater_equal),
    exp.LTE: (np.less_equal, np.greater),
}


def _compile_comparison(tree: exp.Expr, *, negated: bool) -> Callable[[RecordPairs], Truth]:
    if isinstance(tree, exp.EQ | exp.NEQ):
        return _compile_equality(tree, equal=isinstance(tree, exp.EQ), negated=negated)
    return _compile_numeric_comparison(tree, negated=negated)


def _compile_equality(tree: exp.Expr, *, equal: bool, negated: bool) -> Callable[[RecordPairs], Truth]:
    sides = (tree.this, tree.expression)
    if not all(isinstance(side, exp.Column | exp.Substring) or side.is_string for side in sides):
        return _compile_numeric_comparison(tree, negated=negated)
    left_text, right_text = map(_compile_text, sides)
    # only the table determines whether two columns are numbers
    compare_numbers = (
        _compile_numeric_comparison(tree, negated=negated)
        if all(isinstance(side, exp.Column) for side in sides)
        else None
    )

    def same(pairs: RecordPairs) -> Truth:
        left, right = left_text(pairs), right_text(pairs)
        if compare_numbers and (isinstance(left, NumberColumn) or isinstance(right, NumberColumn)):
            return compare_numbers(pairs)
        left, right = _require_text(left), _require_text(right)
        is_equal = _compare_equal(left, right)
        if equal and not negated:
            return is_equal, is_equal
        is_unequal = (left.codes >= 0) & (right.codes >= 0) & ~is_equal
        return (is_equal, is_unequal) if equal else (is_unequal, is_equal)

    return same


def _compile_numeric_comparison(tree: exp.Expr, *, negated: bool) -> Callable[[RecordPairs], Truth]:
    (is_true, is_false), left_number, right_number = _NUMERIC[type(tree)], _number(tree.this), _number(tree.expression)

    def ordered(pairs: RecordPairs) -> Truth:
        left, right = left_number(pairs), right_number(pairs)
        true = is_true(left, right)
        return true, is_false(left, right) if negated else true

    return ordered


def _compare_equal(left: TextColumn, right: TextColumn) -> NDArray[np.bool_]:
    """Return for each pair whether both texts are known and equal."""
    codes = right.codes if left.values is right.values else right.values.into(left.values)[right.codes]
    is_equal: NDArray[np.bool_] = (left.codes == codes) & (left.codes >= 0)
    return is_equal


def _compile_text(tree: exp.Expr) -> Callable[[RecordPairs], Column]:
    if isinstance(tree, exp.Column):
        name = tree.name
        return lambda pairs: pairs.side(name)
    if isinstance(tree, exp.Literal):
        text = tree.name
        return lambda pairs: TextColumn(np.zeros(len(pairs), np.int32), Values([text]))
    if isinstance(tree, exp.Substring):
        inner, start, length = _compile_text(tree.this), int(tree.args["start"].name) - 1, int(tree.args["length"].name)
        return lambda pairs: _map_texts(_require_text(inner(pairs)), lambda value: value[start : start + length])
    raise unsupported_term(type(tree).__name__)


def _require_text(column: Column) -> TextColumn:
    if not isinstance(column, TextColumn):
        raise unsupported_term("a text where there is none")
    return column


def _map_texts(text: TextColumn, function: Callable[[str], str]) -> TextColumn:
    codes: dict[str, int] = {}
    table = np.array([*(codes.setdefault(function(value), len(codes)) for value in text.values), -1], np.int32)
    return TextColumn(table[text.codes], Values(codes))


def _number(tree: exp.Expr) -> Callable[[RecordPairs], NDArray[np.float64]]:
    """Return a function to (N,) float64 with NaN for missing values, cached in the pairs."""
    key, work = f"# {tree.sql()}", _compile_number(tree)

    def number(pairs: RecordPairs) -> NDArray[np.float64]:
        result = pairs.numbers.get(key)
        if result is None:
            result = pairs.numbers[key] = work(pairs)
        return result

    return number


def _compile_number(tree: exp.Expr) -> Callable[[RecordPairs], NDArray[np.float64]]:
    if isinstance(tree, exp.Paren):
        return _number(tree.this)
    if isinstance(tree, exp.Literal):
        value = float(tree.name) if not tree.is_string else float("nan")
        return lambda pairs: np.full(len(pairs), value)
    if isinstance(tree, exp.Abs):
        inner = _number(tree.this)
        return lambda pairs: np.abs(inner(pairs))
    if isinstance(tree, exp.Sub):
        left, right = _number(tree.this), _number(tree.expression)
        return lambda pairs: left(pairs) - right(pairs)
    if isinstance(tree, exp.Column):
        name = tree.name
        return lambda pairs: _convert_to_float(pairs.side(name), name)
    if isinstance(tree, exp.ArraySize):
        return _compile_intersection_size(tree)
    return _compile_similarity(tree)


def _compile_similarity(tree: exp.Expr) -> Callable[[RecordPairs], NDArray[np.float64]]:
    name, *arguments = similarity_of(tree)
    left, right = map(_compile_text, arguments)
    key = arguments[0].sql(), arguments[1].sql()

    def measured(pairs: RecordPairs) -> NDArray[np.float64]:
        if key not in pairs.unlike:
            pairs.unlike[key] = _list_distinct_texts(_require_text(left(pairs)), _require_text(right(pairs)))
        return _score_texts(name, pairs.unlike[key])

    return measured


def _convert_to_float(column: Column, name: str) -> NDArray[np.float64]:
    if isinstance(column, NumberColumn):
        numbers = column.numbers.astype(np.float64)
        numbers[column.numbers == MISSING] = np.nan
        return numbers
    # an empty column has no type
    if not len(column.values):
        return np.full(len(column.codes), np.nan)
    raise unsupported_term(f"a number in {name}")


def _list_distinct_texts(left: TextColumn, right: TextColumn) -> DistinctTexts:
    """Return the distinct pairs of different texts, shared by all similarity functions of two columns."""
    is_equal = _compare_equal(left, right)
    differs = np.flatnonzero((left.codes >= 0) & (right.codes >= 0) & ~is_equal)
    keys = left.codes[differs].astype(np.int64) * len(right.values) + right.codes[differs]
    keys, back = np.unique(keys, return_inverse=True)
    ones = [left.values[code] for code in keys // max(1, len(right.values))]
    others = [right.values[code] for code in keys % max(1, len(right.values))]
    return DistinctTexts(is_equal, differs, ones, others, back)


def _score_texts(name: str, unlike: DistinctTexts) -> NDArray[np.float64]:
    """Return (N,) a similarity, computed once for each distinct pair of texts."""
    function, value_if_equal = SIMILARITIES[name]
    result = np.full(len(unlike.equal), np.nan)
    result[unlike.equal] = value_if_equal
    workers = -1 if len(unlike.ones) > 20_000 else 1
    values = process.cpdist(unlike.ones, unlike.others, scorer=function, dtype=np.float64, workers=workers)
    result[unlike.rows] = values[unlike.back]
    return result


def _compile_intersection_size(tree: exp.ArraySize) -> Callable[[RecordPairs], NDArray[np.float64]]:
    """Return the number of distinct texts in both lists; NaN where one list is empty."""
    left, right = (column.name for column in intersected_lists(tree))
    return lambda pairs: _count_common(pairs.side(left), pairs.side(right))


def _count_common(left: Column, right: Column) -> NDArray[np.float64]:
    if isinstance(left, NumberColumn) or isinstance(right, NumberColumn):
        raise unsupported_term("an intersection of columns that are not lists")
    left_codes, right_codes = _widen_codes(left.codes), _widen_codes(right.codes)
    if left.values is not right.values:
        right_codes = right.values.into(left.values)[right_codes]
    counts = np.full(len(left_codes), np.nan)
    known = np.flatnonzero((left_codes[:, 0] >= 0) & (right_codes[:, 0] != -1))
    left_codes, right_codes = left_codes[known], right_codes[known]
    count = np.zeros(len(known))
    for position in range(left_codes.shape[1]):
        rows = np.flatnonzero(left_codes[:, position] >= 0)  # most lists are short, so later positions hold few rows
        if not len(rows):
            break
        codes = left_codes[rows, position, None]
        repeated = (left_codes[rows, :position] == codes).any(1)
        count[rows] += ~repeated & (right_codes[rows] == codes).any(1)
    counts[known] = count
    return counts


def _widen_codes(codes: Codes) -> Codes:
    return codes if codes.ndim == 2 else codes[:, None]
