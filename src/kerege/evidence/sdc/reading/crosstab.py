"""Crosstabs as people publish them: titles, headings of several levels, rows with labels, notes.

A sheet can hold several tables, one below another. Each becomes rows with the codes of its row and column labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.sdc.reading.column_headings import ColumnHeadings, read_headings
from kerege.evidence.sdc.reading.column_names import SEXES, concept_of_values, sex_code, without_notes
from kerege.evidence.sdc.reading.figures import FigureCell, PublishedCount, is_understood, read_foreign_figure
from kerege.evidence.sdc.reading.grid import TextGrid, is_count, is_figure
from kerege.evidence.sdc.reading.long_table import FileReading, doubtful_figure
from kerege.evidence.sdc.reading.nested_codes import AGE_GROUPS
from kerege.evidence.sdc.reading.published_rows import NumberTexts, PublishedRows, with_texts_beside
from kerege.evidence.sdc.reading.row_labels import LabelledRows, read_row_labels
from kerege.evidence.sdc.reading.shares import is_rank
from kerege.evidence.sdc.reading.shares_of_base import with_counts_of_shares
from kerege.evidence.sdc.reading.suppression_marks import secret_marks
from kerege.evidence.sdc.reading.table_layout import TableLayout, find_layouts
from kerege.evidence.sdc.reading.total_labels import is_total_label

ROW, COLUMN = "row", "column"  # names of dimensions that a table leaves without a name


def read_crosstabs(grid: TextGrid, name: str, reading: FileReading) -> list[PublishedRows]:
    """Return the tables of a sheet; raises BadInput for a figure that cannot be a count."""
    grid = with_counts_of_shares(grid)
    layouts = find_layouts(grid)
    tables = []
    reading = replace(reading, secret=secret_marks(cell for row in grid.rows for cell in row))
    for layout in layouts:
        headings = read_headings(layout)
        for rows in read_row_labels(layout):
            tables.append(_Crosstab(layout, headings, rows, reading).read(name))
    return with_texts_beside(tables, _texts_beside(grid, layouts))


def _texts_beside(grid: TextGrid, layouts: Sequence[TableLayout]) -> list[str]:
    """Return the texts in rows without figures: titles, headings and notes."""
    used = {layout.grid.numbers[row] for layout in layouts for row in (*layout.headings, *layout.body)}
    rows = [row for row, number in zip(grid.rows, grid.numbers, strict=True) if number not in used]
    headings = [layout.grid.rows[row] for layout in layouts for row in layout.headings]
    return list(dict.fromkeys(cell.strip() for row in (*rows, *headings) for cell in row if cell.strip()))


@dataclass(frozen=True)
class _Crosstab:
    """One table of a sheet: its layout, the headings of its columns and the labels of its rows."""

    layout: TableLayout
    headings: ColumnHeadings
    labels: LabelledRows
    reading: FileReading

    def read(self, name: str) -> PublishedRows:
        """Return the rows of the table."""
        cells = [(row, column) for row in range(len(self.labels.rows)) for column in range(len(self.headings.counts))]
        counts = [self._figure(row, column) for row, column in cells]
        by_row = [without_notes(labels) for labels in self.labels.codes]
        by_column = [without_notes(labels) for labels in self.headings.codes]
        codes = [
            *[[labels[row] for row, _ in cells] for labels in by_row],
            *[[labels[column] for _, column in cells] for labels in by_column],
        ]
        self._require_headings()
        by = _unique([*self.labels.names, *self.headings.names], codes, len(self.labels.names))
        return PublishedRows(
            by,
            codes,
            counts,
            [self.layout.grid.numbers[self.labels.rows[row]] for row, _ in cells],
            name=": ".join(filter(None, (name, self.labels.section))),
            title=": ".join(filter(None, (self.labels.section or self.layout.title, self._heading_of_people()))),
            measures=tuple(self._measures(cells)),
            unread=(*self._unread_columns(counts), *self.layout.unread, *self._doubtful(cells), *self._unclear(by)),
            notes=self.headings.notes,
            code_parents=self.labels.code_parents,
            single_parts=frozenset(
                self._marked(by, [*by_row, *by_column], self.labels.single_parts | self.headings.single_parts)
            ),
            parts=frozenset(self._marked(by, [*by_row, *by_column], self.labels.parts | self.headings.parts)),
        )

    def _unread_columns(self, counts: Sequence[PublishedCount]) -> Iterator[str]:
        """Yield the columns that were not understood; ranks of published figures say nothing more."""
        if not counts:
            yield "all figures"
        is_exact = all(count.lower == count.upper for count in counts)
        yield from (name for name in self.headings.unread if not (is_exact and is_rank(name)))

    def _unclear(self, by: Sequence[str]) -> Iterator[str]:
        """Yield the name of the label column or of the headings with a part whose whole is not clear."""
        if not self.labels.is_clear:
            yield shown(by[0])
        if not self.headings.is_clear:
            yield shown(by[-1])

    def _marked(
        self, by: Sequence[str], codes: Sequence[list[str]], parts: frozenset[str]
    ) -> Iterator[tuple[str, str]]:
        """Yield the codes by column of which the labels say that they are parts."""
        for name, before, after in zip(by, [*self.labels.codes, *self.headings.codes], codes, strict=True):
            yield from ((name, code) for old, code in zip(before, after, strict=True) if old in parts)

    def _require_headings(self) -> None:
        """Raise BadInput if two columns have the same headings."""
        count = len(self.headings.counts)
        columns = set(zip(*self.headings.codes, strict=True)) if self.headings.codes else {()}
        if count > 1 and len(columns) < count:
            what = "gives several columns the same heading, and no row below names them"
            row = self.layout.grid.numbers[self.layout.headings[-1]]
            raise BadInput(Fault(what, "name each column", self.reading.file, row))

    def _heading_of_people(self) -> str:
        """Return the heading of the only column of counts if it names a sex or ages, as `Female victims`."""
        if len(self.headings.counts) != 1:
            return ""
        heading = self.layout.heading(self.headings.counts[0])
        words = [word.strip(" ,()").casefold() for word in heading.split()]
        return heading if any(sex_code(word) in SEXES or word in AGE_GROUPS for word in words) else ""

    def _text(self, row: int, column: int) -> str:
        return self.layout.grid.rows[self.labels.rows[row]][self.headings.counts[column]].strip()

    def _title(self, column: int) -> str:
        return shown(" ".join(dict.fromkeys(filter(None, (codes[column] for codes in self.headings.codes)))))

    def _doubtful(self, cells: Sequence[tuple[int, int]]) -> Iterator[str]:
        """Yield the name of the first cell with each text that is neither a number nor a usual mark."""
        first = {self._text(*cell): cell for cell in reversed(cells)}
        for text, (row, column) in first.items():
            if not is_understood(FigureCell(text)):
                yield doubtful_figure(self._title(column), self.layout.grid.numbers[self.labels.rows[row]], text)

    def _figure(self, row: int, column: int) -> PublishedCount:
        line, text, title = self.labels.rows[row], self._text(row, column), self._title(column)
        fault = Fault("", "give a whole number of at least 0", self.reading.file, self.layout.grid.numbers[line], title)
        if not (is_count(text) or is_figure(text)) and any(character.isdigit() for character in text):
            raise BadInput(Fault(f"{shown(text)!r} is not a count", fault.todo, fault.file, fault.row, fault.column))
        figure = read_foreign_figure(FigureCell(text), self.reading.half, self.reading.options.dash, fault)
        return replace(figure, mark=text) if text.casefold() in self.reading.secret else figure

    def _measures(self, cells: Sequence[tuple[int, int]]) -> Iterator[NumberTexts]:
        """Yield the percentages that are printed beside the counts."""
        for name, places in self.headings.measures:
            texts = [
                self.layout.grid.rows[self.labels.rows[row]][place].strip()
                if (place := places[column]) is not None
                else ""
                for row, column in cells
            ]
            yield NumberTexts(name, tuple(texts))


def _unique(names: Sequence[str], codes: Sequence[list[str]], rows: int) -> tuple[str, ...]:
    """Return the names of the dimensions.

    Those without one are named by their values, or as row and column.
    """
    result: list[str] = []
    for d, (name, values) in enumerate(zip(names, codes, strict=True)):
        base = (
            without_notes([name.strip()])[0]
            or concept_of_values([value for value in dict.fromkeys(values) if not is_total_label(value)])
            or (ROW if d < rows else COLUMN)
        )
        unique, number = base, 2
        while unique in result:
            unique, number = f"{base} {number}", number + 1
        result.append(unique)
    return tuple(result)
