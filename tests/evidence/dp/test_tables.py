"""Differential privacy: OpenDP's noise and privacy accounting, and consistent tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import nnls
from scipy.stats import chisquare

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.crosstab import marginals
from kerege.evidence.counting.frequency_table import NOISED, Table
from kerege.evidence.data.snapshot import Snapshot, write
from kerege.evidence.data.snapshot import read as read_snapshot
from kerege.evidence.dp import consistency
from kerege.evidence.dp.column_domains import clip_rows, public_axes
from kerege.evidence.dp.gaussian_noise import discrete_gaussian, gaussian_loss, gaussian_scale, repeatable
from kerege.evidence.dp.tables import measurement_plan, noised_table, plan_loss
from kerege.evidence.dp.zcdp import epsilon_to_rho, rho_to_epsilon
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.dp_tables import arguments, draw, needed, request_of
from kerege.evidence.release.method_params import complete
from kerege.evidence.release.spec import TableSpec
from kerege.evidence.sdc.constraints.linear_system import rules_of
from kerege.vocabulary import codes

Floats = NDArray[np.float64]
UNLIKELY = 1e-7  # p-value below which a test fails: a correct sampler gets there this rarely


def opendp() -> Any:
    dp = pytest.importorskip("opendp.prelude")
    dp.enable_features("contrib")
    return dp


def gaussian(sigma: float) -> Any:
    dp = opendp()
    return dp.m.make_gaussian(dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"), scale=sigma)


# -- privacy accounting -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("epsilon", "rho"), [(1, 0.0142), (4, 0.197), (12, 1.449)])
def test_the_optimal_conversion_has_the_known_values(epsilon: float, rho: float) -> None:
    """n = 50,000 and delta = 1/n^2. The simple conversion would return 0.0115, 0.166 and 1.297."""
    converted = epsilon_to_rho(epsilon, 4e-10)
    assert converted == pytest.approx(rho, rel=0.004)
    assert rho_to_epsilon(converted, 4e-10) <= epsilon
    assert rho_to_epsilon(converted * 1.0001, 4e-10) > epsilon


@pytest.mark.parametrize("sigma", [0.3, 1.0, 5.0, 40.0, 3000.0])
@pytest.mark.parametrize("delta", [1e-12, 4e-10, 1e-6, 0.01])
def test_epsilon_equals_that_of_opendp(sigma: float, delta: float) -> None:
    expected = opendp().c.make_zCDP_to_approxDP(gaussian(sigma)).map(1.0).epsilon(delta)
    assert rho_to_epsilon(1 / (2 * sigma**2), delta) == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_ten_releases_cost_less_than_ten_epsilons() -> None:
    rho = epsilon_to_rho(1, 4e-10)
    assert rho_to_epsilon(10 * rho, 4e-10) == pytest.approx(3.4, abs=0.05)
    assert rho_to_epsilon(0) == 0


@pytest.mark.parametrize("wrong", [(-1.0, 1e-9), (math.nan, 1e-9), (1.0, 0.0), (1.0, 1.0), (1e9, 1e-9)])
def test_a_loss_out_of_range_is_refused(wrong: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="number"):
        rho_to_epsilon(*wrong)
    with pytest.raises(ValueError, match="number"):
        epsilon_to_rho(0)


@pytest.mark.parametrize("wrong", [0.0, -1.0, math.nan, math.inf])
def test_no_sigma_exists_for_a_loss_or_a_sensitivity_that_is_no_number_above_0(wrong: float) -> None:
    with pytest.raises(ValueError, match="rho is a number above 0"):
        gaussian_scale(wrong, 1.0)
    with pytest.raises(ValueError, match="sensitivity is a number above 0"):
        gaussian_scale(1.0, wrong)


@settings(max_examples=60, deadline=None)
@given(st.floats(1e-6, 50), st.integers(1, 60))
def test_the_loss_of_sigma_is_at_most_rho_by_opendps_map(rho: float, cells: int) -> None:
    sensitivity = math.sqrt(cells)
    sigma = gaussian_scale(rho, sensitivity)
    assert gaussian(sigma).map(sensitivity) <= gaussian_loss(sigma, sensitivity) <= rho
    assert gaussian(sigma * 0.9999).map(sensitivity) > rho * 0.9999


def test_the_loss_of_all_margins_equals_opendps_composition() -> None:
    """With single-valued columns each of the eight margins has sensitivity 1; OpenDP composes them."""
    dp, table = opendp(), empty((4, 5, 3))
    plan = measurement_plan(table, 0.2, 3)
    composed = dp.c.make_composition([gaussian(plan[0].sigma)] * 8)
    assert composed.map(1.0) == pytest.approx(plan_loss(table, plan), rel=1e-9)
    assert 0.2 * 0.9999 < composed.map(1.0) <= 0.2


def empty(shape: tuple[int, ...], multi: Sequence[int] = ()) -> Table:
    by = tuple("abcde"[: len(shape)])
    axes = tuple(("_T", *[f"v{i}" for i in range(size)]) for size in shape)
    counts = np.zeros([size + 1 for size in shape], dtype=np.int64)
    return Table("t", "records", by, {}, axes, counts, counts.astype(np.uint8), frozenset(by[d] for d in multi))


# -- noise -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sigma", [0.6, 2.0, 7.3])
@pytest.mark.parametrize("source", ["secure", "repeatable"])
def test_the_noise_has_the_exact_distribution(sigma: float, source: str) -> None:
    draws = (discrete_gaussian if source == "secure" else repeatable(1))(np.zeros(15_000, dtype=np.int64), sigma)
    width = max(2, round(2.5 * sigma))
    values = np.arange(-60 * max(1, round(sigma)), 60 * max(1, round(sigma)) + 1)
    pmf = np.exp(-(values**2) / (2 * sigma**2))
    pmf /= pmf.sum()
    inner = [int((draws == v).sum()) for v in range(-width, width + 1)]
    expected = [float(pmf[values == v][0]) for v in range(-width, width + 1)]
    observed = [int((draws < -width).sum()), *inner, int((draws > width).sum())]
    probabilities = [float(pmf[values < -width].sum()), *expected, float(pmf[values > width].sum())]
    assert chisquare(observed, np.array(probabilities) * len(draws)).pvalue > UNLIKELY


def test_published_noise_cannot_be_drawn_again() -> None:
    zeros = np.zeros(200, dtype=np.int64)
    assert (discrete_gaussian(zeros, 5.0) != discrete_gaussian(zeros, 5.0)).any()
    assert (repeatable(3)(zeros, 5.0) == repeatable(3)(zeros, 5.0)).all()


# -- measurement -------------------------------------------------------------------------------------------------

ROW = st.tuples(
    st.sampled_from(["x", "y", "z", ""]),
    st.sampled_from(["p", "q", ""]),
    st.lists(st.sampled_from(["u", "v", "w", "s"]), max_size=4, unique=True),
    st.lists(st.sampled_from(["k", "l", "n"]), max_size=3, unique=True),
)
Row = tuple[str, str, list[str], list[str]]


def frame(rows: Sequence[Row]) -> Snapshot:
    data = {
        name: pl.Series([row[i] or None for row in rows], dtype=pl.String if i < 2 else pl.List(pl.String))
        for i, name in enumerate("abmn")
    }
    return Snapshot(pl.DataFrame(data), "records", "", True, "0" * 64, frozenset("mn"))


def dp_spec(
    by: Sequence[str], where: dict[str, list[str]] | None = None, of: str = "records", **params: object
) -> TableSpec:
    params = params if {"rho", "epsilon"} & set(params) else {"rho": 0.1, **params}
    return TableSpec(name="t", of=of, by=list(by), where=where or {}, method="dp", params=params).within(10)


def drawn_table(snapshot: Snapshot, spec: TableSpec, seed: int | None = None) -> Table:
    return noised_table(snapshot, spec.by, seed=seed, where=spec.where, name=spec.name, **arguments(spec))


@settings(max_examples=80, deadline=None)
@given(st.lists(ROW, min_size=4, max_size=12), ROW, st.integers(1, 4), st.permutations("abmn"), st.integers(0, 4))
def test_one_row_changes_no_margin_by_more_than_its_sensitivity(
    rows: list[Row], row: Row, max_values: int, order: list[str], size: int
) -> None:
    """Compare the margins with and without one row, with the same samples for the other rows."""
    by = order[:size]
    values = frame([*rows, row, ("x", "p", ["u", "v", "w", "s"], ["k", "l", "n"])])
    axes = public_axes(values, by, {})
    table = empty(tuple(len(axis.values) for axis in axes))
    table = replace(table, by=tuple(by), multi=frozenset(set(by) & set("mn")))
    without_row = clip_rows(frame(rows).frame, axes, max_values, np.random.default_rng(1))
    with_row = pl.concat([without_row, clip_rows(frame([row]).frame, axes, max_values, np.random.default_rng(2))])
    domains = {axis.name: axis.values for axis in axes}
    counts = [marginals(rows_counted, domains, frozenset("mn")) for rows_counted in (without_row, with_row)]
    change = (counts[1] - counts[0]).astype(float)
    for group in measurement_plan(table, 0.1, max_values):
        opened = [slice(1, None) if d in group.opened else slice(0, 1) for d in range(len(by))]
        singles = [d for d in range(len(by)) if by[d] not in "mn"]
        for level in consistency.levels(len(singles)):
            cells = tuple(
                (slice(1, None) if singles.index(d) in level else slice(0, 1)) if d in singles else opened[d]
                for d in range(len(by))
            )
            assert np.linalg.norm(change[cells]) <= group.sensitivity + 1e-9


def test_clipping_keeps_at_most_max_values_and_only_values_on_the_axis() -> None:
    rows: list[Row] = [("x", "p", ["u", "v", "w"], [])] * 300
    axes = public_axes(frame(rows), ["m", "a"], {})
    axes = [replace(axes[0], values=["u", "v", "_U"]), replace(axes[1], values=["y", "_U"])]
    clipped = clip_rows(frame(rows).frame, axes, 1, np.random.default_rng(1))
    assert clipped["m"].list.len().to_list() == [1] * 300
    assert 100 < clipped["m"].list.contains("u").sum() < 200  # each of the two values is sampled with equal probability
    assert "w" not in clipped["m"].explode().to_list()
    assert clipped["a"].null_count() == 300  # a value off the axis counts as not reported


def victims(folder: Path, rows: list[dict[str, object]]) -> Snapshot:
    path = folder / "v.parquet"
    write(path, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    return read_snapshot(path)


def test_the_axes_do_not_depend_on_the_rows(tmp_path: Path) -> None:
    first = victims(tmp_path, [{"record_id": "1", "sex": "female", "citizenship": "KAZ", "means": ["force"]}])
    second = victims(tmp_path, [{"record_id": "2", "sex": "male"}])
    for by in (["sex"], ["citizenship"], ["means", "sex"]):
        assert drawn_table(first, dp_spec(by, of="victims")).axes == drawn_table(second, dp_spec(by, of="victims")).axes
    table = drawn_table(first, dp_spec(["sex"], of="victims"))
    assert table.axes[0] == ("_T", *codes.code_list("sex").codes, "_U")
    assert table.params["values"] == {"sex": "code list"}
    filtered = drawn_table(first, dp_spec(["sex"], {"sex": ["male", "female"]}, of="victims"))
    assert set(filtered.axes[0]) == {"_T", "male", "female"}


def test_an_empty_filter_is_accepted_unless_its_value_is_outside_the_domain(tmp_path: Path) -> None:
    snapshot = victims(tmp_path, [{"record_id": "1", "sex": "female"}])
    table = drawn_table(snapshot, dp_spec(["citizenship"], {"sex": ["male"]}, of="victims"))
    assert table.counts.shape == (len(codes.code_list("country").codes) + 2,)
    with pytest.raises(BadInput, match="selects nobody"):
        drawn_table(snapshot, dp_spec(["citizenship"], {"sex": ["mlae"]}, of="victims"))


@pytest.mark.parametrize("by", [["gone"], ["sex", "sex"], ["citizenship", "origin", "destination"]])
def test_an_impossible_table_raises_one_fault(tmp_path: Path, by: list[str]) -> None:
    snapshot = victims(tmp_path, [{"record_id": "1", "sex": "female"}])
    with pytest.raises(BadInput) as caught:
        drawn_table(snapshot, dp_spec(by, of="victims"))
    assert len(caught.value.faults) == 1


# -- post-processing -------------------------------------------------------------------------------------------------


def explicit(sizes: tuple[int, ...]) -> dict[consistency.Level, Floats]:
    """Return the matrix that sums inner cells to the cells of each level."""
    matrices = {}
    for level in consistency.levels(len(sizes)):
        matrix = np.ones((1, 1))
        for d, size in enumerate(sizes):
            matrix = np.kron(matrix, np.eye(size) if d in level else np.ones((1, size)))
        matrices[level] = matrix
    return matrices


@pytest.mark.parametrize("sizes", [(), (4,), (3, 5), (2, 3, 4)])
def test_estimates_and_variances_equal_those_of_explicit_least_squares(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(5)
    matrices = explicit(sizes)
    weights = {level: float(rng.uniform(0.2, 3)) for level in matrices}
    noise = {level: rng.normal(0, 10, len(matrix)) for level, matrix in matrices.items()}
    left = np.vstack([np.sqrt(weights[level]) * matrix for level, matrix in matrices.items()])
    right = np.concatenate([np.sqrt(weights[level]) * noise[level] for level in matrices])
    best = np.linalg.lstsq(left, right, rcond=None)[0]
    measured = {
        level: values.reshape([size if d in level else 1 for d, size in enumerate(sizes)])
        for level, values in noise.items()
    }
    assert consistency.consistent(measured, weights, tuple(range(len(sizes)))).ravel() == pytest.approx(best)
    covariance = np.linalg.inv(left.T @ left)
    for level, matrix in matrices.items():
        assert np.diag(matrix @ covariance @ matrix.T) == pytest.approx(consistency.variances(sizes, weights)[level])


def test_non_negative_cells_are_the_nearest_feasible_ones() -> None:
    sizes, rng = (3, 4), np.random.default_rng(9)
    estimates = rng.normal(1, 6, sizes)
    feasible = consistency.nearest_feasible(estimates, (0, 1), lambda x: np.maximum(x, 0))
    design = np.vstack(
        [consistency.LEVEL_RATIO ** (-len(level) / 2) * matrix for level, matrix in explicit(sizes).items()]
    )
    expected = nnls(design, design @ estimates.ravel())[0]
    assert feasible.ravel() == pytest.approx(expected, abs=0.1)


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
        patch.setattr("kerege.evidence.sdc.constraints.projection.MOST_CELLS", 4_000 if small else 0)
        table = drawn_table(frame(rows), dp_spec(order[:size], rho=rho, max_values=2), seed=seed)
    rules = rules_of(table)
    sums = rules.matrix @ table.counts.ravel()
    assert (table.counts >= 0).all()
    assert ((sums >= rules.low) & (sums <= rules.high)).all()
    assert (table.status == NOISED).all()
    assert table.counts.dtype == np.int64


def people(size: int) -> Snapshot:
    rng = np.random.default_rng(2)
    return frame(
        [
            (
                str(rng.choice(["x", "y", "z"], p=[0.7, 0.28, 0.02])),
                str(rng.choice(["p", "q"], p=[0.9, 0.1])),
                [str(v) for v in np.array(["u", "v", "w", "s"])[rng.random(4) < [0.5, 0.2, 0.05, 0.01]]],
                [str(v) for v in np.array(["k", "l", "n"])[rng.random(3) < 0.2]],
            )
            for _ in range(size)
        ]
    )


@pytest.mark.parametrize(("by", "small"), [(["a", "b"], True), (["a", "m"], True), (["a", "b", "m"], False)])
def test_the_error_bounds_cover_the_truth_and_totals_are_unbiased(
    by: list[str], small: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On sparse tables, where truncation at zero would bias totals upwards; with both rounding methods."""
    if not small:
        monkeypatch.setattr("kerege.evidence.sdc.constraints.projection.MOST_CELLS", 10)
    snapshot, runs = people(300), 40 if small else 15
    tables = [drawn_table(snapshot, dp_spec(by, epsilon=1.0), seed=seed) for seed in range(runs)]
    for level in consistency.levels(len(by)):
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


# -- ledger -----------------------------------------------------------------------------------------------


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_request_is_drawn_and_charged_once(tmp_path: Path) -> None:
    ledger, snapshot, spec = Ledger(tmp_path / "ledger"), people(200), dp_spec(["a", "m"], rho=0.05)
    with ledger.locked():
        assert needed({"records": snapshot}, [spec, spec], ledger) == 0.05
        first = draw(snapshot, spec, ledger, "2025")
        second = draw(snapshot, spec.model_copy(update={"name": "other", "title": {"en": "x"}}), ledger, "2026")
        assert needed({"records": snapshot}, [spec], ledger) == 0
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
        with pytest.raises(Refused, match=r"epsilon 2\.07 is asked for, 1\.67 is left"):
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
