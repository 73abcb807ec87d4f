"""A ledger of three releases without a loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.ledger.entry import EntryContents, digest
from kerege.evidence.ledger.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger")
    for number in range(3):
        output = tmp_path / f"out{number}"
        output.mkdir()
        (output / "a.csv").write_text(f"count\n{number}\n")
        with ledger.locked():
            ledger.append(digest(number), output, EntryContents(kind="release", rho=0))
    return ledger
