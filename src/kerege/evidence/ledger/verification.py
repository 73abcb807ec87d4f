"""Comparison of a ledger with what manifests and daily roots state about it.

A ledger is one folder. An intruder who can write to it can delete it, shorten it, restore an older copy, or keep a
second one for the same people, and then spend the budget again. Each manifest and each daily root therefore states the
name, the length and the last entry of the ledger at its time, under the key of the ledger. A manifest is also the next
entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from kerege.evidence.ledger.entry import EnteredSnapshot, LedgerEntry, LedgerState
from kerege.evidence.ledger.entry_chain import START
from kerege.evidence.ledger.ledger import Ledger

Kind = Literal["fits", "states none", "loss", "rollback", "branch", "second ledger"]


@dataclass(frozen=True)
class Statement:
    """The statement of a manifest or a daily root about the ledger; `state` is None when it states none.

    `manifest` is the hash of a manifest, which the next entry of the ledger holds; '' for a daily root.
    """

    source: str
    at: str
    state: LedgerState | None
    manifest: str = ""
    snapshots: Sequence[EnteredSnapshot] = field(default=())


@dataclass(frozen=True)
class LedgerComparison:
    """The result for one statement: its kind, and a sentence with the place and the remedy."""

    source: str
    kind: Kind
    sentence: str

    @property
    def is_fault(self) -> bool:
        """Return whether the ledger is not the one that the statement names."""
        return self.kind not in ("fits", "states none")


def compare(ledger: Ledger, statements: Iterable[Statement]) -> list[LedgerComparison]:
    """Return the result for each statement. Call it inside `ledger.locked()` if the folder exists.

    Raise Refused when the ledger does not fit its own head: it was cut or lost.
    """
    entries = ledger.entries()
    return [_compare(ledger, entries, statement) for statement in statements]


def _compare(ledger: Ledger, entries: list[LedgerEntry], statement: Statement) -> LedgerComparison:
    if statement.state is None:
        return LedgerComparison(statement.source, "states none", _without_state(entries, statement))
    kind, sentence = _fault(ledger, entries, statement, statement.state)
    if kind == "fits":
        number = statement.state.entries + bool(statement.manifest)
        sentence = f"{statement.source} fits the ledger up to entry {number}"
    return LedgerComparison(statement.source, kind, sentence)


def _without_state(entries: list[LedgerEntry], statement: Statement) -> str:
    """Return the sentence on a manifest of an earlier version, or of a release without a ledger."""
    number = next((entry.seq for entry in entries if statement.manifest and entry.manifest == statement.manifest), 0)
    own_entry = f"it is entry {number}" if number else "no entry is of it"
    return f"{statement.source} states no ledger: an earlier version made it, or it was made without one; {own_entry}"


def _fault(ledger: Ledger, entries: list[LedgerEntry], statement: Statement, state: LedgerState) -> tuple[Kind, str]:
    """Return the kind of a difference and its sentence; ("fits", "") when there is none."""
    source = f"{statement.source} of {statement.at}"
    last = state.entries + bool(statement.manifest)  # a manifest is entered right after the state that it names
    if not entries and not last:
        return "fits", ""
    if not entries:
        what = f"the ledger {ledger.path} is lost: it has no entry, and {source} names {last}"
        return "loss", f"{what}; restore the folder {ledger.folder} from a backup made after that"
    if state.name != ledger.fingerprint(START, made=False):
        return "second ledger", _second_ledger(ledger, entries, statement, source)
    if last > len(entries):
        what = f"the ledger {ledger.path} is an older copy: it ends at entry {len(entries)}, and {source} names {last}"
        return "rollback", f"{what}; restore the newest backup, and make no release before that"
    head = entries[state.entries - 1].hash if state.entries else START
    if ledger.fingerprint(head) != state.hash:
        return "branch", _branch(ledger, state.entries, source)
    if statement.manifest and entries[last - 1].manifest != statement.manifest:
        return "branch", _branch(ledger, last, source)
    return "fits", ""


def _branch(ledger: Ledger, number: int, source: str) -> str:
    return (
        f"two copies of the ledger {ledger.path} were continued: its entry {number} is not the one that {source} "
        "names; find the other copy, and charge nothing before the losses of both are in one ledger"
    )


def _second_ledger(ledger: Ledger, entries: list[LedgerEntry], statement: Statement, source: str) -> str:
    """Return the sentence on a second ledger. It names a snapshot that both have, when there is one."""
    dated = {(snapshot.unit, snapshot.as_of) for snapshot in statement.snapshots if snapshot.as_of}
    shared = (
        (entry.seq, snapshot)
        for entry in entries
        for snapshot in entry.snapshots
        if (snapshot.unit, snapshot.as_of) in dated
    )
    number, snapshot = next(shared, (0, EnteredSnapshot()))
    people = (
        f"; entry {number} of this one has the same snapshot, {snapshot.unit} of {snapshot.as_of}" if number else ""
    )
    return (
        f"{source} is in a second ledger, not in {ledger.path}{people}: no budget covers the losses of both; "
        "find the other ledger, and keep one"
    )
