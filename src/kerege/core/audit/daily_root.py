"""Daily root: the signed head of the chain in a file outside the database.

It discloses a rewritten chain.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from kerege.base import ed25519, files
from kerege.base.errors import Refused
from kerege.core.answers import collect_answers
from kerege.core.audit.events import collect_root_statements
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.security.keyring import keyring


def path() -> Path:
    """Return the path of the file of roots."""
    return files.home() / "audit" / "roots.jsonl"


def write(now: datetime) -> None:
    """Append the signed root of the chain's current head; do nothing while the chain is empty.

    Other apps add statements, such as the state of the ledger.
    """
    head = AuditHead.objects.filter(pk=1).first()
    if head is None or head.seq == 0:
        return
    key_id, key = keyring().current("release")
    root: dict[str, object] = {"at": now.isoformat(), "seq": head.seq, "hash": _text(head.hash), "key": key_id}
    for statements in collect_answers(collect_root_statements, AuditHead):
        root |= statements
    root["signature"] = ed25519.sign(_signed(root), key)
    path().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(json.dumps(root, sort_keys=True) + "\n")


def last() -> dict[str, Any] | None:
    """Return time (`at`) and last event (`seq`) of the newest root; None without a readable root."""
    try:
        *_, line = _lines()
        root = json.loads(line)
        return {"at": datetime.fromisoformat(root["at"]), "seq": int(root["seq"])}
    except (ValueError, KeyError, TypeError):
        return None


def broken() -> tuple[int, str] | None:
    """Return (event number, reason) for the first root that does not match the chain; None when all match."""
    last = 0
    for number, line in enumerate(_lines(), start=1):
        try:
            root = json.loads(line)
            seq, key = int(root["seq"]), keyring().get("release", str(root["key"]))
            ed25519.check(_signed(root), str(root["signature"]), ed25519.public_pem(key))
        except Refused:
            return last + 1, f"the signature of a daily root does not fit (line {number} of {path().name})"
        except (ValueError, KeyError, TypeError, AttributeError):
            return last + 1, f"the file of daily roots was damaged (line {number} of {path().name})"
        event = AuditEvent.objects.filter(seq=seq).values_list("hash", flat=True).first()
        if event is None or _text(event) != root["hash"]:
            return seq, "a signed daily root names another content: the chain was written anew"
        last = seq
    return None


def _signed(root: dict[str, Any]) -> bytes:
    return json.dumps({k: v for k, v in root.items() if k != "signature"}, sort_keys=True).encode()


def _lines() -> Iterator[str]:
    if path().is_file():
        yield from (line for line in path().read_text(encoding="utf-8", errors="replace").splitlines() if line.strip())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else bytes(value).hex()
