"""The conditions of a linkage model: the SQL that Splink writes, evaluated over pairs of records.

The part of SQL that comparison levels use: columns named `x_l` and `x_r`, IS NULL, AND, OR, NOT, comparisons, abs,
differences, jaro_winkler_similarity, jaro_similarity, levenshtein, damerau_levenshtein, substr, and the size of
list_intersect. Unknown values follow SQL: what cannot be said is neither true nor false.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from sqlglot import exp

from kerege.linkage.matching.column_store import MISSING, Codes, Column, Number, Rows, Table, Text, Values
from kerege.linkage.matching.sql_terms import SIMILAR, lists_of, measure_of, parsed, unknown

Truth = tuple[NDArray[np.bool_], NDArray[np.bool_]]
"""Where a condition is true, and where it is false (only if that was asked); where neither, it cannot be said."""


@dataclass(frozen=True)
class Unlike:
    """Pairs of texts that differ: the rows they stand in, each two texts once, and which of those a row has."""

    equal: NDArray[np.bool_]
    rows: Rows
    ones: list[str]
    others: list[str]
    back: Rows


@dataclass
class Pairs:
    """Pairs of records: `left` and `right` (N,) rows of a table; remembers what it has worked out."""

    table: Table
    left: Rows
    right: Rows
    sides: dict[str, Column] = field(default_factory=dict)
    numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    truths: dict[str, Truth] = field(default_factory=dict)
    unlike: dict[tuple[str, str], Unlike] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.left)

    def side(self, name: str) -> Column:
        """The column `x` of one side, for `x_l` or `x_r`, a value a pair."""
        found = self.sides.get(name)
        if found is None:
            column = self.table.get(name[:-2])
            if column is None or name[-2:] not in ("_l", "_r"):
                raise unknown(f"the column {name}")
            found = self.sides[name] = _taken(column, self.left if name.endswith("_l") else self.right)
        return found


def truth(condition: str, pairs: Pairs) -> NDArray[np.bool_]:
    """(N,) whether the condition is true of each pair. Raises BadInput for SQL that no comparison level needs."""
    return _compiled(condition)(pairs)[0]


@lru_cache(maxsize=1024)
def _compiled(condition: str) -> Callable[[Pairs], Truth]:
    return _truth(parsed(condition))


def _taken(column: Column, rows: Rows) -> Column:
    if isinstance(column, Number):
        return Number(column.numbers[rows])
    return type(column)(column.codes[rows], column.values)


def _truth(tree: exp.Expr, *, negated: bool = False) -> Callable[[Pairs], Truth]:
    """A condition as a function of pairs, so that its SQL is read once only.

    What is not `negated` is asked only of which pairs it is true: then nobody works out where it is false, nor the rest
    of a lost case.
    """
    if isinstance(tree, exp.Paren):
        return _once(tree, _truth(tree.this, negated=negated), negated=negated)
    if isinstance(tree, exp.Not):
        inner = _truth(tree.this, negated=True)
        return lambda pairs: inner(pairs)[::-1]
    if isinstance(tree, exp.And | exp.Or):
        one, two = (_truth(side, negated=negated) for side in (tree.this, tree.expression))
        if isinstance(tree, exp.And) and not negated:
            return _while_any(one, two)
        return _both(one, two, every=isinstance(tree, exp.And))
    if isinstance(tree, exp.Boolean):
        said = bool(tree.this)
        return lambda pairs: (np.full(len(pairs), said), np.full(len(pairs), not said))
    if isinstance(tree, exp.Is) and isinstance(tree.expression, exp.Null) and isinstance(tree.this, exp.Column):
        name = tree.this.name
        return _once(tree, lambda pairs: (missing := _missing(pairs.side(name)), ~missing), negated=negated)
    if isinstance(tree, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        return _once(tree, _compared(tree, negated=negated), negated=negated)
    raise unknown(type(tree).__name__)


def _once(tree: exp.Expr, work: Callable[[Pairs], Truth], *, negated: bool) -> Callable[[Pairs], Truth]:
    """The same, worked out once for all levels that ask for it: of what they ask more than half is asked again."""
    key = tree.sql() if negated else f"true: {tree.sql()}"

    def known(pairs: Pairs) -> Truth:
        found = pairs.truths.get(key)
        if found is None:
            found = pairs.truths[key] = work(pairs)
        return found

    return known


def _while_any(one: Callable[[Pairs], Truth], two: Callable[[Pairs], Truth]) -> Callable[[Pairs], Truth]:
    """Of which pairs both are true; the second is not asked where the first is true of none."""

    def joined(pairs: Pairs) -> Truth:
        true, false = one(pairs)
        if not true.any():
            return true, false
        return true & two(pairs)[0], false

    return joined


def _both(one: Callable[[Pairs], Truth], two: Callable[[Pairs], Truth], *, every: bool) -> Callable[[Pairs], Truth]:
    def joined(pairs: Pairs) -> Truth:
        (true, false), (also_true, also_false) = one(pairs), two(pairs)
        if every:
            return true & also_true, false | also_false
        return true | also_true, false & also_false

    return joined


def _missing(column: Column) -> NDArray[np.bool_]:
    if isinstance(column, Number):
        return np.equal(column.numbers, MISSING)
    return np.less(_wide(column.codes)[:, 0], 0)


Way = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.bool_]]


def _unequal(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.less(left, right) | np.greater(left, right)
    return found


# where a comparison is true, and where it is false; where a side is not known (NaN) it is neither
_NUMERIC: dict[type[exp.Expr], tuple[Way, Way]] = {
    exp.EQ: (np.equal, _unequal),
    exp.NEQ: (_unequal, np.equal),
    exp.GT: (np.greater, np.less_equal),
    exp.GTE: (np.greater_equal, np.less),
    exp.LT: (np.less, np.greater_equal),
    exp.LTE: (np.less_equal, np.greater),
}


def _compared(tree: exp.Expr, *, negated: bool) -> Callable[[Pairs], Truth]:
    if isinstance(tree, exp.EQ | exp.NEQ):
        return _same(tree, wanted=isinstance(tree, exp.EQ), negated=negated)
    return _ordered(tree, negated=negated)


def _same(tree: exp.Expr, *, wanted: bool, negated: bool) -> Callable[[Pairs], Truth]:
    sides = (tree.this, tree.expression)
    if not all(isinstance(side, exp.Column | exp.Substring) or side.is_string for side in sides):
        return _ordered(tree, negated=negated)
    one, two = map(_text, sides)
    # only the table says whether two columns are numbers
    numbers = _ordered(tree, negated=negated) if all(isinstance(side, exp.Column) for side in sides) else None

    def same(pairs: Pairs) -> Truth:
        left, right = one(pairs), two(pairs)
        if numbers and (isinstance(left, Number) or isinstance(right, Number)):
            return numbers(pairs)
        left, right = _as_text(left), _as_text(right)
        equal = _equal(left, right)
        if wanted and not negated:
            return equal, equal
        unequal = (left.codes >= 0) & (right.codes >= 0) & ~equal
        return (equal, unequal) if wanted else (unequal, equal)

    return same


def _ordered(tree: exp.Expr, *, negated: bool) -> Callable[[Pairs], Truth]:
    (way, other), one, two = _NUMERIC[type(tree)], _number(tree.this), _number(tree.expression)

    def ordered(pairs: Pairs) -> Truth:
        left, right = one(pairs), two(pairs)
        true = way(left, right)
        return true, other(left, right) if negated else true

    return ordered


def _equal(left: Text, right: Text) -> NDArray[np.bool_]:
    """Where two texts are known and equal."""
    codes = right.codes if left.values is right.values else right.values.into(left.values)[right.codes]
    found: NDArray[np.bool_] = (left.codes == codes) & (left.codes >= 0)
    return found


def _text(tree: exp.Expr) -> Callable[[Pairs], Column]:
    if isinstance(tree, exp.Column):
        name = tree.name
        return lambda pairs: pairs.side(name)
    if isinstance(tree, exp.Literal):
        text = tree.name
        return lambda pairs: Text(np.zeros(len(pairs), np.int32), Values([text]))
    if isinstance(tree, exp.Substring):
        whole, start, length = _text(tree.this), int(tree.args["start"].name) - 1, int(tree.args["length"].name)
        return lambda pairs: _mapped(_as_text(whole(pairs)), lambda value: value[start : start + length])
    raise unknown(type(tree).__name__)


def _as_text(column: Column) -> Text:
    if not isinstance(column, Text):
        raise unknown("a text where there is none")
    return column


def _mapped(text: Text, way: Callable[[str], str]) -> Text:
    places: dict[str, int] = {}
    table = np.array([*(places.setdefault(way(value), len(places)) for value in text.values), -1], np.int32)
    return Text(table[text.codes], Values(places))


def _number(tree: exp.Expr) -> Callable[[Pairs], NDArray[np.float64]]:
    """(N,) float64, NaN where it cannot be said; worked out once for all levels."""
    key, work = f"# {tree.sql()}", _worked_out(tree)

    def number(pairs: Pairs) -> NDArray[np.float64]:
        found = pairs.numbers.get(key)
        if found is None:
            found = pairs.numbers[key] = work(pairs)
        return found

    return number


def _worked_out(tree: exp.Expr) -> Callable[[Pairs], NDArray[np.float64]]:
    if isinstance(tree, exp.Paren):
        return _number(tree.this)
    if isinstance(tree, exp.Literal):
        value = float(tree.name) if not tree.is_string else float("nan")
        return lambda pairs: np.full(len(pairs), value)
    if isinstance(tree, exp.Abs):
        inner = _number(tree.this)
        return lambda pairs: np.abs(inner(pairs))
    if isinstance(tree, exp.Sub):
        one, two = _number(tree.this), _number(tree.expression)
        return lambda pairs: one(pairs) - two(pairs)
    if isinstance(tree, exp.Column):
        name = tree.name
        return lambda pairs: _float(pairs.side(name), name)
    if isinstance(tree, exp.ArraySize):
        return _shared(tree)
    return _measured(tree)


def _measured(tree: exp.Expr) -> Callable[[Pairs], NDArray[np.float64]]:
    name, *two = measure_of(tree)
    left, right = map(_text, two)
    key = two[0].sql(), two[1].sql()

    def measured(pairs: Pairs) -> NDArray[np.float64]:
        if key not in pairs.unlike:
            pairs.unlike[key] = _unlike(_as_text(left(pairs)), _as_text(right(pairs)))
        return _similar(name, pairs.unlike[key])

    return measured


def _float(column: Column, name: str) -> NDArray[np.float64]:
    if isinstance(column, Number):
        numbers = column.numbers.astype(np.float64)
        numbers[column.numbers == MISSING] = np.nan
        return numbers
    # a column in which no record has a value
    if not len(column.values):
        return np.full(len(column.codes), np.nan)
    raise unknown(f"a number in {name}")


def _unlike(left: Text, right: Text) -> Unlike:
    """Worked out once for all measures of two columns."""
    equal = _equal(left, right)
    other = np.flatnonzero((left.codes >= 0) & (right.codes >= 0) & ~equal)
    keys = left.codes[other].astype(np.int64) * len(right.values) + right.codes[other]
    keys, back = np.unique(keys, return_inverse=True)
    ones = [left.values[code] for code in keys // max(1, len(right.values))]
    others = [right.values[code] for code in keys % max(1, len(right.values))]
    return Unlike(equal, other, ones, others, back)


def _similar(name: str, unlike: Unlike) -> NDArray[np.float64]:
    """A measure of each pair of texts, worked out once for each two different texts."""
    measure, same = SIMILAR[name]
    result = np.full(len(unlike.equal), np.nan)
    result[unlike.equal] = same
    workers = -1 if len(unlike.ones) > 20_000 else 1
    found = process.cpdist(unlike.ones, unlike.others, scorer=measure, dtype=np.float64, workers=workers)
    result[unlike.rows] = found[unlike.back]
    return result


def _shared(tree: exp.ArraySize) -> Callable[[Pairs], NDArray[np.float64]]:
    """How many different texts two lists share; NaN where one of them is empty."""
    left, right = (column.name for column in lists_of(tree))
    return lambda pairs: _in_common(pairs.side(left), pairs.side(right))


def _in_common(left: Column, right: Column) -> NDArray[np.float64]:
    if isinstance(left, Number) or isinstance(right, Number):
        raise unknown("an intersection of what is no list")
    mine, codes = _wide(left.codes), _wide(right.codes)
    if left.values is not right.values:
        codes = right.values.into(left.values)[codes]
    found = np.full(len(mine), np.nan)
    told = np.flatnonzero((mine[:, 0] >= 0) & (codes[:, 0] != -1))
    mine, codes = mine[told], codes[told]
    count = np.zeros(len(told))
    for place in range(mine.shape[1]):
        rows = np.flatnonzero(mine[:, place] >= 0)  # most lists are short
        if not len(rows):
            break
        one = mine[rows, place, None]
        repeated = (mine[rows, :place] == one).any(1)
        count[rows] += ~repeated & (codes[rows] == one).any(1)
    found[told] = count
    return found


def _wide(codes: Codes) -> Codes:
    return codes if codes.ndim == 2 else codes[:, None]
