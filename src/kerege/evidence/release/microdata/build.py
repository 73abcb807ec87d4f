"""Synthetic records for a release: made once against the ledger, with the files that go with them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release.manifest import MicrodataEntry, RecordsFile, sha
from kerege.evidence.release.microdata.companion_files import written
from kerege.evidence.release.spec import ReleaseSpec
from kerege.evidence.release.spec.microdata import MicrodataSpec
from kerege.vocabulary import snapshot_columns as standard

if TYPE_CHECKING:
    from kerege.evidence.synthesis.cohorts.budget_series import Series

FOLDER = "microdata"
PARTS = ("csv", "parquet", "certificate.json", "dictionary.csv", "example.py")  # of NAME, as they are published
STORED = {"csv": "records.csv", "parquet": "records.parquet", "certificate.json": "records.certificate.json"}
OPTION = re.compile(r"--(through|revise|series)\b")
Progress = Callable[[float, str], None]


def silent(share: float, words: str) -> None:
    """Tells nobody how far the work is."""


def check(wanted: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    """What is wrong with records that are asked for, before anything is drawn; snapshots by unit."""
    return [fault for each in wanted for fault in _wrong(each, by_unit)]


def _wrong(wanted: MicrodataSpec, by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    if wanted.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        return [Fault(f"microdata {wanted.name}: no snapshot of {shown(wanted.of)}", todo)]
    snapshot = by_unit[wanted.of]
    if not standard.a_person_a_row(wanted.of):
        what = f"microdata {wanted.name}: a row of {wanted.of} is not one person, so no person would be protected"
        return [Fault(what, "publish noised tables of it instead", snapshot.path)]
    from kerege.evidence.synthesis.pipeline import request_of  # loads what only whoever makes records needs

    try:
        if wanted.cohorts:
            _series(wanted, snapshot, "")
        else:
            request_of(snapshot, wanted.request(""))
    except BadInput as bad:
        return [
            replace(fault, what=f"microdata {wanted.name}: {_as_written(fault.what)}", todo=_as_written(fault.todo))
            for fault in bad.faults
        ]
    return []


def _as_written(text: str) -> str:
    """What is an option of the command line is a key here."""
    return OPTION.sub(r"`\1`", text)


def _series(wanted: MicrodataSpec, snapshot: Snapshot, period: str) -> Series:
    """The series to which records of cohorts belong; looks at no record. Raises BadInput."""
    from kerege.evidence.synthesis.cohorts.budget_series import series_of

    return series_of(snapshot, wanted.request(period), wanted.divided, ())


def needed(wanted: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot], ledger: Ledger, period: str) -> float:
    """What records cost a person (rho) at most that were not made before; looks at no record.

    Of cohorts, of which she is in one, what a new one costs with all its revisions. Raises BadInput, and Refused for
    revisions that cannot be.
    """
    if not wanted:
        return 0.0
    from kerege.evidence.synthesis.pipeline import loss, request_of

    made = {entry.get("request") for entry in ledger.entries()}
    fresh = {}
    for each in wanted:
        if not each.cohorts:
            request = each.request(period)
            fresh[request_of(by_unit[each.of], request)] = loss(request)
    whole = sum(rho for request, rho in fresh.items() if request not in made)
    return float(whole + sum(series.rho for series, _new in _unpaid(wanted, by_unit, ledger, period)))


def _unpaid(
    wanted: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot], ledger: Ledger, period: str
) -> list[tuple[Series, list[str]]]:
    """The series with cohorts for which no budget was set aside before, and these."""
    divided = [_series(each, by_unit[each.of], period) for each in wanted if each.cohorts]
    if not divided:
        return []
    from kerege.evidence.synthesis.cohorts.budget_series import new

    try:
        found = [(series, new(series, ledger)) for series in divided]
    except BadInput as bad:
        raise BadInput([replace(each, what=_as_written(each.what)) for each in bad.faults]) from None
    return [(series, values) for series, values in found if values]


def abouts(
    wanted: Sequence[MicrodataSpec], by_unit: Mapping[str, Snapshot], ledger: Ledger, period: str
) -> list[dict[str, Any] | None]:
    """Whom the ledger has to be asked about: those of each set of new cohorts, who lost nothing by the others; else
    everybody."""
    unpaid = _unpaid(wanted, by_unit, ledger, period)
    if not unpaid:
        return [None]
    from kerege.evidence.synthesis.cohorts.budget_series import whose

    return [whose(series, values) for series, values in unpaid]


def make(
    spec: ReleaseSpec,
    by_unit: Mapping[str, Snapshot],
    ledger: Ledger,
    folder: Path,
    progress: Progress = silent,
    beside: Callable[[], Mapping[str, Any]] = dict,
) -> list[MicrodataEntry]:
    """Write all records of a specification to `folder`/microdata; returns what the manifest says of them.

    Each set is charged to the ledger before it is written, or is what was made of the same request before. What else is
    published of the same people, which `beside` tells once all is charged, goes into every certificate. Raises BadInput
    and Refused.
    """
    (folder / FOLDER).mkdir()
    certificates = []
    for number, each in enumerate(spec.microdata):

        def told(share: float, words: str, number: int = number) -> None:
            progress((number + share) / len(spec.microdata), words)

        certificates.append(_one(each, by_unit[each.of], spec.period, ledger, folder, told))
    more = {"beside": beside()}
    return [
        _finished(each, by_unit[each.of], certificate | more, folder)
        for each, certificate in zip(spec.microdata, certificates, strict=True)
    ]


def _one(
    wanted: MicrodataSpec, snapshot: Snapshot, period: str, ledger: Ledger, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Make the records of one set and put them where the release has them; returns their certificate."""
    part = folder / FOLDER / f".{wanted.name}"
    part.mkdir()
    certificate = _produced(wanted, snapshot, period, ledger, part, progress)
    for suffix, stored in STORED.items():
        (part / stored).replace(folder / FOLDER / f"{wanted.name}.{suffix}")
    for extra in part.iterdir():
        extra.unlink()
    part.rmdir()
    return certificate


def _produced(
    wanted: MicrodataSpec, snapshot: Snapshot, period: str, ledger: Ledger, part: Path, progress: Progress
) -> dict[str, Any]:
    from kerege.evidence import synthesis
    from kerege.evidence.synthesis.cohorts import cohort_releases

    request = wanted.request(period)
    if wanted.cohorts:
        return cohort_releases.produce(snapshot, request, wanted.divided, ledger, part, progress)
    return synthesis.synthesize(snapshot, request, ledger, part, progress)


def _finished(
    wanted: MicrodataSpec, snapshot: Snapshot, certificate: Mapping[str, Any], folder: Path
) -> MicrodataEntry:
    """Write the certificate of a set, its dictionary and example; returns what the manifest says of it."""
    path = folder / FOLDER / f"{wanted.name}.certificate.json"
    path.write_text(json.dumps(certificate, ensure_ascii=False, indent=1), encoding="utf-8")
    written(folder / FOLDER, wanted.name, wanted.of, wanted.title)
    return entry(wanted, snapshot, certificate, folder)


def unlisted(folder: Path, name: str) -> float:
    """The delta that the certificate of a set of records says went to values that nobody listed."""
    certificate = json.loads((folder / FOLDER / f"{name}.certificate.json").read_text(encoding="utf-8"))
    return float(certificate["guarantee"].get("delta_for_unlisted_values", 0))


def entry(wanted: MicrodataSpec, snapshot: Snapshot, certificate: Mapping[str, Any], folder: Path) -> MicrodataEntry:
    """What the manifest says of a set of records."""
    columns, claim = wanted.asked or snapshot.columns, certificate["guarantee"]
    divided = {name: value for name in ("cohorts", "through") if (value := getattr(wanted, name))}
    names = [f"{FOLDER}/{wanted.name}.{suffix}" for suffix in PARTS]
    return MicrodataEntry(
        name=wanted.name, of=wanted.of, title=wanted.title, columns=list(columns),
        multi=sorted(snapshot.multi & set(columns)), method="dp", preset=wanted.preset,
        rho=float(claim["rho"]), epsilon=float(claim["epsilon"]), delta=float(claim["delta"]), unit=str(claim["unit"]),
        rows=int(certificate["rows"]), worth=bool(certificate["worth"]), advice=str(certificate["advice"]),
        errors=list(certificate["expected"]),
        files=[RecordsFile(file=name, sha256=sha((folder / name).read_bytes())) for name in names], **divided,
    )  # fmt: skip
