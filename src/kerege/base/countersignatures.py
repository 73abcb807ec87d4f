"""Countersignatures: signed statements of a witness on another machine about daily roots.

The log of the witness has one line for each root. A line names the root by its number and hash, the time, and the hash
of the line before it; the key of the witness signs it. So the operator of the register cannot write another history
of the roots that the witness has seen, and the witness cannot take back a line unseen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from kerege.base import ed25519, files, hashes
from kerege.base.daily_roots import START, DailyRoot, hash_of, read_lines
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.file_model import FileModel


class Countersignature(FileModel):
    """A line of the log: the root that the witness saw, the time, and the hash of the previous line."""

    number: int
    root: str
    seq: int
    at: str
    previous: str
    hashed_by: str = ""
    signature: str = ""

    @property
    def signed(self) -> bytes:
        """Return the bytes that the signature covers."""
        content = {name: value for name, value in self.tree.items() if name != "signature"}
        return json.dumps(content, sort_keys=True).encode()


def countersign(roots: Path, log: Path, key: bytes, now: datetime, register_keys: Sequence[bytes] = ()) -> int:
    """Sign every root that the log does not hold yet; return their number.

    `key` is the seed of the witness, `register_keys` are the public keys (PEM) that may have signed the roots; without
    them the signatures of the roots are not checked. Raises Refused when a root that was signed before is missing or
    changed, or when the roots do not form a chain; BadInput for a file without roots. In both cases the log stays
    unchanged.
    """
    lines = list(read_lines(roots))
    if not lines:
        raise BadInput(Fault("there are no daily roots in it", "give a copy of audit/roots.jsonl", file=str(roots)))
    with files.locked(log.parent):
        seen = read_log(log, ed25519.public_pem(key))
        compare(seen, lines)
        previous = hash_of(_line(seen[-1])) if seen else START
        new_lines = []
        for number, line in enumerate(lines[len(seen) :], start=len(seen) + 1):
            _check_root(lines, number, register_keys)
            entry = Countersignature(
                number=number,
                root=hash_of(line),
                seq=DailyRoot.model_validate_json(line).seq,
                at=now.isoformat(),
                previous=previous,
                **hashes.current_name(),
            )
            signed = entry.model_copy(update={"signature": ed25519.sign(entry.signed, key)})
            new_lines.append(_line(signed))
            previous = hash_of(new_lines[-1])
        _append(log, new_lines)
    return len(new_lines)


def read_log(log: Path, pem: bytes) -> list[Countersignature]:
    """Return the lines of a log; raise Refused unless the witness signed all of them as one chain."""
    entries: list[Countersignature] = []
    previous = START
    for number, line in enumerate(read_lines(log), start=1):
        try:
            entry = Countersignature.model_validate_json(line)
        except ValueError:
            raise Refused(f"line {number} of {log} is damaged: restore the log from a copy") from None
        if (entry.number, entry.previous) != (number, previous):
            raise Refused(f"line {number} of {log} does not follow the one before it: the log was cut or changed")
        try:
            ed25519.check(entry.signed, entry.signature, pem)
        except Refused:
            raise Refused(f"line {number} of {log} was not signed with this key of the witness") from None
        entries.append(entry)
        previous = hash_of(line)
    return entries


def compare(seen: Sequence[Countersignature], lines: Sequence[str]) -> None:
    """Raise Refused unless a file of roots holds each root of a log, unchanged and at its place."""
    for entry in seen:
        if entry.number > len(lines):
            raise Refused(f"root {entry.number} is missing; the witness saw it on {entry.at}: the file was cut")
        if hash_of(lines[entry.number - 1]) != entry.root:
            raise Refused(f"root {entry.number} is not the one that the witness saw on {entry.at}")


def _check_root(lines: Sequence[str], number: int, register_keys: Sequence[bytes]) -> None:
    """Raise Refused unless a root follows the one before it, and a key of the register signed it."""
    try:
        root = DailyRoot.model_validate_json(lines[number - 1])
    except ValueError:
        raise Refused(f"root {number} is damaged: nothing was signed") from None
    # roots of version 0.1 name no previous one; they stand first
    before = hash_of(lines[number - 2]) if number > 1 else START
    if root.previous is not None and (root.number, root.previous) != (number, before):
        raise Refused(f"root {number} does not follow the one before it: nothing was signed")
    if register_keys and not any(_is_signed(root, pem) for pem in register_keys):
        raise Refused(f"root {number} was signed with none of these keys of the register: nothing was signed")


def _is_signed(root: DailyRoot, pem: bytes) -> bool:
    try:
        ed25519.check(root.signed, root.signature, pem)
    except Refused:
        return False
    return True


def _line(entry: Countersignature) -> str:
    return json.dumps(entry.tree, sort_keys=True)


def _append(log: Path, lines: Sequence[str]) -> None:
    """Append lines and wait until the disk has them."""
    if not lines:
        return
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write("".join(line + "\n" for line in lines))
        file.flush()
        os.fsync(file.fileno())
