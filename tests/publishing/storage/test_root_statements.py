"""Daily roots name the releases, and the verification compares the folders and the ledger with them."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.cli.audit import verify as verify_log
from kerege.core import audit
from kerege.core.audit import daily_root
from kerege.core.authorization import Actor
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.publishing.releases import health_checks
from kerege.publishing.releases.models import Release
from tests.evidence.made_ledgers import add

pytestmark = pytest.mark.django_db


def release(house: Path, name: str) -> None:
    """Write a folder with a manifest; roots read no other file of a release."""
    folder = house / "releases" / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.json").write_text(json.dumps({"format": "kerege-release/1", "created": name}))


def root(day: int = 0) -> dict[str, Any]:
    """Write a daily root and return it."""
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now() + timedelta(days=day))
    return dict(json.loads(daily_root.path().read_text().splitlines()[-1]))


def test_each_root_names_the_last_release_and_the_new_ones(house: Path) -> None:
    assert "releases" not in root(0)
    release(house, "2024")
    first = root(1)["releases"]
    release(house, "2025")
    second, third = root(2)["releases"], root(3)["releases"]
    assert (first["number"], second["number"], third["number"]) == (1, 2, 2)
    assert [item["folder"] for item in (*first["added"], *second["added"], *third["added"])] == ["2024", "2025"]
    assert first["last"] == first["added"][0]["manifest"]
    assert second["last"] == second["added"][0]["manifest"] == third["last"]
    assert audit.verify().ok


@pytest.mark.parametrize("damage", ["removed", "rolled back"])
def test_verification_finds_a_release_that_was_removed_or_rolled_back(house: Path, damage: str, tmp_path: Path) -> None:
    release(house, "2024")
    root(0)
    release(house, "2025")
    root(1)
    copy = tmp_path / "elsewhere.jsonl"
    shutil.copyfile(daily_root.path(), copy)
    assert audit.verify([copy]).ok
    if damage == "removed":
        shutil.rmtree(house / "releases" / "2025")
    else:
        (house / "releases" / "2025" / "manifest.json").write_text("{}")
    result = audit.verify([copy])
    assert (result.ok, result.is_outside) == (False, True)
    assert "the release 2025 that the daily root of" in result.fault


def test_a_copy_elsewhere_finds_a_release_that_was_removed_with_its_root(house: Path, tmp_path: Path) -> None:
    root(0)
    release(house, "2025")
    root(1)
    copy = tmp_path / "elsewhere.jsonl"
    shutil.copyfile(daily_root.path(), copy)
    shutil.rmtree(house / "releases")
    daily_root.path().write_text(copy.read_text().splitlines()[0] + "\n")
    assert not audit.verify([copy]).ok


def test_verification_and_doctor_find_a_ledger_that_was_moved_away(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = HomeLedger(house)
    add(ledger, 1)
    root()
    assert audit.verify().ok
    assert health_checks.ledger().state == "ok"
    shutil.move(ledger.folder, house / "away")
    for result in (audit.verify().fault, health_checks.ledger().words):
        assert "is lost: it has no entry" in result
    assert health_checks.ledger().state == "fail"
    ledger = HomeLedger(house)
    with ledger.locked_for_reading():
        ledger.approve_loss(ledger.request_loss("aliya", "the disk broke").seq, "bolat")
    assert audit.verify().ok  # two people know of it, and the rest of the budget is spent
    assert health_checks.ledger().state == "warn"
    copy = tmp_path / "elsewhere.jsonl"
    shutil.copyfile(daily_root.path(), copy)
    verify_log(roots=[copy])
    assert "gave them up, by bolat, requested by aliya: the disk broke" in capsys.readouterr().out


def test_doctor_compares_the_signed_releases_of_the_database(house: Path, make_actor: Any) -> None:
    assert (health_checks.ledger().state, health_checks.release_folders().state) == ("ok", "ok")
    preparer = make_actor("analyst")
    Release.objects.create(
        title="2025",
        period="2025",
        directory="2025",
        manifest_sha256="1" * 64,
        ledger_entry="2" * 64,
        prepared_by_id=preparer.user_id,
    )
    assert "it lacks the entry of the release 2025" in health_checks.ledger().words
    assert "missing or changed" in health_checks.release_folders().words
    ledger = HomeLedger(house)
    add(ledger, 1, manifest="1" * 64)
    assert health_checks.ledger().state == "ok"
