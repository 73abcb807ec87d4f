"""Disclosure risk assessment of a publication together with everything that was public before it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from kerege.evidence.counting.frequency_table import WITHHELD
from kerege.evidence.sdc.constraints.ties import tied_tables
from kerege.evidence.sdc.disclosure.disclosures import SECONDS, Disclosure
from kerege.evidence.sdc.disclosure.messages import remedy, sentences
from kerege.evidence.sdc.disclosure.planned_changes import NO_CHANGES, PlannedChanges
from kerege.evidence.sdc.disclosure.population_attack import (
    AssessmentResult,
    PopulationAssessment,
    note_on_contradiction,
    note_on_possible_subset,
)
from kerege.evidence.sdc.disclosure.report import AttackReport, Examined, Finding, Remedy
from kerege.evidence.sdc.disclosure.time_disclosures import time_disclosures
from kerege.evidence.sdc.groups.time_systems import TimeAssessment
from kerege.evidence.sdc.populations.nested_values import nested_values, possible_register
from kerege.evidence.sdc.populations.populations import (
    PublishedPopulation,
    contradictions,
    find_populations,
)
from kerege.evidence.sdc.populations.possible_subsets import possible_subsets
from kerege.evidence.sdc.populations.readings import MOST, Assumption, assumptions, read_under
from kerege.evidence.sdc.populations.unnamed_columns import SeparateVariables, separate_variables
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.record_counts import with_record_counts
from kerege.evidence.sdc.published_tables.sensitive_columns import IMPOSSIBLE, notes_on_columns
from kerege.evidence.sdc.published_tables.shared_variables import SharedVariable
from kerege.evidence.sdc.reading.options import PLAIN, PossibleParts, ReadingOptions

THRESHOLD = 10
Assessment = PopulationAssessment | TimeAssessment
Cache = dict[tuple[object, ...], Assessment]  # by the tables that an assessment is about


def examine(
    folder: Path,
    prior: Sequence[Path] = (),
    threshold: int = THRESHOLD,
    *,
    label: str = "",
    reading: ReadingOptions = PLAIN,
) -> AttackReport:
    """Assess the publication in `folder` together with earlier ones; return the report.

    `safe` is true when nothing can be learned from all of them and every figure of `folder` was decided; `undecided`
    counts the others. A disclosure that follows from the earlier ones alone is marked `already_public`. `label` names
    the publication when its folder has no meaningful name. `reading` says what the files of `prior` do not state.
    Raises BadInput for folders without a readable table.
    """
    new = Publication.read(folder)
    return report(_relabel(new, label) if label else new, public(prior, reading), threshold)


def public(prior: Iterable[Path], reading: ReadingOptions = PLAIN) -> list[Publication]:
    """Read earlier publications with the choices of the user about their files."""
    return [Publication.read(folder, reading) for folder in prior]


def report(
    new: Publication, old: Sequence[Publication], threshold: int, changes: PlannedChanges = NO_CHANGES
) -> AttackReport:
    """Return the report on a publication and the earlier ones, under every reading of the files.

    `old` has the oldest first. `changes` are made to the new publication after the files are read.
    """
    publications = _with_unique_labels([*old, new])
    usual = read_under(publications)
    result = _report_on_reading(usual, threshold, changes)
    possible = assumptions(publications, usual)
    if result.report.undecided:
        possible = [*separate_variables([sheet for item in usual for sheet in item.sheets]), *possible]
    fitting: list[Assumption] = []
    steps: list[Assumption] = []
    for assumption in possible[:MOST]:
        reading = _report_on_reading(read_under(publications, [*steps, assumption]), threshold, changes)
        if reading.parts < result.parts and _is_stated_in_words(assumption):
            steps.append(assumption)  # without it the tables contradict one another
            result, fitting = reading, [*steps]
            result.add(reading, [assumption])
        elif reading.parts <= result.parts and not isinstance(assumption, SeparateVariables):
            fitting.append(assumption)
            result.add(reading, [assumption])
    if len(fitting) > 1:
        reading = _report_on_reading(read_under(publications, fitting), threshold, changes)
        if reading.parts <= result.parts:
            result.add(reading, fitting)
    for assumption in possible[MOST:]:
        result.leave(assumption)
    return result.report


def _is_stated_in_words(assumption: Assumption) -> bool:
    """Return whether labels say that values can be parts of others, or are several variables."""
    return isinstance(assumption, SeparateVariables) or (isinstance(assumption, PossibleParts) and assumption.is_open)


@dataclass
class _ReadingReport:
    """The report on one reading of the files, and the number of its parts that contradict one another."""

    report: AttackReport
    parts: int

    def add(self, other: _ReadingReport, assumed: Sequence[Assumption]) -> None:
        """Add what an intruder learns under some more assumptions."""
        mine, names = self.report, {item.name: item.other for item in assumed if isinstance(item, SharedVariable)}
        known = {_key(finding, names) for finding in mine.disclosures}
        more = [finding for finding in other.report.disclosures if _key(finding, names) not in known]
        undecided = max(mine.undecided, other.report.undecided)
        is_worse = undecided > mine.undecided
        notes = [*mine.notes, *(item.note for item in assumed), *(other.report.notes if is_worse else [])]
        self.report = mine.model_copy(
            update={
                "safe": mine.safe and other.report.safe,
                "undecided": undecided,
                "disclosures": [*mine.disclosures, *more],
                "groups": [*mine.groups, *(group for group in other.report.groups if group not in mine.groups)],
                "already_public": mine.already_public + sum(finding.already_public for finding in more),
                "notes": list(dict.fromkeys(notes)),
            }
        )

    def leave(self, assumption: Assumption) -> None:
        """Make the report undecided, because an assumption was not examined."""
        notes = [*self.report.notes, f"undecided: too many readings are possible. {assumption.note}"]
        update = {"safe": False, "undecided": self.report.undecided + 1, "notes": notes}
        self.report = self.report.model_copy(update=update)


def _key(finding: Finding, names: Mapping[str, str]) -> tuple[object, ...]:
    """Return the figure that a finding is about, with the names that columns have under an assumption."""
    cell = frozenset((names.get(name, name), code) for name, code in finding.cell.items())
    where = frozenset((names.get(name, name), tuple(codes)) for name, codes in finding.where.items())
    return finding.release, where, cell, finding.lower, finding.upper


def _report_on_reading(publications: Sequence[Publication], threshold: int, changes: PlannedChanges) -> _ReadingReport:
    """Return the report on the last of some publications and on those before it, as they were read."""
    *old, as_read = publications
    new = changes.of(as_read)
    cache: Cache = {}
    published, notes = with_record_counts([*old, new])
    everything = assess(published, frozenset({new.label}), threshold, cache)
    before: dict[tuple[object, ...], list[Disclosure]] = {}
    for disclosure in (
        assess(with_record_counts(old)[0], frozenset(), threshold, cache, explain=False).disclosures
        if everything.disclosures
        else ()
    ):
        before.setdefault(disclosure.who, []).append(disclosure)
    findings = [_finding(disclosure, _is_known(disclosure, before), threshold) for disclosure in everything.disclosures]
    return _ReadingReport(
        AttackReport(
            safe=not findings and not everything.undecided,
            undecided=everything.undecided,
            threshold=threshold,
            disclosures=findings,
            groups=everything.groups,
            already_public=sum(finding.already_public for finding in findings),
            examined=Examined(**everything.examined),
            notes=list(
                dict.fromkeys([*everything.notes, *_notes_on_sensitivity([*old, new], findings), *notes, *new.notes])
            ),
        ),
        everything.parts,
    )


def _notes_on_sensitivity(publications: Sequence[Publication], findings: Sequence[Finding]) -> list[str]:
    """Return notes on columns that are not sensitive, and on zeros that can be impossible."""
    sheets = [sheet for publication in publications for sheet in publication.sheets]
    is_uncertain = any(finding.kind == "group" for finding in findings) and not all(sheet.stated for sheet in sheets)
    return [*notes_on_columns(sheets), *([IMPOSSIBLE] if is_uncertain else [])]


def _with_unique_labels(publications: Sequence[Publication]) -> list[Publication]:
    """Return publications with unique labels: repeated labels get a number."""
    by_label: dict[str, Publication] = {}
    for publication in reversed(publications):
        label, number = publication.label, 2
        while label in by_label:
            label, number = f"{publication.label} ({number})", number + 1
        by_label[label] = _relabel(publication, label)
    return list(by_label.values())[::-1]


def _relabel(publication: Publication, label: str) -> Publication:
    if label == publication.label:
        return publication
    sheets = [replace(sheet, release=label) for sheet in publication.sheets]
    records = [replace(file, release=label) for file in publication.records]
    return replace(publication, label=label, sheets=sheets, records=records)


def _is_known(disclosure: Disclosure, before: dict[tuple[object, ...], list[Disclosure]]) -> bool:
    """Return whether at least as much could be learned about the same people before."""
    return any(
        earlier.lower >= disclosure.lower
        and earlier.upper <= disclosure.upper
        and (earlier.about == disclosure.about if disclosure.kind == "revision" else earlier.about & disclosure.about)
        for earlier in before.get(disclosure.who, ())
    )


def _finding(disclosure: Disclosure, already: bool, threshold: int) -> Finding:
    advice = [
        Remedy(table=table, action="hide", cells=[cell for name, cell in disclosure.hide if name == table])
        for table in dict.fromkeys(name for name, _ in disclosure.hide)
    ]
    if not advice and not already:
        advice = [Remedy(table=disclosure.drop or disclosure.table, action="drop", cells=[])]
    return Finding(
        kind=disclosure.kind,
        release=disclosure.release,
        table=disclosure.table,
        where=disclosure.where,
        cell=disclosure.cell,
        lower=disclosure.lower,
        upper=disclosure.upper,
        people=disclosure.people,
        sources=list(disclosure.sources),
        remedy=remedy(disclosure, already=already, threshold=threshold),
        words=sentences(disclosure, already=already, threshold=threshold),
        advice=[] if already else advice,
        already_public=already,
        of=next((unit for unit, _ in disclosure.about), None),
    )


def assess(
    publications: Sequence[Publication], own: frozenset[str], threshold: int, cache: Cache, *, explain: bool = True
) -> AssessmentResult:
    """Assess the disclosure risk of publications, oldest first, for an intruder who reads all of them.

    `own` names the publications that can still be changed.
    """
    result = AssessmentResult(threshold, own)
    result.examined["releases"] = len(publications)
    populations = find_populations(publications)
    registers = [_assess_population(population, populations, threshold, own, cache) for population in populations]
    deadline = time.thread_time() + SECONDS if explain else 0.0
    for register in registers:
        result.notes += register.notes
        result.undecided += register.undecided
        result.parts += register.parts
        result.examined |= {name: result.examined[name] + count for name, count in register.examined().items()}
        exact = list(register.disclosures(deadline))
        result.disclosures += [*exact, *register.noisy_disclosures(exact, deadline)]
        for group, disclosure in register.groups():
            result.groups.append(group)
            result.disclosures += [disclosure] if disclosure else []
    for first, second in contradictions(populations):
        note = note_on_contradiction(first, second)
        result.notes.append(f"{note}, or a manifest must say that they count other people")
        if first.release in own:
            result.undecided += sum(int((sheet.status != WITHHELD).sum()) for sheet in (first, second))
    for whole, part, few in possible_subsets(populations, threshold):
        result.notes.append(note_on_possible_subset(whole, part, few))
        result.undecided += int(whole.release in own)
    own_sheets = {sheet: None for population in populations for sheet in population.own}
    for pair in [*nested_values([*own_sheets], threshold), *possible_register([*own_sheets], threshold)]:
        result.notes.append(pair.note)
        result.undecided += int(pair.sheet.release in own)
    for unit in dict.fromkeys(population.unit for population in populations):
        of_unit = [population for population in populations if population.unit == unit]
        _add_time(result, _assess_time(of_unit, threshold, own, cache), deadline)
    result.parts += len(contradictions(populations))
    result.disclosures = sorted(
        _closest(result.disclosures), key=lambda shown: (shown.release not in own, shown.upper, shown.table)
    )
    return result


def _assess_population(
    population: PublishedPopulation,
    populations: Sequence[PublishedPopulation],
    threshold: int,
    own: frozenset[str],
    cache: Cache,
) -> PopulationAssessment:
    """Return the assessment of the tables of one date, with tied ones among all `populations`."""
    tied = tied_tables(population, populations)
    of_tied = map(id, tied.tables if tied else ())
    key = (population.unit, population.key, population.alike, *map(id, population.sheets), *of_tied)
    assessment = cache.get(key)
    if not isinstance(assessment, PopulationAssessment):
        cache[key] = assessment = PopulationAssessment(population, threshold, own, tied)
    return assessment


def _assess_time(
    populations: Sequence[PublishedPopulation], threshold: int, own: frozenset[str], cache: Cache
) -> TimeAssessment:
    """Return the assessment of the tables of all dates of one unit."""
    key = ("time", *[id(sheet) for population in populations for sheet in population.own])
    assessment = cache.get(key)
    if not isinstance(assessment, TimeAssessment):
        cache[key] = assessment = TimeAssessment(populations, threshold, own)
    return assessment


def _add_time(result: AssessmentResult, assessment: TimeAssessment, deadline: float) -> None:
    """Add what tables of several dates disclose, except groups known as precisely from one date."""
    result.notes += assessment.notes
    result.undecided += assessment.undecided
    result.examined["groups"] += assessment.examined
    known: dict[tuple[object, ...], list[Disclosure]] = {}
    for disclosure in result.disclosures:
        known.setdefault(disclosure.who, []).append(disclosure)
    for system in assessment.systems:
        for disclosure in time_disclosures(system, result.own, result.threshold, deadline):
            if disclosure.kind == "interval" or not _is_known(disclosure, known):
                known.setdefault(disclosure.who, []).append(disclosure)
                result.disclosures.append(disclosure)


def _closest(disclosures: Iterable[Disclosure]) -> Iterable[Disclosure]:
    """Return the disclosure with the narrowest interval for each figure."""
    closest: dict[tuple[object, ...], Disclosure] = {}
    for disclosure in disclosures:
        previous = closest.setdefault(disclosure.key, disclosure)
        if disclosure.upper - disclosure.lower < previous.upper - previous.lower:
            closest[disclosure.key] = disclosure
    return closest.values()
