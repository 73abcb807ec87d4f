"""A sheet of text cells: which cells hold figures, and the blocks of rows that empty rows separate."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kerege.base.csv_cells import plain
from kerege.evidence.sdc.reading.column_names import YEAR
from kerege.evidence.sdc.reading.figures import BETWEEN, LESS, integer, is_mark, split_flag
from kerege.evidence.sdc.reading.shares import parse_number

SEPARATORS = "\t;,|"
NEAR_YEARS = 5  # between two years that are headings
USUAL_SHARE = 0.6  # least share of lines that have the separator of a file
FLAG = re.compile(r"[a-z]{1,2}|[%†‡!*]+(?:\s*[†‡!*]+)?", re.I)
SIGNS = re.compile(r"\s*[†‡!]+$")  # signs of reliability behind a figure say nothing about people
PAIR = re.compile(r"([<>≤]?\s*\d[\d ,'\u00a0\u202f]*|[a-z*:.]{1,3})\s*[(\[]\s*(\d{1,3}(?:[.,]\d+)?)\s*%\s*[)\]]", re.I)
Cells = list[str]


@dataclass(frozen=True)
class TextGrid:
    """Rows of equal length, with the number of each row in its file."""

    rows: list[Cells]
    numbers: list[int]

    def column(self, place: int, rows: Sequence[int]) -> Cells:
        """Return the cells of a column in some rows."""
        return [self.rows[row][place] for row in rows]


def as_grid(rows: Sequence[Sequence[str]], first: int = 1) -> TextGrid:
    """Return rows as a grid of rows with equal length.

    Spaces at the beginning of a cell stay: they can be an indent.
    """
    width = max(map(len, rows), default=0)
    cells = [[cell.rstrip() for cell in row] + [""] * (width - len(row)) for row in rows]
    return TextGrid(cells, list(range(first, first + len(rows))))


def read_csv_grid(text: str) -> TextGrid:
    """Return the cells of a CSV text with the separator that most of its lines have."""
    lines = [line for line in text.splitlines() if line.strip()][:200]
    shares = {mark: sum(mark in line for line in lines) / max(len(lines), 1) for mark in SEPARATORS}
    usual = [mark for mark in SEPARATORS if shares[mark] >= USUAL_SHARE]  # commas can be decimal
    separator = usual[0] if usual else max(SEPARATORS, key=lambda mark: shares[mark])
    rows = csv.reader(io.StringIO(text), delimiter=separator)
    return as_grid([[plain(cell) for cell in row] for row in rows])


def blocks(grid: TextGrid) -> Iterator[TextGrid]:
    """Yield the parts of a grid between empty rows, and those that begin with headings below figures."""
    start, has_figures_above = 0, False
    for end in range(len(grid.rows) + 1):
        row = grid.rows[end] if end < len(grid.rows) else []
        is_empty = not any(cell.strip() for cell in row)
        if is_empty or (has_figures_above and _begins_table(grid, end)):
            if end > start:
                yield TextGrid(grid.rows[start:end], grid.numbers[start:end])
            start, has_figures_above = end + is_empty, False
        elif any(map(is_count, row[1:])) and not is_heading_of_numbers(row, below_headings=end > start):
            has_figures_above = True


def _begins_table(grid: TextGrid, place: int) -> bool:
    """Return whether a row below figures is a heading, or a title above one."""
    row = grid.rows[place]
    is_title = len({cell.strip() for cell in row} - {""}) == 1 and bool(row[0].strip())
    return is_heading(row) or (is_title and place + 1 < len(grid.rows) and is_heading(grid.rows[place + 1]))


def side_by_side(grid: TextGrid) -> Iterator[TextGrid]:
    """Yield the parts of a grid between empty columns, where each part has labels and figures of its own."""
    width = len(grid.rows[0]) if grid.rows else 0
    is_empty = [not any(row[column].strip() for row in grid.rows) for column in range(width)]
    starts = [column for column in range(width) if not is_empty[column] and (column == 0 or is_empty[column - 1])]
    kept = [start for place, start in enumerate(starts) if place == 0 or _has_labels(grid, start)]
    for start, end in zip(kept, [*kept[1:], width][: len(kept)], strict=True):
        yield TextGrid([row[start:end] for row in grid.rows], grid.numbers)


def _has_labels(grid: TextGrid, column: int) -> bool:
    """Return whether most rows with a whole number to the right have a text in a column.

    Bands such as `15-17` are labels in a column without a number.
    """
    rows = [row for row in grid.rows if any(is_count(cell) for cell in row[column + 1 :])]
    texts = [text for row in rows if (text := row[column].strip())]
    has_bands = any(map(BETWEEN.fullmatch, texts)) and not any(map(is_number, texts))
    labels = [text for text in texts if has_bands or not is_figure(text)]
    return bool(rows) and 2 * len(labels) > len(rows)


def with_flags_joined(grid: TextGrid) -> TextGrid:
    """Return a grid without columns of flags: each flag is behind the figure to its left, as in `12 b`."""
    rows = [list(row) for row in grid.rows]
    for column in range(2, len(rows[0]) if rows else 0):
        flags = [row[column].strip() for row in rows if row[column].strip()]
        has_figures_left = any(is_figure(row[column - 1]) for row in rows)
        if flags and has_figures_left and all(map(FLAG.fullmatch, flags)):
            for row in rows:
                row[column - 1], row[column] = f"{row[column - 1]} {row[column].strip()}".rstrip(), ""
    return TextGrid([[SIGNS.sub("", cell) for cell in row] for row in rows], grid.numbers)


def with_percentages_apart(grid: TextGrid) -> TextGrid:
    """Return a grid in which cells such as `12 (3.4%)` are two: a count, and a percentage to its right."""
    rows = [list(row) for row in grid.rows]
    for column in reversed(range(len(rows[0]) if rows else 0)):
        pairs = {place: match for place, row in enumerate(rows) if (match := PAIR.fullmatch(row[column].strip()))}
        if len(pairs) < 2:
            continue
        heading = min(pairs) - 1
        for place, row in enumerate(rows):
            match = pairs.get(place)
            row.insert(column + 1, f"{match[2]}%" if match else "")
            row[column] = match[1].strip() if match else row[column]
        if heading >= 0:
            rows[heading][column + 1] = f"{rows[heading][column]} %".strip()
    return TextGrid(rows, grid.numbers)


def is_count(text: str) -> bool:
    """Return whether a cell holds a whole number, with or without a flag."""
    return integer(split_flag(text.strip())[0]) is not None


def is_number(text: str) -> bool:
    """Return whether a cell holds a whole or decimal number, such as a percentage."""
    number = split_flag(text.strip())[0]
    return parse_number(number) is not None or integer(number) is not None


def is_plain_mark(text: str) -> bool:
    """Return whether a cell holds a mark of an unpublished figure that cannot be a band of ages."""
    stripped = text.strip()
    return is_mark(stripped) and not LESS.fullmatch(stripped)


def is_figure(text: str) -> bool:
    """Return whether a cell can be a figure: a number, a mark or a bound such as `<5`."""
    stripped = text.strip()
    return is_number(stripped) or is_mark(stripped) or BETWEEN.fullmatch(stripped) is not None


def is_heading_of_numbers(row: Sequence[str], *, below_headings: bool = False) -> bool:
    """Return whether the numbers of a row are headings: years, or the numbers 1, 2, 3 of the columns.

    Below other headings, years must be a series or be repeated: a count can look like a year.
    """
    numbers = [cell.strip() for cell in row[1:] if is_number(cell)]
    if not numbers:
        return False
    if all(YEAR.fullmatch(number) for number in numbers):
        times = Counter(numbers)
        steps = [int(second) - int(first) for first, second in pairwise(numbers)]
        is_rising = len(steps) > 0 and (min(steps) > 0 or max(steps) < 0)
        is_series = is_rising and (len(steps) > 1 or abs(steps[0]) <= NEAR_YEARS)
        is_repeated = len(times) > 1 and len(set(times.values())) == 1 and len(times) < len(numbers)
        is_free = not below_headings or not row[0].strip()
        is_merged = len(times) == 1 and not row[0].strip()  # one year over all columns
        return is_series or is_repeated or is_merged or (is_free and len(times) == len(numbers))
    first = numbers[0]
    counted = [str(int(first) + n) for n in range(len(numbers))] if first in ("1", "2") else []
    return len(numbers) > 1 and numbers == counted and len(row[0].strip()) <= 1


def is_heading(row: Sequence[str]) -> bool:
    """Return whether a row between figures begins another table: texts without a figure, or years."""
    texts = [cell for cell in row[1:] if cell.strip()]
    return is_heading_of_numbers(row, below_headings=True) or (len(set(texts)) > 1 and not any(map(is_figure, texts)))


def has_figures(grid: TextGrid) -> bool:
    """Return whether labels are beside a whole number that is not a year, or several numbers."""
    beside = [cell.strip() for row in grid.rows if row[0].strip() for cell in row[1:] if is_number(cell)]
    numbers = [cell for cell in beside if not YEAR.fullmatch(cell)]
    return len(numbers) > 1 or any(map(is_count, numbers))
