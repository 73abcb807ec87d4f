"""Record keys of 64 bits: those of the snapshot, or derived from a row's content and a secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.key_file import read_or_create_key
from kerege.evidence.data.snapshot import RECORD_KEY, Snapshot

Keys = NDArray[np.uint64]
PURPOSE = b"kerege: cell keys of rows without a record key"


def secret_of(home: Path) -> bytes:
    """Return the secret (32 bytes) for rows without a key, derived from the newest record key of a home.

    The keys are `keys/record-*.key`. The same rows have the same noise in all releases until an operator rotates the
    key, after a leak: a reader can average the noise of a cell over the keys under which it was released. Without a
    key, the function creates one (mode 0600). Raises BadInput.
    """
    folder = home / "keys"
    paths = sorted(folder.glob("record-*.key"), key=lambda path: path.name)
    path = paths[-1] if paths else folder / f"record-0001-{secrets.token_hex(3)}.key"
    return derive_secret(read_or_create_key(path, "a record key"), PURPOSE)


def derive_secret(key: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes for one purpose: HKDF with SHA-256, no salt, one block (RFC 5869)."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, purpose + b"\x01", "sha256")


def add_record_keys(snapshot: Snapshot, secret: bytes | None) -> pl.DataFrame:
    """Return the rows with a column `record_key` (UInt64).

    Raises BadInput when the rows have none and no secret is given.
    """
    if RECORD_KEY in snapshot.frame.columns:
        return _check_keys(snapshot)
    if not secret:
        fault = Fault("its rows have no record keys", "give the secret under which they are made", snapshot.path)
        raise BadInput(fault)
    return snapshot.frame.with_columns(pl.Series(RECORD_KEY, row_keys(snapshot, secret), dtype=pl.UInt64))


def _check_keys(snapshot: Snapshot) -> pl.DataFrame:
    column = snapshot.frame[RECORD_KEY]
    if column.dtype != pl.UInt64 or column.null_count():
        fault = Fault("is not a 64-bit key in every row", "make the snapshot again", snapshot.path, column=RECORD_KEY)
        raise BadInput(fault)
    return snapshot.frame


def row_keys(snapshot: Snapshot, secret: bytes) -> Keys:
    """Return keys for rows without a key: BLAKE2b of the row's content and its number among equal rows.

    The hash is keyed with `secret`. The order of rows and columns does not matter. A further column changes the keys.
    """
    rows = snapshot.frame.select(_row_text(snapshot).alias("text"))
    rows = rows.with_columns(pl.col("text").cum_count().over("text").alias("turn"))
    return np.array([_hash_row(secret, text, turn) for text, turn in rows.iter_rows()], dtype=np.uint64)


def _row_text(snapshot: Snapshot) -> pl.Expr:
    """Return a row as text that differs for different rows: every value has its length as prefix."""
    parts = []
    for name in sorted(snapshot.columns):
        value = pl.col(name)
        if name in snapshot.multi:
            element = pl.element().str.len_bytes().cast(pl.String) + ":" + pl.element()
            value = value.list.eval(element).list.sort().list.join(",")
        parts.append(
            pl.lit(f"{len(name)}:{name}") + (value.str.len_bytes().cast(pl.String) + ":" + value).fill_null("-")
        )
    return pl.concat_str(parts)


def _hash_row(secret: bytes, text: str, number: int) -> int:
    content = f"{number}:{text}".encode()
    return int.from_bytes(hashlib.blake2b(content, key=secret[:64], digest_size=8).digest(), "big")
