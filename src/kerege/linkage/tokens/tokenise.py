"""From the columns that the model compares to keyed tokens: what two agencies can compare without telling a name.

A token is the first 64 bits of HMAC-SHA256(key, field, value) of a value that was folded before: hashing first and
folding later loses a third of the links. Fields that the model compares with one another share a field name, all others
do not: that a family name equals somebody's given name stays unknown.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from kerege.linkage.tokens import frequent_names

LENGTH = 8  # bytes of a token: two different values share one by chance once in 10^19 pairs
# years fall into two rows of buckets that overlap by half: years up to 2 apart always share one
BUCKET = 4

# parts of a name that stand in tokens together with something rarer, so that no rank gives a common one away
TOGETHER = {
    "name": ("given", "family"),
    "given_year": ("given_key", "birth_year"),
    "family_year": ("family_key", "birth_year"),
    "patronymic_year": ("patronymic_key", "birth_year"),
}
PLAIN = (
    "given", "given_key", "given_forms", "given_known", "family", "family_key", "patronymic", "patronymic_key",
    "name_key", "birth_date", "birth_year", "birth_day", "birth_turned", "sex", "documents", "contacts",
)  # fmt: skip
# for each name the smallest of its pairs of letters under so many orders: two names share as many of them as they
# share pairs of letters (Broder 1997), and so agree in spite of a slip of the pen
NEAR = {"given_near": "given", "family_near": "family", "patronymic_near": "patronymic"}
ORDERS = 8
COLUMNS = (*PLAIN, *TOGETHER, *NEAR, "forms_year", "birth_near")
LISTS = ("given_forms", "documents", "contacts", "birth_near", "forms_year", *NEAR)
# equal values of these are equal tokens
FIELD = {"birth_turned": "birth_day"}
# of these a value that very many records have tells nobody from nobody: a shelter's telephone, a common full name
RARE = (*TOGETHER, *NEAR, "forms_year", "given_forms", "given_known", "name_key", "documents", "contacts")


def tokens(frame: pl.DataFrame, key: bytes, share: float = frequent_names.SHARE) -> pl.DataFrame:
    """(records,) tokens of the columns of `reading.compared`, as text, lists as lists; a column is there if filled."""
    limit = frequent_names.most(len(frame), share)
    frame = frequent_names.without_common(_together(_near(frame, key)), limit)
    columns = [
        column
        for name in COLUMNS
        if name in frame.columns and (column := _column(frame[name], key, limit)).null_count() < len(frame)
    ]
    return pl.DataFrame(columns)


def _near(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """With lists of the years close by and, within a year of birth, of what stays of a name in spite of a slip."""
    if "birth_year" not in frame.columns:
        return frame
    year = pl.col("birth_year")
    first, second = (f"{row}-" + ((year + row * BUCKET // 2) // BUCKET).cast(pl.String) for row in (0, 1))
    frame = frame.with_columns(birth_near=pl.when(year.is_not_null()).then(pl.concat_list(first, second)))
    years = frame["birth_year"].to_list()
    for name, column in {**NEAR, "forms_year": "given_forms"}.items():
        if column in frame.columns:
            values = [_smallest(value, key) if value and name in NEAR else value for value in frame[column].to_list()]
            lists = [
                [f"{each}|{told}" for each in value] if value and told else None
                for value, told in zip(values, years, strict=True)
            ]
            frame = frame.with_columns(pl.Series(name, lists, pl.List(pl.String)))
    return frame


@lru_cache(65536)
def _smallest(value: str, key: bytes) -> list[str]:
    whole = f"^{value}$"
    pairs = sorted({whole[place : place + 2] for place in range(len(whole) - 1)})
    marks = {pair: hmac.digest(key, b"order\0" + pair.encode(), "sha512") for pair in pairs}
    width = 64 // ORDERS
    return [f"{n}{min(pairs, key=lambda pair: marks[pair][n * width : (n + 1) * width])}" for n in range(ORDERS)]


def _together(frame: pl.DataFrame) -> pl.DataFrame:
    made = [
        pl.concat_str(pair, separator="|").alias(name)
        for name, pair in TOGETHER.items()
        if set(pair) <= set(frame.columns)
    ]
    return frame.with_columns(made)


def _column(column: pl.Series, key: bytes, limit: int) -> pl.Series:
    way = _way(key, FIELD.get(column.name, column.name))
    if column.dtype == pl.List:
        flat = column.explode()
        frequent = frequent_names.over(flat, limit) if column.name in RARE else frozenset()
        table = {value: way(value) for value in flat.unique().drop_nulls() if value not in frequent}
        lists = [
            found or None
            for found in ([table[v] for v in values if v in table] if values else [] for values in column.to_list())
        ]
        # the order inside a list would tell which of the documents came first, and of two years which row they are in
        return pl.Series(column.name, [sorted(found) if found else None for found in lists], pl.List(pl.String))
    text = column.cast(pl.String)
    frequent = frequent_names.over(text, limit) if column.name in RARE else frozenset()
    table = {value: way(value) for value in text.unique().drop_nulls() if value not in frequent}
    return text.replace_strict(table, default=None, return_dtype=pl.String)


def _way(key: bytes, field: str) -> Callable[[str], str]:
    """The token of a value of this field; the zero byte parts the two, so that no field can end in another's value."""
    start = field.encode() + b"\0"
    return lambda value: hmac.digest(key, start + value.encode(), "sha256")[:LENGTH].hex()
