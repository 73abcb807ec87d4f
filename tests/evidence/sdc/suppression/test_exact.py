"""Suppression with the least loss: compared with all choices of cells against an independent intruder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, milp

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import OK, PERTURBED, SUPPRESSED, Table, to_csv
from kerege.evidence.sdc.suppression.attacker_problem import Intruder
from kerege.evidence.sdc.suppression.complementary import weights
from kerege.evidence.sdc.suppression.exact import Suppression, suppress_exact
from kerege.evidence.sdc.suppression.method_choice import best_reported, best_version
from kerege.evidence.sdc.suppression.problem import problem_of
from tests.evidence import made
from tests.evidence.oracle import FAR, is_safe, rules

COUNT = st.sampled_from([0, 0, 1, 2, 4, 7, 9, 10, 11, 12, 15, 20, 35])
QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
Hidden = np.ndarray


def inner(*shape: int) -> st.SearchStrategy[list[object]]:
    cells: st.SearchStrategy[object] = COUNT
    for size in reversed(shape):
        cells = st.lists(cells, min_size=size, max_size=size)
    return cells.filter(lambda counts: np.sum(counts) > 0)  # type: ignore[return-value, arg-type]


class EnumeratingIntruder:
    """An intruder with the rules of tables and scipy's integer programming, without product code.

    They know that a suppressed figure is at least `least`.
    """

    def __init__(self, table: Table, least: int = 1) -> None:
        self.table, self.counts, self.least = table, table.counts.ravel(), least
        keys = [table.keys(i) for i in range(table.counts.size)]
        relations = rules(keys, {d for d, name in enumerate(table.by) if name in table.multi})
        matrix = np.zeros((len(relations), len(keys)))
        for r, (row, _, _) in enumerate(relations):
            matrix[r, list(row)] = list(row.values())
        self.ties = LinearConstraint(matrix, [f[1] for f in relations], [f[2] for f in relations])

    def ends(self, hidden: Hidden, cost: np.ndarray) -> tuple[int, int]:
        bounds = Bounds(np.where(hidden, self.least, self.counts), np.where(hidden, FAR, self.counts))
        integrality = np.ones(len(cost))
        solutions = [
            milp(sign * cost, constraints=self.ties, bounds=bounds, integrality=integrality) for sign in (1, -1)
        ]
        return round(solutions[0].fun), round(-solutions[1].fun)

    def homogeneous(self, sensitive: str) -> Iterator[tuple[int, int]]:
        """Yield total and value of every group whose members share a value of a column."""
        grid, d = np.arange(self.counts.size).reshape(self.table.counts.shape), self.table.by.index(sensitive)
        for line in np.moveaxis(grid, d, -1).reshape(-1, grid.shape[d]).tolist():
            for place, cell in enumerate(line[1:], 1):
                if 0 < self.counts[cell] == self.counts[line[0]] and self.table.axes[d][place] != "_U":
                    yield line[0], cell

    def members_with_another_value(self, hidden: Hidden, total: int, cell: int) -> int:
        """Return the largest possible number of members with another value."""
        cost = np.zeros(len(self.counts))
        cost[total], cost[cell] = 1, -1
        return self.ends(hidden, cost)[1]

    def is_safe(self, hidden: Hidden, threshold: int, sensitive: str = "") -> bool:
        """Return whether nothing is disclosed."""
        if (~hidden & (self.counts > 0) & (self.counts < threshold)).any():
            return False
        for total, cell in self.homogeneous(sensitive) if sensitive else ():
            if self.members_with_another_value(hidden, total, cell) < threshold:
                return False
        for cell in sorted(np.flatnonzero(hidden).tolist(), key=lambda c: self.counts[c]):
            if not is_safe(*self.ends(hidden, np.eye(len(self.counts))[cell]), threshold):
                return False
        return all(self.small_cells(hidden, block, threshold) > 1 for block in self.blocks(hidden))

    def blocks(self, hidden: Hidden) -> Iterator[set[int]]:
        """Yield the hidden cells that share sums, where further cells share these sums too."""
        lines = [set(np.flatnonzero(row).tolist()) for row in self.ties.A]
        rest = set(np.flatnonzero(hidden).tolist())
        while rest:
            block = {rest.pop()}
            while more := {c for line in lines if line & block for c in line} & rest:
                block |= more
                rest -= more
            if any(line & block and (line - block) & set(np.flatnonzero(self.counts).tolist()) for line in lines):
                yield block

    def small_cells(self, hidden: Hidden, block: set[int], threshold: int) -> int:
        """Return how many cells of a block can be below the threshold; 2 for a block without a small cell."""
        small = [c for c in block if self.ends(hidden, np.eye(len(self.counts))[c])[0] < threshold]
        return len(small) or 2


def cheaper(weight: np.ndarray, cells: list[int], budget: float) -> Iterator[list[int]]:
    """Yield every set of cells that weighs less than a budget."""
    if budget <= 0:
        return
    if not cells:
        yield []
        return
    yield from cheaper(weight, cells[1:], budget)
    for others in cheaper(weight, cells[1:], budget - weight[cells[0]]):
        yield [cells[0], *others]


def check_least(table: Table, threshold: int, sensitive: str = "", most: int = 400) -> Suppression:
    """Check that a suppression is safe and that no cheaper choice is (up to `most` choices)."""
    columns = frozenset({sensitive} - {""})
    suppression = suppress_exact(table, threshold, columns)
    least = 0 if sensitive else 1
    intruder, counts, weight = EnumeratingIntruder(table, least), table.counts.ravel(), weights(table)
    hidden = suppression.table.status.ravel() == SUPPRESSED
    assert intruder.is_safe(hidden, threshold, sensitive)
    assert suppression.loss == weight[hidden].sum()
    assert suppression.lower_bound == suppression.loss
    small = (counts > 0) & (counts < threshold)
    free = np.flatnonzero(((counts >= threshold) | zeros_of(table, sensitive)) & ~small).tolist()
    free.sort(key=lambda c: -weight[c])
    for tried, further in enumerate(cheaper(weight, free, suppression.loss - weight[small].sum())):
        if tried == most:
            break
        choice = small.copy()
        choice[further] = True
        assert not intruder.is_safe(choice, threshold, sensitive), further
    return suppression


def zeros_of(table: Table, sensitive: str) -> Hidden:
    """Return the zeros that may be hidden: those of groups whose members share a value."""
    can_be_hidden = np.zeros(table.counts.size, dtype=bool)
    if sensitive:
        d = table.by.index(sensitive)
        for total, _ in EnumeratingIntruder(table).homogeneous(sensitive):
            place = list(np.unravel_index(total, table.counts.shape))
            for code in range(1, table.counts.shape[d]):
                place[d] = np.int64(code)
                can_be_hidden[np.ravel_multi_index(place, table.counts.shape)] |= table.counts[tuple(place)] == 0
    return can_be_hidden


SMALL = st.one_of(inner(5), inner(2, 3), inner(3, 3))
GROUPS = st.one_of(inner(4), inner(3, 2), inner(2, 3))


@QUICK
@given(SMALL, st.sampled_from([5, 10]))
def test_no_safe_choice_loses_less(counts: list[object], threshold: int) -> None:
    check_least(made.table(counts), threshold)


@settings(QUICK, max_examples=2)
@given(inner(2, 2, 2))
def test_no_safe_choice_loses_less_in_three_dimensions(counts: list[object]) -> None:
    check_least(made.table(counts), 10, most=150)


@settings(QUICK, max_examples=4)
@given(GROUPS, st.sampled_from([5, 10]), st.integers(0, 1))
def test_no_choice_that_protects_groups_loses_less(counts: list[object], threshold: int, column: int) -> None:
    check_groups(counts, threshold, column)


def check_groups(counts: list[object], threshold: int, column: int) -> None:
    table = made.table(counts, unreported=column == 1)
    try:
        check_least(table, threshold, table.by[-1], most=200)
    except Refused:
        all_hidden = (table.counts.ravel() > 0) | zeros_of(table, table.by[-1])
        assert not EnumeratingIntruder(table, 0).is_safe(all_hidden, threshold, table.by[-1])


def multi_valued_table(counts: list[list[int]]) -> Table:
    """Return a table by sex and a multi-valued column, `_U` last."""
    array = np.array(counts)
    axes = (("_T", "f", "m"), ("_T", *[f"v{i}" for i in range(array.shape[1] - 2)], "_U"))
    return Table("t", "rows", ("sex", "kind"), {}, axes, array, np.zeros(array.shape, np.uint8), frozenset({"kind"}))


def test_a_hidden_large_cell_needs_a_wide_interval_only_if_it_could_be_small() -> None:
    # the optimum by the linear programs of small cells leaves a count of 14 the interval 8 to 14
    suppression = check_least(multi_valued_table([[67, 14, 37, 22], [42, 8, 27, 10], [25, 6, 10, 12]]), 10)
    assert suppression.gap == 0


def test_the_bound_is_valid_without_search_time() -> None:
    rng = np.random.default_rng(0)
    table = made.table(rng.poisson(rng.lognormal(4, 1, (12, 9))).tolist())
    least, hasty = suppress_exact(table, 10), suppress_exact(table, 10, seconds=0.0)
    assert least.gap == 0
    assert hasty.lower_bound <= least.loss <= hasty.loss
    assert hasty.gap > 0
    assert "other choices of cells have at least" in hasty.report
    assert EnumeratingIntruder(table).is_safe(hasty.table.status.ravel() == SUPPRESSED, 10)


def test_thirty_by_twenty_is_solved_to_optimality() -> None:
    rng = np.random.default_rng(1)
    suppression = suppress_exact(made.table(rng.poisson(rng.lognormal(5, 1.5, (30, 20))).tolist()), 10)
    assert suppression.gap == 0
    assert suppression.table.params == {}


def test_no_cut_excludes_a_safe_choice() -> None:
    check_cuts(2)


def check_cuts(tables: int) -> None:
    rng = np.random.default_rng(3)
    for _ in range(tables):
        table = made.table(rng.choice([1, 3, 8, 11, 14, 30], (3, 3)).tolist())
        problem, intruder = problem_of(table, 10), EnumeratingIntruder(table)
        problem_intruder = Intruder(problem)
        problem_intruder.set_hidden(problem.always + ~problem.always * rng.random(table.counts.size))
        movements = [problem_intruder.bound_movement(int(cell)) for cell in np.flatnonzero(problem.always)]
        cuts = [
            problem_intruder.cut(movement, np.array([movement.cell])) for movement in movements if movement is not None
        ]
        for _ in range(25):
            choice = problem.always | (problem.movable & (rng.random(table.counts.size) < 0.4))
            if intruder.is_safe(choice, 10):
                assert not any(cut.misses(choice.astype(float)) for cut in cuts if cut is not None)


def test_no_published_text_states_the_loss_or_that_it_is_the_least() -> None:
    table = made.table([[3, 40, 22], [50, 60, 31]])
    protected, report = best_reported(table, 10)
    loss = suppress_exact(table, 10).loss
    assert f"{loss:,.0f}" in report
    public = to_csv(protected) + str(protected.params) + " ".join(protected.notes)
    assert f"{loss:,.0f}" not in public
    assert "no other choice of cells has a smaller loss" in report
    assert "optimal" not in public
    assert "smaller loss" not in public


def test_suppressed_cells_stay_suppressed() -> None:
    table = made.table([[30, 40, 22], [50, 60, 31]])
    status = table.status.copy()
    status[1, 1] = SUPPRESSED
    suppression = suppress_exact(replace(table, status=status), 10)
    assert suppression.table.status[1, 1] == SUPPRESSED


# groups that share a value of a sensitive column


def test_a_large_homogeneous_group_is_protected() -> None:
    table = made.table([[60, 0], [25, 30]])
    protected = suppress_exact(table, 10, frozenset({"dim1"})).table
    assert protected.cells["a0", "b1"].count is None
    assert suppress_exact(table, 10).table.cells["a0", "b1"].count == 0
    assert EnumeratingIntruder(table, 0).members_with_another_value(protected.status.ravel() == SUPPRESSED, 3, 4) >= 10


def consistent_tables(protected: Table) -> np.ndarray:
    """Return every consistent two-by-two table, by enumeration of hidden counts up to 30."""
    grids = np.indices((31,) * 4).reshape(4, -1).T.reshape(-1, 2, 2)
    tables = np.zeros((len(grids), 3, 3), dtype=np.int64)
    tables[:, 1:, 1:], tables[:, 0, 1:], tables[:, 1:, 0] = grids, grids.sum(axis=1), grids.sum(axis=2)
    tables[:, 0, 0] = grids.sum(axis=(1, 2))
    open_ = protected.status == SUPPRESSED
    return tables[((tables == protected.counts) | open_).all(axis=(1, 2))]


@pytest.mark.parametrize("counts", [[[12, 0], [7, 9]], [[6, 0], [8, 14]], [[2, 0], [0, 20]], [[0, 11], [16, 3]]])
def test_every_homogeneous_group_has_a_consistent_table_with_another_value(counts: list[list[int]]) -> None:
    table = made.table(counts)
    protected = suppress_exact(table, 5, frozenset({"dim1"})).table
    tables = consistent_tables(protected)
    assert (tables == table.counts).all(axis=(1, 2)).any()
    for row in range(3):
        for column in (1, 2):
            if table.counts[row, column] == table.counts[row, 0]:
                members_with_another_value = tables[:, row, 0] - tables[:, row, column]
                assert members_with_another_value.max() >= 5
    for cell in np.argwhere(protected.status == SUPPRESSED):
        values = tables[:, cell[0], cell[1]]
        assert is_safe(values.min(), values.max(), 5)


def test_a_group_that_reports_nothing_needs_no_protection() -> None:
    table = made.table([[40, 0], [0, 30], [20, 20]], unreported=True)
    protected = suppress_exact(table, 10, frozenset({"dim1"})).table
    hidden = protected.status.ravel() == SUPPRESSED
    assert EnumeratingIntruder(table, 0).is_safe(hidden, 10, "dim1")
    assert protected.cells["a1", "b0"].count == 0  # the second group reports nothing


def test_a_share_below_one_protects_nearly_homogeneous_groups() -> None:
    table = made.table([[95, 2, 3], [40, 50, 60]])
    cells = np.flatnonzero(suppress_exact(table, 5, frozenset({"dim1"}), 0.9).table.status.ravel())
    hidden = np.isin(np.arange(table.counts.size), cells)
    cost = np.zeros(table.counts.size)
    cost[4], cost[5] = 1, -1
    assert is_safe(*EnumeratingIntruder(table, 0).ends(hidden, cost), 5)


def test_a_fully_homogeneous_table_is_refused_with_the_column() -> None:
    table = made.table([[40], [30]])
    with pytest.raises(Refused, match=r"same dim1.*Leave dim1 out of this table"):
        best_version(table, 10, frozenset({"dim1"}))


def test_the_notes_do_not_disclose_whether_zeros_are_hidden() -> None:
    notes = [
        best_version(made.table(counts), 10, frozenset({"dim1"})).notes
        for counts in ([[60, 0, 12], [25, 30, 4]], [[60, 15, 12], [25, 30, 4]])
    ]
    assert all(any("Suppressed counts can be 0" in note for note in table_notes) for table_notes in notes)


def test_rounding_protects_homogeneous_groups() -> None:
    check_rounded_groups(4)


def check_rounded_groups(tables: int) -> None:
    rng = np.random.default_rng(2)
    for _ in range(tables):
        counts = rng.choice([0, 0, 1, 3, 40, 600, 900], (3, 3))
        if counts.sum() == 0:
            continue
        table = made.table(counts.tolist())
        try:
            protected = best_version(table, 10, frozenset({"dim1"}))
        except Refused:
            continue
        if protected.axes == table.axes:
            check_rounded(table, protected)


def check_rounded(table: Table, protected: Table) -> None:
    half = int(protected.params.get("half_width", 0))
    size, intruder = table.counts.size, EnumeratingIntruder(table)
    given = np.isin(protected.status.ravel(), (OK, PERTURBED))
    slack = np.where(protected.status.ravel() == PERTURBED, half, 0)
    low = np.where(given, np.maximum(protected.counts.ravel() - slack, 0), 0)
    high = np.where(given, protected.counts.ravel() + slack, FAR)
    for total, cell in intruder.homogeneous("dim1"):
        cost = np.zeros(size)
        cost[total], cost[cell] = -1, 1
        solution = milp(cost, constraints=intruder.ties, bounds=Bounds(low, high), integrality=np.ones(size))
        assert -solution.fun >= 10 - 1e-6
