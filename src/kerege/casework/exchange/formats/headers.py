"""Header of a sheet: one row of names or labels, or two rows that name the same columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest

from kerege.casework.exchange.formats.headings import (
    CHOICE,
    COLUMN,
    FORM_MARKS,
    LEFT_OUT,
    METADATA,
    UNKNOWN,
    name_of_column,
    read_heading,
)
from kerege.casework.exchange.formats.sheets import FileSheet, Record, fill_merged, head_of
from kerege.casework.exchange.htcds.column_renaming import ColumnMap
from kerege.casework.exchange.htcds.read_file import Heading

LEAST_SCORE = 0.6  # share of headings that are understood
LEAST_PAIR = 3  # headings that two header rows must have in common
# the standard's workbooks contradict themselves here: row 1 is hidden, and people type under the labels of row 2
LABELS_DECIDE = frozenset(
    {"prs_MailingStreet", "prs_MailingCity", "prs_MailingState", "prs_MailingPostalCode", "prs_MailingCountry"}
)
# the name of a column that only the hidden row of IOM's workbooks spells so
MISSPELT = "vic_TraffickinStatusDecisionMakingOrg"
NAMES, LABELS, WORKBOOK, FORM = "htcds", "labels", "iom", "kobo"


@dataclass
class SheetHeader:
    """Header of a sheet: the numbers of its rows, and the share of headings that are understood."""

    headings: list[Heading]
    rows: list[int]
    score: float
    format: str = NAMES
    notes: list[str] = field(default_factory=list)

    @property
    def columns(self) -> set[str]:
        """Return the columns that the header names."""
        return {heading.column for heading in self.headings if heading.column}


def find_header(sheet: FileSheet, mapping: ColumnMap) -> SheetHeader | None:
    """Return the best header among the first rows of a sheet, or of the chosen row; None without one."""
    head = [(number, cells) for number, cells in head_of(sheet) if any(cells)]
    readings = [(number, [read_heading(cell, mapping) for cell in cells]) for number, cells in head]
    if not readings:
        return None
    pairs = _merged_headers(sheet, head, mapping)
    if row := mapping.reading.get("row"):
        chosen = [header for header in pairs if header.rows[0] == int(row)]
        chosen += [_header([number], headings) for number, headings in readings if number == int(row)]
        return chosen[0] if chosen else None
    places = [place for place, (_, headings) in enumerate(readings) if _is_header(headings)]
    best = max(pairs, key=lambda header: len(header.columns), default=None)
    if best and len(best.columns) > max((len(_columns(readings[place][1])) for place in places), default=0):
        return best
    if not places:
        return _header([(likely := _likeliest(readings))[0]], likely[1])
    first = places[0]
    number, headings = readings[first]
    if first + 1 in places and _name_same_columns(headings, readings[first + 1][1]):
        following, other = readings[first + 1]
        return _joined(number, headings, following, other)
    return _header([number], headings)


def _columns(headings: list[Heading]) -> set[str]:
    return {heading.column for heading in headings if heading.column}


def _likeliest(readings: Sequence[tuple[int, list[Heading]]]) -> tuple[int, list[Heading]]:
    """Return the row with the most known headings; of equal ones, the first with the most different texts."""

    def rate(reading: tuple[int, list[Heading]]) -> tuple[int, int]:
        titles = {heading.title for heading in reading[1] if heading.title}
        return len(_columns(reading[1])), sum(any(map(str.isalpha, title)) for title in titles)

    return max(readings, key=rate)


def _merged_headers(sheet: FileSheet, head: Sequence[Record], mapping: ColumnMap) -> list[SheetHeader]:
    """Return the headers of two rows, of which the upper one holds merged cells over several columns."""
    if not sheet.merged:
        return []
    filled = list(fill_merged(sheet, head, last=head[-1][0]))
    headers: list[SheetHeader] = []
    for (number, above), (following, below) in pairwise(filled):
        width = max(len(above), len(below))
        wide = [area for area in sheet.merged if area[0] == number and area[3] > area[1]]
        if following != number + 1 or not any(area[3] - area[1] + 1 < width for area in wide):
            continue
        pairs = zip_longest(above, below, fillvalue="")
        headings = [_read_pair(" ".join(upper.split()), " ".join(lower.split()), mapping) for upper, lower in pairs]
        if _columns(headings):
            headers.append(_header([number, following], headings))
    return headers


def _read_pair(upper: str, lower: str, mapping: ColumnMap) -> Heading:
    """Return the meaning of two headings, one above the other: of both, else of the lower one."""
    if not lower or upper == lower:
        return read_heading(upper, mapping)
    title = f"{upper} {lower}".strip()
    both = read_heading(title, mapping)
    known = both if both.role != UNKNOWN else read_heading(lower, mapping)
    return replace(known, title=title)


def _understood(headings: list[Heading]) -> int:
    return sum(heading.role != UNKNOWN for heading in headings)


def _is_header(headings: list[Heading]) -> bool:
    filled = [heading for heading in headings if heading.title]
    columns = sum(heading.role in {COLUMN, CHOICE} for heading in filled)
    return columns > 0 and _understood(filled) >= LEAST_SCORE * len(filled)


def _name_same_columns(first: list[Heading], second: list[Heading]) -> bool:
    common = {heading.column for heading in first} & {heading.column for heading in second} - {""}
    return len(common) >= LEAST_PAIR


def _joined(number: int, first: list[Heading], following: int, second: list[Heading]) -> SheetHeader:
    """Return the header of two rows: names decide, but labels do for the parts of the address."""
    names, labels = (first, second) if _count_names(first) >= _count_names(second) else (second, first)
    blank = Heading("", UNKNOWN)
    headings = [_join(name, label) for name, label in zip_longest(names, labels, fillvalue=blank)]
    header = _header([number, following], headings)
    header.format = WORKBOOK
    return header


def _count_names(headings: list[Heading]) -> int:
    return sum(bool(name_of_column(heading.title)) for heading in headings)


def _join(name: Heading, label: Heading) -> Heading:
    if label.column in LABELS_DECIDE or name.role == UNKNOWN:
        return label if label.title else name
    return replace(name, title=label.title or name.title)


def _header(rows: list[int], headings: list[Heading]) -> SheetHeader:
    headings = _second_name_twice(headings)
    filled = [heading for heading in headings if heading.title]
    score = _understood(filled) / len(filled) if filled else 0.0
    header = SheetHeader(headings, rows, score)
    marks = {heading.title.lower().rsplit("/", 1)[-1] for heading in filled if heading.role == METADATA}
    if len(marks & FORM_MARKS) >= 2 or any(heading.role == CHOICE for heading in headings):
        header.format = FORM
    elif any(heading.role == COLUMN and not name_of_column(heading.title) for heading in headings):
        header.format = LABELS
    return header


def _second_name_twice(headings: list[Heading]) -> list[Heading]:
    """Return headings in which the second "Second Name" is the title of the person.

    The form of the standard labels `prs_Title` so.
    """
    places = [
        place
        for place, heading in enumerate(headings)
        if heading.column == "prs_SecondName" and not name_of_column(heading.title.rsplit("/", 1)[-1])
    ]
    if len(places) != 2 or any(heading.column == "prs_Title" for heading in headings):
        return headings
    changed = list(headings)
    changed[places[1]] = replace(headings[places[1]], column="prs_Title")
    return changed


def lacks_labels(header: SheetHeader) -> bool:
    """Return whether a sheet has the hidden names of IOM's workbook, and no labels that are understood.

    Its address columns contradict their names. So nobody can tell what people typed under them.
    """
    titles = [heading.title for heading in header.headings]
    return header.format != WORKBOOK and MISSPELT in titles and header.columns >= LABELS_DECIDE


def is_plain(header: SheetHeader) -> bool:
    """Return whether every heading is the name of a column, each once, in the first row."""
    columns = [heading.column for heading in header.headings if heading.role != LEFT_OUT]
    return header.rows == [1] and header.format == NAMES and all(columns) and len(set(columns)) == len(columns)
