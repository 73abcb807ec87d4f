"""No cell of a protected table is disclosed: checked by intruders without product code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, Table, TableCell, tabulate
from kerege.evidence.sdc.linear.linear_system import knowledge, rules_of
from kerege.evidence.sdc.suppression.audit import audit_knowledge
from kerege.evidence.sdc.suppression.complementary import primary, suppress
from kerege.evidence.sdc.suppression.protection import protect
from tests.evidence import made
from tests.evidence.oracle import bounds, disclosures, enumerate_intervals, interval, is_safe

COUNT = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 60))
QUICK = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))


WITHHELD = TableCell(None, "withheld")


def grids(*shape: int) -> st.SearchStrategy[list[object]]:
    """Return a strategy for the inner counts of a table."""
    cells: st.SearchStrategy[object] = COUNT
    for size in reversed(shape):
        cells = st.lists(cells, min_size=size, max_size=size)
    return cells  # type: ignore[return-value]


def known_to_an_insider(counted: Table, protected: Table) -> dict[tuple[str, ...], TableCell]:
    """Return the published cells, with withheld categories added under their names."""
    if protected.axes != counted.axes:
        return protected.cells
    return {key: protected.cells.get(key, WITHHELD) for key in counted.cells}


@settings(QUICK, max_examples=25)  # all of them here: no larger proof exists
@given(st.one_of(grids(3), grids(2, 3)))
def test_the_shown_cells_add_up_without_the_withheld_ones(inner: list[object]) -> None:
    protected = protect(made.table(inner))
    for key in protected.cells:
        interval(protected.cells, key, half(protected))  # fails when nothing fits


def half(protected: Table) -> int:
    return int(protected.params.get("half_width", 0))


SMALL = st.one_of(grids(3), grids(5), grids(2, 3), grids(3, 4))


@QUICK
@given(SMALL, st.sampled_from([5, 10]))
def test_no_cell_of_a_protected_table_is_disclosed(inner: list[object], threshold: int) -> None:
    check_no_cell_is_disclosed(inner, threshold)


def check_no_cell_is_disclosed(inner: list[object], threshold: int) -> None:
    counted = made.table(inner, unreported=True)
    protected = protect(counted, threshold=threshold)
    assert disclosures(known_to_an_insider(counted, protected), threshold, half(protected)) == []


@settings(QUICK, max_examples=2)
@given(grids(2, 3, 2))
def test_three_dimensions_with_all_margins_are_safe(inner: list[object]) -> None:
    check_three_dimensions(inner)


def check_three_dimensions(inner: list[object]) -> None:
    protected = protect(made.table(inner))
    assert disclosures(known_to_an_insider(made.table(inner), protected), 10, half(protected)) == []


TINY = st.lists(st.lists(st.integers(0, 3), min_size=2, max_size=2), min_size=2, max_size=3)


@QUICK
@given(TINY, st.data())
def test_the_audit_agrees_with_enumeration(inner: list[list[int]], data: st.DataObject) -> None:
    check_audit_agrees(inner, data)


def is_wide(low: int, high: int, threshold: int) -> bool:
    """Return whether the audit passes a cell; it also refuses one that is certainly 0."""
    return high > 0 and is_safe(low, high, threshold)


def check_audit_agrees(inner: list[list[int]], data: st.DataObject) -> None:
    table = made.table(inner)
    # any suppression pattern with published margins, safe or not
    hide = data.draw(st.lists(st.booleans(), min_size=table.counts.size, max_size=table.counts.size))
    status = np.array(hide, np.uint8).reshape(table.counts.shape) * np.uint8(SUPPRESSED)
    status[0, :] = status[:, 0] = OK
    least = 0 if (table.counts[status == SUPPRESSED] == 0).any() else 1
    protected = replace(table, status=status, params={"least_suppressed": least})
    truth = enumerate_intervals(protected.cells, least)
    for threshold in (2, 3):
        audited = audit_knowledge(knowledge(protected, rules_of(protected)), threshold, exact=True)
        intervals = {
            protected.keys(i): (int(audited.lower[i]), int(audited.upper[i])) for i in range(table.counts.size)
        }
        assert intervals == truth
        unsafe = {k for k, ends in truth.items() if protected.cells[k].count is None and not is_wide(*ends, threshold)}
        assert {protected.keys(int(i)) for i in audited.unsafe} == unsafe
        quick = audit_knowledge(knowledge(protected, rules_of(protected)), threshold)
        assert quick.unsafe.tolist() == audited.unsafe.tolist()


def test_the_audit_finds_primary_suppression_alone_unsafe() -> None:
    table = made.table([[3, 40], [50, 60]])
    alone = replace(table, status=primary(table, 10))
    assert not audit_knowledge(knowledge(alone, rules_of(alone)), 10).safe
    assert disclosures(alone.cells, 10) == [("a0", "b0")]


def test_two_small_cells_below_the_threshold_need_a_third() -> None:
    protected = suppress(made.table([3, 4, 200, 300]), 10)
    assert protected.cells["a0",].count is None
    assert protected.tally()["suppressed"] == 3


def test_two_small_cells_that_reach_the_threshold_need_no_third() -> None:
    assert suppress(made.table([6, 7, 200, 300]), 10).tally()["suppressed"] == 2


def test_zeros_are_published() -> None:
    protected = suppress(made.table([[0, 40], [50, 3]]), 10)
    assert protected.cells["a0", "b0"].count == 0


@pytest.mark.parametrize("threshold", [4, 1, 0, -3])
def test_a_threshold_below_five_is_refused(threshold: int) -> None:
    with pytest.raises(BadInput, match="below 5"):
        protect(made.table([3, 40]), threshold=threshold)


def test_women_and_men_keep_figures_beside_a_cell_of_three(tmp_path: Path) -> None:
    protected = protect(tabulate(made.snapshot(tmp_path, made.article()), ["sex"]))
    cells = protected.cells
    assert cells["_T",].count == 1891
    assert (cells["female",].count, cells["male",].count, half(protected)) == (910, 980, 5)
    assert ("transgender",) not in cells
    assert "transgender" not in " ".join(protected.notes)
    # an intruder who knows the name of the third category
    known = cells | {("transgender",): WITHHELD}
    assert is_safe(*interval(known, ("transgender",), 5), 10)


def test_women_and_men_keep_figures_in_the_table_with_exploitation(tmp_path: Path) -> None:
    protected = protect(tabulate(made.snapshot(tmp_path, made.article()), ["sex", "exploitation"]))
    cells = protected.cells
    assert [cells["_T", form].count for form in ("labour", "sexual", "other")] == [1151, 711, 29]
    assert (cells["female", "_T"].count, cells["male", "_T"].count) == (910, 980)
    hidden = {("transgender", form): WITHHELD for form in ("_T", "labour", "sexual", "other")}
    assert disclosures(cells | hidden, 10, half(protected)) == []


def test_nothing_is_rounded_when_suppression_keeps_the_large_categories() -> None:
    protected = protect(made.table([6, 7, 2000, 3000]))
    assert protected.tally() == {"published": 3, "suppressed": 2, "perturbed": 0, "noised": 0}


def test_small_categories_that_reach_the_threshold_are_merged() -> None:
    protected = protect(made.table([[3, 2, 1, 500, 700, 12], [1, 2, 1, 400, 650, 3]]))
    assert protected.cells["_T", "_T"].count == 2275
    assert disclosures(protected.cells, 10, half(protected)) == []


def test_reported_values_exclude_not_reported(tmp_path: Path) -> None:
    rows = [{"means": v} for v, n in (("force;fraud", 30), ("fraud", 25), ("debt", 4), ("", 6)) for _ in range(n)]
    counted = tabulate(made.snapshot(tmp_path, rows, multi=["means"]), ["means"])
    assert counted.total == 65
    assert counted.cells["fraud",].count == 55
    protected = protect(counted)
    assert disclosures(protected.cells, 10, half(protected), multi={0}) == []
    low, high = bounds(protected.cells)
    assert (low <= counted.counts).all()
    assert (counted.counts <= high).all()


SEVERAL = st.lists(st.sampled_from(["a", "a;b", "b", "b;c", "c", "", "a;b;c"]), min_size=20, max_size=60)


@settings(QUICK, max_examples=4)
@given(SEVERAL, st.data())
def test_multi_valued_tables_are_safe(values: list[str], data: st.DataObject) -> None:
    check_multi_valued(values, data)


def check_multi_valued(values: list[str], data: st.DataObject) -> None:
    import tempfile

    sexes = data.draw(st.lists(st.sampled_from("fffm"), min_size=len(values), max_size=len(values)))
    rows = [{"sex": sex, "kind": value} for sex, value in zip(sexes, values, strict=True)]
    with tempfile.TemporaryDirectory() as folder:
        counted = tabulate(made.snapshot(Path(folder), rows, multi=["kind"]), ["sex", "kind"])
    protected = protect(counted, threshold=5)
    assert disclosures(protected.cells, 5, half(protected), multi={1}) == []


def test_another_solver_finds_a_large_sparse_table_safe() -> None:
    check_large_sparse_table(5)


def check_large_sparse_table(cells: int) -> None:
    rng = np.random.default_rng(5)
    mean = 3000 / np.outer(np.arange(1, 31) ** 1.4, np.arange(1, 26) ** 1.3)
    protected = protect(made.table(rng.poisson(mean).tolist()))
    keys = [key for key, cell in protected.cells.items() if cell.count is None]
    assert len(keys) > 100
    for i in rng.choice(len(keys), cells, replace=False):
        assert is_safe(*interval(protected.cells, keys[i]), 10), keys[i]
