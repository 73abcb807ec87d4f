"""An erased person cannot be read again: not here, not under an old key, not from an old backup."""

from __future__ import annotations

import hmac
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from kerege.base.errors import BadInput
from kerege.casework.cases.services import assignment
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.events import person_erased
from kerege.casework.vault.models.drafts import Draft
from kerege.casework.vault.models.files import StoredFile
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Person,
    SealedText,
)
from kerege.casework.vault.queries import identities
from kerege.casework.vault.services import erasure, erasure_log, files
from kerege.casework.vault.services import identities as identity_services
from kerege.core import audit
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from kerege.core.security import keyring
from tests.casework.conftest import identity
from tests.registries import connected
from tests.rights import make

pytestmark = [pytest.mark.django_db, pytest.mark.db]


@pytest.fixture(autouse=True)
def _no_log() -> Any:
    erasure_log.path().unlink(missing_ok=True)


@pytest.fixture
def person(make_case: Any, make_agency: Any, operator: Any) -> Person:
    """Return a person with a record at each of two agencies, a note and a file."""
    first, second = make_case(), make_case(agency=make_agency("other"), person=identity(given="Айгул"))
    assignment.add_note(operator, first, "жазба")
    files.keep(first.record.data_key, b"file", "pdf")
    person = Person.objects.get(memberships__record=first.record)
    identity_services.link(operator, second.record, person)
    return person


def test_an_erasure_leaves_nothing_of_the_person_at_any_agency(person: Person, operator: Any, make_case: Any) -> None:
    bystander = make_case(person=identity(given="Болат"))
    records = erasure.records_of(person)
    wrapped = {bytes(key.wrapped) for key in DataKey.objects.filter(record__in=records)}
    done = erasure.erase(operator, person)
    assert (done.records, done.texts, done.files) == (2, 1, 1)
    assert not IndexEntry.objects.filter(record__in=records).exists()
    for record in IdentityRecord.objects.filter(pk__in=records):
        with pytest.raises(envelope.Erased):
            identity_services.newest(record)
    # a saved copy of the key decrypts nothing here
    assert {bytes(row.ciphertext) for row in IdentityVersion.objects.filter(record__in=records)} == {b""}
    assert {bytes(row.ciphertext) for row in SealedText.objects.filter(data_key__record__in=records)} == {b""}
    assert len(wrapped) == 2
    assert identity_services.newest(bystander.record)["names"][0]["given"] == "Болат"
    assert audit.verify().ok


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a setting of SQLite")
def test_sqlite_overwrites_what_an_erasure_deletes(person: Person, operator: Any) -> None:
    """Without the setting, the deleted keys would stay readable in free pages of the file."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA secure_delete = OFF")
        erasure.erase(operator, person)
        assert cursor.execute("PRAGMA secure_delete").fetchone() == (1,)


def test_reading_on_finds_nothing_and_does_not_fail(person: Person, operator: Any) -> None:
    records = erasure.records_of(person)
    erasure.erase(operator, person)
    with audit.act(operator, "test"):
        assert identities.read_many(operator, records) == {record: {} for record in records}
    assert [identity_services.open_text(text) for text in SealedText.objects.all()] == [None]
    assert identities.find(operator, "Айгүл") == []
    assert identity_services.rewrap() == 0
    assert identity_services.reindex() == 0


def test_who_may_not_erase_does_not(person: Person, make_actor: Any, make_agency: Any) -> None:
    with pytest.raises(Denied):
        erasure.erase(make_actor("supervisor", agency=make_agency()), person)
    assert DataKey.objects.filter(wrapped=None).count() == 0


def test_the_erasure_log_is_complete_anonymous_and_replayable(person: Person, operator: Any) -> None:
    rows = {key.pk: (bytes(key.wrapped), key.kek_id) for key in DataKey.objects.all()}
    erasure.erase(operator, person)
    assert erasure_log.write() == 3  # two keys and a file
    assert erasure_log.write() == 0
    text = erasure_log.path().read_text()
    assert "Айгүл" not in text
    # an older backup is restored: its keys are there again
    with connection.cursor() as cursor:
        assert cursor is not None
    for pk, (wrapped, _kek) in rows.items():
        DataKey.objects.filter(pk=pk).update(wrapped=wrapped, destroyed_at=None)
    done = erasure.replay(operator, erasure_log.read(erasure_log.path()))
    assert done.records == 2
    assert not DataKey.objects.filter(record__in=erasure.records_of(person), wrapped__isnull=False).exists()
    assert erasure.replay(operator, erasure_log.read(erasure_log.path())).records == 0


@pytest.mark.parametrize("forge", [lambda text: text.replace('"on": "2', '"on": "1'), lambda text: "nonsense\n"])
def test_a_forged_log_destroys_nothing(forge: Any, person: Person, operator: Any) -> None:
    erasure.erase(operator, person)
    erasure_log.write()
    erasure_log.path().write_text(forge(erasure_log.path().read_text()))
    with pytest.raises(BadInput):
        erasure_log.read(erasure_log.path())


# -- details of an erasure ---------------------------------------------------------------------------------------------
def test_an_erasure_is_recorded_with_its_records_and_counts(person: Person, operator: Any) -> None:
    records = erasure.records_of(person)
    erasure.erase(operator, person)
    event = AuditEvent.objects.get(action="vault.erase")
    assert event.target == f"person:{person.pk}"
    assert sorted(event.details["identities"]) == sorted(map(str, records))
    assert [event.details[name] for name in ("records", "texts", "files")] == [2, 1, 1]


def test_a_second_erasure_counts_nothing_that_was_readable(person: Person, operator: Any) -> None:
    erasure.erase(operator, person)
    at = set(DataKey.objects.values_list("destroyed_at", flat=True))
    again = erasure.erase(operator, person)
    assert (again.records, again.files) == (0, 0)
    assert set(DataKey.objects.values_list("destroyed_at", flat=True)) == at


def test_an_erasure_forgets_the_agencys_own_id_and_the_drafts_of_the_person_alone(
    person: Person, operator: Any, make_case: Any, make_user: Any
) -> None:
    bystander = make_case(person=identity(given="Болат"))
    records = erasure.records_of(person)
    for number, record in enumerate([*records, bystander.record_id]):
        IdentityRecord.objects.filter(pk=record).update(source_key=bytes([number]) * 32, sealed_source=b"id")
        key = IdentityRecord.objects.get(pk=record).data_key
        make(Draft, data_key=key, user=make_user("caseworker"), opening=uuid4(), own_key=False)
    erasure.erase(operator, person)
    assert set(IdentityRecord.objects.exclude(source_key=None).values_list("pk", flat=True)) == {bystander.record_id}
    assert set(IdentityRecord.objects.exclude(sealed_source=b"").values_list("pk", flat=True)) == {bystander.record_id}
    assert [draft.data_key_id for draft in Draft.objects.all()] == [bystander.record.data_key_id]
    assert IndexEntry.objects.filter(record=bystander.record).exists()
    assert DataKey.objects.filter(destroyed_at=None).get() == bystander.record.data_key


def test_an_erasure_destroys_the_keys_that_other_apps_report(person: Person, operator: Any) -> None:
    key, reported = make(DataKey), []

    def answer(record_ids: Any, **_: Any) -> set[Any]:
        reported.append(set(record_ids))
        return {key.pk}

    with connected(person_erased, answer):
        erasure.erase(operator, person)
    assert reported == [set(erasure.records_of(person))]
    assert DataKey.objects.get(pk=key.pk).wrapped is None


def test_a_former_record_of_the_person_is_not_erased(person: Person, operator: Any, make_case: Any) -> None:
    apart = make_case(person=identity(given="Болат")).record
    own = Person.objects.get(memberships__record=apart)
    identity_services.link(operator, apart, person)
    identity_services.link(operator, apart, own)
    assert apart.pk not in erasure.records_of(person)
    assert erasure.lock_person_of(apart.pk) == own
    erasure.erase(operator, person)
    assert identity_services.newest(apart) == identity(given="Болат")


def test_keys_without_a_record_are_destroyed_and_no_others() -> None:
    keys = [make(DataKey) for _ in range(3)]
    erasure.destroy_keys([key.pk for key in keys[:2]])
    destroyed = DataKey.objects.filter(wrapped=None, destroyed_at__isnull=False)
    assert set(destroyed.values_list("pk", flat=True)) == {key.pk for key in keys[:2]}


# -- the erasure log ---------------------------------------------------------------------------------------------------
def test_the_log_lists_keys_and_single_files_with_the_day_and_an_authentication_code(
    person: Person, operator: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        erasure.erase(operator, person)
    lines = [json.loads(line) for line in erasure_log.path().read_text().splitlines()]
    keys = DataKey.objects.filter(wrapped=None)
    assert {line["key"] for line in lines if "key" in line} == {str(key.pk) for key in keys}
    assert {line["file"] for line in lines if "file" in line} == {str(StoredFile.objects.get().pk)}
    _key_id, secret = keyring.keyring().current("import")
    for line in lines:
        kind = "key" if "key" in line else "file"
        text = f"erasure:{kind}:{line[kind]}:{line['on']}"
        assert line["mac"] == hmac.new(secret, text.encode(), "sha256").hexdigest()[:32]
        assert date.fromisoformat(line["on"]) == keys[0].destroyed_at.date()  # type: ignore[union-attr]
    assert erasure_log.path().stat().st_mode & 0o777 == 0o600


def test_a_log_grows_by_the_erasures_that_it_lacks(operator: Any) -> None:
    first, second = make(DataKey), make(DataKey)
    erasure.destroy_keys([first.pk])
    assert erasure_log.write() == 1
    before = erasure_log.path().read_text()
    erasure.destroy_keys([second.pk])
    assert erasure_log.write() == 1
    assert erasure_log.path().read_text().startswith(before)
    logged = erasure_log.read(erasure_log.path())
    assert (logged.keys, logged.files) == ({first.pk, second.pk}, set())
    assert logged.holds("key", first.pk)
    assert not logged.holds("file", first.pk)


def test_the_union_of_logs_holds_the_keys_and_files_of_each(tmp_path: Path) -> None:
    ids = [uuid4() for _ in range(4)]
    for number, kind in enumerate(("key", "file")):
        lines = [erasure_log.line(kind, pk, "2025-03-03") for pk in ids[2 * number : 2 * number + 2]]
        (tmp_path / kind).write_text("\n".join(lines))
    union = erasure_log.union([tmp_path / "key", tmp_path / "file"])
    assert (union.keys, union.files) == (set(ids[:2]), set(ids[2:]))


def test_a_line_of_a_log_cannot_be_moved_to_another_kind_id_or_day(tmp_path: Path) -> None:
    entry = json.loads(erasure_log.line("key", uuid4(), "2025-03-03"))
    forged: list[Any] = [
        entry | {"on": "2025-03-04"},
        entry | {"key": str(uuid4())},
        {"on": entry["on"], "file": entry["key"], "mac": entry["mac"]},
        {"on": entry["on"], "key": entry["key"]},
        [],
        entry | {"mac": None},
    ]
    for number, line in enumerate(forged):
        path = tmp_path / f"{number}.jsonl"
        path.write_text(f"{json.dumps(entry)}\n{json.dumps(line)}\n")
        with pytest.raises(BadInput) as refused:
            erasure_log.read(path)
        assert refused.value.faults[0].row == 2


def test_a_replay_destroys_single_files_and_records_what_it_did(person: Person, operator: Any, make_case: Any) -> None:
    bystander = make_case(person=identity(given="Болат"))
    alone, kept = (files.keep(bystander.record.data_key, b"x", "pdf") for _ in range(2))
    record = erasure.records_of(person)[0]
    logged = erasure_log.Logged({IdentityRecord.objects.get(pk=record).data_key_id}, {alone.pk})
    done = erasure.replay(operator, logged)
    assert (done.records, done.files) == (1, 1 + StoredFile.objects.filter(data_key__record=record).count())
    assert set(StoredFile.objects.filter(data_key=bystander.record.data_key, wrapped=None)) == {alone}
    assert files.read(StoredFile.objects.get(pk=kept.pk)) == b"x"
    event = AuditEvent.objects.get(action="vault.replay")
    assert event.details["identities"] == [str(record)]
    assert (event.details["records"], event.details["files"]) == (done.records, done.files)
    for role in ("coordinator", "supervisor", "auditor"):
        with pytest.raises(Denied):
            erasure.replay(Actor("user:x", None, None, frozenset({role})), logged)


def test_nothing_is_counted_before_anything_is_destroyed() -> None:
    assert vars(erasure.Destroyed()) == {"records": 0, "texts": 0, "files": 0}


def test_the_key_that_authenticates_the_log_exists_before_the_first_backup(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(erasure_log, "keyring", lambda: SimpleNamespace(current=asked.append))
    erasure_log.ready()
    assert asked == ["import"]
