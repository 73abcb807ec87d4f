"""Protection of linked tables: together they must disclose no hidden cell and no difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.constraints import cell_bounds
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.constraints.multi_table import MARGIN_ABOVE, JointSystem, join
from kerege.evidence.sdc.constraints.populations import assign_unstated, find_populations
from kerege.evidence.sdc.constraints.publication import Publication, Sheet, as_sheet
from kerege.evidence.sdc.constraints.table_views import check_multi_valued, has_tied_columns, pair_refusal
from kerege.evidence.sdc.suppression.joint_repair import Hidden, cells_to_hide, suppress_cells
from kerege.evidence.sdc.suppression.messages import CHOICE

# texts in notes about one table; notes with them are replaced by notes about all tables
INTERVAL, COUNTED = "suppressed; what is published allows", "cells are suppressed"


def protect_together(
    tables: Sequence[Table],
    threshold: int,
    snapshots: Iterable[Snapshot],
    earlier: Sequence[Publication] = (),
    beside: Sequence[Table] = (),
    revised: Mapping[str, Hidden] | None = None,
) -> list[Table]:
    """Return safe tables made safe together: hide further cells, or raise Refused.

    The intruder also knows what is public already (`earlier`) and the other tables of the release (`beside`); these
    stay unchanged. `revised` marks cells that differ by a few people from public figures.
    """
    result = list(tables)
    for snapshot in snapshots:
        own = [i for i, table in enumerate(tables) if table.of == snapshot.unit]
        others = _unchangeable(snapshot, [tables[i] for i in own], earlier, beside)
        marks = [(revised or {}).get(tables[i].name) for i in own]
        is_linked = len(own) + len(others) > 1 or any(mark is not None for mark in marks)
        if is_linked or (own and has_tied_columns(snapshot, tables[own[0]])):
            protected = _protect_unit(snapshot, [tables[i] for i in own], threshold, others, marks)
            for i, table in zip(own, protected, strict=True):
                result[i] = table
    return result


def _unchangeable(
    snapshot: Snapshot, tables: list[Table], earlier: Sequence[Publication], beside: Sequence[Table]
) -> list[Sheet]:
    """Return the tables of the same people that cannot be changed."""
    own = [as_sheet(table, "", snapshot.origin, snapshot.as_of, "") for table in tables]
    fixed = [as_sheet(table, "", snapshot.origin, snapshot.as_of, "") for table in beside if table.of == snapshot.unit]
    if not earlier or not own:
        return fixed
    by_people = find_populations(assign_unstated([*earlier, Publication("", own)]))
    population = next(candidate for candidate in by_people if own[0] in candidate.own)
    return [*fixed, *[sheet for sheet in population.sheets if sheet not in own]]


def _protect_unit(
    snapshot: Snapshot, tables: list[Table], threshold: int, others: list[Sheet], marks: Sequence[Hidden | None]
) -> list[Table]:
    """Return the tables of one unit, protected together."""
    check_multi_valued(snapshot, tables)
    joint = _joined(snapshot, tables, others)
    must_be_wide = np.concatenate(
        [place[mark] for mark, place in zip(marks, joint.places, strict=False) if mark is not None]
        or [np.zeros(0, np.int64)]
    )
    already_public = _already_public(joint, threshold, must_be_wide) if others else np.zeros(0, dtype=np.int64)
    while len(unsafe := np.setdiff1d(cell_bounds.unsafe_cells(joint, threshold, wide=must_be_wide), already_public)):
        to_hide = np.zeros(len(joint.truth), dtype=bool)
        for cell in sorted(unsafe.tolist(), key=lambda c: -joint.truth[c]):
            to_hide |= cells_to_hide(joint, cell, threshold, to_hide)
        if not to_hide.any():
            own = [cell for cell in unsafe.tolist() if joint.owners[cell][0] < len(tables)]
            if not own:
                break  # it follows from other tables alone: no suppression here helps
            first, second = (joint.tables[i].name for i in joint.owners[own[0]])
            raise pair_refusal(first, second, "small groups of people could be found from their figures")
        joint = suppress_cells(joint, to_hide)
    intervals = _intervals(joint)
    return [
        _with_notes(before, after, intervals, place)
        for before, after, place in zip(tables, joint.tables, joint.places, strict=False)
    ]


def _already_public(joint: JointSystem, threshold: int, wide: Ints) -> Ints:
    """Return the cells that are disclosed even when nothing of this release is published."""
    hide = np.zeros(len(joint.truth), dtype=bool)
    for number, place in enumerate(joint.places):
        hide[place] = number not in joint.fixed
    without_own = suppress_cells(joint, hide)
    return cell_bounds.unsafe_cells(without_own, threshold, wide=wide)


def _joined(snapshot: Snapshot, tables: list[Table], others: list[Sheet]) -> JointSystem:
    """Return all tables as one system, without foreign tables whose figures contradict the rows."""
    while True:
        joint = join(snapshot, [*tables, *others])
        lower, upper = joint.known()
        is_wrong = (joint.truth < lower) | (joint.truth > upper)
        contradicting = {
            joint.tables[place[0]].name: place[0] for place in map(joint.at, np.flatnonzero(is_wrong).tolist()) if place
        }
        if not contradicting:
            return replace(joint, fixed=frozenset(range(len(tables), len(joint.tables))))
        others = [sheet for n, sheet in enumerate(others, len(tables)) if n not in contradicting.values()]


def _intervals(joint: JointSystem) -> dict[int, str]:
    """Return a sentence with the feasible interval of each cell for which a table's notes give one."""
    cells: set[int] = set()
    for table, place in zip(joint.tables, joint.places, strict=True):
        if any(INTERVAL in note for note in table.notes):
            cells.update(place[table.status.ravel() == SUPPRESSED].tolist())
    sentences = {}
    for cell, (low, high) in cell_bounds.intervals(joint, np.array(sorted(cells), dtype=np.int64)).items():
        top = "no upper bound" if high >= MARGIN_ABOVE else f"at most {high}"
        sentences[cell] = f"{INTERVAL} at least {low}, {top}."
    return sentences


def _with_notes(before: Table, after: Table, sentences: dict[int, str], place: Ints) -> Table:
    """Return the table with notes that hold for the whole release."""
    notes = [note for note in before.notes if INTERVAL not in note]
    if further := int((before.status != after.status).sum()):
        notes = [note for note in notes if COUNTED not in note and CHOICE not in note]
        # optimality and gap hold only for one table by itself
        after = replace(after, params={k: v for k, v in after.params.items() if k not in ("optimal", "gap")})
        suppressed, published = after.tally()["suppressed"], int((after.status != WITHHELD).sum())
        notes.append(f"{suppressed} of {published} {COUNTED}: small counts and those that would give them away,")
        notes[-1] += f" {further} of them because of other tables of this release."
    names = [(", ".join(after.keys(flat)) or "total", int(cell)) for flat, cell in enumerate(place)]
    notes += [f"{name}: {sentences[cell]}" for name, cell in names if cell in sentences]
    return replace(after, notes=notes)
