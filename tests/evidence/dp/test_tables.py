"""Differentially private tables: measurement, error bounds, notes, and charges in the ledger."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.frequency_table import NOISED
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp import consistency
from kerege.evidence.dp.tables import cell_deviations, measurement_plan, noised_table, plan_loss
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.dp_tables import compute_needed_loss, draw, request_of
from kerege.evidence.release.method_params import complete
from kerege.evidence.sdc.linear.linear_system import rules_of
from tests.evidence.dp.made import (
    ROW,
    Row,
    dp_spec,
    drawn_table,
    empty,
    explicit,
    frame,
    gaussian,
    opendp,
    people,
    victims,
)


def test_the_loss_of_all_margins_equals_opendps_composition() -> None:
    """With single-valued columns each of the eight margins has sensitivity 1; OpenDP composes them."""
    dp, table = opendp(), empty((4, 5, 3))
    plan = measurement_plan(table, 0.2, 3)
    composed = dp.c.make_composition([gaussian(plan[0].sigma)] * 8)
    assert composed.map(1.0) == pytest.approx(plan_loss(table, plan), rel=1e-9)
    assert 0.2 * 0.9999 < composed.map(1.0) <= 0.2


@pytest.mark.parametrize("by", [["gone"], ["sex", "sex"], ["citizenship", "origin", "destination"]])
def test_an_impossible_table_raises_one_fault(tmp_path: Path, by: list[str]) -> None:
    snapshot = victims(tmp_path, [{"record_id": "1", "sex": "female"}])
    with pytest.raises(BadInput) as caught:
        drawn_table(snapshot, dp_spec(by, of="victims"))
    assert len(caught.value.faults) == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=40),
    st.permutations("abmn"),
    st.integers(0, 3),
    st.integers(0, 10**6),
    st.sampled_from([0.005, 0.1, 5.0]),
    st.booleans(),
)
@example([("x", "p", ["u"], ["k", "l"])], ["n", "b", "m", "a"], 3, 18099, 0.005, True)
def test_counts_are_non_negative_integers_that_add_up(
    rows: list[Row], order: list[str], size: int, seed: int, rho: float, small: bool
) -> None:
    """Round a small table by integer programming, and a large table by proportional allocation."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kerege.evidence.sdc.linear.projection.MOST_CELLS", 4_000 if small else 0)
        table = drawn_table(frame(rows), dp_spec(order[:size], rho=rho, max_values=2), seed=seed)
    rules = rules_of(table)
    sums = rules.matrix @ table.counts.ravel()
    assert (table.counts >= 0).all()
    assert ((sums >= rules.low) & (sums <= rules.high)).all()
    assert (table.status == NOISED).all()
    assert table.counts.dtype == np.int64


@pytest.mark.parametrize(("by", "small"), [(["a", "b"], True), (["a", "m"], True), (["a", "b", "m"], False)])
def test_the_error_bounds_cover_the_truth_and_totals_are_unbiased(
    by: list[str], small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On sparse tables, where truncation at zero would bias totals upwards; with both rounding methods."""
    if not small:
        monkeypatch.setattr("kerege.evidence.sdc.linear.projection.MOST_CELLS", 10)
    snapshot, runs = people(300), 40 if small else 15
    tables = [drawn_table(snapshot, dp_spec(by, epsilon=1.0), seed=seed) for seed in range(runs)]
    for level in consistency.list_levels(len(by)):
        cells = tuple(slice(1, None) if d in level else slice(0, 1) for d in range(len(by)))
        covered = [np.abs(t.counts - t.truth)[cells] <= t.error95[cells] for t in tables]
        assert np.mean(covered) >= 0.9, level
    errors = np.array([t.counts.flat[0] - t.truth.flat[0] for t in tables])
    assert abs(errors.mean()) < 4 * errors.std() / math.sqrt(runs)


def test_a_table_without_columns_counts_all_rows() -> None:
    tables = [drawn_table(people(300), dp_spec([], epsilon=1.0), seed=seed) for seed in range(20)]
    assert all(int(table.truth) == 300 for table in tables)
    assert np.mean([abs(int(table.counts) - 300) <= int(table.error95) for table in tables]) >= 0.8


def test_a_table_records_its_parameters_and_guarantee() -> None:
    table = drawn_table(people(300), dp_spec(["a", "m"], epsilon=2.0, delta=1e-8, max_values=2))
    assert table.params["epsilon"] == pytest.approx(2, abs=1e-6)
    assert table.params["rho"] == pytest.approx(epsilon_to_rho(2, 1e-8))
    assert table.params["unit"] == "one row of records"
    assert table.params["max_values"] == 2
    assert "private" not in table.params
    notes = " ".join(table.notes)
    for phrase in ("differential privacy", "95 of 100", "drawn by lot", "taken from the rows"):
        assert phrase in notes
    again = drawn_table(people(300), dp_spec(["a"]), seed=1)
    assert again.params["private"] is False
    assert again.notes[0].startswith("not private")


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_request_is_drawn_and_charged_once(tmp_path: Path) -> None:
    ledger, snapshot, spec = Ledger(tmp_path / "ledger"), people(200), dp_spec(["a", "m"], rho=0.05)
    with ledger.locked():
        assert compute_needed_loss({"records": snapshot}, [spec, spec], ledger) == 0.05
        first = draw(snapshot, spec, ledger, "2025")
        second = draw(snapshot, spec.model_copy(update={"name": "other", "title": {"en": "x"}}), ledger, "2026")
        assert compute_needed_loss({"records": snapshot}, [spec], ledger) == 0
    assert (first.counts == second.counts).all()
    assert (second.error95 == first.error95).all()  # type: ignore[union-attr]
    assert (second.name, second.axes, second.notes, second.multi) == ("other", first.axes, first.notes, first.multi)
    assert second.truth is None
    assert ledger.spent("2025") == 0.05
    assert ledger.spent("2026") == 0
    stored = b"".join(files_of(tmp_path).values()).decode()
    assert '"truth"' not in stored


@pytest.mark.parametrize(
    "change",
    [
        {"by": ["a"]},
        {"where": {"b": ["p"]}},
        {"params": complete("dp", {"rho": 0.06})},
        {"params": complete("dp", {"rho": 0.05, "max_values": 2})},
    ],
)
def test_a_changed_request_is_drawn_and_charged_again(tmp_path: Path, change: dict[str, Any]) -> None:
    ledger, snapshot, spec = Ledger(tmp_path / "ledger"), people(200), dp_spec(["a", "m"], rho=0.05)
    changed = spec.model_copy(update=change)
    assert request_of(snapshot, spec) != request_of(snapshot, changed)
    assert request_of(snapshot, spec) != request_of(replace(snapshot, sha256="1" * 64), spec)
    with ledger.locked():
        draw(snapshot, spec, ledger, "2025")
        draw(snapshot, changed, ledger, "2025")
    assert ledger.spent("2025") == pytest.approx(0.05 + changed.rho)


def test_an_overdrawn_budget_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    ledger, snapshot = Ledger(tmp_path / "ledger"), people(100)
    with ledger.locked():
        ledger.set_budget("2025", 0.1, "test")
        draw(snapshot, dp_spec(["a"], rho=0.06), ledger, "2025")
        before = files_of(tmp_path)
        with pytest.raises(Refused, match=r"epsilon 2\.07 is requested, 1\.67 is left"):
            draw(snapshot, dp_spec(["b"], rho=0.06), ledger, "2025")
        assert files_of(tmp_path) == before
        draw(snapshot, dp_spec(["b"], rho=0.04), ledger, "2025")  # the whole rest of the budget
        assert ledger.left("2025") == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("params", [{"cohort": "a"}, {"cohort": "m"}, {"cohort": "gone"}])
def test_cohorts_compose_in_parallel_and_need_a_filter_on_one_value(tmp_path: Path, params: dict[str, str]) -> None:
    ledger, snapshot = Ledger(tmp_path / "ledger"), people(100)
    with ledger.locked(), pytest.raises(BadInput, match="cohort"):
        draw(snapshot, dp_spec(["b"], {"m": ["u"]}, **params), ledger, "2025")
    with ledger.locked():
        for value in ("x", "y"):
            draw(snapshot, dp_spec(["b"], {"a": [value]}, rho=0.04, cohort="a"), ledger, "2025")
    assert ledger.spent("2025") == ledger.composed() == pytest.approx(0.04)
    with ledger.locked():
        ledger.set_budget("2025", 0.05, "test")
        with pytest.raises(Refused, match=r"0\.81 is left"):
            draw(snapshot, dp_spec(["b"], {"a": ["x"]}, rho=0.02, cohort="a"), ledger, "2025")
        draw(snapshot, dp_spec(["b"], {"a": ["z"]}, rho=0.05, cohort="a"), ledger, "2025")


# -- measurement plan ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("max_values", "sensitivities"),
    [
        (1, {(): 1, (1,): 1, (2,): 1, (1, 2): 1}),
        (2, {(): 1, (1,): 2**0.5, (2,): 2**0.5, (1, 2): 2}),
        (4, {(): 1, (1,): 2, (2,): 3**0.5, (1, 2): 12**0.5}),  # the second column has only 3 values
        (9, {(): 1, (1,): 5**0.5, (2,): 3**0.5, (1, 2): 15**0.5}),
    ],
)
def test_a_row_changes_a_margin_by_the_root_of_its_cells(
    max_values: int, sensitivities: dict[tuple[int, ...], float]
) -> None:
    """Two multi-valued columns of 5 and 3 values beside a single-valued one."""
    table = empty((4, 5, 3), multi=[1, 2])
    plan = measurement_plan(table, 0.3, max_values)
    assert {group.opened: group.sensitivity for group in plan} == pytest.approx(sensitivities)


@settings(max_examples=25, deadline=None)
@given(st.floats(1e-4, 5), st.integers(1, 4), st.sets(st.integers(0, 2)))
def test_groups_share_the_budget_in_proportion_to_their_sensitivity(rho: float, most: int, multi: set[int]) -> None:
    table = empty((4, 5, 3), multi=sorted(multi))
    plan = measurement_plan(table, rho, most)
    levels = 2 ** (3 - len(multi))
    losses = [levels * group.sensitivity**2 / (2 * group.sigma**2) for group in plan]
    assert len(plan) == 2 ** len(multi)
    assert sum(losses) == pytest.approx(rho, rel=1e-9)
    assert plan_loss(table, plan) <= rho
    shares = [loss / group.sensitivity for loss, group in zip(losses, plan, strict=True)]
    assert shares == pytest.approx([shares[0]] * len(plan), rel=1e-9)


@pytest.mark.parametrize("multi", [[], [1], [0, 2]])
def test_deviations_of_cells_equal_those_of_explicit_least_squares(multi: list[int]) -> None:
    """Each group is a table of its single-valued columns, for each combination of its opened values."""
    table = empty((2, 3, 2), multi=multi)
    plan = measurement_plan(table, 0.2, 2)
    deviations = cell_deviations(table, plan)
    singles = [column for column in range(3) if column not in multi]
    matrices = explicit(tuple((2, 3, 2)[column] for column in singles))
    stacked = np.vstack(list(matrices.values()))
    covariance = np.linalg.inv(stacked.T @ stacked)
    for group in plan:
        for level, matrix in matrices.items():
            expected = group.sigma * np.sqrt((matrix @ covariance @ matrix.T)[0, 0])
            opened = {*group.opened, *(singles[column] for column in level)}
            cells = tuple(slice(1, None) if column in opened else slice(0, 1) for column in range(3))
            assert deviations[cells] == pytest.approx(np.full(deviations[cells].shape, expected))


def test_error_bounds_are_two_deviations_and_the_rounding() -> None:
    table = drawn_table(people(60), dp_spec(["a", "m"], rho=0.3, max_values=2), seed=4)
    expected = np.ceil(norm.ppf(0.975) * cell_deviations(table, measurement_plan(table, 0.3, 2)) + 0.5)
    assert table.error95 is not None
    assert np.abs(table.error95 - expected).max() <= 1
    assert (table.error95 == expected).mean() > 0.9


# -- notes and parameters --------------------------------------------------------------------------------------------


def test_a_table_states_its_guarantee_and_the_error_of_each_level() -> None:
    snapshot = Snapshot(pl.DataFrame({"sex": ["male"] * 40, "form": ["x"] * 40}), "victims", "", True, "0" * 64)
    table = noised_table(snapshot, ["sex", "form"], 0.1, {"form": ["x", "y"]}, delta=1e-6)
    assert table.error95 is not None
    bounds = [int(table.error95[cell]) for cell in ((0, 0), (1, 0), (0, 1), (1, 1))]
    loss = "rho 0.1, epsilon 2.14 at delta 1e-06"
    assert table.notes == [
        f"noise hides whether any one row of victims was counted (differential privacy: {loss})",
        f"the total is within {bounds[0]} of the truth in 95 of 100 cases",
        f"a figure by sex is within {bounds[1]} of the truth in 95 of 100 cases",
        f"a figure by form is within {bounds[2]} of the truth in 95 of 100 cases",
        f"a figure by sex and form is within {bounds[3]} of the truth in 95 of 100 cases",
    ]
    assert table.params["values"] == {"sex": "code list", "form": "caller"}
    assert table.params["neighbours"] == "one row more or less"
    assert {"max_values", "cohort", "private"}.isdisjoint(table.params)


def test_notes_name_the_columns_that_the_noise_does_not_protect() -> None:
    table = noised_table(people(30), ["a", "m"], 0.1, max_values=2, cohort="b", seed=3)
    assert table.notes[0] == "not private: this noise was drawn from a seed and can be drawn again"
    assert table.notes[-2].startswith("of a row with more than 2 values in m, 2 drawn by lot are counted: such figures")
    assert table.notes[-1:] == [
        "which values a, m can have was taken from the rows: that they occur is not hidden",
    ]
    assert (table.params["max_values"], table.params["cohort"], table.params["private"]) == (2, "b", False)
    assert list(table.params["sigma"]) == ["counts", "m"]
    plan = measurement_plan(table, 0.1, 2)
    assert list(table.params["sigma"].values()) == pytest.approx([group.sigma for group in plan], abs=1e-6)


def test_a_seed_gives_the_same_table_and_another_seed_another() -> None:
    first, again, other = (noised_table(people(60), ["a", "b"], 0.2, seed=seed) for seed in (1, 1, 2))
    assert (first.counts == again.counts).all()
    assert (first.counts != other.counts).any()
    assert first.truth is not None
    assert (first.truth == other.truth).all()  # type: ignore[operator]


def test_only_the_selected_rows_are_counted() -> None:
    snapshot = people(200)
    table = noised_table(snapshot, ["b"], 0.2, where={"a": ["x"]}, seed=1, name="by b")
    assert table.truth is not None
    assert table.truth[0] == snapshot.frame.filter(pl.col("a") == "x").height
    assert (table.where, table.name, table.by, table.of) == ({"a": ["x"]}, "by b", ("b",), "records")


def test_a_large_budget_reproduces_the_counts() -> None:
    """With sigma below a hundredth of a person the noise rounds to zero in all cells."""
    table = noised_table(people(150), ["a", "b", "m"], 9_000.0, max_values=9, seed=1)
    assert table.truth is not None
    assert (table.counts == table.truth).all()


def test_a_table_of_too_many_cells_is_refused_before_any_noise() -> None:
    values = [str(number) for number in range(500)]
    with pytest.raises(BadInput, match="cells"):
        noised_table(people(5), ["a", "b"], 0.1, {"a": ["x", "y", "z", *values], "b": ["p", "q", *values]})
