"""Export of the register's victims as CTDC's 27 variables.

It has one row for each person, and is never published.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kerege.base.files import atomic_dir
from kerege.casework.exchange.snapshots import freeze
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.vocabulary.ctdc import VARIABLES, to_ctdc

FILE = "ctdc.csv"
README = """CTDC variables of every person, exact rows: for the transfer to IOM under an agreement, not for publication.
"""


@dataclass
class CtdcExport:
    """Result of an export: file and number of rows."""

    file: str
    rows: int


def export(actor: Actor, out: Path, as_of: date | None = None) -> CtdcExport:
    """Write the victims as CTDC variables into a new folder; the folder appears only when complete."""
    with audit.act(actor, "exchange.export") as event:
        authorization.require(actor, "exchange.export")
        authorization.require(actor, "exchange.snapshot")
        rows = [to_ctdc(row) for row in freeze.rows("victims", as_of or date.today())]
        rows.sort(key=lambda row: tuple(str(row[name]) for name in VARIABLES))
        with atomic_dir(out) as folder:
            with (folder / FILE).open("w", encoding="utf-8", newline="") as stream:
                writer = csv.DictWriter(stream, VARIABLES)
                writer.writeheader()
                writer.writerows(rows)
            (folder / "README.txt").write_text(README, encoding="utf-8")
            for file in folder.iterdir():
                file.chmod(0o600)
        event.note(format="ctdc", rows=len(rows))
    return CtdcExport(str(out / FILE), len(rows))
