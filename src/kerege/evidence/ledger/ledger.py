"""The ledger of privacy losses: one hash-chained file, and an output folder for each request."""

from __future__ import annotations

import hmac
from pathlib import Path

from kerege.base import key_file
from kerege.base.errors import Refused
from kerege.base.files import atomic_dir, copy, file_hash, sync
from kerege.evidence.ledger.budgets import BudgetLedger
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, LedgerState, digest
from kerege.evidence.ledger.entry_chain import START


class Ledger(BudgetLedger):
    """The ledger in one folder: entries, budgets, and the output of each request."""

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
        """Return the output of an earlier request. Call it inside `locked`.

        Parameters
        ----------
        request : str
            Hash of the request (`digest`).

        Returns
        -------
        Path
            Folder of the output.

        Raises
        ------
        Refused
            If the ledger does not hold it, or it was lost or changed.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     try:
        ...         Ledger(Path(folder)).output(digest("a request"))
        ...     except Refused as fault:
        ...         print(fault)
        the ledger does not have the output of this request: restore it from the backup
        """
        output = self.stored(request)
        if output is None:
            raise Refused("the ledger does not have the output of this request: restore it from the backup")
        return output

    def found(self, request: str) -> Path | None:
        """Return the output of the same request as `stored` does, for callers that do not hold the lock."""
        with self.locked():
            return self.stored(request)

    def keep(self, request: str, output: Path, about: EntryContents) -> Path:
        """Enter an output without a charge, unless the ledger holds one.

        Parameters
        ----------
        request : str
            Hash of the request (`digest`).
        output : Path
            Folder to copy.
        about : EntryContents
            Content of the entry.

        Returns
        -------
        Path
            Folder of the output in the ledger: of the first call for this request.

        Raises
        ------
        Refused
            If the ledger is broken.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     output, ledger = Path(folder, "output"), Ledger(Path(folder, "ledger"))
        ...     output.mkdir()
        ...     for _ in range(2):
        ...         _ = ledger.keep(digest("a request"), output, EntryContents(kind="sample"))
        ...     len(ledger.entries())
        1
        """
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
        """Return the name, length and last entry of the ledger, for a manifest. Call it inside `locked`.

        Returns
        -------
        LedgerState
            The name and the hash of the last entry are fingerprints under the key of the ledger.

        Raises
        ------
        Refused
            If the ledger is broken, or its key was lost.

        Examples
        --------
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     ledger = Ledger(Path(folder))
        ...     with ledger.locked():
        ...         state = ledger.state()
        ...     state.entries, state.name == state.hash
        (0, True)
        """
        entries = self.entries()
        last = entries[-1].hash if entries else START
        return LedgerState(name=self.fingerprint(START), entries=len(entries), hash=self.fingerprint(last))


def _hashes(folder: Path) -> str:
    """Return one hash over the names and contents of the files of a folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return digest({str(path.relative_to(folder)): file_hash(path) for path in paths})
