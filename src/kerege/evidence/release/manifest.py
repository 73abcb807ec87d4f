"""Models of the manifest of a release and of its draft, and the entry of a release in the ledger."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from kerege.base.file_model import FileModel
from kerege.base.file_types import AS_INTEGER, Amount, Count, Distinct, Given, Hash, PartName, Positive, Text, Values
from kerege.evidence.data.publication_threshold import LEAST
from kerege.evidence.data.snapshot_metadata import PackStamp
from kerege.evidence.ledger.entry import EnteredSnapshot, EntryContents, LedgerState
from kerege.evidence.release.spec.microdata import MOST, Preset
from kerege.evidence.release.spec.prevalence import LEAST as LEAST_RESAMPLES
from kerege.evidence.sdc.disclosure.report import AttackReport, Examined

FORMAT = "kerege-release/1"
PART = r"[a-z0-9][a-z0-9_-]{0,63}"
Period = Annotated[str, Field(pattern=r"^\d{4}")]
Where = dict[str, Values]
Threshold = Annotated[int, Field(ge=LEAST), AS_INTEGER]


class SnapshotRef(FileModel):
    """Public reference to a snapshot: its unit, date and, with a ledger, a fingerprint; never its hash.

    `pack` is the pack of the country whose code lists it follows; files of other origin state none.
    """

    unit: str
    fingerprint: Annotated[Hash | None, Given()] = None
    as_of: str
    pack: Annotated[PackStamp | None, Given()] = None


class TieEntry(FileModel):
    """A statement that the rows of one unit concern the people of another, as the assessment assumes it.

    `same` are columns in which a row has the value of its person. `values` maps a column of the rows to the
    multi-valued column of the people that has the values of all their rows. `one_row_per_value` are columns in
    which nobody has two rows with one value.
    """

    rows: str
    people: str
    same: list[str]
    values: dict[str, str]
    every_row_counted: bool
    one_row_per_value: list[str]


class Policy(FileModel):
    """The smallest publishable count, and the sensitive columns in which no group may share one value.

    `applies_to` says for each unit of which a row is not a person whether the threshold applies to the people behind
    the rows, or to the rows because the register records no people of them. Where a row is a person, nothing is stated.
    """

    threshold: Threshold
    sensitive: list[str] = []
    applies_to: Annotated[dict[str, Literal["people", "rows"]] | None, Given()] = None


class PrivacyLoss(FileModel):
    """The privacy loss of all differentially private tables and records, also as epsilon at delta."""

    rho: Amount
    delta: Amount
    epsilon: Annotated[Amount | None, Given()] = None


class AttackSummary(FileModel):
    """Public summary of the disclosure risk assessment: extent, and disclosures already public."""

    safe: bool
    threshold: Threshold
    already_public: Count
    examined: Examined


class ReleaseApproval(FileModel):
    """A person who approved a release, by role and a pseudonymous number; further text fields are allowed."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, str]

    role: str = ""
    who: str = ""
    at: str = ""


class FileRef(FileModel):
    """A file of a release and its SHA-256."""

    file: str
    sha256: Hash


class LabelsFile(FileRef):
    """The file that keeps the labels of the codes and columns of a release; earlier versions wrote none."""

    file: Literal["labels.json"]


class Cells(FileModel):
    """Numbers of cells of a table by status.

    `perturbed` cells are rounded or have the noise of the cell key method. `noised` cells have the noise of
    differential privacy.
    """

    published: Count
    suppressed: Count
    perturbed: Count
    noised: Count = 0


class TableEntry(FileModel):
    """A table of a release."""

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
    """A file of synthetic records, or a companion file."""

    file: Annotated[
        str,
        Field(pattern=rf"^microdata/{PART}\.(csv|parquet|counts\.csv|certificate\.json|dictionary\.csv|example\.py)$"),
    ]


class MicrodataEntry(FileModel):
    """A set of synthetic records of a release.

    Noisy counts chose the `columns` among `asked_columns`, if these are stated.
    """

    name: PartName
    of: str
    title: Text
    columns: Annotated[Distinct, Field(min_length=1)]
    multi: list[str]
    cohorts: Annotated[str | None, Given()] = None
    through: Annotated[str | None, Given()] = None
    method: Literal["dp"]
    preset: Preset
    asked_columns: Annotated[Distinct | None, Given()] = None
    rho: Positive
    epsilon: Positive
    delta: Amount
    unit: str
    rows: Count
    worth: bool
    advice: str
    errors: list[dict[str, Any]]
    files: Annotated[list[RecordsFile], Field(min_length=1)]

    @property
    def has_records(self) -> bool:
        """Return whether there is a file of records, and not only noisy counts."""
        return any(file.file == f"microdata/{self.name}.csv" for file in self.files)


class DetectedTotal(FileModel):
    """The number detected: the total of a protected table of the same release."""

    table: str
    count: Count
    status: Literal["ok", "perturbed", "noised"]


class EstimateFile(FileRef):
    """A file of an estimate."""

    file: Annotated[str, Field(pattern=rf"^estimates/{PART}\.(json|csv|svg)$")]


class PrevalenceEntry(FileModel):
    """An estimate of a release: a range or a lower figure, or the rule under which none is published."""

    name: PartName
    of: str
    title: Text
    period: Period
    where: Where
    lists: dict[str, Values]
    seed: Count
    bootstrap: Annotated[int, Field(ge=LEAST_RESAMPLES), AS_INTEGER]
    detected: Annotated[DetectedTotal | None, Given()] = None
    kind: Annotated[Literal["range", "at_least"] | None, Given()] = None
    lower: Annotated[Count | None, Given()] = None
    upper: Annotated[Count | None, Given()] = None
    least_chance: Annotated[float | None, Given()] = None
    linkage_reviewed: Annotated[bool | None, Given()] = None
    no_estimate: Annotated[str | None, Given()] = None
    planted: Annotated[Annotated[int, Field(ge=1), AS_INTEGER] | None, Given()] = None
    files: Annotated[list[EstimateFile], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        figures = {"detected", "lower"} if self.kind == "at_least" else {"detected", "lower", "upper"}
        has_range = figures <= self.model_fields_set
        if has_range == ("no_estimate" in self.model_fields_set):
            raise ValueError("holds either a range with the number detected, or the rule under which there is none")
        return self


class ReleaseContents(FileModel):
    """The contents that a draft and a signed release have in common."""

    format: Literal["kerege-release/1"]
    title: Text
    period: Period
    cumulative: Annotated[bool | None, Given()] = None
    created: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}")]
    invented: bool
    code_version: str
    embargo: Annotated[str | None, Given()] = None
    prose: Annotated[Text | None, Given()] = None
    revision_of: Annotated[str | None, Given()] = None
    revision_note: Annotated[Text | None, Given()] = None
    snapshots: list[SnapshotRef]
    policy: Policy
    ties: Annotated[list[TieEntry] | None, Given()] = None
    privacy: PrivacyLoss
    approvals: list[ReleaseApproval]
    tables: Annotated[list[TableEntry], Field(min_length=1)]
    microdata: Annotated[list[MicrodataEntry], Field(min_length=1, max_length=MOST)] = []
    estimates: Annotated[list[PrevalenceEntry], Field(min_length=1)] = []
    labels: Annotated[LabelsFile | None, Given()] = None

    @property
    def content(self) -> bytes:
        """Return the bytes of the file; equal manifests have equal bytes."""
        return as_bytes(self.tree)


class Manifest(ReleaseContents):
    """`manifest.json` of a signed release.

    `attack` is null in releases of versions without a risk assessment. `ledger` is the state of the ledger before this
    release was entered in it; earlier versions did not record it.
    """

    attack: AttackSummary | None
    ledger: Annotated[LedgerState | None, Given()] = None


class DraftManifest(ReleaseContents):
    """`draft.json`: a draft manifest with the full attack report and the data that publishing needs."""

    attack: AttackReport | None
    request: str
    before: list[str]  # hashes of the public releases that the assessment included
    hashes: dict[str, str]  # hashes of the snapshots by unit, for the ledger only; they are not published
    pending: list[str] = []  # sets of records that were not made because the tables did not pass

    def released(
        self, report: AttackReport, approvals: list[ReleaseApproval], ledger: LedgerState | None = None
    ) -> Manifest:
        """Return the manifest of this draft after its last risk assessment, with the state of the ledger."""
        draft_fields = {"request", "before", "hashes", "pending"}
        contents = {name: getattr(self, name) for name in self.model_fields_set - draft_fields}
        state = {"ledger": ledger} if ledger else {}
        return Manifest(**contents | {"attack": attack_summary(report), "approvals": approvals} | state)


def files_of(manifest: ReleaseContents) -> dict[str, str]:
    """Return the hash of every file of a manifest: tables, files of records and estimates, labels."""
    records = [file for entry in manifest.microdata for file in entry.files]
    estimates = [file for entry in manifest.estimates for file in entry.files]
    labels = [manifest.labels] if manifest.labels else []
    files: list[TableEntry | FileRef] = [*manifest.tables, *records, *estimates, *labels]
    return {entry.file: entry.sha256 for entry in files}


def ledger_entry(manifest: Manifest, hashes: dict[str, str]) -> EntryContents:
    """Return the ledger entry of a release, with the non-public hashes of the snapshots by unit.

    Its loss is 0 because noise is charged when it is drawn.
    """
    names_by_part = {
        "microdata": [entry.name for entry in manifest.microdata],
        "estimates": [entry.name for entry in manifest.estimates],
    }
    about = EntryContents(
        kind="release",
        at=manifest.created,
        period=manifest.period,
        snapshots=[EnteredSnapshot(**item.tree, sha256=hashes[item.unit]) for item in manifest.snapshots],
        manifest=hash_content(manifest.content),
        tables=[entry.name for entry in manifest.tables],
        methods=sorted({entry.method for entry in manifest.tables}),
        rho=0,
        delta=0,
    )
    return about.merged(EntryContents.model_validate({part: names for part, names in names_by_part.items() if names}))


def attack_summary(report: AttackReport) -> AttackSummary:
    """Return the public summary of an attack report."""
    return AttackSummary(
        safe=report.safe, threshold=report.threshold, already_public=report.already_public, examined=report.examined
    )


def as_bytes(tree: dict[str, Any]) -> bytes:
    """Return the bytes of a tree to write and sign; equal trees have equal bytes."""
    return (json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def hash_content(content: bytes) -> str:
    """Return the SHA-256 in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
