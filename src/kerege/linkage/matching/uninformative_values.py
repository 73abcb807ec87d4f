"""What many in a file have in common tells nobody from nobody.

The telephone of a shelter, the street of a police station, the number that a form wants filled in: the model weighs an
identifier as what one person or one household has, so in these nothing is known. And the model weighs given and family
name each by itself: where many bear both, the two say less together.
"""

from __future__ import annotations

import polars as pl

from kerege.linkage.matching.model_file import NAMESAKES

# a value that stands under more different names than this is nobody's own
MOST_NAMES = 8
NAMES = ("name_key", "given_key", "family_key")
# so many records of one whole name may be one person's
ONE_PERSONS = 4


def without_shared(frame: pl.DataFrame) -> pl.DataFrame:
    """The compared columns without documents, contacts and addresses that stand under too many names."""
    known = [name for name in NAMES if name in frame.columns]
    if not known:
        return frame
    name = frame.select(pl.coalesce(known).alias("name")).to_series()
    for column in ("documents", "contacts"):
        if column in frame.columns and (many := _many(frame[column], name)):
            kept = pl.col(column).list.filter(~pl.element().is_in(many))
            frame = frame.with_columns(pl.when(kept.list.len() > 0).then(kept).alias(column))
            if column == "documents" and "document" in frame.columns:
                frame = frame.with_columns(document=pl.col("documents").list.first())
    if {"street", "house"} <= set(frame.columns):
        whole = frame.select(pl.concat_str("street", "house", separator="|")).to_series()
        if many := _many(whole, name):
            own = ~whole.is_in(many).fill_null(value=False)
            frame = frame.with_columns(pl.when(own).then(pl.col(part)).alias(part) for part in ("street", "house"))
    return frame


def with_namesakes(frame: pl.DataFrame) -> pl.DataFrame:
    """The compared columns with `namesakes`: how many bits more common a whole name is than its parts would make it.

    Given only from 1 bit on, and where more records bear the name than one person may have.
    """
    if not {"given", "given_known", "family"} <= set(frame.columns):
        return frame
    given, family = pl.coalesce("given_known", "given"), pl.col("family")
    named = given.is_not_null() & family.is_not_null()
    whole, one, two = (pl.len().over(each) for each in ([given, family], [given], [family]))
    bits = ((whole - ONE_PERSONS) * named.sum() / (one * two)).log(2).floor()
    many = named & (whole > ONE_PERSONS) & (bits >= 1)
    return frame.with_columns(pl.when(many).then(bits).cast(pl.Int64).alias(NAMESAKES))


def _many(column: pl.Series, name: pl.Series) -> list[str]:
    """The values that stand under more than MOST_NAMES names."""
    told = pl.DataFrame({"value": column, "name": name}).lazy().drop_nulls()
    if column.dtype == pl.List:
        told = told.explode("value").drop_nulls()
    often = told.group_by("value").agg(pl.col("name").n_unique().alias("names"))
    found = often.filter(pl.col("names") > MOST_NAMES).select("value").sort("value").collect()
    return found["value"].to_list()
