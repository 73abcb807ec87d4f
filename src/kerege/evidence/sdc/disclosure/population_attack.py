"""Disclosure risk assessment of one population, in one system or in consistent parts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from kerege.base.message_text import listed
from kerege.evidence.counting.frequency_table import NOISED, OK, SUPPRESSED, WITHHELD
from kerege.evidence.sdc.bounds.cell_bounds import Contradiction, Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.ties import TiedTables
from kerege.evidence.sdc.disclosure import group_disclosure
from kerege.evidence.sdc.disclosure.disclosures import Disclosure, Explainer, as_source, codes_of
from kerege.evidence.sdc.disclosure.figure_bounds import FigureBounds
from kerege.evidence.sdc.disclosure.noisy_figures import assess_noisy_figures, has_stated_noise
from kerege.evidence.sdc.disclosure.report import SharedValue
from kerege.evidence.sdc.groups.decisions import RiskFindings, assess_groups
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.publication import Sheet
from kerege.evidence.sdc.published_tables.share_rows import is_exact


def _zero_counts() -> dict[str, int]:
    return dict.fromkeys(("releases", "tables", "cells", "hidden", "groups"), 0)


@dataclass
class AssessmentResult:
    """Everything that was learned from some publications, with notes on contradictions."""

    threshold: int
    own: frozenset[str]
    disclosures: list[Disclosure] = field(default_factory=list)
    groups: list[SharedValue] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    examined: dict[str, int] = field(default_factory=_zero_counts)
    parts: int = 0  # systems of tables that fit together, tables that fit in none, and pairs that contradict
    undecided: int = 0  # figures that are neither proved safe nor proved unsafe


@dataclass(frozen=True)
class ConsistentTables:
    """Tables that do not contradict one another, and the bounds of their cells."""

    sheets: list[Sheet]
    assessment: RiskFindings

    @property
    def survey(self) -> Survey:
        """Return the bounds of all cells and groups."""
        return self.assessment.survey


class PopulationAssessment:
    """The consistent systems of one population and their disclosures."""

    def __init__(
        self, population: PublishedPopulation, threshold: int, own: frozenset[str], tied: TiedTables | None = None
    ) -> None:
        self.population, self.threshold, self.own, self.tied = population, threshold, own, tied
        self.notes: list[str] = []
        self.contradicted = 0  # noisy figures that no noise of the stated size explains
        self.systems = self._systems()
        if tied and self.tied is None:
            text = "contradict one another by the tie that a manifest states, so each unit was examined by itself"
            self.notes.append(f"undecided: tables of {tied.tie.rows} and {tied.tie.people} {text}")
        self.ledger = FigureBounds([(system.sheets, system.survey) for system in self.systems])
        if late := sum(system.assessment.undecided for system in self.systems):
            self.notes.append(f"{late} figures of {population.unit} could not be examined in time{self._beside()}")
        self.noisy = [findings for system in self.systems if (findings := self._with_noise(system)) is not None]
        late += sum(findings.undecided for findings in self.noisy)
        if tied is None and any(sheet.ties for sheet in population.own):
            self.notes.append(
                f"{population.unit} are tied to another unit whose tables are not at hand: it was examined by itself"
            )
        if any(system.assessment.left_out for system in self.systems):
            self.notes.append(f"groups of {population.unit} by some three columns were too many to be examined")
        for sheet in population.own:
            self.notes += [f"table {sheet.name} of {sheet.release}: {note}" for note in sheet.notes]
        unread = [
            f"undecided: column {name} of table {sheet.name}"
            for sheet in population.own
            for name in _unread(sheet, threshold)
        ]
        self.notes += unread
        broken_ties = int(tied is not None and self.tied is None)
        undecided = late + self._unassessed() + len(unread) + self.contradicted + broken_ties
        self.undecided = undecided if self._is_own() else 0

    @property
    def about(self) -> frozenset[tuple[str, str]]:
        """Return the populations with these people, as far as known."""
        return frozenset((self.population.unit, key) for key in (self.population.key, *self.population.alike))

    def _beside(self) -> str:
        """Return the end of a sentence that names the tables of both units; '' without a tie."""
        if self.tied is None:
            return ""
        own, others = (", ".join(sheet.name for sheet in sheets) for sheets in (self.population.own, self.tied.tables))
        return f" (tables {own} beside tables {others} of {self.tied.source.unit})"

    def _is_own(self) -> bool:
        """Return whether any table can still be changed; other publishers' tables do not stop a release."""
        return any(sheet.release in self.own for sheet in self.population.own)

    @property
    def parts(self) -> int:
        """Return the number of systems, and of tables that fit in none; one where all tables fit together."""
        inside = {sheet for system in self.systems for sheet in system.sheets}
        return len(self.systems) + len({*self.population.own} - inside)

    def _unassessed(self) -> int:
        """Return the number of figures in tables that contradict themselves."""
        inside = {sheet for system in self.systems for sheet in system.sheets}
        return sum(int((sheet.status != WITHHELD).sum()) for sheet in self.population.own if sheet not in inside)

    def _systems(self) -> list[ConsistentTables]:
        """Return all tables as one system, else those of this date, else consistent parts."""
        own, guests = list(self.population.own), self.population.guests
        for sheets in dict.fromkeys([tuple(self.population.sheets), (*own, *guests), tuple(own)]):
            if system := self._system([*sheets]):
                return [system]
        with_zeros = [sheet for sheet in own if self._allow_zeros(sheet)]
        if with_zeros and (system := self._system(own)):
            return [system]
        return self._consistent_parts(own)

    def _allow_zeros(self, sheet: Sheet) -> bool:
        """Let suppressed figures be 0 if the sums of their table leave no room for 1; return whether it did."""
        is_suppressed = (sheet.status == SUPPRESSED) & np.isinf(sheet.upper) & (sheet.lower == 1)
        if not is_suppressed.any() or self._system([sheet]) is not None:
            return False
        sheet.lower[is_suppressed] = 0
        if self._system([sheet]) is None:
            sheet.lower[is_suppressed] = 1
            return False
        self._note([sheet], "some of its suppressed figures are 0, so each of them was taken to be at least 0")
        return True

    def _fixed(self, sheets: Sequence[Sheet]) -> frozenset[int]:
        """Return the numbers of the tables that cannot be changed."""
        return frozenset(i for i, sheet in enumerate(sheets) if sheet.release not in self.own)

    def _system(self, sheets: list[Sheet]) -> ConsistentTables | None:
        """Return the tables as one system; None when they contradict one another."""
        fixed = self._fixed(sheets)
        try:
            assessment = assess_groups(self.population, sheets, self.threshold, fixed=fixed, tied=self.tied)
        except Contradiction:
            if self.tied is None:
                return None
            self.tied = None
            return self._system(sheets)
        if assessment.joint.large:
            self.notes.append(
                f"{len(sheets)} tables of {self.population.unit} have too many combinations to be examined"
                f" together{self._beside()}; none of their figures counts as safe"
            )
        return ConsistentTables(sheets, assessment)

    def _with_noise(self, system: ConsistentTables) -> RiskFindings | None:
        """Return the findings that noisy figures add to the others; None when they add nothing."""
        if not has_stated_noise(system.sheets) or system.assessment.refused:
            return None
        exact = system.assessment
        if exact.joint.own_tables is not None:  # noise is examined without the tables of the tied unit
            exact = assess_groups(self.population, system.sheets, self.threshold, fixed=self._fixed(system.sheets))
        result = assess_noisy_figures(self.population, system.sheets, exact, self.threshold)
        if not result.is_joint:
            text = f"noisy figures of {self.population.unit} were examined one by one: there are too many combinations"
            self.notes.append(f"{text} to know the joint disclosure by several of them")
        if result.findings is None:
            noised = [sheet for sheet in system.sheets if (sheet.status == NOISED).any()]
            self._note(noised, "no noise of the stated size explains its figures beside those of the other tables")
            self.contradicted += sum(int((sheet.status == NOISED).sum()) for sheet in noised)
        return result.findings

    def _consistent_parts(self, sheets: list[Sheet]) -> list[ConsistentTables]:
        """Return the largest consistent part that was found, and every other table alone."""
        alone = [(sheet, self._system([sheet])) for sheet in sheets]
        self._note(
            [sheet for sheet, system in alone if system is None],
            "its figures contradict one another, so nothing was worked out from it",
        )
        consistent = [sheet for sheet, system in alone if system is not None]
        largest = self._largest(consistent)
        others = [sheet for sheet in consistent if largest is None or sheet not in largest.sheets]
        for sheet in others:
            self._note_contradiction(sheet, largest.sheets if largest else [])
        return [*([largest] if largest else []), *[system for sheet, system in alone if system and sheet in others]]

    def _note_contradiction(self, sheet: Sheet, others: Sequence[Sheet]) -> None:
        """Note which tables a table contradicts; its figures are undecided if it can still be changed."""
        pairs = [other for other in others if not self._fits([sheet, other])]
        concerned = [sheet, *(pairs or others)]
        self.notes.append(note_on_contradiction(*(table for table in self.population.sheets if table in concerned)))
        if sheet.release in self.own:
            self.contradicted += int((sheet.status != WITHHELD).sum())

    def _fits(self, sheets: Sequence[Sheet]) -> bool:
        """Return whether some register fits all figures of some tables."""
        try:
            Survey(JointBuilder(self.population, sheets, loose=True).build(), 1, whole=True)
        except Contradiction:
            return False
        return True

    def _note(self, sheets: Sequence[Sheet], text: str) -> None:
        self.notes += [f"table {sheet.name} of {sheet.release}: {text}" for sheet in sheets]

    def _largest(self, sheets: list[Sheet]) -> ConsistentTables | None:
        """Return the most tables that fit one hypothesis: all, all but one, or a run from either end.

        A table of another publication is left out before one that can still be changed.
        """
        if len(sheets) < 2:
            return self._system(sheets) if sheets else None
        if complete := self._system(sheets):
            return complete
        latest_first = sheets[::-1]
        for sheet in sorted(latest_first, key=lambda sheet: (sheet.release in self.own, sheet.stated)):
            if system := self._system([kept_sheet for kept_sheet in sheets if kept_sheet is not sheet]):
                return system
        return max(
            (self._add_in_order(order) for order in (sheets, sheets[::-1])), key=lambda candidate: len(candidate.sheets)
        )

    def _add_in_order(self, sheets: list[Sheet]) -> ConsistentTables:
        system = self._system(sheets[:1])
        assert system is not None  # noqa: S101 - every table fits by itself
        for sheet in sheets[1:]:
            system = self._system([*system.sheets, sheet]) or system
        return system

    def examined(self) -> dict[str, int]:
        """Return how many tables, cells, hidden cells and groups were examined."""
        own = self.population.own
        statuses = [sheet.status.ravel() for sheet in own]
        return {
            "tables": len(own),
            "cells": sum(int((status != WITHHELD).sum()) for status in statuses),
            "hidden": sum(int(((status != WITHHELD) & (status != OK)).sum()) for status in statuses),
            "groups": sum(system.assessment.examined for system in self.systems),
        }

    def disclosures(self, deadline: float) -> Iterator[Disclosure]:
        """Yield published small counts, and cells and groups that are not safe."""
        for system in self.systems:
            for part in system.assessment.parts:
                explainer = Explainer(self.population, part.joint, self.own, self.threshold, deadline)
                for finding in part.narrow:
                    yield explainer.of_cell(finding, "interval")
            explainer = Explainer(self.population, system.assessment.joint, self.own, self.threshold, deadline)
            for finding in system.assessment.small:
                place = explainer.joint.at(finding.cell)
                if place and system.sheets[place[0]] in self.population.own:
                    yield explainer.of_cell(finding, "small")
        inside = {sheet for system in self.systems for sheet in system.sheets}
        for sheet in (sheet for sheet in self.population.own if sheet not in inside):
            for flat in _small(sheet, self.threshold):
                count = int(sheet.counts.flat[flat])
                yield Disclosure(
                    kind="small",
                    release=sheet.release,
                    table=sheet.name,
                    cell=codes_of(sheet, flat),
                    lower=count,
                    upper=count,
                    sources=(as_source(sheet, flat),),
                    drop=sheet.name,
                    where=sheet.where,
                    about=self.about,
                )

    def noisy_disclosures(self, exact: Sequence[Disclosure], deadline: float) -> Iterator[Disclosure]:
        """Yield cells and groups that noisy figures bound closely, but none that exact figures bound."""
        known = {(disclosure.table, disclosure.people_codes) for disclosure in exact}
        for findings in self.noisy:
            for part in findings.parts:
                explainer = Explainer(self.population, part.joint, self.own, self.threshold, deadline)
                fixed = findings.small if part is findings.parts[0] else []
                for finding in [*part.narrow, *fixed]:
                    disclosure = explainer.of_noisy_cell(finding)
                    if (disclosure.table, disclosure.people_codes) not in known:
                        yield disclosure

    def groups(self) -> Iterator[tuple[SharedValue, Disclosure | None]]:
        """Yield groups whose members share a value; in a sensitive column with the disclosure."""
        shown: set[frozenset[tuple[str, str]]] = set()
        for sheet in self.population.own:
            where = {name: " or ".join(sorted(values)) for name, values in sheet.where.items()}
            for disclosure, column, code in group_disclosure.shared_value_groups(sheet):
                group = SharedValue(
                    release=sheet.release,
                    table=sheet.name,
                    where=sheet.where,
                    cell=disclosure.cell,
                    shares={column: code},
                    people=disclosure.people,
                )
                cell = disclosure.cell | {column: code}
                shown.add(frozenset((where | cell).items()))
                named = replace(disclosure, cell=cell, about=self.about)
                yield group, named if column in sheet.sensitive else None
        for system in self.systems:
            for shared in system.assessment.shared:
                if frozenset((shared.group.labels | {shared.column: shared.value}).items()) not in shown:
                    group, disclosure = group_disclosure.derived_group(shared, system.sheets, self.own)
                    yield group, replace(disclosure, about=self.about)


def note_on_contradiction(*sheets: Sheet) -> str:
    """Return the note that some tables of the same people contradict one another."""
    named = [f"{sheet.name} of {sheet.release}" for sheet in sheets]
    return (
        f"undecided: the tables {listed(named)} contradict one another: at least one of them is wrong, or they count "
        "different people, such as those of different years"
    )


def note_on_possible_subset(whole: Sheet, part: Sheet, few: int) -> str:
    """Return the note that a table can count a part of the people of another one."""
    return (
        f"undecided: no figure of table {part.name} of {part.release} exceeds that of table {whole.name}, and one is "
        f"{few} less, so it can count a part of the same people. Write whom each table counts into a column of both."
    )


def _small(sheet: Sheet, threshold: int) -> list[int]:
    small = (sheet.status == OK) & (sheet.counts > 0) & (sheet.counts < threshold)
    return [int(flat) for flat in np.flatnonzero(small.ravel())]


def _unread(sheet: Sheet, threshold: int) -> list[str]:
    """Return the columns of a table that are not understood, and doubtful parts of few people less."""
    doubtful = [name for name, few in sheet.doubtful if few < threshold]
    return [
        *sheet.unread,
        *doubtful,
        *(["percentages with too many digits"] if not all(map(is_exact, sheet.ratios)) else []),
    ]
