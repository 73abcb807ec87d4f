"""The choice of columns, order and form looks at the records no further than the charged noise allows."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, synthesize
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts, series_of
from kerege.evidence.synthesis.dry_run import foresee
from kerege.evidence.synthesis.evaluation.refit import refit
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.presets import LOOK

WIDE = tuple(f"w{number}" for number in range(80))
LISTED = (
    Column("a", ("x", "y")),
    Column("b", ("p", "q", "r")),
    Column("c", ("yes", "no")),
    Column("wide", WIDE),
)

pytestmark = pytest.mark.usefixtures("fit_in_this_process")


@pytest.fixture(autouse=True)
def _same_noise_in_each_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the noise from a seed: one in twelve draws chose records of 60 people."""
    monkeypatch.setattr(import_module(synthesize.__module__), "discrete_gaussian", repeatable(1))


def people(number: int, seed: int = 1) -> Snapshot:
    chance = np.random.default_rng(seed)
    drawn = {column.name: chance.choice(column.values, number) for column in LISTED}
    return Snapshot.from_frame(pl.DataFrame(drawn))


def made(folder: Path, number: int, **asked: Any) -> dict[str, Any]:
    request = Request(**({"epsilon": 2.0, "auto": True} | asked))
    return synthesize(people(number), request, Ledger(folder / "ledger"), folder / "out", listed=LISTED)


def test_records_of_the_columns_that_the_noise_leaves_useful(tmp_path: Path) -> None:
    certificate = made(tmp_path, 900)
    choice = certificate["choice"]
    assert (choice["publish"], choice["columns"], choice["left_out"]) == ("records", ["a", "b", "c"], ["wide"])
    assert choice["order"] == certificate["request"]["order"] == len(certificate["expected"])
    assert pl.read_csv(tmp_path / "out" / "records.csv").columns == ["a", "b", "c"]
    assert choice["counts_from"] == pytest.approx(certificate["expected"][choice["order"] - 1]["nine_in_ten"], abs=1)


def test_the_first_look_is_charged_with_the_rest(tmp_path: Path) -> None:
    claim = made(tmp_path, 900)["guarantee"]
    looks = [step["rho"] for step in claim["steps"] if step.get("first_look")]
    assert sum(looks) == pytest.approx(LOOK * epsilon_to_rho(2.0), rel=1e-6)
    assert claim["rho"] == pytest.approx(sum(step["rho"] for step in claim["steps"]))
    assert claim["epsilon_of_rho"] == pytest.approx(2.0, rel=1e-6)
    [entry] = [entry for entry in Ledger(tmp_path / "ledger").entries() if entry.rho]
    assert entry.rho == claim["rho"]


def test_noisy_counts_without_records_where_records_would_be_noise(tmp_path: Path) -> None:
    certificate = made(tmp_path, 60, epsilon=1.0)
    assert certificate["choice"]["publish"] == "tables"
    assert not certificate["worth"]
    assert "publish the noisy counts instead" in certificate["advice"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"records.counts.csv", "records.certificate.json"}
    counts = pl.read_csv(tmp_path / "out" / "records.counts.csv", infer_schema=False)
    assert set(counts["column_1"]) == set(certificate["choice"]["columns"])
    assert {"estimate", "low", "high"} <= set(counts.columns)


def test_other_people_under_the_same_noisy_counts_have_the_same_choice(tmp_path: Path) -> None:
    """The noise of this test ignores the true counts: a difference would have come past the noise."""

    def ignores(counts: np.ndarray, sigma: float) -> np.ndarray:
        return np.arange(counts.size).reshape(counts.shape) * 40 + round(sigma)

    results = []
    for number, rows in enumerate((people(900), people(20), people(3_000, seed=8))):
        folder = tmp_path / str(number)
        request = Request(epsilon=2.0, auto=True)
        certificate = synthesize(rows, request, Ledger(folder / "l"), folder / "out", listed=LISTED, noise=ignores)
        results.append((certificate, (folder / "out" / "records.counts.csv").read_bytes()))
    assert results[0] == results[1] == results[2]


def test_the_same_request_with_and_without_a_choice_are_two_requests(tmp_path: Path) -> None:
    made(tmp_path, 900)
    made(tmp_path, 900, auto=False)
    assert [entry.rho > 0 for entry in Ledger(tmp_path / "ledger").entries()] == [True, False, True, False]
    made(tmp_path, 900)
    assert len(Ledger(tmp_path / "ledger").entries()) == 4


def test_columns_without_a_list_and_cohorts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="nobody listed those of c, wide, list them") as refused:
        synthesize(people(50), Request(auto=True), Ledger(tmp_path / "l"), tmp_path / "out", listed=LISTED[:2])
    assert len(refused.value.faults) == 1
    with pytest.raises(BadInput, match="nobody listed those of c, wide"):
        foresee(people(50), Request(auto=True), Ledger(tmp_path / "l"), listed=LISTED[:2])
    with pytest.raises(BadInput, match="cohorts of one series have the same columns"):
        series_of(people(50), Request(auto=True), Cohorts("a", name="n"), LISTED)
    assert not Ledger(tmp_path / "l").entries()


def test_a_dry_run_has_the_charge_and_the_noise_of_the_measurement_after_the_look(tmp_path: Path) -> None:
    asked = Request(epsilon=2.0, auto=True, columns=("a", "b", "c"))
    ledger = Ledger(tmp_path / "ledger")
    forecast = foresee(people(3), asked, ledger, listed=LISTED)
    certificate = synthesize(people(3_000), asked, ledger, tmp_path / "out", listed=LISTED)
    assert certificate["choice"]["left_out"] == []
    assert [row["error"] for row in forecast["expected"]] == [row["error"] for row in certificate["expected"]]
    assert forecast["charge"] == pytest.approx(certificate["guarantee"]["rho"])
    assert foresee(people(3_000), asked, ledger, listed=LISTED)["made_before"]


def test_chosen_records_are_made_again_from_other_rows_for_evaluation(tmp_path: Path) -> None:
    certificate = made(tmp_path, 900)
    again = refit(people(900, seed=5).frame, certificate, 1)
    assert again.columns == ["a", "b", "c"]
    assert abs(again.height - 900) < 150
