"""Cells, and differences of tables, whose feasible interval is narrower than the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD
from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.constraints.multi_table import JointSystem, bounds
from kerege.evidence.sdc.constraints.presolve import Contradiction

__all__ = ["Contradiction", "NarrowCell", "Survey", "intervals", "narrow_cells", "unsafe_cells"]


@dataclass(frozen=True)
class NarrowCell:
    """A cell of a table, or a difference of tables, with a narrow feasible interval [lower, upper]."""

    cell: int
    lower: int
    upper: int


def unsafe_cells(joint: JointSystem, threshold: int, *, wide: Ints | None = None) -> Ints:
    """Return the cells and differences that are not safe; the true register starts the search.

    A large cell in `wide` needs a wide interval too: it differs by a few people from a figure that is already public. A
    cell that is not decided in time counts as unsafe.
    """
    positions: list[int] = []
    for tight in (False, True) if joint.rounded else (False,):
        survey = Survey(joint, threshold, held=True, tight=tight)
        targets = survey.core.targets
        must_be_wide = np.isin(targets, [] if wide is None else wide)
        is_empty = (targets >= joint.cells) & (joint.truth[targets] == 0)  # a difference that counts no person
        examined = must_be_wide | (survey.core.least < threshold)
        for place in survey.narrow(examined):
            low, high = survey.ends_of(place)
            if (low < threshold or must_be_wide[place]) and not (is_empty[place] and high == 0):
                positions.append(int(targets[place]))
        positions += targets[survey.late].tolist()
        if wide is not None:
            positions += wide[survey.core.place[wide] < 0].tolist()
    return np.unique(np.array(positions, dtype=np.int64))


def intervals(joint: JointSystem, cells: Ints) -> dict[int, tuple[int, int]]:
    """Return the feasible integers [lower, upper] of some cells, given all tables.

    The true register starts the search. For rounded tables the intervals hold for an intruder who knows how ties are
    rounded.
    """
    result: dict[int, tuple[int, int]] = {}
    for tight in (False, True) if joint.rounded else (False,):
        result |= Survey(joint, 1, held=True, tight=tight).intervals(cells.tolist())
    return result


def narrow_cells(survey: Survey) -> list[NarrowCell]:
    """Return every cell and difference that an intruder can bound more narrowly than the threshold."""
    joint, threshold = survey.joint, survey.threshold
    targets = survey.core.targets
    narrow = []
    for place in survey.narrow(_to_examine(survey)):
        low, high = survey.ends_of(place)
        if _discloses(joint, int(targets[place]), low, high, threshold):
            narrow.append(NarrowCell(int(targets[place]), low, high))
    return narrow


def _to_examine(survey: Survey) -> NDArray[np.bool_]:
    """Return the targets to examine: not certainly large, and not certainly 0 without disclosure."""
    core, joint = survey.core, survey.joint
    examined = core.least < survey.threshold
    is_empty = core.most == 0
    for target in np.flatnonzero(is_empty).tolist():
        examined[target] = _discloses(joint, int(core.targets[target]), 0, 0, survey.threshold)
    return np.asarray(examined)


def _discloses(joint: JointSystem, cell: int, lower: int, upper: int, threshold: int) -> bool:
    """Return whether an interval says more about people than the publisher states."""
    if lower >= threshold or upper - lower >= threshold:
        return False
    position = joint.at(cell)
    if position is None:
        return lower > 0 if joint.differences[cell - joint.cells].is_rest else upper > 0
    table, flat = joint.tables[position[0]], position[1]
    status = table.status.flat[flat]
    if status == WITHHELD:
        return lower > 0  # a missing row states nothing by itself
    if status != SUPPRESSED:
        return upper > 0
    low, high = (ends[flat] for ends in bounds(table))
    return bool(high - low >= threshold or upper - lower < high - low)
