"""Protection of the tables of a release: together they must disclose no cell and no group of people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.constraints import cell_bounds
from kerege.evidence.sdc.constraints.linear_system import Ints
from kerege.evidence.sdc.constraints.multi_table import MARGIN_ABOVE, JointSystem, join
from kerege.evidence.sdc.constraints.observed_tie import observed_ties
from kerege.evidence.sdc.constraints.people_tie import PeopleTie
from kerege.evidence.sdc.constraints.populations import assign_unstated, find_populations
from kerege.evidence.sdc.constraints.publication import Publication, Sheet, as_sheet, together
from kerege.evidence.sdc.constraints.table_views import check_multi_valued, pair_refusal
from kerege.evidence.sdc.constraints.ties import TiedTables, is_tie_too_large
from kerege.evidence.sdc.groups.decisions import assess_groups
from kerege.evidence.sdc.suppression.joint_repair import Hidden, cells_to_hide, suppress_cells
from kerege.evidence.sdc.suppression.linked_blocks import cells_to_extend
from kerege.evidence.sdc.suppression.over_time import Marks, unsafe_over_time
from kerege.evidence.sdc.suppression.preventable_findings import preventable, undecided

# texts in notes about one table; notes with them are replaced by notes about all tables
INTERVAL, COUNTED = "suppressed; what is published allows", "cells are suppressed"


def protect_together(
    tables: Sequence[Table],
    threshold: int,
    snapshots: Iterable[Snapshot],
    earlier: Sequence[Publication] = (),
    beside: Sequence[Table] = (),
) -> list[Table]:
    """Return safe tables made safe together: hide further cells, or raise Refused.

    The intruder also knows what is public already (`earlier`, of any date) and the other tables of the release
    (`beside`); these stay unchanged. Tables of rows are protected first, then those of the people whom they concern;
    each unit together with the figures of the other.
    """
    result, sources = list(tables), list(snapshots)
    ties = observed_ties(sources)
    of_rows = {tie.rows for tie in ties}
    for snapshot in sorted(sources, key=lambda source: source.unit not in of_rows):
        own = [i for i, table in enumerate(tables) if table.of == snapshot.unit]
        if own:
            unit_tables = [tables[i] for i in own]
            others = _unchangeable(snapshot, unit_tables, earlier, beside)
            tied = _tied(snapshot, sources, ties, tables=result, earlier=earlier, beside=beside)
            hidden: Marks = [np.zeros(table.counts.size, dtype=bool) for table in unit_tables]
            while True:
                protected = _protect_unit(snapshot, unit_tables, threshold, others=others, hidden=hidden, tied=tied)
                further = unsafe_over_time(snapshot, protected, threshold, earlier, beside)
                if not any(marks.any() for marks in further):
                    break
                hidden = [old | new for old, new in zip(hidden, further, strict=True)]
            for i, table in zip(own, protected, strict=True):
                result[i] = table
    return result


def _tied(
    snapshot: Snapshot,
    sources: Sequence[Snapshot],
    ties: Sequence[PeopleTie],
    tables: Sequence[Table],
    earlier: Sequence[Publication],
    beside: Sequence[Table],
) -> TiedTables | None:
    """Return the tables of the unit to which a unit is tied, as they are now; None without any."""
    for tie in (tie for tie in ties if snapshot.unit in (tie.rows, tie.people)):
        unit = tie.people if snapshot.unit == tie.rows else tie.rows
        other = next(source for source in sources if source.unit == unit)
        own = [table for table in tables if table.of == unit]
        others = _unchangeable(other, own, earlier, beside)
        if not own:
            sheets = (sheet for publication in earlier for sheet in publication.sheets)
            others += [sheet for sheet in sheets if sheet.of == unit and sheet.as_of == other.as_of]
        mine = [table for table in tables if table.of == snapshot.unit]
        if (own or others) and not is_tie_too_large(mine, [*own, *others]):
            return TiedTables(tie, other, _joined(other, own, others).tables)
    return None


def _unchangeable(
    snapshot: Snapshot, tables: list[Table], earlier: Sequence[Publication], beside: Sequence[Table]
) -> list[Sheet]:
    """Return the tables of the same people that cannot be changed."""
    own = [as_sheet(table, "", snapshot.origin, snapshot.as_of, "") for table in tables]
    fixed = [as_sheet(table, "", snapshot.origin, snapshot.as_of, "") for table in beside if table.of == snapshot.unit]
    if not earlier or not own:
        return fixed
    by_people = find_populations(assign_unstated(together([*earlier, Publication("", own)])))
    population = next(candidate for candidate in by_people if own[0] in candidate.own)
    return [*fixed, *[sheet for sheet in population.sheets if sheet not in own]]


def _protect_unit(
    snapshot: Snapshot,
    tables: list[Table],
    threshold: int,
    others: list[Sheet],
    hidden: Marks,
    tied: TiedTables | None,
) -> list[Table]:
    """Return the tables of one unit, protected together; `hidden` marks cells that must be suppressed."""
    check_multi_valued(snapshot, tables)
    joint = _joined(snapshot, tables, others)
    to_hide = np.zeros(joint.cells, dtype=bool)
    for marks, place in zip(hidden, joint.places, strict=False):
        to_hide[place[marks]] = True
    joint = suppress_cells(joint, to_hide)
    while True:
        to_hide = np.zeros(joint.cells, dtype=bool)
        names = _hide_unsafe(snapshot, joint, threshold, to_hide, tied)
        if not to_hide.any():
            if names:
                raise pair_refusal(names[0], names[1], "small groups of people could be found from their figures")
            to_hide = cells_to_extend(joint, threshold)
            if not to_hide.any():
                break
        joint = suppress_cells(joint, to_hide)
    intervals = _intervals(joint)
    return [
        _with_notes(before, after, intervals, place)
        for before, after, place in zip(tables, joint.tables, joint.places, strict=False)
    ]


def _hide_unsafe(
    snapshot: Snapshot, joint: JointSystem, threshold: int, to_hide: Hidden, tied: TiedTables | None
) -> list[str]:
    """Mark the cells whose suppression makes every group safe.

    Return the names of two tables that give a group away, [] when all groups are safe. A group that follows from the
    unchangeable tables alone cannot be protected here, and is left. Raises Refused for groups that are not decided.
    """
    # the bounds of an intruder who knows how ties are rounded; the assessment of the files has the wider ones
    assessment = assess_groups(
        snapshot, joint.tables, threshold, held=True, tight=joint.rounded, fixed=joint.fixed, tied=tied, exact=False
    )
    if assessment.refused:
        raise undecided([*joint.tables, *(tied.tables if tied else ())], assessment.refused)
    names: list[str] = []
    for part in assessment.parts:
        findings = sorted(preventable(part, threshold), key=lambda finding: -part.joint.truth[finding.cell])
        for finding in findings:
            hide = np.zeros(len(part.joint.truth), dtype=bool)
            hide[: joint.cells] = to_hide
            to_hide |= cells_to_hide(part.joint, finding.cell, threshold, hide)[: joint.cells]
            names = names or [part.joint.tables[number].name for number in part.joint.owners[finding.cell]]
    return names


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
        notes = [note for note in notes if COUNTED not in note]
        suppressed, published = after.tally()["suppressed"], int((after.status != WITHHELD).sum())
        notes.append(f"{suppressed} of {published} {COUNTED}: small counts and those that would give them away,")
        notes[-1] += f" {further} of them because of other tables, of this release or of earlier ones."
    names = [(", ".join(after.keys(flat)) or "total", int(cell)) for flat, cell in enumerate(place)]
    notes += [f"{name}: {sentences[cell]}" for name, cell in names if cell in sentences]
    return replace(after, notes=notes)
