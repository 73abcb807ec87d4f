"""Blocking: each candidate pair once; index keys give the same pairs."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.linkage.matching import blocking
from kerege.linkage.matching.column_store import of_frame, with_empty
from kerege.linkage.matching.comparisons import BlockingRule
from kerege.linkage.matching.model_file import load_bundled_model

RULES = (BlockingRule(("d",), ("d",)), BlockingRule(("a", "n")), BlockingRule(("b",)), BlockingRule(("a", "d"), ("d",)))
MODEL = replace(load_bundled_model(), rules=RULES)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "a": st.sampled_from(["x", "y", None]),
            "b": st.sampled_from(["p", "q", "r", None]),
            "n": st.one_of(st.none(), st.integers(1, 3)),
            "d": st.one_of(st.none(), st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, max_size=3, unique=True)),
        }
    ),
    min_size=2,
    max_size=12,
)
TYPES = {"a": pl.String, "b": pl.String, "n": pl.Int64, "d": pl.List(pl.String)}


def meets(rule: BlockingRule, left: dict[str, object], right: dict[str, object]) -> bool:
    """Evaluate a rule directly: every column known and equal, or lists with a common element."""
    for column in rule.columns:
        first, second = left[column], right[column]
        if first is None or second is None:
            return False
        if column in rule.exploded:
            if not set(first) & set(second):  # type: ignore[call-overload]
                return False
        elif first != second:
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(rows=ROWS)
def test_every_candidate_pair_occurs_once(rows: list[dict[str, object]]) -> None:
    table = with_empty(of_frame(pl.DataFrame(rows, schema=TYPES)), TYPES)
    pairs = [
        pair for left, right in blocking.pairs(MODEL, table) for pair in zip(left.tolist(), right.tolist(), strict=True)
    ]
    expected = {
        (i, j) for i, j in combinations(range(len(rows)), 2) if any(meets(rule, rows[i], rows[j]) for rule in RULES)
    }
    assert len(pairs) == len(set(pairs))
    assert set(pairs) == expected


@settings(max_examples=150, deadline=None)
@given(rows=ROWS)
def test_two_records_share_an_index_key_if_they_are_a_candidate_pair(rows: list[dict[str, object]]) -> None:
    keys = [blocking.index_keys(MODEL, [row]) for row in rows]
    for i, j in combinations(range(len(rows)), 2):
        assert bool(keys[i] & keys[j]) == any(meets(rule, rows[i], rows[j]) for rule in RULES)


def test_the_rarest_keys_come_first_when_there_are_too_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocking, "PAIRS_AT_LEAST", 10)
    monkeypatch.setattr(blocking, "PAIRS_A_RECORD", 0)
    model = replace(load_bundled_model(), rules=(BlockingRule(("b",)),))
    frame = pl.DataFrame({"b": ["common"] * 40 + ["rare"] * 3})
    pairs = [pair for left, right in blocking.pairs(model, of_frame(frame)) for pair in zip(left, right, strict=True)]
    assert sorted(pairs) == [(40, 41), (40, 42), (41, 42)]
