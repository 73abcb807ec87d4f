"""The hash-chained file of ledger entries.

An entry is written in three steps: the output is placed whole, the line is appended and flushed to disk, then the head
(number and hash of the last entry) is replaced. An output is published only after these steps. A line that a crash cut
off, with the head still at the entry before it, therefore released nothing and is dropped. A ledger that ends before
its head was truncated later; it is refused.
"""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kerege.base import files, hashes
from kerege.base.errors import Refused, place
from kerege.base.files import atomic_file, sync
from kerege.evidence.ledger.composition import undrawn_reserve
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, LedgerHead, digest

START = "0" * 64
EXACT = 1e-9  # relative tolerance of the ceiling for sums of rounded numbers


class EntryChain:
    """The entries of the ledger in one folder; every entry holds the hash of the one before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self.head = folder / "ledger.head"
        self.key = folder / "ledger.key"

    def locked(self) -> AbstractContextManager[None]:
        """Return a context in which no other process reads or writes the ledger."""
        return self.locked_for_reading()

    def locked_for_reading(self) -> AbstractContextManager[None]:
        """Return the lock of `locked` for a reader, who may also read a ledger that takes no charge."""
        return files.locked(self.folder)

    def require_evidence(self) -> None:
        """Raise Refused when the ledger lacks an entry that its home names; a ledger in no home passes.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     EntryChain(Path(folder)).require_evidence()
        """

    def entries(self) -> list[LedgerEntry]:
        """Return all entries, oldest first.

        Returns
        -------
        list of LedgerEntry
            Each with `seq`, `prev` and `hash` (SHA-256 of the entry).

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
        ...     EntryChain(Path(folder)).entries()
        []
        """
        return self._read()[0]

    def torn(self) -> str:
        """Return a warning about a last line that was cut off while it was written, '' when there is none."""
        note = (
            "the last line of the ledger was cut off while it was written: nothing was published yet, so it is dropped"
        )
        return note if self._read()[1] else ""

    def _read(self) -> tuple[list[LedgerEntry], bytes]:
        """Return the entries, and the bytes of a last line that was cut off."""
        content = self.path.read_bytes() if self.path.exists() else b""
        *lines, tail = content.split(b"\n")
        entries: list[LedgerEntry] = []
        for line in lines:
            entries.append(_read_entry(line, entries))
        if tail and (last := _parse_entry(tail, entries)):
            entries.append(last)  # only the line break is missing: the entry is complete
            tail = b""
        head = self._read_head()
        if tail and (head is None or head.seq > len(entries)):
            raise _broken(len(entries) + 1)
        if head is not None:
            self._check_head(head, entries)
        return entries, tail

    def _check_head(self, head: LedgerHead, entries: list[LedgerEntry]) -> None:
        """Raise Refused when the ledger is lost or shorter than its head says, or the head has another hash."""
        if head.seq and not self.path.exists():
            what = f"the ledger is lost: {self.path} is not there, and {self.head.name} names entry {head.seq}"
            raise Refused(f"{what}; restore the folder from the backup")
        if head.seq > len(entries):
            raise _broken(len(entries) + 1, f": {self.path} was cut, {self.head.name} names entry {head.seq}")
        if head.seq and entries[head.seq - 1].hash != head.hash:
            raise _broken(head.seq)

    def _read_head(self) -> LedgerHead | None:
        """Return the head, None in a ledger that never had one."""
        try:
            return LedgerHead.model_validate(json.loads(self.head.read_bytes()))
        except FileNotFoundError:
            return None
        except ValueError:  # also pydantic's
            raise Refused("the head of the ledger cannot be read: restore the ledger from the backup") from None

    def _add(self, about: EntryContents) -> LedgerEntry:
        entries, tail = self._read()
        if about.reserved < 0 and undrawn_reserve(entries, about) + about.reserved < -EXACT:
            raise ValueError("an entry draws no more than was set aside")
        content = about.tree | {"seq": len(entries) + 1, "prev": entries[-1].hash if entries else START}
        content |= hashes.current_name()
        if tail:
            content["dropped"] = hashlib.sha256(tail).hexdigest()
        entry = LedgerEntry.model_validate(content | {"hash": digest(content)})
        if self._read_head() is None:
            self._write_head(entries)
        self._write_line(entry.line, len(tail))
        self._write_head([entry])
        return entry

    def _write_line(self, line: str, torn: int) -> None:
        """Append a line after cutting off `torn` bytes; undo a write that fails."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.fchmod(handle, 0o600)  # an existing file may be readable for other users
        with os.fdopen(handle, "r+b") as file:
            size = file.seek(0, os.SEEK_END) - torn
            file.truncate(size)
            start = b"\n" if size and not _ends_line(file, size) else b""
            try:
                file.seek(size)
                file.write(start + line.encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise

    def _write_head(self, entries: list[LedgerEntry]) -> None:
        head = LedgerHead(seq=entries[-1].seq, hash=entries[-1].hash) if entries else LedgerHead(seq=0, hash=START)
        with atomic_file(self.head) as part:
            part.write_text(json.dumps(head.tree) + "\n")
            sync(part)
        sync(self.folder)


def _read_entry(line: bytes, entries: list[LedgerEntry]) -> LedgerEntry:
    """Return the entry of a line; raises Refused when it does not continue the chain."""
    entry = _parse_entry(line, entries)
    if entry is None:
        raise _broken(len(entries) + 1)
    return entry


def _parse_entry(line: bytes, entries: list[LedgerEntry]) -> LedgerEntry | None:
    """Return the entry of a line if it is complete and follows the entries before it, else None.

    The hash is over all keys of the line, also those of a newer version. Raises Refused when a line that continues the
    chain has a value that this version cannot read.
    """
    try:
        content = json.loads(line)
    except ValueError:
        return None
    if not isinstance(content, dict) or content.get("prev") != (entries[-1].hash if entries else START):
        return None
    if content.get("hash") != digest({name: value for name, value in content.items() if name != "hash"}):
        return None
    try:
        return LedgerEntry.model_validate(content)
    except ValidationError as error:
        where = place(error.errors(include_url=False, include_input=False)[0]["loc"])
        number = len(entries) + 1
        raise Refused(
            f"entry {number} of the ledger has no valid {where}: read it with the version that wrote it"
        ) from None


def _broken(number: int, why: str = "") -> Refused:
    return Refused(f"the ledger is broken at line {number}{why}; restore it from the backup")


def _ends_line(file: Any, size: int) -> bool:
    file.seek(size - 1)
    return bool(file.read(1) == b"\n")
