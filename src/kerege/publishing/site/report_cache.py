"""In-memory cache of composed reports, by year, language and kind. A new manifest gives a new key."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from kerege.publishing.report.document import ReportDocument, compose
from kerege.publishing.report.formats import pdf, press
from kerege.publishing.storage.year_releases import YearReleases

KEPT = 12  # entries held in memory: years x languages x kinds
_kept: OrderedDict[tuple[str, str, str], ReportDocument | bytes] = OrderedDict()
_lock = Lock()


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
    key = (year_releases.digest, lang, kind)
    doc = document(year_releases, lang) if kind != "document" else None
    with _lock:  # concurrent requests wait for one rendering instead of repeating it
        if key not in _kept:
            _kept[key] = _make(year_releases, lang, kind, doc)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def _make(year_releases: YearReleases, lang: str, kind: str, doc: ReportDocument | None) -> ReportDocument | bytes:
    if doc is None:
        return compose(year_releases, lang)
    return pdf.to_pdf(doc) if kind == "pdf" else press.to_docx(doc)
