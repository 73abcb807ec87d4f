"""Edges of private bins: charged, close to the quantiles, and a function of noisy counts alone."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.evidence.counting import Counts
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, synthesize
from kerege.evidence.synthesis.measurement.private_edges import (
    LEAST_PART,
    MOST_SHARE,
    code_frame,
    find_edges,
    share_of_edges,
)
from kerege.evidence.synthesis.measurement.public_schema import Schema, keep_listed_values, parse_schema
from tests.evidence.certificates import problems
from tests.evidence.synthesis.measurement.test_measure_privacy import by_opendp


def asked(bins: int = 4, limits: tuple[float, float] = (0, 999), **more: object) -> Schema:
    return parse_schema({"columns": {"x": {"private_bins": bins, "range": list(limits), **more}}})


def numbers(n: int, seed: int = 1) -> pl.DataFrame:
    drawn = np.random.default_rng(seed).lognormal(5, 0.7, n).round().astype(int)
    return pl.DataFrame({"x": drawn.astype(str)})


def no_noise(counts: Counts, sigma: float) -> Counts:
    return counts


@pytest.mark.parametrize("bins", [2, 3, 8])
def test_without_noise_no_other_edge_is_nearer_to_the_quantile(bins: int) -> None:
    frame = numbers(4_001)
    values = frame["x"].cast(pl.Int64).to_numpy()
    (column,), _steps = find_edges(frame, asked(bins), 100.0, no_noise)
    edges = [int(label.partition("--")[0].rstrip("+")) for label in column.values[1:]]
    below = np.array([(values < edge).sum() for edge in range(1_000)])
    for part, edge in enumerate(edges, 1):
        target = len(values) * part / bins
        assert abs(below[edge] - target) == abs(below[1:] - target).min()
    assert len(edges) == bins - 1


@pytest.mark.parametrize("people", [1_000, 20_000])
def test_each_bin_holds_its_part_of_the_people_but_for_a_few_sigmas(people: int) -> None:
    rho = epsilon_to_rho(4.0, 1e-9)
    for seed in range(5):
        rows, (column,), (step,) = code_frame(numbers(people, seed), asked(), rho, repeatable(seed))
        counts = [int((rows["x"] == value).sum()) for value in column.values]
        assert len(counts) == 4
        assert max(abs(count - people / 4) for count in counts) < 4 * step["sigma"] + 0.01 * people


def test_the_loss_is_that_of_one_record_on_each_level_of_the_tree() -> None:
    """Neighbours are compared by brute force: the nodes of two trees that differ by one record."""
    trees: list[Counts] = []

    def keep(counts: Counts, sigma: float) -> Counts:
        trees.append(counts)
        return counts

    frame, rho = numbers(300), 0.2
    for rows in (frame, frame.vstack(pl.DataFrame({"x": ["123456"]}))):
        _schema, (step,) = find_edges(rows, asked(limits=(0, 700)), rho, keep)
    moved = float(np.linalg.norm(trees[0] - trees[1]))
    assert moved == pytest.approx(step["sensitivity"])
    assert step["cells"] == len(trees[0])
    assert step["rho"] == pytest.approx(by_opendp(step["sigma"], moved), rel=1e-9)
    assert step["rho"] <= rho * share_of_edges(asked())


def test_the_edges_follow_from_noisy_counts_alone() -> None:
    """Records that the noise hides make no difference: the same noisy counts give the same edges."""
    counts = np.random.default_rng(3).integers(-20, 60, 2**11)

    def hide(true: Counts, sigma: float) -> Counts:
        return counts[: len(true)]

    edges = {find_edges(numbers(people), asked(), 0.2, hide)[0][0].values for people in (10, 500, 5_000)}
    assert len(edges) == 1


def test_few_people_get_fewer_bins_than_asked_for() -> None:
    _rows, (column,), (step,) = code_frame(numbers(300), asked(20), epsilon_to_rho(1.0, 1e-9), repeatable(1))
    assert len(column.values) < 20
    assert len(column.values) <= max(2, (300 + 4 * step["sigma"]) / (LEAST_PART * step["sigma"]))


def test_many_columns_of_private_bins_share_a_fifth_of_the_loss() -> None:
    entry = {"private_bins": 4, "range": [0, 9]}
    schema = parse_schema({"columns": {f"c{n}": entry for n in range(9)} | {"a": {"values": ["x"]}}})
    assert share_of_edges(schema) == MOST_SHARE
    assert share_of_edges(schema[-1:]) == 0
    frame = pl.DataFrame({f"c{n}": ["3", "7"] * 40 for n in range(9)} | {"a": ["x"] * 80})
    _schema, steps = find_edges(frame, schema, 0.5, repeatable(1))
    assert sum(step["rho"] for step in steps) <= 0.5 * MOST_SHARE * (1 + 1e-9)


def test_numbers_outside_the_range_and_other_texts_do_no_harm() -> None:
    frame = pl.DataFrame({"x": ["-5", "2000", "1e99", "many", None, "7"] * 50})
    rows, (column,), _steps = code_frame(frame, asked(2, (0, 9)), 10.0, repeatable(1))
    assert set(rows["x"].drop_nulls()) <= set(column.values)
    assert rows["x"].null_count() == 100


@pytest.mark.usefixtures("fit_in_this_process")
def test_records_with_private_bins_state_the_whole_loss_and_are_charged_once(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    frame = pl.DataFrame({"income": chance.lognormal(6, 1, 400), "sex": chance.choice(["f", "m"], 400)})
    listed = parse_schema(
        {"columns": {"income": {"private_bins": 4, "range": [0.0, 5000.0]}, "sex": {"values": ["f", "m"]}}}
    )
    ledger, snapshot = Ledger(tmp_path / "ledger"), Snapshot.from_frame(frame, coded=["income"])
    made = synthesize(snapshot, Request(epsilon=4.0), ledger, tmp_path / "out", listed=listed)
    guarantee = made["guarantee"]
    assert not list(problems(made, tmp_path / "out"))
    assert sum("edges" in step["measured"] for step in guarantee["steps"]) == 1
    assert guarantee["rho"] == pytest.approx(sum(step["rho"] for step in guarantee["steps"]))
    assert guarantee["epsilon_of_rho"] <= 4.0
    assert [entry.rho for entry in ledger.entries()] == [guarantee["rho"], 0]
    records = pl.read_parquet(tmp_path / "out" / "records.parquet")
    (column,) = (column for column in parse_schema(made["schema"]) if column.name == "income")
    assert set(records["income"].drop_nulls()) <= set(column.values)
    again = synthesize(snapshot, Request(epsilon=4.0), ledger, tmp_path / "again", listed=listed)
    assert json.dumps(again) == json.dumps(made)
    assert keep_listed_values(snapshot.frame, (column,))[0]["income"].null_count() == 0
