"""Comparison columns of persons, derived from the columns of a file by their roles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import polars as pl

from kerege.base.processors import processor_count
from kerege.linkage.input import birth_dates, person_fields
from kerege.linkage.input.column_roles import ColumnsByRole
from kerege.linkage.input.person_fields import Row

TYPES: dict[str, pl.DataType] = {
    "birth_year": pl.Int64(),
    **dict.fromkeys(("given_forms", "family_forms", "documents", "contacts"), pl.List(pl.String())),
}
# number of distinct values from which on parallel processes are worthwhile
MANY = 60_000
BETWEEN = "\x1f"


def comparison_columns(frame: pl.DataFrame, roles: ColumnsByRole) -> pl.DataFrame:
    """Return the comparison columns (those of `person_fields.COLUMNS` with values), a row for each record."""
    parts = [
        *_names(frame, roles),
        _apply_to_column(_join_birth_dates(frame, roles), birth_dates.birth_columns),
        _apply_to_column(column_of_role(frame, roles, "sex"), partial(_derive_value, "sex", person_fields.sex)),
        _join_value_lists(frame, roles.get("document", []), "documents", person_fields.number),
        _join_value_lists(frame, roles.get("contact", []), "contacts", person_fields.contact),
        *_derive_address_columns(frame, roles),
    ]
    table = pl.concat([part for part in parts if part.width], how="horizontal")
    given, family = pl.col("given_key"), pl.col("family_key")
    starts = (part.str.slice(0, person_fields.START) for part in (given, family))
    table = table.with_columns(
        name_key=_join_alphabetically(given, family),
        name_start=_join_alphabetically(*starts),
        document=pl.col("documents").list.first(),
    )
    filled = [name for name in person_fields.COLUMNS if name in table.columns and table[name].null_count() < len(table)]
    # a table without usable values keeps its rows: files are concatenated and row numbers must not shift
    return table.select(filled or ["given"])


def _join_alphabetically(first: pl.Expr, second: pl.Expr) -> pl.Expr:
    both = pl.min_horizontal(first, second) + " " + pl.max_horizontal(first, second)
    return pl.when(first.is_not_null() & second.is_not_null()).then(both)


def column_of_role(frame: pl.DataFrame, roles: ColumnsByRole, role: str) -> pl.Series:
    """Return the first column of a role as text, without values when no column has it."""
    if role not in roles:
        return pl.Series(role, [None] * len(frame), pl.String)
    return frame[roles[role][0]].alias(role)


def _names(frame: pl.DataFrame, roles: ColumnsByRole) -> list[pl.DataFrame]:
    """Return the columns of the name parts; a separate column takes precedence over a whole name."""
    name_parts = _move_patronymics(
        pl.DataFrame([column_of_role(frame, roles, role) for role in ("given", "middle", "family")])
    )
    derivations = (person_fields.given_columns, person_fields.patronymic_columns, person_fields.family_columns)
    result = [
        _apply_to_column(name_parts[role], derive) for role, derive in zip(name_parts.columns, derivations, strict=True)
    ]
    if "full" not in roles:
        return result
    full_name = _apply_to_column(column_of_role(frame, roles, "full"), person_fields.full_columns)
    return [
        part.select(pl.coalesce(part[name], full_name[name]).alias(name) for name in part.columns) for part in result
    ]


def _move_patronymics(name_parts: pl.DataFrame) -> pl.DataFrame:
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


def _join_birth_dates(frame: pl.DataFrame, roles: ColumnsByRole) -> pl.Series:
    full_date = column_of_role(frame, roles, "birth_date")
    if "birth_year" not in roles:
        return full_date
    year, month, day = (column_of_role(frame, roles, role) for role in ("birth_year", "birth_month", "birth_day"))
    parted = pl.DataFrame([year, month, day]).select(
        pl.when(pl.col("birth_month").is_null())
        .then("birth_year")
        .when(pl.col("birth_day").is_null())
        .then(pl.concat_str("birth_year", "birth_month", separator="-"))
        .otherwise(pl.concat_str("birth_year", "birth_month", "birth_day", separator="-"))
        .alias("birth_date")
    )["birth_date"]
    return pl.select(pl.coalesce(full_date, parted)).to_series()


def _derive_address_columns(frame: pl.DataFrame, roles: ColumnsByRole) -> list[pl.DataFrame]:
    street = _apply_to_column(column_of_role(frame, roles, "street"), person_fields.street_columns)
    house = column_of_role(frame, roles, "house")
    if "house" in roles:
        house_column = _apply_to_column(house, partial(_derive_value, "house", person_fields.house))
        street = street.with_columns(house=pl.coalesce(house_column["house"], street["house"]))
    place = _apply_to_column(
        column_of_role(frame, roles, "place"), partial(_derive_value, "place", person_fields.place)
    )
    postcode = _apply_to_column(
        column_of_role(frame, roles, "postcode"), partial(_derive_value, "postcode", person_fields.postcode)
    )
    return [street, place, postcode]


def _apply_to_column(column: pl.Series, derive: Callable[[str], Row]) -> pl.DataFrame:
    """Apply `derive` to a column, once for each distinct value."""
    values = column.drop_nulls().unique(maintain_order=True)
    rows = _apply_to_values(values.to_list(), derive)
    names = list(derive("") if not rows else rows[0])
    columns = {name: _build_series([row[name] for row in rows], TYPES.get(name, pl.String())) for name in names}
    table = pl.DataFrame({"value": values, **columns}, schema_overrides={"value": pl.String})
    lookup = pl.DataFrame({"value": column}, schema={"value": pl.String})
    return lookup.join(table, on="value", how="left", maintain_order="left").select(names)


def _derive_value(name: str, derive: Callable[[str], str | None], text: str) -> Row:
    return {name: derive(text)}


def _derive_values(name: str, derive: Callable[[str], str | None], text: str) -> Row:
    return {name: person_fields.distinct_values(text.split(";"), derive)}


def _apply_to_values(values: list[str], derive: Callable[[str], Row]) -> list[Row]:
    """Apply `derive` to every value, in parallel processes from MANY values on."""
    if len(values) < MANY or processor_count() < 2:
        return list(map(derive, values))
    # spawn, not fork: Polars runs threads in the parent
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        return list(pool.map(derive, values, chunksize=10_000))


def _build_series(values: list[object], kind: pl.DataType) -> pl.Series:
    if kind != pl.List:
        return pl.Series(values, dtype=kind)
    # joining and splitting text is far faster than building a column from a million small Python lists
    texts = [BETWEEN.join(value) if isinstance(value, list) else None for value in values]
    return pl.Series(texts, dtype=pl.String).str.split(BETWEEN)


def _join_value_lists(
    frame: pl.DataFrame, columns: Sequence[str], name: str, derive: Callable[[str], str | None]
) -> pl.DataFrame:
    parts = [_apply_to_column(frame[column], partial(_derive_values, name, derive)) for column in columns]
    empty = pl.Series(name, [None] * len(frame), pl.List(pl.String))
    if not parts:
        return empty.to_frame()
    joined = pl.DataFrame({str(i): part[name].fill_null([]) for i, part in enumerate(parts)})
    lists = joined.select(pl.concat_list(pl.all()).list.unique(maintain_order=True).alias(name))
    return lists.select(pl.when(pl.col(name).list.len() > 0).then(name))
