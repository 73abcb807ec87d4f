"""Requests for roles: a second person confirms a role that one administrator may not give alone.

An administrator gives an ordinary role alone, but not to themselves and not to an account whose link they saw. Then
any other administrator of the agency, of an agency above it or of a national agency confirms. National roles,
administrators and officers are confirmed by an administrator of a national agency, or by the operator at the command
line.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from kerege.core import audit, authorization
from kerege.core.accounts.events import role_given, role_requested
from kerege.core.accounts.models import Agency, Role, RoleAssignment, RoleRequest, User
from kerege.core.accounts.role_rules import check_roles, needs_second_person, store_permissions
from kerege.core.accounts.second_person import agency_and_below, decidable, record_decision
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active


def give_or_request(actor: Actor, user: User, agency: Agency, roles: Iterable[str], reason: str) -> list[str]:
    """Give roles that the actor may give alone; request the others. Return the requested roles.

    Call it inside an audited act. Raises BadInput for roles that the agency or the user may not hold.
    """
    chosen = set(roles)
    held = set(user.assignments.filter(agency=agency).values_list("role", flat=True))
    check_roles(user, agency, chosen | held)
    requested = [role for role in sorted(chosen - held) if not _gives_alone(actor, user, role)]
    for role in sorted(chosen - held - set(requested)):
        _give(user, agency, role)
    for role in requested:
        request_role(actor.label, user, agency, role, reason)
    return requested


def request_again(asked_by: str, user: User) -> list[str]:
    """End the roles of a user whose account can be in other hands, and request them again; return them."""
    assignments = list(user.assignments.select_related("agency"))
    for assignment in assignments:
        assignment.delete()
        request_role(asked_by, user, assignment.agency, assignment.role, "")
    return sorted(assignment.role for assignment in assignments)


def request_role(asked_by: str, user: User, agency: Agency, role: str, reason: str) -> None:
    """Store a request for a role, unless one waits already; call it inside an audited act."""
    row, is_new = RoleRequest.objects.get_or_create(
        user=user, agency=agency, role=role, outcome="", defaults={"asked_by": asked_by, "reason": reason}
    )
    if is_new:
        role_requested.send(RoleRequest, request=row)


def _gives_alone(actor: Actor, user: User, role: str) -> bool:
    """Return whether the actor needs no second person to give a role to a user."""
    if needs_second_person(role) or user.pk == actor.user_id:
        return False
    # every link counts, also one before the last: its administrator can have chosen the password
    return not user.links.filter(by=actor.user_id, by__isnull=False).exists()


def _give(user: User, agency: Agency, role: str) -> None:
    """Give a role. Raises BadInput for one that the user may not hold in the agency."""
    check_roles(user, agency, {role, *user.assignments.filter(agency=agency).values_list("role", flat=True)})
    store_permissions()
    assignment = user.assignments.create(agency=agency, role=role)
    if not agency.active and role == Role.ADMINISTRATOR:
        Agency.objects.filter(pk=agency.pk).update(active=True)  # a new agency starts with its administrator
    role_given.send(RoleAssignment, assignment=assignment)


def confirmable(actor: Actor) -> Q:
    """Return the condition on the requests that an actor may confirm or refuse (see the module)."""
    return decidable(actor, _ordinary_in_reach)


def _ordinary_in_reach(agency_id: UUID) -> Q:
    rules = active().roles
    return Q(agency__in=agency_and_below(agency_id)) & ~Q(role__in=[*rules.national, *rules.second_person])


def decide(actor: Actor, request: RoleRequest, *, give: bool) -> None:
    """Give or refuse a requested role as the second person.

    Raises Refused for a request that is decided already.
    """
    with audit.act(actor, "roles.confirm", target=f"rolerequest:{request.pk}") as event:
        authorization.require(actor, "roles.confirm", request)
        row = record_decision(actor, request, give=give)
        if give and not row.user.assignments.filter(agency=row.agency, role=row.role).exists():
            _give(row.user, row.agency, row.role)
        event.note(
            user=str(row.user_id), agency=str(row.agency_id), role=row.role, asked_by=row.asked_by, outcome=row.outcome
        )
