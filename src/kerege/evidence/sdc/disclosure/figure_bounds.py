"""Bounds of single figures of one population."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.published_tables.publication import Sheet

Place = tuple[Survey, int]  # a cell of a system
Interval = tuple[int, int]


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

    def exact(self, place: Place) -> Interval:
        """Return the feasible integers."""
        key = id(place[0]), place[1]
        if key not in self._exact:
            self._exact[key] = place[0].intervals([place[1]])[place[1]]
        return self._exact[key]
