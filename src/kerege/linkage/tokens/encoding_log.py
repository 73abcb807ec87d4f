"""Log of the lists that an agency has encoded: it shows repeated studies of the same list.

Each study reveals a little more about each person, and only the agencies can limit that: no list is counted that its
agency does not encode again. The losses of the studies of one list within a year have a budget. For each list the log
keeps a sketch of 64 sums (Alon, Matias and Szegedy 1999) of signs drawn from the agency's secret. Two sketches estimate
how many records differ, to within a fifth, and reveal no record.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

from kerege.base.errors import Refused
from kerege.linkage.tokens.published_counts import study_loss
from kerege.linkage.tokens.study_key import MOST_LISTS, Key, study_of
from kerege.linkage.tokens.study_log import Entry, StudyLog

WITHIN = timedelta(days=365)
# two lists are versions of one if the differing records are fewer than this share of the larger list
ALIKE = 0.8
# privacy loss of the studies of one list within a year: two studies of two lists with epsilon 1, or one of three lists
BUDGET = 4.0
TELLING = ("given", "family", "birth_date", "documents")


def earlier_studies(log: StudyLog, key: Key, name: str, people: Sequence[str]) -> list[Entry]:
    """Return an entry for each other study within a year that had most of a list. Lock the log."""
    list_sketch = build_sketch(people, log.secret())
    since = (datetime.now(UTC) - WITHIN).isoformat(timespec="seconds")
    earlier = {
        entry["key"]: entry
        for entry in log.entries()
        if entry["key"] != key.fingerprint
        and entry["at"] >= since
        and (
            entry["list"] == name
            or estimate_difference(list_sketch, entry["sketch"]) < ALIKE * max(len(people), entry["records"])
        )
    }
    return list(earlier.values())


def check_budget(key: Key, name: str, earlier: Sequence[Entry], reason: str = "") -> None:
    """Raise Refused if a further study of a list exceeds the budget of a year and no reason is given."""
    if not earlier or reason.strip() or total_loss(key, earlier) <= BUDGET:
        return
    names = ", ".join(sorted({study_of(entry) for entry in earlier}))
    raise Refused(
        f"{name} was encoded for {names} within a year, and with {key.study} the privacy loss of each person is "
        f"{total_loss(key, earlier):g}, above {BUDGET:g}: refuse the study, or give a reason for the log"
    )


def total_loss(key: Key, earlier: Sequence[Entry]) -> float:
    """Return the privacy loss of each person over a study and earlier ones.

    An entry of an earlier version does not hold the number of lists: it counts as a study of the most lists.
    """
    own = study_loss(key.terms.epsilon, len(key.terms.lists))
    return own + sum(study_loss(entry["epsilon"], entry.get("lists", MOST_LISTS)) for entry in earlier)


def log_encoding(log: StudyLog, key: Key, name: str, people: Sequence[str], reason: str = "") -> None:
    """Log that a list is encoded.

    Call it with the log locked, before the tokens are written. `reason` says why a budget is exceeded.
    """
    log.append(
        {
            "kind": "encoded",
            "study": key.study,
            "key": key.fingerprint,
            "list": name,
            "records": len(people),
            "epsilon": key.terms.epsilon,
            "lists": len(key.terms.lists),
            "sketch": build_sketch(people, log.secret()),
            **({"reason": reason.strip()} if reason.strip() else {}),
        }
    )


def repetition_warning(key: Key, name: str, earlier: Sequence[Entry]) -> str:
    """Return the warning that an agency reads before it sends the tokens."""
    epsilons = [key.terms.epsilon, *(entry["epsilon"] for entry in earlier)]
    is_exact = any(epsilon is None for epsilon in epsilons)
    total = "with exact counts" if is_exact else f"together with epsilon {sum(epsilon or 0 for epsilon in epsilons):g}"
    names = ", ".join(sorted({study_of(entry) for entry in earlier}))
    return (
        f"most of {name} was encoded for {names} within a year: each study discloses more of every person, "
        f"{total}; ask why it is requested again before you send the tokens"
    )


def people(frame: pl.DataFrame) -> list[str]:
    """Return one text per record, from the columns that distinguish persons."""
    texts = [
        (pl.col(name).list.join(";") if frame[name].dtype == pl.List else pl.col(name).cast(pl.String)).fill_null("")
        for name in TELLING
        if name in frame.columns
    ]
    return frame.select(pl.concat_str(texts, separator="|")).to_series().to_list()


def build_sketch(rows: Sequence[str], secret: bytes) -> list[int]:
    """Return 64 sums over the records of a list, of signs that the secret draws for each record."""
    digests = b"".join(hmac.digest(secret, row.encode(), "sha256")[:8] for row in rows)
    bits = np.unpackbits(np.frombuffer(digests, np.uint8)).reshape(len(rows), 64).astype(np.int64)
    return [int(total) for total in (2 * bits - 1).sum(0)]


def estimate_difference(left: Sequence[int], right: Sequence[int]) -> float:
    """Estimate how many records are in only one of two lists."""
    return float(np.mean((np.array(left) - np.array(right)) ** 2))
