"""All faults of the tables are found before noise is drawn; each table is protected by its method."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.frequency_table import NOISED, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.build_tables import AS_COUNTED, NOBODY, make_tables
from kerege.evidence.release.spec import parse

VICTIMS = pl.DataFrame({"sex": ["female"] * 60 + ["male"] * 40, "region": ["astana", "almaty_city"] * 50})


def snapshot(unit: str = "victims", frame: pl.DataFrame = VICTIMS) -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, unit, path=f"{unit}.parquet")


def made(*tables: dict[str, Any], sources: list[Snapshot] | None = None, **more: Any) -> list[Table]:
    entries = [{"of": "victims", "by": ["sex"]} | table for table in tables]
    spec = parse({"title": "T", "period": "2025", "table": entries})
    return make_tables(sources or [snapshot()], spec, **more)


def test_tables_keep_their_order_whatever_their_method() -> None:
    tables = made(
        {"name": "plain", "method": "none"},
        {"name": "hidden", "by": ["region"]},
        {"name": "perturbed", "method": "cellkey"},
        secret=b"s" * 32,
    )
    assert [table.name for table in tables] == ["plain", "hidden", "perturbed"]


def test_a_table_without_protection_says_so() -> None:
    (table,) = made({"name": "plain", "method": "none"})
    assert table.notes == [AS_COUNTED]
    assert not table.status.any()


@pytest.mark.parametrize("method", ["none", "suppress"])
def test_figures_that_count_no_people_need_no_protection(method: str) -> None:
    campaigns = snapshot("campaigns", pl.DataFrame({"year": ["2024", "2025", "2025"]}))
    (table,) = made({"name": "c", "of": "campaigns", "by": ["year"], "method": method}, sources=[campaigns])
    assert table.notes == [NOBODY]
    assert table.counts.tolist() == [3, 1, 2]
    assert not table.status.any()


def test_two_tables_of_the_same_people_show_the_same_figures() -> None:
    """Two versions of one table, protected one by one, could be compared."""
    frame = VICTIMS.with_columns(sex=pl.Series(["female"] * 60 + ["male"] * 36 + ["transgender"] * 4))
    one, other = made({"name": "rare"}, {"name": "rare-again", "by": ["sex"]}, sources=[snapshot(frame=frame)])
    assert one.cells == other.cells
    assert any(cell.status != "ok" for cell in one.cells.values())
    assert 4 not in {cell.count for cell in one.cells.values()}


def test_all_faults_are_reported_together_and_name_their_table(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with pytest.raises(BadInput) as refused:
        made(
            {"name": "drawn", "method": "dp", "params": {"rho": 0.01}},
            {"name": "one", "by": ["age"]},
            {"name": "two", "of": "crimes", "by": []},
            {"name": "three", "where": {"sex": ["nobody"]}},
            ledger=ledger,
        )
    whats = [fault.what for fault in refused.value.faults]
    assert [what.partition(":")[0] for what in whats] == ["table one", "table two", "table three"]
    assert "table two: there is no snapshot of crimes" in whats
    assert refused.value.faults[1].todo == "give its snapshot too; there are: victims"
    assert not list(ledger.entries())  # nothing was drawn


def test_without_snapshots_there_are_none_to_name() -> None:
    spec = parse({"title": "T", "period": "2025", "table": [{"name": "sex", "of": "victims", "by": ["sex"]}]})
    with pytest.raises(BadInput, match="there is no snapshot of victims, give its snapshot too; there are: none"):
        make_tables([], spec)


def test_noise_is_charged_to_the_ledger_once(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with ledger.locked():
        first, second = (
            made({"name": "n", "method": "dp", "params": {"rho": 0.01}}, ledger=ledger)[0] for _ in range(2)
        )
    assert first.counts.tolist() == second.counts.tolist()
    assert (first.status == NOISED).all()
    assert [entry.rho for entry in ledger.entries()] == [0.01]


def test_a_budget_that_does_not_last_for_all_tables_draws_none(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    tables = [
        {"name": f"n{number}", "by": by, "method": "dp", "params": {"rho": 0.01}}
        for number, by in enumerate((["sex"], ["region"]))
    ]
    with ledger.locked():
        ledger.set_budget("2025", 0.015, "test")
        before = len(list(ledger.entries()))
        with pytest.raises(Refused):
            made(*tables, ledger=ledger)
        assert len(list(ledger.entries())) == before


def test_two_snapshots_of_one_unit_are_refused() -> None:
    with pytest.raises(
        BadInput, match=r"victims\.parquet: there is a second snapshot of victims, give one snapshot per unit"
    ):
        made({"name": "sex"}, sources=[snapshot(), snapshot()])
