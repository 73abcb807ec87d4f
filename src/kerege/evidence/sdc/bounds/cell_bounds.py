"""Cells and derived groups whose feasible interval is not safe."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.bounds.presolve import Contradiction
from kerege.evidence.sdc.constraints.multi_table import JointSystem
from kerege.evidence.sdc.linear.linear_system import Ints

__all__ = ["Contradiction", "NarrowCell", "Survey", "intervals", "narrow_cells", "unsafe_cells"]


@dataclass(frozen=True)
class NarrowCell:
    """A cell of a table, or a derived group, with a feasible interval [lower, upper] that is not safe."""

    cell: int
    lower: int
    upper: int


def unsafe_cells(joint: JointSystem, threshold: int, *, wide: Ints | None = None) -> Ints:
    """Return the cells and groups that are not safe; the true register starts the search.

    A large cell in `wide` needs a wide interval too: it differs by a few people from a figure that is already public. A
    cell that is not decided in time counts as unsafe.
    """
    positions: list[int] = []
    for tight in (False, True) if joint.rounded else (False,):
        survey = Survey(joint, threshold, held=True, tight=tight)
        targets = survey.core.targets
        must_be_wide = np.isin(targets, [] if wide is None else wide)
        examined = must_be_wide | ~is_settled(survey)
        positions += targets[survey.narrow(examined, must_be_wide)].tolist()
        positions += targets[survey.late].tolist()
        if wide is not None:
            positions += wide[survey.core.place[wide] < 0].tolist()
    return np.unique(np.array(positions, dtype=np.int64))


def is_settled(survey: Survey) -> NDArray[np.bool_]:
    """Return the targets that the bounds of the unknowns settle: never small, or certainly 0."""
    return np.asarray((survey.core.least >= survey.threshold) | (survey.core.most == 0))


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
    """Return every cell and group that an intruder can bound so closely that it is not safe."""
    targets = survey.core.targets
    return [NarrowCell(int(targets[place]), *survey.ends_of(place)) for place in survey.narrow(~is_settled(survey))]
