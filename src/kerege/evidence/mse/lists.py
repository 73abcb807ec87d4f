"""Overlapping lists: who was seen by which agencies, as bitmasks with counts, and what is no such table.

Bit j of a history is set when the person is on list j. The history 0 (on no list) is what the estimates are about and
never appears.
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
UNSEEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}  # controls, marks of direction, half characters, ends of lines
Counts = NDArray[np.int64]
Histories = NDArray[np.int64]


class BadLists(BadInput, ValueError):
    """A table that cannot be one of overlapping lists, one sentence a fault; a ValueError as well."""


def refuse(what: str, todo: str, **where: Any) -> BadLists:
    """The error of one fault, to raise."""
    return BadLists(Fault(what, todo, **where))


@dataclass(frozen=True, init=False)
class Lists:
    """Overlapping lists: the number of people with each history, that is, on each combination of lists.

    Parameters
    ----------
    histories : (C,) whole numbers
        Bitmasks, each once: bit j is set when the person is on list j. Three to ten lists. A history 0 (on no list)
        may be there if its count is 0.
    counts : (C,) whole numbers
        People with each history.
    names : sequence of str, optional
        One for each list; A, B, ... if not given.
    noise : float
        Standard deviation, in people, of two-sided geometric noise that every count has, those of 0 too; 0 for counts
        as they are.

    Attributes
    ----------
    histories, counts
        (C,) int64, ascending by history, without histories that have no people.

    Raises
    ------
    BadLists
        One sentence on what is wrong with the table.

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
        seen_by, table = without_unseen(histories, [counts])
        given = checked_histories(seen_by, None if names is None else len(names))
        people = checked_counts(table, len(given))[0]
        lists = number_of_lists(given) if names is None else len(names)
        called = tuple(names) if names is not None else tuple("ABCDEFGHIJ"[:lists])
        check_names(called)
        check_setting("the noise", noise, 0, MOST_NOISE)
        seen = people > 0
        order = np.argsort(given[seen])
        self._set(called, given[seen][order], people[seen][order], float(noise))
        nobody = [called[j] for j in range(lists) if not self.on(j)]
        if nobody:
            raise refuse(f"nobody is on list {nobody[0]}", "leave it out")

    def _set(self, names: tuple[str, ...], histories: Histories, counts: Counts, noise: float) -> None:
        fields = {"names": names, "histories": histories, "counts": counts, "noise": noise}
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of_people(cls, rows: Iterable[int], names: Sequence[str]) -> Lists:
        """From one history a person, and the names of the lists. Raises BadLists."""
        tally = Counter(rows)
        return cls(list(tally), list(tally.values()), names)

    @property
    def number(self) -> int:
        """How many lists."""
        return len(self.names)

    @cached_property
    def people(self) -> int:
        """How many persons were seen."""
        return int(self.counts.sum())

    @cached_property
    def dense(self) -> Counts:
        """People by history (2^t,), 0 at history 0."""
        full = np.zeros(1 << self.number, np.int64)
        full[self.histories] = self.counts
        return full

    def on(self, mask_or_list: int, *, mask: bool = False) -> int:
        """People on a list (by number from 0 on), or on all lists of a mask. Raises BadLists for one there is not."""
        check_setting(
            "the mask" if mask else "the number of a list",
            mask_or_list,
            0,
            (1 << self.number) - 1 if mask else self.number - 1,
            whole=True,
        )
        wanted = mask_or_list if mask else 1 << mask_or_list
        return int(self.counts[(self.histories & wanted) == wanted].sum())

    def with_empty(self) -> Lists:
        """The same with every history there can be, nobody in some: noise may put people there."""
        every = np.arange(1, 1 << self.number)
        return unchecked(self.names, every, self.dense[every], self.noise)

    @cached_property
    def repeated(self) -> int:
        """People on two lists or more."""
        return int(self.counts[(self.histories & (self.histories - 1)) != 0].sum())

    @property
    def same(self) -> tuple[str, str] | None:
        """Two lists that hold exactly the same people, and so tell no more than one; None where there are none."""
        for one, other in combinations(range(self.number), 2):
            if not (((self.histories >> one) ^ (self.histories >> other)) & 1).any():
                return self.names[one], self.names[other]
        return None

    def resampled(self, counts: Counts) -> Counts:
        """Dense tables (B, 2^t) of counts (B, C) of the same histories."""
        full = np.zeros((len(counts), 1 << self.number), np.int64)
        full[:, self.histories] = counts
        return full


def unchecked(names: tuple[str, ...], histories: Histories, counts: Counts, noise: float = 0.0) -> Lists:
    """Return lists without the checks: also fewer than three, or histories without people."""
    made = Lists.__new__(Lists)
    made._set(names, histories, counts, noise)
    return made


def number_of_lists(histories: Histories) -> int:
    """The highest bit of any history."""
    return int(histories.max()).bit_length() if len(histories) else 0


def unseen(name: str) -> bool:
    """Whether a name has characters that steer a terminal or turn the text instead of being read."""
    return any(unicodedata.category(char) in UNSEEN for char in name)


def check_names(names: Sequence[str]) -> None:
    """Raise BadLists unless every list has a name of its own, which can be read."""
    strange = [name for name in names if unseen(name)]
    if strange:
        raise refuse(f"a list has control characters in its name: {strange[0]!r}", "write it without them")
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise refuse(f"two lists are called {twice[0]}", "give every list a name of its own")


def check_number(lists: int) -> None:
    """Raise BadLists unless there are 3 to 10 lists."""
    if lists < 3:
        raise refuse(f"{lists} list{'s' * (lists != 1)}", "these methods need three or more overlapping lists")
    if lists > MOST_LISTS:
        raise refuse(f"{lists} lists", f"join lists of the same kind until there are at most {MOST_LISTS}")


def check_setting(
    name: str, value: Any, least: float, most: float = math.inf, *, whole: bool = False, between: bool = False
) -> None:
    """Raise BadLists unless a setting is a finite number (a `whole` one) from `least` to `most`, or `between` them."""
    kind = "whole number" if whole else "number"
    ends = f"from {least:,} on" if most == math.inf else f"from {least:,} to {most:,}"
    todo = f"give a {kind} {f'above {least} and below {most}' if between else ends}"
    if not isinstance(value, Integral if whole else Real):
        raise refuse(f"{name} is {value}" if isinstance(value, float) else f"{name} is no {kind}", todo)
    number = float(value)
    if not (least < number < most if between else least <= number <= most) or math.isinf(number):
        raise refuse(f"{name} is {value}", todo)


def without_unseen(histories: Any, counts: Any) -> tuple[Any, Any]:
    """Histories (C,) and counts (B, C) without the history 0 where it has nobody in any row; else both as given.

    A dense table has a column for those on no list; it is no fault while it is empty.
    """
    try:
        given, people = np.asarray(histories), np.asarray(counts)
    except ValueError:
        return histories, counts
    if given.ndim != 1 or people.ndim != 2 or people.shape[1] != len(given):
        return histories, counts
    unseen = given == 0
    return (histories, counts) if people[:, unseen].any() else (given[~unseen], people[:, ~unseen])


def checked_histories(histories: Any, lists: int | None = None) -> Histories:
    """Histories (C,) as int64; raises BadLists for none, too few lists, doubles, the history 0, or a list in none."""
    given = np.asarray(histories)
    if given.ndim != 1 or not len(given):
        raise refuse("no histories", "give one whole number a history: bit j is set when the person is on list j")
    if given.dtype.kind == "f" and (given == np.floor(given)).all() and (np.abs(given) < 1 << 53).all():
        given = given.astype(np.int64)
    if given.dtype.kind not in "iu":
        raise refuse("a history is not a whole number", "give bitmasks: bit j is set when the person is on list j")
    if int(given.min()) < 0:
        raise refuse("a history is negative", "give bitmasks: bit j is set when the person is on list j")
    highest = number_of_lists(given)
    check_number(highest if lists is None else lists)
    if lists is not None and highest > lists:
        raise refuse(f"a history has list {highest} of {lists}", "name every list")
    if not int(given.min()):
        place = int(np.argmin(given))
        raise refuse(f"histories[{place}] is 0, on no list", "leave it out: nobody has seen these people")
    values, times = np.unique(given, return_counts=True)
    if len(values) < len(given):
        again = int(values[np.argmax(times)])
        first, second = np.flatnonzero(given == again)[:2].tolist()
        raise refuse(f"histories[{first}] and histories[{second}] are both {again}", "add the counts of the two up")
    missing = [j for j in range(highest) if not np.any((given >> j) & 1)]
    if missing:
        raise refuse(f"nobody is on list {missing[0] + 1}", "leave it out")
    return np.ascontiguousarray(given, dtype=np.int64)


def checked_counts(counts: Any, cells: int) -> Counts:
    """Counts (B, C) as int64; raises BadLists for what is no number of people."""
    try:
        given = np.asarray(counts)
    except ValueError:
        raise refuse("rows of counts of different length", f"give {cells} counts a row, one a history") from None
    if given.ndim != 2 or given.shape[1] != cells:
        raise refuse(f"counts of shape {given.shape}", f"give one column for each of the {cells} histories")
    if given.dtype.kind not in "iuf":
        raise refuse("a count is not a number", "give whole numbers of people")
    if given.dtype.kind == "f":
        if not np.isfinite(given).all():
            raise refuse("a count is missing or infinite", "give whole numbers of people")
        if (given != np.floor(given)).any():
            raise refuse("a count is a fraction", "give whole numbers of people")
    if (given < 0).any():
        raise refuse("a count is negative", "give whole numbers of people")
    people = given.sum(axis=1, dtype=np.float64)
    if (people > MOST_PEOPLE).any():
        raise refuse(f"more than {MOST_PEOPLE:,} people", "give counts of people on lists, not of a whole population")
    if not (people > 0).all():
        where = f" in counts[{int(np.argmin(people))}]" if len(people) > 1 else ""
        raise refuse(f"nobody is on any list{where}", "give lists with people on them")
    return np.ascontiguousarray(given, dtype=np.int64)
