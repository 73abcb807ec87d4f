"""Names so common that their token would be known by its rank: those of a public list, and those of the file itself.

Whoever sees 120 times the same token among 5,000 women of Kazakhstan has read Айгүл, key or no key. Such a name gets
no token of its own; it still counts inside the tokens that hold it together with something rarer.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from functools import lru_cache
from importlib import resources

import polars as pl

from kerege.linkage.input import person_fields

# a name of more than this share of a file, and of at least so many of its records, has no token of its own
SHARE = 0.005
AT_LEAST = 10

Row = person_fields.Row
# a column of names: the list that its common values come from, how it is derived, its consonant key, what else tells it
NAMES: dict[str, tuple[str, Callable[[str], Row], str, tuple[str, ...]]] = {
    "given": ("given", person_fields.given_columns, "given_key", ("given_forms", "given_known")),
    "family": ("family", person_fields.family_columns, "family_key", ()),
    "patronymic": ("given", person_fields.patronymic_columns, "patronymic_key", ()),
}


@lru_cache
def listed(column: str) -> tuple[frozenset[str], frozenset[str]]:
    """The folded values of a name column that the public list calls common, and their consonant keys."""
    text = (resources.files(__package__) / "data" / "common.csv").read_text("utf-8")
    kind, derive, key, _ = NAMES[column]
    rows = [
        derive(name)
        for row in csv.DictReader(text.splitlines())
        if row["kind"] == kind
        for name in row["names"].split()
    ]
    return _texts(row[column] for row in rows), _texts(row[key] for row in rows)


def _texts(values: object) -> frozenset[str]:
    return frozenset(value for value in values if isinstance(value, str))  # type: ignore[attr-defined]


def most(records: int, share: float = SHARE) -> int:
    """How many records of a file may bear one name before it is over-frequent."""
    return max(AT_LEAST, int(share * records))


def without_common(frame: pl.DataFrame, limit: int) -> pl.DataFrame:
    """The name columns without over-frequent values: the name itself, its consonants and whatever else tells it."""
    for column, (_, _, key, others) in NAMES.items():
        if column not in frame.columns:
            continue
        values, keys = listed(column)
        frequent = (values | over(frame[column], limit), keys | over(frame[key], limit))
        common = sorted(frequent[0])
        gone = frame[column].is_in(common).fill_null(False)
        emptied = [
            pl.when(pl.lit(gone)).then(None).otherwise(_rest(frame[name], common)).alias(name)
            for name in (column, *others)
            if name in frame.columns
        ]
        no_key = gone | frame[key].is_in(sorted(frequent[1])).fill_null(False)
        frame = frame.with_columns(*emptied, pl.when(pl.lit(no_key)).then(None).otherwise(pl.col(key)).alias(key))
    return frame


def _rest(column: pl.Series, common: list[str]) -> pl.Expr:
    """A column without these values: a short name tells the common one that it stands for."""
    if column.dtype == pl.List:
        return pl.col(column.name).list.set_difference(common)
    return pl.when(pl.col(column.name).is_in(common)).then(None).otherwise(pl.col(column.name))


def over(column: pl.Series, limit: int) -> frozenset[str]:
    """The values of a column that more than `limit` records have."""
    counts = column.drop_nulls().value_counts(name="count")
    return frozenset(counts.filter(pl.col("count") > limit)[column.name].to_list())
