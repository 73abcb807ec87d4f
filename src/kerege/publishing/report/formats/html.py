"""Pages of the written folder: complete HTML with relative assets, without scripts or external hosts."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from kerege.publishing.report import context as report_context
from kerege.publishing.report.document import ChapterView, ReportDocument
from kerege.publishing.report.formats import article_check, press
from kerege.publishing.report.front import PressQuote
from kerege.publishing.report.views import FigureView
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.languages import choices
from kerege.web.quick_exit import exit_address
from kerege.web.templatetags import language_attribute

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
LINKS = {
    "report": "index.html",
    "pdf": "report.pdf",
    "press": "press-release.html",
    "docx": "press-release.docx",
    "article": "article.html",
    "all": "all.html",
}
NEWS = "assisted-by-year"  # the figure on the front


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], autoescape=True, builtins=[language_attribute.__name__])


def _render(template: str, context: dict[str, Any]) -> str:
    lines = _engine().get_template(f"publishing/{template}").render(Context(context)).splitlines()
    return "\n".join(line.rstrip() for line in lines if line.strip()) + "\n"


@dataclasses.dataclass(frozen=True)
class LinkedFigure:
    """Figure with the addresses of its downloads, which differ between the folder and the site."""

    figure: FigureView
    svg: str
    downloads: tuple[dict[str, str], ...]
    address: str = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self.figure, name)


@dataclasses.dataclass(frozen=True)
class LinkedChapter:
    """Chapter with its address and those of its figures."""

    chapter: ChapterView
    address: str
    figures: tuple[LinkedFigure, ...]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.chapter, name)


@dataclasses.dataclass(frozen=True)
class LinkedQuote:
    """Sentence to quote with the address that shows its figure, and the address as it is printed."""

    quote: PressQuote
    address: str
    shown: str

    def __getattr__(self, name: str) -> Any:
        return getattr(self.quote, name)


def _link(figure: FigureView, chapter: ChapterView) -> LinkedFigure:
    downloads = tuple({"name": table, "address": f"data/{file}"} for file, table in figure.csv)
    return LinkedFigure(figure, f"charts/{figure.id}.svg", downloads, f"{chapter.id}.html#{figure.id}")


def linked_chapters(doc: ReportDocument) -> list[LinkedChapter]:
    """Return the chapters with relative addresses in the written folder."""
    return [
        LinkedChapter(chapter, f"{chapter.id}.html", tuple(_link(figure, chapter) for figure in chapter.figures))
        for chapter in doc.chapters
    ]


def find_figure(chapters: list[LinkedChapter], figure: str) -> LinkedFigure | None:
    """Return a published figure with its addresses, None when there is none."""
    figures = (linked for chapter in chapters for linked in chapter.figures)
    return next((linked for linked in figures if linked.figure.id == figure and linked.figure.published), None)


def render_pages(year_releases: YearReleases, doc: ReportDocument, languages: tuple[str, ...]) -> dict[str, str]:
    """Return the pages of one language as file name -> content."""
    chapters = linked_chapters(doc)
    addresses = {linked.figure.id: linked.address for chapter in chapters for linked in chapter.figures}
    base = {
        "doc": doc,
        "chapters": chapters,
        "news": find_figure(chapters, NEWS),
        "quotes": [LinkedQuote(quote, at := addresses[quote.figure], at) for quote in doc.quotes],
        "links": {name: place for name, place in LINKS.items() if name != "article" or report_context.has_article()},
        "languages": [pair for pair in choices() if pair[0] in languages],
        "press": press.compose_press_release(doc),
        "exit_address": exit_address(doc.lang),
        "article": article_check.check_article(year_releases, doc.prose),
    }
    titles = {
        "index.html": ("report_front.html", f"{doc.title}, {doc.year}"),
        "all.html": ("report_all.html", f"{doc.title}, {doc.year}"),
        "article.html": ("article.html", doc.text["article"]["title"]),
        "press-release.html": ("press.html", doc.text["press"]["kicker"]),
    }
    if not report_context.has_article():
        del titles["article.html"]
    pages = {name: _page(base, name, template, title) for name, (template, title) in titles.items()}
    for chapter in chapters:
        pages[chapter.address] = _page(
            base | {"chapter": chapter}, chapter.address, "report_chapter.html", f"{chapter.title}, {doc.year}"
        )
    return pages


def _page(context: dict[str, Any], name: str, template: str, title: str) -> str:
    return _render(
        "standalone.html", context | {"page": name, "page_title": title, "content": f"publishing/{template}"}
    )


def render_language_page(documents: list[ReportDocument]) -> str:
    """Return the page on which readers choose their language."""
    return _render("languages.html", {"documents": documents})
