"""Ledgers with entries, for the tests of the ledger."""

from __future__ import annotations

from pathlib import Path

from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, digest
from kerege.evidence.ledger.ledger import Ledger


def filled(folder: Path, count: int) -> Ledger:
    """Return a ledger with so many entries of 2025, each of a loss of 0.01."""
    ledger = Ledger(folder)
    for number in range(count):
        add(ledger, number)
    return ledger


def add(ledger: Ledger, number: int, **about: object) -> LedgerEntry:
    """Add an entry with an output of one file."""
    output = ledger.folder.parent / f"output{number}"
    output.mkdir(exist_ok=True, parents=True)
    (output / "a.csv").write_text(f"count\n{number}\n")
    with ledger.locked():
        content = {"kind": "release", "period": "2025", "rho": 0.01} | about
        return ledger.append(digest(number), output, EntryContents.model_validate(content))


def lines(ledger: Ledger) -> list[str]:
    """Return the lines of the file of entries."""
    return ledger.path.read_text().splitlines()
