"""An erased person cannot be read again: not here, not under an old key, not from an old backup."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from kerege.base.errors import BadInput
from kerege.casework.cases.services import assignment
from kerege.casework.vault.crypto import envelope
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
from kerege.core.authorization import Denied
from tests.casework.conftest import identity

pytestmark = pytest.mark.db


@pytest.fixture(autouse=True)
def _no_log() -> Any:
    erasure_log.path().unlink(missing_ok=True)


@pytest.fixture
def person(make_case: Any, make_agency: Any, operator: Any) -> Person:
    """A person with a record at each of two agencies, a note and a file."""
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
