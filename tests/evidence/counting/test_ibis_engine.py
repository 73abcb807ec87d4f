"""The query engine packs combinations into words and unpacks the same numbers."""

from __future__ import annotations

from pathlib import Path

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting import all_marginals, ibis_engine


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 1 << 40), st.integers(1, 4), st.data())
def test_packed_numbers_are_unpacked_unchanged(base: int, order: int, data: st.DataObject) -> None:
    per_word = max(1, ibis_engine.BITS // base.bit_length())
    rows = data.draw(
        st.lists(st.lists(st.integers(0, base - 1), min_size=order, max_size=order), min_size=1, max_size=5)
    )
    words = []
    for first in range(0, order, per_word):
        packed = [0] * len(rows)
        for depth in range(first, min(order, first + per_word)):
            packed = [number * base + row[depth] for number, row in zip(packed, rows, strict=True)]
        words.append(np.array(packed, dtype=np.int64))  # fits into 62 bits, else this raises
    assert ibis_engine._unpacked(words, base, order).tolist() == rows


@pytest.mark.parametrize("bits", [8, 12, 62])
def test_combinations_that_need_several_words_are_counted_alike(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ibis_engine, "BITS", bits)
    frame = pl.DataFrame({"a": ["x", "y", "x"], "b": ["p", None, "q"], "m": [["u", "v"], ["v"], None], "c": ["1"] * 3})
    assert all_marginals(ibis.memtable(frame), 4) == all_marginals(frame, 4)


def test_many_values_are_looked_up_by_a_join_with_the_same_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.DataFrame({"a": [f"v{number % 7}" for number in range(20)] + [None], "b": ["x", "y", None] * 7})
    expected = all_marginals(frame, 2)
    for few in (0, 6, 7):
        monkeypatch.setattr(ibis_engine, "FEW", few)
        assert all_marginals(ibis.memtable(frame), 2) == expected


def test_blanks_around_a_value_of_a_list_are_removed_and_no_others() -> None:
    frame = pl.DataFrame({"s": [" k ;\tl\n;;m m", "k", " ", None]})
    marginals = all_marginals(ibis.memtable(frame), 1, multi=["s"])
    assert marginals.values == {"s": ["k", "l", "m m"]}
    assert (marginals["s"].tolist(), marginals.not_reported("s")) == ([2, 1, 1], 2)


def test_a_column_without_a_value_takes_no_number() -> None:
    frame = pl.DataFrame({"a": [None, ""], "b": ["x", "x"]}, schema={"a": pl.String, "b": pl.String})
    marginals = all_marginals(ibis.memtable(frame), 2)
    assert marginals.values == {"a": [], "b": ["x"]}
    assert (marginals.cells.tolist(), marginals.hits.tolist()) == ([0], [2])


def test_a_column_of_fractions_is_refused() -> None:
    with pytest.raises(BadInput, match="column a: holds neither text nor whole numbers, give its values as text"):
        all_marginals(ibis.memtable(pl.DataFrame({"a": [0.5]})), 1)


@pytest.mark.parametrize(("encoding", "named"), [("utf-16", ""), ("cp1251", "cp1251")])
def test_a_csv_in_another_encoding_is_counted_as_by_arrays(tmp_path: Path, encoding: str, named: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("пол;область\nж;Абай\nм;Абай\nж;\n".encode(encoding))
    by_arrays, by_ibis = (all_marginals(path, 2, engine=engine, encoding=named) for engine in ("arrays", "ibis"))
    assert (by_ibis.values, by_ibis.hits.tolist()) == (by_arrays.values, by_arrays.hits.tolist())
