"""Floor: the least Petersen number over all divisions of the lists into two groups."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, lists_error
from kerege.evidence.mse.loglinear.bootstrap import counted_lists, draw_corrected
from kerege.evidence.mse.loglinear.integer_tables import Undo

Floats = NDArray[np.float64]
QUANTILE = 0.1  # the floor is the 10% quantile over the resamples
MOST_RESAMPLES, FEW_LISTS = 2_000, 6  # with more lists than these, 2,000 resamples are enough
MISSED = 0.9  # factor of the floor if nobody has reviewed the linkage: one link in ten may be missed


class Floor(NamedTuple):
    """The least Petersen number over all divisions of the lists into two groups.

    value: in the lists themselves, in people. limit: its 10% quantile over resamples, at least the observed people.
    camp: names of the lists of one group of the division that gives `value`; the other group has the others.
    """

    value: float
    limit: float
    camp: tuple[str, ...]


def least_split(lists: Lists, *, times: int = 20_000, seed: int = 1, undo: Undo | None = None) -> Floor:
    """Return the least Petersen number over all divisions of the lists into two groups.

    The lists of a group count as one list. With a people on lists of one group, b on lists of the other and c on both,
    the Petersen number is a b / c.

    Parameters
    ----------
    lists : Lists
        Two to ten lists; corrected ones if `undo` is given.
    times : int, default 20,000
        Resamples; at most 2,000 are used with more than six lists.
    seed : int, default 1
        Seed of the resamples.
    undo : Undo, optional
        Correction of linkage errors, if the lists were corrected.

    Returns
    -------
    Floor
        Value, limit and `camp`. All numbers are people, observed and unobserved.

    Raises
    ------
    BadLists
        If there are fewer than two lists.

    Notes
    -----
    In expectation a b / c is at most the number of people if and only if being on a list of one group and being
    on a list of the other do not covary negatively. The floor needs this for one division only. People whom no list can
    reach, people who differ in how easily lists reach them, referrals from one list to another, and false links all
    keep it true. Missed links and lists that take people away from each other break it. An empty overlap counts as one
    half.

    References
    ----------
    .. [1] Petersen 1896, "The yearly immigration of young plaice into the Limfjord from the German Sea", Report of the
       Danish Biological Station 6.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> floor = least_split(lists, times=500)
    >>> round(floor.value), floor.camp
    (731, ('A', 'B'))
    """
    if lists.number < 2:
        raise lists_error("there is one list", "a floor needs two or more")
    tables = resampled_tables(lists, undo, times, seed)
    numbers = petersen_numbers(lists.dense[None])[0]
    camp = _list_groups(lists.number)[int(numbers.argmin())]
    limit = float(np.quantile(petersen_numbers(tables).min(axis=1), QUANTILE))
    names = tuple(name for place, name in enumerate(lists.names) if camp >> place & 1)
    return Floor(max(float(numbers.min()), lists.people), max(limit, lists.people), names)


def resampled_tables(lists: Lists, undo: Undo | None, times: int, seed: int) -> NDArray[np.int64]:
    """Return dense tables (B, 2^t) of resamples, corrected for linkage errors if `undo` is given."""
    counted, undo = counted_lists(lists, undo)
    number = min(times, MOST_RESAMPLES) if lists.number > FEW_LISTS else times
    return counted.resampled(draw_corrected(counted, undo, number, seed))


def petersen_numbers(tables: NDArray[np.int64]) -> Floats:
    """Return the Petersen number (B, splits) for each division of the lists of dense tables (B, 2^t)."""
    lists = tables.shape[1].bit_length() - 1
    groups = np.array(_list_groups(lists))
    everything = (1 << lists) - 1
    history = np.arange(1 << lists)
    on_group = (history[:, None] & groups[None]) > 0
    on_rest = (history[:, None] & (everything ^ groups)[None]) > 0
    people = tables.astype(float)
    on_both = np.maximum(people @ (on_group & on_rest).astype(float), 0.5)
    return np.asarray((people @ on_group.astype(float)) * (people @ on_rest.astype(float)) / on_both)


def _list_groups(lists: int) -> list[int]:
    """Return one group of each division as a bitmask; the last list is always in the other group."""
    return list(range(1, 1 << (lists - 1)))
