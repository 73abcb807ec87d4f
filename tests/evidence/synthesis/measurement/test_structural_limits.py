"""Structural limits: no period after the snapshot, and no values that are impossible together."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis.generation.records import decode_records
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.date_precision import DatePrecision
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import (
    CODE_LIST,
    Column,
    describe,
    parse_schema,
    read_known_columns,
)
from kerege.evidence.synthesis.measurement.structural_limits import (
    find_impossible_pairs,
    limit_periods,
    list_contradictions,
)
from kerege.evidence.synthesis.pipeline import synthesize
from kerege.evidence.synthesis.request import Request
from kerege.vocabulary import codes

BANDS = Column("age", codes.values("age_band"), code_list="age_band")
GROUPS = Column("group", codes.values("age_group"), code_list="age_group")


@pytest.mark.parametrize(
    ("code_list", "day", "last"),
    [
        ("year", "2025-01-01", "2025"),
        ("year", "2024-12-31", "2024"),
        ("quarter", "2025-09-30", "2025-Q3"),
        ("half", "2025-06-30", "2025-H1"),
    ],
)
def test_no_period_begins_after_the_snapshot(code_list: str, day: str, last: str) -> None:
    column = Column("when", tuple(v for v in codes.values(code_list) if v[:1].isdigit()), code_list=code_list)
    assert max(limit_periods((column,), day)[0].values) == last


def test_only_periods_are_limited() -> None:
    columns = (BANDS, Column("year", ("2045",)))
    assert limit_periods(columns, "2025-01-01") == columns


def test_a_child_is_in_no_group_of_adults() -> None:
    """Compare with the limits of the bands, which the rule does not read."""
    values = [*BANDS.values, *GROUPS.values]
    impossible = {tuple(sorted(values[v] for v in pair)) for pair in find_impossible_pairs((BANDS, GROUPS)).tolist()}
    high = {code.code: int(code.extras["high"] or 200) for code in codes.code_list("age_band").codes.values()}
    expected = {
        tuple(sorted((band, group)))
        for band, group in product(high, ("child", "adult"))
        if (high[band] < 18) != (group == "child")
    }
    assert impossible == expected


def test_the_band_of_ctdc_determines_the_majority() -> None:
    snapshot = Snapshot.from_frame(
        pl.DataFrame({"ageBroad": ["9--17"], "majorityStatus": ["Minor"], "gender": ["Man"]}).with_columns(
            isForcedLabour=pl.lit("1"), meansThreats=pl.lit("1")
        )
    )
    public = read_known_columns(snapshot)
    values = [value for column in public for value in column.values]
    pairs = {tuple(values[v] for v in pair) for pair in find_impossible_pairs(public).tolist()}
    assert ("9--17", "Adult") in pairs
    assert ("18--20", "Minor") in pairs
    assert not {("9--17", "Minor"), ("48+", "Adult")} & pairs


def test_columns_without_a_code_list_or_with_several_values_are_not_tied() -> None:
    assert not len(find_impossible_pairs((replace(BANDS, code_list=""), GROUPS)))
    assert not len(find_impossible_pairs((replace(BANDS, multi=True), GROUPS)))


def test_noise_makes_no_impossible_record(tmp_path: Path) -> None:
    """With much noise the pairs of the parent list would be invented without the limit."""
    chance = np.random.default_rng(3)
    bands = chance.choice(["0_8", "9_17", "18_25", "26_30"], 300)
    groups = np.where(np.isin(bands, ["0_8", "9_17"]), "child", "adult")
    frame = pl.DataFrame({"age": bands, "group": groups, "form": chance.choice(["a", "b"], 300)})

    def noise(counts: np.ndarray, sigma: float) -> np.ndarray:
        return np.asarray(counts + np.rint(chance.normal(0, 20 * 64, len(counts))), np.int64)

    schema = (BANDS, GROUPS, Column("form", ("a", "b")))
    noisy, public = measure(frame, schema, plan(5.0, 3, (0.7, 1.5, 1.0)), noise)
    noisy.save(tmp_path / "counts.npz")
    loaded = Noisy.load(tmp_path / "counts.npz")
    excluded = set(map(tuple, loaded.impossible.tolist()))
    assert excluded
    assert not excluded & set(map(tuple, loaded.levels[1].items.tolist()))
    made = decode_records(fit_records(loaded, 0.85, 1), public).drop_nulls(["age", "group"])
    assert made.height
    assert not list_contradictions(made, public)


def test_a_person_who_contradicts_the_rule_is_reported_to_the_holder_alone() -> None:
    frame = pl.DataFrame({"age": ["0_8", "0_8", None], "group": ["adult", "child", "adult"]})
    (warning,) = list_contradictions(frame, (BANDS, GROUPS))
    assert warning.startswith("age and group: 1 rows")


def test_the_certificate_keeps_the_code_lists() -> None:
    public = (replace(BANDS, source=CODE_LIST), Column("x", ("1",)))
    assert parse_schema(describe(public)) == public


def test_records_hold_no_year_after_the_snapshot(tmp_path: Path) -> None:
    frame = pl.DataFrame({"year": ["2024", "2025", "2031"] * 40, "sex": ["male", "female", "male"] * 40})
    snapshot = Snapshot(frame, "victims", "2025-12-31", True, "0" * 64)
    listed = (Column("year", tuple(map(str, range(2020, 2035))), code_list="year"), Column("sex", ("male", "female")))
    ledger = Ledger(tmp_path / "ledger")
    certificate = synthesize(snapshot, Request(), ledger, tmp_path / "out", listed=listed, noise=repeatable(1))
    assert certificate["schema"]["columns"]["year"]["values"][-1] == "2025"
    assert set(pl.read_csv(tmp_path / "out" / "records.csv")["year"].drop_nulls()) == {2024, 2025}


def test_no_date_is_after_the_snapshot() -> None:
    for precision, last in (("month", "2025-03"), ("day", "2025-03-10"), ("half", "2025-H1"), ("quarter", "2025-Q1")):
        coding = DatePrecision(precision, "2024-12", "2026")
        (column,) = limit_periods((Column("arrival", coding.labels, coding=coding),), "2025-03-10")
        assert column.values[-1] == last


def test_dates_of_two_columns_are_not_tied() -> None:
    """A person who arrived in 2023 can leave in another year."""
    arrival, exit_ = DatePrecision("quarter", "2023", "2024"), DatePrecision("year", "2023", "2024")
    schema = (Column("arrival", arrival.labels, coding=arrival), Column("exit", exit_.labels, coding=exit_))
    assert not len(find_impossible_pairs(schema))


@pytest.mark.parametrize(
    ("quarter", "year", "are_tied"),
    [
        ("quarter", "year", True),
        ("exit_quarter", "exit_year", True),
        ("Quarter of exit", "Year of exit", True),
        ("quarter", "exit_year", False),
        ("quarter_of_arrival", "year_of_exit", False),
    ],
)
def test_periods_are_tied_if_their_names_are_of_one_event(quarter: str, year: str, are_tied: bool) -> None:
    """A person who was registered in a quarter of 2023 can leave in another year."""
    columns = (
        Column(quarter, ("2023-Q1", "2024-Q1"), code_list="quarter"),
        Column(year, ("2023", "2024"), code_list="year"),
    )
    assert len(find_impossible_pairs(columns)) == (2 if are_tied else 0)
