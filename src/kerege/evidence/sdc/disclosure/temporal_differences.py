"""Disclosure by differencing over time: the same figure at two dates."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np

from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.publication import Group, Sheet

Place = tuple[Survey, int]  # a cell of a system
Interval = tuple[int, int]


def comparable(old: Sheet, new: Sheet) -> bool:
    """Return whether two tables count the same population at two dates."""
    if not (old.stated and new.stated):
        return old.name == new.name and old.filter == new.filter
    if old.as_of and new.as_of:
        return old.as_of != new.as_of  # both count the whole register
    return old.period == new.period if old.period or new.period else old.name == new.name


def few(least: float, most: float, threshold: int) -> bool:
    """Return whether a difference within the bounds may concern a few people and has a narrow interval."""
    return most - least < threshold and least < threshold and most > -threshold and (least, most) != (0, 0)


def places(sheet: Sheet) -> dict[Group, int]:
    """Return the position of each group that a table names, by its filter or by its codes."""
    return {group: flats[0] for group, flats in _places(sheet).items()}


def _places(sheet: Sheet) -> dict[Group, list[int]]:
    """Return all positions of each group.

    A row for the only value of a filter counts the same people as the total.
    """
    chosen = frozenset((column, " or ".join(values)) for column, values in sheet.filter)
    by_group: dict[Group, list[int]] = {}
    for group, flat in sheet.groups.items():
        by_group.setdefault(group | chosen, []).append(flat)
    return by_group


class FigureBounds:
    """Bounds of the figures of one population; all tables that name a group count the same people."""

    def __init__(self, surveys: Sequence[tuple[Sequence[Sheet], Survey]]) -> None:
        self.home: dict[Sheet, tuple[Survey, int]] = {}
        for sheets, survey in surveys:
            for sheet, place in zip(sheets, survey.joint.places, strict=False):  # tables of tied units come later
                self.home.setdefault(sheet, (survey, int(place[0])))
        self._exact: dict[tuple[int, int], Interval] = {}

    def cell(self, sheet: Sheet, flat: int) -> Place | None:
        """Return a figure's place in its system, None when its table is in no system."""
        survey, first = self.home.get(sheet, (None, 0))
        return None if survey is None else (survey, first + flat)

    def witnessed(self, place: Place) -> Interval:
        """Return the range that witnesses show: the feasible interval is at least as wide."""
        survey, cell = place
        target = int(survey.core.place[cell])
        if target < 0:
            return (int(survey.core.value[cell]),) * 2
        low, high = survey.reached
        return int(low[target]), int(high[target])

    def exact(self, place: Place) -> Interval:
        """Return the feasible integers."""
        key = id(place[0]), place[1]
        if key not in self._exact:
            self._exact[key] = place[0].intervals([place[1]])[place[1]]
        return self._exact[key]


Pair = tuple[Sheet, int, Sheet, int]


def revised(
    before: FigureBounds, after: FigureBounds, old: Sequence[Sheet], new: Sequence[Sheet], threshold: int
) -> Iterator[tuple[Pair, Interval]]:
    """Yield pairs of figures of the same people at two dates that differ by a few, with the difference."""
    for pair in _narrow_pairs(before, after, list(_figure_pairs(old, new)), threshold):
        place_before, place_after = before.cell(pair[0], pair[1]), after.cell(pair[2], pair[3])
        if place_before is None or place_after is None:
            continue
        (low, high), (lower, upper) = before.exact(place_before), after.exact(place_after)
        if few(lower - high, upper - low, threshold):
            yield pair, (lower - high, upper - low)


def _figure_pairs(old: Sequence[Sheet], new: Sequence[Sheet]) -> Iterator[Pair]:
    new_places, old_places = {sheet: _places(sheet) for sheet in new}, {sheet: _places(sheet) for sheet in old}
    for earlier in old:
        for later in new:
            if comparable(earlier, later):
                for group in old_places[earlier].keys() & new_places[later].keys():
                    for a, b in product(old_places[earlier][group], new_places[later][group]):
                        yield earlier, a, later, b


def _narrow_pairs(before: FigureBounds, after: FigureBounds, pairs: list[Pair], threshold: int) -> list[Pair]:
    """Return the pairs whose difference no witnesses show to be wide."""
    for is_first in (True, False):
        remaining: list[Pair] = []
        to_widen: dict[int, tuple[Survey, set[int]]] = {}
        for pair in pairs:
            place_before, place_after = before.cell(pair[0], pair[1]), after.cell(pair[2], pair[3])
            if place_before is None or place_after is None:
                continue
            (low, high), (lower, upper) = before.witnessed(place_before), after.witnessed(place_after)
            is_narrow = high - low + upper - lower < threshold
            if is_narrow and lower - high < 2 * threshold and upper - low > -2 * threshold:
                remaining.append(pair)
                for survey, cell in (place_before, place_after):
                    to_widen.setdefault(id(survey), (survey, set()))[1].add(int(survey.core.place[cell]))
        pairs = remaining
        for survey, targets in to_widen.values() if is_first else ():
            examined = np.zeros(len(survey.core.targets), dtype=bool)
            examined[[target for target in targets if target >= 0]] = True
            survey.widen(examined)
    return pairs
