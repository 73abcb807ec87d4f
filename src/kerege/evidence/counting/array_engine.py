"""One pass over rows in memory, or over a file piece by piece, in arrays."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting import bitmaps
from kerege.evidence.counting.counters import MOST_DENSE, Coded, Counter, Layout
from kerege.evidence.counting.encoder import Book, encode
from kerege.evidence.counting.marginal_counts import Codes, Counts, Marginals, Numbering, added, summed
from kerege.evidence.counting.row_weights import Weights
from kerege.evidence.counting.selection import Columns

Piece = Callable[[], pl.DataFrame | None]
Items = NDArray[np.int32]
CODES = 1 << 23  # values in a piece of a source
PIECES = 16  # pieces coded before they are counted
MOST_COUNTERS = 1 << 28  # in all threads together
FLUSH = 1 << 31  # rows times the heaviest weight that counters of 32 bits take, half of what they hold
LEAST = 50_000  # rows worth a thread


def piece_rows(columns: int, rows: int) -> int:
    """How many rows to take at a time: at least one piece a processor, if that is worth a thread."""
    return max(1, min(CODES // max(columns, 1), max(LEAST, -(-rows // _threads()))))


def _threads() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Tally:
    """The counters of a pass: laid out anew when new values turn up, added up in the end."""

    def __init__(self, order: int, weights: Weights | None) -> None:
        self.order = order
        self.weights = weights
        self.most = FLUSH if weights is None else FLUSH // max(1, int(weights.max()))
        self.rows = 0
        self.lengths: list[Counts] = []
        self.counters: list[Counter] = []
        self.parts: list[tuple[Layout, Counts, Counts]] = []

    def add(self, coded: Sequence[Coded], sizes: Sequence[int], pool: ThreadPoolExecutor) -> None:
        """Count pieces in as many threads as there are processors; `sizes` are the values of each column so far."""
        rows = sum(piece.rows for piece in coded)
        if rows > self.most and len(coded) > 1:
            self.add(coded[: len(coded) // 2], sizes, pool)
            self.add(coded[len(coded) // 2 :], sizes, pool)
            return
        if not self.counters or list(sizes) != self.counters[0].layout.sizes.tolist() or self.rows + rows > self.most:
            self.close()
            Numbering(sizes, self.order)  # refuses what has too many cells
            layout = Layout(sizes, self.order, min(MOST_DENSE, (1 << 21) + 256 * rows))
            most = max(1, MOST_COUNTERS // max(layout.dense, 1))
            self.counters = [Counter(layout, self.weights) for _ in range(min(_threads(), len(coded), most))]
        self.rows += rows
        shares = [coded[number :: len(self.counters)] for number in range(len(self.counters))]
        list(pool.map(_count, self.counters, shares))

    def close(self) -> None:
        """Keep what the counters hold, and let go of them."""
        for counter in self.counters[1:]:
            self.counters[0].dense += counter.dense
            counter.dense[:] = 0
        self.parts += [(counter.layout, *counter.found()) for counter in self.counters]
        self.lengths += [lengths for counter in self.counters for lengths in counter.lengths]
        self.counters, self.rows = [], 0

    def cells(self, places: Sequence[Codes], numbering: Numbering) -> tuple[Counts, Counts]:
        """Numbers of all cells that are not empty, ascending, and their counts."""
        self.close()
        nothing = np.zeros(0, dtype=np.int64)
        cells = [layout.cells(addresses, places, numbering) for layout, addresses, _ in self.parts]
        return summed(np.concatenate([nothing, *cells]), np.concatenate([nothing, *[hits for *_, hits in self.parts]]))


def _count(counter: Counter, coded: Sequence[Coded]) -> None:
    for piece in coded:
        counter.add(piece)


def count(pieces: Iterable[Piece], columns: Columns, order: int, weights: Weights | None) -> Marginals:
    """All marginals of the rows of some pieces, each a call that yields a frame, or None when there is no more."""
    names = columns.counted
    books = _books(columns, {})
    tally, rows = Tally(order, weights), 0
    reported = np.zeros(len(names), dtype=np.int64)
    with ThreadPoolExecutor(_threads()) as pool:
        for coded in _batches(pieces, books, columns, pool):
            rows += sum(piece.rows for piece in coded)
            reported += sum(_reported(piece, len(names)) for piece in coded)
            tally.add(coded, [len(book) for book in books.values()], pool)
    values, places = _sorted(books)
    numbering = Numbering([len(found) for found in values.values()], order)
    cells, hits = tally.cells(places, numbering)
    said = dict(zip(names, reported.tolist(), strict=True))
    return Marginals(rows, order, values, said, added(tally.lengths, len(names)), cells, hits, numbering)


def chosen(
    pieces: Iterable[Piece], columns: Columns, values: Mapping[str, Sequence[str]], items: Items, weights: Counts
) -> Counts:
    """Counts of `items` alone, places among the `values` of all columns; `weights` are of the length of these."""
    books = _books(columns, values)
    first = np.cumsum([0, *map(len, books.values())])
    found = np.zeros(len(items), dtype=np.int64)
    with ThreadPoolExecutor(_threads()) as pool:
        for coded in _batches(pieces, books, columns, pool):
            found += sum(pool.map(lambda piece: bitmaps.count(piece, first, items, weights), coded))
    return found


def _books(columns: Columns, values: Mapping[str, Sequence[str]]) -> dict[str, Book]:
    """A book a column as it is counted; known values have the first codes, in their order."""
    books = {name: Book() for name in columns.counted}
    for name, known in ({name: [value] for name, value in columns.values.items()} | dict(values)).items():
        if name in books:
            books[name].look_up(known)
    return books


def _batches(
    pieces: Iterable[Piece], books: dict[str, Book], columns: Columns, pool: ThreadPoolExecutor
) -> Iterator[list[Coded]]:
    """Some pieces at a time as numbers."""
    source = iter(pieces)
    while batch := list(islice(source, max(PIECES, _threads()))):
        coded = [piece for piece in pool.map(lambda piece: _coded(piece, books, columns), batch) if piece]
        if not coded:
            return
        yield coded


def _coded(piece: Piece, books: dict[str, Book], columns: Columns) -> Coded | None:
    frame = piece()
    return None if frame is None else encode(frame, books, columns)


def _reported(coded: Coded, columns: int) -> Counts:
    """Rows that report each column: a row that reports any value has one in the column's first slot."""
    first = np.searchsorted(coded.owner, np.arange(columns))
    return np.array([np.count_nonzero(coded.codes[slot]) for slot in first], dtype=np.int64)


def _sorted(books: dict[str, Book]) -> tuple[dict[str, list[str]], list[Codes]]:
    """The values of each column as text in order, and the place there of each code as it turned up."""
    values, places = {}, []
    for name, book in books.items():
        found = book.values
        order = sorted(range(len(found)), key=found.__getitem__)
        values[name] = [found[code] for code in order]
        places.append(np.argsort(np.array(order, dtype=np.int64)))
    return values, places
