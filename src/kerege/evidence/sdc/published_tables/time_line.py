"""Time as a variable: the pieces in which people entered a register, and those that a table counts.

Tables of one register at several dates are one system. The atoms of time are the pieces between the dates. A table of
the whole register counts everybody who entered up to its date, a table of a period those who entered in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

OPEN = ".."  # the open end of an interval, as in ISO 8601
ENTERED, LEFT = "entered", "left"


@dataclass(frozen=True)
class TimeLine:
    """Time cut into pieces, oldest first: a table of the whole register counts all pieces up to its date.

    `starts` and `ends` name the ends of each piece. With `is_shrinking` people leave the register. The first piece
    then holds those who never left, the second those who left last.
    """

    starts: tuple[str, ...]
    ends: tuple[str, ...]
    is_shrinking: bool = False

    @property
    def column(self) -> str:
        """Return the name of the variable."""
        return LEFT if self.is_shrinking else ENTERED

    @property
    def pieces(self) -> tuple[str, ...]:
        """Return the names of the pieces."""
        return tuple(self.label(place, place) for place in range(len(self.ends)))

    def label(self, first: int, last: int) -> str:
        """Return the name of the time from one piece to another, as `start/end`."""
        start, end = (last, first) if self.is_shrinking else (first, last)
        return f"{self.starts[start]}/{self.ends[end]}"

    def intervals(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last piece of each interval, those of single pieces first."""
        size = len(self.ends)
        for length in range(1, size):
            yield from ((first, first + length - 1) for first in range(size - length + 1))


@dataclass(frozen=True)
class TimeSpan:
    """The pieces of a time line that a table counts, from the first to the last."""

    line: TimeLine
    first: int
    last: int

    @property
    def is_everybody(self) -> bool:
        """Return whether the table counts all pieces."""
        return self.first == 0 and self.last == len(self.line.ends) - 1
