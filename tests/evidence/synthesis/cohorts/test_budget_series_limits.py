"""The loss of cohorts: no person loses more, and nothing else uses the reserve for revisions."""

from __future__ import annotations

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.ledger.entry import EnteredCohort, EntryContents
from kerege.evidence.synthesis import Request
from kerege.evidence.synthesis.cohorts import budget_series
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
from kerege.evidence.synthesis.measurement.public_schema import parse_schema
from kerege.evidence.synthesis.pipeline import compute_loss
from tests.evidence.budgets import raise_budget
from tests.evidence.synthesis.cohorts.release_series import LISTED, REQUEST, ReleaseSeries, Row, people, snapshot


def test_ten_yearly_releases_have_the_loss_of_one(series: ReleaseSeries) -> None:
    rows: list[Row] = []
    for number, year in enumerate(range(2010, 2020)):
        rows += people(year, 300)
        certificate = series.release(rows, str(year))
        assert len(certificate["cohorts"]) == len(series.measured()) == number + 2  # and those who report no year
        assert series.ledger.composed() == series.ledger.spent("microdata") == series.ledger.entries()[1].rho
        assert series.ledger.held("microdata") == pytest.approx(compute_loss(REQUEST))
    assert series.ledger.composed() == pytest.approx(0.8 * compute_loss(REQUEST))


def test_the_guarantee_is_that_of_the_cohort_with_the_largest_loss_and_all_its_revisions(series: ReleaseSeries) -> None:
    rows = people(2010, 400) + people(2011, 400)
    first = series.release(rows)
    second = series.release(rows[1:], "2011", "2010")
    for certificate in (first, second):
        claim = certificate["guarantee"]
        assert (
            claim["rho"] == pytest.approx(compute_loss(REQUEST)) == pytest.approx(sum(s["rho"] for s in claim["steps"]))
        )
        assert claim["rho"] <= compute_loss(REQUEST) * (1 + 1e-9)
        assert claim["epsilon_of_rho"] == pytest.approx(4, abs=1e-6)
        assert (claim["epsilon"], claim["delta"]) == (4, 1e-9)
        assert "parallel composition" in claim["over_the_years"]
    revised, unchanged, _ = second["cohorts"]
    assert [(cohort["value"], cohort["revision"], cohort["state"]) for cohort in second["cohorts"]] == [
        ("2010", 1, "revised"),
        ("2011", 0, "kept"),
        ("_U", 0, "kept"),
    ]
    assert revised["rho"] == pytest.approx(0.84 * compute_loss(REQUEST)) == pytest.approx(series.ledger.composed())
    assert unchanged["rho"] == pytest.approx(0.80 * compute_loss(REQUEST))
    assert revised["rho_set_aside"] == pytest.approx(0.16 * compute_loss(REQUEST))
    assert revised["epsilon"] < 4
    assert sum(cohort["records"] for cohort in second["cohorts"]) == second["rows"] == len(series.lines()) - 1


def test_each_cohort_has_its_steps_and_the_distance_of_its_fit(series: ReleaseSeries) -> None:
    rows = people(2010, 400) + people(2011, 40)
    series.release(rows)
    certificate = series.release(rows, "2011", "2010")
    for cohort in certificate["cohorts"]:
        assert sum(step["rho"] for step in cohort["steps"]) == pytest.approx(cohort["rho"])
        assert {step.get("revision", 0) for step in cohort["steps"]} == set(range(cohort["revision"] + 1))
    one, few, none = certificate["cohorts"]
    assert len(one["steps"]) == 2 * len(few["steps"]) == 8
    assert [length_fit["length"] for length_fit in one["fit"]] == [1, 2, 3]
    assert none["fit"] == []  # there are no records
    assert certificate["hashes"]["code"] == one["code"] == one["code_that_measured"]


def test_neighbouring_tables_differ_in_one_cohort_only(series: ReleaseSeries) -> None:
    """Leaving out any record changes the rows of its own cohort only."""
    rows = [row for year in (2010, 2011, None) for row in people(year, 40)]

    def measured(left_out: int | None) -> dict[str, str]:
        given = snapshot([row for number, row in enumerate(rows) if number != left_out])
        parts = budget_series.rows_by_cohort(budget_series.series_of(given, REQUEST, Cohorts("year", "2012"), LISTED))
        return {value: hash_rows(part) for value, part in parts.items()}

    whole = measured(None)
    assert list(whole) == ["2010", "2011", "2012", "_U"]
    for number, row in enumerate(rows):
        tables_by_value = measured(number)
        assert {value for value in whole if tables_by_value[value] != whole[value]} == {row["year"] or "_U"}


def charge(series: ReleaseSeries, rho: float, name: str) -> None:
    """Charge the budget of everybody, as a table does."""
    (series.folder / name).mkdir()
    with series.ledger.locked():
        series.ledger.check("microdata", rho)
        about = EntryContents(period="microdata", rho=rho, kind="table")
        series.ledger.append(name, series.folder / name, about)


def test_nothing_else_uses_the_reserve_for_revisions(series: ReleaseSeries) -> None:
    rho, rows = compute_loss(REQUEST), people(2010, 200)
    raise_budget(series.ledger, "microdata", rho * 1.1)
    series.release(rows)
    assert series.ledger.left("microdata") == pytest.approx(0.1 * rho)
    with pytest.raises(Refused, match="budget of microdata"):
        charge(series, rho * 0.11, "more than is left")
    charge(series, rho * 0.1, "all that is left")
    before = series.ledger.path.read_bytes()
    for number in range(1, 6):
        series.release(rows[number:], "2011", "2010")
        assert series.ledger.held("microdata") == pytest.approx(1.1 * rho)
        assert series.ledger.spent("microdata") == pytest.approx((0.9 + 0.04 * number) * rho)
    assert series.ledger.path.read_bytes().startswith(before)
    series.release(rows + people(2012, 200), "2012")  # a new year has what is not common


def test_a_cohort_without_budget_for_its_revisions_is_refused_before_it_is_measured(series: ReleaseSeries) -> None:
    rho, rows = compute_loss(REQUEST), people(2010, 200)
    raise_budget(series.ledger, "microdata", rho * 1.1)
    charge(series, rho * 0.15, "table")  # 80% has room, the whole has not
    before = series.ledger.path.read_bytes()
    with pytest.raises(Refused, match="budget of microdata"):
        series.release(rows)
    assert series.ledger.path.read_bytes() == before
    assert not series.out.exists()


def test_a_charge_cannot_exceed_the_reserve(series: ReleaseSeries) -> None:
    series.release(people(2010, 50), "2010")
    about = EntryContents(
        series=series.ledger.entries()[0].series, cohort=EnteredCohort(column="year", values=["2010"])
    )
    left = series.ledger.set_aside(about)
    assert left == pytest.approx(0.2 * compute_loss(REQUEST))
    (series.folder / "more").mkdir()
    with series.ledger.locked(), pytest.raises(ValueError, match="set aside"):
        too_much = about.merged(EntryContents(rho=2 * left, reserved=-2 * left))
        series.ledger.append("x", series.folder / "more", too_much)


def test_a_revision_is_charged_to_the_period_of_its_cohort(series: ReleaseSeries) -> None:
    rows = people(2010, 100)
    series.release(rows, request=Request(period="first"))
    series.release(rows[1:], "2011", "2010", request=Request(period="second"))
    assert series.ledger.held("second") == 0
    assert series.ledger.spent("first") == pytest.approx(0.84 * compute_loss(REQUEST))
    assert (
        series.ledger.held("first") == pytest.approx(compute_loss(REQUEST)) == pytest.approx(series.ledger.held("all"))
    )


def test_private_bins_are_refused_because_cohorts_would_have_different_ones(series: ReleaseSeries) -> None:
    (private,) = parse_schema({"columns": {"form": {"private_bins": 3, "range": [0, 9]}}})
    listed = (*(column for column in LISTED if column.name != "form"), private)
    for by in ("year", "form"):
        with pytest.raises(BadInput) as refused:
            budget_series.series_of(snapshot(people(2010, 5)), REQUEST, Cohorts(by, name=""), listed)
        assert refused.value.faults[0].column == "form"
