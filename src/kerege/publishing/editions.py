"""The edition of a year: the tables of all its releases, the newest release of a table first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

from kerege.publishing.releases import ReleaseFiles
from kerege.publishing.tables import PublishedTable


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
