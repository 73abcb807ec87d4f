"""Cohorts are measured once and stored unchanged, also after an interruption."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request
from kerege.evidence.synthesis.cohorts import budget_series, cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
from kerege.evidence.synthesis.generation.isolated_fit import FitTask
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.pipeline import compute_loss
from tests.evidence.synthesis.cohorts.release_series import LISTED, REQUEST, ReleaseSeries, here, people, snapshot


def test_a_repeated_request_gives_the_same_bytes(series: ReleaseSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = people(2010, 300) + people(2011, 300)
    series.release(rows)
    first, entries = series.bytes(), len(series.ledger.entries())
    monkeypatch.setattr(cohort_releases, "fit_together", lambda fits, progress: fits and pytest.fail("made again"))
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


def test_files_of_one_name_are_one_series_and_those_of_another_are_not(series: ReleaseSeries) -> None:
    asked = Request(epsilon=2.0)
    series.release(people(2010, 200), "2010", unit="records", name="house", request=asked)
    series.release(people(2010, 150) + people(2011, 200), unit="records", name="house", request=asked)
    assert series.ledger.periods() == ["files"]
    assert series.ledger.held("files") == pytest.approx(compute_loss(asked))
    certificate = series.release(people(2010, 200, 1), "2010", unit="records", name="another house", request=asked)
    assert [cohort["state"] for cohort in certificate["cohorts"]] == ["new", "new"]
    assert series.measured() == [("2010", 0), ("_U", 0), ("2011", 0), ("2010", 0), ("_U", 0)]
    assert series.ledger.held("files") == pytest.approx(2 * compute_loss(asked))  # who knows whether they share nobody


@pytest.mark.parametrize(
    ("unit", "name", "words"),
    [
        ("records", "", "does not name its people: another file would count as a later file"),
        ("records", " ", "does not name its people"),
        ("victims", "house", "is a snapshot of the register: a series name is for external files only"),
    ],
)
def test_a_file_from_elsewhere_names_its_people_and_a_register_does_not(
    series: ReleaseSeries, unit: str, name: str, words: str
) -> None:
    with pytest.raises(BadInput, match=words):
        series.release(people(2010, 20), unit=unit, name=name)
    assert not series.ledger.path.exists()


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
    assert series.ledger.composed() == pytest.approx(0.84 * compute_loss(REQUEST))
    assert series.ledger.held("microdata") == pytest.approx(compute_loss(REQUEST))


def test_the_ledger_is_free_while_records_are_made(series: ReleaseSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the ledger were locked, the reader would wait for ever: the lock is per file, not per process."""

    def reads(fits: list[FitTask], progress: Any) -> list[CodedRecords]:
        with series.ledger.locked():
            assert series.measured()
        return here(fits)

    monkeypatch.setattr(cohort_releases, "fit_together", reads)
    series.release(people(2010, 100))


def test_two_equal_requests_at_once_draw_one_noise(series: ReleaseSeries, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second request arrives while the first makes its records."""
    rows, outs = people(2010, 300), []

    def again(fits: list[FitTask], progress: Any) -> list[CodedRecords]:
        monkeypatch.setattr(cohort_releases, "fit_together", here)
        series.release(rows)
        outs.append(series.bytes())
        return here(fits)

    monkeypatch.setattr(cohort_releases, "fit_together", again)
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
    assert all(hash_rows(part) not in text for part in budget_series.rows_by_cohort(cohort_series).values())
    for measurements in budget_series.history(cohort_series, series.ledger).values():
        assert not any(
            secret in text for secret in (measurements[0].rows, measurements[0].request, measurements[0].release)
        )
