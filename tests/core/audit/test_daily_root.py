"""The daily root: a chain that is rewritten with valid hashes does not match the signed root."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from kerege.base import ed25519, hashes, signing
from kerege.base.countersignatures import countersign
from kerege.base.errors import BadInput
from kerege.core import audit, health_checks
from kerege.core.audit import daily_root, triggers
from kerege.core.audit.canonical_json import event_hash
from kerege.core.audit.models import AuditEvent, AuditHead, AuditSubject
from kerege.core.authorization import Actor
from kerege.core.jobs.scheduler import run_due
from kerege.core.security.keyring import keyring

pytestmark = [pytest.mark.db, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def _own_roots(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_root, "path", lambda: tmp_path / "roots.jsonl")


def rewrite() -> None:
    """Change a row and rehash the whole chain, as an intruder with the database but without the key can."""
    triggers.remove(connection)
    prev = AuditHead().hash
    for row in AuditEvent.objects.order_by("seq"):
        fields = (row.actor, row.agency, "cases.view", row.target, row.outcome)
        own = event_hash(prev, row.seq, row.at, fields, row.details)
        AuditEvent.objects.filter(pk=row.pk).update(action="cases.view", prev_hash=prev, hash=own)
        prev = own
    AuditHead.objects.filter(pk=1).update(hash=prev)
    triggers.install(connection)


def test_a_rewritten_chain_does_not_match_the_root() -> None:
    for number in range(3):
        audit.record(Actor.system("tests"), "test.act", target=f"thing:{number}")
    daily_root.write(timezone.now())
    assert audit.verify().ok
    rewrite()
    verification = audit.verify()
    assert not verification.ok
    assert verification.first_broken == 3


def test_the_chain_and_the_roots_go_on_under_another_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now())
    monkeypatch.setenv(hashes.VARIABLE, "SHA3-256")
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now() + timedelta(days=1))
    monkeypatch.delenv(hashes.VARIABLE)
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now() + timedelta(days=2))
    assert audit.verify().ok
    first, second, *_later = AuditEvent.objects.filter(action="test.act").order_by("seq")
    assert (first.details.get("hashed_by"), second.details["hashed_by"]) == (None, "SHA3-256")
    assert [json.loads(line).get("hashed_by") for line in daily_root.path().read_text().splitlines()] == [
        None,
        "SHA3-256",
        None,
    ]
    triggers.remove(connection)
    for name in ("SHA-256", "MD5"):  # the name of the algorithm cannot be exchanged
        AuditEvent.objects.filter(pk=second.pk).update(details={**second.details, "hashed_by": name})
        assert audit.verify().first_broken == second.seq
    triggers.install(connection)


def test_verification_finds_an_edited_root() -> None:
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now())
    daily_root.path().write_text(daily_root.path().read_text().replace('"seq": 1', '"seq": 2'))
    assert "signature" in audit.verify().reason


def test_the_schedule_writes_the_root_once_a_day() -> None:
    audit.record(Actor.system("tests"), "test.act")
    now = timezone.now()
    assert "audit.root" in run_due(now)
    assert "audit.root" not in run_due(now + timedelta(hours=1))
    assert len(daily_root.path().read_text().splitlines()) == 1


def three_roots() -> list[str]:
    """Write three roots, a day apart each; return their lines."""
    for number in range(3):
        audit.record(Actor.system("tests"), "test.act", target=f"thing:{number}")
        daily_root.write(timezone.now() + timedelta(days=number))
    assert audit.verify().ok
    return daily_root.path().read_text().splitlines()


@pytest.mark.parametrize("kept", [[], [0], [0, 1], [1, 2], [0, 2], [1, 0, 2]])
def test_verification_finds_roots_that_were_deleted_cut_or_moved(kept: list[int]) -> None:
    lines = three_roots()
    daily_root.path().write_text("".join(f"{lines[number]}\n" for number in kept))
    assert not audit.verify().ok


def test_verification_finds_a_deleted_file_of_roots() -> None:
    three_roots()
    daily_root.path().unlink()
    assert "deleted or cut" in audit.verify().reason


def cut_database(rows: int) -> None:
    """Drop the newest events and move the head back, as a database superuser can."""
    triggers.remove(connection)
    AuditEvent.objects.filter(seq__gt=rows).delete()
    AuditSubject.objects.filter(seq__gt=rows).delete()
    last = AuditEvent.objects.get(seq=rows)
    AuditHead.objects.filter(pk=1).update(seq=rows, hash=last.hash)
    triggers.install(connection)


def test_a_copy_elsewhere_finds_an_intruder_who_cuts_both_the_database_and_the_file(tmp_path: Path) -> None:
    lines = three_roots()
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_text("\n".join(lines) + "\n")
    assert audit.verify([copy]).ok
    cut_database(2)
    daily_root.path().write_text(lines[0] + "\n")
    assert audit.verify().ok
    assert not audit.verify([copy]).ok


def test_a_witness_finds_what_its_log_has_and_the_register_lacks(tmp_path: Path) -> None:
    lines, key = three_roots(), b"\x01" * 32
    log, pem = tmp_path / "countersigned.jsonl", ed25519.public_pem(key)
    own_key = keyring().current("release")[1]
    countersign(daily_root.path(), log, key, timezone.now(), [ed25519.public_pem(own_key)])
    assert audit.verify((), (log, pem)).ok
    cut_database(2)
    daily_root.path().write_text(lines[0] + "\n")
    assert audit.verify().ok
    assert "root 2 is missing; the witness saw it" in audit.verify((), (log, pem)).reason
    assert "not signed with this key" in audit.verify((), (log, ed25519.public_pem(b"\x02" * 32))).reason


def test_an_older_copy_fits_a_longer_file(tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere.jsonl"
    copy.write_text(three_roots()[0] + "\n")
    assert audit.verify([copy]).ok


def test_a_copy_without_roots_is_an_error(tmp_path: Path) -> None:
    three_roots()
    with pytest.raises(BadInput, match="no daily roots"):
        audit.verify([tmp_path / "nothing.jsonl"])


def test_roots_of_version_0_1_stand_before_the_chained_ones() -> None:
    """They name no previous root; a later root names the hash of their line."""
    audit.record(Actor.system("tests"), "test.act")
    head = AuditHead.objects.get(pk=1)
    key_id, key = keyring().current("release")
    root = {"at": timezone.now().isoformat(), "seq": head.seq, "hash": head.hash, "key": key_id}
    signed = json.dumps(root, sort_keys=True).encode()
    daily_root.path().write_text(json.dumps(root | {"signature": ed25519.sign(signed, key)}, sort_keys=True) + "\n")
    daily_root.write(timezone.now())
    assert audit.verify().ok
    daily_root.path().write_text(daily_root.path().read_text().splitlines()[1] + "\n")
    assert not audit.verify().ok


def sign_with(seed: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch, *older: bytes) -> None:
    """Let a command sign, whose key is not in the key ring; `older` keys signed before it."""
    pem = folder / "signer.pem"
    pem.write_bytes(b"".join(ed25519.public_pem(key) for key in (seed, *older)))
    monkeypatch.setenv(signing.COMMAND, "signer")
    monkeypatch.setenv(signing.PUBLIC_KEY, str(pem))
    monkeypatch.setattr(signing.SigningCommand, "sign", lambda command, content: ed25519.sign(content, seed))


def test_a_signer_signs_the_roots_and_may_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    audit.record(Actor.system("tests"), "test.act")
    daily_root.write(timezone.now())
    sign_with(b"\x01" * 32, tmp_path, monkeypatch)
    daily_root.write(timezone.now())
    assert audit.verify().ok
    sign_with(b"\x02" * 32, tmp_path, monkeypatch, b"\x01" * 32)
    daily_root.write(timezone.now())
    assert audit.verify().ok
    keys = [json.loads(line)["key"] for line in daily_root.path().read_text().splitlines()]
    assert [key.partition("-")[0] for key in keys] == ["release", "signer", "signer"]
    sign_with(b"\x02" * 32, tmp_path, monkeypatch)
    assert "is not in the file of KEREGE_SIGNER_PUBLIC_KEY" in audit.verify().reason


def test_the_key_ring_signs_no_root_after_a_signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An intruder who has the home folder and not the signer writes a root with the key of the ring."""
    audit.record(Actor.system("tests"), "test.act")
    sign_with(b"\x01" * 32, tmp_path, monkeypatch)
    daily_root.write(timezone.now())
    monkeypatch.delenv(signing.COMMAND)
    daily_root.write(timezone.now())
    assert "after a signer had taken over" in audit.verify().reason


def test_doctor_tries_the_signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health_checks.signer().state == "warn"
    sign_with(b"\x01" * 32, tmp_path, monkeypatch)
    assert health_checks.signer().state == "ok"
    monkeypatch.undo()
    monkeypatch.setenv(signing.COMMAND, "false")
    assert health_checks.signer().state == "fail"
