"""What has been published and spent so far: one hash-chained file, and the outputs beside it by request.

An entry is written in this order: the output is placed whole, the line is appended and flushed to disk, then the head
(number and hash of the last entry) is replaced. Whatever is charged leaves the house only after that. So a line that
was cut off by a crash, with the head still at the entry before it, released nothing and is dropped; a ledger that ends
before its head was cut by somebody, and is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import shlex
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kerege.base import files, key_file
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_dir, atomic_file, copy
from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.composition import DELTA, HELD, Entry, lost, undrawn

START = "0" * 64
EPSILON_A_PERIOD = 4.0  # at delta 1e-9; the ceiling of a period for which nobody set one
ALL, EPSILON_OF_ALL = "all", 12.0  # all periods together: they may count the same people, whatever they are called
FILES = "files"  # the period of all files that no register froze and nobody charged to another: nobody can tell whether
# two of them are of the same people
OTHERS = "name the people of this file with --period if no other file is of them, "
EXACT = 1e-9  # share of the ceiling by which sums of rounded numbers may pass it


class Ledger:
    """The ledger of one folder; every entry holds the hash of the one before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self.head = folder / "ledger.head"
        self.key = folder / "ledger.key"

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

    def found(self, request: str) -> Path | None:
        """As `stored`, for whoever does not hold the lock."""
        with self.locked():
            return self.stored(request)

    def keep(self, request: str, output: Path, about: dict[str, Any]) -> Path:
        """Enter an output that costs nothing, unless somebody did meanwhile; returns the one that is kept."""
        with self.locked():
            if self.stored(request) is None:
                self.append(request, output, about)
            return self.output(request)

    def append(self, request: str, output: Path, about: dict[str, Any]) -> Entry:
        """Keep a copy of the output and add an entry; call it inside `locked`, and publish only after it."""
        (self.folder / "outputs").mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic_dir(self.folder / "outputs" / request, mode=0o700) as part:
            copy(output, part, private=True)
            _sync(*part.rglob("*"), part)
        _sync(self.folder / "outputs", self.folder)
        return self._add({"request": request, "output": _hashes(output)} | about)

    def _add(self, about: dict[str, Any]) -> Entry:
        entries, tail = self._read()
        rho = about.get("rho", 0)
        if not (isinstance(rho, int | float) and math.isfinite(rho) and rho >= 0):
            raise ValueError("an entry charges a rho of 0 or more")
        if about.get("reserved", 0) < 0 and undrawn(entries, about) + about["reserved"] < -EXACT:
            raise ValueError("an entry draws no more than was set aside")
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
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        os.fchmod(handle, 0o600)  # one that was made before may be open to others
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

    def fingerprint(self, sha256: str, *, made: bool = True) -> str:
        """What published files call a file: HMAC-SHA256 of its hash under the key of this ledger; call inside `locked`.

        A plain hash would tell anybody who guesses a whole file, with or without one person, that the guess is right.
        The key is made, mode 0600, when there is none, or '' returned with `made` False. Raises Refused when it was
        lost: the same file would have two names, and an attack would take them for two.
        """
        if not self.key.exists():
            if any("fingerprint" in each for entry in self.entries() for each in entry.get("snapshots", [])):
                raise Refused(f"the key of the ledger, {self.key.name}, was lost: restore it from the backup")
            if not made:
                return ""
        key = key_file.kept(self.key, "the key of this ledger")
        return hmac.digest(key, sha256.encode(), "sha256").hex()

    def set_budget(self, period: str, rho: float, by: str) -> Entry:
        """Set the ceiling (rho, zCDP) of a period, or of ALL of them; call it inside `locked`. Raises BadInput."""
        if not (math.isfinite(rho) and 0 <= rho <= zcdp.MOST_RHO):
            raise BadInput(Fault("a budget is a number of 0 or more", "give rho, such as 0.2"))
        if not period.strip():
            raise BadInput(Fault("the budget has no period", "name one, such as 2025"))
        return self._add({"kind": "budget", "at": now(), "period": period, "ceiling": float(rho), "by": by, "rho": 0})

    def budget(self, period: str, asked: float = 0.0) -> float:
        """The ceiling (rho) of a period, or of ALL of them together: the last one set, else what is usual.

        That of FILES is what the first one took, or is `asked` for, if that was more: a ceiling is against what adds up
        unnoticed, not against one who asks for so much in one word.
        """
        set_ = [entry["ceiling"] for entry in self.entries() if _is(entry, "budget", period)]
        usual = zcdp.epsilon_to_rho(EPSILON_OF_ALL if period == ALL else EPSILON_A_PERIOD)
        if set_:
            return float(set_[-1])
        return max(usual, self._first() or asked) if period == FILES else usual

    def _first(self) -> float:
        """What was charged or set aside for the first of the FILES."""
        return next((amount for entry in self._of(FILES) if (amount := lost([entry], None, HELD))), 0.0)

    def reserve(self, period: str, rho: float, about: Entry) -> Entry:
        """Set `rho` aside for each cohort that `about` names, where nothing else can take it; call it inside `locked`.

        What is drawn on it later is entered as a charge with the same number, negative, as `reserved`.
        """
        return self._add(about | {"kind": "reserve", "at": now(), "period": period, "rho": 0, "reserved": float(rho)})

    def set_aside(self, about: Entry) -> float:
        """What is set aside (rho) for the one cohort that `about` names, and not drawn yet."""
        return undrawn(self.entries(), about)

    def spent(self, period: str) -> float:
        """The loss (rho) charged to a period: what a person lost at most."""
        return lost(self._of(period))

    def held(self, period: str, about: Entry | None = None) -> float:
        """What is spent or set aside of a period; with `about`, for the cohorts that it names."""
        return lost(self._of(period), about, HELD)

    def _of(self, period: str) -> list[Entry]:
        """What is charged to a period; ALL: whatever the period."""
        return [entry for entry in self.entries() if period in (ALL, entry.get("period"))]

    def left(self, period: str, about: Entry | None = None) -> float:
        """What is left of the ceilings of a period and of all together, never below 0: to everybody, or, with `about`,
        to those in the cohorts that it names."""
        return max(0.0, min(self.budget(each) - self.held(each, about) for each in (period, ALL)))

    def check(self, period: str, rho: float, about: Entry | None = None, *, at: float = zcdp.DELTA) -> None:
        """Raise Refused when charging `rho` would overdraw the budget of a period, or that of all of them.

        `about` is what the entry will say. When it names a cohort, only what people in it lost counts beside `rho`.
        What is set aside is as good as spent. A refusal speaks of epsilon `at` this delta. Raises BadInput for a period
        that has the name of all of them.
        """
        if period == ALL:
            raise BadInput(Fault(f"a period cannot be called {ALL}", "name another, such as 2025"))
        for each in (period, ALL):
            ceiling, held = self.budget(each, asked=rho), self.held(each, about)
            if rho > 0 and held + rho > ceiling * (1 + EXACT):
                raise Refused(_overdrawn(each, rho, held, ceiling, at))
        if about:
            self._check_delta(about)

    def _check_delta(self, about: Entry) -> None:
        """Delta that went to values which nobody listed adds up too, and has a ceiling for all periods together."""
        asked, gone = float(about.get("delta", 0)), self.unlisted(about)
        if asked and asked + gone > zcdp.MOST_DELTA * (1 + EXACT):
            raise Refused(
                f"finding values that nobody listed takes delta {asked:g}, and {gone:g} of {zcdp.MOST_DELTA:g} "
                "is spent for all periods together: describe the columns with --schema, or ask for a smaller --delta"
            )

    def periods(self) -> list[str]:
        """All periods that were charged or given a budget."""
        return sorted({str(entry["period"]) for entry in self.entries() if entry.get("period")} - {ALL})

    def composed(self) -> float:
        """The loss (rho) of all periods together: what a person lost at most."""
        return self.spent(ALL)

    def unlisted(self, about: Entry | None = None, period: str = ALL) -> float:
        """The delta beside it, which went to values that nobody listed."""
        return lost(self._of(period), about, DELTA)


def _overdrawn(period: str, rho: float, held: float, ceiling: float, at: float) -> str:
    """Why a charge is refused, in epsilon: that is what people ask for and know the size of."""
    asked, gone, most = (zcdp.rho_to_epsilon(each, at) for each in (rho, held, ceiling))
    free = _down(zcdp.rho_to_epsilon(max(0.0, ceiling - held), at))
    whose = {ALL: "all periods together", FILES: "all files without a period of their own"}.get(period, period)
    others = OTHERS if period == FILES else ""
    return (
        f"the privacy budget of {whose} does not allow it: epsilon {asked:.3g} is asked for, {free:g} is left, "
        f"{gone:.3g} of {most:.3g} is spent or set aside (at delta {at:g}; what adds up is rho); ask for at most what "
        f"is left, {others}or raise it with kerege ledger budget {shlex.quote(period)} --epsilon E"
    )


def _down(number: float) -> float:
    """Three digits of a number, never more than it: who asks for so much gets it."""
    if number <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(number)) - 2)
    return float(f"{math.floor(number / step) * step:.3g}")


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


def _sync(*paths: Path) -> None:
    """Flush files to the disk, and folders: which files are in them."""
    for each in paths:
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
