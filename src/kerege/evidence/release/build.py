"""A release: protected tables that were attacked, a manifest that says how each was made, and a signature over it.

`prepare` counts, protects and attacks, makes the synthetic records of what passed, and writes a draft; `publish`
attacks the draft again together with everything that became public since, signs it and enters it in the ledger; `build`
is both at once.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_dir, copy
from kerege.evidence.counting.frequency_table import to_csv
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger, digest
from kerege.evidence.release import MANIFEST, PUBLIC_KEY, SIGNATURE
from kerege.evidence.release.manifest import (
    FORMAT,
    Approval,
    Draft,
    Manifest,
    account,
    contents_of,
    files_of,
    privacy,
    sha,
)
from kerege.evidence.release.microdata.build import Progress, make, silent, unlisted
from kerege.evidence.release.microdata.other_publications import beside
from kerege.evidence.release.prevalence import build as estimates
from kerege.evidence.release.release_folder import check_files, part_of, sign, verify
from kerege.evidence.release.spec import ReleaseSpec, parse, units

if TYPE_CHECKING:
    from kerege.evidence.sdc.constraints.publication import Publication
    from kerege.evidence.sdc.disclosure.report import AttackReport

DRAFT = "draft.json"
__all__ = ["DRAFT", "MANIFEST", "PUBLIC_KEY", "SIGNATURE", "Disclosed", "build", "files_of", "made_from",
           "objection", "prepare", "publish", "safe_variant", "verify"]  # fmt: skip


class Disclosed(Refused):
    """The attack found people: `report` says which figures, how, and what would stop it."""

    def __init__(self, report: AttackReport) -> None:
        self.report = report
        new = report.added
        rest = f" And {len(new) - 1} more." if len(new) > 1 else ""
        super().__init__(" ".join(new[0].words) + rest)


def objection(report: AttackReport) -> Refused | None:
    """Why the gate does not let a release pass that was attacked; None when it does."""
    if report.added:
        return Disclosed(report)
    if report.undecided:
        what = f"{report.undecided} figures could not be examined, so nobody knows whether they are safe"
        return Refused(f"{what}: take fewer or coarser tables")
    return None


def build(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec | dict[str, Any],
    out: Path,
    *,
    key: bytes,
    prior: Sequence[Path] = (),
    created: str | None = None,
    ledger: Ledger | None = None,
    secret: bytes | None = None,
    progress: Progress = silent,
) -> Manifest:
    """Write the release of `spec` to the folder `out`, whole or not at all, and return its manifest.

    `key` is the 32-byte Ed25519 seed. `created` defaults to now (UTC). With a `ledger` everything published through it
    is a prior release, the new one is entered there, and the same request on the same snapshots returns what was
    published then. Raises BadInput, Disclosed and Refused.
    """
    spec = spec if isinstance(spec, ReleaseSpec) else parse(spec)
    with tempfile.TemporaryDirectory() as part:
        draft = Path(part) / "draft"
        with _locked(ledger):
            stored = _stored(ledger, _request(spec, snapshots))
            if stored is not None:
                return _copy(stored, out)
        made = prepare(
            snapshots, spec, draft, prior=prior, ledger=ledger, secret=secret, created=created, progress=progress
        )
        return publish(draft, out, key=key, ledger=ledger, prior=prior, attacked=made)


def prepare(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec | dict[str, Any],
    folder: Path,
    *,
    prior: Sequence[Path] = (),
    ledger: Ledger | None = None,
    secret: bytes | None = None,
    created: str | None = None,
    progress: Progress = silent,
) -> Draft:
    """Count, protect and attack; write tables and the manifest-to-be as `draft.json` to `folder`, and return it.

    Its `attack` is the whole report. A draft that was found unsafe is written too, for its makers to look at; of such a
    one no synthetic records are made, and nothing is charged for them (`pending` names them). Raises BadInput and
    Refused.
    """
    from kerege.evidence.release.build_tables import make_tables
    from kerege.evidence.sdc.disclosure.intruder import examine, public

    spec = spec if isinstance(spec, ReleaseSpec) else parse(spec)
    if spec.microdata and ledger is None:
        raise BadInput(Fault("synthetic records are charged to a ledger", "name one"))
    snapshots = _named(snapshots, ledger)
    before = _before(prior, ledger)
    _same_columns(public(prior), snapshots)
    with _locked(ledger):  # whatever noise is drawn is charged before anybody sees it
        tables = make_tables(snapshots, spec, earlier=public(before), secret=secret, ledger=ledger)
    used = {table.of for table in tables} | {each.of for each in spec.microdata}
    told = contents_of(spec, tables, [each for each in snapshots if each.unit in used], created or _now())
    draft = Draft(
        **told,
        request=_request(spec, snapshots),
        before=[_hash_of(each) for each in before],
        hashes={each.unit: each.sha256 for each in snapshots},
    )
    with atomic_dir(Path(folder)) as part:
        (part / "tables").mkdir()
        for table, entry in zip(tables, draft.tables, strict=True):
            (part / entry.file).write_bytes(to_csv(table).encode())
        if spec.estimates:
            draft = _with(draft, estimates=estimates.make(spec, units(snapshots), tables, part))
        (part / DRAFT).write_bytes(draft.content)
        draft = _with(draft, attack=examine(part, before, spec.threshold, label=spec.title["en"]))
        draft = _with(draft, **_records(draft, spec, snapshots, part, ledger, before, progress))
        (part / DRAFT).write_bytes(draft.content)
    return draft


def _with(draft: Draft, **parts: Any) -> Draft:
    """A draft with further parts."""
    return draft.model_copy(update=parts)


def _records(
    draft: Draft,
    spec: ReleaseSpec,
    snapshots: Sequence[Snapshot],
    part: Path,
    ledger: Ledger | None,
    before: Sequence[Path],
    progress: Progress,
) -> dict[str, Any]:
    """Make the synthetic records of a draft whose tables passed; returns what it says of them.

    Attacks do not look at them.
    """
    if not spec.microdata or ledger is None or draft.attack is None:
        return {}
    if objection(draft.attack):
        return {"pending": [each.name for each in spec.microdata]}
    told = draft.tree | {"microdata": spec.microdata}
    made = make(spec, units(snapshots), ledger, part, progress, lambda: beside(told, before, ledger))
    rho = spec.rho + sum(each.rho for each in made)
    return {"microdata": made, "privacy": privacy(rho, sum(unlisted(part, each.name) for each in made))}


def publish(
    folder: Path,
    out: Path,
    *,
    key: bytes,
    approvals: Iterable[dict[str, str]] = (),
    ledger: Ledger | None = None,
    prior: Sequence[Path] = (),
    attacked: Draft | None = None,
) -> Manifest:
    """Attack a draft with all that is public by now, sign it, enter it in the ledger and write it to `out`.

    Only who prepared it just now may hand over what `prepare` returned (`attacked`): it is not attacked again unless
    more is public since. A report that lay in a file is not believed. What was published of the same request before is
    returned as it stands. Raises Disclosed, Refused and BadInput, and then nothing is written. A process that dies half
    way leaves a ledger from which calling again goes on.
    """
    from kerege.evidence.data.publication_threshold import check_threshold
    from kerege.evidence.sdc.disclosure.intruder import examine

    folder, out = Path(folder), Path(out)
    with _locked(ledger):
        draft = _draft(folder)
        stored = _stored(ledger, draft.request)
        if stored is not None:
            return _copy(stored, out)
        _must_be_free(out, None)
        before, threshold = _before(prior, ledger), draft.policy.threshold
        check_threshold(threshold)
        known = attacked is not None and attacked.before == [_hash_of(each) for each in before]
        report = attacked.attack if attacked is not None and known else None
        if report is None:
            report = examine(folder, before, threshold, label=draft.title["en"])
        if refused := objection(report):
            raise refused
        if draft.pending:
            raise Refused("the synthetic records of this draft were not made: prepare it again")
        manifest = draft.released(report, [Approval.model_validate(each) for each in approvals])
        with _writable(out), atomic_dir(out) as part:
            sign(folder, part, manifest.content, key)
            if ledger is not None:  # only once the folder is sure to be written
                ledger.append(draft.request, part, account(manifest, draft.hashes))
    return verify(out)


def safe_variant(spec: dict[str, Any], report: AttackReport) -> dict[str, Any]:
    """The specification changed as the attack's report advises: what was not suppressed is, what was is left out.

    It has to be attacked again like any other. Raises Refused when no table would remain, or nothing is advised.
    """
    advised = {each.table for found in report.added for each in found.advice}
    tables = []
    for entry in spec["table"]:
        if entry["name"] not in advised:
            tables.append(entry)
        elif entry.get("method", "suppress") != "suppress":
            kept = {
                name: value for name, value in entry.get("params", {}).items() if name in ("threshold", "sensitive")
            }
            tables.append(entry | {"method": "suppress", "params": kept})
    if not tables:
        raise Refused("no table would remain: none of them can be published safely")
    if tables == spec["table"]:
        raise Refused("the attack advises no change of this release: take fewer or coarser tables")
    safe = spec | {"table": tables}
    return safe | {"estimate": estimates.kept(safe)} if "estimate" in spec else safe


def made_from(manifest: Manifest, path: Path, ledger: Ledger) -> None:
    """Raise Refused unless a release was made from this file, by what the ledger calls it; BadInput for no file."""
    try:
        hashed = sha(Path(path).read_bytes())
    except OSError:
        raise BadInput(Fault("cannot be read", "give a snapshot", file=str(path))) from None
    with nullcontext() if not ledger.folder.is_dir() else ledger.locked():
        name = ledger.fingerprint(hashed, made=False)
    if not name or name not in {each.fingerprint for each in manifest.snapshots}:
        raise Refused(f"{Path(path).name}: by this ledger, the release was not made from this file")


def _named(snapshots: Sequence[Snapshot], ledger: Ledger | None) -> list[Snapshot]:
    """The snapshots with the names that they have in what is published, which a ledger gives."""
    if ledger is None:
        return list(snapshots)
    with ledger.locked():
        return [replace(each, fingerprint=ledger.fingerprint(each.sha256)) for each in snapshots]


def _locked(ledger: Ledger | None) -> Any:
    return nullcontext() if ledger is None else ledger.locked()


def _stored(ledger: Ledger | None, request: str) -> Path | None:
    """What was published of a request before."""
    return None if ledger is None else ledger.stored(request)


def _request(spec: ReleaseSpec, snapshots: Sequence[Snapshot]) -> str:
    return digest({"release": spec.source, "snapshots": sorted(each.sha256 for each in snapshots)})


def _before(prior: Sequence[Path], ledger: Ledger | None) -> list[Path]:
    """What is public: the folders given, whose signature must hold if they are releases, and all of the ledger."""
    for folder in prior:
        if _is_release(Path(folder)):
            verify(folder)
    known = [] if ledger is None else _published(ledger)
    seen = {_hash_of(folder) for folder in prior}
    return [*map(Path, prior), *[folder for folder in known if _hash_of(folder) not in seen]]


def _is_release(folder: Path) -> bool:
    """Whether a folder says that it is a release; a manifest may also say no more than whom somebody's tables count."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return (folder / SIGNATURE).exists()
    said = isinstance(manifest, dict) and str(manifest.get("format", "")).startswith(FORMAT.partition("/")[0])
    return said or (folder / SIGNATURE).exists()


def _same_columns(prior: Iterable[Publication], snapshots: Sequence[Snapshot]) -> None:
    """Raise BadInput for an earlier release of the same unit with columns that its snapshot does not have."""
    columns = {each.unit: each.columns for each in snapshots}
    for sheet in (sheet for each in prior for sheet in each.sheets if sheet.stated and sheet.of in columns):
        if strange := sorted({*sheet.by, *sheet.where} - set(columns[sheet.of])):
            what = (
                f"its table {sheet.name} uses the column {strange[0]}, which the snapshot of {sheet.of} does not have"
            )
            raise BadInput(Fault(what, "give earlier releases of the same data", file=sheet.release))


def _published(ledger: Ledger) -> list[Path]:
    """The releases of a ledger, oldest first."""
    requests = [entry["request"] for entry in ledger.entries() if entry.get("kind") == "release"]
    found = [ledger.stored(request) for request in dict.fromkeys(requests)]
    return [folder for folder in found if folder is not None]


def _hash_of(folder: Path) -> str:
    path = Path(folder) / MANIFEST
    return sha(path.read_bytes()) if path.is_file() else str(folder)


def _draft(folder: Path) -> Draft:
    """A draft whose files are as they were written."""
    draft = Draft.parsed(json.loads(part_of(folder, DRAFT)), str(folder / DRAFT))
    check_files(folder, draft, {DRAFT})
    return draft


def _must_be_free(out: Path, same: Path | None) -> None:
    """Raise Refused when another release stands at `out`: what was published is never replaced in silence."""
    there = out / MANIFEST
    if there.exists() and (same is None or there.read_bytes() != (same / MANIFEST).read_bytes()):
        raise Refused(f"{out} holds another release, name another folder or move that one away")


@contextmanager
def _writable(out: Path) -> Iterator[None]:
    """Raise BadInput when a folder cannot be written."""
    try:
        yield
    except (FileNotFoundError, FileExistsError, NotADirectoryError, PermissionError) as error:
        if error.filename and not str(error.filename).startswith(str(out.parent)):
            raise
        raise BadInput(Fault("cannot be written", "choose a folder you may write to", file=str(out))) from None


def _copy(stored: Path, out: Path) -> Manifest:
    """A release once more at another place."""
    _must_be_free(out, stored)
    with _writable(out), atomic_dir(out) as part:
        copy(stored, part)
    return verify(out)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
