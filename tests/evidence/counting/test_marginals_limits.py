"""Many values, large tables and unusable files: cells keep one number each, or one fault says why."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting import (
    all_marginals,
    counters,
    encoder,
    marginal_counts,
)
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import Snapshot
from tests.evidence import made
from tests.evidence.counting.plain_counts import as_counter


def test_a_snapshot_counts_multiple_values_but_no_record_key(tmp_path: Path) -> None:
    taken = made.snapshot(tmp_path, [{"a": "x", "m": "u;v"}, {"a": "x", "m": "v"}], multi=["m"])
    with_keys = Snapshot(taken.frame.with_columns(record_key=pl.Series([1, 2])), "records", "", True, "", taken.multi)
    marginals = all_marginals(with_keys, 2)
    assert marginals.columns == ["a", "m"]
    assert marginals[("a", "m")].tolist() == [[1, 2]]


def test_two_values_of_one_column_are_no_combination() -> None:
    marginals = all_marginals(pl.DataFrame({"m": [["u", "v"]]}), 3)
    assert marginals.order == 1
    assert as_counter(marginals) == {(("m", "u"),): 1, (("m", "v"),): 1}


@pytest.mark.parametrize("engine", ["arrays", "ibis"])
def test_a_column_may_have_more_values_than_two_bytes_hold(engine: str) -> None:
    rows = 70_000
    table = pl.DataFrame(
        {
            "big": [f"v{number}" for number in range(rows)],
            "far": [number * 1_000_003 for number in range(rows)],
            "small": [str(number % 3) for number in range(rows)],
        }
    )
    marginals = all_marginals(table, 3 if engine == "arrays" else 2, columns=["big", "small", "far"], engine=engine)
    assert marginals["small"].tolist() == [23_334, 23_333, 23_333]
    assert marginals["far"].sum() == len(marginals.values["far"]) == rows
    cells, hits = marginals.existing(("small", "big"))
    assert hits.tolist() == [1] * rows
    for small, big in cells[::997].tolist():
        assert int(marginals.values["big"][big][1:]) % 3 == int(marginals.values["small"][small])
    with pytest.raises(BadInput, match="4,900,000,000 cells"):
        marginals[("big", "far")]
    if engine == "arrays":
        assert marginals.existing(("big", "small", "far"))[1].sum() == rows


def test_hash_tables_grow() -> None:
    rng = np.random.default_rng(5)
    drawn = rng.integers(0, 40, (3_000, 6))
    table = pl.DataFrame({f"c{number}": drawn[:, number].astype(str) for number in range(6)})
    counter = counters.Counter(counters.Layout([40] * 6, 3, 0))
    counter.add(encoder.encode(table, {name: encoder.CodeBook() for name in table.columns}, Columns(table.columns)))
    assert len(counter.keys) > counters.FEWEST_PLACES
    assert counter.nonzero()[1].sum() == 3_000 * (6 + 15 + 20)
    assert len(counter.nonzero()[0]) == len(all_marginals(table, 3).cells)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.integers(1, 4))
def test_every_cell_has_a_unique_number(sizes: list[int], order: int) -> None:
    order = min(order, len(sizes))
    numbering = marginal_counts.Numbering(sizes, order)
    numbers: list[int] = []
    for length in range(1, order + 1):
        for chosen in combinations(range(len(sizes)), length):
            cells = np.array(list(product(*[range(sizes[column]) for column in chosen]))).reshape(-1, length)
            numbers += numbering.cells(np.tile(chosen, (len(cells), 1)), cells).tolist()
    assert sorted(numbers) == list(range(numbering.first[-1][-1]))


def test_an_empty_frame_and_an_unreported_column_have_no_combinations() -> None:
    for engine in ("arrays", "ibis"):
        empty = all_marginals(pl.DataFrame(schema={"a": pl.String, "m": pl.List(pl.String)}), 2, engine=engine)
        assert (empty.rows, empty.values, len(empty.cells)) == (0, {"a": [], "m": []}, 0)
        silent = all_marginals(pl.DataFrame({"a": ["", None], "b": ["x", "x"]}), 2, engine=engine)
        assert (silent.not_reported("a"), silent[("a", "b")].shape, silent["b"].tolist()) == (2, (0, 1), [2])


@pytest.mark.parametrize("engine", ["arrays", "ibis"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "holds no rows"),
        (b"a,b\n1\n", "give each row as many cells as the header"),
        (b"a,b\n1,2,3\n", "give each row as many cells as the header"),
        (b"PAR1 and no more", "as Parquet"),
        (b"a,a\n1,2\n", "two columns have this name"),
        (b"a,b\n\xff,2\n", "is not UTF-8"),
    ],
)
def test_an_unreadable_file_gives_one_fault(tmp_path: Path, engine: str, content: bytes, message: str) -> None:
    path = tmp_path / "rows"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message) as refused:
        all_marginals(path, 2, engine=engine)
    assert len(refused.value.faults) == 1
    assert str(refused.value).startswith(str(path))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"columns": ["a", "z"]}, "column z: there is no such column"),
        ({"columns": ["a", "a"]}, "named twice"),
        ({"columns": []}, "no column to count"),
        ({"multi": ["z"]}, "no such column"),
        ({"order": 0}, "no order 0"),
        ({"engine": "abacus"}, "no engine abacus"),
        ({"weights": [[1, 1, 1]]}, "weights are given for 1 lengths of combinations, not for 2"),
        ({"weights": [[1, 1], [1, 1, 1]]}, "combinations of 1: weights are given for rows of up to 1 values"),
        ({"weights": [[1, 1, 1], [1, 0.5, 1]]}, "combinations of 2: a weight is not a whole number from 0 to 128"),
        ({"weights": [[1, -1, 1], [1, 1, 1]]}, "not a whole number"),
        ({"weights": [[1, 129, 1], [1, 1, 1]]}, "not a whole number"),
        ({"weights": [[1, 1 << 70, 1], [1, 1, 1]], "engine": "ibis"}, "not a whole number"),
        ({"columns": ["weight"]}, "column weight: holds neither text nor whole numbers"),
        ({"columns": ["weight"], "engine": "ibis"}, "column weight: holds neither text nor whole numbers"),
    ],
)
def test_invalid_arguments_are_refused(arguments: dict[str, Any], message: str) -> None:
    table = pl.DataFrame({"a": ["x"], "b": ["y"], "weight": [0.5]})
    with pytest.raises(BadInput, match=message):
        all_marginals(table, **{"order": 2, "columns": ["a", "b"], **arguments})


def test_a_table_of_another_engine_is_counted_there() -> None:
    table = ibis.memtable(pl.DataFrame({"a": ["x", "x"]}))
    assert all_marginals(table, 1) == all_marginals(pl.DataFrame({"a": ["x", "x"]}), 1)
    with pytest.raises(BadInput, match="counts only data frames and files"):
        all_marginals(table, 1, engine="arrays")


def test_uncounted_combinations_cannot_be_read() -> None:
    marginals = all_marginals(pl.DataFrame({"a": ["x"], "b": ["y"], "c": ["z"]}), 2)
    for names in (("a", "b", "c"), ("a", "a"), ("z",)):
        with pytest.raises(BadInput):
            marginals[names]
    with pytest.raises(BadInput, match="combinations of 3"):
        marginals.combinations(3)


def test_too_many_cells_for_their_numbers_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marginal_counts, "MOST_NUMBERS", 1_000)
    table = pl.DataFrame({name: [str(number) for number in range(12)] for name in "abc"})
    assert all_marginals(table, 2).rows == 12
    with pytest.raises(BadInput, match="too many values"):
        all_marginals(table, 3)
