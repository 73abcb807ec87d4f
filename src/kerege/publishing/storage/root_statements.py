"""The statement of releases in a daily root, and the comparison of roots with releases and ledger.

Each root names the last release and every release that no earlier root names. So a copy of the roots on another machine
shows a release folder that was removed, changed or rolled back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from kerege.base.daily_roots import DailyRoot
from kerege.base.errors import Refused
from kerege.base.file_model import OpenModel
from kerege.base.file_types import Count, Hash
from kerege.base.files import file_hash, home
from kerege.evidence.ledger.entry import LedgerState
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.evidence.ledger.verification import Statement
from kerege.publishing.storage.release_files import folder, list_folders

KEY = "releases"


class NamedRelease(OpenModel):
    """A release folder and the SHA-256 of its manifest."""

    folder: str
    manifest: Hash


class StatedReleases(OpenModel):
    """The statement of a daily root: the last release, their number, and those no earlier root names."""

    last: Hash
    number: Count
    added: list[NamedRelease] = []


def state_releases(earlier: Sequence[DailyRoot]) -> StatedReleases | None:
    """Return the statement of a new root after the `earlier` ones; None before the first release."""
    stated = [statement for root in earlier if (statement := _read(root))]
    known = {release.manifest for statement in stated for release in statement.added}
    present = _present_releases()
    added = [release for release in present if release.manifest not in known]
    if added:
        last = added[-1].manifest
    elif stated:
        last = stated[-1].last
    else:
        return None
    return StatedReleases(last=last, number=len(present), added=added)


def list_missing_releases(roots: Sequence[DailyRoot]) -> list[tuple[int, str]]:
    """Return (event of the root, sentence) for each release that a root names and this home lacks."""
    present = {release.manifest for release in _present_releases()}
    todo = "it was removed, changed or rolled back; restore its folder from the backup"
    return [
        (root.seq, f"the release {release.folder} that the daily root of {root.at} names is not in {folder()}: {todo}")
        for root in roots
        if (statement := _read(root))
        for release in statement.added
        if release.manifest not in present
    ]


def list_ledger_faults(roots: Sequence[DailyRoot]) -> list[tuple[int, str]]:
    """Return (event of the root, sentence) for each root that names an entry which the ledger lacks."""
    stated = {str(state): (root, state) for root in roots if (state := _read_ledger(root)) and state.entries}
    events = {Statement("the daily root", root.at, state): root.seq for root, state in stated.values()}
    try:
        faulty = HomeLedger(home()).faulty(list(events))
    except Refused as refusal:  # the ledger does not fit its own head
        return [(roots[-1].seq, str(refusal))]
    return [(events[statement], result.sentence) for result, statement in faulty]


def _read(root: DailyRoot) -> StatedReleases | None:
    content = root.tree.get(KEY)
    return None if content is None else StatedReleases.model_validate(content)


def _read_ledger(root: DailyRoot) -> LedgerState | None:
    content = root.tree.get("ledger")
    return None if content is None else LedgerState.model_validate(content)


def _present_releases() -> list[NamedRelease]:
    """Return the release folders of this home, oldest first. Their signatures are not checked here."""
    return [
        NamedRelease(folder=path.name, manifest=file_hash(path / "manifest.json"))
        for path in sorted(list_folders(), key=_written_at)
    ]


def _written_at(path: Path) -> tuple[int, str]:
    return (path / "manifest.json").stat().st_mtime_ns, path.name


def list_faults(roots: Sequence[DailyRoot]) -> Iterator[tuple[int, str]]:
    """Yield the faults of the ledger, then those of the releases."""
    if roots:
        yield from list_ledger_faults(roots)
        yield from list_missing_releases(roots)
