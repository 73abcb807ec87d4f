"""What was done to a table, in plain words. Withheld categories are never named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import OTHER, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.constraints.linear_system import knowledge, rules_of
from kerege.evidence.sdc.suppression.audit import audit_knowledge

MOST_INTERVALS = 20
CHOICE = "safe choice of cells to suppress"  # of a note that holds only while nothing more is suppressed


def explain(before: Table, shown: Table, threshold: int, sensitive: frozenset[str] = frozenset()) -> Table:
    """The table with its notes and parameters."""
    tally = shown.tally()
    notes = [*_coarse(before, shown, threshold), *_rounded(shown, threshold)]
    if tally["suppressed"]:
        every = int((shown.status != WITHHELD).sum())
        notes.append(
            f"{tally['suppressed']} of {every} cells are suppressed: counts under {threshold} and those that would give"
            " them away."
        )
        # said of every table of the column, so that saying it gives nothing away
        notes += [
            f"Zeros can be among them: so that nobody sees a group in which all have the same {name}."
            for name in shown.by
            if name in sensitive
        ]
        notes += _choice(shown)
        notes += _intervals(shown, threshold)
    return replace(shown, notes=[*shown.notes, *notes], params=shown.params | {"threshold": threshold})


def _choice(shown: Table) -> list[str]:
    """How good the choice of cells is."""
    if shown.params.get("optimal"):
        return [f"No other {CHOICE} loses less."]
    if "gap" in shown.params:
        return [f"No other {CHOICE} can lose much less: this one loses at most {shown.params['gap']:.0%} more than it."]
    return []


def _coarse(before: Table, shown: Table, threshold: int) -> list[str]:
    notes = []
    for d, name in enumerate(before.by):
        if before.axes[d] == shown.axes[d]:
            continue
        if OTHER in shown.axes[d]:
            notes.append(f"{name}: small groups are shown together as {OTHER}, so that large ones can be published.")
        else:
            notes.append(f"{name}: shown by the next coarser group of the code list.")
    return notes


def _rounded(shown: Table, threshold: int) -> list[str]:
    if not (shown.status == PERTURBED).any():
        return []
    half, base = shown.params["half_width"], shown.params["rounded_to"]
    notes = [f"Cells marked perturbed are rounded to {base}: the true count lies within {half} of the printed one."]
    if "small_categories" in shown.params:
        notes.append(f"Categories of fewer than {threshold}, should there be any, are not shown.")
    return notes


def _intervals(shown: Table, threshold: int) -> list[str]:
    """How far each suppressed cell can be pinned down, for tables with a few of them."""
    cells = np.flatnonzero(shown.status.ravel() == SUPPRESSED)
    if len(cells) > MOST_INTERVALS or (shown.status != 0).sum() > 10 * MOST_INTERVALS:
        return []
    known = knowledge(shown, rules_of(shown), half=int(shown.params.get("half_width", 0)))
    seen = audit_knowledge(known, threshold, exact=True)
    notes = []
    for cell in cells.tolist():
        name = ", ".join(shown.keys(cell)) or "total"
        top = "no upper bound" if seen.upper[cell] >= known.upper[cell] else f"at most {seen.upper[cell]}"
        notes.append(f"{name}: suppressed; what is published allows at least {seen.lower[cell]}, {top}.")
    return notes
