"""Drills: when they are due, what remains after a kill, reports. `test_operations.py` runs whole ones."""

from __future__ import annotations

import fcntl
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.base import files, scratch_folders
from kerege.base.errors import Refused
from kerege.base.registry import Entry, Registry
from kerege.cli import restored_register
from kerege.core import audit, health_checks
from kerege.core.audit import daily_root
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.authorization import Actor
from kerege.core.restore_drills import (
    DrillReport,
    RestoredFacts,
    drill,
    jobs,
    newest_backup,
    read_report,
    report,
)

NOW = timezone.now()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder."""
    monkeypatch.setattr(files, "home", lambda: tmp_path)
    return tmp_path


def write(began: Any = NOW, **values: Any) -> None:
    """Write the report of a last drill."""
    report.write_report(DrillReport(began=began.isoformat(), backup="a.tar", **values))


def test_a_scratch_folder_is_removed_after_the_drill_also_after_an_error(home: Path) -> None:
    (home / "keys").mkdir()
    (home / "keys" / "a.key").write_text("key")
    with (
        pytest.raises(ValueError, match="broken"),
        scratch_folders.scratch_folder(home, scratch_folders.DRILL) as (folder, _),
    ):
        (folder / "keys").symlink_to(home / "keys")
        assert scratch_folders.is_in_use(home, scratch_folders.DRILL)
        assert scratch_folders.remove_leftovers(home) == 0
        assert folder.exists()
        raise ValueError("broken")
    assert list(home.iterdir()) == [home / "keys"]
    assert (home / "keys" / "a.key").read_text() == "key"


@pytest.mark.parametrize("with_lock", [True, False])
@pytest.mark.parametrize("prefix", scratch_folders.PREFIXES)
def test_the_folder_of_a_killed_drill_backup_or_restore_is_removed(home: Path, prefix: str, with_lock: bool) -> None:
    left = home / f"{prefix}left"
    left.mkdir()
    (left / "kerege.sqlite3").write_text("decrypted")
    if with_lock:
        (left / scratch_folders.LOCK).touch()
    jobs.start_due_drill(NOW)
    assert not left.exists()


def test_the_folder_of_a_running_drill_stays_and_no_second_one_starts(home: Path) -> None:
    running = home / f"{scratch_folders.DRILL}running"
    running.mkdir()
    handle = os.open(running / scratch_folders.LOCK, os.O_CREAT | os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX)
    jobs.start_due_drill(NOW)
    assert running.exists()
    with pytest.raises(Refused, match="another drill runs"):
        drill.run_drill(Actor.system(), home / "a.tar")
    os.close(handle)


@pytest.mark.parametrize(
    ("values", "age", "is_due"),
    [
        ({"ended": "x", "ok": True}, timedelta(days=6), False),
        ({"ended": "x", "ok": True}, timedelta(days=7), True),
        ({"ended": "x", "ok": False}, timedelta(hours=23), False),
        ({"ended": "x", "ok": False}, timedelta(days=1), True),
        ({}, timedelta(days=1), True),
        ({"ended": "x", "ok": True}, timedelta(days=-1), True),  # the clock was set back
    ],
)
def test_a_drill_is_due_a_week_after_a_good_one_and_a_day_after_another(
    values: dict[str, Any], age: timedelta, is_due: bool
) -> None:
    assert jobs.is_due(NOW)
    write(NOW - age, **values)
    assert jobs.is_due(NOW) == is_due


def test_a_due_drill_starts_in_a_process_of_its_own(home: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    monkeypatch.setattr(jobs.subprocess, "Popen", lambda command, **_: started.append(command))
    monkeypatch.setattr(jobs, "_started", [])
    settings.BACKUPS = str(home / "backups")
    jobs.start_due_drill(NOW)
    assert started == []
    (home / "backups").mkdir()
    (home / "backups" / "a.tar").touch()
    jobs.start_due_drill(NOW)
    assert [command[-1] for command in started] == [jobs.COMMAND]


def test_the_newest_backup_is_the_one_that_was_written_last(home: Path) -> None:
    assert newest_backup(home) is None
    for name, time in (("a.tar", 20), ("b.tar", 10), ("c.keys", 30)):
        (home / name).touch()
        os.utime(home / name, (time, time))
    assert newest_backup(home) == home / "a.tar"


def test_a_damaged_report_counts_as_none(home: Path) -> None:
    write()
    report.report_path().write_text("{")
    assert read_report() is None


@pytest.mark.parametrize(
    ("values", "age", "state", "words"),
    [
        ({"ended": "x", "ok": True}, timedelta(days=1), "ok", "a.tar on"),
        ({"ended": "x", "ok": True}, timedelta(days=15), "warn", "does the worker run"),
        ({"ended": "x", "reason": "it broke"}, timedelta(days=1), "fail", "it broke"),
        ({}, timedelta(hours=2), "warn", "did not end"),
        ({}, timedelta(minutes=2), "ok", "runs since"),
    ],
)
def test_doctor_reports_the_last_drill(
    home: Path, settings: Any, values: dict[str, Any], age: timedelta, state: str, words: str
) -> None:
    settings.BACKUPS = ""
    assert "set KEREGE_BACKUPS" in health_checks.restore_drill().words
    settings.BACKUPS = str(home)
    assert health_checks.restore_drill().state == "fail"
    (home / "a.tar").touch()
    assert "none yet" in health_checks.restore_drill().words
    write(timezone.now() - age, **values)
    check = health_checks.restore_drill()
    assert (check.state, words in check.words) == (state, True), check.words


def test_doctor_reports_that_the_newest_backup_is_old(home: Path, settings: Any) -> None:
    settings.BACKUPS = str(home)
    (home / "a.tar").touch()
    os.utime(home / "a.tar", (10, 10))
    write(timezone.now(), ended="x", ok=True)
    assert "older than 2 days" in health_checks.restore_drill().words


def facts(**values: Any) -> RestoredFacts:
    """Return the facts of a restored backup that is in order."""
    known = {"created": "x", "migrations": 0, "rows": 9, "opened": {}, "reason": "", "differing": []}
    head = AuditEvent.objects.get(seq=1)
    return RestoredFacts(**(known | {"seq": 1, "hash": head.hash} | values))


@pytest.mark.django_db
def test_a_backup_must_fit_its_manifest_this_register_and_the_daily_roots(home: Path) -> None:
    archive = home / "a.tar"
    audit.record(Actor.system("tests"), "test.act")
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(NOW)
    copy = archive.with_suffix(".roots")
    copy.write_text(daily_root.path().read_text())
    assert drill._difference(facts(), archive) == ""
    assert "rows differs from the manifest in vault_case" in drill._difference(facts(differing=["vault_case"]), archive)
    assert "another one in this register" in drill._difference(facts(hash="x"), archive)
    assert "another one in this register" in drill._difference(facts(seq=99), archive)
    copy.write_text(copy.read_text() + "a later root\n")
    assert "daily roots that this register lacks" in drill._difference(facts(), archive)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "reason"), [(None, ""), (ValueError, "sample: a value cannot be decrypted (ValueError)")]
)
def test_a_value_that_does_not_open_fails_the_drill(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | None, reason: str
) -> None:
    def sample() -> int:
        if error:
            raise error("with data")
        return 3

    checks: Registry[Any] = Registry("checks")
    checks.add(Entry("sample", sample))
    monkeypatch.setattr("kerege.cli.restored_register.restore_checks", checks)
    assert restored_register.check_content() == ({} if error else {"sample": 3}, reason)


@pytest.mark.django_db
def test_a_broken_chain_fails_the_drill() -> None:
    audit.record(Actor.system("tests"), "test.act")
    AuditHead.objects.filter(pk=1).update(seq=2, hash="x")
    assert "the audit chain is broken at event 2" in restored_register.check_content()[1]
