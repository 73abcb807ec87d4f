"""What the broker has run: an append-only file in which every line holds the hash of the one before it.

A run is written down before its result leaves, the result is placed whole, then the tokens are deleted and that is
written down too. So whatever a crash interrupts, nothing leaves unlogged, and tokens that were left behind are named.

No list is measured twice in two versions: a second one that lacks one person would tell whether she is on the others,
and two answers to one question are less noisy than one. So the first run of an exercise is its last but for repeats.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

from kerege.base import files
from kerege.base.errors import BadInput, Fault, Refused
from kerege.linkage.tokens import published_counts
from kerege.linkage.tokens.token_file import Tokens

START = "0" * 64
Entry = dict[str, Any]
# two lists that differ by fewer records are taken for two versions of one
LEAST_DIFFERENCE = 30
# what two persons may well have in common
SHARED_BY_MANY = {"sex", "birth_date", "birth_year", "birth_day", "birth_turned", "birth_near"}


class StudyLog:
    """The hash-chained log of the studies of one broker, in a folder of its own."""

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
        """Random bytes that nobody else has, for sketches."""
        path = self.folder / "secret"
        if not path.exists():
            with files.atomic_file(path) as part:
                part.write_bytes(secrets.token_bytes(32))
                sync(part)
        return path.read_bytes()

    def left_behind(self) -> list[Path]:
        """Token files that are still there: of runs that were cut off, that were refused, or that kept them."""
        entries = self.entries()
        done = {entry["run"] for entry in entries if entry["kind"] == "deleted"}
        waiting = [entry for entry in entries if entry["kind"] in ("run", "refused") and entry["seq"] not in done]
        paths = {Path(each) for entry in waiting for each in entry.get("files", [])}
        return sorted(path for path in paths if path.exists())

    def first(self, key: str) -> Entry | None:
        """The first run, or the first one that was refused, of the exercise of a key: it fixed what is told."""
        return next((entry for entry in self.entries() if entry.get("key") == key), None)


def check_same(lists: Sequence[Tokens], first: Entry) -> None:
    """Raise Refused unless these files are those of the first run of the exercise, and something was counted then."""
    known = {each["name"]: each["fingerprint"] for each in first["lists"]}
    begin = "begin a new exercise, with a new key that all agencies encode under anew"
    for tokens in lists:
        name = tokens.header.list
        if known.get(name) != tokens.fingerprint:
            raise Refused(
                f"the list {name} is another file than in run {first['seq']} of the exercise, and the difference of "
                f"both results would tell of single people: give the file of then, or {begin}"
            )
    if "counts" not in first:
        raise Refused(f"run {first['seq']} was refused, and an exercise is asked once: {begin}")


def check_alike(lists: Sequence[Tokens]) -> None:
    """Raise Refused when two of the lists are nearly the same.

    With noise, unless the counts are exact: a copy of all that is known of a list, made to differ by just enough, would
    prove one person more.
    """
    epsilon = lists[0].header.terms.epsilon
    for one, two in combinations(lists, 2):
        off = 0 if epsilon is None else published_counts.drawn(secrets.token_bytes(32), "alike", epsilon)
        if len(set(one.rows) ^ set(two.rows)) + off < LEAST_DIFFERENCE:
            raise Refused(
                f"the lists {one.header.list} and {two.header.list} are nearly the same: their difference would tell "
                "of single people; begin a new exercise without one of them"
            )


def whole(lists: Sequence[Tokens]) -> None:
    """Raise BadInput unless all lists of the exercise are there: later none can come to those that were counted."""
    missing = [name for name in lists[0].header.terms.lists if name not in {tokens.header.list for tokens in lists}]
    if missing:
        what = f"the exercise {lists[0].header.exercise} counts {', '.join(missing)} too"
        raise BadInput(Fault(what, "give the token files of all its lists at once"))


def compatible(lists: Sequence[Tokens]) -> None:
    """Raise BadInput unless these are different lists that one exercise has, of one key and one way of folding."""
    first = lists[0].header
    faults = []
    if len(lists) < 2:
        faults.append(Fault(f"{len(lists)} list cannot overlap", "give the token files of all lists"))
    seen: dict[str, str] = {}
    for tokens in lists:
        header, file = tokens.header, tokens.path.name
        if header.exercise != first.exercise:
            what = f"belongs to the exercise {header.exercise}, not to {first.exercise}"
            faults.append(Fault(what, "give files of one exercise", file))
        elif header.key != first.key:
            faults.append(Fault("was made with another key", "let all agencies encode with one key", file))
        elif header.terms != first.terms:
            # of one key that cannot be, unless somebody wrote the header himself
            faults.append(Fault("asks for something else than the others", "ask the agency for its file again", file))
        elif header.list not in header.terms.lists:
            what = f"is the list {header.list}, which the exercise does not have"
            faults.append(Fault(what, "leave it out, or begin an exercise with another key", file))
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
