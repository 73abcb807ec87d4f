"""Public pages of the annual report: report, figures, article, press release and downloads."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kerege.core import pages
from kerege.publishing.presenters import tables as shown
from kerege.publishing.releases import queries
from kerege.publishing.report.context import hotline_number
from kerege.publishing.report.document import ReportDocument
from kerege.publishing.report.facts import TextFact
from kerege.publishing.report.formats import article_check as article_page
from kerege.publishing.report.formats import press as press_release
from kerege.publishing.report.formats.html import LinkedDocument, LinkedFigure
from kerege.publishing.report.localiser import LANGUAGES, get_localiser
from kerege.publishing.report.views import csv_name
from kerege.publishing.site import report_cache
from kerege.publishing.storage.year_releases import YearReleases


def _lang() -> str:
    lang = (get_language() or "kk")[:2]
    return lang if lang in LANGUAGES else "kk"


def _year_releases(year: int) -> YearReleases:
    year_releases = queries.releases_of_year(year)
    if year_releases is None:
        raise Http404
    return year_releases


def _linked(year: int, figure: Any) -> LinkedFigure:
    downloads = tuple({"name": table, "address": reverse("public:data", args=[year, table])} for _, table in figure.csv)
    return LinkedFigure(
        figure,
        reverse("public:chart", args=[year, figure.id]),
        downloads,
        reverse("public:figure", args=[year, figure.id]),
    )


def _sections(doc: ReportDocument) -> list[dict[str, Any]]:
    return [
        {
            "id": section.id,
            "title": section.title,
            "intro": section.intro,
            "figures": [_linked(doc.year, figure) for figure in section.figures],
        }
        for section in doc.sections
    ]


def _context(doc: ReportDocument) -> dict[str, Any]:
    names = {"report": "year", "pdf": "pdf", "press": "press", "docx": "docx", "article": "article"}
    others = [year for year in queries.years() if year != doc.year]
    links = {name: reverse(f"public:{target}", args=[doc.year]) for name, target in names.items()}
    return {
        "doc": LinkedDocument(doc, _sections(doc), [_linked(doc.year, figure) for figure in doc.detected.figures]),
        "links": links | {"releases": reverse("public:releases"), "releases_title": _("All releases")},
        "years": [(str(year), reverse("public:year", args=[year])) for year in others],
    }


def _page(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    return render(request, "publishing/site.html", context | {"content": f"publishing/{template}"})


@pages.public
def report(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """Show the report of a year, by default of the newest; a short notice when nothing is public."""
    newest = year or next(iter(queries.years()), None)
    if newest is None:
        text = get_localiser(_lang()).text["site"]
        number = get_localiser(_lang()).fill(text["hotline"], {"hotline": TextFact(hotline_number())})
        return render(request, "publishing/none.html", {"text": text, "hotline": number})
    doc = report_cache.document(_year_releases(newest), _lang())
    return _page(request, "body.html", page_title=f"{doc.title}, {doc.year}", **_context(doc))


@pages.public
def figure(request: HttpRequest, year: int, figure_id: str) -> HttpResponse:
    """Show one figure at its own address."""
    doc = report_cache.document(_year_releases(year), _lang())
    if figure_id not in doc.figures:
        raise Http404
    linked = _linked(year, doc.figures[figure_id])
    return _page(request, "figure_page.html", page_title=linked.heading, figure=linked, **_context(doc))


@pages.public
def article(request: HttpRequest, year: int) -> HttpResponse:
    """Show the check of the article, sentence by sentence."""
    year_releases = _year_releases(year)
    doc = report_cache.document(year_releases, _lang())
    claims = article_page.check_claims(year_releases, get_localiser(_lang()))
    return _page(request, "article.html", page_title=doc.text["article"]["title"], claims=claims, **_context(doc))


@pages.public
def press(request: HttpRequest, year: int) -> HttpResponse:
    """Show the press release."""
    doc = report_cache.document(_year_releases(year), _lang())
    composed = press_release.compose_press_release(doc)
    texts = [text for release in _year_releases(year).releases for text in shown.present_texts(release)]
    return _page(
        request, "press.html", page_title=doc.text["press"]["kicker"], press=composed, texts=texts, **_context(doc)
    )


def _download(content: bytes | str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.public
def pdf(request: HttpRequest, year: int) -> HttpResponse:
    """Send the whole report as PDF."""
    return _download(
        report_cache.pdf_file(_year_releases(year), _lang()), "application/pdf", f"report-{year}-{_lang()}.pdf"
    )


@pages.public
def docx(request: HttpRequest, year: int) -> HttpResponse:
    """Send the press release as a Word file."""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return _download(
        report_cache.press_file(_year_releases(year), _lang()), kind, f"press-release-{year}-{_lang()}.docx"
    )


@pages.public
def data(request: HttpRequest, year: int, table: str) -> HttpResponse:
    """Send a table or the figures of an estimate as CSV, byte for byte as signed."""
    year_releases = _year_releases(year)
    content = year_releases.content(table)
    if content is None:
        raise Http404
    return _download(content, "text/csv; charset=utf-8", csv_name(year_releases, table))


@pages.public
def chart(request: HttpRequest, year: int, figure_id: str) -> HttpResponse:
    """Send a chart with its heading as SVG."""
    view = report_cache.document(_year_releases(year), _lang()).figures.get(figure_id)
    if view is None or view.drawing is None:
        raise Http404
    return _download(view.drawing.titled, "image/svg+xml", f"{figure_id}-{year}-{_lang()}.svg")
