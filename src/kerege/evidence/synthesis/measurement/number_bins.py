"""Bins of a column of numbers: public edges, or private ones found under differential privacy."""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeGuard

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown

Number = int | float
MOST_BINS = 50
MOST_CELLS = 2**16  # most steps of a range in which private edges are looked for
MOST_EDGES = 1_000  # public edges: more are no bins, and their pairs do not fit into memory
DIGITS = 12  # of an edge in a label; edges differ in them
STEPS = 1_000  # steps of a range of fractions when the schema file gives none
SPACES = re.compile(r"[\s\u00a0\u202f]")
BETWEEN = "--"  # as in the public files of the field; a spreadsheet reads 10-12 as a date
PUBLIC_FORM = "write bins = [0, 18, 25, 60]: ascending numbers, each the start of a bin"
PRIVATE_FORM = "write private_bins = 8, range = [0, 5000] and, for fractions, step = 0.5"


@dataclass(frozen=True)
class NumberBins:
    """Bins of numbers: from each edge up to the next one, and from the last edge on.

    The first edge can be -inf. For `private` bins the edges are empty until they are measured: at most `private` bins
    within `low` to `high`, with edges at multiples of `step` from `low`. All of this is public.
    """

    edges: tuple[Number, ...]
    private: int = 0
    low: Number = 0
    high: Number = 0
    step: Number = 1

    @property
    def is_found(self) -> bool:
        """Return whether the edges are known."""
        return bool(self.edges)

    @property
    def cells(self) -> int:
        """Return the number of cells between the ends of the range of private bins."""
        return max(1, round((self.high - self.low) / self.step)) + self._is_whole(self.low, self.high, self.step)

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the public values of the column: one text per bin, in order."""
        return tuple(self._label(*pair) for pair in pairwise((*self.edges, math.inf))) if self.edges else ()

    def code(self, text: str) -> str | None:
        """Return the bin of a number in a text; None for another text and a number below the first edge.

        While the edges are unknown, return the number in one way of writing.
        """
        number = read_number(text)
        if number is None:
            return None
        if not self.is_found:
            return f"{number:g}" if number == int(number) and abs(number) < 1e6 else repr(number)
        place = bisect_right(self.edges, number) - 1
        return self.labels[place] if place >= 0 else None

    def with_inner_edges(self, inner: tuple[Number, ...]) -> NumberBins:
        """Return the private bins with the edges that were found."""
        return replace(self, edges=(-math.inf, *inner))

    def describe(self) -> dict[str, object]:
        """Return the keys of a schema file; a missing lower edge is None, which JSON has."""
        edges = [None if edge == -math.inf else edge for edge in self.edges]
        if not self.private:
            return {"bins": edges}
        measured = {"edges": edges[1:]} if self.is_found else {}
        return {"private_bins": self.private, "range": [self.low, self.high], "step": self.step, **measured}

    def _label(self, start: Number, end: Number) -> str:
        if start == -math.inf and end == math.inf:
            return "any"
        if start == -math.inf:
            return f"<{_write(end)}"
        if end == math.inf:
            return f"{_write(start)}+"
        if not self._is_whole(start, end):
            return f"{_write(start)}{BETWEEN}<{_write(end)}"
        return _write(start) if end == start + 1 else f"{_write(start)}{BETWEEN}{_write(end - 1)}"

    @staticmethod
    def _is_whole(*numbers: Number) -> bool:
        return all(isinstance(number, int) for number in numbers)


def read_number(text: str) -> float | None:
    """Return the number in a text with a decimal point or comma; None for another text.

    Examples
    --------
    >>> read_number("1 250,5"), read_number("12"), read_number("about 12"), read_number("nan")
    (1250.5, 12.0, None, None)
    """
    try:
        number = float(SPACES.sub("", text).replace(",", "."))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def read_public_bins(edges: object, name: str, file: str) -> NumberBins:
    """Return the bins of a list of edges. Raise BadInput for a list that is not valid."""
    if not isinstance(edges, list) or not edges:
        raise _refuse("has bins without edges", PUBLIC_FORM, name, file)
    edges = [-math.inf if edge is None and place == 0 else edge for place, edge in enumerate(edges)]
    if not all(_is_number(edge) or (place == 0 and edge == -math.inf) for place, edge in enumerate(edges)):
        raise _refuse("has an edge that is no number", PUBLIC_FORM, name, file)
    if any(first >= second for first, second in pairwise(edges)):
        raise _refuse("has edges that do not ascend", PUBLIC_FORM, name, file)
    if len(edges) > MOST_EDGES:
        raise _refuse(f"has more than {MOST_EDGES:,} edges", PUBLIC_FORM, name, file)
    if len(set(map(_write, edges))) < len(edges):
        raise _refuse(f"has edges that are equal in {DIGITS} digits", PUBLIC_FORM, name, file)
    return NumberBins(tuple(edges))


def read_private_bins(entry: Mapping[str, object], name: str, file: str) -> NumberBins:
    """Return the private bins that an entry of a schema file asks for. Raise BadInput if it is not valid."""
    number, limits = entry["private_bins"], entry.get("range")
    if isinstance(number, bool) or not isinstance(number, int) or not 2 <= number <= MOST_BINS:
        raise _refuse(f"has private_bins that are no number from 2 to {MOST_BINS}", PRIVATE_FORM, name, file)
    if not (isinstance(limits, list) and len(limits) == 2 and all(map(_is_number, limits)) and limits[0] < limits[1]):
        raise _refuse("has private bins without a public range of two numbers", PRIVATE_FORM, name, file)
    low, high = limits
    step = entry.get("step", 1 if NumberBins._is_whole(low, high) else (high - low) / STEPS)
    if not _is_number(step) or not 0 < step <= high - low or (high - low) / step > MOST_CELLS:
        what = f"has a step that is not within the range, or a range of more than {MOST_CELLS:,} steps"
        raise _refuse(what, PRIVATE_FORM, name, file)
    if any(_write(edge) == _write(edge + step) for edge in (low, high - step)):
        raise _refuse(f"has edges that are equal in {DIGITS} digits", PRIVATE_FORM, name, file)
    bins = NumberBins((), number, low, high, step)
    measured = entry.get("edges")  # only a certificate has them
    return bins.with_inner_edges(tuple(measured)) if isinstance(measured, list) else bins


def _is_number(value: object) -> TypeGuard[Number]:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return abs(value) <= sys.float_info.max  # NaN and whole numbers beyond the range of floats are not


def _write(edge: Number) -> str:
    """Return an edge as labels have it: whole numbers in full, so that the labels of two bins differ."""
    return str(edge) if isinstance(edge, int) else f"{edge:.{DIGITS}g}"


def _refuse(what: str, todo: str, name: str, file: str) -> BadInput:
    return BadInput(Fault(what, todo, file, column=shown(name)))
