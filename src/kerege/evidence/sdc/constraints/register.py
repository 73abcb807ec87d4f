"""A register: people with a value in every column, as rows of equal people."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.linear.linear_system import Ints

NO_COLUMN = -1


@dataclass
class Register:
    """A register as rows; the people of one row have equal values in all columns.

    `people` (rows,) is the number of people of each row, `coords` the atom of each row by family. `has` states whether
    the people of a row (rows,) have a value of a multi-valued column.
    """

    people: Ints
    coords: dict[int, Ints]
    has: dict[str, dict[str, Bools]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Add a column with one value to a register without columns, so that the number of rows is known."""
        if not self.coords:
            self.coords = {NO_COLUMN: np.zeros(len(self.people), dtype=np.int64)}

    def take(self, rows: Ints, people: Ints) -> Register:
        """Return a register of some rows with other numbers of people; a row can be taken several times."""
        coords = {family: atoms[rows] for family, atoms in self.coords.items()}
        has = {name: {value: flags[rows] for value, flags in values.items()} for name, values in self.has.items()}
        return Register(people, coords, has)
