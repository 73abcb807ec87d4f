"""Drawing of a chart by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kerege.charts.bars import draw_bars
from kerege.charts.column_layout import columns_fit
from kerege.charts.columns import draw_columns
from kerege.charts.curves import draw_lines, draw_step
from kerege.charts.document import Picture, svg_document
from kerege.charts.estimate import draw_estimate
from kerege.charts.flow import draw_flow
from kerege.charts.intervals import draw_intervals
from kerege.charts.model import Chart, Kind
from kerege.charts.stacked import draw_stacked
from kerege.charts.tiles import draw_tiles

WIDE, NARROW = 700, 340  # pixels
DRAWINGS: Mapping[Kind, Callable[[Chart, float], Picture]] = {
    "bars": draw_bars,
    "columns": draw_columns,
    "estimate": draw_estimate,
    "flow": draw_flow,
    "intervals": draw_intervals,
    "lines": draw_lines,
    "stacked": draw_stacked,
    "step": draw_step,
    "tiles": draw_tiles,
}


def draw_svg(chart: Chart, width: float = WIDE, *, titled: bool = False) -> str:
    """Return a chart as a complete SVG.

    Parameters
    ----------
    chart : Chart
        The chart.
    width : float
        Width in pixels: `WIDE`, or `NARROW` for telephones. A page holds both drawings and shows one.
    titled : bool
        Whether the finding is printed in the picture, for a picture that leaves its page.

    Returns
    -------
    str
        SVG without style, script or reference, with title and description. Equal charts give equal text.

    Examples
    --------
    >>> from kerege.charts import Chart, Period, Series, Value
    >>> values = {("a", "2025"): Value.exact(171)}
    >>> draw_svg(Chart("columns", "171 people", (Series("a", "State"),), (Period("2025", "2025"),), values))[:4]
    '<svg'
    """
    kind = "bars" if chart.kind == "columns" and not columns_fit(chart, width) else chart.kind
    return svg_document(chart, width, DRAWINGS[kind](chart, width), titled=titled)
