"""In-memory cache of composed reports, by edition, language and kind. A new manifest gives a new key."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from kerege.publishing.report.document import ReportDocument, compose
from kerege.publishing.report.formats import pdf, press
from kerege.publishing.storage.editions import Edition

KEPT = 12  # entries held in memory: editions x languages x kinds
_kept: OrderedDict[tuple[str, str, str], ReportDocument | bytes] = OrderedDict()
_lock = Lock()


def document(edition: Edition, lang: str) -> ReportDocument:
    """Return the report of an edition in a language."""
    entry = _once(edition, lang, "document")
    assert isinstance(entry, ReportDocument)  # noqa: S101 - kind decides the type
    return entry


def pdf_file(edition: Edition, lang: str) -> bytes:
    """Return the report as PDF."""
    return _bytes(edition, lang, "pdf")


def press_file(edition: Edition, lang: str) -> bytes:
    """Return the press release as DOCX."""
    return _bytes(edition, lang, "docx")


def _bytes(edition: Edition, lang: str, kind: str) -> bytes:
    entry = _once(edition, lang, kind)
    assert isinstance(entry, bytes)  # noqa: S101 - kind decides the type
    return entry


def _once(edition: Edition, lang: str, kind: str) -> ReportDocument | bytes:
    """Return the cached entry, making it when it is missing."""
    key = (edition.digest, lang, kind)
    doc = document(edition, lang) if kind != "document" else None
    with _lock:  # concurrent requests wait for one rendering instead of repeating it
        if key not in _kept:
            _kept[key] = _make(edition, lang, kind, doc)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
        return _kept[key]


def _make(edition: Edition, lang: str, kind: str, doc: ReportDocument | None) -> ReportDocument | bytes:
    if doc is None:
        return compose(edition, lang)
    return pdf.to_pdf(doc) if kind == "pdf" else press.to_docx(doc)
