"""Regenerated records repeat the mechanism of the file: cohorts, found values, k-anonymous files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, refit
from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import FIRST, REVISION, Cohorts
from kerege.evidence.synthesis.evaluation import refit as evaluation_refit
from kerege.evidence.synthesis.evaluation.evaluate import evaluate
from kerege.evidence.synthesis.evaluation.messages import words
from kerege.evidence.synthesis.evaluation.refit import OTHERS, TOO_FEW, UNTOLD, NotAnew
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.k_anonymity import single_use
from kerege.evidence.synthesis.measurement import measure
from kerege.evidence.synthesis.measurement.measure import MeasurementPlan
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.pipeline import compute_loss
from tests.evidence.synthesis.cohorts.release_series import here

YEARS = Column("year", ("2010", "2011", "2012"))


@pytest.fixture(autouse=True)
def _here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use seeded noise and make records in this process, for speed."""
    for module in (cohort_releases, evaluation_refit):
        monkeypatch.setattr(module, "discrete_gaussian", repeatable(5))
    monkeypatch.setattr(evaluation_refit, "fit_in_process", fit_and_repeat)
    monkeypatch.setattr(cohort_releases, "fit_together", here)


def rows(unit: str = "records") -> Snapshot:
    """Return rows of two cohorts without a common value in an unlisted column."""
    cities = ["almaty", "astana"] * 1_000 + ["aktau", "atyrau"] * 1_000
    frame = pl.DataFrame({"city": cities, "year": ["2010"] * 2_000 + ["2011"] * 2_000, "sex": ["f", "m"] * 2_000})
    return Snapshot(frame, unit, "", True, "a", frozenset(), "")


@pytest.fixture
def cohorts(tmp_path: Path) -> dict[str, Any]:
    asked = Cohorts("year", name="house")
    return cohort_releases.produce(
        rows(), Request(), asked, Ledger(tmp_path / "ledger"), tmp_path / "out", listed=(YEARS,)
    )


def test_the_certificate_of_cohorts_names_the_values_that_any_of_them_kept(cohorts: dict[str, Any]) -> None:
    columns = cohorts["schema"]["columns"]
    assert columns["city"]["values"] == ["aktau", "almaty", "astana", "atyrau"]
    assert columns["sex"]["values"] == ["f", "m"]
    assert columns["year"]["values"] == list(YEARS.values)
    assert {column["name"]: column["values"] for column in cohorts["columns"]} == {"city": 4, "year": 3, "sex": 2}


def test_each_cohort_is_regenerated_by_itself_with_its_share_of_the_loss(
    cohorts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[float] = []
    plan: Callable[..., MeasurementPlan] = measure.plan

    def noted(rho: float, *rest: Any) -> MeasurementPlan:
        spent.append(rho)
        return plan(rho, *rest)

    monkeypatch.setattr(measure, "plan", noted)
    synthetic = refit(rows().frame, cohorts, 1)
    assert spent == [pytest.approx(compute_loss(Request(), unlisted=True) * FIRST)] * 2
    assert synthetic.columns == ["city", "year", "sex"]
    for year, cities in (("2010", {"almaty", "astana"}), ("2011", {"aktau", "atyrau"})):
        part = synthetic.filter(pl.col("year") == year)
        assert abs(part.height - 2_000) < 100
        assert set(part["city"].drop_nulls()) == cities  # of all rows at once, some records would have none of theirs
        assert part["city"].null_count() < 100


def test_a_cohort_that_looks_like_noise_has_no_records(cohorts: dict[str, Any]) -> None:
    few = pl.DataFrame({"city": ["almaty"] * 3, "year": ["2012"] * 3, "sex": ["f"] * 3})
    assert set(refit(pl.concat([rows().frame, few]), cohorts, 1)["year"]) == {"2010", "2011"}


def test_revisions_are_repeated_with_their_loss_from_earlier_records(
    cohorts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    spent: list[float] = []
    started: list[bool] = []
    plan: Callable[..., MeasurementPlan] = measure.plan

    def noted(rho: float, *rest: Any) -> MeasurementPlan:
        spent.append(rho)
        return plan(rho, *rest)

    def fitted(*given: Any, before: Any = None) -> Any:
        started.append(before is not None)
        return fit_records(*given, before=before)

    monkeypatch.setattr(measure, "plan", noted)
    monkeypatch.setattr(evaluation_refit, "fit_in_process", fitted)
    next(cohort for cohort in cohorts["cohorts"] if cohort["value"] == "2011")["revision"] = 2
    synthetic = refit(rows().frame, cohorts, 1)
    rho = compute_loss(Request(), unlisted=True)
    assert spent == [pytest.approx(share * rho) for share in (FIRST, FIRST, REVISION, REVISION)]
    assert started == [False, False, True, True]
    assert set(synthetic.filter(pl.col("year") == "2011")["city"].drop_nulls()) == {"aktau", "atyrau"}
    for wrong in (-1, 6, "1", None):
        cohorts["cohorts"][0]["revision"] = wrong
        with pytest.raises(NotAnew, match=UNTOLD):
            refit(rows().frame, cohorts, 1)


def test_a_certificate_without_found_values_is_refused(cohorts: dict[str, Any]) -> None:
    cohorts["schema"]["columns"]["city"]["values"] = []
    assert refit(rows().frame, cohorts, 1)["city"].null_count() < 200


def test_a_k_anonymous_file_is_regenerated_with_its_k(tmp_path: Path) -> None:
    certificate = single_use.produce(rows(), ("sex", "city"), 10, 2, 3, Ledger(tmp_path / "ledger"), tmp_path / "out")
    frame = rows().frame[:2_105]
    synthetic = refit(frame, certificate, 1)
    assert synthetic.columns == ["sex", "city"]
    assert synthetic.height == 2_100
    with pytest.raises(NotAnew, match="fewer rows than k"):
        refit(frame[:9], certificate, 1)
    with pytest.raises(NotAnew, match="other columns"):
        refit(frame.drop("city"), certificate, 1)


LISTED = {"columns": {"sex": {"values": ["f", "m"]}}}
ASKED = {"epsilon": 4.0, "delta": 1e-9, "preset": "balanced", "order": 2}


@pytest.mark.parametrize(
    "certificate",
    [
        {},
        {"request": {"epsilon": 4}},
        {"guarantee": {}, "request": {"epsilon": 4}},
        {"guarantee": {}, "request": 3},
        {"guarantee": {"kind": "k-anonymous"}},
        {"guarantee": {}, "request": ASKED, "schema": {}},
        {"guarantee": {}, "request": ASKED | {"epsilon": "4"}, "schema": LISTED},
        {"guarantee": {}, "request": ASKED | {"cohorts": "year"}, "schema": LISTED},
        {"guarantee": {}, "request": ASKED, "schema": {"columns": {"sex": {"values": []}}}},
    ],
)
def test_an_incomplete_certificate_is_unmeasured_with_a_sentence(tmp_path: Path, certificate: dict[str, Any]) -> None:
    path = tmp_path / "made.csv"
    path.with_name("made.csv.certificate.json").write_text(json.dumps(certificate))
    snapshot = rows()
    synthetic = Snapshot(snapshot.frame, "records", "", True, "b", frozenset(), str(path))
    evaluation = evaluate(snapshot, synthetic, order=1, refit=refit)
    assert evaluation.privacy is None
    assert evaluation.unmeasured == UNTOLD


@pytest.mark.parametrize("why", [UNTOLD, OTHERS, TOO_FEW])
@pytest.mark.parametrize("lang", ["kk", "ru"])
def test_the_reason_without_attacks_is_translated(lang: str, why: str) -> None:
    assert words(lang).translated("unmeasured", why) != why
