"""Tables of all releases of a year; the newest release of a table takes precedence."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.release_labels import labels_of

EstimateFigures = dict[str, Any]  # the JSON file of an estimate


@dataclass(frozen=True)
class YearReleases:
    """Verified releases of a year, newest first."""

    year: int
    releases: tuple[ReleaseFiles, ...]

    @cached_property
    def tables(self) -> dict[str, PublishedTable]:
        """Return the tables by name; a newer release replaces an older one."""
        return {name: table for release in reversed(self.releases) for name, table in release.tables.items()}

    def table(self, name: str) -> PublishedTable | None:
        """Return a table, or None when no release of the year holds it."""
        return self.tables.get(name)

    @cached_property
    def estimate(self) -> EstimateFigures | None:
        """Return the first estimate of the newest release that has one, or None."""
        return next((estimate for release in self.releases for estimate in release.estimates.values()), None)

    @cached_property
    def estimates(self) -> dict[str, EstimateFigures]:
        """Return the estimates by name; a newer release replaces an older one."""
        return {name: content for release in reversed(self.releases) for name, content in release.estimates.items()}

    def content(self, name: str) -> bytes | None:
        """Return a table or the figures of an estimate as CSV, byte for byte as signed; None when unknown."""
        if (table := self.table(name)) is not None:
            return table.content
        holders = (release for release in self.releases if name in release.estimates)
        holder = next(holders, None)
        return None if holder is None else (holder.path / f"estimates/{name}.csv").read_bytes()

    @property
    def digest(self) -> str:
        """Return one hash over all manifests; equal hashes give equal reports."""
        return hashlib.sha256("".join(release.digest for release in self.releases).encode()).hexdigest()

    @property
    def invented(self) -> bool:
        """Return whether any of the releases depends on invented data."""
        return any(release.invented for release in self.releases)

    def kept_labels(self) -> AbstractContextManager[None]:
        """Return the context in which labels are those that the releases keep, the newest first."""
        return labels_of(self.releases)

    def release_of(self, table: PublishedTable) -> ReleaseFiles:
        """Return the release that published a table."""
        return next(release for release in self.releases if release.digest == table.release_digest)
