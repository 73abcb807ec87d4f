"""Large cells keep a figure: they are rounded instead of suppressed, and the table is proved safe."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp

from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, WITHHELD, Table
from kerege.evidence.sdc.suppression.protection import protect
from tests.evidence.oracle import is_safe

THRESHOLD = 10
# origin x destination of a programme: two large paths, and small ones that disclose one another
INSIDE = np.array([[626, 60, 27, 7], [942, 1, 1, 0], [72, 0, 0, 0], [28, 0, 0, 0]])


def with_margins(inside: np.ndarray) -> np.ndarray:
    rows = np.vstack([inside.sum(axis=0), inside])
    return np.hstack([rows.sum(axis=1, keepdims=True), rows])


def intruder_intervals(protected: Table) -> dict[tuple[int, int], tuple[int, int]]:
    """Return the interval of every hidden cell: integers, margins, rounded cells to within D."""
    truth = with_margins(INSIDE)
    half = int(protected.params.get("half_width", 0))
    size = truth.size
    low, high = (protected.status.ravel() == SUPPRESSED).astype(float), np.full(size, np.inf)
    for flat, (count, status) in enumerate(zip(protected.counts.flat, protected.status.flat, strict=True)):
        if status == OK:
            low[flat] = high[flat] = count
        elif status == PERTURBED:
            low[flat], high[flat] = max(count - half, 0), count + half
    places = np.arange(size).reshape(truth.shape)
    sums = []
    for line in [*places, *places.T]:
        row = np.zeros(size)
        row[line[0]], row[line[1:]] = -1, 1
        sums.append(row)
    rule = LinearConstraint(np.array(sums), 0, 0)
    intervals = {}
    for flat in np.flatnonzero(np.isin(protected.status.ravel(), (OK, PERTURBED, WITHHELD), invert=True)):
        goal = np.zeros(size)
        goal[flat] = 1
        ends = [milp(sign * goal, integrality=np.ones(size), bounds=(low, high), constraints=rule) for sign in (1, -1)]
        top = np.inf if ends[1].status != 0 else round(-ends[1].fun)
        intervals[tuple(np.unravel_index(flat, truth.shape))] = (round(ends[0].fun), top)
    return intervals


@pytest.fixture(scope="module")
def protected() -> Table:
    counts = with_margins(INSIDE)
    codes = (("_T", "KZ", "UZ", "KG", "RU"), ("_T", "KZ", "AE", "TR", "IR"))
    plain = Table("corridor", "rows", ("origin", "destination"), {}, codes, counts, np.zeros(counts.shape, np.uint8))
    return protect(plain, threshold=THRESHOLD)


def test_the_two_large_paths_keep_a_figure(protected: Table) -> None:
    for origin, truth in (("KZ", 626), ("UZ", 942)):
        cell = protected.cells[origin, "KZ"]
        assert cell.count is not None
        assert abs(cell.count - truth) <= int(protected.params.get("half_width", 0))


def test_another_solver_finds_no_narrow_interval(protected: Table) -> None:
    intervals = intruder_intervals(protected)
    assert intervals
    for low, high in intervals.values():
        assert is_safe(low, high, THRESHOLD)


def test_no_small_count_is_published(protected: Table) -> None:
    assert not any(cell.count is not None and 0 < cell.count < THRESHOLD for cell in protected.cells.values())
