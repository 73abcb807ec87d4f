"""Public pages of the World Day report: front, chapters, article, press release and downloads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kerege.core import pages
from kerege.publishing.presenters import tables as shown
from kerege.publishing.releases import queries
from kerege.publishing.report import context as report_context
from kerege.publishing.report.document import ChapterView, ReportDocument
from kerege.publishing.report.formats import article_check
from kerege.publishing.report.formats import press as press_release
from kerege.publishing.report.formats.html import NEWS, LinkedChapter, LinkedFigure, LinkedQuote, find_figure
from kerege.publishing.report.views import FigureView, csv_name
from kerege.publishing.site import report_cache, site_frame, site_state
from kerege.publishing.site.files import json_ld
from kerege.publishing.site.files.open_answers import base_of
from kerege.publishing.site.indicators import find_indicator
from kerege.publishing.site.missing_numbers import require_whole_year
from kerege.publishing.site.publisher import get_publisher
from kerege.publishing.site.site_words import current_language
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary import profile
from kerege.vocabulary.languages import text_in

LINKS = {
    "report": "report-year",
    "pdf": "report-pdf",
    "press": "report-press",
    "docx": "report-docx",
    "article": "report-article",
    "all": "report-all",
}


@dataclass(frozen=True)
class YearReport:
    """Report of a year in the reader's language, with the addresses of its parts."""

    document: ReportDocument
    releases: YearReleases
    chapters: list[LinkedChapter]

    @property
    def year(self) -> int:
        """Return the year."""
        return self.document.year

    def context(self) -> dict[str, object]:
        """Return what every page of the report shows."""
        others = [year for year in queries.years() if year != self.year]
        names = LINKS if report_context.has_article() else {name: LINKS[name] for name in LINKS if name != "article"}
        links = {name: reverse(f"public:{target}", args=[self.year]) for name, target in names.items()}
        calendar = f"/{self.document.lang}/r/calendar/"
        return {
            "doc": self.document,
            "stated": self.releases.releases[0],
            "chapters": self.chapters,
            "news": find_figure(self.chapters, NEWS),
            "description": str(self.document.lead),
            "links": links
            | {"releases": reverse("public:releases"), "releases_title": _("All releases"), "calendar": calendar},
            "years": [(str(year), reverse("public:report-year", args=[year])) for year in others],
        }


def _year_releases(year: int) -> YearReleases:
    """Return the releases of a year. Raises Http404, and NumbersMissing if one of them is not whole."""
    require_whole_year(year)
    year_releases = queries.releases_of_year(year)
    if year_releases is None:
        raise Http404
    return year_releases


def _report(year: int) -> YearReport:
    """Return the report of a year. Raises Http404."""
    releases = _year_releases(year)
    document = report_cache.document(releases, current_language())
    chapters = [_linked_chapter(document, chapter) for chapter in document.chapters]
    return YearReport(document, releases, chapters)


def _linked_chapter(document: ReportDocument, chapter: ChapterView) -> LinkedChapter:
    address = reverse("public:report-chapter", args=[document.year, chapter.id])
    figures = tuple(_linked(document, figure, address) for figure in chapter.figures)
    return LinkedChapter(chapter, address, figures)


def _linked(document: ReportDocument, figure: FigureView, chapter: str) -> LinkedFigure:
    downloads = tuple(
        {"name": table, "address": reverse("public:report-data", args=[document.year, table])}
        for _, table in figure.csv
    )
    drawing = reverse("public:report-chart", args=[document.year, figure.id])
    return LinkedFigure(figure, drawing, downloads, pinned_address(figure.id, document.release) or chapter)


def pinned_address(figure: str, release: str) -> str:
    """Return the address that shows a figure as a release told it, '' where it has no page."""
    indicator = find_indicator(figure)
    return reverse("public:indicator-pinned", args=[indicator.id, release]) if indicator else ""


def _page(request: HttpRequest, template: str, title: str, context: Mapping[str, object]) -> HttpResponse:
    state = site_state.current_state()
    return site_frame.show_page(
        request, "report_page.html", title, state, {**context, "content": f"publishing/{template}"}
    )


@pages.public
def newest(request: HttpRequest) -> HttpResponseBase:
    """Redirect to the report of the newest year."""
    year = next(iter(queries.years()), None)
    if year is None:
        raise Http404
    return redirect("public:report-year", year)


@pages.public
def front(request: HttpRequest, year: int) -> HttpResponse:
    """Show the front of the report of a year."""
    report = _report(year)
    quotes = []
    for quote in report.document.quotes:
        address = pinned_address(quote.figure, quote.release)
        quotes.append(LinkedQuote(quote, address, request.build_absolute_uri(address)))
    title = f"{report.document.title}, {year}"
    more = {
        "quotes": quotes,
        "json_ld": json_ld.data_block(json_ld.report(_cited(request, report))),
        "shared": _shared(request, report),
    }
    return _page(request, "report_front.html", title, report.context() | more)


def _shared(request: HttpRequest, report: YearReport) -> site_frame.SharedPage:
    """Return the news with the picture of its figure, as the release of the report told it."""
    news = find_figure(report.chapters, NEWS)
    page = pinned_address(NEWS, report.document.release) if news and news.drawing else ""
    picture = f"{base_of(request)}{page.rstrip('/')}.png" if page else ""
    estimate = report.document.estimate
    description = " ".join(filter(None, map(str, (estimate.headline, *estimate.level, estimate.notice))))
    return site_frame.SharedPage(str(report.document.lead), description, picture)


def _cited(request: HttpRequest, report: YearReport) -> json_ld.CitedReport:
    """Return the report as search engines cite it."""
    base, lang, releases = base_of(request), report.document.lang, report.releases.releases
    publisher = get_publisher(lang)
    return json_ld.CitedReport(
        address=f"{base}{reverse('public:report-year', args=[report.year])}",
        lang=lang,
        title=report.document.title,
        news=str(report.document.lead),
        year=report.year,
        published=max(release.created for release in releases),
        publisher=publisher.name,
        contact=publisher.contact,
        chapters=tuple((f"{base}{linked.address}", linked.chapter.title) for linked in report.chapters),
        releases=tuple(
            (f"{base}{reverse('public:release', args=[one.path.name])}", text_in(one.title, lang)) for one in releases
        ),
        pdf=f"{base}{reverse('public:report-pdf', args=[report.year])}",
        place=profile.active().name.in_language(lang),
    )


@pages.public
def chapter(request: HttpRequest, year: int, chapter_id: str) -> HttpResponse:
    """Show one chapter."""
    report = _report(year)
    linked = next((entry for entry in report.chapters if entry.chapter.id == chapter_id), None)
    if linked is None:
        raise Http404
    title = f"{linked.chapter.title}, {year}"
    return _page(request, "report_chapter.html", title, report.context() | {"chapter": linked})


@pages.public
def whole(request: HttpRequest, year: int) -> HttpResponse:
    """Show the whole report on one page, to print."""
    report = _report(year)
    return _page(request, "report_all.html", f"{report.document.title}, {year}", report.context())


@pages.public
def figure(request: HttpRequest, year: int, figure_id: str) -> HttpResponse:
    """Show one figure that has no page of its own in the site."""
    report = _report(year)
    linked = find_figure(report.chapters, figure_id)
    if linked is None:
        raise Http404
    return _page(request, "figure_page.html", str(linked.figure.heading), report.context() | {"figure": linked})


@pages.public
def article(request: HttpRequest, year: int) -> HttpResponse:
    """Show the check of the article, sentence by sentence; there is none without a founding article."""
    if not report_context.has_article():
        raise Http404
    report = _report(year)
    checked = article_check.check_article(report.releases, report.document.prose)
    title = report.document.text["article"]["title"]
    return _page(request, "article.html", title, report.context() | {"article": checked})


@pages.public
def press(request: HttpRequest, year: int) -> HttpResponse:
    """Show the press release."""
    report = _report(year)
    composed = press_release.compose_press_release(report.document)
    texts = [text for release in report.releases.releases for text in shown.present_texts(release)]
    title = report.document.text["press"]["kicker"]
    return _page(request, "press.html", title, report.context() | {"press": composed, "texts": texts})


def _download(content: bytes | str, kind: str, name: str) -> HttpResponse:
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})


@pages.public
def pdf(request: HttpRequest, year: int) -> HttpResponse:
    """Send the whole report as PDF."""
    lang = current_language()
    content = report_cache.pdf_file(_year_releases(year), lang)
    return _download(content, "application/pdf", f"report-{year}-{lang}.pdf")


@pages.public
def docx(request: HttpRequest, year: int) -> HttpResponse:
    """Send the press release as a Word file."""
    lang = current_language()
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return _download(report_cache.press_file(_year_releases(year), lang), kind, f"press-release-{year}-{lang}.docx")


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
    lang = current_language()
    view = report_cache.document(_year_releases(year), lang).figures.get(figure_id)
    if view is None or view.drawing is None:
        raise Http404
    return _download(view.drawing.titled, "image/svg+xml", f"{figure_id}-{year}-{lang}.svg")


@pages.public
def moved(request: HttpRequest, year: int, name: str, **arguments: str) -> HttpResponseBase:
    """Redirect an address of version 0.1 to the one that shows the same."""
    _year_releases(year)
    return redirect(f"public:{name}", year, *arguments.values(), permanent=True)
