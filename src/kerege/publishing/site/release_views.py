"""Public pages of the releases: list, one release, its files and its archive."""

from __future__ import annotations

import mimetypes

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from kerege.core import pages
from kerege.publishing.presenters import microdata, prevalence, privacy_budget, tables
from kerege.publishing.releases import catalogue
from kerege.publishing.releases.catalogue import CatalogueEntry

KINDS = {
    ".csv": "text/csv; charset=utf-8",
    ".json": "application/json",
    ".sig": "text/plain; charset=utf-8",
    ".pem": "text/plain; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".parquet": "application/vnd.apache.parquet",
}


@pages.public
def list_releases(request: HttpRequest) -> HttpResponse:
    """Show all public and withdrawn releases."""
    return render(request, "publishing/releases.html", {"releases": catalogue.list_releases()})


@pages.public
def release(request: HttpRequest, release_name: str) -> HttpResponse:
    """Show one release; a withdrawn one with its reason and status 410."""
    entry = _found(release_name)
    if entry.files is None:
        return render(request, "publishing/release.html", {"release": entry}, status=410)
    context = {
        "release": entry,
        "texts": tables.present_texts(entry.files),
        "tables": tables.present_tables(entry.files),
        "records": microdata.present_microdata(entry.files),
        "estimates": prevalence.present_estimates(entry.files),
        "loss": privacy_budget.claimed_loss(entry.files.manifest.privacy),
        "outside": any(map(privacy_budget.is_outside_account, entry.files.manifest.tables)),
    }
    return render(request, "publishing/release.html", context)


def _found(name: str) -> CatalogueEntry:
    """Return the catalogue entry of a release. Raises Http404."""
    entry = catalogue.get_release(name)
    if entry is None:
        raise Http404
    return entry


@pages.public
def release_file(request: HttpRequest, release_name: str, part: str) -> HttpResponse:
    """Send one file of a release, byte for byte as signed."""
    files = _found(release_name).files
    content = catalogue.read_file(files, part) if files else None
    if content is None:
        raise Http404
    filename = part.rpartition("/")[2]
    kind = (
        KINDS.get(f".{filename.rpartition('.')[2]}") or mimetypes.guess_type(filename)[0] or "application/octet-stream"
    )
    if files and files.invented and filename.endswith(".csv"):  # the signed file itself stays
        filename = f"{filename.removesuffix('.csv')}.invented-data.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


@pages.public
def archive(request: HttpRequest, release_name: str) -> HttpResponse:
    """Send the whole release as one ZIP archive."""
    files = _found(release_name).files
    if files is None:
        raise Http404
    mark = "-invented-data" if files.invented else ""
    headers = {"Content-Disposition": f'attachment; filename="release-{release_name}{mark}.zip"'}
    return HttpResponse(catalogue.build_archive(files), content_type="application/zip", headers=headers)
