"""Publication of an exported site: at its minute, by one link that is switched at once."""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kerege.base.clock_sync import measure_error
from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import copy, home, locked, sync
from kerege.base.time_server import measure_offset
from kerege.evidence.release import signed_site
from kerege.evidence.release.signed_site import SiteManifest
from kerege.publishing.export_site.build import read_state
from kerege.publishing.storage import release_files

CLOCK_LIMIT = 5.0  # seconds by which the clock may be wrong
PART, READABLE = ".part-", 0o755


@dataclass(frozen=True)
class Published:
    """The site that is public now, and the addresses that caches must forget."""

    folder: Path
    purge: tuple[str, ...]


def publish(out: Path, target: Path, now: datetime, time_server: str = "") -> Published:
    """Copy a site beside the link `target` and switch the link; return the addresses to purge.

    Nothing is copied before the moment of the site. A process that is killed leaves the old state. The folders of
    older states are removed, so that no withdrawn table stays on the public machine. The clock is compared with
    `time_server`; without one, the kernel of Linux states how wrong it may be.
    """
    site = signed_site.verify(out)
    check_here(site, now, time_server)
    _check_target(target, now)
    versions = target.parent / f"{target.name}.versions"
    with locked(versions):
        versions.chmod(READABLE)
        before = _read_public(target)
        folder = _copy(out, site, versions)
        _switch(target, folder)
        _remove_others(versions, folder)
    return Published(folder, list_purged(before, site))


def check_here(site: SiteManifest, now: datetime, time_server: str) -> None:
    """Raise Refused unless this machine may publish a site now: its moment, the clock, its releases."""
    _check_moment(site, now)
    _check_clock(time_server)
    _check_releases(site)


def _check_moment(site: SiteManifest, now: datetime) -> None:
    """Raise Refused before the moment of the site."""
    if now < site.due:
        raise Refused(f"the site shows the state of {site.moment}, publish it then: nothing was copied")


def _check_clock(time_server: str) -> None:
    """Raise Refused if the clock is wrong; a kernel that no time service informs says nothing."""
    error = abs(measure_offset(time_server)) if time_server else measure_error()
    if error is not None and error > CLOCK_LIMIT:
        raise Refused(f"the clock of this machine may be wrong by {error:.0f} s, set it right: nothing was copied")


def _check_releases(site: SiteManifest) -> None:
    """Raise Refused if a release of the site was withdrawn or changed since the export.

    A machine without the releases cannot know; the signature then has to suffice.
    """
    if not release_files.folder(home()).is_dir():
        return
    public = {files.path.name: files.digest for files in read_state(site.due).public}
    for release in site.releases:
        if public.get(release.name) != release.manifest_sha256:
            raise Refused(f"{release.name} is not public any more as it is in the site, export it again")


def _check_target(target: Path, now: datetime) -> None:
    if target.exists() and not target.is_symlink():
        raise BadInput(Fault("is no link", "name the link that the web server serves", file=str(target)))
    if not target.parent.is_dir():
        raise BadInput(Fault("its folder does not exist", "make it, or name another one", file=str(target)))
    error = abs(_time_of_disk(target.parent) - now.timestamp())
    if error > CLOCK_LIMIT:
        raise Refused(f"the clocks of this machine and of {target} differ by {error:.0f} s: nothing was copied")


def _time_of_disk(folder: Path) -> float:
    """Return the time that the machine which holds a folder gives to a new file."""
    path = folder / f"{PART}{secrets.token_hex(8)}"
    try:
        path.touch()
        return path.stat().st_mtime
    except OSError as error:
        raise BadInput(Fault(f"cannot be written ({error.strerror})", "name another folder", str(folder))) from None
    finally:
        path.unlink(missing_ok=True)


def _read_public(target: Path) -> SiteManifest | None:
    """Return the list of the site that is public now, or None when there is none."""
    try:
        return signed_site.read_signed(target.resolve()) if target.is_symlink() else None
    except (BadInput, Refused):
        return None


def _copy(out: Path, site: SiteManifest, versions: Path) -> Path:
    """Copy a site into a new folder of `versions`, check the copy, and flush it to the disk."""
    part = versions / f"{PART}{secrets.token_hex(8)}"
    part.mkdir(mode=0o700)
    try:
        copy(out, part)
        if signed_site.verify(part) != site:
            raise Refused(f"{out} was changed while it was copied: nothing was published")
        for path in part.rglob("*"):
            path.chmod(READABLE if path.is_dir() else 0o644)
        sync(*(path for path in part.rglob("*") if path.is_file()), part)
        part.chmod(READABLE)
        folder = versions / f"{site.due:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _switch(target: Path, folder: Path) -> None:
    """Let the link lead to another folder, in one step."""
    link = target.parent / f"{PART}{secrets.token_hex(8)}"
    link.symlink_to(os.path.relpath(folder, target.parent))
    try:
        link.replace(target)
    finally:
        link.unlink(missing_ok=True)
    sync(target.parent)


def _remove_others(versions: Path, folder: Path) -> None:
    """Remove older states, and what a killed process left."""
    for path in versions.iterdir():
        if path.is_dir() and path != folder:
            shutil.rmtree(path)
    for path in versions.parent.glob(f"{PART}*"):
        if path.is_symlink() and path.resolve().parent == versions.resolve():
            path.unlink()


def list_purged(before: SiteManifest | None, now: SiteManifest) -> tuple[str, ...]:
    """Return the addresses whose answer changed or ended, for the purge of caches."""
    if before is None:
        return ()
    changed = {f"/{name}" for name, entry in before.files.items() if now.files.get(name) != entry}
    changed |= {address for address, goal in before.redirects.items() if now.redirects.get(address) != goal}
    return tuple(
        sorted(address.removesuffix("index.html") for address in changed if not address.startswith("/server/"))
    )
