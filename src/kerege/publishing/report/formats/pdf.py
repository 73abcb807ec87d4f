"""Report as a tagged PDF (PDF/UA-1), set by Typst with the fonts of this package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerege.publishing.report.document import ReportDocument
from kerege.publishing.report.views import FigureView
from kerege.web import pdf

TEMPLATE = Path(__file__).parent / "report.typ"


def to_pdf(doc: ReportDocument) -> bytes:
    """Return the whole report as PDF/UA-1."""
    drawings = {figure.id: figure.drawing.wide for figure in doc.figures.values() if figure.drawing is not None}
    return pdf.to_pdf(TEMPLATE, _data(doc), drawings)


def _data(doc: ReportDocument) -> dict[str, Any]:
    text, site = doc.text, doc.text["site"]
    return {
        "lang": doc.lang,
        "year": str(doc.year),
        "title": doc.title,
        "subtitle": doc.subtitle,
        "programme": site["programme"],
        "lead": doc.lead,
        "more": [doc.estimate.headline, *doc.estimate.level, *([doc.estimate.notice] if doc.estimate.notice else [])],
        "stand": f"{doc.labels['as_of']} · {doc.labels['published']}",
        "invented": doc.invented,
        "invented_line": site["invented"],
        "keys": [(tile.value, " · ".join(filter(None, (tile.caption, tile.more)))) for tile in doc.tiles],
        "hotline_title": site["hotline_title"],
        "hotline_sentence": doc.hotline_sentence,
        "further_phones": doc.further_phones,
        "hotline_short": doc.labels["hotline_short"] + doc.labels["hotline_mark"],
        "contents_title": site["contents"],
        "limits_title": text["front"]["limits"],
        "words": {name: text["words"][name] for name in ("invented", "unit", "source")},
        "chapters": [
            {
                "title": chapter.title,
                "finding": chapter.finding,
                "bullets": chapter.bullets,
                "figures": [_figure(figure) for figure in chapter.figures],
                "limits": chapter.limits,
            }
            for chapter in doc.chapters
        ],
        "undetected": doc.undetected,
        "world": {name: text["world"][name] for name in ("title", "intro", "quoted")},
        "quotes": [{"value": quote.value, "text": quote.text, "source": quote.source} for quote in doc.world],
        "method": {name: value for name, value in text["method"].items() if isinstance(value, str)},
        "method_paragraphs": doc.method,
        "caveats": doc.caveats,
        "sources": doc.sources,
        "cite": doc.labels["cite"],
    }


def _figure(figure: FigureView) -> dict[str, Any]:
    return {
        "heading": figure.heading,
        "published": figure.published,
        "missing": figure.missing,
        "alt": figure.alt,
        "unit": figure.unit,
        "cohort": figure.cohort,
        "source": figure.source,
        "sentences": figure.sentences,
        "columns": figure.columns,
        "rows": [[row.head, *row.cells] for row in figure.rows],
        "notes": [note for note in (figure.note, *figure.protection) if note],
        "svg": f"{figure.id}.svg",
        "drawn": figure.drawing is not None,
    }
