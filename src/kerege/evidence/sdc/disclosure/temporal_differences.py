"""The same figure at two dates: what the difference tells of those who came or went."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.publication import Group, Sheet

Place = tuple[Survey, int]  # a cell of a system
Interval = tuple[int, int]


def comparable(old: Sheet, new: Sheet) -> bool:
    """Whether two tables count the same population at two dates."""
    if not (old.stated and new.stated):
        return old.name == new.name and old.filter == new.filter
    if old.as_of and new.as_of:
        return old.as_of != new.as_of  # the whole register at two dates
    return old.period == new.period if old.period or new.period else old.name == new.name


def few(least: float, most: float, threshold: int) -> bool:
    """Whether a difference within bounds may be of a few people, and is known too closely."""
    return most - least < threshold and least < threshold and most > -threshold and (least, most) != (0, 0)


def places(sheet: Sheet) -> dict[Group, int]:
    """The position of each group that a table names, whether by its filter or by its codes."""
    return {group: flats[0] for group, flats in _places(sheet).items()}


def _places(sheet: Sheet) -> dict[Group, list[int]]:
    """The same with all positions: a row for the only value of a filter counts whom the total counts."""
    chosen = frozenset((column, " or ".join(values)) for column, values in sheet.filter)
    found: dict[Group, list[int]] = {}
    for group, flat in sheet.groups.items():
        found.setdefault(group | chosen, []).append(flat)
    return found


class Ledger:
    """What can be known of the figures of one register: whichever table names a group, it counts the same people."""

    def __init__(self, surveys: Sequence[tuple[Sequence[Sheet], Survey]]) -> None:
        self.home: dict[Sheet, tuple[Survey, int]] = {}
        for sheets, survey in surveys:
            for sheet, place in zip(sheets, survey.joint.places, strict=True):
                self.home.setdefault(sheet, (survey, int(place[0])))
        self._known: dict[tuple[int, int], Interval] = {}

    def cell(self, sheet: Sheet, flat: int) -> Place | None:
        """A figure in the system of its register; None where its table fits no system."""
        survey, first = self.home.get(sheet, (None, 0))
        return None if survey is None else (survey, first + flat)

    def least(self, place: Place) -> Interval:
        """Bounds that some register shows to be reached, at least."""
        survey, cell = place
        target = int(survey.core.place[cell])
        if target < 0:
            return (int(survey.core.value[cell]),) * 2
        low, high = survey.reached
        return int(low[target]), int(high[target])

    def exact(self, place: Place) -> Interval:
        """The feasible integers."""
        key = id(place[0]), place[1]
        if key not in self._known:
            self._known[key] = place[0].intervals([place[1]])[place[1]]
        return self._known[key]


Pair = tuple[Sheet, int, Sheet, int]


def revised(
    before: Ledger, after: Ledger, old: Sequence[Sheet], new: Sequence[Sheet], threshold: int
) -> Iterator[tuple[Pair, Interval]]:
    """Pairs of figures of the same people at two dates that differ by a few, and by how many."""
    for pair in _narrow(before, after, list(_pairs(old, new)), threshold):
        was, now = before.cell(pair[0], pair[1]), after.cell(pair[2], pair[3])
        if was is None or now is None:
            continue
        (low, high), (lower, upper) = before.exact(was), after.exact(now)
        if few(lower - high, upper - low, threshold):
            yield pair, (lower - high, upper - low)


def _pairs(old: Sequence[Sheet], new: Sequence[Sheet]) -> Iterator[Pair]:
    mine, theirs = {sheet: _places(sheet) for sheet in new}, {sheet: _places(sheet) for sheet in old}
    for earlier in old:
        for later in new:
            if comparable(earlier, later):
                for group in theirs[earlier].keys() & mine[later].keys():
                    for a, b in product(theirs[earlier][group], mine[later][group]):
                        yield earlier, a, later, b


def _narrow(before: Ledger, after: Ledger, pairs: list[Pair], threshold: int) -> list[Pair]:
    """Pairs whose difference no two registers show to be wide."""
    for look in (True, False):
        kept: list[Pair] = []
        wanted: dict[int, tuple[Survey, set[int]]] = {}
        for pair in pairs:
            was, now = before.cell(pair[0], pair[1]), after.cell(pair[2], pair[3])
            if was is None or now is None:
                continue
            (low, high), (lower, upper) = before.least(was), after.least(now)
            narrow = high - low + upper - lower < threshold
            if narrow and lower - high < 2 * threshold and upper - low > -2 * threshold:
                kept.append(pair)
                for survey, cell in (was, now):
                    wanted.setdefault(id(survey), (survey, set()))[1].add(int(survey.core.place[cell]))
        pairs = kept
        for survey, targets in wanted.values() if look else ():
            asked = np.zeros(len(survey.core.targets), dtype=bool)
            asked[[target for target in targets if target >= 0]] = True
            survey.widen(asked)
    return pairs
