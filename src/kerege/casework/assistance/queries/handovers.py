"""Read operations of handovers and transfer requests. Cases of the other agency appear in codes only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kerege.casework.assistance.models.contact import Contact
from kerege.casework.assistance.models.handovers import Handover, HandoverOffer, TransferRequest
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services.handovers import GROUPS, NEXT_STEP, SortedCaseload, sort_caseload
from kerege.casework.cases.models.case import Case
from kerege.core import authorization
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor, session_scope

RUNNING = ("open", "suspended", "ended", "follow_up")
FINISHED = 20
OFFERED_COUNT = Count("handovers", Q(handovers__status="offered"))
KEPT_LABELS = {
    "note": _("notes"),
    "task": _("tasks"),
    "service": _("services"),
    "assessment": _("assessments"),
    "consent": _("consents"),
    "referral": _("referrals"),
    "decision": _("decisions"),
    "contact": _("contacts"),
    "identityversion": _("changes of the person's details"),
}
BYPASS_REASON = "an offer shows its cases, in codes, to the receiving agency"


@dataclass(frozen=True)
class HandoverLine:
    """A case of an offer, in codes."""

    handover: Handover
    case: Case
    services: list[str]
    may_open: bool
    undo: bool

    @property
    def kept(self) -> list[str]:
        """Return labels and numbers of the rows that the receiver added and kept."""
        return [f"{KEPT_LABELS.get(kind, _('other lines'))} {count}" for kind, count in self.handover.kept.items()]


@dataclass(frozen=True)
class StayingGroup:
    """A group of cases that stay with the sender, and the sender's next step for them."""

    group: str
    step: str
    cases: list[Case] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Return the number of cases."""
        return len(self.cases)


def list_offers(actor: Actor) -> dict[str, Any]:
    """Return offers to answer, offers sent, offers that can be undone, and the newest finished ones."""
    rows = authorization.scope(actor, HandoverOffer, action="handovers.view").select_related("from_agency", "to_agency")
    rows = rows.annotate(
        waiting=OFFERED_COUNT,
        moved=Count("handovers", Q(handovers__status="accepted")),
        undo_until=Max("handovers__undo_until", filter=Q(handovers__status="accepted")),
        cases=Count("handovers"),
    )
    now = timezone.now()
    return {
        "received": list(rows.filter(to_agency=actor.agency_id, waiting__gt=0)),
        "sent": list(rows.filter(from_agency=actor.agency_id, waiting__gt=0)),
        "undoable": list(rows.filter(waiting=0, undo_until__gt=now)),
        "finished": list(rows.filter(waiting=0).exclude(undo_until__gt=now)[:FINISHED]),
    }


def count_waiting_offers(actor: Actor) -> int:
    """Return the number of offers that wait for the actor's agency."""
    rows = authorization.scope(actor, HandoverOffer, action="handovers.view").filter(to_agency=actor.agency_id)
    return rows.filter(handovers__status="offered").distinct().count()


def build_lines(actor: Actor, rows: Iterable[Handover]) -> list[HandoverLine]:
    """Return a line for each handover with its running services and the actions open to the actor."""
    rows, now = list(rows), timezone.now()
    ids = [row.case_id for row in rows]
    with session_scope.bypass_row_security(BYPASS_REASON):
        cases = Case.objects.in_bulk(ids)
        running = Service.objects.filter(case__in=ids, status__in=["ongoing", "requested"])
        kinds_by_case: dict[UUID, list[str]] = {}
        for case, kind in running.values_list("case", "kind"):
            kinds_by_case.setdefault(case, []).append(kind)
    visible_ids = set(
        authorization.scope(actor, Case, action="cases.view").filter(pk__in=ids).values_list("pk", flat=True)
    )
    return [
        HandoverLine(
            row,
            cases[row.case_id],
            sorted(set(kinds_by_case.get(row.case_id, ()))),
            row.case_id in visible_ids,
            can_be_undone(row, now),
        )
        for row in rows
    ]


def list_handovers(row: HandoverOffer) -> list[Handover]:
    """Return the handovers of an offer, by case reference."""
    with session_scope.bypass_row_security(BYPASS_REASON):
        return list(row.handovers.select_related("consent").order_by("case__reference"))


def can_be_undone(row: Handover, now: datetime) -> bool:
    """Return whether the handover can still be undone."""
    return row.status == "accepted" and row.undo_until is not None and now < row.undo_until


def list_caseload(actor: Actor, worker: str = "", case: Case | None = None) -> QuerySet[Case]:
    """Return the cases that the actor may offer: one case, a worker's cases, unassigned ones, or all.

    `worker` is the id of a user; `none` means unassigned cases, an empty string all cases.
    """
    rows = (
        authorization.scope(actor, Case, action="handovers.offer")
        .filter(agency=actor.agency_id)
        .select_related("agency")
    )
    if case:
        return rows.filter(pk=case.pk)
    if worker == "none":
        return rows.filter(caseworker=None)
    return rows.filter(caseworker__pk=worker) if worker else rows


def preview_caseload(cases: Iterable[Case], receiver: Agency) -> tuple[SortedCaseload, list[StayingGroup]]:
    """Return a caseload sorted for a receiver, and the groups that stay.

    Sets `tried` on each unreachable case: the number of failed attempts to contact the person.
    """
    result = sort_caseload(cases, receiver)
    failed_contacts = count_failed_contacts(result.groups["unreachable"])
    for case in result.groups["unreachable"]:
        case.tried = failed_contacts.get(case.pk, 0)  # type: ignore[attr-defined]
    return result, [StayingGroup(group, NEXT_STEP.get(group, ""), result.groups[group]) for group in GROUPS[1:]]


def list_staying_groups(row: HandoverOffer) -> list[StayingGroup]:
    """Return the groups that stayed with the sender when the offer was made."""
    ids = [pk for pks in row.stayed.values() for pk in pks]
    cases = {str(case.pk): case for case in Case.objects.filter(pk__in=ids, agency=row.from_agency)}
    return [
        StayingGroup(group, NEXT_STEP.get(group, ""), [cases[pk] for pk in row.stayed.get(group, ()) if pk in cases])
        for group in GROUPS[1:]
    ]


def count_failed_contacts(cases: Iterable[Case]) -> dict[UUID, int]:
    """Return the number of failed attempts to contact each person, by case id."""
    rows = Contact.objects.filter(case__in=list(cases)).exclude(result="reached").order_by()
    return dict(rows.values_list("case").annotate(n=Count("pk")))


def list_caseworkers(actor: Actor) -> list[tuple[str, str]]:
    """Return id and name of each colleague with assigned cases."""
    ids = list_caseload(actor).exclude(caseworker=None).order_by().values("caseworker")
    return [(str(user.pk), user.full_name) for user in User.objects.filter(pk__in=ids).order_by("full_name")]


def list_own_requests(actor: Actor) -> list[TransferRequest]:
    """Return the newest requests of the actor's agency; their page shows only the status."""
    return list(authorization.scope(actor, TransferRequest, action="transfers.follow")[:FINISHED])


def list_requests_to_answer(actor: Actor) -> list[TransferRequest]:
    """Return passed-on requests for cases of the actor's agency, by due date."""
    rows = authorization.scope(actor, TransferRequest, action="transfers.answer").select_related("agency", "case")
    return list(rows.order_by("due_on", "pk"))


def list_requests_for_coordinator(actor: Actor) -> list[TransferRequest]:
    """Return requests that wait for the coordinator or for the owner, by due date."""
    rows = authorization.scope(actor, TransferRequest, action="transfers.pass_on").filter(
        status__in=["sent", "passed_on"]
    )
    with session_scope.bypass_row_security("the coordinator sees which agency helps and nothing of the case"):
        return list(rows.select_related("agency", "case__agency").order_by("due_on", "pk"))
