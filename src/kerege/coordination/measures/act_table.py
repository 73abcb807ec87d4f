"""Table of an act as it is published: XLSX, CSV or DOCX; headings in Kazakh, Russian or English."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from django.utils.translation import gettext_noop as _
from docx import Document
from docx.opc.exceptions import OpcError

from kerege.base.errors import BadInput, Fault
from kerege.base.text_files import decoded
from kerege.casework.exchange.formats.sheets import UNREADABLE, check_package, workbook_sheets
from kerege.casework.exchange.formats.sources import UploadedFile

MOST_ROWS, LONGEST = 1000, 5000
DELIMITERS = ";,\t"
# words that begin or make up the heading of each column
HEADINGS: Mapping[str, re.Pattern[str]] = {
    "number": re.compile(r"№|р/с|no\.?$|number|п/п|#", re.I),
    "completion": re.compile(r"форма завершения|аяқтал\w*|нысан|form of completion|completion", re.I),
    "bodies": re.compile(r"ответствен|исполнител|жауапты|орындаушы|responsible|bodies", re.I),
    "term": re.compile(r"срок|мерзім|deadline|term|due", re.I),
    "funding": re.compile(r"финансир|источник|расход|қаржыландыр|шығын|funding|source of money|budget", re.I),
    "text": re.compile(r"мероприят|іс-шара|шара|measure|activit", re.I),
}
NEEDED = ("number", "text", "bodies", "term")
DIRECTIONS: Mapping[str, re.Pattern[str]] = {
    "prosecution": re.compile(r"преследован|расследован|қудала|тергеу|prosecut|investigat", re.I),
    "protection": re.compile(r"защит|помощ|реабилит|қорға|көмек|protect|assist", re.I),
    "partnership": re.compile(r"партн|сотруднич|координац|әріптес|ынтымақ|үйлестір|partner|cooperat|coordinat", re.I),
    "prevention": re.compile(r"предупрежд|превен|профилак|информ|алдын|ақпарат|prevent|aware", re.I),
}


@dataclass(frozen=True)
class ActRow:
    """Row of the table: texts as the act writes them, and the direction of its section."""

    row: int
    number: str
    text: str
    bodies: str
    term: str
    completion: str = ""
    funding: str = ""
    direction: str = ""


Cells = list[str]


def read_act(file: UploadedFile) -> list[ActRow]:
    """Return the rows of an act's table; raise BadInput with all faults if it is none."""
    tables = list(_tables(file))
    for table in tables:
        if head := _find_head(table):
            return _read_rows(table, *head)
    what = _("has no table with the headings number, measure, responsible bodies and deadline")
    raise BadInput(Fault(what, _("keep the headings of the act")))


def _tables(file: UploadedFile) -> Iterator[list[Cells]]:
    """Yield the tables of a file as rows of cells."""
    suffix = file.suffix.lower()
    if suffix in {".csv", ".tsv", ".txt"}:
        yield _csv_rows(decoded(file.content, file.name))
    elif suffix == ".docx":
        yield from _word_tables(file)
    elif suffix in {".xlsx", ".xlsm"}:
        yield from ([cells for _number, cells in sheet.records] for sheet in workbook_sheets(file) if not sheet.hidden)
    else:
        raise BadInput(Fault(_("is not XLSX, CSV or DOCX"), _("save the table as one of these")))


def _csv_rows(text: str) -> list[Cells]:
    head = text[:2000]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        return [list(cells) for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)]
    except csv.Error as error:
        raise BadInput(Fault(_("cannot be read as CSV"), _("save it again as XLSX or CSV"))) from error


def _word_tables(file: UploadedFile) -> Iterator[list[Cells]]:
    """Yield the tables of a document; a merged cell appears once."""
    check_package(file)
    try:
        document = Document(file.open())
        for table in document.tables:
            yield [
                _word_cells([cell.text for cell in row.cells], [cell._tc for cell in row.cells]) for row in table.rows
            ]
    except (*UNREADABLE, OpcError) as error:
        raise BadInput(Fault(_("cannot be read as a document"), _("save it again as DOCX"))) from error


def _word_cells(texts: Sequence[str], marks: Sequence[object]) -> Cells:
    return ["" if at and marks[at] is marks[at - 1] else text for at, text in enumerate(texts)]


def _find_head(table: list[Cells]) -> tuple[int, dict[str, int]] | None:
    """Return the place of the row with the headings, and the position of each column."""
    for place, cells in enumerate(table[:15]):
        columns = _columns(cells)
        if columns.keys() >= set(NEEDED):
            return place, columns
    return None


def _columns(cells: Cells) -> dict[str, int]:
    columns: dict[str, int] = {}
    for position, cell in enumerate(cells):
        name = next((name for name, words in HEADINGS.items() if words.search(_plain(cell))), "")
        if name and name not in columns:
            columns[name] = position
    return columns


def _plain(cell: str) -> str:
    return re.sub(r"\s+", " ", cell).strip()


def _read_rows(table: list[Cells], head: int, columns: dict[str, int]) -> list[ActRow]:
    rows, direction = [], ""
    faults: list[Fault] = []
    for place, cells in enumerate(table[head + 1 : head + 1 + MOST_ROWS], start=head + 2):
        values = {name: _plain(cells[at]) if at < len(cells) else "" for name, at in columns.items()}
        if (heading := _section(cells, values)) is not None:
            direction = _direction(heading) or direction
        elif not _is_numbering(cells):
            faults += _row_faults(place, values)
            rows.append(ActRow(row=place, direction=direction, **values))
    faults += _repeated(rows)
    if not rows:
        faults.append(Fault(_("has no measures below its headings"), _("choose the whole table")))
    if faults:
        raise BadInput(faults)
    return rows


def _section(cells: Cells, values: dict[str, str]) -> str | None:
    """Return the heading of a section, which fills one cell; '' for an empty row; None for a measure."""
    filled = list(dict.fromkeys(_plain(cell) for cell in cells if cell.strip()))
    if values["bodies"] or values["term"]:
        return None if len(filled) > 1 else "".join(filled)
    return " ".join(filled) if len(filled) <= 2 else None


def _direction(heading: str) -> str:
    return next((name for name, words in DIRECTIONS.items() if words.search(heading)), "")


def _is_numbering(cells: Cells) -> bool:
    """Return whether a row only numbers the columns: 1 2 3 4."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return filled == [str(number) for number in range(1, len(filled) + 1)]


def _row_faults(row: int, values: dict[str, str]) -> Iterator[Fault]:
    for name in NEEDED:
        if not values[name]:
            yield Fault(_("this cell is empty"), _("fill it as the act does"), row=row, column=name)
    for name, text in values.items():
        if len(text) > LONGEST:
            yield Fault(_("this cell is too long"), _("shorten it"), row=row, column=name)


def _repeated(rows: Sequence[ActRow]) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for row in rows:
        if row.number and first.setdefault(row.number, row.row) != row.row:
            yield Fault(_("this number comes twice"), _("number each measure once"), row=row.row, column="number")
