"""Numbers of values: equal short texts have one number, and nothing invalid has one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerege.evidence.counting import text_kernels

TEXT = st.text(st.sampled_from("abқ"), max_size=6)  # up to 12 bytes: the text is in its two words


def numbered(texts: Sequence[str | None], skip: int = 0) -> tuple[list[int], list[int]]:
    """Return the numbers of texts from `skip` on, and the rows of first occurrence."""
    array = pa.array(texts, type=pa.string_view())
    views = np.frombuffer(array.buffers()[1], dtype=np.uint64)[2 * skip :]
    bits = array.buffers()[0] or b"\xff" * (len(texts) // 8 + 1)
    numbers = np.empty(len(texts) - skip, dtype=np.uint32)
    rows = text_kernels.number_texts(views, np.frombuffer(bits, dtype=np.uint8), skip, numbers)
    return numbers.tolist(), rows.tolist()


@settings(max_examples=50, deadline=None)
@given(st.lists(TEXT | st.none(), min_size=1, max_size=30), st.integers(0, 9))
def test_texts_are_numbered_by_first_occurrence(texts: list[str | None], skip: int) -> None:
    skip = min(skip, len(texts) - 1)
    numbers, rows = numbered(texts, skip)
    distinct = list(dict.fromkeys(text for text in texts[skip:] if text))
    assert numbers == [distinct.index(text) + 1 if text else 0 for text in texts[skip:]]
    assert rows == [texts[skip:].index(text) for text in distinct]


def test_more_texts_than_the_first_table_holds_keep_their_numbers() -> None:
    texts = [f"v{number}" for number in range(5_000)]
    numbers, rows = numbered([*texts, *reversed(texts)])
    assert numbers == [*range(1, 5_001), *range(5_000, 0, -1)]
    assert rows == list(range(5_000))


def test_different_long_texts_never_share_a_number() -> None:
    texts = [f"a text that does not fit into one view {number}" for number in range(300)] * 2
    numbers, rows = numbered(texts)
    text_of = {number: texts[row] for number, row in enumerate(rows, 1)}
    assert [text_of[number] for number in numbers] == texts


def bitmap(valid: Sequence[bool], skip: int) -> NDArray[np.uint8]:
    return np.packbits([*[False] * skip, *valid], bitorder="little")


@settings(deadline=None, max_examples=50)
@given(st.lists(st.integers(-9, 9) | st.none(), min_size=1, max_size=40), st.integers(0, 11))
def test_whole_numbers_are_numbered_by_their_distance_from_the_least(cells: list[int | None], skip: int) -> None:
    low = -9
    values = np.array([low if cell is None else cell for cell in cells], dtype=np.int32)
    numbers, seen = np.empty(len(cells), np.uint32), np.zeros(20, np.uint32)
    valid = bitmap([cell is not None for cell in cells], skip)
    text_kernels.number_integers(values, valid, skip, low, numbers, seen)
    assert numbers.tolist() == [0 if cell is None else cell - low + 1 for cell in cells]
    assert np.flatnonzero(seen).tolist() == sorted({cell - low + 1 for cell in cells if cell is not None})


@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.uint32])
def test_the_code_of_each_number_is_written(kind: type[np.unsignedinteger]) -> None:
    out = np.empty(4, dtype=kind)
    text_kernels.renumber(np.array([2, 0, 1, 2], np.uint32), np.array([0, 9, 200], np.uint32), out)
    assert out.tolist() == [200, 0, 9, 200]
