"""Over-frequent names, from a public list and from the file itself: their rank reveals their token.

A token that occurs 120 times among 5,000 women of Kazakhstan is Айгүл, even without the key. Such a name gets no token
of its own. It still counts in tokens that combine it with something rarer.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import lru_cache
from importlib import resources

import polars as pl

from kerege.linkage.input import person_fields

# a name is over-frequent above this share of a file's records, and above at least AT_LEAST records
SHARE = 0.005
AT_LEAST = 10

Row = person_fields.Row
# name column: kind in the public list, derivation, skeleton column, columns that would also reveal the name
NAMES: dict[str, tuple[str, Callable[[str], Row], str, tuple[str, ...]]] = {
    "given": ("given", person_fields.given_columns, "given_key", ("given_forms", "given_known")),
    "family": ("family", person_fields.family_columns, "family_key", ()),
    "patronymic": ("given", person_fields.patronymic_columns, "patronymic_key", ()),
}


@lru_cache
def find_common_names(column: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the folded names of a column on the public list of common names, and their skeletons."""
    text = (resources.files(__package__) / "data" / "common.csv").read_text("utf-8")
    kind, derive, key, _ = NAMES[column]
    rows = [
        derive(name)
        for row in csv.DictReader(text.splitlines())
        if row["kind"] == kind
        for name in row["names"].split()
    ]
    return _collect_texts(row[column] for row in rows), _collect_texts(row[key] for row in rows)


def _collect_texts(values: object) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str))  # type: ignore[attr-defined]


def compute_frequency_limit(records: int, share: float = SHARE) -> int:
    """Return how many records of a file can bear one name before it is over-frequent."""
    return max(AT_LEAST, int(share * records))


def blank_frequent_names(frame: pl.DataFrame, limit: int) -> pl.DataFrame:
    """Return the name columns without over-frequent names, their skeletons and their other forms."""
    for column, (_, _, key, other_columns) in NAMES.items():
        if column not in frame.columns:
            continue
        values, keys = find_common_names(column)
        frequent = (values | frequent_values(frame[column], limit), keys | frequent_values(frame[key], limit))
        common = sorted(frequent[0])
        is_common = frame[column].is_in(common).fill_null(False)
        blanked = [
            pl.when(pl.lit(is_common)).then(None).otherwise(_blank_values(frame[name], common)).alias(name)
            for name in (column, *other_columns)
            if name in frame.columns
        ]
        has_common_key = is_common | frame[key].is_in(sorted(frequent[1])).fill_null(False)
        frame = frame.with_columns(
            *blanked, pl.when(pl.lit(has_common_key)).then(None).otherwise(pl.col(key)).alias(key)
        )
    return frame


def _blank_values(column: pl.Series, common: list[str]) -> pl.Expr:
    """Return a column without these values: a short form would reveal the common name."""
    if column.dtype == pl.List:
        return pl.col(column.name).list.set_difference(common)
    return pl.when(pl.col(column.name).is_in(common)).then(None).otherwise(pl.col(column.name))


def frequent_values(column: pl.Series, limit: int) -> frozenset[str]:
    """Return the values of a column that more than `limit` records have."""
    counts = column.drop_nulls().value_counts(name="count")
    return frozenset(counts.filter(pl.col("count") > limit)[column.name].to_list())
