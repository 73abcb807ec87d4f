"""Encoding of values as numbers, with one code book for each column, shared by all pieces of a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import cast

import numpy as np
import polars as pl
import pyarrow as pa
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting import text_kernels
from kerege.evidence.counting.counters import CodedRows
from kerege.evidence.counting.selection import Columns

Numbers = NDArray[np.uint32]
Flags = NDArray[np.uint8]
SPAN = 1 << 16  # a column of whole numbers within a smaller range is numbered by offset from its minimum
FEW = 1 << 10  # up to this number of distinct texts go to the code book directly
BLANKS = " \t\r\n"


class CodeBook:
    """The values of a column in order of first occurrence, shared by threads; codes start at 1."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {"": 0}
        self.lock = Lock()

    def __len__(self) -> int:
        return len(self.codes) - 1

    @property
    def values(self) -> list[str]:
        """Return the values of codes 1, 2, ..."""
        return list(self.codes)[1:]

    def look_up(self, values: Sequence[str]) -> Numbers:
        """Return the codes of values, 0 for the empty text; new values get the next codes."""
        with self.lock:
            codes = self.codes
            return np.array([codes.setdefault(value, len(codes)) for value in values], dtype=np.uint32)


def encode(frame: pl.DataFrame, books: Mapping[str, CodeBook], columns: Columns) -> CodedRows:
    """Encode rows with one code book for each counted column. Null and empty text are not reported.

    A multi-valued column is a list, or text with `;` between values. Raises BadInput for a column that holds neither
    text, whole numbers nor booleans.
    """
    blocks: list[Flags] = []
    owners: list[int] = []
    numbers = np.empty(frame.height, dtype=np.uint32)
    for name in columns.names:
        first = owners[-1] + 1 if owners else 0
        if name in columns.apart:
            blocks.append(_flags(frame[name], name, columns))
            owners += range(first, first + len(blocks[-1]))
            continue
        for column in _slots(frame[name], name, columns.multi):
            code_of = _number(column, books[name], numbers)
            codes = np.empty((1, frame.height), dtype=np.min_scalar_type(code_of.max()))
            text_kernels.renumber(numbers, code_of, codes[0])
            blocks.append(codes)
            owners.append(first)
    return CodedRows(np.concatenate(blocks), np.array(owners, dtype=np.int64))


def _flags(column: pl.Series, name: str, columns: Columns) -> Flags:
    """Return which rows report each value that is counted as a column of its own: (values, rows), 1 or 0."""
    _check_type(column, name)
    values = columns.apart[name]
    reported = pl.DataFrame({"row": np.arange(len(column)), "value": _split_lists(column, name, columns.multi)})
    reported = reported.explode("value") if isinstance(reported["value"].dtype, pl.List) else reported
    positions = dict(zip(values, range(len(values)), strict=True))
    listed = reported.with_columns(
        pl.col("value").cast(pl.String).replace_strict(positions, default=None, return_dtype=pl.Int64)
    ).drop_nulls()
    flags = np.zeros((len(values), len(column)), dtype=np.uint8)
    flags[listed["value"].to_numpy(), listed["row"].to_numpy()] = 1
    return flags


def _check_type(column: pl.Series, name: str) -> None:
    kind = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
    if not (kind in (pl.String, pl.Null, pl.Boolean, pl.Categorical, pl.Enum) or kind.is_integer()):
        raise BadInput(Fault("holds neither text nor whole numbers", "give its values as text", column=name))


def _split_lists(column: pl.Series, name: str, multi: frozenset[str]) -> pl.Series:
    """Split the text of a multi-valued column at `;` into lists; return any other column unchanged."""
    if column.dtype == pl.String and name in multi:
        return column.str.split(";").list.eval(pl.element().str.strip_chars(BLANKS))
    return column


def _slots(column: pl.Series, name: str, multi: frozenset[str]) -> list[pl.Series]:
    """Return a column as single-valued columns: the first value of each row, the second, and so on."""
    _check_type(column, name)
    column = _split_lists(column, name, multi)
    if not isinstance(column.dtype, pl.List):
        return [column]
    part = pl.element().cast(pl.String)
    values = column.list.eval(part.filter(part != "").unique(maintain_order=True))
    most = cast(int, values.list.len().max() or 1)
    return [values.list.get(slot, null_on_oob=True) for slot in range(max(1, most))]


def _number(column: pl.Series, book: CodeBook, numbers: Numbers) -> Numbers:
    """Number the values of a column into `numbers`; return the code of each number. 0 is not reported."""
    if column.null_count() == len(column):
        numbers[:] = 0
        return np.zeros(1, dtype=np.uint32)
    low, high = _range_of(column)
    if high - low < SPAN:
        return _number_integers(column, low, high, book, numbers)
    return _number_texts(column.cast(pl.String), book, numbers)


def _range_of(column: pl.Series) -> tuple[int, int]:
    """Return minimum and maximum of whole numbers, or bounds SPAN * 2 apart for any other column."""
    if not column.dtype.is_integer():
        return -SPAN, SPAN
    low, high = cast(int, column.min()), cast(int, column.max())
    return (low, high) if low >= -(1 << 31) and high < 1 << 31 else (-SPAN, SPAN)


def _number_integers(column: pl.Series, low: int, high: int, book: CodeBook, numbers: Numbers) -> Numbers:
    array = column.rechunk().to_arrow()
    codes = np.zeros(high - low + 2, dtype=np.uint32)
    values = column.fill_null(low).to_numpy()
    text_kernels.number_integers(values, _validity_bitmap(array), array.offset, low, numbers, codes)
    occurring = np.flatnonzero(codes)
    codes[occurring] = book.look_up([str(low - 1 + number) for number in occurring.tolist()])
    return codes


def _number_texts(column: pl.Series, book: CodeBook, numbers: Numbers) -> Numbers:
    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    array = array if pa.types.is_string_view(array.type) else array.cast(pa.string_view())
    views = np.frombuffer(array.buffers()[1], dtype=np.uint64)[2 * array.offset :]
    values = column.gather(text_kernels.number_texts(views, _validity_bitmap(array), array.offset, numbers))
    kinds = values if len(values) <= FEW else values.unique(maintain_order=True)
    codes = book.look_up(kinds.to_list())
    if len(kinds) < len(values):
        codes = codes[values.cast(pl.Enum(kinds)).to_physical().to_numpy()]
    return np.concatenate([np.zeros(1, dtype=np.uint32), codes])


def _validity_bitmap(array: pa.Array) -> NDArray[np.uint8]:
    """Return the Arrow bitmap of the values that are not null."""
    bits = array.buffers()[0] or b"\xff" * ((array.offset + len(array) + 7) // 8)
    return np.frombuffer(bits, dtype=np.uint8)
