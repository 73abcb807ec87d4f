"""Pages of the written folder: complete HTML with relative assets, without scripts or external hosts."""

from __future__ import annotations

import dataclasses
from functools import cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine

from kerege.publishing.report.document import ReportDocument
from kerege.publishing.report.formats import article_check, press
from kerege.publishing.report.localiser import get_localiser
from kerege.publishing.report.views import FigureView
from kerege.publishing.storage.year_releases import YearReleases
from kerege.web.quick_exit import exit_address

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
NAMES = (("kk", "Қазақша"), ("ru", "Русский"), ("en", "English"))
LINKS = {
    "report": "index.html",
    "pdf": "report.pdf",
    "press": "press-release.html",
    "docx": "press-release.docx",
    "article": "article.html",
}


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(TEMPLATES)], autoescape=True)


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


def linked_sections(doc: ReportDocument) -> list[dict[str, Any]]:
    """Return the sections with the figures' relative addresses in the written folder."""
    return [
        {
            "id": section.id,
            "title": section.title,
            "intro": section.intro,
            "figures": [_link(figure) for figure in section.figures],
        }
        for section in doc.sections
    ]


def _link(figure: FigureView) -> LinkedFigure:
    downloads = tuple({"name": table, "address": f"data/{file}"} for file, table in figure.csv)
    return LinkedFigure(figure, f"charts/{figure.id}.svg", downloads, f"#{figure.id}")


class LinkedDocument:
    """Document with addresses in its sections; every other attribute is the document's own."""

    def __init__(self, doc: ReportDocument, sections: list[dict[str, Any]], hidden: list[LinkedFigure]) -> None:
        self._doc, self.sections, self.hidden = doc, sections, hidden

    def __getattr__(self, name: str) -> Any:
        return getattr(self._doc, name)


def render_pages(year_releases: YearReleases, doc: ReportDocument, languages: tuple[str, ...]) -> dict[str, str]:
    """Return the pages of one language as file name -> content."""
    base = {
        "doc": LinkedDocument(doc, linked_sections(doc), [_link(figure) for figure in doc.detected.figures]),
        "links": LINKS,
        "languages": [pair for pair in NAMES if pair[0] in languages],
        "press": press.compose_press_release(doc),
        "exit_address": exit_address(doc.lang),
        "claims": article_check.check_claims(year_releases, get_localiser(doc.lang)),
    }
    titles = {
        "index.html": ("body.html", f"{doc.title}, {doc.year}"),
        "article.html": ("article.html", doc.text["article"]["title"]),
        "press-release.html": ("press.html", doc.text["press"]["kicker"]),
    }
    return {
        name: _render(
            "standalone.html", base | {"page": name, "page_title": title, "content": f"publishing/{template}"}
        )
        for name, (template, title) in titles.items()
    }


def render_language_page(documents: list[ReportDocument]) -> str:
    """Return the page on which readers choose their language."""
    return _render("languages.html", {"documents": documents})
