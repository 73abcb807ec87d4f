"""Commands of the operator: second person for a role, marking of national agencies."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from kerege.base.errors import BadInput, Fault
from kerege.core.accounts import role_requests, services
from kerege.core.accounts.models import Agency, RoleRequest
from kerege.core.accounts.role_rules import violations
from kerege.core.authorization import Actor

__all__ = ["decide", "list_requests", "mark_national", "violations"]


def list_requests() -> list[str]:
    """Return a line for each request that waits, the oldest first."""
    rows = RoleRequest.objects.filter(outcome="").select_related("user", "agency").order_by("asked_at")
    return [
        f"{row.pk}  {row.role} in {row.agency.code} for {row.user.username}, asked by {row.asked_by}" for row in rows
    ]


def decide(account: str, request_id: str, *, give: bool) -> str:
    """Give or refuse a requested role; return a sentence. Raises BadInput for an id of no open request."""
    try:
        row = RoleRequest.objects.select_related("user", "agency").get(pk=request_id, outcome="")
    except (RoleRequest.DoesNotExist, ValidationError):
        raise BadInput(Fault("no open request has this id", "take an id of kerege roles requests")) from None
    role_requests.decide(Actor.system(account), row, give=give)
    return f"{row.role} of {row.user.username} in {row.agency.code}: {'given' if give else 'refused'}"


def mark_national(account: str, code: str, *, national: bool, reason: str) -> str:
    """Mark an agency as national or not; return a sentence.

    Raises BadInput for an unknown code or an empty reason.
    """
    agency = Agency.objects.filter(code=code).first()
    if agency is None:
        raise BadInput(Fault(f"there is no agency {code}", "give its short code"))
    services.mark_national(Actor.system(account), agency, national=national, reason=reason)
    return f"{code}: {'a national agency' if national else 'no national agency'}"
