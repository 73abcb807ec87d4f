"""Levels and weights of one pair of rows: what `scoring` works out for millions, without columns.

A register asks about a dozen candidates: then arrays cost more than what is in them. Both read the same model, and
agree to the last bit but rounding (tested).
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import log2
from typing import Any

from sqlglot import exp

from kerege.linkage.matching.model_file import ELSE, Comparison, Level, Model
from kerege.linkage.matching.sql_terms import SIMILAR, WIDEST, lists_of, measure_of, parsed, unknown

Known = dict[str, Any]
"""The columns of both sides as `x_l` and `x_r`, None where nothing is known, and what was worked out of them so far."""
Share = Callable[[str, str], float | None]
"""How common a value of a column is; None where that is not weighed."""
Holds = Callable[[Known], bool]
Value = Callable[[Known], Any]

# each with the one that is true where it is false
_WAYS: dict[type[exp.Expr], tuple[Callable[[Any, Any], bool], Callable[[Any, Any], bool]]] = {
    exp.EQ: (operator.eq, operator.ne),
    exp.NEQ: (operator.ne, operator.eq),
    exp.GT: (operator.gt, operator.le),
    exp.GTE: (operator.ge, operator.lt),
    exp.LT: (operator.lt, operator.ge),
    exp.LTE: (operator.le, operator.gt),
}


class Weigher:
    """A model made ready to weigh pairs one by one."""

    def __init__(self, model: Model) -> None:
        self.columns = model.columns
        self._comparisons = [(each.name, [_rung(each, level) for level in each.levels]) for each in model.comparisons]

    def side(self, row: Mapping[str, object], ending: str) -> Known:
        """One row as the side `_l` or `_r` of pairs; two sides joined are a pair."""
        return {f"{name}{ending}": row.get(name) for name in self.columns}

    def __call__(self, pair: Known, share: Share) -> tuple[dict[str, int], dict[str, float]]:
        """The number of the level that the pair reaches in each comparison, and its bits."""
        levels, parts = {}, {}
        for name, rungs in self._comparisons:
            reached = next(rung for rung in rungs if rung.holds(pair))
            levels[name] = reached.gamma
            parts[name] = reached.plain if reached.column is None else _weighed(reached, pair, share)
        return levels, parts


@dataclass(frozen=True, slots=True)
class _Rung:
    """A level: when a pair reaches it, log2(m/u), and what is weighed of the value that is agreed in."""

    holds: Holds
    gamma: int
    plain: float
    column: str | None
    base: float
    weight: float
    minimum: float


def _rung(comparison: Comparison, level: Level) -> _Rung:
    plain, base = comparison.bits(level)
    return _Rung(holds(level.condition), level.gamma, plain, level.tf_column, base, level.tf_weight, level.tf_minimum)


def _weighed(rung: _Rung, pair: Known, share: Share) -> float:
    """The bits of a level, adjusted for how common the more common of the two values is."""
    column = rung.column or ""
    found = [share(column, value) for ending in ("_l", "_r") if (value := pair[column + ending])]
    most = max([rung.minimum, *filter(None, found)])
    return rung.plain + rung.base - rung.weight * log2(most) if most else rung.plain


@lru_cache(maxsize=1024)
def holds(condition: str) -> Holds:
    """Whether the condition is true of a pair. Raises BadInput for SQL that no comparison level needs."""
    return (lambda pair: True) if condition.upper() == ELSE else _holds(parsed(condition), said=True)


def _holds(tree: exp.Expr, *, said: bool) -> Holds:
    """Whether a condition is true (or, not `said`, false) of a pair; what cannot be said is neither."""
    if isinstance(tree, exp.Paren):
        return _once(f"{said}: {tree.sql()}", _holds(tree.this, said=said))
    if isinstance(tree, exp.Not):
        return _holds(tree.this, said=not said)
    if isinstance(tree, exp.And | exp.Or):
        one, two = (_holds(part, said=said) for part in (tree.this, tree.expression))
        if isinstance(tree, exp.And) is said:
            return lambda pair: one(pair) and two(pair)
        return lambda pair: one(pair) or two(pair)
    if isinstance(tree, exp.Boolean):
        always = bool(tree.this) is said
        return lambda pair: always
    if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null) and isinstance(tree.this, exp.Column):
        name = tree.this.name
        return lambda pair: (pair[name] is None) is said
    if type(tree) in _WAYS:
        return _compared(tree.this, tree.expression, _WAYS[type(tree)][not said])
    raise unknown(type(tree).__name__)


def _compared(one: exp.Expr, two: exp.Expr, way: Callable[[Any, Any], bool]) -> Holds:
    left, right = _value(one), _value(two)

    def compared(pair: Known) -> bool:
        this, other = left(pair), right(pair)
        return this is not None and other is not None and way(this, other)

    return compared


def _value(tree: exp.Expr) -> Value:
    if isinstance(tree, exp.Paren):
        return _value(tree.this)
    if isinstance(tree, exp.Literal):
        said = tree.name if tree.is_string else float(tree.name)
        return lambda pair: said
    if isinstance(tree, exp.Column):
        return operator.itemgetter(tree.name)
    return _once(tree.sql(), _worked_out(tree))


def _worked_out(tree: exp.Expr) -> Value:
    if isinstance(tree, exp.Substring):
        start, length = (int(tree.args[name].name) for name in ("start", "length"))
        return _of(_value(tree.this), lambda text: text[start - 1 : start - 1 + length])
    if isinstance(tree, exp.Abs):
        return _of(_value(tree.this), abs)
    if isinstance(tree, exp.Sub):
        return _of_two(_value(tree.this), _value(tree.expression), operator.sub)
    if isinstance(tree, exp.ArraySize):
        left, right = lists_of(tree)
        return _of_two(_value(left), _value(right), _in_common)
    name, one, two = measure_of(tree)
    return _of_two(_value(one), _value(two), SIMILAR[name][0])


def _of(inner: Value, way: Callable[[Any], Any]) -> Value:
    def of(pair: Known) -> Any:
        value = inner(pair)
        return None if value is None else way(value)

    return of


def _of_two(one: Value, two: Value, way: Callable[[Any, Any], Any]) -> Value:
    def of_two(pair: Known) -> Any:
        left, right = one(pair), two(pair)
        return None if left is None or right is None else way(left, right)

    return of_two


def _in_common(one: list[str], two: list[str]) -> int:
    return len(set(one[:WIDEST]).intersection(two[:WIDEST]))


def _once(key: str, work: Value) -> Value:
    """The same, worked out once for all levels that ask for it."""

    def known(pair: Known) -> Any:
        if key not in pair:
            pair[key] = work(pair)
        return pair[key]

    return known
