"""Services to check a draft: count, protect and assess it.

A worker runs the check. Without a worker this process runs it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.authorization import Actor
from kerege.core.jobs import requests
from kerege.evidence.release.manifest import DraftManifest
from kerege.evidence.sdc.disclosure.report import AttackReport
from kerege.publishing.gate import error_messages, run_gate
from kerege.publishing.releases import ledger_entries, microdata_evaluation, protection_versions, text_tokens
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services.compose import PREPARE, audit_target, editing, lock_release

log = structlog.get_logger("kerege.gate")
CHECK = "releases.check"
State = Release.State
# A check that began longer ago has died with its worker.
DEAD = timedelta(minutes=20)


def ask_check(actor: Actor, release: Release) -> bool:
    """Request the check of a draft. Return True when a worker will do it.

    Without a worker the check runs here and is finished on return, and the result is False. Raises BadInput for an
    incomplete draft.
    """
    with audit.act(actor, CHECK, audit_target(release)) as event:
        authorization.require(actor, PREPARE, release)
        row = lock_release(release)
        if row.state not in (State.DRAFT, State.REFUSED, State.READY):
            what = gettext_noop("this release is being checked, or was approved")
            raise BadInput(Fault(what, gettext_noop("reload the page")))
        if faults := missing_parts(row):
            raise BadInput(faults)
        is_queued = queue_check(actor, row)
        event.note(check=row.check_number, later=is_queued)
    if not is_queued:
        check(row.pk, row.check_number)
    return is_queued


def queue_check(actor: Actor, row: Release) -> bool:
    """Queue a locked draft for checking in the caller's transaction. Return False without a worker.

    The worker checks it only while the actor may prepare the release.
    """
    row.state, row.faults, row.draft_sha256 = State.CHECKING, [], ""
    row.check_number, row.check_asked_at, row.check_began_at = row.check_number + 1, timezone.now(), None
    row.save()
    is_queued = requests.worker_is_there(timezone.now())
    if is_queued:
        requests.ask(CHECK, row.pk, row.check_number, asked_by=actor, action=PREPARE)
    return is_queued


def check_here(actor: Actor, release: Release) -> None:
    """Run in this process a check that no worker has taken, or that a worker began and did not finish."""
    with audit.act(actor, CHECK, audit_target(release)) as event:
        authorization.require(actor, PREPARE, release)
        row = lock_release(release)
        if row.state != State.CHECKING:
            return
        if row.check_began_at and row.check_began_at > timezone.now() - DEAD:
            what = gettext_noop("this release is being checked right now")
            raise BadInput(Fault(what, gettext_noop("reload the page in a minute")))
        row.check_number, row.check_began_at = row.check_number + 1, None
        row.save()
        event.note(check=row.check_number, later=False)
    check(row.pk, row.check_number)


def missing_parts(row: Release) -> list[Fault]:
    """Return the faults that prevent a draft from being checked."""
    faults = []
    if not row.snapshots:
        faults.append(Fault(gettext_noop("no snapshot is chosen"), gettext_noop("choose what to count"), column="data"))
    if not row.spec.get("table"):
        faults.append(Fault(gettext_noop("there is no table"), gettext_noop("choose at least one"), column="tables"))
    if row.revises_id and not row.spec.get("revision_note"):
        what = gettext_noop("a correction needs its public note")
        faults.append(Fault(what, gettext_noop("describe the correction"), column="about"))
    return faults


def check(pk: int, number: int) -> None:
    """Run check `number` of a draft once: only the first caller that claims the number runs it.

    The result is dropped when the draft was changed meanwhile.
    """
    claimable = Release.objects.filter(pk=pk, state=State.CHECKING, check_number=number)
    if not claimable.filter(check_began_at=None).update(check_began_at=timezone.now()):
        return
    row = claimable.get()
    out = run_gate.drafts(pk) / str(number)
    draft_hash, state, faults = _make_draft(row, out)
    with audit.act(Actor.system("gate"), "releases.checked", audit_target(row)) as event:
        current = Release.objects.select_for_update().filter(pk=pk).first()
        if current is None or current.state != State.CHECKING or current.check_number != number:
            event.note(overtaken=True)
            return
        current.faults, current.draft_sha256, current.checked_at = faults, draft_hash, timezone.now()
        current.state = state
        current.save()
        event.note(check=number, verdict=str(current.state), faults=len(faults))
    run_gate.delete_drafts(pk, keep=number)


def _make_draft(row: Release, out: Path) -> tuple[str, str, list[dict[str, str]]]:
    """Make the draft in `out`. Return its hash, the next state, and the faults that prevented a draft."""
    try:
        if faults := ledger_entries.list_faults():
            raise Refused(faults[0])  # the page translates it
        draft_hash = run_gate.prepare(row.snapshots, gate_specification(row), out, _progress_recorder(row))
        draft = run_gate.read_draft(out)
        text_tokens.check_tokens(row.spec.get("prose", {}), draft)
        staff_folder = run_gate.staff_folder(row.pk, row.check_number)
        protection_versions.compare(row.snapshots, gate_specification(row), staff_folder, draft)
        if draft is not None and draft.manifest.microdata:
            run_gate.record_progress(row.pk, row.check_number, 1.0, "evaluating")
            microdata_evaluation.evaluate(row.snapshots, draft, staff_folder)
    except BadInput as error:
        return "", State.DRAFT, [_fault(fault.what, fault.todo, fault.column) for fault in error.faults]
    except Refused as error:
        return "", State.REFUSED, [_fault(str(error))]
    except Exception as error:  # the message may hold personal data, so only the class is logged
        log.error("check failed", task=str(row.pk), error=type(error).__name__)
        return (
            "",
            State.DRAFT,
            [_fault(gettext_noop("the check was interrupted"), gettext_noop("try again, then call the operator"))],
        )
    return draft_hash, _verdict(out), []


def _progress_recorder(row: Release) -> Callable[[float, str], None]:
    """Return a callback that records the progress of the microdata, once per percent."""
    last = -1

    def record(share: float, stage: str) -> None:
        nonlocal last
        if (percent := round(100 * share)) != last:
            last = percent
            run_gate.record_progress(row.pk, row.check_number, share, stage)

    return record


def _fault(what: str, todo: str = "", column: str = "") -> dict[str, str]:
    return {"what": what, "todo": todo, "column": column}


def gate_specification(row: Release) -> dict[str, Any]:
    """Return the specification for the gate, with the embargo as an ISO time with offset."""
    if row.embargo_at is None:
        return dict(row.spec)
    return dict(row.spec) | {"embargo": timezone.localtime(row.embargo_at).isoformat(timespec="seconds")}


def report_of(row: Release) -> AttackReport | None:
    """Return the disclosure risk assessment of the checked draft, or None when there is none."""
    return _report(run_gate.drafts(row.pk) / str(row.check_number)) if row.draft_sha256 else None


def _report(out: Path) -> AttackReport | None:
    draft = run_gate.read_draft(out)
    return draft.manifest.attack if draft and isinstance(draft.manifest, DraftManifest) else None


def _verdict(out: Path) -> str:
    """Return READY when the assessment of the draft passes the gate, else REFUSED."""
    report = _report(out)
    return State.READY if report and run_gate.passes(report) else State.REFUSED


def adopt_safe_variant(actor: Actor, release: Release) -> bool:
    """Replace the specification by the variant that the gate advises, then request a new check.

    Return True when a worker will do it. Raises BadInput when the release was changed since its check.
    """
    report = report_of(release)
    if release.draft_sha256 and report is None:
        what = gettext_noop("the files of this check are damaged, or another version of Kerege wrote them")
        raise BadInput(Fault(what, gettext_noop("have the release checked again")))
    conflicting = {name for fault in release.faults if (name := error_messages.table_to_leave_out(str(fault["what"])))}
    if release.state != State.REFUSED or not (report or conflicting):
        what = gettext_noop("this release was changed since it was checked")
        raise BadInput(Fault(what, gettext_noop("have it checked again")))
    with editing(actor, release, "safe") as row:
        tables = [table for table in row.spec["table"] if table["name"] not in conflicting]
        row.spec = run_gate.safe_variant(row.spec, report) if report else row.spec | {"table": tables}
    return ask_check(actor, release)
