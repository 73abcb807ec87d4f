"""CSV for people: one value a line, labels beside codes, and the status of each value in words."""

from __future__ import annotations

import csv
import io

from kerege.base.csv_cells import guarded
from kerege.publishing.site.files.figure_file import FigureFile, Line, clean, number_text
from kerege.publishing.site.files.file_words import get_words

BOM = "\ufeff"  # spreadsheets read UTF-8 only behind it
KIND = "text/csv; charset=utf-8"


def columns(figure: FigureFile) -> list[str]:
    """Return the names of the columns."""
    dimensions = [name for dimension in figure.dimensions for name in (f"{dimension.code}_code", dimension.code)]
    more = ["value", "lower", "upper", "status", "status_words", "unit", "indicator", "release"]
    return ["period", *dimensions, *more]


def write(figure: FigureFile) -> bytes:
    """Return the file."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns(figure))
    writer.writerows([guarded(clean(cell)) for cell in _cells(figure, line)] for line in figure.lines)
    return (BOM + buffer.getvalue()).encode()


def _cells(figure: FigureFile, line: Line) -> list[str]:
    dimensions = [cell for pair in zip(line.codes, line.labels, strict=True) for cell in pair]
    numbers = [number_text(number) for number in (line.value, line.lower, line.upper)]
    words = get_words(figure.lang).status(line.status)
    return [line.period, *dimensions, *numbers, line.status, words, figure.unit, figure.id, line.release]
