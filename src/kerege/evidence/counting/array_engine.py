"""Counting engine on arrays: one pass over a frame in memory, or over a file piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.processors import processor_count
from kerege.evidence.counting import bitmaps
from kerege.evidence.counting.counters import MOST_DENSE, CodedRows, Counter, Layout
from kerege.evidence.counting.encoder import CodeBook, encode
from kerege.evidence.counting.marginal_counts import Codes, Counts, Marginals, Numbering, sum_hits, sum_lengths
from kerege.evidence.counting.row_weights import Weights
from kerege.evidence.counting.selection import Columns

Piece = Callable[[], pl.DataFrame | None]
Items = NDArray[np.int32]
CODES = 1 << 23  # values (rows times columns) in one piece of a source
PIECES = 16  # pieces that are encoded before they are counted
MOST_COUNTERS = 1 << 28  # dense counters of all threads together
FLUSH = 1 << 31  # limit of rows times the largest weight: half the range of a 32-bit counter
LEAST = 50_000  # fewest rows that justify a thread


def piece_rows(columns: int, rows: int) -> int:
    """Return the number of rows in one piece: one piece for each processor, if that justifies a thread."""
    return max(1, min(CODES // max(columns, 1), max(LEAST, -(-rows // processor_count()))))


class Tally:
    """The counters of one pass.

    A new value of a column changes the layout of the counters; `cells` adds up the counters of all layouts.
    """

    def __init__(self, order: int, weights: Weights | None) -> None:
        self.order = order
        self.weights = weights
        self.most = FLUSH if weights is None else FLUSH // max(1, int(weights.max()))
        self.rows = 0
        self.lengths: list[Counts] = []
        self.counters: list[Counter] = []
        self.parts: list[tuple[Layout, Counts, Counts]] = []

    def add(self, coded: Sequence[CodedRows], sizes: Sequence[int], pool: ThreadPoolExecutor) -> None:
        """Count encoded pieces, in at most one thread for each processor.

        `sizes` is the number of values of each column so far. Raises BadInput when there are too many cells.
        """
        rows = sum(piece.rows for piece in coded)
        if rows > self.most and len(coded) > 1:
            self.add(coded[: len(coded) // 2], sizes, pool)
            self.add(coded[len(coded) // 2 :], sizes, pool)
            return
        if not self.counters or list(sizes) != self.counters[0].layout.sizes.tolist() or self.rows + rows > self.most:
            self.close()
            Numbering(sizes, self.order)  # raises BadInput when there are too many cells
            layout = Layout(sizes, self.order, min(MOST_DENSE, (1 << 21) + 256 * rows))
            threads = max(1, MOST_COUNTERS // max(layout.dense, 1))
            self.counters = [Counter(layout, self.weights) for _ in range(min(processor_count(), len(coded), threads))]
        self.rows += rows
        batches = [coded[number :: len(self.counters)] for number in range(len(self.counters))]
        list(pool.map(_count, self.counters, batches))

    def close(self) -> None:
        """Store the contents of the counters and release the counters."""
        for counter in self.counters[1:]:
            self.counters[0].dense += counter.dense
            counter.dense[:] = 0
        self.parts += [(counter.layout, *counter.nonzero()) for counter in self.counters]
        self.lengths += [lengths for counter in self.counters for lengths in counter.lengths]
        self.counters, self.rows = [], 0

    def cells(self, places: Sequence[Codes], numbering: Numbering) -> tuple[Counts, Counts]:
        """Return the numbers of all non-empty cells, ascending, and their counts."""
        self.close()
        empty = np.zeros(0, dtype=np.int64)
        cells = [layout.cells(addresses, places, numbering) for layout, addresses, _ in self.parts]
        return sum_hits(np.concatenate([empty, *cells]), np.concatenate([empty, *[hits for *_, hits in self.parts]]))


def _count(counter: Counter, coded: Sequence[CodedRows]) -> None:
    for piece in coded:
        counter.add(piece)


def count(pieces: Iterable[Piece], columns: Columns, order: int, weights: Weights | None) -> Marginals:
    """Return all marginals of the rows of `pieces`.

    Each piece is a call that returns a frame, or None after the last one. `weights` as `check_weights` returns them.
    """
    names = columns.counted
    books = _books(columns, {})
    tally, rows = Tally(order, weights), 0
    reported = np.zeros(len(names), dtype=np.int64)
    with ThreadPoolExecutor(processor_count()) as pool:
        for coded in _batches(pieces, books, columns, pool):
            rows += sum(piece.rows for piece in coded)
            reported += sum(_reported(piece, len(names)) for piece in coded)
            tally.add(coded, [len(book) for book in books.values()], pool)
    values, places = _sorted(books)
    numbering = Numbering([len(codes) for codes in values.values()], order)
    cells, hits = tally.cells(places, numbering)
    reporting = dict(zip(names, reported.tolist(), strict=True))
    return Marginals(
        rows=rows,
        order=order,
        values=values,
        reported=reporting,
        lengths=sum_lengths(tally.lengths, len(names)),
        cells=cells,
        hits=hits,
        numbering=numbering,
    )


def count_chosen(
    pieces: Iterable[Piece], columns: Columns, values: Mapping[str, Sequence[str]], items: Items, weights: Counts
) -> Counts:
    """Count only the combinations in `items`; return an array (combinations,).

    `items` (combinations, length) holds positions among the `values` of all columns, in column order. A row that
    reports k values adds `weights[k]`, or the last weight when k is larger.
    """
    books = _books(columns, values)
    first = np.cumsum([0, *map(len, books.values())])
    counts = np.zeros(len(items), dtype=np.int64)
    with ThreadPoolExecutor(processor_count()) as pool:
        for coded in _batches(pieces, books, columns, pool):
            counts += sum(pool.map(lambda piece: bitmaps.count(piece, first, items, weights), coded))
    return counts


def _books(columns: Columns, values: Mapping[str, Sequence[str]]) -> dict[str, CodeBook]:
    """Return an empty code book for each counted column; known values get the first codes, in their order."""
    books = {name: CodeBook() for name in columns.counted}
    for name, known_values in ({name: [value] for name, value in columns.values.items()} | dict(values)).items():
        if name in books:
            books[name].look_up(known_values)
    return books


def _batches(
    pieces: Iterable[Piece], books: dict[str, CodeBook], columns: Columns, pool: ThreadPoolExecutor
) -> Iterator[list[CodedRows]]:
    """Encode the pieces in parallel; yield them in lists of at least PIECES."""
    remaining = iter(pieces)
    while batch := list(islice(remaining, max(PIECES, processor_count()))):
        coded = [piece for piece in pool.map(lambda piece: _coded(piece, books, columns), batch) if piece]
        if not coded:
            return
        yield coded


def _coded(piece: Piece, books: dict[str, CodeBook], columns: Columns) -> CodedRows | None:
    frame = piece()
    return None if frame is None else encode(frame, books, columns)


def _reported(coded: CodedRows, columns: int) -> Counts:
    """Count the rows that report each column: such a row has a code in the first slot of the column."""
    first = np.searchsorted(coded.owner, np.arange(columns))
    return np.array([np.count_nonzero(coded.codes[slot]) for slot in first], dtype=np.int64)


def _sorted(books: dict[str, CodeBook]) -> tuple[dict[str, list[str]], list[Codes]]:
    """Return the values of each column, sorted as text, and the sorted position of each code."""
    values, places = {}, []
    for name, book in books.items():
        unsorted = book.values
        order = sorted(range(len(unsorted)), key=unsorted.__getitem__)
        values[name] = [unsorted[code] for code in order]
        places.append(np.argsort(np.array(order, dtype=np.int64)))
    return values, places
