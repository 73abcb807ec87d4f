"""Counts equal those of a plain loop over the rows; a person counts once in each of several values."""

from __future__ import annotations

import tempfile
from collections import Counter
from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import cells_from_csv, tabulate, to_csv
from tests.evidence import made

ROW = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["x", "y", ""]),
        "b": st.sampled_from(["p", "q", "r", ""]),
        "m": st.sampled_from(["", "u", "v", "u;v", "v;u;u", "w"]),
    }
)


def naive(rows: list[dict[str, str]], by: tuple[str, ...]) -> Counter[tuple[str, ...]]:
    counts: Counter[tuple[str, ...]] = Counter()
    for row in rows:
        choices = [{"_T", *(set(row[name].split(";")) if row[name] else {"_U"})} for name in by]
        counts.update(product(*choices))
    return counts


@settings(max_examples=60, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=40), st.permutations(["a", "b", "m"]), st.integers(0, 3))
def test_counts_are_those_of_a_plain_loop(rows: list[dict[str, str]], order: list[str], size: int) -> None:
    by = tuple(order[:size])
    with tempfile.TemporaryDirectory() as folder:
        table = tabulate(made.snapshot(Path(folder), rows, multi=["m"]), by)
    expected = naive(rows, by)
    assert {key: cell.count for key, cell in table.cells.items() if cell.count} == dict(expected)
    assert cells_from_csv(to_csv(table)) == table.cells


@settings(max_examples=30, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=40), st.sampled_from([("a", "x"), ("m", "u"), ("m", "_U"), ("b", "_U")]))
def test_a_filter_keeps_the_rows_with_the_value(rows: list[dict[str, str]], condition: tuple[str, str]) -> None:
    column, value = condition
    kept = [row for row in rows if value in (row[column].split(";") if row[column] else ["_U"])]
    rows.append({"a": "x", "b": "p", "m": "u"} | ({column: ""} if value == "_U" else {column: value}))
    kept.append(rows[-1])
    with tempfile.TemporaryDirectory() as folder:
        table = tabulate(made.snapshot(Path(folder), rows, multi=["m"]), ["a"], {column: [value]})
    assert {key: cell.count for key, cell in table.cells.items() if cell.count} == dict(naive(kept, ("a",)))


def test_multi_valued_counts_never_exceed_their_total(tmp_path: Path) -> None:
    rows = [{"m": value} for value in ("u;v", "u", "", "v;w;u")]
    cells = tabulate(made.snapshot(tmp_path, rows, multi=["m"]), ["m"]).cells
    assert {key[0]: cell.count for key, cell in cells.items()} == {"_T": 4, "u": 3, "v": 2, "w": 1, "_U": 1}
