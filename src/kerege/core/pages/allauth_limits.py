"""Time limits of allauth's pages by the clock that never runs backwards.

allauth reads the clock of the machine. When that is set back, a sign-in that waits for its second factor and a
confirmation of the identity would last longer than they may.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY as RECORDS
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kerege.core.audit import clock

SIGN_IN = "account_login"  # allauth's session key for a sign-in that is not complete
BEGAN = "sign_in_began"  # session key: when a sign-in began that is not complete


def limit_allauth(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """End sign-ins without their second factor, and confirmations, that are too old."""

    def middleware(request: HttpRequest) -> HttpResponse:
        _end_sign_in(request)
        _end_confirmations(request)
        response = get_response(request)
        _note_sign_in(request)
        return response

    return middleware


def _end_sign_in(request: HttpRequest) -> None:
    began = request.session.get(BEGAN)
    if began is not None and _is_over(began, app_settings.LOGIN_TIMEOUT):
        for key in (BEGAN, SIGN_IN, RECORDS):
            request.session.pop(key, None)


def _end_confirmations(request: HttpRequest) -> None:
    records: list[dict[str, Any]] = request.session.get(RECORDS, [])
    old = [
        record
        for record in records
        if record.get("reauthenticated") and _is_over(float(record["at"]), settings.ACCOUNT_REAUTHENTICATION_TIMEOUT)
    ]
    if old:
        request.session[RECORDS] = [
            record | {"reauthenticated": False} if record in old else record for record in records
        ]


def _note_sign_in(request: HttpRequest) -> None:
    if SIGN_IN not in request.session:
        request.session.pop(BEGAN, None)
    elif BEGAN not in request.session:
        request.session[BEGAN] = clock.now().timestamp()


def _is_over(began: float, seconds: int) -> bool:
    moment = clock.now()
    return clock.is_later_than(began, moment) or moment.timestamp() - began >= seconds
