"""Release folders on disk: listed, verified and read. A folder whose signature fails is not published."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from kerege.base.errors import Refused
from kerege.base.files import file_hash, home
from kerege.evidence.release.build import verify
from kerege.evidence.release.labels import read_labels
from kerege.evidence.release.manifest import DraftManifest, Manifest, TableEntry, files_of
from kerege.evidence.release.prevalence.estimate_file import EstimateContents
from kerege.evidence.release.stated_release import StatedRelease
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.vocabulary import profile
from kerege.vocabulary.kept_labels import KeptLabels


@dataclass(frozen=True)
class ReleaseFiles:
    """One verified release folder."""

    path: Path
    manifest: Manifest | DraftManifest
    digest: str  # SHA-256 of manifest.json

    @property
    def title(self) -> dict[str, str]:
        """Return the title by language."""
        return self.manifest.title

    @property
    def created(self) -> date:
        """Return the day on which the release was built, in the time zone of the country."""
        moment = datetime.fromisoformat(self.manifest.created)
        return moment.astimezone(ZoneInfo(profile.active().time_zone)).date() if moment.tzinfo else moment.date()

    @property
    def as_of(self) -> date | None:
        """Return the latest reference date of its snapshots, or None without snapshots."""
        days = [snapshot.as_of[:10] for snapshot in self.manifest.snapshots]
        return date.fromisoformat(max(days)) if days else None

    @property
    def invented(self) -> bool:
        """Return whether the figures depend on invented data."""
        return self.manifest.invented

    @property
    def threshold(self) -> int:
        """Return the smallest count that may be published."""
        return self.manifest.policy.threshold

    @cached_property
    def tables(self) -> dict[str, PublishedTable]:
        """Return the tables by name."""
        return {entry.name: self._table(entry) for entry in self.manifest.tables}

    @cached_property
    def estimates(self) -> dict[str, dict[str, Any]]:
        """Return the contents of the multiple systems estimates by name."""
        paths = {entry.name: self.path / f"estimates/{entry.name}.json" for entry in self.manifest.estimates}
        return {
            name: EstimateContents.parsed(json.loads(path.read_bytes()), str(path)).tree for name, path in paths.items()
        }

    @cached_property
    def labels(self) -> KeptLabels | None:
        """Return the labels that the release keeps, None for one of a version that kept none."""
        return read_labels(self.path, self.manifest)

    @cached_property
    def named(self) -> dict[str, str]:
        """Return the hash of every file that the manifest names, by file name."""
        return files_of(self.manifest)

    def _table(self, entry: TableEntry) -> PublishedTable:
        content = (self.path / entry.file).read_bytes()
        return PublishedTable(entry.name, tuple(entry.by), entry, content, self.digest)


def folder(root: Path | None = None) -> Path:
    """Return the folder of the releases in `root`, by default in this home."""
    return (root or home()) / "releases"


def read(path: Path) -> ReleaseFiles:
    """Return a release after checking its signature and hashes.

    Raises Refused when they do not hold, or when the release never passed the gate.
    """
    manifest = verify(path)
    if not manifest.attack:
        raise Refused(
            f"{path.name} has not passed the gate: its disclosure risk was never assessed, "
            "build it again with kerege release"
        )
    return ReleaseFiles(path, manifest, file_hash(path / "manifest.json"))


def _period(path: Path) -> str:
    """Return the period that an unverified manifest claims; it only decides which releases to verify."""
    stated = StatedRelease.read(path)
    if stated is None:
        raise Refused(f"the manifest of release {path.name} cannot be read")
    return stated.period


def list_folders(root: Path | None = None) -> list[Path]:
    """Return every folder that holds a manifest, in the order of names."""
    return sorted(path.parent for path in folder(root).glob("*/manifest.json") if not path.parent.name.startswith("."))


def stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """Return name, time of change and size of each file in a release folder and its folders."""
    folders = [path, *(Path(entry.path) for entry in os.scandir(path) if entry.is_dir())]
    files = (entry for directory in folders for entry in os.scandir(directory) if entry.is_file())
    return tuple(sorted((file.path, file.stat().st_mtime_ns, file.stat().st_size) for file in files))


def list_years(root: Path | None = None, without: frozenset[str] = frozenset()) -> list[int]:
    """Return the years that have releases, newest first. A manifest that cannot be read belongs to none."""
    stated = [StatedRelease.read(path) for path in list_folders(root) if path.name not in without]
    periods = {release.period[:4] for release in stated if release}
    return sorted((int(period) for period in periods if period.isdigit()), reverse=True)


def releases_of_year(
    year: int, root: Path | None = None, without: frozenset[str] = frozenset()
) -> tuple[ReleaseFiles, ...]:
    """Return the verified releases of a year, newest first, without the folders named in `without`."""
    paths = [path for path in list_folders(root) if _period(path)[:4] == str(year) and path.name not in without]
    releases = [read(path) for path in paths]
    return tuple(sorted(releases, key=lambda release: release.manifest.created, reverse=True))
