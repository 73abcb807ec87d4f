"""Ways to make a table safe, and the choice of the one that loses least.

Suppression alone is taken when every large category keeps its figure. Otherwise it competes with coarsening and with
rounding that does not show the small categories; each was proved safe by the same auditor.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, PERTURBED, Table
from kerege.evidence.sdc.suppression import recoding
from kerege.evidence.sdc.suppression.complementary import Wanted
from kerege.evidence.sdc.suppression.large_tables import is_large
from kerege.evidence.sdc.suppression.messages import explain
from kerege.evidence.sdc.suppression.rounding import rounded, softened

LARGE = 0.05  # share of the total from which a category is large
NOTABLE = 0.01  # share from which a cell is rather rounded than hidden for the sake of another
SECONDS = 10.0  # for each of the other versions
MERGED = 0.5  # what is lost of a count that is shown only together with others


@dataclass(frozen=True)
class Candidate:
    """A safe table, and the people whose figures it loses, rounds or shows only together."""

    table: Table
    loss: float


def best(table: Table, threshold: int, sensitive: frozenset[str] = frozenset(), share: float = 1.0) -> Table:
    """The safe version that loses least; `sensitive` and `share` as for `suppress`. Raises Refused where none is."""
    return best_reported(table, threshold, sensitive, share)[0]


def best_reported(
    table: Table, threshold: int, sensitive: frozenset[str] = frozenset(), share: float = 1.0
) -> tuple[Table, str]:
    """The same, with a line for the maker of the table that is not for the public: see `Suppression.report`."""
    wanted = Wanted(threshold, sensitive, share)
    outcome = wanted.suppressed(table)
    plain = Candidate(*_scored(outcome.table))
    floor = max(threshold, LARGE * table.total)
    lost = lost_dimensions(table, plain.table, floor)
    found = [plain, *_others(table, lost, wanted)] if lost else [plain]
    found += [softer for each in found for softer in _softer(table, each, wanted)]
    chosen = min(found, key=lambda candidate: candidate.loss)
    better = "" if chosen is plain else "; another version of the table loses less and was taken instead"
    return explain(table, chosen.table, threshold, sensitive), outcome.report + better


def _softer(table: Table, found: Candidate, wanted: Wanted) -> Iterator[Candidate]:
    """Versions in which the large cells that suppression would hide are rounded instead."""
    if found.table.axes != table.axes or found.table.truth is not None:
        return
    for share in (LARGE, NOTABLE):
        for soft in softened(table, found.table, wanted, max(2 * wanted.threshold, share * table.total)):
            yield Candidate(*_scored(soft))


def lost_dimensions(table: Table, shown: Table, floor: float) -> list[int]:
    """The dimensions of which a category of at least `floor` lost its own figure."""
    lost = []
    for d in range(table.counts.ndim):
        line = tuple(slice(1, None) if i == d else 0 for i in range(table.counts.ndim))
        if ((table.counts[line] >= floor) & (shown.status[line] != OK)).any():
            lost.append(d)
    return lost


def _others(table: Table, lost: list[int], wanted: Wanted) -> Iterator[Candidate]:
    most = 1 if is_large(table) else None
    for merged, gone in islice(recoding.candidates(table, lost, wanted.threshold), most):
        with suppress(Refused):
            safe, loss = _scored(wanted.suppressed(merged, SECONDS).table)
            yield Candidate(safe, loss + MERGED * gone)
    found = rounded(table, lost, wanted)
    if found is not None:
        yield Candidate(*_scored(found))


def _scored(shown: Table) -> tuple[Table, float]:
    """The table with what it loses: hidden counts wholly, rounded ones by the half width."""
    truth = shown.counts if shown.truth is None else shown.truth
    half = float(shown.params.get("half_width", 0))
    hidden = (shown.status != OK) & (shown.status != PERTURBED)
    return shown, float(truth[hidden].sum() + half * (shown.status == PERTURBED).sum())


def unchanged(table: Table) -> Table:
    """A copy whose status may be changed."""
    return replace(table, status=np.zeros_like(table.status))
