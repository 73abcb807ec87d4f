"""Requests for cohorts: what is refused, and the command."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.synthesis import Request
from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
from kerege.evidence.synthesis.measurement.public_schema import Column
from tests.evidence.synthesis.cohorts.release_series import (
    LISTED,
    REQUEST,
    ReleaseSeries,
    Row,
    here,
    people,
    snapshot,
)


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
        ("2011", ("2012",), "--revise 2012 is not a cohort"),
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

    hash_of_rows = hash_rows(pl.DataFrame(one, TYPES))
    assert hash_of_rows == hash_rows(pl.DataFrame(one[::-1], TYPES))
    assert (hash_of_rows == hash_rows(pl.DataFrame(other, TYPES))) == (bag(one) == bag(other))


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
        monkeypatch.setattr(cohort_releases, "fit_together", here)  # the later records are made faster
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
    assert "for internal use only: the rows of year 2011 changed since they were measured" in output[2].err
