"""Build of a release: protected tables that pass a risk assessment, a manifest and its signature.

`prepare` counts and protects the tables, assesses their disclosure risk, makes the synthetic records if they pass, and
writes a draft. `publish` assesses the draft again together with everything published since, signs it, and enters it in
the ledger. `build` does both.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import atomic_dir, copy
from kerege.base.signing import SigningKey
from kerege.evidence.counting.frequency_table import to_csv
from kerege.evidence.data.publication_threshold import check_threshold
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import compose
from kerege.evidence.ledger.entry import digest
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import MANIFEST, PUBLIC_KEY, SIGNATURE
from kerege.evidence.release.labels import write_labels
from kerege.evidence.release.manifest import (
    DraftManifest,
    Manifest,
    ReleaseApproval,
    files_of,
    hash_content,
    ledger_entry,
)
from kerege.evidence.release.manifest_contents import contents_of, privacy
from kerege.evidence.release.microdata.build import Progress, ignore_progress, make, unlisted_delta
from kerege.evidence.release.microdata.other_publications import describe_other_publications
from kerege.evidence.release.prevalence import build as estimates
from kerege.evidence.release.public_releases import check_columns, find_public_folders, release_hash
from kerege.evidence.release.release_folder import check_files, read_file, sign, verify
from kerege.evidence.release.spec import ReleaseSpec, parse, units
from kerege.evidence.release.stated_time import with_stated_time
from kerege.evidence.release.unit_ties import check_tied_units, stated_ties
from kerege.evidence.sdc.published_tables.message_texts import ENGLISH, say, translate_note
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions

if TYPE_CHECKING:
    from kerege.evidence.sdc.disclosure.report import AttackReport

DRAFT = "draft.json"
__all__ = [
    "DRAFT",
    "MANIFEST",
    "PUBLIC_KEY",
    "SIGNATURE",
    "Disclosed",
    "Unexamined",
    "build",
    "files_of",
    "made_from",
    "objection",
    "prepare",
    "publish",
    "safe_variant",
    "verify",
]


class Disclosed(Refused):
    """Refusal of a release that discloses people.

    `report` lists the figures, the disclosures and the remedies.
    """

    def __init__(self, report: AttackReport, language: str = ENGLISH) -> None:
        self.report = _report_in_language(report, language)
        new = self.report.added
        rest = say("and_more", language, number=len(new) - 1) if len(new) > 1 else ""
        super().__init__(" ".join(new[0].words) + rest)


class Unexamined(Refused):
    """Refusal of a release with undecided figures; the notes of `report` say why."""

    def __init__(self, report: AttackReport, language: str = ENGLISH) -> None:
        self.report = _report_in_language(report, language)
        why = [note for note in report.notes if note.startswith("undecided: ")]
        notes = [translate_note(note, language).partition(": ")[2] for note in why]
        reasons = "; ".join(notes) or say("take_fewer", language)
        super().__init__(say("unexamined", language, number=report.undecided, reasons=reasons))


def _report_in_language(report: AttackReport, language: str) -> AttackReport:
    """Return a report with its sentences and notes in a language."""
    if language == ENGLISH:  # without the libraries of the assessment, which take long to load
        return report
    from kerege.evidence.sdc.disclosure.messages import in_language

    return in_language(report, language)


def objection(report: AttackReport, language: str = ENGLISH) -> Disclosed | Unexamined | None:
    """Return the refusal of a release by its attack report, or None if the release passes."""
    if report.added:
        return Disclosed(report, language)
    return Unexamined(report, language) if report.undecided else None


def build(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec | dict[str, Any],
    out: Path,
    *,
    key: SigningKey,
    prior: Sequence[Path] = (),
    created: str | None = None,
    ledger: Ledger | None = None,
    secret: bytes | None = None,
    progress: Progress = ignore_progress,
    reading: ReadingOptions = PLAIN,
) -> Manifest:
    """Write the release of `spec` atomically to the folder `out` and return its manifest.

    `key` is the 32-byte Ed25519 seed, or a command that holds the key. `created` defaults to now (UTC). `reading` says
    what the files of `prior` do not state. With a
    `ledger`, all releases entered there are prior releases, and the new one is entered too. The same request on the
    same snapshots then returns the stored release. Raise BadInput, Disclosed or Refused.
    """
    spec = spec if isinstance(spec, ReleaseSpec) else parse(spec)
    with tempfile.TemporaryDirectory() as temporary:
        draft = Path(temporary) / "draft"
        with _locked(ledger):
            stored = _stored_release(ledger, _request_digest(spec, snapshots))
            if stored is not None:
                return _copy_release(stored, out)
        prepared = prepare(
            snapshots,
            spec,
            draft,
            prior=prior,
            ledger=ledger,
            secret=secret,
            created=created,
            progress=progress,
            reading=reading,
        )
        return publish(draft, out, key=key, ledger=ledger, prior=prior, attacked=prepared, reading=reading)


def prepare(
    snapshots: Sequence[Snapshot],
    spec: ReleaseSpec | dict[str, Any],
    folder: Path,
    *,
    prior: Sequence[Path] = (),
    ledger: Ledger | None = None,
    secret: bytes | None = None,
    created: str | None = None,
    progress: Progress = ignore_progress,
    reading: ReadingOptions = PLAIN,
) -> DraftManifest:
    """Write the draft of a release to `folder`: tables, records, estimates and `draft.json`.

    Return the draft. Its `attack` is the full report. An unsafe draft is written too, for inspection. It has no
    synthetic records and no charge for them; `pending` names them. Raise BadInput or Refused.
    """
    from kerege.evidence.release.build_tables import make_tables
    from kerege.evidence.sdc.disclosure.intruder import examine, public

    spec = spec if isinstance(spec, ReleaseSpec) else parse(spec)
    if spec.microdata and ledger is None:
        raise BadInput(Fault("synthetic records are charged to a ledger", "name one"))
    snapshots = with_stated_time(_add_fingerprints(snapshots, ledger), spec)
    public_folders = find_public_folders(prior, ledger)
    earlier = public(public_folders, reading)
    check_columns(public(prior, reading), snapshots)
    check_tied_units(earlier, spec, snapshots)
    with _locked(ledger):  # noise is charged in the same lock, before anybody sees it
        tables = make_tables(snapshots, spec, earlier=earlier, secret=secret, ledger=ledger)
    used_units = {table.of for table in tables} | {item.of for item in spec.microdata}
    used = [item for item in snapshots if item.unit in used_units]
    contents = contents_of(spec, tables, used, created or _now(), ties=stated_ties(earlier, tables, snapshots))
    draft = DraftManifest(
        **contents,
        request=_request_digest(spec, snapshots),
        before=[release_hash(item) for item in public_folders],
        hashes={item.unit: item.sha256 for item in snapshots},
    )
    with atomic_dir(Path(folder)) as part:
        (part / "tables").mkdir()
        for table, entry in zip(tables, draft.tables, strict=True):
            (part / entry.file).write_bytes(to_csv(table).encode())
        if spec.estimates:
            draft = _extend_draft(draft, estimates=estimates.make(spec, units(snapshots), tables, part))
        draft = _extend_draft(draft, labels=write_labels(spec, part))
        (part / DRAFT).write_bytes(draft.content)
        assess = partial(examine, part, public_folders, spec.threshold, label=spec.title["en"], reading=reading)
        draft = _extend_draft(draft, attack=assess())
        draft = _extend_draft(
            draft,
            **_make_records(
                draft,
                spec,
                snapshots=snapshots,
                part=part,
                ledger=ledger,
                public_folders=public_folders,
                progress=progress,
            ),
        )
        (part / DRAFT).write_bytes(draft.content)
        if draft.microdata:  # once more, with the counts of the records beside the tables
            draft = _extend_draft(draft, attack=assess())
            (part / DRAFT).write_bytes(draft.content)
    return draft


def _extend_draft(draft: DraftManifest, **parts: Any) -> DraftManifest:
    """Return a copy of a draft with further parts."""
    return draft.model_copy(update=parts)


def _make_records(
    draft: DraftManifest,
    spec: ReleaseSpec,
    snapshots: Sequence[Snapshot],
    part: Path,
    ledger: Ledger | None,
    public_folders: Sequence[Path],
    progress: Progress,
) -> dict[str, Any]:
    """Make the synthetic records of a draft whose tables passed.

    Return the parts of the draft that describe them. The draft must be assessed again with the records.
    """
    if not spec.microdata or ledger is None or draft.attack is None:
        return {}
    if objection(draft.attack):
        return {"pending": [entry.name for entry in spec.microdata]}

    def statement() -> dict[str, Any]:
        return describe_other_publications(draft, len(spec.microdata), public_folders, ledger)

    entries = make(spec, units(snapshots), ledger=ledger, folder=part, progress=progress, beside=statement)
    rho = compose([spec.rho, *(entry.rho for entry in entries)])
    return {"microdata": entries, "privacy": privacy(rho, sum(unlisted_delta(part, entry.name) for entry in entries))}


def publish(
    folder: Path,
    out: Path,
    *,
    key: SigningKey,
    approvals: Iterable[dict[str, str]] = (),
    ledger: Ledger | None = None,
    prior: Sequence[Path] = (),
    attacked: DraftManifest | None = None,
    reading: ReadingOptions = PLAIN,
) -> Manifest:
    """Assess a draft with everything public, sign it, enter it in the ledger and write it to `out`.

    `attacked` is the draft that `prepare` returned in the same process; its report is used if nothing was published
    since. A report from a file is never trusted. If the same request was published before, that release is returned.
    Raise Disclosed, Refused or BadInput; nothing is written then. After a crash, a repeated call continues from the
    ledger.
    """
    from kerege.evidence.sdc.disclosure.intruder import examine

    folder, out = Path(folder), Path(out)
    with _locked(ledger):
        draft = _read_draft(folder)
        stored = _stored_release(ledger, draft.request)
        if stored is not None:
            return _copy_release(stored, out)
        _check_target(out, None)
        public_folders, threshold = find_public_folders(prior, ledger), draft.policy.threshold
        check_threshold(threshold)
        is_current = attacked is not None and attacked.before == [release_hash(item) for item in public_folders]
        report = attacked.attack if attacked is not None and is_current else None
        if report is None:
            report = examine(folder, public_folders, threshold, label=draft.title["en"], reading=reading)
        if refused := objection(report):
            raise refused
        if draft.pending:
            raise Refused("the synthetic records of this draft were not made: prepare it again")
        signed_by = [ReleaseApproval.model_validate(item) for item in approvals]
        manifest = draft.released(report, signed_by, ledger.state() if ledger is not None else None)
        with _report_unwritable(out), atomic_dir(out) as part:
            sign(folder, part, manifest.content, key)
            if ledger is not None:  # after signing, when only the final rename of the folder remains
                ledger.append(draft.request, part, ledger_entry(manifest, draft.hashes))
    return verify(out)


def safe_variant(spec: dict[str, Any], report: AttackReport) -> dict[str, Any]:
    """Return the specification changed as the attack report advises.

    An advised table is suppressed; if it was suppressed already, it is left out. The result must be assessed again.
    Raise Refused if no table would remain or nothing is advised.
    """
    advised = {advice.table for disclosure in report.added for advice in disclosure.advice}
    tables = []
    for entry in spec["table"]:
        if entry["name"] not in advised:
            tables.append(entry)
        elif entry.get("method", "suppress") != "suppress":
            params = {
                name: value for name, value in entry.get("params", {}).items() if name in ("threshold", "sensitive")
            }
            tables.append(entry | {"method": "suppress", "params": params})
    if not tables:
        raise Refused("no table would remain: none of them can be published safely")
    if tables == spec["table"]:
        raise Refused("the risk assessment proposes no change of this release: take fewer or coarser tables")
    safe = spec | {"table": tables}
    return safe | {"estimate": estimates.estimates_with_table(safe)} if "estimate" in spec else safe


def made_from(manifest: Manifest, path: Path, ledger: Ledger) -> None:
    """Raise Refused unless the release was made from this file, BadInput if there is no file."""
    try:
        sha256 = hash_content(Path(path).read_bytes())
    except OSError:
        raise BadInput(Fault("cannot be read", "give a snapshot", file=str(path))) from None
    with nullcontext() if not ledger.folder.is_dir() else ledger.locked_for_reading():
        name = ledger.fingerprint(sha256, made=False)
    if not name or name not in {snapshot.fingerprint for snapshot in manifest.snapshots}:
        raise Refused(f"{Path(path).name}: according to this ledger, the release was not made from this file")


def _add_fingerprints(snapshots: Sequence[Snapshot], ledger: Ledger | None) -> list[Snapshot]:
    """Return the snapshots with the public fingerprints that the ledger assigns.

    Unchanged without a ledger.
    """
    if ledger is None:
        return list(snapshots)
    with ledger.locked():
        return [replace(snapshot, fingerprint=ledger.fingerprint(snapshot.sha256)) for snapshot in snapshots]


def _locked(ledger: Ledger | None) -> Any:
    return nullcontext() if ledger is None else ledger.locked()


def _stored_release(ledger: Ledger | None, request: str) -> Path | None:
    """Return the folder of the stored release of a request, or None."""
    return None if ledger is None else ledger.stored(request)


def _request_digest(spec: ReleaseSpec, snapshots: Sequence[Snapshot]) -> str:
    return digest({"release": spec.source, "snapshots": sorted(snapshot.sha256 for snapshot in snapshots)})


def _read_draft(folder: Path) -> DraftManifest:
    """Return the draft of a folder after checking the hashes of its files."""
    draft = DraftManifest.parsed(json.loads(read_file(folder, DRAFT)), str(folder / DRAFT))
    check_files(folder, draft, {DRAFT})
    return draft


def _check_target(out: Path, same: Path | None) -> None:
    """Raise Refused if `out` holds another release than `same`: published files are never replaced."""
    manifest = out / MANIFEST
    if manifest.exists() and (same is None or manifest.read_bytes() != (same / MANIFEST).read_bytes()):
        raise Refused(f"{out} holds another release, name another folder or move that one away")


@contextmanager
def _report_unwritable(out: Path) -> Iterator[None]:
    """Turn errors of writing the folder `out` into BadInput."""
    try:
        yield
    except (FileNotFoundError, FileExistsError, NotADirectoryError, PermissionError) as error:
        if error.filename and not str(error.filename).startswith(str(out.parent)):
            raise
        raise BadInput(Fault("cannot be written", "choose a folder you may write to", file=str(out))) from None


def _copy_release(stored: Path, out: Path) -> Manifest:
    """Copy a stored release to `out`; return its verified manifest."""
    _check_target(out, stored)
    with _report_unwritable(out), atomic_dir(out) as part:
        copy(stored, part)
    return verify(out)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
