"""The ledger of privacy losses: one hash-chained file, and an output folder for each request.

An entry is written in three steps: the output is placed whole, the line is appended and flushed to disk, then the head
(number and hash of the last entry) is replaced. An output is published only after these steps. A line that a crash cut
off, with the head still at the entry before it, therefore released nothing and is dropped. A ledger that ends before
its head was truncated later; it is refused.
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
from kerege.evidence.ledger.composition import DELTA, HELD, Entry, privacy_loss, undrawn_reserve

START = "0" * 64
EPSILON_A_PERIOD = 4.0  # at delta 1e-9; the default ceiling of a period
ALL, EPSILON_OF_ALL = "all", 12.0  # all periods together: different periods may count the same people
FILES = "files"  # period of all files that come from no register and name no period: two of them may count the same
# people
OTHERS = "name the people of this file with --period if no other file is of them, "
EXACT = 1e-9  # relative tolerance of the ceiling for sums of rounded numbers


class Ledger:
    """The ledger in one folder; every entry holds the hash of the one before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"
        self.head = folder / "ledger.head"
        self.key = folder / "ledger.key"

    def locked(self) -> AbstractContextManager[None]:
        """Return a context in which no other process reads or writes the ledger."""
        return files.locked(self.folder)

    def entries(self) -> list[Entry]:
        """Return all entries, oldest first.

        Returns
        -------
        list of dict
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
        ...     Ledger(Path(folder)).entries()
        []
        """
        return self._read()[0]

    def torn(self) -> str:
        """Return a warning about a last line that was cut off while it was written, '' when there is none."""
        note = "the last line of the ledger was cut off while it was written: nothing had left by then, it is dropped"
        return note if self._read()[1] else ""

    def _read(self) -> tuple[list[Entry], bytes]:
        """Return the entries, and the bytes of a last line that was cut off."""
        content = self.path.read_bytes() if self.path.exists() else b""
        *lines, tail = content.split(b"\n")
        entries: list[Entry] = []
        for line in lines:
            entries.append(_read_entry(line, entries))
        if tail and (last := _parse_entry(tail, entries)):
            entries.append(last)  # only the line break is missing: the entry is complete
            tail = b""
        head = self._read_head()
        if tail and (head is None or head["seq"] > len(entries)):
            raise _broken(len(entries) + 1)
        if head is not None:
            _check_head(head, entries)
        return entries, tail

    def _read_head(self) -> Entry | None:
        """Return the head, None in a ledger that never had one."""
        try:
            head = json.loads(self.head.read_bytes())
        except FileNotFoundError:
            return None
        except ValueError:
            head = None
        if not isinstance(head, dict) or not {"seq", "hash"} <= set(head):
            raise Refused("the head of the ledger cannot be read: restore the ledger from the backup")
        return head

    def stored(self, request: str) -> Path | None:
        """Return the output of the same request, None if there is none. Call it inside `locked`.

        Parameters
        ----------
        request : str
            Hash of the request (`digest`).

        Returns
        -------
        Path, optional
            Folder of the output.

        Raises
        ------
        Refused
            If the output was lost or changed since.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Ledger(Path(folder)).stored(digest("a request")) is None
        True
        """
        entry = next((entry for entry in self.entries() if entry.get("request") == request), None)
        if entry is None:
            return None
        output = self.folder / "outputs" / request
        if not output.is_dir() or entry.get("output", _hashes(output)) != _hashes(output):
            raise Refused(f"the output of entry {entry['seq']} of the ledger was lost or changed: restore the backup")
        return output

    def output(self, request: str) -> Path:
        """Return the output of an earlier request; raises Refused when it is missing."""
        output = self.stored(request)
        if output is None:
            raise Refused("the ledger does not have what was made before: restore it from the backup")
        return output

    def found(self, request: str) -> Path | None:
        """Return the output of the same request as `stored` does, for callers that do not hold the lock."""
        with self.locked():
            return self.stored(request)

    def keep(self, request: str, output: Path, about: dict[str, Any]) -> Path:
        """Enter an output without a charge unless the ledger holds one; return the output in the ledger."""
        with self.locked():
            if self.stored(request) is None:
                self.append(request, output, about)
            return self.output(request)

    def append(self, request: str, output: Path, about: dict[str, Any]) -> Entry:
        """Store a copy of the output and add an entry. Call it inside `locked`, and publish only after it.

        Parameters
        ----------
        request : str
            Hash of the request (`digest`).
        output : Path
            Folder to copy.
        about : dict
            Content of the entry: `rho` (0 or more, zCDP), `period`, `kind` and facts in JSON.

        Returns
        -------
        dict
            The entry with its number and hashes.

        Raises
        ------
        ValueError
            If `rho` is no finite number of 0 or more, or the entry draws more than was set aside.
        Refused
            If the ledger is broken.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     output = Path(folder, "output")
        ...     output.mkdir()
        ...     ledger = Ledger(Path(folder, "ledger"))
        ...     with ledger.locked():
        ...         _ = ledger.append(digest("a request"), output, {"rho": 0.125, "period": "2025"})
        ...     ledger.spent("2025"), ledger.found(digest("a request")).is_dir()
        (0.125, True)
        """
        (self.folder / "outputs").mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic_dir(self.folder / "outputs" / request, mode=0o700) as temporary:
            copy(output, temporary, private=True)
            _sync(*temporary.rglob("*"), temporary)
        _sync(self.folder / "outputs", self.folder)
        return self._add({"request": request, "output": _hashes(output)} | about)

    def _add(self, about: dict[str, Any]) -> Entry:
        entries, tail = self._read()
        rho = about.get("rho", 0)
        if not (isinstance(rho, int | float) and math.isfinite(rho) and rho >= 0):
            raise ValueError("an entry charges a rho of 0 or more")
        if about.get("reserved", 0) < 0 and undrawn_reserve(entries, about) + about["reserved"] < -EXACT:
            raise ValueError("an entry draws no more than was set aside")
        entry = {"seq": len(entries) + 1, **about, "prev": entries[-1]["hash"] if entries else START}
        if tail:
            entry["dropped"] = hashlib.sha256(tail).hexdigest()
        entry["hash"] = _hash(entry)
        if self._read_head() is None:
            self._write_head(entries)
        self._write_line(json.dumps(entry, sort_keys=True, ensure_ascii=False, allow_nan=False), len(tail))
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

    def _write_head(self, entries: list[Entry]) -> None:
        last = {"seq": entries[-1]["seq"], "hash": entries[-1]["hash"]} if entries else {"seq": 0, "hash": START}
        with atomic_file(self.head) as part:
            part.write_text(json.dumps(last) + "\n")
            _sync(part)
        _sync(self.folder)

    def fingerprint(self, sha256: str, *, made: bool = True) -> str:
        """Return the name of a file in publications: HMAC-SHA256 of its hash under the ledger's key.

        Call it inside `locked`. A plain hash would confirm a guess of the whole file, with or without one person.

        Parameters
        ----------
        sha256 : str
            Hash of the file.
        made : bool
            Whether a missing key is created (mode 0600).

        Returns
        -------
        str
            64 hexadecimal digits; '' when there is no key and `made` is false.

        Raises
        ------
        Refused
            If the key was lost: the same file would have two names, and a disclosure risk assessment would treat them
            as two files.

        Notes
        -----
        HMAC: RFC 2104.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Ledger(Path(folder)).fingerprint("0" * 64, made=False)
        ''
        """
        if not self.key.exists():
            if any("fingerprint" in snapshot for entry in self.entries() for snapshot in entry.get("snapshots", [])):
                raise Refused(f"the key of the ledger, {self.key.name}, was lost: restore it from the backup")
            if not made:
                return ""
        key = key_file.kept(self.key, "the key of this ledger")
        return hmac.digest(key, sha256.encode(), "sha256").hex()

    def set_budget(self, period: str, rho: float, by: str) -> Entry:
        """Set the ceiling of a period, or of ALL periods; call it inside `locked`.

        Parameters
        ----------
        period : str
            Name of the period, such as 2025.
        rho : float
            Ceiling (zCDP), 0 or more.
        by : str
            The user who sets it.

        Returns
        -------
        dict
            The entry.

        Raises
        ------
        BadInput
            If the ceiling is no finite number of 0 or more, or the period is empty.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = Ledger(Path(folder))
        ...     with ledger.locked():
        ...         _ = ledger.set_budget("2025", 0.2, by="methodologist")
        ...     ledger.budget("2025"), ledger.left("2025")
        (0.2, 0.2)
        """
        if not (math.isfinite(rho) and 0 <= rho <= zcdp.MOST_RHO):
            raise BadInput(Fault("a budget is a number of 0 or more", "give rho, such as 0.2"))
        if not period.strip():
            raise BadInput(Fault("the budget has no period", "name one, such as 2025"))
        return self._add({"kind": "budget", "at": now(), "period": period, "ceiling": float(rho), "by": by, "rho": 0})

    def budget(self, period: str, asked: float = 0.0) -> float:
        """Return the ceiling of a period, or of ALL periods: the last one set, else the default.

        Parameters
        ----------
        period : str
            Name of the period.
        asked : float
            Loss (rho) of a request. The ceiling of FILES is at least the loss of its first file, or `asked` before
            there is one: the ceiling is meant against losses that add up unnoticed, not against one large explicit
            request.

        Returns
        -------
        float
            Ceiling in rho (zCDP). Default: epsilon 4 at delta 1e-9 for a period, 12 for all periods together.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     round(zcdp.rho_to_epsilon(Ledger(Path(folder)).budget("2025")), 6)
        4.0
        """
        ceilings = [entry["ceiling"] for entry in self.entries() if _is_entry(entry, "budget", period)]
        default = zcdp.epsilon_to_rho(EPSILON_OF_ALL if period == ALL else EPSILON_A_PERIOD)
        if ceilings:
            return float(ceilings[-1])
        return max(default, self._first() or asked) if period == FILES else default

    def _first(self) -> float:
        """Return the rho that was charged or reserved by the first entry of FILES."""
        return next((amount for entry in self._of(FILES) if (amount := privacy_loss([entry], None, HELD))), 0.0)

    def reserve(self, period: str, rho: float, about: Entry) -> Entry:
        """Reserve a loss for each cohort that an entry names; call it inside `locked`.

        Nothing else can take the reserve. A later charge that draws on it carries the same number, negative, as
        `reserved`.

        Parameters
        ----------
        period : str
            Period of the reserve.
        rho : float
            Reserve (zCDP) of each cohort.
        about : dict
            Content of the entry, with `cohort`.

        Returns
        -------
        dict
            The entry.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> cohort = {"column": "year", "values": ["2025"]}
        >>> about = {"series": "a", "snapshots": [{"unit": "victims"}], "cohort": cohort}
        >>> with TemporaryDirectory() as folder:
        ...     ledger = Ledger(Path(folder))
        ...     with ledger.locked():
        ...         _ = ledger.reserve("2025", 0.25, about)
        ...     ledger.spent("2025"), ledger.held("2025"), ledger.set_aside(about)
        (0.0, 0.25, 0.25)
        """
        return self._add(about | {"kind": "reserve", "at": now(), "period": period, "rho": 0, "reserved": float(rho)})

    def set_aside(self, about: Entry) -> float:
        """Return the reserve (rho) of the one cohort that `about` names which is not drawn yet."""
        return undrawn_reserve(self.entries(), about)

    def spent(self, period: str) -> float:
        """Return the largest loss of one person that is charged to a period.

        Parameters
        ----------
        period : str
            Name of the period, or ALL.

        Returns
        -------
        float
            Loss in rho (zCDP), see `composition.privacy_loss`.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     Ledger(Path(folder)).spent("2025")
        0.0
        """
        return privacy_loss(self._of(period))

    def held(self, period: str, about: Entry | None = None) -> float:
        """Return the rho that is spent or reserved in a period; with `about`, for the cohorts that it names."""
        return privacy_loss(self._of(period), about, HELD)

    def _of(self, period: str) -> list[Entry]:
        """Return the entries that are charged to a period; for ALL, every entry."""
        return [entry for entry in self.entries() if period in (ALL, entry.get("period"))]

    def left(self, period: str, about: Entry | None = None) -> float:
        """Return the loss that remains under the ceilings of a period and of all periods together.

        Parameters
        ----------
        period : str
            Name of the period.
        about : dict, optional
            An entry; the result is for the people in the cohorts that it names. Default: for every person.

        Returns
        -------
        float
            Loss in rho (zCDP), at least 0.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = Ledger(Path(folder))
        ...     ledger.left("2025") == ledger.budget("2025")
        True
        """
        return max(0.0, min(self.budget(name) - self.held(name, about) for name in (period, ALL)))

    def check(self, period: str, rho: float, about: Entry | None = None, *, at: float = zcdp.DELTA) -> None:
        """Check that a charge stays within the budget of its period and of all periods.

        Parameters
        ----------
        period : str
            Period of the charge.
        rho : float
            Loss (zCDP) to charge.
        about : dict, optional
            The entry to be written. When it names a cohort, only the losses of people in that cohort count beside
            `rho`. Reserves count as spent.
        at : float
            Delta at which the message of a refusal states epsilon.

        Raises
        ------
        Refused
            If the charge would exceed a budget, or the ceiling of delta for values without a public list.
        BadInput
            If the period has the name of all periods.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = Ledger(Path(folder))
        ...     ledger.check("2025", ledger.budget("2025"))  # the whole budget: allowed
        """
        if period == ALL:
            raise BadInput(Fault(f"a period cannot be called {ALL}", "name another, such as 2025"))
        for name in (period, ALL):
            ceiling, spent = self.budget(name, asked=rho), self.held(name, about)
            if rho > 0 and spent + rho > ceiling * (1 + EXACT):
                raise Refused(_overdrawn(name, rho, spent, ceiling, at))
        if about:
            self._check_delta(about)

    def _check_delta(self, about: Entry) -> None:
        """Raise Refused when the delta for values without a public list exceeds its ceiling over all periods."""
        requested, used = float(about.get("delta", 0)), self.unlisted(about)
        if requested and requested + used > zcdp.MOST_DELTA * (1 + EXACT):
            raise Refused(
                f"finding values that nobody listed takes delta {requested:g}, and {used:g} of {zcdp.MOST_DELTA:g} "
                "is spent for all periods together: describe the columns with --schema, or ask for a smaller --delta"
            )

    def periods(self) -> list[str]:
        """Return all periods with a charge or a budget."""
        return sorted({str(entry["period"]) for entry in self.entries() if entry.get("period")} - {ALL})

    def composed(self) -> float:
        """Return the largest loss (rho) of one person over all periods together."""
        return self.spent(ALL)

    def unlisted(self, about: Entry | None = None, period: str = ALL) -> float:
        """Return the delta that went to values without a public list, in addition to the loss in rho."""
        return privacy_loss(self._of(period), about, DELTA)


def _overdrawn(period: str, rho: float, spent: float, ceiling: float, at: float) -> str:
    """Return the reason of a refusal, stated in epsilon, the unit of requests."""
    needed, used, limit = (zcdp.rho_to_epsilon(amount, at) for amount in (rho, spent, ceiling))
    free = _round_down(zcdp.rho_to_epsilon(max(0.0, ceiling - spent), at))
    owner = {ALL: "all periods together", FILES: "all files without a period of their own"}.get(period, period)
    hint = OTHERS if period == FILES else ""
    return (
        f"the privacy budget of {owner} does not allow it: epsilon {needed:.3g} is asked for, {free:g} is left, "
        f"{used:.3g} of {limit:.3g} is spent or set aside (at delta {at:g}; what adds up is rho); ask for at most what "
        f"is left, {hint}or raise it with kerege ledger budget {shlex.quote(period)} --epsilon E"
    )


def _round_down(number: float) -> float:
    """Round a number down to three significant digits: a request for the printed number is granted."""
    if number <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(number)) - 2)
    return float(f"{math.floor(number / step) * step:.3g}")


def _read_entry(line: bytes, entries: list[Entry]) -> Entry:
    """Return the entry of a line; raises Refused when it does not continue the chain."""
    entry = _parse_entry(line, entries)
    if entry is None:
        raise _broken(len(entries) + 1)
    return entry


def _parse_entry(line: bytes, entries: list[Entry]) -> Entry | None:
    """Return the entry of a line if it is complete and follows the entries before it, else None."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if not isinstance(entry, dict) or entry.get("prev") != (entries[-1]["hash"] if entries else START):
        return None
    return entry if entry.get("hash") == _hash(entry) else None


def _check_head(head: Entry, entries: list[Entry]) -> None:
    """Raise Refused when the ledger is shorter than its head says, or the head has another hash."""
    seq = head["seq"]
    if seq > len(entries):
        raise _broken(len(entries) + 1)
    if seq and entries[seq - 1]["hash"] != head["hash"]:
        raise _broken(seq)


def _broken(number: int) -> Refused:
    return Refused(f"the ledger is broken at line {number}: restore it from the backup")


def _is_entry(entry: Entry, kind: str, period: str) -> bool:
    return entry.get("kind") == kind and entry.get("period") == period


def _ends_line(file: Any, size: int) -> bool:
    file.seek(size - 1)
    return bool(file.read(1) == b"\n")


def _sync(*paths: Path) -> None:
    """Flush files and folders to the disk; a flushed folder lists its files."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _hashes(folder: Path) -> str:
    """Return one hash over the names and contents of the files of a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest({str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths})


def _hash(entry: Entry) -> str:
    content = {name: value for name, value in entry.items() if name != "hash"}
    return digest(content)


def now() -> str:
    """Return the current time for an entry, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(value: Any) -> str:
    """Return the SHA-256 of a value in canonical JSON.

    Parameters
    ----------
    value : JSON value
        Numbers, texts, lists and mappings.

    Returns
    -------
    str
        64 hexadecimal digits, the same for mappings in another order.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
