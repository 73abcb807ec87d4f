"""Overlapping lists as capture histories with counts, and the checks of such tables.

A history is a bitmask: bit j is set when the person is on list j. The history 0 (on no list) is unobserved; its count
is what the methods estimate, and a table never contains it.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault

MOST_LISTS = 10
MOST_PEOPLE = 100_000_000
MOST_NOISE = 10_000.0  # people
CONTROL_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # Unicode: controls, text direction, surrogates, line ends
Counts = NDArray[np.int64]
Histories = NDArray[np.int64]


class BadLists(BadInput, ValueError):
    """Invalid table of overlapping lists, or invalid setting of a method; one fault for each problem.

    Parameters
    ----------
    faults : Fault or iterable of Fault
        Fault, place and remedy.

    Notes
    -----
    It is a ValueError as well, so callers can catch it without an import from `kerege`.
    """


def lists_error(what: str, todo: str, **where: Any) -> BadLists:
    """Return a BadLists error with one fault, for the caller to raise."""
    return BadLists(Fault(what, todo, **where))


@dataclass(frozen=True, init=False)
class Lists:
    """Overlapping lists: the number of people with each capture history (combination of lists).

    Parameters
    ----------
    histories : (C,) integers
        Bitmasks without duplicates: bit j is set when the person is on list j. Three to ten lists. The history 0 (on no
        list) is allowed if its count is 0.
    counts : (C,) integers
        Number of people with each history.
    names : sequence of str, optional
        One name for each list. Default: A, B, ...
    noise : float, default 0.0
        Standard deviation, in people, of two-sided geometric noise in each count, zero counts included. 0 for exact
        counts.

    Attributes
    ----------
    histories, counts
        (C,) int64, ascending by history, without histories that have no people.

    Raises
    ------
    BadLists
        If the table is not one of three to ten overlapping lists. The error has one fault.

    References
    ----------
    .. [1] Bird and King 2018, "Multiple systems estimation (or capture-recapture estimation) to inform public policy",
       Annual Review of Statistics and Its Application 5.

    Examples
    --------
    People born with spina bifida in upstate New York, 1969-74 (Madigan and York 1997, Biometrika 84), by medical
    rehabilitation files, death certificates and birth certificates.

    >>> histories = [0b001, 0b010, 0b011, 0b100, 0b101, 0b110, 0b111]
    >>> lists = Lists(histories, [60, 49, 4, 247, 112, 142, 12], ["rehabilitation", "death", "birth"])
    >>> lists.people, lists.repeated
    (626, 270)
    """

    names: tuple[str, ...]
    histories: Histories = field(repr=False)
    counts: Counts = field(repr=False)
    noise: float = 0.0

    def __init__(self, histories: Any, counts: Any, names: Sequence[str] | None = None, noise: float = 0.0) -> None:
        observed, tables = drop_unobserved(histories, [counts])
        valid_histories = validate_histories(observed, None if names is None else len(names))
        people = validate_counts(tables, len(valid_histories))[0]
        lists = number_of_lists(valid_histories) if names is None else len(names)
        list_names = tuple(names) if names is not None else tuple("ABCDEFGHIJ"[:lists])
        check_names(list_names)
        check_setting("the noise", noise, 0, MOST_NOISE)
        occupied = people > 0
        order = np.argsort(valid_histories[occupied])
        self._set(list_names, valid_histories[occupied][order], people[occupied][order], float(noise))
        empty_lists = [list_names[j] for j in range(lists) if not self.on(j)]
        if empty_lists:
            raise lists_error(f"nobody is on list {empty_lists[0]}", "leave it out")

    def _set(self, names: tuple[str, ...], histories: Histories, counts: Counts, noise: float) -> None:
        """Set the fields of the frozen instance."""
        fields = {"names": names, "histories": histories, "counts": counts, "noise": noise}
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of_people(cls, rows: Iterable[int], names: Sequence[str]) -> Lists:
        """Return lists from one history for each person.

        Parameters
        ----------
        rows : iterable of int
            Bitmask of each person: bit j is set when the person is on list j.
        names : sequence of str
            One name for each list.

        Returns
        -------
        Lists
            The number of people with each history.

        Raises
        ------
        BadLists
            If the table is not one of three to ten overlapping lists.

        Examples
        --------
        >>> Lists.of_people([0b001, 0b011, 0b011, 0b100], ["police", "shelter", "hotline"]).counts.tolist()
        [1, 2, 1]
        """
        tally = Counter(rows)
        return cls(list(tally), list(tally.values()), names)

    @property
    def number(self) -> int:
        """Number of lists."""
        return len(self.names)

    def __repr__(self) -> str:
        """Return names, people, people on two lists or more, and the noise if there is any."""
        noise = f", noise={self.noise}" if self.noise else ""
        return f"Lists({', '.join(self.names)}; {self.people:,} people, {self.repeated:,} on two or more{noise})"

    @cached_property
    def people(self) -> int:
        """Number of observed people."""
        return int(self.counts.sum())

    @cached_property
    def dense(self) -> Counts:
        """People by history as a dense array (2^t,); 0 at history 0."""
        full = np.zeros(1 << self.number, np.int64)
        full[self.histories] = self.counts
        return full

    def on(self, mask_or_list: int, *, mask: bool = False) -> int:
        """Return how many people are on a list, or on all lists of a bitmask.

        Parameters
        ----------
        mask_or_list : int
            Position of a list from 0 on, or a bitmask if `mask` is true.
        mask : bool
            Whether the number is a bitmask.

        Returns
        -------
        int
            Number of people.

        Raises
        ------
        BadLists
            If the list or the mask does not exist.

        Examples
        --------
        >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
        >>> lists.on(0), lists.on(0b011, mask=True)
        (188, 16)
        """
        check_setting(
            "the mask" if mask else "the number of a list",
            mask_or_list,
            0,
            (1 << self.number) - 1 if mask else self.number - 1,
            integer=True,
        )
        bits = mask_or_list if mask else 1 << mask_or_list
        return int(self.counts[(self.histories & bits) == bits].sum())

    def with_empty(self) -> Lists:
        """Return the lists with all 2^t - 1 histories, also those without people, because noise may fill them.

        Returns
        -------
        Lists
            The same people.

        Examples
        --------
        >>> Lists([1, 2, 4, 7], [4, 3, 2, 1]).with_empty().counts.tolist()
        [4, 3, 0, 2, 0, 0, 1]
        """
        all_histories = np.arange(1, 1 << self.number)
        return build_unchecked_lists(self.names, all_histories, self.dense[all_histories], self.noise)

    @cached_property
    def repeated(self) -> int:
        """Number of people on two lists or more."""
        return int(self.counts[(self.histories & (self.histories - 1)) != 0].sum())

    @property
    def same(self) -> tuple[str, str] | None:
        """Names of two lists that hold exactly the same people (one is redundant); None if there are none."""
        for first, second in combinations(range(self.number), 2):
            if not (((self.histories >> first) ^ (self.histories >> second)) & 1).any():
                return self.names[first], self.names[second]
        return None

    def resampled(self, counts: Counts) -> Counts:
        """Return dense tables from counts of the same histories.

        Parameters
        ----------
        counts : (B, C) int64
            Number of people with each history, one table in each row.

        Returns
        -------
        (B, 2^t) int64
            People by history; 0 at history 0 and where the lists have no people.

        Examples
        --------
        >>> Lists([1, 2, 4, 7], [4, 3, 2, 1]).resampled(np.array([[5, 3, 1, 1]])).tolist()
        [[0, 5, 3, 0, 1, 0, 0, 1]]
        """
        dense_tables = np.zeros((len(counts), 1 << self.number), np.int64)
        dense_tables[:, self.histories] = counts
        return dense_tables


def build_unchecked_lists(names: tuple[str, ...], histories: Histories, counts: Counts, noise: float = 0.0) -> Lists:
    """Return lists without the checks: also fewer than three lists, or histories without people."""
    lists = Lists.__new__(Lists)
    lists._set(names, histories, counts, noise)
    return lists


def number_of_lists(histories: Histories) -> int:
    """Return the position of the highest bit of all histories, from 1 on; 0 for no histories."""
    return int(histories.max()).bit_length() if len(histories) else 0


def has_control_characters(name: str) -> bool:
    """Return whether a name has control characters, which change a terminal or the direction of the text."""
    return any(unicodedata.category(char) in CONTROL_CATEGORIES for char in name)


def check_names(names: Sequence[str]) -> None:
    """Raise BadLists if two lists have the same name or a name has control characters."""
    unreadable = [name for name in names if has_control_characters(name)]
    if unreadable:
        raise lists_error(f"a list has control characters in its name: {unreadable[0]!r}", "write it without them")
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise lists_error(f"two lists are called {repeated[0]}", "give every list a name of its own")


def check_number(lists: int) -> None:
    """Raise BadLists if there are fewer than 3 or more than 10 lists."""
    if lists < 3:
        raise lists_error("there are fewer than three lists", "give three or more that overlap")
    if lists > MOST_LISTS:
        raise lists_error(
            f"the number of lists is {lists}", f"join lists of the same kind until there are at most {MOST_LISTS}"
        )


def check_setting(
    name: str, value: Any, least: float, most: float = math.inf, *, integer: bool = False, exclusive: bool = False
) -> None:
    """Raise BadLists if a setting is not a finite number from `least` to `most`.

    With `integer` the number must be a whole number; with `exclusive` the limits are excluded.
    """
    kind = "whole number" if integer else "number"
    span = f"from {least:,} on" if most == math.inf else f"from {least:,} to {most:,}"
    todo = f"give a {kind} {f'above {least} and below {most}' if exclusive else span}"
    if not isinstance(value, Integral if integer else Real):
        raise lists_error(f"{name} is {value}" if isinstance(value, float) else f"{name} is not a {kind}", todo)
    converted = float(value)
    if not (least < converted < most if exclusive else least <= converted <= most) or math.isinf(converted):
        raise lists_error(f"{name} is {value}", todo)


def drop_unobserved(histories: Any, counts: Any) -> tuple[Any, Any]:
    """Return histories (C,) and counts (B, C) without the history 0, if no row has people there.

    Otherwise both are returned unchanged, so that the later checks report the fault. A dense table has a column for
    people on no list; this column is valid as long as it is empty.
    """
    try:
        history_array, count_array = np.asarray(histories), np.asarray(counts)
    except ValueError:
        return histories, counts
    if history_array.ndim != 1 or count_array.ndim != 2 or count_array.shape[1] != len(history_array):
        return histories, counts
    is_unobserved = history_array == 0
    return (
        (histories, counts)
        if count_array[:, is_unobserved].any()
        else (history_array[~is_unobserved], count_array[:, ~is_unobserved])
    )


def validate_histories(histories: Any, lists: int | None = None) -> Histories:
    """Return histories (C,) as int64.

    Raises BadLists if there is no history, or too few or too many lists. Also if histories repeat, if one is 0, or if a
    list is in no history.
    """
    array = np.asarray(histories)
    if array.ndim != 1 or not len(array):
        raise lists_error(
            "there is no history", "give one whole number per history: bit j is set when the person is on list j"
        )
    if array.dtype.kind == "f" and (array == np.floor(array)).all() and (np.abs(array) < 1 << 53).all():
        array = array.astype(np.int64)
    if array.dtype.kind not in "iu":
        raise lists_error("a history is not a whole number", "give bitmasks: bit j is set when the person is on list j")
    if int(array.min()) < 0:
        raise lists_error("a history is negative", "give bitmasks: bit j is set when the person is on list j")
    highest_list = number_of_lists(array)
    check_number(highest_list if lists is None else lists)
    if lists is not None and highest_list > lists:
        raise lists_error(f"a history names list {highest_list}, but there are {lists} lists", "name every list")
    if not int(array.min()):
        position = int(np.argmin(array))
        raise lists_error(f"histories[{position}] is 0, on no list", "leave it out: nobody has seen these people")
    values, times = np.unique(array, return_counts=True)
    if len(values) < len(array):
        duplicate = int(values[np.argmax(times)])
        first, second = np.flatnonzero(array == duplicate)[:2].tolist()
        raise lists_error(
            f"histories[{first}] and histories[{second}] are both {duplicate}", "add the counts of the two up"
        )
    missing = [j for j in range(highest_list) if not np.any((array >> j) & 1)]
    if missing:
        raise lists_error(f"nobody is on list {missing[0] + 1}", "leave it out")
    return np.ascontiguousarray(array, dtype=np.int64)


def validate_counts(counts: Any, cells: int) -> Counts:
    """Return counts (B, C) as int64. Raises BadLists if one is not a number of people."""
    try:
        array = np.asarray(counts)
    except ValueError:
        raise lists_error(
            "the rows of counts differ in length", f"give {cells} counts per row, one per history"
        ) from None
    if array.ndim != 2 or array.shape[1] != cells:
        raise lists_error(f"counts have the shape {array.shape}", f"give one column for each of the {cells} histories")
    if array.dtype.kind not in "iuf":
        raise lists_error("a count is not a number", "give whole numbers of people")
    if array.dtype.kind == "f":
        if not np.isfinite(array).all():
            raise lists_error("a count is missing or infinite", "give whole numbers of people")
        if (array != np.floor(array)).any():
            raise lists_error("a count is a fraction", "give whole numbers of people")
    if (array < 0).any():
        raise lists_error("a count is negative", "give whole numbers of people")
    totals = array.sum(axis=1, dtype=np.float64)
    if (totals > MOST_PEOPLE).any():
        raise lists_error(
            f"more than {MOST_PEOPLE:,} people", "give counts of people on lists, not of a whole population"
        )
    if not (totals > 0).all():
        where = f" in counts[{int(np.argmin(totals))}]" if len(totals) > 1 else ""
        raise lists_error(f"nobody is on any list{where}", "give lists with people on them")
    return np.ascontiguousarray(array, dtype=np.int64)
