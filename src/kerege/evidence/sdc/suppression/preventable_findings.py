"""Findings of an assessment that a release can still prevent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.bounds import cell_bounds
from kerege.evidence.sdc.bounds.cell_bounds import NarrowCell
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.groups.decisions import Part
from kerege.evidence.sdc.suppression.joint_repair import Hidden, cells_to_hide, withhold_tables


def preventable(part: Part, threshold: int) -> list[NarrowCell]:
    """Return the cells and groups that are safe when nothing of this release is published."""
    unsafe_findings = [*part.narrow, *part.late]  # an undecided group is not safe
    if not part.joint.fixed:
        return unsafe_findings
    own = set(range(len(part.joint.tables))) - part.joint.fixed
    survey = Survey(withhold_tables(part.joint, own), threshold, held=True)
    examined = np.zeros(len(survey.core.targets), dtype=bool)
    places = {finding.cell: int(survey.core.place[finding.cell]) for finding in unsafe_findings}
    examined[[place for place in places.values() if place >= 0]] = True
    few = [places[finding.cell] for finding in unsafe_findings if finding.lower >= threshold]
    must_be_wide = np.isin(np.arange(len(examined)), few)  # a large group is unsafe only where it has too few people
    open_targets = examined & (~cell_bounds.is_settled(survey) | must_be_wide)
    unsafe = {*survey.narrow(open_targets, must_be_wide), *survey.late}
    return [finding for finding in unsafe_findings if places[finding.cell] >= 0 and places[finding.cell] not in unsafe]


def with_tied_tables(part: Part) -> Part:
    """Return a part in which the tables of the tied unit that this release can change are not fixed."""
    return replace(part, joint=replace(part.joint, fixed=part.joint.fixed - part.joint.changeable_tied))


def cells_of_parts(parts: Sequence[Part], threshold: int) -> tuple[list[str], Hidden]:
    """Return two tables that give a preventable finding, and the published cells to hide for all.

    The parts have the same cells. The names are [] without a preventable finding.
    """
    names: list[str] = []
    to_hide = np.zeros(parts[0].joint.cells, dtype=bool)
    for part in parts:
        for finding in sorted(preventable(part, threshold), key=lambda finding: -part.joint.truth[finding.cell]):
            hide = np.zeros(len(part.joint.truth), dtype=bool)
            hide[: len(to_hide)] = to_hide
            to_hide |= cells_to_hide(part.joint, finding.cell, threshold, hide)[: len(to_hide)]
            names = names or [part.joint.tables[number].name for number in part.joint.owners[finding.cell]]
    return names, to_hide


def undecided(tables: Sequence[Table], count: int) -> Refused:
    """Return the error for tables whose groups are not all decided."""
    names = ", ".join(table.name for table in tables)
    return Refused(
        f"{count} groups of tables {names} were not decided in time; leave a table out or publish coarser ones"
    )
