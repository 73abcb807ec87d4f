"""A series of releases of invented people, for the tests of cohorts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.entry import digest
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request
from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.cohorts.budget_series import Cohorts
from kerege.evidence.synthesis.generation.isolated_fit import FitTask
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.measurement.public_schema import Column

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


def here(fits: list[FitTask], progress: Any = None) -> list[CodedRecords]:
    return [fit_and_repeat(fit.noisy, fit.charge, fit.seed, before=fit.before, repeat=fit.repeat) for fit in fits]
