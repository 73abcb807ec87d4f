"""Charts as SVG text: one model for all kinds, with table, text alternative and CSV.

Pure Python: it needs neither Django nor a drawing library, and equal charts give equal bytes.
"""

from kerege.charts.alt_text import alt_text
from kerege.charts.bars import ranked
from kerege.charts.draw import NARROW, WIDE, draw_svg
from kerege.charts.model import Break, Chart, Flag, Kind, Period, Series, Status, Tile, Value
from kerege.charts.tables import csv_of, table_of

__all__ = [
    "NARROW",
    "WIDE",
    "Break",
    "Chart",
    "Flag",
    "Kind",
    "Period",
    "Series",
    "Status",
    "Tile",
    "Value",
    "alt_text",
    "csv_of",
    "draw_svg",
    "ranked",
    "table_of",
]
