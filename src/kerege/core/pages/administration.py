"""Further layer before pages of administration: device and circumstances of the session decide too.

With the setting DEVICE_HEADER, the proxy states for each request whether the device has shown a certificate of the
device management. Without that statement no page of administration opens.

A signal asks for a confirmation that holds for these circumstances until the session ends. Two changes since the
sign-in end the session: another place alone, such as in a telephone network, never does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.core import audit
from kerege.core.accounts import session_risk
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.demo_sign_in import is_demo_session
from kerege.core.authorization import Denied
from kerege.core.pages import reauthentication

# actions of pages with which rights, accounts, agencies and systems are managed, the audit log is read, or one decides
# about the records or releases of all agencies
ACTIONS = frozenset(
    {"users.manage", "users.recover", "agencies.manage", "agencies.edit", "agencies.offer", "roles.confirm"}
    | {"agencies.move", "agencies.close"}
    | {"access.review", "systems.manage", "systems.confirm", "audit.read", "audit.export", "covers.change"}
    | {"erasure.decide", "retention.approve", "releases.appoint"}
)
MANAGED = "SUCCESS"  # value of $ssl_client_verify in nginx and SSL_CLIENT_VERIFY in Apache
ASKED = "risk_asked"  # session key: circumstances that were asked about
ENDS = 2  # changes that end the session
REASONS = {
    "place": gettext_noop("Your network address is another one than at your sign-in."),
    "browser": gettext_noop("Your browser is another one than at your sign-in."),
    "new_place": gettext_noop("You had not signed in from this network address within 30 days."),
    "device": gettext_noop("Your browser or its connection lacks the protections against other sites."),
}
RISK, DEVICE = "accounts.risk", "accounts.device"


class AdministrationGuard:
    """Middleware that confirms or ends a session at a risk before a page of administration."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response; the check is before the view."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        """Return the page that asks or signs out; None to go on."""
        is_administration = getattr(view, "access_action", "") in ACTIONS
        if not is_administration or not request.user.is_authenticated or is_demo_session(request):
            return None
        return _check(request) if _is_managed_device(request) else _refuse_device(request)


def _is_managed_device(request: HttpRequest) -> bool:
    """Return whether the proxy has verified the certificate of the device, or does not have to."""
    return not settings.DEVICE_HEADER or request.headers.get(settings.DEVICE_HEADER) == MANAGED


def _refuse_device(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    audit.refuse(actor, Denied(DEVICE, f"user:{actor.user_id}"))
    return render(request, "accounts/unmanaged_device.html", status=403)


def _check(request: HttpRequest) -> HttpResponse | None:
    signals, changes = session_risk.list_signals(request), session_risk.list_changes(request)
    if not signals:
        return None
    if len(changes) >= ENDS:
        return _end_session(request, changes)
    actor, asked = actor_of(request), list(astuple(session_risk.circumstances_of(request)))
    reasons = [_(REASONS[signal]) for signal in signals]
    if request.session.get(ASKED) != asked:
        # an earlier confirmation, from other circumstances, does not count
        request.session[ASKED], request.session[RECORDS] = asked, []
        request.session.pop(reauthentication.CONFIRMED, None)
        audit.record(actor, RISK, f"user:{actor.user_id}", signals=signals)
        return reauthentication.show(request, reasons=reasons)
    answer = reauthentication.ask(request, reasons)
    if answer is None:
        session_risk.confirm(request)
    return answer


def _end_session(request: HttpRequest, changes: list[str]) -> HttpResponse:
    """End the session, and say why on the sign-in page."""
    actor = actor_of(request)
    audit.refuse(actor, Denied(RISK, f"user:{actor.user_id}"))
    logout(request)
    reasons = [_(REASONS[change]) for change in changes]
    messages.warning(request, " ".join([_("Your session has ended to protect it. Sign in again."), *reasons]))
    return redirect(settings.LOGIN_URL)
