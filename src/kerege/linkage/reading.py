"""Tables of persons as people keep them: which column is what, and the columns that the model compares."""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from importlib import resources
from multiprocessing import get_context
from pathlib import Path

import polars as pl

from kerege.linkage import fields
from kerege.linkage.fields import Row
from kerege.standard import cells
from kerege.standard.faults import BadInput, Fault

ROLES = (
    "id", "full", "given", "middle", "family", "birth_date", "birth_year", "birth_month", "birth_day", "sex",
    "document", "contact", "street", "house", "place", "postcode",
)  # fmt: skip
# a person may have several of these, in several columns or parted by semicolons
SEVERAL = ("document", "contact")
NAMING = frozenset({"full", "given", "family", "document"})
TYPES: dict[str, pl.DataType] = {
    "birth_year": pl.Int64(),
    **dict.fromkeys(("given_forms", "family_forms", "documents", "contacts"), pl.List(pl.String())),
}

# so many different values are worth starting processes for
MANY = 60_000
BETWEEN = "\x1f"

Mapped = dict[str, list[str]]
"""For each role the columns that hold it."""


def read(path: Path) -> pl.DataFrame:
    """A CSV or Parquet file, every value as text, headers and values without outer spaces."""
    if not path.is_file():
        raise BadInput(Fault("there is no such file", "look at the name of the file", str(path.name or path)))
    try:
        if path.suffix.lower() == ".parquet":
            frame = pl.read_parquet(path).select(pl.all().cast(pl.String, strict=False))
        else:
            frame = pl.read_csv(
                path, infer_schema_length=0, encoding="utf8", null_values=[""], separator=_separator(path)
            )
    except (OSError, pl.exceptions.PolarsError) as wrong:
        raise _no_table(path) from wrong
    if any("\ufffd" in name or "\0" in name for name in frame.columns):
        raise _no_table(path)  # what Excel calls Unicode text is no UTF-8
    names = [name.strip().removeprefix("\ufeff") for name in frame.columns]
    if len(set(names)) < len(names):
        raise BadInput(Fault("two columns have the same name", "give each a name of its own", path.name))
    frame.columns = names
    return frame.with_columns(pl.all().str.strip_chars().replace("", None))


def _no_table(path: Path) -> BadInput:
    todo = "give a Parquet file or a CSV in UTF-8 (in Excel: Save as, CSV UTF-8)"
    return BadInput(Fault("cannot be read as a table", todo, path.name))


def _separator(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as lines:
        return cells.separator(lines.readline())


def mapped(frame: pl.DataFrame, name: str, given: Mapping[str, str], id_column: str) -> Mapped:
    """Which column is what: as `given` (column to role), else by the header. Raises BadInput when nobody is named."""
    faults = [
        Fault("there is no such column", f"choose from {', '.join(frame.columns)}", name, column=column)
        for column in [*given, *([id_column] if id_column else [])]
        if column not in frame.columns
    ]
    faults += [
        Fault(f"{role} is no kind of column", f"choose from {', '.join(ROLES)}", name, column=column)
        for column, role in given.items()
        if role not in ROLES and role
    ]
    if faults:
        raise BadInput(faults)
    found: Mapped = {}
    for column in frame.columns:
        role = "id" if column == id_column else given.get(column, _role(column))
        if role and not (role == "id" and id_column and column != id_column):
            found.setdefault(role, []).append(column)
    found = {role: columns if role in SEVERAL else columns[:1] for role, columns in found.items()}
    if not NAMING & found.keys():
        what = f"no column names a person (columns: {', '.join(frame.columns)})"
        raise BadInput(Fault(what, "say which is which: --map COLUMN=given --map COLUMN=family ...", name))
    return found


@lru_cache
def headers() -> dict[str, str]:
    """Header as people write it, without spaces and signs, to role; in English, Russian, Kazakh and HTCDS."""
    text = (resources.files(__package__) / "data" / "headers.csv").read_text("utf-8")
    return {row["header"]: row["role"] for row in csv.DictReader(text.splitlines())}


def _role(column: str) -> str:
    plain = re.sub(r"[\W_]+", "", column.lower())
    return headers().get(plain) or headers().get(re.sub(r"\d+$", "", plain), "")


def ids(frame: pl.DataFrame, roles: Mapped, name: str) -> pl.Series:
    """The id of each record: its column, else the number of the row. Raises BadInput when it is missing or repeated."""
    if "id" not in roles:
        return pl.Series("id", range(1, len(frame) + 1), pl.Int64).cast(pl.String)
    column = frame[roles["id"][0]].alias("id")
    wrong = column.is_null() | column.is_duplicated()
    if wrong.any():
        row = int(wrong.arg_true()[0]) + 2
        what = "the record id is missing" if column[row - 2] is None else "the record id stands in another row too"
        todo = "give every record an id of its own, or leave the column out: --map COLUMN="
        raise BadInput(Fault(what, todo, name, row, roles["id"][0]))
    return column


def notes(frame: pl.DataFrame, roles: Mapped, name: str) -> list[str]:
    """What a person should know of a table before she believes the result: which column is what, and unread dates."""
    found = [f"{name}: " + ", ".join(f"{column} = {role}" for role, columns in roles.items() for column in columns)]
    dates = _one(frame, roles, "birth_date").drop_nulls()
    wrong = sum(fields.iso(date) is None for date in dates)
    if wrong:
        found.append(f"{name}: {wrong} of {len(dates)} dates of birth cannot be read and count as not known; "
                     "write 1990-05-12, 12.05.1990, 1990-05 or 1990")  # fmt: skip
    return found


def compared(frame: pl.DataFrame, roles: Mapped) -> pl.DataFrame:
    """The columns that the model compares (`fields.COLUMNS`, those that the table can fill), a row a record."""
    parts = [
        *_names(frame, roles),
        _by_value(_dates(frame, roles), fields.birth_columns),
        _by_value(_one(frame, roles, "sex"), partial(_as, "sex", fields.sex)),
        _lists(frame, roles.get("document", []), "documents", fields.number),
        _lists(frame, roles.get("contact", []), "contacts", fields.contact),
        *_address(frame, roles),
    ]
    table = pl.concat([part for part in parts if part.width], how="horizontal")
    given, family = pl.col("given_key"), pl.col("family_key")
    starts = (part.str.slice(0, fields.START) for part in (given, family))
    table = table.with_columns(
        name_key=_by_alphabet(given, family),
        name_start=_by_alphabet(*starts),
        document=pl.col("documents").list.first(),
    )
    filled = [name for name in fields.COLUMNS if name in table.columns and table[name].null_count() < len(table)]
    return table.select(filled)


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
    ways = (fields.given_columns, fields.patronymic_columns, fields.family_columns)
    found = [_by_value(told[role], way) for role, way in zip(told.columns, ways, strict=True)]
    if "full" not in roles:
        return found
    whole = _by_value(_one(frame, roles, "full"), fields.full_columns)
    return [part.select(pl.coalesce(part[name], whole[name]).alias(name) for name in part.columns) for part in found]


def _with_father(told: pl.DataFrame) -> pl.DataFrame:
    """The parts of names, with the father's name where a registrar wrote it behind another one."""
    several = pl.col("given").str.contains(r"\s") | pl.col("family").str.contains(r"\s")
    odd = told.select((pl.col("middle").is_null() & several).fill_null(value=False)).to_series()
    if not odd.any():
        return told
    moved = [fields.with_father(given or "", family or "") for given, _, family in told.filter(odd).iter_rows()]
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
    street = _by_value(_one(frame, roles, "street"), fields.street_columns)
    house = _one(frame, roles, "house")
    if "house" in roles:
        own = _by_value(house, partial(_as, "house", fields.house))
        street = street.with_columns(house=pl.coalesce(own["house"], street["house"]))
    place = _by_value(_one(frame, roles, "place"), partial(_as, "place", fields.place))
    postcode = _by_value(_one(frame, roles, "postcode"), partial(_as, "postcode", fields.postcode))
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
    return {name: fields.several(text.split(";"), way)}


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


def _lists(frame: pl.DataFrame, columns: Sequence[str], name: str, way: Callable[[str], str | None]) -> pl.DataFrame:
    parts = [_by_value(frame[column], partial(_as_list, name, way)) for column in columns]
    empty = pl.Series(name, [None] * len(frame), pl.List(pl.String))
    if not parts:
        return empty.to_frame()
    joined = pl.DataFrame({str(i): part[name].fill_null([]) for i, part in enumerate(parts)})
    lists = joined.select(pl.concat_list(pl.all()).list.unique(maintain_order=True).alias(name))
    return lists.select(pl.when(pl.col(name).list.len() > 0).then(name))
