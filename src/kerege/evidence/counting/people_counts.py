"""People behind the cells of a table of rows, such as services, and the most rows of one of them.

The threshold applies to people: 13 services of 2 people are a small cell. So is a cell of which one person has most
rows (dominance rule): the person, and anybody who knows about how many rows the others have, could subtract.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting.crosstab import find_axis_places
from kerege.evidence.counting.marginal_counts import Counts
from kerege.evidence.data.person_numbers import PERSON_NUMBERS, single_people
from kerege.evidence.data.snapshot import Snapshot
from kerege.vocabulary import snapshot_columns as standard

TOTAL_PLACE = "total"  # column with the index of the total, 0
DOMINANT = 0.5  # a person with more than this share of the rows of a cell dominates it


@dataclass(frozen=True)
class PeopleCounts:
    """People behind every cell, in the shape of the table.

    `people` is their number, `largest` the largest number of rows that one of them has in the cell.
    """

    people: Counts
    largest: Counts

    def few(self, rows: Counts, threshold: int) -> NDArray[np.bool_]:
        """Return the cells with rows of fewer people than the threshold, or mostly of one person.

        Parameters
        ----------
        rows : array of int64
            Counts of rows, in the shape of the table.
        threshold : int
            The smallest number of people that may be published.

        Returns
        -------
        array of bool
            Cells without rows are not among them.

        Examples
        --------
        >>> behind = PeopleCounts(np.array([20, 2, 18]), np.array([7, 7, 6]))
        >>> behind.few(np.array([60, 13, 47]), 10)
        array([False,  True, False])
        """
        is_dominated = self.largest > DOMINANT * rows
        return np.asarray((rows > 0) & ((self.people < threshold) | is_dominated))

    def at(self, index: tuple[int | slice, ...]) -> PeopleCounts:
        """Return the people behind the cells at an index of the table.

        Parameters
        ----------
        index : tuple of int or slice
            Index of the arrays.

        Returns
        -------
        PeopleCounts
            Arrays of the shape of that part.

        Examples
        --------
        >>> PeopleCounts(np.array([[5, 3], [4, 2]]), np.ones((2, 2), dtype=int)).at((0, slice(None))).people
        array([5, 3])
        """
        return PeopleCounts(np.asarray(self.people[index]), np.asarray(self.largest[index]))

    def merged(self, d: int, places: Sequence[int], size: int) -> PeopleCounts:
        """Return bounds of the people behind merged codes: at least as many as behind any of the codes.

        Parameters
        ----------
        d : int
            Number of the dimension.
        places : sequence of int
            New position of each code.
        size : int
            Number of positions.

        Returns
        -------
        PeopleCounts
            `people` is a lower bound, `largest` an upper bound, so that no merged cell counts as larger than it is.

        Examples
        --------
        >>> PeopleCounts(np.array([9, 5, 4]), np.array([3, 2, 3])).merged(0, [0, 1, 1], 2)
        PeopleCounts(people=array([9, 5]), largest=array([3, 5]))
        """
        shape = [size if axis == d else length for axis, length in enumerate(self.people.shape)]
        people, largest = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        np.maximum.at(np.moveaxis(people, d, 0), list(places), np.moveaxis(self.people, d, 0))
        np.add.at(np.moveaxis(largest, d, 0), list(places), np.moveaxis(self.largest, d, 0))
        return PeopleCounts(people, largest)


def has_people(snapshot: Snapshot) -> bool:
    """Return whether a row of a snapshot is not a person, but concerns people whom the snapshot numbers.

    Parameters
    ----------
    snapshot : Snapshot
        Rows of codes.

    Returns
    -------
    bool
        False where a row is a person, where nobody is recorded, and for units that count no people.

    Raises
    ------
    BadInput
        If the standard demands person numbers of the unit and the snapshot has none.

    Examples
    --------
    >>> has_people(Snapshot.from_frame(pl.DataFrame({"sex": ["male"]})))
    False
    """
    if standard.people_of(snapshot.unit) is None:
        return False
    if PERSON_NUMBERS not in snapshot.frame.columns:
        what = f"does not say which {snapshot.unit} concern the same person, so that the threshold cannot be applied"
        raise BadInput(Fault(what, "take the snapshot again with kerege snapshot", snapshot.path))
    return True


def count_people_behind_cells(
    frame: pl.DataFrame, axes: Mapping[str, Sequence[str]], multi: frozenset[str]
) -> PeopleCounts:
    """Return the people behind every cell of a table with all margins.

    Parameters
    ----------
    frame : DataFrame
        Rows with their `person_numbers`. A row without any counts as one further person.
    axes : mapping of str to sequence of str
        Values of each column, as for `marginals`.
    multi : frozenset of str
        Columns of lists.

    Returns
    -------
    PeopleCounts
        Arrays of (n_1 + 1, ..., n_d + 1) int64; index 0 of every axis is the total.

    Examples
    --------
    >>> numbers = pl.Series("person_numbers", [[1], [1], [2]], dtype=pl.List(pl.UInt32))
    >>> rows = pl.DataFrame({"service": ["food", "food", "shelter"]}).with_columns(numbers)
    >>> behind = count_people_behind_cells(rows, {"service": ["food", "shelter"]}, frozenset())
    >>> behind.people, behind.largest
    (array([2, 1, 1]), array([2, 2, 1]))
    """
    places = [
        find_axis_places(frame[name], list(values), name in multi).alias(str(d))
        for d, (name, values) in enumerate(axes.items())
    ]
    rows = pl.DataFrame([single_people(frame[PERSON_NUMBERS]), *places]).explode(PERSON_NUMBERS)
    rows = rows.with_columns(pl.lit(0).alias(TOTAL_PLACE))
    several = {str(d) for d, name in enumerate(axes) if name in multi}
    shape = [len(values) + 1 for values in axes.values()]
    people, largest = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    names = [str(d) for d in range(len(axes))]
    for opened in chain.from_iterable(combinations(names, size) for size in range(len(names) + 1)):
        exploded = rows.select(PERSON_NUMBERS, TOTAL_PLACE, *opened)
        for name in several & set(opened):
            exploded = exploded.explode(name).drop_nulls(name)
        by_person = exploded.group_by(PERSON_NUMBERS, TOTAL_PLACE, *opened).len()
        behind = by_person.group_by(TOTAL_PLACE, *opened).agg(pl.len().alias("people"), pl.col("len").max())
        index = tuple(behind[name if name in opened else TOTAL_PLACE].to_numpy() for name in names)
        at = index or (behind[TOTAL_PLACE].to_numpy(),)
        people.reshape(shape or [1])[at], largest.reshape(shape or [1])[at] = (
            behind["people"].to_numpy(),
            behind["len"].to_numpy(),
        )
    return PeopleCounts(people, largest)
