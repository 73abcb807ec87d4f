"""Keyed tokens of the comparison columns: two agencies compare them without disclosing names.

A token is the first 64 bits of HMAC-SHA256(key, field, value) of a folded value: unfolded values would lose a third of
the links. Columns that the model compares with each other share a field name. All others have different ones, so that
an equal family name and given name remain undetected.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache

import polars as pl

from kerege.linkage.tokens import frequent_names

LENGTH = 8  # bytes of a token: two different values collide in one of 10^19 pairs
# years fall into two series of buckets that overlap by half: years up to 2 apart always share one
BUCKET = 4

# combinations of a name part with something rarer, so that no rank of a token reveals a common name
TOGETHER = {
    "name": ("given", "family"),
    "given_year": ("given_key", "birth_year"),
    "family_year": ("family_key", "birth_year"),
    "patronymic_year": ("patronymic_key", "birth_year"),
}
PLAIN = (
    "given",
    "given_key",
    "given_forms",
    "given_known",
    "family",
    "family_key",
    "patronymic",
    "patronymic_key",
    "name_key",
    "birth_date",
    "birth_year",
    "birth_day",
    "birth_turned",
    "sex",
    "documents",
    "contacts",
)
# MinHash of each name's bigrams under ORDERS permutations: the share of equal values estimates the Jaccard similarity
# of the bigrams (Broder 1997), so that names agree in spite of a typing error
NEAR = {"given_near": "given", "family_near": "family", "patronymic_near": "patronymic"}
ORDERS = 8
# code of a person in a reviewed sample: it measures missed links, and no model compares it
KNOWN = "known"
COLUMNS = (*PLAIN, *TOGETHER, *NEAR, "forms_year", "birth_near", KNOWN)
LISTS = ("given_forms", "documents", "contacts", "birth_near", "forms_year", *NEAR)
# columns that share the field name of another column
FIELD = {"birth_turned": "birth_day"}
# columns whose very frequent values get no token: a shelter's telephone or a common full name carry no evidence
RARE = (*TOGETHER, *NEAR, "forms_year", "given_forms", "given_known", "name_key", "documents", "contacts")


def tokens(frame: pl.DataFrame, key: bytes, share: float = frequent_names.SHARE) -> pl.DataFrame:
    """Return (records,) tokens of the columns of `comparison_columns.comparison_columns`.

    Texts become text tokens, and lists become lists of tokens.

    Columns without values are left out.
    """
    limit = frequent_names.compute_frequency_limit(len(frame), share)
    frame = frequent_names.blank_frequent_names(_add_combinations(_add_near_values(frame, key)), limit)
    columns = [
        column
        for name in COLUMNS
        if name in frame.columns and (column := _tokenise_column(frame[name], key, limit)).null_count() < len(frame)
    ]
    return pl.DataFrame(columns)


def _add_near_values(frame: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Add lists of nearby years and, combined with them, parts of names that survive a typing error."""
    if "birth_year" not in frame.columns:
        return frame
    year = pl.col("birth_year")
    first, second = (f"{row}-" + ((year + row * BUCKET // 2) // BUCKET).cast(pl.String) for row in (0, 1))
    frame = frame.with_columns(birth_near=pl.when(year.is_not_null()).then(pl.concat_list(first, second)))
    years = frame["birth_year"].to_list()
    for name, column in {**NEAR, "forms_year": "given_forms"}.items():
        if column in frame.columns:
            values = [
                _compute_min_hashes(value, key) if value and name in NEAR else value
                for value in frame[column].to_list()
            ]
            lists = [
                [f"{part}|{birth_year}" for part in value] if value and birth_year else None
                for value, birth_year in zip(values, years, strict=True)
            ]
            frame = frame.with_columns(pl.Series(name, lists, pl.List(pl.String)))
    return frame


@lru_cache(65536)
def _compute_min_hashes(value: str, key: bytes) -> list[str]:
    padded = f"^{value}$"
    pairs = sorted({padded[position : position + 2] for position in range(len(padded) - 1)})
    marks = {pair: hmac.digest(key, b"order\0" + pair.encode(), "sha512") for pair in pairs}
    width = 64 // ORDERS
    return [f"{n}{min(pairs, key=lambda pair: marks[pair][n * width : (n + 1) * width])}" for n in range(ORDERS)]


def _add_combinations(frame: pl.DataFrame) -> pl.DataFrame:
    combined = [
        pl.concat_str(pair, separator="|").alias(name)
        for name, pair in TOGETHER.items()
        if set(pair) <= set(frame.columns)
    ]
    return frame.with_columns(combined)


def _tokenise_column(column: pl.Series, key: bytes, limit: int) -> pl.Series:
    token = _build_token_function(key, FIELD.get(column.name, column.name))
    if column.dtype == pl.List:
        flat = column.explode()
        frequent = frequent_names.frequent_values(flat, limit) if column.name in RARE else frozenset()
        token_of = {value: token(value) for value in flat.unique().drop_nulls() if value not in frequent}
        lists = [
            tokens_ or None
            for tokens_ in (
                [token_of[v] for v in values if v in token_of] if values else [] for values in column.to_list()
            )
        ]
        # sorted: the order would reveal which document came first, and the series of a year's bucket
        return pl.Series(column.name, [sorted(tokens_) if tokens_ else None for tokens_ in lists], pl.List(pl.String))
    text = column.cast(pl.String)
    frequent = frequent_names.frequent_values(text, limit) if column.name in RARE else frozenset()
    token_of = {value: token(value) for value in text.unique().drop_nulls() if value not in frequent}
    return text.replace_strict(token_of, default=None, return_dtype=pl.String)


def _build_token_function(key: bytes, field: str) -> Callable[[str], str]:
    """Return the function from a value of a field to its token.

    A zero byte separates field and value, so that no field can end inside another's value.
    """
    start = field.encode() + b"\0"
    return lambda value: hmac.digest(key, start + value.encode(), "sha256")[:LENGTH].hex()
