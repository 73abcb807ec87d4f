"""In-memory cache of composed reports, by year, language and kind.

A new manifest or a corrected fact of the profile gives a new key.
"""

from __future__ import annotations

from kerege.publishing.report.document import ReportDocument, compose
from kerege.publishing.report.formats import pdf, press
from kerege.publishing.site.kept_results import KeptResults
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.profile import active_state

_kept = KeptResults[ReportDocument | bytes](most=12)  # years x languages x kinds


def document(year_releases: YearReleases, lang: str) -> ReportDocument:
    """Return the report of a year in a language."""
    entry = _once(year_releases, lang, "document")
    assert isinstance(entry, ReportDocument)  # noqa: S101 - kind decides the type
    return entry


def pdf_file(year_releases: YearReleases, lang: str) -> bytes:
    """Return the report as PDF."""
    return _bytes(year_releases, lang, "pdf")


def press_file(year_releases: YearReleases, lang: str) -> bytes:
    """Return the press release as DOCX."""
    return _bytes(year_releases, lang, "docx")


def _bytes(year_releases: YearReleases, lang: str, kind: str) -> bytes:
    entry = _once(year_releases, lang, kind)
    assert isinstance(entry, bytes)  # noqa: S101 - kind decides the type
    return entry


def _once(year_releases: YearReleases, lang: str, kind: str) -> ReportDocument | bytes:
    """Return the cached entry, making it when it is missing."""
    doc = document(year_releases, lang) if kind != "document" else None
    return _kept.get((year_releases.digest, active_state(), lang, kind), lambda: _make(year_releases, lang, kind, doc))


def _make(year_releases: YearReleases, lang: str, kind: str, doc: ReportDocument | None) -> ReportDocument | bytes:
    if doc is None:
        return compose(year_releases, lang)
    return pdf.to_pdf(doc) if kind == "pdf" else press.to_docx(doc)
