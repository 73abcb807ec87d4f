"""The assessment of groups in the form in which the oracle compares it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, combinations
from pathlib import Path

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, WITHHELD
from kerege.evidence.sdc.constraints.domains import REST, Bools, Family
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.table_views import DerivedGroup, Literal, Masks
from kerege.evidence.sdc.groups.decisions import RiskFindings, assess_groups
from kerege.evidence.sdc.groups.time_systems import TimeAssessment
from kerege.evidence.sdc.populations.populations import PublishedPopulation, assign_unstated, find_populations
from kerege.evidence.sdc.published_tables.publication import Publication
from tests.evidence.sdc.oracle.comparison import Ends, Group, ReleaseUnion
from tests.evidence.sdc.oracle.groups import Condition as OracleCondition

OTHER = "*"
Condition = tuple[tuple[str, ...], frozenset[tuple[str | frozenset[str], ...]]]


class GroupWithoutRow(frozenset[OracleCondition]):
    """A combination of codes for which a table has no row: an assessment may report it as a cell."""


def assess(folders: list[Path], threshold: int, union: ReleaseUnion | None = None) -> Mapping[Group, Ends]:
    """Return the groups that are not safe, with their ends; fail when any is undecided."""
    reported: dict[Group, Ends] = {}
    for population in find_populations(assign_unstated([Publication.read(folder) for folder in folders])):
        reported |= reported_groups(population, assess_groups(population, population.sheets, threshold))
    return reported


def assess_time(folders: list[Path], threshold: int, pieces: Sequence[str]) -> dict[Group, Ends] | None:
    """Return the groups that are not safe at several dates, None unless one system has all tables.

    Tables of the same people at all dates are assessed as one date.
    """
    populations = find_populations(assign_unstated([Publication.read(folder) for folder in folders]))
    systems = TimeAssessment(populations, threshold, frozenset()).systems
    sheets = sum(len(population.own) for population in populations)
    if not systems and all(len(population.sheets) == sheets for population in populations):
        return dict(assess(folders, threshold))
    if len(systems) != 1 or len(systems[0].sheets) < sheets:
        return None
    assert not systems[0].assessment.undecided
    builder = JointBuilder(systems[0].tables.population, systems[0].sheets, loose=True)
    return _reported(systems[0].assessment, builder, pieces)


def reported_groups(population: PublishedPopulation, assessment: RiskFindings) -> dict[Group, Ends]:
    """Return the groups of an assessment that are not safe, with their ends; fail when any is undecided."""
    assert not assessment.undecided
    return _reported(assessment, JointBuilder(population, population.sheets, loose=True))


def _reported(assessment: RiskFindings, builder: JointBuilder, pieces: Sequence[str] = ()) -> dict[Group, Ends]:
    reported: dict[Group, Ends] = {}
    for part in assessment.parts:
        for finding in [*part.narrow, *(assessment.small if part is assessment.parts[0] else [])]:
            place = part.joint.at(finding.cell)
            group = cell_group(builder, *place) if place else part.joint.groups[finding.cell - part.joint.cells]
            named = as_oracle_group(builder, group, pieces)
            if place and part.joint.tables[place[0]].status.flat[place[1]] == WITHHELD:
                named = GroupWithoutRow(named)
            reported[named] = finding.lower, finding.upper
    return reported


def cell_group(builder: JointBuilder, number: int, flat: int) -> DerivedGroup:
    """Return a cell of a table as a group."""
    view = builder.views[number]
    codes = dict(zip(view.table.by, view.table.keys(flat), strict=True))
    masks: Masks = dict(view.filter)
    literals = [Literal(*view.pick)] if view.pick else []
    for d, dim in enumerate(view.dims):
        code = codes[view.table.by[d]]
        if code == "_T":
            continue
        if isinstance(dim, str):
            literals.append(Literal(dim, code))
        else:
            family = builder.families[dim.family]
            mask = family.having(family.columns[0] if family.sets else view.table.by[d], [code])
            masks[dim.family] = masks.get(dim.family, np.ones(len(mask), dtype=bool)) & mask
    return DerivedGroup(masks, tuple(literals))


def as_oracle_group(builder: JointBuilder, group: DerivedGroup, pieces: Sequence[str] = ()) -> Group:
    """Return a group as the oracle names it; `pieces` are its names of the pieces of time."""
    single = [_of_family(builder.families[family], mask, pieces) for family, mask in group.masks.items()]
    several = [_of_literal(builder.several[literal.column].values, literal) for literal in group.literals]
    return frozenset([*single, *several])


def _of_family(family: Family, mask: Bools, pieces: Sequence[str]) -> Condition:
    if family.line is not None:
        return ("entered",), frozenset((pieces[place],) for place in np.flatnonzero(mask).tolist())
    if len(family.columns) > 1 and family.sets:
        labels = [
            (OTHER if code == REST else code, frozenset(OTHER if value == REST else value for value in chosen))
            for (code, _), chosen in zip(family.atoms, family.sets, strict=True)
        ]
        return family.columns, frozenset(label for label, inside in zip(labels, mask, strict=True) if inside)
    if family.sets:
        values = [frozenset(OTHER if value == REST else value for value in chosen) for chosen in family.sets]
        return family.columns, frozenset((value,) for value, inside in zip(values, mask, strict=True) if inside)
    atoms = [tuple(OTHER if value == REST else value for value in atom) for atom in family.atoms]
    return family.columns, frozenset(atom for atom, inside in zip(atoms, mask, strict=True) if inside)


def _of_literal(values: list[str], literal: Literal) -> Condition:
    named = [value for value in values if value not in (NOT_REPORTED, REST)]
    has = frozenset(
        (chosen,)
        for chosen in _sets([*named, OTHER])
        if _holds(chosen, OTHER if literal.value == REST else literal.value)
    )
    every = frozenset((chosen,) for chosen in _sets([*named, OTHER]))
    return (literal.column,), every - has if literal.is_complement else has


def _holds(chosen: frozenset[str], value: str) -> bool:
    return not chosen if value == NOT_REPORTED else value in chosen


def _sets(values: list[str]) -> Iterator[frozenset[str]]:
    return map(frozenset, chain.from_iterable(combinations(values, size) for size in range(len(values) + 1)))
