"""Releases in an exported site: their signatures, and the hashes of their files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from kerege.base import ed25519
from kerege.base.errors import Refused
from kerege.evidence.release import MANIFEST, PUBLIC_KEY, SIGNATURE
from kerege.evidence.release.manifest import Manifest, files_of, hash_content
from kerege.evidence.release.signed_site import SiteRelease
from kerege.publishing.site_check.site_pages import Site


def check_releases(site: Site) -> Iterator[str]:
    """Yield one sentence for each release whose signed files are not in the site as they were signed."""
    for release in site.manifest.releases:
        folder = folder_of(site, release)
        if folder is None:
            yield f"{release.name}: its manifest is not in the site"
        else:
            yield from _check_release(site, release, folder)


def folder_of(site: Site, release: SiteRelease) -> PurePosixPath | None:
    """Return a folder of the site that holds the manifest of a release."""
    for name, entry in site.manifest.files.items():
        if name.endswith(f"/{MANIFEST}") and entry.sha256 == release.manifest_sha256:
            return PurePosixPath(name).parent
    return None


def _check_release(site: Site, release: SiteRelease, folder: PurePosixPath) -> Iterator[str]:
    content, signature, key = (site.read(str(folder / n)) for n in (MANIFEST, SIGNATURE, PUBLIC_KEY))
    try:
        ed25519.check(content, signature.decode("ascii", "replace"), key)
    except Refused:
        yield f"{release.name}: the signature does not fit the manifest"
        return
    for name, expected in files_of(Manifest.model_validate(json.loads(content))).items():
        if hash_content(site.read(str(folder / name))) != expected:
            yield f"{release.name}: {name} is missing or differs from what was signed"
