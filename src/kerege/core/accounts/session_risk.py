"""Risk of a session: differences between its sign-in and a request, and protections of its browser.

No single circumstance gives a right. They only take one away: pages of administration ask for a confirmation, or end
the session.
"""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.http import HttpRequest

from kerege.core.accounts import attempts
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.models import User
from kerege.core.audit import client_place

SIGNED_IN_FROM = "signed_in_from"  # session key: place, browser and whether the place was unknown
# headers that every browser which we support sends over TLS; a script or an outdated browser sends none of them
FETCH_METADATA = ("sec-fetch-site", "sec-fetch-mode")


def remember_circumstances(request: HttpRequest, user: User) -> None:
    """Note in the session the place and the browser of a sign-in.

    Call it before the address is remembered: a new one would be known.
    """
    address = client_ip(request)
    known = attempts.is_known(user.username, attempts.network_of(address))
    request.session[SIGNED_IN_FROM] = [client_place.place_of(address), _browser(request), known]


def list_signals(request: HttpRequest) -> list[str]:
    """Return the signals of a request: `place`, `browser`, `new_place`, `device`; none without a sign-in."""
    circumstances = request.session.get(SIGNED_IN_FROM)
    if circumstances is None:
        return []
    place, browser, was_known = circumstances
    signals = {
        "place": client_place.place_of(client_ip(request)) != place,
        "browser": _browser(request) != browser,
        "new_place": not was_known,
        "device": is_unprotected(request),
    }
    return [name for name, is_present in signals.items() if is_present]


def is_unprotected(request: HttpRequest) -> bool:
    """Return whether the browser does not protect against other sites, or its connection is in clear."""
    if not request.is_secure():
        return settings.HTTPS and settings.SECURE_SSL_REDIRECT
    return not all(name in request.headers for name in FETCH_METADATA)


def signature_of(request: HttpRequest) -> str:
    """Return the circumstances of a request as one text: a confirmation holds for these alone."""
    return f"{client_place.place_of(client_ip(request))}|{_browser(request)}|{is_unprotected(request)}"


def _browser(request: HttpRequest) -> str:
    return hashlib.sha256(request.headers.get("user-agent", "").encode()).hexdigest()[:16]
