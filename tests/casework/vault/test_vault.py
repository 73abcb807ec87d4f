"""The vault: nothing readable without a key, nothing lost by rotation, nothing left after erasure."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from kerege.base.errors import Refused
from kerege.casework.vault.crypto import envelope
from kerege.casework.vault.health_checks import search_index
from kerege.casework.vault.identity import age_on, full_name
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Membership,
    Person,
)
from kerege.casework.vault.queries import identities, masking
from kerege.casework.vault.services import identities as identity_services
from kerege.core import audit, health
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from kerege.core.security import key_events, keyring
from tests.casework.conftest import CANARY, identity

pytestmark = pytest.mark.db


def every_stored_value() -> list[Any]:
    """Return every value of every table of the database."""
    stored_values: list[Any] = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            stored_values.extend(value for row in cursor.fetchall() for value in row)
    return stored_values


def test_no_table_holds_a_name_in_clear(make_case: Any) -> None:
    make_case(person=identity(documents=[{"kind": "passport", "number": "N77665544", "country": "KZ"}]))
    for value in every_stored_value():
        raw = bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode()
        assert CANARY.encode() not in raw
        assert b"N77665544" not in raw


def test_a_ciphertext_decrypts_only_at_its_place() -> None:
    key = envelope.new_data_key()
    sealed = envelope.seal(key, b"text", "identity:1")
    assert envelope.unseal(key, sealed, "identity:1") == b"text"
    with pytest.raises(Refused):
        envelope.unseal(key, sealed, "identity:2")
    with pytest.raises(Refused):
        envelope.unseal(key, sealed[:-1] + bytes([sealed[-1] ^ 1]), "identity:1")


def test_the_same_text_never_gives_the_same_ciphertext() -> None:
    key = envelope.new_data_key()
    assert envelope.seal(key, b"text", "p") != envelope.seal(key, b"text", "p")


def test_rotation_rewraps_every_key_and_loses_nothing(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case = make_case()
    before = bytes(case.record.data_key.wrapped)
    new = keyring.keyring().rotate("kek")
    assert key_events.renew("kek") == 1, "the command reports the number of keys"
    row = DataKey.objects.get(pk=case.record.data_key_id)
    assert row.kek_id == new
    assert bytes(row.wrapped) != before
    assert full_name(identity_services.newest(IdentityRecord.objects.get(pk=case.record_id))).startswith(CANARY)


def test_versions_are_added_and_the_newest_is_read(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    identity_services.add_version(actor, case.record, identity(given="Айша"))
    assert IdentityVersion.objects.filter(record=case.record).count() == 2
    with audit.act(actor, "test"):
        assert "Айша" in full_name(identities.read(actor, case.record))


def test_reading_outside_an_audited_event_is_an_error(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    with pytest.raises(LookupError):
        identities.read(actor, case.record)


def test_another_agency_cannot_read(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, stranger = make_case(), make_actor("caseworker", agency=make_agency("other"))
    with pytest.raises(Denied), audit.act(stranger, "test"):
        identities.read(stranger, case.record)
    assert audit.verify().ok


@pytest.mark.parametrize("query", ["Айгүл", "Айгуль", "Aigul", "Aygul", "aigul kanareikina", "КАНАРЕЙКИНА"])
def test_search_forgives_script_and_spelling(query: str, make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    make_case(person=identity(family="Сериков", given="Болат"))
    assert identities.find(actor, query) == [case.record_id]


def test_search_finds_only_what_the_searcher_may_read(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    make_case()
    assert identities.find(make_actor("caseworker", agency=make_agency("other")), "Айгүл") == []
    assert identities.find(make_actor("administrator", agency=make_agency()), "Айгүл") == []


def test_search_by_document_number_ignores_spaces_and_case(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case = make_case(person=identity(documents=[{"kind": "passport", "number": "N 7766-5544", "country": "KZ"}]))
    assert identities.find(make_actor("caseworker", agency=make_agency()), "n77665544") == [case.record_id]


def test_reindexing_under_a_new_key_finds_the_same_people(make_case: Any, make_actor: Any, make_agency: Any) -> None:
    case, actor = make_case(), make_actor("caseworker", agency=make_agency())
    new = keyring.keyring().rotate("index")
    assert identities.find(actor, "Aigul") == [case.record_id]  # the old key still opens the old rows
    identity_services.reindex()
    assert set(IndexEntry.objects.values_list("key_id", flat=True)) == {new}
    assert identities.find(actor, "Aigul") == [case.record_id]


def test_an_index_of_an_older_version_is_reported_until_it_is_rebuilt(make_case: Any) -> None:
    """Else a register that is brought up to date would quietly not find some of its people."""
    make_case()
    assert search_index().state == "ok"
    entry = IndexEntry.objects.order_by("pk")[0]
    IndexEntry.objects.filter(pk=entry.pk).update(fold_version="1.0")
    assert (search_index().state, "search index" in health.health_checks) == ("warn", True)
    identity_services.reindex()
    assert search_index().state == "ok"


def test_a_record_has_one_current_person(make_case: Any, operator: Any) -> None:
    first, second = make_case(), make_case(person=identity(given="Айгул"))
    person = Person.objects.get(memberships__record=first.record)
    identity_services.link(operator, second.record, person)
    assert Membership.objects.filter(person=person, to_at=None).count() == 2
    assert second.record.memberships.count() == 2  # the earlier one is dated, not gone
    with pytest.raises(IntegrityError), transaction.atomic():
        second.record.memberships.create(person=person, from_at=second.created_at, source="human", created_by="test")


def test_many_records_are_linked_as_one_is(make_case: Any, operator: Any) -> None:
    first, *others = (make_case(person=identity(given=name)) for name in ("Айгүл", "Айгул", "Aigul"))
    person = Person.objects.get(memberships__record=first.record)
    identity_services.link_many(operator, {case.record_id: person.pk for case in others})
    assert Membership.objects.filter(person=person, to_at=None).count() == 3
    for case in others:
        earlier, now = case.record.memberships.order_by("from_at")
        assert (earlier.to_at, earlier.source) == (now.from_at, "registration")
        assert (now.to_at, now.source, now.created_by) == (None, "human", operator.label)
    assert AuditEvent.objects.get(action="vault.link").details["records"] == 2


def test_the_age_follows_the_precision_of_the_birth_date() -> None:
    from datetime import date

    day = date(2025, 5, 17)
    assert age_on("1990-05-18", day) == 34
    assert age_on("1990-05-17", day) == 35
    assert age_on("1990-05", day) == 35
    assert age_on("1990", day) == 35
    assert age_on("", day) is None
    assert age_on("2990", day) is None


def test_the_versions_of_a_record_are_numbered_from_1_without_gaps(make_case: Any, operator: Any) -> None:
    record = make_case().record
    for given in ("Айша", "Аяна"):
        identity_services.add_version(operator, record, identity(given=given))
    assert list(record.versions.order_by("number").values_list("number", flat=True)) == [1, 2, 3]
    assert identity_services.newest(record) == identity(given="Аяна")


def test_a_reason_opens_nothing_to_an_actor_without_the_right(
    make_case: Any, make_actor: Any, make_agency: Any
) -> None:
    record = make_case().record
    for actor in (make_actor("supervisor", agency=make_agency("other")), make_actor("auditor", agency=make_agency())):
        with pytest.raises(Denied):
            masking.needs_reason(actor, record)
        with pytest.raises(Denied):
            masking.reveal(actor, record, ["documents"], "supervision")
    assert masking.needs_reason(make_actor("supervisor", agency=make_agency()), record)
    assert not masking.needs_reason(make_actor("caseworker", agency=make_agency()), record)


def test_a_document_number_finds_every_record_that_has_it_and_those_merged_into_them(make_case: Any) -> None:
    passport = {"documents": [{"kind": "passport", "number": "N 7766-5544"}]}
    first, second, merged, other = (make_case(person=identity(**more)) for more in (passport, passport, {}, {}))
    IdentityRecord.objects.filter(pk=merged.record_id).update(superseded_by=first.record)
    expected = {first.record_id, second.record_id, merged.record_id}
    assert set(identities.with_document("n77665544")) == expected
    assert other.record_id not in expected
    assert identities.with_document("7766") == identities.with_document("N77665545") == []
    survivors = identities.with_merged([first.record_id])
    assert survivors == {first.record_id: first.record_id, merged.record_id: first.record_id}


def test_only_roles_of_casework_store_identities(make_actor: Any, make_agency: Any) -> None:
    agency = make_agency()
    for role in ("auditor", "analyst", "coordinator", "administrator"):
        actor = make_actor(role, agency=agency)
        with pytest.raises(Denied), audit.act(actor, "test"):
            identity_services.store_records(actor, [(agency, identity(), "")])
    assert not IdentityRecord.objects.exists()
    caseworker = make_actor("caseworker", agency=agency)
    with audit.act(caseworker, "test"):
        ((record, _key),) = identity_services.store_records(caseworker, [(agency, identity(), "")])
    assert identity_services.newest(record) == identity()
