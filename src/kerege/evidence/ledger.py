"""What has been published and spent so far: one hash-chained file, and the outputs beside it by request.

An entry is written in this order: the output is placed whole, the line is appended and flushed to disk, then the head
(number and hash of the last entry) is replaced. Whatever is charged leaves the house only after that. So a line that
was cut off by a crash, with the head still at the entry before it, released nothing and is dropped; a ledger that ends
before its head was cut by somebody, and is refused.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kerege.evidence import accounting
from kerege.standard import files
from kerege.standard.faults import BadInput, Fault, Refused
from kerege.standard.files import atomic_dir, atomic_file

START = "0" * 64
EPSILON_A_PERIOD = 4.0  # at delta 1e-9; the ceiling of a period for which nobody set one
EXACT = 1e-9  # share of the ceiling by which sums of rounded numbers may pass it
Entry = dict[str, Any]


class Ledger:
    """The ledger of one folder; every entry holds the hash of the one before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self.head = folder / "ledger.head"

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else reads or writes the ledger meanwhile."""
        return files.locked(self.folder)

    def entries(self) -> list[Entry]:
        """All entries, oldest first; raises Refused when the chain is broken or was cut."""
        return self._read()[0]

    def torn(self) -> str:
        """What to tell about a last line that was cut off while it was written, '' when there is none."""
        told = "the last line of the ledger was cut off while it was written: nothing had left by then, it is dropped"
        return told if self._read()[1] else ""

    def _read(self) -> tuple[list[Entry], bytes]:
        """The entries, and the bytes of a line that was cut off."""
        whole = self.path.read_bytes() if self.path.exists() else b""
        *lines, tail = whole.split(b"\n")
        entries: list[Entry] = []
        for line in lines:
            entries.append(_chained(line, entries))
        if tail and (last := _fitting(tail, entries)):
            entries.append(last)  # only the end of the line is missing: it counts
            tail = b""
        known = self._known()
        if tail and (known is None or known["seq"] > len(entries)):
            raise _broken(len(entries) + 1)
        if known is not None:
            _check_head(known, entries)
        return entries, tail

    def _known(self) -> Entry | None:
        """The head, None in a ledger that has never had one."""
        try:
            known = json.loads(self.head.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            known = None
        if not isinstance(known, dict) or not {"seq", "hash"} <= set(known):
            raise Refused("the head of the ledger cannot be read: restore the ledger from the backup")
        return known

    def stored(self, request: str) -> Path | None:
        """The output of the same request, if it was made before; raises Refused when it was lost or changed since."""
        entry = next((entry for entry in self.entries() if entry.get("request") == request), None)
        if entry is None:
            return None
        output = self.folder / "outputs" / request
        if not output.is_dir() or entry.get("output", _hashes(output)) != _hashes(output):
            raise Refused(f"the output of entry {entry['seq']} of the ledger was lost or changed: restore the backup")
        return output

    def output(self, request: str) -> Path:
        """The output of a request that was made; raises Refused when there is none any more."""
        found = self.stored(request)
        if found is None:
            raise Refused("the ledger does not have what was made before: restore it from the backup")
        return found

    def append(self, request: str, output: Path, about: dict[str, Any]) -> Entry:
        """Keep a copy of the output and add an entry; call it inside `locked`, and publish only after it."""
        with atomic_dir(self.folder / "outputs" / request) as part:
            shutil.copytree(output, part, dirs_exist_ok=True)
            _sync(part)
        return self._add({"request": request, "output": _hashes(output)} | about)

    def _add(self, about: dict[str, Any]) -> Entry:
        entries, tail = self._read()
        rho = about.get("rho", 0)
        if not (isinstance(rho, int | float) and math.isfinite(rho) and rho >= 0):
            raise ValueError("an entry charges a rho of 0 or more")
        entry = {"seq": len(entries) + 1, **about, "prev": entries[-1]["hash"] if entries else START}
        if tail:
            entry["dropped"] = hashlib.sha256(tail).hexdigest()
        entry["hash"] = _hash(entry)
        if self._known() is None:
            self._write_head(entries)
        self._write_line(json.dumps(entry, sort_keys=True, ensure_ascii=False, allow_nan=False), len(tail))
        self._write_head([entry])
        return entry

    def _write_line(self, line: str, torn: int) -> None:
        """Append a line after cutting off `torn` bytes; a write that fails leaves nothing behind."""
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
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

    def _write_head(self, entries: list[Entry]) -> None:
        last = {"seq": entries[-1]["seq"], "hash": entries[-1]["hash"]} if entries else {"seq": 0, "hash": START}
        with atomic_file(self.head) as part:
            part.write_text(json.dumps(last) + "\n")
            _sync(part)
        _sync(self.folder)

    def set_budget(self, period: str, rho: float, by: str) -> Entry:
        """Set the ceiling (rho, zCDP) of a period; call it inside `locked`. Raises BadInput."""
        if not (math.isfinite(rho) and 0 <= rho <= accounting.MOST_RHO):
            raise BadInput(Fault("a budget is a number of 0 or more", "give rho, such as 0.2"))
        if not period.strip():
            raise BadInput(Fault("the budget has no period", "name one, such as 2025"))
        return self._add({"kind": "budget", "at": now(), "period": period, "ceiling": float(rho), "by": by, "rho": 0})

    def budget(self, period: str) -> float:
        """The ceiling (rho) of a period: the last one set, else what means epsilon 4 at delta 1e-9."""
        set_ = [entry["ceiling"] for entry in self.entries() if _is(entry, "budget", period)]
        return float(set_[-1]) if set_ else accounting.epsilon_to_rho(EPSILON_A_PERIOD)

    def has_budget(self, period: str) -> bool:
        """Whether somebody set the ceiling of a period."""
        return any(_is(entry, "budget", period) for entry in self.entries())

    def spent(self, period: str, about: Entry | None = None) -> float:
        """The loss (rho) charged to a period: what a person lost at most; with `about`, one in the cohorts of it."""
        return _lost([entry for entry in self.entries() if entry.get("period") == period], about)

    def left(self, period: str) -> float:
        """What is left of the budget of a period to everybody, never below 0."""
        return max(0.0, self.budget(period) - self.spent(period))

    def check(self, period: str, rho: float, about: Entry | None = None) -> None:
        """Raise Refused when charging `rho` would overdraw the budget of a period.

        `about` is what the entry will say. When it names a cohort, only what people in it lost counts beside `rho`.
        """
        ceiling, spent = self.budget(period), self.spent(period, about)
        if rho > 0 and spent + rho > ceiling * (1 + EXACT):
            rest = max(0.0, ceiling - spent)
            raise Refused(
                f"the privacy budget of {period} does not allow it: rho {rho:.4g} is asked for, "
                f"{rest:.4g} of {ceiling:.4g} is left; ask for less, or set another budget with kerege ledger budget"
            )

    def periods(self) -> list[str]:
        """All periods that were charged or given a budget."""
        return sorted({str(entry["period"]) for entry in self.entries() if entry.get("period")})

    def composed(self) -> float:
        """The loss (rho) of everything together: what a person lost at most."""
        return _lost(self.entries(), None)


def _lost(entries: list[Entry], about: Entry | None) -> float:
    """What a person lost at most (rho) by some entries; with `about`, one in the cohorts that it names.

    Losses add up. What is told of declared cohorts, of which a person is in one at the most, costs no more than the
    costliest cohort of their column.
    """
    charged = [entry for entry in entries if entry.get("rho")]
    cohorts: dict[tuple[str, str], dict[str, float]] = {}
    for entry in charged:
        if entry.get("cohort"):
            column = cohorts.setdefault(_divided(entry), {})
            for value in entry["cohort"]["values"]:
                column[value] = column.get(value, 0.0) + entry["rho"]
    worst = {divided: max(column.values()) for divided, column in cohorts.items()}
    if about and about.get("cohort") and (divided := _divided(about)) in cohorts:
        worst[divided] = max(cohorts[divided].get(value, 0.0) for value in about["cohort"]["values"])
    return math.fsum([*(entry["rho"] for entry in charged if not entry.get("cohort")), *worst.values()])


def _divided(entry: Entry) -> tuple[str, str]:
    """What is divided into cohorts, and by which column: a register, or a file, or series of files, of its own.

    Cohorts of two registers are not disjoint: a person may be in one of each.
    """
    snapshot = (entry.get("snapshots") or [{}])[0]
    foreign = snapshot.get("unit") == "records"
    register = entry.get("series") or snapshot["sha256"] if foreign else snapshot.get("unit", "")
    return str(register), str(entry["cohort"]["column"])


def _chained(line: bytes, entries: list[Entry]) -> Entry:
    entry = _fitting(line, entries)
    if entry is None:
        raise _broken(len(entries) + 1)
    return entry


def _fitting(line: bytes, entries: list[Entry]) -> Entry | None:
    """The entry of a line if it is whole and follows the entries before it."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("prev") != (entries[-1]["hash"] if entries else START):
        return None
    return entry if entry.get("hash") == _hash(entry) else None


def _check_head(known: Entry, entries: list[Entry]) -> None:
    seq = known["seq"]
    if seq > len(entries):
        raise _broken(len(entries) + 1)
    if seq and entries[seq - 1]["hash"] != known["hash"]:
        raise _broken(seq)


def _broken(number: int) -> Refused:
    return Refused(f"the ledger is broken at line {number}: restore it from the backup")


def _is(entry: Entry, kind: str, period: str) -> bool:
    return entry.get("kind") == kind and entry.get("period") == period


def _ends_line(file: Any, size: int) -> bool:
    file.seek(size - 1)
    return bool(file.read(1) == b"\n")


def _sync(path: Path) -> None:
    """Flush a file, or a folder with all it holds, to the disk."""
    for each in [*(path.rglob("*") if path.is_dir() else []), path]:
        handle = os.open(each, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _hashes(folder: Path) -> str:
    """One hash over the names and contents of the files of a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest({str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths})


def _hash(entry: Entry) -> str:
    content = {name: value for name, value in entry.items() if name != "hash"}
    return digest(content)


def now() -> str:
    """The time of an entry, UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(value: Any) -> str:
    """SHA-256 of a value in canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
