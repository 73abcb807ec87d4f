"""Case transfer (handover): sorting a caseload, the offer, and the answer that moves ownership."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.assistance.events import cases_transferred
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover, HandoverOffer, OwnerChange
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.consents import get_consent_end
from kerege.casework.assistance.services.referrals import TRANSFERRED_STATES
from kerege.casework.assistance.services.transfer_requests import end_offered_requests, mark_requests_offered
from kerege.casework.cases.models.case import Case, Note, Share, Task
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.shares import ShareBasis, running_shares, share
from kerege.casework.cases.services.timeline_events import add_timeline_event, new_event
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries.identities import with_merged
from kerege.casework.vault.services.identities import lock_surviving_record, surviving_record_id
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.audit import clock
from kerege.core.authorization import Actor, session_scope
from kerege.core.database.bulk_insert import insert, new
from kerege.vocabulary.profile import active

PURPOSE = "handover"
GROUPS = ("consented", "against", "unreachable", "closed")
# kinds of agency that run case work
CASEWORK_AGENCY_KINDS = ("social_protection", "crisis_centre", "ngo", "international_organisation")
BYPASS_REASON = "a handover changes records of the other agency"
# the sender's next task for each group that stays; closed cases need none
NEXT_STEP = {"against": "agree_stay", "unreachable": "ask_handover"}


@dataclass
class SortedCaseload:
    """A caseload sorted for a receiver.

    `groups` maps each group to its cases; `consents` maps the id of a consented case to its consent.
    """

    groups: dict[str, list[Case]] = field(default_factory=lambda: {name: [] for name in GROUPS})
    consents: dict[UUID, Consent] = field(default_factory=dict)

    def counts(self) -> dict[str, int]:
        """Return the number of cases by group."""
        return {name: len(cases) for name, cases in self.groups.items()}


def sort_caseload(cases: Iterable[Case], receiver: Agency) -> SortedCaseload:
    """Sort cases by whether they may move to the receiver; the newest answer for this receiver counts."""
    result, rows = SortedCaseload(), list(cases)
    answers = get_newest_answers([case.pk for case in rows], receiver)
    for case in rows:
        answer = answers.get(case.pk)
        if case.status == "closed":
            group = "closed"
        elif answer is None:
            group = "unreachable"
        else:
            group = "consented" if is_in_force(answer) else "unreachable" if has_expired(answer) else "against"
        if group == "consented" and answer:
            result.consents[case.pk] = answer
        result.groups[group].append(case)
    return result


def get_newest_answers(case_ids: Sequence[UUID], receiver: Agency) -> dict[UUID, Consent]:
    """Return the newest ledger entry about a handover to the receiver, by case id."""
    entries = Consent.objects.filter(case__in=case_ids, purpose=PURPOSE, recipient=receiver)
    return {entry.case_id: entry for entry in entries.order_by("on", "created_at")}


def has_expired(consent: Consent) -> bool:
    """Return whether a given consent's period is over, so that the person must be asked again."""
    return bool(consent.given and not consent.withdrawn_on and consent.until and consent.until < timezone.localdate())


def is_in_force(consent: Consent) -> bool:
    """Return whether the consent is given, not withdrawn and not expired today."""
    return consent.given and not consent.withdrawn_on and not has_expired(consent)


def offer(actor: Actor, cases: Sequence[Case], receiver: Agency) -> HandoverOffer:
    """Offer the consented cases to another agency; each person who stays gets a next step at the sender.

    Raises BadInput when the receiver runs no case work or no case can move, and Denied for cases of other agencies.
    """
    with audit.act(actor, "handovers.offer") as event:
        sender = find_sender(cases, receiver)
        if receiver.kind not in CASEWORK_AGENCY_KINDS:
            raise BadInput(
                Fault(gettext_noop("this agency runs no case work"), gettext_noop("choose another receiver"))
            )
        allowed = authorization.scope(actor, Case, action="handovers.offer").filter(pk__in=[case.pk for case in cases])
        if len(set(allowed.values_list("pk", flat=True))) != len({case.pk for case in cases}):
            raise authorization.Denied("handovers.offer", f"agency:{sender.pk}", hidden=True)
        result = sort_caseload(cases, receiver)
        moving = exclude_offered_cases(result.groups["consented"])
        if not moving:
            raise BadInput(
                Fault(
                    gettext_noop(
                        "no person in these cases has agreed to this handover, or the cases are on offer already"
                    ),
                    gettext_noop("record the answers first"),
                )
            )
        row = HandoverOffer.objects.create(
            from_agency=sender,
            to_agency=receiver,
            offered_at=timezone.now(),
            offered_by=actor.label,
            answer_due_on=active().due("handover_answer", timezone.localdate()),
            stayed={
                name: _id_texts(c.pk for c in cases) for name, cases in result.groups.items() if name != "consented"
            },
        )
        create_handovers(actor, row, moving, result.consents)
        plan_next_steps(result, sender)
        event.target = f"handoveroffer:{row.pk}"
        event.note(to=str(receiver.pk), cases=[str(case.pk) for case in moving], stayed=result.counts())
    return row


def list_receiving_agencies() -> QuerySet[Agency]:
    """Return active agencies that run case work. Embassies, police and courts own no caseload."""
    return Agency.objects.filter(active=True, kind__in=CASEWORK_AGENCY_KINDS)


def find_sender(cases: Sequence[Case], receiver: Agency) -> Agency:
    """Return the one agency that owns all cases. Raises BadInput for several owners or for the receiver."""
    owners = {case.agency for case in cases}
    if len(owners) != 1 or receiver in owners:
        raise BadInput(
            Fault(
                gettext_noop("a handover goes from the one agency that owns the cases to another"),
                gettext_noop("choose cases of your agency and another receiver"),
            )
        )
    return owners.pop()


def exclude_offered_cases(cases: Sequence[Case]) -> list[Case]:
    """Lock the cases and return those without an open offer, so that one of two concurrent offers wins."""
    ids = [case.pk for case in cases]
    list(Case.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    offered_ids = set(Handover.objects.filter(case__in=ids, status="offered").values_list("case", flat=True))
    return [case for case in cases if case.pk not in offered_ids]


def create_handovers(actor: Actor, row: HandoverOffer, cases: list[Case], consents: dict[UUID, Consent]) -> None:
    """Create a handover and a timeline event for each case of the offer."""
    today, parties = timezone.localdate(), {"from_agency": row.from_agency, "to_agency": row.to_agency}
    mark_requests_offered(
        Handover.objects.bulk_create(
            [Handover(offer=row, case=c, consent=consents[c.pk], offered_at=row.offered_at, **parties) for c in cases]
        )
    )
    insert([new_event(actor, case, today, "handover", build_event_detail("offered", row)) for case in cases])


def build_event_detail(status: str, row: HandoverOffer | Handover) -> dict[str, str]:
    """Return the detail of a timeline event: the status and the ids of the two agencies."""
    return {"status": status, "from": str(row.from_agency_id), "to": str(row.to_agency_id)}


def plan_next_steps(result: SortedCaseload, sender: Agency) -> None:
    """Create a task at the sender for each person who stays, unless one of that kind is open."""
    due_on, rows = active().due("transfer_request", timezone.localdate()), []
    for group, kind in NEXT_STEP.items():
        cases = result.groups[group]
        cases_with_task = set(
            Task.objects.filter(case__in=cases, kind=kind, done_at=None).values_list("case", flat=True)
        )
        for case in cases:
            if case.pk not in cases_with_task:
                values = {"agency": sender, "case": case, "assignee_id": case.caseworker_id}
                rows.append(new(Task, kind=kind, due_on=due_on, created_at=timezone.now(), **values))
    insert(rows)


def accept(actor: Actor, handover: Handover) -> Handover:
    """Accept a handover: everything moves in one transaction, or nothing.

    Raises BadInput when it is already answered, the case is no longer the sender's or is closed, or the consent ended.
    """
    with audit.act(actor, "handovers.accept", target=f"case:{handover.case_id}") as event:
        authorization.require(actor, "handovers.answer", handover)
        with session_scope.bypass_row_security(BYPASS_REASON):
            row = complete_acceptance(actor, handover)
        event.note(handover=str(row.pk), to=str(row.to_agency_id))
    return row


def complete_acceptance(actor: Actor, handover: Handover) -> Handover:
    """Check the handover and move the case, within the caller's transaction and authorization."""
    row = lock_handover(handover, "offered")
    # lock the record before the case, in the order of a merge, so that the two are serialised
    lock_surviving_record(row.case.record_id)
    case = Case.objects.select_for_update(of=("self",)).select_related("record", "agency").get(pk=row.case_id)
    check_movable(row, case)
    now = timezone.now()
    row.before = transfer_file(row, case, now)
    row.status, row.answered_at, row.answered_by = "accepted", now, actor.label
    row.undo_until = clock.now() + timedelta(hours=active().handover.undo_hours)
    row.save()
    add_timeline_event(actor, case, timezone.localdate(), "handover", **build_event_detail("accepted", row))
    keep_sender_share(actor, row, case)
    add_take_over_task(row, case)
    return row


def lock_handover(handover: Handover, status: str) -> Handover:
    """Lock and return the handover. Raises BadInput unless it has this status: the first answer counts."""
    rows = Handover.objects.select_related("consent", "from_agency", "to_agency").select_for_update(of=("self",))
    row = rows.get(pk=handover.pk)
    if row.status != status:
        raise BadInput(Fault(gettext_noop("this handover has been answered already"), gettext_noop("reload the page")))
    return row


def check_movable(row: Handover, case: Case) -> None:
    """Raise BadInput unless the sender owns the open case and the person's consent is in force."""
    if case.agency_id != row.from_agency_id:
        raise BadInput(
            Fault(gettext_noop("this case belongs to another agency now"), gettext_noop("decline the offer"))
        )
    if case.status == "closed":
        raise BadInput(Fault(gettext_noop("this case has been closed meanwhile"), gettext_noop("decline the offer")))
    if not is_in_force(row.consent):
        raise BadInput(
            Fault(
                gettext_noop("the person's consent to the handover has ended"),
                gettext_noop("decline the offer; the sender asks the person again"),
            )
        )


def transfer_file(row: Handover, case: Case, now: Any) -> dict[str, Any]:
    """Move record, cases, open tasks, referrals and shares to the receiver; return the previous state.

    The sender's other cases on the same record and on merged records move too: two agencies cannot share one record.
    The agency that owns all of them can still undo the merge.
    """
    records = list(with_merged([surviving_record_id(case.record_id)]))
    cases = list(Case.objects.select_for_update().filter(record__in=records, agency=row.from_agency_id).order_by("pk"))
    ids, receiver, sender = [moved_case.pk for moved_case in cases], row.to_agency_id, row.from_agency_id
    before: dict[str, Any] = {"cases": {str(moved_case.pk): _id_text(moved_case.caseworker_id) for moved_case in cases}}
    for moved_case in cases:
        Case.objects.filter(pk=moved_case.pk).update(agency=receiver, caseworker=None, version=moved_case.version + 1)
    record_owner_changes(row, ids, sender, receiver, now)
    before["records"] = transfer_records(records, sender, receiver)
    tasks = Task.objects.filter(case__in=ids, agency=sender, done_at=None)
    before["tasks"] = {str(pk): _id_text(assignee) for pk, assignee in tasks.values_list("pk", "assignee")}
    tasks.update(agency=receiver, assignee=None)
    # the receiver becomes the sender of referrals to others; its own open ones are withdrawn, completed ones stay
    sent = Referral.objects.filter(case__in=ids, from_agency=sender, status__in=TRANSFERRED_STATES)
    moot = sent.filter(to_agency=receiver).exclude(status="completed")
    before["moot"] = {str(pk): status for pk, status in moot.values_list("pk", "status")}
    moot.update(status="withdrawn")
    before["referrals"] = _id_texts(sent.exclude(to_agency=receiver).values_list("pk", flat=True))
    Referral.objects.filter(pk__in=before["referrals"]).update(from_agency=receiver)
    before["shares"] = end_receiver_shares(row, ids, now)
    if is_withheld("notes", row.consent):
        notes = Note.objects.filter(case__in=ids, agency=sender, withheld=False)
        before["notes"] = _id_texts(notes.values_list("pk", flat=True))
        notes.update(withheld=True)
    return before


def record_owner_changes(row: Handover, ids: Iterable[UUID | str], from_id: UUID, to_id: UUID, at: datetime) -> None:
    """Record the change of owner of these cases, so that past months are still counted for the old owner."""
    values: dict[str, Any] = {"handover": row, "from_agency_id": from_id, "to_agency_id": to_id, "at": at}
    OwnerChange.objects.bulk_create([OwnerChange(case_id=pk, **values) for pk in ids])


def transfer_records(records: Collection[UUID], sender: UUID, receiver: UUID) -> list[str]:
    """Give the sender's records among these to the receiver and return their ids.

    Sends the signal `cases_transferred`.
    """
    moving = list(IdentityRecord.objects.filter(pk__in=records, agency=sender).values_list("pk", flat=True))
    IdentityRecord.objects.filter(pk__in=moving).update(agency=receiver)
    cases_transferred.send(Handover, record_ids=moving)
    return _id_texts(moving)


def end_receiver_shares(row: Handover, ids: list[UUID], now: Any) -> dict[str, str | None]:
    """End the receiver's shares, because it owns the cases now. Returns share id -> previous end."""
    running = running_shares().filter(case__in=ids, agency=row.to_agency_id)
    before = {str(pk): end.isoformat() if end else None for pk, end in running.values_list("pk", "to_at")}
    running.update(to_at=now)
    return before


def keep_sender_share(actor: Actor, row: Handover, case: Case) -> None:
    """Share the case with the old owner as far as the person's consent to that agency allows."""
    still_runs = Q(until=None) | Q(until__gte=timezone.localdate())
    consents = Consent.objects.filter(
        still_runs, case=case, recipient=row.from_agency_id, given=True, withdrawn_on=None
    )
    if consent := consents.filter(purpose="sharing_with_agency").first():
        basis = ShareBasis(Share.Basis.CONSENT, consent.pk, source_id=row.pk, until=get_consent_end(consent))
        share(actor, case, row.from_agency, basis, categories=consent.categories)


def is_withheld(category: str, consent: Consent) -> bool:
    """Return whether the consent excludes a data category; a consent without categories covers all."""
    return bool(consent.categories) and category not in consent.categories


def add_take_over_task(row: Handover, case: Case) -> None:
    """Create the new owner's first task: meet the person."""
    due = active().due("first_needs_assessment", timezone.localdate())
    Task.objects.create(agency=row.to_agency, case=case, kind="take_over", due_on=due, created_at=timezone.now())


def _id_text(value: UUID | None) -> str | None:
    return str(value) if value else None


def _id_texts(values: Iterable[UUID]) -> list[str]:
    return [str(value) for value in values]


def accept_all(actor: Actor, row: HandoverOffer) -> tuple[int, list[tuple[Handover, BadInput]]]:
    """Accept every open handover of an offer, each in its own transaction.

    An interrupted run can be repeated. Returns the number of cases moved, and each failed handover with its error.
    """
    moved_count, failures = 0, []
    for handover in row.handovers.filter(status="offered"):
        try:
            accept(actor, handover)
            moved_count += 1
        except BadInput as fault:
            failures.append((handover, fault))
    return moved_count, failures


def decline_handovers(actor: Actor, handovers: Iterable[Handover], reason: str) -> int:
    """Decline handovers; the cases stay with the sender. Returns their number.

    Raises BadInput without a reason.
    """
    if not reason:
        raise BadInput(Fault(gettext_noop("a declined handover needs a reason"), gettext_noop("choose one")))
    return close_handovers(actor, handovers, "declined", "handovers.answer", reason)


def withdraw_handovers(actor: Actor, handovers: Iterable[Handover]) -> int:
    """Withdraw open handovers. Returns the number of cases."""
    return close_handovers(actor, handovers, "withdrawn", "handovers.withdraw")


def close_handovers(actor: Actor, handovers: Iterable[Handover], status: str, action: str, reason: str = "") -> int:
    """Close open handovers without a move, in one audited act. Returns their number."""
    with audit.act(actor, f"handovers.{status}") as event:
        rows = [row for row in handovers if row.status == "offered"]
        for handover in rows:
            authorization.require(actor, action, handover)
            row = lock_handover(handover, "offered")
            row.status, row.decline_reason = status, reason
            row.answered_at, row.answered_by = timezone.now(), actor.label
            check_codes(row)
            row.save()
            with session_scope.bypass_row_security(BYPASS_REASON):
                add_timeline_event(
                    actor, row.case, timezone.localdate(), "handover", **build_event_detail(status, row), reason=reason
                )
        end_offered_requests(rows)
        event.note(handovers=[str(row.pk) for row in rows])
    return len(rows)
