"""Recovery of a user who lost the second factor: one person asks, another one confirms.

The second person calls the user first. The confirmation removes the second factors and ends the sessions; the password
stays as it is. An administrator who saw a link since the user last signed in can have set that password: then the roles
of the user wait for a second person again. So neither of the two can use the rights of the user.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from kerege.base.errors import BadInput, Fault, Refused
from kerege.core import audit, authorization
from kerege.core.accounts import sessions
from kerege.core.accounts.events import factor_removed, factor_reset_requested
from kerege.core.accounts.models import Agency, FactorReset, User
from kerege.core.accounts.role_requests import Outcome, agency_and_below, request_again
from kerege.core.authorization import Actor


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

    They are neither their own nor about themselves. They are about users of their agency and of the agencies below it;
    an administrator of a national agency decides on all.
    """
    if actor.agency_id is None:
        return authorization.nothing(actor)
    not_own = ~Q(asked_by=actor.label) & ~Q(user=actor.user_id)
    if Agency.objects.filter(pk=actor.agency_id, national=True).exists():
        return not_own
    return not_own & Q(user__assignments__agency__in=agency_and_below(actor.agency_id))


def decide_reset(actor: Actor, request: FactorReset, *, give: bool) -> None:
    """Remove the second factors of a user as the second person, or refuse.

    Raises Refused for a decided request.
    """
    with audit.act(actor, "users.recover", f"user:{request.user_id}") as event:
        authorization.require(actor, "users.recover", request)
        row = FactorReset.objects.select_for_update().select_related("user").get(pk=request.pk)
        if row.outcome or row.asked_by == actor.label:
            raise Refused(_("This request was decided already."))
        row.outcome = Outcome.GIVEN if give else Outcome.REFUSED
        row.decided_by, row.decided_at = actor.label, timezone.now()
        row.save(update_fields=["outcome", "decided_by", "decided_at"])
        event.note(request=str(row.pk), outcome=row.outcome, asked_by=row.asked_by)
        if give:
            factors, _details = Authenticator.objects.filter(user=row.user).delete()
            event.note(factors=factors, sessions=sessions.end_all(row.user))
            if row.user.has_link_since_sign_in:
                event.note(requested=request_again(row.asked_by, row.user))
            factor_removed.send(User, user=row.user)
