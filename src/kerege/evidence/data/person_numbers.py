"""Person numbers in snapshots of rows about people, such as services.

The numbers show which rows concern the same person within one snapshot. They follow the order of a keyed hash whose key
depends on unit and date: without the key nobody can find which numbers of two snapshots mean the same person. They are
no column of a table, and no publication contains them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

PERSON_NUMBERS = "person_numbers"  # column of a snapshot: numbers of the people of each row
PERSON_IDS = "person_ids"  # key of a row that is written: identities of its people, which are not written
NUMBERS = pl.List(pl.UInt32)


def number_people(ids: Sequence[Sequence[str]], key: bytes, context: str) -> list[list[int]]:
    """Return a number for each person of each row, from 1; equal people have equal numbers.

    Parameters
    ----------
    ids : sequence of sequence of str
        Identities of the people of each row; none for a row whose people are not recorded.
    key : bytes
        Secret of the installation, at most 64 bytes.
    context : str
        Unit and date of the snapshot. Another context gives other numbers.

    Returns
    -------
    list of list of int
        Sorted numbers of the people of each row.

    Notes
    -----
    The numbers are ranks of BLAKE2b hashes (RFC 7693), so they reveal nothing about the order of registration.

    Examples
    --------
    >>> number_people([["a"], ["b"], ["a", "a"], []], b"secret", "services 2025-12-31")
    [[2], [1], [2], []]
    """
    of_context = hashlib.blake2b(f"person numbers {context}".encode(), key=key[:64], digest_size=32).digest()
    people = {identity for row in ids for identity in row}
    ranked = sorted(people, key=lambda identity: hashlib.blake2b(identity.encode(), key=of_context).digest())
    number = {identity: place for place, identity in enumerate(ranked, 1)}
    return [sorted({number[identity] for identity in row}) for row in ids]


def single_people(numbers: pl.Series) -> pl.Series:
    """Return the people of each row as signed numbers; a row without people is a further person, below 0.

    Parameters
    ----------
    numbers : Series of (rows,)
        Lists of person numbers.

    Returns
    -------
    Series of (rows,)
        Lists of at least one number.

    Examples
    --------
    >>> single_people(pl.Series([[7], [7, 8], []], dtype=NUMBERS)).to_list()
    [[7], [7, 8], [-3]]
    """
    alone = pl.concat_list(-1 - pl.int_range(pl.len(), dtype=pl.Int64))
    known = pl.col(PERSON_NUMBERS).cast(pl.List(pl.Int64))
    frame = pl.DataFrame({PERSON_NUMBERS: numbers.cast(NUMBERS)})
    is_known = (pl.col(PERSON_NUMBERS).list.len() > 0).fill_null(False)
    return frame.select(pl.when(is_known).then(known).otherwise(alone)).to_series().alias(PERSON_NUMBERS)
