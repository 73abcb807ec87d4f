"""Rows as integers: equal cells have equal codes, in all frames alike."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import coded, draw_rows, encode_alike

CELLS = st.lists(st.sampled_from(["x", "y", "zz", "", None]), min_size=1, max_size=12)
LISTS = st.lists(st.sampled_from([None, [], ["u"], ["v", "u"], ["u", "v", "u"], ["", "u"]]), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None)
@given(CELLS, CELLS, LISTS, LISTS)
def test_two_cells_have_one_code_if_and_only_if_they_are_equal(
    one: list[str | None],
    two: list[str | None],
    one_lists: list[list[str] | None],
    two_lists: list[list[str] | None],
) -> None:
    heights = min(len(one), len(one_lists)), min(len(two), len(two_lists))
    kind = {"a": pl.String, "m": pl.List(pl.String)}
    frames = [
        pl.DataFrame({"a": cells[:height], "m": lists[:height]}, schema=kind)
        for cells, lists, height in ((one, one_lists, heights[0]), (two, two_lists, heights[1]))
    ]
    codes = np.concatenate(coded(frames), axis=1)
    texts = [cell or None for frame in frames for cell in frame["a"].to_list()]
    sets = [frozenset(value for value in cell or [] if value) for frame in frames for cell in frame["m"].to_list()]
    for column, cells in zip(codes, (texts, sets), strict=True):
        for number, cell in enumerate(cells):
            assert (column[number] == 0) == (not cell)
            for other, other_cell in enumerate(cells):
                assert (column[number] == column[other]) == (cell == other_cell)


@pytest.mark.parametrize(("values", "kind"), [(3, np.uint8), (255, np.uint8), (256, np.uint16), (70_000, np.uint32)])
def test_the_type_holds_all_codes(values: int, kind: type) -> None:
    (table,) = coded([pl.DataFrame({"a": [str(number) for number in range(values)]})])
    assert table.dtype == kind
    assert len(np.unique(table)) == values


def test_columns_and_rows_keep_their_order() -> None:
    first, second = pl.DataFrame({"b": ["x", "y"], "a": ["p", "p"]}), pl.DataFrame({"b": ["y"], "a": ["q"]})
    tables = coded([first, second])
    assert [table.shape for table in tables] == [(2, 2), (2, 1)]
    assert tables[0][0, 1] == tables[1][0, 0]
    assert tables[0][1, 0] != tables[1][1, 0]
    assert all(table.flags.c_contiguous for table in tables)


def test_further_columns_of_the_other_frames_are_ignored() -> None:
    original = pl.DataFrame({"a": ["x", "y"]})
    other = pl.DataFrame({"key": ["1", "2"], "a": ["y", "x"]})
    rows, records, controls = encode_alike(original, other, other)
    assert rows.tolist() == [[1, 2]]
    assert records.tolist() == controls.tolist() == [[2, 1]]


@pytest.mark.parametrize(("rows", "records", "controls"), [(0, 2, 2), (2, 0, 2), (2, 2, 1), (2, 2, 0)])
def test_an_attack_needs_rows_of_each_kind_and_two_controls(rows: int, records: int, controls: int) -> None:
    frame = pl.DataFrame({"a": ["x", "y"]})
    encode_alike(frame, frame.head(1), frame)
    with pytest.raises(BadInput, match="there are too few rows to attack, give more rows"):
        encode_alike(frame.head(rows), frame.head(records), frame.head(controls))


@pytest.mark.parametrize("most", [1, 4, 9])
def test_rows_are_drawn_without_replacement(most: int) -> None:
    rows = np.arange(20, dtype=np.uint8).reshape(2, 10)
    chosen = draw_rows(rows, most, np.random.default_rng(1))
    assert chosen.shape == (2, most)
    assert len(set(chosen[0].tolist())) == most
    assert (chosen[1] == chosen[0] + 10).all()


def test_few_rows_are_all_taken_without_a_random_number() -> None:
    rows, chance = np.ones((2, 5), dtype=np.uint8), np.random.default_rng(1)
    assert draw_rows(rows, 5, chance) is rows
    assert chance.random() == np.random.default_rng(1).random()
