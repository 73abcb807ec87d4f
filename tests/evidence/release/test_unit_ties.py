"""Units that concern the same people are published with the snapshots of both."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.spec import parse
from kerege.evidence.release.unit_ties import check_tied_units


def snapshot(unit: str = "victims", sha256: str = "a", as_of: str = "2025-12-31") -> Snapshot:
    frame = pl.DataFrame({"sex": ["male"], "year": ["2025"]})
    return Snapshot(frame, unit, as_of, True, sha256, path=f"{unit}.parquet")


def spec(*units: str) -> Any:
    tables = [{"name": unit, "of": unit} for unit in units or ("victims",)]
    return parse({"title": "T", "period": "2025", "table": tables})


def publication(of: str = "victims", by: tuple[str, ...] = ("sex",), **more: Any) -> Any:
    sheet = {
        "name": "old",
        "of": of,
        "by": by,
        "where": {},
        "stated": True,
        "release": "annual-2024",
        "as_of": "2025-12-31",
    }
    return SimpleNamespace(sheets=[SimpleNamespace(**sheet | more)])


@pytest.mark.parametrize(
    ("units", "tables", "earlier", "is_refused"),
    [
        (("services",), ("services",), publication("victims"), True),
        (("services", "victims"), ("services",), publication("victims"), False),
        (("services",), ("services",), publication("victims", as_of="2024-12-31"), False),  # of another date
        (("victims",), ("victims",), publication("services"), True),
        (("victims", "suspects"), ("suspects",), publication("services"), False),  # no table of victims
        (("victims",), ("victims",), publication("crimes"), False),  # a tie without values
    ],
)
def test_tables_of_tied_units_need_both_snapshots(
    units: tuple[str, ...], tables: tuple[str, ...], earlier: Any, is_refused: bool
) -> None:
    sources = [snapshot(unit, unit) for unit in units]
    if not is_refused:
        check_tied_units([earlier], spec(*tables), sources)
        return
    with pytest.raises(BadInput, match=r"of the same date are public, and \w+ concern the same people, give the snap"):
        check_tied_units([earlier], spec(*tables), sources)
