"""The ledger keeps outputs unchanged, and nobody else can read them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kerege.base.errors import Refused
from kerege.evidence.ledger.entry import EntryContents, digest
from kerege.evidence.ledger.ledger import Ledger
from tests.evidence.made_ledgers import add, filled


def test_the_same_request_has_the_stored_bytes(ledger: Ledger) -> None:
    stored = ledger.stored(digest(1))
    assert stored is not None
    assert (stored / "a.csv").read_bytes() == b"count\n1\n"
    assert ledger.stored(digest(7)) is None


def test_a_later_edit_of_the_output_does_not_change_the_stored_copy(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "out1" / "a.csv").write_text("count\n99\n")
    stored = ledger.stored(digest(1))
    assert stored is not None
    assert (stored / "a.csv").read_bytes() == b"count\n1\n"


WRITER = """
import sys
from pathlib import Path
from tests.evidence.made_ledgers import add
from kerege.evidence.ledger.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]))
print("ready", flush=True)
for number in range(int(sys.argv[2]), 100000):
    add(ledger, number)
    print(number, flush=True)
"""


def test_a_killed_writer_leaves_a_usable_ledger(tmp_path: Path) -> None:
    """Every entry that the writer reported is there, and at most one more."""
    ledger, done = Ledger(tmp_path / "ledger"), -1
    for round_ in range(3):
        command = [sys.executable, "-c", WRITER, str(ledger.folder), str(len(ledger.entries()))]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.07 * round_)
            writer.send_signal(signal.SIGKILL)
            reported = [int(line) for line in writer.stdout.read().splitlines()]
        done = max([done, *reported])
        assert len(ledger.entries()) - (done + 1) in (0, 1)
        assert all(ledger.stored(digest(number)) is not None for number in reported)
    add(ledger, 100_001)


def test_an_output_that_was_changed_or_lost_is_refused(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 2)
    (ledger.folder / "outputs" / digest(0) / "a.csv").write_text("count\n7\n")
    (ledger.folder / "outputs" / digest(1) / "a.csv").unlink()
    for number in (0, 1):
        with pytest.raises(Refused, match=f"output of entry {number + 1}"):
            ledger.stored(digest(number))


def test_an_output_without_a_charge_is_stored_once(tmp_path: Path) -> None:
    """The second call returns the output of the first."""
    ledger, outputs = Ledger(tmp_path / "ledger"), []
    for number in range(2):
        output = tmp_path / str(number)
        output.mkdir()
        (output / "a.csv").write_text(str(number))
        outputs.append(ledger.keep("same", output, EntryContents(kind="microdata", rho=0)))
    assert [(output / "a.csv").read_text() for output in outputs] == ["0", "0"]
    assert len(ledger.entries()) == 1
    assert ledger.found("same") == outputs[0]


def test_only_the_owner_can_read_the_folder(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        ledger = filled(tmp_path / "ledger", 1)
        ledger.path.chmod(0o644)  # the mode that an earlier version set
        output = tmp_path / "deep"
        (output / "tables").mkdir(parents=True)
        (output / "tables" / "a.csv").write_text("count\n")
        (output / "tables" / "a.csv").chmod(0o644)
        with ledger.locked():
            ledger.append(digest("deep"), output, EntryContents(kind="release"))
    finally:
        os.umask(before)
    paths = [ledger.folder, *ledger.folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}


def test_an_entry_flushes_only_its_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync, flushed = os.fsync, []

    def counted(handle: int) -> None:
        flushed.append(Path(f"/proc/self/fd/{handle}").readlink().name)
        fsync(handle)

    monkeypatch.setattr(os, "fsync", counted)
    ledger, counts = Ledger(tmp_path / "ledger"), []
    for number in range(1, 20):
        flushed.clear()
        add(ledger, number)
        counts.append(len(flushed))
        assert {"a.csv", "outputs", "ledger", "ledger.jsonl"} <= set(flushed)
    assert len(set(counts[1:])) == 1


def test_an_output_that_was_never_stored_is_refused_where_it_must_exist(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    assert ledger.output(digest(0)) == ledger.folder / "outputs" / digest(0)
    with pytest.raises(
        Refused, match="the ledger does not have the output of this request: restore it from the backup"
    ):
        ledger.output(digest(1))
    assert ledger.found(digest(1)) is None


@pytest.mark.parametrize("change", ["rename", "add", "lose"])
def test_the_hash_of_an_output_covers_names_and_files(tmp_path: Path, change: str) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    folder = ledger.folder / "outputs" / digest(0)
    if change == "rename":
        (folder / "a.csv").rename(folder / "b.csv")
    elif change == "add":
        (folder / "b.csv").write_text("")
    else:
        (folder / "a.csv").unlink()
        folder.rmdir()
    with pytest.raises(Refused, match="the output of entry 1 of the ledger was lost or changed: restore the backup"):
        ledger.stored(digest(0))


def test_a_fingerprint_is_an_hmac_under_the_key_of_the_ledger(tmp_path: Path) -> None:
    """RFC 2104. Two ledgers give one file two names, so that nobody can test a guess of its rows."""
    first, second = (filled(tmp_path / name, 0) for name in ("first", "second"))
    fingerprints = []
    for ledger in (first, second):
        with ledger.locked():
            assert ledger.fingerprint("a" * 64, made=False) == ""
            fingerprints.append(ledger.fingerprint("a" * 64))
            assert ledger.fingerprint("a" * 64, made=False) == fingerprints[-1]
            assert ledger.fingerprint("b" * 64) != fingerprints[-1]
    assert fingerprints[0] != fingerprints[1]
    assert first.key.stat().st_mode & 0o777 == 0o600


def test_a_lost_key_is_refused_once_a_file_has_a_fingerprint(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger", 1)
    with ledger.locked():
        fingerprint = ledger.fingerprint("a" * 64)
    ledger.key.unlink()
    add(ledger, 1)  # no entry has a fingerprint: a new key renames nothing
    with ledger.locked():
        fingerprint = ledger.fingerprint("a" * 64)
    add(ledger, 2, snapshots=[{"unit": "victims", "fingerprint": fingerprint}])
    ledger.key.unlink()
    for made in (True, False):
        with ledger.locked(), pytest.raises(Refused, match=r"ledger\.key, was lost: restore it from the backup"):
            ledger.fingerprint("a" * 64, made=made)


def test_the_state_names_length_and_last_entry_under_the_key(tmp_path: Path) -> None:
    ledger, states = filled(tmp_path / "ledger", 0), []
    for number in range(3):
        with ledger.locked():
            states.append(ledger.state())
        add(ledger, number)
    assert [state.entries for state in states] == [0, 1, 2]
    assert len({state.name for state in states}) == 1
    assert states[0].hash == states[0].name  # there is no last entry
    assert states[2].hash == ledger.fingerprint(ledger.entries()[1].hash)
