"""K-anonymous files: at least k people share each combination.

Nothing follows from an exact count.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.k_anonymity import assemble as module
from kerege.evidence.synthesis.k_anonymity import rounded_counts
from kerege.evidence.synthesis.k_anonymity.assemble import WARNING, k_anonymous

TYPES = {"a": pl.String, "b": pl.String, "n": pl.Int16, "t": pl.Boolean, "m": pl.List(pl.String), "s": pl.String}
ROW = st.fixed_dictionaries(
    {
        "a": st.sampled_from(["x", "x", "y", "", None]),
        "b": st.sampled_from(["p", "q", "q", "r", None]),
        "n": st.sampled_from([1, 1, 2, None]),
        "t": st.sampled_from([True, False, None]),
        "m": st.sampled_from([None, [], ["u"], ["v", "u"], ["v", None, "v", ""], ["w", "u", "v"]]),
        "s": st.sampled_from([None, "", "k", "l;k", " k ; k;;l", "o"]),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=60)
MULTI = frozenset({"s"})
Value = tuple[str, str]


def spoken(row: dict[str, Any]) -> set[Value]:
    """Return all values that a row reports, including several of one column."""
    row_values: set[Value] = set()
    for name, value in row.items():
        text = str(value).lower() if isinstance(value, bool) else value
        parts = (
            text if isinstance(text, list) else str("" if text is None else text).split(";") if name == "s" else [text]
        )
        row_values |= {(name, str(part).strip()) for part in parts if part is not None and str(part).strip()}
    return row_values


def counted(frame: pl.DataFrame, order: int) -> Counter[tuple[Value, ...]]:
    """Return the number of rows with each combination of up to `order` values, by a plain loop."""
    counts: Counter[tuple[Value, ...]] = Counter()
    for row in frame.iter_rows(named=True):
        row_values = sorted(spoken(row))
        counts.update(chain.from_iterable(combinations(row_values, length) for length in range(1, order + 1)))
    return counts


def rounded(frame: pl.DataFrame, k: int, order: int) -> dict[tuple[Value, ...], int]:
    """Return the rounded counts, the only data that a file may follow from."""
    counts = {combination: hits // k * k for combination, hits in counted(frame, order).items() if hits >= k}
    return counts | {(): frame.height // k * k}


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=TYPES)


def check(frame: pl.DataFrame, k: int, order: int, multi: frozenset[str] = frozenset()) -> module.Anonymous:
    """Check the whole guarantee against the plain loop; return the file."""
    result = k_anonymous(frame, k, order, multi=multi)
    allowed = rounded(frame, k, order)
    shown = counted(result.frame, order)
    assert set(shown) <= set(allowed)
    assert result.frame.height == result.rows == allowed[()]
    assert result.frame.columns == frame.columns
    for combination, hits in allowed.items():
        if len(combination) == 1:
            assert shown[combination] <= hits
    lengths = range(1, len(result.allowed) + 1)
    assert result.allowed == tuple(sum(len(combination) == length for combination in allowed) for length in lengths)
    assert result.shown == tuple(sum(len(combination) == length for combination in shown) for length in lengths)
    totals = sum(hits for combination, hits in allowed.items() if len(combination) == 1)
    assert result.left_out == totals - sum(hits for combination, hits in shown.items() if len(combination) == 1)
    assert result.longest == max((len(spoken(row)) for row in result.frame.iter_rows(named=True)), default=0)
    assert set(result.silent) == set(frame.columns) - {name for combination in allowed for name, _value in combination}
    return result


@settings(max_examples=60, deadline=None)
@given(ROWS, st.integers(2, 6), st.integers(1, 4))
def test_each_combination_of_a_record_is_shared_by_k_people(rows: list[dict[str, Any]], k: int, order: int) -> None:
    check(table(rows * (1 if len(rows) >= k else k)), k, order, MULTI)


@settings(max_examples=60, deadline=None)
@given(ROWS, ROW, st.integers(2, 5), st.integers(1, 3))
def test_a_person_who_changes_no_rounded_count_changes_nothing(
    rows: list[dict[str, Any]], person: dict[str, Any], k: int, order: int
) -> None:
    rows = rows * (1 if len(rows) >= k else k)
    without, within = table(rows), table([person, *rows])
    if rounded(without, k, order) == rounded(within, k, order):
        one, other = (k_anonymous(frame, k, order, multi=MULTI) for frame in (without, within))
        assert one.frame.equals(other.frame)
        assert one.as_dict() == other.as_dict()


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_order_of_the_rows_and_a_person_of_rare_values_change_nothing(order: int) -> None:
    random = np.random.default_rng(1)
    rows = [
        {
            "a": "xyz"[random.integers(3)],
            "b": "pq"[random.integers(2)],
            "n": None,
            "t": bool(random.integers(2)),
            "m": ["u", "v"][: random.integers(3)],
            "s": None,
        }
        for _ in range(201)
    ]
    rare = {"a": "only", "b": "hers", "n": 7, "t": None, "m": ["alone"], "s": "none;else"}
    plain = k_anonymous(table(rows), 5, order, multi=MULTI)
    assert plain.frame.equals(k_anonymous(table([rare, *rows[::-1]]), 5, order, multi=MULTI).frame)
    assert not plain.frame.equals(k_anonymous(table(rows), 5, order, multi=MULTI, seed=1).frame)
    assert plain.frame.equals(k_anonymous(table(rows), 5, order, multi=MULTI, seed=0).frame)


def test_a_record_is_not_taken_whole_when_one_of_its_combinations_is_rare() -> None:
    usual = [{"a": "x", "b": "p"}] * 50 + [{"a": "y", "b": "q"}] * 50
    result = check(pl.DataFrame([*usual, {"a": "x", "b": "q"}]), 3, 2)
    assert {"a": "x", "b": "q"} not in result.frame.to_dicts()
    assert Counter(result.frame.rows())["x", "p"] == Counter(result.frame.rows())["y", "q"] == 48
    assert result.frame.height == 99


def test_two_values_of_one_column_are_a_combination_here() -> None:
    rows = [["u"]] * 30 + [["v"]] * 30 + [["u", "v"]] * 4
    assert check(pl.DataFrame({"m": rows}), 5, 2).frame["m"].list.len().max() == 1
    assert check(pl.DataFrame({"m": rows}), 4, 2).frame["m"].list.len().max() == 2
    text = pl.DataFrame({"s": [";".join(values) for values in rows]})
    assert set(check(text, 5, 2, MULTI).frame["s"]) <= {"u", "v", None}
    assert "u;v" in set(check(text, 4, 2, MULTI).frame["s"])
    assert k_anonymous(text, 4, 2, multi=MULTI).frame.schema == {"s": pl.String}


def test_totals_are_met_where_records_have_room_and_combinations_come_near() -> None:
    random = np.random.default_rng(3)
    kind = random.integers(0, 3, 4_000)
    frame = pl.DataFrame(
        {
            name: [
                None if random.random() < 0.3 else f"{(number * 2 + shift + random.integers(2)) % 6}" for number in kind
            ]
            for shift, name in enumerate("abcdef")
        }
    )
    result = check(frame, 10, 3)
    true, made = counted(frame, 3), counted(result.frame, 3)
    for length, most in ((1, 10.0), (2, 9.0), (3, 9.0)):
        errors = [
            abs(made[combination] - hits)
            for combination, hits in true.items()
            if len(combination) == length and hits >= 10
        ]
        assert sum(errors) / len(errors) < most
    assert sum(one >= two for one, two in zip(result.shown, result.allowed, strict=True)) >= 1


@pytest.mark.parametrize("order", [1, 3])
def test_small_and_odd_tables(order: int) -> None:
    one = pl.DataFrame({"a": ["x"], "b": ["y"]})
    with pytest.raises(BadInput, match="more than the 1 record"):
        k_anonymous(one, 2, order)
    assert check(pl.DataFrame({"a": ["x", "x", "y", None, ""]}), 2, order).frame["a"].to_list().count("x") == 2
    for silent in (pl.String, pl.Null, pl.List(pl.String), pl.Int64):
        result = check(pl.DataFrame({"a": [None] * 9, "b": [None] * 9}, schema={"a": silent, "b": pl.String}), 4, order)
        assert (result.frame.height, result.longest, result.silent) == (8, 0, ("a", "b"))
    assert check(pl.DataFrame({"a": ["x"] * 7}), 7, order).frame["a"].to_list() == ["x"] * 7
    keyed = pl.DataFrame({"record_key": list(range(9)), "a": ["x"] * 9})
    assert k_anonymous(keyed, 3, order).frame.columns == ["a"]


def test_a_column_of_5000_values() -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame(
        {
            "a": [f"v{number}" for number in random.integers(0, 5_000, 30_000)],
            "b": [f"w{number}" for number in random.integers(0, 3, 30_000)],
        }
    )
    result = check(frame, 4, 2)
    assert result.allowed[0] > 4_000
    unique = pl.DataFrame({"a": [f"v{number}" for number in range(5_000)], "b": ["x"] * 5_000})
    assert check(unique, 5, 3).silent == ("a",)


def test_200_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    frame = pl.DataFrame({f"c{number}": np.where(random.random(600) < 0.06, "1", "") for number in range(200)})
    assert sum(check(frame, 3, 3).shown) > 200
    dense = pl.DataFrame({f"c{number}": random.integers(0, 2, 60).astype(str) for number in range(200)})
    check(dense, 20, 2)
    monkeypatch.setattr(rounded_counts, "MOST_COMBINATIONS", 1_000)
    with pytest.raises(BadInput, match="too many to hold in memory, take a lower order"):
        k_anonymous(dense, 2, 2)


@pytest.mark.parametrize(
    ("frame", "k", "order", "what"),
    [
        (pl.DataFrame({"a": ["x"] * 9}), 1, 2, "k = 1 would protect nobody"),
        (pl.DataFrame({"a": ["x"] * 9}), 0, 2, "k = 0 would protect nobody"),
        (pl.DataFrame({"a": ["x"] * 9}), 3, 0, "no combinations of 0 values"),
        (pl.DataFrame({"a": ["x"] * 9}), 10, 2, "k = 10 is more than the 9 records"),
        (pl.DataFrame({"a": []}, schema={"a": pl.String}), 2, 2, "there are no records"),
        (pl.DataFrame({"a": [1.5] * 9}), 2, 2, "neither text nor whole numbers"),
        (pl.DataFrame({"record_key": [1] * 9}), 2, 2, "no column to count"),
    ],
)
def test_bad_input_is_one_clear_sentence(frame: pl.DataFrame, k: int, order: int, what: str) -> None:
    with pytest.raises(BadInput, match=what) as caught:
        k_anonymous(frame, k, order)
    assert len(str(caught.value).splitlines()) == 1
    with pytest.raises(BadInput, match="there is no such column"):
        k_anonymous(pl.DataFrame({"a": ["x"] * 9}), 2, 2, multi=frozenset({"z"}))


def test_a_file_that_breaks_the_guarantee_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The finished records are counted once more, whatever the kernels do."""

    def broken(aims: rounded_counts.RoundedCounts, seed: int) -> tuple[Any, Any, int]:
        records = np.array([[0, 3]] * aims.rows, dtype=np.int32)  # x and q
        return records, np.full(aims.rows, 2), 0

    monkeypatch.setattr(module, "_assemble", broken)
    with pytest.raises(RuntimeError, match="too few people"):
        k_anonymous(pl.DataFrame({"a": ["x"] * 50 + ["y"] * 50, "b": ["p"] * 50 + ["q"] * 50}), 3, 2)


def test_the_certificate_warns() -> None:
    facts = k_anonymous(pl.DataFrame({"a": ["x"] * 9}), 2, 2).as_dict()
    assert facts["notes"][-1] == WARNING
    assert "frame" not in facts
    for word in ("one release only", "two such files", "group"):
        assert word in WARNING
