"""Citations of a release: DataCite, BibTeX and RIS."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kerege.core import pages
from kerege.publishing.releases.catalogue import CatalogueEntry
from kerege.publishing.site.files import citation, datacite
from kerege.publishing.site.files.figure_file import FigureFile, SourceRelease
from kerege.publishing.site.files.gone_views import find_release, send_gone
from kerege.publishing.site.files.open_answers import base_of, send_open
from kerege.publishing.site.files.release_files_of import citable_release, titles_of
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.site_words import current_language
from kerege.vocabulary import profile


@pages.public
def release_datacite(request: HttpRequest, release_name: str) -> HttpResponseBase:
    """Send the DataCite metadata of a release; of a withdrawn one too, because its DOI stays."""
    entry = find_release(release_name)
    content = datacite.write(citable_release(entry, base_of(request), current_language()))
    return send_open(request, content, datacite.KIND, status=200 if entry.files else 410)


@pages.public
def release_bibtex(request: HttpRequest, release_name: str) -> HttpResponseBase:
    """Send the citation of a release for BibTeX."""
    entry = find_release(release_name)
    if entry.files is None:
        return send_gone(request, entry)
    content = citation.write_bibtex(cited(entry, base_of(request), current_language()))
    return send_open(request, content, citation.BIBTEX_KIND, name=f"{release_name}.bib")


@pages.public
def release_ris(request: HttpRequest, release_name: str) -> HttpResponseBase:
    """Send the citation of a release in the RIS format."""
    entry = find_release(release_name)
    if entry.files is None:
        return send_gone(request, entry)
    content = citation.write_ris(cited(entry, base_of(request), current_language()))
    return send_open(request, content, citation.RIS_KIND, name=f"{release_name}.ris")


def cited(entry: CatalogueEntry, base: str, lang: str) -> FigureFile:
    """Return a release in the form that the citations take."""
    title, address = titles_of(entry)[lang], f"{base}/{lang}/r/{entry.name}/"
    publisher = get_publisher(lang)
    release = SourceRelease(
        name=entry.name,
        title=title,
        period=entry.period,
        day=entry.since,
        digest=entry.files.digest if entry.files else "",
        address=address,
    )
    return FigureFile(
        id=entry.name,
        lang=lang,
        kind="counted",
        title=title,
        finding="",
        scope="",
        unit="",
        dimensions=(),
        lines=(),
        releases=(release,),
        address=address,
        publisher=publisher.name,
        place=profile.active().name.in_language(lang),
        area="",
        invented=entry.invented,
    )
