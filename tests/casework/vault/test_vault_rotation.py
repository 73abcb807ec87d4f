"""Rotation of every key: all values open, an interrupted one goes on, old keys can be retired."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import read_columns
from kerege.casework.vault.crypto import source_ids
from kerege.casework.vault.models.identities import DataKey, IdentityRecord
from kerege.casework.vault.services import erasure, erasure_log, identities
from kerege.core import audit, health_checks, key_commands, key_inventory
from kerege.core.accounts import attempts, sealed_secrets, second_factor
from kerege.core.accounts.attempts import Counted, TooManyAttempts
from kerege.core.accounts.models import AttemptCounter
from kerege.core.audit import daily_root
from kerege.core.authorization import Actor
from kerege.core.security import macs, signing_key
from kerege.core.security.keyring import PURPOSES, MissingKey, keyring
from tests import second_factor as factor
from tests.casework.exchange.records import bring_in
from tests.rights import make

pytestmark = [pytest.mark.django_db, pytest.mark.db]
ROW = {"prs_Id": "p1", "cas_Id": "c1", "prs_FirstName": "Айгүл", "vic_TypeOfExploitation": "ForcedLabour"}


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use a key ring and a log of erasures that no other test uses."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))


@pytest.fixture
def imported(tmp_path: Path) -> Path:
    """Import a person with a case under the agency's own ids; return the folder of the file."""
    bring_in(tmp_path, ROW)
    return tmp_path


def list_older(purpose: str) -> list[str]:
    return keyring().ids(purpose)[:-1]


# -- source ids --------------------------------------------------------------------------------------------------------
def test_a_source_key_depends_on_the_agency_and_the_id() -> None:
    one, other = uuid4(), uuid4()
    before = source_ids.source_key(one, "P-1")
    assert len({before, source_ids.source_key(one, "P-2"), source_ids.source_key(other, "P-1")}) == 3
    assert source_ids.source_key(one, "P-1") == before
    keyring().rotate("import")
    assert source_ids.source_key(one, "P-1") != before
    assert source_ids.older_source_keys(one, "P-1")[-1] == before


def test_after_a_rotation_an_import_recognises_its_persons_and_cases_without_the_older_key(imported: Path) -> None:
    before = bytes(IdentityRecord.objects.get().source_key or b"")
    rotation = key_commands.rotate("import")
    assert rotation.count == 2
    assert bytes(IdentityRecord.objects.get().source_key or b"") != before
    names, _values_of = read_columns(Case)
    assert not set(names) & set(source_ids.COLUMNS), "a digest in the audit log covers what no rotation changes"
    for key_id in list_older("import"):
        key_commands.retire(key_id)
    again = bring_in(imported, ROW)
    assert (again.persons_known, again.cases_known, IdentityRecord.objects.count()) == (1, 1, 1)


def test_after_a_rotation_to_another_algorithm_an_import_recognises_its_persons(
    imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(macs.VARIABLE, "HMAC-SHA3-256")
    for purpose in ("import", "index"):
        key_commands.rotate(purpose)
        assert len(keyring().current(purpose)[1]) == macs.SIZE + 1
        for key_id in list_older(purpose):
            key_commands.retire(key_id)
    again = bring_in(imported, ROW)
    assert (again.persons_known, again.cases_known, IdentityRecord.objects.count()) == (1, 1, 1)


def test_rows_under_an_older_key_are_recognised_before_the_rotation_renews_them(imported: Path) -> None:
    keyring().rotate("import")
    again = bring_in(imported, ROW)
    assert (again.persons_known, again.cases_known) == (1, 1)


def test_an_encrypted_source_id_opens_in_its_own_row_alone(imported: Path) -> None:
    """An intruder with the database cannot let an import of one person change another one."""
    row = IdentityRecord.objects.get()
    with audit.act(Actor.system(), "test"):
        ((other, _key),) = identities.store_records(Actor.system(), [(row.agency, {"names": []}, "p2")])
    IdentityRecord.objects.filter(pk=other.pk).update(sealed_source=row.sealed_source)
    keyring().rotate("import")
    with pytest.raises(Refused, match="moved"):
        source_ids.rehash(IdentityRecord)


def test_a_hash_of_version_0_1_keeps_its_key_in_use(imported: Path) -> None:
    IdentityRecord.objects.update(source_key_id="", sealed_source=b"")
    Case.objects.update(source_key=None)
    oldest = keyring().ids("import")[0]
    key_commands.rotate("import")
    with pytest.raises(Refused, match=r"1 source ids of persons of version 0\.1"):
        key_commands.retire(oldest)
    assert bring_in(imported, ROW).persons_known == 1
    assert not key_commands.is_unfinished("import"), "else no later rotation would make a key"


# -- the log of erasures -----------------------------------------------------------------------------------------------
def test_a_rotation_authenticates_the_log_of_erasures_anew() -> None:
    keys = [make(DataKey) for _ in range(2)]
    erasure.destroy_keys([key.pk for key in keys])
    erasure_log.write()
    before = erasure_log.path().read_text()
    key_commands.rotate("import")
    for key_id in list_older("import"):
        key_commands.retire(key_id)
    assert erasure_log.read(erasure_log.path()).keys == {key.pk for key in keys}
    assert erasure_log.path().stat().st_mode & 0o777 == 0o600
    assert [json.loads(line)["key"] for line in before.splitlines()] == [
        json.loads(line)["key"] for line in erasure_log.path().read_text().splitlines()
    ]
    assert erasure_log.write() == 0


def test_a_rotation_does_not_authenticate_a_line_that_somebody_added() -> None:
    erasure.destroy_keys([make(DataKey).pk])
    erasure_log.write()
    foreign = json.dumps({"on": "2026-01-01", "key": str(uuid4()), "mac": "0" * 32})
    with erasure_log.path().open("a") as log:
        log.write(foreign + "\n")
    with pytest.raises(BadInput, match="not written by this register"):
        key_commands.rotate("import")
    assert foreign in erasure_log.path().read_text()


# -- limits ------------------------------------------------------------------------------------------------------------
def test_a_rotation_ends_no_limit_and_no_used_code(make_user: Any) -> None:
    """Else a user who is locked out waits for the next rotation and guesses on."""
    counters, others = [Counted("code", "one user")], [Counted("code", "another user")]
    for _ in range(5):
        attempts.begin(counters)
    for _ in range(4):
        attempts.begin(others)
    attempts.remember_address("aigul", "10.0.0.1")
    user, secret = make_user("caseworker"), factor.new_secret()
    factor.activate(user, secret)
    assert second_factor._use_up(user, "123 456")
    key_commands.rotate("import")
    assert attempts.is_blocked(counters)
    with pytest.raises(TooManyAttempts):
        attempts.begin(counters)
    attempts.begin(others)
    assert AttemptCounter.objects.filter(key=others[0].key, failures=5).exists()
    assert attempts.is_blocked(others)
    assert attempts.is_known("aigul", attempts.network_of("10.0.0.1"))
    assert not second_factor._use_up(user, "123456")
    assert second_factor._use_up(user, "654321")


# -- every purpose -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("purpose", PURPOSES)
def test_each_key_is_rotated_and_the_older_one_retired_and_every_value_opens(
    purpose: str, make_case: Any, make_user: Any, imported: Path
) -> None:
    case, user, secret = make_case(), make_user("caseworker"), factor.new_secret()
    factor.activate(user, secret)
    before = keyring().current(purpose)[0]
    rotation = key_commands.rotate(purpose, with_new_noise=True)
    assert rotation.key_id == keyring().current(purpose)[0] != before
    assert not rotation.is_resumed
    key_commands.retire(before)
    assert before not in keyring().ids(purpose)
    assert identities.newest(IdentityRecord.objects.get(pk=case.record_id))["names"]
    stored = user.authenticator_set.get().data["secret"]
    assert sealed_secrets.unseal_stored(stored) == secret
    assert bring_in(imported, ROW).persons_known == 1


def test_record_keys_are_not_rotated_by_accident() -> None:
    """A reader could average the noise of a cell that was released under both keys."""
    before = keyring().current("record")[0]
    with pytest.raises(Refused, match="--new-noise"):
        key_commands.rotate("record")
    assert keyring().current("record")[0] == before


def test_an_interrupted_rotation_goes_on_at_the_next_call(
    make_case: Any, imported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = make_case()
    real = source_ids.rehash

    def fail_at_cases(model: Any) -> int:
        if model is Case:
            raise OSError("the disk is full")
        return real(model)

    monkeypatch.setattr(source_ids, "rehash", fail_at_cases)
    with pytest.raises(OSError, match="full"):
        key_commands.rotate("import")
    assert bring_in(imported, ROW).cases_known == 1, "nothing is lost in between"
    assert health_checks.key_age().words == "a rotation did not end: import; run it again"
    monkeypatch.setattr(source_ids, "rehash", real)
    newest = keyring().current("import")[0]
    rotation = key_commands.rotate("import")
    assert (rotation.key_id, rotation.is_resumed, rotation.count) == (newest, True, 2)
    assert not key_commands.rotate("import").is_resumed
    assert identities.newest(IdentityRecord.objects.get(pk=case.record_id))["names"]


def test_a_key_that_values_need_and_the_newest_key_are_not_retired(make_case: Any) -> None:
    make_case()
    before = keyring().current("kek")[0]
    keyring().rotate("kek")
    with pytest.raises(Refused, match="data keys: nothing was deleted"):
        key_commands.retire(before)
    with pytest.raises(Refused, match="newest"):
        key_commands.retire(keyring().current("kek")[0])
    assert before in keyring().ids("kek")


def test_signatures_of_a_retired_key_are_verified_with_its_public_key() -> None:
    audit.record(Actor.system("tests"), "test.act")
    before = keyring().current("release")[0]
    daily_root.write(timezone.now())
    key_commands.rotate("release")
    key_commands.retire(before)
    with pytest.raises(MissingKey):
        keyring().get("release", before)
    assert b"PUBLIC KEY" in signing_key.pem_of(before)
    daily_root.write(timezone.now())
    assert audit.verify().ok
    with pytest.raises(MissingKey):
        signing_key.pem_of("release-0009-abcdef")
    with pytest.raises(MissingKey):
        signing_key.pem_of("../../other")


# -- the inventory -----------------------------------------------------------------------------------------------------
def test_the_inventory_names_each_key_its_age_and_its_values_and_no_secret(make_case: Any, imported: Path) -> None:
    make_case()
    before = keyring().current("kek")[0]
    keyring().rotate("kek")
    purposes = {purpose.name: purpose for purpose in key_inventory.list_purposes()}
    assert list(purposes) == list(PURPOSES)
    old, new = purposes["kek"].keys[-2:]
    assert (old.id, old.values, old.is_current) == (before, {"data keys": DataKey.objects.count()}, False)
    assert (new.values, new.is_current, new.created) == ({}, True, timezone.localdate())
    assert purposes["import"].keys[-1].values == {"source ids of persons": 1, "source ids of cases": 1}
    assert purposes["kek"].rotated is None, "no event names the rotation"
    key_commands.rotate("django")
    assert {entry.name: entry for entry in key_inventory.list_purposes()}["django"].rotated == timezone.localdate()
    text = "".join(purpose.model_dump_json() for purpose in purposes.values())
    for purpose in PURPOSES:
        assert keyring().current(purpose)[1].hex() not in text
    assert "p1" not in text


def test_a_key_older_than_a_year_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    for purpose in PURPOSES:
        keyring().current(purpose)
    assert health_checks.key_age().state == "ok"
    later = timezone.localdate() + timedelta(days=400)
    monkeypatch.setattr(key_inventory.timezone, "localdate", lambda *args: later if not args else date(2026, 1, 1))
    words = health_checks.key_age().words
    assert "kek, index, import, django, backup" in words
    assert "record" not in words
