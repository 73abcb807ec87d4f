"""Each difference between a ledger and a statement about it has a kind, a place and a remedy."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from kerege.evidence.ledger.entry import EnteredSnapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.ledger.verification import LedgerComparison, Statement, compare
from tests.evidence.made_ledgers import add, filled

AT = "2026-03-01"
VICTIMS = EnteredSnapshot(unit="victims", as_of="2025-12-31")


def root(ledger: Ledger) -> Statement:
    """Return what a daily root states now."""
    with ledger.locked():
        return Statement("line 1 of roots.jsonl", AT, ledger.state())


def release(ledger: Ledger, number: int) -> Statement:
    """Return what the manifest of a new release states, and enter the release."""
    with ledger.locked():
        state = ledger.state()
    manifest = f"{number:064x}"
    add(ledger, number, manifest=manifest, snapshots=[VICTIMS.tree])
    return Statement(f"{number}/manifest.json", AT, state, manifest, [VICTIMS])


def comparison(ledger: Ledger, statement: Statement) -> LedgerComparison:
    (result,) = compare(ledger, [statement])
    assert result.source == statement.source
    return result


def test_statements_fit_a_ledger_that_only_grew(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    statements = [root(ledger), release(ledger, 1), root(ledger), release(ledger, 2)]
    add(ledger, 3)
    results = compare(ledger, statements)
    assert [result.sentence for result in results] == [
        "line 1 of roots.jsonl fits the ledger up to entry 0",
        "1/manifest.json fits the ledger up to entry 1",  # the manifest is the entry after the state that it names
        "line 1 of roots.jsonl fits the ledger up to entry 1",
        "2/manifest.json fits the ledger up to entry 2",
    ]
    assert {result.kind for result in results} == {"fits"}
    assert not any(result.is_fault for result in results)


def test_a_statement_without_a_state_is_no_fault_and_names_its_entry(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    statement = replace(release(ledger, 7), state=None)
    entered, unknown = (comparison(ledger, replace(statement, manifest=hash_)) for hash_ in (statement.manifest, ""))
    start = "7/manifest.json states no ledger: an earlier version made it, or it was made without one; "
    assert (entered.sentence, unknown.sentence) == (start + "it is entry 2", start + "no entry is of it")
    assert entered.kind == unknown.kind == "states none"
    assert not entered.is_fault


def test_an_empty_ledger_has_lost_what_a_statement_names(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    empty, statement = root(ledger), release(ledger, 1)
    shutil.rmtree(ledger.folder)
    assert comparison(ledger, empty).kind == "fits"  # it names no entry
    result = comparison(ledger, statement)
    assert result.kind == "loss"
    assert result.is_fault
    assert result.sentence == (
        f"the ledger {ledger.path} is lost: it has no entry, and 1/manifest.json of {AT} names 1; restore the folder "
        f"{ledger.folder} from a backup made after that"
    )


def test_an_older_copy_of_the_ledger_is_a_rollback(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    shutil.copytree(ledger.folder, tmp_path / "backup")
    release(ledger, 5)
    statement = root(ledger)
    result = comparison(Ledger(tmp_path / "backup"), statement)
    assert result.kind == "second ledger"  # the copy is older than the key: nothing shows that it is the same ledger
    (tmp_path / "backup" / "ledger.key").write_bytes(ledger.key.read_bytes())
    result = comparison(Ledger(tmp_path / "backup"), statement)
    assert result.kind == "rollback"
    assert result.sentence == (
        f"the ledger {tmp_path / 'backup' / 'ledger.jsonl'} is an older copy: it ends at entry 2, and line 1 of "
        f"roots.jsonl of {AT} names 3; restore the newest backup, and make no release before that"
    )


@pytest.mark.parametrize(("made_before", "number"), [(True, 2), (False, 3)])
def test_two_copies_that_were_continued_are_branches(tmp_path: Path, made_before: bool, number: int) -> None:
    """The entry that differs is the last one of the state, or the one of the manifest itself."""
    ledger = filled(tmp_path / "ledger", 1)
    root(ledger)  # creates the key, which both copies have
    if not made_before:
        add(ledger, 2)
    shutil.copytree(ledger.folder, tmp_path / "copy")
    if made_before:
        add(ledger, 2)
    statement = release(ledger, 3)
    other = Ledger(tmp_path / "copy")
    for further in range(10, 13):
        add(other, further)
    result = comparison(other, statement)
    assert result.kind == "branch"
    assert result.sentence.startswith(
        f"two copies of the ledger {other.path} were continued: its entry {number} is not the one that "
        f"3/manifest.json of {AT} names; find the other copy"
    )


def test_a_second_ledger_of_the_same_people_is_named_by_the_shared_snapshot(tmp_path: Path) -> None:
    ledger, other = filled(tmp_path / "ledger", 0), filled(tmp_path / "other", 1)
    statement = release(ledger, 1)
    release(other, 2)
    result = comparison(other, statement)
    assert (result.kind, result.is_fault) == ("second ledger", True)
    assert result.sentence == (
        f"1/manifest.json of {AT} is in a second ledger, not in {other.path}; entry 2 of this one has the same "
        "snapshot, victims of 2025-12-31: no budget covers the losses of both; find the other ledger, and keep one"
    )
    undated = replace(statement, snapshots=[EnteredSnapshot(unit="victims")])
    assert "same snapshot" not in comparison(other, undated).sentence
    later = replace(statement, snapshots=[EnteredSnapshot(unit="victims", as_of="2026-06-30")])
    assert "same snapshot" not in comparison(other, later).sentence
