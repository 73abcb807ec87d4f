"""The parts of a published table in a sheet: title, headings, row labels, figures and notes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kerege.base.message_text import shown
from kerege.evidence.sdc.reading.code_columns import CODES, has_codes_of_one_width
from kerege.evidence.sdc.reading.column_names import YEAR, concept, folded
from kerege.evidence.sdc.reading.figures import BETWEEN, is_mark
from kerege.evidence.sdc.reading.grid import (
    TextGrid,
    blocks,
    is_count,
    is_figure,
    is_heading_of_numbers,
    is_number,
    is_plain_mark,
    side_by_side,
    with_flags_joined,
    with_percentages_apart,
)


@dataclass(frozen=True)
class TableLayout:
    """A table in a grid: its heading rows, body rows, label columns and figure columns."""

    grid: TextGrid
    headings: list[int]
    body: list[int]  # rows with figures, and rows with a label alone between them
    labels: list[int]  # columns
    figures: list[int]  # columns
    unread: tuple[str, ...] = ()  # columns and rows with numbers that belong to no heading or to no row

    @property
    def title(self) -> str:
        """Return the last text alone above the headings, '' without one."""
        above = [row for row in range(self.headings[0]) if _is_title(self.grid.rows[row])]
        return self.grid.rows[above[-1]][0].strip() if above else ""

    def heading(self, column: int) -> str:
        """Return the lowest heading of a column, '' where it has none."""
        texts = [self.grid.rows[row][column].strip() for row in self.headings]
        return next((text for text in reversed(texts) if text), "")


def find_layouts(grid: TextGrid) -> list[TableLayout]:
    """Return the tables of a grid, also those side by side.

    An empty row may separate headings from figures, and parts of one table.
    """
    return [
        layout for part in side_by_side(with_percentages_apart(with_flags_joined(grid))) for layout in _layouts(part)
    ]


def _layouts(grid: TextGrid) -> list[TableLayout]:
    layouts: list[TableLayout] = []
    without_headings: list[str] = []
    above: TextGrid | None = None
    for block in blocks(grid):
        if _first_body_row(block) is None:
            above = block
            continue
        layout = _layout(block)
        if layout is None and above is not None:
            layout = _layout(_joined(above, block))
        if layout is None and layouts:
            layout = _layout(_joined(layouts[-1].grid, block))
            layouts = layouts if layout is None else layouts[:-1]
        if layout is not None or (layout := _without_heading(block)) is not None:
            layouts.append(layout)
        else:
            without_headings.append(f"row {block.numbers[0]}")
        above = None
    if layouts and without_headings:
        layouts[0] = replace(layouts[0], unread=(*layouts[0].unread, *without_headings))
    return layouts


def _without_heading(block: TextGrid) -> TableLayout | None:
    """Return a table of labels with one figure each and no headings, None for any other block."""
    start = _first_body_row(block) or 0
    rows = [*block.rows[:start], [""] * len(block.rows[0]), *block.rows[start:]]
    grid = TextGrid(rows, [*block.numbers[: start + 1], *block.numbers[start:]])
    body = [row for row in range(start + 1, len(rows)) if any(map(str.strip, rows[row]))]
    figures = [column for column in range(1, len(rows[0])) if any(map(is_figure, grid.column(column, body)))]
    is_list = len(figures) == 1 and all(rows[row][0].strip() and rows[row][figures[0]].strip() for row in body)
    return TableLayout(grid, [start], body, [0], figures) if is_list and len(body) > 1 else None


def _joined(first: TextGrid, second: TextGrid) -> TextGrid:
    return TextGrid([*first.rows, *second.rows], [*first.numbers, *second.numbers])


def _first_body_row(block: TextGrid) -> int | None:
    """Return the first row with a label and a figure that is not a heading."""
    for number, row in enumerate(block.rows):
        if (
            any(is_count(cell) for cell in row[1:])
            and any(_is_label(cell) for cell in row)
            and not is_heading_of_numbers(row, below_headings=_has_heading(block.rows[:number]))
        ) or _is_first_letter(block.rows, number):
            while number > 1 and _is_row_of_marks(block.rows[number - 1]):
                number -= 1
            while (
                number > 1 and _is_title(block.rows[number - 1]) and not all(map(_is_title, block.rows[: number - 1]))
            ):
                number -= 1
            return number
    return None


def _is_first_letter(rows: Sequence[Sequence[str]], number: int) -> bool:
    """Return whether a row with counts is the first of rows with letters as labels, as A, B and C.

    A letter that no other row follows is the number of the column of labels.
    """
    row = rows[number]
    labels = [other[0].strip() for other in rows[number + 1 :] if any(map(is_count, other[1:]))]
    is_letter = len(row[0].strip()) == 1 and row[0].strip().isalpha()
    return is_letter and any(map(is_count, row[1:])) and any(len(label) == 1 and label.isalpha() for label in labels)


def _has_heading(rows: Sequence[Sequence[str]]) -> bool:
    return any(any(cell.strip() for cell in row) and not _is_title(row) for row in rows)


def _is_title(row: Sequence[str]) -> bool:
    """Return whether a row has one text alone, in its first cell or in merged cells."""
    return bool(row[0].strip()) and len({cell.strip() for cell in row} - {""}) == 1


def _is_label(cell: str) -> bool:
    return bool(cell.strip()) and not is_plain_mark(cell)


def _is_row_of_marks(row: Sequence[str]) -> bool:
    """Return whether a row has a label, marks or bounds of figures, and otherwise only fractions.

    A row with a whole number is one of figures already.
    """
    cells = [cell for cell in row[1:] if cell.strip()]
    is_label = bool(row[0].strip()) and concept(row[0]) != "age"  # `<18` can be a heading of ages
    return is_label and any(is_mark(cell.strip()) for cell in cells) and all(map(_is_mark_or_fraction, cells))


def _is_mark_or_fraction(cell: str) -> bool:
    return is_mark(cell.strip()) or (is_number(cell) and not is_count(cell))


def _layout(block: TextGrid) -> TableLayout | None:
    """Return the parts of a block, None for a block without headings or without columns of figures."""
    start = _first_body_row(block)
    if start is None:
        return None
    with_figures = [row for row in range(start, len(block.rows)) if _has_figure(block.rows[row])]
    if not with_figures:
        return None
    last = with_figures[-1]
    body = [row for row in range(start, last + 1) if any(cell.strip() for cell in block.rows[row])]
    headings = _heading_rows(block, start)
    if not headings:
        return None
    block = _with_labels_first(block, headings, body)
    labels = _label_columns(block, headings, body)
    if len(labels) == 2 and _is_indented(block, body):
        block = _with_one_label(block, [*headings, *body])
        labels = labels[:1]
    figures = [c for c in range(labels[-1] + 1, len(block.rows[0])) if any(map(is_figure, block.column(c, body)))]
    layout = TableLayout(block, headings, body, labels, figures)
    return replace(layout, unread=tuple(_unread_columns(layout))) if figures else None


def _unread_columns(layout: TableLayout) -> Iterator[str]:
    """Yield the columns with numbers inside longer texts, such as `about 12`."""
    yield from _doubtful_headings(layout)
    for column in range(len(layout.labels), len(layout.grid.rows[0])):
        texts = layout.grid.column(column, layout.body)
        if column not in layout.figures and any(character.isdigit() for text in texts for character in text):
            yield shown(layout.heading(column)) or f"at position {column + 1}"


def _doubtful_headings(layout: TableLayout) -> Iterator[str]:
    """Yield the lowest row of headings if its label can be that of a row: words in place of all figures."""
    *above, lowest = [layout.grid.rows[row] for row in layout.headings]
    corner, texts = lowest[0].strip(), [cell.strip() for cell in lowest[1:] if cell.strip()]
    names = {row[0].strip() for row in above} - {""}
    if names and corner and corner not in names and not concept(corner) and len(set(texts)) == 1:
        yield f"row {layout.grid.numbers[layout.headings[-1]]}"


def _has_figure(row: Sequence[str]) -> bool:
    return bool(row[0].strip() or any(map(_is_label, row[1:3]))) and any(is_figure(cell) for cell in row[1:])


def _heading_rows(block: TextGrid, start: int) -> list[int]:
    """Return the rows of headings: those above the figures, without titles and numbers of columns."""
    rows = []
    for number in range(start):
        row = block.rows[number]
        texts = [cell.strip() for cell in row if cell.strip()]
        is_numbering = is_heading_of_numbers(row) and not any(map(YEAR.fullmatch, texts))
        if texts and not _is_title(row) and not is_numbering:
            rows.append(number)
    return rows


def _label_columns(block: TextGrid, headings: Sequence[int], body: Sequence[int]) -> list[int]:
    """Return the columns of row labels: the first, and those beside it that hold no figures."""
    columns = [0]
    for column in range(1, len(block.rows[0])):
        titles = [block.rows[row][column].strip() for row in headings]
        title = next((text for text in reversed(titles) if text), "")
        if not _holds_labels(title, [cell.strip() for cell in block.column(column, body) if cell.strip()]):
            break
        columns.append(column)
    return columns


def _with_labels_first(block: TextGrid, headings: Sequence[int], body: Sequence[int]) -> TextGrid:
    """Return a block with its column of labels first, if figures are on both sides of it.

    A pyramid of ages has such a column. Numbers of rows and columns of codes stay before the labels.
    """
    first = [cell.strip() for cell in block.column(0, body) if cell.strip()]
    title = next((text for row in reversed(headings) if (text := block.rows[row][0].strip())), "")
    is_number = (
        folded(title) in CODES
        or has_codes_of_one_width(first)
        or concept(title) in ("year", "age", "quarter", "month")
        or not title
    )
    if is_number or not all(map(is_figure, first)) or first == [str(n) for n in range(1, len(first) + 1)]:
        return block
    columns = range(1, len(block.rows[0]))
    place = next((column for column in columns if _holds_names(block, headings, column, body)), 0)
    has_figures_behind = any(map(is_figure, (cell for row in body for cell in block.rows[row][place + 1 :])))
    if not place or not has_figures_behind:
        return block
    return TextGrid([[row[place], *row[:place], *row[place + 1 :]] for row in block.rows], block.numbers)


def _holds_names(block: TextGrid, headings: Sequence[int], column: int, body: Sequence[int]) -> bool:
    """Return whether most cells of a column are labels; numbers are so only below a heading that says so."""
    titles = [block.rows[row][column].strip() for row in headings]
    is_named = any(concept(title) in ("year", "age", "quarter", "month") for title in titles)
    cells = block.column(column, body)
    return 2 * sum(_is_label(cell) and (is_named or not is_number(cell)) for cell in cells) > len(cells)


def _is_indented(block: TextGrid, body: Sequence[int]) -> bool:
    """Return whether the second column is an indent of the first: no row has a label in both."""
    first, second = ([bool(block.rows[row][column].strip()) for row in body] for column in (0, 1))
    return any(first) and any(second) and not any(a and b for a, b in zip(first, second, strict=True))


def _with_one_label(block: TextGrid, places: Sequence[int]) -> TextGrid:
    """Return a block with the labels of the second column in the first."""
    rows = [list(row) for row in block.rows]
    for place in places:
        rows[place][:2] = [rows[place][0] or rows[place][1], ""]
    return TextGrid(rows, block.numbers)


def _holds_labels(title: str, texts: Sequence[str]) -> bool:
    """Return whether a column holds labels: texts, bands of ages, years below a heading that says so."""
    numbers = sum(map(is_number, texts))
    if has_codes_of_one_width(texts):
        return True
    if not numbers and any(map(BETWEEN.fullmatch, texts)):
        return True
    figures = sum(is_number(text) or is_mark(text) for text in texts)
    return bool(texts) and (concept(title) in ("year", "age", "quarter", "month") or 2 * figures < len(texts))


def figure_rows(layout: TableLayout) -> Iterator[int]:
    """Yield the body rows that have a figure in one of the columns of figures."""
    for row in layout.body:
        if any(is_figure(layout.grid.rows[row][column]) for column in layout.figures):
            yield row
