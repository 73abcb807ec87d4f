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
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kerege.base import files, key_file
from kerege.base.errors import BadInput, Fault, Refused, place
from kerege.base.files import atomic_dir, atomic_file, copy
from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.composition import DELTA, HELD, privacy_loss, undrawn_reserve
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, LedgerHead, LedgerState, digest, now

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
        ...     Ledger(Path(folder)).entries()
        []
        """
        return self._read()[0]

    def torn(self) -> str:
        """Return a warning about a last line that was cut off while it was written, '' when there is none."""
        note = "the last line of the ledger was cut off while it was written: nothing had left by then, it is dropped"
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
        entry = next((entry for entry in self.entries() if entry.request == request), None)
        if entry is None:
            return None
        output = self.folder / "outputs" / request
        if not output.is_dir() or (entry.output and entry.output != _hashes(output)):
            raise Refused(f"the output of entry {entry.seq} of the ledger was lost or changed: restore the backup")
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

    def keep(self, request: str, output: Path, about: EntryContents) -> Path:
        """Enter an output without a charge unless the ledger holds one; return the output in the ledger."""
        with self.locked():
            if self.stored(request) is None:
                self.append(request, output, about)
            return self.output(request)

    def append(self, request: str, output: Path, about: EntryContents) -> LedgerEntry:
        """Store a copy of the output and add an entry. Call it inside `locked`, and publish only after it.

        Parameters
        ----------
        request : str
            Hash of the request (`digest`).
        output : Path
            Folder to copy.
        about : EntryContents
            Content of the entry: `rho` (0 or more, zCDP), `period`, `kind` and facts in JSON.

        Returns
        -------
        LedgerEntry
            The entry with its number and hashes.

        Raises
        ------
        ValueError
            If the entry draws more than was set aside.
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
        ...         _ = ledger.append(digest("a request"), output, EntryContents(rho=0.125, period="2025"))
        ...     ledger.spent("2025"), ledger.found(digest("a request")).is_dir()
        (0.125, True)
        """
        (self.folder / "outputs").mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic_dir(self.folder / "outputs" / request, mode=0o700) as temporary:
            copy(output, temporary, private=True)
            sync(*temporary.rglob("*"), temporary)
        sync(self.folder / "outputs", self.folder)
        return self._add(about.merged(EntryContents(request=request, output=_hashes(output))))

    def _add(self, about: EntryContents) -> LedgerEntry:
        entries, tail = self._read()
        if about.reserved < 0 and undrawn_reserve(entries, about) + about.reserved < -EXACT:
            raise ValueError("an entry draws no more than was set aside")
        content = about.tree | {"seq": len(entries) + 1, "prev": entries[-1].hash if entries else START}
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
            if any(snapshot.fingerprint for entry in self.entries() for snapshot in entry.snapshots):
                raise Refused(f"the key of the ledger, {self.key.name}, was lost: restore it from the backup")
            if not made:
                return ""
        key = key_file.read_or_create_key(self.key, "the key of this ledger")
        return hmac.digest(key, sha256.encode(), "sha256").hex()

    def state(self) -> LedgerState:
        """Return the name, length and last entry of the ledger, for a manifest. Call it inside `locked`."""
        entries = self.entries()
        last = entries[-1].hash if entries else START
        return LedgerState(name=self.fingerprint(START), entries=len(entries), hash=self.fingerprint(last))

    def set_budget(self, period: str, rho: float, by: str, reason: str = "") -> LedgerEntry:
        """Set the ceiling of a period, or of ALL periods; call it inside `locked`.

        Parameters
        ----------
        period : str
            Name of the period, such as 2025.
        rho : float
            Ceiling (zCDP), 0 or more.
        by : str
            The user who sets it.
        reason : str
            Why.

        Returns
        -------
        LedgerEntry
            The entry.

        Raises
        ------
        BadInput
            If the ceiling is no finite number of 0 or more, or the period is empty.
        Refused
            If the ceiling is raised, or above epsilon 12: that needs a reason and a second person, see
            `request_budget` and `approve_budget`.

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
        _check_ceiling(period, rho)
        if self.needs_approval(period, rho):
            raise Refused(self._unapproved(period, rho))
        return self._add(_ceiling_entry("budget", period, rho, by).merged(_reason(reason)))

    def needs_approval(self, period: str, rho: float) -> bool:
        """Return whether a ceiling needs a reason and a second person: it is raised, or above epsilon 12."""
        return rho > min(self.budget(period), zcdp.epsilon_to_rho(EPSILON_OF_ALL)) * (1 + EXACT)

    def _unapproved(self, period: str, rho: float) -> str:
        """Return the reason of a refusal to set a ceiling without a second person."""
        epsilon, usual = zcdp.rho_to_epsilon(rho), rho > zcdp.epsilon_to_rho(EPSILON_OF_ALL) * (1 + EXACT)
        limit = (
            f"the usual {EPSILON_OF_ALL:g}" if usual else f"the present {zcdp.rho_to_epsilon(self.budget(period)):.3g}"
        )
        return (
            f"a privacy budget of epsilon {epsilon:.3g} for {_owner(period)} is above {limit}: it needs a reason and a "
            f"second person; run kerege ledger budget {shlex.quote(period)} --epsilon E --reason TEXT, and have "
            "another person approve the request"
        )

    def request_budget(self, period: str, rho: float, by: str, reason: str) -> LedgerEntry:
        """Enter the request of a ceiling, which another person then approves; call it inside `locked`.

        It changes no ceiling. Raises BadInput.
        """
        _check_ceiling(period, rho)
        if not reason.strip():
            raise BadInput(Fault("the budget has no reason", "give one, such as the decision that allows it"))
        return self._add(_ceiling_entry("budget_request", period, rho, by).merged(_reason(reason)))

    def approve_budget(self, number: int, by: str) -> LedgerEntry:
        """Set the ceiling that the entry `number` requests; call it inside `locked`.

        `by` must be another person than the one who requested it. Raises BadInput when there is no such request, and
        Refused for the same person, and when the ceiling was set since the request.
        """
        request = next((entry for entry in self.entries() if entry.seq == number), None)
        if request is None or request.kind != "budget_request" or request.ceiling is None:
            raise BadInput(Fault(f"entry {number} requests no budget", "give the number of a request: kerege ledger"))
        later = [entry.seq for entry in self._budgets(request.period) if entry.seq > number]
        if later:
            what = f"the privacy budget of {_owner(request.period)} was set by entry {later[-1]} since"
            raise Refused(f"{what} entry {number} requested it: request it again if it is still needed")
        if by == request.by:
            what = f"entry {number} was requested by {by}"
            raise Refused(f"{what}: another person approves it, from an account of their own")
        about = _ceiling_entry("budget", request.period, request.ceiling, by).merged(_reason(request.reason))
        return self._add(about.merged(EntryContents(requested_by=request.by, approves=number)))

    def _budgets(self, period: str) -> list[LedgerEntry]:
        """Return the entries that set the ceiling of a period, oldest first."""
        return [entry for entry in self.entries() if (entry.kind, entry.period) == ("budget", period)]

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
        budgets = self._budgets(period)
        default = zcdp.epsilon_to_rho(EPSILON_OF_ALL if period == ALL else EPSILON_A_PERIOD)
        if budgets:
            return float(budgets[-1].ceiling or 0)
        return max(default, self._first() or asked) if period == FILES else default

    def _first(self) -> float:
        """Return the rho that was charged or reserved by the first entry of FILES."""
        return next((amount for entry in self._of(FILES) if (amount := privacy_loss([entry], None, HELD))), 0.0)

    def reserve(self, period: str, rho: float, about: EntryContents) -> LedgerEntry:
        """Reserve a loss for each cohort that an entry names; call it inside `locked`.

        Nothing else can take the reserve. A later charge that draws on it carries the same number, negative, as
        `reserved`.

        Parameters
        ----------
        period : str
            Period of the reserve.
        rho : float
            Reserve (zCDP) of each cohort.
        about : EntryContents
            Content of the entry, with `cohort`.

        Returns
        -------
        LedgerEntry
            The entry.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot
        >>> cohort = EnteredCohort(column="year", values=["2025"])
        >>> about = EntryContents(series="a", snapshots=[EnteredSnapshot(unit="victims")], cohort=cohort)
        >>> with TemporaryDirectory() as folder:
        ...     ledger = Ledger(Path(folder))
        ...     with ledger.locked():
        ...         _ = ledger.reserve("2025", 0.25, about)
        ...     ledger.spent("2025"), ledger.held("2025"), ledger.set_aside(about)
        (0.0, 0.25, 0.25)
        """
        reserve = EntryContents(kind="reserve", at=now(), period=period, rho=0, reserved=float(rho))
        return self._add(about.merged(reserve))

    def set_aside(self, about: EntryContents) -> float:
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

    def held(self, period: str, about: EntryContents | None = None) -> float:
        """Return the rho that is spent or reserved in a period; with `about`, for the cohorts that it names."""
        return privacy_loss(self._of(period), about, HELD)

    def _of(self, period: str) -> list[LedgerEntry]:
        """Return the entries that are charged to a period; for ALL, every entry."""
        return [entry for entry in self.entries() if period in (ALL, entry.period)]

    def left(self, period: str, about: EntryContents | None = None) -> float:
        """Return the loss that remains under the ceilings of a period and of all periods together.

        Parameters
        ----------
        period : str
            Name of the period.
        about : EntryContents, optional
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

    def check(self, period: str, rho: float, about: EntryContents | None = None, *, at: float = zcdp.DELTA) -> None:
        """Check that a charge stays within the budget of its period and of all periods.

        Parameters
        ----------
        period : str
            Period of the charge.
        rho : float
            Loss (zCDP) to charge.
        about : EntryContents, optional
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

    def _check_delta(self, about: EntryContents) -> None:
        """Raise Refused when the delta for values without a public list exceeds its ceiling over all periods."""
        requested, used = float(about.delta), self.unlisted(about)
        if requested and requested + used > zcdp.MOST_DELTA * (1 + EXACT):
            raise Refused(
                f"finding values that nobody listed takes delta {requested:g}, and {used:g} of {zcdp.MOST_DELTA:g} "
                "is spent for all periods together: describe the columns with --schema, or ask for a smaller --delta"
            )

    def periods(self) -> list[str]:
        """Return all periods with a charge or a budget."""
        return sorted(
            {entry.period for entry in self.entries() if entry.period and entry.kind != "budget_request"} - {ALL}
        )

    def composed(self) -> float:
        """Return the largest loss (rho) of one person over all periods together."""
        return self.spent(ALL)

    def unlisted(self, about: EntryContents | None = None, period: str = ALL) -> float:
        """Return the delta that went to values without a public list, in addition to the loss in rho."""
        return privacy_loss(self._of(period), about, DELTA)


def _overdrawn(period: str, rho: float, spent: float, ceiling: float, at: float) -> str:
    """Return the reason of a refusal, stated in epsilon, the unit of requests."""
    needed, used, limit = (zcdp.rho_to_epsilon(amount, at) for amount in (rho, spent, ceiling))
    free = _round_down(zcdp.rho_to_epsilon(max(0.0, ceiling - spent), at))
    hint = OTHERS if period == FILES else ""
    return (
        f"the privacy budget of {_owner(period)} does not allow it: epsilon {needed:.3g} is asked for, {free:g} is "
        f"left, {used:.3g} of {limit:.3g} is spent or set aside (at delta {at:g}; what adds up is rho); ask for at "
        f"most what is left, {hint}or raise it with kerege ledger budget {shlex.quote(period)} --epsilon E --reason "
        "TEXT, which a second person approves"
    )


def _owner(period: str) -> str:
    """Return a period in words."""
    return {ALL: "all periods together", FILES: "all files without a period of their own"}.get(period, period)


def _check_ceiling(period: str, rho: float) -> None:
    """Raise BadInput for a ceiling that is no number, or has no period."""
    if not (math.isfinite(rho) and 0 <= rho <= zcdp.MOST_RHO):
        raise BadInput(Fault("a budget is a number of 0 or more", "give rho, such as 0.2"))
    if not period.strip():
        raise BadInput(Fault("the budget has no period", "name one, such as 2025"))


def _ceiling_entry(kind: str, period: str, rho: float, by: str) -> EntryContents:
    return EntryContents(kind=kind, at=now(), period=period, ceiling=float(rho), by=by, rho=0)


def _reason(reason: str) -> EntryContents:
    return EntryContents(reason=reason) if reason else EntryContents()


def _round_down(number: float) -> float:
    """Round a number down to three significant digits: a request for the printed number is granted."""
    if number <= 0:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(number)) - 2)
    return float(f"{math.floor(number / step) * step:.3g}")


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


def sync(*paths: Path) -> None:
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
