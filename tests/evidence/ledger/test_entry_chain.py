"""The file of entries detects edits, serialises writers and survives a crash."""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path

import pytest

from kerege.base import hashes
from kerege.base.errors import Refused
from kerege.evidence.ledger.entry import EnteredCohort, EntryContents, digest
from kerege.evidence.ledger.entry_chain import START
from kerege.evidence.ledger.ledger import Ledger
from tests.evidence.made_ledgers import add, filled, lines


def test_the_chain_holds(ledger: Ledger) -> None:
    entries = ledger.entries()
    assert [entry.seq for entry in entries] == [1, 2, 3]
    assert entries[2].prev == entries[1].hash


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


def rewritten(ledger: Ledger, number: int, changes: dict[str, object]) -> None:
    """Change an entry and compute all later hashes again, as a newer version or a forger would write them."""
    prev, written = "0" * 64, []
    for position, line in enumerate(lines(ledger), start=1):
        content = json.loads(line) | (changes if position == number else {}) | {"prev": prev}
        del content["hash"]
        prev = digest(content)
        written.append(json.dumps(content | {"hash": prev}))
    ledger.path.write_text("\n".join(written) + "\n")
    ledger.head.write_text(json.dumps({"seq": len(written), "hash": prev}))


def test_keys_of_a_newer_version_are_kept_and_stay_in_the_hash(ledger: Ledger) -> None:
    rewritten(ledger, 2, {"witness": "somewhere", "cohort": {"column": "year", "values": ["2024"], "since": 2020}})
    entry = ledger.entries()[1]
    assert json.loads(entry.line) == json.loads(lines(ledger)[1])
    assert entry.tree["witness"] == "somewhere"
    ledger.path.write_text(ledger.path.read_text().replace("somewhere", "elsewhere"))
    with pytest.raises(Refused, match="line 2"):
        ledger.entries()


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"rho": "0.1"}, "rho"),
        ({"rho": -0.5}, "rho"),
        ({"rho": True}, "rho"),
        ({"snapshots": [{"unit": 7}]}, r"snapshots\[0\]\.unit"),
        ({"cohort": {"column": "year", "values": []}}, r"cohort\.values"),
        ({"ceiling": None, "period": None}, "period"),
    ],
)
def test_an_entry_with_a_value_that_cannot_be_charged_is_refused_by_its_number(
    ledger: Ledger, changes: dict[str, object], place: str
) -> None:
    rewritten(ledger, 2, changes)
    with pytest.raises(Refused, match=f"entry 2 of the ledger has no valid {place}: read it with the version"):
        ledger.entries()


def test_numbers_are_written_as_they_were_given(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    add(ledger, 0, rho=0, delta=0.0, seed=7)
    add(ledger, 1, rho=1e-300, params={"D": 8, "V": 3.0, "by": ["sex"]})
    texts = lines(ledger)
    assert '"delta": 0.0' in texts[0]
    assert '"rho": 0,' in texts[0]
    assert '"params": {"D": 8, "V": 3.0, "by": ["sex"]}' in texts[1]
    assert [entry.line for entry in ledger.entries()] == texts


def test_two_writers_at_once_make_one_chain(tmp_path: Path) -> None:
    output = tmp_path / "out"
    output.mkdir()

    def write(number: int) -> None:
        own = Ledger(tmp_path / "ledger")
        with own.locked():
            own.append(digest(number), output, EntryContents(kind="release"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.seq for entry in Ledger(tmp_path / "ledger").entries()] == list(range(1, 13))


def test_a_line_cut_off_by_a_crash_is_dropped_wherever_it_was_cut(tmp_path: Path) -> None:
    """The crash happened during the third line: the head is still at the second."""
    ledger = filled(tmp_path / "ledger", 2)
    content, head = ledger.path.read_bytes(), ledger.head.read_bytes()
    add(ledger, 2)
    line = ledger.path.read_bytes()[len(content) :]
    for cut in range(1, len(line) - 1, 7):
        ledger.path.write_bytes(content + line[:cut])
        ledger.head.write_bytes(head)
        assert len(ledger.entries()) == 2
        assert ledger.stored(digest(2)) is None  # its output exists, but was never released
        assert "cut off" in ledger.torn()
        assert ledger.spent("2025") == pytest.approx(0.02)
    entry = add(ledger, 2)
    assert entry.seq == 3
    assert entry.dropped
    assert len(Ledger(tmp_path / "ledger").entries()) == 3
    assert not ledger.torn()


def test_a_line_without_its_line_break_counts(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    content, head = ledger.path.read_bytes(), ledger.head.read_bytes()
    add(ledger, 2)
    ledger.path.write_bytes(ledger.path.read_bytes()[:-1])
    ledger.head.write_bytes(head)
    assert ledger.spent("2025") == pytest.approx(0.03)
    add(ledger, 3)
    assert [entry.seq for entry in ledger.entries()] == [1, 2, 3, 4]
    assert ledger.path.read_bytes().startswith(content)


def test_a_crash_between_line_and_head_is_repaired(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    head = ledger.head.read_bytes()
    add(ledger, 1)
    ledger.head.write_bytes(head)
    assert ledger.stored(digest(1)) is not None  # it was charged
    add(ledger, 2)
    assert json.loads(ledger.head.read_text())["seq"] == 3


@pytest.mark.parametrize("lines", [0, 1, 2])
def test_a_truncated_ledger_is_refused(tmp_path: Path, lines: int) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    remaining = ledger.path.read_bytes().splitlines(keepends=True)[:lines]
    for tail in (b"", b'{"half": '):
        ledger.path.write_bytes(b"".join(remaining) + tail)
        with pytest.raises(Refused, match=f"broken at line {lines + 1}"):
            ledger.entries()
        with pytest.raises(Refused):
            add(ledger, 9)


def test_an_old_ledger_without_a_head_is_read_and_given_one(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    ledger.head.unlink()
    assert len(ledger.entries()) == 2
    ledger.path.write_bytes(ledger.path.read_bytes()[:-9])
    with pytest.raises(Refused, match="line 2"):
        ledger.entries()
    ledger.path.write_bytes(b"")
    add(ledger, 5)
    assert ledger.head.exists()


def test_a_head_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    for content in ("", "[]", "{}", "{"):
        ledger.head.write_text(content)
        with pytest.raises(Refused, match="head of the ledger"):
            ledger.entries()


def test_a_full_disk_leaves_the_ledger_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    before = ledger.path.read_bytes()
    real = os.fsync

    def full(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink() == ledger.path:
            raise OSError(28, "No space left on device")
        real(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        add(ledger, 2)
    monkeypatch.undo()
    assert ledger.path.read_bytes() == before
    add(ledger, 2)
    assert len(ledger.entries()) == 3


@pytest.mark.parametrize("rho", [-0.1, float("nan"), float("inf"), "0.1"])
def test_an_invalid_loss_is_refused(tmp_path: Path, rho: object) -> None:
    with pytest.raises(ValueError, match="rho"):
        add(Ledger(tmp_path / "ledger"), 0, rho=rho)


def test_the_first_entry_follows_64_zeros_and_each_later_one_its_predecessor(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    entries = ledger.entries()
    assert [entry.prev for entry in entries] == [START, *(entry.hash for entry in entries[:-1])]
    assert START == "0" * 64
    for line in lines(ledger):
        content = json.loads(line)
        assert content.pop("hash") == digest(content)


def test_the_head_names_the_last_entry_after_each_one(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    for number in range(3):
        entry = add(ledger, number)
        assert json.loads(ledger.head.read_text()) == {"seq": number + 1, "hash": entry.hash}


def test_a_head_with_another_hash_is_refused_by_its_line(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 3)
    ledger.head.write_text(json.dumps({"seq": 2, "hash": "f" * 64}))
    with pytest.raises(Refused, match="the ledger is broken at line 2; restore it from the backup"):
        ledger.entries()


def test_a_head_without_entries_fits_an_empty_ledger_and_no_other_start(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    ledger.folder.mkdir()
    ledger.head.write_text(json.dumps({"seq": 0, "hash": START}))
    assert ledger.entries() == []
    add(ledger, 1)
    assert [entry.seq for entry in ledger.entries()] == [1]


def test_a_lost_file_of_entries_is_refused_with_the_entry_that_the_head_names(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    ledger.path.unlink()
    with pytest.raises(Refused) as refused:
        ledger.entries()
    assert str(refused.value) == (
        f"the ledger is lost: {ledger.path} is not there, and ledger.head names entry 2; restore the folder from the "
        "backup"
    )


def test_a_dropped_line_leaves_its_hash_in_the_next_entry(tmp_path: Path) -> None:
    """A later reader can tell that a line was cut off there, and compare it with a backup."""
    ledger = filled(tmp_path / "ledger", 1)
    before = ledger.path.read_bytes()
    torn = b'{"kind": "release", "rho": 0.5'
    ledger.path.write_bytes(before + torn)
    entry = add(ledger, 1)
    assert entry.dropped == hashlib.sha256(torn).hexdigest()
    assert ledger.path.read_bytes().startswith(before + b'{"')
    assert torn not in ledger.path.read_bytes()
    assert add(ledger, 2).dropped == ""


@pytest.mark.parametrize("line", ["[]", '"text"', "7", "null", "{}", "not json"])
def test_a_line_that_is_no_entry_breaks_the_chain(tmp_path: Path, line: str) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    ledger.path.write_text(ledger.path.read_text() + line + "\n")
    with pytest.raises(Refused, match="the ledger is broken at line 2; restore it from the backup"):
        ledger.entries()


def test_an_entry_draws_a_reserve_with_a_tolerance_for_rounding(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 0)
    about = EntryContents(series="s", cohort=EnteredCohort(column="year", values=["2025"]))
    with ledger.locked():
        ledger.reserve("2025", 0.3, about)
    for number in range(3):
        add(ledger, number, reserved=-0.1 - 1e-12, **about.tree)
    with pytest.raises(ValueError, match="no more than was set aside"):
        add(ledger, 3, reserved=-1e-6, **about.tree)
    assert len(ledger.entries()) == 4


def test_a_ledger_goes_on_under_another_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    monkeypatch.setenv(hashes.VARIABLE, "SHA3-256")
    add(ledger, 1)
    monkeypatch.delenv(hashes.VARIABLE)
    add(ledger, 2)
    assert [entry.hashed_by for entry in ledger.entries()] == ["", "SHA3-256", ""]
    ledger.path.write_text(ledger.path.read_text().replace("SHA3-256", "SHA-256"))
    with pytest.raises(Refused, match="broken at line 2"):
        ledger.entries()
