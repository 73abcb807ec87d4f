"""Charts of a report, each drawn once and cached on disk."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from kerege.base.files import atomic_file, home
from kerege.publishing.report.charts.chart_panel import ChartPanel, Record
from kerege.publishing.report.charts.sheet import Body, svg_body

DRAWING = Path(__file__).with_name("altair_charts.py")


def draw_chart(kind: str, records: list[Record], legend: list[str], panel: ChartPanel) -> Body:
    """Return the drawing of records as `bars`, `columns`, `stacked`, `stacked-bars` or `grouped`.

    It is drawn once and cached on disk.
    """
    key = json.dumps([kind, records, legend, panel.name, panel.width, _drawing_digest()], sort_keys=True)
    cached = home() / "cache" / "charts" / f"{hashlib.sha256(key.encode()).hexdigest()}.svg"
    if not cached.is_file():
        from kerege.publishing.report.charts.altair_charts import draw_svg  # Altair: only a new drawing needs it

        svg = draw_svg(kind, records, legend, panel)
        with atomic_file(cached) as temporary:
            temporary.write_text(svg, encoding="utf-8")
    return svg_body(cached.read_text(encoding="utf-8"), f"{panel.name}-")


@cache
def _drawing_digest() -> str:
    """Return the hash of the drawing code; its change makes cached pictures obsolete."""
    return hashlib.sha256(DRAWING.read_bytes()).hexdigest()
