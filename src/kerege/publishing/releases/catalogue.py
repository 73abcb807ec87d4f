"""Public catalogue of releases: those in force, those corrected, and those withdrawn with the reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Literal

from django.utils import timezone
from django.utils.translation import get_language

from kerege.base.errors import BadInput, Refused
from kerege.base.still_archive import pack
from kerege.publishing.releases import public_clock, queries
from kerege.publishing.releases.models import Release, in_language
from kerege.publishing.storage import release_files
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import languages

PARTS = ("manifest.json", "manifest.sig", "public_key.pem")


@dataclass(frozen=True)
class CatalogueEntry:
    """Entry of a release on its public page. `files` is None when the release was withdrawn.

    `titles`, `notes` and `reasons` are the title, the note on a correction and the reason of a withdrawal by language.
    `replacement` is the public release to use instead of a withdrawn one, "" when there is none.
    """

    name: str
    title: str
    period: str
    since: date
    files: ReleaseFiles | None
    note: str = ""
    corrects: str = ""
    corrected_by: CatalogueEntry | None = None
    withdrawn_on: date | None = None
    reason: str = ""
    public_at: datetime | None = None
    withdrawn_at: datetime | None = None
    titles: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    replacement: str = ""

    @property
    def state(self) -> Literal["standing", "corrected", "withdrawn"]:
        """Return whether the release is in force, replaced by a correction, or withdrawn."""
        if self.files is None:
            return "withdrawn"
        return "corrected" if self.corrected_by else "standing"

    @property
    def invented(self) -> bool:
        """Return whether the figures depend on invented data."""
        return bool(self.files and self.files.invented)


def list_releases() -> list[CatalogueEntry]:
    """Return all public and all withdrawn releases, newest first."""
    key = ("catalogue", public_clock.now(), get_language())
    return list(public_clock.remember(key, _list_releases))


def _list_releases() -> list[CatalogueEntry]:
    non_public = queries.non_public_folders()
    rows = {row.directory: row for row in Release.objects.all()}
    entries = [_standing(files, rows.get(files.path.name)) for files in queries.public_files()]
    corrections = {entry.corrects: entry for entry in reversed(entries) if entry.corrects}
    catalogue = [_with_correction(entry, corrections.get(entry.name)) for entry in entries]
    withdrawn = [row for row in rows.values() if row.state == Release.State.WITHDRAWN and row.published_at]
    catalogue += [_withdrawn(row, catalogue) for row in withdrawn if row.directory in non_public]
    return sorted(catalogue, key=lambda entry: (entry.since, entry.name), reverse=True)


def get_release(name: str) -> CatalogueEntry | None:
    """Return the release in the folder `name`, or None.

    The folder is verified again now: a release whose files were changed on disk since signing counts as absent.
    """
    entry = next((candidate for candidate in list_releases() if candidate.name == name), None)
    if entry is None or entry.files is None:
        return entry
    try:
        path = entry.files.path
        return replace(entry, files=public_clock.remember(("verified", path), lambda: release_files.read(path)))
    except (Refused, BadInput):
        return None


def _standing(files: ReleaseFiles, row: Release | None) -> CatalogueEntry:
    """Return the entry of a public release; `row` is None when the operator put the folder there."""
    manifest = files.manifest
    since = row.public_since if row else None
    return CatalogueEntry(
        name=files.path.name,
        title=in_language(files.title, ""),
        period=manifest.period,
        since=timezone.localtime(since).date() if since else files.created,
        files=files,
        note=in_language(manifest.revision_note, ""),
        corrects=manifest.revision_of or "",
        public_at=since or datetime.fromisoformat(manifest.created),
        titles=dict(files.title),
        notes=dict(manifest.revision_note or {}),
    )


def _with_correction(entry: CatalogueEntry, correction: CatalogueEntry | None) -> CatalogueEntry:
    return replace(entry, corrected_by=correction) if correction else entry


def _withdrawn(row: Release, public: Sequence[CatalogueEntry]) -> CatalogueEntry:
    """Return the entry of a withdrawn release, with its reason and without its files."""
    since, withdrawn_at = row.published_at or row.prepared_at, row.withdrawn_at or row.prepared_at
    return CatalogueEntry(
        row.directory,
        row.name,
        row.period,
        timezone.localtime(since).date(),
        None,
        withdrawn_on=timezone.localtime(withdrawn_at).date(),
        reason=row.reason,
        public_at=since,
        withdrawn_at=withdrawn_at,
        titles={lang: languages.text_or(row.spec.get("title"), lang, row.title) for lang in languages.offered()},
        reasons=dict(row.withdrawn_reason),
        replacement=_replacement(row, public),
    )


def _replacement(row: Release, public: Sequence[CatalogueEntry]) -> str:
    """Return the release in force that corrects a withdrawn one, else the newest of its period."""
    in_force = sorted((entry for entry in public if entry.state == "standing"), key=lambda entry: entry.since)
    corrections = [entry.name for entry in in_force if entry.corrects == row.directory]
    of_period = [entry.name for entry in in_force if entry.period == row.period]
    return next(reversed(corrections or of_period), "")


def read_file(files: ReleaseFiles, name: str) -> bytes | None:
    """Return the bytes of one file of a release, or None when it does not exist.

    `name` is a file that the manifest names, the manifest, its signature or the public key.
    """
    if name not in (*PARTS, *files.named):
        return None
    try:
        return (files.path / name).read_bytes()
    except OSError:
        return None


def build_archive(files: ReleaseFiles) -> bytes:
    """Return a ZIP archive of all files of a release, in the layout that `kerege verify` expects."""
    contents = {name: read_file(files, name) for name in (*PARTS, *sorted(files.named))}
    return pack((f"{files.path.name}/{name}", content) for name, content in contents.items() if content is not None)
