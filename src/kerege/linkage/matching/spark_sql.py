"""The conditions of a model in Spark's SQL, saying the same of every pair.

Splink's Spark backend measures texts with a library of Java functions that differ in four things: what is not known
counts as 0 or 100 instead of as unknown; half a change of places is counted, where others round it down; `jaro_sim`
is 0 for two equal letters; and the size of no list is -1 unless Spark keeps to ANSI. Where it matters, Jaro's measure
is therefore written out in SQL.
"""

from __future__ import annotations

from math import ceil

import sqlglot
from sqlglot import exp

from kerege.linkage.matching.sql_terms import parsed

# Half a change of places is worth 1/18 at most. What it moves over 0.7 is given more for the letters with which both
# texts begin: 0.0245 to 0.03 for each of four.
HALF, SLACK, LETTER = 0.056, 0.18, 0.0244

# the letters found so far, and the other text with a bell for each letter that was taken
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
    """A condition of a model, in the SQL that Splink's Spark backend runs."""
    tree = parsed(text).copy()
    # AND and OR are functions to sqlglot
    for call in [each for each in tree.find_all(exp.Func) if not isinstance(each, exp.Connector)]:
        written = _written(call)
        if written:
            call.replace(sqlglot.parse_one(written, read="spark"))
    return tree.sql(dialect="spark")


def _written(call: exp.Func) -> str:
    """What stands in Spark for a measure of two texts or lists; nothing for what Spark calls and does alike."""
    name = call.sql(dialect="duckdb").split("(")[0].lower()
    if isinstance(call, exp.ArraySize) and isinstance(call.this, exp.Anonymous):
        one, two = (side.sql(dialect="spark") for side in call.this.expressions)
        return _known(one, two, f"size(array_intersect({one}, {two}))")
    if name not in ("jaro_winkler_similarity", "jaro_winkler", "jaro_similarity", "damerau_levenshtein"):
        return ""
    sides = call.expressions if isinstance(call, exp.Anonymous) else (call.this, call.expression)
    one, two = (side.sql(dialect="spark") for side in sides)
    if name == "damerau_levenshtein":
        return _known(one, two, f"damerau_levenshtein({one}, {two})")
    if name == "jaro_similarity":
        equal = f"WHEN {one} = {two} THEN 1D WHEN {one} = '' OR {two} = '' THEN 0D"
        return _known(one, two, f"CASE {equal} ELSE {_jaro(one, two)} END")
    fast = f"jaro_winkler({one}, {two})"
    exact = _WINKLER.format(a=one, b=two, jaro=_jaro(one, two))
    return _known(one, two, f"CASE WHEN {_doubtful(call, fast, one, two)} THEN {exact} ELSE {fast} END")


def _known(one: str, two: str, value: str) -> str:
    return f"CASE WHEN {one} IS NOT NULL AND {two} IS NOT NULL THEN {value} END"


def _jaro(one: str, two: str) -> str:
    return _JARO.format(a=one, b=two, window=_WINDOW.format(a=one, b=two), moved=_MOVED.format(b=two))


def _doubtful(call: exp.Func, fast: str, one: str, two: str) -> str:
    """Of which results of the fast measure the exact one may change what the comparison says."""
    above = call.parent
    if not (isinstance(above, exp.GTE) and above.this is call and isinstance(above.expression, exp.Literal)):
        return f"{fast} > 0D AND {fast} < 1D"
    least = float(above.expression.name)
    near = f"{fast} > {max(0.0, least - HALF):g}D"
    letters = begun(least)
    if letters <= 4:
        begin = f"substr({one}, 1, {letters}) = substr({two}, 1, {letters})"
        near = f"({near} OR {fast} > {max(0.0, least - SLACK):g}D AND {begin})"
    return f"{near} AND {fast} < {least:g}D"


def begun(least: float) -> int:
    """With how many equal letters two texts begin that half a change of places lifts from under 0.7 to `least`."""
    return max(0, ceil((least - 0.7 - HALF) / LETTER))
