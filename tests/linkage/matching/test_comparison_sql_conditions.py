"""Conditions about missing values follow the truth tables of three-valued logic."""

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from rapidfuzz.distance import Jaro, JaroWinkler, Levenshtein

from kerege.linkage.matching.column_store import of_frame
from kerege.linkage.matching.comparison_sql import RecordPairs, evaluate_condition
from kerege.linkage.matching.pair_scorer import compile_condition

# a condition is true, false or None (unknown)
Three = bool | None
Row = dict[str, Any]
NUMBERS = (None, 1, 2, 3)
TEXTS = (None, "ab", "abc", "b")


def all_of(first: Three, second: Three) -> Three:
    """Return AND: false if one is false, else unknown if one is unknown."""
    if first is False or second is False:
        return False
    return None if first is None or second is None else True


def opposite(value: Three) -> Three:
    return None if value is None else not value


def any_of(first: Three, second: Three) -> Three:
    """Return OR by the rule of De Morgan."""
    return opposite(all_of(opposite(first), opposite(second)))


def compared(sign: Callable[[Any, Any], bool], left: Any, right: Any) -> Three:
    return None if left is None or right is None else sign(left, right)


SIGNS = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
ROWS = [
    {"n_l": n, "n_r": m, "t_l": t, "t_r": s}
    for (n, m), (t, s) in zip(product(NUMBERS, NUMBERS), product(TEXTS, TEXTS), strict=True)
]


def check(condition: str, expected: Callable[[Row], Three]) -> None:
    """Compare both evaluations of a condition with the expected truth of each row."""
    expected_rows = [expected(row) is True for row in ROWS]
    frame = pl.DataFrame(
        {
            "n": [row["n_l"] for row in ROWS] + [row["n_r"] for row in ROWS],
            "t": [row["t_l"] for row in ROWS] + [row["t_r"] for row in ROWS],
        }
    )
    size = len(ROWS)
    pairs = RecordPairs(of_frame(frame), np.arange(size), np.arange(size, 2 * size))
    assert evaluate_condition(condition, pairs).tolist() == expected_rows, condition
    assert [compile_condition(condition)(dict(row)) for row in ROWS] == expected_rows, condition


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("side", ["n", "t"])
def test_a_comparison_with_a_missing_value_is_neither_true_nor_false(sign: str, side: str) -> None:
    if side == "t" and sign not in {"=", "<>"}:
        return
    left, right = f"{side}_l", f"{side}_r"
    check(f"{left} {sign} {right}", lambda row: compared(SIGNS[sign], row[left], row[right]))
    check(f"NOT ({left} {sign} {right})", lambda row: opposite(compared(SIGNS[sign], row[left], row[right])))


@pytest.mark.parametrize("sign", SIGNS)
def test_a_number_is_compared_with_a_constant(sign: str) -> None:
    check(f"n_l {sign} 2", lambda row: compared(SIGNS[sign], row["n_l"], 2))
    check(f"NOT n_l {sign} 2", lambda row: opposite(compared(SIGNS[sign], row["n_l"], 2)))
    check(f"n_l - n_r {sign} 1", lambda row: compared(SIGNS[sign], difference(row), 1))
    check(f"abs(n_l - n_r) {sign} 1", lambda row: compared(SIGNS[sign], difference(row, absolute=True), 1))


def difference(row: Row, *, absolute: bool = False) -> int | None:
    if row["n_l"] is None or row["n_r"] is None:
        return None
    return abs(row["n_l"] - row["n_r"]) if absolute else row["n_l"] - row["n_r"]


FIRST: tuple[str, Callable[[Row], Three]] = ("n_l < n_r", lambda row: compared(operator.lt, row["n_l"], row["n_r"]))
SECOND: tuple[str, Callable[[Row], Three]] = ("t_l = 'ab'", lambda row: compared(operator.eq, row["t_l"], "ab"))
MISSING: tuple[str, Callable[[Row], Three]] = ("t_r IS NULL", lambda row: row["t_r"] is None)
KNOWN: tuple[str, Callable[[Row], Three]] = ("NOT (n_r IS NULL)", lambda row: row["n_r"] is not None)
ALWAYS: tuple[str, Callable[[Row], Three]] = ("TRUE", lambda _row: True)
NEVER: tuple[str, Callable[[Row], Three]] = ("FALSE", lambda _row: False)
PARTS = (FIRST, SECOND, MISSING, KNOWN, ALWAYS, NEVER)


@pytest.mark.parametrize("one", range(len(PARTS)))
@pytest.mark.parametrize("other", range(len(PARTS)))
@pytest.mark.parametrize(("word", "join"), [("AND", all_of), ("OR", any_of)])
def test_and_or_and_not_follow_their_truth_tables(
    one: int, other: int, word: str, join: Callable[[Three, Three], Three]
) -> None:
    (first, is_first), (second, is_second) = PARTS[one], PARTS[other]
    check(f"({first}) {word} ({second})", lambda row: join(is_first(row), is_second(row)))
    check(f"NOT (({first}) {word} ({second}))", lambda row: opposite(join(is_first(row), is_second(row))))
    check(f"NOT ({first}) {word} NOT ({second})", lambda row: join(opposite(is_first(row)), opposite(is_second(row))))


SIMILARITIES: dict[str, Callable[[str, str], float]] = {
    "jaro_similarity": Jaro.similarity,
    "jaro_winkler_similarity": JaroWinkler.similarity,
    "levenshtein": Levenshtein.distance,
}


@pytest.mark.parametrize("name", SIMILARITIES)
@pytest.mark.parametrize("sign", ["<", "<=", ">", ">=", "="])
def test_a_similarity_of_a_missing_text_is_unknown(name: str, sign: str) -> None:
    """The bounds are values that the texts of the table have, so that equality counts."""
    for bound in sorted({SIMILARITIES[name](one, other) for one, other in product(TEXTS[1:], TEXTS[1:])}):

        def similar(row: Row, bound: float = bound) -> Three:
            if row["t_l"] is None or row["t_r"] is None:
                return None
            return SIGNS[sign](SIMILARITIES[name](row["t_l"], row["t_r"]), bound)

        check(f"{name}(t_l, t_r) {sign} {bound!r}", similar)
        check(f"NOT ({name}(t_l, t_r) {sign} {bound!r})", lambda row: opposite(similar(row)))


@pytest.mark.parametrize(("start", "length"), [(1, 1), (1, 2), (2, 1), (2, 5)])
def test_a_part_of_a_text_begins_at_one(start: int, length: int) -> None:
    def part(text: str | None) -> str | None:
        return None if text is None else text[start - 1 : start - 1 + length]

    check(
        f"substr(t_l, {start}, {length}) = substr(t_r, {start}, {length})",
        lambda row: compared(operator.eq, part(row["t_l"]), part(row["t_r"])),
    )


def test_else_is_true_for_every_pair() -> None:
    assert compile_condition("ELSE")({})
    assert compile_condition("else")({})
