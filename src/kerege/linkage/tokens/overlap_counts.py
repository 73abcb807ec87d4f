"""Counts of persons by capture history, as they are published."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import Refused

# least persons that a list must share with the others; the noisy counts decide, so that a refusal reveals no more than
# they would
LEAST_SHARED = 15


def count_shared(histories: NDArray[np.int64], lists: int) -> list[int]:
    """Return for each list how many of its persons are on another list too.

    Parameters
    ----------
    histories : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    lists : int
        Number of lists.

    Returns
    -------
    list of int
        People by list.

    Examples
    --------
    >>> count_shared(np.array([40, 30, 20]), lists=2)  # on the first only, on the second only, on both
    [20, 20]
    """
    history = np.arange(1, 1 << lists)
    is_on_several = (history & (history - 1)) > 0
    return [int(histories[is_on_several & ((history >> position) & 1 == 1)].sum()) for position in range(lists)]


def check_shared(names: list[str], counts: NDArray[np.int64]) -> None:
    """Raise Refused if a list shares so few persons with the others that they could be identified."""
    for name, count in zip(names, count_shared(counts, len(names)), strict=True):
        if count < LEAST_SHARED:
            raise Refused(
                f"the list {name} shares too few persons with the others to estimate the number; leave it out"
            )


def counts_of_lists(names: list[str], counts: NDArray[np.int64], chosen: list[str]) -> NDArray[np.int64]:
    """Return the counts of some of the lists, in their order, as sums of the counts of all lists.

    Parameters
    ----------
    names : list of str
        Names of all lists; bit i of a history is list i.
    counts : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    chosen : list of str
        Names of the lists to keep.

    Returns
    -------
    (2^chosen - 1,) int64
        People by capture history of the chosen lists. People on none of them are left out.

    Raises
    ------
    ValueError
        If a chosen list is not in `names`.

    Examples
    --------
    >>> counts_of_lists(["a", "b", "c"], np.array([1, 2, 3, 4, 5, 6, 7]), ["c", "a"])
    array([10,  4, 12])
    """
    history = np.arange(1, 1 << len(names))
    positions = [names.index(name) for name in chosen]
    new_history = sum(((history >> position) & 1) << new for new, position in enumerate(positions))
    sums = np.zeros(1 << len(chosen), np.int64)
    np.add.at(sums, new_history, counts)
    return sums[1:]


def overlap_table(names: list[str], histories: NDArray[np.int64], deviation: float | None = None) -> pl.DataFrame:
    """Return the input of `kerege estimate`: a row for each capture history.

    Parameters
    ----------
    names : list of str
        Names of the lists; bit i of a history is list i.
    histories : (2^lists - 1,) int64
        People by capture history, from history 1 on.
    deviation : float, optional
        Standard deviation of the noise of a count, in people.

    Returns
    -------
    DataFrame
        A 0/1 column for each list, and `count`. With `deviation`, every row also holds `noise`.

    Examples
    --------
    >>> overlap_table(["police", "shelter"], np.array([40, 30, 20])).rows()
    [(1, 0, 40), (0, 1, 30), (1, 1, 20)]
    """
    history = np.arange(1, 1 << len(names))
    columns: dict[str, Any] = {name: (history >> position) & 1 for position, name in enumerate(names)}
    frame = pl.DataFrame({**columns, "count": histories})
    return frame if deviation is None else frame.with_columns(noise=round(deviation, 4))
