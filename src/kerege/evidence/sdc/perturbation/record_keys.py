"""A 64-bit key for every row: that of its snapshot, or one made from what the row says and a secret."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.key_file import kept
from kerege.evidence.data.snapshot import RECORD_KEY, Snapshot

Keys = NDArray[np.uint64]
PURPOSE = b"kerege: cell keys of rows without a record key"


def secret_of(home: Path) -> bytes:
    """The secret (32 bytes) for rows without a key: derived from the oldest `keys/record-*.key` of a home.

    The oldest, and not the newest as for signatures: the same rows must have the same noise for ever, or a change of
    keys would let a reader average it out. A key is made, mode 0600, when there is none. Raises BadInput.
    """
    folder = home / "keys"
    found = sorted(folder.glob("record-*.key"), key=lambda path: path.name)
    path = found[0] if found else folder / f"record-0001-{secrets.token_hex(3)}.key"
    return derived(kept(path, "a record key"), PURPOSE)


def derived(key: bytes, purpose: bytes) -> bytes:
    """32 bytes for one purpose: HKDF with SHA-256 and no salt (RFC 5869), of which one block is taken."""
    extracted = hmac.digest(bytes(32), key, "sha256")
    return hmac.digest(extracted, purpose + b"\x01", "sha256")


def keyed(snapshot: Snapshot, secret: bytes | None) -> pl.DataFrame:
    """The rows with a column `record_key` (UInt64). Raises BadInput when the rows have none and no secret is given."""
    if RECORD_KEY in snapshot.frame.columns:
        return _checked(snapshot)
    if not secret:
        fault = Fault("its rows have no record keys", "give the secret under which they are made", snapshot.path)
        raise BadInput(fault)
    return snapshot.frame.with_columns(pl.Series(RECORD_KEY, row_keys(snapshot, secret), dtype=pl.UInt64))


def _checked(snapshot: Snapshot) -> pl.DataFrame:
    column = snapshot.frame[RECORD_KEY]
    if column.dtype != pl.UInt64 or column.null_count():
        fault = Fault("is no 64-bit key in every row", "make the snapshot again", snapshot.path, column=RECORD_KEY)
        raise BadInput(fault)
    return snapshot.frame


def row_keys(snapshot: Snapshot, secret: bytes) -> Keys:
    """Keys of rows that have none: a BLAKE2b keyed with `secret` of the row's content and its number among its equals.

    The order of rows and of columns does not matter. Whoever adds a column changes the keys.
    """
    rows = snapshot.frame.select(_text(snapshot).alias("text"))
    rows = rows.with_columns(pl.col("text").cum_count().over("text").alias("turn"))
    return np.array([_key(secret, text, turn) for text, turn in rows.iter_rows()], dtype=np.uint64)


def _text(snapshot: Snapshot) -> pl.Expr:
    """The row as one text that no other row shares: every value with its length."""
    parts = []
    for name in sorted(snapshot.columns):
        value = pl.col(name)
        if name in snapshot.multi:
            each = pl.element().str.len_bytes().cast(pl.String) + ":" + pl.element()
            value = value.list.eval(each).list.sort().list.join(",")
        parts.append(
            pl.lit(f"{len(name)}:{name}") + (value.str.len_bytes().cast(pl.String) + ":" + value).fill_null("-")
        )
    return pl.concat_str(parts)


def _key(secret: bytes, text: str, number: int) -> int:
    content = f"{number}:{text}".encode()
    return int.from_bytes(hashlib.blake2b(content, key=secret[:64], digest_size=8).digest(), "big")
