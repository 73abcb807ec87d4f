"""Risk of a session: differences between its sign-in and a request, and protections of its browser.

No single circumstance gives a right. They only take one away: pages of administration ask for a confirmation, or end
the session. Circumstances that the user confirmed stay confirmed until the session ends.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

from django.conf import settings
from django.http import HttpRequest

from kerege.core.accounts import attempts
from kerege.core.accounts.client_address import client_ip
from kerege.core.accounts.models import User
from kerege.core.audit import client_place

SIGNED_IN_FROM = "sign_in_circumstances"  # session key: circumstances of the sign-in, and whether its place was known
CONFIRMED = "confirmed_circumstances"  # session key: circumstances that the user confirmed, the newest last
MOST = 50  # confirmed circumstances that a session keeps
# headers that every browser which we support sends over TLS; a script or an outdated browser sends none of them
FETCH_METADATA = ("sec-fetch-site", "sec-fetch-mode")


@dataclass(frozen=True)
class Circumstances:
    """Place and browser of a request, and whether the browser or its connection lacks protections."""

    place: str
    browser: str
    is_unprotected: bool

    def list_changes(self, earlier: Circumstances) -> list[str]:
        """Return the changes since earlier circumstances: `place`, `browser`, `device` (lost protections)."""
        changes = {
            "place": self.place != earlier.place,
            "browser": self.browser != earlier.browser,
            "device": self.is_unprotected and not earlier.is_unprotected,
        }
        return [name for name, is_changed in changes.items() if is_changed]


def circumstances_of(request: HttpRequest) -> Circumstances:
    """Return the circumstances of a request."""
    browser = hashlib.sha256(request.headers.get("user-agent", "").encode()).hexdigest()[:16]
    return Circumstances(
        place=client_place.place_of(client_ip(request)), browser=browser, is_unprotected=is_unprotected(request)
    )


def remember_circumstances(request: HttpRequest, user: User) -> None:
    """Note in the session the place and the browser of a sign-in.

    Call it before the address is remembered; otherwise a new address would already count as known.
    """
    is_known = attempts.is_known(user.username, attempts.network_of(client_ip(request)))
    request.session[SIGNED_IN_FROM] = [*astuple(circumstances_of(request)), is_known]


def list_signals(request: HttpRequest) -> list[str]:
    """Return the signals of a request: `place`, `browser`, `new_place`, `device`.

    There are none without a sign-in, and none in circumstances that the user confirmed in this session.
    """
    now = circumstances_of(request)
    if SIGNED_IN_FROM not in request.session or now in _confirmed(request):
        return []
    *fields, was_known = request.session[SIGNED_IN_FROM]
    changes = now.list_changes(Circumstances(*fields))
    signals = {
        "place": "place" in changes,
        "browser": "browser" in changes,
        "new_place": not was_known,
        "device": now.is_unprotected,
    }
    return [name for name, is_present in signals.items() if is_present]


def list_changes(request: HttpRequest) -> list[str]:
    """Return the names of changes since the sign-in, or since the most similar confirmed circumstances."""
    if SIGNED_IN_FROM not in request.session:
        return []
    *fields, _was_known = request.session[SIGNED_IN_FROM]
    now = circumstances_of(request)
    return min((now.list_changes(one) for one in (Circumstances(*fields), *_confirmed(request))), key=len)


def confirm(request: HttpRequest) -> None:
    """Note in the session that the user confirmed these circumstances."""
    earlier = request.session.get(CONFIRMED, [])
    request.session[CONFIRMED] = [*earlier, list(astuple(circumstances_of(request)))][-MOST:]


def _confirmed(request: HttpRequest) -> list[Circumstances]:
    return [Circumstances(*fields) for fields in request.session.get(CONFIRMED, [])]


def is_unprotected(request: HttpRequest) -> bool:
    """Return whether the browser does not protect against other sites, or its connection is in clear."""
    if not request.is_secure():
        return settings.HTTPS and settings.SECURE_SSL_REDIRECT
    return not all(name in request.headers for name in FETCH_METADATA)
