"""What an agency has encoded: so that it sees when somebody asks the same list again under another key.

Each exercise tells a little more of each person, and only the agencies can hold it: nobody counts a list that they do
not encode anew. Of a list the log keeps a sketch of 64 sums (Alon, Matias and Szegedy 1999), of signs that a secret of
the agency draws: two sketches tell how many records differ, to within a fifth, and nothing of any record.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from kerege.linkage.tokens.study_key import Key
from kerege.linkage.tokens.study_log import Entry, StudyLog

WITHIN = timedelta(days=365)
# of two versions of one list fewer records differ than this share of it
ALIKE = 0.8
TELLING = ("given", "family", "birth_date", "documents")


def note(log: StudyLog, key: Key, name: str, people: Sequence[str]) -> list[Entry]:
    """Write down that a list is encoded; the entries of other exercises within a year that had most of it, one each.

    Call it with the log locked, before the tokens are there.
    """
    made = sketch(people, log.secret())
    since = (datetime.now(UTC) - WITHIN).isoformat(timespec="seconds")
    earlier = {
        entry["key"]: entry
        for entry in log.entries()
        if entry["key"] != key.fingerprint
        and entry["at"] >= since
        and (entry["list"] == name or difference(made, entry["sketch"]) < ALIKE * max(len(people), entry["records"]))
    }
    log.append({"kind": "encoded", "exercise": key.exercise, "key": key.fingerprint, "list": name,
                "records": len(people), "epsilon": key.terms.epsilon, "sketch": made})  # fmt: skip
    return list(earlier.values())


def warning(key: Key, name: str, earlier: Sequence[Entry]) -> str:
    """What the agency should think of before it sends the tokens."""
    asked = [key.terms.epsilon, *(entry["epsilon"] for entry in earlier)]
    exact = any(each is None for each in asked)
    total = "with exact counts" if exact else f"together with epsilon {sum(each or 0 for each in asked):g}"
    names = ", ".join(sorted({entry["exercise"] for entry in earlier}))
    return (
        f"most of {name} was encoded for {names} within a year: each exercise tells more of every person, "
        f"{total}; do not send the tokens before you know why it is asked again"
    )


def people(frame: pl.DataFrame) -> list[str]:
    """A text a record, of what tells one person from another."""
    texts = [
        (pl.col(name).list.join(";") if frame[name].dtype == pl.List else pl.col(name).cast(pl.String)).fill_null("")
        for name in TELLING
        if name in frame.columns
    ]
    return frame.select(pl.concat_str(texts, separator="|")).to_series().to_list()


def sketch(rows: Sequence[str], secret: bytes) -> list[int]:
    """64 sums over the records of a list, of signs that the secret draws for each record."""
    drawn = b"".join(hmac.digest(secret, row.encode(), "sha256")[:8] for row in rows)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(len(rows), 64).astype(np.int64)
    return [int(each) for each in (2 * bits - 1).sum(0)]


def difference(one: Sequence[int], two: Sequence[int]) -> float:
    """About how many records are in one list and not in the other."""
    return float(np.mean((np.array(one) - np.array(two)) ** 2))
