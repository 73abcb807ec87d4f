"""The manifest of a release: what it says of tables and records, what the ledger and the public are told of it."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

import kerege
from kerege.base.file_model import FileModel
from kerege.base.file_types import AS_INTEGER, Amount, Count, Distinct, Given, Hash, PartName, Positive, Text, Values
from kerege.evidence.counting.frequency_table import Table, to_csv
from kerege.evidence.data.publication_threshold import LEAST
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import DELTA, rho_to_epsilon
from kerege.evidence.release.spec import ReleaseSpec, TableSpec
from kerege.evidence.release.spec.microdata import MOST, Preset
from kerege.evidence.release.spec.prevalence import LEAST as LEAST_RESAMPLES
from kerege.evidence.sdc.disclosure.report import AttackReport, Examined

FORMAT = "kerege-release/1"
PART = r"[a-z0-9][a-z0-9_-]{0,63}"
Period = Annotated[str, Field(pattern=r"^\d{4}")]
Where = dict[str, Values]
Threshold = Annotated[int, Field(ge=LEAST), AS_INTEGER]


class SnapshotRef(FileModel):
    """What the public is told of a snapshot: what it is called, if a ledger named it, and never its hash."""

    unit: str
    fingerprint: Annotated[Hash | None, Given()] = None
    as_of: str


class Policy(FileModel):
    """The smallest count that may be published, and the columns of which no group may share one value."""

    threshold: Threshold
    sensitive: list[str] = []


class PrivacyLoss(FileModel):
    """The privacy loss (zCDP) of all noised tables and records, and what it is as epsilon at delta."""

    rho: Amount
    delta: Amount
    epsilon: Annotated[Amount | None, Given()] = None


class AttackSummary(FileModel):
    """What the public is told of the attack: how far it reached, and how much cannot be called back."""

    safe: bool
    threshold: Threshold
    already_public: Count
    examined: Examined


class Approval(FileModel):
    """A person who answers for a release, by role and a number that names nobody; others may say more in words."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    role: str = ""
    who: str = ""
    at: str = ""


class FileRef(FileModel):
    """A file of a release and its SHA-256."""

    file: str
    sha256: Hash


class Cells(FileModel):
    """How many cells of a table are published, and how many are not or not exactly."""

    published: Count
    suppressed: Count
    perturbed: Count
    noised: Count = 0


class TableEntry(FileModel):
    """What a manifest says of a table."""

    name: PartName
    file: Annotated[str, Field(pattern=rf"^tables/{PART}\.csv$")]
    of: str
    by: Distinct
    where: Where
    method: Literal["none", "suppress", "cellkey", "dp"]
    params: dict[str, Any]
    sha256: Hash
    title: Text
    cells: Cells
    notes: list[str]
    multi: list[str]


class RecordsFile(FileRef):
    """A file of synthetic records, or one that goes with them."""

    file: Annotated[
        str, Field(pattern=rf"^microdata/{PART}\.(csv|parquet|certificate\.json|dictionary\.csv|example\.py)$")
    ]


class MicrodataEntry(FileModel):
    """What a manifest says of a set of synthetic records."""

    name: PartName
    of: str
    title: Text
    columns: Annotated[Distinct, Field(min_length=1)]
    multi: list[str]
    cohorts: Annotated[str | None, Given()] = None
    through: Annotated[str | None, Given()] = None
    method: Literal["dp"]
    preset: Preset
    rho: Positive
    epsilon: Positive
    delta: Amount
    unit: str
    rows: Count
    worth: bool
    advice: str
    errors: list[dict[str, Any]]
    files: Annotated[list[RecordsFile], Field(min_length=1)]


class Detected(FileModel):
    """The number detected: the total of a protected table of the same release."""

    table: str
    count: Count
    status: Literal["ok", "perturbed", "noised"]


class EstimateFile(FileRef):
    """A file of an estimate."""

    file: Annotated[str, Field(pattern=rf"^estimates/{PART}\.(json|csv|svg)$")]


class PrevalenceEntry(FileModel):
    """What a manifest says of an estimate: a range, or the rule under which none is published."""

    name: PartName
    of: str
    title: Text
    period: Period
    where: Where
    lists: dict[str, Values]
    seed: Count
    bootstrap: Annotated[int, Field(ge=LEAST_RESAMPLES), AS_INTEGER]
    detected: Annotated[Detected | None, Given()] = None
    lower: Annotated[Count | None, Given()] = None
    upper: Annotated[Count | None, Given()] = None
    no_estimate: Annotated[str | None, Given()] = None
    planted: Annotated[Annotated[int, Field(ge=1), AS_INTEGER] | None, Given()] = None
    files: Annotated[list[EstimateFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        there = {"detected", "lower", "upper"} <= self.model_fields_set
        if there == ("no_estimate" in self.model_fields_set):
            raise ValueError("holds either a range with the number detected, or the rule under which there is none")
        return self


class Contents(FileModel):
    """What a draft and a signed release say alike."""

    format: Literal["kerege-release/1"]
    title: Text
    period: Period
    created: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}")]
    invented: bool
    code_version: str
    embargo: Annotated[str | None, Given()] = None
    prose: Annotated[Text | None, Given()] = None
    revision_of: Annotated[str | None, Given()] = None
    revision_note: Annotated[Text | None, Given()] = None
    snapshots: list[SnapshotRef]
    policy: Policy
    privacy: PrivacyLoss
    approvals: list[Approval]
    tables: Annotated[list[TableEntry], Field(min_length=1)]
    microdata: Annotated[list[MicrodataEntry], Field(min_length=1, max_length=MOST)] = []
    estimates: Annotated[list[PrevalenceEntry], Field(min_length=1)] = []

    @property
    def content(self) -> bytes:
        """The bytes that are written: the same manifest has the same ones."""
        return as_bytes(self.tree)


class Manifest(Contents):
    """`manifest.json` of a signed release; `attack` is null in releases of versions that did not attack them."""

    attack: AttackSummary | None


class Draft(Contents):
    """`draft.json`: a manifest-to-be with the whole report, and what publishing needs beside it."""

    attack: AttackReport | None
    request: str
    before: list[str]  # hashes of what was public when it was attacked
    hashes: dict[str, str]  # of the snapshots by unit, for the ledger; no part of what is published
    pending: list[str] = []  # sets of records that were not made, since the tables did not pass

    def released(self, report: AttackReport, approvals: list[Approval]) -> Manifest:
        """Return the manifest of this draft after its last attack."""
        own = {"request", "before", "hashes", "pending"}
        told = {name: getattr(self, name) for name in self.model_fields_set - own}
        return Manifest(**told | {"attack": summary(report), "approvals": approvals})


def contents_of(spec: ReleaseSpec, tables: list[Table], sources: list[Snapshot], created: str) -> dict[str, Any]:
    """Return the parts of a manifest-to-be by name; attack and approvals are still open."""
    told = {
        "embargo": spec.embargo,
        "prose": spec.prose,
        "revision_of": spec.revision_of,
        "revision_note": spec.revision_note,
    }
    sensitive = sorted({name for each in spec.tables for name in each.sensitive})
    return {
        "format": FORMAT,
        "title": spec.title,
        "period": spec.period,
        "created": created,
        "invented": any(each.invented for each in sources),
        "code_version": kerege.__version__,
        "snapshots": [_named(each) for each in sources],
        "policy": Policy(threshold=spec.threshold, sensitive=sensitive),
        "privacy": privacy(spec.rho),
        "attack": None,
        "approvals": [],
        "tables": [_entry(table, each) for table, each in zip(tables, spec.tables, strict=True)],
    } | {name: value for name, value in told.items() if value}


def _named(source: Snapshot) -> SnapshotRef:
    called = {"fingerprint": source.fingerprint} if source.fingerprint else {}
    return SnapshotRef(unit=source.unit, as_of=source.as_of, **called)


def privacy(rho: float, unlisted: float = 0.0) -> PrivacyLoss:
    """The privacy loss of noised tables and records (zCDP), and what it is as epsilon at delta; all else is outside.

    `unlisted` is what went to values that nobody listed, and adds to delta.
    """
    if not rho:
        return PrivacyLoss(rho=0, delta=0)
    return PrivacyLoss(rho=rho, delta=DELTA + unlisted, epsilon=rho_to_epsilon(rho, DELTA))


def files_of(manifest: Contents) -> dict[str, str]:
    """The hash of every file that a manifest names: tables, then what belongs to synthetic records and estimates."""
    records = [file for each in manifest.microdata for file in each.files]
    estimates = [file for each in manifest.estimates for file in each.files]
    named: list[TableEntry | FileRef] = [*manifest.tables, *records, *estimates]
    return {each.file: each.sha256 for each in named}


def _entry(table: Table, wanted: TableSpec) -> TableEntry:
    return TableEntry(
        name=table.name, file=f"tables/{table.name}.csv", of=table.of, by=list(table.by), where=table.where,
        method=wanted.method, params=table.params, sha256=sha(to_csv(table).encode()), title=wanted.title,
        cells=Cells(**table.tally()), notes=table.notes, multi=sorted(table.multi),
    )  # fmt: skip


def account(manifest: Manifest, hashes: dict[str, str]) -> dict[str, Any]:
    """What the ledger keeps of a release, with the hashes of the snapshots by unit, which nobody outside is told.

    Noise was charged when it was drawn.
    """
    named = {
        "microdata": [entry.name for entry in manifest.microdata],
        "estimates": [entry.name for entry in manifest.estimates],
    }
    known = [each.tree | {"sha256": hashes[each.unit]} for each in manifest.snapshots]
    return {
        "kind": "release",
        "at": manifest.created,
        "period": manifest.period,
        "snapshots": known,
        "manifest": sha(manifest.content),
        "tables": [entry.name for entry in manifest.tables],
        "methods": sorted({entry.method for entry in manifest.tables}),
        "rho": 0,
        "delta": 0,
    } | {part: names for part, names in named.items() if names}


def summary(report: AttackReport) -> AttackSummary:
    """What the public is told of an attack."""
    return AttackSummary(
        safe=report.safe, threshold=report.threshold, already_public=report.already_public, examined=report.examined
    )


def as_bytes(tree: dict[str, Any]) -> bytes:
    """What is written and signed: the same tree has the same bytes."""
    return (json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def sha(content: bytes) -> str:
    """SHA-256 as manifests write it."""
    return hashlib.sha256(content).hexdigest()
