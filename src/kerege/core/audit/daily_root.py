"""Daily root: the signed head of the chain in a file outside the database.

It reveals a rewritten chain. Each root also names its number and the hash of the root before it, and the chain has an
event for every root: so a file that was deleted, cut or written anew is detected too. Copies on another machine
disclose an intruder who changes both the file and the database.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from kerege.base import ed25519, files, hashes, signing
from kerege.base.countersignatures import compare, read_log
from kerege.base.daily_roots import START, DailyRoot, hash_of, read_lines
from kerege.base.errors import BadInput, Fault, Refused
from kerege.core.answers import collect_answers
from kerege.core.audit.acts import record
from kerege.core.audit.events import collect_root_faults, collect_root_statements
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.authorization import Actor
from kerege.core.security import signing_key
from kerege.core.security.keyring import MissingKey

RECORDED = "audit.root"  # action of the event that records a root


def path() -> Path:
    """Return the path of the file of roots."""
    return files.home() / "audit" / "roots.jsonl"


def write(now: datetime) -> None:
    """Append the signed root of the chain's current head and record it, unless the chain is empty.

    Other apps add statements, such as the state of the ledger.
    """
    head = AuditHead.objects.filter(pk=1).first()
    if head is None or head.seq == 0:
        return
    key_id, key = signing_key.current()
    earlier = list(read_lines(path()))
    statements: dict[str, Any] = {}
    for statement in collect_answers(collect_root_statements, AuditHead, earlier=_readable(earlier)):
        statements |= statement
    root = DailyRoot(
        at=now.isoformat(),
        seq=head.seq,
        hash=_text(head.hash),
        key=key_id,
        number=len(earlier) + 1,
        previous=hash_of(earlier[-1]) if earlier else START,
        **statements,
        **hashes.current_name(),
    )
    line = json.dumps(root.tree | {"signature": signing.sign(root.signed, key)}, sort_keys=True)
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    record(Actor.system("audit"), RECORDED, root=hash_of(line), number=len(earlier) + 1)


def last() -> dict[str, Any] | None:
    """Return time (`at`) and last event (`seq`) of the newest root; None without a readable root."""
    try:
        *_, line = read_lines(path())
        root = DailyRoot.model_validate_json(line)
        return {"at": datetime.fromisoformat(root.at), "seq": root.seq}
    except ValueError:  # also pydantic's
        return None


def broken() -> tuple[int, str] | None:
    """Return (event number, reason) for the first root that does not match the chain; None when all match."""
    return _broken(path()) or _unrecorded()


def broken_copy(copy: Path) -> tuple[int, str] | None:
    """Return (event number, reason) for the first root of a copy that does not fit; None when all do.

    A register that was cut, rolled back or written anew lacks roots of the copy. Raises BadInput for a file without
    roots.
    """
    lines, own = list(read_lines(copy)), list(read_lines(path()))
    if not lines:
        raise BadInput(Fault("there are no daily roots in it", "give a copy of audit/roots.jsonl", file=str(copy)))
    if wrong := _broken(copy):
        return wrong
    for number, line in enumerate(lines, start=1):
        if number > len(own) or own[number - 1] != line:
            seq = DailyRoot.model_validate_json(line).seq
            return seq, f"root {number} of the copy is not in {path()}: the file was cut or written anew"
    return None


def list_stated_faults() -> list[tuple[int, str]]:
    """Return (event number, sentence) for each statement of another app in the roots that fails now.

    Copies are compared before: each of their roots is in the file of this machine.
    """
    roots = _readable(list(read_lines(path())))
    return [fault for faults in collect_answers(collect_root_faults, AuditHead, roots=roots) for fault in faults]


def refused_by_witness(log: Path, pem: bytes) -> str:
    """Return why the roots are not those that a witness countersigned; '' when they are.

    `log` is the log of the witness, `pem` its public key.
    """
    try:
        compare(read_log(log, pem), list(read_lines(path())))
    except Refused as refusal:
        return str(refusal)
    return ""


def newest_seq(copy: Path) -> int:
    """Return the number of the last event that the roots of a copy name; 0 without a readable root."""
    numbers = [0]
    for line in read_lines(copy):
        with suppress(ValueError):  # also pydantic's
            numbers.append(DailyRoot.model_validate_json(line).seq)
    return max(numbers)


def _readable(lines: list[str]) -> list[DailyRoot]:
    """Return the roots that can be read; `broken` reports the others."""
    roots = []
    for line in lines:
        with suppress(ValueError):  # also pydantic's
            roots.append(DailyRoot.model_validate_json(line))
    return roots


def _broken(source: Path) -> tuple[int, str] | None:
    last, previous, is_chained, is_external = 0, START, False, False
    for number, line in enumerate(read_lines(source), start=1):
        where = f"(line {number} of {source.name})"
        try:
            root = DailyRoot.model_validate_json(line)
            if is_external and not signing_key.is_external(root.key):
                return last + 1, f"the machine signed a daily root after a signer had taken over {where}"
            is_external = signing_key.is_external(root.key)
            ed25519.check(root.signed, root.signature, signing_key.pem_of(root.key))
        except MissingKey as missing:
            return last + 1, f"{missing} {where}"
        except Refused:
            return last + 1, f"the signature of a daily root does not fit {where}"
        except (ValueError, KeyError, TypeError, AttributeError):
            return last + 1, f"the file of daily roots was damaged {where}"
        # roots of version 0.1 name no previous one; they stand first
        is_chained = is_chained or root.previous is not None
        if is_chained and (root.number, root.previous) != (number, previous):
            return last + 1, f"a daily root before this one is missing or was changed {where}"
        event = AuditEvent.objects.filter(seq=root.seq).values_list("hash", flat=True).first()
        if event is None or _text(event) != root.hash:
            return root.seq, "a signed daily root names another content: the chain was written anew"
        last, previous = root.seq, hash_of(line)
    return None


def _unrecorded() -> tuple[int, str] | None:
    """Return the first root that the chain records and the file lacks."""
    present = {hash_of(line) for line in read_lines(path())}
    for seq, details in AuditEvent.objects.filter(action=RECORDED).order_by("seq").values_list("seq", "details"):
        if details.get("root") not in present:
            return seq, f"the file of daily roots lacks root {details.get('number')}: it was deleted or cut"
    return None


def _text(value: Any) -> str:
    return value if isinstance(value, str) else bytes(value).hex()
