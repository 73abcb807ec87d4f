"""What the broker has run: an append-only file in which every line holds the hash of the one before it.

A run is written down before its result leaves, the result is placed whole, then the tokens are deleted and that is
written down too. So whatever a crash interrupts, nothing leaves unlogged, and tokens that were left behind are named.

No list is measured twice in two versions: a second one that lacks one person would tell whether she is on the others.
Of a list the file keeps its fingerprint and a sketch of 64 sums (Alon, Matias and Szegedy 1999): the sketches of two
lists tell how many records differ, to within a fifth, and nothing of any record.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from kerege.linkage.tokens.store import Tokens
from kerege.standard import files
from kerege.standard.faults import BadInput, Fault, Refused

START = "0" * 64
Entry = dict[str, Any]
# two lists that differ by fewer records are taken for two versions of one
LEAST_DIFFERENCE = 30
# what two persons may well have in common
SHARED_BY_MANY = {"sex", "birth_date", "birth_year", "birth_day", "birth_turned", "birth_near"}


class Runs:
    """The runs of one broker, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "runs.jsonl"
        self.head = folder / "runs.head"

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else runs meanwhile."""
        return files.locked(self.folder)

    def entries(self) -> list[Entry]:
        """All entries, oldest first. Raises Refused when the chain is broken or was cut."""
        found: list[Entry] = []
        *lines, torn = (self.path.read_bytes() if self.path.exists() else b"").split(b"\n")
        for line in [*lines, *([torn] if torn and _entry(torn) else [])]:
            entry = _entry(line)
            if entry is None or entry.get("prev") != (found[-1]["hash"] if found else START):
                raise _broken(len(found) + 1)
            found.append(entry)
        if not self.head.exists() and len(found) > 1:  # the head of the first entry may be lost in a crash, no other
            raise _broken(len(found) + 1)
        head = self.head.read_text().split() if self.head.exists() else ["0", START]
        count = int(head[0]) if len(head) == 2 and head[0].isdigit() else -1
        if not 0 <= count <= len(found) or head[1] != (found[count - 1]["hash"] if count else START):
            raise _broken(min(count, len(found)) + 1)
        return found

    def append(self, about: Entry) -> Entry:
        """Add an entry and flush it to disk; call it inside `locked`."""
        before = self.entries()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"seq": len(before) + 1, "at": now, **about, "prev": before[-1]["hash"] if before else START}
        entry["hash"] = _hash(entry)
        lines = "".join(json.dumps(each, sort_keys=True, ensure_ascii=False) + "\n" for each in [*before, entry])
        # a line that a crash cut off released nothing: the file is replaced by its whole lines and the new one
        for path, text in ((self.path, lines), (self.head, f"{entry['seq']} {entry['hash']}\n")):
            with files.atomic_file(path) as part:
                part.write_text(text, encoding="utf-8")
                sync(part)
        return entry

    def secret(self) -> bytes:
        """Random bytes that only this broker has: for sketches and for rounding that nobody can foresee."""
        path = self.folder / "secret"
        if not path.exists():
            with files.atomic_file(path) as part:
                part.write_bytes(secrets.token_bytes(32))
                sync(part)
        return path.read_bytes()

    def left_behind(self) -> list[Path]:
        """Token files of earlier runs that should have been deleted and are still there."""
        entries = self.entries()
        done = {entry["run"] for entry in entries if entry["kind"] == "deleted"}
        waiting = [entry for entry in entries if entry["kind"] == "run" and entry["seq"] not in done]
        paths = [Path(each) for entry in waiting if not entry["kept"] for each in entry["files"]]
        return sorted({path for path in paths if path.exists()})

    def check(self, lists: Sequence[Tokens], sketches: Sequence[list[int]]) -> None:
        """Raise Refused when one of these lists is another version of itself, or nearly another list, of before."""
        one = lists[0].header
        before = [each for entry in self.entries() if entry["kind"] == "run" and entry["key"] == one.key
                  for each in entry["lists"]]  # fmt: skip
        for tokens, sketch in zip(lists, sketches, strict=True):
            name = tokens.header.list
            for known in before:
                if known["name"] == name and known["fingerprint"] != tokens.fingerprint:
                    raise Refused(
                        f"the list {name} was measured before in another version: the difference of both results "
                        "would tell of single people; send the same records again, or start a new exercise"
                    )
                if known["name"] != name and difference(sketch, known["sketch"]) < LEAST_DIFFERENCE:
                    raise _alike(name, known["name"])
        for place, tokens in enumerate(lists):
            for other in lists[:place]:
                if len(set(tokens.rows) ^ set(other.rows)) < LEAST_DIFFERENCE:
                    raise _alike(tokens.header.list, other.header.list)


def _alike(one: str, two: str) -> Refused:
    return Refused(
        f"the lists {one} and {two} are nearly the same: their difference would tell of single people; "
        "leave one of them out"
    )


def compatible(lists: Sequence[Tokens]) -> None:
    """Raise BadInput unless these are two to ten different lists of one exercise, one key and one way of folding."""
    first = lists[0].header
    faults = []
    if not 2 <= len(lists) <= 10:
        faults.append(Fault(f"{len(lists)} list cannot overlap" if len(lists) < 2 else "more than ten lists",
                            "give two to ten token files"))  # fmt: skip
    seen: dict[str, str] = {}
    for tokens in lists:
        header, file = tokens.header, tokens.path.name
        if header.exercise != first.exercise:
            what = f"belongs to the exercise {header.exercise}, not to {first.exercise}"
            faults.append(Fault(what, "give files of one exercise", file))
        elif header.key != first.key:
            faults.append(Fault("was made with another key", "let all agencies encode with one key", file))
        if header.fold != first.fold:
            what = f"was folded by version {header.fold}, the others by {first.fold}"
            faults.append(Fault(what, "let all agencies encode with the same version of kerege", file))
        if header.list in seen:
            what = f"is the list {header.list} again, like {seen[header.list]}"
            faults.append(Fault(what, "give one file of each list", file))
        seen.setdefault(header.list, file)
        others = {name for other in lists if other is not tokens for name in other.frame.columns}
        if len(lists) > 1 and not others & set(tokens.frame.columns) - SHARED_BY_MANY:
            what = "has no field in common with the other lists that tells one person from another"
            faults.append(Fault(what, "encode a list with names or document numbers, as the others do", file))
    if faults:
        raise BadInput(faults)


def sketch(rows: Sequence[str], secret: bytes) -> list[int]:
    """64 sums over the records of a list, of signs that the secret draws for each record."""
    drawn = b"".join(hmac.digest(secret, row.encode(), "sha256")[:8] for row in rows)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(len(rows), 64).astype(np.int64)
    return [int(each) for each in (2 * bits - 1).sum(0)]


def difference(one: Sequence[int], two: Sequence[int]) -> float:
    """About how many records are in one list and not in the other."""
    return float(np.mean((np.array(one) - np.array(two)) ** 2))


def sync(path: Path) -> None:
    """Flush a file to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entry(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.get("hash") == _hash(entry) else None


def _hash(entry: Entry) -> str:
    told = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _broken(line: int) -> Refused:
    return Refused(f"the log of token runs is broken at line {line}: restore it from the backup")
