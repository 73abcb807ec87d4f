"""Disclosures that follow from tables of several dates together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kerege.evidence.sdc.disclosure.disclosures import Disclosure, Explainer
from kerege.evidence.sdc.groups.conditions import WITHOUT
from kerege.evidence.sdc.groups.time_systems import TimeSystem
from kerege.evidence.sdc.published_tables.time_line import TimeLine


def time_disclosures(system: TimeSystem, own: frozenset[str], threshold: int, deadline: float) -> Iterator[Disclosure]:
    """Yield the cells and groups of a system of several dates that are not safe."""
    unit = system.tables.population.unit
    for part in system.assessment.parts:
        explainer = Explainer(system.tables.population, part.joint, own, threshold, deadline)
        for finding in part.narrow:
            disclosure = explainer.of_cell(finding, "interval")
            place = part.joint.at(finding.cell)
            if place is None:
                yield _of_group(disclosure, system)
            else:
                key = system.tables.keys[system.sheets[place[0]]]
                yield replace(disclosure, about=frozenset({(unit, key)}))


def _of_group(disclosure: Disclosure, system: TimeSystem) -> Disclosure:
    """Return a group as one of a date, or as people who entered or left between two dates."""
    line, unit = system.tables.line, system.tables.population.unit
    is_outside = WITHOUT + line.column in disclosure.cell
    last = None if is_outside else _prefix(disclosure.cell.get(line.column), line)
    key = None if last is None else system.tables.prefixes.get(last)
    if key is None:
        return replace(disclosure, kind="entered", about=frozenset({(unit, "")}))
    cell = {name: code for name, code in disclosure.cell.items() if name != line.column}
    return replace(disclosure, cell=cell, about=frozenset({(unit, key)}))


def _prefix(label: str | None, line: TimeLine) -> int | None:
    """Return the last piece of a condition on the first pieces of time; None for any other condition."""
    everything = len(line.ends) - 1
    if label is None:
        return everything
    return next((last for last in range(everything) if line.label(0, last) == label), None)
