"""Moving an agency below another one, and closing it: one administrator asks, another one confirms.

The administrators of the new agency above confirm a move. A closing needs that no open work is left. Then the roles
in the agency end, and its sessions. Its records stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts import sessions
from kerege.core.accounts.events import agency_change_requested, agency_closed
from kerege.core.accounts.models import Agency, AgencyChange, RoleRequest, User
from kerege.core.accounts.open_work import blocks_closing, list_agency_work
from kerege.core.accounts.second_person import agency_and_below, is_national, record_decision
from kerege.core.authorization import Actor

RIGHTS = {AgencyChange.Kind.MOVE: "agencies.move", AgencyChange.Kind.CLOSE: "agencies.close"}


@dataclass(frozen=True)
class ChangeDraft:
    """A change that an administrator asks for. The act is the document that orders it."""

    kind: str
    act: str
    reason: str = ""
    target: Agency | None = None


def movable(actor: Actor) -> Q:
    """Return the condition on the agencies that an administrator may move: those below their own.

    An agency that is below none is moved by its own administrator. A closed agency is not moved.
    """
    if actor.agency_id is None:
        return authorization.nothing(actor)
    below = agency_and_below(actor.agency_id) - {actor.agency_id}
    return Q(closed_on=None) & (Q(pk__in=below) | Q(pk=actor.agency_id, parent=None, national=False))


def closable(actor: Actor) -> Q:
    """Return the condition on the agencies that an administrator may ask to close.

    It leaves out national and closed agencies.
    """
    if actor.agency_id is None:
        return authorization.nothing(actor)
    return Q(pk__in=agency_and_below(actor.agency_id), closed_on=None, national=False)


def confirmable_changes(actor: Actor) -> Q:
    """Return the condition on the requests that an administrator may decide.

    A move is decided by the new agency above or one above that, a closing by the agency or one above it. An
    administrator of a national agency decides on all. Nobody decides on their own request.
    """
    if actor.agency_id is None:
        return authorization.nothing(actor)
    not_own = ~Q(asked_by=actor.label)
    if is_national(actor.agency_id):
        return not_own
    reach = agency_and_below(actor.agency_id)
    return not_own & (Q(kind="move", target__in=reach) | Q(kind="close", agency__in=reach))


def list_targets(agency: Agency, kind: str) -> QuerySet[Agency]:
    """Return the active agencies to which a change can lead; for a move none below the agency."""
    excluded = agency_and_below(agency.pk) if kind == AgencyChange.Kind.MOVE else {agency.pk}
    return Agency.objects.filter(active=True).exclude(pk__in=excluded).order_by("code")


def request_change(actor: Actor, agency: Agency, draft: ChangeDraft) -> AgencyChange:
    """Ask to move or close an agency.

    Raises BadInput for a wrong target or a request that waits already, Refused while open work blocks a closing.
    """
    with audit.act(actor, "agencies.request_change", f"agency:{agency.pk}") as event:
        authorization.require(actor, RIGHTS[AgencyChange.Kind(draft.kind)], agency)
        _check(agency, draft.kind, draft.target)
        if AgencyChange.objects.filter(agency=agency, outcome="").exists():
            raise BadInput(Fault(_("a change of this agency waits already"), _("wait for the second person")))
        row = AgencyChange.objects.create(
            agency=agency,
            kind=draft.kind,
            target=draft.target,
            act=draft.act.strip(),
            reason=draft.reason.strip(),
            asked_by=actor.label,
        )
        event.note(change=str(row.pk), kind=row.kind, to=_id_of(draft.target))
        agency_change_requested.send(AgencyChange, change=row)
    return row


def decide_change(actor: Actor, change: AgencyChange, *, give: bool) -> AgencyChange:
    """Carry out a move or a closing as the second person, or refuse it.

    Raises Refused for a request that is decided already, or while open work blocks a closing.
    """
    with audit.act(actor, "agencies.confirm_change", f"agency:{change.agency_id}") as event:
        authorization.require(actor, "agencies.confirm_change", change)
        row = record_decision(actor, change, give=give)
        event.note(change=str(row.pk), kind=row.kind, outcome=row.outcome, asked_by=row.asked_by)
        if give:
            agency = Agency.objects.select_for_update().get(pk=row.agency_id)
            _check(agency, row.kind, row.target)
            event.note(to=_id_of(row.target))
            if row.kind == AgencyChange.Kind.MOVE:
                _move(agency, row.target)
            else:
                event.note(roles=_close(agency, row.target))
    return row


def list_changes(agency: Agency) -> QuerySet[AgencyChange]:
    """Return the changes of an agency that were asked for, the newest first."""
    return agency.changes.select_related("target").order_by("-asked_at", "pk")


def _check(agency: Agency, kind: str, target: Agency | None) -> None:
    """Raise BadInput for a wrong target, and Refused for a closed agency or one that cannot close yet."""
    if agency.closed_on:
        raise Refused(_("This agency is closed."))
    if target is not None and not list_targets(agency, kind).filter(pk=target.pk).exists():
        raise BadInput(Fault(_("this agency cannot be chosen"), _("choose another one"), column="target"))
    if kind == AgencyChange.Kind.CLOSE and blocks_closing(list_agency_work(agency)):
        raise Refused(_("The agency cannot close yet: work is open that another agency must take over first."))


def _move(agency: Agency, parent: Agency | None) -> None:
    agency.parent = parent
    agency.save(update_fields=["parent"])


def _close(agency: Agency, successor: Agency | None) -> list[str]:
    """End roles, sessions and waiting requests of an agency. Return each role with the id of its user."""
    assignments = list(agency.assignments.select_related("user").order_by("pk"))
    agency.active, agency.accepting = False, False
    agency.closed_on, agency.successor = timezone.localdate(), successor
    agency.save(update_fields=["active", "accepting", "closed_on", "successor"])
    for assignment in assignments:
        assignment.delete()
    for user in User.objects.filter(pk__in={row.user_id for row in assignments}, assignments=None):
        sessions.end_all(user)
    now = timezone.now()
    RoleRequest.objects.filter(agency=agency, outcome="").update(
        outcome=RoleRequest.Outcome.REFUSED, decided_at=now, decided_by="closing"
    )
    agency_closed.send(Agency, agency=agency)
    return sorted(f"{row.user_id}:{row.role}" for row in assignments)


def _id_of(agency: Agency | None) -> UUID | str:
    return str(agency.pk) if agency else ""
