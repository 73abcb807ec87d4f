"""Metadata of releases for citation and for the API."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site.files.api_models import ApiRelease, ApiTable, ReleaseLink
from kerege.publishing.site.files.datacite import Citable
from kerege.publishing.site.files.figure_file import LICENCE, FigureFile
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.site_state import SiteState
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.vocabulary import languages


def pages_of(base: str, path: str) -> dict[str, str]:
    """Return the address of a page in each language."""
    return {lang: f"{base}/{lang}/{path}" for lang in languages.offered()}


def citable_release(entry: CatalogueEntry, base: str, lang: str) -> Citable:
    """Return a release as DataCite describes it."""
    files, corrected_by = entry.files, entry.corrected_by
    return Citable(
        name=entry.name,
        titles=titles_of(entry),
        publisher={code: get_publisher(code).name for code in languages.offered()},
        address=f"{base}/{lang}/r/{entry.name}/",
        day=entry.since,
        digest=files.digest if files else "",
        as_of=files.as_of if files else None,
        corrects=f"{base}/{lang}/r/{entry.corrects}/" if entry.corrects else "",
        corrected_by=f"{base}/{lang}/r/{corrected_by.name}/" if corrected_by else "",
        doi_prefix=get_publisher(lang).doi_prefix,
        withdrawn_on=entry.withdrawn_on,
        lang=lang,
    )


def citable(state: SiteState, figure: FigureFile) -> Citable:
    """Return an indicator as DataCite describes it.

    With its own title, and the identity of its newest release.
    """
    newest = figure.releases[0] if figure.releases else None
    entry = state.entries.get(newest.name) if newest else None
    return Citable(
        name=figure.name,
        titles={figure.lang: figure.title},
        publisher={figure.lang: figure.publisher},
        address=figure.address,
        day=newest.day if newest else state.moment.date(),
        digest=newest.digest if newest else "",
        as_of=entry.files.as_of if entry and entry.files else None,
        lang=figure.lang,
    )


def titles_of(entry: CatalogueEntry) -> dict[str, str]:
    """Return the title of a release in each language."""
    return {lang: languages.text_or(entry.titles, lang, entry.name) for lang in languages.offered()}


def release_link(entry: CatalogueEntry, base: str) -> ReleaseLink:
    """Return a release in the index of the API."""
    return ReleaseLink(
        name=entry.name,
        title=titles_of(entry),
        period=entry.period,
        published=entry.since.isoformat(),
        state=entry.state,
        url=f"{base}/api/v1/releases/{entry.name}.json",
        page=pages_of(base, f"r/{entry.name}/"),
    )


def describe_release(entry: CatalogueEntry, base: str) -> ApiRelease:
    """Return `releases/NAME.json`; a withdrawn release has no table, no hash and no file."""
    files = entry.files
    as_of = files.as_of if files else None
    return ApiRelease(
        version="1",
        name=entry.name,
        title=titles_of(entry),
        period=entry.period,
        state=entry.state,
        published=entry.since.isoformat(),
        as_of=as_of.isoformat() if as_of else None,
        invented=entry.invented,
        manifest_sha256=files.digest if files else "",
        license=LICENCE,
        corrects=entry.corrects,
        corrected_by=entry.corrected_by.name if entry.corrected_by else "",
        reason={lang: reason for lang, reason in (entry.reasons or entry.notes).items() if reason},
        withdrawn_on=entry.withdrawn_on.isoformat() if entry.withdrawn_on else None,
        replacement=entry.replacement,
        page=pages_of(base, f"r/{entry.name}/"),
        archive=f"{base}/en/r/{entry.name}/release.zip" if files else "",
        tables=list(_tables(files, base)) if files else [],
    )


def _tables(files: ReleaseFiles, base: str) -> Sequence[ApiTable]:
    return [
        ApiTable(
            name=table.name,
            title=dict(table.entry.title),
            of=table.entry.of,
            by=list(table.by),
            method=table.entry.method,
            file=f"{base}/en/r/{files.path.name}/{table.entry.file}",
            sha256=table.entry.sha256,
            published=table.entry.cells.published,
            withheld=table.entry.cells.suppressed,
            changed=table.entry.cells.perturbed,
        )
        for table in files.tables.values()
    ]
