"""Comparison levels and match weights of a single pair of rows: `batch_scorer` without arrays.

A register scores about a dozen candidates. For so few, the overhead of arrays exceeds the work itself. Both scorers
read the same model; a test checks that their results agree up to rounding.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from typing import Any

from sqlglot import exp

from kerege.linkage.matching.comparisons import ELSE, Comparison, Level
from kerege.linkage.matching.model_file import Model
from kerege.linkage.matching.sql_terms import (
    SIMILARITIES,
    WIDEST,
    intersected_lists,
    parse_condition,
    similarity_of,
    unsupported_term,
)

PairValues = dict[str, Any]
"""Columns of both sides as `x_l` and `x_r`, None for a missing value, and cached results by their SQL."""
FrequencyLookup = Callable[[str, str], float | None]
"""Relative frequency of a value in a column; None without term frequency adjustment."""
Holds = Callable[[PairValues], bool]
Value = Callable[[PairValues], Any]

# each operator with its negation
_OPERATORS: dict[type[exp.Expr], tuple[Callable[[Any, Any], bool], Callable[[Any, Any], bool]]] = {
    exp.EQ: (operator.eq, operator.ne),
    exp.NEQ: (operator.ne, operator.eq),
    exp.GT: (operator.gt, operator.le),
    exp.GTE: (operator.ge, operator.lt),
    exp.LT: (operator.lt, operator.ge),
    exp.LTE: (operator.le, operator.gt),
}


class PairScorer:
    """Scorer of single pairs, compiled from a model."""

    def __init__(self, model: Model) -> None:
        self.columns = model.columns
        self._column_of = {ending: {f"{name}{ending}": name for name in model.columns} for ending in ("_l", "_r")}
        self._comparisons = [
            (comparison.name, [_compile_level(comparison, level) for level in comparison.levels])
            for comparison in model.comparisons
        ]

    def side(self, row: Mapping[str, object], ending: str) -> PairValues:
        """Return one row as the side `_l` or `_r`; the union of two sides is a pair."""
        return {side_name: row.get(name) for side_name, name in self._column_of[ending].items()}

    def __call__(self, pair: PairValues, share: FrequencyLookup) -> tuple[dict[str, int], dict[str, float]]:
        """Return the gamma and the bits of each comparison of a pair."""
        levels, parts = {}, {}
        for name, compiled_levels in self._comparisons:
            reached = next(level for level in compiled_levels if level.is_reached(pair))
            levels[name] = reached.gamma
            parts[name] = reached.plain if reached.column is None else _adjust_bits(reached, pair, share)
        return levels, parts


@dataclass(frozen=True, slots=True)
class _CompiledLevel:
    """Compiled comparison level: condition, gamma, log2(m/u) and the term frequency adjustment."""

    is_reached: Holds
    gamma: int
    plain: float
    column: str | None
    base: float
    weight: float
    minimum: float


def _compile_level(comparison: Comparison, level: Level) -> _CompiledLevel:
    plain, base = comparison.bits(level)
    return _CompiledLevel(
        is_reached=compile_condition(level.condition),
        gamma=level.gamma,
        plain=plain,
        column=level.tf_column,
        base=base,
        weight=level.tf_weight,
        minimum=level.tf_minimum,
    )


def _adjust_bits(level: _CompiledLevel, pair: PairValues, share: FrequencyLookup) -> float:
    """Return the bits of a level, adjusted for the frequency of the more common of the two values."""
    column = level.column or ""
    frequencies = [share(column, value) for ending in ("_l", "_r") if (value := pair[column + ending])]
    frequency = max([level.minimum, *filter(None, frequencies)])
    return level.plain + level.base - level.weight * log2(frequency) if frequency else level.plain


@lru_cache(maxsize=1024)
def compile_condition(condition: str) -> Holds:
    """Return a function: whether the condition is true for a pair; raises BadInput for unsupported SQL."""
    return (lambda pair: True) if condition.upper() == ELSE else _holds(parse_condition(condition), expected=True)


def _holds(tree: exp.Expr, *, expected: bool) -> Holds:
    """Return a function: whether a condition is true (if not `expected`: is false) for a pair.

    A condition that depends on a missing value is neither.
    """
    if isinstance(tree, exp.Paren):
        return _cache_result(f"{expected}: {tree.sql()}", _holds(tree.this, expected=expected))
    if isinstance(tree, exp.Not):
        return _holds(tree.this, expected=not expected)
    if isinstance(tree, exp.And | exp.Or):
        first, second = (_holds(part, expected=expected) for part in (tree.this, tree.expression))
        if isinstance(tree, exp.And) is expected:
            return lambda pair: first(pair) and second(pair)
        return lambda pair: first(pair) or second(pair)
    if isinstance(tree, exp.Boolean):
        result = bool(tree.this) is expected
        return lambda pair: result
    if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null) and isinstance(tree.this, exp.Column):
        name = tree.this.name
        return lambda pair: (pair[name] is None) is expected
    if type(tree) in _OPERATORS:
        return _compile_comparison(tree.this, tree.expression, _OPERATORS[type(tree)][not expected])
    raise unsupported_term(type(tree).__name__)


def _compile_comparison(left_tree: exp.Expr, right_tree: exp.Expr, operation: Callable[[Any, Any], bool]) -> Holds:
    left, right = _compile_value(left_tree), _compile_value(right_tree)

    def compared(pair: PairValues) -> bool:
        left_value, right_value = left(pair), right(pair)
        return left_value is not None and right_value is not None and operation(left_value, right_value)

    return compared


def _compile_value(tree: exp.Expr) -> Value:
    if isinstance(tree, exp.Paren):
        return _compile_value(tree.this)
    if isinstance(tree, exp.Literal):
        constant = tree.name if tree.is_string else float(tree.name)
        return lambda pair: constant
    if isinstance(tree, exp.Column):
        return operator.itemgetter(tree.name)
    return _cache_result(tree.sql(), _compile_uncached_value(tree))


def _compile_uncached_value(tree: exp.Expr) -> Value:
    if isinstance(tree, exp.Substring):
        start, length = (int(tree.args[name].name) for name in ("start", "length"))
        return _apply(_compile_value(tree.this), lambda text: text[start - 1 : start - 1 + length])
    if isinstance(tree, exp.Abs):
        return _apply(_compile_value(tree.this), abs)
    if isinstance(tree, exp.Sub):
        return _apply_to_both(_compile_value(tree.this), _compile_value(tree.expression), operator.sub)
    if isinstance(tree, exp.ArraySize):
        left, right = intersected_lists(tree)
        return _apply_to_both(_compile_value(left), _compile_value(right), _count_common)
    name, left_text, right_text = similarity_of(tree)
    return _apply_to_both(_compile_value(left_text), _compile_value(right_text), SIMILARITIES[name][0])


def _apply(inner: Value, function: Callable[[Any], Any]) -> Value:
    def applied(pair: PairValues) -> Any:
        value = inner(pair)
        return None if value is None else function(value)

    return applied


def _apply_to_both(first: Value, second: Value, function: Callable[[Any, Any], Any]) -> Value:
    def applied(pair: PairValues) -> Any:
        left, right = first(pair), second(pair)
        return None if left is None or right is None else function(left, right)

    return applied


def _count_common(left: list[str], right: list[str]) -> int:
    return len(set(left[:WIDEST]).intersection(right[:WIDEST]))


def _cache_result(key: str, work: Value) -> Value:
    """Return the function with its result cached in the pair, for all levels that use it."""

    def cached(pair: PairValues) -> Any:
        if key not in pair:
            pair[key] = work(pair)
        return pair[key]

    return cached
