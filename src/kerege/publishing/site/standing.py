"""Releases that stand at a moment: verified, public, not corrected by a public one, not withdrawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from kerege.base.errors import Refused
from kerege.evidence.release.stated_release import StatedRelease
from kerege.publishing.releases import queries
from kerege.publishing.storage import release_files

if TYPE_CHECKING:
    from pathlib import Path

    from kerege.publishing.storage.release_files import ReleaseFiles


@dataclass(frozen=True)
class FaultyRelease:
    """Public release whose signature or hashes do not hold, or whose folder is gone.

    `tables` are the names that its manifest claims, which decide only what is hidden; None means that it cannot be
    read.
    """

    name: str
    period: str
    tables: frozenset[str] | None

    def hides(self, table: str, newest: str) -> bool:
        """Return whether the release may hold newer numbers of a table than the release of period `newest`."""
        return (self.tables is None or table in self.tables) and (not self.period or self.period >= newest)


def standing_releases(moment: datetime) -> list[ReleaseFiles]:
    """Return the releases that stand at a moment, the one about the newest data first."""
    superseded = queries.superseded_folders(moment)
    return newest_first(
        release
        for release in queries.public_files(moment)
        if release.path.name not in superseded and _is_whole(release)
    )


def corrected_releases(moment: datetime) -> list[ReleaseFiles]:
    """Return the public releases that a public correction replaces, the one about the newest data first."""
    superseded = queries.superseded_folders(moment)
    return newest_first(release for release in queries.public_files(moment) if release.path.name in superseded)


def faulty_releases(moment: datetime) -> list[FaultyRelease]:
    """Return the public releases that do not pass verification at this moment."""
    hidden = queries.non_public_folders(moment)
    whole = {release.path.name for release in queries.public_files(moment) if _is_whole(release)}
    paths = [path for path in release_files.list_folders() if path.name not in hidden | whole]
    lost = queries.lost_folders(moment)
    return [_faulty(path) for path in paths] + [FaultyRelease(name, lost[name], None) for name in sorted(lost)]


def newest_first(releases: Iterable[ReleaseFiles]) -> list[ReleaseFiles]:
    """Return releases in order of the last day that they cover, then of the day on which they were built.

    A correction of an old release is built later than the newest one, and is not newer than it.
    """
    return sorted(releases, key=_age, reverse=True)


def _age(release: ReleaseFiles) -> tuple[date, str, str]:
    return release.as_of or release.created, release.manifest.created, release.path.name


def _is_whole(release: ReleaseFiles) -> bool:
    """Return whether the tables and the labels still have the hashes of the signed manifest."""
    try:
        tables, _labels = release.tables.values(), release.labels
    except (OSError, Refused):
        return False
    return all(hashlib.sha256(table.content).hexdigest() == table.entry.sha256 for table in tables)


def _faulty(path: Path) -> FaultyRelease:
    stated = StatedRelease.read(path)
    if stated is None or stated.tables is None:
        return FaultyRelease(path.name, "", None)
    names = [entry.name for entry in stated.tables]
    return FaultyRelease(path.name, stated.period, frozenset(map(str, names)))
