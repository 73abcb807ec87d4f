"""Tables of persons as people keep them: which column is what, and the columns that the model compares."""

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
from kerege.linkage.input.column_roles import entry, is_vague, role_of
from kerege.linkage.input.input_errors import TOLD, ends_open, is_parquet, short_rows, why
from kerege.linkage.input.person_fields import Row
from kerege.linkage.names.folding import LONGEST

ROLES = (
    "id", "full", "given", "middle", "family", "birth_date", "birth_year", "birth_month", "birth_day", "sex",
    "document", "contact", "street", "house", "place", "postcode",
)  # fmt: skip
# a person may have several of these, in several columns or parted by semicolons
SEVERAL = ("document", "contact")
NAMING = frozenset({"full", "given", "family", "document"})
# what is folded, of which names read so many letters only
FOLDED = ("full", "given", "middle", "family", "street", "place")
# of the compared columns, those without which nobody is found
TELLING = ("given", "family", "patronymic", "documents", "contacts")
# a whole name, or the part of it that has no column of its own
NAME = frozenset({"name", "nom", "نام", "اسم", "الاسم"})
TYPES: dict[str, pl.DataType] = {
    "birth_year": pl.Int64(),
    **dict.fromkeys(("given_forms", "family_forms", "documents", "contacts"), pl.List(pl.String())),
}

# so many different values are worth starting processes for
MANY = 60_000
BETWEEN = "\x1f"
ROW = "\0row"
HEAD = 65_536
_AGAIN = re.compile(r"_duplicated_\d+$")

Mapped = dict[str, list[str]]
"""For each role the columns that hold it."""


Note = Callable[[str], None]
"""Who is told, in a sentence, what a person should know of a table before she believes the result."""


def unheard(_text: str) -> None:
    """Tell nobody."""


def read_table(path: Path, note: Note = unheard) -> pl.DataFrame:
    """Read a CSV or Parquet file, every value as text, headers and values without outer spaces, without empty rows.

    The number of each row, as a spreadsheet shows it, is the column ROW; `headers_of` are the others.
    """
    if fault := input_fault(path):
        raise BadInput(fault)
    head, parquet = _head(path), is_parquet(path)
    told = TOLD.match(head)
    separator = told[1] if told else csv_cells.separator(head)
    try:
        if parquet:
            frame = _as_text(pl.read_parquet(path), path.name)
        else:
            frame = pl.read_csv(
                path,
                infer_schema_length=0,
                encoding="utf8",
                null_values=[""],
                separator=separator,
                eol_char="\r" if "\r" in head and "\n" not in head else "\n",  # the former of an old Macintosh
                skip_lines=1 if told else 0,
            )
    except (OSError, pl.exceptions.PolarsError) as wrong:
        raise BadInput(why(path, separator)) from wrong
    if not any(map(str.strip, frame.columns)) or any("\ufffd" in name or "\0" in name for name in frame.columns):
        raise BadInput(why(path, separator))  # what Excel calls Unicode text is no UTF-8
    frame.columns = _headers(frame.columns, path.name)
    frame = frame.with_columns(pl.all().str.strip_chars().replace("", None))
    empty = pl.all_horizontal(pl.exclude(ROW).is_null())
    frame = frame.with_columns(pl.int_range(2, pl.len() + 2, dtype=pl.UInt32).alias(ROW)).filter(~empty)
    if not parquet and len(frame):
        for text in _gaps(frame, path, separator):
            note(text)
    return frame


def _as_text(frame: pl.DataFrame, file: str) -> pl.DataFrame:
    """The values of a Parquet file as text."""
    texts, faults = [], []
    for column in frame:
        try:
            texts.append(column.cast(pl.String, strict=False))
        except pl.exceptions.PolarsError:
            what, todo = "holds lists or signs that are no text", "write it as text, several values parted by ;"
            faults.append(Fault(what, todo, file, column=column.name))
    if faults:
        raise BadInput(faults)
    return pl.DataFrame(texts)


def _gaps(frame: pl.DataFrame, path: Path, separator: str) -> Iterator[str]:
    """Rows with fewer cells than the header, and a last one that may be cut off."""
    headers = headers_of(frame)
    last = max((place for place, name in enumerate(headers, 1) if name != _unnamed(place)), default=len(headers))
    # where the last column is filled no row lacks a cell
    full = frame[headers[last - 1]].null_count() == 0
    few = [] if full else list(short_rows(path, separator, last))
    row, cut = int(frame[ROW][-1]), ends_open(path)
    if cut and few and few[-1][0] == row:
        _, has = few.pop()
        yield f"the last row, {row}, has {has} of {last} cells and no line end: the file is cut off, get the whole one"
    elif cut:
        yield f"the last row, {row}, has no line end; if the file was cut off there, get the whole one"
    if few:
        first, has = few[0]
        yield (
            f"rows with fewer cells than the header: {len(few)}, the first is row {first} with {has} of {last}; "
            "the others count as empty: look whether they were only left away, or a separator is missing"
        )


def _head(path: Path) -> str:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        return text.read(HEAD)


def _headers(names: list[str], file: str) -> list[str]:
    """The headers without outer spaces; a column without one is called by its place."""
    found = [name.strip().removeprefix("\ufeff") for name in names]
    # of two equal headers Polars writes `_duplicated_0` behind the second
    plain = [_AGAIN.sub("", name) for name in found]
    twice = [name for name in plain if name and plain.count(name) > 1]
    if twice:
        what = "two columns have the same name"
        raise BadInput(Fault(what, "give each a name of its own", file, column=twice[0]))
    return [name or _unnamed(place) for place, name in enumerate(plain, 1)]


def _unnamed(place: int) -> str:
    return f"column {place}"


def headers_of(frame: pl.DataFrame) -> list[str]:
    """The headers of a file that was read."""
    return [name for name in frame.columns if name != ROW]


def column_told(text: str, path: Path, frame: pl.DataFrame) -> str | None:
    """The column of a file that is meant by `COLUMN` or `FILE:COLUMN`, if it has it."""
    there = headers_of(frame)
    if text in there:
        return text
    behind = (text[len(name) + 1 :] for name in (str(path), path.name, path.stem) if text.startswith(f"{name}:"))
    return next((column for column in behind if column in there), None)


def told_of(told: Mapping[str, str], path: Path, frame: pl.DataFrame) -> dict[str, str]:
    """What was told of the columns of this file; what was told with its name counts before what was told of all."""
    all_first = sorted(told, key=lambda text: text not in frame.columns)
    return {column: told[text] for text in all_first if (column := column_told(text, path, frame)) is not None}


def mapped(frame: pl.DataFrame, name: str, given: Mapping[str, str], id_column: str) -> Mapped:
    """Which column is what: as `given` (column to role), else by the header. Raises BadInput when nobody is named."""
    told = {**given, id_column: "id"} if id_column else dict(given)
    _check_told(told, frame, name)
    columns = headers_of(frame)
    surest_first = sorted(columns, key=is_vague)
    by_header = _by_role({column: _role_here(frame[column]) for column in surest_first if column not in told})
    told_roles = _by_role({column: told[column] for column in columns if column in told})
    if "birth_day" in by_header and not {"birth_date", "birth_year"} & (by_header.keys() | told_roles.keys()):
        by_header["birth_date"] = by_header.pop("birth_day")  # `birthday` alone is a whole date
    if part := _part_of_name(frame, by_header, {**by_header, **told_roles}):
        by_header[part] = by_header.pop("full")
    # what a person says of one column is believed before what the header of another one says
    found = {**by_header, **told_roles}
    for role in SEVERAL:
        if role in found:
            either = [*by_header.get(role, []), *told_roles.get(role, [])]
            found[role] = [column for column in columns if column in either]
    found = {role: several if role in SEVERAL else several[:1] for role, several in found.items()}
    if not NAMING & found.keys():
        # where no header is known the first row may be a person, whom a fault does not repeat
        listed = f"columns: {', '.join(columns)}" if found else "the first row may be no header"
        what = f"no column names a person ({listed})"
        raise BadInput(Fault(what, "say which is which: --map COLUMN=given --map COLUMN=family ...", name))
    return found


def _by_role(roles: Mapping[str, str]) -> Mapped:
    found: Mapped = {}
    for column, role in roles.items():
        if role:
            found.setdefault(role, []).append(column)
    return found


def _role_here(column: pl.Series) -> str:
    """What a header says; a number of the list or a code is an id only where each record has one of its own."""
    role = role_of(column.name)
    own = role != "id" or not is_vague(column.name) or not (column.is_null() | column.is_duplicated()).any()
    return role if own else ""


def _part_of_name(frame: pl.DataFrame, by_header: Mapped, roles: Mapped) -> str:
    """Which part `name` is: the one that has no column, beside a column of the other that `name` does not repeat."""
    parts = [role for role in ("given", "family") if role in roles]
    if len(parts) != 1 or [entry(column) in NAME for column in by_header.get("full", [])] != [True]:
        return ""
    name, part = (pl.col(roles[role][0]).str.to_lowercase() for role in ("full", *parts))
    repeats = frame.select(name.str.contains(part, literal=True).drop_nulls()).to_series()
    if not len(repeats) or 2 * int(repeats.sum()) >= len(repeats):
        return ""
    return "given" if parts == ["family"] else "family"


def _check_told(told: Mapping[str, str], frame: pl.DataFrame, name: str) -> None:
    columns = headers_of(frame)
    faults = [
        Fault("there is no such column", f"choose from {', '.join(columns)}", name, column=column)
        for column in told
        if column not in columns
    ]
    faults += [
        Fault(f"{role} is no kind of column", f"choose from {', '.join(ROLES)}", name, column=column)
        for column, role in told.items()
        if role not in ROLES and role
    ]
    faults += [
        Fault(f"is told to be {role}, and so is {several[0]}", "say it of one of them", name, column=several[1])
        for role, several in _by_role(told).items()
        if role not in SEVERAL and len(several) > 1
    ]
    if faults:
        raise BadInput(faults)


def ids(frame: pl.DataFrame, roles: Mapped, name: str) -> pl.Series:
    """The id of each record: its column, else the number of the row. Raises BadInput when it is missing or repeated."""
    if "id" not in roles:
        return (frame[ROW] - 1).cast(pl.String).alias("id")
    column = frame[roles["id"][0]].alias("id")
    wrong = column.is_null() | column.is_duplicated()
    if wrong.any():
        place = int(wrong.arg_true()[0])
        row = int(frame[ROW][place])
        what = "the record id is missing"
        if column[place] is not None:
            other = int((column == column[place]).arg_true()[1])
            what = f"the record id stands in row {int(frame[ROW][other])} too"
        todo = "give every record an id of its own, or leave the column out: --map COLUMN="
        raise BadInput(Fault(what, todo, name, row, roles["id"][0]))
    return column


def notes(frame: pl.DataFrame, roles: Mapped, unwanted: Set[str] = frozenset()) -> list[str]:
    """What a person should know of a table before she believes the result.

    Which column is what, which ones are not used though nobody said so (`unwanted`), no rows, long names, unread dates.
    """
    found = [", ".join(f"{column} = {role}" for role, several in roles.items() for column in several)]
    if not len(frame):
        found.append("has a header and no rows, so nobody in it is compared; look whether it is the right file")
    used = {column for several in roles.values() for column in several} | unwanted
    idle = [column for column in headers_of(frame) if column not in used and frame[column].null_count() < len(frame)]
    if idle:
        found.append(f"not used: {', '.join(idle)}; to use one, --map COLUMN=KIND")
    for role in filter(roles.get, FOLDED):
        column = roles[role][0]
        long = frame.filter(pl.col(column).str.len_chars() > LONGEST)[ROW]
        if len(long):
            found.append(
                f"column {column}: longer than {LONGEST} letters: {len(long)}, the first in row {long[0]}; "
                "what is behind them is not read: look whether a cell holds one name"
            )
    told = _one(frame, roles, "birth_date").drop_nulls()
    wrong = sum(birth_dates.iso(date) is None for date in told)
    if wrong:
        found.append(
            f"{wrong} of {len(told)} dates of birth cannot be read and count as not known; "
            "write 1990-05-12, 12.05.1990, 1990-05 or 1990"
        )
    return found


def compared(frame: pl.DataFrame, roles: Mapped) -> pl.DataFrame:
    """The columns that the model compares (`person_fields.COLUMNS`, those that the table can fill), a row a record."""
    parts = [
        *_names(frame, roles),
        _by_value(_dates(frame, roles), birth_dates.birth_columns),
        _by_value(_one(frame, roles, "sex"), partial(_as, "sex", person_fields.sex)),
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
    # a table of which nothing can be read still has its rows: one under another, none may be lost
    return table.select(filled or ["given"])


def _by_alphabet(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    both = pl.min_horizontal(one, two) + " " + pl.max_horizontal(one, two)
    return pl.when(one.is_not_null() & two.is_not_null()).then(both)


def _one(frame: pl.DataFrame, roles: Mapped, role: str) -> pl.Series:
    if role not in roles:
        return pl.Series(role, [None] * len(frame), pl.String)
    return frame[roles[role][0]].alias(role)


def _names(frame: pl.DataFrame, roles: Mapped) -> list[pl.DataFrame]:
    """The columns of the three parts of a name; what has a column of its own is believed before a whole name."""
    told = _with_father(pl.DataFrame([_one(frame, roles, role) for role in ("given", "middle", "family")]))
    ways = (person_fields.given_columns, person_fields.patronymic_columns, person_fields.family_columns)
    found = [_by_value(told[role], way) for role, way in zip(told.columns, ways, strict=True)]
    if "full" not in roles:
        return found
    whole = _by_value(_one(frame, roles, "full"), person_fields.full_columns)
    return [part.select(pl.coalesce(part[name], whole[name]).alias(name) for name in part.columns) for part in found]


def _with_father(told: pl.DataFrame) -> pl.DataFrame:
    """The parts of names, with the father's name where a registrar wrote it behind another one."""
    several = pl.col("given").str.contains(r"\s") | pl.col("family").str.contains(r"\s")
    odd = told.select((pl.col("middle").is_null() & several).fill_null(value=False)).to_series()
    if not odd.any():
        return told
    moved = [person_fields.with_father(given or "", family or "") for given, _, family in told.filter(odd).iter_rows()]
    columns = {
        name: [part or None for part in parts]
        for name, parts in zip(told.columns, zip(*moved, strict=True), strict=True)
    }
    rows = pl.DataFrame(columns, schema=told.schema).with_columns(row=odd.arg_true())
    numbered = told.with_columns(row=pl.int_range(pl.len(), dtype=pl.UInt32))
    return pl.concat([numbered.filter(~odd), rows.cast({"row": pl.UInt32})]).sort("row").drop("row")


def _dates(frame: pl.DataFrame, roles: Mapped) -> pl.Series:
    whole = _one(frame, roles, "birth_date")
    if "birth_year" not in roles:
        return whole
    year, month, day = (_one(frame, roles, role) for role in ("birth_year", "birth_month", "birth_day"))
    parted = pl.DataFrame([year, month, day]).select(
        pl.when(pl.col("birth_month").is_null())
        .then("birth_year")
        .when(pl.col("birth_day").is_null())
        .then(pl.concat_str("birth_year", "birth_month", separator="-"))
        .otherwise(pl.concat_str("birth_year", "birth_month", "birth_day", separator="-"))
        .alias("birth_date")
    )["birth_date"]
    return pl.select(pl.coalesce(whole, parted)).to_series()


def _address(frame: pl.DataFrame, roles: Mapped) -> list[pl.DataFrame]:
    street = _by_value(_one(frame, roles, "street"), person_fields.street_columns)
    house = _one(frame, roles, "house")
    if "house" in roles:
        own = _by_value(house, partial(_as, "house", person_fields.house))
        street = street.with_columns(house=pl.coalesce(own["house"], street["house"]))
    place = _by_value(_one(frame, roles, "place"), partial(_as, "place", person_fields.place))
    postcode = _by_value(_one(frame, roles, "postcode"), partial(_as, "postcode", person_fields.postcode))
    return [street, place, postcode]


def _by_value(column: pl.Series, way: Callable[[str], Row]) -> pl.DataFrame:
    """What `way` makes of a column, worked out once for each different value."""
    values = column.drop_nulls().unique(maintain_order=True)
    made = _each(values.to_list(), way)
    names = list(way("") if not made else made[0])
    columns = {name: _series([row[name] for row in made], TYPES.get(name, pl.String())) for name in names}
    table = pl.DataFrame({"told": values, **columns}, schema_overrides={"told": pl.String})
    told = pl.DataFrame({"told": column}, schema={"told": pl.String})
    return told.join(table, on="told", how="left", maintain_order="left").select(names)


def _as(name: str, way: Callable[[str], str | None], text: str) -> Row:
    return {name: way(text)}


def _as_list(name: str, way: Callable[[str], str | None], text: str) -> Row:
    return {name: person_fields.several(text.split(";"), way)}


def _each(values: list[str], way: Callable[[str], Row]) -> list[Row]:
    """`way` of every value, on all processors where there are very many."""
    if len(values) < MANY or (os.cpu_count() or 1) < 2:
        return list(map(way, values))
    # started anew, not forked: the parent has threads of Polars
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(pool.map(way, values, chunksize=10_000))


def _series(values: list[object], kind: pl.DataType) -> pl.Series:
    if kind != pl.List:
        return pl.Series(values, dtype=kind)
    # a million small lists of Python become a column far faster as text
    texts = [BETWEEN.join(value) if isinstance(value, list) else None for value in values]
    return pl.Series(texts, dtype=pl.String).str.split(BETWEEN)


def _lists(frame: pl.DataFrame, several: Sequence[str], name: str, way: Callable[[str], str | None]) -> pl.DataFrame:
    parts = [_by_value(frame[column], partial(_as_list, name, way)) for column in several]
    empty = pl.Series(name, [None] * len(frame), pl.List(pl.String))
    if not parts:
        return empty.to_frame()
    joined = pl.DataFrame({str(i): part[name].fill_null([]) for i, part in enumerate(parts)})
    lists = joined.select(pl.concat_list(pl.all()).list.unique(maintain_order=True).alias(name))
    return lists.select(pl.when(pl.col(name).list.len() > 0).then(name))
