"""Tables with noise are drawn and charged once; the stored table is returned unchanged."""

from __future__ import annotations

import json
from math import floor
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.frequency_table import NOISED, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import dp_tables
from kerege.evidence.release.dp_tables import StoredTable, check, compute_needed_loss, draw, read_arguments, request_of
from kerege.evidence.release.spec import TableSpec, parse
from kerege.evidence.sdc.published_tables.stated_noise import QUANTILE

FRAME = pl.DataFrame({"sex": ["female", "male", "male"] * 40, "year": ["2024", "2025", "2025"] * 40})


def snapshot(sha256: str = "f" * 64, frame: pl.DataFrame = FRAME) -> Snapshot:
    return Snapshot(frame, "victims", "2025-12-31", True, sha256, path="victims.parquet")


def table(name: str = "sex", **more: Any) -> TableSpec:
    """Return a table as a specification gives it, with the defaults of its method."""
    entry = {"name": name, "of": "victims", "by": ["sex"], "method": "dp", "params": {"rho": 0.01}} | more
    return parse({"title": "T", "period": "2025", "table": [entry]}).tables[0]


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def drawn(ledger: Ledger, spec: TableSpec, source: Snapshot | None = None, period: str = "2025") -> Table:
    with ledger.locked():
        return draw(source or snapshot(), spec, ledger, period)


def charges(ledger: Ledger) -> list[float]:
    return [entry.rho for entry in ledger.entries()]


def test_a_repeated_request_returns_the_same_noise_without_a_charge(ledger: Ledger) -> None:
    first, second = drawn(ledger, table()), drawn(ledger, table("another-name"))
    assert first.counts.tolist() == second.counts.tolist()
    assert (first.name, second.name) == ("sex", "another-name")
    assert charges(ledger) == [0.01]


@pytest.mark.parametrize(
    "other",
    [
        table(params={"rho": 0.02}),
        table(params={"rho": 0.01, "max_values": 2}),
        table(by=["sex", "year"]),
        table(where={"year": ["2025"]}),
    ],
)
def test_another_request_is_drawn_and_charged(ledger: Ledger, other: TableSpec) -> None:
    drawn(ledger, table())
    drawn(ledger, other)
    assert charges(ledger) == [0.01, other.rho]


def test_the_digest_of_a_request_ignores_the_order_of_a_filter_and_the_name() -> None:
    one = request_of(snapshot(), table(where={"year": ["2024", "2025"]}))
    assert one == request_of(snapshot(), table("other", where={"year": ["2025", "2024", "2025"]}))
    assert one != request_of(snapshot("e" * 64), table(where={"year": ["2024", "2025"]}))


def test_the_columns_of_a_request_keep_their_order() -> None:
    assert request_of(snapshot(), table(by=["sex", "year"])) != request_of(snapshot(), table(by=["year", "sex"]))


def test_a_budget_that_would_be_exceeded_draws_nothing(ledger: Ledger) -> None:
    with ledger.locked():
        ledger.set_budget("2025", 0.015, "test")
    drawn(ledger, table())
    before = [entry.request for entry in ledger.entries()]
    with pytest.raises(Refused):
        drawn(ledger, table(params={"rho": 0.01, "max_values": 2}))
    assert [entry.request for entry in ledger.entries()] == before


def test_an_entry_names_the_table_its_columns_and_its_cohort(ledger: Ledger) -> None:
    spec = table(where={"year": ["2025", "2024"]}, params={"rho": 0.01, "cohort": "year"})
    drawn(ledger, spec)
    (entry,) = ledger.entries()
    assert (entry.kind, entry.period, entry.methods, entry.tables) == ("table", "2025", ["dp"], ["sex"])
    assert entry.params["by"] == ["sex"]
    assert entry.cohort is not None
    assert (entry.cohort.column, entry.cohort.values) == ("year", ["2024", "2025"])


@pytest.mark.parametrize(
    ("where", "multi"), [({}, frozenset()), ({"sex": ["male"]}, frozenset()), ({"year": ["2025"]}, frozenset({"year"}))]
)
def test_a_cohort_is_a_column_of_one_value_by_which_the_table_is_filtered(
    where: dict[str, list[str]], multi: frozenset[str]
) -> None:
    source = Snapshot(FRAME, "victims", "2025-12-31", True, "", multi, "victims.parquet")
    with pytest.raises(BadInput, match="column year: the cohort does not match the filter, name a column with one"):
        check(source, table(where=where, params={"rho": 0.01, "cohort": "year"}))


# -- the loss that is needed -------------------------------------------------------------------------------------------


def test_the_loss_that_is_needed_is_that_of_undrawn_requests_once_each(ledger: Ledger) -> None:
    specs = [
        table(),
        table("same"),
        table("other", params={"rho": 0.02}),
        table("plain", method="suppress", params={}),
    ]
    by_unit = {"victims": snapshot()}
    assert compute_needed_loss(by_unit, specs, ledger) == pytest.approx(0.03)
    drawn(ledger, specs[0])
    assert compute_needed_loss(by_unit, specs, ledger) == pytest.approx(0.02)
    assert compute_needed_loss({}, specs, ledger) == 0


# -- noise that hides small groups -------------------------------------------------------------------------------------


def test_noise_that_hides_no_small_group_is_refused_with_the_largest_rho_that_does() -> None:
    """The standard deviation falls with the root of rho; 3.29 of them must span the threshold."""
    few = FRAME.with_columns(sex=pl.Series(["female"] * 3 + ["male"] * 117))
    source = snapshot(frame=few)
    with pytest.raises(BadInput) as refused:
        check(source, table(params={"rho": 5.0}), is_released=True)
    (fault,) = refused.value.faults
    assert fault.what.endswith("people does not hide a figure under 10")
    most = float(fault.todo.split("rho of at most ")[1].split(",")[0])
    check(source, table(params={"rho": most}), is_released=True)
    with pytest.raises(BadInput):
        check(source, table(params={"rho": most * 1.01 + 0.001}), is_released=True)
    assert floor(most * 1_000) / 1_000 == pytest.approx(most)
    assert pytest.approx((10 - 0.5) / QUANTILE) == dp_tables.least_deviation(10)


def test_a_table_that_is_not_released_may_have_little_noise() -> None:
    few = FRAME.with_columns(sex=pl.Series(["female"] * 3 + ["male"] * 117))
    check(snapshot(frame=few), table(params={"rho": 5.0}))


def test_the_parameters_of_the_noise_are_passed_on_without_those_of_the_release() -> None:
    params = {"rho": 0.01, "delta": 1e-8, "max_values": 2, "cohort": "year"}
    spec = table(where={"year": ["2025"]}, params=params | {"sensitive": ["sex"]})
    assert read_arguments(spec) == params


# -- the stored table --------------------------------------------------------------------------------------------------


def stored() -> Table:
    return Table(
        name="sex",
        of="victims",
        by=("sex",),
        where={"year": ["2025"]},
        axes=(("_T", "female"),),
        counts=np.array([-3, 7]),
        status=np.full(2, NOISED, np.uint8),
        multi=frozenset({"sex"}),
        notes=["a note"],
        params={"rho": 0.5},
        truth=np.array([4, 4]),
        error95=np.array([2, 3]),
    )


def test_a_table_is_the_same_after_its_file_but_for_the_truth(tmp_path: Path) -> None:
    tree = StoredTable.of_table(stored()).tree
    path = tmp_path / "table.json"
    path.write_text(json.dumps(tree), encoding="utf-8")
    table_read = StoredTable.read(path)
    assert "truth" not in tree
    assert table_read.truth is None
    assert (table_read.axes, table_read.where, table_read.multi) == (stored().axes, stored().where, stored().multi)
    assert table_read.counts.tolist() == [-3, 7]
    assert (table_read.counts.dtype, table_read.status.dtype) == (np.int64, np.uint8)
    assert table_read.error95 is not None
    assert table_read.error95.tolist() == [2, 3]
    assert (table_read.notes, table_read.params) == (["a note"], {"rho": 0.5})


@pytest.mark.parametrize(
    ("key", "value"), [("counts", [1, 2.5]), ("status", "noised"), ("counts", None), ("error95", [[1], [2, 3]])]
)
def test_a_stored_table_with_other_numbers_is_refused(tmp_path: Path, key: str, value: object) -> None:
    path = tmp_path / "table.json"
    path.write_text(json.dumps(StoredTable.of_table(stored()).tree | {key: value}), encoding="utf-8")
    with pytest.raises((BadInput, ValueError)):
        StoredTable.read(path)


def test_nothing_that_the_ledger_stores_of_a_table_holds_true_counts(ledger: Ledger) -> None:
    drawn(ledger, table(params={"rho": 1e-6}))  # so much noise that no count can be right by chance
    text = "".join(path.read_text() for path in ledger.folder.rglob("table.*"))
    assert ",120," not in text
    assert '"truth"' not in text
