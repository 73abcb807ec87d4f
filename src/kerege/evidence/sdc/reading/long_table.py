"""Long tables of any publisher: a row for each cell, with dimensions, count, flags and other numbers."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kerege.base.csv_cells import plain
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.sdc.reading.column_names import COUNTS, concept, folded
from kerege.evidence.sdc.reading.figures import (
    STATUS,
    FigureCell,
    PublishedCount,
    integer,
    is_mark,
    is_understood,
    read_foreign_figure,
)
from kerege.evidence.sdc.reading.grid import is_figure
from kerege.evidence.sdc.reading.nested_labels import read_nested_labels
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions
from kerege.evidence.sdc.reading.published_rows import NumberTexts, PublishedRows
from kerege.evidence.sdc.reading.shares import is_measure, parse_number
from kerege.evidence.sdc.reading.texts_beside import unread_numbers

LONGEST = 10_000  # characters of a cell; other modules may change the limit of the csv module
FLAGS = {
    *("obs_status", "conf_status", "obs_flag", "obs_conf", "flag", "flags", "footnote", "observation status"),
    *("confidentiality status", "observation flag", "observation status (flag)", "marker", "symbol"),
}
COMMENTS = {"comment", "comments", "comment_obs", "note", "notes", "footnotes", "примечание", "примечания", "ескертпе"}
TECHNICAL = {
    *("dataflow", "structure", "structure_id", "structure_name", "action", "freq", "unit", "unit_measure", "decimals"),
    *("unit_mult", "last update", "last_update", "time_format", "base_per", "единица измерения", "өлшем бірлігі"),
}
DIMENSION = re.compile(
    r"\b(year|age|month|quarter|week|day|date|time|period|code|id|level|grade|class|group|size|wave|household|children|"
    r"год|возраст|месяц|квартал|код|период|класс|жыл|жас|ай|тоқсан|коды)\b",
    re.I,
)
UNITS = {
    "ед. изм.",
    "ед.изм.",
    "бірлігі",
    "unit",
    "unit_measure",
    "unit of measure",
    "measure",
    "единица измерения",
    "өлшем бірлігі",
}
COUNT_UNITS = {
    *COUNTS,
    *("nr", "nb", "per", "pers", "person", "numbers", "victims", "cases", "лиц", "чел", "дела"),
}
PEOPLE = {"persons", "people", "человек", "чел.", "численность", "адам", "адам саны"}
LABEL = re.compile(r"[._ ]label$", re.I)  # end of the name of a column in files of the ILO
SAME_NAME = re.compile(r"[^:]{2,40}: ")  # name of the column before each label
CODE = re.compile(r"(?:^|[\s_-])(code|id|код|коды)(?:$|[\s_-])", re.I)


@dataclass(frozen=True)
class FileReading:
    """A file that is read, the largest change of a perturbed count, and the choices of the user.

    `secret` are marks that a note of the file explains as those of suppressed figures.
    """

    file: str
    half: float
    options: ReadingOptions = PLAIN
    secret: frozenset[str] = frozenset()


@dataclass(frozen=True)
class LongRecords:
    """The records of a long table below its header, with their line numbers."""

    header: list[str]
    records: list[list[str]]
    numbers: list[int]

    def column(self, place: int) -> list[str]:
        """Return the texts of a column."""
        return [record[place].strip() for record in self.records]

    def names_its_columns(self) -> bool:
        """Return whether every column with a cell has a name: those below a merged heading have none."""
        nameless = [place for place, name in enumerate(self.header) if not name]
        return not any(record[place].strip() for record in self.records for place in nameless if place < len(record))

    def without_empty_columns(self) -> LongRecords:
        """Return the records without the columns that have neither a name nor a cell."""
        width = max([len(self.header), *map(len, self.records)])
        empty = {
            place
            for place in range(width)
            if not any(row[place].strip() for row in (self.header, *self.records) if place < len(row))
        }
        if not empty:
            return self
        header, *records = (
            [cell for place, cell in enumerate(row) if place not in empty] for row in (self.header, *self.records)
        )
        return LongRecords(header, records, self.numbers)

    def has_second_heading(self) -> bool:
        """Return whether the first record names columns: texts above the figures of other records."""
        first, *others = self.records or [[]]
        named = [
            place
            for place, text in enumerate(first)
            if place and text.strip() and any(is_figure(record[place]) for record in others if place < len(record))
        ]
        texts = {first[place].strip() for place in named}
        is_label = bool(first and first[0].strip()) and first[0].strip() != self.header[0] and not concept(first[0])
        return len(texts) == len(named) > 1 and not is_label and not any(map(is_figure, texts))

    def is_crosstab(self) -> bool:
        """Return whether a column of people is the total of others, as in `Region, Persons, Men, Women`."""
        if any(len(record) != len(self.header) for record in self.records) or not self.records:
            return False
        place = next((i for i, name in enumerate(self.header) if folded(name) in PEOPLE), None)
        others = [i for i in range(len(self.header)) if i != place and self._is_figures(i)]
        if place is None or len(others) < 2:
            return False
        rows = [[integer(record[i].strip()) for i in (place, *others)] for record in self.records]
        exact = [[number for number in row if number is not None] for row in rows if None not in row]
        return all(whole >= max(parts) for whole, *parts in exact)

    def _is_figures(self, place: int) -> bool:
        name = self.header[place]
        is_named = is_measure(name) or concept(name) or DIMENSION.search(name)
        return not is_named and all(integer(text) is not None or is_mark(text) for text in self.column(place) if text)


def has_count(header: Sequence[str]) -> bool:
    """Return whether a header has a column of counts by its usual name."""
    return any(folded(name) in COUNTS for name in header)


def repeated_names(header: Sequence[str]) -> list[str]:
    """Return the names that several columns have."""
    return [name for name, times in Counter(header).items() if times > 1]


def check_records(table: LongRecords, file: str) -> None:
    """Raise BadInput for a repeated column, or csv.Error for a cell without end."""
    if repeated_names(table.header):
        raise BadInput(Fault("names a column twice", "name each column once", file, 1))
    for record, number in zip(table.records, table.numbers, strict=True):
        if len(record) != len(table.header):
            raise BadInput(Fault(f"has {len(record)} cells, not {len(table.header)}", "correct the row", file, number))
        if max(map(len, record), default=0) > LONGEST:
            raise csv.Error(f"a cell of row {number} is longer than {LONGEST:,} characters")


def read_long(table: LongRecords, reading: FileReading) -> PublishedRows:
    """Return the rows of a long table; raises BadInput with one sentence."""
    check_records(table, reading.file)
    table, other_units = _counts_alone(table)
    columns = _Columns(table)
    figures: dict[FigureCell, PublishedCount] = {}
    counts, doubtful = [], []
    for cell, number in zip(columns.figure_cells(), table.numbers, strict=True):
        if cell not in figures:
            fault = Fault("", "give a whole number of at least 0", reading.file, number, "count")
            figures[cell] = read_foreign_figure(cell, reading.half, reading.options.dash, fault)
            doubtful += [] if is_understood(cell) else [doubtful_figure(table.header[columns.count], number, cell.text)]
        counts.append(figures[cell])
    dims = columns.dimensions
    nested = {i: read_nested_labels(_without_name([_label(record[i]) for record in table.records])) for i in dims}
    unclear = [i for i in dims if not nested[i].is_clear]
    return PublishedRows(
        tuple(table.header[i] for i in dims),
        [nested[i].codes for i in dims],
        counts,
        table.numbers,
        measures=tuple(
            NumberTexts(table.header[i], tuple(table.column(i)))
            for i in columns.measures
            if is_measure(table.header[i])
        ),
        unread=(
            *(shown(table.header[i]) for i in (*columns.unread(), *unclear)),
            *other_units,
            *doubtful,
            *unread_numbers(text for i in columns.comments for text in table.column(i)),
        ),
        notes=tuple(columns.notes),
        has_own_words=any(cell.status for cell in figures),
        single_parts=frozenset((table.header[i], code) for i in dims for code in nested[i].single_parts),
        parts=frozenset((table.header[i], code) for i in dims for code in nested[i].parts),
    )


def doubtful_figure(column: str, row: int, text: str) -> str:
    """Return the name of a cell whose text is neither a number nor a usual mark, for the report."""
    return f"{shown(column)}, row {row} ({shown(text)})".lstrip(", ")


def _without_name(labels: list[str]) -> list[str]:
    """Return labels without the same words before all of them, as in `Sex: Male` and `Sex: Female`."""
    match = SAME_NAME.match(labels[0]) if len({*labels}) > 1 else None
    is_same = match is not None and all(label.startswith(match[0]) for label in labels)
    return [label[match.end() :] for label in labels] if match and is_same else labels


def _label(cell: str) -> str:
    """Return a label with its indent; a single space before it is none."""
    text = plain(cell)
    return text if len(text) - len(text.lstrip()) > 1 else text.strip()


def _counts_alone(table: LongRecords) -> tuple[LongRecords, tuple[str, ...]]:
    """Return the records of counts, and the other units, such as percentages and rates."""
    place = next((i for i, name in enumerate(table.header) if folded(name) in UNITS), None)
    if place is None:
        return table, ()
    units = dict.fromkeys(table.column(place))
    others = [unit for unit in units if folded(unit) not in COUNT_UNITS]
    if not others or len(others) == len(units):
        return table, ()
    kept = [i for i, unit in enumerate(table.column(place)) if unit not in others]
    counts = LongRecords(table.header, [table.records[i] for i in kept], [table.numbers[i] for i in kept])
    return counts, tuple(f"{shown(table.header[place])} {shown(unit)}" for unit in others)


class _Columns:
    """The role of each column of a long table."""

    def __init__(self, table: LongRecords) -> None:
        self.table = table
        self.names = [folded(LABEL.sub("", name)) for name in table.header]
        self.notes: list[str] = []
        self.count = next(self.names.index(name) for name in COUNTS if name in self.names)
        self.flags = [i for i, name in enumerate(self.names) if name in FLAGS]
        self.status: int | None = None
        self._read_status()
        aside = {self.count, *self.flags, *([] if self.status is None else [self.status])}
        self.ignored = [i for i in range(len(self.names)) if i not in aside and self._is_ignored(i)]
        self.comments = [i for i in self.ignored if self.names[i] in COMMENTS]
        rest = [i for i in range(len(self.names)) if i not in aside and i not in self.ignored]
        self.measures = [i for i in rest if self._is_named_measure(i)]
        rest = [i for i in rest if i not in self.measures]
        self.measures += [i for i in rest if self._is_unnamed_measure(i, rest)]
        self.dimensions = self._without_codes([i for i in rest if i not in self.measures])

    def figure_cells(self) -> Iterator[FigureCell]:
        """Yield the figure of each record with its status and flags."""
        for record in self.table.records:
            status = record[self.status].strip() if self.status is not None else ""
            is_status = status in STATUS
            flags = [record[i].strip() for i in self.flags] + ([] if is_status else [status])
            yield FigureCell(record[self.count].strip(), status if is_status else "", tuple(filter(None, flags)))

    def unread(self) -> list[int]:
        """Return the columns of numbers that are neither counts nor a known kind of share or rate."""
        scaled = [i for i in self.ignored if self.names[i] == "unit_mult" and {*self.table.column(i)} - {"", "0"}]
        return [*scaled, *(i for i in self.measures if not is_measure(self.table.header[i]))]

    def _read_status(self) -> None:
        """Set the column of statuses; a column `status` with long words of another kind is a dimension."""
        if "status" in self.names:
            place = self.names.index("status")
            values = set(self.table.column(place)) - {""}
            if values & STATUS.keys() or all(len(value) <= 2 for value in values):
                self.status = place

    def _is_ignored(self, place: int) -> bool:
        name = self.names[place]
        return name in COMMENTS or (name in TECHNICAL and len(set(self.table.column(place))) <= 1)

    def _is_named_measure(self, place: int) -> bool:
        """Return whether a column holds numbers that are not counts, by its name or by a fraction."""
        values = [value for value in self.table.column(place) if value]
        numbers = [number for number in map(parse_number, values) if number]
        if not numbers or 2 * len(numbers) < len(values):
            return False
        name = self.table.header[place]
        return (is_measure(name) and not concept(name)) or any(decimals for _, decimals in numbers)

    def _is_unnamed_measure(self, place: int, rest: Sequence[int]) -> bool:
        """Return whether a column of whole numbers is not a dimension: the other columns identify every row."""
        if DIMENSION.search(self.table.header[place]) or concept(self.table.header[place]):
            return False
        values = [value for value in self.table.column(place) if value]
        if len(set(values)) < 2 or not all(map(parse_number, values)):
            return False
        others = [i for i in rest if i != place and not all(map(parse_number, filter(None, self.table.column(i))))]
        keys = {tuple(record[i] for i in others) for record in self.table.records}
        return bool(others) and len(keys) == len(self.table.records)

    def _without_codes(self, dimensions: list[int]) -> list[int]:
        """Return the dimensions without columns of codes that repeat another column."""
        result = list(dimensions)
        for place in dimensions:
            name = self.table.header[place]
            if not CODE.search(name):
                continue
            duplicate = next((i for i in result if i != place and self._is_same(place, i)), None)
            if duplicate is not None:
                result.remove(place)
                other = shown(self.table.header[duplicate])
                self.notes.append(f"Column {shown(name)} repeats column {other} as codes, so it was left out.")
        return result

    def _is_same(self, first: int, second: int) -> bool:
        pairs = {(record[first], record[second]) for record in self.table.records}
        return len(pairs) > 1 and len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})
