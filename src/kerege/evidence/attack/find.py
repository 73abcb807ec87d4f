"""The attack on one register: which cells, and which differences of tables, can be pinned down too closely."""

from __future__ import annotations

from dataclasses import dataclass, replace

import highspy
import numpy as np
from numpy.typing import NDArray

from kerege.evidence.attack.joint import Joint, bounds
from kerege.evidence.protect.audit import Search
from kerege.evidence.protect.solver import model
from kerege.evidence.protect.system import Block, Ints, Knowledge, blocks
from kerege.evidence.tables import SUPPRESSED, WITHHELD

START_SECONDS = 60.0


class Contradiction(Exception):
    """No register fits all the tables."""


class Watch(Search):
    """The auditor of a block in which only some cells need to be safe; a difference of nobody is no disclosure.

    Cells in `wide` must not be known closely even where they are large: a few people make the difference to a figure
    that is public already.
    """

    def __init__(
        self, block: Block, threshold: int, watched: int, tables: int, *, hidden: bool = False, wide: Ints | None = None
    ) -> None:
        super().__init__(block, threshold)
        self.watched = block.cells < watched
        self.wide = np.isin(block.cells, [] if wide is None else wide)
        self.empty = block.cells >= tables
        if not hidden:  # whoever holds the rows knows which differences are of nobody
            self.empty &= block.truth == 0

    def undecided(self) -> NDArray[np.bool_]:
        """Watched cells without a witness of their safety."""
        narrow = self.high - self.low < self.threshold
        return (super().undecided() | (narrow & self.wide)) & self.watched

    def _settle(self, k: int) -> bool:
        settled = super()._settle(k)
        if self.wide[k]:
            return bool(self.high[k] - self.low[k] >= self.threshold)
        if settled and not self.undecided()[k]:  # a search that ran out of time has no witness
            return True
        return bool(self.empty[k] and -self._end(k, -1.0) == 0)

    def ends(self, cells: list[int]) -> dict[int, tuple[int, int]]:
        """The intervals of some cells."""
        return {k: (self._end(k, 1.0), -self._end(k, -1.0)) for k in cells}


def unsafe(joint: Joint, threshold: int, *, outside: bool = False, wide: Ints | None = None) -> Ints:
    """The cells and differences that are not safe; `outside` when `joint.truth` is but one of many that would fit."""
    found: list[int] = []
    for tight in (False, True) if joint.rounded else (False,):
        for block in blocks(joint.known(tight=tight)):
            if (block.cells < joint.watched).any():
                search = Watch(block, threshold, joint.watched, joint.cells, hidden=outside, wide=wide)
                found += block.cells[search.run()].tolist()
    return np.unique(np.array(found, dtype=np.int64))


def intervals(joint: Joint, cells: Ints) -> dict[int, tuple[int, int]]:
    """The feasible integers of some cells, given everything published."""
    wanted = set(cells.tolist())
    told: dict[int, tuple[int, int]] = {}
    for tight in (False, True) if joint.rounded else (False,):
        known = joint.known(tight=tight)
        told |= {cell: (int(known.lower[cell]), int(known.upper[cell])) for cell in wanted if not known.open[cell]}
        for block in blocks(known):
            here = [k for k, cell in enumerate(block.cells.tolist()) if cell in wanted]
            for k, pair in Watch(block, 1, 0, 0).ends(here).items() if here else ():
                told[int(block.cells[k])] = pair
    return told


def settled(joint: Joint) -> Joint:
    """The system with people in it who fit everything published; raises Contradiction when nobody does.

    An attacker holds no rows: she starts from any register that fits.
    """
    known = joint.known(tight=joint.rounded)
    truth = np.where(known.open, 0.0, known.lower)
    _consistent(known)
    for block in blocks(known):
        truth[block.cells] = _some_point(block)
    return replace(joint, truth=np.rint(truth).astype(np.int64))


def _consistent(known: Knowledge) -> None:
    """Sums of published numbers must hold before anything else is asked."""
    closed = np.flatnonzero(~known.open)
    weight = np.abs(known.rules.matrix)
    full = np.asarray(weight[:, closed].sum(axis=1)).ravel() == np.asarray(weight.sum(axis=1)).ravel()
    sums = known.rules.matrix @ np.where(known.open, 0.0, known.lower)
    if (full & ((sums < known.rules.low) | (sums > known.rules.high))).any() or (known.lower > known.upper).any():
        raise Contradiction


def _some_point(block: Block) -> NDArray[np.float64]:
    """Whole numbers within a block that keep all rules: those of a vertex if they are whole."""
    size = len(block.cells)
    solver = model(block.matrix, block.low, block.high, block.lower, block.upper)
    solver.run()
    point = np.array(solver.getSolution().col_value)
    if solver.getModelStatus() == highspy.HighsModelStatus.kOptimal and np.abs(point - np.rint(point)).max() < 1e-9:
        return point
    kinds = np.full(size, int(highspy.HighsVarType.kInteger), dtype=np.uint8)
    solver.changeColsIntegrality(size, np.arange(size, dtype=np.int32), kinds)
    solver.setOptionValue("time_limit", START_SECONDS)
    solver.setOptionValue("mip_max_improving_sols", 1)
    solver.run()
    if not solver.getInfo().primal_solution_status == 2:
        raise Contradiction
    return np.array(solver.getSolution().col_value)


@dataclass(frozen=True)
class Finding:
    """A cell of a table, or a difference of tables, that can be pinned down to [lower, upper]."""

    cell: int
    lower: int
    upper: int


def findings(joint: Joint, threshold: int) -> list[Finding]:
    """Everything that an outsider can pin down more closely than the threshold, in a settled system."""
    cells = unsafe(joint, threshold, outside=True)
    told = intervals(joint, cells)
    return [Finding(cell, *told[cell]) for cell in cells.tolist() if _tells(joint, cell, *told[cell], threshold)]


def _tells(joint: Joint, cell: int, lower: int, upper: int, threshold: int) -> bool:
    """Whether an interval tells more than the publisher says, about anybody."""
    if lower >= threshold or upper - lower >= threshold:
        return False
    place = joint.at(cell)
    if place is None:
        return upper > 0
    table, flat = joint.tables[place[0]], place[1]
    if table.status.flat[flat] == WITHHELD:
        return lower > 0  # a row that is not there says nothing by itself
    low, high = (ends[flat] for ends in bounds(table, tight=False))
    said = table.status.flat[flat] == SUPPRESSED and high - low < threshold
    return bool(not said or upper - lower < high - low)
