"""Drawing of a chart by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kerege.charts.columns import draw_columns
from kerege.charts.document import Picture, svg_document
from kerege.charts.model import Chart

WIDE, NARROW = 700, 340  # pixels
DRAWINGS: Mapping[str, Callable[[Chart, float], Picture]] = {"columns": draw_columns}


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
    return svg_document(chart, width, DRAWINGS[chart.kind](chart, width), titled=titled)
