"""Conditions of a model in Spark SQL, with the same result for every pair.

Splink's Spark backend computes similarities with a Java library that differs in four ways. A missing value gives 0 or
100 instead of NULL. Half transpositions count, where other implementations round them down. `jaro_sim` is 0 for two
equal letters. The size of a NULL list is -1 without ANSI mode. Where the result depends on it, Jaro similarity is
therefore written out in SQL.
"""

from __future__ import annotations

from math import ceil

import sqlglot
from sqlglot import exp

from kerege.linkage.matching.sql_terms import parse_condition

# HALF: half a transposition changes Jaro similarity by at most 1/18. Above 0.7, Jaro-Winkler adds 0.0245 to 0.03 for
# each of the first four letters in common (LETTER: the least of it). SLACK: both effects together.
HALF, SLACK, LETTER = 0.056, 0.18, 0.0244

# accumulator: the matched letters of {a}, and {b} with the character 7 in place of each matched letter
_JARO = """aggregate(
  sequence(1, length({a})), named_struct('found', '', 'rest', {b}),
  (t, i) -> CASE
    WHEN locate(substr({a}, i, 1), t.rest, greatest(1, i - {window})) BETWEEN 1 AND i + {window}
    THEN named_struct('found', concat(t.found, substr({a}, i, 1)), 'rest', overlay(
      t.rest PLACING char(7) FROM locate(substr({a}, i, 1), t.rest, greatest(1, i - {window})) FOR 1))
    ELSE t END,
  t -> CASE WHEN t.found = '' THEN 0D ELSE (
    length(t.found) / length({a}) + length(t.found) / length({b})
    + (length(t.found) - shiftright({moved}, 1)) / length(t.found)) / 3 END)"""
_WINDOW = "(shiftright(greatest(length({a}), length({b})), 1) - 1)"
_MOVED = """size(filter(zip_with(
  split(t.found, ''), filter(split({b}, ''), (c, i) -> substr(t.rest, i + 1, 1) = char(7)), (x, y) -> x <> y),
  d -> d))"""
_WINKLER = """array_max(transform(array({jaro}), j -> CASE WHEN j > 0.7D THEN j + (CASE
    WHEN substr({a}, 1, 1) <> substr({b}, 1, 1) THEN 0
    WHEN substr({a}, 1, 2) <> substr({b}, 1, 2) THEN 1
    WHEN substr({a}, 1, 3) <> substr({b}, 1, 3) THEN 2
    WHEN substr({a}, 1, 4) <> substr({b}, 1, 4) THEN 3
    ELSE 4 END) * 0.1D * (1 - j) ELSE j END))"""


def condition(text: str) -> str:
    """Return a condition of a model in the SQL that Splink's Spark backend runs."""
    tree = parse_condition(text).copy()
    # sqlglot counts AND and OR among the functions
    for call in [call for call in tree.find_all(exp.Func) if not isinstance(call, exp.Connector)]:
        sql = _write_spark_sql(call)
        if sql:
            call.replace(sqlglot.parse_one(sql, read="spark"))
    return tree.sql(dialect="spark")


def _write_spark_sql(call: exp.Func) -> str:
    """Return the Spark SQL for a similarity or an intersection; '' where Spark needs no replacement."""
    name = call.sql(dialect="duckdb").split("(")[0].lower()
    if isinstance(call, exp.ArraySize) and isinstance(call.this, exp.Anonymous):
        left, right = (side.sql(dialect="spark") for side in call.this.expressions)
        return _require_known(left, right, f"size(array_intersect({left}, {right}))")
    if name not in ("jaro_winkler_similarity", "jaro_winkler", "jaro_similarity", "damerau_levenshtein"):
        return ""
    sides = call.expressions if isinstance(call, exp.Anonymous) else (call.this, call.expression)
    left, right = (side.sql(dialect="spark") for side in sides)
    if name == "damerau_levenshtein":
        return _require_known(left, right, f"damerau_levenshtein({left}, {right})")
    if name == "jaro_similarity":
        equal = f"WHEN {left} = {right} THEN 1D WHEN {left} = '' OR {right} = '' THEN 0D"
        return _require_known(left, right, f"CASE {equal} ELSE {_write_jaro(left, right)} END")
    fast = f"jaro_winkler({left}, {right})"
    exact = _WINKLER.format(a=left, b=right, jaro=_write_jaro(left, right))
    return _require_known(
        left, right, f"CASE WHEN {_needs_exact(call, fast, left, right)} THEN {exact} ELSE {fast} END"
    )


def _require_known(left: str, right: str, value: str) -> str:
    return f"CASE WHEN {left} IS NOT NULL AND {right} IS NOT NULL THEN {value} END"


def _write_jaro(left: str, right: str) -> str:
    return _JARO.format(a=left, b=right, window=_WINDOW.format(a=left, b=right), moved=_MOVED.format(b=right))


def _needs_exact(call: exp.Func, fast: str, left: str, right: str) -> str:
    """Return the condition under which the exact similarity can change the outcome of the comparison."""
    comparison = call.parent
    if not (
        isinstance(comparison, exp.GTE) and comparison.this is call and isinstance(comparison.expression, exp.Literal)
    ):
        return f"{fast} > 0D AND {fast} < 1D"
    least = float(comparison.expression.name)
    is_near = f"{fast} > {max(0.0, least - HALF):g}D"
    prefix = least_prefix(least)
    if prefix <= 4:
        same_prefix = f"substr({left}, 1, {prefix}) = substr({right}, 1, {prefix})"
        is_near = f"({is_near} OR {fast} > {max(0.0, least - SLACK):g}D AND {same_prefix})"
    return f"{is_near} AND {fast} < {least:g}D"


def least_prefix(least: float) -> int:
    """Return the least common prefix with which half a transposition matters below 0.7.

    With that many equal first letters it can lift a similarity from below 0.7 to `least`.
    """
    return max(0, ceil((least - 0.7 - HALF) / LETTER))
