"""Blanks values that many records share: they carry no evidence of a match.

Examples are the telephone of a shelter, the street of a police station and the number that a form suggests. The model
treats an identifier as belonging to one person or household. The model also treats given and family name as
independent: where many records share both, the two together carry less evidence.
"""

from __future__ import annotations

import polars as pl

from kerege.linkage.matching.model_file import NAMESAKES

# most different names of one value; above it, the value is blanked
MOST_NAMES = 8
NAMES = ("name_key", "given_key", "family_key")
# most records of one whole name that can belong to one person
ONE_PERSONS = 4


def blank_shared_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the comparison columns without documents, contacts and addresses of too many names.

    Parameters
    ----------
    frame : DataFrame
        Comparison columns (`comparison_columns.comparison_columns`), a row for each record.

    Returns
    -------
    DataFrame
        The same shape. A value that occurs with more than 8 different names is missing: such a telephone belongs to a
        shelter, not to a person.

    Examples
    --------
    >>> names = pl.DataFrame({"name_key": list("abcdefghij"), "contacts": [["100"]] * 10})
    >>> blank_shared_values(names)["contacts"].null_count()
    10
    """
    name_columns = [name for name in NAMES if name in frame.columns]
    if not name_columns:
        return frame
    name = frame.select(pl.coalesce(name_columns).alias("name")).to_series()
    for column in ("documents", "contacts"):
        if column in frame.columns and (common_values := _find_common_values(frame[column], name)):
            own_values = pl.col(column).list.filter(~pl.element().is_in(common_values))
            frame = frame.with_columns(pl.when(own_values.list.len() > 0).then(own_values).alias(column))
            if column == "documents" and "document" in frame.columns:
                frame = frame.with_columns(document=pl.col("documents").list.first())
    if {"street", "house"} <= set(frame.columns):
        addresses = frame.select(pl.concat_str("street", "house", separator="|")).to_series()
        if common_values := _find_common_values(addresses, name):
            is_own = ~addresses.is_in(common_values).fill_null(value=False)
            frame = frame.with_columns(pl.when(is_own).then(pl.col(part)).alias(part) for part in ("street", "house"))
    return frame


def add_namesakes(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the comparison columns with `namesakes`: excess frequency of a whole name in bits.

    Parameters
    ----------
    frame : DataFrame
        Comparison columns, a row for each record.

    Returns
    -------
    DataFrame
        With one more column, or unchanged without given and family names. The value is missing below 1 bit, and for a
        name of no more records than one person can have (4).

    Notes
    -----
    log2((n_gf - 4) n / (n_g n_f)), rounded down, for n records with a whole name, of which n_g, n_f and n_gf have the
    given name, the family name and both. It measures the dependence that the model of Fellegi and Sunter (1969) leaves
    out.

    Examples
    --------
    >>> given, family = ["dana"] * 8 + ["aigul"] * 72, ["omar"] * 8 + ["serik"] * 72
    >>> frame = pl.DataFrame({"given": given, "family": family}).with_columns(given_known=pl.lit(None, pl.String))
    >>> add_namesakes(frame)[NAMESAKES].to_list()[:1]
    [2]
    """
    if not {"given", "given_known", "family"} <= set(frame.columns):
        return frame
    given, family = pl.coalesce("given_known", "given"), pl.col("family")
    named = given.is_not_null() & family.is_not_null()
    both_count, given_count, family_count = (pl.len().over(columns) for columns in ([given, family], [given], [family]))
    bits = ((both_count - ONE_PERSONS) * named.sum() / (given_count * family_count)).log(2).floor()
    is_excessive = named & (both_count > ONE_PERSONS) & (bits >= 1)
    return frame.with_columns(pl.when(is_excessive).then(bits).cast(pl.Int64).alias(NAMESAKES))


def _find_common_values(column: pl.Series, name: pl.Series) -> list[str]:
    """Return the values that occur with more than MOST_NAMES different names."""
    pairs = pl.DataFrame({"value": column, "name": name}).lazy().drop_nulls()
    if column.dtype == pl.List:
        pairs = pairs.explode("value").drop_nulls()
    name_counts = pairs.group_by("value").agg(pl.col("name").n_unique().alias("names"))
    common = name_counts.filter(pl.col("names") > MOST_NAMES).select("value").sort("value").collect()
    return common["value"].to_list()
