"""The audit log is append-only, and verification finds tampering."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.audit import daily_root, subjects, triggers
from kerege.core.audit.models import AuditEvent, AuditHead, AuditSubject
from kerege.core.audit.verification import Verification
from kerege.core.authorization import Actor, Denied

pytestmark = [pytest.mark.db, pytest.mark.django_db]
ACTOR = Actor.system("tests")


def three_events() -> None:
    for number in range(3):
        audit.record(ACTOR, "cases.view", f"case:{number}", number=number)


def tamper(sql: str, *params: Any) -> None:
    """Change the audit log without its triggers, as an intruder with the owner's database password can."""
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    triggers.install(connection)


def test_an_untouched_chain_verifies() -> None:
    three_events()
    assert audit.verify() == Verification(True, 3)


def test_an_act_and_its_event_share_one_transaction(make_agency: Callable[..., Any]) -> None:
    from kerege.core.accounts.models import Agency

    class BoomError(Exception):
        pass

    with pytest.raises(BoomError), audit.act(ACTOR, "agencies.manage"):
        make_agency("gone")
        raise BoomError
    assert not Agency.objects.filter(code="gone").exists()
    assert not AuditEvent.objects.exists()


def test_a_refusal_survives_the_rollback_of_what_was_refused(make_agency: Callable[..., Any]) -> None:
    from kerege.core.accounts.models import Agency

    with pytest.raises(Denied), audit.act(ACTOR, "agencies.manage"):
        make_agency("gone")
        raise Denied("agencies.manage", "agency:1")
    assert not Agency.objects.filter(code="gone").exists()
    event = AuditEvent.objects.get()
    assert (event.outcome, event.action, event.target) == ("refused", "agencies.manage", "agency:1")


def test_an_event_keeps_the_roles_of_its_actor(make_user: Callable[..., Any]) -> None:
    user = make_user("supervisor", "caseworker")
    audit.record(actor_for(user), "cases.view", "case:1")
    user.assignments.all().delete()
    audit.record(actor_for(user), "cases.view", "case:1")
    held = [event.details.get("acted_as") for event in AuditEvent.objects.order_by("seq")]
    assert held == [["caseworker", "supervisor"], None]


def test_a_refusal_is_recorded_only_once() -> None:
    denied = Denied("cases.view")
    with pytest.raises(Denied), audit.act(ACTOR, "cases.view"):
        raise denied
    audit.refuse(ACTOR, denied)
    assert AuditEvent.objects.count() == 1


def test_an_act_inside_an_act_is_a_part_of_one_event() -> None:
    with audit.act(ACTOR, "cases.register") as event:
        event.target = "case:1"
        with audit.act(ACTOR, "vault.write", "record:2") as inner:
            inner.note(names=1)
        with pytest.raises(Denied), audit.act(ACTOR, "tasks.add"):
            raise Denied("tasks.add")
    stored = AuditEvent.objects.get()
    assert (stored.action, stored.target) == ("cases.register", "case:1")
    assert stored.details["acts"] == [{"action": "vault.write", "target": "record:2", "names": 1}]
    assert stored.details["refused"] == [{"action": "tasks.add", "target": ""}]


def test_notes_of_the_same_list_add_up() -> None:
    with audit.act(ACTOR, "cases.view"):
        audit.note(identities=["a"])
        audit.note(identities=["b"])
    assert AuditEvent.objects.get().details == {"identities": ["a", "b"]}


def test_an_identity_cannot_be_read_outside_an_audited_act_or_page() -> None:
    with pytest.raises(LookupError):
        audit.note(identities=["a"])


def test_a_page_that_reads_nothing_leaves_no_event_and_one_that_reads_leaves_one() -> None:
    with audit.page(ACTOR, "desk.home"):
        pass
    with audit.page(ACTOR, "cases.view"):
        audit.note(identities=["a"])
    assert list(AuditEvent.objects.values_list("action", flat=True)) == ["cases.view"]


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {triggers.EVENT} SET actor = 'somebody else'",
        f"DELETE FROM {triggers.EVENT}",
        f"UPDATE {triggers.HEAD} SET seq = 0",
        f"DELETE FROM {triggers.HEAD}",
    ],
)
def test_the_database_refuses_to_change_the_audit(sql: str) -> None:
    three_events()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert audit.verify().rows == 3


def test_the_database_refuses_to_empty_or_replace_the_audit() -> None:
    three_events()
    columns = "seq, at, actor, agency, action, target, outcome, details, prev_hash, hash"
    sql = {
        "postgresql": f"TRUNCATE {triggers.EVENT}",
        "sqlite": f"INSERT OR REPLACE INTO {triggers.EVENT} ({columns}) SELECT {columns} FROM {triggers.EVENT}",
    }[connection.vendor]
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert audit.verify().ok


@pytest.mark.parametrize(
    ("sql", "first"),
    [
        (f"UPDATE {triggers.EVENT} SET actor = 'somebody else' WHERE seq = 2", 2),
        (f"UPDATE {triggers.EVENT} SET details = '{{\"number\": 7}}' WHERE seq = 1", 1),
        (f"UPDATE {triggers.EVENT} SET at = '2020-01-01 00:00:00' WHERE seq = 3", 3),
        (f"DELETE FROM {triggers.EVENT} WHERE seq = 2", 2),
        (f"DELETE FROM {triggers.EVENT} WHERE seq = 3", 3),
        (f"UPDATE {triggers.EVENT} SET seq = 9 WHERE seq = 3", 3),
    ],
)
def test_verification_names_the_first_row_changed_without_triggers(sql: str, first: int) -> None:
    three_events()
    tamper(sql)
    result = audit.verify()
    assert (result.ok, result.first_broken) == (False, first)


TAIL = (f"DELETE FROM {triggers.EVENT} WHERE seq = 3", f"UPDATE {triggers.HEAD} SET seq = 2")


def test_verification_finds_two_swapped_events() -> None:
    for name in ("a", "b"):
        audit.record(Actor(f"user:{name}"), "cases.view")
    [first, second] = AuditEvent.objects.order_by("seq").values("target", "actor", "details", "hash", "prev_hash")
    tamper(f"UPDATE {triggers.EVENT} SET actor = %s WHERE seq = 1", second["actor"])
    tamper(f"UPDATE {triggers.EVENT} SET actor = %s WHERE seq = 2", first["actor"])
    assert audit.verify().first_broken == 1


def test_verification_finds_a_removed_tail() -> None:
    three_events()
    tamper(TAIL[0])
    assert (audit.verify().ok, audit.verify().first_broken) == (False, 3)


def test_the_signed_root_discloses_a_tail_removed_with_the_head() -> None:
    three_events()
    daily_root.write(timezone.now())
    kept = AuditEvent.objects.get(seq=2).hash
    tamper(TAIL[0])
    tamper(f"UPDATE {triggers.HEAD} SET seq = 2, hash = %s", kept)
    verification = audit.verify()
    assert (verification.ok, verification.first_broken) == (False, 3)


def test_an_event_that_is_written_meanwhile_does_not_break_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    audit.record(ACTOR, "cases.view", identities=[RECORD])
    subjects_of = subjects.of

    def written_meanwhile(target: str, details: dict[str, Any]) -> set[UUID]:
        monkeypatch.setattr(subjects, "of", subjects_of)
        audit.record(ACTOR, "cases.view", identities=[RECORD])
        return subjects_of(target, details)

    monkeypatch.setattr(subjects, "of", written_meanwhile)
    assert audit.verify() == Verification(True, 1)
    assert audit.verify() == Verification(True, 2)


@pytest.mark.parametrize("damage", ["{", '{"seq": 1}', "[]", '{"at": "x", "seq": "a", "hash": 1, "key": "no"}'])
def test_verification_reports_a_damaged_file_of_roots(damage: str) -> None:
    three_events()
    daily_root.write(timezone.now())
    daily_root.path().write_text(damage + "\n", encoding="utf-8")
    assert not audit.verify().ok


def test_missing_triggers_are_noticed() -> None:
    assert triggers.missing(connection) == []
    triggers.remove(connection)
    assert triggers.missing(connection)
    triggers.install(connection)


def test_a_digest_depends_on_the_key() -> None:
    import hashlib

    from kerege.core.audit.canonical_json import canonical

    value = {"sex": "female"}
    assert audit.digest(value) == audit.digest(dict(value)) != audit.digest({"sex": "male"})
    assert audit.digest(value) != hashlib.sha256(canonical(value)).hexdigest()[:32]


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_keep_one_unbroken_chain() -> None:
    errors: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for number in range(10):
                with audit.act(Actor.system(f"w{worker}"), "cases.view") as event:
                    event.note(number=number)
        except BaseException as error:
            errors.append(error)
        finally:
            connections["default"].close()

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert audit.verify() == Verification(True, 60)
    assert AuditHead.objects.get().seq == 60


RECORD = "6f1c0e0e-9d5c-4f2d-8a53-3a1d9a3f0001"


def test_events_are_found_by_the_subjects_of_the_event_and_of_its_parts() -> None:
    with audit.act(ACTOR, "cases.change") as event, audit.act(ACTOR, "vault.link", f"record:{RECORD}"):
        event.note(identities=["no id"])
    with audit.page(ACTOR, "cases.view"):
        audit.note(identities=[RECORD, RECORD])
    audit.record(ACTOR, "vault.link", f"record:{RECORD}")
    assert sorted(AuditSubject.objects.values_list("subject", "seq")) == [(UUID(RECORD), n) for n in (1, 2, 3)]
    assert audit.verify().ok


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {triggers.SUBJECT} SET seq = 9",
        f"DELETE FROM {triggers.SUBJECT}",
        f"INSERT INTO {triggers.SUBJECT} (subject, seq) SELECT subject, 2 FROM {triggers.SUBJECT}",
    ],
)
def test_subjects_of_an_event_cannot_be_changed_or_added_later(sql: str) -> None:
    audit.record(ACTOR, "cases.view", identities=[RECORD])
    three_events()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    tamper(sql)
    assert not audit.verify().ok
