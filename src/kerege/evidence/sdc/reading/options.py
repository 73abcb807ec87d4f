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
    """

    dash: str = ""
    multi: frozenset[str] = frozenset()
    hierarchies: Mapping[str, Parents] = field(default_factory=dict)


PLAIN = ReadingOptions()
