"""Selection of the columns to count, and the treatment of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Columns(NamedTuple):
    """Names of the columns to count.

    `multi` names multi-valued columns of text with `;`. In a column of `apart`, each listed value is a column of its
    own.
    """

    names: Sequence[str]
    multi: frozenset[str] = frozenset()
    apart: Mapping[str, Sequence[str]] = {}

    @property
    def counted(self) -> list[str]:
        """Return the names of the columns as they are counted."""
        return [part_name for name in self.names for part_name in self.parts(name)]

    @property
    def values(self) -> dict[str, str]:
        """Return the value of each column that holds only one value of another column."""
        return {part(name, value): value for name in self.names for value in self.apart.get(name, ())}

    def parts(self, name: str) -> list[str]:
        """Return the counted columns of a column: itself, or one for each of its listed values."""
        return [part(name, value) for value in self.apart[name]] if name in self.apart else [name]


def part(column: str, value: str) -> str:
    """Return the name of the column that holds only one value of another column.

    Parameters
    ----------
    column, value : str
        Name of a multi-valued column, and one of its values.

    Returns
    -------
    str
        The two with the ASCII unit separator between them, which no header holds.

    Examples
    --------
    >>> part("means", "debt")
    'means\\x1fdebt'
    """
    return f"{column}\x1f{value}"
