"""Released facts do not depend on whether a cohort has records or whether they changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import UNREPORTED, Cohorts
from kerege.evidence.synthesis.pipeline import compute_loss
from tests.evidence.synthesis.cohorts.release_series import (
    LISTED,
    REQUEST,
    ReleaseSeries,
    Row,
    people,
    snapshot,
)


def public(series: ReleaseSeries) -> dict[str, Any]:
    """Return the parts of ledger and certificate that do not depend on noise: requests and charges."""
    named = ("kind", "delta", "cohort", "measurement", "revision", "params")
    certificate = json.loads((series.out / "records.certificate.json").read_text())
    cohorts = [{name: cohort[name] for name in ("value", "revision", "state")} for cohort in certificate["cohorts"]]
    entries = [{name: entry.tree.get(name) for name in named} for entry in series.ledger.entries()]
    losses = [round(amount, 9) for entry in series.ledger.entries() for amount in (entry.rho, entry.reserved)]
    return {"entries": entries, "losses": losses, "cohorts": cohorts}


def test_only_noisy_facts_depend_on_whether_a_cohort_has_records(tmp_path: Path, series: ReleaseSeries) -> None:
    """The parts without noise are equal for tables with records in different years."""
    tables = [[], people(2010, 300), people(2012, 1), people(None, 2) + people(2011, 40), people(2019, 30)]
    facts = []
    for number, rows in enumerate(tables):
        other_series = ReleaseSeries(tmp_path / str(number))
        other_series.release(rows, "2012")
        facts.append(public(other_series))
        assert [value for value, _ in other_series.measured()] == ["2010", "2011", "2012", UNREPORTED]
    assert all(item == facts[0] for item in facts)


def test_a_cohort_without_records_has_none_in_the_file(series: ReleaseSeries) -> None:
    certificate = series.release(people(2011, 400), "2014")
    assert {cohort["value"]: cohort["records"] > 0 for cohort in certificate["cohorts"]} == {
        "2010": False,
        "2011": True,
        "2012": False,
        "2013": False,
        "2014": False,
        "_U": False,
    }
    assert {line.split(",")[1] for line in series.lines()[1:]} == {"2011"}
    assert certificate["worth"]
    assert certificate["people"] == pytest.approx(400, abs=60)
    assert "year 2010, 2012, 2013, 2014, _U: nobody, or too few" in certificate["advice"]
    assert certificate["expected"] == certificate["cohorts"][1]["expected"]


def test_hardly_any_empty_cohort_gets_records(series: ReleaseSeries) -> None:
    certificate = series.release([], "2029")
    assert (
        sum(cohort["records"] > 0 for cohort in certificate["cohorts"]) <= 2
    )  # of 21; about one of a hundred is expected
    assert not certificate["worth"]
    assert pl.read_parquet(series.out / "records.parquet").columns == ["sex", "year", "form", "means"]


def test_a_small_cohort_is_not_taken_for_an_empty_one(series: ReleaseSeries) -> None:
    certificate = series.release([row for year in range(2010, 2020) for row in people(year, 140)], "2019")
    assert [cohort["records"] > 0 for cohort in certificate["cohorts"]] == [True] * 10 + [False]


def test_years_after_the_last_one_are_neither_made_nor_charged(series: ReleaseSeries) -> None:
    rows = people(2010, 200) + people(2012, 200)
    certificate = series.release(rows, "2010")
    assert [cohort["value"] for cohort in certificate["cohorts"]] == ["2010", "_U"]
    assert "2012" not in {line.split(",")[1] for line in series.lines()}
    certificate = series.release(rows, "2012")
    assert [(cohort["value"], cohort["state"]) for cohort in certificate["cohorts"]] == [
        ("2010", "kept"),
        ("2011", "new"),
        ("2012", "new"),
        ("_U", "kept"),
    ]
    assert certificate["cohorts"][2]["rho"] == pytest.approx(
        0.8 * compute_loss(REQUEST)
    )  # not a revision of an empty year


def test_changed_rows_show_only_in_a_requested_revision(tmp_path: Path, series: ReleaseSeries) -> None:
    rows = people(2010, 200) + people(2011, 200)
    facts, files = [], []
    for number, later in enumerate((rows[::-1], rows[1:], rows + people(2010, 300, 1))):
        other_series = ReleaseSeries(tmp_path / str(number))
        other_series.release(rows)
        first = other_series.bytes()
        other_series.release(later)
        files.append(other_series.bytes()["records.csv"] == first["records.csv"])
        other_series.release(later, "2011", "2011")
        facts.append(public(other_series))
        assert other_series.measured() == [("2010", 0), ("2011", 0), ("_U", 0), ("2011", 1)]
    assert files == [True] * 3
    assert all(item == facts[0] for item in facts)


def test_unpublished_changes_are_reported_to_the_holder_of_the_records(series: ReleaseSeries) -> None:
    rows = people(2010, 100) + people(2011, 100)
    series.release(rows)

    def changed(rows: list[Row], *revise: str) -> list[str]:
        return cohort_releases.list_changed_cohorts(
            snapshot(rows), REQUEST, Cohorts("year", "2012", revise), series.ledger, listed=LISTED
        )

    assert changed(rows[::-1]) == []
    assert changed(rows[1:]) == ["2010"]
    assert changed([*rows, *people(None, 1)], "2010") == ["_U"]
    assert changed(rows[1:], "2010") == []
