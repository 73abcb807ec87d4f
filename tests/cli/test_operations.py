"""Set-up, start, doctor, audit and keys of a production register, as an operator runs them."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.operations_driver import (
    ADMIN,
    files_of,
    kerege,
    python,
    starter,
)
from tests.vocabulary.pack.pack_folder import copy_pack, replace_text


@pytest.fixture(scope="module", autouse=True)
def _end_starter() -> Iterator[None]:
    """End the starter after the last test."""
    yield
    starter().close()
    starter.cache_clear()


def test_the_server_needs_a_database(tmp_path: Path) -> None:
    answer = kerege(tmp_path, "worker", "--once")
    assert answer.returncode == 1
    assert "run kerege migrate" in answer.stderr


def test_a_second_set_up_is_refused(built: Path) -> None:
    second_run = kerege(built, *ADMIN)
    assert (second_run.returncode, second_run.stdout) == (1, "")
    assert "not empty" in second_run.stderr


def test_an_unknown_agency_kind_is_refused_and_nothing_is_written(empty_home: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(empty_home, tmp_path / "home"))
    answer = kerege(home, *[word.replace("social_protection", "circus") for word in ADMIN])
    assert answer.returncode == 2
    assert answer.stderr.startswith("error: ")
    assert "kind" in answer.stderr
    assert "Traceback" not in answer.stderr
    with sqlite3.connect(home / "kerege.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM accounts_agency").fetchone() == (0,)


def test_the_demo_never_touches_a_production_register(home: Path) -> None:
    for extra in ([], ["--fresh"]):
        answer = kerege(home, "demo", "--no-serve", *extra)
        assert answer.returncode == 1
        assert "production register" in answer.stderr
    with sqlite3.connect(home / "kerege.sqlite3") as database:
        assert database.execute("SELECT username FROM accounts_user").fetchall() == [("aigul",)]


def test_a_demo_listens_on_this_machine_only(home: Path) -> None:
    answer = kerege(home, "serve", "--host", "0.0.0.0", KEREGE_DEMO="1")
    assert answer.returncode == 1
    assert "this machine only" in answer.stderr


def test_the_demo_flag_on_a_production_register_stops_the_start(home: Path) -> None:
    answer = kerege(home, "worker", "--once", KEREGE_DEMO="1")
    assert answer.returncode == 1
    assert "KEREGE_DEMO" in answer.stderr


def test_a_production_register_with_open_risks_is_not_served(home: Path) -> None:
    answer = kerege(home, "serve", "--host", "0.0.0.0", KEREGE_ACCEPT_RISKS="no-scanner")
    assert answer.returncode == 1
    assert "plain-http: " in answer.stderr
    assert "no-forwarding: " in answer.stderr
    assert "no-scanner: " not in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_worker_refuses_open_risks_too(home: Path) -> None:
    answer = kerege(home, "worker", "--once", KEREGE_ACCEPT_RISKS="no-scanner")
    assert answer.returncode == 1
    assert "no-forwarding: " in answer.stderr
    assert "no-scanner: " not in answer.stderr


def test_a_register_behind_a_proxy_that_nobody_named_is_no_trial(home: Path) -> None:
    answer = kerege(home, "serve", KEREGE_HTTPS="0", KEREGE_HOSTS="kerege.example.kz")
    assert answer.returncode == 1
    assert "this register is not a trial" in answer.stderr


def test_a_public_host_that_leaves_no_name_to_staff_is_refused(home: Path) -> None:
    answer = kerege(home, "doctor", KEREGE_HOSTS="kerege.example.kz", KEREGE_PUBLIC_HOST="Kerege.example.kz:443")
    assert answer.returncode == 2
    assert "KEREGE_PUBLIC_HOST leaves no host name for the pages of staff" in answer.stderr


def test_another_kind_of_database_does_not_pass_by_the_rules_of_tls(home: Path) -> None:
    answer = kerege(home, "doctor", DATABASE_URL="postgis://kerege@db.example/kerege?sslmode=disable")
    assert answer.returncode == 2
    assert "postgis:// is not a database of Kerege" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_unverified_connection_to_another_machine_stops_every_command(home: Path) -> None:
    answer = kerege(home, "doctor", DATABASE_URL="postgresql://kerege@db.example/kerege?sslmode=require")
    assert answer.returncode == 2
    assert "add plain-database to KEREGE_ACCEPT_RISKS" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_the_doctor_lists_what_is_unconfirmed_and_fails_on_open_key_files(home: Path) -> None:
    well = kerege(home, "doctor", "--json")
    report = json.loads(well.stdout)
    assert well.returncode == 0, report
    assert report["unconfirmed"]
    key = next((home / "keys").glob("*.key"))
    key.chmod(0o644)
    ill = kerege(home, "doctor")
    assert ill.returncode == 1
    assert key.name in ill.stdout


def test_audit_verify_names_the_first_row_that_was_tampered_with(home: Path) -> None:
    with sqlite3.connect(home / "kerege.sqlite3") as database:
        database.execute("DROP TRIGGER audit_auditevent_no_update")
        database.execute("UPDATE audit_auditevent SET actor = 'nobody' WHERE seq = 1")
    answer = kerege(home, "audit", "verify", "--json")
    assert answer.returncode == 1
    assert json.loads(answer.stdout)["first_broken"] == 1
    assert "event 1" in answer.stderr


def test_key_rotation_makes_a_new_key_and_keeps_the_old_one(home: Path) -> None:
    before = set(files_of(home / "keys"))
    answer = kerege(home, "keys", "rotate")
    assert answer.returncode == 0, answer.stderr
    assert before < set(files_of(home / "keys"))
    assert kerege(home, "keys", "reindex", "--new-key").returncode == 0


FIRST, SECOND = f"echo {'ab' * 32}", f"echo {'cd' * 32}"  # commands of two master keys


def test_the_master_key_changes_as_documented_and_an_interrupted_change_is_resumed(home: Path) -> None:
    assert kerege(home, "keys", "seal", KEREGE_KEY_COMMAND=FIRST).returncode == 0
    sealed = files_of(home / "keys")
    refused = kerege(home, "keys", "seal", KEREGE_KEY_COMMAND=SECOND)
    assert refused.returncode == 1
    assert "kerege keys seal --old-command COMMAND" in refused.stderr
    changed = kerege(home, "keys", "seal", "--old-command", FIRST, KEREGE_KEY_COMMAND=SECOND)
    assert changed.returncode == 0, changed.stderr
    # a power cut after the second file
    for name in sorted(sealed)[2:]:
        (home / "keys" / name).write_text(sealed[name])
    resumed = kerege(home, "keys", "seal", "--old-command", FIRST, KEREGE_KEY_COMMAND=SECOND)
    assert resumed.returncode == 0, resumed.stderr
    assert kerege(home, "keys", "rotate", KEREGE_KEY_COMMAND=SECOND).returncode == 0


KILLED = """
import os, signal
from kerege.casework.vault.services import files as stored
from kerege.casework.vault.models.identities import DataKey; from kerege.casework.vault.models.files import StoredFile
StoredFile.save = lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL)
stored.keep(DataKey.objects.get(), b"Canary-file", "pdf")
"""


SWEEP = """
from datetime import timedelta
from django.utils import timezone
from kerege.casework.vault.services import files as stored
from kerege.casework.vault.models.files import StoredFile
stored.sweep(timezone.now() + timedelta(hours=2))
print(StoredFile.objects.count())
"""


def test_a_process_killed_between_file_and_row_leaves_neither(home: Path) -> None:
    assert python(home, KILLED) == "-9"
    [left] = [path for path in (home / "uploads").rglob("*") if path.is_file()]
    assert b"Canary" not in left.read_bytes()  # and its key was never stored
    assert python(home, SWEEP) == "0"
    assert not left.exists()


def test_retention_lists_by_default_and_runs_only_what_was_approved(home: Path) -> None:
    listed = kerege(home, "retention")
    assert (listed.returncode, listed.stdout.strip()) == (0, "nothing is due"), listed.stderr
    assert kerege(home, "retention", "--dry-run", "--json").stdout.strip() == "[]"
    assert kerege(home, "retention", "--run").stdout.strip() == "nothing is approved"
    assert kerege(home, "retention", "--run", "--dry-run").returncode == 2


def test_a_new_version_of_the_pack_is_compared_before_it_is_installed(home: Path, tmp_path: Path) -> None:
    folder = copy_pack(tmp_path / "pack")
    replace_text(folder / "profile.toml", "business_days = 10", "business_days = 12")
    answer = kerege(home, "pack", "diff", str(folder))
    assert answer.returncode == 0, answer.stderr
    assert "clocks.identification_decision: business_days=10" in answer.stdout
    assert "; 0 clocks that run keep the days under which they began" in answer.stdout


def test_a_migration_notes_the_deadlines_in_force(home: Path) -> None:
    assert kerege(home, "migrate").returncode == 0
    (entry,) = json.loads((home / "packs" / "kz" / "clocks.json").read_text())
    assert entry["days"]["identification_decision"] == 10
