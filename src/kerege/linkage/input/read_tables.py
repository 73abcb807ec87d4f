"""Reading of person tables: their text, their record ids, and notes on what they hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from pathlib import Path

import polars as pl

from kerege.base import csv_cells
from kerege.base.errors import BadInput, Fault
from kerege.base.files import input_fault
from kerege.base.text_files import UTF_8, decoded
from kerege.linkage.input import birth_dates
from kerege.linkage.input.column_roles import ColumnsByRole
from kerege.linkage.input.comparison_columns import column_of_role
from kerege.linkage.input.encoding_guess import guess_encoding
from kerege.linkage.input.input_errors import SEPARATOR_LINE, diagnose, is_parquet, lacks_line_end, short_rows
from kerege.linkage.input.workbooks import is_workbook, read_workbook
from kerege.linkage.names.folding import LONGEST

# folded roles, for which `names.folding` reads at most LONGEST letters
FOLDED = ("full", "given", "middle", "family", "street", "place")
# comparison columns of which a record needs at least one to be in a candidate pair
LINKING_COLUMNS = ("given", "family", "patronymic", "documents", "contacts")

ROW = "\0row"
HEAD = 65_536
ASK_OTHER = "if the headers look wrong, name another one with --encoding"
# a whole number that a spreadsheet or a table of floats wrote with decimals, and a number that it cut off
DECIMAL_ZERO, LOST_DIGITS = r"^(\d+)[.,]0+$", r"^\d([.,]\d+)?[Ee]\+\d{2,}$"
_AGAIN = re.compile(r"_duplicated_\d+$")


Note = Callable[[str], None]
"""Receiver of a sentence that a user reads before trusting the result."""


def ignore_note(_text: str) -> None:
    """Ignore the note."""


def read_table(path: Path, note: Note = ignore_note, encoding: str = "") -> pl.DataFrame:
    """Read a CSV, XLSX or Parquet file of persons; every value becomes text without outer spaces.

    Parameters
    ----------
    path : Path
        CSV with any usual separator, XLSX or Parquet. The first line holds the headers; in a workbook, titles may stand
        above them.
    note : function of str, optional
        Receives sentences on a guessed encoding, unread sheets, and truncated and short rows. Default: they are
        dropped.
    encoding : str, default ""
        Encoding of a CSV. Without it, UTF-8, UTF-16 and six encodings of Cyrillic are recognised by their content.

    Returns
    -------
    DataFrame
        One row for each record; empty rows are dropped. The column ROW holds the number of each row as a spreadsheet
        shows it; `headers_of` returns the others. `1990,0` becomes `1990`, and a number with lost digits
        (`9,00307E+11`) is missing.

    Raises
    ------
    BadInput
        If the file cannot be read as a table. The message repeats no value of a cell.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "people.csv")
    ...     _ = file.write_text("id;given\\n7; Dana \\n")
    ...     table = read_table(file)
    >>> table.select("id", "given").rows(), table[ROW].to_list()
    ([('7', 'Dana')], [2])
    """
    if fault := input_fault(path):
        raise BadInput(fault)
    if is_workbook(path):
        frame = _read_sheet(path, note)
    elif is_parquet(path):
        frame = _number_rows(_read_parquet(path))
    else:
        frame = _read_text(path, note, encoding)
    return _mend_numbers(frame, note)


def _read_sheet(path: Path, note: Note) -> pl.DataFrame:
    """Return the table of a workbook; note the sheet if there are several."""
    sheet = read_workbook(path)
    if sheet.others:
        note(f"sheet {sheet.title} is read, and not {', '.join(sheet.others)}: save each as a file of its own")
    rows = pl.Series(ROW, sheet.rows, pl.UInt32)
    return _drop_empty_rows(_strip_values(sheet.frame).with_columns(rows))


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        frame = _cast_to_text(pl.read_parquet(path), path.name)
    except (OSError, pl.exceptions.PolarsError) as wrong:
        raise BadInput(diagnose(path, ",")) from wrong
    frame.columns = _clean_headers(frame.columns, path.name)
    return frame


def _read_text(path: Path, note: Note, encoding: str) -> pl.DataFrame:
    """Return the table of a CSV file; note a guessed encoding, short rows and a truncated last row."""
    used, is_guess = guess_encoding(path, encoding)
    head = _read_head(path, used)
    separator_line = SEPARATOR_LINE.match(head)
    separator = separator_line[1] if separator_line else csv_cells.separator(head)
    try:
        frame = pl.read_csv(
            path if used == UTF_8 else decoded(path.read_bytes(), path.name, used).encode(),
            infer_schema_length=0,
            encoding="utf8",
            null_values=[""],
            separator=separator,
            eol_char="\r" if "\r" in head and "\n" not in head else "\n",  # \r ends lines on old Macintosh systems
            skip_lines=1 if separator_line else 0,
        )
    except (OSError, pl.exceptions.PolarsError) as wrong:
        raise BadInput(diagnose(path, separator, used)) from wrong
    if not any(map(str.strip, frame.columns)) or any("\ufffd" in name or "\0" in name for name in frame.columns):
        raise BadInput(diagnose(path, separator, used))
    frame.columns = _clean_headers(frame.columns, path.name)
    if is_guess:
        note(f"no mark shows the encoding; its letters are those of {used}: {ASK_OTHER}")
    frame = _number_rows(frame)
    for text in _note_short_rows(frame, path, separator, used) if len(frame) else ():
        note(text)
    return frame


def _number_rows(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with values and their numbers, for a table whose header is row 1."""
    rows = pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(ROW)
    return _drop_empty_rows(_strip_values(frame).with_columns(rows))


def _strip_values(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.all().str.strip_chars().replace("", None))


def _drop_empty_rows(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))


def _mend_numbers(frame: pl.DataFrame, note: Note) -> pl.DataFrame:
    """Return whole numbers without decimals; numbers whose digits a spreadsheet has cut off are missing."""
    values = pl.exclude(ROW)
    counts = frame.select(values.str.contains(LOST_DIGITS).sum()).row(0) if len(frame) else ()
    for name, count in zip(headers_of(frame), counts, strict=False):
        if count:
            note(
                f"column {name}: {count} numbers have lost digits in a spreadsheet (as in 9,1E+11) and count as not "
                "known: format the column as text there, and save it again"
            )
    whole = values.str.replace(DECIMAL_ZERO, "$1")
    return frame.with_columns(pl.when(~values.str.contains(LOST_DIGITS)).then(whole))


def _cast_to_text(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """Cast the columns of a Parquet file to text."""
    texts, faults = [], []
    for column in frame:
        try:
            texts.append(column.cast(pl.String, strict=False))
        except pl.exceptions.PolarsError:
            problem, todo = "holds lists or signs that are not text", "write it as text, several values separated by ;"
            faults.append(Fault(problem, todo, file, column=column.name))
    if faults:
        raise BadInput(faults)
    return pl.DataFrame(texts)


def _note_short_rows(frame: pl.DataFrame, path: Path, separator: str, encoding: str) -> Iterator[str]:
    """Yield notes on rows with fewer cells than the header and on a truncated last row."""
    headers = headers_of(frame)
    width = max(
        (position for position, name in enumerate(headers, 1) if name != _name_unnamed(position)), default=len(headers)
    )
    # a complete last column proves that no row lacks a cell
    is_full = frame[headers[width - 1]].null_count() == 0
    short = [] if is_full else list(short_rows(path, separator, width, encoding))
    row, is_cut = int(frame[ROW][-1]), lacks_line_end(path)
    if is_cut and short and short[-1][0] == row:
        _, has = short.pop()
        yield f"the last row, {row}, has {has} of {width} cells and no line end: the file is cut off, get the whole one"
    elif is_cut:
        yield f"the last row, {row}, has no line end; if the file was cut off there, get the whole one"
    if short:
        first, has = short[0]
        yield (
            f"rows with fewer cells than the header: {len(short)}, the first is row {first} with {has} of {width}; "
            "the others count as empty: look whether they were only left away, or a separator is missing"
        )


def _read_head(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="replace", newline="") as text:
        return text.read(HEAD)


def _clean_headers(names: list[str], file: str) -> list[str]:
    """Return the headers without outer spaces; an empty one becomes 'column N'."""
    stripped = [name.strip().removeprefix("\ufeff") for name in names]
    # Polars appends `_duplicated_0` to the second of two equal headers
    plain = [_AGAIN.sub("", name) for name in stripped]
    repeated = [name for name in plain if name and plain.count(name) > 1]
    if repeated:
        problem = "two columns have the same name"
        raise BadInput(Fault(problem, "give each a name of its own", file, column=repeated[0]))
    return [name or _name_unnamed(position) for position, name in enumerate(plain, 1)]


def _name_unnamed(position: int) -> str:
    return f"column {position}"


def headers_of(frame: pl.DataFrame) -> list[str]:
    """Return the headers of a table from `read_table`."""
    return [name for name in frame.columns if name != ROW]


def record_ids(frame: pl.DataFrame, roles: ColumnsByRole, name: str) -> pl.Series:
    """Return the record ids, otherwise row numbers; raises BadInput for a missing or repeated id."""
    if "id" not in roles:
        return (frame[ROW] - 1).cast(pl.String).alias("id")
    column = frame[roles["id"][0]].alias("id")
    is_wrong = column.is_null() | column.is_duplicated()
    if is_wrong.any():
        position = int(is_wrong.arg_true()[0])
        row = int(frame[ROW][position])
        problem = "the record id is missing"
        if column[position] is not None:
            other = int((column == column[position]).arg_true()[1])
            problem = f"the record id is in row {int(frame[ROW][other])} too"
        todo = "give every record an id of its own, or leave the column out: --map COLUMN="
        raise BadInput(Fault(problem, todo, name, row, roles["id"][0]))
    return column


def input_notes(frame: pl.DataFrame, roles: ColumnsByRole, unwanted: Set[str] = frozenset()) -> list[str]:
    """Return sentences that a user reads before trusting the result.

    They cover the role of each column, unused columns (except `unwanted`), missing rows, long names and unreadable
    dates.
    """
    sentences = [", ".join(f"{column} = {role}" for role, role_columns in roles.items() for column in role_columns)]
    if not len(frame):
        sentences.append("has a header and no rows, so nobody in it is compared; check whether it is the right file")
    used = {column for role_columns in roles.values() for column in role_columns} | unwanted
    unused = [column for column in headers_of(frame) if column not in used and frame[column].null_count() < len(frame)]
    if unused:
        sentences.append(f"not used: {', '.join(unused)}; to use one, --map COLUMN=KIND")
    for role in filter(roles.get, FOLDED):
        column = roles[role][0]
        long = frame.filter(pl.col(column).str.len_chars() > LONGEST)[ROW]
        if len(long):
            sentences.append(
                f"column {column}: longer than {LONGEST} letters: {len(long)}, the first in row {long[0]}; "
                "what is behind them is not read: check whether a cell holds one name"
            )
    dates = column_of_role(frame, roles, "birth_date").drop_nulls()
    unread = sum(birth_dates.iso(date) is None for date in dates)
    if unread:
        sentences.append(
            f"{unread} of {len(dates)} dates of birth cannot be read and count as not known; "
            "write 1990-05-12, 12.05.1990, 1990-05 or 1990"
        )
    return sentences
