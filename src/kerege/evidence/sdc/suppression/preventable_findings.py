"""Findings of an assessment that a release can still prevent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.constraints import cell_bounds
from kerege.evidence.sdc.constraints.cell_bounds import NarrowCell
from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from kerege.evidence.sdc.groups.decisions import Part
from kerege.evidence.sdc.suppression.joint_repair import withhold_tables


def preventable(part: Part, threshold: int) -> list[NarrowCell]:
    """Return the cells and groups that are safe when nothing of this release is published."""
    unsafe_findings = [*part.narrow, *part.late]  # what is undecided is not safe
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


def undecided(tables: Sequence[Table], count: int) -> Refused:
    """Return the error for tables whose groups are not all decided."""
    names = ", ".join(table.name for table in tables)
    return Refused(
        f"{count} groups of tables {names} were not decided in time; leave a table out or publish coarser ones"
    )
