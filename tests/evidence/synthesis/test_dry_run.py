"""A dry run reads no record, charges nothing, and agrees with the later certificate."""

from __future__ import annotations

from dataclasses import replace
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
from kerege.evidence.synthesis import Request, expected_error, synthesize
from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
from kerege.evidence.synthesis.dry_run import foresee
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.measurement.public_schema import Column, parse_schema
from tests.evidence.synthesis.cohorts.release_series import here as fitted_here

NAMES = ("a", "b", "c", "year")
LISTED = tuple(Column(name, ("x", "y")) for name in NAMES)
REQUEST, YEARS = Request(epsilon=2.0), Cohorts("year")


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cohort_releases, "fit_together", fitted_here)
    monkeypatch.setattr(import_module(synthesize.__module__), "fit_in_process", fit_and_repeat)


def people(count: int, seed: int = 1) -> Snapshot:
    """Return people who report all columns, with even frequencies."""
    rng = np.random.default_rng(seed)
    frame = pl.DataFrame({name: rng.choice(["x", "y"], count).tolist() for name in NAMES})
    return Snapshot(frame, "victims", "2025-12-31", True, f"{count}-{seed}", path="victims.parquet")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


@pytest.mark.parametrize("cohorts", [None, YEARS])
def test_a_dry_run_reveals_charges_and_writes_nothing(ledger: Ledger, cohorts: Cohorts | None) -> None:
    forecasts = [foresee(people(count, count), REQUEST, ledger, cohorts, listed=LISTED) for count in (3, 800)]
    assert forecasts[0] == forecasts[1]
    assert not ledger.folder.exists()
    assert forecasts[0]["charge"] == epsilon_to_rho(2.0)
    assert forecasts[0]["period"] == "microdata"
    assert forecasts[0]["allowed"]


def test_an_external_file_shows_no_hash_of_its_rows(ledger: Ledger) -> None:
    forecasts = [foresee(replace(people(5, n), unit="records"), REQUEST, ledger, listed=LISTED) for n in (1, 2)]
    assert forecasts[0] == forecasts[1]
    assert forecasts[0]["period"] == "files"


def test_the_errors_equal_those_of_the_composer_and_the_certificate(ledger: Ledger, tmp_path: Path) -> None:
    forecast = foresee(people(900), REQUEST, ledger, listed=LISTED)
    plain = [{name: row[name] for name in row if name != "stands_out_from"} for row in forecast["expected"]]
    assert plain == expected_error(4, 2.0, None)
    certificate = synthesize(people(900), REQUEST, ledger, tmp_path / "out", listed=LISTED, noise=repeatable(1))
    assert certificate["expected"] == plain
    for step, row in zip(certificate["guarantee"]["steps"][1:], forecast["expected"], strict=True):
        if row["length"] > 1:  # a single value may need more: its pairs are not known in advance
            assert step["threshold"] <= row["stands_out_from"] <= step["threshold"] + 1


def test_a_known_number_of_reported_values_gives_the_errors_of_the_run(ledger: Ledger, tmp_path: Path) -> None:
    """Nine of ten people report two or three values, the others all six, one column being multi-valued."""
    listed = (*(Column(name, ("x", "y")) for name in "abc"), Column("m", ("p", "q", "r"), True))
    rows = [("x", None, None, ["p"])] * 400 + [("y", "x", None, ["q"])] * 500 + [("y", "x", "y", ["p", "q", "r"])] * 100
    kinds = {**dict.fromkeys("abc", pl.String), "m": pl.List(pl.String)}
    frame = pl.DataFrame(rows, schema=kinds, orient="row")
    given = Snapshot(frame, "victims", "2025-12-31", True, "few", frozenset({"m"}), path="victims.parquet")
    certificate = synthesize(given, REQUEST, ledger, tmp_path / "out", listed=listed, noise=repeatable(1))
    worst, known = (foresee(given, REQUEST, ledger, listed=listed, reported=n) for n in (0, 3))
    assert [step["clip"] for step in certificate["guarantee"]["steps"][1:]] == [3, 3, 3]
    plain = [{name: row[name] for name in row if name != "stands_out_from"} for row in known["expected"]]
    assert certificate["expected"] == plain
    assert (worst["reported"], worst["reported_at_most"], known["reported"]) == (None, 6, 3)
    assert worst["expected"] == foresee(given, REQUEST, ledger, listed=listed, reported=60)["expected"]
    assert worst["expected"][2]["error"] > 3 * known["expected"][2]["error"]


def test_the_dry_run_of_a_cohort_agrees_with_its_certificate(ledger: Ledger, tmp_path: Path) -> None:
    """The dry run uses the share of the budget that the first measurement has."""
    forecast = foresee(people(900), REQUEST, ledger, YEARS, listed=LISTED, people=450)
    assert (forecast["new"], forecast["revised"], forecast["kept"]) == (["x", "y", "_U"], [], [])
    certificate = cohort_releases.produce(people(900), REQUEST, YEARS, ledger, tmp_path / "out", listed=LISTED)
    for cohort in certificate["cohorts"][:2]:
        plain = [{name: row[name] for name in row if name != "stands_out_from"} for row in forecast["expected"]]
        assert cohort["expected"] == plain
        assert cohort["worth"] == forecast["worth"] is True


@pytest.mark.parametrize(("count", "worth"), [(20, False), (100, None), (900, True)])
def test_the_assessment_is_certain_or_names_its_condition(
    ledger: Ledger, tmp_path: Path, count: int, worth: bool | None
) -> None:
    """It depends on the given number of people, not on the number of rows."""
    forecast = foresee(people(1), REQUEST, ledger, listed=LISTED, people=count)
    assert forecast["worth"] is worth
    assert f"{forecast['worth_from']:,}" in forecast["advice"] or worth
    certificate = synthesize(people(count), REQUEST, ledger, tmp_path / "out", listed=LISTED, noise=repeatable(1))
    assert worth is None or certificate["worth"] is worth
    assert foresee(people(count), REQUEST, ledger, listed=LISTED)["worth"] is None


def test_a_refusal_of_the_ledger_is_reported_in_advance(ledger: Ledger, tmp_path: Path) -> None:
    with ledger.locked():
        ledger.set_budget("2025", epsilon_to_rho(1.0), "test")
    for cohorts in (None, YEARS):
        forecast = foresee(people(9), replace(REQUEST, period="2025"), ledger, cohorts, listed=LISTED)
        assert not forecast["allowed"]
        assert "epsilon 2 is requested, 1 is left" in forecast["refusal"]
    assert foresee(people(9), replace(REQUEST, epsilon=1.0, period="2025"), ledger, listed=LISTED)["allowed"]


def test_another_cohort_is_allowed_where_everybody_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    cohort_releases.produce(people(300), REQUEST, Cohorts("year", "x"), ledger, tmp_path / "out", listed=LISTED)
    most = Request(epsilon=4.0)
    assert not foresee(people(9), most, ledger, YEARS, listed=LISTED)["allowed"]  # another series, also of x
    later = foresee(people(9), REQUEST, ledger, Cohorts("year", "", ("_U",)), listed=LISTED)
    assert later["allowed"]
    assert (later["new"], later["revised"], later["kept"]) == (["y"], ["_U"], ["x"])
    assert foresee(people(9), REQUEST, ledger, Cohorts("year", "x"), listed=LISTED)["made_before"]
    assert not foresee(people(9), most, ledger, listed=LISTED)["allowed"]


def test_records_that_exist_already_cost_nothing(ledger: Ledger, tmp_path: Path) -> None:
    synthesize(people(300), REQUEST, ledger, tmp_path / "out", listed=LISTED)
    again = foresee(people(300), REQUEST, ledger, listed=LISTED)
    assert (again["made_before"], again["charge"], again["allowed"]) == (True, 0.0, True)
    assert foresee(people(301), REQUEST, ledger, listed=LISTED)["charge"] > 0


def test_unlisted_values_have_a_threshold_and_no_even_spread(ledger: Ledger) -> None:
    open_ = Snapshot(people(9).frame, "records", "", False, "1")
    forecast = foresee(open_, REQUEST, ledger, people=10**6)
    assert forecast["delta_for_unlisted_values"] == 5e-10
    assert forecast["unlisted_from"] > 5 * forecast["expected"][0]["error"]
    assert forecast["worth"] is None
    assert foresee(open_, REQUEST, ledger, listed=LISTED)["unlisted_from"] == 0


@pytest.mark.parametrize(
    ("request_", "more", "words"),
    [
        (Request(epsilon=0), {}, "epsilon is not a number"),
        (REQUEST, {"people": -1}, "below 0"),
        (REQUEST, {"reported": -1}, "values is below 0"),
        (REQUEST, {"cohorts": Cohorts("none")}, "no such column"),
        (replace(REQUEST, columns=("none",)), {}, "no such column"),
        (replace(REQUEST, period="all"), {}, "cannot be called all"),
    ],
)
def test_an_invalid_request_is_one_sentence(
    ledger: Ledger, request_: Request, more: dict[str, Any], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        foresee(people(9), request_, ledger, listed=LISTED, **more)


def test_private_bins_count_as_the_most_bins_and_their_loss_is_taken_off(ledger: Ledger) -> None:
    (private,) = parse_schema({"columns": {"a": {"private_bins": 7, "range": [0, 9]}}})
    forecast = foresee(people(3), REQUEST, ledger, listed=(private, *LISTED[1:]))
    plain = foresee(people(3), REQUEST, ledger, listed=LISTED)
    assert [column["values"] for column in forecast["columns"]] == [7, 2, 2, 2]
    assert forecast["charge"] == plain["charge"]
    assert forecast["expected"][0]["error"] > plain["expected"][0]["error"]
