"""Append-only log of the broker's runs: each entry holds the hash of the previous one.

A run is logged before its result is written. Then the result file appears complete, the tokens are deleted, and the
deletion is logged. After a crash at any point, every result is logged and leftover tokens are known.

No list is counted in two versions: the difference of the results would show whether a person is on the other lists. Two
answers to one question would also contain less noise than one. So every later run of a study repeats its first.
"""

from __future__ import annotations

import hashlib
import json
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
# least number of differing records; below it, two lists count as versions of one
LEAST_DIFFERENCE = 30
# columns in which different persons often agree
SHARED_BY_MANY = {"sex", "birth_date", "birth_year", "birth_day", "birth_turned", "birth_near"}


class StudyLog:
    """Hash-chained log of the studies of one broker, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "runs.jsonl"
        self.head = folder / "runs.head"

    def locked(self) -> AbstractContextManager[None]:
        """Return a context manager that excludes other runs."""
        return files.locked(self.folder)

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first.

        Returns
        -------
        list of dict
            Each with `seq`, `at`, `kind`, `prev` and `hash` (SHA-256 of the entry).

        Raises
        ------
        Refused
            If the chain is broken or truncated.

        Notes
        -----
        Each entry holds the hash of the one before: Haber and Stornetta 1991, "How to time-stamp a digital document",
        Journal of Cryptology 3.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     log = StudyLog(Path(folder))
        ...     with log.locked():
        ...         _ = log.append({"kind": "run"})
        ...     [entry["kind"] for entry in log.entries()]
        ['run']
        """
        entries: list[Entry] = []
        *lines, incomplete = (self.path.read_bytes() if self.path.exists() else b"").split(b"\n")
        for line in [*lines, *([incomplete] if incomplete and _parse_entry(incomplete) else [])]:
            entry = _parse_entry(line)
            if entry is None or entry.get("prev") != (entries[-1]["hash"] if entries else START):
                raise _report_broken_line(len(entries) + 1)
            entries.append(entry)
        if not self.head.exists() and len(entries) > 1:  # a crash can lose only the head of the first entry
            raise _report_broken_line(len(entries) + 1)
        head = self.head.read_text().split() if self.head.exists() else ["0", START]
        count = int(head[0]) if len(head) == 2 and head[0].isdigit() else -1
        if not 0 <= count <= len(entries) or head[1] != (entries[count - 1]["hash"] if count else START):
            raise _report_broken_line(min(count, len(entries)) + 1)
        return entries

    def append(self, about: Entry) -> Entry:
        """Append an entry and flush it to disk; call it inside `locked`.

        Parameters
        ----------
        about : dict
            Content of the entry, JSON values by name.

        Returns
        -------
        dict
            The entry with its number `seq`, its time `at` (UTC), and the hashes `prev` and `hash`.

        Raises
        ------
        Refused
            If the chain is broken or truncated.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     log = StudyLog(Path(folder))
        ...     with log.locked():
        ...         entry = log.append({"kind": "run"})
        >>> entry["seq"], entry["prev"] == START
        (1, True)
        """
        before = self.entries()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"seq": len(before) + 1, "at": now, **about, "prev": before[-1]["hash"] if before else START}
        entry["hash"] = _hash(entry)
        lines = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in [*before, entry])
        # a line cut off by a crash belongs to no written result, so the new file omits it
        for path, text in ((self.path, lines), (self.head, f"{entry['seq']} {entry['hash']}\n")):
            with files.atomic_file(path) as part:
                part.write_text(text, encoding="utf-8")
                files.sync(part)
        return entry

    def secret(self) -> bytes:
        """Return the random bytes for sketches; create them at first use."""
        path = self.folder / "secret"
        if not path.exists():
            with files.atomic_file(path) as part:
                part.write_bytes(secrets.token_bytes(32))
                files.sync(part)
        return path.read_bytes()

    def left_behind(self) -> list[Path]:
        """Return the existing token files of interrupted or refused runs, and of runs that kept them."""
        entries = self.entries()
        deleted_runs = {entry["run"] for entry in entries if entry["kind"] == "deleted"}
        undeleted = [
            entry for entry in entries if entry["kind"] in ("run", "refused") and entry["seq"] not in deleted_runs
        ]
        paths = {Path(file) for entry in undeleted for file in entry.get("files", [])}
        return sorted(path for path in paths if path.exists())

    def first(self, key: str) -> Entry | None:
        """Return the first run of a study by its key, even a refused one: it fixed the published counts.

        Parameters
        ----------
        key : str
            Fingerprint of the key (16 hexadecimal digits).

        Returns
        -------
        dict, optional
            The entry, or None without a run.

        Raises
        ------
        Refused
            If the chain is broken or truncated.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     StudyLog(Path(folder)).first("0" * 16) is None
        True
        """
        return next((entry for entry in self.entries() if entry.get("key") == key), None)


def check_same_files(lists: Sequence[Tokens], first: Entry) -> None:
    """Raise Refused unless these are the files of the first run, and that run was counted."""
    known = {row["name"]: row["fingerprint"] for row in first["lists"]}
    todo = "begin a new study, with a new key that all agencies encode under anew"
    for tokens in lists:
        name = tokens.header.list
        if known.get(name) != tokens.fingerprint:
            raise Refused(
                f"the list {name} is another file than in run {first['seq']} of the study, and the difference of "
                f"both results would disclose individuals: give the file of that run, or {todo}"
            )
    if "counts" not in first:
        raise Refused(f"run {first['seq']} was refused, and a study is counted once: {todo}")


def check_different(lists: Sequence[Tokens]) -> None:
    """Raise Refused if two of the lists are nearly the same.

    The comparison is noisy unless the counts are exact. Otherwise a copy of a list, changed in just enough records,
    would prove the presence of one more person.
    """
    epsilon = lists[0].header.terms.epsilon
    for one, two in combinations(lists, 2):
        noise = 0 if epsilon is None else published_counts.draw_noise(secrets.token_bytes(32), "alike", epsilon)
        if len(set(one.rows) ^ set(two.rows)) + noise < LEAST_DIFFERENCE:
            raise Refused(
                f"the lists {one.header.list} and {two.header.list} are nearly the same: their difference would "
                "disclose individuals; begin a new study without one of them"
            )


def check_complete(lists: Sequence[Tokens]) -> None:
    """Raise BadInput unless all lists of the study are given: lists cannot be added to a counted study."""
    missing = [name for name in lists[0].header.terms.lists if name not in {tokens.header.list for tokens in lists}]
    if missing:
        what = f"the study {lists[0].header.study} also counts {', '.join(missing)}"
        raise BadInput(Fault(what, "give the token files of all its lists at once"))


def check_compatible(lists: Sequence[Tokens]) -> None:
    """Raise BadInput unless these are different lists of one study, with one key and one folding version."""
    first = lists[0].header
    faults = []
    if len(lists) < 2:
        faults.append(Fault(f"{len(lists)} list cannot overlap", "give the token files of all lists"))
    seen: dict[str, str] = {}
    for tokens in lists:
        header, file = tokens.header, tokens.path.name
        if header.study != first.study:
            problem = f"belongs to the study {header.study}, not to {first.study}"
            faults.append(Fault(problem, "give files of one study", file))
        elif header.key != first.key:
            faults.append(Fault("was made with another key", "let all agencies encode with one key", file))
        elif header.terms != first.terms:
            # impossible with one key, unless a header was edited
            faults.append(Fault("has other terms than the other files", "ask the agency for its file again", file))
        elif header.list not in header.terms.lists:
            problem = f"is the list {header.list}, which the study does not have"
            faults.append(Fault(problem, "leave it out, or begin a study with another key", file))
        if header.fold != first.fold:
            problem = f"was folded by version {header.fold}, the others by {first.fold}"
            faults.append(Fault(problem, "let all agencies encode with the same version of kerege", file))
        if header.list in seen:
            problem = f"is the list {header.list} again, like {seen[header.list]}"
            faults.append(Fault(problem, "give one file of each list", file))
        seen.setdefault(header.list, file)
        other_columns = {name for other in lists if other is not tokens for name in other.frame.columns}
        if len(lists) > 1 and not other_columns & set(tokens.frame.columns) - SHARED_BY_MANY:
            problem = "has no field in common with the other lists that distinguishes persons"
            faults.append(Fault(problem, "encode a list with names or document numbers, as the others do", file))
    if faults:
        raise BadInput(faults)


def _parse_entry(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) and entry.get("hash") == _hash(entry) else None


def _hash(entry: Entry) -> str:
    content = {name: value for name, value in entry.items() if name != "hash"}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _report_broken_line(line: int) -> Refused:
    return Refused(f"the log of token runs is broken at line {line}: restore it from the backup")
