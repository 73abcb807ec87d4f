"""Additions of the files to the page of an indicator.

Data block, shared picture, lines to embed, next release.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from django.http import HttpRequest

from kerege.charts.draw import DRAWINGS
from kerege.publishing.site import indicator_chart as drawing
from kerege.publishing.site.files.describe_view import describe
from kerege.publishing.site.files.event_views import next_date
from kerege.publishing.site.files.figure_file import FigureFile
from kerege.publishing.site.files.file_words import get_words
from kerege.publishing.site.files.json_ld import data_block, dataset
from kerege.publishing.site.files.open_answers import base_of
from kerege.publishing.site.series import View
from kerege.publishing.site.site_frame import SharedPage
from kerege.publishing.site.site_state import SiteState

FRAME = '<iframe src="{address}" title="{title}" width="100%" height="480" loading="lazy"></iframe>'


@dataclass(frozen=True)
class EmbedLine:
    """Line of HTML for another site, and how the picture behaves."""

    words: str
    html: str


def page_extras(request: HttpRequest, view: View, state: SiteState, lang: str, pinned: str = "") -> dict[str, object]:
    """Return the additions to the context of the page.

    `pinned` names the release whose state the page keeps.
    """
    base = base_of(request)
    figure = describe(view, state, lang, base, pinned=pinned)
    has_picture = drawing.kind_of(view) in DRAWINGS and bool(view.values)
    return {
        "json_ld": data_block(dataset(figure, f"{base}/{lang}/data/")),
        "shared": SharedPage(
            figure.finding or figure.title,
            " ".join(filter(None, (figure.scope, figure.level))),
            figure.twin(".png") if has_picture else "",
        ),
        "embed": get_words(lang)["embed"],
        "embed_lines": _embed_lines(figure, base, lang) if figure.releases else [],
        "next_release": next_date(lang),
    }


def _embed_lines(figure: FigureFile, base: str, lang: str) -> list[EmbedLine]:
    """Return the line that stays as it is, which is the preset, and the one that follows corrections."""
    words, address = get_words(lang)["embed"], f"{base}/{lang}/embed/{figure.id}/"
    fixed = f"{address}{figure.pinned or figure.releases[0].name}/"
    title = escape(figure.title)
    return [
        EmbedLine(words["snippet_fixed"], FRAME.format(address=fixed, title=title)),
        EmbedLine(words["snippet_living"], FRAME.format(address=address, title=title)),
    ]
