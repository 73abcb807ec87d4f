"""Backup, restore and drill: nothing in the clear, nothing overwritten, nothing lost unsaid."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kerege.core.backup import archive, key_file
from kerege.core.security.keyring import KeyRing
from tests.cli.operations_driver import (
    MANIFEST,
    PASSPHRASE,
    files_of,
    kerege,
    kerege_alone,
    python,
    starter,
)


@pytest.fixture(scope="module", autouse=True)
def _end_starter() -> Iterator[None]:
    """End the starter after the last test."""
    yield
    starter().close()
    starter.cache_clear()


READ = """
from kerege.casework.vault.queries import identities as queries
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import audit
from kerege.core.authorization import Actor
actor = Actor.system()
with audit.act(actor, "vault.read"):
    print(queries.read(actor, IdentityRecord.objects.get())["names"][0]["family"])
"""


def test_a_backup_holds_no_key_in_the_clear(built: Path, backup: Path) -> None:
    assert not [key for key in files_of(built / "keys").values() if key.strip().encode() in backup.read_bytes()]
    sealed = backup.with_suffix(".keys").read_text()
    assert not [key for key in files_of(built / "keys").values() if key in sealed]


def test_a_guess_of_the_passphrase_takes_128_mebibytes(built: Path, tmp_path: Path) -> None:
    key_file.seal_keys(built / "keys", tmp_path / "out.keys", PASSPHRASE)
    cost = json.loads((tmp_path / "out.keys").read_text())["scrypt"]
    assert 128 * cost["n"] * cost["r"] >= 128 * 2**20


def test_a_destroyed_register_can_be_restored(built: Path, backup: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    answer = kerege_alone(home, "restore", str(backup))
    assert answer.returncode == 0, answer.stderr
    assert "unbroken" in answer.stderr
    assert files_of(home / "keys") == files_of(built / "keys")
    assert (home / "releases" / "annual" / "manifest.json").read_text() == MANIFEST
    assert python(home, READ) == "Canary"
    assert kerege_alone(home, "worker", "--once", KEREGE_HTTPS="0").returncode == 0


def test_a_backup_shows_nothing_without_its_key(backup: Path, saved: Path) -> None:
    content = saved.read_bytes()
    for word in (b"SQLite format", b"aigul", b"manifest.json", b"annual"):
        assert word not in content


def test_a_forged_backup_is_refused(backup: Path, tmp_path: Path) -> None:
    """The thief of a backup changes a value and computes the hash of the manifest again."""
    (tmp_path / "forged").mkdir()
    for name, text in (("database", "x"), ("manifest.json", "{}")):
        (tmp_path / "forged" / name).write_text(text)
    with tarfile.open(backup, "w") as tar:
        tar.add(tmp_path / "forged", ".")
    answer = kerege(tmp_path / "new", "restore", str(backup))
    assert answer.returncode == 2
    assert "not encrypted" in answer.stderr
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_is_verified_without_a_restore(built: Path, backup: Path) -> None:
    answer = kerege(built, "backup", str(backup), "--verify")
    assert answer.returncode == 0, answer.stderr
    assert "complete and unchanged" in answer.stderr
    damaged = bytearray(backup.read_bytes())
    damaged[-1] ^= 1
    backup.write_bytes(damaged)
    assert kerege(built, "backup", str(backup), "--verify").returncode == 2


LAST_EVENT = """
from kerege.core.audit.models import AuditEvent
print(AuditEvent.objects.filter(action="system.drill").order_by("seq").last().details)
"""


def test_a_drill_restores_the_newest_backup_and_leaves_nothing_but_its_report(home: Path, backup: Path) -> None:
    answer = kerege(home, "backup", "--drill", KEREGE_BACKUPS=str(backup.parent))
    assert answer.returncode == 0, answer.stderr
    assert "the key ring of this home opened a sample: 1 identities, 0 files" in answer.stderr
    report = json.loads((home / "audit" / "drill.json").read_text())
    assert (report["ok"], report["facts"]["differing"], report["facts"]["opened"]["identities"]) == (True, [], 1)
    assert report["facts"]["rows"] > 0
    assert "'ok': True" in python(home, LAST_EVENT)
    assert not list(home.glob(".drill-*"))
    assert (home / "keys").is_dir()


def test_a_drill_opens_the_key_file_with_its_passphrase(home: Path, backup: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(PASSPHRASE)
    answer = kerege(home, "backup", str(backup), "--drill", "--passphrase-file", str(secret))
    assert answer.returncode == 0, answer.stderr
    assert "the key file opened a sample: 1 identities" in answer.stderr
    secret.write_text("another passphrase")
    answer = kerege(home, "backup", str(backup), "--drill", "--passphrase-file", str(secret))
    assert (answer.returncode, "does not open" in answer.stderr) == (1, True)


def test_a_drill_reports_a_backup_that_is_whole_and_whose_values_do_not_open(
    home: Path, backup: Path, tmp_path: Path
) -> None:
    ring, inside = KeyRing(home / "keys"), tmp_path / "inside"
    contents = archive.unpack(backup, inside, lambda key_id: ring.get("backup", key_id))
    with closing(sqlite3.connect(inside / "database")) as database:
        database.execute("UPDATE vault_identityversion SET ciphertext = zeroblob(80)")
        database.commit()
    archive.pack(inside, inside / "database", "sqlite", backup, ring.current("backup"), contents.rows)
    answer = kerege(home, "backup", str(backup), "--drill")
    assert answer.returncode == 1, answer.stderr
    assert "identities: a value cannot be decrypted" in answer.stderr
    assert not list(home.glob(".drill-*"))


def test_a_backup_older_than_a_known_daily_root_is_refused(home: Path, backup: Path, tmp_path: Path) -> None:
    write = (
        "from kerege.core.audit import daily_root; from django.utils import timezone; daily_root.write(timezone.now())"
    )
    python(home, write)
    python(home, write)
    shutil.copy(home / "audit" / "roots.jsonl", backup.with_suffix(".roots"))
    answer = kerege(tmp_path / "new", "restore", str(backup))
    assert answer.returncode == 1
    assert "older than" in answer.stderr
    assert list((tmp_path / "new").iterdir()) == []
    assert kerege(tmp_path / "again", "restore", str(backup), "--older").returncode == 0


def test_a_restore_without_the_key_file_reports_the_loss(backup: Path, tmp_path: Path) -> None:
    backup.with_suffix(".keys").unlink()
    answer = kerege(tmp_path / "new", "restore", str(backup))
    assert answer.returncode == 1
    assert "the names of all persons are lost" in answer.stderr
    assert not (tmp_path / "new").exists()
    assert kerege(tmp_path / "new", "restore", str(backup), "--without-keys").returncode == 1


def test_a_wrong_passphrase_restores_nothing(backup: Path, tmp_path: Path) -> None:
    answer = kerege(tmp_path / "new", "restore", str(backup), KEREGE_BACKUP_PASSPHRASE="another passphrase")
    assert answer.returncode == 1
    assert "does not open" in answer.stderr
    assert list((tmp_path / "new").iterdir()) == []


def test_a_restore_never_overwrites_and_removes_what_a_killed_one_unpacked(home: Path, backup: Path) -> None:
    left = home / ".restore-left"
    left.mkdir()
    (left / "database").write_text("plain")
    answer = kerege(home, "restore", str(backup))
    assert answer.returncode == 1
    assert "not empty" in answer.stderr
    assert not left.exists()


def test_a_damaged_archive_is_refused_and_leaves_nothing(backup: Path, tmp_path: Path) -> None:
    damaged = bytearray(backup.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    backup.write_bytes(damaged)
    answer = kerege(tmp_path / "new", "restore", str(backup))
    assert answer.returncode == 2
    assert list((tmp_path / "new").iterdir()) == []


def test_a_backup_of_another_database_is_refused_and_a_retry_works(built: Path, backup: Path, tmp_path: Path) -> None:
    other, ring = tmp_path / "other.tar", KeyRing(built / "keys")
    key_of, inside = (lambda key_id: ring.get("backup", key_id)), tmp_path / "inside"
    inside.mkdir()
    archive.unpack(backup, inside, key_of)
    archive.pack(inside, inside / "database", "oracle", other, ring.current("backup"))
    answer = kerege(tmp_path / "new", "restore", str(other), "--keys", str(backup.with_suffix(".keys")))
    assert answer.returncode == 2
    assert "set DATABASE_URL" in answer.stderr
    second_run = kerege(tmp_path / "new", "restore", str(backup))
    assert second_run.returncode == 0, second_run.stderr


ERASE = """
from django.db import transaction
from kerege.casework.vault.services import erasure as erasing
from kerege.casework.vault.models.identities import Person
from kerege.core.authorization import Actor
erasing.erase(Actor.system("t"), Person.objects.get())
"""


READ_FILE = """
from kerege.casework.vault.services import files as stored
from kerege.casework.vault.models.files import StoredFile
try:
    print(stored.read(StoredFile.objects.get()).decode())
except Exception as error:
    print(type(error).__name__)
"""


KEEP_FILE = """
from kerege.casework.vault.services import files as stored
from kerege.casework.vault.models.identities import DataKey
stored.keep(DataKey.objects.get(), b"Canary-file", "pdf")
"""


def test_an_older_backup_restores_files_but_no_erased_person(home: Path, tmp_path: Path) -> None:
    python(home, KEEP_FILE)
    (home / "uploads" / ".part-being-written").write_bytes(b"half")
    old, newer = tmp_path / "b" / "old.tar", tmp_path / "b" / "newer.tar"
    old.parent.mkdir()
    assert kerege(home, "backup", str(old)).returncode == 0
    (inside := tmp_path / "inside").mkdir()
    ring = KeyRing(home / "keys")
    packed = archive.unpack(old, inside, lambda key_id: ring.get("backup", key_id)).sha256
    assert not [name for name in packed if ".part-" in name]
    assert b"Canary" not in b"".join((inside / name).read_bytes() for name in packed)
    # without erasures, everything is restored
    same = tmp_path / "same"
    answer = kerege(same, "restore", str(old))
    assert "give the newest log with --erasures" in answer.stderr
    assert (python(same, READ), python(same, READ_FILE)) == ("Canary", "Canary-file")
    # the person is erased; a later backup puts the log of erasures beside the older one
    python(home, ERASE)
    assert kerege(home, "backup", str(newer)).returncode == 0
    (old.parent / "stranger.erasures").write_text('{"on": "2026-01-01", "key": "x", "mac": "y"}\n')
    again = tmp_path / "again"
    answer = kerege(again, "restore", str(old))
    assert answer.returncode == 0, answer.stderr
    assert "erased again: 1 records, 1 files" in answer.stderr
    assert "left out" in answer.stderr
    assert (python(again, READ), python(again, READ_FILE)) == ("KeyError: 'names'", "Erased")
    assert "unbroken" in kerege(again, "audit", "verify").stdout
    assert not [path for path in (again / "uploads").rglob("*") if path.is_file()]
    # a log of another register stops the restore, without partial results
    third = kerege(tmp_path / "third", "restore", str(old), "--erasures", str(old.parent / "stranger.erasures"))
    assert third.returncode == 2
    assert not (tmp_path / "third" / "kerege.sqlite3").exists()
