"""The attack on one register: which cells, and which differences of tables, can be pinned down too closely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD
from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.constraints.multi_table import Joint, bounds
from kerege.evidence.sdc.constraints.presolve import Contradiction

__all__ = ["Contradiction", "Finding", "Survey", "findings", "intervals", "unsafe"]


@dataclass(frozen=True)
class Finding:
    """A cell of a table, or a difference of tables, that can be pinned down to [lower, upper]."""

    cell: int
    lower: int
    upper: int


def unsafe(joint: Joint, threshold: int, *, wide: Ints | None = None) -> Ints:
    """The cells and differences that are not safe, for whoever holds the rows.

    Cells in `wide` must not be known closely even where they are large: a few people make the difference to a figure
    that is public already. What could not be decided in time is not safe.
    """
    found: list[int] = []
    for tight in (False, True) if joint.rounded else (False,):
        survey = Survey(joint, threshold, held=True, tight=tight)
        targets = survey.core.targets
        marked = np.isin(targets, [] if wide is None else wide)
        empty = (targets >= joint.cells) & (joint.truth[targets] == 0)  # a difference of nobody
        asked = marked | (survey.core.least < threshold)
        for place in survey.narrow(asked):
            low, high = survey.ends_of(place)
            if (low < threshold or marked[place]) and not (empty[place] and high == 0):
                found.append(int(targets[place]))
        found += targets[survey.late].tolist()
        if wide is not None:
            found += wide[survey.core.place[wide] < 0].tolist()
    return np.unique(np.array(found, dtype=np.int64))


def intervals(joint: Joint, cells: Ints) -> dict[int, tuple[int, int]]:
    """The feasible integers of some cells, given everything published, for whoever holds the rows."""
    told: dict[int, tuple[int, int]] = {}
    for tight in (False, True) if joint.rounded else (False,):
        told |= Survey(joint, 1, held=True, tight=tight).intervals(cells.tolist())
    return told


def findings(survey: Survey) -> list[Finding]:
    """Everything that an outsider can pin down more closely than the threshold."""
    joint, threshold = survey.joint, survey.threshold
    targets = survey.core.targets
    found = []
    for place in survey.narrow(_asked(survey)):
        low, high = survey.ends_of(place)
        if _tells(joint, int(targets[place]), low, high, threshold):
            found.append(Finding(int(targets[place]), low, high))
    return found


def _asked(survey: Survey) -> NDArray[np.bool_]:
    """Targets that might tell something: neither large for certain, nor one of nobody."""
    core, joint = survey.core, survey.joint
    asked = core.least < survey.threshold
    nobody = core.most == 0
    for target in np.flatnonzero(nobody).tolist():
        asked[target] = _tells(joint, int(core.targets[target]), 0, 0, survey.threshold)
    return np.asarray(asked)


def _tells(joint: Joint, cell: int, lower: int, upper: int, threshold: int) -> bool:
    """Whether an interval tells more than the publisher says, about anybody."""
    if lower >= threshold or upper - lower >= threshold:
        return False
    place = joint.at(cell)
    if place is None:
        return lower > 0 if joint.differences[cell - joint.cells].rest else upper > 0
    table, flat = joint.tables[place[0]], place[1]
    status = table.status.flat[flat]
    if status == WITHHELD:
        return lower > 0  # a row that is not there says nothing by itself
    if status != SUPPRESSED:
        return upper > 0
    low, high = (ends[flat] for ends in bounds(table))
    return bool(high - low >= threshold or upper - lower < high - low)
