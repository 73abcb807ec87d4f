"""The ledger forgets nothing, is not edited unseen, and is written by one at a time."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from kerege.evidence.ledger import Ledger, digest
from kerege.standard.faults import Refused


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path / "ledger")
    for number in range(3):
        output = tmp_path / f"out{number}"
        output.mkdir()
        (output / "a.csv").write_text(f"count\n{number}\n")
        with ledger.locked():
            ledger.append(digest(number), output, {"kind": "release", "rho": 0})
    return ledger


def lines(ledger: Ledger) -> list[str]:
    return ledger.path.read_text().splitlines()


def test_the_chain_holds(ledger: Ledger) -> None:
    entries = ledger.entries()
    assert [entry["seq"] for entry in entries] == [1, 2, 3]
    assert entries[2]["prev"] == entries[1]["hash"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_an_edited_entry_is_found(ledger: Ledger, number: int) -> None:
    changed = lines(ledger)
    changed[number - 1] = changed[number - 1].replace('"rho": 0', '"rho": 9')
    ledger.path.write_text("\n".join(changed) + "\n")
    with pytest.raises(Refused, match=f"line {number}"):
        ledger.entries()


def test_an_entry_edited_with_its_hash_breaks_the_next(ledger: Ledger) -> None:
    changed = lines(ledger)
    entry = json.loads(changed[0]) | {"rho": 9}
    entry["hash"] = digest({name: value for name, value in entry.items() if name != "hash"})
    changed[0] = json.dumps(entry)
    ledger.path.write_text("\n".join(changed) + "\n")
    with pytest.raises(Refused, match="line 2"):
        ledger.entries()


@pytest.mark.parametrize("order", [[1, 2], [0, 2], [1, 0, 2], [0, 0, 1, 2]])
def test_entries_taken_out_moved_or_repeated_are_found(ledger: Ledger, order: list[int]) -> None:
    before = lines(ledger)
    ledger.path.write_text("".join(before[i] + "\n" for i in order))
    with pytest.raises(Refused, match="broken"):
        ledger.entries()


def test_a_torn_last_line_is_found(ledger: Ledger) -> None:
    ledger.path.write_text(ledger.path.read_text()[:-20])
    with pytest.raises(Refused, match="line 3"):
        ledger.entries()


def test_the_same_request_has_the_stored_bytes(ledger: Ledger) -> None:
    stored = ledger.stored(digest(1))
    assert stored is not None
    assert (stored / "a.csv").read_bytes() == b"count\n1\n"
    assert ledger.stored(digest(7)) is None


def test_what_was_stored_is_not_what_is_edited_later(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "out1" / "a.csv").write_text("count\n99\n")
    stored = ledger.stored(digest(1))
    assert stored is not None
    assert (stored / "a.csv").read_bytes() == b"count\n1\n"


def test_two_writers_at_once_make_one_chain(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()

    def write(number: int) -> None:
        own = Ledger(tmp_path / "ledger")
        with own.locked():
            own.append(digest(number), output, {"kind": "release"})

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry["seq"] for entry in Ledger(tmp_path / "ledger").entries()] == list(range(1, 13))
