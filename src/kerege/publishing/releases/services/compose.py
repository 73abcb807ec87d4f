"""Services to compose a release: title, snapshots, tables, text. Each change requires a new check."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core import audit, authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor
from kerege.core.jobs import requests
from kerege.evidence.release.manifest import MicrodataEntry
from kerege.evidence.release.prevalence.build import estimates_with_table
from kerege.evidence.release.spec.microdata import MOST as MOST_RECORDS
from kerege.publishing.gate import run_gate
from kerege.publishing.releases.models import APPROVED, Release
from kerege.publishing.storage.release_files import folder, read

PREPARE = "releases.prepare"
PROPOSE = "releases.propose"  # only to start a draft: analysts and publishers complete it
FREEZE = "register.freeze"
Spec = dict[str, Any]


def audit_target(release: Release) -> str:
    """Return the audit target of a release."""
    return f"release:{release.pk}"


def create(
    actor: Actor, spec: Spec, embargo_at: datetime | None = None, *, action: str = PREPARE, **more: Any
) -> Release:
    """Create a draft and return it. The folder name is fixed now, so no folder exists without a row."""
    with audit.act(actor, action) as event:
        authorization.require(actor, action)
        row = Release.objects.create(
            title=spec["title"]["en"][:300],
            period=spec["period"],
            directory=f"draft-{uuid.uuid4().hex}",
            spec=spec,
            prepared_by_id=str(actor.user_id),
            embargo_at=embargo_at,
            **more,
        )
        row.directory = f"{row.period}-{row.pk}".replace("/", "-")
        row.save(update_fields=["directory"])
        _record_composer(row, actor)
        event.target = audit_target(row)
        event.note(new=True)
    return row


@contextmanager
def editing(actor: Actor, release: Release, part: str) -> Iterator[Release]:
    """Yield the locked release for a change.

    Afterwards the release is a draft again, its check is void, and the actor is recorded as a composer. Raises BadInput
    when the release is approved.
    """
    with audit.act(actor, PREPARE, audit_target(release)) as event:
        authorization.require(actor, PREPARE, release)
        row = lock_release(release)
        if not row.is_open:
            what = gettext_noop("this release is approved and no longer changes")
            raise BadInput(Fault(what, gettext_noop("publish a correction instead")))
        yield row
        if row.spec.get("estimate"):  # drop an estimate whose table, and so whose observed count, is gone
            row.spec = row.spec | {"estimate": estimates_with_table(row.spec)}
        row.state, row.faults, row.draft_sha256 = Release.State.DRAFT, [], ""
        row.save()
        _record_composer(row, actor)
        event.note(part=part)


def _record_composer(row: Release, actor: Actor) -> None:
    """Record the actor as a composer, who therefore must not approve."""
    row.hands.add(User.objects.get(pk=str(actor.user_id)))


def lock_release(release: Release) -> Release:
    """Return the row, read again under a lock."""
    return Release.objects.select_for_update().get(pk=release.pk)


def set_about(actor: Actor, release: Release, changes: Spec, embargo_at: datetime | None) -> None:
    """Set title, period, threshold and embargo, and the public note of a correction."""
    with editing(actor, release, "about") as row:
        row.spec = row.spec | changes
        row.title, row.period, row.embargo_at = changes["title"]["en"][:300], changes["period"], embargo_at
        row.directory = f"{row.period}-{row.pk}".replace("/", "-")


def set_data(actor: Actor, release: Release, names: list[str]) -> None:
    """Choose the snapshots that the release counts."""
    with editing(actor, release, "data") as row:
        row.snapshots = names


def set_tables(actor: Actor, release: Release, tables: list[Spec]) -> None:
    """Replace the tables of the release."""
    with editing(actor, release, "tables") as row:
        row.spec = row.spec | {"table": tables}


def put_table(actor: Actor, release: Release, table: Spec, name: str = "") -> None:
    """Add a table, or replace the table called `name` at its position.

    Raises BadInput when another table has the same name.
    """
    with editing(actor, release, "tables") as row:
        others = [other for other in row.spec.get("table", []) if other["name"] != name]
        if table["name"] in {other["name"] for other in others}:
            what = gettext_noop("another table of this release has this short name")
            raise BadInput(Fault(what, gettext_noop("choose another short name"), column="name"))
        position = next((n for n, entry in enumerate(row.spec.get("table", [])) if entry["name"] == name), len(others))
        row.spec = row.spec | {"table": [*others[:position], table, *others[position:]]}


def remove_table(actor: Actor, release: Release, name: str) -> None:
    """Remove a table."""
    with editing(actor, release, "tables") as row:
        row.spec = row.spec | {"table": [table for table in row.spec.get("table", []) if table["name"] != name]}


def put_microdata(actor: Actor, release: Release, entry: Spec, name: str = "") -> None:
    """Add a set of synthetic microdata, or replace the set called `name`.

    The privacy budget is charged only when the gate checks the draft. Raises BadInput.
    """
    with editing(actor, release, "microdata") as row:
        others = [other for other in row.spec.get("microdata", []) if other["name"] != name]
        if entry["name"] in {other["name"] for other in others}:
            what = gettext_noop("another set of records of this release has this short name")
            raise BadInput(Fault(what, gettext_noop("choose another short name"), column="name"))
        if len(others) >= MOST_RECORDS:
            what = gettext_noop("a release holds at most three sets of records")
            raise BadInput(Fault(what, gettext_noop("change one of them")))
        row.spec = row.spec | {"microdata": [*others, entry]}


def remove_microdata(actor: Actor, release: Release, name: str) -> None:
    """Remove a set of synthetic microdata."""
    with editing(actor, release, "microdata") as row:
        sets = [entry for entry in row.spec.get("microdata", []) if entry["name"] != name]
        rest = {key: value for key, value in row.spec.items() if key != "microdata"}
        row.spec = rest | ({"microdata": sets} if sets else {})


def set_text(actor: Actor, release: Release, prose: dict[str, str]) -> None:
    """Set the text of the release by language; empty texts remove it."""
    with editing(actor, release, "text") as row:
        rest = {name: value for name, value in row.spec.items() if name != "prose"}
        row.spec = rest | ({"prose": prose} if any(prose.values()) else {})


def discard(actor: Actor, release: Release) -> None:
    """Delete a draft and the files of its checks. Raises BadInput when the release is approved."""
    with audit.act(actor, PREPARE, audit_target(release)) as event:
        authorization.require(actor, PREPARE, release)
        row = lock_release(release)
        if not row.is_open:
            what = gettext_noop("this release is approved and no longer changes")
            raise BadInput(Fault(what, gettext_noop("withdraw the release instead")))
        event.note(discarded=True)
        row.delete()
    run_gate.delete_drafts(release.pk)


def correct(actor: Actor, release: Release) -> Release:
    """Create and return a draft that corrects a public release, with the same tables.

    Raises BadInput when the release is not public or already has an approved correction.
    """
    with audit.act(actor, PREPARE, audit_target(release)) as event:
        authorization.require(actor, PREPARE, release)
        row = lock_release(release)
        if not row.is_public(timezone.now()) or row.revisions.filter(state__in=APPROVED).exists():
            what = gettext_noop("only the newest public version of a release can be corrected")
            raise BadInput(Fault(what, gettext_noop("open that one")))
        spec = (row.spec or _as_signed(row)) | {"revision_of": row.directory}
        spec = {name: value for name, value in spec.items() if name != "revision_note"}
        draft = create(actor, spec, revises=row, snapshots=row.snapshots)
        event.note(correction=str(draft.pk))
    return draft


# the parameters in a manifest that a specification takes, by protection method
PARAMS = {"suppress": ("threshold",), "cellkey": ("D", "V", "smallest", "additive"), "dp": ("rho", "max_values")}

ESTIMATES = ("name", "of", "period", "where", "lists", "seed", "bootstrap", "linkage_reviewed", "planted", "title")
RECORDS = ("name", "of", "columns", "cohorts", "through", "epsilon", "delta", "preset", "title")


def _as_signed(row: Release) -> Spec:
    """Return the specification of a release that was not composed here, from its manifest."""
    manifest = read(folder() / row.directory).manifest
    tables = []
    for entry in (table.tree for table in manifest.tables):
        fields = {name: entry[name] for name in ("name", "of", "by", "where", "method", "title") if entry.get(name)}
        params = {name: entry["params"][name] for name in PARAMS.get(entry["method"], ()) if name in entry["params"]}
        tables.append({"by": []} | fields | ({"params": params} if params else {}))
    spec = {
        "title": manifest.title,
        "period": manifest.period,
        "threshold": manifest.policy.threshold,
        "table": tables,
    }
    if manifest.microdata:
        spec["microdata"] = [_chosen(entry.tree, RECORDS) | _as_asked(entry) for entry in manifest.microdata]
    if manifest.estimates:
        spec["estimate"] = [_chosen(entry.tree, ESTIMATES) for entry in manifest.estimates]
    return spec | ({"prose": manifest.prose} if manifest.prose else {})


def _as_asked(entry: MicrodataEntry) -> Spec:
    """Return the columns of a set among which noisy counts chose, {} without a choice."""
    return {"auto": True, "columns": entry.asked_columns} if entry.asked_columns else {}


def _chosen(entry: Spec, names: Sequence[str]) -> Spec:
    """Return the named keys that an entry has."""
    return {name: entry[name] for name in names if name in entry}


def take_snapshots(actor: Actor) -> bool:
    """Take a snapshot of every unit of the register now. Return True when a worker will do it."""
    with audit.act(actor, "releases.freeze") as event:
        authorization.require(actor, "releases.freeze")
        is_queued = requests.worker_is_there(timezone.now())
        event.note(later=is_queued)
        if is_queued:
            requests.ask(FREEZE, asked_by=actor, action="releases.freeze")
    if not is_queued:
        requests.do(FREEZE)
    return is_queued
