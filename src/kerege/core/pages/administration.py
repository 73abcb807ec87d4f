"""Further layer before pages of administration: the circumstances of the session decide too.

One signal asks for a confirmation that holds for these circumstances alone. Two end the session.
"""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from kerege.core import audit
from kerege.core.accounts import session_risk
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.demo_sign_in import is_demo_session
from kerege.core.authorization import Denied
from kerege.core.pages import reauthentication

# actions of pages with which rights, accounts, agencies and systems are managed, or the audit log is exported
ACTIONS = frozenset(
    {"users.manage", "users.recover", "agencies.manage", "roles.confirm", "access.review", "systems.manage"}
    | {"audit.export"}
)
ASKED, CLEARED = "risk_asked", "risk_cleared"  # session keys: circumstances that were asked about, and confirmed
ENDS = 2  # signals that end the session
RISK = "accounts.risk"
Handler = Callable[[HttpRequest], HttpResponse]


def guard_administration(get_response: Handler) -> Handler:
    """Ask for a confirmation, or end the session, before a page of administration at a risk."""

    def middleware(request: HttpRequest) -> HttpResponse:
        return get_response(request)

    def process_view(request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        is_administration = getattr(view, "access_action", "") in ACTIONS
        if not is_administration or not request.user.is_authenticated or is_demo_session(request):
            return None
        return _check(request)

    middleware.process_view = process_view  # type: ignore[attr-defined]
    return middleware


def _check(request: HttpRequest) -> HttpResponse | None:
    signature, signals = session_risk.signature_of(request), session_risk.list_signals(request)
    if not signals or request.session.get(CLEARED) == signature:
        return None
    actor = actor_of(request)
    if len(signals) >= ENDS:
        audit.refuse(actor, Denied(RISK, f"user:{actor.user_id}"))
        logout(request)
        return redirect(settings.LOGIN_URL)
    if request.session.get(ASKED) != signature:
        # an earlier confirmation, from other circumstances, does not count
        request.session[ASKED], request.session[RECORDS] = signature, []
        request.session.pop(reauthentication.CONFIRMED, None)
        audit.record(actor, RISK, f"user:{actor.user_id}", signals=signals)
        return reauthentication.show(request)
    answer = reauthentication.ask(request)
    if answer is None:
        request.session[CLEARED] = signature
    return answer
