"""What is counted of a source: which columns, and how several values of one are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Columns(NamedTuple):
    """Columns by name; `multi` are those of text with `;`; of those in `apart` each value told is a column."""

    names: Sequence[str]
    multi: frozenset[str] = frozenset()
    apart: Mapping[str, Sequence[str]] = {}

    @property
    def counted(self) -> list[str]:
        """Names of the columns as they are counted."""
        return [each for name in self.names for each in self.parts(name)]

    @property
    def values(self) -> dict[str, str]:
        """The only value of each column that is one value of another."""
        return {part(name, value): value for name in self.names for value in self.apart.get(name, ())}

    def parts(self, name: str) -> list[str]:
        """A column as it is counted: itself, or a column each of its values."""
        return [part(name, value) for value in self.apart[name]] if name in self.apart else [name]


def part(column: str, value: str) -> str:
    """The name of the column that one value of another has."""
    return f"{column}\x1f{value}"
