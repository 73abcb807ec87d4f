"""Models of the ledger's files: the entries of `ledger.jsonl`, and `ledger.head`."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import PlainValidator

from kerege.base.file_model import FileModel, OpenModel
from kerege.base.file_types import Count, Hash, Number, Values, number_schema
from kerege.base.hashes import hash_by_name

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot


def _finite(value: object) -> Number:
    """Return a finite number. An integer stays an integer, so that it is written as it was read."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise ValueError("is not a finite number")
    return value


def _loss(value: object) -> Number:
    if (number := _finite(value)) < 0:
        raise ValueError("is not a number of 0 or more")
    return number


Reserve = Annotated[Number, PlainValidator(_finite), number_schema()]
Loss = Annotated[Number, PlainValidator(_loss), number_schema(minimum=0)]


class EnteredCohort(OpenModel):
    """The people whom an entry charges: those with one of these values in a column."""

    column: str
    values: Values


class EnteredSnapshot(OpenModel):
    """A file of rows that an entry is about, with its hash, which is not published."""

    unit: str = ""
    sha256: str = ""
    as_of: str = ""
    fingerprint: str = ""

    @classmethod
    def of(cls, snapshot: Snapshot) -> Self:
        """Return the reference to a snapshot."""
        return cls(unit=snapshot.unit, sha256=snapshot.sha256, as_of=snapshot.as_of)


class EntryContents(OpenModel):
    """The contents of an entry, without its place in the chain. Each kind of entry sets some of the keys."""

    kind: str = ""
    at: str = ""
    period: str = ""
    methods: list[str] = []
    tables: list[str] = []
    microdata: list[str] = []
    estimates: list[str] = []
    snapshots: list[EnteredSnapshot] = []
    params: dict[str, object] = {}
    rho: Loss = 0
    delta: Loss = 0
    reserved: Reserve = 0  # a charge that draws on a reserve carries it as a negative amount
    cohort: EnteredCohort | None = None
    series: str = ""  # the series of cohorts, or the name of the people of an external file
    measurement: Count | None = None
    revision: Count | None = None
    release: str = ""  # digest of the request that caused a measurement
    rows: str = ""  # hash of the measured rows, which is not published
    seed: int | None = None
    manifest: str = ""  # hash of the manifest of a release
    ceiling: Loss | None = None
    by: str = ""
    reason: str = ""  # why a ceiling was set
    requested_by: str = ""
    approves: Count | None = None  # number of the entry that asked for the ceiling
    hashed_by: str = ""  # algorithm of the hash of this entry; '' for SHA-256
    given_up: list[Hash] = []  # names of what statements say about lost entries that two people gave up
    request: str = ""  # digest of what was asked; also the name of the folder of the output
    output: str = ""  # hash over the stored files

    def merged(self, other: EntryContents) -> EntryContents:
        """Return these contents with the keys that `other` sets."""
        return EntryContents.model_validate(self.tree | other.tree)


class LedgerEntry(EntryContents):
    """An entry of the ledger: its contents, and its place in the chain."""

    seq: Count
    dropped: str = ""  # hash of a last line that was cut off before this entry
    prev: Hash
    hash: Hash

    @property
    def line(self) -> str:
        """Return the line of the file, without the line break."""
        return json.dumps(self.tree, sort_keys=True, ensure_ascii=False, allow_nan=False)


class LedgerHead(OpenModel):
    """Number and hash of the last entry, in a file beside the ledger."""

    seq: Count
    hash: Hash


class LedgerState(FileModel):
    """The state of a ledger that a manifest or a daily root records: its name, length and last entry.

    `name` and `hash` are under the key of the ledger. The hash of an entry itself would confirm a guess of the rows.
    """

    name: Hash
    entries: Count
    hash: Hash


def now() -> str:
    """Return the current time for an entry, in UTC."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(value: object) -> str:
    """Return the hash of a value in canonical JSON: SHA-256, or the algorithm that the value names.

    Parameters
    ----------
    value : JSON value
        Numbers, texts, lists and mappings.

    Returns
    -------
    str
        64 hexadecimal digits, the same for mappings in another order.

    Examples
    --------
    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hash_by_name(text.encode(), value)
