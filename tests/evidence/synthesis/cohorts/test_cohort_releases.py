"""Cohorts are measured once, stored unchanged, and revised within their reserve; no person loses more."""

from __future__ import annotations

import json
from collections import Counter
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.content_hash import rows_hash
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.ledger.entry import EnteredCohort, EntryContents, LedgerEntry, digest
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, pipeline
from kerege.evidence.synthesis.cohorts import budget_series, cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import UNREPORTED, Cohorts
from kerege.evidence.synthesis.generation.isolated_fit import FitTask
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.generation.synthesiser import made
from kerege.evidence.synthesis.measurement.combined_counts import joined
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.pipeline import loss
from tests.evidence.budgets import raise_budget

REQUEST = Request()
LISTED = (
    Column("sex", ("f", "m")),
    Column("year", tuple(str(year) for year in range(2010, 2030))),
    Column("form", tuple("abcd")),
    Column("means", tuple("uvw"), True),
)
Row = dict[str, Any]


def people(year: int | None, count: int, seed: int = 0) -> list[Row]:
    """Return people of two kinds."""
    chance = np.random.default_rng([year or 0, seed])
    return [
        {
            "sex": "fm"[kind],
            "year": year and str(year),
            "form": "abcd"[2 * kind + chance.integers(2)],
            "means": ["u", "vw"[kind]][: 1 + chance.integers(2)] or None,
        }
        for kind in chance.integers(2, size=count)
    ]


def snapshot(rows: list[Row], unit: str = "victims") -> Snapshot:
    types = {"sex": pl.String, "year": pl.String, "form": pl.String, "means": pl.List(pl.String)}
    sha256 = digest(rows)  # another one each time
    return Snapshot(pl.DataFrame(rows, types), unit, "2026-01-01", True, sha256, frozenset({"means"}))


class ReleaseSeries:
    """A ledger with a series of releases."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ledger, self.number = folder, Ledger(folder / "ledger"), 0

    def release(
        self,
        rows: list[Row],
        through: str = "2011",
        *revise: str,
        request: Request = REQUEST,
        unit: str = "victims",
        name: str = "",
    ) -> dict[str, Any]:
        self.number += 1
        cohorts = Cohorts("year", through, revise, name)
        return cohort_releases.produce(snapshot(rows, unit), request, cohorts, self.ledger, self.out, listed=LISTED)

    @property
    def out(self) -> Path:
        return self.folder / f"release{self.number}"

    def lines(self) -> list[str]:
        return (self.out / "records.csv").read_text().splitlines()

    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.out.iterdir())}

    def measured(self) -> list[tuple[str, int]]:
        """Return the measured cohorts and the number of each revision, 0 for the first measurement."""
        entries = [(entry.cohort, entry.measurement) for entry in self.ledger.entries()]
        return [(cohort.values[0], number) for cohort, number in entries if cohort and number is not None]


@pytest.fixture
def series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReleaseSeries:
    """Return a series on the real engine; for speed, noise is seeded and records are made in this process."""
    noise = repeatable(5)
    for module in (cohort_releases, pipeline):
        monkeypatch.setattr(module, "discrete_gaussian", noise)
    monkeypatch.setattr(cohort_releases, "fitted_together", here)
    return ReleaseSeries(tmp_path)


def here(fits: list[FitTask], progress: Any = None) -> list[CodedRecords]:
    return [made(fit.noisy, fit.charge, fit.seed, before=fit.before) for fit in fits]


# -- the loss --------------------------------------------------------------------------------------------------------


def test_ten_yearly_releases_have_the_loss_of_one(series: ReleaseSeries) -> None:
    rows: list[Row] = []
    for number, year in enumerate(range(2010, 2020)):
        rows += people(year, 300)
        certificate = series.release(rows, str(year))
        assert len(certificate["cohorts"]) == len(series.measured()) == number + 2  # and those who report no year
        assert series.ledger.composed() == series.ledger.spent("microdata") == series.ledger.entries()[1].rho
        assert series.ledger.held("microdata") == pytest.approx(loss(REQUEST))
    assert series.ledger.composed() == pytest.approx(0.8 * loss(REQUEST))


def test_the_guarantee_is_that_of_the_cohort_with_the_largest_loss_and_all_its_revisions(series: ReleaseSeries) -> None:
    rows = people(2010, 400) + people(2011, 400)
    first = series.release(rows)
    second = series.release(rows[1:], "2011", "2010")
    for certificate in (first, second):
        claim = certificate["guarantee"]
        assert claim["rho"] == pytest.approx(loss(REQUEST)) == pytest.approx(sum(s["rho"] for s in claim["steps"]))
        assert claim["rho"] <= loss(REQUEST) * (1 + 1e-9)
        assert claim["epsilon_of_rho"] == pytest.approx(4, abs=1e-6)
        assert (claim["epsilon"], claim["delta"]) == (4, 1e-9)
        assert "parallel composition" in claim["over_the_years"]
    revised, unchanged, _ = second["cohorts"]
    assert [(cohort["value"], cohort["revision"], cohort["state"]) for cohort in second["cohorts"]] == [
        ("2010", 1, "revised"),
        ("2011", 0, "kept"),
        ("_U", 0, "kept"),
    ]
    assert revised["rho"] == pytest.approx(0.84 * loss(REQUEST)) == pytest.approx(series.ledger.composed())
    assert unchanged["rho"] == pytest.approx(0.80 * loss(REQUEST))
    assert revised["rho_set_aside"] == pytest.approx(0.16 * loss(REQUEST))
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
        return {value: rows_hash(part) for value, part in parts.items()}

    whole = measured(None)
    assert list(whole) == ["2010", "2011", "2012", "_U"]
    for number, row in enumerate(rows):
        tables_by_value = measured(number)
        assert {value for value in whole if tables_by_value[value] != whole[value]} == {row["year"] or "_U"}


# -- what is set aside -----------------------------------------------------------------------------------------------


def charge(series: ReleaseSeries, rho: float, name: str) -> None:
    """Charge the budget of everybody, as a table does."""
    (series.folder / name).mkdir()
    with series.ledger.locked():
        series.ledger.check("microdata", rho)
        about = EntryContents(period="microdata", rho=rho, kind="table")
        series.ledger.append(name, series.folder / name, about)


def test_nothing_else_uses_the_reserve_for_revisions(series: ReleaseSeries) -> None:
    rho, rows = loss(REQUEST), people(2010, 200)
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
    rho, rows = loss(REQUEST), people(2010, 200)
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
    assert left == pytest.approx(0.2 * loss(REQUEST))
    (series.folder / "more").mkdir()
    with series.ledger.locked(), pytest.raises(ValueError, match="set aside"):
        too_much = about.merged(EntryContents(rho=2 * left, reserved=-2 * left))
        series.ledger.append("x", series.folder / "more", too_much)


def test_a_revision_is_charged_to_the_period_of_its_cohort(series: ReleaseSeries) -> None:
    rows = people(2010, 100)
    series.release(rows, request=Request(period="first"))
    series.release(rows[1:], "2011", "2010", request=Request(period="second"))
    assert series.ledger.held("second") == 0
    assert series.ledger.spent("first") == pytest.approx(0.84 * loss(REQUEST))
    assert series.ledger.held("first") == pytest.approx(loss(REQUEST)) == pytest.approx(series.ledger.held("all"))


# -- which cohorts there are, and whether they changed ---------------------------------------------------------------


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
    assert certificate["cohorts"][2]["rho"] == pytest.approx(0.8 * loss(REQUEST))  # not a revision of an empty year


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
        return cohort_releases.changed(
            snapshot(rows), REQUEST, Cohorts("year", "2012", revise), series.ledger, listed=LISTED
        )

    assert changed(rows[::-1]) == []
    assert changed(rows[1:]) == ["2010"]
    assert changed([*rows, *people(None, 1)], "2010") == ["_U"]
    assert changed(rows[1:], "2010") == []


# -- a stable file ---------------------------------------------------------------------------------------------------


def test_a_repeated_request_gives_the_same_bytes(series: ReleaseSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = people(2010, 300) + people(2011, 300)
    series.release(rows)
    first, entries = series.bytes(), len(series.ledger.entries())
    monkeypatch.setattr(cohort_releases, "fitted_together", lambda fits, progress: fits and pytest.fail("made again"))
    series.release(rows)
    assert series.bytes() == first
    assert len(series.ledger.entries()) == entries
    mixed = [row | {"means": row["means"] and row["means"][::-1]} for row in rows[::-1]]
    series.release(mixed, request=Request(seed=9))  # in another file, in another order
    assert series.bytes()["records.csv"] == first["records.csv"]
    assert series.measured() == [("2010", 0), ("2011", 0), ("_U", 0)]


def test_a_new_year_leaves_the_lines_of_the_others_as_they_are(series: ReleaseSeries) -> None:
    rows = people(2010, 300) + people(None, 100)
    series.release(rows, "2010")
    first = series.lines()
    series.release(rows + people(2011, 300) + people(2012, 300), "2012", request=Request(seed=3))
    lines = series.lines()
    assert [line for line in lines if line.split(",")[1] in {"year", "2010", ""}] == first
    shown = [line.split(",")[1] for line in lines[1:]]
    assert shown == sorted(shown, key=lambda year: year or "9999")  # the public order; not reported comes last
    frame = pl.read_parquet(series.out / "records.parquet")
    assert frame.columns == ["sex", "year", "form", "means"]
    assert frame["year"].to_list() == [year or None for year in shown]
    assert [column for column in frame.columns if frame[column].null_count() < frame.height and column != "year"] == [
        "sex",
        "form",
        "means",
    ]


def test_another_request_is_another_series(series: ReleaseSeries) -> None:
    rows = people(2010, 200)
    for asked in (REQUEST, Request(epsilon=1), Request(preset="careful"), Request(order=2), Request(("sex",))):
        series.release(rows, "2010", request=Request(**{**vars(asked), "period": f"p{series.number}"}))
    assert [revision for _, revision in series.measured()] == [0] * 10
    series.release(rows, "2010", request=Request(seed=9, period="other"))
    assert len(series.measured()) == 10


# -- files from elsewhere --------------------------------------------------------------------------------------------


def test_files_of_one_name_are_one_series_and_those_of_another_are_not(series: ReleaseSeries) -> None:
    asked = Request(epsilon=2.0)
    series.release(people(2010, 200), "2010", unit="records", name="house", request=asked)
    series.release(people(2010, 150) + people(2011, 200), unit="records", name="house", request=asked)
    assert series.ledger.periods() == ["files"]
    assert series.ledger.held("files") == pytest.approx(loss(asked))
    certificate = series.release(people(2010, 200, 1), "2010", unit="records", name="another house", request=asked)
    assert [cohort["state"] for cohort in certificate["cohorts"]] == ["new", "new"]
    assert series.measured() == [("2010", 0), ("_U", 0), ("2011", 0), ("2010", 0), ("_U", 0)]
    assert series.ledger.held("files") == pytest.approx(2 * loss(asked))  # who knows whether they share nobody


@pytest.mark.parametrize(
    ("unit", "name", "words"),
    [
        ("records", "", "people without a name: another file would be taken for a later one"),
        ("records", " ", "people without a name"),
        ("victims", "house", "people of a register are its victims"),
    ],
)
def test_a_file_from_elsewhere_names_its_people_and_a_register_does_not(
    series: ReleaseSeries, unit: str, name: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        series.release(people(2010, 20), unit=unit, name=name)
    assert not series.ledger.path.exists()


# -- revisions -------------------------------------------------------------------------------------------------------


def test_five_revisions_pass_and_the_sixth_is_refused(series: ReleaseSeries) -> None:
    rows, other = people(2010, 300), people(2011, 300)
    states = [rows[number:] + other for number in range(7)]
    kept, asked = [], [()] + 6 * [("2010",)]
    for number in range(6):
        certificate = series.release(states[number], "2011", *asked[number])
        assert [cohort["revision"] for cohort in certificate["cohorts"]] == [number, 0, 0]
        kept.append(series.bytes())
    before = series.ledger.path.read_bytes()
    assert series.ledger.composed() == pytest.approx(loss(REQUEST))
    assert series.ledger.composed() <= loss(REQUEST) * (1 + 1e-9)
    with pytest.raises(Refused, match="year 2010 was revised 5 times") as told_:
        series.release(states[6] + people(2012, 300), "2012", "2010")
    assert "\n" not in str(told_.value)
    assert not series.out.exists()
    assert series.ledger.path.read_bytes() == before
    for number in (5, 2, 0):  # the same commands again
        series.release(states[number], "2011", *asked[number])
        assert series.bytes() == kept[number]
    assert series.ledger.path.read_bytes() == before
    series.release(states[6])  # who asks for no revision gets the last one
    assert series.bytes()["records.csv"] == kept[5]["records.csv"]


def test_a_revision_changes_only_what_it_must(series: ReleaseSeries) -> None:
    rows = people(2010, 3_000)
    series.release(rows, "2010")
    first = Counter(series.lines())
    series.release(rows[20:], "2010", "2010")
    same = Counter(series.lines()) & first
    assert sum(same.values()) > 0.9 * sum(first.values())
    added = rows + [row | {"sex": "f", "form": "d"} for row in people(2010, 3_000, 1)]  # nobody was so before
    series.release(added, "2010", "2010")
    records = pl.read_csv(series.out / "records.csv")
    assert records.height == pytest.approx(len(added), rel=0.1)
    assert records.filter((pl.col("sex") == "f") & (pl.col("form") == "d")).height == pytest.approx(3_000, rel=0.2)


def test_an_empty_cohort_can_be_revised_to_people_and_back(series: ReleaseSeries) -> None:
    rows = people(2011, 200)
    series.release(rows)
    certificate = series.release(rows + people(2010, 3_000), "2011", "2010")
    assert certificate["cohorts"][0]["records"] == pytest.approx(3_000, rel=0.1)
    certificate = series.release(rows, "2011", "2010")
    assert [(cohort["value"], cohort["revision"]) for cohort in certificate["cohorts"]] == [
        ("2010", 2),
        ("2011", 0),
        ("_U", 0),
    ]
    assert certificate["cohorts"][0]["records"] < 200


def test_two_measurements_are_combined_by_inverse_variance() -> None:
    """The mean is unbiased and has the stated variance.

    Where the truth changed much, only the new count is used.
    """
    truth, size = 10_000, 20_000

    def noisy(sigma: float, seed: int, moved: int = 0) -> Noisy:
        counts = np.full(size, truth)
        counts[:10] += moved
        noisy_counts = repeatable(seed)(counts, sigma)
        level = NoisyLevel(np.zeros((size, 1), np.int32), noisy_counts, sigma, 2.0)
        return Noisy(np.zeros(1, np.int32), 3, noisy_counts[:5], sigma, (level,))

    both = joined(noisy(100, 1), noisy(450, 2)).levels[0]
    assert both.sigma == pytest.approx(1 / sqrt(1 / 100**2 + 1 / 450**2))
    assert both.values.mean() == pytest.approx(truth, abs=4 * both.sigma / sqrt(size))
    assert both.values.std() == pytest.approx(both.sigma, rel=0.03)
    after = noisy(450, 2, moved=-5_000)
    moved = joined(noisy(100, 1), after).levels[0]
    assert moved.values[:10].tolist() == after.levels[0].values[:10].tolist()
    assert moved.values[10:].tolist() == both.values[10:].tolist()


def test_a_value_that_is_no_longer_supported_is_in_no_record() -> None:
    """This holds even if pairs with the value are still supported."""

    def noisy(last: int) -> Noisy:
        levels = (
            NoisyLevel(np.arange(3, dtype=np.int32)[:, None], np.array([9_000, 9_000, last]), 60.0, 2.0),
            NoisyLevel(np.array([[0, 1], [0, 2]], np.int32), np.array([6_000, 500]), 60.0, 1.5),
        )
        lengths = np.array([20, 100, 60, 0])
        return Noisy(np.arange(3, dtype=np.int32), 3, lengths, 5.0, levels)

    before = made(noisy(2_000), 0.6, 1)
    after = made(noisy(100), 0.6, 1, before=before)
    assert 2 in before.values
    assert 2 not in after.values
    assert after.people == before.people


# -- nothing half done -----------------------------------------------------------------------------------------------


class Killed(BaseException):
    """Represents a signal that ends a process."""


@pytest.mark.parametrize("step", range(14))
def test_an_interrupted_run_continues_with_the_same_noise(
    series: ReleaseSeries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """After a stop at any ledger entry, a release and a revision continue with the noise already drawn."""
    rows = [row for year in (2010, 2011) for row in people(year, 60)]
    files: list[bytes] = []
    append_entry, written = Ledger._add, 0

    def stopping(self: Ledger, about: EntryContents) -> LedgerEntry:
        nonlocal written
        entry, written = append_entry(self, about), written + 1
        if written == step + 1:
            raise Killed
        return entry

    monkeypatch.setattr(Ledger, "_add", stopping)
    for revise in ((), ("2010", "_U")):
        noisy: dict[str, bytes] = {}
        try:
            series.release(rows, "2011", *revise)
        except Killed:
            outputs = series.ledger.folder / "outputs"
            noisy = {path.parent.name: path.read_bytes() for path in outputs.glob("*/noisy.npz")}
            assert not series.out.exists()
            certificate = series.release(rows, "2011", *revise)
            assert {name: (outputs / name / "noisy.npz").read_bytes() for name in noisy} == noisy
            states = [cohort["state"] for cohort in certificate["cohorts"]]
            assert states == (["revised", "kept", "revised"] if revise else ["new"] * 3)
        files.append(series.bytes()["records.csv"])
    assert written == 1 + 3 + 3 + 1 + 2 + 2 + 1  # set aside, measured, made, all; measured, made, all
    assert series.measured() == [("2010", 0), ("2011", 0), ("_U", 0), ("2010", 1), ("_U", 1)]
    assert series.ledger.composed() == pytest.approx(0.84 * loss(REQUEST))
    assert series.ledger.held("microdata") == pytest.approx(loss(REQUEST))


def test_the_ledger_is_free_while_records_are_made(series: ReleaseSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the ledger were locked, the reader would wait for ever: the lock is per file, not per process."""

    def reads(fits: list[FitTask], progress: Any) -> list[CodedRecords]:
        with series.ledger.locked():
            assert series.measured()
        return here(fits)

    monkeypatch.setattr(cohort_releases, "fitted_together", reads)
    series.release(people(2010, 100))


def test_two_equal_requests_at_once_draw_one_noise(series: ReleaseSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request arrives while the first makes its records."""
    rows, outs = people(2010, 300), []

    def again(fits: list[FitTask], progress: Any) -> list[CodedRecords]:
        monkeypatch.setattr(cohort_releases, "fitted_together", here)
        series.release(rows)
        outs.append(series.bytes())
        return here(fits)

    monkeypatch.setattr(cohort_releases, "fitted_together", again)
    first = series.out.with_name("release1")
    series.release(rows)
    contents = {path.name: path.read_bytes() for path in sorted(first.iterdir())}
    assert [contents] == outs
    assert series.measured() == [("2010", 0), ("2011", 0), ("_U", 0)]


def test_nothing_published_contains_a_hash_of_the_rows(series: ReleaseSeries) -> None:
    """A hash of few rows would let an intruder confirm a guess of them."""
    rows = people(2010, 200)
    text = json.dumps(series.release(rows, "2010"))
    cohort_series = budget_series.series_of(snapshot(rows), REQUEST, Cohorts("year", "2010"), LISTED)
    assert all(rows_hash(part) not in text for part in budget_series.rows_by_cohort(cohort_series).values())
    for measurements in budget_series.history(cohort_series, series.ledger).values():
        assert not any(
            secret in text for secret in (measurements[0].rows, measurements[0].request, measurements[0].release)
        )


# -- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "columns", "listed", "words"),
    [
        ("gone", (), LISTED, "no such column"),
        ("means", (), LISTED, "several values"),
        ("form", (), LISTED[:1] + LISTED[3:], "no public values"),
        ("year", ("year",), LISTED, "no column besides the cohorts"),
        ("year", (), (*LISTED[:1], Column("year", ("2011",)), *LISTED[2:]), "not among the public ones"),
        ("year", (), (LISTED[0], *LISTED[2:]), "goes on to 2050.* with --through"),
    ],
)
def test_an_invalid_cohort_column_is_one_sentence(
    series: ReleaseSeries, column: str, columns: tuple[str, ...], listed: tuple[Column, ...], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        cohort_releases.produce(
            snapshot(people(2010, 20)),
            Request(columns),
            Cohorts(column),
            series.ledger,
            series.folder / "out",
            listed=listed,
        )
    assert not series.ledger.path.exists()


@pytest.mark.parametrize(
    ("through", "revise", "words"),
    [
        ("1999", (), "--through 1999 is none of its public values"),
        ("2011", ("2012",), "--revise 2012 is no cohort"),
        ("2011", ("2011",), "--revise 2011: it was not made before"),
    ],
)
def test_invalid_cohort_values_are_one_sentence(
    series: ReleaseSeries, through: str, revise: tuple[str, ...], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        series.release(people(2010, 20), through, *revise)
    assert not series.ledger.path.exists()


def test_an_unlisted_cohort_is_not_measured_again_under_another_name(series: ReleaseSeries) -> None:
    series.release(people(2010, 50) + people(2011, 50), "2011")
    fewer = (*LISTED[:1], Column("year", ("2011",)), *LISTED[2:])
    with pytest.raises(BadInput, match="not among the public ones"):
        cohort_releases.produce(
            snapshot(people(2011, 50)), REQUEST, Cohorts("year"), series.ledger, series.folder / "out", listed=fewer
        )


values = st.one_of(st.none(), st.text("a1:-[", min_size=1, max_size=3))
several = st.one_of(st.none(), st.lists(st.text("a1:-", min_size=1, max_size=2), min_size=1, max_size=2, unique=True))
tables = st.lists(st.fixed_dictionaries({"x": values, "y": values, "m": several}), max_size=4)
TYPES = {"x": pl.String, "y": pl.String, "m": pl.List(pl.String)}


@settings(max_examples=300, deadline=None)
@given(one=tables, other=tables)
def test_rows_have_one_hash_in_any_order_and_other_rows_have_another(one: list[Row], other: list[Row]) -> None:
    def bag(rows: list[Row]) -> Counter[Any]:
        return Counter((row["x"], row["y"], row["m"] and tuple(sorted(row["m"]))) for row in rows)

    hash_of_rows = rows_hash(pl.DataFrame(one, TYPES))
    assert hash_of_rows == rows_hash(pl.DataFrame(one[::-1], TYPES))
    assert (hash_of_rows == rows_hash(pl.DataFrame(other, TYPES))) == (bag(one) == bag(other))


# -- the command, with secure noise and a process of its own ----------------------------------------------------------


def test_the_command_adds_a_year_and_revises_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from kerege.cli import main

    schema = tmp_path / "schema.toml"
    schema.write_text(
        '[columns.sex]\nvalues = ["f", "m"]\n[columns.year]\nvalues = ["2010", "2011", "2012"]\n'
        '[columns.form]\nvalues = ["a", "b", "c", "d"]\n'
    )
    rows = people(2010, 300) + people(2011, 300)
    out, given = tmp_path / "out.csv", tmp_path / "given.csv"
    lines, output = [], []
    for upto, more in (
        (300, ["--through", "2010"]),
        (599, ["--through", "2011"]),
        (600, ["--through", "2011", "--revise", "2010,_U"]),
    ):
        pl.DataFrame(rows[:upto][::-1][: upto - 1]).drop("means").write_csv(given)
        main(["synthesize", str(given), "--out", str(out), "--epsilon", "4", "--schema", str(schema),
              "--cohorts", "year", "--series", "house", "--ledger", str(tmp_path / "ledger"), *more])  # fmt: skip
        lines.append(out.read_text())
        output.append(capfd.readouterr())
        monkeypatch.setattr(cohort_releases, "fitted_together", here)  # the later records are made faster
    assert lines[1].startswith(lines[0])
    assert lines[2].count(",2011,") == lines[1].count(",2011,")
    certificate = json.loads((tmp_path / "out.csv.certificate.json").read_text())
    assert [(cohort["value"], cohort["revision"]) for cohort in certificate["cohorts"]] == [
        ("2010", 1),
        ("2011", 0),
        ("_U", 1),
    ]
    assert certificate["guarantee"]["holds"]
    assert "epsilon 4 at delta 1e-09" in output[0].out
    assert "year, new: 2010, _U\n" in output[0].out
    assert "year, new: 2011\nyear, kept: 2010, _U\n" in output[1].out
    assert "year, revised: 2010, _U\nyear, kept: 2011\n" in output[2].out
    assert "for internal use only" not in output[0].err
    assert "for internal use only: the rows of year 2011 are not what was measured" in output[2].err
