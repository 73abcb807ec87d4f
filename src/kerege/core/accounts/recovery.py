"""Recovery of a user who lost the second factor: one person asks, another one confirms.

The second person calls the user first. The confirmation removes the second factors and ends the sessions; the password
stays as it is. An administrator who saw a link since the user last signed in with the password can have set it: then
the roles of the user wait for a second person again. So neither of the two can use the rights of the user. A sign-in
with a passkey alone does not count, because it succeeds whatever the password is.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault
from kerege.core import audit, authorization
from kerege.core.accounts import sessions
from kerege.core.accounts.events import factor_removed, factor_reset_requested
from kerege.core.accounts.models import FactorReset, User
from kerege.core.accounts.role_requests import request_again
from kerege.core.accounts.second_person import agency_and_below, decidable, record_decision
from kerege.core.audit.models import AuditEvent, Outcome
from kerege.core.authorization import Actor, session_scope


def ask_reset(actor: Actor, user: User, reason: str) -> FactorReset:
    """Ask to remove the second factors of a user. Raises BadInput without a reason or a factor."""
    with audit.act(actor, "users.ask_reset", f"user:{user.pk}") as event:
        authorization.require(actor, "users.manage", user)
        if not reason.strip():
            raise BadInput(Fault(_("the reason is empty"), _("write why"), column="reason"))
        if not Authenticator.objects.filter(user=user).exists():
            raise BadInput(Fault(_("this user has no second factor"), _("give a new link instead"), column="reason"))
        row, is_new = FactorReset.objects.get_or_create(
            user=user, outcome="", defaults={"asked_by": actor.label, "reason": reason.strip()[:500]}
        )
        event.note(request=str(row.pk))
        if is_new:
            factor_reset_requested.send(FactorReset, request=row)
    return row


def confirmable_resets(actor: Actor) -> Q:
    """Return the condition on the requests that an administrator may decide.

    Outside national agencies they are about users of their agency and of the agencies below it.
    """
    return decidable(actor, lambda agency_id: Q(user__assignments__agency__in=agency_and_below(agency_id)))


def decide_reset(actor: Actor, request: FactorReset, *, give: bool) -> None:
    """Remove the second factors of a user as the second person, or refuse.

    Raises Refused for a decided request.
    """
    with audit.act(actor, "users.recover", f"user:{request.user_id}") as event:
        authorization.require(actor, "users.recover", request)
        row = record_decision(actor, request, give=give)
        event.note(request=str(row.pk), outcome=row.outcome, asked_by=row.asked_by)
        if give:
            factors, _details = Authenticator.objects.filter(user=row.user).delete()
            event.note(factors=factors, sessions=sessions.end_all(row.user))
            if _has_link_since_password(row.user):
                event.note(requested=request_again(row.asked_by, row.user))
            factor_removed.send(User, user=row.user)


def _has_link_since_password(user: User) -> bool:
    """Return whether an administrator saw a link after the user last signed in with the password."""
    if user.link_at is None:
        return False
    events = AuditEvent.objects.filter(action="accounts.sign_in", target=f"user:{user.pk}", outcome=Outcome.DONE)
    with session_scope.bypass_row_security("the methods of a sign-in decide whose password it is"):
        later = list(events.filter(at__gt=user.link_at).values_list("details", flat=True))
    return not any("password" in details.get("methods", []) for details in later)
