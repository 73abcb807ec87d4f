"""Values as numbers: one book a column, shared by all the pieces that a snapshot is read in."""

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
from kerege.evidence.counting.counters import Coded
from kerege.evidence.counting.selection import Columns

Numbers = NDArray[np.uint32]
Flags = NDArray[np.uint8]
SPAN = 1 << 16  # whole numbers this near to each other are numbered by their distance from the least
FEW = 1 << 10
BLANKS = " \t\r\n"


class Book:
    """The values of a column in the order in which they turned up, codes from 1 on; several threads may use it."""

    def __init__(self) -> None:
        self.codes: dict[str, int] = {"": 0}
        self.lock = Lock()

    def __len__(self) -> int:
        return len(self.codes) - 1

    @property
    def values(self) -> list[str]:
        """What codes 1, 2, ... stand for."""
        return list(self.codes)[1:]

    def look_up(self, values: Sequence[str]) -> Numbers:
        """Codes of values, 0 for the empty text; new values get the next ones."""
        with self.lock:
            codes = self.codes
            return np.array([codes.setdefault(value, len(codes)) for value in values], dtype=np.uint32)


def encode(frame: pl.DataFrame, books: Mapping[str, Book], columns: Columns) -> Coded:
    """Rows as numbers of the books, one a column as it is counted. Null and empty text are not reported.

    Columns of several values are lists, or text with `;` between values. Raises BadInput for a column that holds
    neither text, whole numbers nor yes and no.
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
            meant = _number(column, books[name], numbers)
            codes = np.empty((1, frame.height), dtype=np.min_scalar_type(meant.max()))
            text_kernels.renumber(numbers, meant, codes[0])
            blocks.append(codes)
            owners.append(first)
    return Coded(np.concatenate(blocks), np.array(owners, dtype=np.int64))


def _flags(column: pl.Series, name: str, columns: Columns) -> Flags:
    """Which rows report each of the values that are columns of their own: (values, rows), 1 or 0."""
    _check(column, name)
    values = columns.apart[name]
    said = pl.DataFrame({"row": np.arange(len(column)), "value": _lists(column, name, columns.multi)})
    said = said.explode("value") if isinstance(said["value"].dtype, pl.List) else said
    places = dict(zip(values, range(len(values)), strict=True))
    known = said.with_columns(
        pl.col("value").cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Int64)
    ).drop_nulls()
    flags = np.zeros((len(values), len(column)), dtype=np.uint8)
    flags[known["value"].to_numpy(), known["row"].to_numpy()] = 1
    return flags


def _check(column: pl.Series, name: str) -> None:
    kind = column.dtype.inner if isinstance(column.dtype, pl.List) else column.dtype
    if not (kind in (pl.String, pl.Null, pl.Boolean, pl.Categorical, pl.Enum) or kind.is_integer()):
        raise BadInput(Fault("holds neither text nor whole numbers", "give its values as text", column=name))


def _lists(column: pl.Series, name: str, multi: frozenset[str]) -> pl.Series:
    """Text with `;` between values as lists; any other column as it is."""
    if column.dtype == pl.String and name in multi:
        return column.str.split(";").list.eval(pl.element().str.strip_chars(BLANKS))
    return column


def _slots(column: pl.Series, name: str, multi: frozenset[str]) -> list[pl.Series]:
    """A column; of several values, as columns of one: the first value of each row, the second and so on."""
    _check(column, name)
    column = _lists(column, name, multi)
    if not isinstance(column.dtype, pl.List):
        return [column]
    part = pl.element().cast(pl.String)
    values = column.list.eval(part.filter(part != "").unique(maintain_order=True))
    most = cast(int, values.list.len().max() or 1)
    return [values.list.get(slot, null_on_oob=True) for slot in range(max(1, most))]


def _number(column: pl.Series, book: Book, numbers: Numbers) -> Numbers:
    """Number the values of a column in some order, into `numbers`; the code of each number. 0 is not reported."""
    if column.null_count() == len(column):
        numbers[:] = 0
        return np.zeros(1, dtype=np.uint32)
    low, high = _ends(column)
    if high - low < SPAN:
        return _whole(column, low, high, book, numbers)
    return _text(column.cast(pl.String), book, numbers)


def _ends(column: pl.Series) -> tuple[int, int]:
    """Least and greatest of whole numbers; far apart for all else."""
    if not column.dtype.is_integer():
        return -SPAN, SPAN
    low, high = cast(int, column.min()), cast(int, column.max())
    return (low, high) if low >= -(1 << 31) and high < 1 << 31 else (-SPAN, SPAN)


def _whole(column: pl.Series, low: int, high: int, book: Book, numbers: Numbers) -> Numbers:
    array = column.rechunk().to_arrow()
    codes = np.zeros(high - low + 2, dtype=np.uint32)
    values = column.fill_null(low).to_numpy()
    text_kernels.offsets(values, _valid(array), array.offset, low, numbers, codes)
    seen = np.flatnonzero(codes)
    codes[seen] = book.look_up([str(low - 1 + number) for number in seen.tolist()])
    return codes


def _text(column: pl.Series, book: Book, numbers: Numbers) -> Numbers:
    array = column.rechunk().to_arrow(compat_level=pl.CompatLevel.newest())
    array = array if pa.types.is_string_view(array.type) else array.cast(pa.string_view())
    views = np.frombuffer(array.buffers()[1], dtype=np.uint64)[2 * array.offset :]
    values = column.gather(text_kernels.distinct(views, _valid(array), array.offset, numbers))
    kinds = values if len(values) <= FEW else values.unique(maintain_order=True)
    codes = book.look_up(kinds.to_list())
    if len(kinds) < len(values):
        codes = codes[values.cast(pl.Enum(kinds)).to_physical().to_numpy()]
    return np.concatenate([np.zeros(1, dtype=np.uint32), codes])


def _valid(array: pa.Array) -> NDArray[np.uint8]:
    """The bitmap of what is not null."""
    bits = array.buffers()[0] or b"\xff" * ((array.offset + len(array) + 7) // 8)
    return np.frombuffer(bits, dtype=np.uint8)
