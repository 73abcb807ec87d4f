"""The ledger of a home folder, which must be the one that the evidence beside it names.

The chain and the head of a ledger are in one folder. Without that folder, or with an older copy of it, the budget would
begin again. So a charge is refused unless the ledger holds every entry that a daily root, a release of this home or
`audit/ledger.json` names. This last file is written after each entry, so that the time between two roots is covered.

A manifest or a line of the roots that cannot be read is a warning as long as `audit/ledger.json` is there: it names the
last entry. For a ledger in another folder the home keeps the same statement in `audit/ledgers`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from kerege.base import files
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.file_model import OpenModel
from kerege.base.files import atomic_file, file_hash
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, LedgerState, digest, now
from kerege.evidence.ledger.entry_chain import START
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.ledger.losses import (
    LOSS_REQUEST,
    LOST,
    charge_rest,
    describe_approval,
    find_request,
    list_approvals,
    list_given_up,
)
from kerege.evidence.ledger.statements import MANIFEST, read_readable
from kerege.evidence.ledger.verification import LedgerComparison, Statement, compare

FOLDER = "ledger"
ROOTS = Path("audit", "roots.jsonl")
LAST_STATE = Path("audit", "ledger.json")
OUTSIDE = Path("audit", "ledgers")  # states of ledgers in other folders
RELEASES = "releases"


class KeptState(OpenModel):
    """Contents of `audit/ledger.json`: the state of the ledger after its last entry."""

    at: str
    ledger: LedgerState


class ComparedLedger(Ledger):
    """A ledger that takes a charge only after `require_evidence` has found no fault."""

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the ledger for a charge. Raise Refused when the home names another ledger."""
        if not self.folder.is_dir():
            self.require_evidence()  # before the lock makes an empty folder in the place of a lost one
        with self.locked_for_reading():
            self.require_evidence()
            yield


class HomeLedger(ComparedLedger):
    """The ledger in `home / "ledger"`. Its lock is refused when the home names another ledger."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / FOLDER)
        self.home = home

    def require_evidence(self) -> None:
        """Raise Refused with the first fault that `faults` names."""
        if sentences := self.faults():
            raise Refused(sentences[0])

    def faults(self) -> list[str]:
        """Return one sentence for each statement in the home that names another ledger or a longer one.

        Raise BadInput for a statement that cannot be read and that no later one replaces, Refused when the ledger does
        not fit its own head.
        """
        return [result.sentence for result, _statement in self.faulty(self._statements())]

    def warnings(self) -> list[str]:
        """Return one sentence for each file that cannot be read, and for each loss that two people gave up.

        None of them stops a charge.
        """
        unreadable = [
            f"{fault}; charges go on, because {self.home / LAST_STATE} names the last entry"
            for error in self._read_files()[1]
            for fault in error.faults
        ]
        return [*unreadable, *map(describe_approval, list_approvals(self.entries()))]

    def faulty(self, statements: Sequence[Statement]) -> list[tuple[LedgerComparison, Statement]]:
        """Return the statements that do not fit, without those of entries that two people gave up."""
        results = compare(self, statements)
        given_up = list_given_up(self.entries())
        pairs = zip(results, statements, strict=True)
        return [(result, item) for result, item in pairs if result.is_fault and _name(item) not in given_up]

    def request_loss(self, by: str, reason: str) -> LedgerEntry:
        """Enter the request to go on without entries that no backup has; call it inside `locked_for_reading`.

        It changes nothing: another person approves it. Raises BadInput.
        """
        names = sorted(_name(item) for _result, item in self.faulty(self._statements()))
        if not names:
            raise BadInput(Fault("this ledger has every entry", "do not request to give up entries"))
        if not reason.strip():
            raise BadInput(Fault("the reason is empty", "say why no backup has the lost entries"))
        # the statement of the last entry stays: until the approval, nothing is charged
        return super()._add(EntryContents(kind=LOSS_REQUEST, at=now(), given_up=names, by=by, reason=reason.strip()))

    def approve_loss(self, number: int, by: str) -> LedgerEntry:
        """Go on without the entries that a request names; call it inside `locked_for_reading`.

        Nobody knows their losses, so the whole rest of the budget of all periods counts as spent. Releases of the home
        that are in no entry are entered, so that later ones are assessed together with them. Raises BadInput, and
        Refused for the person who requested it.
        """
        request = find_request(self.entries(), number)
        if request is None:
            raise BadInput(
                Fault(f"entry {number} does not request to give up lost entries", "give the number of a request")
            )
        if by == request.by:
            raise Refused(f"entry {number} was requested by {by}: another person approves it, from their own account")
        # not by this class, which writes the statement of the last entry: after a crash, that statement must still name
        # the lost entries, so that nothing is charged before the approval is entered
        plain = Ledger(self.folder)
        for manifest, folder in self._unentered_releases().items():
            about = EntryContents(kind="release", at=now(), manifest=manifest, by=by)
            plain.append(digest({"found release": manifest}), folder, about)
        people = {"by": by, "requested_by": request.by, "approves": number, "reason": request.reason}
        names = {"kind": LOST, "at": now(), "period": LOST, "given_up": request.given_up}
        return self._add(EntryContents.model_validate(names | people).merged(charge_rest(self.entries())))

    def _unentered_releases(self) -> dict[str, Path]:
        """Return the release folders of the home that are in no entry, by the hash of their manifest."""
        entered = {entry.manifest for entry in self.entries()}
        folders = {file_hash(path): path.parent for path in self._manifests()}
        return {manifest: folder for manifest, folder in folders.items() if manifest not in entered}

    def _manifests(self) -> list[Path]:
        return sorted(self.home.glob(f"{RELEASES}/[!.]*/{MANIFEST}"))

    def _statements(self) -> list[Statement]:
        """Return the statements that name an entry, one for each state, which many roots have in common."""
        last = list(read_state(self.home / LAST_STATE))
        stated, errors = self._read_files()
        if errors and not last:
            raise errors[0]
        statements = [*last, *stated]
        naming = (item for item in statements if item.state is not None and (item.state.entries or item.manifest))
        return list({(str(item.state), item.manifest): item for item in naming}.values())

    def _read_files(self) -> tuple[list[Statement], list[BadInput]]:
        """Return the statements of the roots and manifests of the home, and the errors of those files."""
        roots = self.home / ROOTS
        return read_readable([*([roots] if roots.is_file() else []), *self._manifests()])

    def _add(self, about: EntryContents) -> LedgerEntry:
        entry = super()._add(about)
        write_state(self.home / LAST_STATE, self)
        return entry


class OutsideLedger(ComparedLedger):
    """A ledger outside of the home, whose last state the home keeps.

    One that was lost or rolled back takes no charge.

    A ledger is known by its folder and by its key, so also one that was moved or copied elsewhere. Without a home
    nothing is kept.
    """

    def __init__(self, folder: Path, home: Path) -> None:
        super().__init__(folder)
        self.home = home
        name = hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:32]
        self.statement = home / OUTSIDE / f"{name}.json"

    def require_evidence(self) -> None:
        """Raise Refused when the home knows a longer or another ledger in this folder, or under this key."""
        own = list(read_state(self.statement))
        name = self.fingerprint(START, made=False)
        kept = (item for path in sorted((self.home / OUTSIDE).glob("*.json")) for item in _read_if_readable(path))
        same = [item for item in kept if item.state is not None and item.state.name == name]
        statements = {str(item.state): item for item in (*own, *same)}.values()
        for result in compare(self, statements):
            if result.is_fault:
                raise Refused(result.sentence)

    def _add(self, about: EntryContents) -> LedgerEntry:
        entry = super()._add(about)
        if self.home.is_dir():
            write_state(self.statement, self)
        return entry


def read_state(path: Path) -> Iterator[Statement]:
    """Yield the statement of a file that `write_state` wrote, none without the file.

    Raise BadInput for another file.
    """
    try:
        kept = KeptState.model_validate(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return
    except ValueError:  # also pydantic's
        todo = "restore the folders ledger and audit from the newest backup; until then this ledger takes no charge"
        raise BadInput(Fault("is not a statement about a ledger", todo, file=str(path))) from None
    yield Statement(str(path), kept.at, kept.ledger)


def _read_if_readable(path: Path) -> list[Statement]:
    """Return the statement about another ledger; none if it cannot be read: it stops that ledger alone."""
    try:
        return list(read_state(path))
    except BadInput:
        return []


def write_state(path: Path, ledger: Ledger) -> None:
    """Write the state of a ledger after its last entry.

    It is written after the entry: a crash in between leaves a ledger that is longer than its statement, which fits.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic_file(path, durable=True) as part:
        part.write_text(json.dumps(KeptState(at=now(), ledger=ledger.state()).tree) + "\n")


def _name(statement: Statement) -> str:
    """Return the digest that identifies a statement about the ledger."""
    state = None if statement.state is None else statement.state.tree
    return digest({"state": state, "manifest": statement.manifest})


def open_ledger(folder: Path | None = None) -> Ledger:
    """Return the ledger of this home, or the ledger in a folder that the user named."""
    home = files.home()
    if folder is None or folder.resolve() == (home / FOLDER).resolve():
        return HomeLedger(home)
    return OutsideLedger(folder, home)
