"""A series of cohorts: which are measured, under which digest, and from which part of the budget."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis.cohorts import budget_series as module
from kerege.evidence.synthesis.cohorts.budget_series import (
    FIRST,
    REVISION,
    REVISIONS,
    UNREPORTED,
    Cohorts,
    CohortSeries,
    Measurement,
    check_name,
    find_measurement,
    find_unpaid_cohorts,
    history,
    next_measurement,
    people_of_entry,
    revision_digest,
    rows_by_cohort,
    series_of,
)
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.pipeline import compute_loss
from kerege.evidence.synthesis.request import Request

YEAR, FORM = Column("when", ("2023", "2024", "2025")), Column("form", ("a", "b"))
FRAME = pl.DataFrame(
    {"form": ["a", "b", "z", None], "when": ["2024", None, "2023", "2024"]},
    schema={"form": pl.String, "when": pl.String},
)


def snapshot(unit: str = "victims", frame: pl.DataFrame = FRAME, sha256: str = "f" * 64) -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, sha256, path="rows.csv")


def series(
    cohorts: Cohorts = Cohorts("when"),  # noqa: B008 - a frozen value
    request: Request = Request(),  # noqa: B008
    source: Snapshot | None = None,
    listed: tuple[Column, ...] = (YEAR, FORM),
) -> CohortSeries:
    return series_of(source or snapshot(), request, cohorts, listed)


# -- the budget --------------------------------------------------------------------------------------------------------


def test_the_first_measurement_and_all_revisions_use_the_whole_budget() -> None:
    assert pytest.approx(1) == FIRST + REVISIONS * REVISION
    assert FIRST > REVISION


def test_the_loss_of_a_series_is_that_of_one_request() -> None:
    assert series(request=Request(epsilon=2.0)).rho == compute_loss(Request(epsilon=2.0))
    unlisted = series(request=Request(epsilon=2.0, delta=1e-6), listed=(YEAR,))
    assert unlisted.rho == compute_loss(Request(epsilon=2.0, delta=1e-6), unlisted=True)
    assert unlisted.delta == 5e-7
    assert series().delta == 0.0


# -- the cohorts -------------------------------------------------------------------------------------------------------


def test_cohorts_are_the_public_values_and_those_who_report_none() -> None:
    made = series()
    assert made.values == ("2023", "2024", "2025", UNREPORTED)
    assert (made.by, made.public, made.place) == (YEAR, (FORM,), 1)


@pytest.mark.parametrize(("through", "values"), [("2023", ["2023"]), ("2024", ["2023", "2024"])])
def test_cohorts_after_the_last_one_are_left_out(through: str, values: list[str]) -> None:
    assert series(Cohorts("when", through)).values == (*values, UNREPORTED)


def test_a_column_of_cohorts_that_was_not_chosen_is_added() -> None:
    chosen = series(request=Request(("form",)))
    assert (chosen.by.name, chosen.place, [column.name for column in chosen.public]) == ("when", 0, ["form"])


def test_rows_are_divided_by_cohort_and_lose_its_column() -> None:
    parts = rows_by_cohort(series())
    assert list(parts) == ["2023", "2024", "2025", UNREPORTED]
    assert {value: rows["form"].to_list() for value, rows in parts.items()} == {
        "2023": [None],  # the answer z is not in the list
        "2024": ["a", None],
        "2025": [],
        UNREPORTED: ["b"],
    }
    assert all(rows.schema == {"form": pl.String} for rows in parts.values())


def test_a_cohort_that_nobody_listed_is_refused_and_not_dropped() -> None:
    frame = FRAME.with_columns(when=pl.Series(["2024", "1999", None, None]))
    with pytest.raises(BadInput) as refused:
        rows_by_cohort(series(source=snapshot(frame=frame)))
    (fault,) = refused.value.faults
    assert (fault.column, fault.file, fault.todo) == ("when", "rows.csv", "list them all in a schema file")


@pytest.mark.parametrize(
    ("unit", "name", "is_needed", "sentence"),
    [
        (
            "victims",
            "clients",
            False,
            "is a snapshot of the register: a series name is for external files only, leave --series out",
        ),
        (
            "records",
            "",
            True,
            "does not name its people: another file would count as a later file of the same people, ",
        ),
        ("records", "  ", True, "give the same --series NAME to all files of these people"),
    ],
)
def test_a_name_belongs_to_an_external_file_only(unit: str, name: str, is_needed: bool, sentence: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_name(snapshot(unit), name, needed=is_needed)
    assert sentence in str(refused.value)


def test_a_name_is_not_always_needed() -> None:
    check_name(snapshot("records"), "")
    check_name(snapshot("records"), "clients", needed=True)
    check_name(snapshot("victims"), "", needed=True)


# -- digests -----------------------------------------------------------------------------------------------------------


def test_a_series_stays_the_same_over_the_years_and_a_release_does_not() -> None:
    first = series(Cohorts("when", "2023"))
    later = series(Cohorts("when", "2024"), source=snapshot(sha256="e" * 64))
    assert first.id == later.id
    assert first.release != later.release


@pytest.mark.parametrize(
    "other",
    [
        series(request=Request(epsilon=3.0)),
        series(request=Request(delta=1e-8)),
        series(request=Request(preset="careful")),
        series(request=Request(order=2)),
        series(listed=(YEAR, Column("form", ("b", "a")))),
        series(source=snapshot("suspects")),
    ],
)
def test_another_request_or_unit_is_another_series(other: CohortSeries) -> None:
    assert other.id != series().id


def test_seed_and_period_do_not_change_a_series() -> None:
    assert series(request=Request(seed=4, period="2025")).id == series().id
    assert series(request=Request(period="2025")).period == "2025"


@pytest.mark.parametrize(
    "other",
    [
        series(Cohorts("when", "2024")),
        series(Cohorts("when", revise=("2023",))),
        series(source=snapshot(sha256="e" * 64)),
    ],
)
def test_cohorts_revisions_and_the_file_belong_to_a_release(other: CohortSeries) -> None:
    assert other.release != series().release
    assert (
        series(Cohorts("when", revise=("2023", "2024"))).release
        == series(Cohorts("when", revise=("2024", "2023"))).release
    )


def test_a_revision_has_a_digest_for_each_file_and_cohort() -> None:
    other = series(source=snapshot(sha256="e" * 64))
    digests = {revision_digest(made, value) for made in (series(), other) for value in ("2023", "2024")}
    assert len(digests) == 4
    assert revision_digest(series(), "2023") in digests  # the same file repeats its digest


# -- measurements ------------------------------------------------------------------------------------------------------


def test_the_first_measurement_does_not_depend_on_the_file() -> None:
    other = series(source=snapshot(sha256="e" * 64))
    assert next_measurement(series(), "2023", []).request == next_measurement(other, "2023", []).request
    assert next_measurement(series(), "2023", []).revision == 0


def test_revisions_are_numbered_and_the_one_after_the_last_is_refused() -> None:
    first = Measurement("2023", 0, "r", "release")
    for number in range(1, REVISIONS + 1):
        measurement = next_measurement(series(), "2023", [first] * number)
        assert (measurement.revision, measurement.release) == (number, series().release)
    with pytest.raises(Refused, match=r"when 2023 was revised 5 times.*leave it out of --revise"):
        next_measurement(series(), "2023", [first] * (REVISIONS + 1))


def test_a_kept_cohort_has_its_newest_measurement_and_a_revised_one_that_of_the_file() -> None:
    revised = series(Cohorts("when", revise=("2024",)))
    before = [Measurement("2024", 0, "first", ""), Measurement("2024", 1, "second", "")]
    assert find_measurement(series(), "2024", before) == before[1]
    assert find_measurement(series(), "2024", []) is None
    assert find_measurement(revised, "2024", before) is None
    done = Measurement("2024", 2, revision_digest(revised, "2024"), "")
    assert find_measurement(revised, "2024", [*before, done, Measurement("2024", 3, "other", "")]) == done


def test_records_have_a_digest_of_their_own() -> None:
    one, other = Measurement("2023", 0, "a", ""), Measurement("2023", 0, "b", "")
    assert one.records != other.records != other.request


def entry(made: CohortSeries, value: str, number: int | None, **more: Any) -> SimpleNamespace:
    people = people_of_entry(made, [value])
    fields = {
        "series": made.id,
        "measurement": number,
        "cohort": people.cohort,
        "request": f"{value}/{number}",
        "release": "x",
        "rows": "hash",
        "kind": "microdata",
    }
    return SimpleNamespace(**fields | more)


class FakeLedger:
    """A ledger with given entries and reserves."""

    def __init__(self, *entries: SimpleNamespace, reserved: float = 0.0) -> None:
        self._entries, self.reserved = entries, reserved

    def entries(self) -> tuple[SimpleNamespace, ...]:
        return self._entries

    def set_aside(self, about: Any) -> float:
        return self.reserved


def test_the_history_has_the_measurements_of_the_series_oldest_first() -> None:
    made = series()
    ledger: Any = FakeLedger(
        entry(made, "2023", 0),
        entry(made, "2024", 0, series="another"),
        entry(made, "2023", None),  # records, not a measurement
        entry(made, UNREPORTED, 0),
        entry(made, "2023", 1),
    )
    measurements = history(made, ledger)
    assert {value: [item.revision for item in items] for value, items in measurements.items()} == {
        "2023": [0, 1],
        UNREPORTED: [0],
    }
    assert measurements["2023"][0] == Measurement("2023", 0, "2023/0", "x", "hash")


def test_a_measured_cohort_that_is_no_longer_listed_is_refused() -> None:
    ledger: Any = FakeLedger(entry(series(), "2022", 0))
    with pytest.raises(BadInput, match="had some in earlier releases, that are not among the public ones"):
        history(series(), ledger)


def test_cohorts_without_measurement_and_reserve_are_unpaid() -> None:
    made = series()
    measured: Any = FakeLedger(entry(made, "2023", 0))
    assert find_unpaid_cohorts(made, measured) == ["2024", "2025", UNREPORTED]
    reserved: Any = FakeLedger(entry(made, "2023", 0), reserved=made.rho)
    assert find_unpaid_cohorts(made, reserved) == []
    nearly: Any = FakeLedger(reserved=made.rho * (1 - 1e-6))
    assert len(find_unpaid_cohorts(made, nearly)) == 4


def test_a_revision_needs_an_earlier_measurement_and_a_rest_of_the_budget() -> None:
    revised = series(Cohorts("when", revise=("2024",)))
    with pytest.raises(BadInput, match="column when: --revise 2024: it was not made before, leave it out"):
        find_unpaid_cohorts(revised, FakeLedger())  # type: ignore[arg-type]
    exhausted: Any = FakeLedger(*(entry(revised, "2024", number) for number in range(REVISIONS + 1)))
    with pytest.raises(Refused, match="was revised 5 times"):
        find_unpaid_cohorts(revised, exhausted)


def test_the_people_of_an_entry_are_those_of_the_cohorts_in_the_series() -> None:
    about = people_of_entry(series(), ["2023", "2024"])
    assert about.cohort is not None
    assert (about.series, about.cohort.column, about.cohort.values) == (series().id, "when", ["2023", "2024"])
    assert [item.sha256 for item in about.snapshots] == ["f" * 64]


def test_a_cohort_is_charged_to_the_period_of_its_reserve(tmp_path: Path) -> None:
    made = series(request=Request(period="2025"))
    ledger = Ledger(tmp_path / "ledger")
    with ledger.locked():
        ledger.reserve("2025", made.rho, people_of_entry(made, ["2023", "2024"]))
        ledger.reserve("2026", made.rho, people_of_entry(made, ["2025"]))
    assert module.period_charged(made, "2024", ledger) == "2025"
    assert module.period_charged(replace(made, request=Request(period="2027")), "2025", ledger) == "2026"
