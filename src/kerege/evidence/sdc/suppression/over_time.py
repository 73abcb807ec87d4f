"""Protection of a release against groups of people who entered or left since earlier ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.constraints.table_views import pair_refusal
from kerege.evidence.sdc.groups.time_systems import TimeAssessment, TimeSystem
from kerege.evidence.sdc.populations.populations import assign_unstated, find_populations
from kerege.evidence.sdc.published_tables.publication import Publication, Sheet, as_sheet, together
from kerege.evidence.sdc.published_tables.stated_manifest import stated_time
from kerege.evidence.sdc.suppression.joint_repair import Hidden
from kerege.evidence.sdc.suppression.preventable_findings import cells_of_parts, preventable, undecided

Marks = list[Hidden]  # for each table, its marked cells
NEW, BESIDE = "\0new", "\0beside"  # labels that no publication has


def unsafe_over_time(
    snapshot: Snapshot,
    tables: Sequence[Table],
    threshold: int,
    earlier: Sequence[Publication],
    beside: Sequence[Table] = (),
) -> Marks:
    """Return the cells of some tables to suppress so that no group by time of entry is disclosed.

    The intruder compares the tables with `earlier` publications of other dates. They are the tables of a register that
    is not known here for the older dates: any register that fits takes its place. A group that follows from the older
    tables alone is left. Raises Refused where suppression does not help, or a group is not decided.
    """
    sheets = [as_sheet(table, NEW, stated_time(snapshot)) for table in tables]
    unchanged = [table for table in beside if table.of == snapshot.unit]
    others = [as_sheet(table, BESIDE, stated_time(snapshot)) for table in unchanged]
    marks = [np.zeros(table.counts.size, dtype=bool) for table in tables]
    if not earlier:
        return marks
    publications = assign_unstated(together([*earlier, Publication(BESIDE, others), Publication(NEW, sheets)]))
    populations = [p for p in find_populations(publications) if p.unit == snapshot.unit]
    for is_enough in (lambda part: bool(preventable(part, threshold)), None):
        names: list[str] = []
        for system in TimeAssessment(
            populations, threshold, frozenset({NEW}), exact=False, is_enough=is_enough
        ).systems:
            own = {number: sheet for number, sheet in enumerate(system.sheets) if sheet.release == NEW}
            if own and system.assessment.refused:
                raise undecided(list(system.sheets), system.assessment.refused)
            given = _hide(system, own, tables, marks, threshold) if own else []
            names = names or given
        if not names or any(mark.any() for mark in marks):
            return marks  # else groups with more conditions can show cells to hide
    raise pair_refusal(names[0], names[1], "small groups of people could be found from their figures")


def _hide(
    system: TimeSystem, own: dict[int, Sheet], tables: Sequence[Table], marks: Marks, threshold: int
) -> list[str]:
    """Mark cells whose suppression makes all groups safe; return the names of two tables of one."""
    places = {table.name: number for number, table in enumerate(tables)}
    names, to_hide = cells_of_parts(system.assessment.parts, threshold)
    for number, sheet in own.items():
        place = places[sheet.name]
        for flat in np.flatnonzero(to_hide[system.assessment.joint.places[number]]).tolist():
            marks[place][_place_in(tables[place], sheet, flat)] = True
    return names


def _place_in(table: Table, sheet: Sheet, flat: int) -> int:
    """Return the position in a table of a cell of its published form."""
    position = [axis.index(code) for axis, code in zip(table.axes, sheet.keys(flat), strict=True)]
    return int(np.ravel_multi_index(position, table.counts.shape)) if position else 0
