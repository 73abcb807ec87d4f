"""Large sparse tables like the public files of the field: an independent solver finds no disclosure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.ctdc_like import frame
from benchmarks.table_suppress import attack
from kerege.evidence.counting.frequency_table import OK, Table, tabulate
from kerege.evidence.data.snapshot import Snapshot, read
from kerege.evidence.numerics.time_limit import TimeLimit
from kerege.evidence.sdc.linear.linear_system import rules_of
from kerege.evidence.sdc.suppression import large_tables
from kerege.evidence.sdc.suppression.audit import audit_knowledge
from kerege.evidence.sdc.suppression.completion import true_intervals
from kerege.evidence.sdc.suppression.large_tables import is_large
from kerege.evidence.sdc.suppression.problem import problem_of
from kerege.evidence.sdc.suppression.protection import protect
from kerege.evidence.sdc.suppression.witness_search import WitnessWalk
from tests.evidence import made
from tests.evidence.oracle import interval, is_safe


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    path = tmp_path_factory.mktemp("ctdc") / "records.csv"
    frame(20_000).write_csv(path)
    return read(path)


def test_linear_programs_disclose_no_cell_of_a_large_two_way_table(tmp_path: Path) -> None:
    frame(3_000).write_csv(tmp_path / "records.csv")  # 14,000 cells, 800 of them suppressed
    check_two_way(read(tmp_path / "records.csv"), 30)


def check_two_way(records: Snapshot, cells: int) -> None:
    protected = protect(tabulate(records, ["citizenship", "CountryOfExploitation"]))
    intervals = attack(protected, cells)  # in two dimensions the ends are integers
    assert len(intervals) == cells
    for low, high in intervals:
        assert low >= 10 or (high >= 10 - 1e-6 and high - low >= 9 - 1e-6)


def test_integer_programs_disclose_no_cell_of_a_three_way_table_that_counts_as_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(large_tables, "LARGE_CUBE", 200)
    check_three_way(30, (6, 5, 5))


def check_three_way(cells: int, shape: tuple[int, int, int]) -> None:
    counted = random_cube(1, shape)
    assert is_large(counted)
    protected = protect(counted)
    hidden = [key for key, cell in protected.cells.items() if cell.count is None]
    assert (counted.counts[(protected.status == OK) & (counted.counts > 0)] >= 10).all()
    for i in np.random.default_rng(1).choice(len(hidden), cells, replace=False):
        assert is_safe(*interval(protected.cells, hidden[i]), 10), hidden[i]


def random_cube(seed: int, shape: tuple[int, int, int]) -> Table:
    """Return a table of random counts, most of them small."""
    first, second, third = (np.arange(1, size + 1) for size in shape)
    mean = 900 / np.multiply.outer(np.outer(first, second), third) ** 1.2
    return made.table(np.random.default_rng(seed).poisson(mean).tolist())


def test_every_table_of_a_walk_is_consistent() -> None:
    counted = made.table([[3, 40, 8], [50, 6, 70], [9, 20, 4]])
    hidden = np.zeros(counted.counts.shape, bool)
    hidden[1:, 1:] = True
    walk = WitnessWalk(counted.counts, hidden.ravel(), rules_of(counted), least=1)
    narrow = walk.run(np.flatnonzero(hidden.ravel()), 9, TimeLimit(np.inf))
    assert not len(narrow)
    table = walk.current.reshape(counted.counts.shape)
    assert (table >= 1).all()
    assert (table[0] == counted.counts[0]).all()
    assert (table[1:, 1:].sum(axis=0) == counted.counts[0, 1:]).all()
    assert (table[1:, 1:].sum(axis=1) == counted.counts[1:, 0]).all()


def test_large_categories_keep_their_figures(records: Snapshot) -> None:
    for by in (["gender"], ["ageBroad", "gender"], ["CountryOfExploitation"], ["yearOfRegistration", "typeOfLabour"]):
        counted = tabulate(records, by)
        protected = protect(counted)
        half = int(protected.params.get("half_width", 0))
        for flat, count in enumerate(counted.counts.ravel().tolist()):
            if count >= 0.05 * counted.total:
                cell = protected.cells[counted.keys(flat)]
                assert cell.count is not None, counted.keys(flat)
                assert abs(cell.count - count) <= half


def test_without_time_a_table_is_safe_and_most_of_it_is_published(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = problem_of(random_cube(2, (11, 8, 8)), 10)
    for name in ("WALK", "PROGRAMS", "LOOK", "HYPERCUBES"):
        monkeypatch.setattr(large_tables, name, 0.0)
    hidden = large_tables.make_large_safe(problem, problem.always, true_intervals(problem))
    assert audit_knowledge(problem.known(hidden), 10, quick=True, seconds=20.0).safe
    published = ~hidden & (problem.truth > 0)
    assert published[problem.movable].sum() > 0.5 * (problem.movable & ~problem.always).sum()
