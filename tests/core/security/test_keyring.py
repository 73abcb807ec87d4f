"""The key ring: files that only the owner reads, and no silent replacement of a missing key."""

from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path
from typing import get_args

import pytest

from kerege.base import files, key_seal
from kerege.base.errors import Refused
from kerege.cli import keys
from kerege.core.backup import key_file
from kerege.core.security import keyring
from kerege.core.security.key_events import SealedValues, collect_sealed
from kerege.core.security.keyring import PURPOSES, KeyRing, MissingKey
from tests.registries import connected


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


def test_the_first_use_makes_a_key_that_only_its_owner_reads(ring: KeyRing) -> None:
    key_id, key = ring.current("kek")
    path = ring.folder / f"{key_id}.key"
    assert len(key) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ring.folder.stat().st_mode) == 0o700
    assert ring.current("kek") == (key_id, key)


def test_a_key_and_its_name_are_on_the_disk_before_it_is_used(ring: KeyRing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut after the first record took its key: nobody could read the person any more."""
    synced: list[tuple[str, bool]] = []

    def note(*paths: Path) -> None:
        synced.extend((path.suffix or path.name, any(ring.folder.glob("kek-*.key"))) for path in paths)

    monkeypatch.setattr(files, "sync", note)
    ring.current("kek")
    assert synced == [(".key", False), ("keys", True)]


def test_the_command_rotates_a_key_of_each_purpose() -> None:
    assert get_args(keys.Purpose) == tuple(PURPOSES)


def test_purposes_do_not_share_keys(ring: KeyRing) -> None:
    assert ring.current("kek")[1] != ring.current("index")[1]
    with pytest.raises(MissingKey):
        ring.get("index", ring.current("kek")[0])


def test_after_a_rotation_old_keys_stay_until_they_are_removed(ring: KeyRing) -> None:
    old_id, old = ring.current("kek")
    new_id = ring.rotate("kek")
    assert ring.current("kek")[0] == new_id != old_id
    assert ring.get("kek", old_id) == old
    ring.remove(old_id)
    with pytest.raises(MissingKey):
        ring.get("kek", old_id)
    assert ring.ids("kek") == [new_id]


def test_two_changes_with_one_modification_time_are_seen(ring: KeyRing) -> None:
    """The clock of a file system does not move for some milliseconds."""
    old_id, _ = ring.current("kek")
    new_id = ring.rotate("kek")
    at = time.time_ns()
    os.utime(ring.folder, ns=(at, at))
    assert ring.ids("kek") == [old_id, new_id]
    (ring.folder / f"{old_id}.key").unlink()
    os.utime(ring.folder, ns=(at, at))
    assert ring.ids("kek") == [new_id]


def test_the_newest_key_and_an_unknown_one_are_not_removed(ring: KeyRing) -> None:
    key_id, _ = ring.current("kek")
    with pytest.raises(Refused, match="newest"):
        ring.remove(key_id)
    for name in ("kek-0009-abcdef", "../kek", "other-0001-abcdef"):
        with pytest.raises(MissingKey):
            ring.remove(name)
    assert ring.ids("kek") == [key_id]


def test_another_process_sees_a_rotation(ring: KeyRing) -> None:
    other = KeyRing(ring.folder)
    other.current("kek")
    new_id = ring.rotate("kek")
    assert other.current("kek")[0] == new_id


def test_a_missing_key_is_an_error_and_is_not_replaced(ring: KeyRing) -> None:
    key_id, _ = ring.current("kek")
    (ring.folder / f"{key_id}.key").unlink()
    with pytest.raises(MissingKey, match=key_id):
        KeyRing(ring.folder).get("kek", key_id)


def test_simultaneous_first_uses_agree_on_one_key(ring: KeyRing) -> None:
    names: list[str] = []
    threads = [threading.Thread(target=lambda: names.append(KeyRing(ring.folder).current("kek")[0])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(names)) == 1
    assert len(ring.ids("kek")) == 1


def test_an_unknown_purpose_is_an_error(ring: KeyRing) -> None:
    with pytest.raises(ValueError, match="purpose"):
        ring.current("everything")


@pytest.mark.django_db
def test_the_system_does_not_start_without_a_key_that_the_database_names() -> None:
    from kerege.core import health

    keyring.keyring().current("kek")
    health.require_healthy()

    def sealed(sender: object, **kwargs: object) -> list[SealedValues]:
        return [SealedValues("keys", "kek-0009-abcdef", 1)]

    with connected(collect_sealed, sealed), pytest.raises(Refused, match="kek-0009-abcdef"):
        health.require_healthy()
    health.require_healthy()


# -- sealed under a master key -----------------------------------------------------------------------------------------
def texts(ring: KeyRing) -> list[str]:
    return [path.read_text() for path in sorted(ring.folder.glob("*.key"))]


def test_key_files_are_sealed_and_sealed_again_under_another_master_key(
    ring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_id, key = ring.current("kek")
    age = ring.created_at(key_id)
    assert ring.clear_files() == [f"{key_id}.key"]
    monkeypatch.setenv(key_seal.COMMAND, f"echo {'ab' * 32}")
    assert ring.seal_files() == 1
    new_id = ring.rotate("kek")
    assert ring.clear_files() == []
    assert not any(key.hex() in text for text in texts(ring))
    read_anew = KeyRing(ring.folder)
    assert read_anew.get("kek", key_id) == key
    assert read_anew.created_at(key_id) == age
    old_command = key_seal.key_command()
    monkeypatch.setenv(key_seal.COMMAND, f"echo {'cd' * 32}")
    monkeypatch.setenv(key_seal.OLD_COMMAND, old_command)
    assert ring.seal_files() == 2
    monkeypatch.delenv(key_seal.OLD_COMMAND)
    assert KeyRing(ring.folder).get("kek", key_id) == key
    assert KeyRing(ring.folder).get("kek", new_id) == ring.get("kek", new_id)


def test_a_backup_of_sealed_keys_opens_without_the_master_key(
    ring: KeyRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(key_seal.COMMAND, f"echo {'ab' * 32}")
    monkeypatch.setattr(key_file, "COST", key_file.ScryptCost(n=2, r=8, p=1))
    key_id, key = ring.current("kek")
    key_file.seal_keys(ring.folder, tmp_path / "out.keys", "a long passphrase")
    monkeypatch.delenv(key_seal.COMMAND)
    key_file.open_keys(tmp_path / "out.keys", tmp_path / "elsewhere", "a long passphrase")
    assert KeyRing(tmp_path / "elsewhere").get("kek", key_id) == key
