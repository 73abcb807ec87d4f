"""Groups of rows about too few people, such as 13 services of 2 people.

The gate knows who is behind each row. A group of rows of fewer people than the threshold, or mostly of one person, must
have a wide interval, however many rows it has.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting.people_counts import DOMINANT, has_people
from kerege.evidence.data.person_numbers import PERSON_NUMBERS, single_people
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.constraints.domains import Bools, TableSource
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.linear.linear_system import Ints


def people_of(source: TableSource) -> GroupPeople | None:
    """Return the people of the rows of a source; None where a row is a person, and for an intruder."""
    return GroupPeople(source.frame[PERSON_NUMBERS]) if isinstance(source, Snapshot) and has_people(source) else None


class GroupPeople:
    """The people of the rows of a snapshot: `rows` and `people` are pairs of a row and one of its people."""

    def __init__(self, numbers: pl.Series) -> None:
        pairs = pl.DataFrame({"people": single_people(numbers)}).with_row_index("rows").explode("people")
        self.rows: Ints = pairs["rows"].cast(pl.Int64).to_numpy()
        self.people: Ints = np.unique(pairs["people"].to_numpy(), return_inverse=True)[1]
        self.most = int(np.bincount(self.people).max(initial=0))  # rows of one person

    def few(self, builder: JointBuilder, chosen: Sequence[Variable], counts: Ints, threshold: int) -> Bools:
        """Return which groups have at least `threshold` rows, but of too few people.

        `counts` are the true rows of each group, an axis for each variable.
        """
        result = np.zeros(counts.shape, dtype=bool)
        limit = max((threshold - 1) * self.most, round(self.most / DOMINANT))
        masks = [_row_masks(builder, variable)[:, self.rows] for variable in chosen]
        sizes = [mask.sum(axis=1) for mask in masks]
        for flat in np.flatnonzero((counts >= threshold) & (counts <= limit)).tolist():
            places = np.unravel_index(flat, counts.shape)
            conditions = sorted(range(len(masks)), key=lambda n: sizes[n][places[n]])
            pairs = np.arange(len(self.rows))
            for number in conditions:  # the condition of the fewest people first
                pairs = pairs[masks[number][places[number]][pairs]]
            result.flat[flat] = self._is_few(pairs, int(counts.flat[flat]), threshold)
        return result

    def _is_few(self, pairs: Ints, count: int, threshold: int) -> bool:
        """Return whether the rows of some pairs concern too few people, or mostly one."""
        by_person = np.unique(self.people[pairs], return_counts=True)[1]
        return bool(len(by_person) < threshold or by_person.max(initial=0) > DOMINANT * count)


def _row_masks(builder: JointBuilder, variable: Variable) -> NDArray[np.bool_]:
    """Return which rows each condition of a variable selects (conditions, rows)."""
    if variable.family is not None:
        return np.asarray((variable.weights > 0)[:, builder.families[variable.family].rows])
    column = builder.several[variable.column]
    return np.array(
        [
            np.logical_and.reduce([column.reports(part.codes[0][1]) != part.is_complement for part in condition.parts])
            for condition in variable.conditions
        ]
    )
