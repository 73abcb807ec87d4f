"""Protection of the tables of a release: together they must disclose no cell and no group of people."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from kerege.evidence.counting.frequency_table import SUPPRESSED, WITHHELD, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.bounds import cell_bounds
from kerege.evidence.sdc.constraints.multi_table import MARGIN_ABOVE, JointSystem, join
from kerege.evidence.sdc.constraints.table_views import check_multi_valued, pair_refusal
from kerege.evidence.sdc.constraints.ties import TiedTables
from kerege.evidence.sdc.groups.decisions import Part, assess_groups
from kerege.evidence.sdc.groups.group_sets import GroupSets
from kerege.evidence.sdc.linear.linear_system import Ints
from kerege.evidence.sdc.populations.observed_tie import observed_ties
from kerege.evidence.sdc.populations.populations import assign_unstated, find_populations
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from kerege.evidence.sdc.published_tables.publication import Publication, Sheet, as_sheet, together
from kerege.evidence.sdc.published_tables.stated_bounds import bounds
from kerege.evidence.sdc.published_tables.stated_manifest import stated_time
from kerege.evidence.sdc.suppression.joint_repair import Hidden, suppress_cells
from kerege.evidence.sdc.suppression.linked_blocks import cells_to_extend
from kerege.evidence.sdc.suppression.over_time import Marks, unsafe_over_time
from kerege.evidence.sdc.suppression.preventable_findings import (
    cells_of_parts,
    preventable,
    undecided,
    with_tied_tables,
)

# texts in notes about one table; notes with them are replaced by notes about all tables
INTERVAL, COUNTED = "suppressed; the published figures allow", "cells are suppressed"


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
    each unit together with the figures of the other. Where figures of rows and earlier
    publications together disclose people, cells of the rows are hidden, and both units are protected again.
    """
    sources = list(snapshots)
    ties = observed_ties(sources)
    of_rows = {tie.rows for tie in ties}
    units = {snapshot.unit: [i for i, table in enumerate(tables) if table.of == snapshot.unit] for snapshot in sources}
    hidden: Marks = [np.zeros(table.counts.size, dtype=bool) for table in tables]
    order = sorted((source for source in sources if units[source.unit]), key=lambda source: source.unit not in of_rows)
    result, waiting, protected_units = list(tables), list(order), set[str]()
    while waiting:
        snapshot = waiting.pop(0)
        own = units[snapshot.unit]
        unit_tables = [tables[i] for i in own]
        others = _unchangeable(snapshot, unit_tables, earlier, beside)
        tied = _tied(
            snapshot, sources, ties, tables=result, protected_units=protected_units, earlier=earlier, beside=beside
        )
        shown: GroupSets = {}
        while True:
            marked = [hidden[i] for i in own]
            protected = _protect_unit(
                snapshot, unit_tables, threshold, others=others, hidden=marked, tied=tied, shown=shown
            )
            if protected.of_tied:
                break
            further = unsafe_over_time(snapshot, protected.tables, threshold, earlier, beside)
            if not any(marks.any() for marks in further):
                break
            changed = [(a.status != b.status).ravel() for a, b in zip(unit_tables, protected.tables, strict=True)]
            _add_marks(hidden, own, changed)
            shown = _still_fitting(protected.shown, protected.tables, further)
            _add_marks(hidden, own, further)
        if protected.of_tied and tied:
            _add_marks(hidden, units[tied.source.unit], protected.of_tied)
            result, waiting = list(tables), list(order)
            protected_units.clear()
            continue
        protected_units.add(snapshot.unit)
        for i, table in zip(own, protected.tables, strict=True):
            result[i] = table
    return result


def _add_marks(hidden: Marks, numbers: Sequence[int], further: Marks) -> None:
    """Mark further cells of some tables."""
    for number, marks in zip(numbers, further, strict=True):
        hidden[number] = hidden[number] | marks


def _tied(
    snapshot: Snapshot,
    sources: Sequence[Snapshot],
    ties: Sequence[PeopleTie],
    tables: Sequence[Table],
    protected_units: Container[str],
    earlier: Sequence[Publication],
    beside: Sequence[Table],
) -> TiedTables | None:
    """Return the tables of the unit to which a unit is tied, as they are now; None without any.

    Those of this release can be changed if they are protected already.
    """
    for tie in (tie for tie in ties if snapshot.unit in (tie.rows, tie.people)):
        unit = tie.people if snapshot.unit == tie.rows else tie.rows
        other = next(source for source in sources if source.unit == unit)
        own = [table for table in tables if table.of == unit]
        others = _unchangeable(other, own, earlier, beside)
        if not own:
            sheets = (sheet for publication in earlier for sheet in publication.sheets)
            others += [sheet for sheet in sheets if sheet.of == unit and sheet.as_of == other.as_of]
        if own or others:
            changeable = len(own) if unit in protected_units else 0
            return TiedTables(tie, other, _joined(other, own, others).tables, changeable)
    return None


def _unchangeable(
    snapshot: Snapshot, tables: list[Table], earlier: Sequence[Publication], beside: Sequence[Table]
) -> list[Sheet]:
    """Return the tables of the same people that cannot be changed."""
    own = [as_sheet(table, "", stated_time(snapshot)) for table in tables]
    fixed = [as_sheet(table, "", stated_time(snapshot)) for table in beside if table.of == snapshot.unit]
    if not earlier or not own:
        return fixed
    by_people = find_populations(assign_unstated(together([*earlier, Publication("", own)])))
    population = next(candidate for candidate in by_people if own[0] in candidate.own)
    return [*fixed, *[sheet for sheet in population.sheets if sheet not in own]]


def _still_fitting(shown: GroupSets, tables: Sequence[Table], hidden: Marks) -> GroupSets:
    """Return the groups if their registers also fit when further cells are hidden, else {}.

    A register with 0 in a rounded cell does not fit: suppressed counts are at least 1.
    """
    lowest = (bounds(table, tight=True)[0][marks] for table, marks in zip(tables, hidden, strict=True))
    return {} if any((lower < 1).any() for lower in lowest) else shown


@dataclass(frozen=True)
class ProtectedUnit:
    """The protected tables of one unit, or the cells of the tied unit that must be suppressed first.

    `shown` are the groups, with their counts in registers that fit the protected tables.
    """

    tables: list[Table]
    of_tied: Marks
    shown: GroupSets


def _protect_unit(
    snapshot: Snapshot,
    tables: list[Table],
    threshold: int,
    others: list[Sheet],
    hidden: Marks,
    tied: TiedTables | None,
    shown: GroupSets,
) -> ProtectedUnit:
    """Return the tables of one unit, protected together.

    `hidden` marks cells that must be suppressed. `shown` are groups with their counts in registers that fit.
    """
    check_multi_valued(snapshot, tables)
    joint = _joined(snapshot, tables, others)
    to_hide = np.zeros(joint.cells, dtype=bool)
    for marks, place in zip(hidden, joint.places, strict=False):
        to_hide[place[marks]] = True
    joint = suppress_cells(joint, to_hide)
    while True:
        to_hide = np.zeros(joint.cells, dtype=bool)
        names, of_tied, shown = _hide_unsafe(snapshot, joint, threshold, to_hide, tied=tied, shown=shown)
        if of_tied:
            return ProtectedUnit(tables, of_tied, {})
        if not to_hide.any():
            if names:
                raise pair_refusal(names[0], names[1], "small groups of people could be found from their figures")
            to_hide = cells_to_extend(joint, threshold)
            if not to_hide.any():
                break
        shown = _still_fitting(shown, joint.tables, [to_hide[place] for place in joint.places])
        joint = suppress_cells(joint, to_hide)
    intervals = _intervals(joint)
    changed = zip(tables, joint.tables, joint.places, strict=False)
    return ProtectedUnit([_with_notes(before, after, intervals, place) for before, after, place in changed], [], shown)


def _hide_unsafe(
    snapshot: Snapshot,
    joint: JointSystem,
    threshold: int,
    to_hide: Hidden,
    tied: TiedTables | None,
    shown: GroupSets,
) -> tuple[list[str], Marks, GroupSets]:
    """Mark the cells whose suppression makes every group safe.

    Return the names of two tables that disclose a group, [] when all groups are safe; the cells of the tied unit that
    disclose groups which no cell of the unit itself can protect; and the groups with their counts in registers. A
    group that follows from the unchangeable tables alone cannot be protected here, and is left. `shown` are the groups
    before cells were hidden. Raises Refused for groups that are not decided.
    """
    names: list[str] = []
    for is_enough in (partial(_is_preventable, threshold=threshold), None):
        # the bounds of an intruder who knows how ties are rounded; the assessment of the files has the wider ones
        assessment = assess_groups(
            snapshot,
            joint.tables,
            threshold,
            held=True,
            tight=joint.rounded,
            fixed=joint.fixed,
            tied=tied,
            exact=False,
            is_enough=is_enough,
            shown=shown,
        )
        shown = assessment.sets
        if assessment.refused:
            raise undecided([*joint.tables, *(tied.tables if tied else ())], assessment.refused)
        names, hide = cells_of_parts(assessment.parts, threshold)
        to_hide |= hide[: joint.cells]
        if not to_hide.any() and tied and tied.changeable and not names:
            parts = [with_tied_tables(part) for part in assessment.parts]
            names, hide = cells_of_parts(parts, threshold)
            to_hide |= hide[: joint.cells]
            whole = parts[0].joint
            of_tied = [hide[whole.places[number]] for number in sorted(whole.changeable_tied)]
            if any(marks.any() for marks in of_tied):
                return names, of_tied, {}
        if to_hide.any() or not names:
            break  # else groups with more conditions can show further cells to hide
    return names, [], shown


def _is_preventable(part: Part, threshold: int) -> bool:
    """Return whether the release can prevent a finding of a part."""
    return bool(preventable(with_tied_tables(part), threshold))


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
        notes.append(f"{suppressed} of {published} {COUNTED}: small counts and those that would disclose them,")
        notes[-1] += f" {further} of them because of other tables, of this release or of earlier ones."
    names = [(", ".join(after.keys(flat)) or "total", int(cell)) for flat, cell in enumerate(place)]
    notes += [f"{name}: {sentences[cell]}" for name, cell in names if cell in sentences]
    return replace(after, notes=notes)
