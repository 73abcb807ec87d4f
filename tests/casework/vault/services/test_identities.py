"""Writes of identities: new records, versions of merged records, rotation of keys, index, batches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.vault.crypto import envelope, source_ids
from kerege.casework.vault.events import identity_stored
from kerege.casework.vault.identity import Identity, blocking_keys, index_keys
from kerege.casework.vault.models.identities import (
    DataKey,
    IdentityRecord,
    IdentityVersion,
    IndexEntry,
    Membership,
    Person,
    SealedText,
)
from kerege.casework.vault.services import identities
from kerege.core import audit
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor, Denied
from kerege.core.security import keyring
from kerege.linkage.register_matching import index_version
from tests import rights
from tests.casework.conftest import identity
from tests.registries import connected
from tests.rights import NOW, Rows, make

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PASSPORT: Any = [{"kind": "passport", "number": "N123456"}]


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> Rows:
    """Return a caseworker of an agency at a stopped clock."""
    rights.stop_clock(monkeypatch)
    return rights.start_rows()


def store(rows: Rows, *persons: Identity, source_id: str = "") -> list[IdentityRecord]:
    """Store identities at the agency as its caseworker."""
    actor = rows.actor("caseworker")
    drafts = [(rows.own, person, source_id) for person in persons or (identity(),)]
    with audit.act(actor, "test"):
        return [record for record, _key in identities.store_records(actor, drafts)]


def list_tokens(record: IdentityRecord) -> set[bytes]:
    return {bytes(token) for token in record.index_entries.values_list("token", flat=True)}


def tokens_of(texts: set[str]) -> set[bytes]:
    """Return the tokens of index keys under the current key."""
    _key_id, key = keyring.keyring().current("index")
    return {envelope.token(key, text) for text in texts}


# -- new records -------------------------------------------------------------------------------------------------------
def test_each_new_record_has_a_key_a_first_version_and_a_person_of_its_own(rows: Rows) -> None:
    records = store(rows, identity(), identity())
    assert DataKey.objects.filter(record__in=records).count() == 2
    assert Person.objects.filter(memberships__record__in=records).distinct().count() == 2
    label = rows.actor("caseworker").label
    for record in records:
        stored = IdentityRecord.objects.get(pk=record.pk)
        assert (stored.agency, stored.source_key, stored.superseded_by, stored.created_at) == (
            rows.own,
            None,
            None,
            NOW,
        )
        version = IdentityVersion.objects.get(record=record)
        assert (version.number, version.created_by, version.created_at) == (1, label, NOW)
        membership = Membership.objects.get(record=record)
        assert (membership.source, membership.from_at, membership.to_at) == ("registration", NOW, None)
        assert membership.created_by == label


def test_a_new_record_returns_the_key_under_which_its_values_are_encrypted(rows: Rows) -> None:
    actor = rows.actor("caseworker")
    with audit.act(actor, "test"):
        ((record, plain),) = identities.store_records(actor, [(rows.own, identity(), "P-1")])
    stored = bytes(IdentityRecord.objects.get().source_key or b"")
    assert stored == source_ids.source_key(rows.own.pk, "P-1")
    sealed = IdentityVersion.objects.get().ciphertext
    assert envelope.unseal_json(plain, sealed, f"identity:{record.pk}:1") == identity()
    assert identities.plain_key(DataKey.objects.get()) == plain


def test_a_record_is_indexed_under_the_current_key_and_version(rows: Rows) -> None:
    (record,) = store(rows, identity(documents=PASSPORT))
    key_id, _key = keyring.keyring().current("index")
    expected = tokens_of(index_keys(identity(documents=PASSPORT)))
    assert list_tokens(record) == expected
    assert record.index_entries.count() == len(expected)
    assert set(IndexEntry.objects.values_list("key_id", "fold_version")) == {(key_id, index_version())}


def test_receivers_learn_which_records_were_stored_or_changed(rows: Rows) -> None:
    stored: list[Any] = []
    with connected(identity_stored, lambda record_ids, **_: stored.append(record_ids)):
        first, second = store(rows, identity(), identity())
        identities.add_version(rows.actor("caseworker"), second, identity(given="Айша"))
    assert stored == [[first.pk, second.pk], [second.pk]]


# -- versions ----------------------------------------------------------------------------------------------------------
def test_only_casework_of_the_agency_adds_a_version(rows: Rows) -> None:
    (record,) = store(rows)
    elsewhere = Actor("user:x", rows.user.pk, make(type(rows.own)).pk, frozenset({"caseworker"}))
    for actor in (rows.actor("auditor"), rows.actor("coordinator"), elsewhere):
        with pytest.raises(Denied):
            identities.add_version(actor, record, identity(given="Айша"))
    assert identities.newest(record) == identity()


def test_a_version_says_who_wrote_it_and_replaces_the_index(rows: Rows) -> None:
    (record,) = store(rows)
    version = identities.add_version(rows.actor("supervisor"), record, identity(family="Ким", given="Ян"))
    assert (version.number, version.created_by, version.created_at) == (2, rows.actor("supervisor").label, NOW)
    assert list_tokens(record) == tokens_of(index_keys(identity(family="Ким", given="Ян")))


def test_a_version_of_a_merged_record_goes_to_the_last_survivor(rows: Rows) -> None:
    merged, middle, survivor = store(rows, *[identity()] * 3)
    for record, into in ((middle, survivor), (merged, middle)):
        record.superseded_by = into
        record.save()
    version = identities.add_version(rows.actor("caseworker"), merged, identity(given="Айша"))
    assert (version.record_id, version.number) == (survivor.pk, 2)
    assert identities.newest(survivor) == identity(given="Айша")
    assert identities.newest(merged) == identities.newest(middle) == identity()
    assert identities.surviving_record_id(merged.pk) == identities.lock_surviving_record(merged.pk).pk == survivor.pk
    assert identities.surviving_record_id(survivor.pk) == survivor.pk


@pytest.mark.parametrize("change", ["merged", "unmerged"])
def test_a_version_is_refused_after_a_merge_that_the_writer_did_not_see(rows: Rows, change: str) -> None:
    record, other = store(rows, identity(), identity())
    read_before = IdentityRecord.objects.get(pk=record.pk)
    if change == "merged":
        IdentityRecord.objects.filter(pk=record.pk).update(superseded_by=other)
    else:
        read_before.superseded_by = other
    with pytest.raises(BadInput, match="merged or unmerged"):
        identities.add_version(rows.actor("caseworker"), read_before, identity(given="Айша"))
    assert IdentityVersion.objects.count() == 2


def test_a_merged_record_keeps_names_and_numbers_in_the_index_and_no_blocking_keys(rows: Rows) -> None:
    person = identity(documents=PASSPORT)
    merged, survivor = store(rows, person, person)
    IdentityRecord.objects.filter(pk=merged.pk).update(superseded_by=survivor)
    for rebuild in (
        lambda: identities.rebuild_index(IdentityRecord.objects.get(pk=merged.pk), person),
        identities.reindex,
    ):
        rebuild()
        assert list_tokens(merged) == tokens_of(index_keys(person) - blocking_keys(person))
        assert list_tokens(survivor) == tokens_of(index_keys(person))


# -- texts -------------------------------------------------------------------------------------------------------------
def test_a_text_opens_only_under_its_own_place_and_is_none_after_an_erasure(rows: Rows) -> None:
    (record,) = store(rows)
    text, other = (identities.save_text(record.data_key, value) for value in ({"a": 1}, "б"))
    assert (identities.open_text(text), identities.open_text(other)) == ({"a": 1}, "б")
    assert identities.open_text(None) is None
    assert text.created_at == NOW
    with pytest.raises(envelope.Refused):
        identities.open_text(SealedText(id=text.id, data_key=record.data_key, ciphertext=other.ciphertext))
    record.data_key.wrapped = None
    assert identities.open_text(SealedText(id=text.id, data_key=record.data_key, ciphertext=text.ciphertext)) is None


# -- links -------------------------------------------------------------------------------------------------------------
def test_a_link_names_the_record_and_the_person_and_is_refused_to_caseworkers(rows: Rows) -> None:
    record, other = store(rows, identity(), identity())
    person = Person.objects.get(memberships__record=other)
    for role in ("caseworker", "supervisor", "auditor"):
        with pytest.raises(Denied):
            identities.link(rows.actor(role), record, person)
        with pytest.raises(Denied):
            identities.link_many(rows.actor(role), {record.pk: person.pk})
    identities.link(rows.actor("coordinator"), record, person)
    event = AuditEvent.objects.latest("seq")
    assert (event.action, event.target, event.details["person"]) == (
        "vault.link",
        f"record:{record.pk}",
        str(person.pk),
    )
    current = Membership.objects.get(record=record, to_at=None)
    assert (current.person, current.from_at, current.source) == (person, NOW, "human")
    assert current.created_by == rows.actor("coordinator").label


def list_used() -> set[str]:
    return {values.key_id for values in identities.count_sealed()}


# -- rotation ----------------------------------------------------------------------------------------------------------
def test_rotation_wraps_only_keys_under_an_older_key_and_leaves_destroyed_ones(rows: Rows) -> None:
    old, erased = store(rows, identity(), identity())
    DataKey.objects.filter(pk=erased.data_key_id).update(wrapped=None, destroyed_at=NOW)
    before = erased.data_key.kek_id
    keyring.keyring().rotate("kek")
    (new,) = store(rows)
    wrapped = bytes(DataKey.objects.get(pk=new.data_key_id).wrapped or b"")
    assert list_used() >= {before, new.data_key.kek_id}
    assert identities.rewrap() == 1
    assert bytes(DataKey.objects.get(pk=new.data_key_id).wrapped or b"") == wrapped
    assert DataKey.objects.get(pk=old.data_key_id).kek_id == new.data_key.kek_id
    assert DataKey.objects.get(pk=erased.data_key_id).kek_id == before
    assert before not in list_used()
    assert identities.rewrap() == 0


def test_the_index_is_rebuilt_for_every_record_that_is_not_erased(rows: Rows) -> None:
    kept, erased = store(rows, identity(), identity(family="Ким"))
    DataKey.objects.filter(pk=erased.data_key_id).update(wrapped=None, destroyed_at=NOW)
    IndexEntry.objects.filter(record=erased).delete()
    before, old = list_tokens(kept), keyring.keyring().current("index")[0]
    keyring.keyring().rotate("index")
    assert old in list_used()
    assert identities.reindex() == 1
    assert not list_tokens(kept) & before
    assert len(list_tokens(kept)) == kept.index_entries.count() == len(before)
    assert not IndexEntry.objects.filter(record=erased).exists()
    assert list_used() == {keyring.keyring().current("kek")[0], keyring.keyring().current("index")[0]}


@pytest.mark.parametrize(("size", "lengths"), [(0, []), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2])])
def test_a_stream_is_cut_into_full_batches_and_a_rest(
    size: int, lengths: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "BATCH", 2)
    cut: Callable[..., Any] = identities.batches
    batches = list(cut(iter(range(size))))
    assert [len(batch) for batch in batches] == lengths
    assert [row for batch in batches for row in batch] == list(range(size))
