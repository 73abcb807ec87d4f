"""Services to approve, sign, publish and withdraw a release.

A second person approves. The gate then repeats the disclosure risk assessment and signs. The release becomes public at
the end of its embargo. Approval and signing are two transactions, because the assessment may take a minute and no
database lock may wait for it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault, Refused
from kerege.base.files import file_hash
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, Denied
from kerege.publishing.gate import run_gate
from kerege.publishing.releases import ledger_entries
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services.check import check, queue_check, report_of
from kerege.publishing.releases.services.compose import audit_target, lock_release
from kerege.publishing.storage.release_files import folder, read

log = structlog.get_logger("kerege.gate")
APPROVE, WITHDRAW = "releases.approve", "releases.withdraw"
State = Release.State
# A release that is approved but unsigned after this time was interrupted.
INTERRUPTED = timedelta(minutes=5)


def approve(actor: Actor, release: Release, draft_sha256: str, *, known_read: bool) -> Release:
    """Approve exactly the draft with the hash `draft_sha256`, then sign it.

    The approver must not have composed the release. `known_read`: the approver confirms that they have read the
    disclosures that are public already. Raises BadInput and Refused.
    """
    _require_another_person(actor, release)
    with audit.act(actor, APPROVE, audit_target(release)) as event:
        authorization.require(actor, APPROVE, release)
        ledger_entries.require_all()
        row = lock_release(release)
        _require_approvable(row, draft_sha256, known_read)
        row.state, row.approved_by_id, row.approved_at = State.APPROVED, actor.user_id, timezone.now()
        row.save()
        event.note(draft=draft_sha256, agency=str(actor.agency_id), known_read=known_read)
    return sign(actor, row)


def _require_another_person(actor: Actor, release: Release) -> None:
    """Raise Refused, after auditing the attempt, when the actor composed the release."""
    is_composer = release.prepared_by_id == actor.user_id or release.hands.filter(pk=actor.user_id).exists()
    if is_composer and authorization.allows(actor, APPROVE, release):
        audit.refuse(actor, Denied(APPROVE, audit_target(release)))
        raise Refused(_("A release is never approved by the person who prepared it."))


def _require_approvable(row: Release, draft_sha256: str, known_read: bool) -> None:
    """Raise BadInput when the draft changed since it was read, or known disclosures were not confirmed.

    Raises Refused when the draft cannot be read.
    """
    if row.state != State.READY or not row.draft_sha256 or row.draft_sha256 != draft_sha256:
        what = gettext_noop("this release was changed since you opened it")
        raise BadInput(Fault(what, gettext_noop("read it again")))
    report = report_of(row)
    if report is None:
        raise Refused(
            _(
                "The files of this check are damaged, or another version of Kerege wrote them. Nothing was published. "
                "Check the release again."
            )
        )
    if report.already_public and not known_read:
        what = gettext_noop("figures that are already public disclose a part of this release")
        raise BadInput(Fault(what, gettext_noop("read the warning, and confirm"), column="known_read"))


def sign(actor: Actor, release: Release) -> Release:
    """Assess an approved release with everything published since, sign it, and publish it when due.

    When a newer publication makes it unsafe, the approval is cancelled and the release is checked again. Refused is
    raised.
    """
    row = Release.objects.select_related("approved_by").get(pk=release.pk)
    if row.state != State.APPROVED or row.is_signed:
        return row
    ledger_entries.require_all()  # the approval stays: the signing goes on when the ledger is restored
    try:
        manifest_hash = _write_signed_folder(row)
    except (Refused, BadInput) as error:
        _cancel_approval(actor, row)
        message = _("Together with what was published meanwhile this release is not safe. Its approval is cancelled.")
        raise Refused(message) from error
    with audit.act(actor, "releases.sign", audit_target(row)) as event:
        row = lock_release(row)
        row.manifest_sha256, row.ledger_entry = manifest_hash, _entry_of(manifest_hash)
        row.save(update_fields=["manifest_sha256", "ledger_entry"])
        event.note(manifest=manifest_hash, ledger=row.ledger_entry)
        if row.embargo_at is None or row.embargo_at <= timezone.now():
            _publish(row, timezone.now())
    run_gate.delete_drafts(row.pk)
    return row


def _write_signed_folder(row: Release) -> str:
    """Write the signed folder and return the hash of its manifest.

    A folder that an interrupted signing left is verified and kept. Raises Refused when the draft changed on disk.
    """
    if (folder() / row.directory / run_gate.MANIFEST).is_file():
        read(folder() / row.directory)
        return file_hash(folder() / row.directory / run_gate.MANIFEST)
    draft = run_gate.drafts(row.pk) / str(row.check_number)
    if file_hash(draft / run_gate.DRAFT) != row.draft_sha256:
        raise Refused("the draft was changed on disk since it was checked: have it checked again")
    return run_gate.publish(draft, row.directory, approvals(row))


def approvals(row: Release) -> list[dict[str, str]]:
    """Return the preparer and the approver for the manifest: role, pseudonym and time."""
    assert row.approved_at is not None  # noqa: S101 - an approved release has an approval time
    prepared, approved = timezone.localtime(row.prepared_at), timezone.localtime(row.approved_at)
    return [
        {"role": "preparer", "who": pseudonym(row.prepared_by_id), "at": prepared.isoformat(timespec="seconds")},
        {"role": "approver", "who": pseudonym(row.approved_by_id), "at": approved.isoformat(timespec="seconds")},
    ]


def pseudonym(user_id: Any) -> str:
    """Return the pseudonym of a member of staff, the same in every release.

    Readers can distinguish two people by it, but cannot name either of them.
    """
    agency = Agency.objects.filter(assignments__user=user_id).order_by("code").values_list("code", flat=True).first()
    return f"{agency or 'staff'}/{audit.digest({'staff': str(user_id)})[:12]}"


def _entry_of(manifest: str) -> str:
    """Return the hash of the ledger entry of a manifest, '' when the ledger has none."""
    entries = [entry for entry in run_gate.open_ledger().entries() if entry.manifest == manifest]
    return entries[-1].hash if entries else ""


def _cancel_approval(actor: Actor, row: Release) -> None:
    """Cancel the approval and check the draft again, so that the findings show the reason."""
    with audit.act(actor, "releases.sign", audit_target(row)) as event:
        row = lock_release(row)
        row.approved_by, row.approved_at = None, None
        is_queued = queue_check(actor, row)
        event.note(refused=True, check=row.check_number)
    if not is_queued:
        check(row.pk, row.check_number)


def _publish(row: Release, at: datetime) -> None:
    """Record a release as published, and the release that it revises as corrected."""
    row.state, row.published_at = State.PUBLISHED, at
    row.save(update_fields=["state", "published_at"])
    if row.revises_id:
        Release.objects.filter(pk=row.revises_id, state=State.PUBLISHED).update(state=State.CORRECTED)


def record_publications(now: datetime) -> int:
    """Record releases whose embargo has ended as published, and return their number.

    The public pages go by the clock and never wait for this.
    """
    releases = Release.objects.filter(state=State.APPROVED, embargo_at__lte=now).exclude(manifest_sha256="")
    count = 0
    for release in releases:
        with audit.act(Actor.system("schedule"), "releases.publish", audit_target(release)):
            row = lock_release(release)
            if row.state == State.APPROVED and row.embargo_at:
                _publish(row, row.embargo_at)
                count += 1
    return count


def finish_interrupted_signings(now: datetime) -> None:
    """Finish the signings that were interrupted."""
    interrupted = Release.objects.filter(state=State.APPROVED, manifest_sha256="", approved_at__lt=now - INTERRUPTED)
    for release in interrupted:
        try:
            sign(Actor.system("schedule"), release)
        except Refused:
            log.warning("an approved release is no longer safe", task=str(release.pk))


def take_back(actor: Actor, release: Release) -> Release:
    """Take back an approved release before its embargo ends.

    Its ledger entry stays. Raises BadInput when the release is public or not approved.
    """
    with audit.act(actor, WITHDRAW, audit_target(release)) as event:
        authorization.require(actor, WITHDRAW, release)
        row = lock_release(release)
        if row.state != State.APPROVED or row.is_public(timezone.now()):
            what = gettext_noop("this release is public, or not approved")
            raise BadInput(Fault(what, gettext_noop("withdraw it with a reason")))
        row.state, row.withdrawn_at = State.WITHDRAWN, timezone.now()
        row.save()
        event.note(before_its_hour=True)
    return row


def withdraw(actor: Actor, release: Release, reason: dict[str, str]) -> Release:
    """Withdraw a public release, with the public reason keyed by language."""
    record_publications(timezone.now())
    with audit.act(actor, WITHDRAW, audit_target(release)) as event:
        authorization.require(actor, WITHDRAW, release)
        row = lock_release(release)
        if row.state not in (State.PUBLISHED, State.CORRECTED):
            raise BadInput(Fault(gettext_noop("this release is not public"), gettext_noop("reload the page")))
        row.state, row.withdrawn_at, row.withdrawn_reason = State.WITHDRAWN, timezone.now(), reason
        row.save()
        event.note(withdrawn=True)
    return row
