"""One population under attack: its tables as one system, or in parts where they contradict one another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kerege.evidence.counting.frequency_table import OK, WITHHELD
from kerege.evidence.sdc.constraints import cell_bounds
from kerege.evidence.sdc.constraints.cell_bounds import Contradiction, Survey
from kerege.evidence.sdc.constraints.multi_table import join
from kerege.evidence.sdc.constraints.populations import Population
from kerege.evidence.sdc.constraints.publication import Sheet
from kerege.evidence.sdc.disclosure import group_disclosure
from kerege.evidence.sdc.disclosure.disclosures import Disclosure, Explainer, codes_of, published
from kerege.evidence.sdc.disclosure.report import SharedValue
from kerege.evidence.sdc.disclosure.temporal_differences import Ledger


def _nought() -> dict[str, int]:
    return dict.fromkeys(("releases", "tables", "cells", "hidden", "differences"), 0)


@dataclass
class Attack:
    """Everything that was learned from some publications, and what could not be made to fit together."""

    threshold: int
    own: frozenset[str]
    found: list[Disclosure] = field(default_factory=list)
    groups: list[SharedValue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    examined: dict[str, int] = field(default_factory=_nought)
    undecided: int = 0  # figures of which nobody knows whether they are safe


@dataclass(frozen=True)
class System:
    """Tables that fit together, and how closely their cells can be known."""

    sheets: list[Sheet]
    survey: Survey


class Register:
    """The systems of one population and what they give away."""

    def __init__(self, population: Population, threshold: int, own: frozenset[str]) -> None:
        self.population, self.threshold, self.own = population, threshold, own
        self.notes: list[str] = []
        self.systems = self._systems()
        self.ledger = Ledger([(each.sheets, each.survey) for each in self.systems])
        self.findings = {id(each): cell_bounds.findings(each.survey) for each in self.systems}
        if late := sum(len(each.survey.late) for each in self.systems):
            self.notes.append(f"{late} figures of {population.unit} could not be examined in time")
        self.undecided = late + self._unread() if self._is_own() else 0

    def _is_own(self) -> bool:
        """Whether any of it can still be changed: what others published closes no gate."""
        return any(sheet.release in self.own for sheet in self.population.own)

    def _unread(self) -> int:
        """Figures of tables from which nothing could be worked out."""
        inside = {sheet for system in self.systems for sheet in system.sheets}
        return sum(int((sheet.status != WITHHELD).sum()) for sheet in self.population.own if sheet not in inside)

    def _systems(self) -> list[System]:
        """All tables tied together; those of other dates, and those that contradict the rest, left aside."""
        own = list(self.population.own)
        for sheets in [self.population.sheets, own] if self.population.guests else [own]:
            if system := self._system(sheets):
                return [system]
        return self._parts(own)

    def _system(self, sheets: list[Sheet]) -> System | None:
        """The tables as one system; None when no people fit them."""
        joint = join(self.population, sheets, loose=True)
        fixed = frozenset(i for i, sheet in enumerate(sheets) if sheet.release not in self.own)
        try:
            survey = Survey(replace(joint, fixed=fixed), self.threshold)
        except Contradiction:
            return None
        if joint.large:
            self.notes.append(
                f"{len(sheets)} tables of {self.population.unit} have too many combinations to be looked at together;"
                " they were tied by the columns that each two of them share"
            )
        return System(sheets, survey)

    def _parts(self, sheets: list[Sheet]) -> list[System]:
        """The largest part that fits together that was found, and every other table by itself."""
        alone = [(sheet, self._system([sheet])) for sheet in sheets]
        self._say(
            [sheet for sheet, system in alone if system is None],
            "its figures contradict one another, so nothing was worked out from it",
        )
        sound = [sheet for sheet, system in alone if system is not None]
        main = self._largest(sound)
        aside = [sheet for sheet in sound if main is None or sheet not in main.sheets]
        self._say(aside, "it says otherwise than other tables of the same people, so it was examined by itself")
        return [*([main] if main else []), *[system for sheet, system in alone if system and sheet in aside]]

    def _say(self, sheets: Sequence[Sheet], what: str) -> None:
        self.notes += [f"table {sheet.name} of {sheet.release}: {what}" for sheet in sheets]

    def _largest(self, sheets: list[Sheet]) -> System | None:
        """Without one table if that is enough; else what can be added one after another, from either end."""
        if len(sheets) < 2:
            return self._system(sheets) if sheets else None
        if whole := self._system(sheets):
            return whole
        for sheet in reversed(sheets):
            if found := self._system([other for other in sheets if other is not sheet]):
                return found
        return max((self._added(order) for order in (sheets, sheets[::-1])), key=lambda each: len(each.sheets))

    def _added(self, sheets: list[Sheet]) -> System:
        system = self._system(sheets[:1])
        assert system is not None  # noqa: S101 - every table fits by itself
        for sheet in sheets[1:]:
            system = self._system([*system.sheets, sheet]) or system
        return system

    def examined(self) -> dict[str, int]:
        """How much was looked at."""
        own = self.population.own
        seen = [sheet.status.ravel() for sheet in own]
        return {
            "tables": len(own),
            "cells": sum(int((status != WITHHELD).sum()) for status in seen),
            "hidden": sum(int(((status != WITHHELD) & (status != OK)).sum()) for status in seen),
            "differences": sum(len(each.survey.joint.differences) for each in self.systems),
        }

    def disclosures(self, deadline: float) -> Iterator[Disclosure]:
        """Small counts that are published, and cells and differences that can be pinned down."""
        for system in self.systems:
            explainer = Explainer(self.population, system.survey.settled(), self.own, self.threshold, deadline)
            for finding in self.findings[id(system)]:
                yield explainer.of_cell(finding, "interval")
            for number, sheet in enumerate(system.sheets):
                for flat in _small(sheet, self.threshold) if sheet in self.population.own else ():
                    count, cell = int(sheet.counts.flat[flat]), int(explainer.joint.places[number][flat])
                    yield explainer.of_cell(cell_bounds.Finding(cell, count, count), "small")
        inside = {sheet for system in self.systems for sheet in system.sheets}
        for sheet in (sheet for sheet in self.population.own if sheet not in inside):
            for flat in _small(sheet, self.threshold):
                count = int(sheet.counts.flat[flat])
                yield Disclosure("small", sheet.release, sheet.name, codes_of(sheet, flat), count, count,
                                 (published(sheet, flat),), drop=sheet.name, where=sheet.where)  # fmt: skip

    def groups(self) -> Iterator[tuple[SharedValue, Disclosure | None]]:
        """Groups of which all members share a value, as the tables show; of a sensitive column they are disclosures."""
        for sheet in self.population.own:
            for found, column, code in group_disclosure.groups(sheet):
                told = SharedValue(
                    release=sheet.release,
                    table=sheet.name,
                    where=sheet.where,
                    cell=found.cell,
                    shares={column: code},
                    people=found.people,
                )
                bad = column in sheet.sensitive
                yield told, replace(found, cell=found.cell | {column: code}) if bad else None


def _small(sheet: Sheet, threshold: int) -> list[int]:
    small = (sheet.status == OK) & (sheet.counts > 0) & (sheet.counts < threshold)
    return [int(flat) for flat in np.flatnonzero(small.ravel())]
