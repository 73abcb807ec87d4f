"""Synthetic records of a release: made once, charged to the ledger, with their companion files."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.data.snapshot import Snapshot, check_value_sets
from kerege.evidence.dp.zcdp import compose
from kerege.evidence.ledger.entry import EntryContents
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.manifest import MicrodataEntry, RecordsFile, hash_content
from kerege.evidence.release.microdata.companion_files import write_companions
from kerege.evidence.release.spec import ReleaseSpec
from kerege.evidence.release.spec.microdata import MicrodataSpec
from kerege.vocabulary import snapshot_columns as standard

if TYPE_CHECKING:
    from kerege.evidence.synthesis.cohorts.budget_series import CohortSeries

FOLDER = "microdata"
# suffixes of the published files; records of earlier versions, which the ledger returns unchanged, have no counts
PARTS = ("csv", "parquet", "counts.csv", "certificate.json", "dictionary.csv", "example.py")
STORED = {
    "csv": "records.csv",
    "parquet": "records.parquet",
    "counts.csv": "records.counts.csv",
    "certificate.json": "records.certificate.json",
}
OPTION = re.compile(r"--(through|revise|series|auto)\b")
Progress = Callable[[float, str], None]


def ignore_progress(share: float, words: str) -> None:
    """Ignore progress; the default progress function."""


def check(record_specs: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    """Return the faults of requested records, before noise is drawn; `by_unit` are the snapshots by unit."""
    return [fault for record_spec in record_specs for fault in _set_faults(record_spec, by_unit)]


def _set_faults(record_spec: MicrodataSpec, by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    if record_spec.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        return [Fault(f"microdata {record_spec.name}: there is no snapshot of {shown(record_spec.of)}", todo)]
    snapshot = by_unit[record_spec.of]
    if not standard.a_person_a_row(record_spec.of):
        what = (
            f"microdata {record_spec.name}: a row of {record_spec.of} is not one person, "
            "so no person would be protected"
        )
        return [Fault(what, "publish noised tables of it instead", snapshot.path)]
    from kerege.evidence.synthesis.pipeline import request_of  # imported late: only making records needs it

    try:
        check_value_sets(snapshot, record_spec.columns or snapshot.columns)
        if record_spec.cohorts:
            _series(record_spec, snapshot, "")
        else:
            request_of(snapshot, record_spec.request(""))
    except BadInput as bad:
        return [
            replace(
                fault, what=f"microdata {record_spec.name}: {_as_written(fault.what)}", todo=_as_written(fault.todo)
            )
            for fault in bad.faults
        ]
    return []


def _as_written(text: str) -> str:
    """Return a message with command line options replaced by keys of the specification."""
    return OPTION.sub(r"`\1`", text)


def _series(record_spec: MicrodataSpec, snapshot: Snapshot, period: str) -> CohortSeries:
    """Return the series of records by cohort without reading a record. Raise BadInput."""
    from kerege.evidence.synthesis.cohorts.budget_series import series_of

    return series_of(snapshot, record_spec.request(period), record_spec.divided, ())


def compute_needed_loss(
    record_specs: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot], ledger: Ledger, period: str
) -> float:
    """Return the largest loss (rho) of a person by new records, without reading a record.

    A person is in one cohort of a series, so a series with new cohorts adds the loss of one cohort with all its
    revisions. Raise BadInput, or Refused for revisions that are not possible.
    """
    if not record_specs:
        return 0.0
    from kerege.evidence.synthesis.pipeline import compute_loss, request_of

    entered_requests = {entry.request for entry in ledger.entries()}
    loss_by_request = {}
    for record_spec in record_specs:
        if not record_spec.cohorts:
            request = record_spec.request(period)
            loss_by_request[request_of(by_unit[record_spec.of], request)] = compute_loss(request)
    single_losses = (rho for request, rho in loss_by_request.items() if request not in entered_requests)
    return compose([*single_losses, *(series.rho for series, _new in _unpaid(record_specs, by_unit, ledger, period))])


def _unpaid(
    record_specs: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot], ledger: Ledger, period: str
) -> list[tuple[CohortSeries, list[str]]]:
    """Return the series that have cohorts without reserved budget, with these cohorts."""
    cohort_series = [
        _series(record_spec, by_unit[record_spec.of], period) for record_spec in record_specs if record_spec.cohorts
    ]
    if not cohort_series:
        return []
    from kerege.evidence.synthesis.cohorts.budget_series import find_unpaid_cohorts

    try:
        unpaid = [(series, find_unpaid_cohorts(series, ledger)) for series in cohort_series]
    except BadInput as bad:
        raise BadInput([replace(fault, what=_as_written(fault.what)) for fault in bad.faults]) from None
    return [(series, values) for series, values in unpaid if values]


def list_budget_owners(
    record_specs: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot], ledger: Ledger, period: str
) -> list[EntryContents | None]:
    """Return whose budget must be checked: the new cohorts of each series, or [None] for everybody.

    A new cohort has no earlier loss from the other cohorts of its series.
    """
    unpaid = _unpaid(record_specs, by_unit, ledger, period)
    if not unpaid:
        return [None]
    from kerege.evidence.synthesis.cohorts.budget_series import people_of_entry

    return [people_of_entry(series, values) for series, values in unpaid]


def make(
    spec: ReleaseSpec,
    by_unit: Mapping[str, Snapshot],
    ledger: Ledger,
    folder: Path,
    progress: Progress = ignore_progress,
    beside: Callable[[], Mapping[str, Any]] = dict,
) -> list[MicrodataEntry]:
    """Write all records of a specification to `folder`/microdata; return their manifest entries.

    Each set is charged to the ledger before it is written, or copied if the same request was made before. After all
    charges `beside` returns the statement on other publications about the same people; every certificate contains it.
    Raise BadInput or Refused.
    """
    (folder / FOLDER).mkdir()
    certificates = []
    for number, record_spec in enumerate(spec.microdata):

        def report_progress(share: float, words: str, number: int = number) -> None:
            progress((number + share) / len(spec.microdata), words)

        certificates.append(
            _make_set(
                record_spec,
                by_unit[record_spec.of],
                period=spec.period,
                ledger=ledger,
                folder=folder,
                progress=report_progress,
            )
        )
    statement = {"beside": beside()}
    return [
        _finish_set(record_spec, by_unit[record_spec.of], certificate | statement, folder)
        for record_spec, certificate in zip(spec.microdata, certificates, strict=True)
    ]


def _make_set(
    record_spec: MicrodataSpec, snapshot: Snapshot, period: str, ledger: Ledger, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Make the records of one set and move them to the release folder; return their certificate."""
    part = folder / FOLDER / f".{record_spec.name}"
    part.mkdir()
    certificate = _synthesize(record_spec, snapshot, period=period, ledger=ledger, part=part, progress=progress)
    for suffix, stored in STORED.items():
        if (part / stored).exists():
            (part / stored).replace(folder / FOLDER / f"{record_spec.name}.{suffix}")
    for extra in part.iterdir():
        extra.unlink()
    part.rmdir()
    return certificate


def _synthesize(
    record_spec: MicrodataSpec, snapshot: Snapshot, period: str, ledger: Ledger, part: Path, progress: Progress
) -> dict[str, Any]:
    from kerege.evidence import synthesis
    from kerege.evidence.synthesis.cohorts import cohort_releases

    request = record_spec.request(period)
    if record_spec.cohorts:
        return cohort_releases.produce(
            snapshot, request, cohorts=record_spec.divided, ledger=ledger, folder=part, progress=progress
        )
    return synthesis.synthesize(snapshot, request, ledger, part, progress)


def _finish_set(
    record_spec: MicrodataSpec, snapshot: Snapshot, certificate: Mapping[str, Any], folder: Path
) -> MicrodataEntry:
    """Write the certificate, dictionary and example of a set; return its manifest entry."""
    path = folder / FOLDER / f"{record_spec.name}.certificate.json"
    path.write_text(json.dumps(certificate, ensure_ascii=False, indent=1), encoding="utf-8")
    write_companions(folder / FOLDER, record_spec.name, record_spec.of, record_spec.title)
    return microdata_entry(record_spec, snapshot, certificate, folder)


def unlisted_delta(folder: Path, name: str) -> float:
    """Return the part of delta for finding unlisted values, from the certificate of a set of records."""
    certificate = json.loads((folder / FOLDER / f"{name}.certificate.json").read_text(encoding="utf-8"))
    return float(certificate["guarantee"].get("delta_for_unlisted_values", 0))


def microdata_entry(
    record_spec: MicrodataSpec, snapshot: Snapshot, certificate: Mapping[str, Any], folder: Path
) -> MicrodataEntry:
    """Return the manifest entry of a set of records."""
    asked, claim = record_spec.asked or snapshot.columns, certificate["guarantee"]
    columns = [column["name"] for column in certificate["columns"]] if record_spec.auto else asked
    given = {name: value for name in ("cohorts", "through") if (value := getattr(record_spec, name))}
    if record_spec.auto:
        given["asked_columns"] = list(asked)
    # the count of nine in ten accurate counts is that of the records, if the certificate states it
    counts_from = {entry["length"]: {"nine_in_ten": entry["nine_in_ten"]} for entry in certificate.get("accuracy", [])}
    names = [name for suffix in PARTS if (folder / (name := f"{FOLDER}/{record_spec.name}.{suffix}")).exists()]
    return MicrodataEntry(
        name=record_spec.name,
        of=record_spec.of,
        title=record_spec.title,
        columns=list(columns),
        multi=sorted(snapshot.multi & set(columns)),
        method="dp",
        preset=record_spec.preset,
        rho=float(claim["rho"]),
        epsilon=float(claim["epsilon"]),
        delta=float(claim["delta"]),
        unit=str(claim["unit"]),
        rows=int(certificate["rows"]),
        worth=bool(certificate["worth"]),
        advice=str(certificate["advice"]),
        errors=[entry | counts_from.get(entry["length"], {}) for entry in certificate["expected"]],
        files=[RecordsFile(file=name, sha256=hash_content((folder / name).read_bytes())) for name in names],
        **given,
    )
