"""Statements of the user about files that state them nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kerege.base.message_text import listed, shown

DASHES = ("zero", "suppressed")
Parents = Mapping[str, str]  # code -> parent code; a code of the top level has none


class PossibleTotal(NamedTuple):
    """A value of a column that can be its total by its figures and its place, but need not be."""

    column: str
    value: str

    @property
    def note(self) -> str:
        """Return the note that both readings were examined."""
        return (
            f"Column {shown(self.column)}: the value {shown(self.value)} can be the total or one more group. Both were "
            "examined. If it is the total, name it Total."
        )


class PossibleParts(NamedTuple):
    """Values of a column that can be parts of values beside them, but need not be.

    `parents` has each of them with the value that it is a part of. `is_open` if that value has other parts too.
    """

    column: str
    parents: tuple[tuple[str, str], ...]
    is_open: bool = False

    @property
    def note(self) -> str:
        """Return the note that both readings were examined."""
        parts, wholes = (
            listed([shown(code) for code in dict.fromkeys(codes)]) for codes in zip(*self.parents, strict=True)
        )
        return (
            f"Column {shown(self.column)}: {parts} can be parts of {wholes}, or groups beside them. Both were "
            "examined. Say which with --hierarchy, or write a total."
        )


PossibleReading = PossibleTotal | PossibleParts


@dataclass(frozen=True)
class ReadingOptions:
    """Choices for the files of other publishers.

    `dash` is the meaning of a cell that holds a dash: zero, suppressed, or '' when the user did not say. `multi` names
    columns in which a person can have several values, `single` those in which nobody has two: no value is a part of
    another one. `hierarchies` has the parent of each code by column. `not_sensitive` names columns whose values the
    members of a group may share, although they have few values. `assumed` are readings that the files do not prove:
    values as totals, or as parts of others. `is_cumulative` says whether a table counts everybody up to its date, or
    the people of one period; None when the user did not say. `encoding` is that of CSV files which are neither UTF-8
    nor UTF-16.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from kerege.evidence.sdc import Publication
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "area.csv").write_text("Area,Men,Women\\nNorth,30,-\\nSouth,x,40\\nTotal,70,40\\n")
    ...     sheets = Publication.read(folder, ReadingOptions(dash="zero")).sheets
    >>> sheets[0].by, sheets[0].axes[0], sheets[0].lower[1].tolist()
    (('Area', 'sex'), ('_T', 'North', 'South'), [0.0, 30.0, 0.0])
    """

    dash: str = ""
    multi: frozenset[str] = frozenset()
    hierarchies: Mapping[str, Parents] = field(default_factory=dict)
    not_sensitive: frozenset[str] = frozenset()
    is_cumulative: bool | None = None
    assumed: frozenset[PossibleReading] = frozenset()
    encoding: str = ""
    single: frozenset[str] = frozenset()


PLAIN = ReadingOptions()
