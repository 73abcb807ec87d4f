"""Commands of the operator: second person for a role or an agency, marking of national agencies."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from kerege.base.errors import BadInput, Fault
from kerege.core.accounts import agency_changes, recovery, role_requests, services
from kerege.core.accounts.models import Agency, AgencyChange, FactorReset, RoleRequest, User
from kerege.core.accounts.role_rules import violations
from kerege.core.authorization import Actor

__all__ = ["ask_reset", "decide", "list_requests", "mark_national", "violations"]


def list_requests() -> list[str]:
    """Return a line for each request that waits, the oldest first."""
    rows = RoleRequest.objects.filter(outcome="").select_related("user", "agency").order_by("asked_at")
    resets = FactorReset.objects.filter(outcome="").select_related("user").order_by("asked_at")
    changes = AgencyChange.objects.filter(outcome="").select_related("agency").order_by("asked_at")
    return [
        *[
            f"{row.pk}  {row.role} in {row.agency.code} for {row.user.username}, asked by {row.asked_by}"
            for row in rows
        ],
        *[f"{row.pk}  second factor of {row.user.username}, asked by {row.asked_by}" for row in resets],
        *[f"{row.pk}  {row.kind} of the agency {row.agency.code}, asked by {row.asked_by}" for row in changes],
    ]


def ask_reset(account: str, username: str, reason: str) -> str:
    """Ask to remove the second factor of a user; return a sentence. Raises BadInput for an unknown user."""
    user = User.objects.filter(username=username).first()
    if user is None:
        raise BadInput(Fault(f"there is no user {username}", "give the user name"))
    row = recovery.ask_reset(Actor.system(account), user, reason)
    return f"{row.pk}: waits for an administrator, or for another operator"


def decide(account: str, request_id: str, *, give: bool) -> str:
    """Give or refuse what was requested; return a sentence. Raises BadInput for an id of no open request."""
    actor = Actor.system(account)
    try:
        role = RoleRequest.objects.select_related("user", "agency").filter(pk=request_id, outcome="").first()
        reset = FactorReset.objects.select_related("user").filter(pk=request_id, outcome="").first()
        change = AgencyChange.objects.select_related("agency").filter(pk=request_id, outcome="").first()
    except ValidationError:
        role = reset = change = None
    outcome = "given" if give else "refused"
    if role is not None:
        role_requests.decide(actor, role, give=give)
        return f"{role.role} of {role.user.username} in {role.agency.code}: {outcome}"
    if reset is not None:
        recovery.decide_reset(actor, reset, give=give)
        return f"removal of the second factor of {reset.user.username}: {outcome}"
    if change is not None:
        agency_changes.decide_change(actor, change, give=give)
        return f"{change.kind} of the agency {change.agency.code}: {outcome}"
    raise BadInput(Fault("no open request has this id", "take an id of kerege roles requests"))


def mark_national(account: str, code: str, *, national: bool, reason: str) -> str:
    """Mark an agency as national or not; return a sentence.

    Raises BadInput for an unknown code or an empty reason.
    """
    agency = Agency.objects.filter(code=code).first()
    if agency is None:
        raise BadInput(Fault(f"there is no agency {code}", "give its short code"))
    services.mark_national(Actor.system(account), agency, national=national, reason=reason)
    return f"{code}: {'a national agency' if national else 'no national agency'}"
