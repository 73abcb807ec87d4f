"""Read access to releases: verified public ones for everyone, other ones for staff by their rights."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from kerege.base.errors import BadInput, Refused
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.evidence.release.stated_release import StatedRelease
from kerege.publishing.gate import run_gate
from kerege.publishing.releases import public_clock
from kerege.publishing.releases.models import APPROVED, Deputy, Release, public_filter
from kerege.publishing.storage import release_files
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.publishing.storage.year_releases import YearReleases

State = Release.State
# columns of a release that public pages show or depend on
SHOWN = (
    *("directory", "state", "title", "period", "manifest_sha256", "embargo_at", "prepared_at", "published_at"),
    *("withdrawn_at", "withdrawn_reason", "spec__title"),
)
PAST, NEVER = datetime(1900, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


def _known() -> bool:
    """Return whether the release table exists. A report can be made on a machine without the database."""
    return Release._meta.db_table in connection.introspection.table_names()


def non_public_folders(now: datetime | None = None) -> frozenset[str]:
    """Return the names of the folders that are not public at `now`, by default the moment of the pages.

    They are not approved, not signed, still under embargo, or withdrawn. A folder without a database row was put there
    by the operator of the server. It counts as published once the embargo in its manifest has ended.
    """
    moment = now or public_clock.now()
    return public_clock.remember(("non-public folders", moment), lambda: _non_public_folders(moment))


def _non_public_folders(now: datetime) -> frozenset[str]:
    rows: dict[str, bool] = {}
    if _known():
        public_keys = set(Release.objects.filter(public_filter(now)).values_list("pk", flat=True))
        rows = {name: pk in public_keys for pk, name in Release.objects.values_list("pk", "directory")}
    unknown = [path for path in release_files.list_folders() if path.name not in rows]
    embargoed = {path.name for path in unknown if _embargo(path / run_gate.MANIFEST) > now}
    return frozenset({name for name, is_public in rows.items() if not is_public} | embargoed)


def lost_folders(now: datetime) -> dict[str, str]:
    """Return the periods of the public releases whose folder or manifest is gone, by its name.

    A corrected release is left out: its correction is shown in its place.
    """
    if not _known():
        return {}
    rows = Release.objects.filter(public_filter(now)).exclude(state=State.CORRECTED)
    folders = {path.name for path in release_files.list_folders()}
    return {name: period for name, period in rows.values_list("directory", "period") if name not in folders}


def _embargo(manifest: Path) -> datetime:
    """Return the end of the embargo that a manifest claims; a manifest that cannot be read has none."""
    try:
        return _embargo_of(manifest, manifest.stat().st_mtime_ns)
    except OSError:
        return PAST


@lru_cache(maxsize=256)
def _embargo_of(manifest: Path, changed: int) -> datetime:
    """Return the end of the embargo in a manifest; `changed` makes the cache notice a new file.

    An embargo without a time zone offset never ends.
    """
    stated = StatedRelease.read(manifest.parent)
    try:
        embargo = datetime.fromisoformat(stated.embargo) if stated and stated.embargo else PAST
    except ValueError:
        return PAST  # verification reports the fault
    return embargo if embargo.tzinfo else NEVER


def public_files(now: datetime | None = None) -> list[ReleaseFiles]:
    """Return every verified public release, corrected ones too, newest first."""
    moment = now or public_clock.now()
    return list(public_clock.remember(("public files", moment), lambda: _public_files(moment)))


def _public_files(now: datetime) -> list[ReleaseFiles]:
    non_public = non_public_folders(now)
    releases = [_verified(path) for path in release_files.list_folders() if path.name not in non_public]
    return sorted(
        (release for release in releases if release), key=lambda release: release.manifest.created, reverse=True
    )


def signed_files() -> list[ReleaseFiles]:
    """Return every verified signed release, also those that are not public yet or no longer."""
    return [release for path in release_files.list_folders() if (release := _verified(path))]


def _verified(path: Path) -> ReleaseFiles | None:
    """Return the verified release in a folder, or None when verification fails."""
    try:
        return _read(path, (path / run_gate.MANIFEST).stat().st_mtime_ns)
    except (Refused, BadInput, OSError):
        return None


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> ReleaseFiles:
    return release_files.read(path)


def identity_at(moment: datetime) -> tuple[Hashable, ...]:
    """Return what two sets of public releases differ in: rows, folders, files, and which are public.

    An approval, a correction, a withdrawal, the minute of an embargo and a changed file all give another identity.
    """
    rows = Release.objects.order_by("pk").values_list(*SHOWN) if _known() else ()
    stamps = tuple(release_files.stamp(path) for path in release_files.list_folders())
    return (non_public_folders(moment), tuple(map(repr, rows)), stamps)


def superseded_folders(now: datetime | None = None) -> frozenset[str]:
    """Return the names of the folders that a public correction replaces.

    They stay readable, but the report no longer uses their figures.
    """
    moment = now or public_clock.now()
    return public_clock.remember(("superseded folders", moment), lambda: _superseded_folders(moment))


def _superseded_folders(now: datetime) -> frozenset[str]:
    by_manifest = {release.manifest.revision_of for release in public_files(now) if release.manifest.revision_of}
    by_state = Release.objects.filter(state=State.CORRECTED).values_list("directory", flat=True) if _known() else ()
    return frozenset(by_manifest) | frozenset(by_state)


def releases_of_year(year: int) -> YearReleases | None:
    """Return the public releases of a year, or None when there is none."""
    releases = release_files.releases_of_year(year, without=non_public_folders() | superseded_folders())
    return YearReleases(year, releases) if releases else None


def years() -> list[int]:
    """Return the years that have a public release, newest first."""
    return release_files.list_years(without=non_public_folders() | superseded_folders())


# -- for staff ---------------------------------------------------------------------------------------------------------
def readable_releases(actor: Actor) -> QuerySet[Release]:
    """Return the releases that the actor may read, newest first."""
    rows = authorization.scope(actor, Release, action="releases.read")
    return rows.select_related("prepared_by", "approved_by", "revises")


def releases_to_approve(actor: Actor) -> QuerySet[Release]:
    """Return the releases that wait for the actor's approval: checked, safe, and composed by others."""
    rows = authorization.scope(actor, Release, action="releases.approve").filter(state=State.READY)
    return rows.exclude(prepared_by=actor.user_id).exclude(hands=actor.user_id).select_related("prepared_by")


def get_files(release: Release) -> ReleaseFiles | None:
    """Return the files of a release: the signed folder, else the checked draft, else None."""
    if release.is_signed:
        return _verified(release_files.folder() / release.directory)
    if not release.draft_sha256 and release.state not in APPROVED:
        return None
    return run_gate.read_draft(run_gate.drafts(release.pk) / str(release.check_number))


def is_draft_lost(release: Release) -> bool:
    """Return whether a draft was checked, but its files are damaged, gone or of another version of Kerege."""
    return bool(release.draft_sha256) and release.is_open and get_files(release) is None


def last_draft(release: Release) -> ReleaseFiles | None:
    """Return the draft of the last check, even if the release was changed since; None when there is none.

    The text form lists the tokens of its tables.
    """
    return run_gate.read_draft(run_gate.drafts(release.pk) / str(release.check_number))


def current_deputies() -> QuerySet[Deputy]:
    """Return the appointments of deputies that are in force or still to come."""
    rows = Deputy.objects.filter(ended_at=None, until_on__gte=timezone.localdate())
    return rows.select_related("user", "appointed_by").order_by("from_on", "pk")
