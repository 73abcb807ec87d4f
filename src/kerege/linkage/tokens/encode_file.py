"""At the agency: a table of persons becomes a token file, and what names anybody stays."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.linkage.input import read_tables
from kerege.linkage.names import FOLD_VERSION
from kerege.linkage.tokens import encoding_log, frequent_names, tokenise
from kerege.linkage.tokens.study_key import Key
from kerege.linkage.tokens.token_file import Header

# of a shorter list every overlap speaks of people who can be guessed
LEAST_RECORDS = 50
# what a record must have of these to be found on another list at all
NAMING = ("given", "family", "documents")


@dataclass(frozen=True)
class Encoded:
    """A token file before it is written, and the agency's own ids in the order of its rows.

    `people` holds a text a record, which equal records share: for the agency's own log, it does not leave.
    """

    header: Header
    frame: pl.DataFrame
    ids: list[str]
    people: list[str]


def encode_file(
    path: Path, key: Key, name: str, given: Mapping[str, str], id_column: str = "", share: float = frequent_names.SHARE
) -> Encoded:
    """Turn a table of persons into keyed tokens, in random order and without its ids.

    `share` is the part of the records from which on a name is too common for a token of its own. Raises BadInput for
    a table that names nobody, or fewer than LEAST_RECORDS, and for a list that was not agreed on.
    """
    if name not in key.terms.lists:
        todo = f"give one of {', '.join(key.terms.lists)}, or begin an exercise with another key"
        raise BadInput(Fault(f"the exercise {key.exercise} has no list of the name in --list", todo))
    if not 0 < share <= 0.05:
        raise BadInput(Fault("the share of a common name is no number above 0, at most 0.05", "give for example 0.005"))
    table = read_tables.read_table(path)
    roles = read_tables.mapped(table, path.name, given, id_column)
    ids, frame = read_tables.ids(table, roles, path.name), read_tables.compared(table, roles)
    kept = _named(frame, len(table))
    if kept.sum() < LEAST_RECORDS:
        what = (
            f"has {kept.sum()} records with a name or a document number, and overlaps of so few tell of single people"
        )
        raise BadInput(Fault(what, f"give a list of at least {LEAST_RECORDS}", path.name))
    frame, ids = frame.filter(kept), ids.filter(kept)
    order = np.random.default_rng(secrets.randbits(128)).permutation(len(frame))
    frame = frame[order]
    made = tokenise.tokens(frame, key.tokens, share)
    header = Header(
        exercise=key.exercise,
        key=key.fingerprint,
        terms=key.terms,
        fold=FOLD_VERSION,
        list=name,
        records=len(made),
        left_out=len(table) - len(made),
        dropped=_dropped(frame, made),
        made=datetime.now(UTC).date().isoformat(),
    )
    return Encoded(header, made, ids[order].to_list(), encoding_log.people(frame))


def _named(frame: pl.DataFrame, records: int) -> pl.Series:
    there = [pl.col(name).is_not_null() for name in NAMING if name in frame.columns]
    if not there:
        return pl.Series([False] * records)
    return frame.select(pl.any_horizontal(there)).to_series()


def _dropped(frame: pl.DataFrame, made: pl.DataFrame) -> dict[str, int]:
    """How many records have a name that got no token of its own."""
    return {
        name: int(frame[name].count() - (made[name].count() if name in made.columns else 0))
        for name in frequent_names.NAMES
        if name in frame.columns
    }
