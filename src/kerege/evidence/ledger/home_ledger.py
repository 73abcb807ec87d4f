"""The ledger of a home folder, which must be the one that the evidence beside it names.

The chain and the head of a ledger are in one folder. Without that folder, or with an older copy of it, the budget would
begin again. So a charge is refused unless the ledger holds every entry that a daily root, a release of this home or
`audit/ledger.json` names. This last file is written after each entry, so that the time between two roots is covered.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kerege.base import files
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.file_model import OpenModel
from kerege.base.files import atomic_file
from kerege.evidence.ledger.entry import EntryContents, LedgerEntry, LedgerState, now
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.ledger.statements import MANIFEST, read_statements
from kerege.evidence.ledger.verification import Statement, compare

FOLDER = "ledger"
ROOTS = Path("audit", "roots.jsonl")
LAST_STATE = Path("audit", "ledger.json")
RELEASES = "releases"


class KeptState(OpenModel):
    """Contents of `audit/ledger.json`: the state of the ledger after its last entry."""

    at: str
    ledger: LedgerState


class HomeLedger(Ledger):
    """The ledger in `home / "ledger"`. Its lock is refused when the home names another ledger."""

    def __init__(self, home: Path) -> None:
        super().__init__(home / FOLDER)
        self.home = home

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of the ledger for a charge. Raise Refused when the home names another ledger."""
        if not self.folder.is_dir():
            self.require_evidence()  # before the lock makes an empty folder in the place of a lost one
        with self.locked_for_reading():
            self.require_evidence()
            yield

    def require_evidence(self) -> None:
        """Raise Refused with the first fault that `faults` names."""
        if sentences := self.faults():
            raise Refused(sentences[0])

    def faults(self) -> list[str]:
        """Return one sentence for each statement in the home that names another ledger or a longer one.

        Raise BadInput for a statement that cannot be read, Refused when the ledger does not fit its own head.
        """
        return [result.sentence for result in compare(self, self._statements()) if result.is_fault]

    def _statements(self) -> list[Statement]:
        """Return the statements that name an entry, one for each state, which many roots have in common."""
        releases = sorted(self.home.glob(f"{RELEASES}/[!.]*/{MANIFEST}"))
        roots = self.home / ROOTS
        statements = [*self._last_state(), *read_statements([*([roots] if roots.is_file() else []), *releases])]
        naming = (item for item in statements if item.state is not None and (item.state.entries or item.manifest))
        return list({(str(item.state), item.manifest): item for item in naming}.values())

    def _last_state(self) -> Iterator[Statement]:
        path = self.home / LAST_STATE
        try:
            kept = KeptState.model_validate(json.loads(path.read_bytes()))
        except FileNotFoundError:
            return
        except ValueError:  # also pydantic's
            todo = "restore the folders ledger and audit from the newest backup"
            raise BadInput(Fault("does not state the ledger", todo, file=str(path))) from None
        yield Statement(str(path), kept.at, kept.ledger)

    def _add(self, about: EntryContents) -> LedgerEntry:
        entry = super()._add(about)
        # after the entry: a crash in between leaves a ledger that is longer than its statement, which fits
        path = self.home / LAST_STATE
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with atomic_file(path, durable=True) as part:
            part.write_text(json.dumps(KeptState(at=now(), ledger=self.state()).tree) + "\n")
        return entry


def open_ledger(folder: Path | None = None) -> Ledger:
    """Return the ledger of this home, or the ledger in a folder that the user named."""
    home = files.home()
    if folder is None or folder.resolve() == (home / FOLDER).resolve():
        return HomeLedger(home)
    return Ledger(folder)
