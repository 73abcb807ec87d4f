"""The edition of a year: the tables of all its releases, the newest release of a table first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles


@dataclass(frozen=True)
class Edition:
    """What may be told about a year: its verified releases, newest first."""

    year: int
    releases: tuple[ReleaseFiles, ...]

    @cached_property
    def tables(self) -> dict[str, PublishedTable]:
        """Tables by name; a later release replaces an earlier one."""
        return {name: table for release in reversed(self.releases) for name, table in release.tables.items()}

    def table(self, name: str) -> PublishedTable | None:
        """A table, or None when no release of the year holds it."""
        return self.tables.get(name)

    @cached_property
    def estimate(self) -> dict[str, Any] | None:
        """The estimate of the undetected that the report tells: the first of the newest release that has one."""
        return next((each for release in self.releases for each in release.estimates.values()), None)

    def content(self, name: str) -> bytes | None:
        """A table, or the figures of the estimate, as CSV byte for byte as it was signed."""
        if (table := self.table(name)) is not None:
            return table.content
        found = (release for release in self.releases if name in release.estimates)
        holder = next(found, None)
        return None if holder is None else (holder.path / f"estimates/{name}.csv").read_bytes()

    @property
    def digest(self) -> str:
        """One hash over the manifests: equal digests give equal reports."""
        return hashlib.sha256("".join(release.digest for release in self.releases).encode()).hexdigest()

    @property
    def invented(self) -> bool:
        """Whether any of the releases rests on invented data."""
        return any(release.invented for release in self.releases)

    def release_of(self, table: PublishedTable) -> ReleaseFiles:
        """The release that published a table."""
        return next(release for release in self.releases if release.digest == table.release_digest)
