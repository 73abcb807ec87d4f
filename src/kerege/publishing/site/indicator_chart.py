"""Chart of an indicator in one language, its pictures and its table."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kerege.charts import Break, Chart, Flag, Kind, Period, Series, Value, alt_text, draw_svg
from kerege.charts.chart_words import long_text, number
from kerege.charts.draw import DRAWINGS
from kerege.publishing.report.context import home_country
from kerege.publishing.report.facts import address
from kerege.publishing.report.proof import proved_number
from kerege.publishing.site.region_grid import read_region_tiles
from kerege.publishing.site.series import View
from kerege.publishing.site.site_words import axis_label, fill, mark_label, read_words, series_label
from kerege.publishing.site.table_values import PAIR
from kerege.publishing.storage.published_tables import TOTAL, PublishedTable
from kerege.vocabulary.languages import nearest

PAGE_WIDE, PAGE_NARROW, CARD = 780, 340, 340  # pixels
MOST_NARROW = {"bars": 7, "stacked": 6}  # categories that fit the first screen of a telephone


def chart_of(view: View, lang: str, title: str, *, name: str = "chart", most: int = 0) -> Chart:
    """Return the chart of a view: labels, breaks and words in a language.

    `most` is how many categories a small picture shows; it says how many more the table has.
    """
    indicator, words = view.indicator, read_words(lang)
    marks = view.marks if indicator.is_timed or not most else first_marks(view, most)
    left_out = len(view.marks) - len(marks)
    table = newest_table(view)
    tiles = read_region_tiles(lang) if indicator.chart == "tiles" else {}
    simulated = indicator.chart == "flow" and is_invented(view)
    flags: set[Flag] = {"invented"} if is_invented(view) else set()
    if simulated:
        flags.add("simulated")
    return Chart(
        kind=kind_of(view),
        title=title,
        series=tuple(Series(code, series_label(lang, table, indicator.split, code)) for code in view.parts),
        periods=tuple(
            Period(mark, axis_label(lang, table, indicator.axis, mark)) for mark in dict.fromkeys((*marks, *tiles))
        ),
        values={key: cell.value for key, cell in view.values.items()},
        breaks=tuple(Break(item.after, str(words["why"][item.why])) for item in view.breaks),
        unit=str(words["unit"][indicator.noun]),
        axis=str(words["indicator"][indicator.id]["head"]),
        lang=nearest(lang),
        name=name,
        flags=frozenset(flags),
        notes=(fill(words["page"]["more_marks"], {"n": left_out}),) if left_out else (),
        tiles=tiles,
        home=home_country() if indicator.chart == "flow" else "",
    )


def first_marks(view: View, most: int) -> tuple[str, ...]:
    """Return the first marks with a number and all withheld ones, which a picture joins into one row."""
    withheld = [mark for mark in view.marks if all(view.value(code, mark).count is None for code in view.parts)]
    known = [mark for mark in view.marks if mark not in withheld][:most]
    return tuple(mark for mark in view.marks if mark in known or mark in withheld)


def kind_of(view: View) -> Kind:
    """Return the kind of drawing; a quoted figure has none and is never asked."""
    kind = view.indicator.chart
    assert kind != "quote"  # noqa: S101 - quoted figures have no view
    return kind


def is_invented(view: View) -> bool:
    """Return whether any release behind the view depends on invented data."""
    return any(release.invented for release in view.releases)


def newest_table(view: View) -> PublishedTable | None:
    """Return the first table of a view, which names the code lists."""
    return next(iter(view.tables.values()), None)


def draw(chart: Chart, width: int) -> str:
    """Return a chart as SVG, '' for a kind that has no drawing."""
    return draw_svg(chart, width) if chart.kind in DRAWINGS and chart.values else ""


def describe(chart: Chart) -> str:
    """Return the text alternative of a chart."""
    return alt_text(chart) if chart.values else ""


@dataclass(frozen=True)
class ValueCell:
    """Cell of the page's table: its anchor, and its words with the address of the published cell."""

    anchor: str
    html: str
    release: str
    is_withheld: bool = False


@dataclass(frozen=True)
class TableLine:
    """Line of the page's table."""

    head: str
    cells: tuple[ValueCell, ...]
    is_total: bool = False


@dataclass(frozen=True)
class PageTable:
    """Table of the page: every value of the view, withheld ones as a word."""

    heads: tuple[str, ...]
    lines: tuple[TableLine, ...]


def table_of_view(view: View, chart: Chart) -> PageTable:
    """Return the table of a view, each value with its anchor."""
    table, lang = newest_table(view), chart.lang
    heads = [chart.axis, *(series_label(lang, table, view.indicator.split, code) for code in view.series)]
    lines = [_line(view, chart, mark) for mark in view.periods]
    return PageTable(tuple(heads), tuple(lines))


def _line(view: View, chart: Chart, mark: str) -> TableLine:
    head = mark_label(chart.lang, newest_table(view), view.indicator.axis, mark)
    cells = tuple(_cell(view, chart, code, mark) for code in view.series)
    return TableLine(head, cells, mark == TOTAL and len(view.periods) > 1)


def cell_html(view: View, chart: Chart, code: str, mark: str) -> str:
    """Return one value in words, a published count with the address of its cell."""
    return _cell(view, chart, code, mark).html


def value_words(chart: Chart, value: Value) -> str:
    """Return a value in words."""
    return long_text(chart, value)


def _cell(view: View, chart: Chart, code: str, mark: str) -> ValueCell:
    cell = view.values.get((code, mark))
    return ValueCell(
        anchor=anchor_of(mark, code),
        html=_proved(view, chart, code, mark),
        release=cell.release if cell else "",
        is_withheld=cell is not None and cell.value.status == "withheld",
    )


def _proved(view: View, chart: Chart, code: str, mark: str) -> str:
    """Return the words of a value, its numbers with their addresses in the signed files."""
    value = view.value(code, mark)
    if value.status == "estimated":
        return _proved_ends(view, chart, code, long_text(chart, value))
    return prove_value(chart, value, cell_address(view, code, mark))


def prove_value(chart: Chart, value: Value, at: str) -> str:
    """Return the words of a value, its number with the address `at` of the published cell."""
    words = long_text(chart, value)
    if value.count is None or not at:
        return words
    printed = number(chart, value.count)
    before, _, after = words.partition(printed)
    return f"{before}{proved_number(at, f'{value.count:.12g}', printed)}{after}"


def _proved_ends(view: View, chart: Chart, code: str, words: str) -> str:
    """Return the words of an estimate, each end with its address."""
    name = next(str(part.estimate) for part in view.indicator.series if part.code == code)
    value = view.value(code, view.periods[0])
    for key, end in (("lower", value.lower), ("upper", value.upper)):
        if math.isfinite(end):
            proved = proved_number(f"{name}/{key}", f"{end:.12g}", number(chart, end), kind="estimate")
            words = words.replace(number(chart, end), str(proved), 1)
    return words


def cell_address(view: View, code: str, mark: str) -> str:
    """Return the address of the published cell behind a value, '' for an estimate."""
    indicator = view.indicator
    source = next((part for part in indicator.series if part.code == code), indicator.series[0])
    table = view.tables.get(str(source.table))
    if table is None:
        return ""
    axis = mark.split(PAIR) if mark != TOTAL else [TOTAL] * len(indicator.axis)
    codes = dict(zip(indicator.axis, axis, strict=True)) | ({indicator.split: code} if indicator.split else {})
    return address(table.name, *(codes.get(column, TOTAL) for column in table.by))


def anchor_of(mark: str, code: str) -> str:
    """Return the anchor of a value in the page.

    Examples
    --------
    >>> from kerege.publishing.site.indicator_chart import anchor_of
    >>> anchor_of("2025", "state"), anchor_of("UZ>KZ", "iom"), anchor_of("_T", "iom")
    ('v-2025-state', 'v-UZ-KZ-iom', 'v-total-iom')
    """
    words = [("total" if part == TOTAL else part.replace(PAIR, "-")) for part in (mark, code)]
    return f"v-{words[0]}-{words[1]}"


def withheld_of(view: View) -> tuple[int, int]:
    """Return how many values of the chart are withheld, and how many there are."""
    numbers = [value for value in view.numbers() if value.status != "absent"]
    return sum(value.status == "withheld" for value in numbers), len(numbers)


def half_width(view: View) -> float:
    """Return the largest distance of a rounded value from the true one, 0 without rounded values."""
    rounded = [value for value in view.numbers() if value.status == "rounded"]
    return max((value.upper - (value.count or 0) for value in rounded), default=0)
