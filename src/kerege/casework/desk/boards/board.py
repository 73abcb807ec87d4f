"""Pictures of a board: a chart with its question, its table, and the links of its marks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from kerege.charts import NARROW, Chart, Kind, Period, Series, Value, draw_svg
from kerege.charts.chart_words import long_text
from kerege.web.templatetags.kerege import date_time, language

Key = tuple[str, str]  # series and category
WIDTH = 520  # pixels: two pictures stand side by side
COUNTED = Series("n", "")
MARK = re.compile(r'<g data-mark="([^"]*)">.*?</g>')


@dataclass(frozen=True)
class BoardCell:
    """Value of the table beside a picture, under its head; with a URL if a list counts the same."""

    head: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class BoardPicture:
    """Question, chart, and the URL of each mark whose list counts what the mark says."""

    question: str
    chart: Chart
    links: Mapping[Key, str] = field(default_factory=dict)
    note: str = ""
    published: str = ""  # URL of the published figure
    # further columns of the table: their heads, and their texts by code of the row; such a table is shown at once
    remark_heads: Sequence[str] = ()
    remarks: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sources: Sequence[str] = ()  # plans or orders that set its targets
    tables: Sequence[str] = ()  # names of the prepared tables of a release that publish this figure

    has_target: bool = False  # whether a coordinator or a publisher may set targets of its numbers

    @property
    def prepare_url(self) -> str:
        """Return the address that declares the tables in a draft; '' without tables."""
        query = urlencode([("table", name) for name in self.tables])
        return f"{reverse('releases:prepare')}?{query}" if query else ""

    @property
    def wide(self) -> str:
        """Return the drawing for wide screens, with links."""
        return link_marks(draw_svg(self.chart, WIDTH), self.links)

    @property
    def narrow(self) -> str:
        """Return the drawing for narrow screens, with links."""
        return link_marks(draw_svg(self.chart, NARROW), self.links)

    @property
    def heads(self) -> list[str]:
        """Return the heads of the columns with values."""
        names = [series.label for series in self.chart.series] if len(self.chart.series) > 1 else [_("Number")]
        return [*names, *self.remark_heads]

    @property
    def rows(self) -> list[tuple[str, list[BoardCell]]]:
        """Return label and cells of each category; a value links to its list."""
        return [(period.label, list(self._cells(period.code))) for period in self.chart.periods]

    def _cells(self, period: str) -> Iterator[BoardCell]:
        keys = [(series.code, period) for series in self.chart.series]
        texts = [(long_text(self.chart, self.chart.value(*key)), self.links.get(key, "")) for key in keys]
        remarks = [(text, "") for text in self.remarks.get(period, ())]
        for head, (text, url) in zip(self.heads, texts + remarks, strict=False):
            yield BoardCell(head, text, url)


@dataclass(frozen=True)
class Board:
    """Board of a role at a moment."""

    title: str
    pictures: Sequence[BoardPicture]
    as_of: datetime
    further: Sequence[tuple[str, str]] = ()  # names and URLs of what is published

    @property
    def marked(self) -> list[BoardPicture]:
        """Return the pictures, each with the internal mark and the minute in it."""
        notes = (internal_mark(self.as_of),)
        return [
            replace(picture, chart=replace(picture.chart, name=f"board-{at}", notes=(*picture.chart.notes, *notes)))
            for at, picture in enumerate(self.pictures)
        ]


def published_url(indicator: str) -> str:
    """Return the address of a published figure."""
    return reverse("public:indicator", kwargs={"indicator_id": indicator})


def internal_mark(as_of: datetime) -> str:
    """Return the line that every picture of a board carries."""
    return _("Internal, as of %(moment)s. Not for quotation.") % {"moment": date_time(as_of)}


def link_marks(svg: str, links: Mapping[Key, str]) -> str:
    """Return a drawing whose marks lead to their lists.

    The links of the table beside the picture are for the keyboard: those of the picture take no focus. A picture with
    links is a group, since an image has no parts for a screen reader.
    """
    urls = {escape(" ".join(key)): url for key, url in links.items()}

    def linked(match: re.Match[str]) -> str:
        url = urls.get(match[1])
        return f'<a href="{escape(url)}" tabindex="-1">{match[0]}</a>' if url else match[0]

    return MARK.sub(linked, svg.replace('role="img"', 'role="group"', 1) if links else svg)


def bars(title: str, rows: Sequence[tuple[str, str, Value]], *, unit: str = "", kind: Kind = "bars") -> Chart:
    """Return a chart of one series in the reader's language, from code, label and value of each row."""
    return Chart(
        kind=kind,
        title=title,
        series=(COUNTED,),
        periods=tuple(Period(code, label) for code, label, _value in rows),
        values={(COUNTED.code, code): value for code, _label, value in rows},
        unit=unit,
        lang=language(),
    )
