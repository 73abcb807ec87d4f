"""Notes on the protection of a table, in plain words. They never name withheld categories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import OTHER, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.linear.linear_system import knowledge, rules_of
from kerege.evidence.sdc.suppression.audit import audit_knowledge

MOST_INTERVALS = 20


def explain(before: Table, protected: Table, threshold: int, sensitive: frozenset[str] = frozenset()) -> Table:
    """Return the protected table with its notes and parameters."""
    tally = protected.tally()
    notes = [*_coarse(before, protected, threshold), *_rounded(protected, threshold)]
    if tally["suppressed"]:
        shown = int((protected.status != WITHHELD).sum())
        notes.append(
            f"{tally['suppressed']} of {shown} cells are suppressed: counts under {threshold} and those that would"
            " disclose them."
        )
        if before.people is not None:  # in the notes of every such table: the note therefore discloses nothing
            notes.append(f"A count of {before.of} that concern fewer than {threshold} people is suppressed too.")
        # in the notes of every table with the column: the note therefore discloses nothing
        notes += [
            f"Suppressed counts can be 0, so that no group is disclosed in which all have the same {name}."
            for name in protected.by
            if name in sensitive
        ]
        notes += _intervals(protected, threshold)
    return replace(protected, notes=[*protected.notes, *notes], params=protected.params | {"threshold": threshold})


def _coarse(before: Table, protected: Table, threshold: int) -> list[str]:
    notes = []
    for d, name in enumerate(before.by):
        if before.axes[d] == protected.axes[d]:
            continue
        if OTHER in protected.axes[d]:
            notes.append(f"{name}: small groups are shown together as {OTHER}, so that large ones can be published.")
        else:
            notes.append(f"{name}: shown by the next coarser group of the code list.")
    return notes


def _rounded(protected: Table, threshold: int) -> list[str]:
    if not (protected.status == PERTURBED).any():
        return []
    half, base = protected.params["half_width"], protected.params["rounded_to"]
    notes = [f"Cells marked perturbed are rounded to {base}: the true count lies within {half} of the printed one."]
    if "small_categories" in protected.params:
        notes.append(f"Categories of fewer than {threshold}, should there be any, are not shown.")
    return notes


def _intervals(protected: Table, threshold: int) -> list[str]:
    """Return a note on the feasible interval of each suppressed cell, for tables with few of them."""
    cells = np.flatnonzero(protected.status.ravel() == SUPPRESSED)
    if len(cells) > MOST_INTERVALS or (protected.status != 0).sum() > 10 * MOST_INTERVALS:
        return []
    view = knowledge(protected, rules_of(protected), half=int(protected.params.get("half_width", 0)))
    audited = audit_knowledge(view, threshold, exact=True)
    notes = []
    for cell in cells.tolist():
        name = ", ".join(protected.keys(cell)) or "total"
        top = "no upper bound" if audited.upper[cell] >= view.upper[cell] else f"at most {audited.upper[cell]}"
        notes.append(f"{name}: suppressed; the published figures allow at least {audited.lower[cell]}, {top}.")
    return notes
