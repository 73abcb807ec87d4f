"""The statement of a publisher that the rows of one unit concern the people of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class PeopleTie:
    """The relation between rows, such as services, and the people whom the rows concern.

    A row has the value of its person in the columns `same`. `values` maps a column of the rows to the multi-valued
    column of the people that has the values of all their rows. `is_complete` states that each row belongs to a person
    who is counted with its value. `once` are columns in
    which a person has at most one row with each value.
    """

    rows: str
    people: str
    same: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    is_complete: bool = True
    once: tuple[str, ...] = ()
