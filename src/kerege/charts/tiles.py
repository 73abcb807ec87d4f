"""Map of regions as equal tiles: the number in each tile, hatching where it is withheld."""

from __future__ import annotations

from kerege.charts.chart_words import long_text, short_text
from kerege.charts.document import Picture, hatch
from kerege.charts.marks import AXIS, INK, PAPER, SMALL, label, mark, rect, text_width, wrap_text
from kerege.charts.model import Chart, Period, Tile, Value

SHADES = (("#eef5f8", INK), ("#c7dfe9", INK), ("#8fbfd4", INK), ("#0b6e99", PAPER))  # fills with their text colours
LARGEST, GAP = 96, 3  # pixels
FULL_NAMES = 64  # narrowest tile that has its full name
NAME, LINE = 10, 12


def draw_tiles(chart: Chart, width: float) -> Picture:
    """Return a tile for each category that has a place in `chart.tiles`."""
    shown = [period for period in chart.periods if period.code in chart.tiles]
    columns = max((chart.tiles[period.code].column for period in shown), default=0) + 1
    rows = max((chart.tiles[period.code].row for period in shown), default=0) + 1
    side = min(width / columns, LARGEST)
    tall = min(side, 78)
    most = max((value.upper for _, value in _values(chart, shown) if value.status != "withheld"), default=0) or 1
    parts = [
        _tile(chart, period, value, shade=_shade(value, most), size=(side, tall), width=width)
        for period, value in _values(chart, shown)
    ]
    return Picture("".join(parts), tall * rows + GAP)


def _values(chart: Chart, periods: list[Period]) -> list[tuple[Period, Value]]:
    return [(period, chart.value(chart.series[0].code, period.code)) for period in periods]


def _shade(value: Value, most: float) -> tuple[str, str]:
    """Return fill and text colour: the darker, the larger the number."""
    return SHADES[min(int(len(SHADES) * (value.count or 0) / most), len(SHADES) - 1)]


def _tile(
    chart: Chart, period: Period, value: Value, *, shade: tuple[str, str], size: tuple[float, float], width: float
) -> str:
    tile, (side, tall) = chart.tiles[period.code], size
    x, y = side * tile.column, tall * tile.row
    withheld = value.status == "withheld"
    fill, ink = (PAPER, INK) if withheld or value.status == "absent" else shade
    shape = rect(x + 0.5, y + 0.5, side - GAP, tall - GAP, fill, more=f' stroke="{AXIS}"')
    middle = x + (side - GAP) / 2
    lines = _name(period, tile, side)
    texts = [
        label(middle, y + 13 + LINE * at, line, size=NAME, fill=ink, anchor="middle") for at, line in enumerate(lines)
    ]
    if withheld:
        texts.append(_withheld(chart, width, middle, base=y + tall))
    text = short_text(chart, value)
    fits = text_width(text, 16, bold=True) <= side - GAP - 4
    size_of_text = (SMALL if side > FULL_NAMES else 9) if withheld else 16 if fits else SMALL
    texts.append(label(middle, y + tall - 9, text, size=size_of_text, fill=ink, anchor="middle", bold=not withheld))
    tooltip = f"{period.label}: {long_text(chart, value)}"
    return mark((chart.series[0].code, period.code), tooltip, shape + "".join(texts))


def _withheld(chart: Chart, width: float, middle: float, base: float) -> str:
    return rect(middle - 7, base - 34, 14, 12, hatch(chart, width), more=f' stroke="{AXIS}"')


def _name(period: Period, tile: Tile, side: float) -> list[str]:
    """Return the name of a region in at most two lines of whole words; else its short name."""
    lines = wrap_text(period.label, NAME, side - GAP - 4)
    is_whole = " ".join(lines) == period.label
    return lines if side >= FULL_NAMES and len(lines) <= 2 and is_whole else [tile.short or period.label]
