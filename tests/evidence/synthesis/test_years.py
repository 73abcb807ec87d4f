"""Cohorts are measured once, kept as they are, and revised under what was set aside; nobody loses more."""

from __future__ import annotations

import json
from collections import Counter
from importlib import import_module
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.ledger import Ledger, digest
from kerege.evidence.protect.gaussian import repeatable
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.synthesis import Request, loss, series, years
from kerege.evidence.synthesis.joined import joined
from kerege.evidence.synthesis.noisy import Level, Noisy
from kerege.evidence.synthesis.records import made
from kerege.evidence.synthesis.schema import Column
from kerege.standard.faults import BadInput, Refused

REQUEST = Request()
LISTED = (
    Column("sex", ("f", "m")), Column("year", tuple(str(year) for year in range(2010, 2030))),
    Column("form", tuple("abcd")), Column("means", tuple("uvw"), True),
)  # fmt: skip
Row = dict[str, Any]


def people(year: int | None, count: int, seed: int = 0) -> list[Row]:
    """Two kinds of people."""
    chance = np.random.default_rng([year or 0, seed])
    return [
        {
            "sex": "fm"[kind], "year": year and str(year), "form": "abcd"[2 * kind + chance.integers(2)],
            "means": ["u", "vw"[kind]][: 1 + chance.integers(2)] or None,
        }
        for kind in chance.integers(2, size=count)
    ]  # fmt: skip


def snapshot(rows: list[Row], unit: str = "victims") -> Snapshot:
    types = {"sex": pl.String, "year": pl.String, "form": pl.String, "means": pl.List(pl.String)}
    sha256 = digest(rows)  # another one each time
    return Snapshot(pl.DataFrame(rows, types), unit, "2026-01-01", True, sha256, frozenset({"means"}))


class House:
    """A ledger, and one release after another."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ledger, self.number = folder, Ledger(folder / "ledger"), 0

    def release(self, rows: list[Row], request: Request = REQUEST, unit: str = "victims") -> dict[str, Any]:
        self.number += 1
        return years.produce(snapshot(rows, unit), request, "year", self.ledger, self.out, listed=LISTED)

    @property
    def out(self) -> Path:
        return self.folder / f"release{self.number}"

    def lines(self) -> list[str]:
        return (self.out / "records.csv").read_text().splitlines()

    def bytes(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(self.out.iterdir())}

    def charged(self) -> list[tuple[str, int]]:
        return [(entry["cohort"]["values"][0], entry["revision"]) for entry in self.made()]

    def made(self) -> list[dict[str, Any]]:
        """The entries of records; before each of them stands that of the measurement, which is charged."""
        return [entry for entry in self.ledger.entries() if "revision" in entry]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    """The real engine; for speed, the noise comes from a seed and the records are made in this process."""
    noise = repeatable(5)
    for module in (years, import_module("kerege.evidence.synthesis.produce")):  # hidden by its function
        monkeypatch.setattr(module, "add_noise", noise)
    monkeypatch.setattr(years, "fitted", made)
    return House(tmp_path)


# -- the loss --------------------------------------------------------------------------------------------------------


def test_ten_yearly_releases_cost_a_person_what_one_does(house: House) -> None:
    rows: list[Row] = []
    for number, year in enumerate(range(2010, 2020)):
        rows += people(year, 300)
        told = house.release(rows)
        assert len(told["cohorts"]) == len(house.made()) == number + 1
        assert house.ledger.composed() == house.ledger.spent("microdata") == house.ledger.entries()[0]["rho"]
    assert house.ledger.composed() == pytest.approx(0.8 * loss(REQUEST))


def test_the_claim_is_that_of_the_costliest_cohort_with_all_its_revisions(house: House) -> None:
    rows = people(2010, 400) + people(2011, 400)
    first = house.release(rows)
    second = house.release(rows[1:])
    for told in (first, second):
        claim = told["guarantee"]
        assert claim["rho"] == pytest.approx(loss(REQUEST)) == pytest.approx(sum(s["rho"] for s in claim["steps"]))
        assert claim["rho"] <= loss(REQUEST) * (1 + 1e-9)
        assert claim["epsilon_of_rho"] == pytest.approx(4, abs=1e-6)
        assert (claim["epsilon"], claim["delta"]) == (4, 1e-9)
        assert "parallel composition" in claim["over_the_years"]
        assert "whether the rows of one changed" in claim["outside"]
    one, other = second["cohorts"]
    assert [(each["value"], each["revision"]) for each in (one, other)] == [("2010", 1), ("2011", 0)]
    assert one["rho"] == pytest.approx(0.84 * loss(REQUEST)) == pytest.approx(house.ledger.composed())
    assert other["rho"] == pytest.approx(0.80 * loss(REQUEST))
    assert one["rho_set_aside"] == pytest.approx(0.16 * loss(REQUEST))
    assert one["epsilon"] < 4
    assert sum(each["records"] for each in second["cohorts"]) == second["rows"] == len(house.lines()) - 1


def test_neighbouring_tables_differ_in_one_cohort_only(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever record is left out, what is measured of every other cohort is the same to the last row."""
    rows = [row for year in (2010, 2011, None) for row in people(year, 40)]

    def measured(left_out: int | None) -> dict[str, str]:
        asked = series.series_of(
            snapshot([row for number, row in enumerate(rows) if number != left_out]), REQUEST, "year", LISTED
        )
        found = series.looked_at(asked, house.ledger)
        return {cohort.value: series.rows_hash(cohort.rows) for cohort in found}

    whole = measured(None)
    assert list(whole) == ["2010", "2011", "_U"]
    for number, row in enumerate(rows):
        found = measured(number)
        assert {value for value in whole if found[value] != whole[value]} == {row["year"] or "_U"}


def test_a_budget_is_for_a_cohort_and_what_is_common(house: House) -> None:
    rho, rows = loss(REQUEST), people(2010, 200)
    with house.ledger.locked():
        house.ledger.set_budget("microdata", rho * 1.1, "test")
    house.release(rows)
    house.release(rows + people(2011, 200))
    house.ledger.check("microdata", rho * 0.29)
    with pytest.raises(Refused, match="budget of microdata"):
        house.ledger.check("microdata", rho * 0.31)
    (house.folder / "table").mkdir()
    with house.ledger.locked():
        house.ledger.append("t", house.folder / "table", {"period": "microdata", "rho": rho * 0.29, "kind": "table"})
    before = house.ledger.path.read_bytes()
    with pytest.raises(Refused, match="budget of microdata"):  # 2012 with its revisions has no room, though 80% has
        house.release(rows + people(2011, 200) + people(2012, 200))
    with pytest.raises(Refused, match="budget of microdata"):
        house.release(rows[1:] + people(2011, 200))
    assert house.ledger.path.read_bytes() == before
    assert not house.out.exists()
    house.release(rows + people(2011, 200))  # what was made costs nothing


# -- a stable file ---------------------------------------------------------------------------------------------------


def test_the_same_again_is_the_same_to_the_last_byte(house: House) -> None:
    rows = people(2010, 300) + people(2011, 300)
    house.release(rows)
    first = house.bytes()
    mixed = [row | {"means": row["means"] and row["means"][::-1]} for row in rows[::-1]]
    house.release(mixed)  # in another file, in another order
    assert house.bytes() == first
    assert len(house.made()) == 2
    assert len(house.ledger.entries()) == 4


def test_a_new_year_leaves_the_lines_of_the_others_as_they_are(house: House) -> None:
    rows = people(2011, 300) + people(None, 100)
    house.release(rows)
    first = house.lines()
    house.release(people(2010, 300) + rows + people(2012, 300), Request(seed=3))
    lines = house.lines()
    assert [line for line in lines if line.split(",")[1] in {"year", "2011", ""}] == first
    assert [year for year, _ in house.charged()] == ["2011", "_U", "2010", "2012"]
    shown = [line.split(",")[1] for line in lines[1:]]
    assert shown == sorted(shown, key=lambda year: year or "9999")  # the public order; not reported comes last
    frame = pl.read_parquet(house.out / "records.parquet")
    assert frame.columns == ["sex", "year", "form", "means"]
    assert frame["year"].to_list() == [year or None for year in shown]
    assert [column for column in frame.columns if frame[column].null_count() < frame.height and column != "year"] == [
        "sex",
        "form",
        "means",
    ]


def test_another_request_is_another_series(house: House) -> None:
    rows = people(2010, 200)
    for request in (REQUEST, Request(epsilon=1), Request(preset="careful"), Request(order=2), Request(("sex",))):
        house.release(rows, Request(**{**vars(request), "period": f"p{house.number}"}))
    assert [revision for _, revision in house.charged()] == [0] * 5
    house.release(rows, Request(seed=9, period="other"))
    assert len(house.made()) == 5


def test_a_file_from_outside_has_one_budget_over_the_years(house: House) -> None:
    house.release(people(2010, 200), unit="records")
    house.release(people(2010, 200) + people(2011, 200), unit="records")
    assert house.ledger.periods() == ["records by year"]
    assert house.ledger.spent("records by year") == pytest.approx(0.8 * loss(REQUEST))


# -- revisions -------------------------------------------------------------------------------------------------------


def test_five_revisions_pass_and_the_sixth_is_refused(house: House) -> None:
    rows, other = people(2010, 300), people(2011, 300)
    states = [rows[number:] + other for number in range(7)]
    kept = []
    for number in range(6):
        told = house.release(states[number])
        assert [each["revision"] for each in told["cohorts"]] == [number, 0]
        kept.append(house.bytes()["records.csv"])
    before = house.ledger.path.read_bytes()
    assert house.ledger.composed() == pytest.approx(loss(REQUEST))
    assert house.ledger.composed() <= loss(REQUEST) * (1 + 1e-9)
    with pytest.raises(Refused, match="year 2010 changed again after 5 revisions") as told_:
        house.release(states[6] + people(2012, 300))
    assert "\n" not in str(told_.value)
    assert not house.out.exists()
    assert house.ledger.path.read_bytes() == before
    for number in (5, 2, 0):  # the same rows again
        house.release(states[number])
        assert house.bytes()["records.csv"] == kept[number]
    assert house.ledger.path.read_bytes() == before


def test_a_revision_changes_what_has_to_change(house: House) -> None:
    rows = people(2010, 3_000)
    house.release(rows)
    first = Counter(house.lines())
    house.release(rows[20:])
    same = Counter(house.lines()) & first
    assert sum(same.values()) > 0.9 * sum(first.values())
    added = rows + [row | {"sex": "f", "form": "d"} for row in people(2010, 3_000, 1)]  # nobody was so before
    house.release(added)
    told = pl.read_csv(house.out / "records.csv")
    assert told.height == pytest.approx(len(added), rel=0.1)
    assert told.filter((pl.col("sex") == "f") & (pl.col("form") == "d")).height == pytest.approx(3_000, rel=0.2)


def test_a_cohort_whose_records_are_gone_is_revised_too(house: House) -> None:
    house.release(people(2010, 50) + people(2011, 200))
    told = house.release(people(2011, 200))
    assert [(each["value"], each["revision"]) for each in told["cohorts"]] == [("2010", 1), ("2011", 0)]


def test_two_measurements_are_joined_by_inverse_variance() -> None:
    """Unbiased, with the variance that the joined counts say; where the truth moved far, the new ones alone."""
    truth, size = 10_000, 20_000

    def noisy(sigma: float, seed: int, moved: int = 0) -> Noisy:
        counts = np.full(size, truth)
        counts[:10] += moved
        found = repeatable(seed)(counts, sigma)
        level = Level(np.zeros((size, 1), np.int32), found, sigma, 2.0)
        return Noisy(np.zeros(1, np.int32), 3, found[:5], sigma, (level,))

    both = joined(noisy(100, 1), noisy(450, 2)).levels[0]
    assert both.sigma == pytest.approx(1 / sqrt(1 / 100**2 + 1 / 450**2))
    assert both.values.mean() == pytest.approx(truth, abs=4 * both.sigma / sqrt(size))
    assert both.values.std() == pytest.approx(both.sigma, rel=0.03)
    after = noisy(450, 2, moved=-5_000)
    moved = joined(noisy(100, 1), after).levels[0]
    assert moved.values[:10].tolist() == after.levels[0].values[:10].tolist()
    assert moved.values[10:].tolist() == both.values[10:].tolist()


def test_a_value_that_sank_into_the_noise_is_in_no_record_any_more() -> None:
    """Though pairs with it still stand out."""

    def noisy(last: int) -> Noisy:
        levels = (Level(np.arange(3, dtype=np.int32)[:, None], np.array([9_000, 9_000, last]), 60.0, 2.0),
                  Level(np.array([[0, 1], [0, 2]], np.int32), np.array([6_000, 500]), 60.0, 1.5))  # fmt: skip
        lengths = np.array([20, 100, 60, 0])
        return Noisy(np.arange(3, dtype=np.int32), 3, lengths, 5.0, levels)

    before = made(noisy(2_000), 0.6, 1)
    after = made(noisy(100), 0.6, 1, before=before)
    assert 2 in before.values
    assert 2 not in after.values
    assert after.people == before.people


# -- nothing half done -----------------------------------------------------------------------------------------------


def test_a_stop_between_cohorts_loses_nothing_and_charges_nothing_twice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row for year in (2010, 2011, 2012) for row in people(year, 200)]
    calls = []

    def killed(*args: Any) -> Any:
        calls.append(args)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return made(*args)

    with monkeypatch.context() as inside:
        inside.setattr(years, "fitted", killed)
        with pytest.raises(KeyboardInterrupt):
            house.release(rows)
    assert house.charged() == [("2010", 0)]
    assert not house.out.exists()
    measured = [entry["rho"] for entry in house.ledger.entries() if "revision" not in entry]
    assert len(measured) == 2  # of 2011 too: what was drawn is charged before anything is made of it
    kept = next((house.ledger.folder / "outputs").glob("*/records.csv")).parent
    before = (kept / "records.csv").read_text().splitlines()
    house.release(rows)
    assert house.charged() == [("2010", 0), ("2011", 0), ("2012", 0)]
    assert house.lines()[: len(before)] == before
    assert sum(entry["rho"] > 0 for entry in house.ledger.entries()) == 3
    assert house.ledger.composed() == pytest.approx(0.8 * loss(REQUEST))


def test_nothing_that_is_published_holds_a_hash_of_the_rows(house: House) -> None:
    """Of few rows one could guess which they are."""
    rows = people(2010, 200)
    told = json.dumps(house.release(rows))
    asked = series.series_of(snapshot(rows), REQUEST, "year", LISTED)
    (cohort,) = series.looked_at(asked, house.ledger)
    assert cohort.made
    assert series.rows_hash(cohort.rows) not in told
    assert cohort.key not in told


# -- what cannot be --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "columns", "listed", "words"),
    [("gone", (), LISTED, "no such column"), ("means", (), LISTED, "several values"),
     ("form", (), LISTED[:1] + LISTED[3:], "no public values"), ("year", ("year",), LISTED, "nothing to tell"),
     ("year", (), (*LISTED[:1], Column("year", ("2011",)), *LISTED[2:]), "not among the public ones")],
)  # fmt: skip
def test_what_makes_no_cohorts_is_one_sentence(
    house: House, column: str, columns: tuple[str, ...], listed: tuple[Column, ...], words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        years.produce(
            snapshot(people(2010, 20)), Request(columns), column, house.ledger, house.folder / "out", listed=listed
        )
    assert not house.ledger.path.exists()


def test_no_records_are_one_sentence(house: House) -> None:
    with pytest.raises(BadInput, match="holds no records"):
        house.release([])


def test_a_cohort_that_is_listed_no_more_is_not_measured_anew_under_another_name(house: House) -> None:
    house.release(people(2010, 50) + people(2011, 50))
    fewer = (*LISTED[:1], Column("year", ("2011",)), *LISTED[2:])
    with pytest.raises(BadInput, match="not among the public ones"):
        years.produce(snapshot(people(2011, 50)), REQUEST, "year", house.ledger, house.folder / "out", listed=fewer)


values = st.one_of(st.none(), st.text("a1:-[", min_size=1, max_size=3))
several = st.one_of(
    st.none(), st.lists(st.text("a1:-", min_size=1, max_size=2), min_size=1, max_size=2, unique=True)
)  # fmt: skip
tables = st.lists(st.fixed_dictionaries({"x": values, "y": values, "m": several}), max_size=4)
TYPES = {"x": pl.String, "y": pl.String, "m": pl.List(pl.String)}


@settings(max_examples=300, deadline=None)
@given(one=tables, other=tables)
def test_rows_have_one_hash_in_any_order_and_other_rows_have_another(one: list[Row], other: list[Row]) -> None:
    def bag(rows: list[Row]) -> Counter[Any]:
        return Counter((row["x"], row["y"], row["m"] and tuple(sorted(row["m"]))) for row in rows)

    found = series.rows_hash(pl.DataFrame(one, TYPES))
    assert found == series.rows_hash(pl.DataFrame(one[::-1], TYPES))
    assert (found == series.rows_hash(pl.DataFrame(other, TYPES))) == (bag(one) == bag(other))


# -- the command, with secure noise and a process of its own ----------------------------------------------------------


def test_the_command_adds_a_year(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    from kerege.cli import main

    schema = tmp_path / "schema.toml"
    schema.write_text(
        '[columns.sex]\nvalues = ["f", "m"]\n[columns.year]\nvalues = ["2010", "2011"]\n'
        '[columns.form]\nvalues = ["a", "b", "c", "d"]\n'
    )
    rows = people(2010, 300) + people(2011, 300)
    out, given = tmp_path / "out.csv", tmp_path / "given.csv"
    lines = []
    for upto in (300, 600):
        pl.DataFrame(rows[:upto]).drop("means").write_csv(given)
        main(["synthesize", str(given), "--out", str(out), "--epsilon", "8", "--schema", str(schema),
              "--cohorts", "year", "--ledger", str(tmp_path / "ledger")])  # fmt: skip
        lines.append(out.read_text())
    assert lines[1].startswith(lines[0])
    told = json.loads((tmp_path / "out.csv.certificate.json").read_text())
    assert [each["value"] for each in told["cohorts"]] == ["2010", "2011"]
    assert told["guarantee"]["holds"]
    assert "epsilon 8 at delta 1e-09" in capfd.readouterr().out
