"""Reauthentication before sensitive acts: an export, a merge, a reveal, a change of rights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY, get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kerege.core import audit
from kerege.core.accounts import attempts, sessions
from kerege.core.accounts.actors import actor_of
from kerege.core.accounts.demo_sign_in import is_demo_session
from kerege.core.accounts.second_factor import ExpiredCode, matching_authenticator
from kerege.core.accounts.sign_in_events import counted_attempt
from kerege.core.audit import clock

if TYPE_CHECKING:
    from kerege.core.accounts.models import User

ACTION = "accounts.step_up"
# fields of the confirmation; the page carries all other form input along, and nothing stores it
SECRET, PRESSED = "step_up_secret", "step_up"  # nosec B105
OURS = {SECRET, PRESSED, "csrfmiddlewaretoken"}
CONFIRMED = "confirmed"  # session key: the user and the time of the confirmation


def is_fresh(request: HttpRequest) -> bool:
    """Return whether the user signed in or confirmed their identity within the last five minutes."""
    confirmed = request.session.get(CONFIRMED, {})
    times = [float(record["at"]) for record in get_authentication_records(request, request.user)]
    if confirmed.get("user") == str(request.user.pk):
        times.append(float(confirmed["at"]))
    moment = clock.now()
    past = [at for at in times if not clock.is_later_than(at, moment)]
    return moment.timestamp() - max(past, default=0.0) < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def remember(request: HttpRequest, user: User, method: str) -> None:
    """Note in the session that a user has just confirmed their identity, also for allauth's own pages."""
    now = clock.now().timestamp()
    known = get_authentication_records(request, user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        *known,
        {"method": method, "at": now, "reauthenticated": True},
    ]
    request.session[CONFIRMED] = {"user": str(user.pk), "at": now}


def ask(request: HttpRequest, reasons: Sequence[str] = ()) -> HttpResponse | None:
    """Return None if the request may go on, else the confirmation page, which keeps the form input.

    The page shows the reasons, if there are others than the act itself.
    """
    if is_fresh(request):
        return None
    fault = ""
    if PRESSED in request.POST:
        fault = confirm(request)
        if not fault:
            return None
    return show(request, fault, reasons)


def confirm(request: HttpRequest) -> str:
    """Check the typed password or code; return '' or the error message. Demo sessions need neither."""
    user = cast("User", request.user)
    try:
        method = "demo" if is_demo_session(request) else _checked_method(request, user)
    except attempts.TooManyAttempts as refusal:
        minutes = -(-refusal.seconds // 60)
        return ngettext(
            "Too many attempts. Wait %(count)s minute.", "Too many attempts. Wait %(count)s minutes.", minutes
        ) % {"count": minutes}
    except ExpiredCode as expired:
        return str(expired.message)
    except ValidationError:
        return _("This is neither your password nor a current code.")
    remember(request, user, method)
    sessions.renew(request)
    audit.record(actor_of(request), ACTION, f"user:{user.pk}", method=method)
    return ""


def _checked_method(request: HttpRequest, user: User) -> str:
    """Return the method that confirms the identity; raise ValidationError when the typed text is wrong."""
    with counted_attempt(user, request, ACTION):
        if method := _method(user, request.POST.get(SECRET, "")):
            return method
        raise ValidationError("wrong")


def _method(user: User, typed: str) -> str:
    if typed and user.check_password(typed):  # as it was typed: a password may begin or end with a space
        return "password"
    code = typed.strip()
    return "mfa" if code and matching_authenticator(user, code) else ""


def show(request: HttpRequest, fault: str = "", reasons: Sequence[str] = ()) -> HttpResponse:
    """Return the confirmation page: a GET leads back to its address, a POST is sent again with its input."""
    typed = [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values]
    keys = Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.WEBAUTHN)
    context = {
        "typed": typed,
        "next": "" if request.method == "POST" else request.get_full_path(),
        "fault": fault,
        "reasons": reasons,
        "passkey": keys.exists(),
        "by_button": is_demo_session(request),
    }
    return render(request, "account/step_up.html", context)


def return_to(request: HttpRequest) -> HttpResponse:
    """Handle the confirmation after a GET: confirm, then redirect to the page."""
    target = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    return ask(request) or redirect(target)
