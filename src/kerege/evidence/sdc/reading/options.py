"""Statements of the user about files that state them nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

DASHES = ("zero", "suppressed")
Parents = Mapping[str, str]  # code -> parent code; a code of the top level has none


@dataclass(frozen=True)
class ReadingOptions:
    """Choices for the files of other publishers.

    `dash` is the meaning of a cell that holds a dash: zero, suppressed, or '' when the user did not say. `multi` names
    columns in which a person can have several values. `hierarchies` has the parent of each code by column.
    `not_sensitive` names columns whose values the members of a group may share, although they have few values.
    `is_cumulative` says whether a table counts everybody up to its date, or the people of one period; None when the
    user did not say.

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


PLAIN = ReadingOptions()
