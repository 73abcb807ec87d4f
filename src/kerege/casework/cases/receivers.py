"""Receivers that carry out an approved change, and notify users of roles that are given."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from kerege.casework.cases.events import approval_given
from kerege.casework.cases.models.case import Case, Task
from kerege.casework.cases.models.workload import Approval
from kerege.casework.cases.services.closing import carry_out_closure
from kerege.casework.cases.services.notifications import notify
from kerege.casework.vault.crypto import source_ids
from kerege.core.accounts.events import (
    agency_change_requested,
    attempts_blocked,
    collect_agency_work,
    collect_user_work,
    factor_removed,
    factor_reset_requested,
    forbidden_roles_ended,
    refusals_burst,
    role_given,
    role_requested,
    roles_ended,
    roles_forbidden,
)
from kerege.core.accounts.models import Agency, AgencyChange, FactorReset, RoleAssignment, RoleRequest, User
from kerege.core.accounts.open_work import OpenWork
from kerege.core.authorization import Actor
from kerege.core.integrations.events import token_requested
from kerege.core.integrations.models import SystemToken
from kerege.core.security.key_events import SealedValues, collect_sealed, keys_rotated


@receiver(approval_given, dispatch_uid="cases.close_approved")
def close_approved(sender: Any, actor: Actor, approval: Approval, **kwargs: Any) -> None:
    """Close a case when its closure is approved."""
    if approval.kind == "closure":
        carry_out_closure(actor, approval)


@receiver(keys_rotated, dispatch_uid="cases.renew")
def renew(sender: object, purpose: str, **kwargs: object) -> int:
    """Renew the source ids of cases under a new import key; return their number."""
    return source_ids.rehash(Case) if purpose == "import" else 0


@receiver(collect_sealed, dispatch_uid="cases.sealed")
def count_sealed(sender: object, **kwargs: object) -> list[SealedValues]:
    """Return the number of source ids of cases under each key."""
    return list(source_ids.count_sealed(Case, "source ids of cases"))


@receiver(role_given, dispatch_uid="cases.notify_role_given")
def notify_role_given(sender: object, assignment: RoleAssignment, **kwargs: object) -> None:
    """Notify the holder of a new role, and the administrators and auditors of the national agencies."""
    notify(assignment.agency, "role_given", user=assignment.user)
    _notify_national("role_given_below", "administrator", "auditor")


@receiver(role_requested, dispatch_uid="cases.notify_role_requested")
def notify_role_requested(sender: object, request: RoleRequest, **kwargs: object) -> None:
    """Notify the administrators of the national agencies that a role waits for a second person."""
    _notify_national("role_requested", "administrator", url_name="accounts:role-requests")


@receiver(roles_ended, dispatch_uid="cases.notify_roles_ended")
def notify_roles_ended(sender: object, agency: Agency, count: int, **kwargs: object) -> None:
    """Notify the administrators of an agency, and the national auditors, of roles that a review ended."""
    notify(agency, "roles_ended", role="administrator", url_name="accounts:users")
    _notify_national("roles_ended", "auditor")


@receiver(roles_forbidden, dispatch_uid="cases.notify_roles_forbidden")
def notify_roles_forbidden(sender: object, assignments: list[RoleAssignment], **kwargs: object) -> None:
    """Notify holders, administrators and the national auditors of roles held against the rules."""
    for assignment in assignments:
        notify(assignment.agency, "role_forbidden", user=assignment.user)
    for agency in {assignment.agency.pk: assignment.agency for assignment in assignments}.values():
        notify(agency, "roles_forbidden", role="administrator", url_name="accounts:access-review")
    _notify_national("roles_forbidden", "auditor")


@receiver(forbidden_roles_ended, dispatch_uid="cases.notify_forbidden_ended")
def notify_forbidden_roles_ended(sender: object, agency: Agency, count: int, **kwargs: object) -> None:
    """Notify the administrators of an agency, and the national auditors, of roles that ended by the rules."""
    notify(agency, "forbidden_roles_ended", role="administrator", url_name="accounts:users")
    _notify_national("forbidden_roles_ended", "auditor")


@receiver(attempts_blocked, dispatch_uid="cases.notify_attempts_blocked")
def notify_attempts_blocked(sender: object, user: User, **kwargs: object) -> None:
    """Notify a user, and the national auditors, of many failed attempts on the account."""
    assignment = user.assignments.select_related("agency").order_by("pk").first()
    if assignment is not None:
        notify(assignment.agency, "sign_in_blocked", user=user, url_name="usersessions_list")
    _notify_national("sign_in_blocked_of", "auditor")


@receiver(refusals_burst, dispatch_uid="cases.notify_refusals_burst")
def notify_refusals_burst(sender: object, **kwargs: object) -> None:
    """Notify the national auditors of many refusals in a short time; the audit log names the actor."""
    _notify_national("refusals_burst", "auditor", url_name="audit:trail")


@receiver(factor_reset_requested, dispatch_uid="cases.notify_reset_requested")
def notify_reset_requested(sender: object, request: FactorReset, **kwargs: object) -> None:
    """Notify national administrators and auditors of a request to remove a second factor."""
    _notify_national("factor_reset_requested", "administrator", url_name="accounts:role-requests")
    _notify_national("factor_reset_requested", "auditor")


@receiver(factor_removed, dispatch_uid="cases.notify_factor_removed")
def notify_factor_removed(sender: object, user: User, **kwargs: object) -> None:
    """Notify a user that the second factor was removed."""
    assignment = user.assignments.select_related("agency").order_by("pk").first()
    if assignment is not None:
        notify(assignment.agency, "factor_removed", user=user, url_name="usersessions_list")


@receiver(token_requested, dispatch_uid="cases.notify_token_requested")
def notify_token_requested(sender: object, token: SystemToken, **kwargs: object) -> None:
    """Notify the administrators of the agency and of the national agencies of a token that waits."""
    notify(token.agency, "token_requested", role="administrator", url_name="systems:tokens")
    _notify_national("token_requested", "administrator", url_name="systems:tokens")


def _notify_national(kind: str, *roles: str, url_name: str = "") -> None:
    """Notify the holders of these roles in every national agency."""
    for agency in Agency.objects.filter(national=True, active=True):
        for role in roles:
            notify(agency, kind, role=role, url_name=url_name)


@receiver(agency_change_requested, dispatch_uid="cases.notify_agency_change")
def notify_agency_change(sender: object, change: AgencyChange, **kwargs: object) -> None:
    """Notify the administrators who can confirm a move or a closing, and those of the agency itself."""
    other = change.target if change.kind == AgencyChange.Kind.MOVE else change.agency.parent
    for agency in [change.agency, *([other] if other else [])]:
        notify(agency, "agency_change", role="administrator", url_name="accounts:role-requests")
    _notify_national("agency_change", "administrator", url_name="accounts:role-requests")


@receiver(collect_agency_work, dispatch_uid="cases.agency_work")
def list_work_of_agency(sender: object, agency: Agency, **kwargs: object) -> list[OpenWork]:
    """Return the cases and tasks of an agency that are not finished."""
    cases = Case.objects.filter(agency=agency).exclude(status="closed").count()
    tasks = Task.objects.filter(agency=agency, done_at=None).exclude(case__agency=agency).count()
    return [
        OpenWork(_("open cases"), cases, _("Offer them to another agency, or close them.")),
        OpenWork(_("open tasks"), tasks, _("They end with the agency."), blocks=False),
    ]


@receiver(collect_user_work, dispatch_uid="cases.user_work")
def list_work_of_user(sender: object, user: User, agency: Agency, **kwargs: object) -> list[OpenWork]:
    """Return the cases and tasks of a user in an agency that are not finished."""
    cases = Case.objects.filter(agency=agency, caseworker=user).exclude(status="closed").count()
    tasks = Task.objects.filter(agency=agency, assignee=user, done_at=None).count()
    return [
        OpenWork(_("open cases"), cases, _("A supervisor assigns them to a colleague.")),
        OpenWork(_("open tasks"), tasks, _("A supervisor assigns them to a colleague.")),
    ]
