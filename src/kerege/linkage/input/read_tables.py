"""Reading of person tables: roles of the columns, record ids, comparison columns."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from kerege.base import csv_cells
from kerege.base.errors import BadInput, Fault
from kerege.base.files import input_fault
from kerege.linkage.input import birth_dates, person_fields
from kerege.linkage.input.column_roles import header_key, is_vague, role_of
from kerege.linkage.input.input_errors import SEPARATOR_LINE, diagnose, is_parquet, lacks_line_end, short_rows
from kerege.linkage.input.person_fields import Row
from kerege.linkage.names.folding import LONGEST

ROLES = (
    "id", "full", "given", "middle", "family", "birth_date", "birth_year", "birth_month", "birth_day", "sex",
    "document", "contact", "street", "house", "place", "postcode",
)  # fmt: skip
# roles with several values per person, in several columns or separated by semicolons
SEVERAL = ("document", "contact")
# roles of which a table needs at least one
NAMING_ROLES = frozenset({"full", "given", "family", "document"})
# folded roles, for which `names.folding` reads at most LONGEST letters
FOLDED = ("full", "given", "middle", "family", "street", "place")
# comparison columns of which a record needs at least one to be in a candidate pair
LINKING_COLUMNS = ("given", "family", "patronymic", "documents", "contacts")
# headers of a whole name, or of the part of a name without another column
NAME = frozenset({"name", "nom", "نام", "اسم", "الاسم"})
TYPES: dict[str, pl.DataType] = {
    "birth_year": pl.Int64(),
    **dict.fromkeys(("given_forms", "family_forms", "documents", "contacts"), pl.List(pl.String())),
}

# number of distinct values from which on parallel processes are worthwhile
MANY = 60_000
BETWEEN = "\x1f"
ROW = "\0row"
HEAD = 65_536
_AGAIN = re.compile(r"_duplicated_\d+$")

ColumnsByRole = dict[str, list[str]]
"""Columns by role."""


Note = Callable[[str], None]
"""Receiver of a sentence that a user reads before trusting the result."""


def ignore_note(_text: str) -> None:
    """Ignore the note."""


def read_table(path: Path, note: Note = ignore_note) -> pl.DataFrame:
    """Read a CSV or Parquet file of persons; every value becomes text without outer spaces.

    Parameters
    ----------
    path : Path
        CSV in UTF-8 with any usual separator, or Parquet; the first line holds the headers.
    note : function of str, optional
        Receives sentences on truncated and short rows. Default: they are dropped.

    Returns
    -------
    DataFrame
        One row for each record; empty rows are dropped. The column ROW holds the number of each row as a spreadsheet
        shows it; `headers_of` returns the others.

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
    head, is_parquet_file = _head(path), is_parquet(path)
    separator_line = SEPARATOR_LINE.match(head)
    separator = separator_line[1] if separator_line else csv_cells.separator(head)
    try:
        if is_parquet_file:
            frame = _as_text(pl.read_parquet(path), path.name)
        else:
            frame = pl.read_csv(
                path,
                infer_schema_length=0,
                encoding="utf8",
                null_values=[""],
                separator=separator,
                eol_char="\r" if "\r" in head and "\n" not in head else "\n",  # \r ends lines on old Macintosh systems
                skip_lines=1 if separator_line else 0,
            )
    except (OSError, pl.exceptions.PolarsError) as wrong:
        raise BadInput(diagnose(path, separator)) from wrong
    if not any(map(str.strip, frame.columns)) or any("\ufffd" in name or "\0" in name for name in frame.columns):
        raise BadInput(diagnose(path, separator))  # UTF-16, which Excel calls Unicode text
    frame.columns = _headers(frame.columns, path.name)
    frame = frame.with_columns(pl.all().str.strip_chars().replace("", None))
    is_empty = pl.all_horizontal(pl.exclude(ROW).is_null())
    frame = frame.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(ROW)).filter(~is_empty)
    if not is_parquet_file and len(frame):
        for text in _row_notes(frame, path, separator):
            note(text)
    return frame


def _as_text(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """Cast the columns of a Parquet file to text."""
    texts, faults = [], []
    for column in frame:
        try:
            texts.append(column.cast(pl.String, strict=False))
        except pl.exceptions.PolarsError:
            problem, todo = "holds lists or signs that are no text", "write it as text, several values parted by ;"
            faults.append(Fault(problem, todo, file, column=column.name))
    if faults:
        raise BadInput(faults)
    return pl.DataFrame(texts)


def _row_notes(frame: pl.DataFrame, path: Path, separator: str) -> Iterator[str]:
    """Yield notes on rows with fewer cells than the header and on a truncated last row."""
    headers = headers_of(frame)
    width = max(
        (position for position, name in enumerate(headers, 1) if name != _unnamed(position)), default=len(headers)
    )
    # a complete last column proves that no row lacks a cell
    is_full = frame[headers[width - 1]].null_count() == 0
    short = [] if is_full else list(short_rows(path, separator, width))
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


def _head(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        return text.read(HEAD)


def _headers(names: list[str], file: str) -> list[str]:
    """Return the headers without outer spaces; an empty one becomes 'column N'."""
    stripped = [name.strip().removeprefix("\ufeff") for name in names]
    # Polars appends `_duplicated_0` to the second of two equal headers
    plain = [_AGAIN.sub("", name) for name in stripped]
    repeated = [name for name in plain if name and plain.count(name) > 1]
    if repeated:
        problem = "two columns have the same name"
        raise BadInput(Fault(problem, "give each a name of its own", file, column=repeated[0]))
    return [name or _unnamed(position) for position, name in enumerate(plain, 1)]


def _unnamed(position: int) -> str:
    return f"column {position}"


def headers_of(frame: pl.DataFrame) -> list[str]:
    """Return the headers of a table from `read_table`."""
    return [name for name in frame.columns if name != ROW]


def find_column(text: str, path: Path, frame: pl.DataFrame) -> str | None:
    """Return the column that `COLUMN` or `FILE:COLUMN` names in this file; None if there is none."""
    headers = headers_of(frame)
    if text in headers:
        return text
    columns = (text[len(name) + 1 :] for name in (str(path), path.name, path.stem) if text.startswith(f"{name}:"))
    return next((column for column in columns if column in headers), None)


def roles_of_file(given: Mapping[str, str], path: Path, frame: pl.DataFrame) -> dict[str, str]:
    """Return the roles given for columns of this file; `FILE:COLUMN` takes precedence over `COLUMN`."""
    names = sorted(given, key=lambda text: text not in frame.columns)
    return {column: given[text] for text in names if (column := find_column(text, path, frame)) is not None}


def assign_roles(frame: pl.DataFrame, name: str, given: Mapping[str, str], id_column: str) -> ColumnsByRole:
    """Return the columns by role: as `given` (column to role), otherwise by their header.

    Raises BadInput if no column names a person, or if `given` is inconsistent.
    """
    given_roles = {**given, id_column: "id"} if id_column else dict(given)
    _check_given_roles(given_roles, frame, name)
    columns = headers_of(frame)
    by_precision = sorted(columns, key=is_vague)
    by_header = _by_role({column: _header_role(frame[column]) for column in by_precision if column not in given_roles})
    explicit_roles = _by_role({column: given_roles[column] for column in columns if column in given_roles})
    if "birth_day" in by_header and not {"birth_date", "birth_year"} & (by_header.keys() | explicit_roles.keys()):
        by_header["birth_date"] = by_header.pop("birth_day")  # without year columns, `birthday` is a whole date
    if part := _part_of_name(frame, by_header, {**by_header, **explicit_roles}):
        by_header[part] = by_header.pop("full")
    # roles given by the user take precedence over headers
    result = {**by_header, **explicit_roles}
    for role in SEVERAL:
        if role in result:
            role_columns = [*by_header.get(role, []), *explicit_roles.get(role, [])]
            result[role] = [column for column in columns if column in role_columns]
    result = {role: names if role in SEVERAL else names[:1] for role, names in result.items()}
    if not NAMING_ROLES & result.keys():
        # without a known header the first row can be a person: the message must not repeat it
        seen = f"columns: {', '.join(columns)}" if result else "the first row may be no header"
        problem = f"no column names a person ({seen})"
        raise BadInput(Fault(problem, "say which is which: --map COLUMN=given --map COLUMN=family ...", name))
    return result


def _by_role(roles: Mapping[str, str]) -> ColumnsByRole:
    columns: ColumnsByRole = {}
    for column, role in roles.items():
        if role:
            columns.setdefault(role, []).append(column)
    return columns


def _header_role(column: pl.Series) -> str:
    """Return the role of a header; a vague one is an id only if its values are complete and unique."""
    role = role_of(column.name)
    is_usable = role != "id" or not is_vague(column.name) or not (column.is_null() | column.is_duplicated()).any()
    return role if is_usable else ""


def _part_of_name(frame: pl.DataFrame, by_header: ColumnsByRole, roles: ColumnsByRole) -> str:
    """Return the role that a column `name` has beside a column of the other part of the name.

    '' if both parts have a column, or if the values of `name` mostly contain the other part.
    """
    parts = [role for role in ("given", "family") if role in roles]
    if len(parts) != 1 or [header_key(column) in NAME for column in by_header.get("full", [])] != [True]:
        return ""
    name, part = (pl.col(roles[role][0]).str.to_lowercase() for role in ("full", *parts))
    repeats = frame.select(name.str.contains(part, literal=True).drop_nulls()).to_series()
    if not len(repeats) or 2 * int(repeats.sum()) >= len(repeats):
        return ""
    return "given" if parts == ["family"] else "family"


def _check_given_roles(given: Mapping[str, str], frame: pl.DataFrame, name: str) -> None:
    columns = headers_of(frame)
    faults = [
        Fault("there is no such column", f"choose from {', '.join(columns)}", name, column=column)
        for column in given
        if column not in columns
    ]
    faults += [
        Fault(f"{role} is no kind of column", f"choose from {', '.join(ROLES)}", name, column=column)
        for column, role in given.items()
        if role not in ROLES and role
    ]
    faults += [
        Fault(
            f"is named as {role}, and so is {role_columns[0]}", "name only one of them so", name, column=role_columns[1]
        )
        for role, role_columns in _by_role(given).items()
        if role not in SEVERAL and len(role_columns) > 1
    ]
    if faults:
        raise BadInput(faults)


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
            problem = f"the record id stands in row {int(frame[ROW][other])} too"
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
        sentences.append("has a header and no rows, so nobody in it is compared; look whether it is the right file")
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
                "what is behind them is not read: look whether a cell holds one name"
            )
    dates = _column_of_role(frame, roles, "birth_date").drop_nulls()
    unread = sum(birth_dates.iso(date) is None for date in dates)
    if unread:
        sentences.append(
            f"{unread} of {len(dates)} dates of birth cannot be read and count as not known; "
            "write 1990-05-12, 12.05.1990, 1990-05 or 1990"
        )
    return sentences


def comparison_columns(frame: pl.DataFrame, roles: ColumnsByRole) -> pl.DataFrame:
    """Return the comparison columns (those of `person_fields.COLUMNS` with values), a row for each record."""
    parts = [
        *_names(frame, roles),
        _apply_to_column(_dates(frame, roles), birth_dates.birth_columns),
        _apply_to_column(_column_of_role(frame, roles, "sex"), partial(_as, "sex", person_fields.sex)),
        _lists(frame, roles.get("document", []), "documents", person_fields.number),
        _lists(frame, roles.get("contact", []), "contacts", person_fields.contact),
        *_address(frame, roles),
    ]
    table = pl.concat([part for part in parts if part.width], how="horizontal")
    given, family = pl.col("given_key"), pl.col("family_key")
    starts = (part.str.slice(0, person_fields.START) for part in (given, family))
    table = table.with_columns(
        name_key=_by_alphabet(given, family),
        name_start=_by_alphabet(*starts),
        document=pl.col("documents").list.first(),
    )
    filled = [name for name in person_fields.COLUMNS if name in table.columns and table[name].null_count() < len(table)]
    # a table without usable values keeps its rows: files are concatenated and row numbers must not shift
    return table.select(filled or ["given"])


def _by_alphabet(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    both = pl.min_horizontal(first, second) + " " + pl.max_horizontal(first, second)
    return pl.when(first.is_not_null() & second.is_not_null()).then(both)


def _column_of_role(frame: pl.DataFrame, roles: ColumnsByRole, role: str) -> pl.Series:
    if role not in roles:
        return pl.Series(role, [None] * len(frame), pl.String)
    return frame[roles[role][0]].alias(role)


def _names(frame: pl.DataFrame, roles: ColumnsByRole) -> list[pl.DataFrame]:
    """Return the columns of the name parts; a separate column takes precedence over a whole name."""
    name_parts = _with_father(
        pl.DataFrame([_column_of_role(frame, roles, role) for role in ("given", "middle", "family")])
    )
    derivations = (person_fields.given_columns, person_fields.patronymic_columns, person_fields.family_columns)
    result = [
        _apply_to_column(name_parts[role], derive) for role, derive in zip(name_parts.columns, derivations, strict=True)
    ]
    if "full" not in roles:
        return result
    full_name = _apply_to_column(_column_of_role(frame, roles, "full"), person_fields.full_columns)
    return [
        part.select(pl.coalesce(part[name], full_name[name]).alias(name) for name in part.columns) for part in result
    ]


def _with_father(name_parts: pl.DataFrame) -> pl.DataFrame:
    """Return the name parts, with patronymics moved out of the columns of the other names."""
    has_two_words = pl.col("given").str.contains(r"\s") | pl.col("family").str.contains(r"\s")
    is_candidate = name_parts.select((pl.col("middle").is_null() & has_two_words).fill_null(value=False)).to_series()
    if not is_candidate.any():
        return name_parts
    moved = [
        person_fields.with_father(given or "", family or "")
        for given, _, family in name_parts.filter(is_candidate).iter_rows()
    ]
    columns = {
        name: [part or None for part in parts]
        for name, parts in zip(name_parts.columns, zip(*moved, strict=True), strict=True)
    }
    rows = pl.DataFrame(columns, schema=name_parts.schema).with_columns(row=is_candidate.arg_true())
    numbered = name_parts.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))
    return pl.concat([numbered.filter(~is_candidate), rows.cast({"row": pl.UInt32})]).sort("row").drop("row")


def _dates(frame: pl.DataFrame, roles: ColumnsByRole) -> pl.Series:
    full_date = _column_of_role(frame, roles, "birth_date")
    if "birth_year" not in roles:
        return full_date
    year, month, day = (_column_of_role(frame, roles, role) for role in ("birth_year", "birth_month", "birth_day"))
    parted = pl.DataFrame([year, month, day]).select(
        pl.when(pl.col("birth_month").is_null())
        .then("birth_year")
        .when(pl.col("birth_day").is_null())
        .then(pl.concat_str("birth_year", "birth_month", separator="-"))
        .otherwise(pl.concat_str("birth_year", "birth_month", "birth_day", separator="-"))
        .alias("birth_date")
    )["birth_date"]
    return pl.select(pl.coalesce(full_date, parted)).to_series()


def _address(frame: pl.DataFrame, roles: ColumnsByRole) -> list[pl.DataFrame]:
    street = _apply_to_column(_column_of_role(frame, roles, "street"), person_fields.street_columns)
    house = _column_of_role(frame, roles, "house")
    if "house" in roles:
        house_column = _apply_to_column(house, partial(_as, "house", person_fields.house))
        street = street.with_columns(house=pl.coalesce(house_column["house"], street["house"]))
    place = _apply_to_column(_column_of_role(frame, roles, "place"), partial(_as, "place", person_fields.place))
    postcode = _apply_to_column(
        _column_of_role(frame, roles, "postcode"), partial(_as, "postcode", person_fields.postcode)
    )
    return [street, place, postcode]


def _apply_to_column(column: pl.Series, derive: Callable[[str], Row]) -> pl.DataFrame:
    """Apply `derive` to a column, once for each distinct value."""
    values = column.drop_nulls().unique(maintain_order=True)
    rows = _apply_to_values(values.to_list(), derive)
    names = list(derive("") if not rows else rows[0])
    columns = {name: _series([row[name] for row in rows], TYPES.get(name, pl.String())) for name in names}
    table = pl.DataFrame({"value": values, **columns}, schema_overrides={"value": pl.String})
    lookup = pl.DataFrame({"value": column}, schema={"value": pl.String})
    return lookup.join(table, on="value", how="left", maintain_order="left").select(names)


def _as(name: str, derive: Callable[[str], str | None], text: str) -> Row:
    return {name: derive(text)}


def _as_list(name: str, derive: Callable[[str], str | None], text: str) -> Row:
    return {name: person_fields.distinct_values(text.split(";"), derive)}


def _apply_to_values(values: list[str], derive: Callable[[str], Row]) -> list[Row]:
    """Apply `derive` to every value, in parallel processes from MANY values on."""
    if len(values) < MANY or (os.cpu_count() or 1) < 2:
        return list(map(derive, values))
    # spawn, not fork: Polars runs threads in the parent
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(pool.map(derive, values, chunksize=10_000))


def _series(values: list[object], kind: pl.DataType) -> pl.Series:
    if kind != pl.List:
        return pl.Series(values, dtype=kind)
    # joining and splitting text is far faster than building a column from a million small Python lists
    texts = [BETWEEN.join(value) if isinstance(value, list) else None for value in values]
    return pl.Series(texts, dtype=pl.String).str.split(BETWEEN)


def _lists(frame: pl.DataFrame, columns: Sequence[str], name: str, derive: Callable[[str], str | None]) -> pl.DataFrame:
    parts = [_apply_to_column(frame[column], partial(_as_list, name, derive)) for column in columns]
    empty = pl.Series(name, [None] * len(frame), pl.List(pl.String))
    if not parts:
        return empty.to_frame()
    joined = pl.DataFrame({str(i): part[name].fill_null([]) for i, part in enumerate(parts)})
    lists = joined.select(pl.concat_list(pl.all()).list.unique(maintain_order=True).alias(name))
    return lists.select(pl.when(pl.col(name).list.len() > 0).then(name))
